// The one store of a document's numbers. Views ask it whenever they draw and keep no number of their own, so that whoever computes
// new ones (a live widget, the evaluator of a page) writes them here and has the views drawn again.

/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {ArrayLike<Quantity | null>} Column an array, or a Float64Array where all are numbers */
/**
 * values    of the variables, in their order
 * partials  of all operands of all variables, one after the other; null where there is none
 * steps     by mode: the number of each step
 * results   by mode
 * @typedef {{values: Column, partials: Column, steps: Partial<Record<Mode, Column>>, results: Partial<Record<Mode, Quantity[]>>}} NumberColumns
 */
/** @typedef {ReturnType<typeof createNumbers>} Numbers */

/**
 * @param {number} first index of the first variable
 * @param {(i: number) => number} offset where the operands of v_i begin among all operands
 * @param {NumberColumns} columns
 */
export function createNumbers(first, offset, columns) {
  let now = columns;
  let version = 0;
  return {
    /** @param {number} i @returns {Quantity} */
    value: (i) => now.values[i - first] ?? NaN,
    /** @param {number} i @param {number} k @returns {Quantity | null} */
    partial: (i, k) => now.partials[offset(i) + k] ?? null,
    /** The number of step n (1-based). @param {Mode} mode @param {number} n @returns {Quantity} */
    step: (mode, n) => now.steps[mode]?.[n - 1] ?? NaN,
    /** @param {Mode} mode @returns {Quantity[]} */
    result: (mode) => now.results[mode] ?? [],
    /** The columns as they are, for whoever computes the next ones from them. They are never changed in place. */
    columns: () => now,
    /** Replaces the columns that are given; each is as long as the one before. @param {Partial<NumberColumns>} changed */
    write(changed) {
      now = { ...now, ...changed, steps: { ...now.steps, ...changed.steps }, results: { ...now.results, ...changed.results } };
      version += 1;
    },
    /** Grows with every write. */
    version: () => version,
  };
}
