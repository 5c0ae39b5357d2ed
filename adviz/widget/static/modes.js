// The tabs of the page: the three sweeps of every document, and what a document may hold besides, under `modes`.

import { aFlag, aNumber, aRecord, aText, anInteger, Damage, listOf, orMissing, orNull, refuse } from "./check.js";
import { aQuantity } from "./quantity.js";

/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./check.js").Check} Check */
/** @typedef {Mode | "jacobian" | "second-order" | "program" | "compare"} Tab */
/** @typedef {{text: string, lines: ([number, number] | null)[], steps: number[][]}} Program */
/** @typedef {{programs: Partial<Record<"reverse" | "forward", Program>>, refused: Partial<Record<"reverse" | "forward", {text: string, position: any}>>}} Programs */
/** @typedef {import("./number.js").JsonNumber} JsonNumber */
/** @typedef {{entries: JsonNumber[], operations: number, derivatives?: (JsonNumber | null)[]}} Sweep */
/** @typedef {{sweeps: number, operations: number}} Cost */
/** @typedef {{seed: JsonNumber[], result: JsonNumber[]}} Product */
/** @typedef {{columns: string[], rows: string[], shape: [number, number], cost: {forward: Cost, reverse: Cost},
 *   sweeps: {forward: Sweep[], reverse: Sweep[]} | null, jvp: Product | null, vjp: Product | null}} Jacobian */
/** @typedef {{document?: TraceDocument, names?: Record<string, string>, missing?: string}} Second */
/** @typedef {{index: number | null, other: number | null, symbol: string, definition: string, instead: string | null, differs: boolean}} Line */
/** @typedef {{title: string, rows: Line[], columns: {head: string, name: string, of: string, cells: (import("./quantity.js").Quantity | null)[]}[], said: string,
 *   first: number | null, live?: {point: Record<string, JsonNumber> | null, texts: Record<string, string>} | null}} Compared */
/** @typedef {{program?: Programs, jacobian?: Jacobian, "second-order"?: Second, compare?: Compared}} Modes */

/** @type {Tab[]} */
export const TABS = ["values", "forward", "reverse", "jacobian", "second-order", "program", "compare"];

/** @param {TraceDocument} document @param {Tab} tab */
export function hasTab(document, tab) {
  return !document.lesson?.hidden.includes(tab) && (tab in document.timelines || Boolean(document.modes && tab in document.modes));
}

/**
 * What a document holds besides its sweeps, checked. Throws a Damage that names the field.
 * @param {any} modes
 * @param {TraceDocument} document
 * @param {(value: any) => TraceDocument} readNested reads a document in this one
 * @returns {Modes}
 */
export function readModes(modes, document, readNested) {
  if (modes === undefined) return {};
  aRecord({})(modes, "modes");
  /** @type {Record<string, Check>} */
  const checks = { program: programs(document), jacobian: jacobian(document), compare: compared };
  for (const [name, check] of Object.entries(checks)) if (name in modes) check(modes[name], `modes.${name}`);
  const found = Object.fromEntries(Object.keys(checks).filter((name) => name in modes).map((name) => [name, modes[name]]));
  return "second-order" in modes ? { ...found, "second-order": second(modes["second-order"], "modes.second-order", readNested) } : found;
}

/** @param {TraceDocument} document @returns {Check} */
function programs(document) {
  return (value, place) => {
    aRecord({ programs: aRecord({}), refused: aRecord({}) })(value, place);
    for (const mode of /** @type {const} */ (["reverse", "forward"])) {
      if (mode in value.programs) program(value.programs[mode], `${place}.programs.${mode}`, document, mode);
      if (mode in value.refused) aRecord({ text: aText, position: orNull(listOf(orNull(anInteger), 5)) })(value.refused[mode], `${place}.refused.${mode}`);
    }
  };
}

/** @param {any} value @param {string} place @param {TraceDocument} document @param {Mode} mode */
function program(value, place, document, mode) {
  aRecord({ text: aText })(value, place);
  const lines = value.text.split("\n").length;
  /** @type {Check} */
  const number = (line, where) => {
    if (!Number.isSafeInteger(line) || line < 1 || line > lines) refuse(where, "the number of a line", line);
  };
  /** @type {Check} */
  const origin = (at, where) => {
    listOf(anInteger, 2)(at, where);
    if (!document.sources[at[0]]) refuse(`${where}[0]`, "the number of a source", at[0]);
  };
  aRecord({ lines: listOf(orNull(origin)), steps: listOf(listOf(number), value.steps?.length && (document.timelines[mode]?.count ?? 0)) })(value, place);
  if (value.lines.length > lines) refuse(`${place}.lines`, `a list of at most ${lines}`, value.lines.length);
}

/** @param {TraceDocument} document @returns {Check} */
function jacobian(document) {
  const cost = aRecord({ sweeps: anInteger, operations: anInteger });
  return (value, place) => {
    aRecord({ columns: listOf(aText), rows: listOf(aText), shape: listOf(anInteger, 2), cost: aRecord({ forward: cost, reverse: cost }) })(value, place);
    const [m, n] = value.sweeps === null ? [0, 0] : value.shape;
    const sweeps = (/** @type {number} */ count, /** @type {number} */ entries) =>
      listOf(aRecord({ entries: listOf(aNumber, entries), operations: anInteger, derivatives: orMissing(listOf(orNull(aNumber), document.count)) }), count);
    const product = (/** @type {number} */ seed, /** @type {number} */ result) => orNull(aRecord({ seed: listOf(aNumber, seed), result: listOf(aNumber, result) }));
    if (value.sweeps !== null) {
      aRecord({ columns: listOf(aText, n), rows: listOf(aText, m), sweeps: aRecord({ forward: sweeps(n, m), reverse: sweeps(m, n) }) })(value, place);
    }
    aRecord({ jvp: product(n, m), vjp: product(m, n) })(value, place);
  };
}

/**
 * @param {any} value
 * @param {string} place
 * @param {(value: any) => TraceDocument} readNested
 * @returns {Second}
 */
function second(value, place, readNested) {
  aRecord({ missing: orMissing(aText) })(value, place);
  if (value.document === undefined) {
    aText(value.missing, `${place}.missing`);
    return { missing: value.missing };
  }
  aRecord({ names: aRecord({}) })(value, place);
  for (const [index, name] of Object.entries(value.names)) aText(name, `${place}.names.${index}`);
  const document = inside(value.document, `${place}.document`, readNested);
  if (!document.timelines.forward) refuse(`${place}.document.timelines.forward`, "a timeline", undefined);
  return { document, names: value.names };
}

/** A document inside of a document; what is damaged in it is named with its place. @param {any} value @param {string} place @param {(value: any) => TraceDocument} readNested */
function inside(value, place, readNested) {
  try {
    return readNested(value);
  } catch (error) {
    throw error instanceof Damage ? new Damage(`${place}.${error.field}`, error.problem) : error;
  }
}

/** @param {Check} check of every field @returns {Check} */
function recordOf(check) {
  return (value, place) => {
    aRecord({})(value, place);
    for (const [name, field] of Object.entries(value)) check(field, `${place}.${name}`);
  };
}

/** @type {Check} */
function compared(value, place) {
  const line = aRecord({ index: orNull(anInteger), other: orNull(anInteger), symbol: aText, definition: aText, instead: orNull(aText), differs: aFlag });
  aRecord({ title: aText, said: aText, rows: listOf(line), first: orNull(anInteger) })(value, place);
  aRecord({ live: orMissing(orNull(aRecord({ point: orNull(recordOf(aNumber)), texts: recordOf(aText) }))) })(value, place);
  aRecord({ columns: listOf(aRecord({ head: aText, name: aText, of: aText, cells: listOf(orNull(aQuantity), value.rows.length) })) })(value, place);
  if (value.first !== null && !value.rows[value.first]) refuse(`${place}.first`, "the number of a row", value.first);
}
