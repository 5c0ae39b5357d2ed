// The explorer: one document, one mode and one step, shown in four views that always agree.
// It is created once and then brought up to date, so that focus and places stay. It draws; it knows no derivative rule.

import { MODES } from "./document.js";
import { html, setAttribute, setText } from "./dom.js";
import { createFields } from "./fields.js";
import { createGraph } from "./graphpane.js";
import { createHeader } from "./header.js";
import { listenToKeys } from "./keys.js";
import { createMoment } from "./moment.js";
import { replay } from "./replay.js";
import { createSource } from "./source.js";
import { createTable } from "./table.js";
import { createTransport } from "./transport.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {ReturnType<typeof createExplorer>} Explorer */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** What the reader did. @typedef {{stepped: () => void, changedMode: () => void, inputs: (values: Quantity[]) => void,
 *   seeds: (values: Quantity[]) => void}} Reader */

const LANGUAGES = new Map([["zh", "zh-Hans"]]);

/**
 * An explorer without a document yet: `load` gives it one.
 * @param {boolean} editable whether inputs and seeds can be changed
 * @param {Reader} reader is told what the reader did; what is done by calling the result is not reported
 */
export function createExplorer(editable, reader) {
  const id = `adviz-${Math.random().toString(36).slice(2, 10)}`;
  const alert = html("div", { class: "adviz-alert", role: "alert" });
  const notice = html("p", { class: "adviz-notice" });
  const root = html("div", { class: "adviz-explorer", tabindex: 0, role: "group" }, alert);
  const header = createHeader(MODES, (wanted) => chooseMode(wanted) && reader.changedMode(), id);
  const inputs = createFields("input", reader.inputs, id);
  const seeds = createFields("seed", reader.seeds, id);
  const graph = createGraph(pick);
  const table = createTable(pick);
  const source = createSource(pickAmong);
  const moment = createMoment(pickAgain);
  const transport = createTransport(walk, () => steps[mode]);
  transport.whenPlaying(moment.playing);
  const settings = html("div", { class: "adviz-settings" }, inputs.element, seeds.element, notice);
  const side = html("div", { class: "adviz-side" }, source.element, moment.element, moment.notes);
  const stage = html("div", { class: "adviz-stage", id: `${id}-stage` }, graph.element, table.element, side);

  /** @type {TraceDocument | null} */
  let shown = null;
  /** @type {Partial<Record<Mode, Replay>>} */
  let replays = {};
  /** @type {Mode} */
  let mode = "values";
  /** @type {Record<Mode, number>} */
  const steps = { values: 0, forward: 0, reverse: 0 };

  const now = () => /** @type {Replay} */ (replays[mode]);
  const current = () => now().frame(steps[mode]).current;
  const words = () => wordsOf(shown?.texts ?? {});

  /** @param {TraceDocument} document */
  function load(document) {
    if (!shown) root.replaceChildren(header.element, header.panel, alert, settings, stage, transport.element);
    shown = document;
    replays = {};
    if (!document.timelines[mode]) mode = /** @type {Mode} */ (MODES.find((each) => document.timelines[each]));
    setAttribute(root, "aria-label", words()("page.label", { title: document.title }));
    setAttribute(root, "lang", LANGUAGES.get(document.language) ?? document.language);
    header.load(document, words());
    inputs.load(words()("page.inputs"), document.inputs.map(({ name, value }) => ({ name, label: name, value })), editable, words());
    graph.load(document, words());
    source.load(document, words());
    setText(notice, editable ? "" : words()("live.kernel"));
    loadMode(document);
  }

  /** @param {TraceDocument} document */
  function loadMode(document) {
    const playing = (replays[mode] ??= replay(document, mode));
    steps[mode] = clamp(steps[mode]);
    const { seed, seed_names: names } = playing.timeline;
    const entries = names.map((name, n) => ({ name, label: accented(name, mode), value: seed?.[n] ?? 0 }));
    seeds.load(words()("page.seed"), entries, editable, words());
    header.show(mode);
    table.load(document, playing, words());
    moment.load(document, playing, words());
    transport.load(playing, words());
    show();
  }

  function show() {
    const frame = now().frame(steps[mode]);
    setAttribute(root, "data-mode", mode);
    setAttribute(root, "data-step", frame.n);
    setAttribute(root, "data-steps", now().count);
    graph.show(now(), frame);
    table.show(frame);
    source.show(frame);
    moment.show(frame);
    transport.show(frame.n);
  }

  /** @param {number} n */
  function clamp(n) {
    return Math.min(Math.max(n, 0), now().count);
  }

  /** @param {number} n */
  function go(n) {
    const wanted = shown ? clamp(n) : n;
    if (wanted === steps[mode]) return;
    steps[mode] = wanted;
    if (shown) show();
  }

  /** @param {number} n */
  function walk(n) {
    go(n);
    reader.stepped();
  }

  /** @param {Mode} wanted @returns {boolean} whether it is another one */
  function chooseMode(wanted) {
    if (wanted === mode || (shown && !shown.timelines[wanted])) return false;
    transport.stop();
    mode = wanted;
    if (shown) loadMode(shown);
    return true;
  }

  /** @param {number} index */
  function pick(index) {
    transport.move(now().target(index, steps[mode]));
  }

  function pickAgain() {
    const index = current();
    if (index !== null) pick(index);
  }

  /** The next of several variables that one place in the source wrote. @param {number[]} indices */
  function pickAmong(indices) {
    const here = indices.indexOf(current() ?? NaN);
    const again = here >= 0 && now().target(indices[here], steps[mode]) > steps[mode];
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

  /** @type {Record<import("./keys.js").Command, () => void>} */
  const commands = {
    previous: () => transport.move(steps[mode] - 1), next: () => transport.move(steps[mode] + 1),
    first: () => transport.move(0), last: () => transport.move(now().count),
    play: transport.toggle, "phase-back": () => transport.phase(-1), "phase-on": () => transport.phase(1),
    "row-up": () => pickNeighbour(-1), "row-down": () => pickNeighbour(1),
    help: () => header.toggleHelp(), escape: () => header.toggleHelp(false),
  };
  listenToKeys(root, (command) => shown && commands[command]());

  return {
    root, load, go, chooseMode, words,
    stop: transport.stop,
    place: () => ({ mode, step: steps[mode] }),
    shown: () => shown,
    /** @param {string} text */
    alert: (text) => setText(alert, text),
    /** @param {string} text */
    notice: (text) => setText(notice, text),
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
