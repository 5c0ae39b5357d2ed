// Checks of what documents of all versions have in common: inputs and outputs, notes, and the scene of the graph.

import { aFlag, aLength, aRecord, aSize, aText, aTextLike, anInteger, listOf, orMissing, orNull, refuse } from "./check.js";
import { aQuantity } from "./quantity.js";

/** @typedef {import("./check.js").Check} Check */
/** What there is in a document. @typedef {{variable: Check, position: Check, operands: (i: number) => number}} Known */

const aCurve = aTextLike(/^M [-+\d.e]+ [-+\d.e]+( C( [-+\d.e]+){6,})?$/, "a curve");
const aTriangle = aTextLike(/^[-+\d.e]+,[-+\d.e]+( [-+\d.e]+,[-+\d.e]+){2}$/, "three points");

/**
 * A place in the sources of a document.
 * @param {any} document
 * @returns {Check}
 */
export function positionIn(document) {
  return (value, place) => {
    listOf(orNull(anInteger), 5)(value, place);
    for (const n of [1, 3]) anInteger(value[n], `${place}[${n}]`);
    if (!document.sources[value[0]]) refuse(`${place}[0]`, "the number of a source", value[0]);
  };
}

/**
 * @param {any} document
 * @param {Known} known
 */
export function checkAround(document, known) {
  aRecord({
    live: aFlag,
    inputs: listOf(aRecord({ index: known.variable, name: aText, value: aQuantity })),
    outputs: listOf(known.variable),
    branches: listOf(aRecord({ after: orNull(known.variable), text: aText, outcome: aFlag, position: orNull(known.position) })),
    notes: listOf(aRecord({ index: orNull(known.variable), kind: aText, text: aText })),
  })(document, "");
  listOf(aText, document.outputs.length)(document.output_names, "output_names");
}

/**
 * @param {any} document
 * @param {Known} known
 */
export function checkGraph(document, known) {
  if (document.graph === null) return aText(document.graph_missing, "graph_missing");
  const corner = { x: aLength, y: aLength, w: aSize, h: aSize };
  /** @type {Check} */
  const origin = (edge, place) => {
    if (edge.leaf === undefined) known.variable(edge.from, `${place}.from`);
    else if (!document.graph.leaves[edge.leaf]) refuse(`${place}.leaf`, "the number of a leaf", edge.leaf);
  };
  const shape = aRecord({ to: known.variable, operand: anInteger, path: aCurve, label: listOf(aLength, 2), head: aTriangle, tail: aTriangle });
  aRecord({
    width: aSize, height: aSize,
    nodes: listOf(aRecord({ index: known.variable, ...corner })),
    leaves: listOf(aRecord({ to: known.variable, operand: anInteger, number: orMissing(orNull(aQuantity)), ...corner })),
    edges: listOf((edge, place) => {
      shape(edge, place);
      origin(edge, place);
      if (!(edge.operand >= 0 && edge.operand < known.operands(edge.to))) refuse(`${place}.operand`, "an operand of its variable", edge.operand);
    }),
  })(document.graph, "graph");
}
