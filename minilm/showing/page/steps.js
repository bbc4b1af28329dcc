"use strict";
// The steps of the recording: which one is shown, how one moves among them, and what each has made.

const book = JSON.parse(document.getElementById("book").textContent);
const element = (id) => document.getElementById(id);
const GIVEN = { name: 0, tensor: 1, text: 2, axes: 3, partner: 4, place: 5, address: 6 };  // of what a line made, or a call was given
const MOST = { rows: 48, columns: 128, tabs: 24 };
const CORNER_OPTION = book.about.option;

const now = { step: 0, name: "", leading: {}, first: { row: 0, column: 0 }, view: "heat", cursor: null, fresh: false };
let shownCall = -1, shownLanguage = "", playing = 0, notice = null;

const stepsOf = book.calls.map(() => []);
book.steps.forEach(([call], step) => stepsOf[call].push(step));

// ---- moving

function callAt(step) {
  return book.calls[book.steps[step][0]];
}

function within(call, outer) {
  for (; call >= 0; call = book.calls[call].parent) if (call === outer) return true;
  return false;
}

function roomOf(call) {
  return book.sources[call.source].room;
}

const isOperation = (call) => roomOf(call) === "ops" || roomOf(call) === "fast";
const BLOCK_ROOM = ["blocks", "layers", "models"].find((room) => book.calls.some((call) => roomOf(call) === room));
const isBlock = (call) => roomOf(call) === BLOCK_ROOM;

const MOVES = {
  step: (step) => step + 1,
  back: (step) => step - 1,
  over: (step) => {
    const here = book.steps[step][0];
    let next = step + 1;
    while (next < book.steps.length && book.steps[next][0] !== here && within(book.steps[next][0], here)) {
      let inner = book.steps[next][0];  // a line may make several calls: f(g(x))
      while (book.calls[inner].parent !== here) inner = book.calls[inner].parent;
      next = book.calls[inner].end;
    }
    return next;
  },
  out: (step) => callAt(step).end,
  "next-operation": (step) => book.calls.find((call) => call.begin > step && isOperation(call))?.begin,
  "previous-operation": (step) => book.calls.findLast((call) => call.begin < step && isOperation(call))?.begin,
  "next-block": (step) => book.calls.find((call) => call.begin > step && isBlock(call))?.begin,
  "previous-block": (step) => book.calls.findLast((call) => call.begin < step && isBlock(call))?.begin,
  first: () => 0,
  last: () => book.steps.length - 1,
  "to-gradient": () => partnerOf("backward"),
  "to-forward": () => partnerOf("forward"),
};

function partnerOf(way) {
  const entry = chosen();
  return entry && entry.way !== way && entry.partner >= 0 ? entry.partner : undefined;
}

function possible(move) {
  const step = MOVES[move](now.step);
  return step !== undefined && step >= 0 && step < book.steps.length && step !== now.step ? step : null;
}

function move(name) {
  const step = possible(name);
  if (step === null) return;
  const entry = chosen();
  if (name === "to-gradient" || name === "to-forward") go(step, entry.partnerName);
  else go(step);
}

// Show a step; `name` of the array that is to be seen, where the line does not say.
function go(step, name = "", keep = {}) {
  const before = now.step;
  now.step = Math.max(0, Math.min(book.steps.length - 1, step));
  now.fresh = false;
  now.name = name;
  now.cursor = null;
  if (before !== now.step) now.first = { row: 0, column: 0 };
  Object.assign(now, keep);
  if (notice?.passing) setNotice(null);
  render();
}

// ---- what the current line made, and what its call has so far

function entryOf(given, step, origin) {
  const [name, tensor, text, axes, partner, place] = given, { way } = callAt(step);
  let partnerEntry = null;
  if (partner >= 0) partnerEntry = (place < 0 ? callAt(partner).given[~place] : book.steps[partner][3][place]) ?? null;
  return { name, tensor, text, address: fullName(given, step), axes: book.axes[axes] ?? [], partner: partner ?? -1, step, origin, way,
    partnerGiven: partner >= 0 && place < 0,
    ...(partner < -1 ? { parameter: true, part: partner === -3, partnerTensor: place, partnerName: name.slice(1), partnerAxes: book.axes[axes] ?? [] } : {
      partnerTensor: partnerEntry ? partnerEntry[GIVEN.tensor] : -1, partnerName: partnerEntry ? partnerEntry[GIVEN.name] : "",
      partnerAxes: partnerEntry ? book.axes[partnerEntry[GIVEN.axes]] ?? [] : [] }) };
}

function entriesAt(step) {
  const number = book.steps[step][0], call = book.calls[number], entries = new Map();
  for (const given of call.given) entries.set(given[GIVEN.name], entryOf(given, call.begin, "argument"));
  for (const earlier of stepsOf[number]) {
    if (earlier >= step) break;
    for (const given of book.steps[earlier][3]) entries.set(given[GIVEN.name], entryOf(given, earlier, "earlier"));
  }
  const here = book.steps[step][3].map((given) => entryOf(given, step, "made"));
  for (const entry of here) entries.delete(entry.name);
  return [...here, ...[...entries.values()].reverse()];
}

let entriesCache = { step: -1, entries: [] };
function entries() {
  if (entriesCache.step !== now.step) entriesCache = { step: now.step, entries: entriesAt(now.step) };
  return entriesCache.entries;
}

let chosenCache = { entries: null, name: "", entry: null };
function chosen() {
  const all = entries();
  if (chosenCache.entries !== all || chosenCache.name !== now.name) chosenCache = { entries: all, name: now.name, entry: choose(all) };
  return chosenCache.entry;
}

function choose(all) {
  if (now.name) {
    const named = all.find((entry) => entry.name === now.name);
    if (named) return named;
  }
  const here = all.filter((entry) => entry.origin === "made");
  const first = here.find((entry) => entry.tensor >= 0) ?? here.find((entry) => entry.text);
  if (first) return first;
  const [, line, last] = book.steps[now.step], { source } = callAt(now.step);
  const { first: top, lines } = book.sources[source];
  const words = lines.slice(line - top, last - top + 1).join(" ").replace(/#.*/, "").match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [];
  for (const word of words) {
    const read = all.find((entry) => entry.name === word && entry.tensor >= 0);
    if (read) return read;
  }
  return all.find((entry) => entry.tensor >= 0) ?? all[0] ?? null;
}

// The address of what a line made: its call's and its name, unless the recording says otherwise (a loop counts).
function fullName(given, step) {
  const { address } = callAt(step);
  return given[GIVEN.address] ?? (address ? `${address}.${given[GIVEN.name]}` : given[GIVEN.name]);
}
