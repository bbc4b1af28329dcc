"use strict";
// The page: which step is shown, and everything that can be done about it.

const book = JSON.parse(document.getElementById("book").textContent);
const element = (id) => document.getElementById(id);
const GIVEN = { name: 0, tensor: 1, text: 2, axes: 3, partner: 4, place: 5, address: 6 };  // of what a line made, or a call was given
const MOST = { rows: 48, columns: 128, tabs: 24 };
const CORNER_OPTION = book.about.option;

const now = { step: 0, name: "", leading: {}, first: { row: 0, column: 0 }, view: "heat", cursor: null };
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
    ...(partner === -2 ? { parameter: true, partnerTensor: place, partnerName: name.slice(1), partnerAxes: book.axes[axes] ?? [] } : {
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

function chosen() {
  const all = entries();
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

// ---- rendering

function render() {
  const began = performance.now();
  const call = callAt(now.step), number = book.steps[now.step][0];
  document.documentElement.dataset.way = call.way;
  renderWhere(call);
  renderSource(call, number);
  renderTensor();
  renderWhy();
  const lit = lightMap(book.places[now.step], call.way), branch = buildTree(book, number, go, shownLanguage !== language);
  renderControls();
  const entry = chosen();
  drawTimeline(book, now.step, entry?.origin === "made" ? entry.partner : -1);
  const words = say("step-of", now.step + 1, book.steps.length);
  element("timeline").setAttribute("aria-valuetext", `${words}: ${call.address} ${titleOf(book, call)}`);
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
    place.replaceChildren(source.lineBox);
    place.scrollTop = 0;
    renderFormula(source);
  }
  const times = new Map(), live = new Set();
  for (const step of stepsOf[number]) {
    const [, from, to] = book.steps[step];
    for (let at = from; at <= to; at++) live.add(at);
    if (step <= now.step || !times.has(from)) times.set(from, step);
  }
  const names = new Set(chosen() ? [chosen().name] : []), worn = `/${isDark()}/${document.documentElement.dataset.plain}`;
  for (const row of source.lineBox.children) {
    const at = Number(row.dataset.line), current = at >= line && at <= last, step = times.get(at);
    row.className = `line${current ? " current" : ""}${at === line ? " first" : ""}${live.has(at) ? " live" : ""}${step <= now.step ? " done" : ""}`;
    if (at === line) row.setAttribute("aria-current", "step"), row.id = "now";
    else row.removeAttribute("aria-current"), row.removeAttribute("id");
    const cell = row.children[1];
    const key = step !== undefined && step <= now.step ? `${step}${worn}` : "";
    if (cell.dataset.key === key) continue;
    cell.dataset.key = key;
    cell.replaceChildren();
    if (!key) continue;
    const given = book.steps[step][3].find((one) => one[GIVEN.tensor] >= 0 && book.tensors[one[GIVEN.tensor]].kept);
    if (given) {
      const tensor = book.tensors[given[GIVEN.tensor]], canvas = made("canvas", { "aria-hidden": "true" });
      thumbnail(canvas, matrixOf(tensor, []), scaleOf(tensor), 44, 12);
      cell.append(canvas);
    }
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
  box.replaceChildren(made("p", { class: "title" }, title), formulas.length ? set : null ?? "",
    prose.length ? made("details", {}, made("summary", {}, say("read-on")), ...prose.map((text) => made("p", {}, text))) : "");
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
  if (notes.length) parts.push(made("p", { class: "note" }, made("b", {}, `${say("why-title")} `), notes.join(" ")));
  if (entry?.origin === "made") {
    if (entry.partner >= 0) {
      const there = callAt(entry.partner), where = `${titleOf(book, there)}`, at = book.steps[entry.partner][1];
      parts.push(entry.way === "backward"
        ? made("p", {}, `${say("its-forward", entry.partnerName, at, where)} `, jump("to-forward"))
        : made("p", {}, `${say("its-gradient", at, where)} `, jump("to-gradient")));
      parts[parts.length - 1].append(made("code", { class: "mirror" }, lineOf(entry.partner)));
    } else if (entry.parameter) {
      parts.push(made("p", {}, say("its-parameter", entry.partnerName)));
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

// ---- the arrays

let panels = [];

function renderTensor() {
  const all = entries(), entry = chosen(), heading = element("made");
  const here = all.some((one) => one.origin === "made");
  element("names").replaceChildren(...all.filter((one) => one.tensor >= 0 || one.origin === "made").slice(0, 30).map((one) => made("button", {
    type: "button", class: `name ${one.origin}`, "aria-pressed": String(one === entry), title: one.origin === "argument" ? say("argument") : null,
    onclick: () => {
      now.name = one.name;
      now.cursor = null;
      now.first = { row: 0, column: 0 };
      render();
    },
  }, one.name)));
  if (!entry) {
    heading.replaceChildren(say("nothing-yet"));
    for (const id of ["tabs", "arrays", "facts"]) element(id).replaceChildren();
    panels = [];
    return;
  }
  const tensor = book.tensors[entry.tensor];
  heading.replaceChildren(made("span", { class: "big" }, entry.name),
    tensor ? made("span", { class: "shape" }, shapeText(tensor, entry.axes)) : "",
    made("span", { class: "address" }, entry.address),
    here || entry.origin === "made" ? "" : made("span", { class: "quiet" }, say("no-array")));
  if (!tensor) {
    element("tabs").replaceChildren();
    element("facts").replaceChildren();
    element("arrays").replaceChildren(made("p", { class: "text-value" }, entry.text ?? ""));
    panels = [];
    return;
  }
  const pair = entry.way === "backward" && entry.partnerTensor >= 0
    ? [{ name: entry.partnerName, tensor: book.tensors[entry.partnerTensor], axes: entry.partnerAxes, kind: "its-tensor" },
      { name: entry.name, tensor, axes: entry.axes, kind: "gradient" }]
    : [{ name: entry.name, tensor, axes: entry.axes, kind: "" }];
  renderTabs(entry, tensor);
  const narrow = pair.length > 1 && now.view !== "table" && pair.every((one) => (one.tensor.kept?.at(-1) ?? 1) <= 8);
  panels = pair.map((one) => arrayPanel(one, narrow));
  element("arrays").className = panels.length < 2 ? "" : narrow ? "pair beside" : "pair";
  element("arrays").replaceChildren(...panels.map((panel) => panel.element));
  const main = panels[panels.length - 1];
  for (const panel of panels) panel.draw();
  renderFacts(main);
}

function shapeText(tensor, axes) {
  if (!tensor.shape.length) return tensor.dtype;
  return `${tensor.shape.map((size, axis) => (axes[axis]?.[0] ? `${axes[axis][0]} ${size}` : size)).join(" · ")}  ${tensor.dtype}`;
}

function labelsOf(axes, axis) {
  const name = axes[axis]?.[1];
  return name ? book.labels[name] : null;
}

function leadingOf(tensor, axes) {
  const count = Math.max(0, tensor.shape.length - 2);
  return Array.from({ length: count }, (_, axis) => {
    const key = axes[axis]?.[0] ?? axis;
    return Math.min(now.leading[key] ?? 0, Math.max(0, (tensor.kept ?? tensor.shape)[axis] - 1));
  });
}

function renderTabs(entry, tensor) {
  const groups = [], leading = leadingOf(tensor, entry.axes);
  const layers = layersOf(entry);
  if (layers.length > 1) {
    groups.push(tabGroup("layer", say("layer"), layers.map(({ layer, step }) => ({
      text: layer, on: step === entry.step, choose: () => go(step, entry.name) }))));
  }
  leading.forEach((at, axis) => {
    const size = (tensor.kept ?? tensor.shape)[axis], key = entry.axes[axis]?.[0] ?? axis;
    if (size < 2) return;
    const thumbs = axis === leading.length - 1 && size <= MOST.tabs && tensor.kept;
    groups.push(tabGroup(key, say(typeof key === "string" ? key : "axis"), Array.from({ length: Math.min(size, 64) }, (_, place) => ({
      text: labelsOf(entry.axes, axis)?.[place] ?? String(place), on: place === at,
      picture: thumbs ? leading.map((other, which) => (which === axis ? place : other)) : null, tensor,
      choose: () => {
        now.leading[key] = place;
        render();
      },
    }))));
  });
  element("tabs").replaceChildren(...groups);
}

function tabGroup(key, name, tabs) {
  const id = `tab-${key}`;
  const had = document.activeElement?.dataset?.group === String(key);
  const list = made("div", { class: "tabs", role: "tablist", "aria-label": name, "data-key": key });
  for (const [place, tab] of tabs.entries()) {
    const button = made("button", { type: "button", role: "tab", "aria-selected": String(tab.on), tabindex: tab.on ? 0 : -1,
      "data-group": key, id: `${id}-${place}`, "aria-controls": "arrays", onclick: tab.choose,
      onkeydown: (event) => {
        const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        tabs[Math.max(0, Math.min(tabs.length - 1, to))].choose();
      } }, tab.text);
    if (tab.picture) {
      const canvas = made("canvas", { "aria-hidden": "true" });
      thumbnail(canvas, matrixOf(tab.tensor, tab.picture), scaleOf(tab.tensor), 56, 28);
      button.prepend(canvas);
    }
    list.append(button);
  }
  if (had) queueMicrotask(() => element(list.querySelector('[aria-selected="true"]')?.id)?.focus());
  return made("div", { class: "group" }, made("span", { class: "group-name", "aria-hidden": "true" }, name), list);
}

// The same line in the other layers: encoder.0.attention and encoder.1.attention.
let layerIndex = null;
function layersOf(entry) {
  const key = (step) => {
    const call = callAt(step), number = /\.(\d+)(?=\.|$)/.exec(call.address);
    return number ? [`${call.way}|${call.address.replace(/\.\d+(?=\.|$)/, ".#")}|${call.source}|${book.steps[step][1]}`, number[1]] : [null, null];
  };
  if (!layerIndex) {
    layerIndex = new Map();
    book.steps.forEach(([, , , things], step) => {
      const [line, layer] = things.length ? key(step) : [null];
      if (!line) return;
      if (!layerIndex.has(line)) layerIndex.set(line, new Map());
      const layers = layerIndex.get(line);
      layers.set(layer, [...(layers.get(layer) ?? []), step]);
    });
  }
  const [line, layer] = key(entry.step), layers = layerIndex.get(line);
  if (!layers || entry.origin === "argument") return [];
  const which = layers.get(layer)?.indexOf(entry.step) ?? -1;
  return [...layers].filter(([, steps]) => steps[which] !== undefined).map(([name, steps]) => ({ layer: name, step: steps[which] }))
    .sort((a, b) => Number(a.layer) - Number(b.layer));
}

// One array: its picture, its scale, the number under the pointer.
function arrayPanel({ name, tensor, axes, kind }, beside) {
  const count = tensor.shape.length, leading = leadingOf(tensor, axes), matrix = matrixOf(tensor, leading), scale = scaleOf(tensor);
  const rowLabels = count > 1 ? labelsOf(axes, count - 2) : [""], columnLabels = count ? labelsOf(axes, count - 1) : [""];
  const canvas = made("canvas", { tabindex: 0, role: "application" });
  const readout = made("output", { class: "readout" });
  const box = made("div", { class: "picture" });
  const figure = made("figure", { class: `array ${kind}` });
  const lines = Boolean(matrix && rowLabels && columnLabels && count > 1 && matrix.rows <= 40 && matrix.columns <= 40);
  const views = ["heat", ...(lines ? ["lines"] : []), "table"];
  const view = views.includes(now.view) ? now.view : "heat";
  const title = kind ? made("figcaption", {}, made("b", {}, name), ` ${say(kind)}`) : null;
  const panel = { name, tensor, axes, matrix, element: figure, canvas, views, leading, places: null };
  const where = (row, column) => [...leading, ...(count > 1 ? [row] : []), ...(count ? [column] : [])];
  panel.read = (row, column) => {
    const value = matrix.get(row, column), at = where(row, column);
    const words = [];
    leading.forEach((place, axis) => tensor.shape[axis] > 1 && words.push(`${say(axes[axis]?.[0] ?? "axis")} ${labelsOf(axes, axis)?.[place] ?? place}`));
    if (count > 1) words.push(rowLabels?.[row] ?? `${say(axes[count - 2]?.[0] ?? "rows")} ${row}`);
    if (count) words.push(columnLabels?.[column] ?? `${say(axes[count - 1]?.[0] ?? "columns")} ${column}`);
    const written = tensor.form === "u1" ? say(value ? "true" : "false") : shown(value);
    return { head: `${name}${at.length ? `[${at.join(", ")}]` : ""} = `, value: written, words: words.join(" · ") };
  };
  panel.tell = () => {
    const at = now.cursor;
    if (!at || !matrix || at.row >= matrix.rows || at.column >= matrix.columns) {
      const ask = matrix && product(tensor.kept) > 1 && kind !== "its-tensor" && view !== "table";
      readout.replaceChildren(ask ? made("span", { class: "hint" }, say("point")) : "");
      return;
    }
    const { head, value, words } = panel.read(at.row, at.column);
    readout.replaceChildren(head, made("b", {}, value), made("span", { class: "quiet" }, ` ${words}`));
  };
  panel.draw = () => {
    if (!matrix || view === "table") return;
    const width = Math.max(120, beside ? look.width / 2 - 8 : look.width), first = now.first;
    if (view === "lines") panel.places = drawLines(canvas, matrix, { rowLabels, columnLabels, scale, width, cursor: now.cursor });
    else {
      panel.places = drawMatrix(canvas, matrix, { scale, rowLabels, columnLabels, first, most: MOST, width, cursor: now.cursor,
        plain: Boolean(document.documentElement.dataset.plain), deep: look.height * (panels.length < 2 ? 0.36 : beside ? 0.28 : 0.22) });
    }
  };
  const point = (event) => {
    const area = canvas.getBoundingClientRect(), { left, top, cellWidth, cellHeight, rows, columns, whole } = panel.places ?? {};
    const row = Math.floor((event.clientY - area.top - top) / cellHeight), column = Math.floor((event.clientX - area.left - left) / cellWidth);
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    setCursor(inside ? { row: row + (whole ? 0 : now.first.row), column: column + (whole ? 0 : now.first.column) } : null);
  };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || !matrix) return;
    event.preventDefault();
    event.stopPropagation();
    const at = now.cursor ?? { row: now.first.row - move[0], column: now.first.column - move[1] };
    setCursor({ row: Math.max(0, Math.min(matrix.rows - 1, at.row + move[0])), column: Math.max(0, Math.min(matrix.columns - 1, at.column + move[1])) }, true);
  });
  canvas.setAttribute("aria-label", `${name}, ${shapeText(tensor, axes)}. ${say("point")}`);
  if (!matrix || !matrix.rows || !matrix.columns) {
    const text = tensor.kept ? say("empty") : tensor.note ? WORDS[language].notes?.[tensor.note] ?? tensor.note : say("not-kept", tensor.shape.join(" × "), CORNER_OPTION);
    box.append(made("p", { class: "quiet" }, text));
  } else if (!count) {
    box.append(made("p", { class: "scalar" }, shown(matrix.get(0, 0))));
  } else if (view === "table") box.append(numbersTable(matrix, name, rowLabels, columnLabels, tensor));
  else box.append(canvas);
  figure.append(title ?? "", box);
  if (matrix && count) figure.append(readout);
  if (matrix && tensor.kept.some((size, axis) => size < tensor.shape[axis])) {
    figure.append(made("p", { class: "quiet" }, say("corner", tensor.kept.join(" × "), tensor.shape.join(" × "), CORNER_OPTION)));
  }
  if (matrix) figure.append(slices(matrix, view) ?? "");
  if (matrix && count && tensor.form !== "u1" && view !== "table") figure.append(scaleBar(scale, beside));
  panel.tell();
  return panel;
}

function setCursor(cursor, follow = false) {
  now.cursor = cursor;
  if (cursor && follow) {
    for (const [axis, most] of [["row", MOST.rows], ["column", MOST.columns]]) {
      if (cursor[axis] < now.first[axis] || cursor[axis] >= now.first[axis] + most) {
        now.first[axis] = Math.floor(cursor[axis] / most) * most;
      }
    }
  }
  for (const panel of panels) {
    panel.draw();
    panel.tell();
  }
  const last = panels[panels.length - 1];
  if (cursor && last?.matrix && cursor.row < last.matrix.rows && cursor.column < last.matrix.columns) {
    const { head, value, words } = last.read(cursor.row, cursor.column);
    element("spoken").textContent = `${head}${value}, ${words}`;
  }
}

function scaleBar(scale, narrow) {
  const canvas = made("canvas", { role: "img", "aria-label": say("scale", shown(-scale, 3), shown(scale, 3)) });
  drawScale(canvas, scale, narrow ? 72 : 160, 10, Boolean(document.documentElement.dataset.plain));
  return made("div", { class: "scale" }, made("span", {}, shown(-scale, 3)), canvas, made("span", {}, shown(scale, 3)));
}

function mostOf(view) {
  return view === "table" ? { rows: 24, columns: 12 } : MOST;
}

function slices(matrix, view) {
  const most = mostOf(view), parts = [];
  for (const [axis, name] of [["row", "rows"], ["column", "columns"]]) {
    const size = matrix[name], shownAtOnce = most[name];
    if (size <= shownAtOnce || view === "lines") continue;
    const first = Math.min(now.first[axis], size - 1), end = Math.min(size, first + shownAtOnce);
    const shift = (to) => {
      now.first[axis] = Math.max(0, Math.min(Math.floor((size - 1) / shownAtOnce) * shownAtOnce, to));
      renderTensor();
    };
    parts.push(made("div", { class: "slice", role: "group", "aria-label": say(name) },
      made("button", { type: "button", disabled: first === 0, "aria-label": say("earlier", say(name)), onclick: () => shift(first - shownAtOnce) }, "‹"),
      made("label", {}, `${say(name)} `, made("input", { type: "number", min: 0, max: size - 1, value: first,
        onchange: (event) => shift(Number(event.target.value) || 0) }), ` – ${end - 1} ${say("of")} ${size}`),
      made("button", { type: "button", disabled: end >= size, "aria-label": say("later", say(name)), onclick: () => shift(first + shownAtOnce) }, "›")));
  }
  return parts.length ? made("div", { class: "slices" }, ...parts) : null;
}

function numbersTable(matrix, name, rowLabels, columnLabels, tensor) {
  const most = mostOf("table"), { row, column } = now.first;
  const rows = Array.from({ length: Math.min(most.rows, matrix.rows - row) }, (_, i) => row + i);
  const columns = Array.from({ length: Math.min(most.columns, matrix.columns - column) }, (_, j) => column + j);
  const write = (value) => (tensor.form === "u1" ? say(value ? "true" : "false") : shown(value));
  return made("div", { class: "table scrolls", tabindex: 0, role: "region", "aria-label": name }, made("table", {},
    made("thead", {}, made("tr", {}, made("td", {}), ...columns.map((j) => made("th", { scope: "col" }, columnLabels?.[j] ?? String(j))))),
    made("tbody", {}, ...rows.map((i) => made("tr", {}, made("th", { scope: "row" }, rowLabels?.[i] ?? String(i)),
      ...columns.map((j) => made("td", {}, write(matrix.get(i, j)))))))));
}

function renderFacts(panel) {
  const { tensor, name, views } = panel, view = views.includes(now.view) ? now.view : "heat", facts = [];
  const switchers = made("div", { class: "views", role: "group", "aria-label": say("views-of", name) }, ...views.map((one) => made("button", {
    type: "button", "aria-pressed": String(one === view), onclick: () => {
      now.view = one;
      renderTensor();
    },
  }, say(one === "heat" && document.documentElement.dataset.plain ? "sizes" : one))));
  const size = product(tensor.shape);
  facts.push(size === 1 ? say("number") : say("numbers", size.toLocaleString("en")));
  if (tensor.least !== null) {
    facts.push(say("between", shown(tensor.least), shown(tensor.greatest)), say("mean", shown(tensor.mean)), say("deviation", shown(tensor.deviation)));
  }
  facts.push(tensor.zeros ? say("zeros", percent(tensor.zeros)) : say("no-zeros"));
  const { bad } = tensor;
  facts.push(bad ? say("nonfinite", bad, `[${tensor.firstBad ?? ""}]`) : say("finite"));
  const parts = [tensor.shape.length ? switchers : "", made("p", { class: "stats" }, ...facts.map((fact, place) => made("span",
    { class: bad && place === facts.length - 1 ? "bad" : null }, fact)))];
  if (tensor.kept && product(tensor.kept) > 3 && tensor.form !== "u1") {
    const { counts, total, from, to, scale, fullest } = histogramOf(tensor);
    const canvas = made("canvas", { role: "img",
      "aria-label": say("histogram", name, total, counts.length, shown(from, 3), shown(to, 3), counts[fullest]) });
    drawHistogram(canvas, tensor, 300, 54);
    parts.push(made("div", { class: "histogram" }, canvas, made("div", { class: "ends", "aria-hidden": "true" },
      made("span", {}, shown(-scale, 3)), made("span", {}, "0"), made("span", {}, shown(scale, 3)))));
  }
  element("facts").replaceChildren(...parts);
}

function percent(share) {
  return share >= 0.9995 && share < 1 ? ">99.9 %" : `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
}

// ---- controls and keys

const CONTROLS = [  // [move, picture in a square of 16, key]
  ["first", "M4 3v10M13 3 6 8l7 5z", "Home"], ["previous-operation", "M8 3 2 8l6 5zM14 3 8 8l6 5z", ","], ["back", "M11 3 4 8l7 5z", "←"],
  ["step", "M5 3l7 5-7 5z", "→"], ["over", "M2 9a6 5 0 0 1 11-1M13.5 3.5V8.2H9M6 13h4", "N"], ["out", "M8 10V2M4.5 5.5 8 2l3.5 3.5M6 14h4", "R"],
  ["next-operation", "M2 3l6 5-6 5zM8 3l6 5-6 5z", "."], ["next-block", "M2 3l6 5-6 5zM9 3h5v10H9z", "]"],
  ["to-gradient", "M14 3v5H3M6.5 4.5 3 8l3.5 3.5", "G"], ["to-forward", "M2 3v5h11M9.500 4.5 13 8l-3.500 3.5", "F"], ["play", "M3 2v12M7 3l7 5-7 5z", "P"],
];
const PAUSE = "M4 3h3v10H4zM10 3h3v10h-3z";
const SHORTCUTS = { "→": "ArrowRight", "←": "ArrowLeft" };

function picture(path) {
  const space = "http://www.w3.org/2000/svg", drawing = document.createElementNS(space, "svg"), line = document.createElementNS(space, "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 16 16", class: "sign", "aria-hidden": "true" })) drawing.setAttribute(name, value);
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

function buildControls() {
  element("controls").replaceChildren(...CONTROLS.map(([name, sign, key]) => made("button", {
    type: "button", id: `do-${name}`, "aria-keyshortcuts": SHORTCUTS[key] ?? key, onclick: () => (name === "play" ? play() : move(name)),
  }, picture(sign), made("span", { class: "words" }), made("kbd", { "aria-hidden": "true" }, key))),
  made("span", { id: "count" }));
}

function renderControls() {
  for (const [name] of CONTROLS) {
    const button = element(`do-${name}`), words = button.querySelector(".words"), text = WORDS[language][`short-${name}`] ?? "";
    const long = name === "play" ? say(playing ? "pause" : "play") : say(name);
    if (words.textContent !== text) words.textContent = text;
    button.title = long;
    if (!text) button.setAttribute("aria-label", long);  // else its words are its name
    button.setAttribute("aria-disabled", String(name !== "play" && possible(name) === null));
  }
  element("do-play").setAttribute("aria-pressed", String(Boolean(playing)));
  element("do-play").querySelector("path").setAttribute("d", playing ? PAUSE : CONTROLS.find(([name]) => name === "play")[1]);
  element("count").textContent = `${(now.step + 1).toLocaleString("en")} / ${book.steps.length.toLocaleString("en")}`;
}

function play() {
  if (playing) {
    clearInterval(playing);
    playing = 0;
  } else {
    playing = setInterval(() => (now.step + 1 < book.steps.length ? move("step") : play()), 600);
  }
  renderControls();
}

function cycleTab(by) {
  const group = [...document.querySelectorAll("#tabs [role=tablist]")].find((list) => list.dataset.key !== "layer")
    ?? document.querySelector("#tabs [role=tablist]");
  const tabs = [...(group?.querySelectorAll("[role=tab]") ?? [])], on = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  if (tabs.length) tabs[(on + by + tabs.length) % tabs.length].click();
}

function cycleView() {
  const views = panels[panels.length - 1]?.views;
  if (!views) return;
  now.view = views[(Math.max(0, views.indexOf(now.view)) + 1) % views.length];
  renderTensor();
}

function cycleName() {
  const all = entries().filter((entry) => entry.tensor >= 0), at = all.indexOf(chosen());
  if (!all.length) return;
  go(now.step, all[(at + 1) % all.length].name);
}

const KEYS = [  // [keys, what they do, the words for it]
  [["ArrowRight", "s"], () => move("step"), "step"], [["ArrowLeft", "b"], () => move("back"), "back"],
  [["n"], () => move("over"), "over"], [["r", "u"], () => move("out"), "out"],
  [["."], () => move("next-operation"), "next-operation"], [[","], () => move("previous-operation"), "previous-operation"],
  [["]"], () => move("next-block"), "next-block"], [["["], () => move("previous-block"), "previous-block"],
  [["g"], () => move("to-gradient"), "to-gradient"], [["f"], () => move("to-forward"), "to-forward"],
  [["p"], () => play(), "play"], [["Home"], () => move("first"), "first"], [["End"], () => move("last"), "last"],
  [["/"], () => element("find").focus(), "search-key"],
  [["h"], () => cycleTab(1), "next-head"], [["H"], () => cycleTab(-1), "previous-head"],
  [["v"], () => cycleView(), "next-view"], [["a"], () => cycleName(), "next-name"],
  [["t"], () => toggle("large"), "large"], [["d"], () => toggle("dark"), "dark"], [["c"], () => toggle("plain"), "plain"],
  [["l"], () => speak(language === "en" ? "zh" : "en"), "language-key"], [["?"], () => showKeys(), "help-key"],
];
const LOCAL = [[["↑", "↓", "←", "→"], "cursor"], [["←", "→", "PageUp", "PageDown"], "slide"], [["Esc"], "escape"]];

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select") || element("keys").open) return;
  if (event.target.closest("[role=tablist]") && event.key.startsWith("Arrow")) return;
  const found = KEYS.find(([keys]) => keys.includes(event.key));
  if (!found) return;
  event.preventDefault();
  found[1]();
}

function showKeys() {
  const row = (keys, text) => made("tr", {}, made("td", {}, ...keys.flatMap((key) => [made("kbd", {}, { ArrowRight: "→", ArrowLeft: "←" }[key] ?? key), " "])),
    made("td", {}, text));
  element("key-list").replaceChildren(made("table", {}, made("tbody", {}, ...KEYS.map(([keys, , words]) => row(keys, say(words))),
    ...LOCAL.map(([keys, words]) => row(keys, say(words))))));
  element("keys").showModal();
}

// ---- search

let index = null;
function searchable() {
  if (!index) {
    index = new Map();
    const add = (address, step, name) => {
      const known = index.get(address);
      if (!known) index.set(address, { address, step, name, times: 1 });
      else known.times++;
    };
    book.calls.forEach((call) => {
      if (call.address) add(call.address, call.begin, "");
      add(titleOf(book, call), call.begin, "");
    });
    book.steps.forEach(([, , , things], step) => {
      for (const given of things) add(fullName(given, step), step, given[GIVEN.name]);
    });
  }
  return index;
}

// A whole address first, then names that end with what was asked for, then those that hold it.
function search(asked) {
  const words = asked.trim().toLowerCase(), found = [];
  if (!words) return [];
  for (const item of searchable().values()) {
    const text = item.address.toLowerCase(), last = text.slice(text.lastIndexOf(".") + 1);
    const rank = text === words ? 0 : text.endsWith(`.${words}`) ? 1 : last.startsWith(words) ? 2 : text.includes(words) ? 3
      : words.split(/[\s.]+/).every((word) => text.includes(word)) ? 4 : 9;
    if (rank < 9) found.push([rank, item.step, item]);
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , item]) => item);
}

// The names most like what was asked for: pairs of letters in common.
function nearest(asked, most = 4) {
  const pairs = (text) => new Set([...` ${text.toLowerCase()} `].map((letter, place, all) => letter + (all[place + 1] ?? "")));
  const wanted = pairs(asked), scored = [];
  for (const item of searchable().values()) {
    const own = pairs(item.address), last = pairs(item.address.slice(item.address.lastIndexOf(".") + 1));
    const like = (set) => 2 * [...wanted].filter((pair) => set.has(pair)).length / (wanted.size + set.size);
    scored.push([Math.max(like(own), like(last)), item]);
  }
  return scored.sort((a, b) => b[0] - a[0]).slice(0, most).map(([, item]) => item);
}

function buildFinder() {
  const input = element("find"), list = element("found");
  let items = [], at = 0;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    items = search(input.value).slice(0, 12);
    at = 0;
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(Boolean(items.length)));
    list.replaceChildren(...items.map((item, place) => made("li", { role: "option", id: `found-${place}`, "aria-selected": String(place === 0),
      onpointerdown: (event) => {
        event.preventDefault();
        take(item);
      } }, item.address, made("small", {}, item.times > 1 ? ` ×${item.times}` : ""))));
    if (items.length) input.setAttribute("aria-activedescendant", "found-0");
  };
  const take = (item) => {
    close();
    input.value = "";
    input.blur();
    go(item.step, item.name);
  };
  input.addEventListener("input", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      input.blur();
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && items.length) {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
      input.setAttribute("aria-activedescendant", `found-${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  });
  element("finder").addEventListener("submit", (event) => {
    event.preventDefault();
    if (items.length && input.value.trim()) take(items[at]);
    else if (input.value.trim()) {
      sayNearest(input.value.trim());
      close();
    }
  });
}

function sayNearest(asked) {
  setNotice({ passing: true, parts: () => [`${say("nothing-called", asked)} `, ...nearest(asked).map((item) => made("button", { type: "button",
    onclick: () => go(item.step, item.name) }, item.address))] });
}

let dismissed = false;
function setNotice(next) {
  notice = next ?? (dismissed ? null : leftOut());
  const place = element("notice"), hidden = place.hidden;
  place.hidden = !notice;
  place.className = notice?.passing ? "passing" : "";
  place.replaceChildren(...(notice ? [made("span", {}, ...notice.parts()), made("button", { type: "button", class: "away", "aria-label": say("close"), onclick: () => {
    dismissed ||= !notice.passing;
    setNotice(null);
  } }, "×")] : []));
  if (hidden !== place.hidden && page.ready) dress();
}

function leftOut() {
  const left = book.about.leftOut;
  return left?.arrays ? { parts: () => [say("left-out", left.numbers.toLocaleString("en"), left.arrays.toLocaleString("en"), CORNER_OPTION)] } : null;
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
  now.step = 0;
  speak((navigator.language || "en").startsWith("zh") ? "zh" : "en");
  followAddress();
  page.ready = performance.now();
}

function inPlace(step, place) {
  const at = book.places[step];
  return at === place || Boolean(mapNodes[at]?.around.includes(place));
}

start();
