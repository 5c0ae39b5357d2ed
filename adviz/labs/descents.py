"""The lab of descent: three ways to use derivatives to go down, on the contours of a function of two numbers.

    gradient descent    x ← x − α ∇f(x)
    Newton              x ← x − H(x)⁻¹ ∇f(x)
    quasi-Newton        H⁻¹ estimated from gradients: SciPy's BFGS with adviz's gradient

All derivatives are adviz's. SciPy is imported when its path is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError, UnsupportedError
from adviz.formulas import formula
from adviz.labs.controls import Choice, Control, Slider
from adviz.labs.design import Cell, Design, Layer, Plot, Rows, Sentence, Table
from adviz.labs.drawing import ink, label_axes
from adviz.labs.laboratory import Lab
from adviz.operators import gradient, hessian, value_and_gradient
from adviz.running import function_name, parameter_names
from adviz.texts import text
from adviz.views.number import number

EXAMPLE = "(1 - x1)^2 + 5*(x2 - x1^2)^2"
STEPS = 40
SHOWN = (0, 1, 2, 3, 5, 10, STEPS)
LOWEST = 1e-12  # heights below are drawn there
FLAT = 1e-9  # a gradient below: the path has arrived
FAR = 1e6  # a path that goes farther has diverged
METHODS = {"gradient": ("tangent", "o"), "newton": ("adjoint", "s"), "bfgs": ("text", "^")}
GRID, LEVELS = 101, 9  # of the contours
LIMITS = ((-2.0, 2.0), (-1.0, 3.0))
RATES = (0.005, 0.02, 0.05, 0.1, 0.2)


class Path(NamedTuple):
    """The points of a descent, and the function there; `lost` if it ended because it went too far."""

    points: np.ndarray
    values: tuple[float, ...]
    lost: bool

    def at(self, step: int) -> int:
        """The last point that there is."""
        return min(step, len(self.points) - 1)


def descent(
    f: Callable[..., Any] | str | None = None, *, limits: tuple[tuple[float, float], tuple[float, float]] = LIMITS,
    theme: str | None = None, lang: str | None = None,
) -> Lab:  # fmt: skip
    """min f(x1, x2): a lab with the paths of gradient descent, Newton and SciPy's quasi-Newton on the contours of f.

    f is a function of two numbers that returns one, or a formula as text; by default (1 − x1)² + 5·(x2 − x1²)². `limits` are those of x1 and x2 in
    the picture. InputError or OutputError for anything else. Without SciPy there is no quasi-Newton, and a sentence says so.
    """
    found = formula(f or EXAMPLE) if f is None or isinstance(f, str) else f
    (low, high), (bottom, top) = _checked(limits)
    ground = Ground(found, ((low, high), (bottom, top)))
    gradient(found)(float(low), float(bottom))  # f is a function of two numbers, or a sentence
    return Lab(lambda: design(ground), theme=theme, lang=lang)


def _checked(limits: Any) -> Any:
    try:
        (low, high), (bottom, top) = [[float(x) for x in pair] for pair in limits]
    except (TypeError, ValueError):
        low = high = bottom = top = 0.0
    if not (np.isfinite([low, high, bottom, top]).all() and low < high and bottom < top):
        raise InputError(text("lab.descent.limits", limits=repr(limits)[:60]))
    return (low, high), (bottom, top)


class Ground:
    """A function of two numbers, and the paths down it."""

    def __init__(self, f: Callable[..., Any], limits: Any) -> None:
        self.f, self.limits = f, limits
        self.names = parameter_names(f, (0.0, 0.0))
        self.path = cache(self._path)
        self._gradient, self._hessian, self._both = gradient(f), hessian(f), value_and_gradient(f)

    def height(self, x: float, y: float) -> float:
        try:
            with np.errstate(all="ignore"):
                return float(self.f(float(x), float(y)))
        except (ArithmeticError, ValueError):
            return float("nan")

    def _path(self, method: str, rate: float, start: tuple[float, float]) -> Path:
        with np.errstate(all="ignore"):
            points = self._by_scipy(start) if method == "bfgs" else self._by_steps(method, rate, start)
        shown = [x for x in points if np.all(np.abs(x) < FAR)]
        return Path(np.array(shown), tuple(self.height(*x) for x in shown), len(shown) < len(points))

    def _by_steps(self, method: str, rate: float, start: tuple[float, float]) -> list[np.ndarray]:
        x = np.array(start)
        points = [x]
        for _ in range(STEPS):
            g = np.array(self._gradient(*x.tolist()), float)
            if np.linalg.norm(g) < FLAT:
                break
            try:
                x = x - (rate * g if method == "gradient" else np.linalg.solve(np.array(self._hessian(*x.tolist()), float), g))
            except np.linalg.LinAlgError:  # H has no inverse here: Newton's step is not defined
                break
            points.append(x)
            if not np.all(np.abs(x) < FAR):
                break
        return points

    def _by_scipy(self, start: tuple[float, float]) -> list[np.ndarray]:
        try:
            from scipy.optimize import minimize
        except ImportError:
            raise UnsupportedError(text("labs.needs", library="SciPy", package="scipy")) from None
        points = [np.array(start)]

        def value_and_slope(x: np.ndarray) -> tuple[float, np.ndarray]:
            y, slope = self._both(*x.tolist())
            return float(y), np.array(slope, float)

        minimize(value_and_slope, points[0], jac=True, method="BFGS", callback=lambda x: points.append(np.array(x)), options={"maxiter": STEPS})
        return points


def design(g: Ground) -> Design:
    """The lab as data."""
    methods = {name: text(f"lab.descent.{name}") for name in METHODS}
    starts = [tuple(float(x) for x in np.round(np.linspace(low, high, 9)[[1, 5, 7]], 12)) for low, high in g.limits]
    controls: tuple[Control, ...] = (
        Choice("method", text("lab.descent.method"), methods, "gradient"),
        Slider("rate", text("lab.descent.rate"), RATES, 0.02, log=True, only=("method", "gradient")),
        Slider("step", text("lab.descent.step"), SHOWN, 0, between=False),
        *(Slider(f"s{k}", text("lab.descent.start", input=name), starts[k], starts[k][0]) for k, name in enumerate(g.names)),
    )  # fmt: skip
    path = ("method", "rate", "s0", "s1")
    parts = (
        Sentence((*path, "step"), lambda **at: _said(g, **at)),
        Plot("contours", text("lab.descent.contours", function=function_name(g.f)), Layer((), lambda ax: _contours(ax, g)), (
            Layer(path, lambda ax, **at: _walked(ax, g, **at)), Layer((*path, "step"), lambda ax, **at: _here(ax, g, **at)),
        )),
        Plot("heights", text("lab.descent.heights"), Layer((), _axes_of_heights), (
            Layer(("rate", "s0", "s1"), lambda ax, **at: _heights(ax, g, "gradient", **at)),
            *(Layer(("s0", "s1"), lambda ax, s0, s1, name=name: _heights(ax, g, name, 0.0, s0, s1)) for name in ("newton", "bfgs")),
        )),
        Rows("steps", (*path, "step"), lambda **at: _table(g, **at)),
    )  # fmt: skip
    return Design("descent", text("lab.descent.title"), controls, parts, still={"step": STEPS})


def _said(g: Ground, method: str, rate: float, s0: float, s1: float, step: int) -> str:
    path = g.path(method, rate, (s0, s1))
    k = path.at(step)
    at = f"({', '.join(number(float(u)) for u in path.points[k])})"
    slots = {"method": text(f"lab.descent.{method}"), "step": k, "x": at, "value": number(path.values[k])}
    if k < step:
        return text("lab.descent.say.diverged" if path.lost else "lab.descent.say.done", **slots)
    return text("lab.descent.say", **slots)


def _contours(ax: Any, g: Ground) -> None:
    (low, high), (bottom, top) = g.limits
    x, y = np.linspace(low, high, GRID), np.linspace(bottom, top, GRID)
    z = np.array([[g.height(u, v) for u in x] for v in y])
    known = z[np.isfinite(z)]
    ax.set(xlim=(low, high), ylim=(bottom, top))
    if len(known) and np.ptp(known) > 0:
        levels = known.min() + np.ptp(known) * np.linspace(0.0, 1.0, LEVELS + 2)[1:-1] ** 2.5  # close together where f is low
        ax.contour(x, y, z, levels=levels, colors=ink("line"), linewidths=0.9, linestyles="solid")
    label_axes(ax, *g.names)


def _walked(ax: Any, g: Ground, method: str, rate: float, s0: float, s1: float) -> None:
    x, y = g.path(method, rate, (s0, s1)).points.T
    role, marker = METHODS[method]
    ax.plot(x, y, color=ink(role), linewidth=1.8, marker=marker, markersize=5)
    ax.plot(x[:1], y[:1], color=ink(role), marker=marker, markersize=9)


def _here(ax: Any, g: Ground, method: str, rate: float, s0: float, s1: float, step: int) -> None:
    path = g.path(method, rate, (s0, s1))
    ax.plot(*path.points[path.at(step)], color=ink("text"), marker="o", markersize=13, markerfacecolor="none", markeredgewidth=2.4)


def _axes_of_heights(ax: Any) -> None:
    ax.set(xlim=(0, STEPS), ylim=(LOWEST, 1e4), yscale="log")
    label_axes(ax, text("lab.descent.step"), "")
    for k, (name, (role, _)) in enumerate(METHODS.items()):
        ax.text((-0.1, 0.38, 0.62)[k], 1.045, f"{'●■▲'[k]} {text(f'lab.descent.{name}')}", transform=ax.transAxes, color=ink(role), fontsize=13)


def _heights(ax: Any, g: Ground, method: str, rate: float, s0: float, s1: float) -> None:
    """f above the lowest point that Newton or the path itself finds."""
    try:
        path = g.path(method, rate, (s0, s1))
    except UnsupportedError:  # said where this path is asked for
        return
    lowest = min((value for value in (*path.values, *g.path("newton", 0.0, (s0, s1)).values) if np.isfinite(value)), default=0.0)
    role, marker = METHODS[method]
    above = [max(value - lowest, LOWEST) for value in path.values]
    ax.plot(range(len(above)), above, color=ink(role), linewidth=1.4, marker=marker, markersize=4)


def _table(g: Ground, method: str, rate: float, s0: float, s1: float, step: int) -> Table:
    """The points at the steps that the slider has."""
    path = g.path(method, rate, (s0, s1))
    last = path.at(step)
    shown = [k for k in SHOWN if k <= last] + ([last] if last not in SHOWN else [])
    rows: list[tuple[str | Cell, ...]] = [(str(k), *(number(float(u)) for u in path.points[k]), number(path.values[k])) for k in shown]
    return Table(text("lab.descent.table"), (text("lab.descent.step"), *g.names, function_name(g.f)), tuple(rows), len(rows) - 1)
