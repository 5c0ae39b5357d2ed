// Version 1 of the document, which wrote down every variable and every step: its check, and how it answers as all documents do.

import { stepsAbout } from "./about.js";
import { aFlag, aRecord, aText, anInteger, Damage, listOf, oneOf, orMissing, orNull, refuse } from "./check.js";
import { ARITY, TOKENS } from "./math.js";
import { createNumbers } from "./numbers.js";
import { aQuantity, isArray } from "./quantity.js";
import { checkAround, checkGraph, positionIn } from "./scene.js";

/** @typedef {import("./check.js").Check} Check */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./document.js").Step} Step */
/** @typedef {import("./document.js").Mode} Mode */

const KINDS = ["evaluate", "seed", "propagate", "contribute", "accumulate"];
const DEEPEST = 64; // a formula of the table is about 6 deep

/**
 * @param {any} value
 * @param {Mode[]} modes that a document may have
 * @returns {TraceDocument}
 */
export function readListed(value, modes) {
  aRecord({ variables: listOf(aRecord({ index: anInteger, operands: listOf(aRecord({})) })) })(value, "");
  const known = knownTo(value);
  checkVariables(value, known);
  checkAround(value, known);
  checkTimelines(value, known, modes);
  checkGraph(value, known);
  return answering(value, modes.filter((mode) => mode in value.timelines));
}

/**
 * A document of version 1, which holds every object, made to answer as all documents do.
 * @param {any} document
 * @param {Mode[]} modes
 * @returns {TraceDocument}
 */
function answering(document, modes) {
  /** @type {Variable[]} */
  const variables = document.variables;
  const first = Math.min(...variables.map(({ index }) => index));
  const byIndex = new Map(variables.map((variable) => [variable.index, variable]));
  /** @type {number[]} */
  const offsets = [];
  let operands = 0;
  const get = (/** @type {number} */ i) => /** @type {Variable} */ (byIndex.get(i));
  for (const { index, operands: own } of variables) {
    offsets[index - first] = operands;
    operands += own.length;
  }
  const numbers = createNumbers(first, (i) => offsets[i - first], {
    values: variables.map((variable) => variable.value),
    partials: variables.flatMap((variable) => variable.partials),
    steps: Object.fromEntries(modes.map((mode) => [mode, document.timelines[mode].steps.map((/** @type {Step} */ step) => step.number)])),
    results: Object.fromEntries(modes.map((mode) => [mode, document.timelines[mode].result])),
  });
  for (const variable of variables) {
    const { index: i, operands: own } = variable;
    Object.defineProperty(variable, "value", { get: () => numbers.value(i), enumerable: true });
    Object.defineProperty(variable, "partials", { get: () => own.map((_, k) => numbers.partial(i, k)), enumerable: true });
  }
  for (const mode of modes) answeringTimeline(document.timelines[mode], numbers, new Map(variables.map(({ index }, n) => [index, n])));
  /** @param {number} i @returns {import("./document.js").Operation} */
  function operation(i) {
    const { row, operands: own, partials } = get(i);
    return { row, operands: own, flows: partials.map((partial) => partial !== null) };
  }
  const named = (/** @type {string} */ text) => (/** @type {number} */ i) =>
    get(i).label?.toLowerCase() === text || get(i).row === text || get(i).operation === text;
  const uses = () => {
    const counts = new Int32Array(variables.length);
    for (const { operands: own } of variables) for (const operand of own) if ("ref" in operand) counts[operand.ref - first] += 1;
    return counts;
  };
  return Object.assign(document, {
    first, count: variables.length, variable: get, operation, numbers, named, uses, position: (/** @type {number} */ i) => get(i).position,
    hasArrays: variables.some(({ value }) => isArray(value)), folds: undefined, readRest() {},
  });
}

/**
 * @param {any} timeline
 * @param {import("./numbers.js").Numbers} numbers
 * @param {Map<number, number>} positions of the variables
 */
function answeringTimeline(timeline, numbers, positions) {
  /** @type {Step[]} */
  const steps = timeline.steps;
  const known = new Set(timeline.known);
  steps.forEach((step, n) => Object.defineProperty(step, "number", { get: () => numbers.step(timeline.mode, n + 1), enumerable: true }));
  Object.defineProperty(timeline, "result", { get: () => numbers.result(timeline.mode), enumerable: true });
  const at = (/** @type {number} */ n) => steps[n - 1];
  const place = (/** @type {number | null} */ i) => positions.get(i ?? NaN) ?? 0;
  const about = stepsAbout(0, positions.size, steps.map(({ index }) => place(index)));
  const counted = { kind: steps.map(({ kind }) => Number(kind === "contribute")), counts: [0, 1] };
  const shares = stepsAbout(0, positions.size, steps.map(({ source }) => place(source)), counted);
  Object.assign(timeline, {
    about: (/** @type {number} */ i) => about.of(place(i)), shares: (/** @type {number} */ i) => shares.of(place(i)),
    count: steps.length, step: at, cell: (/** @type {number} */ i, most = Infinity) => (timeline.cells[positions.get(i) ?? -1] ?? []).slice(0, most),
    knows: (/** @type {number} */ i) => known.has(i),
    kind: (/** @type {number} */ n) => at(n).kind, index: (/** @type {number} */ n) => at(n).index,
    source: (/** @type {number} */ n) => at(n).source, operand: (/** @type {number} */ n) => at(n).operand,
    final: (/** @type {number} */ n) => at(n).final,
  });
}

/**
 * Checks that depend on what else is in the document: a reference must lead somewhere.
 * @param {TraceDocument} document
 */
function knownTo(document) {
  /** @type {Map<number, Variable>} */
  const variables = new Map();
  document.variables.forEach((variable, n) => {
    if (variables.has(variable.index)) throw new Damage(`variables[${n}].index`, `occurs twice: ${variable.index}`);
    variables.set(variable.index, variable);
  });
  /** @type {Check} */
  const variable = (value, place) => {
    if (!variables.has(value)) refuse(place, "the index of a variable", value);
  };
  const operands = (/** @type {number} */ i) => variables.get(i)?.operands.length ?? 0;
  return { variables, variable, position: positionIn(document), operands };
}

/** @typedef {ReturnType<typeof knownTo>} Known */

/**
 * A reference to a number, in a text that belongs to a timeline of so many steps.
 * @param {Known} known
 * @param {number} steps
 * @returns {Check}
 */
function referenceIn(known, steps) {
  return (value, place) => {
    const [kind, a, b] = Array.isArray(value) ? value : [];
    const right =
      kind === "value" ? known.variables.has(a)
      : kind === "partial" ? Number.isSafeInteger(b) && b >= 0 && b < (known.variables.get(a)?.operands.length ?? 0)
      : kind === "operand" ? "number" in (known.variables.get(a)?.operands[/** @type {number} */ (b)] ?? {})
      : kind === "step" ? Number.isSafeInteger(a) && a >= 1 && a <= steps
      : kind === "number" && (aQuantity(a, `${place}[1]`), true);
    if (!right) refuse(place, "a reference to a number", value);
  };
}

/**
 * @param {Check} reference
 * @returns {Check}
 */
function mathWith(reference) {
  /** @type {(value: any, place: string, depth: number) => void} */
  const check = (value, place, depth) => {
    if (typeof value === "string") return;
    if (!Array.isArray(value)) {
      aRecord({ slot: reference })(value, place);
      return;
    }
    const [tag, ...children] = value;
    const arity = ARITY.get(tag);
    if (arity === undefined || depth > DEEPEST || (arity !== null && arity !== children.length)) refuse(place, "a formula", value);
    for (let i = 0; i < children.length; i++) {
      if (TOKENS.has(tag) && Array.isArray(children[i])) refuse(`${place}[${i + 1}]`, "a text", children[i]);
      check(children[i], place, depth + 1);
    }
  };
  return (value, place) => check(value, place, 0);
}

/**
 * @param {any} document
 * @param {Known} known
 */
function checkVariables(document, known) {
  const math = mathWith(referenceIn(known, 0));
  const symbol = aRecord({ text: aText, math, dot: math, bar: math, dot_text: aText, bar_text: aText });
  listOf(
    aRecord({
      role: oneOf(["input", "assignment", "constant"]), row: orNull(aText), operands: listOf(operandOf(known)), value: aQuantity,
      symbol, label: orNull(aText), operation: aText, position: orNull(known.position),
      definition: math, substituted: orNull(math), spoken: aText,
      sentence: orMissing(aText),
    }),
  )(document.variables, "variables");
  document.variables.forEach((/** @type {Variable} */ { operands, partials }, /** @type {number} */ n) =>
    listOf(orNull(aQuantity), operands.length)(partials, `variables[${n}].partials`));
}

/**
 * @param {Known} known
 * @returns {Check}
 */
function operandOf(known) {
  const ref = aRecord({ ref: known.variable });
  const number = aRecord({ number: aQuantity });
  return (value, place) => (value?.ref === undefined ? number : ref)(value, place);
}

/**
 * @param {any} document
 * @param {Known} known
 * @param {Mode[]} modes
 */
function checkTimelines(document, known, modes) {
  aRecord({})(document.timelines, "timelines");
  for (const mode of modes) {
    if (mode in document.timelines) checkTimeline(document.timelines[mode], `timelines.${mode}`, mode, document, known);
  }
  if (!modes.some((mode) => mode in document.timelines)) throw new Damage("timelines", "has no mode");
}

/**
 * @param {any} timeline
 * @param {string} place
 * @param {Mode} mode
 * @param {any} document
 * @param {Known} known
 */
function checkTimeline(timeline, place, mode, document, known) {
  aRecord({ steps: listOf(aRecord({})) })(timeline, place);
  const reference = referenceIn(known, timeline.steps.length);
  const math = mathWith(reference);
  /** @type {Check} */
  const stepNumber = (value, where) => reference(["step", value], where);
  /** @type {Check} */
  const say = (value, where) => {
    listOf((part, at) => (at === `${where}[0]` ? aText : reference)(part, at))(value, where);
    if (!value.length) refuse(where, "a sentence", value);
  };
  const belongs = (mode === "forward" ? document.inputs : mode === "reverse" ? document.outputs : []).length;
  aRecord({
    mode: oneOf([mode]),
    seed: mode === "values" ? orNull(listOf(aQuantity)) : listOf(aQuantity, belongs),
    seed_names: listOf(aText, belongs),
    known: listOf(known.variable),
    phases: listOf(aRecord({ text: aText, start: anInteger })),
    steps: listOf(
      aRecord({
        kind: oneOf(KINDS), index: known.variable, source: orNull(known.variable), operand: orNull(anInteger), number: aQuantity,
        final: aFlag, say, formula: math,
      }),
    ),
    cells: listOf(listOf(aRecord({ step: stepNumber, formula: math, numbers: orNull(math) }))),
    result: listOf(aQuantity),
  })(timeline, place);
  const rows = document.variables.length;
  if (timeline.cells.length !== rows && timeline.cells.length) refuse(`${place}.cells`, `a list of ${rows}`, timeline.cells);
}
