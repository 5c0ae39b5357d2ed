// Stepping: first, back, play, on, last; the scrubber; the phases; the speed; where we are.

import { FOCUSABLE, html, icon, setAttribute, setIcon, setText } from "./dom.js";

/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./words.js").Words} Words */

const SPEEDS = [0.5, 1, 2, 4];
const STEP_TIME = 1400; // ms between two steps at speed 1

/** The buttons' icons and names, as keys of the catalogue. */
/** @type {{icon: Parameters<typeof icon>[0], key: string}[]} */
const BUTTONS = [
  { icon: "first", key: "page.first_step" }, { icon: "previous", key: "page.previous_step" }, { icon: "play", key: "page.play" },
  { icon: "next", key: "page.next_step" }, { icon: "last", key: "page.last_step" },
];

/**
 * @param {(n: number) => void} go to a step
 * @param {() => number} here the number of the current step
 */
export function createTransport(go, here) {
  const buttons = BUTTONS.map((button) => html("button", { type: "button", ...FOCUSABLE }, icon(button.icon)));
  const [first, previous, play, next, last] = buttons;
  const scrubber = html("input", { type: "range", class: "adviz-scrubber", min: 0, max: 0, step: 1, ...FOCUSABLE });
  const counter = html("span", { class: "adviz-counter" });
  const phases = html("div", { class: "adviz-phases", role: "group" });
  const speed = html("select", { class: "adviz-speed", ...FOCUSABLE }, ...SPEEDS.map((x) => html("option", { value: x }, `${x}×`)));
  const element = html(
    "div", { class: "adviz-transport", role: "group" },
    html("div", { class: "adviz-buttons" }, ...buttons, speed), scrubber, counter, phases,
  );
  /** @type {Replay} */
  let replay;
  /** @type {Words} */
  let words = (key) => key;
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  /** Called when playing begins or ends. @type {(playing: boolean) => void} */
  let onPlaying = () => {};

  speed.value = "1";
  play.classList.add("adviz-play");
  first.addEventListener("click", () => move(0));
  previous.addEventListener("click", () => move(here() - 1));
  next.addEventListener("click", () => move(here() + 1));
  last.addEventListener("click", () => move(replay.count));
  play.addEventListener("click", () => toggle());
  scrubber.addEventListener("input", () => move(Number(scrubber.value)));

  /** A step that somebody asked for ends the playing. @param {number} n */
  function move(n) {
    stop();
    go(n);
  }

  function toggle() {
    if (timer !== null) return stop();
    if (here() >= replay.count) go(0);
    schedule();
    named();
    onPlaying(true);
  }

  function stop() {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    named();
    onPlaying(false);
  }

  function schedule() {
    timer = setTimeout(() => {
      const before = here();
      go(before + 1);
      if (here() >= replay.count || here() === before) stop();
      else schedule();
    }, STEP_TIME / Number(speed.value));
  }

  function named() {
    setAttribute(play, "aria-label", words(timer === null ? "page.play" : "page.pause"));
    setIcon(play, timer === null ? "play" : "pause");
  }

  /** @param {number} direction -1: to where this phase or the one before began; 1: to where the next begins */
  function phase(direction) {
    const starts = [0, ...replay.timeline.phases.map(({ start }) => start), replay.count];
    const n = here();
    move((direction > 0 ? starts.find((start) => start > n) : starts.reverse().find((start) => start < n)) ?? n);
  }

  return {
    element, toggle, stop, move, phase,
    /** @param {(playing: boolean) => void} listener */
    whenPlaying(listener) {
      onPlaying = listener;
    },
    /** @param {Replay} newReplay @param {Words} newWords */
    load(newReplay, newWords) {
      replay = newReplay;
      words = newWords;
      buttons.forEach((button, n) => setAttribute(button, "aria-label", words(BUTTONS[n].key)));
      named();
      setAttribute(element, "aria-label", words("page.stepping"));
      setAttribute(scrubber, "aria-label", words("page.scrubber"));
      setAttribute(scrubber, "max", replay.count);
      setAttribute(speed, "aria-label", words("page.speed"));
      setAttribute(phases, "aria-label", words("page.phases"));
      drawPhases(phases, replay, move);
    },
    /** @param {number} n */
    show(n) {
      const where = words("page.step_of", { n, count: replay.count });
      if (Number(scrubber.value) !== n) scrubber.value = String(n);
      setAttribute(scrubber, "aria-valuetext", where);
      setText(counter, `${where} · ${work(replay, n, words)}`);
      replay.timeline.phases.forEach((each, k) => {
        const end = replay.timeline.phases[k + 1]?.start ?? Infinity;
        const button = phases.children[k];
        if (button) setAttribute(button, "aria-pressed", String(n >= each.start && n < end));
      });
    },
  };
}

/**
 * One button for each phase; none where there is only one. A button that has the same place keeps its focus.
 * @param {HTMLElement} phases
 * @param {Replay} replay
 * @param {(n: number) => void} move
 */
function drawPhases(phases, replay, move) {
  const wanted = replay.timeline.phases;
  phases.hidden = wanted.length < 2;
  const same = phases.children.length === wanted.length && wanted.every((phase, n) => phases.children[n].textContent === phase.text);
  if (same && phases.dataset.mode === replay.mode) return;
  phases.dataset.mode = replay.mode;
  phases.replaceChildren(
    ...wanted.map(({ text, start }) => {
      const button = html("button", { type: "button", class: "adviz-phase", ...FOCUSABLE }, text);
      button.addEventListener("click", () => move(start));
      return button;
    }),
  );
}

/**
 * @param {Replay} replay
 * @param {number} n
 * @param {Words} words
 */
function work(replay, n, words) {
  if ("work" in replay) return /** @type {{work: (n: number) => string}} */ (/** @type {unknown} */ (replay)).work(n);
  const done = replay.operations(n);
  const operations = words(done === 1 ? "page.operation" : "page.operations", { n: done });
  if (replay.mode === "values") return operations;
  return `${operations} · ${words(n >= replay.count ? "page.sweep_done" : "page.sweep_begun", { n: 1 })}`;
}
