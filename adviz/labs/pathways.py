"""The lab of paths: ∂y/∂x = Σ over all paths from x to y of the product of the partials along each, one path added after the other.

(Griewank & Walther 2008, eq. 3.11; Bauer's formula.) Beside it stands what that sum costs: a chain of k diamonds has 2^k paths but 4k edges, and
a sweep comes along every edge once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.formulas import formula
from adviz.labs.controls import Choice, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.labs.routes import Edge, Growth, Path, Pathways, edges_of, growth
from adviz.texts import text
from adviz.views.graph import BOX
from adviz.views.number import number
from adviz.wengert import trace

EXAMPLE = "ln(x1) + x1*x2 - sin(x2)"
DIAMONDS = tuple(range(1, 11))
HEIGHT = 30  # of a box, in units of the plot
LONGEST = 3  # of a symbol that has room in a box


def paths(f: Callable[..., Any] | str | None = None, *at: Any, theme: str | None = None, lang: str | None = None) -> Lab:
    """∂y/∂x = Σ over paths of Π of partials: a lab in which one path after the other lights up and is added.

    f is a function of numbers that returns one, or a formula as text; by default ln(x1) + x1·x2 − sin(x2) at (2, 5). BudgetError where it has
    more than 64 paths or 30 variables; InputError or OutputError for arrays.
    """
    f, at = (formula(f or EXAMPLE) if f is None or isinstance(f, str) else f), at or ((2.0, 5.0) if f is None else at)
    found = Pathways(trace(f, *at))
    return Lab(lambda: design(found), theme=theme, lang=lang)


def design(p: Pathways) -> Design:
    """The lab as data."""
    rows = [growth(k) for k in DIAMONDS]
    most = max(map(len, p.by_input.values()))
    controls = (
        Choice("start", text("lab.paths.from"), {name: name for name in p.by_input}, next(iter(p.by_input))),
        Slider("added", text("lab.paths.added"), tuple(range(most + 1)), 0, between=False),
        Slider("k", text("lab.paths.diamonds"), DIAMONDS, 3, between=False),
    )  # fmt: skip
    chosen = ("start", "added")
    parts = (
        Sentence(chosen, lambda **at: _said(p, **at)),
        Plot("graph", text("lab.paths.graph", function=p.t.function), Layer((), lambda ax: _graph(ax, p)),
             (Layer(chosen, lambda ax, **at: _current(ax, p, **at)),)),
        Rows("paths", chosen, lambda **at: _table(p, **at)),
        Sentence(("k",), lambda k: _about_the_chain(rows[k - 1]), "chain"),
        Plot("growth", text("lab.paths.growth"), Layer((), lambda ax: _curves(ax, rows)), (Layer(("k",), lambda ax, k: _at(ax, rows[k - 1])),)),
        Rows("counts", ("k",), lambda k: _counts(rows, k)),
    )  # fmt: skip
    return Design("paths", text("lab.paths.title"), controls, parts, still={"added": most})


def _said(p: Pathways, start: str, added: int) -> str:
    found = p.by_input[start]
    slots = {"start": start, "output": p.name(p.t.outputs[0]), "count": len(found)}
    if not found:
        return text("lab.paths.say.none", **slots)
    if not added:
        return text("lab.paths.say.before", **slots)
    n = min(added, len(found))
    path = found[n - 1]
    said = text("lab.paths.say.path", **slots, n=n, path=p.names(path), product=_product(path))
    if n < len(found):
        return said if n == 1 else f"{said} {text('lab.paths.say.so_far', total=_total(found[:n]))}"
    return f"{said} {text('lab.paths.say.total' if n > 1 else 'lab.paths.say.single', **slots, total=_total(found))}"


def _product(path: Path) -> str:
    """5 · 1 · 1 = 5"""
    factors = [number(edge.partial, tight=k > 0) for k, edge in enumerate(path.edges)] or ["1"]
    return " · ".join(factors) + (f" = {number(path.product)}" if len(factors) > 1 else "")


def _total(found: Sequence[Path]) -> str:
    """0.5 + 5 = 5.5; of many terms the sum alone."""
    total = number(sum(path.product for path in found))
    terms = [number(path.product, tight=k > 0) for k, path in enumerate(found)]
    return total if not 1 < len(terms) <= 6 else f"{' + '.join(terms)} = {total}"


def _table(p: Pathways, start: str, added: int) -> Table | None:
    """All paths of that input; the products of those that are not added yet are left open."""
    found = p.by_input[start]
    if not found:
        return None
    n = min(added, len(found))
    rows: list[tuple[str | Cell, ...]] = []
    for k, path in enumerate(found, 1):
        known = (number(path.product), number(sum(q.product for q in found[:k]))) if k <= n else ("?", "?")
        rows.append((str(k), p.names(path), known[0], Cell(known[1], "strong" if k == n else "")))
    columns = tuple(text(f"lab.paths.column.{name}") for name in ("number", "path", "product", "total"))
    return Table(text("lab.paths.table", start=start, output=p.name(p.t.outputs[0])), columns, tuple(rows), n - 1 if n else None)


def _graph(ax: Any, p: Pathways) -> None:
    """The boxes and edges, and every partial beside its edge."""
    ax.set_position((0.01, 0.02, 0.98, 0.96))
    ax.set_axis_off()
    width, height = p.scene["width"], p.scene["height"]
    spare = max(0.0, width * 0.45 - height) / 2  # a flat graph is stretched, but not over the whole height
    ax.set(xlim=(0, width), ylim=(height + spare, -spare))
    for edge in edges_of(p.t):
        _draw_edge(ax, p, edge, "line", 1.3, "")
    for node in p.scene["nodes"]:
        _draw_node(ax, p, node, "surface", 1.3)


def _current(ax: Any, p: Pathways, start: str, added: int) -> None:
    """The path that was added last, over the rest of the picture."""
    found = p.by_input[start]
    if not found or not added:
        return
    edges = found[min(added, len(found)) - 1].edges
    for edge in edges:
        _draw_edge(ax, p, edge, "neutral", 4, "bold")
    for node in p.scene["nodes"]:
        if node["index"] in {i for edge in edges for i in (edge.start, edge.to)}:
            _draw_node(ax, p, node, "neutral-soft", 3)


def _draw_edge(ax: Any, p: Pathways, edge: Edge, role: str, width: float, weight: str) -> None:
    (drawn,) = (e for e in p.scene["edges"] if e["to"] == edge.to and e["operand"] == edge.operand)
    x, y = _points(drawn["path"])
    ax.plot(x, y, color=ink(role), linewidth=width, zorder=1)
    style = {"color": ink("text"), "weight": weight} if weight else {"color": ink("muted")}
    under = {"facecolor": ink("surface"), "edgecolor": "none", "pad": 1}
    ax.text(*_middle(x, y), number(edge.partial), fontsize=12, ha="center", va="center", zorder=2, bbox=under, **style)


def _points(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Points along a scene's chain of Bézier curves."""
    corners = np.array([float(x) for x in re.findall(r"-?[\d.]+", path)]).reshape(-1, 2)
    t = np.linspace(0, 1, 16)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    points = np.vstack([weights @ corners[k : k + 4] for k in range(0, len(corners) - 3, 3)])
    return points[:, 0], points[:, 1]


def _middle(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Where the number stands: in the middle of its edge."""
    return float(np.interp(0.5, np.linspace(0, 1, len(x)), x)), float(np.interp(0.5, np.linspace(0, 1, len(y)), y))


def _draw_node(ax: Any, p: Pathways, node: Mapping[str, Any], fill: str, width: float) -> None:
    """A box of the same height however flat the picture is; in it the name, and what is done if that is short."""
    from matplotlib.patches import Rectangle

    i, x, y = node["index"], node["x"] + node["w"] / 2, node["y"] + node["h"] / 2
    low, high = sorted(ax.get_ylim())
    half = HEIGHT / 2 * (high - low) / 288
    ax.add_patch(Rectangle((x - BOX[0] / 2, y - half), BOX[0], 2 * half, facecolor=ink(fill), edgecolor=ink("neutral"), linewidth=width, zorder=3))
    row = p.t.assignments[i - 1].row if i > 0 else None
    symbol = f"  {row.symbol}" if row is not None and len(row.symbol) <= LONGEST else ""
    ax.text(x, y, p.name(i) + symbol, color=ink("text"), ha="center", va="center", zorder=4)


def _curves(ax: Any, rows: Sequence[Growth]) -> None:
    ax.set(yscale="log", xlim=(0.5, DIAMONDS[-1] + 0.5), ylim=(1, 2000), xticks=DIAMONDS[1::2])
    k = [row.k for row in rows]
    ax.plot(k, [row.paths for row in rows], color=ink("tangent"), marker="^", markersize=5)
    ax.plot(k, [row.edges for row in rows], color=ink("adjoint"), marker="s", markersize=5)
    ax.text(8, 500, text("lab.paths.growth.paths"), color=ink("tangent"), ha="right", weight="bold")
    ax.text(9.5, 17, text("lab.paths.growth.edges"), color=ink("adjoint"), ha="right", weight="bold")
    label_axes(ax, text("lab.paths.growth.x"), text("lab.paths.growth.y"))


def _at(ax: Any, row: Growth) -> None:
    ring = {"marker": "o", "markersize": 12, "markerfacecolor": "none", "markeredgewidth": 2.4}
    ax.plot([row.k, row.k], [row.paths, row.edges], color=ink("text"), linestyle="none", **ring)


def _about_the_chain(row: Growth) -> str:
    slots = {"paths": f"{row.paths:,}", "edges": row.edges, "along": f"{row.along_paths:,}", "sweep": row.in_a_sweep}
    return text("lab.paths.chain.one" if row.k == 1 else "lab.paths.chain", k=row.k, **slots)


def _counts(rows: Sequence[Growth], k: int) -> Table:
    columns = tuple(text(f"lab.paths.count.{name}") for name in ("k", "paths", "edges", "along", "sweep"))
    cells = tuple((str(row.k), *(f"{n:,}" for n in row[1:])) for row in rows)
    return Table(text("lab.paths.counts"), columns, cells, k - 1)
