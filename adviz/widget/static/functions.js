// The functions that a row's formula may call, on plain numbers: what adviz/kernels.py computes, here with JavaScript's Math. Which row has
// which slope is not known here: that is the document's. A test holds each to Python's within one unit in the last place (ulp).
//
// Math of V8 is within 1 ulp of the C library's, but for cosh, sinh and log10 (2 ulp) and hypot (2 ulp): these are computed with twice the
// digits. (cbrt differs by 3: there the C library is off by 2.7 ulp, V8 by 0.7.)

/** @typedef {(a: number, b: number) => number} Operation of one operand or two */

const LN2 = Math.LN2;
const LN2_HIGH = 0.6931471803691238; // 33 bits: a product with an exponent is exact
const LN2_LOW = 1.9082149292705877e-10;
const LN2_REST = -1.1612227229362533e-26;
const LN10 = [2.302585092994046, -2.1707562233822494e-16];
const SPLIT = 134217729; // 2^27 + 1
const HALVINGS = 8;
const TERMS = 8; // of the exponential series: (ln 2 / 2^9)^8 / 8! < 1e-27
const HUGE = 709;

/** x + y = s + e without an error. @param {number} x @param {number} y @returns {[number, number]} s, e */
function sumOf(x, y) {
  const s = x + y;
  const t = s - x;
  return [s, x - (s - t) + (y - t)];
}

/** x y = p + e without an error. @param {number} x @param {number} y @returns {[number, number]} p, e */
function productOf(x, y) {
  const p = x * y;
  const c = SPLIT * x;
  const d = SPLIT * y;
  const [xHigh, yHigh] = [c - (c - x), d - (d - y)];
  const [xLow, yLow] = [x - xHigh, y - yHigh];
  return [p, xLow * yLow - (p - xHigh * yHigh - xLow * yHigh - xHigh * yLow)];
}

/** @typedef {[number, number]} Pair a number as the sum of two: about 100 bits */

/** @param {Pair} x @param {Pair} y @returns {Pair} */
function plus(x, y) {
  const [s, e] = sumOf(x[0], y[0]);
  return sumOf(s, e + x[1] + y[1]);
}

/** @param {Pair} x @param {Pair} y @returns {Pair} */
function times(x, y) {
  const [p, e] = productOf(x[0], y[0]);
  return sumOf(p, e + x[0] * y[1] + x[1] * y[0]);
}

/** @param {Pair} x @param {Pair} y @returns {Pair} */
function over(x, y) {
  const q = x[0] / y[0];
  const [p, e] = productOf(q, y[0]);
  return sumOf(q, (x[0] - p - e + x[1] - q * y[1]) / y[0]);
}

/**
 * e^x = pair · 2^k, |x| < 2000
 * @param {number} x
 * @returns {{pair: Pair, k: number}}
 */
function exponential(x) {
  const k = Math.round(x / LN2);
  const [high, error] = sumOf(x - k * LN2_HIGH, -k * LN2_LOW);
  const scale = 2 ** -HALVINGS;
  const r = sumOf(high * scale, (error - k * LN2_REST) * scale);
  /** @type {Pair} */
  let pair = [1, 0];
  for (let n = TERMS; n > 0; n--) pair = plus([1, 0], over(times(r, pair), [n, 0]));
  for (let n = 0; n < HALVINGS; n++) pair = times(pair, pair);
  return { pair, k };
}

/**
 * (e^x ± e^-x) / 2 for x >= 0
 * @param {number} x
 * @param {1 | -1} sign
 */
function halfSum(x, sign) {
  if (!(x < 2 * HUGE)) return x * Infinity;
  const { pair, k } = exponential(x);
  const small = over([sign, 0], pair);
  const shrunk = 2 ** (-2 * Math.min(k, 500));
  const [sum] = plus(pair, [small[0] * shrunk, small[1] * shrunk]);
  const half = 2 ** Math.floor((k - 1) / 2); // in two steps: 2^1024 is not a number
  return sum * half * 2 ** (k - 1 - Math.floor((k - 1) / 2));
}

/** @param {number} a */
function cosh(a) {
  return halfSum(Math.abs(a), 1);
}

/** @param {number} a */
function sinh(a) {
  const x = Math.abs(a);
  if (x < 1e-5) return a + (a * a * a) / 6;
  return a < 0 ? -halfSum(x, -1) : halfSum(x, -1);
}

/** ln a, corrected by one step of Newton's, over ln 10. @param {number} a @returns {number} */
function log10(a) {
  if (!(a > 0 && a < Infinity)) return Math.log(a);
  if (a < 1e-290) return log10(a * 2 ** 100) - 100 * Math.LN2 / Math.LN10;
  const y = Math.log(a);
  const { pair, k } = exponential(y);
  const scaled = a * 2 ** -Math.max(k, -1000);
  const rest = (scaled - pair[0] - pair[1]) / pair[0];
  return over(sumOf(y, rest), /** @type {Pair} */ (LN10))[0];
}

/** √(a² + b²) @param {number} a @param {number} b */
function hypot(a, b) {
  const [x, y] = [Math.max(Math.abs(a), Math.abs(b)), Math.min(Math.abs(a), Math.abs(b))];
  if (Math.abs(a) === Infinity || Math.abs(b) === Infinity) return Infinity;
  if (!(y > 0) || x > y * 2 ** 60) return x + y;
  const scale = 2 ** -Math.round(Math.log2(x));
  const square = plus(productOf(x * scale, x * scale), productOf(y * scale, y * scale));
  const h = Math.sqrt(square[0]);
  const [p, e] = productOf(h, h);
  return (h + (square[0] - p - e + square[1]) / (2 * h)) / scale;
}

/** a^b: as C has it, 1 where a is 1 or b is 0. @param {number} a @param {number} b */
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** @param {number} a */
function sign(a) {
  return a > 0 ? 1 : a < 0 ? -1 : a === 0 ? a * 0 : NaN;
}

/** The integer part of a / b and the rest, which has b's sign. @param {number} a @param {number} b @returns {[number, number]} */
function divided(a, b) {
  let rest = a % b;
  let quotient = (a - rest) / b;
  if (rest !== 0 && b < 0 !== rest < 0) {
    rest += b;
    quotient -= 1;
  } else if (rest === 0) rest = copysign(0, b);
  if (quotient === 0) return [copysign(0, a / b), rest];
  const whole = Math.floor(quotient);
  return [quotient - whole > 0.5 ? whole + 1 : whole, rest];
}

/** @param {number} a @param {number} b */
function copysign(a, b) {
  return b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a);
}

/** The nearest integer, the even one of two. @param {number} a */
function rint(a) {
  const whole = Math.floor(a);
  const rest = a - whole;
  const nearest = rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
  return nearest === 0 ? copysign(0, a) : nearest;
}

/** What the library gives, and the rows' helper functions are composed of. @typedef {typeof LIBRARY} Library */
const LIBRARY = {
  power, hypot, cosh, sinh, log10, cbrt: Math.cbrt, exp: Math.exp, exp2: (/** @type {number} */ a) => 2 ** a, expm1: Math.expm1, log: Math.log,
  log2: Math.log2, log1p: Math.log1p, sin: Math.sin, cos: Math.cos, tan: Math.tan, arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan,
  arctan2: Math.atan2, tanh: Math.tanh, arcsinh: Math.asinh, arccosh: Math.acosh, arctanh: Math.atanh,
};

/** What is exact: the same bits everywhere. @type {Record<string, Operation>} */
const EXACT = {
  divide: (a, b) => a / b, remainder: (a, b) => divided(a, b)[1], floor_divide: (a, b) => (b === 0 ? a / b : divided(a, b)[0]),
  abs: Math.abs, sqrt: Math.sqrt, sign, copysign, rint, floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, fmod: (a, b) => a % b,
  maximum: (a, b) => (a >= b || a !== a ? a : b), minimum: (a, b) => (a <= b || a !== a ? a : b),
  fmax: (a, b) => (a >= b || b !== b ? a : b), fmin: (a, b) => (a <= b || b !== b ? a : b),
  heaviside: (a, b) => (a !== a ? NaN : a === 0 ? b : a < 0 ? 0 : 1), unsigned: (a) => a + 0,
  step: (a, b) => (a > b ? 1 : a < b ? 0 : a === b ? 0.5 : NaN),
};

/**
 * All functions by name, composed of those of a library; adviz/views/live.py has the same names.
 * @param {Library} library
 * @returns {Record<string, Operation>}
 */
export function functionsOf(library) {
  return { ...EXACT, ...library, ...limits(library), ...slopes(library) };
}

/** Functions that plain formulas cannot say where they overflow. @param {Library} library @returns {Record<string, Operation>} */
function limits({ exp, exp2, cosh, log1p, sin }) {
  const logOfSum = (/** @type {(d: number) => number} */ more, /** @type {number} */ same) => (/** @type {number} */ a, /** @type {number} */ b) =>
    a === b ? a + same : a > b ? a + more(b - a) : b > a ? b + more(a - b) : NaN;
  return {
    logaddexp: logOfSum((d) => log1p(exp(d)), LN2),
    logaddexp2: logOfSum((d) => log1p(exp2(d)) * Math.LOG2E, 1),
    logistic: (a) => (a >= 0 ? 1 / (1 + exp(-a)) : exp(a) / (1 + exp(a))),
    sech: (a) => (Math.abs(a) < 710 ? 1 / cosh(a) : 2 * exp(-Math.abs(a))),
    sinc: (a) => (a !== 0 ? sin(Math.PI * a) / (Math.PI * a) : 1),
  };
}

/** Functions that only partials call, with their limits where a formula has none. @param {Library} library @returns {Record<string, Operation>} */
function slopes({ power, log, hypot, sin }) {
  /** u = πa: (cos u - sin(u) / u) / u, times π @param {number} a */
  function sincSlope(a) {
    const u = Math.PI * a;
    if (Math.abs(u) < 2.5) return Math.PI * sincSeries(u);
    return Math.PI * ((sin(u + Math.PI / 2) - sin(u) / u) / u);
  }
  /** a^b ln a; its limit at a = 0 @param {number} a @param {number} b */
  const timesLog = (a, b) => (a === 0 && b > 0 ? 0 : power(a, b) * log(a));
  /** A term whose coefficient is 0 is 0. @param {number} coefficient @param {number} u */
  const term = (coefficient, u) => (coefficient !== 0 ? coefficient * u : 0);
  return {
    unit: (a, b) => (hypot(a, b) !== 0 ? a / hypot(a, b) : a * 0),
    power_slope: (a, b) => (b !== 0 ? b * power(a, b - 1) : 0),
    power_log: (a, b) => (a < 0 ? NaN : 0 + timesLog(a, b)),
    power_2_0: (a, b) => 0 + term((b - 1) * b, power(a, b - 2)),
    power_1_1: (a, b) => (a < 0 ? NaN : 0 + term(b, timesLog(a, b - 1)) + term(b * 0 + 1, power(a, b - 1))),
    power_0_2: (a, b) => (a < 0 ? NaN : a === 0 && b > 0 ? 0 : 0 + power(a, b) * power(log(a), 2)),
    sinc_slope: sincSlope,
  };
}

/** Σ (-1)^m 2m u^(2m-1) / (2m+1)!, until a term no longer counts. @param {number} u */
function sincSeries(u) {
  let [term, m, exponent, total] = [-u / 3, 1, 1, 0];
  while (total + term !== total) {
    total += term;
    term *= ((-u * u) / ((exponent + 1) * (exponent + 2)) * (2 * m + 1)) / (2 * m + 3);
    exponent += 2;
    m += 1;
  }
  return total;
}

export const FUNCTIONS = functionsOf(LIBRARY);
