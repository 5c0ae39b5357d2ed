// Which steps are about which variable: two columns for all of them together, so that a hundred thousand variables cost no object each.

const REMEMBERED_LISTS = 4096; // of variables that were asked for

/** @typedef {{of: (i: number) => ArrayLike<number>}} About the numbers of the steps about v_i, ascending */

/**
 * @param {number} first index of the first variable
 * @param {number} variables how many there are
 * @param {ArrayLike<number>} about the variable of each step
 * @param {{kind: ArrayLike<number>, counts: ArrayLike<number>} | null} [only] the kind of each step, and of each kind whether its steps count
 * @returns {About}
 */
export function stepsAbout(first, variables, about, only = null) {
  const last = new Int32Array(variables);
  const before = new Int32Array(about.length + 1); // the step before each that is about the same variable; 0 without one
  for (let n = 0; n < about.length; n++) {
    if (only !== null && !only.counts[only.kind[n]]) continue;
    const place = about[n] - first;
    before[n + 1] = last[place];
    last[place] = n + 1;
  }
  /** @type {Map<number, number[]>} */
  const known = new Map();

  /** @param {number} i */
  function of(i) {
    let found = known.get(i);
    if (found) return found;
    found = [];
    for (let n = last[i - first]; n > 0; n = before[n]) found.push(n);
    if (known.size >= REMEMBERED_LISTS) known.clear();
    known.set(i, found.reverse());
    return found;
  }

  return { of };
}

/**
 * How many of the ascending numbers are at most n.
 * @param {ArrayLike<number>} numbers
 * @param {number} n
 * @param {number} low with those before this place counted unseen
 * @param {number} high and those from this one on not at all
 */
export function countUpTo(numbers, n, low = 0, high = numbers.length) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}
