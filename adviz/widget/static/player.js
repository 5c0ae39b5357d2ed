// The explorer without a kernel: a model that holds one document and forgets the rest. Its place stands in the page's address.

import { hashOf, placeIn } from "./link.js";
import { mount } from "./mount.js";

/**
 * @param {HTMLElement} el
 * @param {string} text of the document
 * @param {string} mode
 * @param {number} step
 */
export function play(el, text, mode, step) {
  const addressed = window === window.parent && /^(?:file|https?):$/.test(location.protocol); // a frame in a notebook has no address of its own
  /** @type {Record<string, unknown>} */
  const state = { document: text, mode, step, editable: false, ...(addressed ? placeIn(location.hash) : {}) };
  /** @type {Map<string, (...given: any[]) => void>} */
  const listeners = new Map();
  const set = (/** @type {string} */ name, /** @type {unknown} */ value) => (state[name] = value);
  const place = () => ({ mode: String(state.mode), step: Number(state.step) });

  function save_changes() {
    if (addressed && location.hash !== hashOf(place())) history.replaceState(null, "", hashOf(place()));
  }

  mount(el, {
    get: (name) => state[name], set, save_changes,
    on: (event, callback) => listeners.set(event, callback),
    off: (event) => listeners.delete(event),
    page: () => pageOf(document),
    link: addressed ? () => location.href.split("#")[0] + hashOf(place()) : undefined,
  });
  el.querySelector(".adviz-title")?.setAttribute("aria-level", "1"); // in a page of its own
  if (addressed) window.addEventListener("hashchange", follow);

  /** Somebody changed the address, or came by a link within the page. */
  function follow() {
    for (const [name, value] of Object.entries(placeIn(location.hash))) {
      state[name] = value;
      listeners.get(`change:${name}`)?.();
    }
  }
}

/**
 * This page as adviz wrote it: the same elements, before the script filled the place of the explorer.
 * @param {Document} page
 */
function pageOf(page) {
  const parts = [...page.head.children, ...page.body.children].filter(({ localName }) => OF_A_PAGE.has(localName)).map(elementText);
  return ["<!doctype html>", `<html lang="${escapedMarkup(page.documentElement.lang)}">`, ...parts, "</html>\n"].join("\n");
}

const OF_A_PAGE = new Set(["meta", "title", "style", "main", "script"]);

/** @param {Element} element */
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
