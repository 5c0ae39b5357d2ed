// What a document in predict mode asks for: its questions, and null for what they hide. adviz/views/masked.py writes it.

import { aRecord, aText, anInteger, listOf, oneOf, orNull, refuse } from "./check.js";
import { HIDDEN } from "./number.js";

/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {{step: number, name: string, kind: "value" | "tangent" | "adjoint" | "share", index: number, source: number | null, operand: number | null, prompt: string, label: string,
 *   state: "open" | "right" | "shown", tries: string[], said: string, hints: string[], saw: string}} Question */
/** @typedef {{serial: number} & Partial<Record<Mode, Question[]>>} Asked */

/** @type {Mode[]} */
const ASKED_MODES = ["values", "forward", "reverse"];

/**
 * A document in which what is hidden can be told from what is damaged. Of one that asks nothing, the document.
 * @param {any} value
 * @returns {any}
 */
export function withHidden(value) {
  if (typeof value?.asked !== "object" || value.asked === null) return value;
  const { variables, timelines } = value;
  return {
    ...value,
    variables: { ...variables, value: hiddenIn(variables?.value), partials: hiddenIn(variables?.partials) },
    timelines: Object.fromEntries(Object.entries(timelines ?? {}).map(([mode, timeline]) => [mode, hiddenSteps(timeline)])),
  };
}

/** @param {any} timeline */
function hiddenSteps(timeline) {
  if (typeof timeline !== "object" || timeline === null) return timeline;
  const { steps, seed, result } = timeline;
  return { ...timeline, steps: { ...steps, number: hiddenIn(steps?.number) }, seed: hiddenIn(seed), result: hiddenIn(result) };
}

/** @param {any} column */
function hiddenIn(column) {
  return Array.isArray(column) ? column.map((entry) => entry ?? HIDDEN) : column;
}

/**
 * The questions of a document, checked. Throws a Damage that names the field.
 * @param {any} asked
 * @param {import("./document.js").TraceDocument} document
 * @returns {Asked | undefined}
 */
export function readAsked(asked, document) {
  if (asked === undefined) return undefined;
  aRecord({ serial: anInteger })(asked, "asked");
  for (const mode of ASKED_MODES) {
    if (!(mode in asked)) continue;
    const count = document.timelines[mode]?.count ?? 0;
    listOf(aRecord({
      step: (n, place) => {
        if (!Number.isSafeInteger(n) || n < 1 || n > count) refuse(place, "the number of a step", n);
      },
      name: aText, kind: oneOf(["value", "tangent", "adjoint", "share"]), index: anInteger, source: orNull(anInteger), operand: orNull(anInteger), prompt: aText, label: aText,
      state: oneOf(["open", "right", "shown"]), tries: listOf(aText), said: aText, hints: listOf(aText), saw: aText,
    }))(asked[mode], `asked.${mode}`);
  }
  return asked;
}

/**
 * The question that waits in a mode.
 * @param {Asked | undefined} asked
 * @param {string} mode
 * @returns {Question | null}
 */
export function openQuestion(asked, mode) {
  return asked?.[/** @type {Mode} */ (mode)]?.find(({ state }) => state === "open") ?? null;
}
