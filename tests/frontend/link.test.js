// The address of a step: what is read from it, and what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, placeIn } from "../../adviz/widget/static/link.js";

test("a place that is written is read", () => {
  assert.deepEqual(placeIn(hashOf({ mode: "reverse", step: 9 })), { mode: "reverse", step: 9 });
  assert.deepEqual(placeIn("#step=3"), { step: 3 });
});

test("what is no mode and no step is left out", () => {
  for (const hash of ["", "#", "#mode=evil", "#mode=__proto__&step=-1", "#step=1e9", "#xmode=reverse", "#mode=reverse%22", `#${"x&".repeat(9999)}step=1`]) {
    assert.deepEqual(placeIn(hash), {}, hash);
  }
});
