// The modes that are no sweep of the trace: each has a pane of its own, and what there is to step through.

import { createComparePane } from "./comparepane.js";
import { html } from "./dom.js";
import { createJacobianPane } from "./jacobianpane.js";
import { createProgramPane } from "./programpane.js";
import { createSecondPane } from "./secondpane.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./modes.js").Tab} Tab */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */
/** What a pane has to be stepped through: of which document the other panes show what, and whether its seed can be changed.
 * @typedef {{document: TraceDocument, replay: Replay, seeded?: boolean}} Staging */
/** @typedef {{element: HTMLElement, load: (document: TraceDocument, words: Words, live: Live | null) => Staging, show: (frame: Frame) => void,
 *   alone?: () => boolean, renew?: (live: Live) => void}} Pane renew: its numbers at another point, where the page can compute them */
/** @typedef {import("./live.js").Live} Live */

/**
 * @param {() => void} restart called when a pane shows something else, so that its mode is loaded anew
 * @param {(n: number) => void} go called with the step that a reader chose in a pane
 */
export function createOthers(restart, go) {
  /** @type {Partial<Record<Tab, Pane>>} */
  const panes = { jacobian: createJacobianPane(restart), "second-order": createSecondPane(), program: createProgramPane(restart, go), compare: createComparePane(go) };
  const stale = html("p", { class: "adviz-stale" });
  const element = html("div", { class: "adviz-other", hidden: true }, stale, ...Object.values(panes).map((pane) => pane.element));
  /** @type {Pane | null} */
  let now = null;
  return {
    element,
    /** What to step through in this mode; null in one that is a sweep. @param {Tab} tab @param {TraceDocument} document @param {Words} words @param {Live | null} live */
    load(tab, document, words, live) {
      now = panes[tab] ?? null;
      stale.textContent = tab === "program" || (live && now?.renew) ? "" : words("page.modes.stale");
      element.hidden = !now;
      for (const pane of Object.values(panes)) pane.element.hidden = pane !== now;
      return now ? now.load(document, words, live) : null;
    },
    /** Whether the pane of this mode can be brought to another point without Python. */
    follows: () => now?.renew !== undefined,
    /** Brings it there. @param {Live} live */
    renew: (live) => now?.renew?.(live),
    /** Whether the pane of this mode is about no single step of a trace, so that the other panes have nothing to show. */
    isAlone: () => now?.alone?.() === true,
    /** @param {Frame} frame */
    show: (frame) => now?.show(frame),
  };
}
