// Folds: a long trace as intervals of intervals. adviz/views/folds.py cuts it and has the pictures laid out; here they are read and drawn.

import { countUpTo } from "./about.js";
import { aLength, aRecord, anInteger, aSize, aTextLike, listOf, refuse } from "./check.js";
import { readIntegers } from "./columns.js";
import { svg } from "./dom.js";
import { drawEdge, drawNode, showEdge, showNode } from "./graph.js";
import { readRounds, roundsIn, roundsInTwoLines, roundsInWords } from "./rounds.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Scene} Scene */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{levels: ArrayLike<number>[], shapes: Scene[], shape_of: ArrayLike<number>[], rounds?: import("./rounds.js").RoundData}} FoldData */
/** Variables from `start` up to `end`, counted from 0: the n-th interval of a level. @typedef {{level: number, n: number, start: number, end: number}} Interval */

const aFoldCurve = aTextLike(/^M [-+\d.e]+ [-+\d.e]+( C( [-+\d.e]+){6,})?$/, "a curve");
const aFoldArrow = aTextLike(/^[-+\d.e]+,[-+\d.e]+( [-+\d.e]+,[-+\d.e]+){2}$/, "three points");
const DEEPEST_FOLD = 12;

/**
 * The folds of a document with their columns read.
 * @param {any} value
 * @param {number} count of variables
 * @param {import("./columns.js").Beside} bytes
 * @returns {FoldData}
 */
export function readFolds(value, count, bytes) {
  aRecord({})(value, "folds");
  if (!Array.isArray(value.levels) || !value.levels.length || value.levels.length > DEEPEST_FOLD) refuse("folds.levels", "a list of levels", value.levels);
  if (!Array.isArray(value.shape_of) || value.shape_of.length !== value.levels.length) refuse("folds.shape_of", "a list as long", value.shape_of);
  checkShapes(value.shapes);
  const lengthOf = (/** @type {any} */ column) => (Array.isArray(column) ? column.length : column?.length);
  const levels = value.levels.map((/** @type {any} */ column, /** @type {number} */ level) => {
    const place = `folds.levels[${level}]`;
    const starts = readIntegers(column, place, bytes, { length: lengthOf(column), low: 0, high: count - 1 });
    for (let n = 0; n < starts.length; n++) if (n ? starts[n] <= starts[n - 1] : starts[0] !== 0) refuse(`${place}[${n}]`, "after the one before", starts[n]);
    if (!starts.length) refuse(place, "a list of intervals", starts);
    return starts;
  });
  const shapes = value.shape_of.map((/** @type {any} */ column, /** @type {number} */ level) =>
    readIntegers(column, `folds.shape_of[${level}]`, bytes, { length: levels[level].length, low: -1, high: value.shapes.length - 1 }));
  return { levels, shapes: value.shapes, shape_of: shapes, rounds: value.rounds === undefined ? undefined : readRounds(value.rounds, count, bytes) };
}

/** @param {any} shapes */
function checkShapes(shapes) {
  const corner = { x: aLength, y: aLength, w: aSize, h: aSize };
  listOf((shape, place) => {
    aRecord({
      width: aSize, height: aSize, nodes: listOf(aRecord({ index: anInteger, ...corner })),
      leaves: listOf(aRecord({ to: anInteger, operand: anInteger, ...corner })),
      edges: listOf(aRecord({ to: anInteger, operand: anInteger, path: aFoldCurve, label: listOf(aLength, 2), head: aFoldArrow, tail: aFoldArrow })),
    })(shape, place);
    for (const [n, edge] of shape.edges.entries()) {
      if (!(edge.leaf === undefined ? shape.nodes[edge.from] : shape.leaves[edge.leaf])) refuse(`${place}.edges[${n}]`, "from a box or a leaf", edge);
    }
  })(shapes, "folds.shapes");
}

/**
 * @param {FoldData} folds
 * @param {number} count of variables
 */
export function intervalsOf({ levels }, count) {
  /** @param {number} level @param {number} n @returns {Interval} */
  const interval = (level, n) => ({ level, n, start: levels[level][n], end: levels[level][n + 1] ?? count });
  return {
    top: levels.length - 1,
    interval,
    /** The interval of a level in which the variable is. @param {number} level @param {number} position */
    at: (level, position) => interval(level, countUpTo(levels[level], position) - 1),
    /** What an interval above the finest level is made of. @param {Interval} whole */
    inside({ level, start, end }) {
      const below = levels[level - 1];
      const found = [];
      for (let n = countUpTo(below, start) - 1; n < below.length && below[n] < end; n++) found.push(interval(level - 1, n));
      return found;
    },
  };
}

/**
 * The scene of an interval of operations: the picture of its shape with this interval's variables. Null where the operands are others.
 * @param {TraceDocument} document
 * @param {Scene} shape
 * @param {Interval} interval
 * @returns {Scene | null}
 */
export function sceneOf(document, shape, { start, end }) {
  const origin = document.first + start;
  const size = end - start;
  const right = shape.nodes.length === size && [...shape.edges, ...shape.leaves].every(({ to, operand }) =>
    to >= 0 && to < size && operand >= 0 && operand < document.variable(origin + to).operands.length);
  if (!right || shape.nodes.some(({ index }) => index < 0 || index >= size)) return null;
  return {
    ...shape,
    nodes: shape.nodes.map((node) => ({ ...node, index: origin + node.index })),
    leaves: shape.leaves.map((leaf) => ({ ...leaf, to: origin + leaf.to, ...document.variable(origin + leaf.to).operands[leaf.operand] })),
    edges: shape.edges.map((edge) => ({ ...edge, to: origin + edge.to, ...(edge.leaf === undefined ? { from: origin + Number(edge.from) } : {}) })),
  };
}

/**
 * What an interval is called: "v₁ … v₁₂", and in words which iterations or which call it is; inputs that it begins with are left out of account.
 * @param {TraceDocument} document
 * @param {Words} words
 */
export function namesOf(document, words) {
  const rounds = roundsIn(document.folds?.rounds);
  const inputs = document.inputs.length;
  const counted = (/** @type {number} */ n) => n.toLocaleString("en");
  const partsOf = (/** @type {Interval} */ { start, end }) => (end > inputs ? rounds(Math.max(start, inputs), end) : []);
  return {
    /** @param {Interval} interval */
    name(interval) {
      const parts = partsOf(interval);
      return parts.length ? words("page.fold_name", { rounds: roundsInWords(parts, words, counted), name: rangeOf(document, interval) }) : rangeOf(document, interval);
    },
    /** The two lines of its box, or null. @param {Interval} interval */
    lines(interval) {
      const last = partsOf(interval).at(-1);
      return last ? roundsInTwoLines(last, words, counted) : null;
    },
  };
}

/** @typedef {ReturnType<typeof namesOf>} Names */

/**
 * @param {TraceDocument} document
 * @param {Interval} interval
 */
function rangeOf(document, { start, end }) {
  const [first, last] = [start, end - 1].map((place) => document.variable(document.first + place).symbol.text);
  return first === last ? first : `${first} … ${last}`;
}

/**
 * The picture of an interval of intervals: one box for each, and an arrow where one uses what another computed.
 * @param {TraceDocument} document
 * @param {Scene} shape
 * @param {Interval[]} inside
 * @param {Words} words
 * @param {string} label
 * @param {Names} names
 */
export function drawFolds(document, shape, inside, words, label, names) {
  if (shape.nodes.length !== inside.length) return null;
  const edges = shape.edges.map((edge) => drawEdge(shape, edge, /** @type {any} */ (null)));
  const nodes = shape.nodes.map((box) => {
    const node = drawNode(box, /** @type {any} */ (null), false);
    node.group.removeAttribute("data-node");
    node.group.setAttribute("data-fold", String(box.index));
    return node;
  });
  const lines = nodes.map((node, k) => {
    const { start, end } = inside[k];
    const line = document.position(document.first + end - 1)?.[1];
    const size = [words("page.fold_size", { n: end - start }), line === undefined ? "" : words("page.fold_line", { line })];
    node.group.append(svg("title", {}, [names.name(inside[k]), ...size].filter(Boolean).join("\n")));
    return names.lines(inside[k]) ?? size;
  });
  for (const edge of edges) {
    edge.group.removeAttribute("data-edge");
    showEdge(edge, { classes: ["adviz-edge"], label: "" }, "values");
  }
  const layers = [...edges.map((edge) => edge.group), ...nodes.map((node) => node.group)];
  const element = svg("svg", { class: "adviz-graph adviz-folded", viewBox: `0 0 ${shape.width} ${shape.height}`, role: "img", "aria-label": label }, ...layers);
  return {
    element,
    place: (/** @type {number} */ index) => shape.nodes[inside.findIndex(({ start, end }) => index - document.first >= start && index - document.first < end)] ?? null,
    /** @param {Replay} replay @param {number} n */
    show(replay, n) {
      const current = replay.frame(n).current;
      nodes.forEach((node, k) => {
        const { start, end } = inside[k];
        const [first, last] = [document.first + start, document.first + end - 1];
        const isHere = current !== null && current >= first && current <= last;
        const known = replay.knows(last, n);
        const classes = ["adviz-node", "adviz-fold", known ? "adviz-known" : "adviz-blank", ...(isHere ? ["adviz-current"] : [])];
        showNode(node, {
          classes: classes.sort(), name: rangeOf(document, inside[k]), operation: "", value: lines[k][0], derivative: lines[k][1],
        });
      });
    },
  };
}
