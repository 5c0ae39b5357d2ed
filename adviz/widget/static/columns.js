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

/** The bytes that came beside a document: so many, and those from a place on. @typedef {{byteLength: number, from: (at: number, length: number) => [ArrayBuffer, number]}} Beside */

/** @param {ArrayBuffer} bytes @returns {Beside} */
export function besideIn(bytes) {
  return { byteLength: bytes.byteLength, from: (at) => [bytes, at] };
}

/** Bytes in base64, of which a part is decoded when it is asked for; columns begin at multiples of 24. @param {string} text @returns {Beside} */
export function besideInText(text) {
  const byteLength = (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
  return {
    byteLength,
    from(at, length) {
      const begin = at - (at % 24);
      return [bytesFrom(text.slice((begin / 3) * 4, Math.ceil((at + length) / 3) * 4)), at - begin];
    },
  };
}

/** @param {string} text @returns {ArrayBuffer} Throws a SyntaxError or a DOMException for what is no base64. */
function bytesFrom(text) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  if (native) return native(text).buffer;
  const content = atob(text);
  const bytes = new Uint8Array(content.length);
  for (let n = 0; n < bytes.length; n++) bytes[n] = content.charCodeAt(n);
  return bytes.buffer;
}

/**
 * The entries of a column that is given by its bytes, in the text as base64 or beside it.
 * @param {any} column
 * @param {string} place
 * @param {Beside} beside
 * @returns {Integers}
 */
function fromBytes(column, place, beside) {
  aRecord({ type: oneOf(Object.keys(COLUMN_TYPES)), length: anInteger })(column, place);
  const [width, view] = COLUMN_TYPES[column.type];
  const inside = column.base64 === undefined ? beside : decoded(column.base64, `${place}.base64`);
  const at = column.base64 === undefined ? column.at : 0;
  if (!Number.isSafeInteger(at) || at < 0 || at % 8) refuse(`${place}.at`, "a place among the bytes", at);
  if (column.length < 0 || at + width * column.length > inside.byteLength) refuse(`${place}.length`, "a length that the bytes have", column.length);
  return inBase64(`${place}.at`, "where base64 is", () => view(...inside.from(at, width * column.length), column.length));
}

/** @param {unknown} text @param {string} place @returns {Beside} */
function decoded(text, place) {
  if (typeof text !== "string") refuse(place, "base64", text);
  return besideIn(inBase64(place, "base64", () => bytesFrom(text), text));
}

/**
 * @template T
 * @param {string} place
 * @param {string} wanted
 * @param {() => T} decode
 * @param {string} [text]
 * @returns {T}
 */
function inBase64(place, wanted, decode, text = "") {
  try {
    return decode();
  } catch {
    return refuse(place, wanted, text.slice(0, 20));
  }
}

/**
 * A column of integers from `low` to `high`, of that length.
 * @param {any} column
 * @param {string} place
 * @param {Beside} beside
 * @param {{length: number, low: number, high: number}} wanted
 * @returns {Integers}
 */
export function readIntegers(column, place, beside, { length, low, high }) {
  const entries = Array.isArray(column) ? column : fromBytes(column, place, beside);
  if (entries.length !== length) refuse(place, `a column of ${length}`, entries.length);
  const wrong = Array.isArray(entries) ? entries.findIndex((entry) => !Number.isInteger(entry) || entry < low || entry > high) : outside(entries, low, high);
  if (wrong >= 0) refuse(`${place}[${wrong}]`, `from ${low} to ${high}`, entries[wrong] ?? null);
  return entries;
}

/**
 * The place of the first entry that is no integer from `low` to `high`; -1 without one.
 * @param {Integers} entries of a typed array
 * @param {number} low
 * @param {number} high
 */
function outside(entries, low, high) {
  if (entries instanceof Uint8Array && low <= 0 && high >= 255) return -1;
  const whole = !(entries instanceof Float64Array);
  for (let n = 0; n < entries.length; n++) {
    const entry = entries[n];
    if (!(entry >= low && entry <= high && (whole || Number.isInteger(entry)))) return n;
  }
  return -1;
}

/**
 * A column of numbers or, in a list, of quantities.
 * @param {any} column
 * @param {string} place
 * @param {Beside} beside
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
