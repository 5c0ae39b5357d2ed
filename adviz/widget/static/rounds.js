// Rounds: which iterations of a loop, and which call of a function, an interval of a long trace is. adviz/rounds.py finds them.

import { countUpTo } from "./about.js";
import { aRecord, aText, listOf, refuse } from "./check.js";
import { readIntegers } from "./columns.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {{starts: Int32Array, first: ArrayLike<number>, begin: ArrayLike<number>, end: Int32Array, name: ArrayLike<number>,
 *   number: ArrayLike<number>, count: ArrayLike<number>, names: string[]}} RoundData */
/** Rounds of one group: from one number to another of so many, iterations where the name is "". @typedef {{name: string, from: number, to: number, count: number}} Part */

const MOST_PARTS = 3; // that one name tells, the innermost: a recursion is as deep as it likes

/**
 * @param {any} value
 * @param {number} count of variables
 * @param {import("./columns.js").Beside} bytes
 * @returns {RoundData}
 */
export function readRounds(value, count, bytes) {
  aRecord({ names: listOf(aText) })(value, "folds.rounds");
  const lengthOf = (/** @type {string} */ name) => (Array.isArray(value[name]) ? value[name].length : value[name]?.length);
  const read = (/** @type {string} */ name, /** @type {number} */ low, /** @type {number} */ high, like = name) =>
    readIntegers(value[name], `folds.rounds.${name}`, bytes, { length: lengthOf(like), low, high });
  const lengths = read("lengths", 1, count);
  const first = read("first", 0, lengths.length - 1);
  const begin = read("begin", 0, count - 1, "first");
  for (let g = 0; g < first.length; g++) if (g ? first[g] <= first[g - 1] : first[0] !== 0) refuse(`folds.rounds.first[${g}]`, "after the one before", first[g]);
  const starts = new Int32Array(lengths.length);
  const end = new Int32Array(first.length);
  for (let g = 0; g < first.length; g++) {
    end[g] = begin[g];
    for (let n = first[g]; n < (first[g + 1] ?? lengths.length); n++) {
      starts[n] = end[g];
      end[g] += lengths[n];
      if (end[g] > count) refuse(`folds.rounds.lengths[${n}]`, "within the trace", lengths[n]);
    }
    if (g && begin[g] < begin[g - 1]) refuse(`folds.rounds.begin[${g}]`, "after the one before", begin[g]);
  }
  return {
    starts, first, begin, end, name: read("name", -1, value.names.length - 1, "first"),
    number: read("number", 1, count, "first"), count: read("count", 1, count, "first"), names: value.names,
  };
}

/**
 * What tells of an interval which rounds it is, from the outside in; nothing where it is none.
 * @param {RoundData | undefined} data
 * @returns {(start: number, end: number) => Part[]}
 */
export function roundsIn(data) {
  if (!data?.first.length) return () => [];
  const { starts, first, begin, end, name, number, count, names } = data;
  const groups = first.length;
  const around = new Int32Array(groups).fill(-1); // the group around each
  for (let g = 1; g < groups; g++) {
    let outer = g - 1;
    while (outer >= 0 && end[outer] <= begin[g]) outer = around[outer];
    around[g] = outer;
  }
  return (start, stop) => {
    /** @type {Part[]} */
    const found = [];
    for (let g = countUpTo(begin, start) - 1; g >= 0 && found.length < MOST_PARTS; g = around[g]) {
      if (end[g] < stop) continue;
      const [from, to] = [start, stop - 1].map((place) => number[g] + countUpTo(starts, place, first[g], first[g + 1]) - first[g] - 1);
      found.unshift({ name: name[g] < 0 ? "" : names[name[g]], from, to, count: count[g] });
    }
    return found;
  };
}

/**
 * @param {Part} part
 * @param {(n: number) => string} counted
 */
function slotsOf({ name, from, to, count }, counted) {
  return { name, from: counted(from), to: counted(to), n: counted(count) };
}

/**
 * Some rounds in two lines for a box: "iteration 3" and "of 10", "1 to 32" and "of 1,000 iterations".
 * @param {Part} part
 * @param {Words} words
 * @param {(n: number) => string} counted
 */
export function roundsInTwoLines(part, words, counted) {
  const several = part.from !== part.to;
  const which = several ? "page.round_from_to" : part.name ? "page.round_call" : "page.round_iteration";
  return [which, several ? "page.round_of_iterations" : "page.round_of"].map((key) => words(key, slotsOf(part, counted)));
}

/**
 * All of them in one: "iteration 3 of 10, iterations 1 to 32 of 40".
 * @param {Part[]} parts
 * @param {Words} words
 * @param {(n: number) => string} counted
 */
export function roundsInWords(parts, words, counted) {
  const whole = parts.map((part) => {
    const slots = slotsOf(part, counted);
    const which = part.name ? "page.round_call" : part.from === part.to ? "page.round_iteration" : "page.round_iterations";
    return words("page.round_whole", { which: words(which, slots), of: words("page.round_of", slots) });
  });
  return whole.join(words("page.round_then"));
}
