"""A small table that answers a question: the same cells as text and as HTML; and how wide words are, Han characters being two columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from textwrap import wrap
from unicodedata import combining, east_asian_width

Rows = Sequence[Sequence[str]]  # the heading, then a line for each entry


def aligned(rows: Rows, left: int) -> list[str]:
    """The rows as lines, columns two spaces apart: the first `left` of them begin together, the others end together.

    >>> aligned([("way", "count"), ("forward", "12")], left=1)
    ['way      count', 'forward     12']
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    sides = [padded if k < left else pushed for k in range(len(widths))]
    return ["  ".join(fit(cell, w) for fit, cell, w in zip(sides, row, widths, strict=True)).rstrip() for row in rows]


def width(line: str) -> int:
    """How many columns of a terminal a line takes.

    >>> width("v₁ 的值")
    7
    """
    return len(line) if line.isascii() else sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def padded(line: str, columns: int) -> str:
    """The line, filled with spaces to that many columns."""
    return line + " " * (columns - width(line))


def pushed(line: str, columns: int) -> str:
    """The same with the spaces before it."""
    return " " * (columns - width(line)) + line


PIECE = re.compile(r"[\u3000-\u9fff\uff00-\uffef][，。；：、？！）”]*|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+")


def wrapped(words: str, room: int) -> list[str]:
    """The words in lines of so many columns; between Han characters a line may end anywhere, but not before a full stop.

    >>> wrapped("计算 v₁：结果是 0.6931。", 12)
    ['计算 v₁：结', '果是 0.6931', '。']
    """
    if all(character < "\u3000" for character in words):
        return wrap(words, room)
    lines = [""]
    for piece in PIECE.findall(words):
        if lines[-1] and width(lines[-1] + piece.rstrip()) > room:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def ruled(rows: Rows, left: int) -> list[str]:
    """The same with a line beneath the heading."""
    head, *body = aligned(rows, left)
    return [head, "-" * width(head), *body]


def html_table(title: str, rows: Rows) -> str:
    """The table with its title as caption.

    >>> html_table("1 < 2", [("n",), ("7",)])
    '<table><caption>1 &lt; 2</caption><thead><tr><th scope=col>n</th></tr></thead><tbody><tr><td>7</td></tr></tbody></table>'
    """
    head, *body = rows
    cells = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in body)
    return f"<table><caption>{escape(title)}</caption><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>"
