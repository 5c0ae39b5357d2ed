// The trace as a real table: the textbook's, row by row, filled in as the steps are done. A blank cell is not a 0.

import { html, SCROLLS, setAttribute, setText } from "./dom.js";
import { drawBreakable, drawMath, hasWords } from "./math.js";
import { isArray, theSame, written } from "./quantity.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./document.js").Term} Term */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{element: HTMLTableRowElement, show: (frame: Frame) => void}} Row */

const PLAIN = 60; // rows: up to here the table is whole, beyond it only the rows in sight are in the page
const LIVE = 36;
const MARGIN = 6; // live rows above those in sight, at least
const STRIDE = 8; // rows that come and go together, so that most steps leave the table as it is
const MOST_TERMS = 8; // of one sum: a variable that is used a thousand times has a thousand
const NEAR = 500; // px that rows in sight are apart, at most
const ROW_HEIGHT = 38; // px, of a windowed table only; table.css says the same

/** The column a mode fills, and the heads of the columns, as keys of the catalogue. */
const COLUMNS = {
  values: { kind: "", heads: ["table.variable", "table.definition", "table.value"] },
  forward: { kind: "tangent", heads: ["table.variable", "table.definition", "table.value", "table.tangent_rule", "table.tangent"] },
  reverse: { kind: "adjoint", heads: ["table.variable", "table.definition", "table.value", "table.adjoint_rule", "table.adjoint"] },
};

/**
 * @param {(index: number) => void} pick called with the variable of a row that is clicked
 */
export function createTable(pick) {
  const caption = html("caption");
  const head = html("thead");
  const body = html("tbody");
  const table = html("table", { class: "adviz-table" }, caption, head, body);
  const pane = html("div", { class: "adviz-table-pane", ...SCROLLS }, table);
  /** @type {ReturnType<typeof wholeBody> | ReturnType<typeof windowedBody> | null} */
  let rows = null;

  body.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest("tr[data-index]");
    if (row) pick(Number(row.getAttribute("data-index")));
  });
  pane.addEventListener("scroll", () => rows?.scrolled(), { passive: true });

  return {
    element: pane,
    /** @param {TraceDocument} document @param {Replay} replay @param {Words} words */
    load(document, replay, words) {
      const { kind, heads } = COLUMNS[replay.mode];
      setText(caption, words(`caption.${replay.mode}`, { title: document.title }));
      head.replaceChildren(html("tr", {}, ...heads.map((key) => html("th", { scope: "col" }, words(key)))));
      const arrays = document.hasArrays;
      const windowed = document.count > PLAIN;
      setAttribute(table, "class", ["adviz-table", ...(windowed ? ["adviz-windowed"] : []), ...(arrays ? ["adviz-with-arrays"] : [])].join(" "));
      setAttribute(pane, "data-windowed", windowed);
      setAttribute(table, "aria-rowcount", windowed && document.count + 1);
      const draw = (/** @type {number} */ position) => drawRow(document, replay, position, kind);
      rows = (windowed ? windowedBody : wholeBody)(pane, body, document, draw, replay);
    },
    /** @param {Frame} frame */
    show: (frame) => rows?.show(frame),
    /** Brings what was shown in sight: once all panes are drawn, for it asks for their layout. */
    reveal: () => rows?.reveal(),
  };
}

/**
 * Every row is in the page.
 * @param {HTMLElement} pane
 * @param {HTMLElement} body
 * @param {TraceDocument} document
 * @param {(position: number) => Row} draw
 * @param {Replay} replay
 */
function wholeBody(pane, body, { first, count }, draw, replay) {
  const rows = Array.from({ length: count }, (_, position) => draw(position));
  const byIndex = new Map(rows.map((row, position) => [first + position, row]));
  body.replaceChildren(...rows.map((row) => row.element));
  /** @type {number | null} */
  let last = null;
  /** @type {Row | null} */
  let wanted = null;
  return {
    scrolled() {},
    reveal() {
      if (wanted) revealRow(pane, wanted.element.offsetTop, wanted.element.offsetHeight);
      wanted = null;
    },
    /** @param {Frame} frame */
    show(frame) {
      const touched = last === null ? null : replay.touched(last, frame.n);
      for (const [index, row] of byIndex) if (!touched || touched.has(index)) row.show(frame);
      wanted = frame.current === null || last === frame.n ? null : (byIndex.get(frame.current) ?? null);
      last = frame.n;
    },
  };
}

/**
 * Only the rows in sight are in the page, between two empty rows as high as the others would be.
 * @param {HTMLElement} pane
 * @param {HTMLElement} body
 * @param {TraceDocument} document
 * @param {(position: number) => Row} draw
 * @param {Replay} replay
 */
function windowedBody(pane, body, { first, count }, draw, replay) {
  const [above, below] = [spacer(), spacer()];
  /** @type {Map<number, Row>} */
  let live = new Map();
  let drawnFrom = -1;
  /** @type {Frame} */
  let now = { n: 0, step: null, current: null, source: null };
  let scrolled = 0; // px, as far as is known without asking for a layout
  let moved = false;

  function fill() {
    const last = Math.max(count - LIVE, 0);
    const start = Math.min(Math.max(Math.floor((Math.floor(scrolled / ROW_HEIGHT) - MARGIN) / STRIDE) * STRIDE, 0), last);
    /** @type {Map<number, Row>} */
    const next = new Map();
    for (let position = start; position < Math.min(start + LIVE, count); position++) {
      const row = live.get(position) ?? draw(position);
      row.show(now);
      next.set(position, row);
    }
    if (start !== drawnFrom) {
      drawnFrom = start;
      above.style.height = `${start * ROW_HEIGHT}px`;
      below.style.height = `${(count - start - next.size) * ROW_HEIGHT}px`;
      body.replaceChildren(above, ...Array.from(next.values(), (row) => row.element), below);
    }
    live = next;
  }

  function follow() {
    scrolled = pane.scrollTop;
    fill();
  }

  /** Where the row of the step is, counted from 0. */
  function place() {
    return now.current === null ? null : now.current - first;
  }

  if (body.hasChildNodes()) pane.scrollTop = 0; // of the table that was here
  return {
    scrolled: follow,
    reveal() {
      const position = place();
      if (position === null || !moved) return;
      moved = false;
      revealRow(pane, body.offsetTop + position * ROW_HEIGHT, ROW_HEIGHT);
      follow();
      const row = live.get(position)?.element;
      if (row) revealRow(pane, row.offsetTop, row.offsetHeight); // rows with tall formulas are higher than most
    },
    /** @param {Frame} frame */
    show(frame) {
      if (frame.n === now.n && live.size) { // the same step with other numbers: nothing is to be scrolled, and no layout to be asked for
        const touched = replay.touched(now.n, frame.n);
        for (const [position, row] of live) if (!touched || touched.has(first + position)) row.show(frame);
        now = frame;
        return;
      }
      now = frame;
      moved = true;
      const position = place();
      if (position !== null && Math.abs(position * ROW_HEIGHT - scrolled) > NEAR) scrolled = position * ROW_HEIGHT; // far off: drawn where it will be
      fill();
    },
  };
}

function spacer() {
  return html("tr", { class: "adviz-spacer", "aria-hidden": "true" });
}

/**
 * Scrolls the pane, and only the pane, until the row is in sight below the head of the table.
 * @param {HTMLElement} pane
 * @param {number} top
 * @param {number} height
 */
function revealRow(pane, top, height) {
  const head = pane.querySelector("thead")?.offsetHeight ?? 0;
  if (top - head < pane.scrollTop) pane.scrollTop = top - head;
  else if (top + height > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + height - pane.clientHeight;
}

/**
 * @param {TraceDocument} document
 * @param {Replay} replay
 * @param {number} position
 * @param {string} kind "tangent", "adjoint", or "" where there is no such column
 * @returns {Row}
 */
function drawRow(document, replay, position, kind) {
  const variable = document.variable(document.first + position);
  const value = drawCell("value", [{ number: variable.value, final: true }]);
  const substituted = variable.substituted === null ? null : drawMath(variable.substituted, replay.lookup);
  const numbers = html("span", { class: "adviz-numbers" }, ...(substituted ? [" = ", substituted] : []));
  const definition = html("td", { class: "adviz-rule" }, drawMath(variable.definition, replay.lookup, variable.spoken), numbers);
  if (variable.sentence) definition.append(html("span", { class: "adviz-sentence" }, variable.sentence));
  const element = html("tr", { "data-index": variable.index, "aria-rowindex": position + 2 }, rowHead(document, replay, variable), definition, value.cell);
  const sum = kind ? drawTerms(replay.timeline.cell(variable.index, MOST_TERMS + 1), replay) : null;
  const derivative = drawCell(kind, kind ? replay.derivatives(variable.index) : []);
  if (sum) element.append(sum.element, derivative.cell);

  return {
    element,
    show({ n, current, source }) {
      const known = replay.knows(variable.index, n);
      setAttribute(element, "aria-current", current === variable.index && "step");
      setAttribute(element, "class", source === variable.index ? "adviz-active" : null);
      setText(value.text, known ? inCell({ number: variable.value, final: true }) : "");
      setAttribute(numbers, "data-pending", !known);
      sum?.show(n);
      showDerivative(derivative.cell, derivative.text, replay.derivative(variable.index, n));
    },
  };
}

/**
 * A value, a derivative or a partial sum in a cell, which may break its line, but not within a shape.
 * @param {import("./replay.js").Derivative} content
 */
function inCell({ number, final }) {
  return written(number).replaceAll(", ", ",\u00a0") + (final ? "" : " +…");
}

/**
 * A cell and the element its number is written in. Where arrays will stand, room is kept for the longest of them.
 * @param {string} kind
 * @param {import("./replay.js").Derivative[]} contents all that it will ever show
 */
function drawCell(kind, contents) {
  const text = html("span");
  const arrays = contents.filter(({ number }) => isArray(number)).map(inCell);
  if (!arrays.length) return { cell: html("td", { "data-kind": kind }, text), text };
  const room = arrays.reduce((a, b) => (b.length > a.length ? b : a));
  return { cell: html("td", { "data-kind": kind, "data-array": true }, html("span", { class: "adviz-room", "data-room": room }, text)), text };
}

/**
 * The variable, and what the learner calls it.
 * @param {TraceDocument} document
 * @param {Replay} replay
 * @param {Variable} variable
 */
function rowHead(document, replay, variable) {
  const names = document.outputs.flatMap((index, n) => (index === variable.index ? [document.output_names[n]] : []));
  if (variable.label && variable.role !== "input" && !names.includes(variable.label)) names.unshift(variable.label);
  const drawn = drawMath(variable.symbol.math, replay.lookup);
  setAttribute(drawn, "aria-hidden", "true"); // some readers say nothing of a heading that is a formula alone
  const head = html("th", { scope: "row" }, html("span", { class: "adviz-hidden" }, variable.symbol.text), drawn);
  if (names.length) head.append(html("span", { class: "adviz-alias" }, ` = ${names.join(" = ")}`));
  if (replay.noted.has(variable.index)) head.append(html("span", { class: "adviz-badge" }, "!"));
  return head;
}

/**
 * The terms of a derivative, each hidden until its step: a sum that grows without the table moving. Of more than MOST_TERMS a "…" is left.
 * @param {Term[]} found
 * @param {Replay} replay
 */
function drawTerms(found, replay) {
  const terms = found.slice(0, MOST_TERMS);
  const rest = terms.length < found.length ? found[MOST_TERMS].step : Infinity;
  const more = () => (rest < Infinity ? [html("span", { class: "adviz-term" }, " + …")] : []);
  const [moreSymbols, moreNumbers] = [more(), more()];
  const symbols = terms.map((term, n) => drawTerm(term.formula, replay, n));
  const whole = terms.every((term) => term.numbers !== null); // else the formulas say all there is to say
  const numbers = whole ? terms.map((term, n) => drawTerm(/** @type {import("./document.js").Math} */ (term.numbers), replay, n)) : [];
  const substituted = whole ? [html("span", { class: "adviz-numbers" }, " = ", ...numbers, ...moreNumbers)] : [];
  const element = html("td", { class: "adviz-rule" }, ...symbols, ...moreSymbols, ...substituted);
  return {
    element,
    /** @param {number} n */
    show(n) {
      terms.forEach((term, k) => {
        setAttribute(symbols[k], "data-pending", term.step > n);
        if (whole) setAttribute(numbers[k], "data-pending", term.step > n);
      });
      for (const each of [...moreSymbols, ...moreNumbers]) setAttribute(each, "data-pending", rest > n);
      if (whole && terms.length) setAttribute(/** @type {Element} */ (element.lastElementChild), "data-pending", terms[0].step > n);
    },
  };
}

/** @param {import("./document.js").Math} math @param {Replay} replay @param {number} n */
function drawTerm(math, replay, n) {
  return html("span", { class: hasWords(math) ? "adviz-term adviz-told" : "adviz-term" }, n ? " + " : "", ...drawBreakable(math, replay.lookup, ["+"]));
}

/**
 * @param {HTMLElement} cell
 * @param {HTMLElement} number in the cell
 * @param {import("./replay.js").Derivative | null} derivative
 */
function showDerivative(cell, number, derivative) {
  setText(number, derivative ? inCell(derivative) : "");
  setAttribute(cell, "data-state", derivative && (!derivative.final ? "partial" : theSame(derivative.number) === 0 ? "zero" : "final"));
}
