// Which steps are about which variable: two lists for all of them together, so that a hundred thousand variables cost no object each.

/** @typedef {{of: (i: number) => ArrayLike<number>}} About the numbers of the steps about v_i, ascending */

/**
 * @param {number} first index of the first variable
 * @param {number} variables how many there are
 * @param {number} count of steps
 * @param {(n: number) => number | null} variableOf the variable that step n is about; null of one that does not count
 * @returns {About}
 */
export function stepsAbout(first, variables, count, variableOf) {
  const starts = new Int32Array(variables + 2);
  for (let n = 1; n <= count; n++) {
    const i = variableOf(n);
    if (i !== null) starts[i - first + 2] += 1;
  }
  for (let place = 2; place < starts.length; place++) starts[place] += starts[place - 1];
  const steps = new Int32Array(starts[variables + 1]);
  for (let n = 1; n <= count; n++) {
    const i = variableOf(n);
    if (i !== null) steps[starts[i - first + 1]++] = n;
  }
  return { of: (i) => steps.subarray(starts[i - first], starts[i - first + 1]) };
}

/**
 * How many of the ascending numbers are at most n.
 * @param {ArrayLike<number>} numbers
 * @param {number} n
 */
export function countUpTo(numbers, n) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}
