// What flows along the edges in a sweep. As long as every partial is finite, that is a number. Where one is infinite, a flow remembers of
// which kinds of paths it is the sum, and its number follows from them in every mode; adviz/paths.py says why, and is followed bit for bit.

/** @typedef {{flow: number, kinds: number}} Flow */

const [POSITIVE, NEGATIVE, ZERO, UP, DOWN, VOID] = [1, 2, 4, 8, 16, 32]; // of a path: the product of its partials; void is 0 · ∞ and nan
const PATH_KINDS = [POSITIVE, NEGATIVE, ZERO, UP, DOWN, VOID];
const TURNED = new Map([[POSITIVE, NEGATIVE], [NEGATIVE, POSITIVE], [ZERO, ZERO], [UP, DOWN], [DOWN, UP], [VOID, VOID]]);
const RAISED = new Map([[POSITIVE, UP], [NEGATIVE, DOWN], [ZERO, VOID], [UP, UP], [DOWN, DOWN], [VOID, VOID]]);
const FLATTENED = new Map([[POSITIVE, ZERO], [NEGATIVE, ZERO], [ZERO, ZERO], [UP, VOID], [DOWN, VOID], [VOID, VOID]]);

/** A path of one kind goes on along a partial of another. @param {number} partial @param {number} kind @returns {number} */
function along(partial, kind) {
  if (partial === POSITIVE) return kind;
  if (partial === VOID) return VOID;
  if (partial === ZERO) return /** @type {number} */ (FLATTENED.get(kind));
  const raised = partial === NEGATIVE ? kind : /** @type {number} */ (RAISED.get(kind));
  return partial === UP ? raised : /** @type {number} */ (TURNED.get(raised));
}

/** @param {number} u */
function kindOf(u) {
  if (Number.isNaN(u)) return VOID;
  return u === 0 ? ZERO : u > 0 ? (u === Infinity ? UP : POSITIVE) : u === -Infinity ? DOWN : NEGATIVE;
}

/**
 * How flows start, pass an edge, add up, and are read. A seed of exactly 0 starts nothing: null, which never meets an infinity.
 * @template T
 * @typedef {{start: (u: number) => T | null, pass: (u: T, partial: number) => T, add: (u: T, v: T) => T, read: (u: T | null) => number}} Flows
 */

/** @type {Flows<number>} */
export const numbersOnly = { start: (u) => (u !== 0 ? u : null), pass: (u, partial) => u * partial, add: (u, v) => u + v, read: (u) => u ?? 0 };

/** @type {Flows<Flow>} */
export const followed = {
  start: (u) => (u !== 0 ? { flow: u, kinds: kindOf(u) } : null),
  pass({ flow, kinds }, partial) {
    const kind = kindOf(partial);
    let passed = 0;
    for (const each of PATH_KINDS) if (kinds & each) passed |= along(kind, each);
    return { flow: flow * partial, kinds: passed };
  },
  add: (u, v) => ({ flow: u.flow + v.flow, kinds: u.kinds | v.kinds }),
  read(u) {
    if (!u) return 0;
    if (u.kinds & VOID || (u.kinds & UP && u.kinds & DOWN)) return NaN;
    return u.kinds & UP ? Infinity : u.kinds & DOWN ? -Infinity : u.flow;
  },
};
