// The explorer and its model: traits that change in Python are shown, what the reader does is saved.

import { Damage } from "./check.js";
import { read } from "./document.js";
import { setAttribute } from "./dom.js";
import { createExplorer } from "./explorer.js";
import { createRequests } from "./export.js";
import { TABS } from "./modes.js";
import { wordsOf } from "./words.js";

/** @typedef {{get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void,
 *   on: (event: string, callback: (...given: any[]) => void) => void, off: (event: string, callback: (...given: any[]) => void) => void,
 *   send?: (message: object) => void, page?: () => string, link?: () => string}} Model */

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
  const requests = createRequests(model, () => explorer.place(), () => explorer.words());
  const explorer = createExplorer(editable, {
    stepped: saveLater,
    changedMode: save,
    inputs: (values, waits) => commit("inputs", Object.fromEntries((explorer.shown()?.inputs ?? []).map(({ name }, n) => [name, values[n]])), waits),
    seeds: (values, waits) => commit("seeds", { ...model.get("seeds"), [explorer.place().mode]: values }, waits),
    files: {
      text: documentText, ask: model.send ? requests.ask : null, page: model.page ?? null, link: model.link ? linkNow : null,
    },
  });
  let problem = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  function readDocument() {
    settled();
    try {
      explorer.load(read(String(model.get("document")), bytesOf(model.get("columns"))));
      problem = "";
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      const texts = { ...DAMAGED, ...explorer.shown()?.texts };
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
    if (TABS.includes(wanted) && explorer.chooseMode(wanted) && explorer.shown()) saveLater();
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

  /** @param {string} name @param {unknown} value @param {boolean} waits whether the page has nothing to show until Python answers */
  function commit(name, value, waits) {
    if (!editable) return;
    model.set(name, value);
    save();
    if (waits) waiting ??= setTimeout(() => explorer.notice(explorer.words()("page.waiting")), WAIT_BEFORE);
  }

  /** The document in one text; where its columns came as bytes beside it, Python writes it. */
  function documentText() {
    const columns = bytesOf(model.get("columns"));
    return model.send && columns?.byteLength ? requests.ask("json") : String(model.get("document"));
  }

  /** The address of what is on the screen, which is saved only once the reader rests. */
  function linkNow() {
    save();
    return model.link?.() ?? "";
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

  /** @type {[string, (...given: any[]) => void][]} */
  const listeners = [
    ["change:mode", readMode], ["change:step", readStep], ["change:document", readDocument], ["change:alert", readAlert],
    ["change:theme", readTheme], ["msg:custom", requests.hear],
  ];
  for (const [event, callback] of listeners) model.on(event, callback);
  el.replaceChildren(explorer.root);
  for (const first of [readTheme, readMode, readStep, readDocument]) first();

  return () => {
    for (const [event, callback] of listeners) model.off(event, callback);
    explorer.stop();
    requests.stop();
    clearTimeout(waiting);
    if (saving !== undefined) save();
    el.replaceChildren();
  };
}

/**
 * The bytes that came beside a document, at a place of their own, for columns begin at multiples of 8.
 * @param {unknown} found
 * @returns {ArrayBuffer}
 */
function bytesOf(found) {
  return found instanceof DataView ? /** @type {ArrayBuffer} */ (found.buffer.slice(found.byteOffset, found.byteOffset + found.byteLength)) : new ArrayBuffer(0);
}
