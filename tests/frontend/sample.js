// The sample document of the tests, a fresh copy for each call.

import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../fixtures/sample_document.json", import.meta.url), "utf8");

export const sample = () => JSON.parse(text);
