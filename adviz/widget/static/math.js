// Formulas, which come as data (see "Math" in adviz/views/document.py), as native MathML.

import { html, mathml, setText } from "./dom.js";
import { isArray, told, written } from "./quantity.js";

/** @typedef {import("./document.js").Math} Formula */
/** @typedef {import("./document.js").Reference} Reference */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {(reference: Reference) => Quantity} Lookup what a slot's reference stands for */

/** How many children each element of a formula has; null for any number. A tag that is not listed is refused. */
export const ARITY = new Map(
  /** @type {[string, number | null][]} */ ([
    ["mrow", null], ["mi", null], ["mn", null], ["mo", null], ["mtext", null], ["msqrt", null], ["msub", 2], ["msup", 2], ["mfrac", 2],
  ]),
);
const APPLY = "\u2061"; // function application, invisible
/** The elements that hold text. */
export const TOKENS = new Set(["mi", "mn", "mo", "mtext"]);

/**
 * One <math> element. `spoken` is what a screen reader says in its place.
 * @param {Formula} formula
 * @param {Lookup} lookup
 * @param {string | null} [spoken]
 */
export function drawMath(formula, lookup, spoken = null) {
  return mathml("math", { "aria-label": spoken }, draw(formula, lookup));
}

/**
 * A formula in pieces that a line can be broken between: one <math> for each side of a sign, the sign in front; words are words.
 * @param {Formula} formula
 * @param {Lookup} lookup
 * @param {string[]} signs
 * @returns {Element[]}
 */
export function drawBreakable(formula, lookup, signs) {
  if (!Array.isArray(formula) || formula[0] !== "mrow") return [drawMath(formula, lookup)];
  /** @type {Formula[][]} */
  const sides = [[]];
  let words = false;
  inOneRow(formula).forEach((child, n, children) => {
    const isSign = Array.isArray(child) && child[0] === "mo" && signs.includes(child[1]);
    const begins = isSign || words || isApart(children, n);
    if (begins && sides[sides.length - 1].length) sides.push([]);
    sides[sides.length - 1].push(child);
    words = isApart(children, n);
  });
  const drawn = sides.map((side) => (isWords(side[0]) ? drawWords(side[0], lookup) : drawMath(/** @type {Formula} */ (["mrow", ...side]), lookup)));
  for (const piece of drawn.slice(1)) piece.querySelector("mo")?.setAttribute("form", "infix");
  return drawn;
}

/**
 * The parts of a row, with those of the rows in it that have words after a symbol.
 * @param {Formula} formula
 * @returns {Formula[]}
 */
function inOneRow(formula) {
  const parts = /** @type {Formula[]} */ (/** @type {any[]} */ (formula).slice(1));
  return parts.flatMap((part) => (hasWords(part) ? inOneRow(part) : [part]));
}

/**
 * Whether words follow a symbol somewhere in a row.
 * @param {Formula} formula
 * @returns {boolean}
 */
export function hasWords(formula) {
  if (!Array.isArray(formula) || formula[0] !== "mrow") return false;
  return formula.slice(1).some((part, n, parts) => isApart(parts, n) || hasWords(part));
}

/** @param {Formula} formula */
function isWords(formula) {
  return Array.isArray(formula) && formula[0] === "mtext";
}

/**
 * @param {Formula} words
 * @param {Lookup} lookup
 */
function drawWords(words, lookup) {
  const said = /** @type {Formula[]} */ (words).slice(1).map((child) => token(child, lookup));
  return html("span", { class: "adviz-words" }, ` ${said.join("")} `);
}

/**
 * The document was checked when it was loaded: tags, numbers of children and depth are as they should be.
 * @param {Formula} formula
 * @param {Lookup} lookup
 * @returns {Element}
 */
function draw(formula, lookup) {
  if (typeof formula === "string") return mathml("mtext", {}, formula);
  if (!Array.isArray(formula)) return drawSlot(formula, lookup);
  const [tag, ...children] = formula;
  const name = /** @type {keyof MathMLElementTagNameMap} */ (tag);
  if (TOKENS.has(tag)) return drawToken(name, children, lookup);
  const drawn = children.flatMap((child, n) => [...(isApart(children, n) ? [mathml("mtext", {}, "\u00a0")] : []), draw(child, lookup)]);
  if (tag === "mrow") drawn.forEach((child, n) => space(child, drawn[n - 1], drawn[n + 1]));
  return mathml(name, {}, ...drawn);
}

/** How a drawn element is brought up to date when its numbers change. @type {WeakMap<Element, () => void>} */
const updates = new WeakMap();

/**
 * @param {{slot: Reference, tight?: boolean}} slot
 * @param {Lookup} lookup
 * @returns {Element}
 */
function drawSlot({ slot, tight }, lookup) {
  let quantity = lookup(slot);
  const element = drawQuantity(quantity, tight === true);
  updates.set(element, () => {
    const now = lookup(slot);
    if (Object.is(now, quantity)) return;
    quantity = now;
    const digits = written(now);
    if (element.localName === "mn" && !(tight && digits.startsWith("−"))) setText(element, digits);
    else replaceMath(element, drawSlot({ slot, tight }, lookup));
  });
  return element;
}

/**
 * @param {keyof MathMLElementTagNameMap} name
 * @param {Formula[]} children
 * @param {Lookup} lookup
 * @returns {Element}
 */
function drawToken(name, children, lookup) {
  const said = () => children.map((child) => token(child, lookup)).join("");
  const element = mathml(name, {}, said());
  if (children.some((child) => typeof child !== "string")) updates.set(element, () => setText(element, said()));
  return element;
}

/**
 * Writes the numbers of every formula under an element anew, where they have changed.
 * @param {Element} root
 */
export function redrawNumbers(root) {
  for (const element of root.querySelectorAll("mn, mrow, mtext, mi, mo")) updates.get(element)?.();
}

/** @param {Element} element @param {Element} next */
function replaceMath(element, next) {
  const before = element.previousElementSibling;
  element.replaceWith(next);
  if (before) respace(before, next);
}

/** @param {Element} before @param {Element} element */
function respace(before, element) {
  if (before.textContent !== APPLY) return;
  before.removeAttribute("rspace");
  space(before, before.previousElementSibling ?? undefined, element);
}

/**
 * Whether a space stands in front of a child: in front of words that follow a symbol.
 * @param {Formula[]} children
 * @param {number} n
 */
function isApart(children, n) {
  const before = children[n - 1];
  return n > 0 && isWords(children[n]) && !(Array.isArray(before) && before[0] === "mo");
}

/**
 * What browsers leave to the author: a thin space between a function and a bare argument ("ln x"), and no space after
 * a sign that has no left operand ("(−1)").
 * @param {Element} child
 * @param {Element | undefined} before
 * @param {Element | undefined} after
 */
function space(child, before, after) {
  if (child.localName !== "mo") return;
  const opens = (/** @type {Element | undefined} */ element) => element?.textContent?.startsWith("(");
  if (child.textContent === APPLY && !opens(after)) child.setAttribute("rspace", "0.17em");
  if (child.textContent === "−" && before?.localName === "mo" && before.textContent !== ")") child.setAttribute("form", "prefix");
}

/**
 * @param {Formula} child
 * @param {Lookup} lookup
 */
function token(child, lookup) {
  if (typeof child === "string") return child;
  return Array.isArray(child) ? "" : written(lookup(child.slot));
}

/**
 * @param {Quantity} quantity
 * @param {boolean} tight whether a negative number stands in parentheses
 */
function drawQuantity(quantity, tight) {
  const digits = written(quantity);
  if (isArray(quantity) && quantity.shape.length) return mathml("mn", {}, digits); // mtext counts as space
  const number = mathml("mn", {}, digits);
  if (!tight || !digits.startsWith("−")) return number;
  return mathml("mrow", {}, mathml("mo", {}, "("), number, mathml("mo", {}, ")"));
}

/**
 * A sentence with its slots filled: {0}, {1}, ... are the numbers of the references that follow it.
 * @param {[string, ...Reference[]]} say
 * @param {Lookup} lookup
 * @param {import("./words.js").Words} [words]
 * @returns {string}
 */
export function fillSentence([template, ...references], lookup, words = (key) => key) {
  return template.replace(/\{(\d{1,4})\}/g, (slot, n) => (n in references ? told(lookup(references[n]), words) : slot));
}
