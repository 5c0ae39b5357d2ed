import assert from "node:assert/strict";
import { test } from "node:test";

import { Damage } from "../../adviz/widget/static/check.js";
import { read } from "../../adviz/widget/static/document.js";
import { sample, sampleOfArrays } from "./sample.js";

const refused = (document) => {
  try {
    read(typeof document === "string" ? document : JSON.stringify(document));
  } catch (error) {
    assert.ok(error instanceof Damage, String(error));
    return error.field;
  }
  return null;
};

test("the sample document is whole", () => assert.equal(refused(sample()), null));

test("what is no document is refused by name", () => {
  assert.equal(refused("{"), "document");
  assert.equal(refused("[]"), "");
  assert.equal(refused("{}"), "format");
  assert.equal(refused({ ...sample(), version: 3 }), "version");
});

const DAMAGES = [
  ["variables[2].value", (d) => (d.variables[2].value = "much")],
  ["variables[2].operands[0].ref", (d) => (d.variables[2].operands[0].ref = 99)],
  ["variables[1].index", (d) => (d.variables[1].index = -1)],
  ["variables[2].definition", (d) => (d.variables[2].definition = ["script", "alert(1)"])],
  ["variables[2].position[0]", (d) => (d.variables[2].position[0] = 7)],
  ["outputs[0]", (d) => (d.outputs[0] = 6)],
  ["output_names", (d) => (d.output_names = [])],
  ["timelines.reverse.steps[4].kind", (d) => (d.timelines.reverse.steps[4].kind = "guess")],
  ["timelines.reverse.steps[4].index", (d) => delete d.timelines.reverse.steps[4].index],
  ["timelines.reverse.steps[9].say[1]", (d) => (d.timelines.reverse.steps[9].say[1] = ["step", 18])],
  ["timelines.forward.seed", (d) => (d.timelines.forward.seed = [1])],
  ["timelines.reverse.cells", (d) => d.timelines.reverse.cells.pop()],
  ["timelines", (d) => (d.timelines = {})],
  ["graph.nodes[3].x", (d) => (d.graph.nodes[3].x = null)],
  ["graph.edges[0].from", (d) => (d.graph.edges[0].from = "a")],
  ["graph_missing", (d) => (d.graph = null)],
  ["texts.page.play", (d) => (d.texts = { "page.play": 3 })],
];

for (const [field, damage] of DAMAGES) {
  test(`damage to ${field} is named`, () => {
    const document = sample();
    damage(document);
    assert.equal(refused(document), field);
  });
}

const ARRAY_DAMAGES = [
  ["inputs[0].value.values", (d) => d.inputs[0].value.values.pop()],
  ["variables[0].value.shape", (d) => (d.variables[0].value.shape = [2, -3])],
  ["variables[9].operands[0].number.values[2]", (d) => (d.variables[9].operands[0].number.values[2] = "much")],
  ["variables[9].definition.slot", (d) => (d.variables[9].definition[1].slot = ["operand", 7, 1])],
  ["variables[9].partials[1].values", (d) => delete d.variables[9].partials[1].values],
  ["variables[3].sentence", (d) => (d.variables[3].sentence = 3)],
  ["timelines.reverse.seed[1].values", (d) => d.timelines.reverse.seed[1].values.push(0)],
  ["timelines.reverse.result[0].shape", (d) => (d.timelines.reverse.result[0] = { shape: 6, values: [] })],
  ["graph.leaves[1].number.values", (d) => (d.graph.leaves[1].number = { shape: [3], values: [1] })],
];

test("the sample document with arrays is whole", () => assert.equal(refused(sampleOfArrays()), null));

for (const [field, damage] of ARRAY_DAMAGES) {
  test(`damage to ${field} is named`, () => {
    const document = sampleOfArrays();
    damage(document);
    assert.equal(refused(document), field);
  });
}

for (const [name, take] of Object.entries({ numbers: sample, arrays: sampleOfArrays })) {
  test(`whatever one field is replaced by, a document of ${name} is read or refused by name`, () => replaceEach(take()));
}

/** Puts something else into every field, one after the other. */
function replaceEach(document) {
  document.texts = {};
  for (const path of pathsOf(document)) {
    const owner = path.slice(0, -1).reduce((node, key) => node[key], document);
    const whole = owner[path.at(-1)];
    for (const value of [null, -1, "x", [[]], { slot: 3 }]) {
      owner[path.at(-1)] = value;
      refused(document);
    }
    owner[path.at(-1)] = whole;
  }
  assert.equal(refused(document), null);
}

/** Every field of the document, of each list its last entry. */
function pathsOf(node, path = []) {
  if (typeof node !== "object" || node === null || path.length > 4) return [];
  const keys = Array.isArray(node) ? (node.length ? [node.length - 1] : []) : Object.keys(node);
  return keys.flatMap((key) => [[...path, key], ...pathsOf(node[key], [...path, key])]);
}
