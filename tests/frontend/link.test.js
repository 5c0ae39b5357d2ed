// The address of a step: what is read from it, and what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, placeIn } from "../../adviz/widget/static/link.js";

test("a place that is written is read", () => {
  assert.deepEqual(placeIn(hashOf({ mode: "reverse", step: 9 })), { mode: "reverse", step: 9 });
  assert.deepEqual(placeIn("#step=3"), { step: 3 });
  for (const at of [[2, 3.5], [-0, 1e-7, 1e21, 0.1 + 0.2], [NaN, Infinity, -Infinity]]) {
    assert.deepEqual(placeIn(hashOf({ mode: "values", step: 0, at })), { mode: "values", step: 0, at });
  }
});

test("what is no mode and no step is left out", () => {
  for (const hash of ["", "#", "#mode=evil", "#mode=__proto__&step=-1", "#step=1e9", "#xmode=reverse", "#at=", "#at=1,,2", "#at=1;2", "#at=0x1", "#mode=reverse%22", `#${"x&".repeat(9999)}step=1`]) {
    assert.deepEqual(placeIn(hash), {}, hash);
  }
});
