import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Damage } from "../../adviz/widget/static/check.js";
import { besideIn } from "../../adviz/widget/static/columns.js";
import { read } from "../../adviz/widget/static/document.js";
import { inSentence } from "../../adviz/widget/static/templates.js";

const file = (name) => JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"));
const TEXTS = { "page.array": "an array of shape {shape}" };
const PAIRS = { numbers: ["running_columns", "running"], arrays: ["array_columns", "array_document"] };
const columnsOf = (name) => ({ ...file(PAIRS[name][0]), texts: TEXTS });
const plain = (value) => JSON.parse(JSON.stringify(value, (_, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x)));

for (const [name, [columns, listed]] of Object.entries(PAIRS)) {
  test(`every variable, step and term of the columns of ${name} is what Python wrote down`, () => {
    const found = read(JSON.stringify({ ...file(columns), texts: TEXTS }));
    const wanted = file(listed);
    assert.deepEqual(wanted.variables.map(({ index }) => plain(found.variable(index))), wanted.variables);
    assert.deepEqual(plain(found.variables), wanted.variables);
    for (const [mode, timeline] of Object.entries(wanted.timelines)) {
      const own = found.timelines[mode];
      assert.deepEqual(timeline.steps.map((_, n) => plain(own.step(n + 1))), timeline.steps);
      assert.deepEqual(wanted.variables.map(({ index }) => plain(own.cell(index))), timeline.cells);
      assert.deepEqual(plain(own.known), timeline.known);
      timeline.steps.forEach((step, n) =>
        assert.deepEqual([own.kind(n + 1), own.index(n + 1), own.source(n + 1), own.operand(n + 1), own.final(n + 1)],
          [step.kind, step.index, step.source, step.operand, step.final]));
    }
  });

  test(`a document of ${name} as whole lists answers as one of columns does`, () => {
    const [one, other] = [read(JSON.stringify(columnsOf(name))), read(JSON.stringify({ ...file(listed), texts: TEXTS }))];
    for (const mode of Object.keys(one.timelines)) {
      for (let i = one.first; i < one.first + one.count; i++) {
        assert.deepEqual(Array.from(one.timelines[mode].about(i)), Array.from(other.timelines[mode].about(i)));
        assert.deepEqual(plain(one.variable(i)), plain(other.variable(i)));
      }
    }
  });

  test(`whatever one field of the columns of ${name} is replaced by, they are read and expanded, or refused by name`, () => {
    const document = columnsOf(name);
    Object.assign(document, { texts: {}, graph: null, graph_missing: "", rows: {} }); // checked by other tests
    for (const path of pathsOf(document)) {
      const owner = path.slice(0, -1).reduce((node, key) => node[key], document);
      const whole = owner[path.at(-1)];
      for (const value of [null, -1, 7, "x", [[]], { slot: 3 }, [["value", 9]]]) {
        owner[path.at(-1)] = value;
        refusedOrExpanded(document);
      }
      owner[path.at(-1)] = whole;
    }
    assert.equal(refused(document), null);
  });
}

function refusedOrExpanded(document) {
  try {
    const found = read(JSON.stringify(document));
    found.variables.forEach((variable) => plain(variable));
    Object.values(found.timelines).forEach((timeline) => [plain(timeline.steps), plain(timeline.cells)]);
  } catch (error) {
    assert.ok(error instanceof Damage, String(error.stack));
  }
}

/** Every field, of each list its first and last entry. */
function pathsOf(node, path = []) {
  if (typeof node !== "object" || node === null || path.length > 7) return [];
  const keys = Array.isArray(node) ? [...new Set([0, node.length - 1])].filter((n) => n >= 0 && n < node.length) : Object.keys(node);
  return keys.flatMap((key) => [[...path, key], ...pathsOf(node[key], [...path, key])]);
}

const refused = (document) => {
  try {
    read(JSON.stringify(document));
  } catch (error) {
    assert.ok(error instanceof Damage, String(error));
    return error.field;
  }
  return null;
};

const DAMAGES = [
  ["version", (d) => (d.version = 3)],
  ["kinds[1].definition", (d) => (d.kinds[1].definition = ["script", "x"])],
  ["kinds[1].definition[3].of", (d) => (d.kinds[1].definition[3].of = "a")],
  ["kinds[1]", (d) => (d.kinds[1].definition[3].of = 1)],
  ["kinds[2].partials", (d) => d.kinds[2].partials.pop()],
  ["variables.kind[2]", (d) => (d.variables.kind[2] = 9)],
  ["variables.operands[0]", (d) => (d.variables.operands[0] = 5)],
  ["variables.operands", (d) => d.variables.operands.pop()],
  ["variables.value[3]", (d) => (d.variables.value[3] = "much")],
  ["variables.label[2]", (d) => (d.variables.label[2] = 40)],
  ["places[0][0]", (d) => (d.places[0][0] = 7)],
  ["variables.first", (d) => (d.variables.first = 1)],
  ["inputs", (d) => d.inputs.pop()],
  ["timelines.reverse.kinds[1].say[1][1]", (d) => (d.timelines.reverse.kinds[1].say[1] = ["step", 2])],
  ["timelines.reverse.steps.index[4]", (d) => (d.timelines.reverse.steps.index[4] = 9)],
  ["timelines.reverse.steps.operand[1]", (d) => (d.timelines.reverse.steps.operand[1] = 2)],
  ["timelines.reverse.steps.kind[16]", (d) => (d.timelines.reverse.steps.kind[16] = 0)],
  ["timelines.forward.steps.number", (d) => d.timelines.forward.steps.number.push(1)],
  ["timelines.forward.seed", (d) => (d.timelines.forward.seed = [1])],
  ["constants", (d) => (d.constants = 3)],
  ["timelines", (d) => (d.timelines = {})],
];

for (const [field, damage] of DAMAGES) {
  test(`damage to ${field} of the columns is named`, () => {
    const document = columnsOf("numbers");
    damage(document);
    assert.equal(refused(document), field);
  });
}

test("columns may be bytes, in the text or beside it", () => {
  const document = columnsOf("numbers");
  const whole = read(JSON.stringify(document)).variables.map(plain);
  const values = Float64Array.from(document.variables.value);
  const kinds = Uint8Array.from(document.variables.kind);
  document.variables.value = { type: "f8", length: values.length, at: 0 };
  document.variables.kind = { type: "u1", length: kinds.length, base64: Buffer.from(kinds).toString("base64") };
  assert.deepEqual(read(JSON.stringify(document), besideIn(values.buffer)).variables.map(plain), whole);
  document.variables.value.length += 1;
  assert.throws(() => read(JSON.stringify(document), besideIn(values.buffer)), { field: "variables.value.length" });
  document.variables.value = { type: "f8", length: 7, base64: "%" };
  assert.equal(refused(document), "variables.value.base64");
});

test("numbers that are written into the store are what variables and steps say", () => {
  const document = read(JSON.stringify(columnsOf("numbers")));
  const [variable, step] = [document.variable(5), document.timelines.reverse.step(17)];
  const { values, partials, steps } = document.numbers.columns();
  document.numbers.write({ values: Array.from(values, (x) => 2 * x), partials, steps: { reverse: Array.from(steps.reverse, () => 3) }, results: { reverse: [1, 2] } });
  assert.equal(variable.value, 2 * values[6]);
  assert.equal(step.number, 3);
  assert.deepEqual(document.timelines.reverse.result, [1, 2]);
  assert.equal(document.timelines.forward.step(3).number, steps.forward[2]);
});

test("a constant in a sentence has six figures, as Python's g writes them", () => {
  const said = { 0: 0, 1: 1, "-0": -0, "0.1": 0.1, "123457": 123456.7, "1e+06": 999999.5, "1.23457e+06": 1234567, "1e-05": 1e-5, "0.0001": 1e-4, "0.333333": 1 / 3,
    "100000": 100000.5, "100002": 100001.5, "1e+22": 1e22, "-2.5": -2.5, nan: NaN, inf: Infinity, "-inf": -Infinity, "1e-300": 1e-300 };
  for (const [text, x] of Object.entries(said)) assert.equal(inSentence(x), text);
});
