// What happens at this step: the formula large, one sentence, the number in full; and what there is to note.

import { FOCUSABLE, html, SCROLLS, setAttribute, setText } from "./dom.js";
import { drawBreakable, fillSentence } from "./math.js";
import { exact, format, toNumber } from "./number.js";
import { inFull, isArray } from "./quantity.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {import("./words.js").Words} Words */

const NOTES = 6; // shown at once; the rest is counted

/**
 * @param {() => void} pick called when the formula is clicked
 */
export function createMoment(pick) {
  const formula = html("div", { class: "adviz-formula", ...SCROLLS });
  const status = html("p", { class: "adviz-say", role: "status", "aria-live": "polite", "aria-atomic": "true" });
  const full = html("p", { class: "adviz-full" });
  const heading = html("summary", FOCUSABLE);
  const entries = html("pre", { class: "adviz-entries", ...SCROLLS });
  const array = html("details", { class: "adviz-array" }, heading, entries);
  const notes = html("ul", { class: "adviz-notes" });
  const element = html("div", { class: "adviz-moment" }, formula, status, full, array);
  formula.addEventListener("click", pick);
  /** @type {Replay} */
  let replay;
  /** @type {Words} */
  let words = (key) => key;

  /** @param {Frame} frame */
  function sentence({ n, step }) {
    if (!step) return "";
    return words("page.told", { place: words("page.step_of", { n, count: replay.count }), sentence: fillSentence(step.say, replay.lookup, words) });
  }

  /** The number of the step with every digit; an array's entries, for whoever opens them. @param {Frame} frame */
  function showInFull({ step }) {
    const quantity = step ? step.number : null;
    const told = isArray(quantity) ? inFull(quantity, words) : { summary: "", entries: "" };
    array.hidden = !told.entries;
    full.hidden = !array.hidden;
    setText(heading, told.summary);
    setText(entries, told.entries);
    setText(full, quantity === null || isArray(quantity) ? told.summary : digitsOf(toNumber(quantity)));
  }

  /** @param {number} number */
  function digitsOf(number) {
    const digits = exact(number).replace("-", "−");
    return digits === format(number) ? "" : words("page.in_full", { number: digits });
  }

  return {
    element, notes,
    /** @param {TraceDocument} document @param {Replay} newReplay @param {Words} newWords */
    load(document, newReplay, newWords) {
      replay = newReplay;
      words = newWords;
      const all = notesOf(document, words);
      const rest = all.length - NOTES;
      if (rest > 0) all.splice(NOTES, rest, words("page.more_notes", { n: rest }));
      notes.replaceChildren(...all.map((note) => html("li", {}, note)));
      notes.hidden = !all.length;
    },
    /** @param {Frame} frame */
    show(frame) {
      const pieces = frame.step ? drawBreakable(frame.step.formula, replay.lookup, isArray(frame.step.number) ? ["=", "+"] : ["="]) : [words("page.begin")];
      formula.replaceChildren(...pieces);
      setAttribute(formula, "data-empty", !frame.step);
      setAttribute(formula, "data-arrays", frame.step !== null && isArray(frame.step.number));
      setText(status, sentence(frame));
      showInFull(frame);
    },
    /** While it plays, sentences are shown and not spoken: a screen reader hears the one where it ends. @param {boolean} playing */
    playing(playing) {
      setAttribute(status, "aria-live", playing ? "off" : "polite");
      if (!playing) status.replaceChildren(status.textContent ?? "");
    },
  };
}

/**
 * @param {TraceDocument} document
 * @param {Words} words
 */
function notesOf(document, words) {
  const branches = document.branches.map(({ text, outcome }) => words(outcome ? "page.branch_true" : "page.branch_false", { condition: text }));
  return [...document.notes.map((note) => note.text), ...branches];
}
