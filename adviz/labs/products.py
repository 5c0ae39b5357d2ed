"""The lab of brackets: where a product of Jacobians begins decides what it costs, and so does the choice of mode.

Forward mode multiplies J₃ J₂ J₁ from the right, reverse mode from the left (`adviz.scale.matrix_chain`). Then cards: a function with so many inputs
and outputs, which mode is cheaper? The answer is counted from its trace (`adviz.scale.cost`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.formulas import formula
from adviz.labs.controls import Choice, Control, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.scale.bracketing import Bracketing, MatrixChain, matrix_chain
from adviz.scale.costs import Cost, cost
from adviz.texts import text

SIZES = {"n3": (1, 3, 100), "n2": (1, 3, 100), "n1": (1, 3, 100), "n0": (1, 4, 100)}
START = {"n3": 1, "n2": 3, "n1": 3, "n0": 4}  # 48 against 21
DIMENSIONS = tuple(SIZES)
OPEN = "?"


class Card(NamedTuple):
    """A function and a point: a scenario."""

    f: Callable[..., Any]
    at: tuple[Any, ...]


def loss(w: Any) -> Any:
    """256 weights, one number."""
    return np.sum(np.tanh(w * np.linspace(-1, 1, 256)))


def curve(t: Any) -> Any:
    """One parameter, 64 numbers."""
    return np.sin(np.arange(1.0, 65.0) * np.exp(t))


def layer(x: Any) -> Any:
    """100 numbers, 100 numbers."""
    return np.tanh(np.full((100, 100), 0.01) @ x)


def cards() -> dict[str, Card]:
    """The scenarios, by name."""
    return {
        "example": Card(formula("ln(x1) + x1*x2 - sin(x2)"), (2.0, 5.0)), "loss": Card(loss, (np.full(256, 0.1),)),
        "curve": Card(curve, (0.5,)), "layer": Card(layer, (np.full(100, 0.1),)),
    }  # fmt: skip


def brackets(*, theme: str | None = None, lang: str | None = None) -> Lab:
    """(J₃ J₂) J₁ or J₃ (J₂ J₁): a lab that counts the multiplications of both for any shapes, and the operations of both modes for four functions."""
    return Lab(design, theme=theme, lang=lang)


def product(n3: int, n2: int, n1: int, n0: int) -> MatrixChain:
    """J₃ of n3 × n2, J₂ of n2 × n1, J₁ of n1 × n0."""
    return matrix_chain((n3, n2), (n2, n1), (n1, n0))


def design() -> Design:
    """The lab as data."""
    costs = {name: cost(card.f, *card.at) for name, card in cards().items()}
    sliders = tuple(Slider(name, text(f"lab.brackets.{name}"), sizes, START[name], log=True) for name, sizes in SIZES.items())
    orders = {OPEN: OPEN, "forward": "J₃ (J₂ J₁)", "reverse": "(J₃ J₂) J₁"}
    modes = {OPEN: OPEN, **{name: text(f"lab.brackets.{name}") for name in ("forward", "reverse", "equal")}}
    controls: tuple[Control, ...] = (
        *sliders, Choice("order", text("lab.brackets.order"), orders, OPEN),
        Choice("card", text("lab.brackets.card"), {name: text(f"lab.brackets.card.{name}") for name in costs}, "loss"),
        Choice("mode", text("lab.brackets.mode"), modes, OPEN),
    )  # fmt: skip
    chosen = (*DIMENSIONS, "order")
    parts = (
        Sentence(chosen, _said),
        Plot("bars", text("lab.brackets.bars"), Layer((), _axes), (Layer(chosen, _bars),)),
        Rows("steps", chosen, _steps),
        Sentence(("card", "mode"), lambda card, mode: _verdict(costs[card], card, mode), "verdict"),
        Rows("ways", ("card", "mode"), lambda card, mode: None if mode == OPEN else _ways(costs[card], card)),
    )  # fmt: skip
    return Design("brackets", text("lab.brackets.title"), controls, parts, still={"order": "reverse", "mode": "reverse"})


def _said(order: str, **sizes: int) -> str:
    if order == OPEN:
        return text("lab.brackets.ask")
    found = product(**sizes)
    counts = {name: getattr(found, name).multiplications for name in ("forward", "reverse")}
    mine, other = (counts[order], counts["reverse" if order == "forward" else "forward"])
    verdict = "equal" if mine == other else "cheaper" if mine < other else "dearer"
    slots = {"order": getattr(found, order).text, "mode": text(f"lab.brackets.{order}"), "count": f"{mine:,}", "other": f"{other:,}"}
    return text(f"lab.brackets.say.{verdict}", **slots)


def _axes(ax: Any) -> None:
    ax.set(xscale="log", xlim=(1, 4e6), ylim=(-0.6, 1.6))
    ax.set_yticks(())
    ax.text(0.02, 0.97, f"→ {text('lab.brackets.forward')}: J₃ (J₂ J₁)", transform=ax.transAxes, color=ink("tangent"), va="top")
    ax.text(0.02, 0.47, f"← {text('lab.brackets.reverse')}: (J₃ J₂) J₁", transform=ax.transAxes, color=ink("adjoint"), va="top")
    label_axes(ax, text("lab.brackets.multiplications"), "")


def _bars(ax: Any, order: str, **sizes: int) -> None:
    if order == OPEN:
        return
    found = product(**sizes)
    for y, name, role in ((1, "forward", "tangent"), (0, "reverse", "adjoint")):
        fill = role if name == order else f"{role}-soft"
        ax.barh(y - 0.1, getattr(found, name).multiplications, height=0.4, color=ink(fill), edgecolor=ink(role), linewidth=2)


def _steps(order: str, **sizes: int) -> Table | None:
    """Both orders, product by product."""
    if order == OPEN:
        return None
    found = product(**sizes)
    rows = [row for name in ("forward", "reverse") for row in _steps_of(getattr(found, name), name, **sizes)]
    columns = tuple(text(f"lab.brackets.column.{name}") for name in ("product", "shapes", "multiplications"))
    return Table(text("lab.brackets.steps"), columns, tuple(rows), 2 if order == "forward" else 5)


def _steps_of(found: Bracketing, name: str, n3: int, n2: int, n1: int, n0: int) -> list[tuple[str | Cell, ...]]:
    """The two products of an order, and their sum."""
    role = "tangent" if name == "forward" else "adjoint"
    inner, outer = (
        (("J₂ J₁", (n2, n1), (n1, n0)), ("J₃ (J₂ J₁)", (n3, n2), (n2, n0))) if name == "forward"
        else (("J₃ J₂", (n3, n2), (n2, n1)), ("(J₃ J₂) J₁", (n3, n1), (n1, n0)))
    )  # fmt: skip
    rows: list[tuple[str | Cell, ...]] = [
        (words, f"({a[0]}×{a[1]}) ({b[0]}×{b[1]})", f"{matrix_chain(a, b).best.multiplications:,}") for words, a, b in (inner, outer)
    ]
    return [*rows, (Cell(text("lab.brackets.sum", mode=text(f"lab.brackets.{name}")), role), "", Cell(f"{found.multiplications:,}", role))]


def _verdict(found: Cost, card: str, mode: str) -> str:
    slots: dict[str, Any] = {"card": text(f"lab.brackets.card.{card}"), "inputs": found.inputs, "outputs": found.outputs}
    if mode == OPEN:
        return text("lab.brackets.card.ask", **slots)
    forward, reverse = found["together"].operations, found["reverse"].operations
    best = "equal" if forward == reverse else "forward" if forward < reverse else "reverse"
    slots |= {"forward": f"{forward:,}", "reverse": f"{reverse:,}"}
    return f"{text('lab.brackets.right' if mode == best else 'lab.brackets.not_yet')} {text(f'lab.brackets.best.{best}', **slots)}"


def _ways(found: Cost, card: str) -> Table:
    """The ways to the derivative, counted."""
    rows = tuple(
        (way.name, str(way.sweeps), Cell(f"{way.operations:,}", "strong" if way is found.cheapest else ""), f"{way.held:,}")
        for way in found.ways if way.kind != "checkpointed"
    )  # fmt: skip
    columns = tuple(text(f"cost.{name}") for name in ("way", "sweeps", "operations", "held"))
    return Table(text("lab.brackets.ways", card=text(f"lab.brackets.card.{card}")), columns, rows)
