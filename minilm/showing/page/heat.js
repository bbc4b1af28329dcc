"use strict";
// An array as a picture: a heat map on a diverging scale centred at zero, squares by size where colour must not be
// needed, and lines between tokens for attention.

const SCALES = {  // orange below zero, blue above: told apart by every kind of colour vision
  light: { zero: [250, 250, 251], above: [[107, 170, 217], [8, 69, 138]], below: [[243, 178, 104], [153, 61, 4]] },
  dark: { zero: [33, 39, 50], above: [[52, 120, 186], [164, 214, 255]], below: [[176, 96, 28], [255, 208, 150]] },
};

// What the style sheet says of colours and sizes, read once: asking a browser for it makes it lay the page out.
const look = { dark: false, width: 300 };

function readLook() {
  const style = getComputedStyle(document.documentElement), ink = (name) => style.getPropertyValue(name).trim();
  Object.assign(look, { dark: ink("--is-dark") === "1", size: parseFloat(style.fontSize), font: ink("--sans"),
    width: document.getElementById("arrays").clientWidth, timeWidth: document.getElementById("time").clientWidth,
    timeHeight: document.getElementById("time").clientHeight, height: window.innerHeight });
  for (const name of ["ink", "soft", "line", "panel", "mark", "forward", "backward"]) look[name] = ink(`--${name}`);
}

function isDark() {
  return look.dark;
}

// The colours of small pictures: greys where the reader wants none, with the sign left to the large one.
function scaleColours() {
  if (!document.documentElement.dataset.plain) return SCALES[isDark() ? "dark" : "light"];
  const [zero, middle, end] = isDark() ? [33, 130, 245] : [250, 140, 20];
  const grey = (value) => [value, value, value];
  return { zero: grey(zero), above: [grey(middle), grey(end)], below: [grey(middle), grey(end)] };
}

function mixed(from, to, share) {
  return from.map((value, place) => Math.round(value + (to[place] - value) * share));
}

// [red, green, blue] of a number between -scale and scale
function colourOf(value, scale, colours) {
  const share = Math.max(-1, Math.min(1, value / scale));
  const [middle, end] = share < 0 ? colours.below : colours.above;
  const size = Math.abs(share);
  return size < 0.5 ? mixed(colours.zero, middle, size * 2) : mixed(middle, end, size * 2 - 1);
}

function rgb(colour) {
  return `rgb(${colour[0]} ${colour[1]} ${colour[2]})`;
}

function readableOn(colour) {
  const [r, g, b] = colour.map((value) => (value / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.22 ? "#10151d" : "#ffffff";
}

function prepared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.round(width * ratio), high = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  if (canvas.width === wide && canvas.height === high && canvas.style.width === `${width}px`) {  // a new size costs a new store
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  }
  canvas.width = wide;
  canvas.height = high;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

// The colours from -1 to 1 as pixels, and at the end that of what is not finite.
const SHADES = 127;
function shades(colours) {
  if (!colours.shades) {
    const bytes = new Uint8ClampedArray((2 * SHADES + 2) * 4);
    for (let place = 0; place <= 2 * SHADES; place++) bytes.set([...colourOf(place / SHADES - 1, 1, colours), 255], place * 4);
    bytes.set([200, 0, 160, 255], (2 * SHADES + 1) * 4);
    colours.shades = new Uint32Array(bytes.buffer);
  }
  return colours.shades;
}

// A small picture of a matrix, at most as many pixels as it has cells: for tabs, lines of the source and the tree.
function thumbnail(canvas, matrix, scale, width, height) {
  const colours = scaleColours();
  const columns = Math.max(1, Math.min(matrix.columns, width)), rows = Math.max(1, Math.min(matrix.rows, height));
  canvas.width = columns;
  canvas.height = rows;
  const pen = canvas.getContext("2d"), image = pen.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer), table = shades(colours);
  for (let i = 0, place = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = matrix.get(Math.floor(i * matrix.rows / rows), Math.floor(j * matrix.columns / columns));
      const share = Math.max(-1, Math.min(1, value / scale));
      pixels[place++] = Number.isFinite(value) ? table[Math.round((share + 1) * SHADES)] : table[2 * SHADES + 1];
    }
  }
  pen.putImageData(image, 0, 0);
}

// Draws matrix rows first.row ... and columns first.column ... into the canvas; returns where its cells are.
function drawMatrix(canvas, matrix, { scale, rowLabels, columnLabels, first, most, width, plain, cursor, deep }) {
  const { ink, soft, line, mark, font, size } = look;
  const small = Math.max(10, size * 0.75);
  const measure = canvas.getContext("2d");
  measure.font = `${small}px ${font}`;
  const rows = Math.min(most.rows, matrix.rows - first.row), columns = Math.min(most.columns, matrix.columns - first.column);
  const nameOfRow = (i) => rowLabels?.[first.row + i] ?? String(first.row + i);
  const nameOfColumn = (j) => columnLabels?.[first.column + j] ?? String(first.column + j);
  let left = 0, longest = 0;
  for (let i = 0; i < rows; i++) left = Math.max(left, measure.measureText(nameOfRow(i)).width);
  left = Math.min(left + 8, width * 0.3);
  for (let j = 0; j < columns; j++) longest = Math.max(longest, measure.measureText(nameOfColumn(j)).width);
  const cellWidth = Math.max(1, Math.min(size * (columnLabels ? 7 : 4), (width - left - 2) / columns));
  const turned = Boolean(columnLabels) && longest + 4 > cellWidth;
  const top = turned ? Math.min(longest * 0.72 + 14, 90) : small + 8;
  const room = deep ?? 300;
  const cellHeight = Math.max(rows > 40 ? 3 : 8, Math.min(size * (columnLabels ? 3.6 : 2.5), (room - top) / rows));
  const height = top + cellHeight * rows + 2;
  const pen = prepared(canvas, Math.ceil(left + cellWidth * columns + 2 + (turned ? Math.min(60, longest * .7) : 0)), Math.ceil(height));
  const colours = SCALES[isDark() ? "dark" : "light"];
  pen.font = `${small}px ${font}`;
  pen.textBaseline = "middle";
  pen.fillStyle = soft;
  pen.textAlign = "right";
  const everyRow = Math.max(1, Math.ceil((small + 2) / cellHeight));
  for (let i = 0; i < rows; i += everyRow) {
    pen.fillText(fitted(pen, nameOfRow(i), left - 6), left - 6, top + (i + 0.5) * cellHeight);
  }
  const needed = turned ? small + 2 : longest + 8;
  let everyColumn = Math.max(1, Math.ceil(needed / cellWidth));
  if (!columnLabels && everyColumn > 1) everyColumn = [2, 4, 5, 8, 10, 16, 20, 32, 40, 50, 64, 100, 128].find((n) => n >= everyColumn) ?? everyColumn;
  for (let j = 0; j < columns; j += everyColumn) {
    const x = left + (j + 0.5) * cellWidth;
    if (turned) {
      pen.save();
      pen.translate(x, top - 6);
      pen.rotate(-Math.PI / 4);
      pen.textAlign = "left";
      pen.fillText(fitted(pen, nameOfColumn(j), 100), 0, 0);
      pen.restore();
    } else {
      pen.textAlign = "center";
      pen.fillText(nameOfColumn(j), x, top - small / 2 - 3);
    }
  }
  const gap = Math.min(cellWidth, cellHeight) > 12 ? 1 : 0;
  let written = false, digits = 1;
  if (cellWidth >= small * 1.5 && cellHeight >= small + 3 && rows * columns <= 400) {
    for (digits = 2; !written && digits > 0;) {  // the numbers are written where the longest has room
      digits -= 1;
      let longestNumber = "";
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const text = brief(matrix.get(first.row + i, first.column + j), digits);
          if (text.length > longestNumber.length) longestNumber = text;
        }
      }
      written = pen.measureText(longestNumber).width + 4 <= cellWidth;
    }
  }
  const fine = !gap && !plain && !written;
  if (fine) {  // many small cells are one picture of as many pixels, enlarged
    const small = document.createElement("canvas"), part = { rows, columns, get: (i, j) => matrix.get(first.row + i, first.column + j) };
    thumbnail(small, part, scale, columns, rows);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, left, top, cellWidth * columns, cellHeight * rows);
  }
  pen.textAlign = "center";
  for (let i = 0; i < rows && !fine; i++) {
    for (let j = 0; j < columns; j++) {
      const value = matrix.get(first.row + i, first.column + j);
      const x = left + j * cellWidth, y = top + i * cellHeight;
      let paper;
      if (!Number.isFinite(value)) {
        paper = [200, 0, 160];
        pen.fillStyle = rgb(paper);
        pen.fillRect(x, y, cellWidth - gap, cellHeight - gap);
      } else if (plain) {
        paper = null;
        sizeMark(pen, value / scale, x, y, cellWidth - gap, cellHeight - gap, ink, line, written);
      } else {
        paper = colourOf(value, scale, colours);
        pen.fillStyle = rgb(paper);
        pen.fillRect(x, y, cellWidth - gap, cellHeight - gap);
      }
      if (written) {
        pen.fillStyle = paper ? readableOn(paper) : ink;
        pen.fillText(brief(value, digits), x + (cellWidth - gap) / 2, y + (plain ? cellHeight - small / 2 - 1 : (cellHeight - gap) / 2));
      }
    }
  }
  pen.strokeStyle = line;
  pen.strokeRect(left - 0.5, top - 0.5, cellWidth * columns + 1 - gap, cellHeight * rows + 1 - gap);
  if (cursor && cursor.row >= first.row && cursor.row < first.row + rows && cursor.column >= first.column && cursor.column < first.column + columns) {
    pen.strokeStyle = mark;
    pen.lineWidth = 2;
    pen.strokeRect(left + (cursor.column - first.column) * cellWidth, top + (cursor.row - first.row) * cellHeight,
      Math.max(3, cellWidth - gap), Math.max(3, cellHeight - gap));
    pen.lineWidth = 1;
  }
  return { left, top, cellWidth, cellHeight, rows, columns };
}

// A square whose area is the number's size: filled above zero, hollow below.
function sizeMark(pen, share, x, y, width, height, ink, line, written) {
  const room = Math.min(width, written ? height - 14 : height);
  const side = Math.sqrt(Math.min(1, Math.abs(share))) * Math.max(1, room - 2);
  const middle = y + (written ? (height - 12) / 2 : height / 2);
  if (side < 0.7) return;
  if (share > 0) {
    pen.fillStyle = ink;
    pen.fillRect(x + (width - side) / 2, middle - side / 2, side, side);
  } else {
    pen.strokeStyle = ink;
    if (side < 3) pen.strokeRect(x + width / 2 - 0.5, middle - side / 2, 0.01, side);
    else pen.strokeRect(x + (width - side) / 2 + 0.5, middle - side / 2 + 0.5, side - 1, side - 1);
  }
}

function fitted(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && pen.measureText(`${characters.join("")}…`).width > width) characters.pop();
  return `${characters.join("")}…`;
}

// Attention as lines: from each row's token on the left to the columns' tokens on the right, as wide as the weight.
function drawLines(canvas, matrix, { rowLabels, columnLabels, scale, width, cursor }) {
  const { ink, soft, mark, font, size } = look;
  const step = Math.max(24, size * 1.7), rows = Math.min(matrix.rows, 40), columns = Math.min(matrix.columns, 40);
  const height = Math.max(rows, columns) * step + 12, side = Math.min(width * 0.32, 150);
  const pen = prepared(canvas, Math.min(width, 520), height);
  const right = Math.min(width, 520) - side;
  pen.font = `${size}px ${font}`;
  pen.textBaseline = "middle";
  const at = (place) => 6 + (place + 0.5) * step;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const share = Math.min(1, Math.abs(matrix.get(i, j)) / scale);
      if (share < 0.01) continue;
      const lit = !cursor || cursor.row === i;
      pen.globalAlpha = lit ? 0.15 + 0.85 * share : 0.08;
      pen.strokeStyle = lit && cursor ? mark : soft;
      pen.lineWidth = 0.5 + 9 * share;
      pen.setLineDash(matrix.get(i, j) < 0 ? [6, 4] : []);
      pen.beginPath();
      pen.moveTo(side + 4, at(i));
      pen.bezierCurveTo((side + right) / 2, at(i), (side + right) / 2, at(j), right - 4, at(j));
      pen.stroke();
    }
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  pen.lineWidth = 1;
  pen.fillStyle = ink;
  pen.textAlign = "right";
  for (let i = 0; i < rows; i++) {
    pen.font = `${cursor?.row === i ? "bold " : ""}${size}px ${font}`;
    pen.fillText(fitted(pen, rowLabels?.[i] ?? String(i), side - 4), side - 2, at(i));
  }
  pen.font = `${size}px ${font}`;
  pen.textAlign = "left";
  for (let j = 0; j < columns; j++) pen.fillText(fitted(pen, columnLabels?.[j] ?? String(j), side - 4), right + 2, at(j));
  return { left: 0, top: 6, cellWidth: Math.min(width, 520), cellHeight: step, rows, columns: 1, whole: true };
}

function drawHistogram(canvas, tensor, width, height) {
  const { ink, soft, line, font, size } = look, { counts } = histogramOf(tensor);
  const pen = prepared(canvas, width, height), most = Math.max(1, ...counts), wide = width / counts.length;
  const colours = SCALES[isDark() ? "dark" : "light"], deep = height - 2;
  counts.forEach((count, place) => {
    const tall = count ? Math.max(1.5, Math.sqrt(count / most) * (deep - 2)) : 0;
    const share = (place + 0.5) / counts.length * 2 - 1;
    pen.fillStyle = document.documentElement.dataset.plain || Math.abs(share) * counts.length < 1 ? soft : rgb(colourOf(Math.sign(share) * (0.35 + 0.65 * Math.abs(share)), 1, colours));
    pen.fillRect(place * wide + 0.5, deep - tall, Math.max(1, wide - 1), tall);
  });
  pen.fillStyle = line;
  pen.fillRect(0, deep, width, 1);
  pen.fillStyle = line;
  pen.fillRect(width / 2 - 0.5, deep, 1, 2);
}

// The scale itself: of colours a gradient of the style sheet's, without them squares from hollow to filled.
function scalePicture(width, height, attributes) {
  if (document.documentElement.dataset.plain) {
    const canvas = made("canvas", attributes), pen = prepared(canvas, width, height);
    for (let place = 0; place < 9; place++) {
      sizeMark(pen, place / 4 - 1, place * width / 9, 0, width / 9, height, look.ink, look.line, false);
    }
    return canvas;
  }
  const { zero, above, below } = SCALES[isDark() ? "dark" : "light"];
  const bar = made("span", { ...attributes, class: "bar" });
  bar.style.cssText = `width:${width}px;height:${height}px;background:linear-gradient(to right,${[below[1], below[0], zero, ...above].map(rgb)})`;
  return bar;
}
