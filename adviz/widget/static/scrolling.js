// Panes with more in them than fits: such a pane is a stop of the Tab key, has a name, and Shift with an arrow key scrolls it.

import { setAttribute } from "./dom.js";

/** @typedef {import("./words.js").Words} Words */

/** The names of panes, by their class, as keys of the catalogue. */
const PANES = { "adviz-graph-pane": "graph", "adviz-table-pane": "table", "adviz-source": "code", "adviz-formula": "formula", "adviz-entries": "entries" };
const STOPS = "button, input, select, summary, a[href], [tabindex='0']";
const FAR = 60; // px for each key
/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-FAR, 0], ArrowRight: [FAR, 0], ArrowUp: [0, -FAR], ArrowDown: [0, FAR] };
const REST = 200; // ms without a change

/**
 * Watches every pane of the root that is marked as one (SCROLLS in dom.js).
 * @param {HTMLElement} root
 * @param {() => Words} words
 */
export function watchPanes(root, words) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function settle() {
    for (const pane of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-scrolls]"))) {
      const more = pane.scrollWidth > pane.clientWidth + 1 || pane.scrollHeight > pane.clientHeight + 1;
      const stops = more && ![...pane.querySelectorAll(STOPS)].some((each) => each.checkVisibility());
      if (!stops && pane.matches(":focus")) continue;
      setAttribute(pane, "tabindex", stops ? 0 : -1);
      if (pane.hasAttribute("aria-labelledby")) continue;
      const [, name] = Object.entries(PANES).find(([each]) => pane.classList.contains(each)) ?? ["", "other"];
      setAttribute(pane, "role", stops && "group");
      setAttribute(pane, "aria-label", stops && words()(`page.pane.${name}`));
    }
  }

  function settleLater() {
    clearTimeout(timer);
    timer = setTimeout(settle, REST);
  }

  new ResizeObserver(settleLater).observe(root);
  new MutationObserver(settleLater).observe(root, { childList: true, subtree: true, characterData: true });
  root.addEventListener("focusin", settle);
  root.addEventListener("keydown", (event) => {
    const pane = /** @type {Element} */ (event.target);
    if (event.key === "Tab") settle();
    if (!event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || !WAYS[event.key] || !pane.matches("[data-scrolls][tabindex='0']")) return;
    event.preventDefault();
    pane.scrollBy(...WAYS[event.key]);
  }, { capture: true });
}
