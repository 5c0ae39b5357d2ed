"""An explorer in a page with its Python side behind it, as in a notebook but without one: what the page sends is heard by a real explorer,
and the traits that this changes go back to the page."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page

from adviz.views.assemble import module, stylesheet
from adviz.widget.live import Explorer

MOUNT = """
async ({ code, style, mounted }) => {
  window.adviz_unmount?.();
  const { default: front } = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  if (!document.querySelector("style")) document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const listeners = new Map();
  const state = JSON.parse(await window.kernel(JSON.stringify({ mounted })));
  let dirty = {};
  const take = (fresh) => {
    Object.assign(state, fresh);
    for (const name of Object.keys(fresh)) for (const listener of listeners.get(`change:${name}`) ?? []) listener();
  };
  const say = async (message) => { if (!window.gone) take(JSON.parse(await window.kernel(JSON.stringify({ ...message, mounted })))); };
  const model = {
    get: (name) => (name === "columns" ? new DataView(new ArrayBuffer(0)) : state[name]),
    set: (name, value) => { state[name] = dirty[name] = value; },
    save_changes: () => { const sent = dirty; dirty = {}; say({ state: sent }); },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event) => listeners.delete(event),
    send: (message) => { if (window.gone === "loudly") throw new Error("the kernel is dead"); say({ custom: message }); },
  };
  window.held = state;
  const el = document.querySelector("#here") ?? document.body.appendChild(Object.assign(document.createElement("div"), { id: "here" }));
  window.adviz_unmount = front.render({ model, el });
}
"""


class Bridge:
    """The Python end, one explorer at a time. `sent` is everything that the page was given since it was opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.explorer: Explorer | None = None
        self.known: dict[str, Any] = {}
        self.sent: list[str] = []
        self.mounted = 0
        page.expose_function("kernel", self.hear)

    def open(self, explorer: Explorer) -> Locator:
        """The page shows this explorer. Once more with the same one: what a reload of the page does."""
        self.explorer, self.known, self.sent, self.mounted = explorer, {}, [], self.mounted + 1
        self.page.evaluate("window.gone = false")
        self.page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "mounted": self.mounted})
        return self.page.locator(".adviz-explorer")

    def hear(self, message: str) -> str:
        """What the page sent is done; what has changed since goes back."""
        assert self.explorer is not None
        given = json.loads(message)
        if given["mounted"] != self.mounted:  # the last words of an explorer that was taken away
            return "{}"
        if "state" in given:
            self.known |= given["state"]
            self.explorer.set_state(given["state"])
        if "custom" in given:
            self.explorer._handle_custom_msg(given["custom"], [])
        now = {name: value for name, value in self.explorer.get_state().items() if not name.startswith("_") and name != "columns"}
        fresh = {name: value for name, value in now.items() if name not in self.known or self.known[name] != value}
        self.known |= fresh
        self.sent.append(json.dumps(fresh, ensure_ascii=False))
        return self.sent[-1]
