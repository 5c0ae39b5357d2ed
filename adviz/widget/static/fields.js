// Number fields: one for each input of the function, and one for each seed of the mode that is shown.

import { FOCUSABLE, html, SCROLLS, setAttribute, setText } from "./dom.js";
import { exact, parse, toNumber } from "./number.js";

/** @typedef {import("./number.js").JsonNumber} JsonNumber */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{label: HTMLSpanElement, input: HTMLInputElement, error: HTMLSpanElement, element: HTMLElement, shown: number}} Field */

/**
 * A row of fields. They are created when the names change and written in place otherwise, so that focus stays.
 * @param {"input" | "seed"} kind the data attribute by which a field is found
 * @param {(values: number[]) => void} commit called with all numbers when one of them was changed
 * @param {string} id a prefix of its own
 */
export function createFields(kind, commit, id) {
  const heading = html("span", { class: "adviz-fields-title", id: `${id}-${kind}` });
  const element = html("div", { class: "adviz-fields", ...SCROLLS, role: "group", "aria-labelledby": `${id}-${kind}` }, heading);
  /** @type {Field[]} */
  let fields = [];
  let names = "";
  /** @type {Words} */
  let say = (key) => key;

  /** @param {Field} field */
  function changed(field) {
    const value = parse(field.input.value);
    setAttribute(field.input, "aria-invalid", value === null && "true");
    setText(field.error, value === null ? say("page.not_a_number", { text: field.input.value }) : "");
    if (value === null || Object.is(value, field.shown)) return;
    field.shown = value;
    commit(fields.map((each) => each.shown));
  }

  return {
    element,
    /**
     * @param {string} title
     * @param {{name: string, label: string, value: JsonNumber}[]} entries
     * @param {boolean} editable
     * @param {Words} words
     */
    load(title, entries, editable, words) {
      say = words;
      setText(heading, title);
      element.hidden = !entries.length;
      const wanted = JSON.stringify(entries.map((entry) => entry.name));
      if (wanted !== names) {
        names = wanted;
        fields = entries.map((entry, n) => drawField(kind, entry.name, `${id}-${kind}-${n}`));
        for (const field of fields) field.input.addEventListener("change", () => changed(field));
        element.replaceChildren(heading, ...fields.map((field) => field.element));
      }
      entries.forEach((entry, n) => write(fields[n], entry.label, toNumber(entry.value), editable));
    },
  };
}

/**
 * @param {string} kind
 * @param {string} name
 * @param {string} id
 * @returns {Field}
 */
function drawField(kind, name, id) {
  const label = html("span", { class: "adviz-field-name" });
  const error = html("span", { class: "adviz-field-error", id: `${id}-error`, "aria-live": "polite" });
  const input = html("input", {
    type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", size: 7, [`data-${kind}`]: name,
    "aria-describedby": `${id}-error`, ...FOCUSABLE,
  });
  return { label, input, error, element: html("div", { class: "adviz-field" }, html("label", {}, label, input), error), shown: NaN };
}

/**
 * @param {Field} field
 * @param {string} label
 * @param {number} value
 * @param {boolean} editable
 */
function write(field, label, value, editable) {
  setText(field.label, label);
  field.input.readOnly = !editable;
  field.shown = value;
  const typing = field.input.matches(":focus") && parse(field.input.value) === value;
  if (typing) return;
  const text = exact(value);
  if (field.input.value !== text) field.input.value = text;
  setAttribute(field.input, "aria-invalid", null);
  setText(field.error, "");
}
