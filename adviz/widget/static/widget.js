// The explorer in a notebook: what anywidget asks of a module. The model is the widget's in Python.

import { mount } from "./mount.js";

export default {
  /** @param {{model: import("./mount.js").Model, el: HTMLElement}} context */
  render: ({ model, el }) => mount(el, model),
};
