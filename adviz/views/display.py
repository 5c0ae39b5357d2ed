"""How a trace, a timeline or a saved document shows itself: text in a terminal, a player with its static twin in a notebook, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any, TypeVar, cast

from adviz.errors import AdvizError, DocumentError, InputError
from adviz.languages import spoken
from adviz.texts import text
from adviz.timeline import Timeline
from adviz.views import table
from adviz.views.document import Document, excerpt, json_text, packed, text_and_bytes, whole
from adviz.views.expansion import shortened
from adviz.views.film import film, gif
from adviz.views.latex import literal
from adviz.views.lesson import notes_of
from adviz.views.page import mimebundle, page
from adviz.views.picture import legible, png
from adviz.views.saved import read
from adviz.views.svg import THEMES, svg
from adviz.views.tikz import PREAMBLE, figure_of
from adviz.views.translation import translated
from adviz.wengert import Trace

LONG = 1000  # variables: beyond, only the first and last lines are written out

Written = TypeVar("Written", str, bytes)


class TraceDocument:
    """A trace document as an object that shows itself. Made by `adviz.load`.

    document    the JSON object, as adviz/views/document.py specifies it
    mode        the timeline that is shown: "values", "forward" or "reverse"
    """

    def __init__(self, content: Document, mode: str = "values", step: int | None = None) -> None:
        self.content = content  # as it is kept in a file
        self._documents: dict[str, Document] = {}
        self.mode = mode if mode in content["timelines"] else next(iter(content["timelines"]), "values")
        self.step = self.steps if step is None else min(step, self.steps)

    @property
    def document(self) -> Document:
        """The document with every variable and step written down, in the language that is spoken. BudgetError for one of too many variables."""
        language = spoken()
        if language not in self._documents:
            self._documents[language] = whole(translated(self.content, language))
        return self._documents[language]

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """The document as JSON text; written to `path` as well, if given."""
        return kept(json_text(self.content), path)

    def to_html(self, path: str | Path | None = None) -> str:
        """One HTML page that steps without a kernel and loads nothing."""
        content, columns = text_and_bytes(self.content)
        return kept(page(content, self.mode, self.step, columns), path)

    def to_svg(self, path: str | Path | None = None, *, step: int | None = None, theme: str = "light") -> str:
        """The graph after `step` steps (all of them by default). DocumentError if the trace is too large for a picture."""
        if self.content["graph"] is None:
            raise DocumentError(translated(self.content, spoken()).get("graph_missing", ""))
        _check_theme(theme)
        return kept(svg(self.document, self.mode, self.step if step is None else step, theme=theme), path)

    def to_png(self, path: str | Path | None = None, *, step: int | None = None, theme: str = "light", scale: float = 2.0) -> bytes:
        """The same picture as pixels, `scale` of them for each unit of the SVG."""
        return kept(png(legible(self.to_svg)(step=step, theme=theme), scale=scale), path)

    def to_gif(
        self, path: str | Path | None = None, *, theme: str = "light", seconds: float = 1.4, scale: float = 1.5, repeat: bool = True
    ) -> bytes:  # fmt: skip
        """Every step with its sentence, one frame after the other, `seconds` each; once only with repeat=False."""
        _check_theme(theme)
        document = legible(lambda: self.document)()
        return kept(legible(gif)(document, self.mode, theme=theme, seconds=seconds, scale=scale, repeat=repeat), path)

    def to_film(
        self, path: str | Path | None = None, *, steps: Iterable[int] | None = None, columns: int | None = None,
        theme: str = "light", scale: float = 2.0,
    ) -> str | bytes:  # fmt: skip
        """A film strip for a slide: the frames after `steps` (up to six by default) in one SVG; PNG where the path ends in .png."""
        _check_theme(theme)
        is_png = str(path).lower().endswith(".png")
        document = legible(lambda: self.document)() if is_png else self.document
        strip = (legible(film) if is_png else film)(document, self.mode, steps, columns=columns, theme=theme)
        return kept(png(strip, scale=scale), path) if is_png else kept(strip, path)

    def to_latex(self, path: str | Path | None = None, *, figure: bool = True) -> str:
        """The graph as a TikZ picture (left out with figure=False) and the table in booktabs, for any LaTeX without further files."""
        drawn = [figure_of(self.to_svg())] if figure and self.content["graph"] is not None else []
        said = [rf"\par\noindent {literal(note)}" + "\n" for note in authors_notes(self)]
        needs = [f"% {text('latex.han')}"] if spoken() == "zh" else []
        return kept("\n".join([PREAMBLE, *needs, *drawn, table.as_latex(self.document, self.mode), *said]), path)

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as comma-separated values, numbers in full."""
        return kept(table.as_csv(self.document, self.mode), path)

    @property
    def size(self) -> int:
        """How many variables there are."""
        variables = self.content["variables"]
        return int(variables["count"]) if isinstance(variables, dict) else len(variables)

    @property
    def steps(self) -> int:
        """How many steps the timeline has."""
        steps = self.content["timelines"][self.mode]["steps"]
        return int(steps["count"]) if isinstance(steps, dict) else len(steps)


class LoadedDocument(TraceDocument):
    """A document from a file. What is wrong deep inside it is found when it is shown, and said as a DocumentError with the part that is wrong."""

    def __repr__(self) -> str:
        try:
            return str(self._shown("timelines", as_text, self))
        except DocumentError as error:
            return str(error)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return cast(dict[str, str], self._shown("timelines", bundle, self))
        except DocumentError as error:
            return {"text/plain": str(error)}

    def to_svg(self, path: str | Path | None = None, **options: Any) -> str:
        return str(self._shown("graph", super().to_svg, path, **options))

    def to_gif(self, path: str | Path | None = None, **options: Any) -> bytes:
        return cast(bytes, self._shown("graph", super().to_gif, path, **options))

    def to_film(self, path: str | Path | None = None, **options: Any) -> str | bytes:
        return cast(str, self._shown("graph", super().to_film, path, **options))

    def to_latex(self, path: str | Path | None = None, **options: Any) -> str:
        return str(self._shown("variables", super().to_latex, path, **options))

    def to_csv(self, path: str | Path | None = None) -> str:
        return str(self._shown("variables", super().to_csv, path))

    def _shown(self, field: str, show: Callable[..., Any], *given: Any, **options: Any) -> Any:
        try:
            return show(*given, **options)
        except AdvizError:
            raise
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            problem = f"cannot be shown ({type(error).__name__}: {error})"[:200]
            raise DocumentError(text("document.field", field=field, problem=problem)) from error


def _check_theme(theme: str) -> None:
    if theme not in THEMES:
        raise InputError(text("explorer.theme", theme=repr(theme)[:60]))


def kept(written: Written, path: str | Path | None) -> Written:
    """The text, also written to the file if there is one."""
    if path is not None:
        Path(path).write_bytes(written.encode() if isinstance(written, str) else written)
    return written


def of(shown: Trace | Timeline | TraceDocument, *, entire: bool = True) -> TraceDocument:
    """The document of a trace or timeline; without `entire`, of a long one only the first and last lines."""
    match shown:
        case TraceDocument():
            return shown if entire or shown.size <= LONG else TraceDocument(shortened(shown.content, head=40, tail=20))
        case Timeline():
            trace, mode = shown.trace, shown.mode
            timelines = {mode: shown}
        case _:
            trace, mode, timelines = shown, "values", {}
    if not entire and trace.size > LONG:
        return TraceDocument(excerpt(trace, head=40, tail=20))
    return TraceDocument(packed(trace, timelines), mode)


def as_text(shown: Trace | Timeline | TraceDocument) -> str:
    """The aligned table, with the notes under it."""
    found = of(shown, entire=False)
    notes = [f"  {note['text']}" for note in found.document["notes"] if note["kind"] != "converted"]
    outcomes = [f"  {text('branch.taken', condition=b['text'], outcome=str(b['outcome']))}" for b in found.document["branches"][:10]]
    return "\n".join([table.as_text(found.document, found.mode), *outcomes, *notes, *(f"  {note}" for note in authors_notes(found))])


def authors_notes(found: TraceDocument) -> list[str]:
    """What the author says of the steps of the mode that is shown."""
    return [text("lesson.note", n=step, note=note) for step, note in notes_of(found.content, found.mode)]


def bundle(shown: Trace | Timeline | TraceDocument) -> dict[str, str]:
    """What a notebook keeps: text, and HTML that needs neither kernel nor widget state."""
    found = of(shown, entire=False)
    printed = as_text(found)
    if "left_out" in found.content:
        return {"text/plain": printed}
    picture = "" if found.content["graph"] is None else found.to_svg()
    said = "".join(f"<p>{escape(note)}</p>" for note in authors_notes(found))
    return mimebundle(json_text(found.content), found.mode, picture, table.as_html(found.document, found.mode) + said, printed)


def load(path: str | Path) -> TraceDocument:
    """A saved trace document; it shows itself and can be written as HTML, SVG, PNG, GIF, LaTeX or CSV.

    DocumentError for a file that is not a trace document, or of a newer version; FileNotFoundError if there is none.
    """
    try:
        content = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(text("document.not_json", reason=str(error)[:120])) from None
    return LoadedDocument(read(content))

