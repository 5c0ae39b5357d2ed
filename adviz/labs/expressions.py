"""The lab of expression swell: one step more, and the derivative written out doubles; the program grows by three lines.

The counts are those of `adviz.methods.swell`, for l_{k+1} = step(l_k).
"""

from __future__ import annotations

import re
from typing import Any

from adviz.labs.controls import Choice, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.methods.swelling import START, Swell, iterated, step_of
from adviz.methods.swelling import swell as measure
from adviz.methods.symbolic import symbolic_derivative
from adviz.texts import text
from adviz.views.number import number

STEP = "4*l*(1-l)"  # the logistic map
SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
WRITTEN = 4  # steps whose derivative is written out
LONGEST = 240  # characters of an expression that are shown
SYMBOL = re.compile(r"\bx\b")  # what SymPy's expressions are in
BARS = (("by_rules", "tangent"), ("simplified", "muted"), ("automatic", "adjoint"))


def swell(step: Any = STEP, n: int = 6, *, theme: str | None = None, lang: str | None = None) -> Lab:
    """Operations in dl_n/dl_1 for l_{k+1} = step(l_k): a lab with a slider for n and a bar for each way to write the derivative.

    `step` is a function of one number, a formula of one variable, or a SymPy expression; 4·l·(1 − l) by default. InputError unless n is a whole
    number from 2 to 12; UnsupportedError where a step is not one expression.
    """
    counts = measure(step, n if isinstance(n, int) and 1 < n <= 12 else 0)
    written = _written(step, n)
    return Lab(lambda: design(counts, written), theme=theme, lang=lang)


def _written(step: Any, n: int) -> list[tuple[str, str]]:
    """dl_k/dl_1 as SymPy makes it and simplified, for the first steps."""
    f = step_of(step)[0]
    found = [("1", "1")]
    for k in range(1, min(n, WRITTEN)):
        d = symbolic_derivative(iterated(f, k), START)
        found.append((str(d.partials[0]), str((d.simplified or d.partials)[0])))
    return [(_shortened(one), _shortened(other)) for one, other in found]


def _shortened(expression: str) -> str:
    expression = _dotted(expression)
    return expression if len(expression) <= LONGEST else f"{expression[:LONGEST]} …"


def _dotted(expression: str) -> str:
    return expression.replace("**", "^").replace("*", "·")


def design(counts: Swell, written: list[tuple[str, str]]) -> Design:
    """The lab as data."""
    n = len(counts.n)
    controls = (
        Slider("n", "n", counts.n, 2, between=False),
        Choice("scale", text("lab.swell.scale"), {"linear": text("lab.swell.linear"), "log": text("lab.swell.log")}, "linear"),
    )
    parts = (
        Sentence(("n",), lambda n: _said(counts, n)),
        Plot("bars", text("lab.swell.bars"), Layer(("scale",), lambda ax, scale: _axes(ax, counts, scale)), (
            Layer(("n",), lambda ax, n: _bars(ax, counts, n)),
        )),
        Rows("counts", ("n",), lambda n: _table(counts, n)),
        Rows("expressions", ("n",), lambda n: _expressions(counts, written, n)),
    )  # fmt: skip
    return Design("swell", text("lab.swell.title", step=_dotted(counts.step)), controls, parts, still={"n": n, "scale": "log"})


def _said(counts: Swell, n: int) -> str:
    slots = {"rules": counts.by_rules, "automatic": counts.automatic, "program": counts.program}
    return text("lab.swell.say" if n > 1 else "lab.swell.say.first", l=_named(n), **{name: number(column[n - 1]) for name, column in slots.items()})


def _named(n: int) -> str:
    """l₅"""
    return f"l{n}".translate(SUBSCRIPT)


def _axes(ax: Any, counts: Swell, scale: str) -> None:
    highest = max(c for name, _ in BARS for c in getattr(counts, name) if c is not None)
    ax.set(xlim=(0.4, len(counts.n) + 0.6), yscale=scale, ylim=(0, 1.08 * highest) if scale == "linear" else (0.7, 3 * highest))
    ax.set_xticks(counts.n, [str(k) for k in counts.n])
    label_axes(ax, "n", text("lab.swell.operations"))
    for k, (name, role) in enumerate(BARS):
        ax.text(0.03, 0.94 - 0.09 * k, f"■ {text(f'lab.swell.{name}')}", transform=ax.transAxes, color=ink(role), fontsize=13, va="center")


def _bars(ax: Any, counts: Swell, n: int) -> None:
    """Up to n; what comes after is for the learner to guess."""
    low = ax.get_ylim()[0]
    for k in range(n):
        for place, (name, role) in enumerate(BARS):
            count = getattr(counts, name)[k]
            if count is not None and count > low:
                ax.bar(k + 1 + 0.27 * (place - 1), count - low, 0.25, bottom=low, color=ink(role), edgecolor=ink("surface"), linewidth=0.5)
    rules = counts.by_rules[n - 1]
    ax.text(n - 0.27, max(rules, low), number(rules), color=ink("tangent"), ha="center", va="bottom", fontsize=13, weight="bold")


def _table(counts: Swell, n: int) -> Table:
    names = ("program", "expression", "by_rules", "symbolic", "simplified", "automatic")
    rows: list[tuple[str | Cell, ...]] = []
    for k in range(n):
        found = [getattr(counts, name)[k] for name in names]
        roles = dict(BARS)
        rows.append((str(k + 1), *(Cell("–" if c is None else number(c), roles.get(name, "")) for name, c in zip(names, found, strict=True))))
    columns = ("n", *(text(f"lab.swell.column.{name}") for name in names))
    return Table(text("lab.swell.counts"), columns, tuple(rows), n - 1)


def _expressions(counts: Swell, written: list[tuple[str, str]], n: int) -> Table:
    """The derivative written out, or, where that is too long, how long it is."""
    made, simple = written[n - 1] if n <= len(written) else (text("lab.swell.too_long"), text("lab.swell.too_long"))
    rows = (
        (text("lab.swell.symbolic"), Cell(made, "code")), (text("lab.swell.simplified"), Cell(simple, "code")),
        (text("lab.swell.loop"), Cell(f"for k in range({n - 1}):  l, l̇ = {_dotted(counts.step)}, ({SYMBOL.sub('l', written[1][1])})·l̇", "code")),
    )  # fmt: skip
    return Table(text("lab.swell.written", l=_named(n)), (text("lab.swell.way"), text("lab.swell.expression")), rows)
