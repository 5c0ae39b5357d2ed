// The pane the graph is in: it scrolls where the picture is wider, and keeps the current box in sight.

import { createFoldView } from "./foldview.js";
import { drawGraph } from "./graph.js";
import { html, SCROLLS, setAttribute, setText } from "./dom.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {Pick<ReturnType<typeof drawGraph>, "element" | "place" | "show">} Picture */

const SMALLEST = 0.86; // the least scale: 14 px type becomes 12 px
const LARGEST = 1.15;

/**
 * @param {(index: number) => void} pick called with the variable of a box that is clicked
 * @param {(edge: import("./pathways.js").Edge) => string} tell what to say of an edge that is pointed at
 */
export function createGraph(pick, tell) {
  const pane = html("div", { class: "adviz-graph-pane", ...SCROLLS });
  const hint = html("p", { class: "adviz-hint" });
  const bar = html("div", { class: "adviz-fold-bar" });
  const frame = html("div", { class: "adviz-graph-frame" }, bar, pane, hint);
  /** @type {import("./foldview.js").FoldView | null} */
  let folds = null;
  /** What was shown last, to be shown again in another interval. @type {[Replay, Frame] | null} */
  let last = null;
  /** @type {Element | null} */
  let pointed = null;
  /** @type {Picture | null} */
  let picture = null;
  let width = 0;
  /** @type {import("./document.js").Box | null} */
  let box = null;
  let moved = false;

  // A cell that is not on screen has no size: what is in sight is settled when it gets one, and whenever that changes.
  new ResizeObserver(follow).observe(pane);

  function follow() {
    if (picture && box) revealBox(pane, picture.element, box, width);
  }

  pane.addEventListener("click", (event) => {
    const node = /** @type {Element} */ (event.target).closest("[data-node]");
    if (node) pick(Number(node.getAttribute("data-node")));
    const fold = /** @type {Element} */ (event.target).closest("[data-fold]");
    if (fold) folds?.enter(Number(fold.getAttribute("data-fold")));
  });

  pane.addEventListener("pointerover", ({ target }) => mark(/** @type {Element} */ (target).closest("[data-edge]")));
  pane.addEventListener("pointerleave", () => mark(null));

  /** Marks an edge and says what its partial is. @param {Element | null | undefined} edge */
  function mark(edge) {
    if (edge === pointed) return;
    if (pointed) setAttribute(pointed, "data-pointed", null);
    pointed = edge ?? null;
    if (pointed) setAttribute(pointed, "data-pointed", true);
    const [from, to, operand] = (pointed?.getAttribute("data-edge") ?? "").split(":").map(Number);
    setText(hint, pointed && !Number.isNaN(from) ? tell({ to, operand }) : "");
  }

  /** @param {{drawn: Picture, width: number} | null} found @param {string} missing what is said where there is none */
  function draw(found, missing) {
    picture = found && found.drawn;
    box = null;
    if (!found) {
      frame.style.setProperty("--adviz-width", "100%");
      pane.replaceChildren(html("p", { class: "adviz-missing" }, missing));
      return;
    }
    width = found.width;
    found.drawn.element.style.minWidth = `${width * SMALLEST}px`;
    found.drawn.element.style.maxWidth = `${width * LARGEST}px`;
    frame.style.setProperty("--adviz-width", folds ? "100%" : `${Math.ceil(width * SMALLEST)}px`);
    pane.replaceChildren(found.drawn.element);
  }

  /** @param {Words} words */
  function drawInterval(words) {
    if (folds) draw(folds.picture(), words("page.fold_missing"));
  }

  /** @param {Replay} replay @param {Frame} frame @param {Words} words */
  function showIn(replay, frame, words) {
    if (folds?.follow(frame.current)) drawInterval(words);
    picture?.show(replay, frame.n);
  }

  /** @param {Replay} replay @param {Frame} frame */
  function showAgain(replay, frame) {
    showIn(replay, { ...frame, current: null }, said);
    box = frame.current === null ? null : (picture?.place(frame.current) ?? null);
    follow();
  }

  /** @type {Words} */
  let said = (key) => key;

  return {
    element: frame,
    /** Opens or closes what is folded, from the keyboard. */
    unfold: () => folds?.down(),
    fold: () => folds?.up(),
    extent: () => folds?.extent() ?? { from: 0, to: 1 },
    /** Marks an edge as if it were pointed at. @param {import("./pathways.js").Edge | null} edge */
    point: (edge) => mark(edge && pane.querySelector(`[data-edge$=":${edge.to}:${edge.operand}"]`)),
    /** @param {TraceDocument} document @param {Words} words */
    load(document, words) {
      const scene = document.graph;
      said = words;
      last = null;
      folds = null;
      if (!scene && document.folds) folds = createFoldView(document, document.folds, words, () => last && showAgain(...last));
      bar.replaceChildren(...(folds ? [folds.bar] : []));
      if (folds) return;
      const drawn = scene && drawGraph(document, scene, words("page.graph_of", { title: document.title }));
      draw(drawn && { drawn, width: drawn && scene ? scene.width : 0 }, document.graph_missing ?? "");
    },
    /** @param {Replay} replay @param {Frame} frame */
    show(replay, frame) {
      last = [replay, frame];
      showIn(replay, frame, said);
      const next = frame.current === null ? null : (picture?.place(frame.current) ?? null);
      moved = next !== box;
      box = next;
    },
    /** Brings what was shown in sight: once all panes are drawn, for it asks for their layout. */
    reveal() {
      if (moved) follow();
      moved = false;
    },
  };
}

/**
 * Scrolls the pane, and only the pane, until the box and some of what is beside it are in sight.
 * @param {HTMLElement} pane
 * @param {SVGSVGElement} picture
 * @param {import("./document.js").Box} box
 * @param {number} width of the scene
 */
function revealBox(pane, picture, box, width) {
  const scale = picture.clientWidth / width;
  if (!(scale > 0)) return;
  const across = inSight(box.x * scale, box.w * scale, pane.scrollLeft, pane.clientWidth);
  const down = inSight(box.y * scale, box.h * scale, pane.scrollTop, pane.clientHeight);
  if (across !== pane.scrollLeft || down !== pane.scrollTop) pane.scrollTo(across, down);
}

/**
 * @param {number} start of the box
 * @param {number} length
 * @param {number} scrolled
 * @param {number} room
 */
function inSight(start, length, scrolled, room) {
  const margin = Math.max(Math.min(60, (room - length) / 2), 0);
  if (start - margin < scrolled) return Math.max(start - margin, 0);
  if (start + length + margin > scrolled + room) return start + length + margin - room;
  return scrolled;
}
