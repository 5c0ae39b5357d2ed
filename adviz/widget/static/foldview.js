// Which interval of a long trace the graph shows: the one with the current step, at the level that the reader opened; and the way up.

import { FOCUSABLE, html, setAttribute } from "./dom.js";
import { drawFolds, intervalsOf, namesOf, sceneOf } from "./folds.js";
import { drawGraph } from "./graph.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Scene} Scene */
/** @typedef {import("./folds.js").FoldData} FoldData */
/** @typedef {import("./folds.js").Interval} Interval */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {ReturnType<typeof createFoldView>} FoldView */

/**
 * @param {TraceDocument} document
 * @param {FoldData} folds
 * @param {Words} words
 * @param {() => void} changed called when another interval is to be drawn
 */
export function createFoldView(document, folds, words, changed) {
  const intervals = intervalsOf(folds, document.count);
  const names = namesOf(document, words);
  const bar = html("nav", { class: "adviz-folds", "aria-label": words("page.folds") });
  let level = 0;
  let position = 0;
  /** @type {Interval | null} */
  let shown = null;

  /** @param {number} wanted @param {number} [at] */
  function open(wanted, at = position) {
    level = Math.min(Math.max(wanted, 0), intervals.top);
    position = at;
    changed();
  }

  /** The way from the whole trace to what is shown: a button for each interval on it. A button that stays keeps its focus. */
  function drawBar() {
    const focused = bar.contains(bar.ownerDocument.activeElement);
    const crumbs = [];
    for (let each = intervals.top; each >= 0; each--) {
      const interval = intervals.at(each, position);
      const isShown = each === level;
      const button = html("button", { type: "button", class: "adviz-crumb", ...FOCUSABLE }, each === intervals.top ? words("page.fold_all", { n: document.count }) : names.name(interval));
      setAttribute(button, "aria-current", isShown && "true");
      setAttribute(button, "aria-label", words(each < level ? "page.fold_open" : isShown ? "page.fold_shown" : "page.fold_close", { name: button.textContent ?? "" }));
      button.addEventListener("click", () => open(each));
      crumbs.push(button);
    }
    bar.replaceChildren(...crumbs);
    if (focused) crumbs[intervals.top - level].focus();
  }

  return {
    bar,
    /** Opens the n-th box of the interval that is shown. @param {number} n */
    enter(n) {
      const box = shown && shown.level > 0 ? intervals.inside(shown)[n] : null;
      if (box) open(box.level, position >= box.start && position < box.end ? position : box.start);
    },
    up: () => open(level + 1),
    down: () => open(level - 1),
    /** Shows the interval of a variable. @param {number | null} index @returns {boolean} whether it is another one */
    follow(index) {
      if (index !== null) position = index - document.first;
      const wanted = intervals.at(level, position);
      if (shown && shown.level === wanted.level && shown.n === wanted.n) return false;
      shown = wanted;
      drawBar();
      return true;
    },
    /** The picture of the interval that is shown; null where there is none. */
    picture() {
      const interval = /** @type {Interval} */ (shown);
      const shape = folds.shapes[folds.shape_of[interval.level][interval.n]];
      const label = words("page.fold_graph", { name: names.name(interval), title: document.title });
      if (!shape) return null;
      if (interval.level > 0) return withWidth(shape, drawFolds(document, shape, intervals.inside(interval), words, label, names));
      const scene = sceneOf(document, shape, interval);
      return scene && withWidth(scene, drawGraph(document, scene, label));
    },
    /** What is shown, as parts of the whole. */
    extent: () => ({ from: (shown?.start ?? 0) / document.count, to: (shown?.end ?? document.count) / document.count }),
  };
}

/**
 * @template T
 * @param {Scene} scene
 * @param {T | null} drawn
 */
function withWidth({ width }, drawn) {
  return drawn && { drawn, width };
}
