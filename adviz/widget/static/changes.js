// What happens when the reader changes an input or a seed: the page computes and draws at once where it can, and asks Python where it cannot.

import { Damage } from "./check.js";
import { setAttribute, setText } from "./dom.js";
import { createLive } from "./live.js";
import { redrawNumbers } from "./math.js";
import { inSightOf } from "./sight.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./live.js").Refusal} Refusal */
/**
 * What changes need of the explorer around them: the replay that is shown, its mode where that is a sweep of the document's own trace (the other
 * modes follow where they can), how to draw the step and the notes anew, and the words.
 * @typedef {{root: Element, notice: Element, now: () => import("./replay.js").Replay, sweep: () => import("./document.js").Mode | null,
 *   other: Pick<ReturnType<typeof import("./others.js").createOthers>, "renew" | "isAlone">, show: () => void, showNotes: () => void, words: () => import("./words.js").Words}} Around
 */
/** @typedef {Pick<import("./explorer.js").Reader, "inputs" | "seeds">} Told */

const DRAWN_AT_ONCE = 60; // variables
/** @type {import("./document.js").Mode[]} */
const SWEPT = ["forward", "reverse"];
const HAND_RESTS = 120; // ms without a movement

/**
 * @param {Around} around
 * @param {Told} told Python, where there is one
 * @param {boolean} editable whether there is one
 */
export function createChanges({ root, notice, now, sweep, other, show, showNotes, words }, told, editable) {
  /** @type {TraceDocument} */
  let document;
  /** @type {import("./live.js").Live | null} */
  let live = null;
  /** The inputs of a drag that goes on. @type {Quantity[] | null} */
  let dragged = null;
  /** What the reader changed, for a document that says the same in another language; or the point that an address names. @type {{point: Quantity[], seeds: Quantity[][]} | null} */
  let kept = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  /** What is in sight, while nothing but numbers changes: asking for it costs a layout. @type {{step: string | undefined, seen: ReturnType<typeof inSightOf>} | null} */
  let sighted = null;
  root.addEventListener("scroll", () => (sighted = null), { capture: true, passive: true });

  function sightNow() {
    const step = /** @type {HTMLElement} */ (root).dataset.step;
    if (sighted === null || sighted.step !== step) sighted = { step, seen: inSightOf(root) };
    return sighted.seen;
  }
  setAttribute(notice, "aria-live", "polite");

  /** Without a kernel the reader hears what needs one. @param {Refusal} refusal */
  function tell(refusal) {
    if (!live || editable) return;
    setAttribute(notice, "data-refused", refusal !== null);
    setText(notice, refusal ? words()(refusal.key, "condition" in refusal ? { condition: refusal.condition } : {}) : "");
  }

  /** What is wrong with the rows of a large document comes to light here. @param {() => Refusal} compute @returns {Refusal} */
  function attempt(compute) {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      return { key: "live.kernel" };
    }
  }

  /**
   * Of a large picture only what is in sight is drawn while a hand moves, and the rest when it rests.
   * @param {boolean} done
   * @returns {boolean} whether the mode has the numbers of the point
   */
  function redraw(done) {
    clearTimeout(resting);
    const moved = live?.moved() ?? false;
    if (live) document.notes = [...live.notes(), ...(moved && !editable ? [{ index: null, kind: "moved", text: words()("live.notes") }] : [])];
    setAttribute(root, "data-moved", moved);
    if (!sweep()) {
      if (!live || !other.renew(live)) return false;
      if (other.isAlone()) {
        show();
        return true;
      }
    }
    if (done) sighted = null;
    const sight = done || document.count <= DRAWN_AT_ONCE ? null : sightNow();
    if (sight) resting = setTimeout(() => redraw(true), HAND_RESTS);
    showNotes();
    now().renew(sight && sight.indices);
    show();
    now().renew(null);
    for (const drawn of sight ? sight.rows : [root]) redrawNumbers(drawn);
    return true;
  }

  /**
   * @param {Quantity[]} values
   * @param {boolean} done whether the hand has let go: then Python is told
   */
  function inputs(values, done) {
    dragged = done ? null : values;
    const refusal = attempt(() => live && live.inputs(values));
    tell(refusal);
    const drawn = live !== null && !refusal && redraw(done);
    if (editable ? done || refusal : live) told.inputs(values, !drawn);
  }

  /** @param {Quantity[]} values */
  function seeds(values) {
    const mode = sweep();
    const refusal = attempt(() => (live && mode ? live.seeds(mode, values) : null));
    tell(refusal);
    if (live && mode && !refusal) redraw(true);
    if (editable) told.seeds(values, !live || !mode || refusal !== null);
  }

  return {
    inputs, seeds,
    live: () => live,
    /** Whether inputs can be changed. */
    possible: () => editable || live !== null,
    /** The inputs of a drag that goes on, or those of the document. */
    point: () => dragged ?? (kept && live?.point()) ?? document.inputs.map(({ value }) => value),
    /** Throws a Damage where the document's rows cannot be computed. @param {TraceDocument} newDocument */
    load(newDocument) {
      clearTimeout(resting);
      sighted = null;
      live = newDocument.live ? createLive(newDocument) : null;
      document = newDocument;
      setAttribute(root, "data-moved", null);
      if (live && kept?.point.length === newDocument.inputs.length) {
        const [now, { point, seeds: wanted }] = [live, kept];
        attempt(() => now.inputs(point));
        for (const [n, seed] of wanted.entries()) attempt(() => now.seeds(SWEPT[n], seed));
      }
    },
    /** The next document is this one in another language: what was changed stays. Or it is to be shown at that point. @param {number[]} [at] */
    keep(at) {
      const now = live;
      kept = at ? { point: at, seeds: [] } : now && { point: now.point(), seeds: SWEPT.map((mode) => now.seed(mode)) };
    },
    /** The point that is shown, where it is another than Python's. */
    elsewhere: () => (live?.moved() ? live.point() : null),
    /** The seed of a sweep as it is now. @param {import("./document.js").Mode} mode */
    seed: (mode) => live?.seed(mode) ?? null,
    /** The document is drawn: what is being dragged goes on from there. */
    loaded() {
      setText(notice, editable ? "" : document.why_not_live);
      if (kept && live?.moved()) redraw(true);
      kept = null;
      if (dragged) inputs(dragged, false);
    },
    /** Another mode is shown. */
    changedMode() {
      sighted = null;
      tell(null);
    },
  };
}
