// Builders of DOM nodes. Text enters as text and names as attributes, so that no word of a learner's is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";

/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */

/**
 * An HTML element. Attributes that are null or false are left out; true is the empty text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function html(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * @template {keyof MathMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {MathMLElementTagNameMap[K]}
 */
export function mathml(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(MATHML, tag), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 * @returns {E}
 */
function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children);
  return element;
}

/** Does it when nothing else is to be done, and at the latest in a second. @param {() => void} act */
export function whenIdle(act) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(() => act(), { timeout: 1000 });
  else setTimeout(act, 50); // Safari
}

/**
 * Touches the element only where something changes: an untouched node costs no style, layout or announcement.
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Writes a field of a form without moving its cursor where nothing changes.
 * @param {HTMLInputElement} input
 * @param {string} text
 */
export function setValue(input, text) {
  if (input.value !== text) input.value = text;
}

/** What each control carries so that the notebook's own single-key shortcuts leave it alone. */
export const FOCUSABLE = { "data-lm-suppress-shortcuts": "true" };

/** A pane that scrolls: with the mouse, by itself to what the step is about, and by keyboard where there is more than fits (scrolling.js). */
export const SCROLLS = { tabindex: -1, "data-scrolls": true, ...FOCUSABLE };

/** Outlines on a 24 x 24 field: symbol characters such as U+23EE are empty boxes on many machines. */
const ICONS = {
  first: "M6 5h2.5v14H6z M19 5v14L9.5 12z",
  previous: "M16.5 5v14L7 12z",
  play: "M8 5v14l11-7z",
  pause: "M7 5h3.5v14H7z M13.5 5H17v14h-3.5z",
  next: "M7.5 5v14l9.5-7z",
  last: "M5 5v14l9.5-7z M15.5 5H18v14h-2.5z",
};

/**
 * A decoration; the control it stands in has a name of its own.
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const path = svg("path", { d: ICONS[name] });
  return svg("svg", { class: "adviz-icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, path);
}

/**
 * @param {Element} button that holds one icon
 * @param {keyof typeof ICONS} name
 */
export function setIcon(button, name) {
  const path = button.querySelector("path");
  if (path) setAttribute(path, "d", ICONS[name]);
}
