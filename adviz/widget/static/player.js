// The explorer without a kernel: a model that holds one document and forgets the rest.

import { mount } from "./mount.js";

/**
 * @param {HTMLElement} el
 * @param {string} text of the document
 * @param {string} mode
 * @param {number} step
 */
export function play(el, text, mode, step) {
  /** @type {Record<string, unknown>} */
  const state = { document: text, mode, step, editable: false };
  const set = (/** @type {string} */ name, /** @type {unknown} */ value) => (state[name] = value);
  mount(el, { get: (name) => state[name], set, save_changes() {}, on() {}, off() {} });
}
