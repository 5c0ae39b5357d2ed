// The explorer and its model: traits that change in Python are shown, what the reader does is saved.

import { Damage } from "./check.js";
import { besideIn, besideInText } from "./columns.js";
import { read } from "./document.js";
import { setAttribute, whenIdle } from "./dom.js";
import { createExplorer } from "./explorer.js";
import { createRequests } from "./export.js";
import { preferred } from "./language.js";
import { TABS } from "./modes.js";
import { savedText } from "./saving.js";
import { wordsOf } from "./words.js";

/** @typedef {{get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void,
 *   on: (event: string, callback: (...given: any[]) => void) => void, off: (event: string, callback: (...given: any[]) => void) => void,
 *   send?: (message: object) => void, ask?: (wish: import("./predict.js").Wish) => void, page?: () => string, link?: () => string}} Model */

const SAVE_AFTER = 300; // ms without a step: a reload finds the step again, and stepping never waits for a kernel
const WAIT_BEFORE = 600; // ms until "waiting" is said
const GONE_AFTER = 30_000; // ms until a kernel counts as gone: a function may take its time
/** Before any document brought its words. @type {Record<string, string>} */
const DAMAGED = { en: "This trace document is damaged: {field} {problem}.", zh: "这份轨迹文档已损坏：{field} {problem}。" };

/**
 * @param {HTMLElement} el
 * @param {Model} model
 * @returns {() => void} takes the explorer away again
 */
export function mount(el, model) {
  const editable = model.get("editable") !== false;
  const requests = createRequests(model, () => explorer.place(), () => explorer.words());
  const explorer = createExplorer(editable, {
    stepped: saveLater, damaged,
    changedMode: save,
    inputs: (values, waits) => commit("inputs", Object.fromEntries((explorer.shown()?.inputs ?? []).map(({ name }, n) => [name, values[n]])), waits),
    seeds: (values, waits) => commit("seeds", { ...model.get("seeds"), [explorer.place().mode]: values }, waits),
    spoke: speak,
    predict: { ask: model.ask ?? (model.send ? (wish) => model.send?.(wish) : null), choose: typeof model.get("predict") === "boolean" ? (on) => commit("predict", on, true) : null },
    files: {
      text: documentText, ask: model.send ? requests.ask : null, page: model.page ? pageNow : null, link: model.link ? linkNow : null,
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
      const document = read(String(model.get("document")), bytesOf(model.get("columns")), language());
      problem = "";
      explorer.load(document);
      whenIdle(() => explorer.shown() === document && readRest(document));
    } catch (error) {
      damaged(error);
    }
    readAlert();
  }

  /** What was left for later. @param {import("./document.js").TraceDocument} document */
  function readRest(document) {
    try {
      document.readRest();
    } catch (error) {
      damaged(error);
    }
  }

  /** What is damaged in a document is told, when it comes or when it is come upon. @param {unknown} error */
  function damaged(error) {
    if (!(error instanceof Damage)) throw error;
    const texts = { "document.field": DAMAGED[language()] ?? DAMAGED.en, ...explorer.shown()?.texts };
    problem = wordsOf(texts)("document.field", { field: error.field, problem: error.problem });
    explorer.stop();
    explorer.alert(problem);
  }

  /** The one that was chosen; in a page for which none was, that of the browser. */
  function language() {
    return String(model.get("language") || preferred());
  }

  /** The same document in another language, at the same place. */
  function readLanguage() {
    if (explorer.shown()?.language === language()) return; // the page said it itself
    explorer.keep();
    readDocument();
  }

  /** @param {string} wanted */
  function speak(wanted) {
    model.set("language", wanted);
    save();
    readLanguage();
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
    if (!editable) return saveLater(); // the point stands in the address
    model.set(name, value);
    save();
    if (waits) waiting ??= setTimeout(wait, WAIT_BEFORE);
  }

  function wait() {
    explorer.notice(explorer.words()("page.waiting"));
    waiting = setTimeout(() => explorer.notice(explorer.words()("page.unanswered")), GONE_AFTER - WAIT_BEFORE);
  }

  /** The document in one text, with the numbers that are on the screen; where Python has it and its columns came as bytes beside it, Python writes it. */
  function documentText() {
    const [text, columns, shown] = [String(model.get("document")), bytesOf(model.get("columns")), explorer.shown()];
    if (model.send) return columns.byteLength ? requests.ask("json") : text;
    return shown ? savedText(text, columns, shown, explorer.elsewhere(), explorer.seed) : text;
  }

  /** The point that the address names is that of the next document. */
  function readPoint() {
    const at = model.get("at");
    if (Array.isArray(at)) explorer.keep(at);
  }

  /** The address of what is on the screen, which is saved only once the reader rests. */
  function linkNow() {
    save();
    return model.link?.() ?? "";
  }

  /** This page, which opens at the point that is on the screen. */
  function pageNow() {
    save();
    return model.page?.() ?? "";
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
    if (model.link) model.set("at", explorer.elsewhere());
    model.save_changes();
  }

  /** @type {[string, (...given: any[]) => void][]} */
  const listeners = [
    ["change:mode", readMode], ["change:step", readStep], ["change:document", readDocument], ["change:alert", readAlert],
    ["change:theme", readTheme], ["change:language", readLanguage], ["msg:custom", requests.hear],
    ["change:at", () => (readPoint(), readDocument())],
  ];
  for (const [event, callback] of listeners) model.on(event, callback);
  el.replaceChildren(explorer.root);
  for (const first of [readTheme, readMode, readStep, readPoint, readDocument]) first();

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
 * The bytes that came beside a document: in a page as base64, in a message at a place that may be no multiple of 8, where columns begin.
 * @param {unknown} found
 * @returns {import("./columns.js").Beside}
 */
function bytesOf(found) {
  if (typeof found === "string") return besideInText(found);
  if (!(found instanceof DataView)) return besideIn(new ArrayBuffer(0));
  const { buffer, byteOffset, byteLength } = found;
  if (byteOffset % 8) return besideIn(/** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength)));
  return { byteLength, from: (at) => [/** @type {ArrayBuffer} */ (buffer), byteOffset + at] };
}
