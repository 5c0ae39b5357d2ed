// The modes that are no sweep of the trace: each has a pane of its own, and what there is to step through.

import { Damage } from "./check.js";
import { createComparePane } from "./comparepane.js";
import { html, setText } from "./dom.js";
import { createJacobianPane } from "./jacobianpane.js";
import { createProgramPane } from "./programpane.js";
import { written } from "./quantity.js";
import { createSecondPane } from "./secondpane.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./modes.js").Tab} Tab */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */
/** What a pane has to be stepped through: of which document the other panes show what, and whether its seed can be changed.
 * @typedef {{document: TraceDocument, replay: Replay, seeded?: boolean}} Staging */
/** @typedef {{element: HTMLElement, load: (document: TraceDocument, words: Words, live: Live | null) => Staging, show: (frame: Frame) => void,
 *   alone?: () => boolean, renew?: (live: Live) => boolean}} Pane renew: its numbers at the point that is shown; false where the page cannot compute them */
/** @typedef {import("./live.js").Live} Live */

/**
 * @param {() => void} restart called when a pane shows something else, so that its mode is loaded anew
 * @param {(n: number) => void} go called with the step that a reader chose in a pane
 */
export function createOthers(restart, go) {
  /** @type {Partial<Record<Tab, Pane>>} */
  const panes = { jacobian: createJacobianPane(restart), "second-order": createSecondPane(), program: createProgramPane(restart, go), compare: createComparePane(go) };
  const stale = html("p", { class: "adviz-stale", "aria-live": "polite" });
  const element = html("div", { class: "adviz-other", hidden: true }, stale, ...Object.values(panes).map((pane) => pane.element));
  /** @type {Pane | null} */
  let now = null;
  /** @type {Tab} */
  let mode = "values";
  /** @type {TraceDocument} */
  let shown;
  /** @type {Words} */
  let words = (key) => key;
  /** The point whose numbers the pane has. @type {import("./quantity.js").Quantity[]} */
  let point = [];

  /** Brings the pane to the point that is shown; where the page cannot, it says which point it has. @param {Live} live @returns {boolean} whether it could */
  function renew(live) {
    const follows = attempt(live);
    if (follows) point = live.point();
    const there = follows || !now || mode === "program" || live.point().every((x, n) => Object.is(x, point[n]));
    const named = () => shown.inputs.map(({ name }, n) => `${name} = ${written(point[n])}`).join(", ");
    setText(stale, there ? "" : words("live.mode", { point: named() }));
    return follows;
  }

  /** What is wrong with a document in a mode may come to light here. @param {Live} live */
  function attempt(live) {
    try {
      return now?.renew?.(live) === true;
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      return false;
    }
  }

  return {
    element,
    /** What to step through in this mode; null in one that is a sweep. @param {Tab} tab @param {TraceDocument} document @param {Words} newWords @param {Live | null} live */
    load(tab, document, newWords, live) {
      now = panes[tab] ?? null;
      [mode, shown, words, point] = [tab, document, newWords, document.inputs.map(({ value }) => value)];
      setText(stale, "");
      element.hidden = !now;
      for (const pane of Object.values(panes)) pane.element.hidden = pane !== now;
      const staging = now ? now.load(document, words, live) : null;
      if (live?.moved()) renew(live);
      return staging;
    },
    renew,
    /** Whether the pane of this mode is about no single step of a trace, so that the other panes have nothing to show. */
    isAlone: () => now?.alone?.() === true,
    /** @param {Frame} frame */
    show: (frame) => now?.show(frame),
  };
}
