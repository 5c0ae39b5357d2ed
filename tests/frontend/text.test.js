import assert from "node:assert/strict";
import { test } from "node:test";

import { fillSentence } from "../../adviz/widget/static/math.js";
import { offsets } from "../../adviz/widget/static/source.js";
import { wordsOf } from "../../adviz/widget/static/words.js";

test("a sentence fills its numbered slots and leaves others alone", () => {
  const lookup = ([, n]) => n / 2;
  assert.equal(fillSentence(["{0} + {1} = {2} {name}", ["step", 1], ["step", -3]], lookup), "0.5 + −1.5 = {2} {name}");
});

test("a template fills its named slots; a slot named like a method of every object stays", () => {
  const words = wordsOf({ a: "{n} of {count} {toString}" });
  assert.equal(words("a", { n: 1, count: 2 }), "1 of 2 {toString}");
  assert.equal(words("b"), "b");
  assert.equal(words("constructor"), "constructor");
});

const source = { name: "f", first_line: 7, text: "def f(x):\n    y = '𝑥é' + x\n    return (x +\n            y)" };
const cut = (position) => source.text.slice(...offsets(position, source));

test("columns count code points, lines as in the file", () => assert.equal(cut([0, 8, 8, 8, 16]), "'𝑥é' + x"));
test("a span may run over several lines", () => assert.equal(cut([0, 9, 11, 10, 14]), "(x +\n            y)"));
test("without columns the line is meant", () => assert.equal(cut([0, 9, null, 9, null]), "return (x +"));
test("a span outside of the text is empty", () => assert.ok(!(offsets([0, 3, 0, 3, 4], source)[1] > 0)));
