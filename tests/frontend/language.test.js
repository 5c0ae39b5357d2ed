// A document in another language, whatever stands in its translations.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inLanguage, languagesOf, tagOf } from "../../adviz/widget/static/language.js";

const kinds = [{ spoken: "x" }, { spoken: ["log of ", ["text", 0], ", in words"] }];
const document = { language: "en", title: "f(x)", kinds, translations: { zh: { kinds: { 1: { spoken: [["text", 0], " 的对数"] } }, live: "活" } } };

test("what differs stands in the place of what is there, a text as a whole", () => {
  assert.deepEqual(inLanguage(document, "zh").kinds, [{ spoken: "x" }, { spoken: [["text", 0], " 的对数"] }]);
  assert.equal(inLanguage(document, "zh").language, "zh");
  assert.deepEqual(document.kinds, kinds);
});

test("what is not in the document is not added", () => assert.ok(!("live" in inLanguage(document, "zh"))));

test("a language that there is not leaves the document as it is", () => {
  for (const wanted of ["en", "fr", "", "__proto__", "constructor"]) assert.equal(inLanguage(document, wanted), document);
});

test("translations that are none do no harm", () => {
  for (const broken of [undefined, null, 3, "x", [], { zh: null }, { zh: 3 }]) {
    assert.equal(inLanguage({ ...document, translations: broken }, "zh").title, "f(x)");
    assert.ok(languagesOf({ ...document, translations: broken }).includes("en"));
  }
  for (const value of [null, 3, "x"]) assert.equal(inLanguage(value, "zh"), value);
});

test("languages stand in one order, whichever is the document's own", () => {
  assert.deepEqual(languagesOf(document), ["en", "zh"]);
  assert.deepEqual(languagesOf({ language: "zh", translations: { en: {} } }), ["en", "zh"]);
  assert.deepEqual(languagesOf({ language: "xx", translations: {} }), ["xx"]);
  assert.deepEqual([tagOf("zh"), tagOf("en")], ["zh-Hans", "en"]);
});
