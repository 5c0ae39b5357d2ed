// The words of the page: templates from the document's `texts`, which come from the catalogue in adviz/texts.py.

/** @typedef {(key: string, slots?: Record<string, string | number>) => string} Words */

/**
 * @param {Record<string, string>} texts
 * @returns {Words} fills the named slots of a template; a missing key shows itself, so that it is noticed
 */
export function wordsOf(texts) {
  return (key, slots = {}) => {
    const template = Object.hasOwn(texts, key) ? texts[key] : key;
    return template.replace(/\{(\w+)\}/g, (slot, name) => (Object.hasOwn(slots, name) ? String(slots[name]) : slot));
  };
}

/**
 * The name of a seed: ẋ1 is the tangent of x1, ȳ the adjoint of y.
 * @param {string} name
 * @param {import("./document.js").Mode} mode
 */
export function accented(name, mode) {
  const [first, ...rest] = Array.from(name);
  return `${first}${mode === "reverse" ? "\u0304" : "\u0307"}${rest.join("")}`.normalize("NFC");
}
