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
