// Something to step through that is no sweep: it answers as a replay does, its steps say what they say, and no variable is known by it.

/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./document.js").Math} Formula */
/** @typedef {{say: string, formula: Formula | null}} Told */
/** @typedef {{count: number, tell: (n: number) => Told, phases: {text: string, start: number}[], work: (n: number) => string}} Course */

/**
 * @param {import("./document.js").Mode} mode whose colours it has
 * @param {Course} course
 * @returns {Replay}
 */
export function replayOf(mode, { count, tell, phases, work }) {
  const step = (/** @type {number} */ n) => {
    const { say, formula } = tell(n);
    return { kind: "evaluate", index: NaN, source: null, operand: null, number: NaN, final: true, say: [say], formula: formula ?? ["mrow"], told: true };
  };
  const found = {
    mode, count, step, work, timeline: { mode, seed: null, seed_names: [], phases, count },
    frame: (/** @type {number} */ n) => ({ n, step: n > 0 ? step(n) : null, current: null, source: null }),
    lookup: (/** @type {any} */ reference) => (reference[0] === "number" ? reference[1] : NaN),
    target: (/** @type {number} */ _, /** @type {number} */ n) => n,
    operations: (/** @type {number} */ n) => n,
    touched: () => new Set(), noted: new Set(), derivatives: () => [],
    knows: () => false, flowed: () => false, isWritten: () => false, derivative: () => null,
  };
  return /** @type {Replay} */ (/** @type {unknown} */ (found));
}
