// The sample documents of the tests, a fresh copy for each call.

import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../fixtures/sample_document.json", import.meta.url), "utf8");
const withArrays = readFileSync(new URL("../golden/array_document.json", import.meta.url), "utf8");

export const sample = () => JSON.parse(text);

/** One with arrays and array operations. */
export const sampleOfArrays = () => ({ ...JSON.parse(withArrays), texts: {} });
