// What a learner typed as a number, read without Python: numbers, pi, e, + - * / ^, parentheses and a few functions, whose single number may stand
// without parentheses (`ln 2`). adviz/answers.py reads the same; tests/fixtures/answers.json holds the two together.

import { FUNCTIONS } from "./functions.js";

/** @typedef {{kind: "number" | "call" | "name" | "operator" | "end", text: string, at: number}} Token */
/** @typedef {{text: string, binds: number, before: number, at: number}} Waiting an operator, or an opening parenthesis, that waits for its operands */
/** What was read, or where and why nothing was. @typedef {{number: number} | {problem: "empty" | "long" | "comma" | "names" | "power" | "unreadable", column: number, said: string}} Answer */

const LONGEST = 200;
const DEEPEST_ANSWER = 100;
const NARROW = new Map(Array.from("０１２３４５６７８９．，＋－＊／＾％（）", (wide, n) => [wide, "0123456789.,+-*/^%()"[n]]));
const BLANKS = new Set("\t\r\n\u00a0\u3000");
/** @type {Record<string, string>} */
const OPERATORS = { "×": "*", "·": "*", "⋅": "*", "−": "-", "÷": "/", "^": "**" };
const ANSWER_TOKEN = /([ ]+)|([0-9.]+(?:[eE][+-]?[0-9]+[0-9.]*)?)|([A-Za-z][A-Za-z0-9_]*[ ]*\()|([A-Za-z][A-Za-z0-9_]*)|(\*\*|\/\/|[-+*/%^(),×·⋅−÷])/y;
const A_NUMBER = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const A_COMMA = /[0-9０-９][ \u3000]*[,，][ \u3000]*[0-9０-９]/;
/** @type {Record<string, number>} */
const ANSWER_CONSTANTS = { pi: Math.PI, e: Math.E };
/** @type {Record<string, number>} */
const ANSWER_WORDS = { nan: NaN, inf: Infinity, infinity: Infinity, "∞": Infinity };
/** @type {Record<string, number>} how strongly an operator binds */
const BINDS = { "+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2, "**": 4 };
const [A_SIGN, A_POWER] = [3, 4];
/** @type {Record<string, keyof typeof FUNCTIONS>} */
const ROWS = {
  sin: "sin", cos: "cos", tan: "tan", asin: "arcsin", acos: "arccos", atan: "arctan", arcsin: "arcsin", arccos: "arccos", arctan: "arctan", sinh: "sinh",
  cosh: "cosh", tanh: "tanh", exp: "exp", ln: "log", log: "log", log2: "log2", log10: "log10", sqrt: "sqrt", cbrt: "cbrt", abs: "abs", hypot: "hypot",
};

/** A text that is no answer, and where. */
class Unread extends Error {
  /** @param {"names" | "power" | "unreadable"} problem @param {number} at @param {string} [said] */
  constructor(problem, at, said = "") {
    super(problem);
    this.problem = problem;
    this.at = at;
    this.said = said;
  }
}

/** The functions that an answer may call. */
export const answerFunctions = () => Object.keys(ROWS);

/** @param {string} typed @returns {Answer} */
export function readAnswer(typed) {
  if (typed.length > LONGEST) return { problem: "long", column: LONGEST, said: "" };
  const word = typed.trim().toLowerCase();
  if (!word) return { problem: "empty", column: 1, said: "" };
  const [sign, bare] = "-−－".includes(word[0]) ? [-1, word.slice(1).trim()] : [1, "+＋".includes(word[0]) ? word.slice(1).trim() : word];
  if (Object.hasOwn(ANSWER_WORDS, bare)) return { number: sign * ANSWER_WORDS[bare] };
  try {
    return { number: evaluated(typed) };
  } catch (error) {
    if (!(error instanceof Unread)) throw error;
    return { problem: A_COMMA.test(typed) ? "comma" : error.problem, column: error.at + 1, said: error.said };
  }
}

/** @param {string} typed */
function evaluated(typed) {
  const text = Array.from(typed.normalize("NFC"), (c) => (BLANKS.has(c) ? " " : (NARROW.get(c) ?? c))).join("");
  const yard = createYard();
  for (const token of applied(tokensOf(text))) yard.take(token);
  return yard.result();
}

/** @param {string} text @returns {Generator<Token>} */
function* tokensOf(text) {
  let at = 0;
  while (at < text.length) {
    ANSWER_TOKEN.lastIndex = at;
    const found = ANSWER_TOKEN.exec(text);
    if (!found) throw new Unread("unreadable", at);
    const [whole, space, digits, call, name] = found;
    if (digits !== undefined) {
      if (!A_NUMBER.test(digits) || !Number.isFinite(Number(digits))) throw new Unread("unreadable", at);
      yield { kind: "number", text: digits, at };
    } else if (call !== undefined) yield { kind: "call", text: call.replace(/[ ]*\($/, ""), at };
    else if (name !== undefined) yield { kind: "name", text: name, at };
    else if (space === undefined) yield { kind: "operator", text: OPERATORS[whole] ?? whole, at };
    at += whole.length;
  }
  yield { kind: "end", text: "", at };
}

/** `ln 2` as ln(2): a function before a number takes it, and nothing else. @param {Iterable<Token>} tokens @returns {Generator<Token>} */
function* applied(tokens) {
  /** @type {Token | null} a function before what may be its number */
  let waiting = null;
  /** @type {Token | null} that function, just after its number */
  let just = null;
  for (const token of tokens) {
    if (just && token.text === "**") throw new Unread("power", token.at, just.text);
    just = null;
    if (waiting && (token.kind === "number" || (token.kind === "name" && Object.hasOwn(ANSWER_CONSTANTS, token.text)))) {
      yield { ...waiting, kind: "call" };
      yield token;
      yield { kind: "operator", text: ")", at: token.at };
      [waiting, just] = [null, waiting];
      continue;
    }
    if (waiting) yield waiting;
    waiting = token.kind === "name" && Object.hasOwn(ROWS, token.text) ? token : null;
    if (!waiting) yield token;
  }
}

/** Dijkstra's shunting yard, on numbers. */
function createYard() {
  /** @type {number[]} */
  const operands = [];
  /** @type {Waiting[]} */
  const pending = [];
  let complete = false; // whether an operand could end here
  let depth = 0;

  /** @param {number} binds */
  function applyDownTo(binds) {
    while (pending.length && pending[pending.length - 1].binds >= binds) apply(/** @type {Waiting} */ (pending.pop()));
  }

  /** @param {Waiting} operator */
  function apply({ text, binds, before }) {
    const given = operands.splice(before);
    operands.push(binds === A_SIGN ? (text === "-" ? -given[0] : given[0]) : binary(text, given[0], given[1]));
  }

  /** @param {Token} token */
  function close(token) {
    applyDownTo(1);
    const opening = pending.pop();
    if (!opening) throw new Unread("unreadable", token.at);
    depth -= 1;
    if (!opening.text) return;
    const row = FUNCTIONS[ROWS[opening.text]];
    const given = operands.splice(opening.before);
    if (given.length !== row.length) throw new Unread("unreadable", opening.at);
    operands.push(/** @type {(...u: number[]) => number} */ (row)(...given));
  }

  /** @param {Token} token */
  function begin(token) {
    const { kind, text, at } = token;
    if (kind === "number") push(Number(text));
    else if (kind === "name") push(constant(token));
    else if (kind === "call" || text === "(") {
      if (kind === "call" && !Object.hasOwn(ROWS, text)) throw new Unread("unreadable", at);
      if (++depth > DEEPEST_ANSWER) throw new Unread("unreadable", at);
      pending.push({ text: kind === "call" ? text : "", binds: 0, before: operands.length, at });
    } else if (kind === "operator" && (text === "+" || text === "-")) pending.push({ text, binds: A_SIGN, before: operands.length, at });
    else throw new Unread("unreadable", at);
  }

  /** @param {number} x */
  function push(x) {
    operands.push(x);
    complete = true;
  }

  /** @param {Token} token */
  function goOn({ kind, text, at }) {
    if (kind === "end") {
      applyDownTo(1);
      if (pending.length) throw new Unread("unreadable", pending[pending.length - 1].at);
    } else if (text === ")") close({ kind, text, at });
    else if (text === ",") {
      applyDownTo(1);
      if (!pending.length || !pending[pending.length - 1].text) throw new Unread("unreadable", at);
      complete = false;
    } else if (kind === "operator" && Object.hasOwn(BINDS, text)) {
      applyDownTo(BINDS[text] + Number(BINDS[text] === A_POWER));
      pending.push({ text, binds: BINDS[text], before: operands.length - 1, at });
      complete = false;
    } else throw new Unread("unreadable", at);
  }

  return {
    /** @param {Token} token */
    take: (token) => (complete ? goOn(token) : begin(token)),
    result: () => operands[0],
  };
}

/** @param {Token} token */
function constant({ text, at }) {
  if (Object.hasOwn(ANSWER_CONSTANTS, text)) return ANSWER_CONSTANTS[text];
  throw new Unread(Object.hasOwn(ROWS, text) ? "unreadable" : "names", at, text);
}

/** @param {string} operator @param {number} a @param {number} b */
function binary(operator, a, b) {
  switch (operator) {
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "/": return FUNCTIONS.divide(a, b);
    case "//": return FUNCTIONS.floor_divide(a, b);
    case "%": return FUNCTIONS.remainder(a, b);
    default: return FUNCTIONS.power(a, b);
  }
}
