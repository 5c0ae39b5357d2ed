// Version 2 of the document, kinds and columns: its check. A damaged column or template is named; what is right is expanded.

import { aFlag, aRecord, aText, anInteger, Damage, listOf, oneOf, orMissing, orNull, refuse } from "./check.js";
import { readIntegers, readNumbers } from "./columns.js";
import { expand } from "./expansion.js";
import { readFolds } from "./folds.js";
import { aQuantity } from "./quantity.js";
import { checkAround, checkGraph, positionIn } from "./scene.js";
import { noRoles, templateChecks } from "./templates.js";

/** @typedef {import("./check.js").Check} Check */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./expansion.js").VariableColumns} VariableColumns */
/** @typedef {import("./expansion.js").StepColumns} StepColumns */
/** @typedef {import("./templates.js").Roles} Roles */
/** What there is in a document, for the checks of its steps.
 * @typedef {import("./scene.js").Known & {kind: (i: number) => number, operandIs: (kind: number, k: number, what: string) => boolean, given: (kind: number, k: number) => boolean,
 *   first: number, last: number, kinds: number}} KnownColumns */

const STEP_KINDS = ["evaluate", "seed", "propagate", "contribute", "accumulate"];
const MOST_ENTRIES = 10_000_000; // entries of a column; more is no document of ours
const READ_WHOLE = 2000; // variables: of a longer document a timeline's columns are read and checked when they are first asked for

/**
 * @param {any} value
 * @param {Mode[]} modes
 * @param {import("./columns.js").Beside} bytes
 * @returns {TraceDocument}
 */
export function readPacked(value, modes, bytes) {
  const constants = readNumbers(value.constants, "constants", bytes);
  const columns = checkColumns(value, constants.length, bytes);
  const known = knownFrom(value, columns);
  checkAround(value, known);
  if (value.inputs.length !== 1 - known.first) refuse("inputs", `a list of ${1 - known.first}`, value.inputs.length);
  aRecord({})(value.timelines, "timelines");
  /** @type {Partial<Record<Mode, () => StepColumns>>} */
  const steps = {};
  for (const mode of modes) if (mode in value.timelines) steps[mode] = readTimeline(value, mode, known, bytes);
  if (!Object.keys(steps).length) throw new Damage("timelines", "has no mode");
  checkGraph(value, known);
  const folds = value.folds ? readFolds(value.folds, value.variables.count, bytes) : undefined;
  if (value.variables.count <= READ_WHOLE) for (const read of Object.values(steps)) read();
  return expand({ ...value, folds }, columns, constants, steps);
}

/**
 * @param {any} document
 * @param {number} constants how many there are
 * @param {import("./columns.js").Beside} bytes
 * @returns {VariableColumns}
 */
function checkColumns(document, constants, bytes) {
  checkKinds(document.kinds);
  listOf(aText)(document.labels, "labels");
  listOf(positionIn(document))(document.places, "places");
  aRecord({ first: anInteger, count: anInteger })(document.variables, "variables");
  const { first, count } = document.variables;
  if (first > 0 || first < -MOST_ENTRIES) refuse("variables.first", "an index of an input", first);
  if (count < 1 - first || count > MOST_ENTRIES) refuse("variables.count", "the number of variables", count);
  const integers = (/** @type {string} */ name, /** @type {number} */ low, /** @type {number} */ high, length = count) =>
    readIntegers(document.variables[name], `variables.${name}`, bytes, { length, low, high });
  const kind = integers("kind", 0, document.kinds.length - 1);
  const operandsOf = Uint32Array.from(document.kinds, (/** @type {any} */ each) => each.operands.length);
  let length = 0;
  for (let p = 0; p < count; p++) length += operandsOf[kind[p]];
  const operands = integers("operands", first, Math.max(first + count, constants), length);
  checkOperands(document, kind, operands, constants);
  return {
    kind, operands, label: integers("label", -1, document.labels.length - 1), place: integers("place", -1, document.places.length - 1),
    value: readNumbers(document.variables.value, "variables.value", bytes, count),
    partials: readNumbers(document.variables.partials, "variables.partials", bytes, length),
  };
}

/** @param {any} kinds */
function checkKinds(kinds) {
  listOf((kind, place) => {
    const roles = noRoles();
    const { text, formula } = templateChecks(roles);
    aRecord({
      role: oneOf(["input", "assignment", "constant"]), row: orNull(aText), operands: listOf(oneOf(["variable", "constant"])), partials: listOf(aFlag),
      operation: text, definition: formula, substituted: orNull(formula), spoken: text, sentence: orMissing(aText),
    })(kind, place);
    listOf(aFlag, kind.operands.length)(kind.partials, `${place}.partials`);
    const is = (/** @type {number} */ k, /** @type {string} */ what) => kind.operands[k] === what;
    if (!answers(roles, is, (k) => kind.partials[k])) refuse(place, "about operands that it has", Array.from(roles.variables));
  })(kinds, "kinds");
  if (!kinds.length) refuse("kinds", "a list of kinds", kinds);
}

/**
 * Whether a template speaks of operands that are there, and are what it takes them for.
 * @param {Roles} roles
 * @param {(k: number, what: string) => boolean} is
 * @param {(k: number) => boolean} given
 */
function answers({ variables, constants, partials }, is, given) {
  return Array.from(variables).every((k) => is(k, "variable")) && Array.from(constants).every((k) => is(k, "constant")) && Array.from(partials).every(given);
}

/**
 * An operand is a variable before its own, or a constant that is there.
 * @param {any} document
 * @param {ArrayLike<number>} kind
 * @param {ArrayLike<number>} operands
 * @param {number} constants
 */
function checkOperands(document, kind, operands, constants) {
  const { first, count } = document.variables;
  /** @type {boolean[][]} */
  const variables = document.kinds.map((/** @type {any} */ each) => each.operands.map((/** @type {string} */ what) => what === "variable"));
  let n = 0;
  for (let p = 0; p < count; p++) {
    const are = variables[kind[p]];
    for (let k = 0; k < are.length; k++, n++) {
      const u = operands[n];
      if (are[k] ? u >= first + p : u < 0 || u >= constants) refuse(`variables.operands[${n}]`, are[k] ? "a variable before" : "the number of a constant", u);
    }
  }
}

/**
 * @param {any} document
 * @param {VariableColumns} columns
 * @returns {KnownColumns}
 */
function knownFrom(document, columns) {
  const { first, count } = document.variables;
  const kind = (/** @type {number} */ i) => columns.kind[i - first];
  return {
    first, last: first + count - 1, kinds: document.kinds.length, kind,
    /** @type {Check} */
    variable: (value, place) => {
      if (!(Number.isSafeInteger(value) && value >= first && value < first + count)) refuse(place, "the index of a variable", value);
    },
    position: positionIn(document),
    operands: (i) => document.kinds[kind(i)].operands.length,
    operandIs: (k, operand, what) => document.kinds[k].operands[operand] === what,
    given: (k, operand) => document.kinds[k].partials[operand],
  };
}

/**
 * @param {any} document
 * @param {Mode} mode
 * @param {KnownColumns} known
 * @param {import("./columns.js").Beside} bytes
 * @returns {() => StepColumns} its columns, which throws a Damage where they are damaged
 */
function readTimeline(document, mode, known, bytes) {
  const place = `timelines.${mode}`;
  const timeline = document.timelines[mode];
  const belongs = (mode === "forward" ? document.inputs : mode === "reverse" ? document.outputs : []).length;
  aRecord({
    mode: oneOf([mode]), seed: mode === "values" ? orNull(listOf(aQuantity)) : listOf(aQuantity, belongs), seed_names: listOf(aText, belongs),
    known: oneOf(["inputs", "all"]), phases: listOf(aRecord({ text: aText, start: anInteger })), result: listOf(aQuantity),
    kinds: listOf(aRecord({ kind: oneOf(STEP_KINDS), final: aFlag })), steps: aRecord({ count: anInteger }),
  })(timeline, place);
  const { count } = timeline.steps;
  if (count < 0 || count > MOST_ENTRIES) refuse(`${place}.steps.count`, "a number of steps", count);
  /** @type {StepColumns | undefined} */
  let found;
  return () => (found ??= checkStepColumns(timeline, place, known, bytes));
}

/**
 * @param {any} timeline
 * @param {string} place
 * @param {KnownColumns} known
 * @param {import("./columns.js").Beside} bytes
 * @returns {StepColumns}
 */
function checkStepColumns(timeline, place, known, bytes) {
  const { count } = timeline.steps;
  const integers = (/** @type {string} */ name, /** @type {number} */ low, /** @type {number} */ high) =>
    readIntegers(timeline.steps[name], `${place}.steps.${name}`, bytes, { length: count, low, high });
  const columns = {
    kind: integers("kind", 0, timeline.kinds.length - 1), index: integers("index", known.first, known.last),
    source: integers("source", known.first, known.last), operand: integers("operand", 0, MOST_ENTRIES),
    number: readNumbers(timeline.steps.number, `${place}.steps.number`, bytes, count),
  };
  checkSteps(timeline, columns, known, place);
  return columns;
}

/**
 * The templates of each kind of step, and that every variable it is used for has the operands they speak of.
 * @param {any} timeline
 * @param {StepColumns} columns
 * @param {KnownColumns} known
 * @param {string} place
 */
function checkSteps(timeline, columns, known, place) {
  /** @type {Roles[]} */
  const roles = timeline.kinds.map((/** @type {any} */ kind, /** @type {number} */ n) => checkStepKind(kind, `${place}.kinds[${n}]`));
  const seen = new Uint8Array(timeline.kinds.length * known.kinds);
  const are = (/** @type {string[]} */ ...wanted) => Uint8Array.from(timeline.kinds, ({ kind }) => Number(wanted.includes(kind)));
  const [flows, contributes, seeds] = [are("contribute", "accumulate"), are("contribute"), are("seed")];
  const { kind: stepKinds, index, source, operand } = columns;
  for (let n = 0; n < timeline.steps.count; n++) {
    const kind = stepKinds[n];
    if (flows[kind] && operand[n] >= known.operands(source[n])) refuse(`${place}.steps.operand[${n}]`, "an operand", operand[n]);
    if (seeds[kind] && n >= timeline.seed_names.length) refuse(`${place}.steps.kind[${n}]`, "a step after the seeds", timeline.kinds[kind].kind);
    const about = known.kind(contributes[kind] ? source[n] : index[n]);
    const pair = kind * known.kinds + about;
    if (seen[pair]) continue;
    seen[pair] = 1;
    const fits = answers(roles[columns.kind[n]], (k, what) => known.operandIs(about, k, what), (k) => known.given(about, k));
    if (!fits) refuse(`${place}.steps.kind[${n}]`, "of a kind that speaks of operands that are there", columns.kind[n]);
  }
}

/**
 * @param {any} kind
 * @param {string} place
 * @returns {Roles}
 */
function checkStepKind(kind, place) {
  const roles = noRoles();
  const { say, formula } = templateChecks(roles);
  aRecord({ say, formula, term: orNull(aRecord({ formula, numbers: orNull(formula) })) })(kind, place);
  return roles;
}
