"""A table of which some cells are asked for, as text and as HTML. A cell that is not known is a hatched "?" with a word beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import NamedTuple

from adviz.texts import text
from adviz.views.table import padded, width

GIVEN, ASKED, UNKNOWN, RIGHT, SHOWN = "given", "asked", "unknown", "right", "shown"


class Entry(NamedTuple):
    """What stands in a cell. `written` is "" where the number is not to be seen."""

    written: str
    state: str = GIVEN

    @property
    def word(self) -> str:
        """What is said beside it; nothing for what was given."""
        return "" if self.state == GIVEN else text(f"exercise.state.{self.state}")

    @property
    def line(self) -> str:
        """The cell in a terminal."""
        return f"{self.written or '?'} ({self.word})" if self.word else self.written


class Grid(NamedTuple):
    """A caption, headings and rows."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Entry]]

    def as_text(self) -> str:
        """The columns aligned."""
        lines = [list(self.headings), *([entry.line for entry in row] for row in self.rows)]
        widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
        return "\n".join([self.caption, *("  " + "  ".join(map(padded, line, widths)).rstrip() for line in lines)])

    def as_html(self) -> str:
        """A plain table: a row's first cell is its heading."""
        head = "".join(f'<th scope="col">{escape(h)}</th>' for h in self.headings)
        body = "".join(f'<tr><th scope="row">{escape(row[0].written)}</th>{"".join(map(_cell, row[1:]))}</tr>' for row in self.rows)
        return f"<table><caption>{escape(self.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(entry: Entry) -> str:
    if not entry.word:
        return f"<td>{escape(entry.written)}</td>"
    mark = f"<b>{escape(entry.written)}</b>" if entry.written else '<span class="adviz-hatched">?</span>'
    return f'<td class="adviz-{entry.state}">{mark} <small>{escape(entry.word)}</small></td>'


def framed(parts: Sequence[str]) -> str:
    """Parts of HTML with their style, as one output of a notebook."""
    return f'<div class="adviz-exercise"><style>{style()}</style>{"".join(parts)}</div>'


def style() -> str:
    """The style sheet of exercises."""
    return (files("adviz.exercises") / "static" / "exercises.css").read_text(encoding="utf-8")
