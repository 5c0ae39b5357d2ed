// The explorer: one document, one mode and one step, shown in four views that always agree.
// It is created once and then brought up to date, so that focus and places stay. It draws; it knows no derivative rule.

import { createChanges } from "./changes.js";
import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { createExport } from "./export.js";
import { createFields } from "./fields.js";
import { createGraph } from "./graphpane.js";
import { createHeader } from "./header.js";
import { listenToKeys } from "./keys.js";
import { createSwitch, tagOf } from "./language.js";
import { hasTab, TABS } from "./modes.js";
import { createMoment } from "./moment.js";
import { createNavigation } from "./navigation.js";
import { createNudge } from "./nudge.js";
import { createOthers } from "./others.js";
import { createPredict } from "./predict.js";
import { replay } from "./replay.js";
import { watchPanes } from "./scrolling.js";
import { createSource } from "./source.js";
import { createTable } from "./table.js";
import { createTeacher, hasControl } from "./teacher.js";
import { createTransport } from "./transport.js";
import { createWhy } from "./why.js";
import { accented, wordsOf } from "./words.js";

/** @typedef {import("./modes.js").Tab} Mode */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {ReturnType<typeof createExplorer>} Explorer */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** What the reader did; of inputs and seeds, whether the page waits for the answer.
 * @typedef {{stepped: () => void, changedMode: () => void, damaged: (error: unknown) => void, inputs: (values: Quantity[], waits: boolean) => void,
 *   seeds: (values: Quantity[], waits: boolean) => void, spoke: (language: string) => void,
 *   predict: Pick<import("./predict.js").Around, "ask" | "choose">, files: import("./export.js").Files}} Reader */

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
  const languages = createSwitch(reader.spoke);
  const predict = createPredict({ ...reader.predict, go: (n) => transport.move(n), id, root });
  const teacher = createTeacher(root, () => (header.toggleHelp(false), files.toggle(false)));
  const header = createHeader(TABS, (wanted) => chooseMode(wanted) && reader.changedMode(), id, predict.toggle, files.button, teacher.button, languages.element);
  const changes = createChanges({ root, notice, now: () => now(), sweep, other: { renew: (live) => others.renew(live), isAlone: () => others.isAlone() }, show, showNotes, words: () => words() }, reader, editable);
  const inputs = createFields("input", changes.inputs, id);
  const seeds = createFields("seed", changes.seeds, id);
  const nudge = createNudge(id);
  const why = createWhy({ go: pick, point: (edge) => graph.point(edge), closed: () => root.focus({ preventScroll: true }) });
  const graph = createGraph(pickAndAsk, why.slope);
  const table = createTable(pickAndAsk);
  const source = createSource(pickAmong);
  const moment = createMoment(pickAgain);
  moment.element.querySelector(".adviz-say")?.after(teacher.note);
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
    if (!shown) root.replaceChildren(teacher.leave, header.element, header.panel, files.panel, alert, settings, navigation.element, predict.element, stage, transport.element);
    changes.load(document);
    shown = document;
    replays = {};
    staged = null;
    if (!hasTab(document, mode)) mode = /** @type {Mode} */ (TABS.find((each) => hasTab(document, each)));
    setAttribute(root, "aria-label", words()("page.label", { title: document.title }));
    setAttribute(root, "lang", tagOf(document.language));
    teacher.load(document, words());
    header.load(document, words());
    const answered = askOrTell(document);
    languages.load(document.languages, document.language);
    files.load(document.title, words());
    inputs.load(words()("page.inputs"), document.inputs.map(({ name }, n) => ({ name, label: name, value: changes.point()[n], locked: teacher.locks(name) })), changes.possible(), words(), teacher.locked(words()));
    nudge.load(document, changes.live(), words());
    loadMode(document);
    changes.loaded();
    if (answered) reader.stepped();
  }

  /** What shows numbers by itself waits while they are asked for; a step whose question is answered is gone to. @param {TraceDocument} document */
  function askOrTell(document) {
    const answered = predict.load(document, words());
    if (answered?.mode === mode) steps[mode] = answered.step;
    const asking = document.asked !== undefined;
    if (asking) why.shut();
    files.toggle(files.isOpen() && !asking);
    files.button.hidden = asking;
    const before = asking ? predict.element : null; // under the question, or at the end
    if (transport.element.nextElementSibling !== before) root.insertBefore(transport.element, before);
    return answered;
  }

  /** @param {TraceDocument} document */
  function loadMode(document) {
    const other = others.load(mode, document, words(), changes.live());
    const playing = other ? (replays[mode] = other.replay) : (replays[mode] ??= replay(document, /** @type {import("./document.js").Mode} */ (mode)));
    stageDocument(other?.document ?? document);
    steps[mode] = clamp(steps[mode]);
    const { seed, seed_names: names } = playing.timeline;
    const entries = (other && !other.seeded ? [] : names).map((name, n) => ({ name, label: accented(name, playing.mode), value: (other ? null : changes.live()?.seed(playing.mode)[n]) ?? seed?.[n] ?? 0 }));
    seeds.load(words()("page.seed"), entries, editable || (changes.possible() && !other), words());
    if (document.asked) seeds.element.hidden = true;
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
    moment.load(/** @type {TraceDocument} */ (staged), now(), words());
  }

  function show() {
    const frame = now().frame(steps[mode]);
    setAttribute(root, "data-mode", mode);
    setAttribute(root, "data-sweep", mode in /** @type {TraceDocument} */ (shown).timelines ? null : now().mode);
    setAttribute(root, "data-step", frame.n);
    setAttribute(root, "data-steps", now().count);
    setAttribute(root, "data-alone", others.isAlone());
    if (!others.isAlone()) {
      graph.show(now(), frame);
      navigation.show(frame.current, graph.extent());
      table.show(frame);
      source.show(frame);
      why.show(frame);
    }
    moment.show(frame);
    teacher.show(mode, frame.n);
    others.show(frame);
    transport.show(frame.n);
    predict.show(mode, frame.n);
    nudge.show(staged === shown ? frame : { ...frame, current: null });
    for (const pane of others.isAlone() ? [] : [graph, table, source]) pane.reveal(); // what asks for a layout comes last, so that there is one
  }

  /** @param {number} n */
  function clamp(n) {
    return Math.min(Math.max(n, 0), now().count, predict.limit(mode));
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
    const isAsked = n > steps[mode] && steps[mode] >= predict.limit(mode);
    go(n);
    transport.show(steps[mode]);
    if (isAsked) predict.remind();
    reader.stepped();
  }

  /** @param {Mode} wanted @returns {boolean} whether it is another one */
  function chooseMode(wanted) {
    if (wanted === mode || (shown && !hasTab(shown, wanted))) return false;
    transport.stop();
    const before = mode;
    mode = wanted;
    try {
      if (shown) loadMode(shown);
      return true;
    } catch (error) { // of a long document each mode is read when it is first shown
      reader.damaged(error);
      mode = before;
      if (shown) loadMode(shown);
      return false;
    }
  }

  /** @param {number} index */
  function pick(index) {
    if (hasControl(shown, "step")) transport.move(now().target(index, steps[mode]));
    why.follow(index);
  }

  /** @param {number} index */
  function pickAndAsk(index) {
    pick(index);
    if (!shown?.asked && hasControl(shown, "why")) why.ask(index);
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
    play: transport.toggle, "phase-back": () => (teacher.presenting() ? commands.previous() : transport.phase(-1)), // a presenter's remote sends these two
    "phase-on": () => (teacher.presenting() ? commands.next() : transport.phase(1)),
    "row-up": () => pickNeighbour(-1), "row-down": () => pickNeighbour(1),
    fold: graph.fold, unfold: graph.unfold, find: navigation.focus, hint: predict.hint,
    help: () => header.toggleHelp(), why: () => !shown?.asked && why.askCurrent(),
    present: () => teacher.present(!teacher.presenting(), true),
    escape: () => (teacher.presenting() ? teacher.present(false) : why.isOpen() ? why.shut() : (header.toggleHelp(false), files.toggle(false))),
  };
  watchPanes(root, words);
  listenToKeys(root, (command) => shown && teacher.allows(command) && commands[command]());

  return {
    root, load, go, chooseMode, words,
    stop: transport.stop,
    place: () => ({ mode, step: steps[mode] }),
    keep: changes.keep, elsewhere: changes.elsewhere, seed: changes.seed,
    shown: () => shown,
    /** @param {string} text */
    alert: (text) => setText(alert, text),
    /** @param {string} text */
    notice: (text) => setText(notice, text),
  };
}
