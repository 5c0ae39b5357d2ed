// Two traces side by side, a line after the other; the first difference is named.

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

  frame.addEventListener("click", ({ target }) => {
    const row = /** @type {Element} */ (target).closest("tr[data-row]");
    if (row) go(Number(row.getAttribute("data-row")) + 1);
  });

  /** @param {Compared} compared @param {Words} words */
  function draw(compared, words) {
    const heads = [words("table.variable"), words("table.definition"), ...compared.columns.map(({ head }) => head)];
    rows = compared.rows.map(({ symbol, definition, instead, differs }, n) => html(
      "tr", { "data-row": n, class: differs ? "adviz-differs" : null },
      html("th", { scope: "row" }, symbol),
      html("td", { class: "adviz-rule" }, definition, ...(instead === null ? [] : [html("span", { class: "adviz-instead" }, instead)])),
      ...compared.columns.map(({ of, cells }) => html("td", { "data-of": of }, html("span", {}, besides(cells[n])))),
    ));
    if (compared.first !== null) setAttribute(rows[compared.first], "data-first", true);
    const head = html("tr", {}, ...heads.map((text) => html("th", { scope: "col" }, text)));
    frame.replaceChildren(html("table", { class: "adviz-matrix adviz-compare-table" }, html("caption", {}, compared.title), html("thead", {}, head), html("tbody", {}, ...rows)));
  }

  return {
    element, alone: () => true,
    /** @param {TraceDocument} document @param {Words} words @returns {import("./others.js").Staging} */
    load(document, words) {
      const compared = /** @type {Compared} */ (document.modes?.compare);
      setText(said, compared.said);
      draw(compared, words);
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
