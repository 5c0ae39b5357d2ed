// What there is to say of one variable: its equation, its operands, the shares that came in, the paths that lead from or to it.
// Every number is one of the document's; a product along a path multiplies partials that Python computed.

import { format, toNumber } from "./number.js";
import { network } from "./pathways.js";
import { isArray, theSame, written } from "./quantity.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./document.js").Math} Formula */
/** @typedef {import("./document.js").Step} Step */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./pathways.js").Edge} Edge */
/** @typedef {import("./pathways.js").Path} Path */
/** @typedef {import("./document.js").Term} Term */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {{from: number | null, label: string, edge: Edge | null, formula: Formula | null, text: string, step?: number, number?: Quantity}} Item */
/** @typedef {{indices: number[], edges: Edge[], numbers: string}} ToldPath */
/** @typedef {{key: string, from: string, to: string, count: bigint | null, paths: ToldPath[], why: string, sum: string}} PathGroup */

const LISTED = 12; // paths whose products are shown
const EQUALS = /** @type {Formula} */ (["mo", "="]);
const PLUS = /** @type {Formula} */ (["mo", "+"]);

/**
 * @param {TraceDocument} document
 * @param {Replay} replay
 * @param {Words} words
 */
export function createReasons(document, replay, words) {
  const { variable } = document;
  const { mode, timeline, lookup } = replay;
  /** @type {ReturnType<typeof network> | null} */
  let edges = null;
  const graph = () => (edges ??= network(document));

  /** The number that is asked for, as an equation; "" where it is not known yet. @param {Variable} v @param {number} n */
  function known(v, n) {
    const derivative = replay.derivative(v.index, n);
    if (derivative) return `${mode === "reverse" ? v.symbol.bar_text : v.symbol.dot_text} = ${written(derivative.number)}${derivative.final ? "" : " +…"}`;
    return replay.knows(v.index, n) ? `${v.symbol.text} = ${written(v.value)}` : "";
  }

  /** v = symbols = numbers = value. @param {Variable} v @param {number} n @returns {Formula} */
  function equation(v, n) {
    const numbers = v.substituted === null ? [] : [EQUALS, v.substituted];
    const value = replay.knows(v.index, n) ? [...numbers, EQUALS, { slot: ["value", v.index] }] : [];
    return /** @type {Formula} */ (["mrow", v.symbol.math, EQUALS, v.definition, ...value]);
  }

  /** @param {Variable} v @param {number} n @returns {Item[]} */
  function operands(v, n) {
    return v.operands.map((operand, k) => {
      if (!("ref" in operand)) return { from: null, label: written(operand.number), edge: null, formula: null, text: words("page.why.number") };
      const u = variable(operand.ref);
      const label = replay.knows(u.index, n) ? `${u.symbol.text} = ${written(u.value)}` : u.symbol.text;
      return { from: u.index, label, edge: { to: v.index, operand: k }, formula: null, text: slope(v, k, n) };
    });
  }

  /** "∂v₃/∂v₀ = 0.2837" @param {Variable} v @param {number} k @param {number} n */
  function slope(v, k, n) {
    const operand = v.operands[k];
    if (!("ref" in operand)) return "";
    const name = `∂${v.symbol.text}/∂${variable(operand.ref).symbol.text}`;
    const partial = v.partials[k];
    if (!replay.knows(v.index, n)) return words("page.why.partial_blank", { partial: name });
    if (partial === null) return words(v.sentence === undefined ? "page.why.partial_none" : "page.why.partial_map", { partial: name });
    return `${name} = ${written(theSame(partial) ?? partial)}`;
  }

  /** The derivative of this mode: its equation as far as it has come, and what came in. @param {Variable} v @param {number} n */
  function derivative(v, n) {
    const found = replay.derivative(v.index, n);
    if (mode === "values" || (!found && mode === "forward")) return null;
    const cells = timeline.cell(v.index);
    const terms = cells.filter(({ step }) => step <= n);
    const items = mode === "reverse" ? shares(v, cells) : propagated(v);
    const nothing = mode === "reverse" && !found && n === replay.count;
    const zero = nothing || (found?.final && theSame(found.number) === 0) ? whyZero(v, items) : "";
    const symbols = terms.flatMap(({ formula }) => [PLUS, formula]).slice(1);
    const numbers = terms.every((term) => term.numbers !== null) ? terms.flatMap((term) => [PLUS, term.numbers]).slice(1) : [];
    const known = found ? [EQUALS, { slot: ["number", found.number] }] : [];
    const parts = terms.length && !isSeeded(v) ? [EQUALS, ...symbols, ...(numbers.length ? [EQUALS, ...numbers] : []), ...known] : known;
    const left = mode === "reverse" ? v.symbol.bar : v.symbol.dot;
    return { heading: `page.why.${mode}`, equation: /** @type {Formula} */ (["mrow", left, ...parts]), items: items.filter(({ step = 0 }) => step <= n), zero };
  }

  /** @param {Variable} v */
  const isSeeded = (v) => (mode === "forward" ? v.role === "input" : false);

  /** What a variable received on the way back, a share from each edge that leaves it, and its seed. @param {Variable} v @param {Term[]} cells @returns {Item[]} */
  function shares(v, cells) {
    return Array.from(timeline.about(v.index)).flatMap((n) => {
      const step = timeline.step(n);
      if (step.kind === "seed") return [seeded(step, n)];
      if (step.kind !== "contribute" || step.source === null || step.operand === null) return [];
      const term = cells.find((each) => each.step === n);
      const numbers = term?.numbers ? [EQUALS, term.numbers] : [];
      const formula = /** @type {Formula} */ (["mrow", ...(term ? [term.formula, ...numbers, EQUALS] : []), { slot: ["step", n] }]);
      const edge = { to: step.source, operand: step.operand };
      return [{ from: step.source, label: variable(step.source).symbol.text, edge, formula, text: "", step: n, number: step.number }];
    });
  }

  /** What the operands passed on: v̇_j · ∂v_i/∂v_j each. @param {Variable} v @returns {Item[]} */
  function propagated(v) {
    const end = Array.from(timeline.about(v.index)).find((n) => timeline.step(n).kind === "propagate") ?? Infinity;
    const seeds = Array.from(timeline.about(v.index)).filter((n) => timeline.step(n).kind === "seed").map((n) => seeded(timeline.step(n), n));
    return seeds.concat(graph().entering(v.index).map(({ from, operand }) => {
      const u = variable(from);
      const tangent = replay.derivative(from, Infinity)?.number ?? 0;
      const partial = v.partials[operand];
      const product = `${u.symbol.dot_text} · ∂${v.symbol.text}/∂${u.symbol.text}`;
      const single = partial !== null && !isArray(partial) && !isArray(tangent);
      const numbers = single ? ` = ${factors([toNumber(tangent), toNumber(partial)])}` : "";
      return { from, label: u.symbol.text, edge: { to: v.index, operand }, formula: null, text: product + numbers, step: end, number: single ? toNumber(tangent) * toNumber(partial) : undefined };
    }));
  }

  /** @param {Step} step @param {number} n @returns {Item} */
  function seeded({ number }, n) {
    return { from: null, label: words("page.why.seed"), edge: null, formula: null, text: written(number), step: n };
  }

  /** Which kind of zero a derivative is. @param {Variable} v @param {Item[]} came */
  function whyZero(v, came) {
    if (mode === "forward" && v.role === "input") return "page.why.zero_seed";
    if (mode === "reverse" && !came.some(({ edge }) => edge)) return document.outputs.includes(v.index) ? "page.why.zero_seed" : "page.why.zero_unused";
    const groups = ends(v).filter(({ weight }) => weight !== 0);
    const counts = groups.map(({ from, to }) => graph().count(from, to));
    if (counts.every((count) => count === 0n)) return mode === "forward" ? "page.why.zero_unreached" : "page.why.zero_unused";
    return came.filter(({ edge }) => edge).every(({ number }) => number !== undefined && theSame(number) === 0) ? "page.why.zero_factor" : "page.why.zero_cancelled";
  }

  /** Where the paths of this mode begin and end, and the seed that counts there. @param {Variable} v */
  function ends(v) {
    const named = (/** @type {number} */ index, /** @type {string} */ name) => (variable(index).symbol.text === name ? name : `${variable(index).symbol.text} = ${name}`);
    if (mode === "forward") {
      return document.inputs.map(({ index, name }, k) => ({ from: index, to: v.index, weight: weightOf(timeline.seed?.[k]), name: named(index, name), key: "page.why.paths_from" }));
    }
    return document.outputs.map((index, k) => ({
      from: v.index, to: index, weight: mode === "reverse" ? weightOf(timeline.seed?.[k]) : 1, name: named(index, document.output_names[k]), key: "page.why.paths_to",
    }));
  }

  /** @param {Variable} v @param {number} n @returns {PathGroup[]} */
  function paths(v, n) {
    const groups = ends(v).filter(({ from, to, weight }) => weight !== 0 && from <= to && (mode === "values" || from !== to));
    const told = groups.map(({ key, from, to, weight, name }) => {
      const count = graph().count(from, to);
      const group = { key, from: key === "page.why.paths_to" ? v.symbol.text : name, to: key === "page.why.paths_to" ? name : v.symbol.text, count };
      return { ...group, ...listed(from, to, count, weight, n) };
    });
    const sums = told.map(({ total }) => total);
    const final = replay.derivative(v.index, n);
    const whole = told.length > 0 && sums.every((sum) => sum !== null) && final?.final && !isArray(final.number);
    if (!whole) return told;
    const last = told[told.length - 1];
    const key = mode === "forward" ? "page.why.sum_tangent" : "page.why.sum_adjoint";
    const symbol = mode === "forward" ? v.symbol.dot_text : v.symbol.bar_text;
    const numbers = format(/** @type {number[]} */ (sums).reduce((a, b) => a + b, ownSeed(v)));
    return [...told.slice(0, -1), { ...last, sum: words(key, { sum: numbers, derivative: symbol }) }];
  }

  /** The seed of the variable itself, which no path brings. @param {Variable} v */
  function ownSeed(v) {
    if (mode === "forward") return document.inputs.reduce((sum, { index }, k) => sum + (index === v.index ? seedOf(k) : 0), 0);
    return document.outputs.reduce((sum, index, k) => sum + (index === v.index ? seedOf(k) : 0), 0);
  }

  /** @param {number} k */
  function seedOf(k) {
    const weight = weightOf(timeline.seed?.[k]);
    return typeof weight === "number" ? weight : NaN;
  }

  /**
   * The products along the paths, where they are few and every partial on them is a number that is known.
   * @param {number} from
   * @param {number} to
   * @param {bigint | null} count
   * @param {number | null} weight
   * @param {number} n
   */
  function listed(from, to, count, weight, n) {
    const none = { paths: [], why: "", sum: "", total: /** @type {number | null} */ (count === 0n ? 0 : null) };
    if (count === 0n) return none;
    if (count === null || count > BigInt(LISTED)) return { ...none, why: words("page.why.many_paths", { limit: LISTED }) };
    const found = graph().list(from, to);
    if (weight === null || found.some((path) => !isSingle(path))) return { ...none, why: words("page.why.array_paths") };
    if (found.some(({ indices }) => indices.some((i) => !replay.knows(i, n)))) return { ...none, why: words("page.why.paths_later") };
    const seed = mode === "values" || weight === 1 ? [] : [weight];
    const products = found.map(({ edges }) => [...seed, ...edges.map(({ to: i, operand }) => toNumber(/** @type {any} */ (lookup(["partial", i, operand]))))]);
    const told = found.map((path, m) => ({ ...path, numbers: factors(products[m]) }));
    return { ...none, paths: told, total: products.reduce((sum, product) => sum + product.reduce((a, b) => a * b, 1), 0) };
  }

  /** @param {Path} path */
  function isSingle({ edges }) {
    return edges.every(({ to, operand }) => {
      const partial = variable(to).partials[operand];
      return partial !== null && !isArray(partial);
    });
  }

  return { lookup, variable, has: (/** @type {number} */ index) => index >= document.first && index < document.first + document.count, known, equation, operands, slope, derivative, paths };
}

/** "2 · 1 · −1 = −2"; of one number the number. @param {number[]} numbers */
function factors(numbers) {
  const product = format(numbers.reduce((a, b) => a * b, 1));
  const written = numbers.map((x, k) => (k && x < 0 ? `(${format(x)})` : format(x)));
  return numbers.length > 1 ? `${written.join(" · ")} = ${product}` : product;
}

/** A seed that is a number; null of an array. @param {import("./quantity.js").Quantity | undefined} seed */
function weightOf(seed) {
  if (seed === undefined || isArray(seed)) return seed === undefined ? 0 : null;
  return toNumber(seed);
}
