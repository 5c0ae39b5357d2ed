"""The table of a trace in two precisions, as text and as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from adviz.listing import aligned
from adviz.scale.digits import Compared, Comparison, LineDigits
from adviz.texts import text

SHOWN = 60  # lines of a long trace: as many at its start as at its end
COLUMNS = ("variable", "definition", "wide", "narrow", "relative", "ulps", "lost", "amplifies", "rounding", "effect")


def as_text(p: Comparison) -> str:
    """An aligned table, and beneath it where the digits go."""
    head, body = table(p)
    lines = aligned([head, *body], left=2)
    if len(body) > 2 * SHOWN:
        gap = text("table.more", count=len(body) - 2 * SHOWN)
        lines = [*lines[: SHOWN + 1], gap, *lines[-SHOWN:]]
    return "\n".join([caption(p), *lines, *remarks(p)])


def as_table(p: Comparison) -> str:
    """The same as an HTML table."""
    head, body = table(p)
    columns = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    rows = "".join(f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>' for row in body)
    notes = "".join(f"<p>{escape(line)}</p>" for line in remarks(p))
    return f"<table><caption>{escape(caption(p))}</caption><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>{notes}"


def as_page(p: Comparison) -> str:
    """The table as a page of its own."""
    head = f'<meta charset="utf-8"><title>{escape(caption(p))}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>{as_table(p)}</body></html>\n'


def caption(p: Comparison) -> str:
    """What is compared, and how many digits the narrow precision has."""
    digits = -math.log10(float(np.finfo(p.names[0]).eps) / 2)
    return text("precision.title", function=p.function, narrow=p.names[0], wide=p.names[1], digits=f"{digits:.1f}")


def table(p: Comparison) -> tuple[list[str], list[list[str]]]:
    """The headings, and the cells of each line; tangents and adjoints where they were asked for."""
    more = [name for name in ("tangent", "adjoint") if any(getattr(line, name) is not None for line in p.lines)]
    titles = {"wide": p.names[1], "narrow": p.names[0]}
    head = [titles.get(name) or text(f"precision.{name}") for name in COLUMNS]
    for name in more:
        head += [text(f"precision.{name}"), text("precision.lost")]
    return head, [[*_cells(line), *(cell for name in more for cell in _derivative(getattr(line, name)))] for line in p.lines]


def _cells(line: LineDigits) -> list[str]:
    value = line.value
    return [
        line.name, line.definition, entry(value, value.wide), entry(value, value.narrow) + alarm(value), figure(value.relative), figure(value.ulps),
        lost(value), figure(line.amplification), figure(line.rounding), figure(line.effect),
    ]  # fmt: skip


def _derivative(both: Compared | None) -> tuple[str, str]:
    return ("", "") if both is None else (entry(both, both.narrow) + alarm(both), lost(both))


def lost(both: Compared) -> str:
    """Digits that are wrong; blank for none."""
    return f"{both.lost:.1f}" if both.lost >= 0.05 else ""


def alarm(both: Compared) -> str:
    """A word where a number left the range of the narrow precision."""
    return " " + text("precision.overflow") if both.overflows else " " + text("precision.vanished") if both.vanishes else ""


def entry(both: Compared, u: Any) -> str:
    """A number; of an array the entry with the largest error, with its place."""
    if not np.ndim(u):
        return figure(float(np.asarray(u)), 4)
    worst = np.unravel_index(int(np.argmax(np.nan_to_num(np.abs(both.error), nan=math.inf))), np.shape(u)) if np.size(u) else ()
    return f"[{', '.join(str(int(k)) for k in worst)}] {figure(float(np.asarray(u)[worst]), 4)}" if np.size(u) else "[]"


def figure(x: float, digits: int = 2) -> str:
    """A number in a few figures; blank if it is not known."""
    return "" if math.isnan(x) else f"{x:.{digits}g}"


def remarks(p: Comparison) -> Sequence[str]:
    """Whose error the result has, and what multiplies errors most."""
    found = []
    known = [line.effect for line in p.lines if not math.isnan(line.effect)]
    if known and len(p.results) == 1:
        y = p.results[0]
        total = float(np.sum(y.value.error)) if y.adjoint is None else float(np.sum(np.multiply(y.adjoint.wide, y.value.error)))
        found.append(text("precision.total", name=y.name, error=figure(total), explained=figure(math.fsum(known))))
        blamed = [text("precision.share", name=u.name, definition=u.definition, effect=figure(u.effect)) for u in p.worst()]
        if blamed:
            found.append(text("precision.blame", shares="; ".join(blamed)))
    steepest = max(p.lines, key=lambda u: 0.0 if math.isnan(u.amplification) else u.amplification)
    if steepest.amplification >= 10:
        found.append(text("precision.steep", name=steepest.name, definition=steepest.definition, times=figure(steepest.amplification)))
    return found
