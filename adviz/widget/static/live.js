// A document that is computed anew without Python: at another point, with other seeds, or with one variable a little off.

import { aRecord, Damage } from "./check.js";
import { toJson, toNumber } from "./number.js";
import { programOf } from "./program.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./program.js").Run} Run */
/** @typedef {import("./modes.js").Jacobian} Jacobian */
/** @typedef {ReturnType<typeof createLive>} Live */
/** Why the numbers stay as they were. @typedef {{key: "live.flipped", condition: string} | {key: "live.seed"} | {key: "live.kernel"} | null} Refusal */
/** @typedef {{before: number, after: number, adjoint: number, predicted: number}} Nudged */

const UNWRITTEN = new Set(["evaluate", "contribute"]); // steps that write no tangent and no adjoint
const READ_AT_ONCE = 2000; // variables
const OF_THE_POINT = new Set(["kink", "undefined", "infinite-slope", "zero-times-infinity", "converted"]); // notes that another point may not have

/**
 * Writes new numbers into the document's store; who draws them is told by the result. Throws a Damage where the rows cannot be read.
 * @param {TraceDocument} document one that says it is live
 */
export function createLive(document) {
  aRecord({ rows: aRecord({}) })(document, "");
  /** @type {import("./program.js").Program | null} */
  let made = null;
  const program = () => (made ??= programOf(document));
  const { first, numbers, timelines, outputs } = document;
  const beginning = document.inputs.map(({ value }) => number(value));
  const seeds = { forward: seedOf(timelines.forward), reverse: seedOf(timelines.reverse) };
  const notes = document.notes;
  let point = beginning;
  /** @type {Run | null} */
  let known = null;
  const run = () => (known ??= running(point));
  if (document.count <= READ_AT_ONCE) run(); // what is wrong with a document is said when it comes; a large one is read when it is first changed

  /** @param {number[]} at @param {import("./program.js").Changed} [changed] @returns {Run} */
  function running(at, changed) {
    try {
      return program().run(at, changed);
    } catch (error) {
      if (error instanceof Damage) throw error;
      throw new Damage("rows", `cannot be computed (${error instanceof Error ? error.message : error})`); // rows that call each other without end
    }
  }

  /** All columns, or why they stay. @param {Run} now @returns {Refusal} */
  function write(now) {
    const flipped = program().flipped(now);
    if (flipped) return { key: "live.flipped", condition: flipped.text };
    const swept = { values: program().values(now), forward: timelines.forward && program().forward(now, seeds.forward), reverse: timelines.reverse && program().reverse(now, seeds.reverse) };
    const found = Object.entries(swept).flatMap(([mode, each]) => (each ? [/** @type {const} */ ([mode, each])] : []));
    numbers.write({
      values: now.values, partials: now.partials,
      steps: Object.fromEntries(found.map(([mode, { steps }]) => [mode, steps])), results: Object.fromEntries(found.map(([mode, { result }]) => [mode, result])),
    });
    return null;
  }

  const moved = () => point.some((x, n) => !Object.is(x, beginning[n]));

  return {
    point: () => point,
    moved,
    /** Whether every value is a number and every slope finite: the gradient has the same lines wherever that is so. */
    regular: () => !run().steep && !run().values.some(Number.isNaN),
    /** The notes that are true at any point. */
    notes: () => (moved() ? notes.filter(({ kind }) => !OF_THE_POINT.has(kind)) : notes),
    /** @param {Mode} mode */
    seed: (mode) => (mode === "values" ? [] : seeds[mode]),
    /** The numbers at another point. @param {Quantity[]} values @returns {Refusal} */
    inputs(values) {
      const wanted = values.map(number);
      const now = running(wanted);
      const refusal = write(now);
      if (refusal) return refusal;
      [point, known] = [wanted, now];
      return null;
    },
    /** The numbers of one mode with another seed. @param {Mode} mode @param {Quantity[]} values @returns {Refusal} */
    seeds(mode, values) {
      if (mode === "values") return null;
      const seed = values.map(number);
      const swept = mode === "forward" ? program().forward(run(), seed) : program().reverse(run(), seed);
      if (!swept) return { key: "live.seed" };
      seeds[mode] = seed;
      numbers.write({ steps: { [mode]: swept.steps }, results: { [mode]: swept.result } });
      return null;
    },
    /** The Jacobian at this point: the sweeps that Python made, made again. @param {Jacobian} given @returns {Jacobian} */
    jacobian(given) {
      if (!moved() || !given.sweeps) return given;
      const again = (/** @type {"column" | "row"} */ which) => (/** @type {import("./modes.js").Sweep} */ sweep, /** @type {number} */ k) => {
        const { result, derivatives } = program()[which](run(), k);
        const reached = sweep.derivatives?.map((old, p) => (old === null ? null : toJson(derivatives[p])));
        return { ...sweep, entries: result.map(toJson), ...(reached ? { derivatives: reached } : {}) };
      };
      const product = (/** @type {"forward" | "reverse"} */ mode) => ({ seed: seeds[mode].map(toJson), result: numbers.result(mode).map((x) => toJson(number(x))) });
      return {
        ...given, sweeps: { forward: given.sweeps.forward.map(again("column")), reverse: given.sweeps.reverse.map(again("row")) },
        jvp: given.jvp && product("forward"), vjp: given.vjp && product("reverse"),
      };
    },
    /**
     * What every line comes to at a point, and in the end its tangent along a direction and its adjoint by the reverse seed; null on another path.
     * @param {number[]} there
     */
    at(there) {
      const now = running(there);
      const reverse = program().reverse(now, seeds.reverse);
      if (!reverse || program().flipped(now)) return null;
      const last = (/** @type {"forward" | "reverse"} */ mode, /** @type {ArrayLike<number>} */ steps) => new Map(Array.from(steps, (x, n) => /** @type {const} */ ([n + 1, x]))
        .filter(([n]) => !UNWRITTEN.has(timelines[mode]?.kind(n) ?? "")).map(([n, x]) => [timelines[mode]?.index(n), x]));
      const forward = (/** @type {number[]} */ direction) => program().forward(now, direction);
      return {
        values: now.values, adjoints: last("reverse", reverse.steps), gradient: reverse.result,
        tangents: (/** @type {number[]} */ direction) => last("forward", forward(direction).steps), along: (/** @type {number[]} */ direction) => forward(direction).result,
      };
    },
    /**
     * What the outputs, weighted by the reverse seed, come to when v_i is δ more and all that follows is computed with that; null where the
     * rows cannot be computed.
     * @param {number} i
     * @param {number} delta
     * @returns {Nudged | {flipped: string} | null}
     */
    nudge(i, delta) {
      try {
        return nudged(i, delta);
      } catch (error) {
        if (error instanceof Damage) return null;
        throw error;
      }
    },
  };

  /** @param {number} i @param {number} delta @returns {Nudged | {flipped: string}} */
  function nudged(i, delta) {
    const value = run().values[i - first] + delta;
    const other = i > 0 ? running(point, { index: i, value }) : running(point.map((x, n) => (n === i - first ? value : x)));
    const flipped = program().flipped(other);
    if (flipped) return { flipped: flipped.text };
    const weighed = (/** @type {Run} */ { values }) => outputs.reduce((sum, index, n) => (seeds.reverse[n] === 0 ? sum : sum + seeds.reverse[n] * values[index - first]), 0);
    const adjoint = adjointOf(i);
    return { before: weighed(run()), after: weighed(other), adjoint, predicted: adjoint * delta };
  }

  /** v̄_i after the last step of the reverse sweep. @param {number} i */
  function adjointOf(i) {
    const timeline = timelines.reverse;
    const about = timeline?.about(i) ?? [];
    for (let n = about.length - 1; n >= 0; n--) {
      if (timeline?.kind(about[n]) !== "contribute") return number(numbers.step("reverse", about[n]));
    }
    return 0;
  }
}

/** @param {import("./document.js").Timeline | undefined} timeline */
function seedOf(timeline) {
  return (timeline?.seed ?? []).map(number);
}

/** @param {Quantity} quantity */
function number(quantity) {
  return toNumber(/** @type {import("./number.js").JsonNumber} */ (quantity));
}
