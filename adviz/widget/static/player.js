// The explorer without a kernel: a model that holds one document and forgets the rest. Its place stands in the page's address.

import { preferred } from "./language.js";
import { hashOf, placeIn } from "./link.js";
import { mount } from "./mount.js";
import { createSeal } from "./sealed.js";

/**
 * @param {HTMLElement} el
 * @param {string} mode
 * @param {number} step
 * @param {string} [language] that was chosen for the page; without one it is that of the browser
 * @param {("mode" | "step" | "at")[]} [fixed] what the address cannot choose
 */
export function play(el, mode, step, language = "", fixed = []) {
  const addressed = window === window.parent && /^(?:file|https?):$/.test(location.protocol); // a frame in a notebook has no address of its own
  /** @type {Record<string, unknown>} */
  const state = { document: dataOf("adviz-document"), columns: dataOf("adviz-columns"), mode, step, language, editable: false, ...placeIn(dataOf(PLACE)), ...(addressed ? chosen() : {}) };
  /** @type {Map<string, (...given: any[]) => void>} */
  const listeners = new Map();
  const seal = createSeal(String(state.document), () => String(state.language || preferred()), (changed) => {
    state.document = changed;
    listeners.get("change:document")?.();
  });
  seal?.enter(state.mode);

  /** @param {string} name @param {unknown} value */
  function set(name, value) {
    state[name] = value;
    if (name === "mode") seal?.enter(value);
  }

  const place = () => ({ mode: String(state.mode), step: Number(state.step), at: /** @type {number[] | null} */ (state.at ?? null) });

  function save_changes() {
    if (addressed && location.hash !== hashOf(place())) history.replaceState(null, "", hashOf(place()));
  }

  mount(el, {
    get: (name) => state[name], set, save_changes,
    on: (event, callback) => listeners.set(event, callback),
    off: (event) => listeners.delete(event),
    page: () => pageOf(document, state.at ? hashOf(place()) : ""), ask: seal?.ask,
    link: addressed ? () => location.href.split("#")[0] + hashOf(place()) : undefined,
  });
  el.querySelector(".adviz-title")?.setAttribute("aria-level", "1"); // in a page of its own
  if (addressed) window.addEventListener("hashchange", follow);

  function chosen() {
    return Object.fromEntries(Object.entries(placeIn(location.hash)).filter(([name]) => !fixed.includes(/** @type {"mode"} */ (name))));
  }

  /** Somebody changed the address, or came by a link within the page. */
  function follow() {
    for (const [name, value] of Object.entries(chosen())) {
      set(name, value);
      listeners.get(`change:${name}`)?.();
    }
  }
}

/** What a block of data in the page holds. @param {string} id */
function dataOf(id) {
  return document.getElementById(id)?.textContent ?? "";
}

/**
 * This page as adviz wrote it: the same elements, before the script filled the place of the explorer; and the place where it opens, if that is another.
 * @param {Document} page
 * @param {string} place as an address says it
 */
function pageOf(page, place) {
  const elements = [...page.head.children, ...page.body.children].filter(({ localName, id }) => OF_A_PAGE.has(localName) && id !== PLACE);
  const parts = elements.map(elementText);
  if (place) parts.splice(-1, 0, elementText({ localName: "script", attributes: [{ name: "type", value: "text/plain" }, { name: "id", value: PLACE }], textContent: place }));
  return ["<!doctype html>", `<html lang="${escapedMarkup(page.documentElement.lang)}">`, ...parts, "</html>\n"].join("\n");
}

const PLACE = "adviz-place";
const OF_A_PAGE = new Set(["meta", "title", "style", "main", "script"]);

/** @param {{localName: string, attributes: ArrayLike<{name: string, value: string}>, textContent: string | null}} element */
function elementText({ localName, attributes, textContent }) {
  const opening = `<${[localName, ...Array.from(attributes, ({ name, value }) => `${name}="${escapedMarkup(value)}"`)].join(" ")}>`;
  if (localName === "meta") return opening;
  const content = localName === "main" ? "" : localName === "title" ? escapedMarkup(textContent ?? "") : (textContent ?? "");
  return `${opening}${content}</${localName}>`;
}

/** @param {string} words */
function escapedMarkup(words) {
  return words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
