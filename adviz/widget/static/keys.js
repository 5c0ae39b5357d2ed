// The keyboard: which keys step, and which are left to the control that has the focus or to the notebook around.

import { setAttribute } from "./dom.js";

/** @typedef {"previous" | "next" | "first" | "last" | "play" | "phase-back" | "phase-on" | "row-up" | "row-down" | "why" | "fold" | "unfold" | "find" | "hint" | "help" | "present" | "escape"} Command */

/** @type {Record<string, Command>} */
const COMMANDS = {
  ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", " ": "play", PageUp: "phase-back", PageDown: "phase-on",
  ArrowUp: "row-up", ArrowDown: "row-down", Enter: "why", "[": "fold", "]": "unfold", "/": "find", h: "hint", "?": "help", p: "present", Escape: "escape",
};
const OWN_KEYS = "input, select, textarea, button, summary";
const PRESSES = new Set(["Enter", " "]); // what a button keeps that was pressed with the mouse

/**
 * Listens on the root. Unmodified keys go no further, so that a notebook's single-key shortcuts leave the page alone;
 * Shift+Enter, Ctrl, Alt and Cmd stay the notebook's. A control keeps its own keys; a button that was pressed with the
 * mouse has only Space and Enter, so that clicking on and stepping on by keyboard mix.
 * @param {HTMLElement} root
 * @param {(command: Command) => void} perform
 */
export function listenToKeys(root, perform) {
  leaveModifiedKeys(root);
  /** @type {Element | null} */
  let pointed = null;
  root.addEventListener("pointerdown", (event) => {
    pointed = /** @type {Element} */ (event.target).closest("button:not([role=tab])");
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.shiftKey && event.key === "Enter") return;
    event.stopPropagation();
    if (event.key === "Tab") pointed = null;
    const command = COMMANDS[event.key];
    if (!command || event.defaultPrevented || (event.shiftKey && event.key !== "?")) return;
    const target = /** @type {Element} */ (event.target);
    const pressed = target === pointed && !PRESSES.has(event.key);
    if (target.closest(OWN_KEYS) && !pressed && command !== "escape") return;
    if (command !== "escape") event.preventDefault();
    perform(command);
  });
}

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta"]);

/**
 * Notebook 7 takes even the arrow keys where a shortcut is not suppressed, and a suppressed one takes Shift+Enter from the
 * notebook: so the root suppresses them but while a modifier is held.
 * @param {HTMLElement} root
 */
function leaveModifiedKeys(root) {
  const suppress = () => setAttribute(root, "data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => MODIFIERS.has(event.key) && setAttribute(root, "data-lm-suppress-shortcuts", false), { capture: true });
  root.addEventListener("keyup", (event) => MODIFIERS.has(event.key) && suppress(), { capture: true });
  root.addEventListener("focusout", suppress);
}
