// The trace document as the page reads it: its types, and the check that every field is what adviz/views/document.py says.

import { aFlag, aNumber, aRecord, aText, aTextLike, anInteger, Damage, listOf, oneOf, orMissing, orNull, refuse } from "./check.js";
import { ARITY, TOKENS } from "./math.js";
import { aQuantity } from "./quantity.js";

/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./check.js").Check} Check */
/** @typedef {["value", number] | ["partial", number, number] | ["operand", number, number] | ["step", number] | ["number", Quantity]} Reference */
/** @typedef {string | {slot: Reference, tight?: boolean} | [string, ...any[]]} Math */
/** @typedef {{ref: number} | {number: Quantity}} Operand */
/** @typedef {[number, number, number | null, number, number | null]} Position source, line, column, end line, end column */
/** @typedef {{text: string, math: Math, dot: Math, bar: Math, dot_text: string, bar_text: string}} Symbols */
/** @typedef {{index: number, role: string, row: string | null, operands: Operand[], value: Quantity, partials: (Quantity | null)[],
 *   symbol: Symbols, label: string | null, operation: string, position: Position | null, definition: Math, substituted: Math | null,
 *   spoken: string, sentence?: string}} Variable */
/** @typedef {"evaluate" | "seed" | "propagate" | "contribute" | "accumulate"} Kind */
/** @typedef {{kind: Kind, index: number, source: number | null, operand: number | null, number: Quantity, final: boolean,
 *   say: [string, ...Reference[]], formula: Math}} Step */
/** @typedef {{step: number, formula: Math, numbers: Math | null}} Term */
/** @typedef {{mode: Mode, seed: Quantity[] | null, seed_names: string[], known: number[], phases: {text: string, start: number}[],
 *   steps: Step[], cells: Term[][], result: Quantity[]}} Timeline */
/** @typedef {"values" | "forward" | "reverse"} Mode */
/** @typedef {{index: number, x: number, y: number, w: number, h: number}} Box */
/** @typedef {{x: number, y: number, w: number, h: number, to: number, operand: number, number?: Quantity, ref?: number}} Leaf */
/** @typedef {{from?: number, leaf?: number, to: number, operand: number, path: string, label: [number, number], head: string,
 *   tail: string}} Edge */
/** @typedef {{width: number, height: number, nodes: Box[], leaves: Leaf[], edges: Edge[]}} Scene */
/** @typedef {{name: string, first_line: number, text: string}} Source */
/** @typedef {{title: string, language: string, live: boolean, why_not_live: string,
 *   inputs: {index: number, name: string, value: Quantity}[], outputs: number[], output_names: string[], sources: Source[],
 *   variables: Variable[], branches: {after: number | null, text: string, outcome: boolean, position: Position | null}[],
 *   notes: {index: number | null, kind: string, text: string}[], timelines: Partial<Record<Mode, Timeline>>, graph: Scene | null,
 *   graph_missing?: string, texts: Record<string, string>}} TraceDocument */

export const FORMAT = "adviz-trace";
export const VERSION = 1;
/** @type {Mode[]} */
export const MODES = ["values", "forward", "reverse"];
const KINDS = ["evaluate", "seed", "propagate", "contribute", "accumulate"];
const DEEPEST = 64; // a formula of the table is about 6 deep

/**
 * A document from its text. Throws a Damage that names the field.
 * @param {string} text
 * @returns {TraceDocument}
 */
export function read(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Damage("document", `is not JSON (${error instanceof Error ? error.message : error})`);
  }
  checkDocument(value);
  return value;
}

const aCurve = aTextLike(/^M [-+\d.e]+ [-+\d.e]+( C( [-+\d.e]+){6,})?$/, "a curve");
const aTriangle = aTextLike(/^[-+\d.e]+,[-+\d.e]+( [-+\d.e]+,[-+\d.e]+){2}$/, "three points");

/** @param {any} value */
function checkDocument(value) {
  aRecord({ format: oneOf([FORMAT]), version: anInteger })(value, "");
  if (value.version < 1 || value.version > VERSION) throw new Damage("version", `is ${value.version}; this page reads version ${VERSION}`);
  aRecord({
    title: aText, language: aText, live: aFlag, why_not_live: aText,
    texts: textsByKey,
    sources: listOf(aRecord({ name: aText, first_line: anInteger, text: aText })),
    variables: listOf(aRecord({ index: anInteger, operands: listOf(aRecord({})) })),
  })(value, "");
  const known = knownTo(value);
  checkVariables(value, known);
  checkTimelines(value, known);
  checkGraph(value, known);
}

/** @type {Check} */
function textsByKey(value, place) {
  aRecord({})(value, place);
  for (const [key, template] of Object.entries(value)) aText(template, `${place}.${key}`);
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
  /** @type {Check} */
  const position = (value, place) => {
    listOf(orNull(anInteger), 5)(value, place);
    for (const n of [1, 3]) anInteger(value[n], `${place}[${n}]`);
    if (!document.sources[value[0]]) refuse(`${place}[0]`, "the number of a source", value[0]);
  };
  return { variables, variable, position };
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
  aRecord({
    inputs: listOf(aRecord({ index: known.variable, name: aText, value: aQuantity })),
    outputs: listOf(known.variable),
    branches: listOf(aRecord({ after: orNull(known.variable), text: aText, outcome: aFlag, position: orNull(known.position) })),
    notes: listOf(aRecord({ index: orNull(known.variable), kind: aText, text: aText })),
  })(document, "");
  listOf(aText, document.outputs.length)(document.output_names, "output_names");
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
 */
function checkTimelines(document, known) {
  aRecord({})(document.timelines, "timelines");
  for (const mode of MODES) {
    if (mode in document.timelines) checkTimeline(document.timelines[mode], `timelines.${mode}`, mode, document, known);
  }
  if (!MODES.some((mode) => mode in document.timelines)) throw new Damage("timelines", "has no mode");
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

/**
 * @param {any} document
 * @param {Known} known
 */
function checkGraph(document, known) {
  if (document.graph === null) return aText(document.graph_missing, "graph_missing");
  const corner = { x: aNumber, y: aNumber, w: aNumber, h: aNumber };
  /** @type {Check} */
  const origin = (edge, place) => {
    if (edge.leaf === undefined) known.variable(edge.from, `${place}.from`);
    else if (!document.graph.leaves[edge.leaf]) refuse(`${place}.leaf`, "the number of a leaf", edge.leaf);
  };
  const shape = aRecord({ to: known.variable, operand: anInteger, path: aCurve, label: listOf(aNumber, 2), head: aTriangle, tail: aTriangle });
  aRecord({
    width: aNumber, height: aNumber,
    nodes: listOf(aRecord({ index: known.variable, ...corner })),
    leaves: listOf(aRecord({ to: known.variable, operand: anInteger, number: orMissing(orNull(aQuantity)), ...corner })),
    edges: listOf((edge, place) => {
      shape(edge, place);
      origin(edge, place);
      if (!known.variables.get(edge.to)?.operands[edge.operand]) refuse(`${place}.operand`, "an operand of its variable", edge.operand);
    }),
  })(document.graph, "graph");
}
