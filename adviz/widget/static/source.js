// The learner's own code, with the sub-expression of the current step marked. A click on one leads to its step.

import { html, SCROLLS, setAttribute, setText } from "./dom.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Source} Source */
/** @typedef {import("./document.js").Position} Position */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{start: number, end: number, element: HTMLElement | null}} Span */

/**
 * @param {(indices: number[]) => void} pick called with the variables of a sub-expression that is clicked
 */
export function createSource(pick) {
  const pane = html("div", { class: "adviz-source", ...SCROLLS });
  /** @type {TraceDocument | null} */
  let document = null;
  /** @type {Map<Position, Span | null>} */
  let byPosition = new Map();
  /** @type {Map<Element, Span>} */
  let byElement = new Map();
  /** @type {Span | null} */
  let marked = null;
  let moved = false;

  /** @param {number} index */
  function spanOf(index) {
    const position = document?.position(index);
    return (position && byPosition.get(position)) || null;
  }

  /** The variables that a sub-expression wrote: a loop writes many. @param {Span} span */
  function writtenBy(span) {
    const { first, count } = /** @type {TraceDocument} */ (document);
    const indices = [];
    for (let index = first; index < first + count; index++) if (spanOf(index) === span) indices.push(index);
    return indices;
  }

  pane.addEventListener("click", (event) => {
    const element = /** @type {Element} */ (event.target).closest("span");
    const span = element && byElement.get(element);
    if (span) pick(writtenBy(span));
  });

  return {
    element: pane,
    /** @param {TraceDocument} newDocument @param {Words} words */
    load(newDocument, words) {
      document = newDocument;
      byPosition = new Map();
      const spans = spansBySource(document, byPosition);
      const all = spans.flat();
      marked = null;
      pane.replaceChildren(...document.sources.map((source, n) => drawSource(source, spans[n], words)));
      byElement = new Map(all.flatMap((span) => (span.element ? [[span.element, span]] : [])));
    },
    /** @param {Frame} frame */
    show({ current, source }) {
      const about = source ?? current; // a share is a derivative of the expression it comes from
      const span = about === null ? null : spanOf(about);
      if (span === marked) return;
      if (marked?.element) setAttribute(marked.element, "class", null);
      marked = span;
      moved = true;
      if (span?.element) setAttribute(span.element, "class", "adviz-current");
    },
    /** Brings what was shown in sight: once all panes are drawn, for it asks for their layout. */
    reveal() {
      if (!moved) return;
      moved = false;
      if (marked?.element) revealSpan(pane, marked.element);
      else pane.scrollLeft = 0;
    },
  };
}

/**
 * @param {HTMLElement} pane
 * @param {HTMLElement} element
 */
function revealSpan(pane, element) {
  const [outer, inner] = [pane.getBoundingClientRect(), element.getBoundingClientRect()];
  if (inner.top < outer.top) pane.scrollTop -= outer.top - inner.top + 8;
  else if (inner.bottom > outer.bottom) pane.scrollTop += inner.bottom - outer.bottom + 8;
  if (inner.right - outer.left + pane.scrollLeft <= outer.width - 8) pane.scrollLeft = 0;
  else if (inner.right > outer.right) pane.scrollLeft += Math.min(inner.right - outer.right, inner.left - outer.left) + 8;
  else if (inner.left < outer.left) pane.scrollLeft -= outer.left - inner.left + 8;
}

/**
 * The sub-expressions of each source, each once.
 * @param {TraceDocument} document
 * @param {Map<Position, Span | null>} known filled with the span of each position
 * @returns {Span[][]}
 */
function spansBySource({ sources, first, count, position: placeOf }, known) {
  const starts = sources.map(({ text }) => lineStarts(text));
  /** @type {Map<string, Span>[]} */
  const found = sources.map(() => new Map());
  for (let index = first; index < first + count; index++) {
    const position = placeOf(index);
    if (position && !known.has(position)) known.set(position, spanAt(position, sources, starts, found));
  }
  return found.map((spans) => Array.from(spans.values()).sort((a, b) => a.start - b.start || b.end - a.end));
}

/**
 * The span of a position, made if it is the first one there; null where it is empty.
 * @param {Position} position
 * @param {Source[]} sources
 * @param {number[][]} starts
 * @param {Map<string, Span>[]} found
 */
function spanAt(position, sources, starts, found) {
  const [start, end] = offsets(position, sources[position[0]], starts[position[0]]);
  if (!(end > start)) return null;
  const spans = found[position[0]];
  const span = spans.get(`${start}:${end}`) ?? { start, end, element: null };
  spans.set(`${start}:${end}`, span);
  return span;
}

/** @param {string} text */
function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * Where a position begins and ends in the text, in UTF-16 units; an empty range where it is outside of it. Without
 * columns it is the line.
 * @param {Position} position
 * @param {Source} source
 * @param {number[]} starts
 * @returns {[number, number]}
 */
export function offsets([, line, column, endLine, endColumn], { text, first_line: first }, starts = lineStarts(text)) {
  const at = (/** @type {number} */ row, /** @type {(line: string) => string} */ before) => {
    const start = starts[row - first];
    return start === undefined ? NaN : start + before(text.slice(start, (starts[row - first + 1] ?? text.length + 1) - 1)).length;
  };
  const points = (/** @type {number} */ count) => (/** @type {string} */ whole) => Array.from(whole).slice(0, count).join("");
  const indent = (/** @type {string} */ whole) => /^\s*/.exec(whole)?.[0] ?? "";
  return [at(line, column === null ? indent : points(column)), at(endLine, endColumn === null ? (whole) => whole : points(endColumn))];
}

/**
 * @param {Source} source
 * @param {Span[]} spans
 * @param {Words} words
 */
function drawSource({ name, first_line: first, text }, spans, words) {
  const lines = text.split("\n").map((_, n) => first + n);
  const gutter = html("pre", { class: "adviz-lines", "aria-hidden": "true" });
  setText(gutter, lines.join("\n"));
  const code = html("pre", { class: "adviz-code" }, nest(text, spans));
  return html("figure", { "aria-label": words("page.code_of", { name }) }, gutter, code);
}

/**
 * The text with a <span> around every span; spans lie within each other as sub-expressions do. One that would cut
 * across another gets none.
 * @param {string} text
 * @param {Span[]} spans by start, the longer one first
 */
function nest(text, spans) {
  const root = html("code");
  /** @type {{element: HTMLElement, end: number}[]} */
  const open = [{ element: root, end: text.length }];
  let written = 0;
  const write = (/** @type {number} */ end) => {
    open[open.length - 1].element.append(text.slice(written, end));
    written = end;
  };
  const close = (/** @type {number} */ start) => {
    while (open.length > 1 && open[open.length - 1].end <= start) {
      write(open[open.length - 1].end);
      open.pop();
    }
  };
  for (const span of spans) {
    close(span.start);
    if (span.end > open[open.length - 1].end) continue;
    write(span.start);
    span.element = html("span");
    open[open.length - 1].element.append(span.element);
    open.push({ element: span.element, end: span.end });
  }
  close(text.length);
  write(text.length);
  return root;
}
