// Paths through a trace: how many lead from one variable to another, and which. Counted edge by edge, never path by path.

/** @typedef {{to: number, operand: number}} Edge operand k of v_to is the variable that the edge comes from */
/** @typedef {{indices: number[], edges: Edge[]}} Path */
/** @typedef {{index: number, edges: Edge[], next: number}} Turn a place on a path, its edges, and which of them is tried next */
/** @typedef {Pick<import("./document.js").TraceDocument, "first" | "count" | "operation" | "rows">} Variables */

const MOST_DIGITS = 1200; // of a count that is told
const LIMIT = 10n ** BigInt(MOST_DIGITS);

/**
 * The edges of a trace along which something flows. A constant has none, nor has the branch of a `where` that was not taken.
 * @param {Variables} document
 */
export function network(document) {
  /** @type {Map<number, Edge[]>} */
  const leaving = new Map();
  /** @type {Map<number, {from: number, operand: number}[]>} */
  const entering = new Map();
  for (let index = document.first; index < document.first + document.count; index++) {
    const { row, operands, flows } = document.operation(index);
    const isMap = row !== null && document.rows[row]?.value === null; // an array operation, whose partials are not numbers
    /** @type {{from: number, operand: number}[]} */
    const from = [];
    leaving.set(index, []);
    entering.set(index, from);
    operands.forEach((operand, k) => {
      if (!("ref" in operand) || !(flows[k] || isMap)) return;
      from.push({ from: operand.ref, operand: k });
      leaving.get(operand.ref)?.push({ to: index, operand: k });
    });
  }
  return { entering: (/** @type {number} */ index) => entering.get(index) ?? [], count, list };

  /**
   * How many paths lead from one variable to each that follows it: v_i has as many as its operands together.
   * @param {number} from
   * @param {number} to
   * @returns {bigint | null} null for more than a number of 1200 digits
   */
  function count(from, to) {
    /** @type {Map<number, bigint>} */
    const found = new Map([[from, 1n]]);
    for (let i = from + 1; i <= to; i++) {
      let sum = 0n;
      for (const edge of entering.get(i) ?? []) sum += found.get(edge.from) ?? 0n;
      if (sum > LIMIT) return null;
      if (sum > 0n) found.set(i, sum);
    }
    return found.get(to) ?? 0n;
  }

  /**
   * The paths, each as the variables on it and the edges between them. To be asked for where they are few.
   * @param {number} from
   * @param {number} to
   * @returns {Path[]}
   */
  function list(from, to) {
    const reaches = reaching(from, to);
    const turn = (/** @type {number} */ index) => ({ index, edges: (leaving.get(index) ?? []).filter((edge) => reaches.has(edge.to)), next: 0 });
    /** @type {Path[]} */
    const paths = [];
    /** @type {Turn[]} */
    const walked = reaches.has(from) ? [turn(from)] : [];
    while (walked.length) {
      const here = walked[walked.length - 1];
      if (here.index === to) paths.push({ indices: walked.map(({ index }) => index), edges: walked.slice(0, -1).map(({ edges, next }) => edges[next - 1]) });
      if (here.index === to || here.next === here.edges.length) walked.pop();
      else walked.push(turn(here.edges[here.next++].to));
    }
    return paths;
  }

  /** The variables from which a path leads to that one. @param {number} from @param {number} to */
  function reaching(from, to) {
    const found = new Set([to]);
    for (let i = to; i > from; i--) if (found.has(i)) for (const edge of entering.get(i) ?? []) found.add(edge.from);
    return found;
  }
}

/**
 * A count as it is told: every digit, in groups of three; of a very long one its size.
 * @param {bigint | null} count
 */
export function toldCount(count) {
  const digits = String(count ?? LIMIT);
  if (digits.length <= 30) return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const raised = Array.from(String(digits.length - 1), (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return count === null ? `> 10${raised}` : `${digits[0]}.${digits.slice(1, 4)}…×10${raised}`;
}
