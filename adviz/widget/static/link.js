// The place in an address: #mode=reverse&step=9&at=2,3.5 opens that step at that point. Anything else in the address is left unread.

import { TABS } from "./modes.js";
import { exact, parse } from "./number.js";

/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {{mode?: Mode, step?: number, at?: number[]}} Place at: the inputs, where they are others than the document has */

const LONGEST_HASH = 4000; // letters of a hash that is looked at

/**
 * @param {string} hash of an address, with its "#"
 * @returns {Place} what it says of mode, step and point; what is none is not there
 */
export function placeIn(hash) {
  /** @type {Place} */
  const place = {};
  for (const [, name, value] of hash.slice(0, LONGEST_HASH).matchAll(/(?:^#|&)(mode|step|at)=([a-z\d.,+-]+)(?=&|$)/g)) {
    if (name === "mode" && TABS.includes(/** @type {Mode} */ (value))) place.mode = /** @type {Mode} */ (value);
    if (name === "step" && /^\d{1,15}$/.test(value)) place.step = Number(value);
    const at = name === "at" ? value.split(",").map(parse) : [null];
    if (!at.includes(null)) place.at = /** @type {number[]} */ (at);
  }
  return place;
}

/** @param {{mode: string, step: number, at?: number[] | null}} place */
export function hashOf({ mode, step, at }) {
  const point = at ? `&at=${at.map((x) => (Object.is(x, -0) ? "-0" : exact(x))).join(",")}` : "";
  return `#mode=${mode}&step=${step}${point}`;
}
