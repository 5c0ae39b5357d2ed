"""adviz.check: one derivative by every way there is, side by side.

Forward mode, reverse mode and the generated program read the same rows, so they must give the same numbers. A row that is wrong is wrong in
all three: the complex step and the difference quotients know f only by its values, and find it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import AdvizError
from adviz.languages import says
from adviz.listing import html_table, ruled
from adviz.methods.numeric import CENTRAL, COMPLEX, Values, backward_slope, central_slope, epsilon, forward_slope
from adviz.operators import jacobian, vjp
from adviz.running import Function, function_name, point
from adviz.structural import plain
from adviz.texts import text
from adviz.trees import flatten, rebuild

LARGEST = 30  # so many entries of the point are compared; of a longer one, evenly spaced ones
SAME = 64  # ways that read the same rows may differ by so many roundings of the largest entry
STEP = 1024  # the complex step: rounding of its own, no truncation


class Way(NamedTuple):
    """One way to differentiate: what it gave for each entry compared, what difference was allowed, and what was found."""

    name: str
    derivative: tuple[float, ...]
    allowed: tuple[float, ...]
    verdict: str  # "agrees", "differs", or why it says nothing here
    difference: float = 0.0  # the largest


@dataclass(frozen=True)
class Agreement:
    """What `check` found. `ok` says that every way that could be used agrees; `str` is the table."""

    function: str
    entries: tuple[str, ...]
    ways: tuple[Way, ...]

    @property
    def ok(self) -> bool:
        """Whether no way differs from reverse mode."""
        return all(not says(way.verdict, "check.differs") for way in self.ways)

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a heading, and a line for each way."""
        shown = self.entries[:4]
        more = ("…",) if len(self.entries) > len(shown) else ()
        head = (text("check.way"), *(f"∂/∂{name}" for name in shown), *more, text("check.difference"), text("check.verdict"))
        return [head, *((way.name, *_numbers(way, len(shown)), *more, _difference(way), way.verdict) for way in self.ways)]

    def __str__(self) -> str:
        rows = self.rows()
        return "\n".join([self.title, "", *ruled(rows, left=len(rows[0])), "", self.conclusion])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"{html_table(self.title, self.rows())}<p>{escape(self.conclusion)}</p>"

    @property
    def title(self) -> str:
        """What is compared."""
        return text("check.title", function=self.function)

    @property
    def conclusion(self) -> str:
        """One sentence on what the table means."""
        if self.ok:
            return text("check.ok")
        exact = [way.verdict for way in self.ways if says(way.name, "check.forward") or says(way.name, "check.source")]
        return text("check.modes" if any(says(verdict, "check.differs") for verdict in exact) else "check.row")


def check(f: Function, *at: Any) -> Agreement:
    """∇f(x) by reverse mode, forward mode, the generated program, complex steps and central differences, with the differences

    Of a function with several outputs the derivative of one weighted sum is compared (weights 1, cos 1, cos 2, ...). Forward and reverse mode
    and the program must agree to rounding, the complex step nearly so, and central differences within the error that two step sizes show.
    A way that cannot be used says why; at a kink differences say nothing. Errors are those of `adviz.vjp`.

    >>> import numpy as np
    >>> check(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), 2.0, 5.0).ok
    True
    """
    __tracebackhide__ = True
    y, pullback = vjp(f, at)
    shapes = [np.shape(u) for _, u in flatten(y)[0]]
    weights = _weights(shapes)

    def scalar(*x: Any) -> Any:
        return sum(np.sum(w * u) if np.ndim(plain(w)) else w * u for w, (_, u) in zip(weights, flatten(f(*x))[0], strict=True))

    values = Values(scalar, point(f, at), "check")
    every = list(values.entries())
    compared = every if len(every) <= LARGEST else [every[round(k * (len(every) - 1) / (LARGEST - 1))] for k in range(LARGEST)]
    with np.errstate(all="ignore"):
        y_bar = rebuild(flatten(y)[1], weights)
        reverse = _picked(pullback(y_bar), compared)
        ways = [Way(text("check.reverse"), reverse, (0.0,) * len(reverse), text("check.reference"))]
        ways += [_exact(text("check.forward"), lambda: _picked(jacobian(scalar, mode="forward")(*at), compared, len(at)), reverse)]
        ways += [_exact(text("check.source"), lambda: _source(f, at, y_bar, compared), reverse)]
        ways += [_stepped(values, compared, reverse), _central(values, compared, reverse)]
    return Agreement(function_name(f), tuple(name for name, _, _ in compared), tuple(ways))


def _weights(shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """1, cos 1, cos 2, ...: no two alike, none 0."""
    count, found = 0, []
    for shape in shapes:
        size = math.prod(shape)
        found.append(np.cos(np.arange(count, count + size, dtype=float)).reshape(shape) if shape else math.cos(count))
        count += size
    return found


def _picked(derivative: Any, compared: Sequence[tuple[str, int, tuple[int, ...]]], arguments: int = 0) -> tuple[float, ...]:
    """The entries that are compared, of derivatives in the arguments' structure."""
    leaves = [u for _, u in flatten(derivative)[0]]
    if len(leaves) == 1 and isinstance(leaves[0], np.ndarray) and arguments > 1:
        leaves = list(leaves[0])  # numbers as arguments: one array of all derivatives
    return tuple(float(leaves[k][place] if place else np.ravel(leaves[k])[0]) for _, k, place in compared)


def _source(f: Function, at: Sequence[Any], y_bar: Any, compared: Sequence[tuple[str, int, tuple[int, ...]]]) -> tuple[float, ...]:
    from adviz.transform import source

    return _picked(source(f)(*at, y_bar=y_bar)[1], compared)


def _exact(name: str, compute: Callable[[], tuple[float, ...]], reverse: tuple[float, ...]) -> Way:
    """A way that must give the same numbers but for rounding; what refuses the function says so."""
    try:
        derivative = compute()
    except AdvizError as error:
        return Way(name, (), (), text("check.refused", reason=_brief(error)))
    size = max((abs(u) for u in reverse if math.isfinite(u)), default=0.0)
    return _judged(name, derivative, (SAME * np.finfo(float).eps * size,) * len(reverse), reverse)


def _brief(error: Exception) -> str:
    """The first clause of what was refused."""
    clause = str(error).partition("\n")[0].partition(": ")[0].partition(". ")[0]
    return clause if len(clause) <= 90 else clause[:89] + "…"


def _judged(name: str, derivative: tuple[float, ...], allowed: tuple[float, ...], reverse: tuple[float, ...]) -> Way:
    gaps = [0.0 if u == v or (u != u and v != v) else math.inf if u != u or v != v else abs(u - v) for u, v in zip(derivative, reverse, strict=True)]
    excess = [gap > bound for gap, bound in zip(gaps, allowed, strict=True)]
    return Way(name, derivative, allowed, text("check.differs" if any(excess) else "check.agrees"), max(gaps, default=0.0))


def _stepped(values: Values, compared: Sequence[tuple[str, int, tuple[int, ...]]], reverse: tuple[float, ...]) -> Way:
    """The complex step, where f is complex-differentiable as it is written."""
    name = text("check.complex")
    if not all(map(math.isfinite, reverse)):
        return Way(name, (), (), text("check.undefined"))
    try:
        derivative = tuple(float(COMPLEX.slope(*_along(values, k, place, COMPLEX.step))) for _, k, place in compared)
    except (AdvizError, TypeError, ValueError, AttributeError) as error:  # what complex numbers cannot do, NumPy and math say in their own ways
        return Way(name, (), (), text("check.refused", reason=_brief(error)))
    size = max(map(abs, reverse), default=0.0)
    return _judged(name, derivative, (STEP * np.finfo(float).eps * size,) * len(reverse), reverse)


def _along(values: Values, k: int, place: tuple[int, ...], step: Callable[[float, float], float]) -> tuple[Callable[[Any], Any], float, float]:
    x = values.entry(k, place)
    return values.along(k, place), x, step(float(x), epsilon(x))


def _central(values: Values, compared: Sequence[tuple[str, int, tuple[int, ...]]], reverse: tuple[float, ...]) -> Way:
    """Central differences with the error that a second step size shows; at a kink they say nothing."""
    name = text("check.central")
    derivative, allowed = [], []
    for (_, k, place), exact in zip(compared, reverse, strict=True):
        g, x, h = _along(values, k, place, CENTRAL.step)
        fine, coarse = (float(central_slope(g, x, step)) for step in (h, 2 * h))
        if not math.isfinite(exact) or not math.isfinite(fine) or not math.isfinite(coarse):
            return Way(name, (), (), text("check.undefined"))
        jumps = [abs(float(forward_slope(g, x, step) - backward_slope(g, x, step))) for step in (h, 2 * h)]
        noise = epsilon(x) * max(abs(float(g(x + h))), abs(float(g(x - h))), epsilon(x) * abs(float(x))) / h
        if jumps[0] > 100 * noise and jumps[0] > 0.75 * jumps[1]:  # a smooth function's would be half as large
            return Way(name, (), (), text("check.kink"))
        derivative.append(fine)
        allowed.append(4 * abs(fine - coarse) + 100 * noise)
    return _judged(name, tuple(derivative), tuple(allowed), reverse)


def _numbers(way: Way, count: int) -> tuple[str, ...]:
    """The derivatives a way gave, to six figures; blanks if it gave none."""
    return tuple(f"{u:.6g}" for u in way.derivative[:count]) or ("",) * count


def _difference(way: Way) -> str:
    return f"{way.difference:.1e}" if way.derivative and not says(way.verdict, "check.reference") else ""
