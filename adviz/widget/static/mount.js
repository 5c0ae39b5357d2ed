// The explorer and its model: traits that change in Python are shown, what the reader does is saved.

import { Damage } from "./check.js";
import { MODES, read } from "./document.js";
import { setAttribute } from "./dom.js";
import { createExplorer } from "./explorer.js";
import { wordsOf } from "./words.js";

/** @typedef {{get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void,
 *   on: (event: string, callback: () => void) => void, off: (event: string, callback: () => void) => void}} Model */

const SAVE_AFTER = 300; // ms without a step: a reload finds the step again, and stepping never waits for a kernel
const WAIT_BEFORE = 600; // ms until "waiting" is said
const DAMAGED = { "document.field": "This trace document is damaged: {field} {problem}." }; // before any document brought its words

/**
 * @param {HTMLElement} el
 * @param {Model} model
 * @returns {() => void} takes the explorer away again
 */
export function mount(el, model) {
  const editable = model.get("editable") !== false;
  const explorer = createExplorer(editable, {
    stepped: saveLater,
    changedMode: save,
    inputs: (values) => commit("inputs", Object.fromEntries((explorer.shown()?.inputs ?? []).map(({ name }, n) => [name, values[n]]))),
    seeds: (values) => commit("seeds", { ...model.get("seeds"), [explorer.place().mode]: values }),
  });
  let problem = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  function readDocument() {
    settled();
    try {
      explorer.load(read(String(model.get("document"))));
      problem = "";
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      const texts = explorer.shown()?.texts ?? DAMAGED;
      problem = wordsOf(texts)("document.field", { field: error.field, problem: error.problem });
      explorer.stop();
    }
    readAlert();
  }

  function readAlert() {
    settled();
    explorer.alert(problem || String(model.get("alert") ?? ""));
  }

  /** A mode in which Python did not choose a step keeps the one it had, and Python hears which that is. */
  function readMode() {
    const wanted = model.get("mode");
    if (MODES.includes(wanted) && explorer.chooseMode(wanted) && explorer.shown()) saveLater();
  }

  function readStep() {
    const wanted = model.get("step");
    if (!Number.isSafeInteger(wanted)) return;
    explorer.go(wanted);
    if (explorer.shown() && explorer.place().step !== wanted) saveLater();
  }

  function readTheme() {
    const wanted = model.get("theme");
    setAttribute(explorer.root, "data-theme", ["light", "dark"].includes(wanted) && wanted);
  }

  /** @param {string} name @param {unknown} value */
  function commit(name, value) {
    if (!editable) return;
    model.set(name, value);
    save();
    waiting ??= setTimeout(() => explorer.notice(explorer.words()("page.waiting")), WAIT_BEFORE);
  }

  function settled() {
    clearTimeout(waiting);
    waiting = undefined;
    if (editable) explorer.notice("");
  }

  function saveLater() {
    clearTimeout(saving);
    saving = setTimeout(save, SAVE_AFTER);
  }

  function save() {
    clearTimeout(saving);
    saving = undefined;
    const { mode, step } = explorer.place();
    model.set("mode", mode);
    model.set("step", step);
    model.save_changes();
  }

  /** @type {[string, () => void][]} */
  const listeners = [
    ["change:mode", readMode], ["change:step", readStep], ["change:document", readDocument], ["change:alert", readAlert],
    ["change:theme", readTheme],
  ];
  for (const [event, callback] of listeners) model.on(event, callback);
  el.replaceChildren(explorer.root);
  for (const first of [readTheme, readMode, readStep, readDocument]) first();

  return () => {
    for (const [event, callback] of listeners) model.off(event, callback);
    explorer.stop();
    clearTimeout(waiting);
    if (saving !== undefined) save();
    el.replaceChildren();
  };
}
