// What of a large picture is on the screen: while a number is dragged, only that is drawn anew, and the rest when the hand rests.

const WATCHED = [[".adviz-table-pane", "tr[data-index]", "data-index"], [".adviz-graph-pane", "[data-node]", "data-node"]];

/**
 * The variables whose rows or boxes are in sight, and those rows.
 * @param {Element} root
 * @returns {{indices: Set<number>, rows: Element[]}}
 */
export function inSightOf(root) {
  const indices = new Set();
  /** @type {Element[]} */
  const rows = [];
  for (const [pane, items, name] of WATCHED) {
    const around = root.querySelector(pane)?.getBoundingClientRect();
    if (!around) continue;
    const top = Math.max(around.top, 0);
    const bottom = Math.min(around.bottom, window.innerHeight);
    for (const item of root.querySelectorAll(`${pane} ${items}`)) {
      const box = item.getBoundingClientRect();
      if (box.bottom < top || box.top > bottom || box.right < around.left || box.left > around.right) continue;
      indices.add(Number(item.getAttribute(name)));
      if (name === "data-index") rows.push(item);
    }
  }
  return { indices, rows };
}
