// A lab without a kernel: its page holds every piece for each value of that piece's controls.

import { createLab } from "./lab.js";
import { inLanguage, preferred, tagOf } from "./language.js";

/** @typedef {{controls: string[], sizes: number[], at: number[], contents: any[]}} Stored a piece: `at` is the place in `contents` of each combination */

/**
 * @param {HTMLElement} el
 * @param {string} text of the lab's document
 * @param {string} chosen the language that its maker chose, or ""
 */
export function playLab(el, text, chosen) {
  const whole = JSON.parse(text);
  let values = Object.fromEntries(whole.controls.map((/** @type {any} */ control) => [control.name, gridOf(control)[indexIn(control, whole.values[control.name])]]));

  /** @param {string} language */
  function speak(language) {
    const spoken = inLanguage(whole, language);
    const lab = createLab(spoken, true, (given) => {
      values = given;
      lab.show(contentsAt(spoken, values), "");
    }, (other) => {
      speak(other);
      el.querySelector("button")?.focus(); // the one that was pressed
    });
    lab.choose(values);
    lab.show(contentsAt(spoken, values), "");
    el.replaceChildren(lab.root);
    document.documentElement.lang = tagOf(spoken.language);
    document.title = spoken.title;
    lab.root.querySelector(".adviz-title")?.setAttribute("aria-level", "1"); // in a page of its own
  }

  speak(chosen || preferred());
}

/**
 * What every piece shows for these values.
 * @param {{controls: any[], pieces: Record<string, Stored>}} document
 * @param {import("./lab.js").LabValues} values
 */
export function contentsAt({ controls, pieces }, values) {
  const index = Object.fromEntries(controls.flatMap((control) => [
    [control.name, indexIn(control, values[control.name])], [`${control.name}_placed`, Number(values[control.name] !== null)],
  ]));
  const place = (/** @type {Stored} */ { controls: names, sizes }) => names.reduce((k, name, n) => k * sizes[n] + index[name], 0);
  return Object.fromEntries(Object.entries(pieces).map(([key, piece]) => [key, piece.contents[piece.at[place(piece)]]]));
}

/** @param {any} control @param {unknown} value */
function indexIn(control, value) {
  return Math.max(0, gridOf(control).indexOf(value));
}

/** The values of a control in the order in which the page's pieces have them; adviz/labs/controls.py. @param {any} control @returns {unknown[]} */
function gridOf({ kind, values, options }) {
  if (kind === "slider") return values;
  if (kind === "flag") return [null, ...values];
  return kind === "choice" ? options.map((/** @type {[string, string]} */ [value]) => value) : [false, true];
}
