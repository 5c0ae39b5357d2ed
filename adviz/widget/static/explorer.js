// The explorer: one document, one mode and one step, shown in four views that always agree.
// It is created once and then brought up to date, so that focus and places stay. It draws; it knows no derivative rule.

import { createChanges } from "./changes.js";
import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { createExport } from "./export.js";
import { createFields } from "./fields.js";
import { createGraph } from "./graphpane.js";
import { createHeader } from "./header.js";
import { listenToKeys } from "./keys.js";
import { hasTab, TABS } from "./modes.js";
import { createMoment } from "./moment.js";
import { createNavigation } from "./navigation.js";
import { createNudge } from "./nudge.js";
import { createOthers } from "./others.js";
import { replay } from "./replay.js";
import { watchPanes } from "./scrolling.js";
import { createSource } from "./source.js";
import { createTable } from "./table.js";
import { createTransport } from "./transport.js";
import { createWhy } from "./why.js";
import { accented, wordsOf } from "./words.js";

/** @typedef {import("./modes.js").Tab} Mode */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {ReturnType<typeof createExplorer>} Explorer */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** What the reader did; of inputs and seeds, whether the page waits for the answer.
 * @typedef {{stepped: () => void, changedMode: () => void, inputs: (values: Quantity[], waits: boolean) => void,
 *   seeds: (values: Quantity[], waits: boolean) => void, files: import("./export.js").Files}} Reader */

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
  const root = html("div", { class: "adviz-explorer", tabindex: 0, role: "group", ...FOCUSABLE }, alert);
  const files = createExport(reader.files, root, id);
  const header = createHeader(TABS, (wanted) => chooseMode(wanted) && reader.changedMode(), id, files.button);
  const changes = createChanges({ root, notice, now: () => now(), sweep, show, showNotes, words: () => words() }, reader, editable);
  const inputs = createFields("input", changes.inputs, id);
  const seeds = createFields("seed", changes.seeds, id);
  const nudge = createNudge(id);
  const why = createWhy({ go: pick, point: (edge) => graph.point(edge), closed: () => root.focus({ preventScroll: true }) });
  const graph = createGraph(pickAndAsk, why.slope);
  const table = createTable(pickAndAsk);
  const source = createSource(pickAmong);
  const moment = createMoment(pickAgain);
  const transport = createTransport(walk, () => steps[mode]);
  transport.whenPlaying(moment.playing);
  const others = createOthers(() => shown && loadMode(shown), (n) => transport.move(n));
  const navigation = createNavigation(pick, () => current());
  const settings = html("div", { class: "adviz-settings" }, inputs.element, seeds.element, notice, nudge.element);
  const side = html("div", { class: "adviz-side" }, source.element, moment.element, why.opener, why.panel, moment.notes);
  const stage = html("div", { class: "adviz-stage", id: `${id}-stage` }, others.element, graph.element, table.element, side);

  /** @type {TraceDocument | null} */
  let shown = null;
  /** @type {Partial<Record<Mode, Replay>>} */
  let replays = {};
  /** @type {Mode} */
  let mode = "values";
  /** @type {TraceDocument | null} what the panes show: in a mode of second order that of a trace of its own */
  let staged = null;
  const steps = /** @type {Record<Mode, number>} */ (Object.fromEntries(TABS.map((tab) => [tab, 0])));

  const now = () => /** @type {Replay} */ (replays[mode]);
  const current = () => now().frame(steps[mode]).current;
  const words = () => wordsOf(shown?.texts ?? {});

  /** @param {TraceDocument} document */
  function load(document) {
    if (!shown) root.replaceChildren(header.element, header.panel, files.panel, alert, settings, navigation.element, stage, transport.element);
    changes.load(document);
    shown = document;
    replays = {};
    staged = null;
    if (!hasTab(document, mode)) mode = /** @type {Mode} */ (TABS.find((each) => hasTab(document, each)));
    setAttribute(root, "aria-label", words()("page.label", { title: document.title }));
    setAttribute(root, "lang", LANGUAGES.get(document.language) ?? document.language);
    header.load(document, words());
    files.load(document.title, words());
    inputs.load(words()("page.inputs"), document.inputs.map(({ name }, n) => ({ name, label: name, value: changes.point()[n] })), changes.possible(), words());
    nudge.load(document, changes.live(), words());
    loadMode(document);
    changes.loaded();
  }

  /** @param {TraceDocument} document */
  function loadMode(document) {
    const other = others.load(mode, document, words());
    const playing = other ? (replays[mode] = other.replay) : (replays[mode] ??= replay(document, /** @type {import("./document.js").Mode} */ (mode)));
    stageDocument(other?.document ?? document);
    steps[mode] = clamp(steps[mode]);
    const { seed, seed_names: names } = playing.timeline;
    const entries = (other && !other.seeded ? [] : names).map((name, n) => ({ name, label: accented(name, playing.mode), value: (other ? null : changes.live()?.seed(playing.mode)[n]) ?? seed?.[n] ?? 0 }));
    seeds.load(words()("page.seed"), entries, editable || (changes.possible() && !other), words());
    header.show(mode);
    const of = other?.document ?? document;
    if (!others.isAlone()) {
      table.load(of, playing, words());
      why.load(of, playing, words());
    }
    moment.load(of, playing, words());
    transport.load(playing, words());
    show();
    changes.changedMode();
  }

  /** @param {TraceDocument} document */
  function stageDocument(document) {
    if (document === staged) return;
    staged = document;
    graph.load(document, words());
    navigation.load(document, words());
    source.load(document, words());
  }

  /** The mode, where it is a sweep of the document's own trace. */
  function sweep() {
    const own = staged === shown && !others.isAlone() && mode in /** @type {TraceDocument} */ (shown).timelines;
    return own ? /** @type {import("./document.js").Mode} */ (mode) : null;
  }

  function showNotes() {
    moment.load(/** @type {TraceDocument} */ (shown), now(), words());
  }

  function show() {
    const frame = now().frame(steps[mode]);
    setAttribute(root, "data-mode", mode);
    setAttribute(root, "data-sweep", mode in /** @type {TraceDocument} */ (shown).timelines ? null : now().mode);
    setAttribute(root, "data-step", frame.n);
    setAttribute(root, "data-steps", now().count);
    if (!others.isAlone()) {
      graph.show(now(), frame);
    navigation.show(frame.current, graph.extent());
      table.show(frame);
      source.show(frame);
      why.show(frame);
    }
    moment.show(frame);
    others.show(frame);
    transport.show(frame.n);
    nudge.show(staged === shown ? frame : { ...frame, current: null });
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
    if (wanted === mode || (shown && !hasTab(shown, wanted))) return false;
    transport.stop();
    mode = wanted;
    if (shown) loadMode(shown);
    return true;
  }

  /** @param {number} index */
  function pick(index) {
    transport.move(now().target(index, steps[mode]));
    why.follow(index);
  }

  /** @param {number} index */
  function pickAndAsk(index) {
    pick(index);
    why.ask(index);
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
    const { first, count } = /** @type {TraceDocument} */ (staged);
    let next = (current() ?? (direction < 0 ? first + count : first - 1)) + direction;
    while (next >= first && next < first + count && !now().isWritten(next)) next += direction;
    if (next >= first && next < first + count) pick(next);
  }

  /** @type {Record<import("./keys.js").Command, () => void>} */
  const commands = {
    previous: () => transport.move(steps[mode] - 1), next: () => transport.move(steps[mode] + 1),
    first: () => transport.move(0), last: () => transport.move(now().count),
    play: transport.toggle, "phase-back": () => transport.phase(-1), "phase-on": () => transport.phase(1),
    "row-up": () => pickNeighbour(-1), "row-down": () => pickNeighbour(1),
    fold: graph.fold, unfold: graph.unfold, find: navigation.focus,
    help: () => header.toggleHelp(), why: why.askCurrent,
    escape: () => (why.isOpen() ? why.shut() : (header.toggleHelp(false), files.toggle(false))),
  };
  watchPanes(root, words);
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
