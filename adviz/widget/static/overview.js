// The overview strip: the whole trace in one line, each operation a mark whose height is its place in the source, drawn once; and where we are on it.

import { html, whenIdle } from "./dom.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./words.js").Words} Words */

const SOON = 30; // ms
const HEIGHT = 44; // px; overview.css says the same

/**
 * @param {(index: number) => void} go called with the variable that is clicked
 */
export function createOverview(go) {
  const canvas = html("canvas", { class: "adviz-strip", role: "img", height: HEIGHT });
  const extent = html("div", { class: "adviz-strip-extent" });
  const here = html("div", { class: "adviz-strip-here" });
  const element = html("div", { class: "adviz-overview" }, canvas, extent, here);
  /** @type {TraceDocument | null} */
  let document = null;
  let width = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  let place = 0;
  let shown = { from: 0, to: 1 };

  new ResizeObserver(() => {
    if (!element.clientWidth || element.clientWidth === width) return;
    width = element.clientWidth;
    mark();
    drawSoon();
  }).observe(element);

  /** The strip is drawn when the rest of the page has been. */
  function drawSoon() {
    clearTimeout(soon);
    soon = setTimeout(() => whenIdle(draw), SOON);
  }

  canvas.addEventListener("click", (event) => {
    if (!document || !width) return;
    const box = canvas.getBoundingClientRect();
    const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    go(document.first + Math.min(Math.floor(part * document.count), document.count - 1));
  });

  function draw() {
    const context = canvas.getContext("2d");
    if (!document || !context || !width) return;
    const scale = canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(HEIGHT * scale);
    context.scale(scale, scale);
    context.fillStyle = getComputedStyle(canvas).color;
    const { first, count } = document;
    const rank = ranks(document);
    const rows = Math.max(rank.size - 1, 1);
    const size = Math.max(width / count, 1);
    const drawn = new Int32Array(HEIGHT).fill(-1); // by height, the last place that is drawn: of a hundred thousand marks most fall on one that is there
    for (let p = 0; p < count; p++) {
      const x = Math.floor((p / count) * width);
      const position = document.position(first + p);
      const y = position ? Math.round(((rank.get(position) ?? 0) / rows) * (HEIGHT - 14)) + 4 : 0;
      if (drawn[y] === x) continue;
      drawn[y] = x;
      context.fillRect(x, y, size, 4);
    }
  }

  function mark() {
    const [from, to] = [shown.from * width, shown.to * width];
    here.style.transform = `translateX(${place * width - 1}px)`;
    extent.style.transform = `translateX(${from}px)`;
    extent.style.width = `${Math.max(to - from, 3)}px`;
  }

  return {
    element,
    /** @param {TraceDocument} newDocument @param {Words} words */
    load(newDocument, words) {
      document = newDocument;
      canvas.setAttribute("aria-label", words("page.overview", { n: document.count }));
      if (width) drawSoon();
    },
    /** @param {number | null} index @param {{from: number, to: number}} newExtent */
    show(index, newExtent) {
      if (!document) return;
      place = index === null ? 0 : (index - document.first + 0.5) / document.count;
      shown = newExtent;
      if (width) mark();
    },
  };
}

/**
 * The places in the source that compute something, by their order in it.
 * @param {TraceDocument} document
 * @returns {Map<import("./document.js").Position, number>}
 */
function ranks({ first, count, position }) {
  const places = new Set();
  for (let i = first; i < first + count; i++) places.add(position(i));
  places.delete(null);
  const sorted = /** @type {number[][]} */ (Array.from(places)).sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] ?? 0) - (b[2] ?? 0));
  return new Map(sorted.map((place, n) => [/** @type {any} */ (place), n]));
}
