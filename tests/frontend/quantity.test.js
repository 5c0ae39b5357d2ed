import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Damage } from "../../adviz/widget/static/check.js";
import { aQuantity, entryName, inBox, inFull, label, told, withEntry, written } from "../../adviz/widget/static/quantity.js";
import { wordsOf } from "../../adviz/widget/static/words.js";

const cases = JSON.parse(readFileSync(new URL("../fixtures/arrays.json", import.meta.url), "utf8"));
const words = wordsOf({
  "page.array": "an array of shape {shape}", "page.array_full": "In full, shape {shape}", "page.array_nan": "{count} of {size} are nan",
  "page.array_summary": "Shape {shape}: from {min} to {max}, mean {mean}", "page.array_all": "{summary}.", "page.array_some": "{summary}; {missing}.",
});

test("there are arrays to compare with", () => assert.ok(cases.length > 25));

test("every array is written as Python writes it", () => {
  for (const { x, ...expected } of cases) {
    const found = { line: written(x), box: inBox(x, 16), label: label(x), told: told(x, words) };
    assert.deepEqual(found, { line: expected.line, box: expected.box, label: expected.label, told: expected.told }, JSON.stringify(x));
    aQuantity(x, "x");
  }
});

const DAMAGES = [
  ["x", "much"], ["x", null], ["x", []], ["x.shape", { shape: "2", values: [1, 2] }], ["x.shape", { shape: [-1], values: [] }], ["x.shape", { shape: [1.5], values: [1] }],
  ["x.shape", { shape: Array(65).fill(1), values: [1] }], ["x.shape", { shape: [2 ** 60], values: [] }], ["x.values", { shape: [2] }], ["x.values", { shape: [2], values: [1] }],
  ["x.values[1]", { shape: [2], values: [1, "much"] }], ["x.values", { shape: [1e9, 1e9, 1e9], values: [1] }], ["x.folded", { shape: [2], values: [1, 2], folded: true }],
  ["x.folded", { shape: [9], values: [1], folded: 1 }], ["x.values", { shape: [900], values: [1, 2], folded: true }], ["x.summary.min", { shape: [900], values: [1, 2, 3], folded: true }],
];

test("a damaged array is refused by the name of its field", () => {
  for (const [field, x] of DAMAGES) {
    assert.throws(() => aQuantity(x, "x"), (error) => error instanceof Damage && error.field === field, JSON.stringify(x));
  }
});

test("in full are all entries with every digit, row by row, and nothing where the line says it all", () => {
  const matrix = { shape: [2, 3], values: [0.1, -2, 1 / 3, 4, "nan", "-inf"] };
  assert.deepEqual(inFull(matrix, words), { summary: "In full, shape (2, 3)", entries: "[[0.1 −2 0.3333333333333333]\n[4 nan −inf]]" });
  assert.deepEqual(inFull({ shape: [3], values: [1, -2, 0.5] }, words), { summary: "", entries: "" });
  assert.deepEqual(inFull({ shape: [0, 3], values: [] }, words), { summary: "", entries: "" });
});

test("of many entries there is a summary, computed here or in Python", () => {
  const values = Array.from({ length: 200 }, (_, n) => (n ? n : "nan"));
  assert.equal(inFull({ shape: [200], values }, words).summary, "Shape (200,): from 1 to 199, mean 100; 1 of 200 are nan.");
  const folded = { shape: [50, 60], values: [0.5, 1], folded: true, summary: { min: -1, max: "inf", mean: "inf", nan: 0 } };
  assert.deepEqual(inFull(folded, words), { summary: "Shape (50, 60): from −1 to ∞, mean ∞.", entries: "" });
  assert.equal(inFull({ shape: [101], values: Array(101).fill("nan") }, words).summary, "Shape (101,): from nan to nan, mean nan; 101 of 101 are nan.");
});

test("an entry has NumPy's name and is replaced in a copy", () => {
  assert.deepEqual([0, 4, 5].map((n) => entryName("W", [2, 3], n)), ["W[0, 0]", "W[1, 1]", "W[1, 2]"]);
  assert.equal(entryName("p['b']", [4], 3), "p['b'][3]");
  const x = { shape: [2], values: [1, 2] };
  assert.deepEqual([withEntry(x, 1, "inf").values, x.values], [[1, "inf"], [1, 2]]);
});
