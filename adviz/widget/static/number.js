// How numbers are read from a document and written on the page; adviz/views/number.py follows the same rule.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** What stands for a number in a document. @typedef {number | "nan" | "inf" | "-inf" | "?"} JsonNumber */

export const HIDDEN = "?"; // a number that is asked for; null in a document

/**
 * @param {unknown} value
 * @returns {value is JsonNumber}
 */
export function isNumber(value) {
  return typeof value === "number" || value === "nan" || value === "inf" || value === "-inf" || value === HIDDEN;
}

/**
 * @param {JsonNumber} value
 * @returns {number}
 */
export function toNumber(value) {
  if (typeof value === "number") return value;
  return value === "nan" || value === HIDDEN ? NaN : value === "inf" ? Infinity : -Infinity;
}

/**
 * @param {number} x
 * @returns {JsonNumber}
 */
export function toJson(x) {
  if (Number.isFinite(x)) return x;
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

/**
 * Integers below a million in full; otherwise four significant figures, at least to the unit, ties away from zero.
 * @param {number} x
 * @returns {string}
 */
export function format(x) {
  if (Number.isNaN(x)) return "nan";
  const size = Math.abs(x);
  return (x < 0 ? "−" : "") + (size === Infinity ? "∞" : positive(size));
}

/**
 * The rounded number decides how it is written: 999999.5 is 1×10⁶, and 0.00099996 is 0.001.
 * @param {number} size
 */
function positive(size) {
  if (size === 0) return "0";
  if (size >= 1e6) return scientific(size);
  if (Number.isInteger(size)) return String(size);
  const rounded = size >= 1e3 ? size.toFixed(0) : size.toPrecision(4);
  return Number(rounded) < 1e-3 || Number(rounded) >= 1e6 ? scientific(size) : dropZeros(rounded);
}

/** @param {number} size */
function scientific(size) {
  const [digits, exponent] = size.toExponential(3).split("e");
  const power = Number(exponent);
  const raised = Array.from(String(Math.abs(power)), (digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `${dropZeros(digits)}×10${power < 0 ? "⁻" : ""}${raised}`;
}

/** @param {string} digits */
function dropZeros(digits) {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/**
 * What a learner typed into a field, or null where it is no number. The minus sign may be the real one.
 * @param {string} typed
 * @returns {number | null}
 */
export function parse(typed) {
  const text = typed.trim().toLowerCase().replace("−", "-").replace("∞", "inf");
  if (text === "nan") return NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(text);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text) ? Number(text) : null;
}

/**
 * A number as a field shows it: every digit, so that committing the field unchanged changes nothing.
 * @param {number} x
 * @returns {string}
 */
export function exact(x) {
  return String(toJson(x));
}
