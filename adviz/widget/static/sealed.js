// Marking without a kernel: a page holds its answers scrambled, as adviz/sealed.py says. Spoiler-proof, not cheat-proof.

import { readAnswer } from "./answers.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./predict.js").Wish} Wish */
/** @typedef {{right: string[], slips: Record<string, string>, sealed: string}} Seal */

const [FIGURES, FINEST] = [3, -3];
const MOST_TRIES = 20;

/**
 * A number to three figures, and to a thousandth.
 * @param {number} x
 */
export function roundedAnswer(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const size = Math.abs(x);
  if (size < 10 ** FINEST / 2) return "0";
  let power = Math.max(Math.floor(Math.log10(size)) - FIGURES + 1, FINEST);
  let digits = Math.floor((power < 0 ? size * 10 ** -power : size / 10 ** power) + 0.5);
  for (; digits && digits % 10 === 0; digits /= 10) power += 1;
  return `${x < 0 ? "-" : ""}${digits}e${power}`;
}

/** FNV-1a, 32 bits. @param {string} salt @param {string} name @param {string} key */
export function sealedHash(salt, name, key) {
  let found = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${salt} ${name} ${key}`)) found = Math.imul(found ^ byte, 0x01000193);
  return (found >>> 0).toString(16).padStart(8, "0");
}

/** @param {string} scrambled */
function opened(scrambled) {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(scrambled), (letter) => letter.charCodeAt(0))));
}

/**
 * What answers in a page that asks: it changes the document's text and says that it did. Null for a page that asks nothing.
 * @param {string} text of the document
 * @param {() => string} language that is shown
 * @param {(text: string) => void} changed
 */
export function createSeal(text, language, changed) {
  if (!text.includes('"sealed":')) return null; // a long document is not read twice
  const document = JSON.parse(text);
  const { asked, sealed } = document;
  if (!asked || !sealed) return null;

  /** @param {[(string | number)[], any][]} replaced */
  function reveal(replaced) {
    for (const [path, value] of replaced) {
      const inner = path.slice(0, -1).reduce((part, name) => part[name], document);
      inner[path[path.length - 1]] = value;
    }
  }

  function say() {
    asked.serial += 1;
    changed(JSON.stringify(document));
  }

  /** A sentence of the page, in the language that is shown. @param {string} key @param {Record<string, string | number>} [slots] */
  function said(key, slots) {
    return wordsOf({ ...document.texts, ...document.translations?.[language()]?.texts })(key, slots);
  }

  /** @param {any} question @param {Seal} seal @param {"right" | "shown"} state */
  function close(question, seal, state) {
    const { saw, reveal: replaced } = opened(seal.sealed);
    Object.assign(question, { state, said: "", saw: saw[language()] ?? saw.en });
    reveal(replaced);
  }

  /** @param {any} question @param {Seal} seal @param {string} typed */
  function answer(question, seal, typed) {
    const found = readAnswer(typed);
    if (!("number" in found)) {
      const slots = { column: found.column, limit: 200, count: typed.length, names: found.said, function: found.said };
      question.said = said(`answer.${found.problem}`, slots);
      return;
    }
    question.tries = [...question.tries, typed.trim()].slice(-MOST_TRIES);
    const hash = sealedHash(sealed.salt, question.name, roundedAnswer(found.number));
    if (seal.right.includes(hash)) return close(question, seal, "right");
    question.said = said("predict.again", { sentence: said(seal.slips[hash] ?? "predict.unknown") });
  }

  return {
    /** @param {Wish} wish */
    ask({ do: wanted, mode, name, typed }) {
      const n = (asked[mode] ?? []).findIndex((/** @type {any} */ { state }) => state === "open");
      const question = asked[mode]?.[n];
      if (question?.name === name) {
        const seal = sealed.modes[mode][n];
        if (wanted === "answer") answer(question, seal, typed);
        else if (wanted === "show") close(question, seal, "shown");
        else {
          const { hints } = opened(seal.sealed);
          question.hints = (hints[language()] ?? hints.en).slice(0, question.hints.length + 1);
        }
      }
      say();
    },
    /** The derivatives begin from the values: those that were not asked yet are given. @param {unknown} mode */
    enter(mode) {
      if (mode !== "forward" && mode !== "reverse") return;
      const given = (asked.values ?? []).flatMap((/** @type {any} */ question, /** @type {number} */ n) => (question.state === "open" ? [n] : []));
      if (!given.length) return;
      for (const n of given) close(asked.values[n], sealed.modes.values[n], "shown");
      reveal(opened(sealed.enter));
      say();
    },
  };
}
