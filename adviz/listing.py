"""A small table that answers a question: the same cells as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Rows = Sequence[Sequence[str]]  # the heading, then a line for each entry


def aligned(rows: Rows, left: int) -> list[str]:
    """The rows as lines, columns two spaces apart: the first `left` of them begin together, the others end together.

    >>> aligned([("way", "count"), ("forward", "12")], left=1)
    ['way      count', 'forward     12']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ([cell.ljust(w) if k < left else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))] for row in rows)
    return ["  ".join(cells).rstrip() for cells in padded]


def ruled(rows: Rows, left: int) -> list[str]:
    """The same with a line beneath the heading."""
    head, *body = aligned(rows, left)
    return [head, "-" * len(head), *body]


def html_table(title: str, rows: Rows) -> str:
    """The table with its title as caption.

    >>> html_table("1 < 2", [("n",), ("7",)])
    '<table><caption>1 &lt; 2</caption><thead><tr><th scope=col>n</th></tr></thead><tbody><tr><td>7</td></tr></tbody></table>'
    """
    head, *body = rows
    cells = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in body)
    return f"<table><caption>{escape(title)}</caption><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>"
