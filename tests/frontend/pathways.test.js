import assert from "node:assert/strict";
import { test } from "node:test";

import { network, toldCount } from "../../adviz/widget/static/pathways.js";

/** A document whose v_i has these operands; v_0 is the input. */
function graphOf(...operands) {
  const variables = [[], ...operands].map((refs) => ({ row: "add", operands: refs.map((ref) => ({ ref })), flows: refs.map(() => true) }));
  return { first: 0, count: variables.length, operation: (i) => variables[i], rows: { add: { value: ["+", ["a"], ["b"]] } } };
}

/** Diamonds in a row: every second variable is reached on two ways from the one before. */
const diamonds = (count) => graphOf(...Array.from({ length: count }, (_, k) => [[3 * k], [3 * k], [3 * k + 1, 3 * k + 2]]).flat());

test("a path is counted for each way through, also where an operand occurs twice", () => {
  assert.equal(network(diamonds(20)).count(0, 60), 1_048_576n);
  assert.equal(network(graphOf([0, 0], [1, 1])).count(0, 2), 4n);
  assert.equal(network(graphOf([0], [0])).count(1, 2), 0n);
  assert.equal(network(graphOf([0])).count(1, 1), 1n);
});

test("the listed paths are as many as are counted, each from end to end along edges of the trace", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 50; round++) {
    const document = graphOf(...Array.from({ length: 9 }, (_, k) => Array.from({ length: 1 + random(2) }, () => random(k + 1))));
    const paths = network(document);
    for (const from of [0, 2, 5]) {
      const found = paths.list(from, 9);
      assert.equal(BigInt(found.length), paths.count(from, 9));
      assert.equal(new Set(found.map(({ edges }) => JSON.stringify(edges))).size, found.length);
      for (const { indices, edges } of found) {
        assert.deepEqual([indices[0], indices[indices.length - 1]], [from, 9]);
        edges.forEach(({ to, operand }, k) => assert.deepEqual([to, document.operation(to).operands[operand].ref], [indices[k + 1], indices[k]]));
      }
    }
  }
});

test("an operand along which nothing flows has no path; an array operation has one although it has no partial", () => {
  const variables = [{ row: null, operands: [], flows: [] }, { row: "sum", operands: [{ ref: 0 }, { number: 2 }, { ref: 0 }], flows: [false, false, true] }];
  const document = { first: 0, count: 2, operation: (i) => variables[i], rows: { sum: { value: ["a"] } } };
  assert.equal(network(document).count(0, 1), 1n);
  document.rows.sum.value = null;
  assert.equal(network(document).count(0, 1), 2n);
});

test("a long trace is walked without recursion, and a count beyond 1200 digits is only told to be so", () => {
  const long = network(graphOf(...Array.from({ length: 50_000 }, (_, k) => [k])));
  assert.equal(long.count(0, 50_000), 1n);
  assert.equal(long.list(0, 50_000)[0].indices.length, 50_001);
  assert.equal(network(diamonds(4000)).count(0, 12_000), 2n ** 4000n > 10n ** 1200n ? null : 0n);
});

test("a count is told in full up to 30 digits", () => {
  assert.equal(toldCount(7n), "7");
  assert.equal(toldCount(1_048_576n), "1\u202f048\u202f576");
  assert.equal(toldCount(2n ** 200n), "1.606…×10⁶⁰");
  assert.equal(toldCount(null), "> 10¹²⁰⁰");
});
