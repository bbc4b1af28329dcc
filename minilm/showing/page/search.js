"use strict";
// Search by name or address, and what is nearest to one that matches nothing.

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
  const { leftOut: left, note } = book.about;
  if (!left.arrays && !note) return null;
  const said = () => (left.arrays ? say("left-out", left.numbers.toLocaleString("en"), left.arrays.toLocaleString("en"), CORNER_OPTION) : "");
  return { parts: () => [[note && noteSaid(note), said()].filter(Boolean).join(" ")] };
}
