"use strict";
// The arrays of the recording: where their numbers stand in the page, how they are read and written.

// Bytes of array `tensor`, decoded when first asked for. They start at a multiple of three bytes, so at a whole
// group of four characters.
function numbersOf(tensor) {
  if (tensor.values !== undefined) return tensor.values;
  tensor.values = null;
  if (tensor.kept) {
    const size = SIZES[tensor.form] * product(tensor.kept);
    const first = tensor.at / 3 * 4;
    const text = numbersText().slice(first, first + Math.ceil(size / 3) * 4);
    const binary = atob(text);
    const bytes = new Uint8Array(new ArrayBuffer(size));
    for (let place = 0; place < size; place++) bytes[place] = binary.charCodeAt(place);
    tensor.values = littleEndian(bytes.buffer, tensor.form);
  }
  return tensor.values;
}

const SIZES = { f4: 4, f8: 8, i4: 4, u1: 1 };
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function littleEndian(buffer, form) {
  const arrays = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array };
  if (LITTLE || form === "u1") return new arrays[form](buffer);
  const view = new DataView(buffer);
  const read = { f4: "getFloat32", f8: "getFloat64", i4: "getInt32" }[form];
  return arrays[form].from({ length: buffer.byteLength / SIZES[form] }, (_, place) => view[read](place * SIZES[form], true));
}

let allNumbers = null;
function numbersText() {
  allNumbers ??= document.getElementById("numbers").textContent.trim();
  return allNumbers;
}

function product(shape) {
  return shape.reduce((sofar, size) => sofar * size, 1);
}

// A number as it is shown everywhere: five digits, exactly rounded from the array's own.
function shown(value, digits = 5) {
  if (typeof value === "string") return value;  // "nan", "inf", "-inf": JSON has no such numbers
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value).replace("-", "−");
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(digits - 1) : value.toPrecision(digits);
  return text.replaceAll("-", "−");
}

function brief(value, digits = 1) {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || Number.isInteger(value) && size < 1e4) return shown(value);
  if (size !== 0 && (size < 1e-2 || size >= 1e4)) return value.toExponential(digits).replaceAll("-", "−").replace("+", "");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace("-", "−");
}

// A matrix of the array: its last two axes, the leading ones fixed at `leading`. One axis is a row, none a cell.
function matrixOf(tensor, leading) {
  const kept = tensor.kept;
  if (!kept) return null;
  const columns = kept.length ? kept[kept.length - 1] : 1;
  const rows = kept.length > 1 ? kept[kept.length - 2] : 1;
  let start = 0;
  for (let axis = 0; axis < kept.length - 2; axis++) {
    start = start * kept[axis] + Math.min(leading[axis] ?? 0, Math.max(0, kept[axis] - 1));
  }
  const values = numbersOf(tensor);
  start *= rows * columns;
  return { rows, columns, values, start, get: (i, j) => values[start + i * columns + j] };
}

// The scale is that of the whole array, so that heads and rows can be compared: its largest absolute number.
function scaleOf(tensor) {
  if (tensor.scale !== undefined) return tensor.scale;
  let largest = Math.max(Math.abs(tensor.least ?? 0), Math.abs(tensor.greatest ?? 0));
  if (tensor.kept && !Number.isFinite(largest) || tensor.least === null || typeof tensor.least === "string") {
    largest = 0;
    for (const value of numbersOf(tensor) ?? []) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  }
  tensor.scale = largest || 1;
  return tensor.scale;
}

function histogramOf(tensor, bins = 31) {
  if (tensor.histogram) return tensor.histogram;
  const scale = scaleOf(tensor), counts = new Array(bins).fill(0);
  let total = 0;
  for (const value of numbersOf(tensor) ?? []) {
    if (!Number.isFinite(value)) continue;
    counts[Math.min(bins - 1, Math.floor((value / scale + 1) / 2 * bins))]++;
    total++;
  }
  const fullest = counts.indexOf(Math.max(...counts));
  const edge = (place) => (place / bins * 2 - 1) * scale;
  tensor.histogram = { counts, total, fullest, from: edge(fullest), to: edge(fullest + 1), scale };
  return tensor.histogram;
}
