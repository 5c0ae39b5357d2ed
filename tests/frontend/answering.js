// One task per line of the standard input, one answer per line of the output.

import { createInterface } from "node:readline";

import { answer } from "./answers.js";

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(told(line))}\n`);

/** @param {string} line */
function told(line) {
  try {
    return answer(JSON.parse(line));
  } catch (error) {
    return { error: error instanceof Error ? error.stack : String(error) };
  }
}
