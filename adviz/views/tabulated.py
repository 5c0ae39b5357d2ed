"""The modes that are no sweep of the trace, as files: the Jacobian's matrix, two traces side by side, the programs, the trace of the gradient.

A page of one opens in its mode. LaTeX and CSV hold what the mode shows; a picture there is of Second order alone, for the others are tables.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from adviz.errors import DocumentError
from adviz.languages import spoken
from adviz.texts import text
from adviz.views.display import TraceDocument, kept
from adviz.views.document import text_and_bytes
from adviz.views.latex import literal
from adviz.views.page import page
from adviz.views.quantity import is_number
from adviz.views.quantity import latex as quantity_latex
from adviz.views.table import cell, inert
from adviz.views.tikz import PREAMBLE
from adviz.views.translation import translated

Document = dict[str, Any]
Cells = Sequence[Sequence[Any]]  # the heading, then the rows: texts, quantities, None where there is nothing


def in_mode(content: Document, mode: str, step: int) -> TraceDocument:
    """A document as a mode shows it."""
    if mode in content["timelines"] or mode not in content.get("modes", {}):
        return TraceDocument(content, mode, step)
    return ModeDocument(content, mode, step)


class ModeDocument(TraceDocument):
    """A document in a mode that is no sweep: "jacobian", "second-order", "program" or "compare"."""

    def __init__(self, content: Document, mode: str, step: int) -> None:
        super().__init__(content)
        self.place = mode, step

    @property
    def part(self) -> Document:
        """What the document holds for this mode, in the language that is spoken."""
        found: Document = translated(self.content, spoken())["modes"][self.place[0]]
        return found

    def to_html(self, path: str | Path | None = None) -> str:
        content, columns = text_and_bytes(self.content)
        return kept(page(content, *self.place, columns), path)

    def to_svg(self, path: str | Path | None = None, **options: Any) -> str:
        return self._gradient().to_svg(path, **options)

    def to_gif(self, path: str | Path | None = None, **options: Any) -> bytes:
        return self._gradient().to_gif(path, **options)

    def to_film(self, path: str | Path | None = None, **options: Any) -> str | bytes:
        return self._gradient().to_film(path, **options)

    def to_latex(self, path: str | Path | None = None, *, figure: bool = True) -> str:
        match self.place[0]:
            case "second-order":
                return self._gradient().to_latex(path, figure=figure)
            case "program":
                return kept(listings(self.content["sources"], self.part), path)
        return kept("\n".join([PREAMBLE, as_latex(self.cells())]), path)

    def to_csv(self, path: str | Path | None = None) -> str:
        if self.place[0] == "second-order":
            return self._gradient().to_csv(path)
        return kept(as_csv(self.cells()), path)

    def cells(self) -> Cells:
        """The table of this mode. DocumentError for Program, which has none, and for a matrix that was too large to be filled."""
        match self.place[0]:
            case "jacobian":
                return matrix(self.part)
            case "compare":
                return side_by_side(self.part)
        self._refuse("export.no_table")

    def _gradient(self) -> TraceDocument:
        """The trace that Second order steps through. DocumentError where the mode is another, or has none."""
        if self.place[0] != "second-order":
            self._refuse("export.no_picture")
        if "document" not in self.part:
            raise DocumentError(self.part["missing"])
        return TraceDocument(self.part["document"], "forward", self.place[1])

    def _refuse(self, key: str) -> NoReturn:
        raise DocumentError(text(key, mode=text(f"page.mode.{self.place[0]}")))


def matrix(jacobian: Document) -> Cells:
    """∂ outputs / ∂ inputs."""
    if jacobian["sweeps"] is None:
        m, n = jacobian["shape"]
        raise DocumentError(text("export.no_matrix", rows=m, columns=n))
    columns = [sweep["entries"] for sweep in jacobian["sweeps"]["forward"]]
    return [["∂", *jacobian["columns"]], *([name, *(column[k] for column in columns)] for k, name in enumerate(jacobian["rows"]))]


def side_by_side(compared: Document) -> Cells:
    """A row for each line of either trace."""
    columns = compared["columns"]
    heads = [text("table.variable"), text("table.definition"), *(column["head"] for column in columns)]
    return [heads, *([row["symbol"], _definition(row), *(column["cells"][k] for column in columns)] for k, row in enumerate(compared["rows"]))]


def _definition(row: Document) -> str:
    return str(row["definition"]) if row["instead"] is None else f"{row['definition']} ↔ {row['instead']}"


def as_latex(cells: Cells) -> str:
    """A booktabs table, no wider than the line it stands in: columns of numbers end together."""
    head, *body = cells
    aligned = "".join("r" if any(is_number(row[k]) for row in body) else "l" for k in range(len(head)))
    lines = [" & ".join(literal(name) for name in head), *(" & ".join(map(_in_latex, row)) for row in body)]
    first, *others = (line + r" \\" for line in lines)
    table = [rf"\begin{{tabular}}{{{aligned}}}", r"\toprule", first, r"\midrule", *others, r"\bottomrule", r"\end{tabular}"]
    return "\n".join([r"\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%", *table, "}", ""])


def _in_latex(x: Any) -> str:
    return "" if x is None else literal(x) if _is_text(x) else f"${quantity_latex(x)}$"


def as_csv(cells: Cells) -> str:
    """Comma-separated values, numbers in full."""
    found = io.StringIO()
    out = csv.writer(found, lineterminator="\n")
    for row in cells:
        out.writerow(["" if x is None else inert(x) if _is_text(x) else cell(x) for x in row])
    return found.getvalue()


def _is_text(x: Any) -> bool:
    """A text that is no number: "nan" and "inf" are numbers in a document."""
    return isinstance(x, str) and not is_number(x)


def listings(sources: Sequence[Document], programs: Document) -> str:
    """The learner's code and the programs made of it, as they are. DocumentError where none could be made."""
    found = [program["text"] for program in programs["programs"].values()]
    if not found:
        raise DocumentError(" ".join(dict.fromkeys(refused["text"] for refused in programs["refused"].values())))
    texts = [*(source["text"] for source in sources), *found]
    return "\n".join("\n".join([r"\begingroup\small\begin{verbatim}", each.rstrip(), r"\end{verbatim}\endgroup", ""]) for each in texts)
