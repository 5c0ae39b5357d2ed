// What is known after n steps: the timeline of one mode, made ready to be asked in any order.

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./document.js").Step} Step */
/** @typedef {import("./document.js").Variable} Variable */
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
  const steps = timeline.steps;
  const variables = new Map(document.variables.map((variable) => [variable.index, variable]));
  const knownAtStart = new Set(timeline.known);
  const about = stepsByVariable(steps, () => true);
  const evaluated = stepsByVariable(steps, (step) => step.kind === "evaluate");
  const written = stepsByVariable(steps, (step) => WRITES_DERIVATIVE.has(step.kind));
  const flows = stepsByEdge(steps);

  /** @param {number} index @param {number} n */
  function knows(index, n) {
    return knownAtStart.has(index) || (evaluated.get(index)?.[0] ?? Infinity) <= n;
  }

  /**
   * @param {number} index
   * @param {number} n
   * @returns {Derivative | null} null where nothing has been computed yet, which is not 0
   */
  function derivative(index, n) {
    const writes = written.get(index) ?? [];
    const position = countUpTo(writes, n) - 1;
    if (position < 0) return null;
    const step = steps[writes[position] - 1];
    return { number: step.number, final: step.final };
  }

  /** Whether the derivative has passed the edge to operand k of v_i. @param {number} i @param {number} k @param {number} n */
  function flowed(i, k, n) {
    return (flows.get(`${i}:${k}`) ?? flows.get(`${i}:*`) ?? Infinity) <= n;
  }

  /** @type {Lookup} */
  function lookup(reference) {
    switch (reference[0]) {
      case "value": return /** @type {Variable} */ (variables.get(reference[1])).value;
      case "partial": return variables.get(reference[1])?.partials[reference[2]] ?? NaN;
      case "operand": return /** @type {{number: import("./quantity.js").Quantity}} */ (variables.get(reference[1])?.operands[reference[2]]).number;
      case "step": return steps[reference[1] - 1].number;
      default: return reference[1];
    }
  }

  /** @param {number} n @returns {Frame} */
  function frame(n) {
    const step = n > 0 ? steps[n - 1] : null;
    return { n, step, current: step ? step.index : null, source: step ? step.source : null };
  }

  /**
   * The variables whose picture can differ between after m and after n steps; null where that is most of them.
   * @param {number} m
   * @param {number} n
   */
  function touched(m, n) {
    if (Math.abs(m - n) > FEW) return null;
    const found = new Set();
    for (const step of steps.slice(Math.max(Math.min(m, n) - 1, 0), Math.max(m, n))) found.add(step.index).add(step.source);
    return found;
  }

  return {
    touched,
    mode, timeline, steps, count: steps.length, knows, derivative, flowed, lookup, frame,
    /** @param {number} index @param {number} n */
    target: (index, n) => target(about.get(index) ?? [], steps, n),
    isWritten: (/** @type {number} */ index) => about.has(index),
    operations: operationsIn(steps),
    /** Everything that the derivative of a variable ever is. @param {number} index @returns {Derivative[]} */
    derivatives: (index) => (written.get(index) ?? []).map((n) => ({ number: steps[n - 1].number, final: steps[n - 1].final })),
    noted: new Set(document.notes.flatMap((note) => (NOTED.has(note.kind) ? [note.index] : []))),
  };
}

/**
 * @param {Step[]} steps
 * @param {(step: Step) => boolean} wanted
 * @returns {Map<number, number[]>} the numbers of the wanted steps, ascending, by the variable they are about
 */
function stepsByVariable(steps, wanted) {
  const found = new Map();
  steps.forEach((step, position) => {
    if (!wanted(step)) return;
    const numbers = found.get(step.index);
    if (numbers) numbers.push(position + 1);
    else found.set(step.index, [position + 1]);
  });
  return found;
}

/**
 * The step with which a derivative passes an edge: a tangent all edges into its variable at once, a share its own.
 * @param {Step[]} steps
 * @returns {Map<string, number>}
 */
function stepsByEdge(steps) {
  const passes = new Map();
  steps.forEach((step, position) => {
    if (step.kind === "propagate") passes.set(`${step.index}:*`, position + 1);
    if (step.kind === "contribute") passes.set(`${step.source}:${step.operand}`, position + 1);
  });
  return passes;
}

/**
 * How many of the ascending numbers are at most n.
 * @param {number[]} numbers
 * @param {number} n
 */
export function countUpTo(numbers, n) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where a click on a variable leads: to the step that writes it (in reverse, the first that adds to it), and from any
 * step about it to the next one about it, round and round. A variable that was known from the start leads to the start.
 * @param {number[]} about
 * @param {Step[]} steps
 * @param {number} n
 */
function target(about, steps, n) {
  if (!about.length) return 0;
  const here = about.indexOf(n);
  if (here >= 0) return about[(here + 1) % about.length];
  const kinds = ["accumulate", "propagate", "evaluate", "seed"];
  for (const kind of kinds) {
    const first = about.find((number) => steps[number - 1].kind === kind);
    if (first) return first;
  }
  return about[0];
}

/**
 * @param {Step[]} steps
 * @returns {(n: number) => number} how many of the first n steps compute something: all but the seeds
 */
function operationsIn(steps) {
  const seeds = steps.flatMap((step, position) => (step.kind === "seed" ? [position + 1] : []));
  return (n) => n - countUpTo(seeds, n);
}
