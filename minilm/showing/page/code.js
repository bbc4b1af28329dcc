"use strict";
// Python as it is read: a small highlighter, and formulas of docstrings set as formulas.

const KEYWORDS = new Set(("and as assert break class continue def del elif else except finally for from global if import in is "
  + "lambda None not or pass raise return True False try while with yield").split(" "));
const UPRIGHT = new Set(("exp log max min sum mean sqrt tanh sigmoid softmax erf relu gelu sin cos norm where if else and or of over "
  + "the for not each split into heads width with from is are concatenation embedding linear dropout onto otherwise elsewhere").split(" "));

// Lines of Python -> lines of [kind, text]; a triple-quoted text may run over lines.
function highlighted(lines) {
  const pattern = /(?<comment>#.*)|(?<text>[rbf]?"""|[rbf]?"(?:[^"\\]|\\.)*"|[rbf]?'(?:[^'\\]|\\.)*')|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d[\d_]*\.?\d*(?:e[+-]?\d+)?j?)|(?<rest>.)/gu;
  let inside = false, defining = false;
  return lines.map((line) => {
    const parts = [];
    const add = (kind, text) => {
      const last = parts[parts.length - 1];
      if (last && last[0] === kind) last[1] += text;
      else parts.push([kind, text]);
    };
    let rest = line;
    if (inside) {
      const end = rest.indexOf('"""');
      if (end < 0) return [["text", line]];
      add("text", rest.slice(0, end + 3));
      rest = rest.slice(end + 3);
      inside = false;
    }
    pattern.lastIndex = 0;
    for (let found; (found = pattern.exec(rest));) {
      const groups = found.groups;
      if (groups.comment) add("comment", groups.comment);
      else if (groups.text?.endsWith('"""') && groups.text.length <= 4) {
        const end = rest.indexOf('"""', pattern.lastIndex);
        if (end < 0) {
          add("text", rest.slice(found.index));
          inside = true;
          break;
        }
        add("text", rest.slice(found.index, end + 3));
        pattern.lastIndex = end + 3;
      } else if (groups.text) add("text", groups.text);
      else if (groups.word) {
        if (KEYWORDS.has(groups.word)) add("keyword", groups.word);
        else add(defining ? "defined" : "", groups.word);
        defining = groups.word === "def";
      } else add(groups.number ? "number" : "", found[0]);
    }
    return parts;
  });
}

// A docstring -> its title, its formulas (indented lines) and its prose.
function docstring(text) {
  const paragraphs = text.split(/\n\s*\n/);
  const title = paragraphs[0].split("\n").map((line) => line.trim()).join(" ");
  const formulas = [], prose = [];
  for (const paragraph of paragraphs.slice(1)) {
    const lines = paragraph.split("\n");
    if (lines.every((line) => line.startsWith("    "))) formulas.push(...lines.map((line) => line.slice(4).trimEnd()));
    else {
      const split = lines.findIndex((line) => line.startsWith("    "));
      const words = split < 0 ? lines : lines.slice(0, split);
      prose.push(words.map((line) => line.trim()).join(" "));
      if (split >= 0) formulas.push(...lines.slice(split).map((line) => line.slice(4).trimEnd()));
    }
  }
  return { title, formulas, prose };
}

// A formula's line -> its parts, each with the name that it defines: "dv = weightsᵀ dy        dweights = dy vᵀ" has two.
function formulaParts(line) {
  const parts = [];
  for (const piece of line.split(/( {3,})/)) {
    if (!piece) continue;
    const defined = /^\s*((?:[\p{L}\p{M}\p{N}_']+(?:\[[^\]]*\])?\s*,\s*)*[\p{L}\p{M}\p{N}_']+(?:\[[^\]]*\])?)\s*=/u.exec(piece);
    const names = defined ? defined[1].split(",").map((name) => name.trim().replace(/\u0302/gu, "hat").replace(/\[.*/, "").replace(/_\p{L}$/u, "")) : [];
    parts.push({ text: piece, names });
  }
  return parts;
}

// Where the prose of a formula's part begins: "dW = Σ dy over all positions", or all of "queries from the target".
const PROSE = /(?<![\p{L}_])(?:over|where|with|from|whose|that|which|as|in|for|on|onto)(?![\p{L}_])/u;
function proseFrom(text) {
  const words = !/[=√Σᵀ·/~]/.test(text) && /\p{L}{2,}[ ,-]+\p{L}{2,}/u.test(text);
  return PROSE.exec(text)?.index ?? (words ? 0 : Infinity);
}

// Text in which `names` are set as code.
function withCode(text) {
  return text.split("`").map((part, place) => (place % 2 ? made("code", {}, part) : part));
}

// Typesets a part of a formula into `place`: names italic, functions upright, subscripts below.
function typeset(place, text) {
  const pattern = /(?<name>[\p{L}][\p{L}\p{N}_']*?(?=_\{|_\p{L}{1,2}(?![\p{L}\p{N}_])|[^\p{L}\p{N}_']|ᵀ|$))(?<sub>_(?:\{[^}]*\}|\p{L}{1,2}(?![\p{L}\p{N}_])))?(?<call>\()?|(?<rest>ᵀ|[^\p{L}]+)/gu;
  const prose = proseFrom(text);
  for (const found of text.matchAll(pattern)) {
    const { name, sub, call, rest } = found.groups;
    if (rest) {
      place.append(rest.replaceAll(" - ", " − ").replace(/-(?=[\p{L}\d(])/gu, "−"));
      continue;
    }
    const word = found.index >= prose && name.length > 2 && !sub && !/^\s*=/.test(text.slice(found.index + found[0].length));
    const upright = word || call || UPRIGHT.has(name) || /[\u3400-\u9fff]/.test(name);
    const letters = made("span", { class: upright ? "upright" : "variable" }, name);
    place.append(letters);
    if (sub) place.append(made("sub", {}, sub.slice(1).replace(/[{}]/g, "")));
    if (call) place.append("(");
  }
}

// A new element with attributes, listeners (on...) and children.
function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
