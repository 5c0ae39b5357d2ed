import assert from "node:assert/strict";
import { test } from "node:test";

import { countUpTo } from "../../adviz/widget/static/about.js";
import { read } from "../../adviz/widget/static/document.js";
import { replay } from "../../adviz/widget/static/replay.js";
import { sample as listed } from "./sample.js";

const sample = () => read(JSON.stringify(listed()));

/** The same by reading every step from the start. */
function slowly(document, mode, n) {
  const timeline = document.timelines[mode];
  const done = timeline.steps.slice(0, n);
  const known = new Set([...timeline.known, ...done.filter((step) => step.kind === "evaluate").map((step) => step.index)]);
  const last = new Map(done.filter((step) => !["evaluate", "contribute"].includes(step.kind)).map((step) => [step.index, step]));
  return { known, last };
}

for (const mode of ["values", "forward", "reverse"]) {
  test(`${mode}: what is known after n steps is what n steps from the start leave, in any order of asking`, () => {
    const document = sample();
    const play = replay(document, mode);
    const steps = Array.from({ length: play.count + 1 }, (_, n) => n);
    for (const n of [...steps, ...steps.reverse()]) {
      const { known, last } = slowly(document, mode, n);
      for (const { index } of document.variables) {
        assert.equal(play.knows(index, n), known.has(index));
        const step = last.get(index);
        assert.deepEqual(play.derivative(index, n), step ? { number: step.number, final: step.final } : null);
      }
    }
  });

  test(`${mode}: every variable whose picture changes between two steps is among those touched`, () => {
    const document = sample();
    const play = replay(document, mode);
    const picture = (index, n) => JSON.stringify([play.knows(index, n), play.derivative(index, n), play.frame(n).current === index]);
    for (let m = 0; m <= play.count; m++) {
      for (let n = 0; n <= play.count; n++) {
        const touched = play.touched(m, n);
        for (const { index } of document.variables) {
          if (picture(index, m) !== picture(index, n)) assert.ok(touched.has(index), `${index} between ${m} and ${n}`);
        }
      }
    }
  });
}

test("a click on v0 in reverse leads to its first accumulate, then round its steps", () => {
  const play = replay(sample(), "reverse");
  const path = [0, 0, 0, 0].reduce((visited) => [...visited, play.target(0, visited.at(-1))], [3]);
  assert.deepEqual(path, [3, 11, 14, 15, 10]);
});

test("a click leads to the step of its own mode, and to the start for what was known there", () => {
  assert.equal(replay(sample(), "forward").target(2, 0), 6);
  assert.equal(replay(sample(), "values").target(2, 0), 2);
  assert.equal(replay(sample(), "values").target(-1, 3), 0);
});

test("operations are counted without the seeds", () => {
  const play = replay(sample(), "forward");
  assert.deepEqual([0, 1, 2, 3, 12].map(play.operations), [0, 0, 0, 1, 10]);
});

test("a sum over a hundred thousand steps is asked anywhere in a moment", () => {
  const document = listed();
  const steps = Array.from({ length: 100_000 }, (_, n) => ({ kind: "accumulate", index: 0, source: null, operand: null, number: n, final: false, say: [""], formula: "" }));
  document.timelines.reverse.steps = steps;
  const play = replay(read(JSON.stringify(document)), "reverse");
  const begun = performance.now();
  for (let n = 1; n <= 100_000; n++) assert.equal(play.derivative(0, n).number, n - 1);
  assert.ok(performance.now() - begun < 2000);
});

test("counting up to n agrees with counting", () => {
  const numbers = [1, 4, 4, 9];
  for (let n = 0; n < 11; n++) assert.equal(countUpTo(numbers, n), numbers.filter((number) => number <= n).length);
});
