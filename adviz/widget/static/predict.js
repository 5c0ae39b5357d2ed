// Predict: before a decisive step the learner is asked for its number. One answer at a time, hints in three levels, "Show me" at any time;
// then what there was to see. Who marks an answer is somewhere else: Python, or the page's own key (sealed.js).

import { openQuestion } from "./asked.js";
import { FOCUSABLE, html, setAttribute, setText, svg } from "./dom.js";

/** @typedef {import("./asked.js").Asked} Asked */
/** @typedef {import("./asked.js").Question} Question */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{kind: "predict", do: "answer" | "hint" | "show", mode: string, name: string, typed: string}} Wish */
/**
 * What the panel needs around it: who answers (null where nobody does), how predict mode is switched on and off (null where it cannot be), and
 * how to go to a step.
 * @typedef {{ask: ((wish: Wish) => void | Promise<void>) | null, choose: ((on: boolean) => void) | null, go: (n: number) => void, id: string, root: HTMLElement}} Around
 */
/** @typedef {ReturnType<typeof createPredict>} Predict */

const LEVELS = 3;
const LONGEST_TYPED = 200;
const CHECKING_AFTER = 600; // ms until "checking" is said
const SILENT_AFTER = 6000; // ms until a kernel that says nothing is taken for gone
const MARKS = { open: "↻", right: "✓", shown: "→" };

/** @param {Around} around */
export function createPredict({ ask, choose, go, id, root }) {
  const box = html("input", { type: "checkbox", ...FOCUSABLE });
  const name = html("span");
  const toggle = html("label", { class: "adviz-predict-toggle", hidden: !choose }, box, name);

  const mark = html("span", { class: "adviz-predict-mark", "aria-hidden": "true" });
  const outcome = html("p", { class: "adviz-predict-outcome", "aria-live": "polite" });
  const on = html("button", { type: "button", class: "adviz-predict-on", ...FOCUSABLE });
  const done = html("div", { class: "adviz-predict-done", hidden: true }, mark, outcome, on);

  const place = html("p", { class: "adviz-predict-place" });
  const prompt = html("label", { class: "adviz-predict-prompt", for: `${id}-answer`, id: `${id}-prompt` });
  const before = html("span", { class: "adviz-predict-label", id: `${id}-label` });
  const field = html("input", {
    type: "text", class: "adviz-predict-field", id: `${id}-answer`, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    maxlength: LONGEST_TYPED, "aria-describedby": `${id}-said`, ...FOCUSABLE,
  });
  const check = html("button", { type: "button", class: "adviz-predict-check", ...FOCUSABLE });
  const hint = html("button", { type: "button", class: "adviz-predict-hint", ...FOCUSABLE });
  const show = html("button", { type: "button", class: "adviz-predict-show", ...FOCUSABLE });
  const said = html("p", { class: "adviz-predict-said", id: `${id}-said`, "aria-live": "polite" });
  const hints = html("ol", { class: "adviz-predict-hints", "aria-live": "polite" });
  const tries = html("p", { class: "adviz-predict-tries" });
  const line = html("div", { class: "adviz-predict-line" }, before, field, check, hint, show);
  const question = html("div", { class: "adviz-predict-question", hidden: true }, place, prompt, line, said, hints, tries);
  const about = html("p", { class: "adviz-predict-about" });
  const heard = html("p", { class: "adviz-hidden", "aria-live": "polite" }); // that a question has come
  const element = html("section", { class: "adviz-predict", hidden: true }, done, question, about, heard);

  /** @type {Asked | undefined} */
  let asked;
  /** @type {Words} */
  let words = (key) => key;
  /** What the page waits for: the number of what was said last, and the question. @type {{serial: number, mode: string, name: string} | null} */
  let waiting = null;
  /** @type {ReturnType<typeof setTimeout>[]} */
  let timers = [];
  let mode = "values";
  let here = 0;
  let typedFor = "";

  box.addEventListener("change", () => choose?.(box.checked));
  on.addEventListener("click", () => go(here + 1));
  check.addEventListener("click", () => wish("answer"));
  hint.addEventListener("click", () => wish("hint"));
  show.addEventListener("click", () => wish("show"));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    wish("answer");
  });

  const waits = () => openQuestion(asked, mode);
  const isHere = (/** @type {Question | null} */ each) => each !== null && here === each.step - 1;

  /** @param {Wish["do"]} wanted */
  function wish(wanted) {
    const open = waits();
    if (!open || !asked || !isHere(open)) return;
    if (wanted === "answer" && !field.value.trim()) return field.focus();
    settle();
    waiting = { serial: asked.serial, mode, name: open.name };
    timers = [setTimeout(() => setText(said, words("page.predict.checking")), CHECKING_AFTER), setTimeout(silent, SILENT_AFTER)];
    try {
      Promise.resolve(ask?.({ kind: "predict", do: wanted, mode, name: open.name, typed: field.value })).catch(silent);
    } catch {
      silent(); // a kernel that is gone takes no message
    }
  }

  function silent() {
    settle();
    setText(said, words("page.predict.silent"));
  }

  function settle() {
    timers.forEach(clearTimeout);
    timers = [];
    waiting = null;
  }

  /** @param {Question | undefined} passed */
  function drawOutcome(passed) {
    done.hidden = !passed;
    if (!passed) return;
    setText(mark, MARKS[passed.state]);
    setText(outcome, `${words(`page.predict.is_${passed.state}`)}. ${words("page.predict.saw")} ${passed.saw}`);
    setText(on, words("page.predict.go_on"));
    on.hidden = isHere(waits());
  }

  /** @param {Question | null} open */
  function drawQuestion(open) {
    const shown = open !== null && isHere(open);
    question.hidden = !shown;
    if (!shown || !asked) return setText(heard, "");
    const all = asked[/** @type {import("./document.js").Mode} */ (mode)] ?? [];
    setText(place, words("page.predict.place", { number: all.indexOf(open) + 1, count: all.length }));
    setText(prompt, open.prompt);
    setText(heard, `${place.textContent}. ${open.prompt}`);
    setText(before, open.label);
    if (typedFor !== `${mode} ${open.name}`) {
      typedFor = `${mode} ${open.name}`;
      field.value = open.tries[open.tries.length - 1] ?? "";
    }
    setText(said, open.said && open.tries.length ? `${MARKS.open} ${open.said}` : open.said);
    setAttribute(field, "aria-invalid", open.said !== "");
    setText(hint, words("page.predict.hint"));
    setAttribute(hint, "aria-label", words("page.predict.hints", { n: Math.min(open.hints.length + 1, LEVELS), count: LEVELS }));
    hint.disabled = open.hints.length >= LEVELS;
    open.hints.forEach((text, n) => {
      if (!hints.children[n]) hints.append(html("li"));
      setText(hints.children[n], text);
    });
    while (hints.children.length > open.hints.length) hints.lastElementChild?.remove();
    hints.hidden = !open.hints.length;
    setText(tries, open.tries.length ? words("page.predict.tries", { tries: open.tries.join(" · ") }) : "");
  }

  /** What is said where nothing is asked just now. @param {Question | null} open */
  function tell(open) {
    const all = asked?.[/** @type {import("./document.js").Mode} */ (mode)] ?? [];
    if (open && isHere(open)) return "";
    const where = open ? words(open === all[0] ? "page.predict.first" : "page.predict.next", { step: open.step }) : words(all.length ? "page.predict.done" : "page.predict.none");
    return choose ? `${where} ${words("page.predict.live")}` : where; // a page says by itself what it is (why_not_live)
  }

  /** Hatches the cell that is asked for, in the table and in the picture. @param {Question | null} open */
  function hatch(open) {
    for (const old of root.querySelectorAll("[data-asked]")) setAttribute(old, "data-asked", null);
    for (const old of root.querySelectorAll(".adviz-hatch")) old.remove();
    if (!open || !isHere(open)) return;
    const row = root.querySelector(`.adviz-table tr[data-index="${open.index}"]`);
    const cell = open.kind === "share" ? row?.querySelectorAll("td.adviz-rule")[1] : row?.querySelector(`td[data-kind="${open.kind}"]`);
    if (cell) setAttribute(cell, "data-asked", true);
    if (open.kind === "share") hatchEdge(open);
    else hatchBox(open);
  }

  /** @param {Question} open */
  function hatchBox({ index, kind }) {
    const node = root.querySelector(`.adviz-graph [data-node="${index}"]`);
    const frame = node?.querySelector(".adviz-box");
    if (!node || !frame) return;
    const [x, y, w] = ["x", "y", "width"].map((side) => Number(frame.getAttribute(side)));
    const isFree = kind === "value" || !node.querySelector(".adviz-derivative")?.textContent; // a sum so far stays in sight
    node.append(isFree ? hatching(x + w / 2, y + (kind === "value" ? 33 : 51), w - 12) : hatching(x + w / 2, y + 13, 34));
  }

  /** Where the partial of an edge would stand. @param {Question} open */
  function hatchEdge({ source, operand }) {
    const { edges = [] } = traced?.graph ?? {};
    const edge = edges.find((each) => each.to === source && each.operand === operand);
    const picture = root.querySelector(".adviz-graph");
    if (edge && picture) picture.append(hatching(edge.label[0], edge.label[1], 34));
  }

  /** @type {TraceDocument | null} */
  let traced = null;

  return {
    toggle, element,
    /** The last step that can be gone to. @param {string} wanted */
    limit: (wanted) => (openQuestion(asked, wanted)?.step ?? Infinity) - 1,
    hint: () => wish("hint"),
    /** The reader wants to go on where an answer is wanted first. */
    remind() {
      if (!isHere(waits())) return;
      if (!said.textContent) setText(said, words("page.predict.stop"));
      field.focus();
    },
    /**
     * A document came. The step that was waited for, if it has been answered or shown.
     * @param {TraceDocument} document @param {Words} newWords
     * @returns {{mode: string, step: number} | null}
     */
    load(document, newWords) {
      traced = document;
      asked = document.asked;
      words = newWords;
      const answered = waiting && asked && asked.serial !== waiting.serial ? waiting : null;
      if (answered || !asked) settle();
      const passed = answered && asked?.[/** @type {import("./document.js").Mode} */ (answered.mode)]?.find((each) => each.name === answered.name);
      box.checked = asked !== undefined;
      setText(name, words("page.predict"));
      element.hidden = asked === undefined;
      setAttribute(element, "aria-label", words("page.predict"));
      setAttribute(root, "data-predict", asked !== undefined);
      setText(check, words("page.predict.check"));
      setText(show, words("page.predict.show"));
      return answered && passed && passed.state !== "open" ? { mode: answered.mode, step: passed.step } : null;
    },
    /** @param {string} newMode @param {number} n */
    show(newMode, n) {
      [mode, here] = [newMode, n];
      if (!asked) return hatch(null);
      const held = element.contains(document.activeElement);
      const open = waits();
      drawOutcome(asked[/** @type {import("./document.js").Mode} */ (mode)]?.find(({ state, step }) => state !== "open" && step === n));
      drawQuestion(open);
      setText(about, tell(open));
      about.hidden = !about.textContent;
      hatch(open);
      if (held) holdFocus();
    },
    stop: settle,
  };

  /** The focus stays in the panel: in the field, or on the button that goes on. */
  function holdFocus() {
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    if (active && element.contains(active) && active.offsetParent !== null && !(/** @type {HTMLButtonElement} */ (active).disabled)) {
      if (active !== on || !isHere(waits())) return;
    }
    if (!question.hidden) field.focus();
    else if (!done.hidden && !on.hidden) on.focus();
    else root.focus({ preventScroll: true });
  }
}

/**
 * A hatched patch with a "?", about a point.
 * @param {number} x @param {number} y @param {number} w
 */
function hatching(x, y, w) {
  const [left, top, h] = [x - w / 2, y - 9, 18];
  return svg("g", { class: "adviz-hatch", "aria-hidden": "true" },
    svg("rect", { x: left, y: top, width: w, height: h, rx: 3 }), svg("path", { d: stripes(left, top, w, h) }), svg("text", { x, y: y + 5 }, "?"));
}

/**
 * Slanted lines across a box.
 * @param {number} x @param {number} y @param {number} w @param {number} h
 */
function stripes(x, y, w, h) {
  return Array.from({ length: Math.max(Math.floor((w - h) / 8) + 1, 0) }, (_, n) => `M${x + 8 * n} ${y + h} l${h} ${-h}`).join(" ");
}
