// The computation graph: the document's scene as SVG nodes, drawn once, then only classes and texts change.
// What is seen follows `node_states` and `edge_states` of adviz/views/svg.py; what it looks like is in graph.css.

import { setAttribute, setText, svg } from "./dom.js";
import { HIDDEN } from "./number.js";
import { inBox, label, theSame } from "./quantity.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./document.js").Scene} Scene */
/** @typedef {import("./document.js").Edge} Edge */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./replay.js").Frame} Frame */
/** @typedef {{classes: string[], name: string, operation: string, value: string, derivative: string}} NodeState */
/** @typedef {{classes: string[], label: string}} EdgeState */

const NAME_AND_OPERATION = 13; // characters that fit in the first line of a box
const [VALUE_ROOM, DERIVATIVE_ROOM] = [18, 16]; // and of an array in the lines below it, for boxes of arrays are wider
const LEAF_NAME = 9;
const BOX_WIDTH = 136; // of a box with numbers only

/**
 * @param {TraceDocument} document
 * @param {Replay} replay
 * @param {Variable} variable
 * @param {number} n
 * @returns {NodeState}
 */
export function nodeState(document, replay, variable, n) {
  const { index, role, symbol } = variable;
  const known = replay.knows(index, n);
  const derivative = replay.derivative(index, n);
  const classes = ["adviz-node", known ? "adviz-known" : "adviz-blank"];
  if (role !== "assignment") classes.push(`adviz-${role}`);
  if (document.outputs.includes(index)) classes.push("adviz-output");
  if (derivative) classes.push(derivative.final ? "adviz-final" : "adviz-partial");
  if (derivative?.final && theSame(derivative.number) === 0) classes.push("adviz-zero");
  if (replay.frame(n).current === index) classes.push("adviz-current");
  if (known && replay.noted.has(index)) classes.push("adviz-noted");
  const accented = replay.mode === "reverse" ? symbol.bar_text : symbol.dot_text;
  return {
    classes: classes.sort(),
    ...heading(document, variable),
    value: known ? inBox(variable.value, VALUE_ROOM) : "",
    derivative: derivative ? `${accented} = ${inBox(derivative.number, DERIVATIVE_ROOM)}${derivative.final ? "" : " +…"}` : "",
  };
}

/**
 * Name and operation of a box, short enough to stand side by side.
 * @param {TraceDocument} document
 * @param {Variable} variable
 */
function heading(document, { index, role, symbol, label, operation }) {
  const name = symbol.text;
  const output = document.outputs.indexOf(index);
  const called = output >= 0 ? document.output_names[output] : role === "input" ? "" : (label ?? "");
  const alias = called === name ? "" : called; // the author calls it so already
  const [n, o] = [codePoints(name).length, codePoints(operation).length];
  if (alias && n + 3 + codePoints(alias).length + o <= NAME_AND_OPERATION) return { name: `${name} = ${alias}`, operation };
  if (n + o <= NAME_AND_OPERATION) return { name, operation };
  return { name, operation: codePoints(operation).slice(0, Math.max(NAME_AND_OPERATION - 1 - n, 1)).join("") + "…" };
}

/** @param {string} text */
function codePoints(text) {
  return Array.from(text);
}

/**
 * @param {Replay} replay
 * @param {Variable} variable v_i
 * @param {number} k its operand
 * @param {number} n
 * @returns {EdgeState}
 */
export function edgeState(replay, variable, k, n) {
  const i = variable.index;
  if (!("ref" in variable.operands[k])) return { classes: ["adviz-constant", "adviz-edge"], label: "" };
  const step = n > 0 ? replay.step(n) : null;
  const arriving = (step?.kind === "evaluate" || step?.kind === "propagate") && step.index === i;
  const leaving = (step?.kind === "contribute" || step?.kind === "accumulate") && step.source === i && step.operand === k;
  const classes = ["adviz-edge"];
  if (replay.flowed(i, k, n)) classes.push("adviz-flowed");
  if (arriving || leaving) classes.push("adviz-active");
  const partial = replay.mode !== "values" && replay.knows(i, n) ? variable.partials[k] : null;
  return { classes: classes.sort(), label: partial === null || partial === HIDDEN ? "" : label(partial) };
}

/** A drawn box: its group and its four texts. @typedef {{group: SVGGElement, texts: SVGTextElement[], variable: Variable, wider: number}} DrawnNode */
/** @typedef {{group: SVGGElement, arrow: SVGPolygonElement, label: SVGGElement, text: SVGTextElement, patch: SVGRectElement, edge: Edge,
 *   variable: Variable}} DrawnEdge */

/**
 * The picture of a document's graph. `show` brings it to a step; `place` tells where a box stands, for scrolling.
 * @param {TraceDocument} document
 * @param {Scene} scene
 * @param {string} label what a screen reader says of the picture
 */
export function drawGraph(document, scene, label) {
  const get = document.variable;
  const edges = scene.edges.map((edge) => drawEdge(scene, edge, get(edge.to)));
  const noted = new Set(document.notes.map((note) => note.index));
  const nodes = scene.nodes.map((box) => drawNode(box, get(box.index), noted.has(box.index)));
  const leaves = scene.leaves.map((leaf) => drawLeaf(leaf, get));
  const layers = [...edges.map((edge) => edge.group), ...leaves, ...edges.map((edge) => edge.label), ...nodes.map((node) => node.group)];
  const element = svg("svg", { class: "adviz-graph", viewBox: `0 0 ${scene.width} ${scene.height}`, role: "img", "aria-label": label }, ...layers);
  const places = new Map(scene.nodes.map((box) => [box.index, box]));

  /** @type {{replay: Replay, n: number} | null} */
  let shown = null;

  return {
    element,
    place: (/** @type {number} */ index) => places.get(index) ?? null,
    /** @param {Replay} replay @param {number} n */
    show(replay, n) {
      const touched = shown?.replay === replay ? replay.touched(shown.n, n) : null;
      for (const node of nodes) {
        if (!touched || touched.has(node.variable.index)) showNode(node, nodeState(document, replay, node.variable, n));
      }
      for (const edge of edges) {
        if (!touched || touched.has(edge.edge.to)) showEdge(edge, edgeState(replay, edge.variable, edge.edge.operand, n), replay.mode);
      }
      shown = { replay, n };
    },
  };
}

/**
 * @param {import("./document.js").Box} box
 * @param {Variable} variable
 * @param {boolean} noted
 * @returns {DrawnNode}
 */
export function drawNode({ index, x, y, w, h }, variable, noted) {
  const texts = [
    svg("text", { class: "adviz-name", "font-size": 14, x: x + 8, y: y + 18 }),
    svg("text", { class: "adviz-operation", "font-size": 14, x: x + w - 8, y: y + 18 }),
    svg("text", { class: "adviz-value", x: x + w / 2, y: y + 38 }),
    svg("text", { class: "adviz-derivative", x: x + w / 2, y: y + 56 }),
  ];
  const group = svg(
    "g", { "data-node": index }, frame("adviz-halo", x, y, w, h, 4.5), frame("adviz-box", x, y, w, h, 0), ...texts,
  );
  if (noted) {
    const mark = svg("text", { x: x + w, y: y + h + 5, "font-size": 14 }, "!");
    group.append(svg("g", { class: "adviz-mark" }, svg("circle", { cx: x + w, cy: y + h, r: 9 }), mark));
  }
  return { group, texts, variable, wider: w / BOX_WIDTH };
}

/** @param {string} name @param {number} x @param {number} y @param {number} w @param {number} h @param {number} outset */
function frame(name, x, y, w, h, outset) {
  return svg("rect", { class: name, x: x - outset, y: y - outset, width: w + 2 * outset, height: h + 2 * outset, rx: 8 + outset });
}

/** @param {DrawnNode} node @param {NodeState} state */
export function showNode({ group, texts, wider }, state) {
  setAttribute(group, "class", state.classes.join(" "));
  setAttribute(group, "aria-current", state.classes.includes("adviz-current") && "step");
  const [name, operation, value, derivative] = texts;
  setText(name, state.name);
  setText(operation, state.operation);
  fit(value, state.value, 16, Math.round(11 * wider));
  fit(derivative, state.derivative, 14, Math.round(14 * wider));
}

/**
 * Writes words at the size at which they fit where `room` characters of the full size do; combining marks take no room.
 * @param {SVGTextElement} element
 * @param {string} words
 * @param {number} size
 * @param {number} room
 */
function fit(element, words, size, room) {
  setText(element, words);
  setAttribute(element, "font-size", fitting(words, size, room));
}

/** @param {string} words @param {number} size @param {number} room */
function fitting(words, size, room) {
  const length = codePoints(words.replace(/\p{M}/gu, "")).length;
  return length <= room ? size : Math.max(Math.round((size * room) / length), 10);
}

/**
 * Two paths, so that a double line is a broad one with a narrow one of the surface's colour on it.
 * @param {Scene} scene
 * @param {Edge} edge
 * @param {Variable} variable
 * @returns {DrawnEdge}
 */
export function drawEdge(scene, edge, variable) {
  const origin = edge.leaf === undefined ? edge.from : (scene.leaves[edge.leaf].ref ?? "c");
  const arrow = svg("polygon", { points: edge.head });
  const line = svg("path", { class: "adviz-line", d: edge.path });
  const group = svg("g", { "data-edge": `${origin}:${edge.to}:${edge.operand}` }, line, svg("path", { class: "adviz-core", d: edge.path }), arrow,
    svg("path", { class: "adviz-reach", d: edge.path }));
  const [x, y] = edge.label;
  const text = svg("text", { x, y: y + 5 });
  const patch = svg("rect", { y: y - 9, height: 18, rx: 4 });
  return { group, arrow, text, patch, edge, variable, label: svg("g", { class: "adviz-partial-label" }, patch, text) };
}

/** @param {DrawnEdge} drawn @param {EdgeState} state @param {string} mode */
export function showEdge({ group, arrow, label, text, patch, edge }, state, mode) {
  const classes = state.classes.join(" ");
  const against = mode === "reverse" && state.classes.includes("adviz-flowed");
  setAttribute(group, "class", classes);
  setAttribute(arrow, "points", against ? edge.tail : edge.head);
  setAttribute(label, "class", `adviz-partial-label ${classes.replace("adviz-edge", "").trim()}`.trim());
  if (text.textContent === state.label) return;
  const size = fitting(state.label, 14, 8);
  const width = state.label ? (codePoints(state.label).length + 0.5) * size * 0.62 : 0;
  fit(text, state.label, 14, 8);
  setAttribute(patch, "width", width);
  setAttribute(patch, "x", edge.label[0] - width / 2);
}

/**
 * A constant, or an input that is drawn beside each of its uses.
 * @param {import("./document.js").Leaf} leaf
 * @param {(index: number) => Variable} get
 */
function drawLeaf({ x, y, w, h, ref, number }, get) {
  const full = ref === undefined ? inBox(number ?? NaN, LEAF_NAME) : leafName(get(ref));
  const name = codePoints(full).length <= LEAF_NAME ? full : codePoints(full).slice(0, LEAF_NAME - 1).join("") + "…";
  const text = svg("text", { x: x + w / 2, y: y + h / 2 + 5, "font-size": fitting(name, 14, 6) }, name);
  return svg("g", { class: "adviz-leaf" }, svg("rect", { x, y, width: w, height: h, rx: h / 2 }), text);
}

/** What a leaf calls a variable: an input by its name, any other by its symbol. @param {Variable} variable */
function leafName({ role, operation, symbol }) {
  return role === "input" ? operation : symbol.text;
}
