// The trace document as the page reads it: its types, and the check that every field is what adviz/views/document.py says.
//
// What the rest of the page asks of a document, whatever its version and size:
//
//   document.first, .count         v_first is the first variable (1 - the number of inputs), and there are so many
//   document.variable(i)           v_i as an object, made when it is asked for; `value` and `partials` are read from `numbers`
//   document.operation(i)          its row and operands, without making an object of the texts
//   document.numbers               the one store of numbers (numbers.js): value(i), partial(i, k), step(mode, n), result(mode), write(...)
//   document.timelines[mode]       .count, .step(n) (1-based, made when it is asked for, its `number` read from `numbers`), .cell(i, most): the
//                                  terms of v_i's derivative, .knows(i): whether v_i is known before the first step
//                                  .about(i): the numbers of the steps about v_i, ascending; .shares(i): of those in which v_i contributes to another
//                                  .kind(n), .index(n), .source(n), .operand(n), .final(n): the same of one step, without making an object
//
//   document.readRest()            reads what was left for later: of a long document the columns of timelines nobody has asked for; may throw a Damage
//   document.position(i), .hasArrays, .named(text), .uses()   what can be said of all variables without making an object for each
//
// `document.variables`, `timeline.steps` and `timeline.cells` are the same as whole lists: for documents of up to some thousand variables only.

import { readAsked, withHidden } from "./asked.js";
import { aRecord, aText, anInteger, Damage, listOf, oneOf } from "./check.js";
import { besideIn } from "./columns.js";
import { inLanguage, languagesOf } from "./language.js";
import { readListed } from "./listed.js";
import { readModes } from "./modes.js";
import { readPacked } from "./packed.js";
import { readLesson } from "./teacher.js";

/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./check.js").Check} Check */
/** @typedef {["value", number] | ["partial", number, number] | ["operand", number, number] | ["step", number] | ["number", Quantity]} Reference */
/** @typedef {string | {slot: Reference, tight?: boolean} | [string, ...any[]]} Math */
/** @typedef {{ref: number} | {number: Quantity}} Operand */
/** What v_i is computed by, and along which operands a derivative flows.
 * @typedef {{row: string | null, operands: Operand[], flows: boolean[]}} Operation */
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
 *   steps: Step[], cells: Term[][], result: Quantity[], count: number, step: (n: number) => Step, cell: (i: number, most?: number) => Term[],
 *   knows: (i: number) => boolean, kind: (n: number) => Kind, index: (n: number) => number, source: (n: number) => number | null,
 *   operand: (n: number) => number | null, final: (n: number) => boolean,
 *   about: (i: number) => ArrayLike<number>, shares: (i: number) => ArrayLike<number>}} Timeline */
/** @typedef {"values" | "forward" | "reverse"} Mode */
/** @typedef {{index: number, x: number, y: number, w: number, h: number}} Box */
/** @typedef {{x: number, y: number, w: number, h: number, to: number, operand: number, number?: Quantity, ref?: number}} Leaf */
/** @typedef {{from?: number, leaf?: number, to: number, operand: number, path: string, label: [number, number], head: string,
 *   tail: string}} Edge */
/** @typedef {{width: number, height: number, nodes: Box[], leaves: Leaf[], edges: Edge[]}} Scene */
/** @typedef {{name: string, first_line: number, text: string}} Source */
/** @typedef {{title: string, language: string, languages: string[], live: boolean, why_not_live: string,
 *   inputs: {index: number, name: string, value: Quantity}[], outputs: number[], output_names: string[], sources: Source[],
 *   variables: Variable[], branches: {after: number | null, text: string, outcome: boolean, position: Position | null, symbol: string,
 *   left: Operand, right: Operand}[], rows: Record<string, import("./evaluate.js").Row>,
 *   notes: {index: number | null, kind: string, text: string}[], timelines: Partial<Record<Mode, Timeline>>, graph: Scene | null,
 *   graph_missing?: string, texts: Record<string, string>, first: number, count: number, variable: (i: number) => Variable,
 *   operation: (i: number) => Operation, numbers: import("./numbers.js").Numbers, position: (i: number) => Position | null,
 *   named: (text: string) => (i: number) => boolean, uses: () => Int32Array, hasArrays: boolean, readRest: () => void,
 *   folds?: import("./folds.js").FoldData, modes?: import("./modes.js").Modes, asked?: import("./asked.js").Asked,
 *   lesson?: import("./teacher.js").Lesson}} TraceDocument */

export const FORMAT = "adviz-trace";
export const VERSION = 2;
/** @type {Mode[]} */
export const MODES = ["values", "forward", "reverse"];

/**
 * A document from its text, and the bytes of its columns where they came beside it. Throws a Damage that names the field.
 * Version 1 wrote down every variable and step; such a document is read as it is.
 * @param {string} text
 * @param {import("./columns.js").Beside} [bytes]
 * @param {string} [language] that its sentences should be in, where it has that
 * @returns {TraceDocument}
 */
export function read(text, bytes = besideIn(new ArrayBuffer(0)), language = "") {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Damage("document", `is not JSON (${error instanceof Error ? error.message : error})`);
  }
  const given = value;
  value = withHidden(inLanguage(given, language));
  const document = readValue(value, bytes);
  return Object.assign(document, { languages: languagesOf(given), modes: readModes(value.modes, document, (inner) => readValue(inner, bytes)), asked: readAsked(value.asked, document) });
}

/** @param {any} value @param {import("./columns.js").Beside} bytes @returns {TraceDocument} */
function readValue(value, bytes) {
  checkHead(value);
  readLesson(value.lesson);
  return value.version === 1 ? readListed(value, MODES) : readPacked(value, MODES, bytes);
}

/** @param {any} value */
function checkHead(value) {
  aRecord({ format: oneOf([FORMAT]), version: anInteger })(value, "");
  if (value.version < 1 || value.version > VERSION) throw new Damage("version", `is ${value.version}; this page reads version ${VERSION}`);
  aRecord({
    title: aText, language: aText, why_not_live: aText, texts: textsByKey,
    sources: listOf(aRecord({ name: aText, first_line: anInteger, text: aText })),
  })(value, "");
}

/** @type {Check} */
function textsByKey(value, place) {
  aRecord({})(value, place);
  for (const [key, template] of Object.entries(value)) aText(template, `${place}.${key}`);
}
