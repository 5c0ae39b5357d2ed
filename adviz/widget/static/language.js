// The language of a document: its sentences stand in one, and what differs in the others beside them (adviz/views/translation.py).

import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";

/** Each language by its own name, as its readers look for it. */
const NAMES = new Map([["en", "English"], ["zh", "中文"]]);
const TAGS = new Map([["zh", "zh-Hans"]]);

/**
 * How an element says in which language its words are.
 * @param {string} language
 */
export function tagOf(language) {
  return TAGS.get(language) ?? language;
}

/**
 * The languages of a document, in one order whichever is its own.
 * @param {any} document as JSON holds it
 * @returns {string[]}
 */
export function languagesOf({ language, translations }) {
  const known = Array.from(NAMES.keys()).filter((each) => each === language || Object.hasOwn(translations ?? {}, each));
  return known.includes(language) ? known : [language, ...known];
}

/**
 * The document in the wanted language where it has that, else as it is. What is not as a document should be is left for the checks that follow.
 * @param {any} document as JSON holds it
 * @param {string} wanted
 */
export function inLanguage(document, wanted) {
  const differs = isObject(document) && isObject(document.translations) && Object.hasOwn(document.translations, wanted) ? document.translations[wanted] : null;
  return isObject(differs) ? { ...put(document, differs), language: wanted } : document;
}

/** A part with what differs in its place: an object names parts of it, anything else stands for all of it. @param {any} part @param {any} differs @returns {any} */
function put(part, differs) {
  if (!isObject(part) || !isObject(differs) || Array.isArray(differs)) return differs;
  /** @type {Record<string, any>} */
  const found = Array.isArray(part) ? [...part] : { ...part };
  for (const [name, inside] of Object.entries(differs)) {
    if (Object.hasOwn(part, name)) found[name] = put(part[name], inside);
  }
  return found;
}

/** @param {unknown} value @returns {value is Record<string, any>} */
function isObject(value) {
  return typeof value === "object" && value !== null;
}

/** The first language of the reader's browser that there is; for a page whose maker chose none. */
export function preferred() {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]);
  return wanted.find((language) => NAMES.has(language)) ?? "en";
}

/**
 * A button that goes to the next language, named in that language's own words.
 * @param {(language: string) => void} choose
 */
export function createSwitch(choose) {
  const button = html("button", { type: "button", class: "adviz-language", ...FOCUSABLE });
  let next = "";
  button.addEventListener("click", () => choose(next));
  return {
    element: button,
    /** @param {string[]} languages @param {string} spoken */
    load(languages, spoken) {
      next = languages[(languages.indexOf(spoken) + 1) % languages.length];
      button.hidden = next === spoken;
      setText(button, NAMES.get(next) ?? next);
      setAttribute(button, "lang", tagOf(next));
    },
  };
}
