// The program of a document at another point: values and partials by its rows, and its sweeps again along the steps that Python wrote.

import { Damage } from "./check.js";
import { rulesOf } from "./evaluate.js";
import { isNumber, toNumber } from "./number.js";
import { followed, numbersOnly } from "./paths.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Timeline} Timeline */
/** @typedef {import("./document.js").Operand} Operand */
/** @typedef {import("./functions.js").Operation} Operation */
/** @typedef {import("./evaluate.js").Rule} Rule */
/** @typedef {{rule: Rule | null, operands: number[], active: boolean[], value: number}} Line operands: a position below 0 is a constant's, -1 - p */
/** @typedef {{values: Float64Array, partials: (number | null)[], steep: boolean}} Run */
/** @typedef {{steps: Float64Array, result: number[]}} Swept */
/** @typedef {{result: number[], derivatives: number[]}} Column the derivative of each output or input along a sweep, and that of each variable */
/** @typedef {{index: number, value: number}} Changed one variable that is given another value than its rule gives */
/** @typedef {ReturnType<typeof programOf>} Program */

/** @type {Record<string, (a: number, b: number) => boolean>} */
const COMPARE = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b, "==": (a, b) => a === b, "!=": (a, b) => a !== b };

/**
 * @param {TraceDocument} document one that is live
 * @param {Record<string, Operation>} [functions] to compute with
 */
export function programOf(document, functions) {
  const { first, count, outputs, numbers } = document;
  const rules = rulesOf(document.rows, functions);
  /** @type {number[]} */
  const constants = [];
  /** @type {Line[]} */
  const lines = [];
  for (let i = first; i < first + count; i++) {
    const { row, operands, flows } = document.operation(i);
    lines.push({
      rule: row === null ? null : ruleOf(rules, row, operands.length, flows),
      operands: operands.map((u) => ("ref" in u ? u.ref - first : -constants.push(toNumber(/** @type {number} */ (u.number))))),
      active: operands.map((u, k) => "ref" in u && flows[k]),
      value: toNumber(/** @type {number} */ (numbers.value(i))),
    });
  }
  const offsets = [0];
  for (const { operands } of lines) offsets.push(offsets[offsets.length - 1] + operands.length);
  const timelines = document.timelines;
  for (const [n, { symbol, left, right }] of document.branches.entries()) {
    const known = (/** @type {any} */ u) => isNumber(u?.number) || (Number.isSafeInteger(u?.ref) && u.ref >= first && u.ref < first + count);
    if (!Object.hasOwn(COMPARE, symbol) || !known(left) || !known(right)) throw new Damage(`branches[${n}]`, "is no comparison of known numbers");
  }
  const flowing = timelines.reverse ? sourcesOf(timelines.reverse) : new Set();

  /**
   * Values and partials at a point: one number per input.
   * @param {number[]} point
   * @param {Changed} [changed]
   * @returns {Run}
   */
  function run(point, changed) {
    const values = new Float64Array(count);
    /** @type {(number | null)[]} */
    const partials = new Array(offsets[count]).fill(null);
    let steep = false;
    const at = (/** @type {number} */ u) => (u >= 0 ? values[u] : constants[-1 - u]);
    for (let p = 0; p < count; p++) {
      const { rule, operands, active } = lines[p];
      const a = operands.length ? at(operands[0]) : NaN;
      const b = operands.length > 1 ? at(operands[1]) : NaN;
      const computed = rule ? rule.value(a, b, NaN) : p < point.length ? point[p] : lines[p].value;
      const v = changed && changed.index === p + first ? changed.value : computed;
      values[p] = v;
      if (!rule) continue;
      const undefinedHere = Number.isNaN(v) && !operands.some((u) => Number.isNaN(at(u)));
      for (let k = 0; k < operands.length; k++) {
        if (!active[k]) continue;
        const partial = undefinedHere ? NaN : /** @type {import("./evaluate.js").Formula} */ (rule.partials[k])(a, b, v);
        partials[offsets[p] + k] = partial;
        if (Math.abs(partial) === Infinity) steep = true;
      }
    }
    return { values, partials, steep };
  }

  /**
   * v̇_i = Σ_j v̇_j · ∂φ_i/∂v_j, step by step.
   * @param {Run} run
   * @param {number[]} seed
   */
  function forward(run, seed) {
    return run.steep ? forwardWith(followed, run, seed) : forwardWith(numbersOnly, run, seed);
  }

  /**
   * @template T
   * @param {import("./paths.js").Flows<T>} flows
   * @param {Run} run
   * @param {number[]} seed
   * @returns {Swept}
   */
  function forwardWith(flows, { values, partials }, seed) {
    const timeline = /** @type {Timeline} */ (timelines.forward);
    const steps = new Float64Array(timeline.count);
    /** @type {(T | null)[]} */
    const tangents = new Array(count).fill(null);
    for (let n = 1; n <= timeline.count; n++) {
      const p = timeline.index(n) - first;
      const kind = timeline.kind(n);
      if (kind === "evaluate") {
        steps[n - 1] = values[p];
        continue;
      }
      /** @type {T | null} */
      let sum = kind === "seed" ? flows.start(seed[p]) : null;
      if (kind === "propagate") {
        const { operands, active } = lines[p];
        for (let k = 0; k < operands.length; k++) {
          const u = active[k] ? tangents[operands[k]] : null;
          if (u === null) continue;
          const term = flows.pass(u, /** @type {number} */ (partials[offsets[p] + k]));
          sum = sum === null ? term : flows.add(sum, term);
        }
      }
      tangents[p] = sum;
      steps[n - 1] = flows.read(sum);
    }
    return { steps, result: outputs.map((i) => flows.read(tangents[i - first])) };
  }

  /**
   * v̄_j += v̄_i · ∂φ_i/∂v_j, step by step; null where this seed would take other steps than Python wrote.
   * @param {Run} run
   * @param {number[]} seed
   */
  function reverse(run, seed) {
    return run.steep ? reverseWith(followed, run, seed) : reverseWith(numbersOnly, run, seed);
  }

  /**
   * @template T
   * @param {import("./paths.js").Flows<T>} flows
   * @param {Run} run
   * @param {number[]} seed
   * @returns {Swept | null}
   */
  function reverseWith(flows, { partials }, seed) {
    const timeline = /** @type {Timeline} */ (timelines.reverse);
    const steps = new Float64Array(timeline.count);
    /** @type {(T | null)[]} */
    const adjoints = new Array(count).fill(null);
    /** @type {T | null} */
    let share = null;
    for (let n = 1; n <= timeline.count; n++) {
      const p = timeline.index(n) - first;
      if (timeline.kind(n) === "contribute") {
        const i = /** @type {number} */ (timeline.source(n)) - first;
        const u = adjoints[i];
        if (u === null) return null;
        share = flows.pass(u, /** @type {number} */ (partials[offsets[i] + /** @type {number} */ (timeline.operand(n))]));
        steps[n - 1] = flows.read(share);
        continue;
      }
      const more = timeline.kind(n) === "seed" ? flows.start(seed[n - 1]) : share;
      const before = adjoints[p];
      if (more !== null) adjoints[p] = before === null ? more : flows.add(before, more);
      steps[n - 1] = flows.read(adjoints[p]);
    }
    const reached = adjoints.reduce((sum, u, p) => sum + (u !== null && lines[p].active.includes(true) ? 1 : 0), 0);
    const inputs = document.inputs.map(({ index }) => flows.read(adjoints[index - first]));
    return reached === flowing.size ? { steps, result: inputs } : null;
  }

  /**
   * The column of the Jacobian for input k: the forward sweep of its unit vector.
   * @param {Run} run
   * @param {number} k
   * @returns {Column}
   */
  function column(run, k) {
    const { steps, result } = forward(run, document.inputs.map((_, n) => Number(n === k)));
    const timeline = /** @type {Timeline} */ (timelines.forward);
    const derivatives = new Array(count).fill(0);
    for (let n = 1; n <= timeline.count; n++) if (timeline.kind(n) !== "evaluate") derivatives[timeline.index(n) - first] = steps[n - 1];
    return { result, derivatives };
  }

  /**
   * The row of the Jacobian for output k: x̄ = Jᵀ ȳ of its unit vector, against the order of the lines.
   * @param {Run} run
   * @param {number} k
   */
  function row(run, k) {
    return run.steep ? rowWith(followed, run, k) : rowWith(numbersOnly, run, k);
  }

  /**
   * @template T
   * @param {import("./paths.js").Flows<T>} flows
   * @param {Run} run
   * @param {number} k
   * @returns {Column}
   */
  function rowWith(flows, { partials }, k) {
    /** @type {(T | null)[]} */
    const adjoints = new Array(count).fill(null);
    adjoints[outputs[k] - first] = flows.start(1);
    for (let p = count - 1; p >= 0; p--) {
      const u = adjoints[p];
      if (u === null) continue;
      const { operands, active } = lines[p];
      for (let n = 0; n < operands.length; n++) {
        if (!active[n]) continue;
        const [j, share] = [operands[n], flows.pass(u, /** @type {number} */ (partials[offsets[p] + n]))];
        const before = adjoints[j];
        adjoints[j] = before === null ? share : flows.add(before, share);
      }
    }
    const derivatives = adjoints.map(flows.read);
    return { result: document.inputs.map(({ index }) => derivatives[index - first]), derivatives };
  }

  /** @param {Run} run @returns {Swept} */
  function values(run) {
    const timeline = timelines.values;
    const steps = Float64Array.from({ length: timeline?.count ?? 0 }, (_, n) => run.values[/** @type {Timeline} */ (timeline).index(n + 1) - first]);
    return { steps, result: outputs.map((i) => run.values[i - first]) };
  }

  /**
   * The first comparison of the program that comes out otherwise: the trace is of another path then.
   * @param {Run} run
   */
  function flipped({ values }) {
    const side = (/** @type {Operand} */ u) => ("ref" in u ? values[u.ref - first] : toNumber(/** @type {number} */ (u.number)));
    return document.branches.find(({ symbol, left, right, outcome }) => COMPARE[symbol](side(left), side(right)) !== outcome) ?? null;
  }

  return { run, forward, reverse, values, column, row, flipped, offset: (/** @type {number} */ i) => offsets[i - first] };
}

/**
 * The rule of a row, which has a formula for every operand along which something flows.
 * @param {Map<string, Rule>} rules
 * @param {string} row
 * @param {number} operands
 * @param {boolean[]} flows
 * @returns {Rule}
 */
function ruleOf(rules, row, operands, flows) {
  const rule = rules.get(row);
  if (!rule || operands > 2 || flows.some((flow, k) => flow && !rule.partials[k])) throw new Damage(`rows.${row}`, "does not say how it is computed");
  return rule;
}

/**
 * The variables whose adjoints a reverse timeline passes on.
 * @param {Timeline} timeline
 */
function sourcesOf(timeline) {
  const found = new Set();
  for (let n = 1; n <= timeline.count; n++) if (timeline.kind(n) === "contribute") found.add(timeline.source(n));
  return found;
}
