"""How a trace, a timeline or a saved document shows itself: text in a terminal, a player with its static twin in a notebook, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from adviz.errors import DocumentError
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views import table
from adviz.views.document import Document, document, excerpt, json_text
from adviz.views.page import mimebundle, page
from adviz.views.saved import read
from adviz.views.svg import svg
from adviz.wengert import Trace

LONG = 1000  # variables: beyond, only the first and last lines are written out

Written = TypeVar("Written", str, bytes)


class TraceDocument:
    """A trace document as an object that shows itself. Made by `adviz.load`.

    document    the JSON object, as adviz/views/document.py specifies it
    mode        the timeline that is shown: "values", "forward" or "reverse"
    """

    def __init__(self, content: Document, mode: str = "values") -> None:
        self.document = content
        self.mode = mode if mode in content["timelines"] else next(iter(content["timelines"]), "values")

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """The document as JSON text; written to `path` as well, if given."""
        return kept(json_text(self.document), path)

    def to_html(self, path: str | Path | None = None) -> str:
        """One HTML page that steps without a kernel and loads nothing."""
        return kept(page(json_text(self.document), self.mode, self.steps), path)

    def to_svg(self, path: str | Path | None = None, *, step: int | None = None, theme: str = "light") -> str:
        """The graph after `step` steps (all of them by default). DocumentError if the trace is too large for a picture."""
        if self.document["graph"] is None:
            raise DocumentError(self.document.get("graph_missing", ""))
        return kept(svg(self.document, self.mode, self.steps if step is None else step, theme=theme), path)

    def to_latex(self, path: str | Path | None = None) -> str:
        """The table as a booktabs tabular."""
        return kept(table.as_latex(self.document, self.mode), path)

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as comma-separated values, numbers in full."""
        return kept(table.as_csv(self.document, self.mode), path)

    @property
    def steps(self) -> int:
        """How many steps the timeline has."""
        return len(self.document["timelines"][self.mode]["steps"])


def kept(written: Written, path: str | Path | None) -> Written:
    """The text, also written to the file if there is one."""
    if path is not None:
        Path(path).write_bytes(written.encode() if isinstance(written, str) else written)
    return written


def of(shown: Trace | Timeline | TraceDocument, *, whole: bool = True) -> TraceDocument:
    """The document of a trace or timeline; without `whole`, of a long one only the first and last lines."""
    match shown:
        case TraceDocument():
            return shown
        case Timeline():
            trace, mode = shown.trace, shown.mode
            timelines = {mode: shown}
        case _:
            trace, mode, timelines = shown, "values", {}
    if not whole and trace.size > LONG:
        return TraceDocument(excerpt(trace, head=40, tail=20))
    return TraceDocument(document(trace, timelines), mode)


def as_text(shown: Trace | Timeline | TraceDocument) -> str:
    """The aligned table, with the notes under it."""
    found = of(shown, whole=False)
    notes = [f"  {note['text']}" for note in found.document["notes"] if note["kind"] != "converted"]
    outcomes = [f"  {text('branch.taken', condition=b['text'], outcome=str(b['outcome']))}" for b in found.document["branches"][:10]]
    return "\n".join([table.as_text(found.document, found.mode), *outcomes, *notes])


def bundle(shown: Trace | Timeline | TraceDocument) -> dict[str, str]:
    """What a notebook keeps: text, and HTML that needs neither kernel nor widget state."""
    found = of(shown, whole=False)
    content = found.document
    printed = as_text(found)
    if "left_out" in content:
        return {"text/plain": printed}
    picture = "" if content["graph"] is None else found.to_svg()
    return mimebundle(json_text(content), found.mode, picture, table.as_html(content, found.mode), printed)


def load(path: str | Path) -> TraceDocument:
    """A saved trace document; it shows itself and can be written as HTML, SVG, LaTeX or CSV.

    DocumentError for a file that is not a trace document, or of a newer version; FileNotFoundError if there is none.
    """
    try:
        content = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(text("document.not_json", reason=str(error)[:120])) from None
    return TraceDocument(read(content))

