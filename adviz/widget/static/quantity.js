// How numbers and arrays are written on the page: a quantity is either. adviz/views/quantity.py follows the same rules.

import { aNumber, refuse } from "./check.js";
import { exact, format, HIDDEN, toNumber } from "./number.js";

/** @typedef {import("./number.js").JsonNumber} JsonNumber */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{min: JsonNumber, max: JsonNumber, mean: JsonNumber, nan: number}} Summary */
/** @typedef {{shape: number[], values: JsonNumber[], folded?: boolean, summary?: Summary}} JsonArray entries row by row */
/** @typedef {JsonNumber | JsonArray} Quantity */

export const IN_LINE = 4; // entries that stand in a line in full
const MOST_AXES = 64;
const LABEL = 9; // characters of an array on an edge
const IN_FULL = 100; // entries that are listed; of more there is a summary

/**
 * @param {unknown} quantity
 * @returns {quantity is JsonArray}
 */
export function isArray(quantity) {
  return typeof quantity === "object" && quantity !== null && "shape" in quantity;
}

/** @param {Quantity} quantity */
export function sizeOf(quantity) {
  return isArray(quantity) ? quantity.shape.reduce((size, n) => size * n, 1) : 1;
}

/** A number, or an array whose entries are as many as its shape says. @type {import("./check.js").Check} */
export function aQuantity(value, place) {
  if (!isArray(value)) return aNumber(value, place);
  const { shape, values, folded = false, summary } = value;
  const isLength = (/** @type {unknown} */ n) => Number.isSafeInteger(n) && /** @type {number} */ (n) >= 0;
  if (!Array.isArray(shape) || shape.length > MOST_AXES || !shape.every(isLength)) refuse(`${place}.shape`, "a shape", shape);
  if (!Array.isArray(values)) refuse(`${place}.values`, "a list", values);
  if (typeof folded !== "boolean" || (folded && sizeOf(value) <= IN_LINE)) refuse(`${place}.folded`, "true of many entries", folded);
  const count = folded ? places(shape).length : sizeOf(value);
  if (values.length !== count) refuse(`${place}.values`, `a list of ${count}`, values);
  for (let n = 0; n < count; n++) aNumber(values[n], `${place}.values[${n}]`);
  for (const key of folded ? /** @type {const} */ (["min", "max", "mean", "nan"]) : []) aNumber(summary?.[key], `${place}.summary.${key}`);
}

/**
 * Which entries of an array of more than 4 are shown, counted row by row.
 * @param {number[]} shape
 */
function places(shape) {
  const last = shape[shape.length - 1];
  if (shape.length === 1) return [0, 1, last - 1];
  return last > 1 ? [0, 1] : [0];
}

/** @param {number[]} shape */
export function shapeText(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/**
 * A quantity in one line, folded: "[1 2 3]", "[1 2 … 9] (9,)", "[[1 2 …] …] (2, 3)".
 * @param {Quantity} quantity
 * @returns {string}
 */
export function written(quantity) {
  if (quantity === HIDDEN) return HIDDEN;
  if (!isArray(quantity)) return format(toNumber(quantity));
  const { shape, values } = quantity;
  if (!shape.length) return format(toNumber(values[0]));
  const size = sizeOf(quantity);
  if (size === 0) return `[] ${shapeText(shape)}`;
  if (size <= IN_LINE) return nested(values.map((x) => format(toNumber(x))), shape, " ");
  const shown = (quantity.folded ? values : places(shape).map((n) => values[n])).map((x) => format(toNumber(x)));
  if (shape.length === 1) return `[${shown[0]} ${shown[1]} … ${shown[2]}] ${shapeText(shape)}`;
  let line = `[${shown.join(" ")}${shape[shape.length - 1] > shown.length ? " …" : ""}]`;
  for (const n of shape.slice(0, -1).reverse()) line = `[${line}${n > 1 ? " …" : ""}]`;
  return `${line} ${shapeText(shape)}`;
}

/**
 * All entries, in brackets within brackets.
 * @param {string[]} entries
 * @param {number[]} shape
 * @param {string} space
 */
function nested(entries, shape, space) {
  for (const n of shape.slice().reverse()) {
    const groups = [];
    for (let k = 0; k < entries.length; k += n) groups.push(`[${entries.slice(k, k + n).join(space)}]`);
    entries = groups;
  }
  return entries[0];
}

/**
 * A quantity where only so many characters fit: the line, or the first entry and the shape, or the shape.
 * @param {Quantity} quantity
 * @param {number} room
 */
export function inBox(quantity, room) {
  const line = written(quantity);
  if (!isArray(quantity) || !quantity.shape.length || line.length <= room) return line;
  const { shape, values } = quantity;
  const text = shapeText(shape);
  if (!values.length) return text;
  const first = `${"[".repeat(shape.length)}${format(toNumber(values[0]))} …${"]".repeat(shape.length)} ${text}`;
  return first.length <= room ? first : text;
}

/**
 * A quantity in a sentence: a long array is named by its shape.
 * @param {Quantity} quantity
 * @param {Words} words
 */
export function told(quantity, words) {
  const long = isArray(quantity) && quantity.shape.length > 0 && sizeOf(quantity) > IN_LINE;
  return long ? words("page.array", { shape: shapeText(quantity.shape) }) : written(quantity);
}

/**
 * A partial on an edge: a number, the number that all entries of an array are, or the array where there is little room.
 * @param {Quantity} quantity
 */
export function label(quantity) {
  return inBox(theSame(quantity) ?? quantity, LABEL);
}

/**
 * The number that every entry is; null if they differ or there are none.
 * @param {Quantity} quantity
 * @returns {JsonNumber | null}
 */
export function theSame(quantity) {
  if (!isArray(quantity)) return quantity;
  const { folded, summary, values } = quantity;
  const found = folded && summary ? (summary.nan === 0 ? [summary.min, summary.max] : []) : values;
  return found.length && found.every((x) => x === found[0]) ? found[0] : null;
}

/**
 * Everything there is to say of an array: its entries with every digit, row by row, where they are not too many; else what they are like.
 * @param {JsonArray} array
 * @param {Words} words
 * @returns {{summary: string, entries: string}}
 */
export function inFull(array, words) {
  const digits = (/** @type {JsonNumber} */ x) => exact(toNumber(x)).replace("-", "−");
  const shape = shapeText(array.shape);
  if (!array.folded && sizeOf(array) <= IN_FULL) {
    const entries = rows(array.values.map(digits), array.shape);
    const isSaid = entries.replaceAll("\n", " ") === written(array);
    return isSaid ? { summary: "", entries: "" } : { summary: words("page.array_full", { shape }), entries };
  }
  const { min, max, mean, nan } = array.summary ?? summaryOf(array.values.map(toNumber));
  const numbers = { min: written(min), max: written(max), mean: written(mean) };
  const summary = words("page.array_summary", { shape, ...numbers });
  const missing = words("page.array_nan", { count: /** @type {number} */ (nan), size: sizeOf(array) });
  return { summary: nan ? words("page.array_some", { summary, missing }) : words("page.array_all", { summary }), entries: "" };
}

/**
 * Nested brackets with each row on a line of its own.
 * @param {string[]} entries
 * @param {number[]} shape
 */
function rows(entries, shape) {
  if (!entries.length) return `[] ${shapeText(shape)}`;
  return nested(entries, shape, " ").replaceAll("] [", "]\n[");
}

/**
 * @param {number[]} values
 * @returns {Summary}
 */
function summaryOf(values) {
  const kept = values.filter((x) => !Number.isNaN(x));
  const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
  const [min, max] = kept.length ? [Math.min(...kept), Math.max(...kept)] : [NaN, NaN];
  return { min, max, mean, nan: values.length - kept.length };
}

/**
 * An array with one entry replaced.
 * @param {JsonArray} array
 * @param {number} n which entry, counted row by row
 * @param {JsonNumber} x
 * @returns {JsonArray}
 */
export function withEntry(array, n, x) {
  return { ...array, values: array.values.map((old, k) => (k === n ? x : old)) };
}

/**
 * What an entry is called: "x[0]", "W[1, 2]".
 * @param {string} name
 * @param {number[]} shape
 * @param {number} n counted row by row
 */
export function entryName(name, shape, n) {
  const index = [];
  for (const length of shape.slice().reverse()) {
    index.unshift(n % length);
    n = Math.floor(n / length);
  }
  return `${name}[${index.join(", ")}]`;
}
