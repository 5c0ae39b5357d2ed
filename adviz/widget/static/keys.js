// The keyboard: which keys step, and which are left to the control that has the focus or to the notebook around.

/** @typedef {"previous" | "next" | "first" | "last" | "play" | "phase-back" | "phase-on" | "row-up" | "row-down" | "help" | "escape"} Command */

/** @type {Record<string, Command>} */
const COMMANDS = {
  ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", " ": "play", PageUp: "phase-back", PageDown: "phase-on",
  ArrowUp: "row-up", ArrowDown: "row-down", "?": "help", Escape: "escape",
};
const OWN_KEYS = "input, select, textarea, button, summary";

/**
 * Listens on the root. Unmodified keys go no further, so that a notebook's single-key shortcuts leave the page alone;
 * Shift+Enter, Ctrl, Alt and Cmd stay the notebook's. A control keeps its own keys; a button that was pressed with the
 * mouse has only Space and Enter, so that clicking on and stepping on by keyboard mix.
 * @param {HTMLElement} root
 * @param {(command: Command) => void} perform
 */
export function listenToKeys(root, perform) {
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
    const pressed = target === pointed && event.key !== " ";
    if (target.closest(OWN_KEYS) && !pressed && command !== "escape") return;
    if (command !== "escape") event.preventDefault();
    perform(command);
  });
}
