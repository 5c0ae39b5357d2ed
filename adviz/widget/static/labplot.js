// The plots of a lab: shapes that Matplotlib laid out in Python, a group for each layer. Only a layer that changes is drawn again.

import { html, setText, svg } from "./dom.js";

/** @typedef {["path", string, string, string, number, string] | ["text", number, number, string, number, string, string, string]} Shape */

const [PLOT_WIDTH, PLOT_HEIGHT] = [400, 300]; // adviz/labs/drawing.py

/**
 * @param {string} label
 * @param {number} layers
 */
export function createPlot(label, layers) {
  const groups = Array.from({ length: layers }, () => svg("g"));
  const drawn = groups.map(() => "");
  const picture = svg("svg", { viewBox: `0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`, role: "img", "aria-label": label, focusable: "false" }, ...groups);
  const caption = html("figcaption", {});
  setText(caption, label);
  return {
    element: html("figure", { class: "adviz-lab-plot" }, caption, picture),
    /** @param {(Shape[] | {problem: string})[]} contents */
    show(contents) {
      contents.forEach((shapes, k) => {
        const text = JSON.stringify(shapes);
        if (!Array.isArray(shapes) || drawn[k] === text) return;
        drawn[k] = text;
        groups[k].replaceChildren(...shapes.map(shapeOf));
      });
    },
  };
}

/** @param {Shape} shape */
function shapeOf(shape) {
  if (shape[0] === "path") {
    const [, d, stroke, fill, width, dash] = shape;
    return svg("path", {
      d, class: `adviz-stroke-${stroke || "none"} adviz-fill-${fill || "none"}`, "stroke-width": width, "stroke-dasharray": dash || null, "stroke-linejoin": "round",
    });
  }
  const [, x, y, anchor, size, fill, weight, words] = shape;
  return svg("text", { x, y, class: `adviz-fill-${fill}`, "text-anchor": anchor, "font-size": size, "font-weight": weight || null }, words);
}
