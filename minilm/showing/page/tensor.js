"use strict";
// The arrays of the current line: names, tabs, pictures, the number under the pointer, statistics.

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
    element("arrays").replaceChildren(made("p", { class: "text-value" }, noteSaid(entry.text ?? "")));
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
    if (count) words.push(columnLabels?.[column] ?? `${say({ H: "unit" }[axes[count - 1]?.[0]] ?? axes[count - 1]?.[0] ?? "columns")} ${column}`);
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
    const text = product(tensor.shape) === 0 ? say("empty") : tensor.note ? noteSaid(tensor.note) : say("not-kept", tensor.shape.join(" × "), CORNER_OPTION);
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
  const bar = scalePicture(narrow ? 72 : 160, 10, { role: "img", "aria-label": say("scale", shown(-scale, 3), shown(scale, 3)) });
  return made("div", { class: "scale" }, made("span", {}, shown(-scale, 3)), bar, made("span", {}, shown(scale, 3)));
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
  if (tensor.least !== null && size > 1) {
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
