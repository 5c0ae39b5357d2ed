// The Jacobian, filled by sweeps: forward a column each, reverse a row each; then its products with a direction and with weights.

import { createChoice } from "./choice.js";
import { replayOf } from "./course.js";
import { html, SCROLLS, setAttribute, setText } from "./dom.js";
import { drawMath } from "./math.js";
import { format, toNumber } from "./number.js";
import { accented } from "./words.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./modes.js").Jacobian} Jacobian */
/** @typedef {import("./modes.js").Sweep} Sweep */
/** @typedef {import("./number.js").JsonNumber} JsonNumber */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {"forward" | "reverse"} Way */
/** One step: of which sweep, what it writes, whether the sweep is done with it; the last steps are the products.
 * @typedef {{sweep: number, index: number | null, number: JsonNumber | null, done: boolean}} Stop */

/** @param {() => void} restart */
export function createJacobianPane(restart) {
  /** @type {Way | null} */
  let chosen = null;
  /** @type {Way} */
  let way = "forward";
  const choice = createChoice("jacobian", (/** @type {Way} */ wanted) => {
    chosen = wanted;
    restart();
  });
  const cost = html("p", { class: "adviz-jacobian-cost" });
  const matrix = html("div", { class: "adviz-matrix-frame", ...SCROLLS });
  const trace = html("div", { class: "adviz-sweeps-frame", ...SCROLLS });
  const products = html("div", { class: "adviz-products" });
  const element = html("section", { class: "adviz-jacobian" }, html("div", { class: "adviz-other-head" }, choice.element, cost), html("div", { class: "adviz-jacobian-panes" }, html("div", {}, matrix, products), trace));
  /** @type {TraceDocument} */
  let document;
  /** @type {Jacobian} */
  let jacobian;
  /** @type {Words} */
  let words = (key) => key;
  /** @type {Stop[]} */
  let stops = [];
  /** @type {Sweep[]} */
  let sweeps = [];
  /** Cells of the matrix by row and column, and of the sweeps by sweep and variable. @type {HTMLElement[][]} */
  let entries = [];
  /** @type {Map<string, HTMLElement>} */
  let cells = new Map();

  const names = () => (way === "forward" ? jacobian.columns : jacobian.rows);
  const size = () => `${jacobian.shape[0]} × ${jacobian.shape[1]}`;

  /** The steps of one sweep: its seed, then each variable that something reaches, in the order of the sweep. @param {Sweep} sweep @param {number} k @returns {Stop[]} */
  function stopsOf(sweep, k) {
    const { derivatives } = sweep;
    if (!derivatives) return [{ sweep: k, index: null, number: null, done: true }];
    const all = derivatives.map((number, position) => ({ sweep: k, index: position + document.first, number, done: false }));
    const seed = { sweep: k, index: null, number: null, done: false };
    const written = way === "forward" ? all.filter(({ index }) => index > 0) : all.reverse().filter(({ number, index }) => number !== null && index !== document.outputs[k]);
    const found = [seed, ...written];
    found[found.length - 1] = { ...found[found.length - 1], done: true };
    return found;
  }

  /** @param {number} n */
  function tell(n) {
    const { sweep: k, index, number, done } = stops[n - 1] ?? { sweep: sweeps.length, index: null, number: null, done: false };
    const slots = { k: k + 1, count: sweeps.length, name: names()[k] ?? "" };
    if (k === sweeps.length) return { say: words(`page.jacobian.product.${way}`), formula: null };
    const finished = done ? ` ${words(`page.jacobian.done.${way}`, slots)}` : "";
    if (index === null) return { say: words(`page.jacobian.seed.${way}`, slots) + finished, formula: null };
    const { symbol } = document.variable(index);
    const value = format(toNumber(number ?? NaN));
    return {
      say: words(`page.jacobian.step.${way}`, { ...slots, v: symbol.text, number: value }) + finished,
      formula: /** @type {import("./document.js").Math} */ (["mrow", way === "forward" ? symbol.dot : symbol.bar, ["mo", "="], ["mn", value]]),
    };
  }

  /** Sweeps and operations after n steps. @param {number} n */
  function work(n) {
    const last = Math.min(n, stops.length);
    const done = stops.slice(0, last).filter((stop) => stop.done).length;
    const begun = last > 0 && !stops[last - 1].done;
    const own = stops.filter((stop) => stop.sweep === done);
    const part = begun ? (own.indexOf(stops[last - 1]) / (own.length - 1)) * sweeps[done].operations : 0;
    const operations = Math.round(sweeps.slice(0, done).reduce((sum, sweep) => sum + sweep.operations, part));
    return words(operations === 1 ? "page.operation" : "page.operations", { n: operations }) + " · " + words("page.jacobian.sweeps", { n: done, count: sweeps.length });
  }

  function drawMatrix() {
    entries = jacobian.rows.map(() => jacobian.columns.map(() => html("td", {})));
    const head = html("tr", {}, html("td", {}), ...jacobian.columns.map((name) => html("th", { scope: "col" }, `∂/∂${name}`)));
    const body = entries.map((row, i) => html("tr", {}, html("th", { scope: "row" }, jacobian.rows[i]), ...row));
    const caption = html("caption", {}, words("page.jacobian.caption", { title: document.title, size: size() }));
    matrix.replaceChildren(html("table", { class: "adviz-matrix" }, caption, html("thead", {}, head), html("tbody", {}, ...body)));
  }

  /** The derivative of every variable, a column for each sweep. */
  function drawSweeps() {
    cells = new Map();
    trace.hidden = !sweeps.every((sweep) => sweep.derivatives);
    if (trace.hidden) return trace.replaceChildren();
    const head = html("tr", {}, html("th", { scope: "col" }, words("table.variable")), html("th", { scope: "col" }, words("table.definition")),
      ...names().map((name) => html("th", { scope: "col" }, words(`page.jacobian.sweep.${way}`, { name }))));
    const rows = Array.from({ length: document.count }, (_, position) => {
      const { index, symbol, definition, spoken } = document.variable(position + document.first);
      const own = sweeps.map(() => html("td", {}));
      own.forEach((cell, k) => cells.set(`${k}:${index}`, cell));
      return html("tr", {}, html("th", { scope: "row" }, symbol.text), html("td", { class: "adviz-rule" }, drawMath(definition, (reference) => (reference[0] === "number" ? reference[1] : document.numbers.value(index)), spoken)), ...own);
    });
    const caption = html("caption", {}, words(`page.jacobian.table.${way}`));
    trace.replaceChildren(html("table", { class: "adviz-matrix adviz-sweep-table" }, caption, html("thead", {}, head), html("tbody", {}, ...rows)));
  }

  /** J ẋ or ȳ J written out: an equation for each entry. */
  function drawProducts() {
    const { jvp, vjp } = jacobian;
    if (!jvp || !vjp) return products.replaceChildren();
    const forward = way === "forward";
    const { seed, result } = forward ? jvp : vjp;
    const line = (/** @type {JsonNumber} */ total, /** @type {number} */ r) => {
      const terms = seed.map((u, k) => `${inProduct(forward ? entry(r, k) : entry(k, r))} · ${inProduct(u)}`);
      return html("li", {}, html("span", { class: "adviz-product-name" }, accented(forward ? jacobian.rows[r] : jacobian.columns[r], way)), ` = ${terms.join(" + ")} = `, html("b", {}, format(toNumber(total))));
    };
    const vector = seed.map((u) => format(toNumber(u))).join(", ");
    products.replaceChildren(html("p", { class: "adviz-heading" }, words(`page.jacobian.${forward ? "jvp" : "vjp"}`, { seed: vector })), html("ul", {}, ...result.map(line)), html("p", { class: "adviz-why-muted" }, words(`page.jacobian.${forward ? "jvp" : "vjp"}_cost`)));
  }

  /** The entry of row r and column k. @param {number} r @param {number} k */
  const entry = (r, k) => /** @type {Sweep[]} */ (jacobian.sweeps?.forward)[k].entries[r];

  return {
    element, alone: () => true,
    /** The same sweeps at another point. @param {import("./live.js").Live} live */
    renew(live) {
      jacobian = live.jacobian(/** @type {Jacobian} */ (document.modes?.jacobian));
      sweeps = jacobian.sweeps?.[way] ?? [];
      stops = sweeps.flatMap(stopsOf);
      drawProducts();
      return true;
    },
    /** @param {TraceDocument} newDocument @param {Words} newWords @param {import("./live.js").Live | null} live @returns {import("./others.js").Staging} */
    load(newDocument, newWords, live) {
      [document, words] = [newDocument, newWords];
      const given = /** @type {Jacobian} */ (document.modes?.jacobian);
      jacobian = live ? live.jacobian(given) : given;
      const [m, n] = jacobian.shape;
      way = chosen ?? (m < n ? "reverse" : "forward");
      sweeps = jacobian.sweeps?.[way] ?? [];
      stops = sweeps.flatMap(stopsOf);
      choice.show(words("page.jacobian.choice"), [["forward", words("page.jacobian.forward")], ["reverse", words("page.jacobian.reverse")]], way);
      setText(cost, words("page.jacobian.cost", {
        size: size(), n: jacobian.cost.forward.sweeps, forward: jacobian.cost.forward.operations, m: jacobian.cost.reverse.sweeps, reverse: jacobian.cost.reverse.operations,
      }));
      if (jacobian.sweeps) drawMatrix();
      else matrix.replaceChildren(html("p", { class: "adviz-missing" }, words("page.jacobian.folded", { size: size(), rows: jacobian.rows.slice(0, 3).join(", "), columns: jacobian.columns.slice(0, 3).join(", ") })));
      drawSweeps();
      drawProducts();
      const phases = sweeps.map((_, k) => ({ text: words(`page.jacobian.sweep.${way}`, { name: names()[k] }), start: stops.findIndex((stop) => stop.sweep === k) + 1 }));
      if (sweeps.length) phases.push({ text: words(`page.jacobian.phase.${way}`), start: stops.length + 1 });
      return { document, replay: replayOf(way, { count: sweeps.length ? stops.length + 1 : 0, tell, phases, work }) };
    },
    /** @param {import("./replay.js").Frame} frame */
    show({ n }) {
      const now = stops[n - 1] ?? null;
      const done = stops.slice(0, n).filter((stop) => stop.done).length;
      entries.forEach((row, r) => row.forEach((cell, k) => {
        const own = way === "forward" ? k : r;
        setText(cell, own < done ? format(toNumber(sweeps[own].entries[way === "forward" ? r : k])) : "");
        setAttribute(cell, "data-sweeping", now !== null && own === now.sweep);
      }));
      const filled = new Map(stops.slice(0, n).flatMap((stop) => (stop.index === null ? seedsOf(stop.sweep) : [[`${stop.sweep}:${stop.index}`, stop.number]])));
      for (const [key, cell] of cells) {
        setText(cell, filled.has(key) ? format(toNumber(/** @type {JsonNumber} */ (filled.get(key)))) : "");
        setAttribute(cell, "aria-current", now !== null && key === `${now.sweep}:${now.index}` && "step");
      }
      products.hidden = n <= stops.length || !stops.length;
    },
  };

  /** What a sweep begins with. @param {number} k @returns {[string, JsonNumber][]} */
  function seedsOf(k) {
    const { derivatives } = sweeps[k];
    if (!derivatives) return [];
    const indices = way === "forward" ? document.inputs.map(({ index }) => index) : [document.outputs[k]];
    return indices.map((index) => [`${k}:${index}`, derivatives[index - document.first] ?? 0]);
  }
}

/** A factor: a negative one stands in parentheses. @param {JsonNumber} number */
function inProduct(number) {
  const x = toNumber(number);
  return x < 0 ? `(${format(x)})` : format(x);
}
