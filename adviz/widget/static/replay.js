// What is known after n steps: the timeline of one mode, made ready to be asked in any order.

import { countUpTo } from "./about.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./document.js").Step} Step */
/** @typedef {import("./math.js").Lookup} Lookup */
/** @typedef {{number: import("./quantity.js").Quantity, final: boolean}} Derivative a tangent, an adjoint, or (not final) a partial sum */
/** @typedef {ReturnType<typeof replay>} Replay */
/** @typedef {{n: number, step: Step | null, current: number | null, source: number | null}} Frame what the n-th step is about */

const NOTED = new Set(["kink", "undefined", "infinite-slope", "zero-times-infinity"]); // notes that mark a variable
const FEW = 20; // steps
const WRITES_DERIVATIVE = new Set(["seed", "propagate", "accumulate"]);

/**
 * A replay of one mode. Each question costs a binary search among the steps about one variable, so that a click on the
 * scrubber costs the same anywhere in a long trace.
 * @param {TraceDocument} document
 * @param {Mode} mode
 */
export function replay(document, mode) {
  const timeline = /** @type {import("./document.js").Timeline} */ (document.timelines[mode]);
  const { count, about, kind } = timeline;
  const writes = (/** @type {number} */ n) => WRITES_DERIVATIVE.has(kind(n));
  const has = (/** @type {number} */ i) => i >= document.first && i < document.first + document.count;

  /** @param {number} index @param {number} n */
  function knows(index, n) {
    return timeline.knows(index) || firstOf(about(index), "evaluate") <= n;
  }

  /** The first of these steps that is of a kind; Infinity if none is. @param {ArrayLike<number>} steps @param {string} wanted */
  function firstOf(steps, wanted) {
    for (let position = 0; position < steps.length; position++) if (kind(steps[position]) === wanted) return steps[position];
    return Infinity;
  }

  /**
   * @param {number} index
   * @param {number} n
   * @returns {Derivative | null} null where nothing has been computed yet, which is not 0
   */
  function derivative(index, n) {
    const steps = about(index);
    let position = countUpTo(steps, n) - 1;
    while (position >= 0 && !writes(steps[position])) position--;
    if (position < 0) return null;
    return { number: document.numbers.step(mode, steps[position]), final: timeline.final(steps[position]) };
  }

  /** Whether the derivative has passed the edge to operand k of v_i. @param {number} i @param {number} k @param {number} n */
  function flowed(i, k, n) {
    const shares = timeline.shares(i);
    for (let position = 0; position < shares.length && shares[position] <= n; position++) {
      if (timeline.operand(shares[position]) === k) return true;
    }
    return firstOf(about(i), "propagate") <= n;
  }

  /** @type {Lookup} */
  function lookup(reference) {
    const { numbers } = document;
    switch (reference[0]) {
      case "value": return numbers.value(reference[1]);
      case "partial": return numbers.partial(reference[1], reference[2]) ?? NaN;
      case "operand": return /** @type {{number: import("./quantity.js").Quantity}} */ (document.variable(reference[1]).operands[reference[2]]).number;
      case "step": return numbers.step(mode, reference[1]);
      default: return reference[1];
    }
  }

  /** @param {number} n @returns {Frame} */
  function frame(n) {
    const step = n > 0 ? timeline.step(n) : null;
    return { n, step, current: step ? step.index : null, source: step ? step.source : null };
  }

  /** @type {Set<number> | null} */
  let renewed = null;

  /**
   * The variables whose picture can differ between after m and after n steps; null where that is most of them. Where the same step is shown
   * again, the numbers are others: of the variables that were named to `renew`.
   * @param {number} m
   * @param {number} n
   */
  function touched(m, n) {
    if (m === n) return renewed;
    if (Math.abs(m - n) > FEW) return null;
    const found = new Set();
    for (let step = Math.max(Math.min(m, n), 1); step <= Math.max(m, n); step++) found.add(timeline.index(step)).add(timeline.source(step));
    return found;
  }

  return {
    touched, mode, timeline, count, knows, derivative, flowed, lookup, frame,
    /** Which variables' numbers are drawn anew when the same step is shown again; null for all. @param {Set<number> | null} indices */
    renew: (indices) => (renewed = indices),
    step: timeline.step,
    /** @param {number} index @param {number} n */
    target: (index, n) => target(about(index), timeline, n),
    isWritten: (/** @type {number} */ index) => has(index) && about(index).length > 0,
    operations: operationsIn(timeline),
    /** Everything that the derivative of a variable ever is. @param {number} index @returns {Derivative[]} */
    derivatives: (index) => Array.from(about(index)).filter(writes).map((n) => ({ number: document.numbers.step(mode, n), final: timeline.final(n) })),
    noted: new Set(document.notes.flatMap((note) => (NOTED.has(note.kind) ? [note.index] : []))),
  };
}

/**
 * Where a click on a variable leads: to the step that writes it (in reverse, the first that adds to it), and from any
 * step about it to the next one about it, round and round. A variable that was known from the start leads to the start.
 * @param {ArrayLike<number>} about
 * @param {import("./document.js").Timeline} timeline
 * @param {number} n
 */
function target(about, timeline, n) {
  if (!about.length) return 0;
  const position = countUpTo(about, n);
  if (position > 0 && about[position - 1] === n) return about[position % about.length];
  for (const kind of ["accumulate", "propagate", "evaluate", "seed"]) {
    for (let k = 0; k < about.length; k++) if (timeline.kind(about[k]) === kind) return about[k];
  }
  return about[0];
}

/**
 * @param {import("./document.js").Timeline} timeline
 * @returns {(n: number) => number} how many of the first n steps compute something: all but the seeds
 */
function operationsIn(timeline) {
  /** @type {number[]} */
  const seeds = [];
  for (let n = 1; n <= Math.min(timeline.count, timeline.seed_names.length); n++) if (timeline.kind(n) === "seed") seeds.push(n);
  return (n) => n - countUpTo(seeds, n);
}
