"use strict";
// The controls below and the keys.

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
    setTo(button, "title", long);
    if (!text) setTo(button, "aria-label", long);  // else its words are its name
    setTo(button, "aria-disabled", String(name !== "play" && possible(name) === null));
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
