"use strict";
// Where we are: the model as a map, the calls as a tree, the run as a timeline.

// ---- the map

const mapNodes = [];  // of each place: its element, and the sections around it

function buildMap(book, go) {
  const model = document.getElementById("model");
  model.replaceChildren(...book.map.map((node) => mapElement(node, go, [])));
}

function mapElement(node, go, around) {
  const label = made("span", { class: "label" });
  const button = made("button", { type: "button", class: "place", tabindex: "-1", onclick: () => go(node.place) },
    node.number ? made("span", { class: "badge" }, String(node.number)) : null, label);
  const element = made("div", { class: `node ${node.kind}` }, button);
  mapNodes[node.place] = { node, element, button, label, around };
  if (node.words) element.append(made("div", { class: "tokens" }, ...node.words.map((word) => made("span", { lang: "und" }, word))));
  if (node.parts?.length) {
    element.append(made("div", { class: "parts" }, ...node.parts.map((part) => mapElement(part, go, [...around, node.place]))));
  }
  return element;
}

function nameMap() {
  for (const { node, label } of mapNodes) {
    const both = [node.zh ?? PARTS[node.en] ?? "", node.en.replaceAll("_", " ")].filter(Boolean);
    if (language === "en") both.reverse();
    const [first, second] = both;
    const beside = second && (node.number || node.kind === "section") ? made("small", {}, second) : null;
    label.replaceChildren(first, ...(beside ? [" ", beside] : []));
  }
}

let litAs = "";
function lightMap(place, way) {
  if (litAs === `${place}/${way}`) return null;
  litAs = `${place}/${way}`;
  for (const [number, { element, button, around }] of mapNodes.entries()) {
    const here = number === place, inside = mapNodes[place]?.around.includes(number);
    element.classList.toggle("lit", here);
    element.classList.toggle("around", Boolean(inside));
    element.dataset.way = here || inside ? way : "";
    if (here) button.setAttribute("aria-current", "location");
    else button.removeAttribute("aria-current");
    button.tabIndex = here || (!mapNodes[place] && number === 0) ? 0 : -1;
  }
  return mapNodes[place]?.button;
}

function keepInView(element) {
  const box = element?.closest(".scrolls, #model, #tree, #source");
  if (!box) return;
  const inner = element.getBoundingClientRect(), outer = box.getBoundingClientRect();
  if (inner.top < outer.top + 4 || inner.bottom > outer.bottom - 4) {
    box.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  }
}

function arrowsInMap(event) {
  const buttons = mapNodes.map(({ button }) => button);
  const now = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: now + 1, ArrowRight: now + 1, ArrowUp: now - 1, ArrowLeft: now - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  buttons[Math.max(0, Math.min(buttons.length - 1, to))].focus();
}

// ---- the calls

const opened = new Set();  // calls that the reader opened, and ~call of those that were closed
const treeRows = new Map();  // of each call that was shown: its row
const SIBLINGS = 60;
let children = null;

function childrenOf(book) {
  if (!children) {
    children = new Map([[-1, []]]);
    book.calls.forEach((call, number) => {
      if (!children.has(call.parent)) children.set(call.parent, []);
      children.get(call.parent).push(number);
    });
  }
  return children;
}

// The part of an address that its caller's does not say already.
function relative(address, around) {
  if (address === around) return "";
  return around && address.startsWith(`${around}.`) ? address.slice(around.length) : address;
}

function titleOf(book, call) {
  const { file, name } = book.sources[call.source];
  const module = file.replace(/.*\//, "").replace(/\.py$/, "");
  return `${module}.${name}`;
}

function treeRow(book, number, level, place, siblings) {
  if (!treeRows.has(number)) {
    const call = book.calls[number];
    treeRows.set(number, made("li", {
      role: "treeitem", "aria-level": level + 1, "aria-setsize": siblings, "aria-posinset": place + 1, "aria-selected": "false",
      "data-call": number, "data-way": call.way, style: `--level:${level}`, tabindex: -1,
    }, made("span", { class: "turn", "aria-hidden": "true" }, "·"), titleOf(book, call),
      made("small", {}, relative(call.address, book.calls[call.parent]?.address ?? ""))));
  }
  return treeRows.get(number);
}

function setTo(element, attribute, value) {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

// The calls around the current one; what stands there already stays, as laying out is what costs.
function buildTree(book, current, go) {
  const tree = document.getElementById("tree"), path = new Set(), list = [], all = childrenOf(book);
  for (let call = current; call >= 0; call = book.calls[call].parent) path.add(call);
  const more = (count, level) => list.push(made("li", { class: "more", role: "presentation", style: `--level:${level}` }, say("more", count)));
  const visit = (parent, level) => {
    const below = all.get(parent) ?? [];
    const here = below.findIndex((call) => path.has(call));
    const start = below.length > SIBLINGS ? Math.max(0, Math.min(here - SIBLINGS / 2, below.length - SIBLINGS)) : 0;
    const end = Math.min(below.length, start + SIBLINGS);
    if (start > 0) more(start, level);
    for (let place = start; place < end; place++) {
      const number = below[place], row = treeRow(book, number, level, place, below.length);
      list.push(row);
      if (!all.has(number)) continue;
      const open = path.has(number) && !opened.has(~number) || opened.has(number);
      if (row.getAttribute("aria-expanded") !== String(open)) {
        row.setAttribute("aria-expanded", String(open));
        row.firstChild.textContent = open ? "▾" : "▸";
      }
      if (open) visit(number, level + 1);
    }
    if (end < below.length) more(below.length - end, level);
  };
  visit(-1, 0);
  const active = document.activeElement, before = [...tree.children], selected = treeRows.get(current);
  let same = 0, after = 0;
  while (same < list.length && before[same] === list[same]) same++;
  while (after < Math.min(list.length, before.length) - same && before[before.length - 1 - after] === list[list.length - 1 - after]) after++;
  for (const row of before.slice(same, before.length - after)) row.remove();
  const rest = before[before.length - after] ?? null;
  for (const row of list.slice(same, list.length - after)) tree.insertBefore(row, rest);
  for (const row of list) {
    if (!row.dataset.call) continue;
    setTo(row, "aria-selected", String(row === selected));
    setTo(row, "tabindex", row === selected ? "0" : "-1");
  }
  if (!selected?.isConnected) list.find((row) => row.dataset.call)?.setAttribute("tabindex", "0");
  if (active?.dataset?.call && active.isConnected && active !== document.activeElement) active.focus();
  tree.onclick = (event) => {
    const row = event.target.closest("[role=treeitem]"), open = row?.getAttribute("aria-expanded");
    if (!row) return;
    if (open !== null && event.clientX - row.getBoundingClientRect().left < 16 + (Number(row.getAttribute("aria-level")) - 1) * 10) toggleCall(book, Number(row.dataset.call), current, go);
    else go(book.calls[Number(row.dataset.call)].begin);
  };
  tree.onkeydown = (event) => arrowsInTree(event, book, current, go);
  return selected?.isConnected ? selected : null;
}

function toggleCall(book, number, current, go) {
  const open = treeRows.get(number).getAttribute("aria-expanded") === "true";
  opened.delete(number);
  opened.delete(~number);
  opened.add(open ? ~number : number);
  buildTree(book, current, go);
}

function arrowsInTree(event, book, current, go) {
  const items = [...event.currentTarget.querySelectorAll('[role="treeitem"]')], now = items.indexOf(document.activeElement);
  if (now < 0) return;
  const item = items[now], number = Number(item.dataset.call), open = item.getAttribute("aria-expanded");
  const focus = (other) => other && (item.tabIndex = -1, other.tabIndex = 0, other.focus());
  const act = {
    ArrowDown: () => focus(items[now + 1]), ArrowUp: () => focus(items[now - 1]),
    Home: () => focus(items[0]), End: () => focus(items[items.length - 1]),
    ArrowRight: () => (open === "false" ? toggleCall(book, number, current, go) : focus(items[now + 1])),
    ArrowLeft: () => (open === "true" ? toggleCall(book, number, current, go) : focus(treeRows.get(book.calls[number].parent))),
    Enter: () => go(book.calls[number].begin), " ": () => go(book.calls[number].begin),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

// ---- the timeline

let flames = null, flamesKey = "", pointedStep = null;

function drawTimeline(book, step, partner) {
  const canvas = document.getElementById("timeline");
  const ink = look, width = Math.max(50, look.timeWidth);
  const deepest = Math.min(9, book.calls.reduce((most, call) => Math.max(most, call.depth), 0));
  const top = Math.round(ink.size * 1.25), row = Math.max(4, Math.min(9, (look.timeHeight - top - 2) / (deepest + 1)));
  const height = Math.ceil(top + row * (deepest + 1) + 2), count = Math.max(1, book.steps.length);
  const x = (place) => place / count * width;
  const key = [width, height, isDark(), ink.size, language, window.devicePixelRatio].join();
  if (key !== flamesKey) {
    flamesKey = key;
    flames = document.createElement("canvas");
    const pen = prepared(flames, width, height);
    pen.font = `${ink.size * 0.72}px ${ink.font}`;
    pen.textBaseline = "middle";
    for (const call of book.calls) {
      if (call.depth > deepest) continue;
      const left = x(call.begin), wide = Math.max(0.6, x(call.end) - left - (x(call.end) - left > 3 ? 0.7 : 0));
      pen.globalAlpha = { ops: 0.95, fast: 0.95, layers: 0.62, blocks: 0.42 }[book.sources[call.source].room] ?? 0.24;
      pen.fillStyle = ink[call.way] ?? ink.soft;
      pen.fillRect(left, top + call.depth * row, wide, row - 1);
    }
    pen.globalAlpha = 1;
    let free = 0;
    const ways = [];
    book.steps.forEach((_, place) => {  // where the way forward and the way back begin
      const way = book.calls[book.steps[place][0]].way;
      if (ways[ways.length - 1]?.way !== way) ways.push({ way, begin: place, end: place + 1 });
      else ways[ways.length - 1].end = place + 1;
    });
    for (const { way, begin, end } of ways.sort((a, b) => (b.end - b.begin) - (a.end - a.begin)).slice(0, 6).sort((a, b) => a.begin - b.begin)) {
      const text = way === "backward" ? `◀ ${say(way)}` : way === "forward" ? `${say(way)} ▶` : say(way);
      const wide = pen.measureText(text).width;
      if (x(begin) < free || x(end) - x(begin) < wide) continue;
      pen.fillStyle = ink[way] ?? ink.soft;
      pen.fillText(text, x(begin) + 2, top / 2);
      free = x(begin) + wide + 12;
    }
  }
  const pen = prepared(canvas, width, height);
  pen.drawImage(flames, 0, 0, width, height);
  const now = x(step + 0.5);
  if (partner >= 0) {
    const there = x(partner + 0.5);
    pen.strokeStyle = ink.mark;
    pen.lineWidth = 1.5;
    pen.setLineDash([4, 3]);
    pen.beginPath();
    pen.moveTo(now, top);
    pen.quadraticCurveTo((now + there) / 2, -top * 0.8, there, top);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = ink.mark;
    pen.beginPath();
    pen.moveTo(there - 4, top - 5);
    pen.lineTo(there + 4, top - 5);
    pen.lineTo(there, top + 2);
    pen.fill();
  }
  pen.fillStyle = ink.mark;
  pen.fillRect(now - 1, 2, 2, height - 2);
  pen.beginPath();
  pen.arc(now, 5, 4.5, 0, 7);
  pen.fill();
  if (pointedStep !== null) {
    const call = book.calls[book.steps[pointedStep][0]], text = `${pointedStep + 1}  ${call.address}  ${titleOf(book, call)}`;
    pen.font = `${ink.size * 0.78}px ${ink.font}`;
    pen.textBaseline = "middle";
    const wide = pen.measureText(text).width + 12, left = Math.max(0, Math.min(width - wide, x(pointedStep) - wide / 2));
    pen.fillStyle = ink.ink;
    pen.fillRect(left, 0, wide, top + 1);
    pen.fillStyle = ink.panel;
    pen.fillText(text, left + 6, top / 2 + 1);
    pen.fillRect(x(pointedStep + 0.5), top, 1, height);
  }
  canvas.setAttribute("aria-valuemax", count);
  canvas.setAttribute("aria-valuenow", step + 1);
}

function followTimeline(book, go, redraw) {
  const canvas = document.getElementById("timeline");
  const stepAt = (event) => {
    const box = canvas.getBoundingClientRect();
    return Math.max(0, Math.min(book.steps.length - 1, Math.floor((event.clientX - box.left) / box.width * book.steps.length)));
  };
  let dragging = false;
  canvas.addEventListener("pointerdown", (event) => {
    dragging = true;
    canvas.setPointerCapture(event.pointerId);
    go(stepAt(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    pointedStep = stepAt(event);
    if (dragging) go(pointedStep);
    else redraw();
  });
  canvas.addEventListener("pointerup", () => (dragging = false));
  canvas.addEventListener("pointercancel", () => (dragging = false));
  canvas.addEventListener("pointerleave", () => {
    pointedStep = null;
    redraw();
  });
}
