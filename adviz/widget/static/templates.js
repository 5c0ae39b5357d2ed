// Templates: the texts and formulas of a kind of variable or step, with places for what takes part. adviz/views/kinds.py writes them.

import { aRecord, anInteger, listOf, oneOf, refuse } from "./check.js";
import { ARITY, TOKENS } from "./math.js";
import { aQuantity } from "./quantity.js";

/** @typedef {import("./document.js").Math} Formula */
/** @typedef {import("./document.js").Reference} Reference */
/** @typedef {import("./document.js").Symbols} Symbols */
/** @typedef {string | (string | any[])[]} Text */
/** Which roles a template speaks of: as variables, as constants, as operands with a partial.
 * @typedef {{variables: Set<number>, constants: Set<number>, partials: Set<number>}} Roles */
/** What a template is filled from. @typedef {{symbol: (role: number) => Symbols, plain: (role: number) => string, name: () => string,
 *   reference: (reference: any[]) => Reference}} Filling */

const OWN_ROLE = -1;
const DEEPEST_TEMPLATE = 64;
const TEXT_NAMES = ["text", "dot_text", "bar_text"];
const LOWERED = "₀₁₂₃₄₅₆₇₈₉";

/** @returns {Roles} */
export function noRoles() {
  return { variables: new Set(), constants: new Set(), partials: new Set() };
}

/**
 * Checks of templates that note which roles they speak of.
 * @param {Roles} roles
 */
export function templateChecks(roles) {
  /** @type {import("./check.js").Check} */
  const role = (value, place) => {
    if (!Number.isSafeInteger(value) || value < OWN_ROLE) refuse(place, "a role", value);
  };
  /** @type {import("./check.js").Check} */
  const variable = (value, place) => {
    role(value, place);
    if (value !== OWN_ROLE) roles.variables.add(value);
  };
  /** @type {import("./check.js").Check} */
  const part = (value, place) => {
    if (typeof value === "string") return;
    const [what, who] = Array.isArray(value) ? value : [];
    if (what === "plain") {
      role(who, `${place}[1]`);
      if (who !== OWN_ROLE) roles.constants.add(who);
    } else if (TEXT_NAMES.includes(what)) variable(who, `${place}[1]`);
    else if (what !== "name") refuse(place, "a part of a text", value);
  };
  /** @type {import("./check.js").Check} */
  const text = (value, place) => (typeof value === "string" ? undefined : listOf(part)(value, place));
  /** @type {import("./check.js").Check} */
  const reference = (value, place) => {
    const [kind, who] = Array.isArray(value) ? value : [];
    if (kind === "value" || kind === "derivative") variable(who, `${place}[1]`);
    else if (kind === "partial" || kind === "constant") {
      anInteger(who, `${place}[1]`);
      roles[kind === "partial" ? "partials" : "constants"].add(who);
    } else if (kind === "step") oneOf([0, -1])(who, `${place}[1]`);
    else if (kind === "number") aQuantity(who, `${place}[1]`);
    else refuse(place, "a reference to a number", value);
  };
  /** @type {(value: any, place: string, depth: number) => void} */
  const math = (value, place, depth) => {
    if (typeof value === "string") return;
    if (!Array.isArray(value)) {
      if (value?.text !== undefined) return text(value.text, `${place}.text`);
      if (value?.symbol === undefined) return aRecord({ slot: reference })(value, place);
      oneOf(["math", "dot", "bar"])(value.symbol, `${place}.symbol`);
      return variable(value.of, `${place}.of`);
    }
    const [tag, ...children] = value;
    const arity = ARITY.get(tag);
    if (arity === undefined || depth > DEEPEST_TEMPLATE || (arity !== null && arity !== children.length)) refuse(place, "a formula", value);
    for (let i = 0; i < children.length; i++) {
      const nested = Array.isArray(children[i]) || children[i]?.symbol !== undefined;
      if (TOKENS.has(tag) && nested) refuse(`${place}[${i + 1}]`, "a text", children[i]);
      math(children[i], `${place}[${i + 1}]`, depth + 1);
    }
  };
  /** @type {import("./check.js").Check} */
  const formula = (value, place) => math(value, place, 0);
  /** @type {import("./check.js").Check} */
  const say = (value, place) => {
    if (!Array.isArray(value) || !value.length) refuse(place, "a sentence", value);
    text(value[0], `${place}[0]`);
    for (let n = 1; n < value.length; n++) reference(value[n], `${place}[${n}]`);
  };
  return { text, formula, say };
}

/**
 * @param {Text} template
 * @param {Filling} filling
 * @returns {string}
 */
export function fillText(template, filling) {
  if (typeof template === "string") return template;
  return template.map((part) => {
    if (typeof part === "string") return part;
    const [what, role] = part;
    if (what === "name") return filling.name();
    return what === "plain" ? filling.plain(role) : filling.symbol(role)[/** @type {"text"} */ (what)];
  }).join("");
}

/**
 * @param {any} template
 * @param {Filling} filling
 * @returns {Formula}
 */
export function fillFormula(template, filling) {
  if (typeof template === "string") return template;
  if (Array.isArray(template)) return /** @type {Formula} */ (template.map((child, n) => (n ? fillFormula(child, filling) : child)));
  if (template.text !== undefined) return fillText(template.text, filling);
  if (template.symbol !== undefined) return filling.symbol(template.of)[/** @type {"math"} */ (template.symbol)];
  return { ...template, slot: filling.reference(template.slot) };
}

/**
 * The names of v_i.
 * @param {number} i
 * @returns {Symbols}
 */
export function symbolOf(i) {
  const digits = (i < 0 ? "₋" : "") + Array.from(String(Math.abs(i)), (digit) => LOWERED[Number(digit)]).join("");
  /** @type {Formula} */
  const below = i < 0 ? ["mrow", ["mo", "−"], ["mn", String(-i)]] : ["mn", String(i)];
  return {
    text: `v${digits}`, math: ["msub", ["mi", "v"], below], dot: ["msub", ["mi", "𝑣\u0307"], below], bar: ["msub", ["mi", "𝑣\u0304"], below],
    dot_text: `v\u0307${digits}`, bar_text: `v\u0304${digits}`,
  };
}

/**
 * A constant in a sentence: six significant figures at most, as Python's "g" writes them, which sends exact ties to the even digit.
 * @param {number} x
 */
export function inSentence(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  const [, kept, rest] = /^(-?\d\.\d{5})(\d*)/.exec(x.toExponential(40)) ?? [];
  const isTie = /^50*$/.test(rest) && Number(kept[kept.length - 1]) % 2 === 0;
  const rounded = isTie ? Number(`${kept}${x.toExponential(40).replace(/^[^e]*/, "")}`) : x;
  const [digits, power] = rounded.toExponential(5).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return withoutZeros(rounded.toFixed(Math.max(5 - exponent, 0)));
  return `${withoutZeros(digits)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** @param {string} digits */
function withoutZeros(digits) {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}
