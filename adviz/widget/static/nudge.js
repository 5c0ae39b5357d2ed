// Nudge: one variable a little more, all that follows computed with that, and the change of y beside what the adjoint says of it.

import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { exact, format, parse } from "./number.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./live.js").Live} Live */
/** @typedef {import("./words.js").Words} Words */

const OFFERED = 200; // variables in the list; of more there are the inputs and the one of the step

/** @param {string} id a prefix of its own */
export function createNudge(id) {
  const heading = html("summary", FOCUSABLE);
  const variable = html("select", { class: "adviz-nudge-variable", ...FOCUSABLE });
  const delta = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", size: 7, class: "adviz-nudge-delta", "aria-describedby": `${id}-nudge-error`, ...FOCUSABLE });
  const error = html("span", { class: "adviz-field-error", id: `${id}-nudge-error`, "aria-live": "polite" });
  const [of, by] = [html("span"), html("span")];
  const form = html("p", { class: "adviz-nudge-form" }, html("label", {}, of, variable), html("label", {}, by, delta), error);
  const said = html("p", { class: "adviz-nudge-said", "aria-live": "polite" });
  const element = html("details", { class: "adviz-nudge" }, heading, form, said);
  /** @type {TraceDocument} */
  let document;
  /** @type {Live | null} */
  let live = null;
  /** @type {Words} */
  let words = (key) => key;
  let chosen = false;
  /** @type {number | null} */
  let current = null;
  let typed = false;

  variable.addEventListener("change", () => {
    chosen = true;
    typed = false;
    show();
  });
  delta.addEventListener("change", () => {
    typed = true;
    show();
  });
  element.addEventListener("toggle", follow);

  /** The variable of the step, until the reader chooses one. */
  function follow() {
    if (!element.open || !live) return;
    offer();
    if (!chosen && current !== null && String(current) !== variable.value) {
      variable.value = String(current);
      typed = false;
    }
    show();
  }

  /** The variables of the list. */
  function offer() {
    const { first, count } = document;
    const all = count <= OFFERED ? Array.from({ length: count }, (_, p) => first + p) : [...document.inputs.map(({ index }) => index), ...(current === null || current <= 0 ? [] : [current])];
    if (all.join() === Array.from(variable.options, ({ value }) => value).join()) return;
    const before = variable.value;
    variable.replaceChildren(...all.map((i) => html("option", { value: i }, nameOf(i))));
    if (all.includes(Number(before)) && before) variable.value = before;
  }

  /** @param {number} i */
  function nameOf(i) {
    const { symbol, label } = document.variable(i);
    return label ? `${symbol.text} (${label})` : symbol.text;
  }

  function show() {
    if (!element.open || !live) return;
    const i = Number(variable.value);
    const value = Number(document.numbers.value(i));
    if (!typed) delta.value = exact(0.01 * Math.max(1, Number.isFinite(value) ? Math.abs(value) : 1));
    const step = parse(delta.value);
    const usable = step !== null && Number.isFinite(step);
    setAttribute(delta, "aria-invalid", !usable && "true");
    setText(error, usable ? "" : words("page.not_a_number", { text: delta.value }));
    setText(said, usable ? sentence(i, step) : "");
  }

  /** @param {number} i @param {number} step */
  function sentence(i, step) {
    const found = /** @type {Live} */ (live).nudge(i, step);
    if (!found) return document.why_not_live || words("live.kernel");
    const { symbol } = document.variable(i);
    if ("flipped" in found) return words("page.nudge.flipped", { v: symbol.text, delta: format(step), condition: found.flipped });
    const { before, after, adjoint, predicted } = found;
    return words("page.nudge.said", {
      v: symbol.text, bar: symbol.bar_text, y: outputName(), delta: format(step), before: format(before), after: format(after), change: format(after - before),
      adjoint: format(adjoint), predicted: format(predicted),
    });
  }

  /** "y" where the reverse seed is 1 for one output and 0 for the others; else what it weighs. */
  function outputName() {
    const seed = /** @type {Live} */ (live).seed("reverse");
    const weighed = seed.flatMap((u, n) => (u === 0 ? [] : [n]));
    return weighed.length === 1 && seed[weighed[0]] === 1 ? document.output_names[weighed[0]] : words("page.nudge.weighed");
  }

  return {
    element,
    /** @param {TraceDocument} newDocument @param {Live | null} newLive @param {Words} newWords */
    load(newDocument, newLive, newWords) {
      [document, live, words] = [newDocument, newLive, newWords];
      setText(heading, words("page.nudge"));
      setText(of, words("page.nudge.variable"));
      setText(by, words("page.nudge.delta"));
      form.hidden = !live;
      element.hidden = !document.timelines.reverse || !document.outputs.length;
      if (!live) setText(said, document.why_not_live);
    },
    /** The step is about another variable, or the numbers are others. @param {import("./replay.js").Frame} frame */
    show(frame) {
      current = frame.current;
      follow();
    },
  };
}
