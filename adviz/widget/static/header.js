// The top line: what is shown, in which mode, and the list of keys.

import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { hasTab } from "./modes.js";
import { hasControl } from "./teacher.js";

/** @typedef {import("./modes.js").Tab} Mode */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./words.js").Words} Words */

/** Keys and what they do, as keys of the catalogue. */
const KEYS = [
  ["← →", "page.key.step"], ["↑ ↓", "page.key.row"], ["Home End", "page.key.ends"], ["PgUp PgDn", "page.key.phase"],
  ["Space", "page.key.play"], ["Enter", "page.key.why"], ["[ ]", "page.key.fold"], ["/", "page.key.find"], ["H", "page.key.hint"], ["Shift ← → ↑ ↓", "page.key.scroll"], ["?", "page.key.help"], ["p", "page.key.present"],
];
/** Keys of controls that may not be there. @type {Record<string, string>} */
const CONTROL_OF_KEY = {
  "page.key.step": "step", "page.key.row": "step", "page.key.ends": "step", "page.key.phase": "step", "page.key.play": "step", "page.key.why": "why",
  "page.key.fold": "find", "page.key.find": "find", "page.key.help": "help", "page.key.present": "present",
};

/**
 * @param {Mode[]} modes
 * @param {(mode: Mode) => void} choose
 * @param {string} id a prefix of its own, so that two explorers share a page
 * @param {...HTMLElement} buttons that stand before the help
 */
export function createHeader(modes, choose, id, ...buttons) {
  const title = html("h3", { class: "adviz-title" });
  const tabs = new Map(modes.map((mode) => [mode, html("button", { type: "button", role: "tab", ...FOCUSABLE })]));
  const list = html("div", { class: "adviz-tabs", role: "tablist" }, ...tabs.values());
  const help = html("button", { type: "button", class: "adviz-help-button", "aria-expanded": "false", "aria-controls": `${id}-help`, ...FOCUSABLE }, "?");
  const panel = html("dl", { class: "adviz-help", id: `${id}-help`, hidden: true });

  for (const [mode, tab] of tabs) tab.addEventListener("click", () => choose(mode));
  list.addEventListener("keydown", (event) => {
    const shown = modes.filter((mode) => !tabs.get(mode)?.hidden);
    const next = neighbour(shown, shown.findIndex((mode) => tabs.get(mode)?.ariaSelected === "true"), event.key);
    if (!next || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    tabs.get(next)?.focus();
    choose(next);
  });
  help.addEventListener("click", () => toggleHelp());

  /** @param {boolean} [open] */
  function toggleHelp(open = panel.hidden) {
    panel.hidden = !open;
    setAttribute(help, "aria-expanded", String(open));
  }

  return {
    element: html("div", { class: "adviz-header" }, title, list, html("div", { class: "adviz-actions" }, ...buttons, help)),
    panel,
    toggleHelp,
    /** @param {TraceDocument} document @param {Words} words */
    load(document, words) {
      setText(title, document.title);
      setAttribute(list, "aria-label", words("page.modes"));
      setAttribute(help, "aria-label", words("page.help"));
      for (const [mode, tab] of tabs) {
        setText(tab, words(`page.mode.${mode}`));
        setAttribute(tab, "aria-controls", `${id}-stage`);
        tab.hidden = !hasTab(document, mode);
      }
      panel.replaceChildren(...KEYS.filter(([, does]) => hasControl(document, CONTROL_OF_KEY[does] ?? "") || !CONTROL_OF_KEY[does]).flatMap(([keys, does]) => [html("dt", {}, keys), html("dd", {}, words(does))]));
    },
    /** @param {Mode} current */
    show(current) {
      for (const [mode, tab] of tabs) {
        setAttribute(tab, "aria-selected", String(mode === current));
        setAttribute(tab, "tabindex", mode === current ? 0 : -1);
      }
    },
  };
}

/**
 * The tab that an arrow key leads to, round and round.
 * @param {Mode[]} modes
 * @param {number} here
 * @param {string} key
 * @returns {Mode | undefined}
 */
function neighbour(modes, here, key) {
  const count = modes.length;
  if (key === "ArrowRight") return modes[(here + 1) % count];
  if (key === "ArrowLeft") return modes[(here + count - 1) % count];
  return key === "Home" ? modes[0] : key === "End" ? modes[count - 1] : undefined;
}
