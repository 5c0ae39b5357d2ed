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
 * What changes need of the explorer around them: the replay that is shown, its mode where that is a sweep of the document's own trace (other
 * modes show what only Python computes), how to draw the step and the notes anew, and the words.
 * @typedef {{root: Element, notice: Element, now: () => import("./replay.js").Replay, sweep: () => import("./document.js").Mode | null,
 *   show: () => void, showNotes: () => void, words: () => import("./words.js").Words}} Around
 */
/** @typedef {Pick<import("./explorer.js").Reader, "inputs" | "seeds">} Told */

const DRAWN_AT_ONCE = 60; // variables
const HAND_RESTS = 120; // ms without a movement

/**
 * @param {Around} around
 * @param {Told} told Python, where there is one
 * @param {boolean} editable whether there is one
 */
export function createChanges({ root, notice, now, sweep, show, showNotes, words }, told, editable) {
  /** @type {TraceDocument} */
  let document;
  /** @type {import("./live.js").Live | null} */
  let live = null;
  /** The inputs of a drag that goes on. @type {Quantity[] | null} */
  let dragged = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  setAttribute(notice, "aria-live", "polite");

  /** Without a kernel the reader hears what needs one. @param {Refusal} refusal */
  function tell(refusal) {
    if (!live || editable) return;
    const elsewhere = live.moved() && !sweep() ? words()("live.mode") : "";
    setAttribute(notice, "data-refused", refusal !== null || elsewhere !== "");
    setText(notice, refusal ? words()(refusal.key, "condition" in refusal ? { condition: refusal.condition } : {}) : elsewhere);
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

  /** Of a large picture only what is in sight is drawn while a hand moves, and the rest when it rests. @param {boolean} done */
  function redraw(done) {
    clearTimeout(resting);
    const moved = live?.moved() ?? false;
    if (live) document.notes = [...live.notes(), ...(moved && !editable ? [{ index: null, kind: "moved", text: words()("live.notes") }] : [])];
    setAttribute(root, "data-moved", moved);
    if (!sweep()) return;
    const sight = done || document.count <= DRAWN_AT_ONCE ? null : inSightOf(root);
    if (sight) resting = setTimeout(() => redraw(true), HAND_RESTS);
    showNotes();
    now().renew(sight && sight.indices);
    show();
    now().renew(null);
    for (const drawn of sight ? sight.rows : [root]) redrawNumbers(drawn);
  }

  /**
   * @param {Quantity[]} values
   * @param {boolean} done whether the hand has let go: then Python is told
   */
  function inputs(values, done) {
    dragged = done ? null : values;
    const refusal = attempt(() => live && live.inputs(values));
    tell(refusal);
    if (live && !refusal) redraw(done);
    if (editable && (done || refusal)) told.inputs(values, !live || refusal !== null || !sweep());
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
    point: () => dragged ?? document.inputs.map(({ value }) => value),
    /** Throws a Damage where the document's rows cannot be computed. @param {TraceDocument} newDocument */
    load(newDocument) {
      clearTimeout(resting);
      live = newDocument.live ? createLive(newDocument) : null;
      document = newDocument;
      setAttribute(root, "data-moved", null);
    },
    /** The document is drawn: what is being dragged goes on from there. */
    loaded() {
      setText(notice, editable ? "" : document.why_not_live);
      if (dragged) inputs(dragged, false);
    },
    /** Another mode is shown. */
    changedMode: () => tell(null),
  };
}
