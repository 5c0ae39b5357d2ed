// Second order: the trace of the gradient, swept forward. The other panes show that trace; this one says what its variables are to f.

import { html, setText } from "./dom.js";
import { createLive } from "./live.js";
import { written } from "./quantity.js";
import { replayOf } from "./course.js";
import { replay } from "./replay.js";
import { accented } from "./words.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./replay.js").Replay} Replay */

export function createSecondPane() {
  const about = html("p", { class: "adviz-program-about" });
  const role = html("p", { class: "adviz-role" });
  const title = html("p", { class: "adviz-heading" });
  const entries = html("ul");
  const missing = html("p", { class: "adviz-missing" });
  const element = html("section", { class: "adviz-second" }, about, html("div", { class: "adviz-second-panes" }, role, html("div", { class: "adviz-products" }, title, entries)), missing);
  /** @type {TraceDocument | undefined} */
  let nested;
  /** The nested trace at other points, where the page can compute it. @type {import("./live.js").Live | null} */
  let inner = null;
  /** @type {Replay} */
  let playing;
  /** @type {Record<string, string>} */
  let names = {};
  /** @type {Words} */
  let words = (key) => key;
  /** @type {string[]} */
  let inputs = [];

  /** What the variable of this step is to f, and what its tangent says. @param {number | null} index */
  function told(index) {
    if (!nested || index === null) return "";
    const { symbol, role: kind } = nested.variable(index);
    const slots = { v: symbol.text, dot: symbol.dot_text };
    if (kind === "input") return words("page.second.input", { ...slots, name: inputs[index - nested.first] });
    return index in names ? words("page.second.role", { ...slots, role: names[index] }) : words("page.second.own", slots);
  }

  return {
    element,
    /** @param {TraceDocument} document @param {Words} newWords @returns {import("./others.js").Staging} */
    load(document, newWords) {
      words = newWords;
      const second = /** @type {import("./modes.js").Second} */ (document.modes?.["second-order"]);
      nested = second.document;
      inner = null;
      names = second.names ?? {};
      inputs = document.inputs.map(({ name }) => name);
      setText(about, nested ? words("page.second.about") : "");
      setText(missing, second.missing ?? "");
      setText(title, nested ? words("page.second.result") : "");
      playing = nested ? replay(nested, "forward") : replayOf("forward", { count: 0, tell: () => ({ say: "", formula: null }), phases: [], work: () => "" });
      return { document: nested ?? document, replay: playing, seeded: Boolean(nested) };
    },
    alone: () => !nested,
    /** The gradient at the point of f, where that has the same lines there. @param {import("./live.js").Live} live */
    renew(live) {
      if (!nested?.live || !live.regular()) return false;
      inner ??= createLive(nested);
      if (inner.inputs(live.point()) !== null) return false;
      nested.notes = inner.notes();
      return true;
    },
    /** @param {import("./replay.js").Frame} frame */
    show({ n, current }) {
      setText(role, told(current));
      const given = nested;
      if (!given) return entries.replaceChildren();
      entries.replaceChildren(...given.outputs.map((i, k) => {
        const name = accented(inputs[k], "reverse");
        const value = playing.knows(i, n) ? written(given.numbers.value(i)) : "…";
        const rate = playing.derivative(i, n);
        return html("li", {}, words("page.second.entry", { bar: name, name: inputs[k], value }), "; ", html("b", {}, words("page.second.rate", { rate: rate ? written(rate.number) : "…" })));
      }));
    },
  };
}
