"""Taylor coefficients: one run of f, then one sweep that carries truncated power series along its lines.

Sums, products and quotients of series are school algebra (`coefficients.py`). Everything else is read from its row: v = φ(a) means
v̇ = φ′(a)·ȧ, and with p for the series of the row's partial

    k v_k = Σ_j j a_j p_{k-j}        (Griewank & Walther 2008, section 13.2)

The partial is itself a formula of rows. So the lines of the trace are continued by the lines of the formulas, each line once (sin
needs cos, and cos needs sin), and all of them grow by one coefficient at a time: nothing recurs, nothing is differentiated twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, cast

import numpy as np

from adviz.coefficients import Coefficients, divided, flow, in_shape, negative, products, quotient, slopes, spoiled, total
from adviz.errors import InputError, UnsupportedError
from adviz.linear import Linear
from adviz.operators import seed_leaves
from adviz.readings import FUNCTION_OF, Tree, parse
from adviz.recording import elemental
from adviz.structural import Structural, plain
from adviz.sweeps import taking_part
from adviz.table import Elementwise, table
from adviz.tape import Handle
from adviz.texts import text
from adviz.trees import LEAF, flatten, rebuild
from adviz.wengert import Ref, Trace, trace

LARGEST = 100  # the n-th derivative of a power grows like n!, and 170! is the last one within the range of floats
NAME_OF = {"+": "add", "-": "subtract", "*": "multiply", **FUNCTION_OF}
ALGEBRA = frozenset({"add", "subtract", "multiply", "divide", "negative", "positive", "input", "constant"})


def taylor(f: Callable[..., Any], x: Any, order: int, *, direction: Any = None) -> Any:
    """c_k = φ⁽ᵏ⁾(0)/k! for φ(t) = f(x + t ẋ), k = 0 .. order: the Taylor coefficients   (Griewank & Walther 2008, section 13.1)

    f takes one number x, and ẋ is 1: [f(x), f′(x), f″(x)/2!, ...]. If x is an array, a tuple, a list or a dict, `direction` is ẋ, in the
    structure of x. The coefficients are an array of order + 1 entries, the first axis their number; if f returns several values, one
    such array for each, in their structure; inside another derivative a tuple of traced numbers. InputError for an order that is not a
    whole number from 0 to 100, or for a direction that does not fit. What it costs, beside nested derivatives: `adviz.scale.taylor_cost`.

    >>> taylor(np.exp, 0.0, 3)
    array([1. , 1. , 0.5 , 0.16666667])
    >>> taylor(lambda x: x[0] * x[1], (2.0, 5.0), 2, direction=(1.0, -1.0))
    array([10., 3., -1.])
    """
    __tracebackhide__ = True  # IPython and pytest leave this frame out
    check_order(order)
    t = trace(f, x, order="evaluation")
    if direction is None and (len(t.inputs) != 1 or np.ndim(plain(t.point[0])) or flatten(x)[1] is not LEAF):
        raise InputError(text("taylor.direction", function=t.function))
    x_dot = seed_leaves("forward", 1.0 if direction is None else direction, t.parameters, t.point, "word.input")
    with np.errstate(all="ignore"):  # nan and inf are results here
        found = Lines(t, taking_part(x_dot)).sweep(int(order))
    return rebuild(flatten(t.value)[1], [_column(c) for c in found])


def check_order(order: Any) -> None:
    """InputError unless the order is a whole number to which coefficients are computed."""
    if isinstance(order, bool) or not isinstance(order, int | np.integer):
        raise InputError(text("taylor.order.kind", order=repr(order)[:40]))
    if not 0 <= order <= LARGEST:
        raise InputError(text("taylor.order.range", order=repr(order)[:40], largest=LARGEST))


def _column(coefficients: Coefficients) -> Any:
    """The coefficients as one array, unless an outer derivative traces them."""
    shape = np.shape(plain(coefficients[0]))
    entries = [(np.zeros(shape) if shape else 0.0) if c is None else flow(c) for c in coefficients]
    return tuple(entries) if any(isinstance(c, Handle) for c in entries) else np.array(entries, np.result_type(coefficients[0]))


class Line:
    """v = φ(a, b, ...) as a series: its coefficients so far, and the order to which somebody needs them.

    `row` is the name of an elementwise row, or a structural row with its parameters. `partials` are the lines of ∂φ/∂a and ∂φ/∂b, None
    where nothing flows. `spoiled` is nan where v_0 is undefined: so is every further coefficient.
    """

    __slots__ = ("coefficients", "operands", "order", "parameters", "partials", "row", "shape", "spoiled")

    def __init__(self, row: str | Structural, operands: tuple[Line, ...], first: Any, parameters: Mapping[str, Any] | None = None) -> None:
        self.row, self.operands, self.order, self.parameters = row, operands, 0, parameters or {}
        self.coefficients: Coefficients = [first]
        self.shape = np.shape(plain(first))
        self.partials: tuple[Line | None, ...] | None = None
        self.spoiled = spoiled(first, [u.coefficients[0] for u in operands], isinstance(row, str))

    def grow(self, k: int) -> None:
        """Append v_k: it needs the operands' coefficients up to k, and those of the partials below k."""
        if k < len(self.coefficients):
            return  # an input has its direction from the start
        u = [operand.coefficients for operand in self.operands]
        c = self._elementwise(k, *u) if isinstance(self.row, str) else self._structural(self.row, k, u)
        if self.spoiled is not None and any(a_j is not None for a in u for a_j in a[1 : k + 1]):
            c = (0.0 if c is None else flow(c)) * self.spoiled
        self.coefficients.append(in_shape(c, self.shape) if self.shape else c)

    def _elementwise(self, k: int, *u: Coefficients) -> Any:
        match self.row, u:
            case "input" | "constant", _:
                return None
            case "add", (a, b):
                return total((a[k], b[k]))
            case "subtract", (a, b):
                return total((a[k], negative(b[k])))
            case "positive", (a,):
                return a[k]
            case "negative", (a,):
                return negative(a[k])
            case "multiply", (a, b):
                return total(products(a, b, k))
            case "divide", (a, b):
                return quotient(a, b, self.coefficients, k)
        assert self.partials is not None
        sides = zip(u, self.partials, strict=True)
        return divided(total(c for a, p in sides if p is not None for c in products(slopes(a), p.coefficients, k, first=1)), k)

    def _structural(self, row: Structural, k: int, u: Sequence[Coefficients]) -> Any:
        """Where entries are selected, of each operand its own k-th coefficient; a product multiplies as series do."""
        if row.selects:
            first = tuple(a[0] for a in u)
            moving = [(i, a[k]) for i, a in enumerate(u) if a[k] is not None]
            return total(Linear(row, i, self.coefficients[0], first, dict(self.parameters)).tangent(c) for i, c in moving)
        places = (j for j in product(range(k + 1), repeat=len(u)) if sum(j) == k)
        factors = ([a[j] for a, j in zip(u, at, strict=True)] for at in places)
        return total(row.value(*map(flow, c), **self.parameters) for c in factors if not any(x is None for x in c))


class Lines:
    """The lines of a trace, and of the formulas that its rows need: each once, and every line after its operands."""

    def __init__(self, t: Trace, x_dot: Sequence[Any]) -> None:
        self.all: list[Line] = []
        self.known: dict[tuple[Any, ...], Line] = {}
        of = {i: self._input(t.value_of(i), u_dot) for i, u_dot in zip(t.inputs, x_dot, strict=True)}
        for a in t.assignments:
            operands = tuple(of[u.index] if isinstance(u, Ref) else self.constant(u.value) for u in a.operands)
            match a.row:
                case None:
                    of[a.index] = self.constant(a.value)
                case Elementwise():
                    of[a.index] = self.line(a.row.name, operands, a.value)
                case Structural():
                    of[a.index] = self._new(followed(a.row), operands, a.value, a.parameters)
        self.outputs = [of[i] for i in t.outputs]

    def _new(self, row: str | Structural, operands: tuple[Line, ...], first: Any, parameters: Mapping[str, Any] | None = None) -> Line:
        line = Line(row, operands, first, parameters)
        self.all.append(line)
        return line

    def _input(self, x: Any, x_dot: Any) -> Line:
        line = self._new("input", (), x)
        line.coefficients.append(x_dot)
        return line

    def constant(self, c: Any) -> Line:
        """A line that does not move."""
        return self._new("constant", (), c)

    def line(self, name: str, operands: tuple[Line, ...], value: Any = None) -> Line:
        """The line of an elementwise row on operands: the one there is, or a new one; a constant, if nothing moves its operands."""
        key = (name, *map(id, operands))
        found = self.known.get(key)
        if found is None:
            first = elemental(name)(*(u.coefficients[0] for u in operands)) if value is None else value
            still = all(u.row == "constant" for u in operands)
            found = self.known[key] = self.constant(first) if still else self._new(name, operands, first)
        return found

    def formula(self, tree: Tree, letters: Mapping[str, Line]) -> Line:
        """The line of a formula in a, b and v."""
        match tree:
            case ("a" | "b" | "v",):
                return letters[tree[0]]
            case ("number", _) | ("name", _):
                if tree not in self.known:
                    self.known[tree] = self.constant(tree[1] if tree[0] == "number" else getattr(math, tree[1]))
                return self.known[tree]
            case ("neg", u):
                return self.line("negative", (self.formula(u, letters),))
            case ("call", name, *parts):
                return self.line(name, tuple(self.formula(u, letters) for u in parts))
        symbol, *parts = tree
        return self.line(NAME_OF[symbol], tuple(self.formula(u, letters) for u in parts))

    def partials(self, line: Line) -> tuple[Line | None, ...]:
        """The lines of a row's partials; None for an operand that does not move, or that is not taken."""
        letters = {**dict(zip("ab", line.operands)), "v": line}
        sides = zip(line.operands, cast(Elementwise, table[cast(str, line.row)]).partials, strict=True)
        return tuple(None if p is None or u.row == "constant" else self.formula(parse(p), letters) for u, p in sides)

    def need(self, line: Line, order: int) -> None:
        """Note to which order each line is needed for that one: a partial to one less than the value."""
        waiting = [(line, order)]
        while waiting:
            line, order = waiting.pop()
            if order > line.order:
                line.order = order
                waiting += [(u, order) for u in line.operands]
                if isinstance(line.row, str) and line.row not in ALGEBRA:
                    line.partials = line.partials or self.partials(line)
                    waiting += [(p, order - 1) for p in line.partials if p is not None]

    def sweep(self, order: int) -> list[Coefficients]:
        """The coefficients of every output, all lines growing by one at a time."""
        for line in self.outputs:
            self.need(line, order)
        for k in range(1, order + 1):
            for line in self.all:
                if line.order >= k:
                    line.grow(k)
        return [line.coefficients[: order + 1] for line in self.outputs]


def followed(row: Structural) -> Structural:
    """A structural row that series can be carried through; UnsupportedError for any other."""
    if not row.selects and not row.linear:
        raise UnsupportedError(text("taylor.row", function=row.function.__name__))
    return row
