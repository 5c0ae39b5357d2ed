// "Why this number?": one variable explained from what the document holds: its rule, its numbers, every share, every path.

import { FOCUSABLE, html, setAttribute, SCROLLS } from "./dom.js";
import { drawBreakable } from "./math.js";
import { toldCount } from "./pathways.js";
import { written } from "./quantity.js";
import { createReasons } from "./reasons.js";
import { offsets } from "./source.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./document.js").Math} Formula */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./pathways.js").Edge} Edge */
/** @typedef {ReturnType<typeof createWhy>} Why */
/** @typedef {{go: (index: number) => void, point: (edge: Edge | null) => void, closed: () => void}} Around what the panel asks of the explorer */

/** @param {Around} around */
export function createWhy({ go, point, closed }) {
  const heading = html("p", { class: "adviz-why-title", tabindex: -1 });
  const close = html("button", { type: "button", class: "adviz-why-close", ...FOCUSABLE }, "×");
  const body = html("div", { class: "adviz-why-body" });
  const panel = html("section", { class: "adviz-why", hidden: true }, html("div", { class: "adviz-why-head" }, heading, close), body);
  const opener = html("button", { type: "button", class: "adviz-why-opener", hidden: true, ...FOCUSABLE });
  /** @type {ReturnType<typeof createReasons>} */
  let reasons;
  /** @type {TraceDocument} */
  let document;
  /** @type {Words} */
  let words = (key) => key;
  /** @type {number | null} */
  let asked = null;
  /** @type {number | null} */
  let current = null;
  let n = 0;

  close.addEventListener("click", () => shut());
  opener.addEventListener("click", () => current !== null && ask(current, true));
  body.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("[data-go]");
    if (!link) return;
    const index = Number(link.getAttribute("data-go"));
    go(index);
    ask(index, true);
  });
  for (const event of ["pointerover", "focusin"]) body.addEventListener(event, ({ target }) => point(edgeAt(target)));
  for (const event of ["pointerleave", "focusout"]) body.addEventListener(event, () => point(null));

  /** The panel, for this variable; a reader who asked by keyboard is taken to it. @param {number} index @param {boolean} [focus] */
  function ask(index, focus = false) {
    asked = index;
    draw();
    if (focus) heading.focus({ preventScroll: true });
  }

  function shut() {
    if (asked === null) return;
    const inside = panel.contains(globalThis.document.activeElement);
    asked = null;
    point(null);
    draw();
    if (inside) closed();
  }

  function draw() {
    panel.hidden = asked === null;
    opener.hidden = asked !== null || current === null;
    if (asked === null) return body.replaceChildren();
    const variable = reasons.variable(asked);
    const known = reasons.known(variable, n);
    heading.replaceChildren(words(known ? "page.why.heading" : "page.why.heading_blank", { v: variable.symbol.text, value: known }));
    setAttribute(panel, "aria-label", heading.textContent);
    setAttribute(panel, "data-index", asked);
    const parts = [noted(variable), valueOf(variable), derivativeOf(variable), pathsOf(variable), codeOf(document, variable)];
    body.replaceChildren(...parts.flat());
  }

  /** @param {Variable} variable */
  function noted({ index }) {
    const branches = document.branches.filter(({ after }) => after === index);
    const told = branches.map(({ text, outcome }) => words(outcome ? "page.branch_true" : "page.branch_false", { condition: text }));
    return [...document.notes.filter((note) => note.index === index).map(({ text }) => text), ...told].map((text) => html("p", { class: "adviz-why-note" }, text));
  }

  /** @param {Variable} variable */
  function valueOf(variable) {
    if (variable.role !== "assignment") {
      const name = document.inputs.find(({ index }) => index === variable.index)?.name ?? "";
      return [html("p", {}, words(`page.why.${variable.role}`, { v: variable.symbol.text, name, value: written(variable.value) }))];
    }
    const parts = [line(reasons.equation(variable, n))];
    if (variable.sentence) parts.push(html("p", { class: "adviz-why-muted" }, variable.sentence));
    return [...parts, html("ul", { class: "adviz-why-list" }, ...reasons.operands(variable, n).map(item))];
  }

  /** @param {Variable} variable */
  function derivativeOf(variable) {
    const found = reasons.derivative(variable, n);
    if (!found) return [];
    const zero = found.zero ? [html("p", { class: "adviz-why-note" }, words(found.zero, { v: variable.symbol.text }))] : [];
    return [html("p", { class: "adviz-heading" }, words(found.heading)), line(found.equation), html("ul", { class: "adviz-why-list" }, ...found.items.map(item)), ...zero];
  }

  /** @param {Variable} variable */
  function pathsOf(variable) {
    return reasons.paths(variable, n).flatMap(({ key, from, to, count, paths, why, sum }) => {
      const heading = html("p", { class: "adviz-heading" }, words(count === 1n ? `${key}.one` : key, { n: toldCount(count), from, to }));
      const list = paths.map(({ indices, numbers, edges }) => html(
        "li", { "data-path": edges.map(({ to: i, operand }) => `${i}:${operand}`).join(" ") },
        html("span", { class: "adviz-why-path" }, indices.map((i) => reasons.variable(i).symbol.text).join(" → ")), html("span", {}, numbers),
      ));
      const end = why ? [html("p", { class: "adviz-why-muted" }, why)] : [];
      return [heading, ...(list.length ? [html("ol", { class: "adviz-why-paths" }, ...list)] : []), ...(sum ? [html("p", { class: "adviz-why-sum" }, sum)] : []), ...end];
    });
  }

  /** One thing that came in: a link to where it is from, and its numbers. @param {import("./reasons.js").Item} given */
  function item({ from, label, edge, formula, text }) {
    const link = from === null ? html("span", { class: "adviz-why-from" }, label) : html("button", { type: "button", class: "adviz-why-from", "data-go": from, ...FOCUSABLE }, label);
    const told = formula ? drawBreakable(formula, reasons.lookup, ["="]) : [];
    return html("li", { "data-path": edge && `${edge.to}:${edge.operand}` }, link, html("span", { class: "adviz-why-math" }, ...told, text));
  }

  /** @param {Formula} formula */
  function line(formula) {
    return html("div", { class: "adviz-why-formula" }, ...drawBreakable(formula, reasons.lookup, ["=", "+"]));
  }

  return {
    panel, opener, ask, shut,
    isOpen: () => asked !== null,
    /** What to say of an edge. @param {Edge} edge */
    slope: ({ to, operand }) => reasons.slope(reasons.variable(to), operand, n),
    /** Another variable has been chosen: the panel, if it is open, is about it. @param {number} index */
    follow: (index) => asked !== null && ask(index),
    /** Asks about the variable of this step. */
    askCurrent: () => current !== null && ask(current, true),
    /** @param {TraceDocument} newDocument @param {Replay} replay @param {Words} newWords */
    load(newDocument, replay, newWords) {
      document = newDocument;
      words = newWords;
      reasons = createReasons(document, replay, words);
      if (asked !== null && !reasons.has(asked)) asked = null;
      opener.replaceChildren(words("page.why.ask"));
      setAttribute(close, "aria-label", words("page.why.close"));
    },
    /** @param {import("./replay.js").Frame} frame */
    show(frame) {
      if (asked !== null && frame.n === n && frame.current === current) return draw();
      n = frame.n;
      current = frame.current;
      draw();
    },
  };
}

/** @param {EventTarget | null} target */
function edgeAt(target) {
  const path = /** @type {Element | null} */ (target)?.closest("[data-path]")?.getAttribute("data-path");
  if (!path) return null;
  const [to, operand] = path.split(" ")[0].split(":").map(Number);
  return { to, operand };
}

/**
 * The learner's line, with the expression that computed the variable marked.
 * @param {TraceDocument} document
 * @param {Variable} variable
 */
function codeOf({ sources }, { position }) {
  if (!position) return [];
  const source = sources[position[0]];
  const [start, end] = offsets(position, source);
  if (!(end > start)) return [];
  const before = source.text.lastIndexOf("\n", start - 1) + 1;
  const after = source.text.indexOf("\n", end);
  const rest = source.text.slice(end, after < 0 ? undefined : after);
  return [html("pre", { class: "adviz-why-code", ...SCROLLS }, html("code", {}, `${position[1]}  ${source.text.slice(before, start).trimStart()}`,
    html("mark", {}, source.text.slice(start, end)), rest))];
}
