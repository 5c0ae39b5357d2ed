// A choice between two or more ways.

import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";

/**
 * A choice between two or more ways, as a row of buttons of which one is pressed.
 * @template {string} Way
 * @param {string} name
 * @param {(way: Way) => void} choose
 */
export function createChoice(name, choose) {
  const label = html("span", { class: "adviz-choice-label", id: `adviz-${Math.random().toString(36).slice(2, 10)}` });
  const element = html("div", { class: "adviz-choice", role: "group", "aria-labelledby": label.id, "data-choice": name }, label);
  return {
    element,
    /** @param {string} title @param {[Way, string][]} ways @param {Way} chosen */
    show(title, ways, chosen) {
      setText(label, title);
      const given = ways.map(([way]) => way).join(" ");
      if (element.dataset.ways !== given) {
        element.dataset.ways = given;
        element.replaceChildren(label, ...ways.map(([way]) => {
          const button = html("button", { type: "button", class: "adviz-phase", "data-way": way, ...FOCUSABLE });
          button.addEventListener("click", () => choose(way));
          return button;
        }));
      }
      ways.forEach(([way, text], k) => {
        const button = element.children[k + 1];
        setText(button, text);
        setAttribute(button, "aria-pressed", String(way === chosen));
      });
    },
  };
}
