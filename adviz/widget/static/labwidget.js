// A lab in a notebook: the values go to Python, what it made of them comes back.

import { createLab } from "./lab.js";

const WAIT_FOR_PYTHON = 600; // ms until "waiting" is said

export default {
  /** @param {{model: import("./mount.js").Model, el: HTMLElement}} context */
  render({ model, el }) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let waiting;
    const make = () => createLab(JSON.parse(String(model.get("lab"))), false, (values) => {
      model.set("values", values);
      model.save_changes();
      waiting ??= setTimeout(() => lab.notice(lab.words("page.waiting")), WAIT_FOR_PYTHON);
    }, (language) => {
      model.set("language", language);
      model.save_changes();
    });
    /** @type {ReturnType<typeof make>} */
    let lab;
    const settle = () => {
      clearTimeout(waiting);
      waiting = undefined;
      lab.notice("");
    };
    const show = () => {
      settle();
      lab.show(JSON.parse(String(model.get("contents"))), String(model.get("alert") ?? ""));
    };
    const choose = () => lab.choose(model.get("values"));
    const theme = () => lab.theme(model.get("theme"));
    const again = () => {
      lab = make();
      for (const each of [theme, choose, show]) each();
      el.replaceChildren(lab.root);
    };
    /** @type {[string, () => void][]} */
    const listeners = [["change:lab", again], ["change:values", choose], ["change:contents", show], ["change:alert", show], ["change:theme", theme]];
    for (const [event, callback] of listeners) model.on(event, callback);
    again();
    return () => {
      for (const [event, callback] of listeners) model.off(event, callback);
      settle();
      el.replaceChildren();
    };
  },
};
