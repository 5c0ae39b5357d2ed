"""A program beside the learner's code: two columns, each line of the program linked to the line it comes from."""

from __future__ import annotations

from html import escape
from itertools import count

from adviz.transform.printing import Printed
from adviz.transform.statements import Place

numbered = count(1)  # two programs on one page must not share an anchor


def as_html(printed: Printed, sources: dict[str, list[str]]) -> str:
    """A table of two listings. No script and no style but the browser's; every name of the learner's is escaped."""
    program = f"adviz-program-{next(numbered)}"
    places = sorted({place for place in printed.places if place is not None})
    anchors = {place: f"{program}-{k}" for k, place in enumerate(places)}
    rows = (listing([original(place, anchors[place], sources) for place in places]), listing(generated(printed, anchors)))
    return f"<table><tr>{''.join(f'<td><pre>{row}</pre></td>' for row in rows)}</tr></table>"


def listing(lines: list[str]) -> str:
    """Lines of a listing."""
    return "\n".join(lines)


def original(place: Place, anchor: str, sources: dict[str, list[str]]) -> str:
    """A line of the learner's, with its number."""
    lines = sources.get(place.file, [])
    text = lines[place.line - 1].rstrip() if 0 < place.line <= len(lines) else ""
    return f'<span id="{anchor}">{place.line:4d}  {escape(text)}</span>'


def generated(printed: Printed, anchors: dict[Place, str]) -> list[str]:
    """The program's lines, each with the number of the line it comes from, as a link to it."""
    lines = []
    for text, place in zip(printed.text.splitlines(), printed.places, strict=False):
        number = f'<a href="#{anchors[place]}">{place.line:4d}</a>' if place is not None else "    "
        lines.append(f"{number}  {escape(text)}")
    return lines
