// The place in an address: #mode=reverse&step=9 opens that step. Anything else in the address is left unread.

import { TABS } from "./modes.js";

/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {{mode?: Mode, step?: number}} Place */

const LONGEST = 200; // letters of a hash that is looked at

/**
 * @param {string} hash of an address, with its "#"
 * @returns {Place} what it says of mode and step; what is no mode or no step is not there
 */
export function placeIn(hash) {
  /** @type {Place} */
  const place = {};
  for (const [, name, value] of hash.slice(0, LONGEST).matchAll(/(?:^#|&)(mode|step)=([a-z\d-]+)(?=&|$)/g)) {
    if (name === "mode" && TABS.includes(/** @type {Mode} */ (value))) place.mode = /** @type {Mode} */ (value);
    if (name === "step" && /^\d{1,15}$/.test(value)) place.step = Number(value);
  }
  return place;
}

/** @param {{mode: string, step: number}} place */
export function hashOf({ mode, step }) {
  return `#mode=${mode}&step=${step}`;
}
