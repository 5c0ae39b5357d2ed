// What the page's own evaluator says to a task of tests/test_live.py, in Node and in the browser alike. Numbers travel as their bits, so that
// nothing is lost. `library` gives what Python's functions said for the same numbers, so that everything else can be compared bit for bit.

import { read } from "../../adviz/widget/static/document.js";
import { formulaOf } from "../../adviz/widget/static/evaluate.js";
import { FUNCTIONS, functionsOf } from "../../adviz/widget/static/functions.js";
import { programOf } from "../../adviz/widget/static/program.js";

const view = new DataView(new ArrayBuffer(8));

/** @param {string} bits @returns {number} */
function fromBits(bits) {
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

/** @param {number} x @returns {string} */
function toBits(x) {
  if (Number.isNaN(x)) return "nan";
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

/** The page's functions, those in the library replaced by what Python said. @param {Record<string, Record<string, string>>} library */
function functionsWith(library) {
  const functions = { ...FUNCTIONS };
  for (const [name, known] of Object.entries(library)) {
    functions[name] = (a, b) => {
      const said = known[key(FUNCTIONS[name], [a, b])];
      if (said === undefined) throw new Error(`Python did not compute ${name}(${a}, ${b})`);
      return number(said);
    };
  }
  return functions;
}

const number = (/** @type {string} */ bits) => (bits === "nan" ? NaN : fromBits(bits));
const key = (/** @type {Function} */ f, /** @type {number[]} */ operands) => operands.slice(0, f.length).map(toBits).join(" ");

/**
 * A function that is composed of others, of which the given results are known; the others are named, to be given the next time.
 * @param {{composed: string, operands: string[][], given: Record<string, Record<string, string>>}} task
 */
function composed({ composed: name, operands, given }) {
  /** @type {[string, string][]} */
  const missing = [];
  const library = Object.fromEntries(Object.entries(FUNCTIONS).map(([own, f]) => [own, (/** @type {number[]} */ ...u) => {
    const said = given[own]?.[key(f, u)];
    if (said === undefined) missing.push([own, key(f, u)]);
    return number(said ?? "nan");
  }]));
  const f = functionsOf(/** @type {any} */ (library))[name];
  return { said: operands.map((u) => toBits(f(number(u[0]), number(u[1] ?? "nan")))), missing };
}

/** @param {any} task @returns {any} */
export function answer(task) {
  if (task.composed) return composed(task);
  if (task.names) return Object.keys(FUNCTIONS);
  if (task.function) return task.operands.map((/** @type {string[]} */ u) => toBits(FUNCTIONS[task.function](number(u[0]), number(u[1] ?? "nan"))));
  if (task.tree) {
    const formula = formulaOf(task.tree, functionsWith(task.library));
    return task.points.map((/** @type {string[]} */ u) => toBits(formula(number(u[0]), number(u[1]), number(u[2]))));
  }
  const document = read(task.document);
  const program = programOf(document, functionsWith(task.library));
  const run = program.run(task.point.map(number));
  const flipped = program.flipped(run);
  if (flipped) return { flipped: flipped.text };
  const swept = { values: program.values(run), forward: program.forward(run, task.seeds.forward.map(number)), reverse: program.reverse(run, task.seeds.reverse.map(number)) };
  return {
    values: Array.from(run.values, toBits), partials: run.partials.map((p) => (p === null ? null : toBits(p))),
    steps: Object.fromEntries(Object.entries(swept).map(([mode, each]) => [mode, each && Array.from(each.steps, toBits)])),
    results: Object.fromEntries(Object.entries(swept).map(([mode, each]) => [mode, each && each.result.map(toBits)])),
  };
}
