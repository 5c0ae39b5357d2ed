import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { exact, format, parse, toJson, toNumber } from "../../adviz/widget/static/number.js";

const cases = JSON.parse(readFileSync(new URL("../fixtures/numbers.json", import.meta.url), "utf8"));

test("there are numbers to compare with", () => assert.ok(cases.length > 100));

test("every number is written as Python writes it", () => {
  for (const { x, text } of cases) assert.equal(format(toNumber(x)), text, `for ${x}`);
});

test("a field reads what a learner may type", () => {
  const typed = { "2": 2, " -2.5 ": -2.5, "−3": -3, "1e-3": 1e-3, ".5": 0.5, "5.": 5, inf: Infinity, "-∞": -Infinity };
  for (const [text, x] of Object.entries(typed)) assert.equal(parse(text), x, text);
  assert.ok(Number.isNaN(parse("nan")));
});

test("a field refuses what is no number", () => {
  for (const text of ["", " ", "x", "1,5", "0x10", "1e", "--1", "2 3", "Infinityy", "1/2"]) assert.equal(parse(text), null, text);
});

test("a number survives the way to Python and back, and a field that is committed unchanged", () => {
  for (const x of [0, -0.1, 1 / 3, 1e300, Infinity, -Infinity, NaN]) {
    assert.ok(Object.is(toNumber(toJson(x)), x));
    assert.ok(Object.is(parse(exact(x)), x));
  }
});
