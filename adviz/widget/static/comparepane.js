// Two traces side by side, a line after the other; the first difference is named.

import { comparedAt } from "./beside.js";
import { replayOf } from "./course.js";
import { html, SCROLLS, setAttribute, setText } from "./dom.js";
import { written } from "./quantity.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./modes.js").Compared} Compared */
/** @typedef {import("./words.js").Words} Words */

/** @param {(n: number) => void} go */
export function createComparePane(go) {
  const said = html("p", { class: "adviz-compare-said" });
  const frame = html("div", { class: "adviz-compare-frame", ...SCROLLS });
  const element = html("section", { class: "adviz-compare" }, said, frame);
  /** @type {HTMLTableRowElement[]} */
  let rows = [];
  /** @type {TraceDocument} */
  let document;
  /** @type {Compared} */
  let compared;

  frame.addEventListener("click", ({ target }) => {
    const row = /** @type {Element} */ (target).closest("tr[data-row]");
    if (row) go(Number(row.getAttribute("data-row")) + 1);
  });

  /** @param {Words} words */
  function draw(words) {
    const heads = [words("table.variable"), words("table.definition"), ...compared.columns.map(({ head }) => head)];
    rows = compared.rows.map(({ symbol, definition, instead, differs }, n) => html(
      "tr", { "data-row": n, class: differs ? "adviz-differs" : null },
      html("th", { scope: "row" }, symbol),
      html("td", { class: "adviz-rule" }, definition, ...(instead === null ? [] : [html("span", { class: "adviz-instead" }, instead)])),
      ...compared.columns.map(({ of, cells }) => html("td", { "data-of": of }, html("span", {}, besides(cells[n])))),
    ));
    markFirst();
    const head = html("tr", {}, ...heads.map((text) => html("th", { scope: "col" }, text)));
    frame.replaceChildren(html("table", { class: "adviz-matrix adviz-compare-table" }, html("caption", {}, compared.title), html("thead", {}, head), html("tbody", {}, ...rows)));
  }

  function markFirst() {
    setText(said, compared.said);
    rows.forEach((row, n) => setAttribute(row, "data-first", n === compared.first));
  }

  /** Other numbers in the same table. */
  function redraw() {
    setText(/** @type {Element} */ (frame.querySelector("caption")), compared.title);
    const heads = Array.from(frame.querySelectorAll("thead th")).slice(-compared.columns.length);
    compared.columns.forEach(({ head }, c) => setText(heads[c], head));
    rows.forEach((row, n) => {
      row.classList.toggle("adviz-differs", compared.rows[n].differs);
      row.querySelectorAll("td[data-of] > span").forEach((cell, c) => setText(cell, besides(compared.columns[c].cells[n])));
    });
    markFirst();
  }

  return {
    element, alone: () => true,
    /** The same at another point. @param {import("./live.js").Live} live */
    renew(live) {
      const now = comparedAt(/** @type {Compared} */ (document.modes?.compare), document, live);
      if (now) compared = now;
      if (now) redraw();
      return now !== null;
    },
    /** @param {TraceDocument} newDocument @param {Words} words @returns {import("./others.js").Staging} */
    load(newDocument, words) {
      document = newDocument;
      compared = /** @type {Compared} */ (document.modes?.compare);
      draw(words);
      const count = compared.rows.length;
      const tell = (/** @type {number} */ n) => {
        const { symbol: v, definition, instead } = compared.rows[n - 1];
        const told = new Map(compared.columns.map(({ name }) => [name, /** @type {string[]} */ ([])]));
        for (const { name, cells } of compared.columns) told.get(name)?.push(besides(cells[n - 1]) || words("page.compare.none"));
        const numbers = Array.from(told, ([name, cells]) => `${name} ${cells.join(words("page.compare.beside"))}`)
          .reduce((first, second) => words("page.compare.and", { first, second }));
        return { say: words(instead === null ? "page.compare.row" : "page.compare.instead", { v, definition, instead: instead ?? "", numbers }), formula: null };
      };
      const phases = [{ text: words("page.compare.lines"), start: 1 }];
      return { document, replay: replayOf("values", { count, tell, phases, work: (n) => words("page.compare.rows", { n, count }) }) };
    },
    /** @param {import("./replay.js").Frame} frame */
    show({ n }) {
      rows.forEach((row, k) => {
        setAttribute(row, "aria-current", k === n - 1 && "step");
        setAttribute(row, "data-later", k >= n);
      });
      const row = rows[n - 1];
      if (!row) return;
      if (row.offsetTop < frame.scrollTop + 40) frame.scrollTop = row.offsetTop - 40;
      else if (row.offsetTop + row.offsetHeight > frame.scrollTop + frame.clientHeight) frame.scrollTop = row.offsetTop + row.offsetHeight - frame.clientHeight;
    },
  };
}

/** @param {import("./quantity.js").Quantity | null} cell */
function besides(cell) {
  return cell === null ? "" : written(cell);
}
