// A row's expression trees as functions of numbers, and the sweeps of a program again at another point: along the steps that Python wrote, with
// the partials that the document's trees give, summed in the same order. No rule of differentiation is written here.

import { Damage } from "./check.js";
import { FUNCTIONS } from "./functions.js";

/** @typedef {import("./functions.js").Operation} Operation */
/** @typedef {[string, ...any[]]} Tree what adviz/readings.py parses, as JSON */
/** @typedef {(a: number, b: number, v: number) => number} Formula */
/** @typedef {{value: Formula, partials: (Formula | null)[]}} Rule */
/** @typedef {{value: Tree | null, partials: (Tree | null)[]}} Row */

const TREE_OPERATORS = new Map([["/", "divide"], ["//", "floor_divide"], ["%", "remainder"], ["**", "power"]]);
const NAMED = new Map([["pi", Math.PI], ["e", Math.E]]);

/**
 * The function that a tree stands for. Throws a RangeError for what is no tree: a document's rows are checked by this.
 * @param {any} tree
 * @param {Record<string, Operation>} functions
 * @returns {Formula}
 */
export function formulaOf(tree, functions = FUNCTIONS) {
  const [tag, ...parts] = Array.isArray(tree) ? tree : [];
  const part = (/** @type {number} */ k) => formulaOf(parts[k], functions);
  if (tag === "a" && !parts.length) return (a) => a;
  if (tag === "b" && !parts.length) return (_, b) => b;
  if (tag === "v" && !parts.length) return (_, __, v) => v;
  if (tag === "number" && typeof parts[0] === "number") return always(parts[0]);
  if (tag === "name" && NAMED.has(parts[0])) return always(/** @type {number} */ (NAMED.get(parts[0])));
  if (tag === "neg" && parts.length === 1) return negated(part(0));
  if (tag === "call" && (parts.length === 2 || parts.length === 3) && Object.hasOwn(functions, parts[0])) {
    return calling(functions[parts[0]], part(1), parts.length === 3 ? part(2) : null);
  }
  if (parts.length === 2 && ["+", "-", "*"].includes(tag)) return arithmetic(tag, part(0), part(1));
  const operator = TREE_OPERATORS.get(tag);
  if (parts.length === 2 && operator) return calling(functions[operator], part(0), part(1));
  throw new RangeError(`${JSON.stringify(tree)} is no expression tree`);
}

/** @param {number} x @returns {Formula} */
function always(x) {
  return () => x;
}

/** @param {Formula} u @returns {Formula} */
function negated(u) {
  return (a, b, v) => -u(a, b, v);
}

/** @param {Operation} operation @param {Formula} left @param {Formula | null} right @returns {Formula} */
function calling(operation, left, right) {
  if (!right) return (a, b, v) => operation(left(a, b, v), NaN);
  return (a, b, v) => operation(left(a, b, v), right(a, b, v));
}

/** @param {string} symbol @param {Formula} left @param {Formula} right @returns {Formula} */
function arithmetic(symbol, left, right) {
  if (symbol === "+") return (a, b, v) => left(a, b, v) + right(a, b, v);
  if (symbol === "-") return (a, b, v) => left(a, b, v) - right(a, b, v);
  return (a, b, v) => left(a, b, v) * right(a, b, v);
}

/**
 * The rules of a document, by the names of their rows; an array operation has none. Throws a Damage where a tree is none.
 * @param {Record<string, Row>} rows
 * @param {Record<string, Operation>} functions
 * @returns {Map<string, Rule>}
 */
export function rulesOf(rows, functions = FUNCTIONS) {
  const all = { ...functions };
  for (const [name, row] of Object.entries(rows)) {
    if (row?.value && !Object.hasOwn(all, name)) all[name] = operationOf(row.value, all);
  }
  /** @type {Map<string, Rule>} */
  const rules = new Map();
  for (const [name, row] of Object.entries(rows)) {
    try {
      if (row.value) rules.set(name, { value: formulaOf(row.value, all), partials: row.partials.map((tree) => (tree ? formulaOf(tree, all) : null)) });
    } catch (error) {
      throw new Damage(`rows.${name}`, `has a formula that cannot be read (${error instanceof Error ? error.message.slice(0, 80) : error})`);
    }
  }
  return rules;
}

/**
 * A row that others call, read when it is first called, for rows stand in any order.
 * @param {Tree} tree
 * @param {Record<string, Operation>} functions
 * @returns {Operation}
 */
function operationOf(tree, functions) {
  /** @type {Formula | null} */
  let read = null;
  return (a, b) => (read ??= formulaOf(tree, functions))(a, b, NaN);
}
