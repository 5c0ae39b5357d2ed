import assert from "node:assert/strict";
import { test } from "node:test";

import { formulaOf, rulesOf } from "../../adviz/widget/static/evaluate.js";
import { FUNCTIONS, functionsOf } from "../../adviz/widget/static/functions.js";
import { followed, numbersOnly } from "../../adviz/widget/static/paths.js";
import { halfRange, rounded } from "../../adviz/widget/static/sliders.js";

test("a tree is computed as it reads", () => {
  const formula = formulaOf(["/", ["neg", ["v"]], ["**", ["b"], ["number", 2]]]);
  assert.equal(formula(7, 3, 18), -2);
  assert.equal(formulaOf(["call", "maximum", ["a"], ["name", "pi"]])(1, NaN, NaN), Math.PI);
  assert.ok(Object.is(formulaOf(["*", ["a"], ["number", -1]])(0, NaN, NaN), -0));
});

test("what is no tree is refused, and nothing of JavaScript is reached by a name", () => {
  const wrong = [
    null, "a", [], ["x"], ["a", 1], ["number", "2"], ["number"], ["name", "constructor"], ["call", "constructor", ["a"]], ["call", "toString", ["a"]],
    ["call", "__proto__", ["a"]], ["call", "sin"], ["+", ["a"]], ["^", ["a"], ["b"]], ["neg"], ["call", "sin", ["a"], ["b"], ["a"]], { 0: "a" },
  ];
  for (const tree of wrong) assert.throws(() => formulaOf(tree), RangeError, JSON.stringify(tree));
  for (const tree of wrong.slice(1)) assert.throws(() => rulesOf({ odd: { value: tree, partials: [] } }), /rows\.odd/);
});

test("a row may call another that stands after it", () => {
  const rules = rulesOf({
    softsign: { value: ["/", ["a"], ["call", "size", ["a"]]], partials: [["/", ["number", 1], ["call", "size", ["a"]]]] },
    size: { value: ["+", ["number", 1], ["call", "abs", ["a"]]], partials: [null] },
  });
  assert.equal(rules.get("softsign").value(-3, NaN, NaN), -0.75);
  assert.equal(rules.get("softsign").partials[0](-3, NaN, NaN), 0.25);
});

test("an array operation has no rule", () => {
  assert.equal(rulesOf({ sum: { value: null, partials: [] } }).has("sum"), false);
});

test("flows that meet no infinity are the same numbers whether they are followed or not", () => {
  for (const seed of [1, -2.5, 1e-300]) {
    for (const partials of [[2, 3], [0, -1], [-0, 5], [1e200, 1e200]]) {
      const read = ({ start, pass, add, read: number }) => number(add(pass(start(seed), partials[0]), pass(start(seed), partials[1])));
      assert.ok(Object.is(read(followed), read(numbersOnly)));
    }
    assert.equal(followed.start(0), null);
    assert.equal(numbersOnly.start(-0), null);
  }
});

test("0 on a path with infinity is nan in either order, and a path of infinity alone keeps its sign", () => {
  const along = (...partials) => followed.read(partials.reduce(followed.pass, followed.start(-2)));
  assert.deepEqual([along(0, Infinity), along(Infinity, 0), along(Infinity, -3), along(-Infinity, 1e-320), along(NaN, 0)], [NaN, NaN, Infinity, Infinity, NaN]);
  assert.equal(followed.read(followed.add(followed.pass(followed.start(1), Infinity), followed.pass(followed.start(1), -Infinity))), NaN);
});

test("functions that are computed with twice the digits have their exact values", () => {
  assert.deepEqual([3, 5, -1, 22].map((n) => FUNCTIONS.log10(10 ** n)), [3, 5, -1, 22]);
  assert.deepEqual([FUNCTIONS.hypot(3, -4), FUNCTIONS.hypot(1e300, 1e300), FUNCTIONS.hypot(5e-324, 0), FUNCTIONS.hypot(NaN, -Infinity)], [5, Math.SQRT2 * 1e300, 5e-324, Infinity]);
  assert.deepEqual([FUNCTIONS.cosh(0), FUNCTIONS.cosh(-Infinity), FUNCTIONS.sinh(-Infinity), FUNCTIONS.cosh(710.4757)], [1, Infinity, -Infinity, 1.7974053940626668e308]);
  assert.ok(Object.is(FUNCTIONS.sinh(-0), -0));
});

test("helper functions are composed of the library that is given", () => {
  const { sech, unit } = functionsOf({ ...FUNCTIONS, cosh: () => 4, hypot: () => 2 });
  assert.deepEqual([sech(1), unit(6, 0)], [0.25, 3]);
});

test("a slider reaches 1, 2 or 5 times a power of ten on either side", () => {
  assert.deepEqual([0, 2, -5, 0.3, 100, 101, 7e-9, 3].map(halfRange), [1, 2, 5, 0.5, 100, 200, 1e-8, 5]);
  assert.equal(rounded(0.1 + 0.2), 0.3);
});
