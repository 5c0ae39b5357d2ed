// Columns: one entry for each variable, operand or step, from lists or from bytes; adviz/views/columns.py writes them.

import { aNumber, aRecord, anInteger, oneOf, refuse } from "./check.js";
import { aQuantity } from "./quantity.js";

/** @typedef {ArrayLike<number>} Integers */

/** @type {Record<string, [number, (bytes: ArrayBuffer, at: number, length: number) => Integers]>} */
const COLUMN_TYPES = {
  u1: [1, (bytes, at, length) => new Uint8Array(bytes, at, length)],
  u2: [2, (bytes, at, length) => new Uint16Array(bytes, at, length)],
  i4: [4, (bytes, at, length) => new Int32Array(bytes, at, length)],
  f8: [8, (bytes, at, length) => new Float64Array(bytes, at, length)],
};

/**
 * The entries of a column that is given by its bytes, in the text as base64 or beside it.
 * @param {any} column
 * @param {string} place
 * @param {ArrayBuffer} beside
 * @returns {Integers}
 */
function fromBytes(column, place, beside) {
  aRecord({ type: oneOf(Object.keys(COLUMN_TYPES)), length: anInteger })(column, place);
  const [width, view] = COLUMN_TYPES[column.type];
  const bytes = column.base64 === undefined ? beside : decoded(column.base64, `${place}.base64`);
  const at = column.base64 === undefined ? column.at : 0;
  if (!Number.isSafeInteger(at) || at < 0 || at % 8) refuse(`${place}.at`, "a place among the bytes", at);
  if (column.length < 0 || at + width * column.length > bytes.byteLength) refuse(`${place}.length`, "a length that the bytes have", column.length);
  return view(bytes, at, column.length);
}

/**
 * @param {unknown} text
 * @param {string} place
 * @returns {ArrayBuffer}
 */
function decoded(text, place) {
  if (typeof text !== "string") refuse(place, "base64", text);
  let content = "";
  try {
    content = atob(text);
  } catch {
    refuse(place, "base64", text.slice(0, 20));
  }
  const bytes = new Uint8Array(content.length);
  for (let n = 0; n < bytes.length; n++) bytes[n] = content.charCodeAt(n);
  return bytes.buffer;
}

/**
 * A column of integers from `low` to `high`, of that length.
 * @param {any} column
 * @param {string} place
 * @param {ArrayBuffer} beside
 * @param {{length: number, low: number, high: number}} wanted
 * @returns {Integers}
 */
export function readIntegers(column, place, beside, { length, low, high }) {
  const entries = Array.isArray(column) ? column : fromBytes(column, place, beside);
  if (entries.length !== length) refuse(place, `a column of ${length}`, entries.length);
  for (let n = 0; n < length; n++) {
    if (!Number.isInteger(entries[n]) || entries[n] < low || entries[n] > high) refuse(`${place}[${n}]`, `from ${low} to ${high}`, entries[n] ?? null);
  }
  return entries;
}

/**
 * A column of numbers or, in a list, of quantities.
 * @param {any} column
 * @param {string} place
 * @param {ArrayBuffer} beside
 * @param {number} [length]
 * @returns {import("./numbers.js").Column}
 */
export function readNumbers(column, place, beside, length) {
  const entries = Array.isArray(column) ? column : fromBytes(column, place, beside);
  if (length !== undefined && entries.length !== length) refuse(place, `a column of ${length}`, entries.length);
  if (Array.isArray(column)) column.forEach((entry, n) => (typeof entry === "object" ? aQuantity : aNumber)(entry, `${place}[${n}]`));
  else if (column.type !== "f8") refuse(`${place}.type`, "f8", column.type);
  return entries;
}
