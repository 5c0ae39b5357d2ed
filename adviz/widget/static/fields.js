// Number fields: one for each input of the function, and one for each seed of the mode that is shown; of a small array one for each
// entry. A larger array is shown and not edited.

import { FOCUSABLE, html, SCROLLS, setAttribute, setText } from "./dom.js";
import { exact, parse, toJson, toNumber } from "./number.js";
import { entryName, isArray, shapeText, sizeOf, theSame, withEntry, written } from "./quantity.js";
import { createSlider, listenToDrag, rounded } from "./sliders.js";

/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./quantity.js").JsonArray} JsonArray */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{name: string, label: string, value: Quantity, locked?: boolean}} Entry an input or a seed */
/** @typedef {{label: HTMLSpanElement, input: HTMLInputElement, error: HTMLSpanElement, element: HTMLElement, shown: number}} Field */
/** @typedef {{element: HTMLElement, write: (entry: Entry, editable: boolean) => void, read: () => Quantity}} Group the fields of one entry */

const EDITED = 6; // entries of an array that are number fields

/**
 * A row of fields. They are created when the names or shapes change and written in place otherwise, so that focus stays.
 * @param {"input" | "seed"} kind the data attribute by which a field is found
 * @param {(values: Quantity[], done: boolean) => void} commit called with all of them when one was changed; not done while it is dragged
 * @param {string} id a prefix of its own
 */
export function createFields(kind, commit, id) {
  const heading = html("span", { class: "adviz-fields-title", id: `${id}-${kind}` });
  const hint = html("span", { class: "adviz-fields-hint" });
  const element = html("div", { class: `adviz-fields adviz-${kind}s`, ...SCROLLS, role: "group", "aria-labelledby": `${id}-${kind}` }, heading);
  /** @type {Group[]} */
  let groups = [];
  let shapes = "";
  /** @type {Words} */
  let say = (key) => key;

  const changed = (/** @type {boolean} */ done = true) => commit(groups.map((group) => group.read()), done);
  const words = (/** @type {string} */ key, /** @type {Record<string, string | number>} */ slots = {}) => say(key, slots);

  return {
    element,
    /**
     * @param {string} title
     * @param {Entry[]} entries
     * @param {boolean} editable
     * @param {Words} newWords
     * @param {string} [fixed] what is said of locked entries
     */
    load(title, entries, editable, newWords, fixed = "") {
      say = newWords;
      setText(heading, title);
      element.hidden = !entries.length;
      const wanted = JSON.stringify(entries.map(({ name, value }) => [name, isArray(value) ? value.shape : null]));
      if (wanted !== shapes) {
        shapes = wanted;
        groups = entries.map((entry, n) => drawGroup(kind, entry, `${id}-${kind}-${n}`, words, changed));
        element.replaceChildren(heading, ...groups.map((group) => group.element), hint);
      }
      entries.forEach((entry, n) => groups[n].write(entry, editable && !entry.locked));
      element.classList.toggle("adviz-fields-arrays", entries.some(({ value }) => isArray(value)));
      setText(hint, `${hintOf(kind, entries, editable, words)} ${fixed}`.trim());
      hint.hidden = !hint.textContent;
    },
  };
}

/**
 * What is to be said of arrays among the entries: which cannot be edited, and where a seed is 1.
 * @param {"input" | "seed"} kind
 * @param {Entry[]} entries
 * @param {boolean} editable
 * @param {Words} words
 */
function hintOf(kind, entries, editable, words) {
  if (!entries.some(({ value }) => isArray(value))) return "";
  const unit = kind === "seed" ? unitOf(entries) : null;
  const large = editable && entries.some(({ value }) => isArray(value) && sizeOf(value) > EDITED);
  return [unit ? words("page.unit_seed", { entry: unit }) : "", large ? words("page.fixed", { limit: EDITED }) : ""].join(" ").trim();
}

/**
 * The one entry of a seed that is 1 where all others are 0; null for any other seed, and where a folded array hides its entries.
 * @param {Entry[]} entries
 */
function unitOf(entries) {
  const ones = entries.flatMap(({ name, value }) => {
    if (!isArray(value)) return toNumber(value) === 0 ? [] : [value === 1 ? name : null];
    if (theSame(value) === 0) return [];
    if (value.folded) return [isFirstUnit(value) ? entryName(name, value.shape, 0) : null];
    return value.values.flatMap((x, n) => (toNumber(x) === 0 ? [] : [x === 1 ? entryName(name, value.shape, n) : null]));
  });
  return ones.length === 1 ? ones[0] : null;
}

/**
 * Whether a folded array is 1 in its first entry and 0 elsewhere, as far as its summary tells.
 * @param {JsonArray} array
 */
function isFirstUnit(array) {
  const { min, max, mean, nan } = array.summary ?? { min: 0, max: 0, mean: 0, nan: 1 };
  return array.values[0] === 1 && min === 0 && max === 1 && nan === 0 && Math.abs(toNumber(mean) * sizeOf(array) - 1) < 1e-6;
}

/**
 * @param {string} kind
 * @param {Entry} entry
 * @param {string} id
 * @param {Words} words
 * @param {(done?: boolean) => void} changed
 * @returns {Group}
 */
function drawGroup(kind, { name, value }, id, words, changed) {
  if (!isArray(value)) return drawNumber(kind, name, id, words, changed);
  const size = sizeOf(value);
  return size > 0 && size <= EDITED ? drawEntries(kind, name, value.shape, id, words, changed) : drawFixed(name);
}

/**
 * One number: an input has a slider as well, its name can be dragged, and the arrow keys in its field go by the slider's steps.
 * @param {string} kind
 * @param {string} name
 * @param {string} id
 * @param {Words} words
 * @param {(done?: boolean) => void} changed
 * @returns {Group}
 */
function drawNumber(kind, name, id, words, changed) {
  const field = drawField(kind, name, id);
  field.input.addEventListener("change", () => {
    if (!takeField(field, words)) return;
    slider.write(field.shown, sliderName(), true);
    changed();
  });
  /** @param {number} value @param {boolean} done */
  function move(value, done) {
    writeField(field, field.label.textContent ?? "", value, true);
    slider.write(value, sliderName(), true);
    changed(done);
  }
  const sliderName = () => words("page.slider", { name: field.label.textContent ?? "" });
  const slider = createSlider(name, move);
  if (kind === "input") {
    field.element.append(slider.element);
    listenToDrag(field.label, { value: () => field.shown, step: slider.step, enabled: () => !field.input.readOnly }, move);
    field.input.addEventListener("keydown", (event) => {
      const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!up || field.input.readOnly || event.ctrlKey || event.altKey || event.metaKey || !Number.isFinite(field.shown)) return;
      event.preventDefault();
      move(rounded(field.shown + up * slider.step() * (event.shiftKey ? 10 : 1)), true);
    });
  }
  return {
    element: field.element,
    write({ label, value }, editable) {
      writeField(field, label, toNumber(/** @type {number} */ (value)), editable);
      slider.write(field.shown, sliderName(), editable);
      setAttribute(field.element, "data-draggable", kind === "input" && editable);
    },
    read: () => toJson(field.shown),
  };
}

/**
 * The entries of a small array, as its rows and columns stand.
 * @param {string} kind
 * @param {string} name
 * @param {number[]} shape
 * @param {string} id
 * @param {Words} words
 * @param {() => void} changed
 * @returns {Group}
 */
function drawEntries(kind, name, shape, id, words, changed) {
  const label = html("span", { class: "adviz-field-name", id: `${id}-name` });
  const size = shape.reduce((product, n) => product * n, 1);
  const fields = Array.from({ length: size }, (_, n) => drawField(kind, entryName(name, shape, n), `${id}-${n}`));
  const grid = html("span", { class: `adviz-entry-fields${shape.length === 1 ? " adviz-vector" : ""}` }, ...fields.map((field) => field.element));
  grid.style.setProperty("--adviz-columns", String(shape[shape.length - 1] ?? 1));
  const element = html("div", { class: "adviz-field adviz-array-field", role: "group", "aria-labelledby": `${id}-name` }, label, grid);
  /** @type {JsonArray} */
  let shown = { shape, values: [] };
  fields.forEach((field, n) => {
    setAttribute(field.label, "class", "adviz-hidden");
    field.input.addEventListener("change", () => {
      if (!takeField(field, words)) return;
      shown = withEntry(shown, n, toJson(field.shown));
      changed();
    });
  });
  return {
    element,
    write(entry, editable) {
      shown = /** @type {JsonArray} */ (entry.value);
      setText(label, `${entry.label} ${shapeText(shape)}`);
      fields.forEach((field, n) => writeField(field, entryName(entry.label, shape, n), toNumber(shown.values[n]), editable));
    },
    read: () => shown,
  };
}

/**
 * A large or an empty array, folded.
 * @param {string} name
 * @returns {Group}
 */
function drawFixed(name) {
  const label = html("span", { class: "adviz-field-name" });
  const line = html("span", { class: "adviz-fixed", "data-array": name });
  /** @type {Quantity} */
  let shown = 0;
  return {
    element: html("div", { class: "adviz-field" }, label, " ", line),
    write(entry) {
      shown = entry.value;
      setText(label, entry.label);
      setText(line, written(shown));
    },
    read: () => shown,
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
 * Takes what was typed; says why not where it is no number.
 * @param {Field} field
 * @param {Words} words
 * @returns {boolean} whether the number is another one
 */
function takeField(field, words) {
  const value = parse(field.input.value);
  setAttribute(field.input, "aria-invalid", value === null && "true");
  setText(field.error, value === null ? words("page.not_a_number", { text: field.input.value }) : "");
  if (value === null || Object.is(value, field.shown)) return false;
  field.shown = value;
  return true;
}

/**
 * @param {Field} field
 * @param {string} label
 * @param {number} value
 * @param {boolean} editable
 */
function writeField(field, label, value, editable) {
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
