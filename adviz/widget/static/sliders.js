// Two ways to change a number without typing: a slider beside its field, and its name, which is dragged to the left and right.

import { FOCUSABLE, html, setAttribute } from "./dom.js";

const STEPS = 100; // of a slider, on either side of the number that it begins with
const PIXELS = 2; // that a name is dragged for one step

/** @typedef {{element: HTMLInputElement, step: () => number, write: (value: number, label: string, editable: boolean) => void}} Slider */

/**
 * @param {string} name
 * @param {(value: number, done: boolean) => void} changed
 * @returns {Slider}
 */
export function createSlider(name, changed) {
  const element = html("input", { type: "range", class: "adviz-slider", "data-slider": name, ...FOCUSABLE });
  let [low, high] = [0, 0];
  element.addEventListener("input", () => changed(Number(element.value), false));
  element.addEventListener("change", () => changed(Number(element.value), true));
  return {
    element,
    step: () => (high - low) / (2 * STEPS) || 1 / STEPS,
    write(value, label, editable) {
      element.hidden = !editable;
      element.disabled = !Number.isFinite(value);
      setAttribute(element, "aria-label", label);
      if (!Number.isFinite(value)) return;
      if (!(low < high && value >= low && value <= high)) {
        const half = halfRange(value);
        [low, high] = [rounded(value - half), rounded(value + half)];
        for (const [key, x] of Object.entries({ min: low, max: high, step: rounded(half / STEPS) })) setAttribute(element, key, x);
      }
      if (Number(element.value) !== value) element.value = String(value);
    },
  };
}

/**
 * How far a slider reaches on either side: 1, 2 or 5 times a power of ten, at least the number's size.
 * @param {number} value
 */
export function halfRange(value) {
  if (value === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(Math.abs(value)));
  return rounded((/** @type {number} */ ([1, 2, 5, 10].find((k) => k * power >= Math.abs(value) * (1 - 1e-9)))) * power);
}

/** Without the digits that a sum of decimals brings along. @param {number} x */
export function rounded(x) {
  return Number(x.toPrecision(12));
}

/**
 * Dragging an element sideways changes a number by steps.
 * @param {HTMLElement} element
 * @param {{value: () => number, step: () => number, enabled: () => boolean}} number
 * @param {(value: number, done: boolean) => void} changed
 */
export function listenToDrag(element, number, changed) {
  /** @type {{x: number, value: number, last: number} | null} */
  let from = null;
  let moved = false;
  element.addEventListener("pointerdown", (event) => {
    if (event.button || !number.enabled() || !Number.isFinite(number.value())) return;
    from = { x: event.clientX, value: number.value(), last: number.value() };
    moved = false;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    const steps = Math.round((event.clientX - from.x) / PIXELS);
    const value = steps ? rounded(from.value + steps * number.step()) : from.value;
    if (value === from.last) return;
    moved = true;
    from.last = value;
    changed(value, false);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, () => {
      if (from && moved) changed(from.last, true);
      from = null;
    });
  }
  element.addEventListener("click", (event) => moved && event.preventDefault()); // a drag that ends on the name does not go to its field
}
