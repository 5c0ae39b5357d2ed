import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openQuestion, readAsked, withHidden } from "../../adviz/widget/static/asked.js";
import { answerFunctions, readAnswer } from "../../adviz/widget/static/answers.js";
import { format, HIDDEN, isNumber, toNumber as numberOf } from "../../adviz/widget/static/number.js";
import { written } from "../../adviz/widget/static/quantity.js";
import { createSeal, roundedAnswer, sealedHash } from "../../adviz/widget/static/sealed.js";

// the same corpus as tests/test_answers.py
const corpus = JSON.parse(readFileSync(new URL("../fixtures/answers.json", import.meta.url), "utf8"));
const toNumber = (x) => (typeof x === "number" ? x : Number(x.replace("inf", "Infinity")));

test("every answer of the corpus is read as Python reads it", () => {
  for (const { typed, number, refused } of corpus.read) {
    const found = readAnswer(typed);
    if (refused) assert.ok("problem" in found, `${typed} was read as ${JSON.stringify(found)}`);
    else {
      assert.ok("number" in found, `${typed}: ${JSON.stringify(found)}`);
      const wanted = toNumber(number);
      assert.ok(Object.is(found.number, wanted) || Math.abs(found.number - wanted) <= 1e-14 * Math.max(Math.abs(wanted), 1), `${typed}: ${found.number}`);
    }
  }
});

test("the functions of an answer are those that Python takes", () => {
  assert.deepEqual(answerFunctions().sort(), corpus.functions.toSorted());
});

test("a text that is no answer is named by what is wrong with it, and where", () => {
  const problem = (typed) => readAnswer(typed).problem;
  assert.deepEqual([problem("5,5"), problem(" "), problem("x1+1"), problem("ln 2^2"), problem("1".repeat(201)), problem("2*")], ["comma", "empty", "names", "power", "long", "unreadable"]);
  assert.deepEqual(readAnswer("2 + * 3"), { problem: "unreadable", column: 5, said: "" });
  assert.equal(readAnswer("1 + x1").said, "x1");
});

test("numbers are rounded and hashed as Python rounds and hashes them", () => {
  for (const [x, key] of corpus.rounded) assert.equal(roundedAnswer(toNumber(x)), key);
  for (const [given, hash] of corpus.hashed) assert.equal(sealedHash(...given), hash);
});

test("a page that asks nothing has no seal, and a wish about another question changes nothing but the number of what was said", () => {
  assert.equal(createSeal(JSON.stringify({ texts: {} }), () => "en", () => assert.fail()), null);
  const question = { name: "v1.value", state: "open", tries: [], said: "", hints: [], saw: "" };
  const document = { texts: { "predict.again": "Not yet. {sentence}", "predict.unknown": "?" }, asked: { serial: 0, values: [question] }, sealed: { salt: "f", modes: { values: [{ right: [], slips: {}, sealed: "e30=" }] }, enter: "W10=" } };
  const said = [];
  const seal = createSeal(JSON.stringify(document), () => "en", (text) => said.push(JSON.parse(text)));
  seal.ask({ kind: "predict", do: "answer", mode: "values", name: "v2.value", typed: "5" });
  assert.deepEqual(said[0], { ...document, asked: { ...document.asked, serial: 1 } });
  seal.ask({ kind: "predict", do: "answer", mode: "values", name: "v1.value", typed: "5" });
  assert.deepEqual([said[1].asked.values[0].said, said[1].asked.values[0].tries], ["Not yet. ?", ["5"]]);
});

const asks = { step: 2, name: "v1.value", kind: "value", index: 1, source: null, operand: null, prompt: "?", label: "v₁ =", state: "open", tries: [], said: "", hints: [], saw: "" };

test("null is a hidden number where a document asks, and damage where it does not", () => {
  const steps = { number: [1, null], kind: [0, 0] };
  const document = { variables: { value: [2, null], partials: [null], kind: [0, 1] }, timelines: { values: { steps, seed: null, result: [null] } } };
  assert.equal(withHidden(document), document);
  const hidden = withHidden({ ...document, asked: { serial: 0 } });
  assert.deepEqual([hidden.variables.value, hidden.variables.partials, hidden.timelines.values.steps.number, hidden.timelines.values.result, hidden.timelines.values.seed], [[2, HIDDEN], [HIDDEN], [1, HIDDEN], [HIDDEN], null]);
  assert.deepEqual(steps.number, [1, null]);
  assert.ok(isNumber(HIDDEN) && !isNumber(null));
  assert.deepEqual([written(HIDDEN), format(numberOf(HIDDEN))], ["?", "nan"]);
});

test("damaged questions are named by their field", () => {
  const document = { timelines: { values: { count: 3 } } };
  assert.equal(readAsked(undefined, document), undefined);
  const asked = { serial: 0, values: [{ ...asks, state: "right" }, asks] };
  assert.equal(openQuestion(readAsked(asked, document), "values"), asks);
  assert.equal(openQuestion(asked, "reverse"), null);
  for (const wrong of [{ step: 4 }, { step: 0 }, { state: "wrong" }, { prompt: null }, { tries: [3] }, { index: "1" }, { hints: "" }]) {
    assert.throws(() => readAsked({ serial: 0, values: [{ ...asks, ...wrong }] }, document), new RegExp(`asked\\.values\\[0\\]\\.${Object.keys(wrong)[0]}`));
  }
  for (const wrong of [3, null, "", { serial: "0" }, { serial: 0, values: 3 }]) assert.throws(() => readAsked(wrong, document), /asked/);
});
