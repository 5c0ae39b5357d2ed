// The controls of a lab: a slider with its field, a choice, a checkbox, and a flag that is placed before the answer is seen.

import { createChoice } from "./choice.js";
import { FOCUSABLE, html, setAttribute, setText, setValue } from "./dom.js";
import { exact, format, parse } from "./number.js";

/** @typedef {{kind: "slider" | "flag" | "choice" | "checkbox", name: string, label: string, values: number[], log: boolean, between: boolean,
 *   options: [string, string][], only?: [string, string]}} Described */
/** @typedef {{element: HTMLElement, write: (value: any) => void}} Control */

/**
 * @param {Described} described
 * @param {import("./words.js").Words} words
 * @param {boolean} stored
 * @param {(value: unknown) => void} changed
 * @returns {Control}
 */
export function createControl(described, words, stored, changed) {
  const { kind, name, label } = described;
  if (kind === "checkbox") return createCheckbox(name, label, changed);
  if (kind === "flag") return createFlag(described, words, changed);
  if (kind === "slider") return createNumber(described, words, stored, changed);
  const choice = createChoice(name, (/** @type {string} */ value) => {
    write(value);
    changed(value);
  });
  const write = (/** @type {string} */ value) => choice.show(label, described.options, value);
  return { element: choice.element, write };
}

/** @param {string} name @param {string} label @param {(value: boolean) => void} changed @returns {Control} */
function createCheckbox(name, label, changed) {
  const box = html("input", { type: "checkbox", "data-control": name, ...FOCUSABLE });
  box.addEventListener("change", () => changed(box.checked));
  return { element: html("label", { class: "adviz-lab-check" }, box, label), write: (value) => (box.checked = value) };
}

/**
 * A slider over a grid and a field beside it. What is no number of the grid goes to the nearest, and that is said, unless all between may be had.
 * @param {Described} described
 * @param {import("./words.js").Words} words
 * @param {boolean} stored
 * @param {(value: number) => void} changed
 * @returns {Control}
 */
function createNumber({ name, label, values, log, between }, words, stored, changed) {
  const id = `adviz-${Math.random().toString(36).slice(2, 10)}`;
  const slider = html("input", { type: "range", class: "adviz-slider", min: 0, max: values.length - 1, step: 1, "aria-label": label, "data-slider": name, ...FOCUSABLE });
  const field = html("input", {
    type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-label": words("lab.page.field", { name: label }),
    "aria-describedby": id, "data-control": name, ...FOCUSABLE,
  });
  const said = html("span", { class: "adviz-lab-note", id });
  let current = values[0];

  /** @param {number} value */
  function write(value) {
    current = value;
    setValue(slider, String(values.indexOf(nearestOf(values, value, log))));
    setAttribute(slider, "aria-valuetext", format(value));
    setValue(field, exact(value));
  }

  /** @param {string} note @param {boolean} wrong */
  function say(note, wrong) {
    setText(said, note);
    said.classList.toggle("adviz-field-error", wrong);
    setAttribute(field, "aria-invalid", wrong && "true");
  }

  function commit() {
    const typed = parse(field.value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    if (typed === null || Number.isNaN(typed)) return say(words("lab.page.text", { name: label, typed: field.value.trim().slice(0, 40) }), true);
    if (typed < low || typed > high) return say(words("lab.page.range", { name: label, low: format(low), high: format(high) }), true);
    const found = stored || !between ? nearestOf(values, typed, log) : typed;
    const slots = { typed: format(typed), shown: format(found) };
    say(found === typed ? "" : words(between ? "lab.page.stored" : "lab.page.nearest", slots), false);
    const before = current;
    write(found);
    if (found !== before) changed(found);
  }

  slider.addEventListener("input", () => {
    say("", false);
    write(values[Number(slider.value)]);
    changed(current);
  });
  field.addEventListener("change", commit);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    say("", false);
    write(current);
  });
  const element = html("div", { class: "adviz-lab-number" }, html("span", { class: "adviz-lab-name", "aria-hidden": "true" }, label), slider, field, said);
  return { element, write: (value) => value !== current || field.value === "" ? write(value) : undefined };
}

/**
 * A guess: a slider and a field, and a button that commits it; then the same button takes it back.
 * @param {Described} described
 * @param {import("./words.js").Words} words
 * @param {(value: number | null) => void} changed
 * @returns {Control}
 */
function createFlag(described, words, changed) {
  const middle = described.values[Math.floor(described.values.length / 2)];
  let guess = middle;
  /** @type {number | null} */
  let placed = null;
  const number = createNumber(described, words, true, (value) => {
    guess = value;
    if (placed !== null) changed((placed = guess));
  });
  const button = html("button", { type: "button", "data-flag": described.name, ...FOCUSABLE });
  button.addEventListener("click", () => {
    write(placed === null ? guess : null);
    changed(placed);
  });

  /** @param {number | null} value */
  function write(value) {
    placed = value;
    if (value !== null) guess = value;
    number.write(guess);
    setText(button, words(value === null ? "lab.page.place" : "lab.page.take"));
  }

  return { element: html("div", { class: "adviz-lab-flag" }, number.element, button), write };
}

/**
 * The value next to x, in difference or in ratio; adviz/labs/controls.py follows the same rule.
 * @param {number[]} values
 * @param {number} x
 * @param {boolean} log
 */
export function nearestOf(values, x, log) {
  const far = (/** @type {number} */ v) => (log ? Math.abs(Math.log(v / x)) : Math.abs(v - x));
  return values.reduce((best, v) => (far(v) < far(best) ? v : best));
}
