// A lab: controls, a sentence, plots and tables. What stands in them is made in Python; here it is put on the page, in place.

import { html, setAttribute, setText } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { createControl } from "./labcontrols.js";
import { createPlot } from "./labplot.js";
import { createTable } from "./labtable.js";
import { createSwitch, tagOf } from "./language.js";
import { wordsOf } from "./words.js";

/** @typedef {Record<string, unknown>} LabValues of the controls, by name */
/** @typedef {Record<string, any>} LabContents of the pieces, by key */
/** @typedef {{title: string, language: string, languages: string[], texts: Record<string, string>, controls: import("./labcontrols.js").Described[],
 *   parts: {kind: string, key: string, keys: string[], label: string}[]}} LabDocument */

/**
 * @param {LabDocument} document
 * @param {boolean} stored whether only the numbers of a control's grid can be shown
 * @param {(values: LabValues) => void} changed
 * @param {(language: string) => void} speak
 */
export function createLab(document, stored, changed, speak) {
  const words = wordsOf(document.texts);
  /** @type {LabValues} */
  let values = {};
  const controls = document.controls.map((described) => createControl(described, words, stored, (value) => {
    values = { ...values, [described.name]: value };
    showWhatMatters();
    changed(values);
  }));
  const language = createSwitch(speak);
  language.load(document.languages, document.language);
  const alert = html("div", { class: "adviz-alert", role: "alert" });
  const notice = html("p", { class: "adviz-notice" });
  const first = document.parts.find(({ kind }) => kind === "sentence");
  const parts = document.parts.map((part) => createPart(part, part === first));
  const sayings = parts.filter(({ kind }) => kind === "sentence").map(({ element }) => element);
  const root = html("section", { class: "adviz-lab", lang: tagOf(document.language), "aria-label": document.title },
    html("div", { class: "adviz-header" }, html("h3", { class: "adviz-title" }, document.title), language.element),
    html("div", { class: "adviz-lab-controls" }, ...controls.map(({ element }) => element)),
    alert, ...sayings, notice,
    html("div", { class: "adviz-lab-parts" }, ...parts.filter(({ kind }) => kind !== "sentence").map(({ element }) => element)));
  listenToKeys(root, () => {});

  /** A control that matters only with another's value is shown only there. */
  function showWhatMatters() {
    document.controls.forEach(({ only }, k) => (controls[k].element.hidden = Boolean(only && values[only[0]] !== only[1])));
  }

  return {
    root,
    words,
    /** @param {LabValues} given */
    choose(given) {
      values = { ...given };
      showWhatMatters();
      document.controls.forEach(({ name }, k) => controls[k].write(values[name]));
    },
    /** A piece that could not be made leaves what was there; the first reason is said. @param {LabContents} contents @param {string} problem */
    show(contents, problem) {
      const problems = Object.values(contents).map((content) => content?.problem).filter((said) => typeof said === "string");
      for (const part of parts) part.show(part.keys.map((key) => contents[key]));
      setText(alert, problem || problems[0] || "");
    },
    /** @param {string} said */
    notice: (said) => setText(notice, said),
    /** @param {unknown} theme */
    theme: (theme) => setAttribute(root, "data-theme", (theme === "light" || theme === "dark") && theme),
  };
}

/** @param {LabDocument["parts"][number]} part @param {boolean} announced */
function createPart({ kind, key, keys, label }, announced) {
  if (kind === "plot") {
    const plot = createPlot(label, keys.length);
    return { kind, keys, element: plot.element, show: plot.show };
  }
  const made = kind === "table" ? createTable() : createSaying(announced);
  return { kind, keys: [key], element: made.element, show: (/** @type {any[]} */ [content]) => content?.problem === undefined && made.show(content) };
}

/** @param {boolean} announced of a lab's sentences one is announced */
function createSaying(announced) {
  const element = html("p", { class: "adviz-lab-say", role: announced && "status", "aria-atomic": announced && "true" });
  return { element, show: (/** @type {string | null} */ said) => setText(element, said ?? "") };
}
