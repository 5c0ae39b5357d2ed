"""Numbers as aligned tables and goals as lines that end with the verdict."""

from __future__ import annotations

from collections.abc import Sequence


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column to the left, numbers to the right."""
    widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    print(f"\n{title}\n")
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  " + "  ".join(cells).rstrip())


def goal(what: str, measured: float, *, at_most: float | None = None, at_least: float | None = None, unit: str = "") -> str:
    """One line: what was measured, the goal, and "met" or "NOT met (by how much)".

    >>> goal("P5 import", 1.1, at_most=1.25, unit="x")
    'P5 import: 1.10x, goal <= 1.25x: met'
    """
    assert (at_most is None) != (at_least is None)
    if at_most is not None:
        sign, limit, met = "<=", at_most, measured <= at_most
    else:
        sign, limit, met = ">=", at_least, measured >= at_least
    verdict = "met" if met else f"NOT met (off by a factor of {max(measured / limit, limit / measured):.2f})"
    return f"{what}: {figure(measured)}{unit}, goal {sign} {limit:g}{unit}: {verdict}"


def print_goals(lines: Sequence[str]) -> None:
    """The verdicts, under their table."""
    print()
    for line in lines:
        print("  " + line)


def figure(x: float) -> str:
    """Three figures, as many as such a measurement can bear.

    >>> figure(24.26), figure(1103.4), figure(1.25)
    ('24.3', '1,103', '1.25')
    """
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"
