// The tables of a lab: the numbers of its pictures, for reading and for a screen reader.

import { FOCUSABLE, html, setAttribute } from "./dom.js";

/** @typedef {string | [string, string]} LabCell words, perhaps with a role */
/** @typedef {{caption: string, columns: string[], rows: LabCell[][], current: number | null}} LabTable */

export function createTable() {
  const element = html("div", { class: "adviz-lab-table", role: "group", tabindex: 0, ...FOCUSABLE });
  let written = "";
  return {
    element,
    /** @param {LabTable | null} content */
    show(content) {
      const text = JSON.stringify(content ?? null);
      if (text === written) return;
      written = text;
      element.hidden = !content;
      setAttribute(element, "aria-label", content?.caption);
      element.replaceChildren(...(content ? [tableOf(content)] : []));
    },
  };
}

/** @param {LabTable} content */
function tableOf({ caption, columns, rows, current }) {
  const head = html("tr", {}, ...columns.map((name) => html("th", { scope: "col" }, name)));
  const body = rows.map((row, k) => html("tr", { "aria-current": k === current && "true" }, ...row.map(cellOf)));
  return html("table", {}, html("caption", {}, caption), html("thead", {}, head), html("tbody", {}, ...body));
}

/** @param {LabCell} cell @param {number} column */
function cellOf(cell, column) {
  const [words, role] = typeof cell === "string" ? [cell, null] : cell;
  return html(column ? "td" : "th", { scope: column ? null : "row", "data-role": role }, words);
}
