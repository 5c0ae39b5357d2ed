// The graph that is on the screen as a file: its shapes with the colours and widths that the styles give them here and now.

import { svg } from "./dom.js";

/** @typedef {{text: string, width: number, height: number}} Picture */

/** What the styles decide, and what a shape has that nobody styled. */
const STYLED = {
  fill: "", stroke: "none", "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linejoin": "miter", "font-size": "",
  "font-weight": "400", "text-anchor": "start", opacity: "1",
};
const SCALE = 2; // pixels for each unit, as adviz draws a PNG in Python

/**
 * SVG text of the explorer's graph; null where none is drawn.
 * @param {HTMLElement} root of the explorer
 * @returns {Picture | null}
 */
export function pictureOf(root) {
  const drawn = /** @type {SVGSVGElement | null} */ (root.querySelector("svg.adviz-graph"));
  const box = drawn?.viewBox.baseVal;
  if (!drawn || !box?.width || !drawn.checkVisibility()) return null; // a mode with a pane of its own hides the graph
  const copy = /** @type {SVGSVGElement} */ (drawn.cloneNode(true));
  dress(drawn, copy);
  copy.prepend(svg("rect", { width: box.width, height: box.height, fill: getComputedStyle(root).backgroundColor }));
  const outside = { width: box.width, height: box.height, "font-family": getComputedStyle(drawn).fontFamily };
  for (const [name, value] of Object.entries(outside)) copy.setAttribute(name, String(value));
  copy.removeAttribute("style");
  return { text: `${new XMLSerializer().serializeToString(copy)}\n`, width: box.width, height: box.height };
}

/**
 * Writes the styles of every shape into its copy, and leaves out what is not seen. The two trees are walked side by side.
 * @param {Element} drawn
 * @param {Element} copy
 */
function dress(drawn, copy) {
  const pairs = /** @type {[Element, Element][]} */ ([[drawn, copy]]);
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [from, to] = pair;
    const style = getComputedStyle(from);
    if (style.display === "none") {
      to.remove();
      continue;
    }
    if (from.childElementCount === 0) {
      for (const [name, usual] of Object.entries(STYLED)) {
        const value = style.getPropertyValue(name);
        if (value !== usual && (from.localName === "text" || !/^(font|text)/.test(name))) to.setAttribute(name, value);
      }
    }
    const copies = [...to.children];
    [...from.children].forEach((child, n) => pairs.push([child, copies[n]]));
  }
}

/**
 * The picture as PNG.
 * @param {Picture} picture
 * @returns {Promise<Blob>}
 */
export async function pixelsOf({ text, width, height }) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
