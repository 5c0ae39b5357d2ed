// The explorer: one document, one mode and one step, shown in four views that always agree.
// It is created once and then brought up to date, so that focus and places stay. It draws; it knows no derivative rule.

import { Damage } from "./check.js";
import { MODES, read } from "./document.js";
import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { createFields } from "./fields.js";
import { createGraph } from "./graphpane.js";
import { createHeader } from "./header.js";
import { listenToKeys } from "./keys.js";
import { createMoment } from "./moment.js";
import { toJson } from "./number.js";
import { replay } from "./replay.js";
import { createSource } from "./source.js";
import { createTable } from "./table.js";
import { createTransport } from "./transport.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {{get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void,
 *   on: (event: string, callback: () => void) => void, off: (event: string, callback: () => void) => void}} Model */

const SAVE_AFTER = 300; // ms without a step: a reload finds the step again, and stepping never waits for a kernel
const WAIT_BEFORE = 600; // ms until "waiting" is said
const LANGUAGES = new Map([["zh", "zh-Hans"]]);

/**
 * @param {HTMLElement} el
 * @param {Model} model
 * @returns {() => void} takes the explorer away again
 */
export function mount(el, model) {
  const id = `adviz-${Math.random().toString(36).slice(2, 10)}`;
  const editable = model.get("editable") !== false;
  const alert = html("div", { class: "adviz-alert", role: "alert" });
  const notice = html("p", { class: "adviz-notice" });
  const root = html("div", { class: "adviz-explorer", tabindex: 0, role: "group", ...FOCUSABLE });
  const header = createHeader(MODES, chooseMode, id);
  const inputs = createFields("input", commitInputs, id);
  const seeds = createFields("seed", commitSeeds, id);
  const graph = createGraph(pick);
  const table = createTable(pick);
  const source = createSource(pickAmong);
  const moment = createMoment(() => current() !== null && pick(/** @type {number} */ (current())));
  const transport = createTransport(go, () => step());
  transport.whenPlaying(moment.playing);
  const side = html("div", { class: "adviz-side" }, source.element, moment.element, moment.notes);
  const stage = html("div", { class: "adviz-stage", id: `${id}-stage` }, graph.element, table.element, side);
  const settings = html("div", { class: "adviz-settings" }, inputs.element, seeds.element, notice);
  const parts = [header.element, header.panel, settings, stage, transport.element];

  /** @type {TraceDocument | null} */
  let shown = null;
  /** @type {Partial<Record<Mode, Replay>>} */
  let replays = {};
  /** @type {Mode} */
  let mode = "values";
  /** @type {Record<Mode, number>} */
  const steps = { values: 0, forward: 0, reverse: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let problem = "";

  const step = () => steps[mode];
  const now = () => /** @type {Replay} */ (replays[mode]);
  const current = () => now().frame(step()).current;

  // --- from Python

  function loadDocument() {
    try {
      shown = read(String(model.get("document")));
      problem = "";
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      problem = wordsOf(shown?.texts ?? { "document.field": "This trace document is damaged: {field} {problem}." })("document.field", { field: error.field, problem: error.problem });
      transport.stop();
      return showAlert();
    }
    settled();
    if (!parts[0].parentNode) root.replaceChildren(...parts.slice(0, 2), alert, ...parts.slice(2));
    replays = {};
    if (!shown.timelines[mode]) mode = /** @type {Mode} */ (MODES.find((each) => shown?.timelines[each]));
    loadParts(shown);
  }

  /** @param {TraceDocument} document */
  function loadParts(document) {
    const words = wordsOf(document.texts);
    setAttribute(root, "aria-label", words("page.label", { title: document.title }));
    setAttribute(root, "lang", LANGUAGES.get(document.language) ?? document.language);
    header.load(document, words);
    inputs.load(words("page.inputs"), document.inputs.map(({ name, value }) => ({ name, label: name, value })), editable, words);
    graph.load(document, words);
    source.load(document, words);
    setText(notice, editable ? "" : words("live.kernel"));
    loadMode(document);
  }

  /** @param {TraceDocument} document */
  function loadMode(document) {
    const words = wordsOf(document.texts);
    const playing = (replays[mode] ??= replay(document, mode));
    steps[mode] = clamp(steps[mode]);
    const { seed, seed_names: names } = playing.timeline;
    const entries = names.map((name, n) => ({ name, label: accented(name, mode), value: seed?.[n] ?? 0 }));
    seeds.load(words("page.seed"), entries, editable, words);
    header.show(mode);
    table.load(document, playing, words);
    moment.load(document, playing, words);
    transport.load(playing, words);
    show();
  }

  function readStep() {
    const wanted = model.get("step");
    if (shown && Number.isSafeInteger(wanted)) go(wanted, false);
  }

  function readMode() {
    const wanted = model.get("mode");
    if (shown?.timelines[/** @type {Mode} */ (wanted)]) chooseMode(wanted, false);
  }

  function showAlert() {
    if (!shown && !alert.parentNode) root.append(alert);
    setText(alert, problem || String(model.get("alert") ?? ""));
  }

  function readAlert() {
    settled();
    showAlert();
  }

  function readTheme() {
    setAttribute(root, "data-theme", ["light", "dark"].includes(model.get("theme")) && model.get("theme"));
  }

  // --- from the reader

  /** @param {number} n @param {boolean} [save] */
  function go(n, save = true) {
    const wanted = clamp(n);
    if (save) saveLater();
    if (wanted === step()) return;
    steps[mode] = wanted;
    show();
  }

  /** @param {number} n */
  function clamp(n) {
    return Math.min(Math.max(n, 0), now().count);
  }

  /** @param {Mode} wanted @param {boolean} [save] */
  function chooseMode(wanted, save = true) {
    if (wanted === mode || !shown) return;
    transport.stop();
    mode = wanted;
    loadMode(shown);
    if (save) saveNow();
  }

  /** @param {number} index */
  function pick(index) {
    transport.move(now().target(index, step()));
  }

  /** The next of several variables that one place in the source wrote. @param {number[]} indices */
  function pickAmong(indices) {
    const here = indices.indexOf(current() ?? NaN);
    const again = here >= 0 && now().target(indices[here], step()) > step();
    pick(again ? indices[here] : indices[(here + 1) % indices.length]);
  }

  /** @param {1 | -1} direction */
  function pickNeighbour(direction) {
    const variables = shown?.variables ?? [];
    const here = variables.findIndex((variable) => variable.index === current());
    let next = here < 0 && direction < 0 ? variables.length - 1 : here + direction;
    while (variables[next] && !now().isWritten(variables[next].index)) next += direction;
    if (variables[next]) pick(variables[next].index);
  }

  /** @param {number[]} values */
  function commitInputs(values) {
    const names = shown?.inputs.map((input) => input.name) ?? [];
    commit("inputs", Object.fromEntries(names.map((name, n) => [name, toJson(values[n])])));
  }

  /** @param {number[]} values */
  function commitSeeds(values) {
    commit("seeds", { ...model.get("seeds"), [mode]: values.map(toJson) });
  }

  /** @param {string} name @param {unknown} value */
  function commit(name, value) {
    if (!editable) return;
    model.set(name, value);
    saveNow();
    waiting ??= setTimeout(() => shown && setText(notice, wordsOf(shown.texts)("page.waiting")), WAIT_BEFORE);
  }

  function settled() {
    clearTimeout(waiting);
    waiting = undefined;
    if (editable) setText(notice, "");
  }

  function saveLater() {
    clearTimeout(saving);
    saving = setTimeout(saveNow, SAVE_AFTER);
  }

  function saveNow() {
    clearTimeout(saving);
    saving = undefined;
    model.set("mode", mode);
    model.set("step", step());
    model.save_changes();
  }

  // --- on the screen

  function show() {
    const frame = now().frame(step());
    setAttribute(root, "data-mode", mode);
    setAttribute(root, "data-step", frame.n);
    setAttribute(root, "data-steps", now().count);
    graph.show(now(), frame);
    table.show(frame);
    source.show(frame);
    moment.show(frame);
    transport.show(frame.n);
  }

  /** @type {Record<import("./keys.js").Command, () => void>} */
  const commands = {
    previous: () => transport.move(step() - 1), next: () => transport.move(step() + 1),
    first: () => transport.move(0), last: () => transport.move(now().count),
    play: transport.toggle, "phase-back": () => transport.phase(-1), "phase-on": () => transport.phase(1),
    "row-up": () => pickNeighbour(-1), "row-down": () => pickNeighbour(1),
    help: () => header.toggleHelp(), escape: () => header.toggleHelp(false),
  };
  listenToKeys(root, (command) => shown && commands[command]());

  /** @type {[string, () => void][]} */
  const listeners = [
    ["change:document", loadDocument], ["change:mode", readMode], ["change:step", readStep], ["change:alert", readAlert],
    ["change:theme", readTheme],
  ];
  for (const [event, callback] of listeners) model.on(event, callback);
  if (MODES.includes(model.get("mode"))) mode = model.get("mode");
  if (Number.isSafeInteger(model.get("step"))) steps[mode] = model.get("step");
  el.replaceChildren(root);
  readTheme();
  loadDocument();
  showAlert();

  return () => {
    for (const [event, callback] of listeners) model.off(event, callback);
    transport.stop();
    clearTimeout(waiting);
    if (saving !== undefined) saveNow();
    el.replaceChildren();
  };
}

/**
 * The name of a seed: ẋ1 is the tangent of x1, ȳ the adjoint of y.
 * @param {string} name
 * @param {Mode} mode
 */
function accented(name, mode) {
  const [first, ...rest] = Array.from(name);
  return `${first}${mode === "reverse" ? "\u0304" : "\u0307"}${rest.join("")}`.normalize("NFC");
}
