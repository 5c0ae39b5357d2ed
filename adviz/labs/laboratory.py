"""A lab as a widget: the browser sends the values of the controls, Python makes what changes and sends it back.

It shows itself three ways: live, with a kernel; as a page in one file that carries every state of its controls' grids and needs nothing
(`to_html`); and as pictures and tables where neither runs, in a saved notebook on GitHub or on paper.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from adviz.errors import InputError
from adviz.labs.design import Design
from adviz.labs.stored import document, stored
from adviz.labs.twin import twin
from adviz.languages import LANGUAGES, TAGS, chosen, speaking, spoken
from adviz.texts import known, text
from adviz.views.assemble import LAB_STYLES, joined, styles
from adviz.views.display import kept
from adviz.views.page import literal, sheet
from adviz.widget.live import THEMES

FROM_BROWSER = ("values", "language")


def stylesheet() -> str:
    """The explorer's tokens and controls under the labs' own root, and the labs' styles."""
    return styles(LAB_STYLES).replace(".adviz-explorer", ".adviz-lab")


class Lab(anywidget.AnyWidget):
    """Something to find out by moving a slider. Made by `adviz.labs`.

    values      what is chosen, {"h": 0.001, "method": "forward"}; set it as a whole or in part: `lab.values = {"h": 1e-5}`
    alert       what went wrong with the last values; "" if nothing did
    theme       "light", "dark", or "" for that of the page
    language    "en" or "zh"
    """

    _esm = joined("labwidget.js")
    _css = stylesheet()

    lab = traitlets.Unicode().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    contents = traitlets.Unicode().tag(sync=True)
    alert = traitlets.Unicode().tag(sync=True)
    theme = traitlets.Enum(THEMES, default_value="").tag(sync=True)
    language = traitlets.Enum(LANGUAGES, default_value="en").tag(sync=True)

    def __init__(self, build: Callable[[], Design], *, theme: str | None = None, lang: str | None = None) -> None:
        """`build` makes the lab's design in the language that is spoken; once for each language that is chosen."""
        if theme not in (None, *THEMES):
            raise InputError(text("explorer.theme", theme=repr(theme)[:60]))
        self._build = build
        language = spoken() if lang is None else known(lang)
        self._chosen = chosen() if lang is None else language  # "" where nobody chose: then a page speaks its reader's
        self._design = speaking(language, build)()
        start = self._design.start
        self._shown = speaking(language, self._design.contents)(start)
        super().__init__(lab=self._document(language), values=start, contents=_json(self._shown), theme=theme or "", language=language)
        self.observe(self._take_values, "values")
        self.observe(self._take_language, "language")

    def __repr__(self) -> str:
        return f"Lab({self._design.name}, values={self.values})"

    def to_html(self, path: str | Path | None = None) -> str:
        """One HTML page that holds every state of the controls' grids, needs no kernel and loads nothing; written to `path` as well, if given."""
        designs = {language: speaking(language, self._build)() for language in dict.fromkeys((self.language, *LANGUAGES))}
        content = _json(stored(designs) | {"values": dict(self.values)})
        start = ", ".join(['document.getElementById("adviz")', literal(content), literal(self._chosen)])
        code = f"{joined('labpage.js')}\nplayLab({start});\n"
        return kept(sheet(self._design.title, TAGS.get(self.language, self.language), code, stylesheet()), path)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live widget, and beside it what is left where no widget runs: pictures, tables and the sentence."""
        bundle = super()._repr_mimebundle_(**options)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**(data or {}), "text/html": speaking(self.language, twin)(self._design), "text/plain": repr(self)}
        return (data, *rest) if rest else data

    def _document(self, language: str) -> str:
        return _json(document(self._design, language))

    @traitlets.validate("values")
    def _valid_values(self, proposal: Any) -> dict[str, Any]:
        given = proposal["value"]
        before = self._trait_values.get("values") or {}
        try:
            return self._design.taken({**before, **given})
        except InputError as error:
            raise traitlets.TraitError(str(error)) from error

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """What the browser sent: what a reader can change is taken, and only where it is valid; else it is said why not."""
        before = {name: getattr(self, name) for name in FROM_BROWSER}
        try:
            super().set_state({name: sync_data[name] for name in FROM_BROWSER if name in sync_data})
        except (traitlets.TraitError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            self._trait_values.update(before)
            self.alert = str(error)[:300]
            self.send_state(FROM_BROWSER)

    def _take_values(self, change: Any) -> None:
        """What changes is made again; of a piece that cannot be made the last one stays, and the reason is said."""
        problems = []
        old, new = self._design.offered(change["old"]), self._design.offered(change["new"])
        for key, piece in self._design.pieces.items():
            if any(old[name] != new[name] for name in piece.controls):
                found = speaking(self.language, self._design.content)(key, new)
                if isinstance(found, dict) and "problem" in found:
                    problems.append(found["problem"])
                else:
                    self._shown[key] = found
        with self.hold_sync():
            self.contents, self.alert = _json(self._shown), problems[0] if problems else ""

    def _take_language(self, change: Any) -> None:
        """Everything is said again."""
        self._chosen = change["new"]
        self._design = speaking(self._chosen, self._build)()
        self._shown = speaking(self._chosen, self._design.contents)(self.values)
        with self.hold_sync():
            self.lab, self.contents = self._document(self._chosen), _json(self._shown)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
