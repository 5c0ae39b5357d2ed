// A teacher's settings, `lesson` in the document (adviz/views/lesson.py): which controls are there, what the author says of a step,
// and the presentation: large type, the graph, the table and the sentence, nothing else.

import { aFlag, aRecord, aText, Damage, listOf, oneOf, orNull } from "./check.js";
import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { symbolOf } from "./templates.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./keys.js").Command} Command */
/** @typedef {{controls: string[] | null, locked: string[], hidden: string[], names: Record<string, string>,
 *   notes: Record<string, Record<string, string>>, presentation: boolean}} Lesson */

const CONTROLS = ["step", "modes", "inputs", "seeds", "nudge", "why", "find", "export", "present", "help", "language", "predict"];
const STEP = /^\d{1,15}$/;
const INDEX = /^-?\d{1,15}$/;

/** Which control a key belongs to; keys that only look around belong to none. @type {Partial<Record<Command, string>>} */
const CONTROL_OF = {
  previous: "step", next: "step", first: "step", last: "step", play: "step", "phase-back": "step", "phase-on": "step", "row-up": "step", "row-down": "step",
  find: "find", why: "why", help: "help", present: "present",
};
/** What is not there while something is presented. */
const CHROME = new Set(["find", "why", "help"]);

/**
 * The lesson of a document, checked; undefined where there is none. Throws a Damage that names the field.
 * @param {any} value
 * @returns {Lesson | undefined}
 */
export function readLesson(value) {
  if (value === undefined) return undefined;
  const named = (/** @type {RegExp} */ pattern, /** @type {import("./check.js").Check} */ check) => (/** @type {any} */ found, /** @type {string} */ place) => {
    aRecord({})(found, place);
    for (const [key, entry] of Object.entries(found)) {
      if (!pattern.test(key)) throw new Damage(`${place}.${key.slice(0, 30)}`, "is not numbered");
      check(entry, `${place}.${key}`);
    }
  };
  aRecord({
    controls: orNull(listOf(oneOf(CONTROLS))), locked: listOf(aText), hidden: listOf(aText), names: named(INDEX, aName),
    notes: named(/^[a-z-]{1,20}$/, named(STEP, aText)), presentation: aFlag,
  })(value, "lesson");
  return value;
}

/** @param {any} value @param {string} place */
function aName(value, place) {
  aText(value, place);
  if (!value) throw new Damage(place, "is no name");
}

/**
 * What each variable is called: by its author's name where it has one.
 * @param {Lesson | undefined} lesson
 * @returns {(i: number) => import("./document.js").Symbols}
 */
export function namingOf(lesson) {
  const names = new Map(Object.entries(lesson?.names ?? {}).map(([i, name]) => [Number(i), name]));
  return names.size ? (i) => authored(names.get(i)) ?? symbolOf(i) : symbolOf;
}

/**
 * A name of the author's, with the tangent's dot and the adjoint's bar over its first letter.
 * @param {string | undefined} name
 * @returns {import("./document.js").Symbols | null}
 */
export function authored(name) {
  if (!name) return null;
  const [first, ...others] = Array.from(name);
  const rest = others.join("");
  const italic = /^[a-gi-z]$/.test(name) ? String.fromCodePoint(0x1d44e + name.charCodeAt(0) - 97) : first; // as MathML draws one letter
  return {
    text: name, math: ["mi", name], dot: ["mi", `${italic}\u0307${rest}`], bar: ["mi", `${italic}\u0304${rest}`],
    dot_text: `${first}\u0307${rest}`, bar_text: `${first}\u0304${rest}`,
  };
}

/**
 * Whether a control is there.
 * @param {TraceDocument | null} document
 * @param {string} control
 */
export function hasControl(document, control) {
  return document?.lesson?.controls?.includes(control) ?? true;
}

/**
 * @param {HTMLElement} root of the explorer
 * @param {() => void} begins called when a presentation begins
 */
export function createTeacher(root, begins) {
  const button = html("button", { type: "button", class: "adviz-present-button", ...FOCUSABLE });
  const leave = html("button", { type: "button", class: "adviz-leave", ...FOCUSABLE }, "×");
  const heading = html("b", { class: "adviz-hidden" });
  const said = html("span");
  const note = html("p", { class: "adviz-lesson-note", "aria-live": "polite", hidden: true }, heading, " ", said);
  /** @type {TraceDocument | null} */
  let document = null;

  button.addEventListener("click", () => present(true, true));
  leave.addEventListener("click", () => present(false));
  root.addEventListener("fullscreenchange", () => !root.matches(":fullscreen") && present(false)); // the browser's own Escape

  const presenting = () => root.hasAttribute("data-presentation");

  /** @param {boolean} on @param {boolean} [everywhere] on the whole screen, where the browser lets us */
  function present(on, everywhere = false) {
    if (on === presenting()) return;
    if (on) begins();
    setAttribute(root, "data-presentation", on);
    if (on && everywhere) root.requestFullscreen?.().catch(() => {}); // a frame may not: the large type is there all the same
    else if (root.matches(":fullscreen")) globalThis.document.exitFullscreen().catch(() => {});
    if (root.matches(":focus-within") || everywhere) (on || !hasControl(document, "present") ? root : button).focus({ preventScroll: true });
  }

  return {
    button, leave, note, present, presenting,
    /** Whether a key does something here. @param {Command} command */
    allows(command) {
      const control = CONTROL_OF[command];
      return !control || (hasControl(document, control) && !(presenting() && CHROME.has(control)));
    },
    /** @param {string} name of an input */
    locks: (name) => document?.lesson?.locked.includes(name) ?? false,
    /** What is said of inputs that are locked. @param {Words} words */
    locked(words) {
      const names = document?.lesson?.locked ?? [];
      if (!names.length) return "";
      return names.length === document?.inputs.length ? words("page.locked.all") : words("page.locked", { names: names.join(", ") });
    },
    /** @param {TraceDocument} newDocument @param {Words} words */
    load(newDocument, words) {
      const first = document === null;
      document = newDocument;
      setAttribute(root, "data-without", CONTROLS.filter((control) => !hasControl(document, control)).join(" ") || null);
      setText(button, words("page.present"));
      setAttribute(leave, "aria-label", words("page.present.leave"));
      setText(heading, words("page.note"));
      if (first && document.lesson?.presentation) present(true);
    },
    /** What the author says of this step. @param {string} mode @param {number} n */
    show(mode, n) {
      const own = document?.lesson?.notes[mode] ?? {};
      const text = Object.hasOwn(own, n) ? own[n] : "";
      setText(said, text);
      note.hidden = !text;
    },
  };
}
