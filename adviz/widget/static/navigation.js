// Finding one's way in a long trace: to a value by its number or name, to the next fan-out, branch or kink; with the overview above.

import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { createOverview } from "./overview.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {(i: number) => boolean} Wanted */

/** @type {["fan_out" | "branch" | "kink", string][]} */
const JUMPS = [["fan_out", "page.next_fan_out"], ["branch", "page.next_branch"], ["kink", "page.next_kink"]];
const LONG_TRACE = 60; // variables: of a shorter one everything is in sight

/**
 * @param {(index: number) => void} go to the variable
 * @param {() => number | null} here the variable of the current step
 */
export function createNavigation(go, here) {
  const overview = createOverview(go);
  const field = html("input", { type: "search", class: "adviz-search", autocomplete: "off", spellcheck: "false", size: 16, ...FOCUSABLE });
  const label = html("span", { class: "adviz-search-label" });
  const buttons = JUMPS.map(() => html("button", { type: "button", class: "adviz-jump", ...FOCUSABLE }));
  const said = html("span", { class: "adviz-found", "aria-live": "polite" });
  const search = html("form", { class: "adviz-searching", role: "search" }, html("label", {}, label, field));
  const bar = html("div", { class: "adviz-navigation" }, search, ...buttons, said);
  const element = html("div", { class: "adviz-way", hidden: true }, overview.element, bar);
  /** @type {TraceDocument | null} */
  let document = null;
  /** @type {Int32Array | null} */
  let uses = null;
  /** @type {Words} */
  let words = (key) => key;

  search.addEventListener("submit", (event) => {
    event.preventDefault();
    find(field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // a sandboxed frame may not submit forms
      find(field.value);
    }
  });
  buttons.forEach((button, n) => button.addEventListener("click", () => next(wantedBy(JUMPS[n][0]), words(`page.no_${JUMPS[n][0]}`))));

  /** @param {string} typed */
  function find(typed) {
    if (!document) return;
    const text = typed.normalize("NFKC").replace("−", "-").trim().toLowerCase();
    const number = /^v?_?(-?\d+)$/.exec(text);
    if (!text) return;
    if (!number) return next(document.named(text), words("page.not_found", { text: typed }));
    const index = Number(number[1]);
    const [first, last] = [document.first, document.first + document.count - 1];
    if (index < first || index > last) setText(said, words("page.no_variable", { name: typed, first, last }));
    else arrive(index);
  }

  /** @param {"fan_out" | "branch" | "kink"} what @returns {Wanted} */
  function wantedBy(what) {
    const { first, notes, branches, uses: count } = /** @type {TraceDocument} */ (document);
    if (what === "fan_out") {
      const counts = (uses ??= count());
      return (i) => counts[i - first] > 1;
    }
    const found = new Set(what === "kink" ? notes.flatMap(({ index, kind }) => (kind === "kink" ? [index] : [])) : branches.map(({ after }) => after));
    return (i) => found.has(i);
  }

  /** The next variable that is wanted, from where we are, round and round. @param {Wanted} wanted @param {string} otherwise */
  function next(wanted, otherwise) {
    const { first, count } = /** @type {TraceDocument} */ (document);
    const start = (here() ?? first - 1) - first;
    for (let ahead = 1; ahead <= count; ahead++) {
      const index = first + ((start + ahead) % count);
      if (wanted(index)) return arrive(index);
    }
    setText(said, otherwise);
  }

  /** @param {number} index */
  function arrive(index) {
    setText(said, "");
    go(index);
  }

  return {
    element,
    /** @param {TraceDocument} newDocument @param {Words} newWords */
    load(newDocument, newWords) {
      document = newDocument;
      words = newWords;
      uses = null;
      element.hidden = document.count <= LONG_TRACE;
      if (element.hidden) return;
      setText(label, words("page.go_to"));
      setAttribute(field, "placeholder", words("page.go_to_what"));
      buttons.forEach((button, n) => setText(button, words(JUMPS[n][1])));
      overview.load(document, words);
    },
    /** @param {number | null} index @param {{from: number, to: number}} extent */
    show(index, extent) {
      if (!element.hidden) overview.show(index, extent);
    },
    focus: () => field.focus(),
  };
}
