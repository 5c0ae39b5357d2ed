// Small checks of data from outside. Each takes a value and its place, and throws a Damage that names the place.

import { isNumber } from "./number.js";

/** @typedef {(value: any, place: string) => void} Check */

/** What is wrong with a document, and where: shown to the reader, never swallowed. */
export class Damage extends Error {
  /**
   * @param {string} field
   * @param {string} problem
   */
  constructor(field, problem) {
    super(`${field} ${problem}`);
    this.field = field;
    this.problem = problem;
  }
}

/**
 * @param {string} place
 * @param {string} wanted
 * @param {unknown} value
 * @returns {never}
 */
export function refuse(place, wanted, value) {
  const shown = JSON.stringify(value) ?? String(value);
  throw new Damage(place, value === undefined ? "is missing" : `is not ${wanted}: ${shown.slice(0, 60)}`);
}

/** @type {Check} */
export function aNumber(value, place) {
  if (!isNumber(value)) refuse(place, "a number", value);
}

const FARTHEST = 1e7; // px

/** @type {Check} */
export function aLength(value, place) {
  if (typeof value !== "number" || !(Math.abs(value) <= FARTHEST)) refuse(place, "a place in a picture", value);
}

/** @type {Check} */
export function aSize(value, place) {
  aLength(value, place);
  if (/** @type {number} */ (value) < 0) refuse(place, "a size in a picture", value);
}

/** @type {Check} */
export function aText(value, place) {
  if (typeof value !== "string") refuse(place, "a text", value);
}

/**
 * @param {RegExp} pattern
 * @param {string} wanted
 * @returns {Check}
 */
export function aTextLike(pattern, wanted) {
  return (value, place) => {
    if (typeof value !== "string" || !pattern.test(value)) refuse(place, wanted, value);
  };
}

/** @type {Check} */
export function aFlag(value, place) {
  if (typeof value !== "boolean") refuse(place, "true or false", value);
}

/** @type {Check} */
export function anInteger(value, place) {
  if (!Number.isSafeInteger(value)) refuse(place, "an integer", value);
}

/**
 * @param {readonly unknown[]} choices
 * @returns {Check}
 */
export function oneOf(choices) {
  return (value, place) => {
    if (!choices.includes(value)) refuse(place, `one of ${choices.join(", ")}`, value);
  };
}

/**
 * @param {Check} check
 * @returns {Check}
 */
export function orNull(check) {
  return (value, place) => {
    if (value !== null) check(value, place);
  };
}

/**
 * @param {Check} check
 * @returns {Check}
 */
export function orMissing(check) {
  return (value, place) => {
    if (value !== undefined) check(value, place);
  };
}

/**
 * @param {Check} check of each entry
 * @param {number} [length]
 * @returns {Check}
 */
export function listOf(check, length) {
  return (value, place) => {
    if (!Array.isArray(value)) refuse(place, "a list", value);
    if (length !== undefined && value.length !== length) refuse(place, `a list of ${length}`, value);
    for (let i = 0; i < value.length; i++) check(value[i], `${place}[${i}]`);
  };
}

/**
 * An object with at least these fields.
 * @param {Record<string, Check>} fields
 * @returns {Check}
 */
export function aRecord(fields) {
  const entries = Object.entries(fields);
  return (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(place, "an object", value);
    for (const [name, check] of entries) check(value[name], place ? `${place}.${name}` : name);
  };
}
