"""The lab of Jacobians: the matrix painted by columns (forward) or by rows (reverse), and its product with a direction.

J·v is a sum of columns, w·J a sum of rows: the plot lays them head to tail. Either product is one sweep, and no matrix is needed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.labs.controls import Choice, Control, Slider
from adviz.labs.design import Cell, Design, Layer, Part, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.operators import output_names
from adviz.texts import text
from adviz.timeline import forward, reverse
from adviz.views.jacobian import entry_names
from adviz.views.number import number
from adviz.wengert import Trace, trace

COMPONENTS = tuple(float(k) for k in range(-3, 4))
MOST = 3  # entries of the inputs, and of the outputs: a slider each
WAYS = {"forward": "tangent", "reverse": "adjoint"}


def F(x1: Any, x2: Any) -> Any:
    """The example."""
    return x1 * x2, np.sin(x1)


def jacobian(f: Callable[..., Any] | None = None, *at: Any, theme: str | None = None, lang: str | None = None) -> Lab:
    """J·v and w·J: a lab that paints the Jacobian of f sweep by sweep, with a slider for each component of the direction.

    f has up to 3 inputs and outputs, counting the entries of arrays; by default F(x1, x2) = (x1·x2, sin x1) at (2, 5). InputError for more.
    """
    f, at = (F, at or (2.0, 5.0)) if f is None else (f, at)
    painter = Painter(trace(f, *at))
    return Lab(lambda: design(painter), theme=theme, lang=lang)


class Painter:
    """A trace, its sweeps, and the matrix that they make."""

    def __init__(self, t: Trace) -> None:
        self.trace = t
        self.points = {"forward": list(t.point), "reverse": [t.value_of(i) for i in t.outputs]}
        self.names = {
            "forward": entry_names(t.parameters, self.points["forward"]),
            "reverse": entry_names(output_names(len(t.outputs)), self.points["reverse"]),
        }
        if not all(0 < len(names) <= MOST for names in self.names.values()):
            n, m = (len(names) for names in self.names.values())
            raise InputError(text("lab.jacobian.large", function=t.function, inputs=n, outputs=m, most=MOST))
        self.matrix = np.array([self.sweep("forward", e) for e in np.eye(len(self.names["forward"]))]).T

    def sweep(self, way: str, direction: np.ndarray) -> np.ndarray:
        """J·v, or w·J: one sweep of the trace."""
        ends = np.cumsum([np.size(u) for u in self.points[way]])[:-1]
        leaves = zip(np.split(np.asarray(direction, float), ends), self.points[way], strict=True)
        seed = tuple(part.reshape(np.shape(u)) if np.ndim(u) else float(part[0]) for part, u in leaves)
        found = (forward if way == "forward" else reverse)(self.trace, seed=seed).result
        return np.concatenate([np.ravel(u).astype(float) for u in found])

    def lines(self, way: str) -> np.ndarray:
        """The columns, or the rows."""
        return self.matrix.T if way == "forward" else self.matrix

    def direction(self, way: str, components: dict[str, float]) -> np.ndarray:
        """As many of the components as this way has."""
        return np.array(list(components.values())[: len(self.names[way])])


def design(p: Painter) -> Design:
    """The lab as data."""
    most = max(map(len, p.names.values()))
    names = tuple(f"d{k}" for k in range(most))
    ways = {way: text(f"lab.jacobian.{way}") for way in WAYS}
    start = (1.0, 2.0, 0.0)
    controls: tuple[Control, ...] = (
        Choice("way", text("lab.jacobian.way"), ways, "forward"),
        Slider("sweeps", text("lab.jacobian.sweeps"), tuple(range(most + 1)), 0, between=False),
        *(Slider(name, text("lab.jacobian.component", k=k + 1), COMPONENTS, start[k]) for k, name in enumerate(names)),
    )  # fmt: skip
    parts: list[Part] = [
        Sentence(("way", "sweeps"), lambda **at: _painted(p, **at)),
        Rows("matrix", ("way", "sweeps"), lambda **at: _matrix(p, **at)),
        Sentence(("way", *names), lambda way, **components: _product(p, way, components), "product"),
    ]
    if all(len(found) == 2 for found in p.names.values()):
        layer = Layer(("way", *names), lambda ax, way, **components: _head_to_tail(ax, p, way, components))
        parts.append(Plot("sum", text("lab.jacobian.plot"), Layer(("way",), lambda ax, way: _axes(ax, p, way)), (layer,)))
    return Design("jacobian", text("lab.jacobian.title", function=p.trace.function), controls, tuple(parts), still={"sweeps": most})


def _painted(p: Painter, way: str, sweeps: int) -> str:
    total = len(p.names[way])
    done = min(sweeps, total)
    if done == 0:
        return text(f"lab.jacobian.say.{way}.none", sweeps=total)
    return text(f"lab.jacobian.say.{way}", done=done, sweeps=total, name=p.names[way][done - 1])


def _matrix(p: Painter, way: str, sweeps: int) -> Table:
    """What is painted so far; the last sweep's entries in its colour."""
    rows = []
    for i, name in enumerate(p.names["reverse"]):
        cells: list[str | Cell] = [name]
        for j in range(len(p.names["forward"])):
            line = j if way == "forward" else i
            known = Cell(number(float(p.matrix[i, j])), WAYS[way] if line == sweeps - 1 else "")
            cells.append(known if line < sweeps else Cell("·", "muted"))
        rows.append(tuple(cells))
    return Table(text("lab.jacobian.matrix"), ("J", *p.names["forward"]), tuple(rows))


def _vector(x: np.ndarray) -> str:
    return f"({', '.join(number(float(u)) for u in x)})"


def _product(p: Painter, way: str, components: dict[str, float]) -> str:
    d = p.direction(way, components)
    terms = " + ".join(f"{number(float(u), tight=True)}·{_vector(line)}" for u, line in zip(d, p.lines(way), strict=True))
    return text(f"lab.jacobian.product.{way}", direction=_vector(d), terms=terms, result=_vector(p.sweep(way, d)))


def _axes(ax: Any, p: Painter, way: str) -> None:
    """Room for every sum that the sliders can make."""
    sums = [np.array(d) @ p.lines(way) for d in product((COMPONENTS[0], 0.0, COMPONENTS[-1]), repeat=2)]
    reach = np.nan_to_num(np.maximum(1.1 * np.abs(sums).max(axis=0), 1e-6), nan=1.0, posinf=1.0)
    ax.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]))
    ax.plot([-reach[0], reach[0]], [0, 0], color=ink("hairline"), linewidth=1)
    ax.plot([0, 0], [-reach[1], reach[1]], color=ink("hairline"), linewidth=1)
    label_axes(ax, *p.names["reverse" if way == "forward" else "forward"])


def _head_to_tail(ax: Any, p: Painter, way: str, components: dict[str, float]) -> None:
    d, at = p.direction(way, components), np.zeros(2)
    for u, line in zip(d, p.lines(way), strict=True):
        end = at + u * line
        _arrow(ax, at, end, "muted", 1.8)
        at = end
    if np.any(at):
        _arrow(ax, np.zeros(2), at, WAYS[way], 3)
    ax.plot(*at, color=ink(WAYS[way]), marker="o", markersize=6)
    words = " + ".join(text(f"lab.jacobian.line.{way}", u=number(float(u), tight=True), k=k + 1) for k, u in enumerate(d))
    ax.text(0.03, 0.95, words, transform=ax.transAxes, color=ink("muted"), va="top")


def _arrow(ax: Any, start: np.ndarray, end: np.ndarray, role: str, width: float) -> None:
    style = {"arrowstyle": "-|>", "color": ink(role), "linewidth": width, "mutation_scale": 8 + 4 * width, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)
