// A document as JSON text, complete in itself: the bytes that came beside it in base64, and the numbers that are on the screen.

import { toJson, toNumber } from "./number.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Mode} Mode */

const IN_A_LIST = 4000; // entries: a longer column is bytes, as adviz/views/columns.py writes it
const AT_ANY_POINT = new Set(["program"]); // of the other modes, what does not depend on the point

/**
 * @param {string} text of the document as it came
 * @param {import("./columns.js").Beside} beside the bytes that came with it
 * @param {TraceDocument} document as it is shown
 * @param {number[] | null} point where it is another than that of the text
 * @param {(mode: Mode) => import("./quantity.js").Quantity[] | null} seed of a sweep, now
 */
export function savedText(text, beside, document, point, seed) {
  const anew = document.numbers.version() > 0;
  if (!anew && !beside.byteLength) return text;
  const value = JSON.parse(text);
  if (anew) putNumbers(value, document, point, seed);
  return JSON.stringify(value, (_, part) => (Number.isSafeInteger(part?.at) && "type" in part ? within(part, beside) : part));
}

/**
 * @param {any} value the document as it came
 * @param {TraceDocument} document
 * @param {number[] | null} point
 * @param {(mode: Mode) => import("./quantity.js").Quantity[] | null} seed
 */
function putNumbers(value, document, point, seed) {
  const { values, partials, steps, results } = document.numbers.columns();
  Object.assign(value.variables, { value: columnOf(values), partials: columnOf(partials) });
  for (const mode of /** @type {Mode[]} */ (Object.keys(value.timelines))) {
    const timeline = value.timelines[mode];
    timeline.steps.number = columnOf(steps[mode] ?? []);
    timeline.result = Array.from(results[mode] ?? [], inJson);
    if (timeline.seed) timeline.seed = Array.from(seed(mode) ?? timeline.seed, inJson);
  }
  if (!point) return;
  point.forEach((x, n) => (value.inputs[n].value = toJson(x)));
  value.notes = document.notes.filter((note) => "text" in note);
  value.modes = Object.fromEntries(Object.entries(value.modes ?? {}).filter(([name]) => AT_ANY_POINT.has(name)));
  for (const other of Object.values(value.translations ?? {})) {
    delete other.notes;
    if (other.modes) other.modes = Object.fromEntries(Object.entries(other.modes).filter(([name]) => AT_ANY_POINT.has(name)));
  }
}

/** @param {any} x */
function inJson(x) {
  return typeof x === "number" ? toJson(x) : x;
}

/** A column of numbers; null, "there is none", is written 0. @param {import("./numbers.js").Column} column */
function columnOf(column) {
  if (column.length <= IN_A_LIST) return Array.from(column, (x) => inJson(x ?? 0));
  const bytes = new Uint8Array(Float64Array.from(column, (x) => toNumber(/** @type {import("./number.js").JsonNumber} */ (x ?? 0))).buffer);
  return { type: "f8", length: column.length, base64: base64Of(bytes) };
}

/** @param {{type: string, length: number, at: number}} column @param {import("./columns.js").Beside} beside */
function within({ type, length, at }, beside) {
  const size = Number(type.slice(1)) * length;
  const [buffer, start] = beside.from(at, size);
  return { type, length, base64: base64Of(new Uint8Array(buffer, start, size)) };
}

/** @param {Uint8Array} bytes */
function base64Of(bytes) {
  const pieces = [];
  for (let start = 0; start < bytes.length; start += 0x6000) pieces.push(btoa(String.fromCharCode(...bytes.subarray(start, start + 0x6000)))); // a multiple of 3
  return pieces.join("");
}
