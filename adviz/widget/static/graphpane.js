// The pane the graph is in: it scrolls where the picture is wider, and keeps the current box in sight.

import { drawGraph } from "./graph.js";
import { html, SCROLLS } from "./dom.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */

const SMALLEST = 0.86; // the least scale: 14 px type becomes 12 px
const LARGEST = 1.15;

/**
 * @param {(index: number) => void} pick called with the variable of a box that is clicked
 */
export function createGraph(pick) {
  const pane = html("div", { class: "adviz-graph-pane", ...SCROLLS });
  /** @type {ReturnType<typeof drawGraph> | null} */
  let picture = null;
  let width = 0;
  /** @type {import("./document.js").Box | null} */
  let box = null;

  // A cell that is not on screen has no size: what is in sight is settled when it gets one, and whenever that changes.
  new ResizeObserver(follow).observe(pane);

  function follow() {
    if (picture && box) revealBox(pane, picture.element, box, width);
  }

  pane.addEventListener("click", (event) => {
    const node = /** @type {Element} */ (event.target).closest("[data-node]");
    if (node) pick(Number(node.getAttribute("data-node")));
  });

  return {
    element: pane,
    /** @param {TraceDocument} document @param {Words} words */
    load(document, words) {
      const scene = document.graph;
      if (!scene) {
        picture = null;
        pane.style.setProperty("--adviz-width", "100%");
        pane.replaceChildren(html("p", { class: "adviz-missing" }, document.graph_missing ?? ""));
        return;
      }
      width = scene.width;
      picture = drawGraph(document, scene, words("page.graph_of", { title: document.title }));
      picture.element.style.minWidth = `${width * SMALLEST}px`;
      picture.element.style.maxWidth = `${width * LARGEST}px`;
      pane.style.setProperty("--adviz-width", `${Math.ceil(width * SMALLEST)}px`);
      pane.replaceChildren(picture.element);
    },
    /** @param {Replay} replay @param {Frame} frame */
    show(replay, frame) {
      if (!picture) return;
      picture.show(replay, frame.n);
      box = frame.current === null ? null : picture.place(frame.current);
      follow();
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
