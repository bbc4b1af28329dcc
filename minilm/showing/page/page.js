"use strict";
// The page as a whole: its panels for a step, the address of a step, its looks, its beginning.

// ---- rendering

let anew = false;  // whether another function's source is shown than before
function render() {
  const began = performance.now();
  const call = callAt(now.step), number = book.steps[now.step][0];
  if (document.documentElement.dataset.way !== call.way) document.documentElement.dataset.way = call.way;
  renderWhere(call);
  renderSource(call, number);
  renderTensor();
  renderWhy();
  const lit = lightMap(book.places[now.step], call.way), branch = number !== shownCall || shownLanguage !== language ? buildTree(book, number, go) : null;
  renderControls();
  const entry = chosen();
  drawTimeline(book, now.step, entry?.origin === "made" ? entry.partner : -1);
  const words = say("step-of", now.step + 1, book.steps.length);
  element("timeline").setAttribute("aria-valuetext", `${words}: ${call.address} ${titleOf(book, call)}`);
  if (anew) element("source").scrollTop = 0;  // only now: it makes the browser lay the page out
  anew = false;
  for (const place of [lit, branch, element("source").querySelector(".current")]) keepInView(place);
  shownCall = number;
  shownLanguage = language;
  remember();
  page.took = performance.now() - began;
}

function renderWhere(call) {
  const source = book.sources[call.source], [, line] = book.steps[now.step];
  const arrow = { forward: "▶", backward: "◀" }[call.way] ?? "•";
  element("where").replaceChildren(
    made("span", { class: `way ${call.way}` }, call.way === "backward" ? `${arrow} ${say(call.way)}` : `${say(call.way)} ${arrow}`),
    made("span", { class: "address" }, call.address || book.about.kind),
    made("span", { class: "function" }, titleOf(book, call)),
    made("span", { class: "file" }, `${source.file}:${line}`),
  );
}

function renderSource(call, number) {
  const source = book.sources[call.source], [, line, last] = book.steps[now.step], place = element("source");
  if (shownCall < 0 || book.calls[shownCall].source !== call.source) {
    source.lineBox ??= linesOf(source);
    source.rows ??= [...source.lineBox.children].map((row, offset) => ({ row, at: source.first + offset, cell: row.children[1], key: "", worn: "" }));
    place.replaceChildren(source.lineBox);
    anew = true;
    renderFormula(source);
  }
  const times = new Map(), live = new Set();
  for (const step of stepsOf[number]) {
    const [, from, to] = book.steps[step];
    for (let at = from; at <= to; at++) live.add(at);
    if (step <= now.step || !times.has(from)) times.set(from, step);
  }
  const names = new Set(chosen() ? [chosen().name] : []), colours = `/${isDark()}/${document.documentElement.dataset.plain}`;
  for (const each of source.rows) {
    const { row, at, cell } = each, current = at >= line && at <= last, step = times.get(at);
    const worn = `line${current ? " current" : ""}${at === line ? " first" : ""}${live.has(at) ? " live" : ""}${step <= now.step ? " done" : ""}`;
    if (each.worn !== worn) {
      row.className = each.worn = worn;
      if (at === line) row.setAttribute("aria-current", "step"), row.id = "now";
      else row.removeAttribute("aria-current"), row.removeAttribute("id");
    }
    const key = step <= now.step ? `${step}${colours}` : "";
    if (each.key === key) continue;
    each.key = key;
    const given = key && book.steps[step][3].find((one) => one[GIVEN.tensor] >= 0 && book.tensors[one[GIVEN.tensor]].kept);
    if (!given) {
      cell.replaceChildren();
      continue;
    }
    const tensor = book.tensors[given[GIVEN.tensor]];
    if (!cell.firstChild) cell.append(made("canvas", { "aria-hidden": "true" }));
    thumbnail(cell.firstChild, matrixOf(tensor, []), scaleOf(tensor), 44, 12);
  }
  lightFormula(names);
}

function linesOf(source) {
  const indent = /^ */.exec(source.lines[0])[0].length;
  const parts = highlighted(source.lines.map((text) => text.slice(Math.min(indent, /^ */.exec(text)[0].length)).replace(/(\S) {2,}#/, "$1  #")));
  return made("div", { class: "lines" }, ...parts.map((line, offset) => made("div", { class: "line", "data-line": source.first + offset },
    made("span", { class: "number" }, String(source.first + offset)), made("span", { class: "made" }),
    made("code", {}, ...(line.length ? line.map(([kind, text]) => (kind ? made("span", { class: kind }, text) : text)) : [" "])))));
}

function renderFormula(source) {
  const { title, formulas, prose } = docstring(source.doc);
  const box = element("formula");
  const set = made("div", { class: "formulas" }, ...formulas.map((line) => {
    const row = made("div", { class: "formula" });
    for (const { text, names } of formulaParts(line)) {
      const part = made("span", { "data-names": names.join(" ") });
      typeset(part, text);
      row.append(part);
    }
    return row;
  }));
  box.replaceChildren(made("p", { class: "title" }, ...withCode(title)), formulas.length ? set : null ?? "",
    prose.length ? made("details", {}, made("summary", {}, say("read-on")), ...prose.map((text) => made("p", {}, ...withCode(text)))) : "");
}

function lightFormula(names) {
  for (const part of element("formula").querySelectorAll("[data-names]")) {
    part.classList.toggle("lit", part.dataset.names.split(" ").some((name) => names.has(name)));
  }
}

function renderWhy() {
  const call = callAt(now.step), source = book.sources[call.source], [, line, last] = book.steps[now.step];
  const notes = [];
  for (let at = line; at <= last; at++) if (source.notes[at]) notes.push(source.notes[at]);
  const entry = chosen(), parts = [];
  if (now.fresh) parts.push(made("p", { id: "welcome" }, say("welcome", book.steps.length.toLocaleString("en")), " ", jump("step"), " ", say("welcome-more")));
  if (notes.length) parts.push(made("p", { class: "note" }, made("b", {}, `${say("why-title")} `), notes.join(" ")));
  if (entry?.origin === "made") {
    if (entry.partner >= 0) {
      const there = callAt(entry.partner), where = `${titleOf(book, there)}`, at = book.steps[entry.partner][1];
      const [to, key] = entry.way === "backward" ? ["to-forward", "its-forward"] : ["to-gradient", "its-gradient"];
      parts.push(made("p", {}, `${say(entry.partnerGiven ? `${key}-given` : key, entry.partnerName, at, where)} `, jump(to)));
      if (!entry.partnerGiven) parts[parts.length - 1].append(made("code", { class: "mirror" }, lineOf(entry.partner)));
    } else if (entry.parameter) {
      parts.push(made("p", {}, say(entry.part ? "its-part" : "its-parameter", entry.partnerName)));
    } else if (entry.tensor >= 0 && book.about.backward && (entry.way !== "backward" || entry.name.startsWith("d"))) {
      parts.push(made("p", { class: "quiet" }, say(entry.way === "backward" ? "no-forward" : "no-partner")));
    }
  }
  element("why").replaceChildren(...parts);
}

function lineOf(step) {
  const { first, lines } = book.sources[callAt(step).source], [, line, last] = book.steps[step];
  return lines.slice(line - first, last - first + 1).map((text) => text.replace(/\s+#.*/, "").trim()).join(" ");
}

function jump(name) {
  return made("button", { type: "button", class: "jump", onclick: () => move(name) }, say(`short-${name}`));
}

// ---- the address of a step

let remembered = "", waiting = 0;
function remember() {
  const entry = chosen(), parts = [`step=${now.step + 1}`], address = entry?.address ?? callAt(now.step).address;
  if (address) parts.push(`at=${encodeURI(address)}`);
  const leading = Object.entries(now.leading).filter(([, place]) => place);
  if (leading.length) parts.push(`in=${leading.map(([key, place]) => `${key}${place}`).join(",")}`);
  const hash = `#${parts.join("&")}`;
  if (hash === remembered) return;
  remembered = hash;
  clearTimeout(waiting);
  waiting = setTimeout(() => {  // browsers bear only so many changes a second
    try {
      history.replaceState(null, "", remembered);
    } catch {
      location.replace(remembered);
    }
  }, 40);
}

function followAddress() {
  let hash = "";
  try {
    hash = decodeURIComponent(location.hash.slice(1));
  } catch {
    hash = location.hash.slice(1);
  }
  if (!hash || hash === "now" || `#${hash}` === remembered) return !hash ? false : hash === `${remembered.slice(1)}`;
  const parts = new Map(hash.split("&").filter((part) => part.includes("=")).map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
  const address = parts.get("at") ?? (hash.includes("=") ? "" : hash);
  now.leading = Object.fromEntries((parts.get("in") ?? "").split(",").map((part) => /^(\D+|\d)(\d+)$/.exec(part)).filter(Boolean).map(([, key, place]) => [key, Number(place)]));
  const number = Number(parts.get("step"));
  if (parts.has("step") && Number.isInteger(number) && number >= 1 && number <= book.steps.length) {
    go(number - 1, entriesAt(number - 1).find((entry) => entry.address === address)?.name ?? "");
    return true;
  }
  if (parts.has("step") && !address) {
    go(0);
    setNotice({ passing: true, parts: () => [say("no-step", parts.get("step"), book.steps.length)] });
    return true;
  }
  const found = searchable().get(address) ?? search(address)[0];
  if (found) {
    go(found.step, found.name);
    return true;
  }
  go(now.step);
  sayNearest(address);
  return true;
}

// ---- how the page looks

function toggle(name) {
  const root = document.documentElement, data = root.dataset;
  if (name === "dark") data.theme = isDark() ? "light" : "dark";
  else if (data[name]) delete data[name];
  else data[name] = "1";
  dress();
}

function dress() {
  readLook();
  const data = document.documentElement.dataset;
  element("large").setAttribute("aria-pressed", String(Boolean(data.large)));
  element("plain").setAttribute("aria-pressed", String(Boolean(data.plain)));
  element("dark").setAttribute("aria-pressed", String(isDark()));
  flamesKey = "";
  render();
}

function speak(next) {
  language = next;
  document.documentElement.lang = next === "zh" ? "zh-Hans" : "en";
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = say(place.dataset.say);
  for (const place of document.querySelectorAll("[data-say-label]")) place.setAttribute("aria-label", say(place.dataset.sayLabel));
  for (const place of document.querySelectorAll("[data-say-title]")) place.title = say(place.dataset.sayTitle);
  for (const place of document.querySelectorAll("[data-say-placeholder]")) place.placeholder = say(place.dataset.sayPlaceholder);
  element("language").textContent = say("language");
  element("language").lang = next === "zh" ? "en" : "zh-Hans";
  flamesKey = "";
  shownCall = -1;
  nameMap();
  setNotice(notice);
  render();
}

// ---- the beginning

const page = { book, now, go, move, possible, chosen, entries, numbersOf, took: 0 };  // for tests and the curious: window.page
window.page = page;

function start() {
  const { subject, kind } = book.about;
  element("subject").replaceChildren(...(subject.length ? subject.map((part, place) => made("span", { class: place ? "answer" : "given" }, part)) : [kind]));
  buildMap(book, (place) => {
    const way = callAt(now.step).way;
    const of = (wanted) => book.steps.findIndex((_, step) => inPlace(step, place) && (!wanted || callAt(step).way === wanted));
    const step = of(way);
    go(step >= 0 ? step : Math.max(0, of("")));
  });
  element("model").addEventListener("keydown", arrowsInMap);
  buildControls();
  buildFinder();
  followTimeline(book, go, () => drawTimeline(book, now.step, chosen()?.origin === "made" ? chosen().partner : -1));
  element("timeline").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 50, PageDown: -50 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    go(now.step + by);
  });
  element("source").addEventListener("click", (event) => {
    const line = Number(event.target.closest?.(".line")?.dataset.line), number = book.steps[now.step][0];
    const there = stepsOf[number].filter((step) => book.steps[step][1] <= line && line <= book.steps[step][2]);
    if (there.length && !window.getSelection().toString()) go(there.find((step) => step > now.step) ?? there[0]);
  });
  element("language").addEventListener("click", () => speak(language === "en" ? "zh" : "en"));
  for (const name of ["large", "dark", "plain"]) element(name).addEventListener("click", () => toggle(name));
  element("help").addEventListener("click", showKeys);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", followAddress);
  window.addEventListener("resize", () => dress());
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dress());
  setNotice(null);
  readLook();
  element("dark").setAttribute("aria-pressed", String(isDark()));
  now.step = book.about.opens;
  now.fresh = !location.hash;
  speak((navigator.language || "en").startsWith("zh") ? "zh" : "en");
  followAddress();
  page.ready = performance.now();
}

function inPlace(step, place) {
  const at = book.places[step];
  return at === place || Boolean(mapNodes[at]?.around.includes(place));
}

start();
