// A comparison at another point: the same program at both points of one path, or both sweeps at one. What it says comes from the document.

import { format, toJson, toNumber } from "./number.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./modes.js").Compared} Compared */
/** @typedef {import("./live.js").Live} Live */
/** @typedef {NonNullable<ReturnType<Live["at"]>>} Side */
/** @typedef {(k: number) => number | undefined} Cell of row k */

const CLOSE = 1e-9; // of what both sweeps come to, as adviz/views/compare.py has it

/**
 * The comparison at the point that is shown; null where the page cannot compute it.
 * @param {Compared} given
 * @param {import("./document.js").TraceDocument} document
 * @param {Live} live
 * @returns {Compared | null}
 */
export function comparedAt(given, document, live) {
  const a = given.live ? live.at(live.point()) : null;
  if (!given.live || !a) return null;
  const { point, texts } = given.live;
  return point ? ofPoints(given, document, live, a, point, texts) : ofSweeps(given, document, live, a, texts);
}

/**
 * v, w, w - v, v̇ along the difference of the points, v̄ and w̄.
 * @param {Compared} given
 * @param {import("./document.js").TraceDocument} document
 * @param {Live} live
 * @param {Side} a
 * @param {Record<string, import("./number.js").JsonNumber>} point of the other side, where it is not the first one's
 * @param {Record<string, string>} texts
 * @returns {Compared | null}
 */
function ofPoints(given, document, live, a, point, texts) {
  const { inputs, first } = document;
  const here = live.point();
  const there = inputs.map(({ name }, n) => (Object.hasOwn(point, name) ? toNumber(point[name]) : here[n]));
  const b = live.at(there);
  if (!b) return null;
  const words = wordsOf(texts);
  const named = (/** @type {number[]} */ at, /** @type {string[]} */ names) => names.map((name) => `${name} = ${format(at[inputs.findIndex((input) => input.name === name)])}`).join(", ");
  const names = [named(here, inputs.flatMap(({ name }) => (Object.hasOwn(point, name) ? [name] : []))), named(there, Object.keys(point))];
  const tangents = a.tangents(here.map((x, n) => there[n] - x));
  const value = (/** @type {Side} */ side) => (/** @type {number} */ i) => side.values[i - first];
  const [v, w] = [value(a), value(b)];
  const columns = withCells(given, [v, w, (i) => w(i) - v(i), (i) => tangents.get(i), (i) => a.adjoints.get(i), (i) => b.adjoints.get(i)])
    .map((column, c) => (c === 2 || c === 3 ? column : { ...column, head: words("head", { name: column.name, side: names[c % 2] }) }));
  const rows = given.rows.map((row) => ({ ...row, differs: !same(v(indexOf(row)), w(indexOf(row))) }));
  const k = rows.findIndex(({ differs }) => differs);
  const title = words("title", { first: names[0], second: names[1] });
  if (k < 0) return { ...given, title, rows, columns, said: words("equal"), first: null };
  const [x, y] = [v, w].map((number) => format(number(indexOf(rows[k]))));
  const said = words("number", { v: rows[k].symbol, definition: rows[k].definition, a: x, b: y, digits: x === y ? words("digits") : "" });
  return { ...given, title, rows, columns, said, first: k };
}

/**
 * v, v̇ and v̄, and the one number on which the sweeps must agree.
 * @param {Compared} given
 * @param {import("./document.js").TraceDocument} document
 * @param {Live} live
 * @param {Side} a
 * @param {Record<string, string>} texts
 * @returns {Compared}
 */
function ofSweeps(given, { first }, live, a, texts) {
  const [direction, weights] = [live.seed("forward"), live.seed("reverse")];
  const tangents = a.tangents(direction);
  const columns = withCells(given, [(i) => a.values[i - first], (i) => tangents.get(i), (i) => a.adjoints.get(i)]);
  const dot = (/** @type {number[]} */ u, /** @type {number[]} */ w) => u.reduce((sum, x, k) => sum + x * w[k], 0);
  const [left, right] = [dot(a.along(direction), weights), dot(a.gradient, direction)];
  const agreed = Math.abs(left - right) <= CLOSE * Math.max(1, Math.abs(left), Math.abs(right)) || same(left, right);
  return { ...given, columns, said: wordsOf(texts)(agreed ? "agree" : "disagree", { forward: format(left), reverse: format(right) }) };
}

/** @param {Compared} given @param {Cell[]} numbers one for each column @returns {Compared["columns"]} */
function withCells({ columns, rows }, numbers) {
  return columns.map((column, c) => ({ ...column, cells: rows.map((row) => {
    const x = numbers[c]?.(indexOf(row));
    return x === undefined ? null : toJson(x);
  }) }));
}

/** @param {import("./modes.js").Line} row */
function indexOf({ index }) {
  return index ?? NaN;
}

/** @param {number} x @param {number} y */
function same(x, y) {
  return x === y || (Number.isNaN(x) && Number.isNaN(y));
}
