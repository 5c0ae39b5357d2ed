"""Symbolic differentiation, by SymPy: the derivative as an expression, and how large it is.

The expression is rebuilt from a trace: the value formulas of the rows, applied to symbols. So f may be any function that adviz can trace, and
the branches it took are known. Its derivative is SymPy's own: an opinion that is independent of the table. SymPy is imported when used.
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError, OutputError, UnsupportedError
from adviz.formulas import formula
from adviz.methods.counting import automatic_operations, check_size, followed, operations, shared, simplified
from adviz.readings import Tree, parse
from adviz.running import Function, function_name
from adviz.texts import text
from adviz.wengert import Branch, Ref, Trace, trace

SAMPLES = (0.4375, 0.8125)  # where a function is traced if no point is given: it must be the same program at both

# What SymPy calls a function of the table, and what those are that it does not have: values only, for it has rules of its own.
# fmt: off
NAMES = {
    "abs": "Abs", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "maximum": "Max", "minimum": "Min", "fmax": "Max", "fmin": "Min",
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sech", "sqrt", "erf", "erfc")},
}
FORMULAS = {
    "exp2": "2 ** a", "expm1": "exp(a) - 1", "log2": "log(a) / log(2)", "log10": "log(a) / log(10)", "log1p": "log(1 + a)",
    "hypot": "sqrt(a * a + b * b)", "unit": "a / sqrt(a * a + b * b)", "logistic": "1 / (1 + exp(-a))", "logaddexp": "log(exp(a) + exp(b))",
    "logaddexp2": "log(2 ** a + 2 ** b) / log(2)", "sinc": "sin(pi * a) / (pi * a)",
}
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
# fmt: on


class Operations(NamedTuple):
    """How many operations there are in the expression; in all its partials as SymPy makes them; in those simplified (None where they are
    too large to try); in those with common subexpressions computed once; and in one run and one reverse sweep of adviz."""

    expression: int
    derivative: int
    simplified: int | None
    shared: int
    automatic: int


@dataclass(frozen=True)
class SymbolicDerivative:
    """∂f/∂x_i as expressions, one for each input. `conditions`: the comparisons that were made on the way; it holds where they do."""

    function: str
    inputs: tuple[str, ...]
    expression: Any
    partials: tuple[Any, ...]
    conditions: tuple[str, ...]
    automatic: int

    @cached_property
    def simplified(self) -> tuple[Any, ...] | None:
        """The partials after `sympy.simplify`; None where they are too large to try."""
        return simplified(*self.partials)

    @cached_property
    def operations(self) -> Operations:
        """The size of all partials together, in each form."""
        simple = None if self.simplified is None else operations(*self.simplified)
        return Operations(operations(self.expression), operations(*self.partials), simple, shared(*self.partials), self.automatic)

    def __str__(self) -> str:
        lines = [f"{self.function}({', '.join(self.inputs)}) = {_short(self.expression)}"]
        lines += [f"∂{self.function}/∂{x} = {_short(d)}" for x, d in zip(self.inputs, self.simplified or self.partials, strict=True)]
        if self.conditions:
            lines.append(text("symbolic.where", conditions=", ".join(self.conditions)))
        counts = self.operations._asdict() | ({"simplified": "–"} if self.simplified is None else {})
        return "\n".join([*lines, text("symbolic.operations", **counts)])


def _short(expression: Any) -> str:
    shown = str(expression)
    return shown if len(shown) <= 200 else shown[:199] + "…"


def symbolic_derivative(f: Function | str, *at: float) -> SymbolicDerivative:
    """∂f/∂x_i as an expression, by SymPy; f is a function of numbers that returns one, or the text of a formula

    Without a point f must be one expression: UnsupportedError where it branches. With a point it is the expression of the branches taken
    there, and names them. UnsupportedError also for operations on arrays, functions that jump and constants that are not finite;
    BudgetError where the derivative would have more than 100,000 operations.

    >>> d = symbolic_derivative("sin(x^2)")
    >>> d.partials
    (2*x*cos(x**2),)
    >>> d.operations.derivative, d.operations.automatic
    (4, 7)
    """
    t = traced(formula(f) if isinstance(f, str) else f, at)
    check_size(t)
    symbols = symbols_of(t)
    y = rebuilt(t, symbols)
    partials = tuple(derivative_of(y, x) for x in symbols)
    return SymbolicDerivative(t.function, t.parameters, y, partials, tuple(_condition(t, b) for b in t.branches), automatic_operations(t))


def traced(f: Function, at: tuple[float, ...]) -> Trace:
    """The run of f at the point; or at a sample, if f is the same program everywhere."""
    if at:
        return trace(f, *at, order="evaluation")
    n = arity(f)
    t, other = (trace(f, *(sample + k / 8 for k in range(n)), order="evaluation") for sample in SAMPLES)
    no_branches(t)
    if [(a.row, a.operands) for a in t.assignments] != [(a.row, a.operands) for a in other.assignments]:
        raise UnsupportedError(text("symbolic.changes", function=t.function))
    return t


def arity(f: Function) -> int:
    """How many numbers f takes, defaults left alone; InputError where its signature does not say."""
    if isinstance(f, np.ufunc):
        return f.nin
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = {}.values()
    wanted = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not wanted:
        raise InputError(text("symbolic.point", function=function_name(f)))
    return len(wanted)


def no_branches(t: Trace) -> None:
    """UnsupportedError if f decided anything: then no one expression is f."""
    if t.branches:
        raise UnsupportedError(text("symbolic.branch", function=t.function, condition=_condition(t, t.branches[0])))


def _condition(t: Trace, b: Branch) -> str:
    left, right = (t.label_of(u.index) or f"v{u.index}" if isinstance(u, Ref) else f"{u.value:g}" for u in (b.left, b.right))
    return f"{left} {b.symbol} {right}" if b.outcome else f"not {left} {b.symbol} {right}"


def symbols_of(t: Trace) -> tuple[Any, ...]:
    import sympy

    return tuple(sympy.Symbol(name, real=True) for name in t.parameters)


def rebuilt(t: Trace, inputs: tuple[Any, ...]) -> Any:
    """The expression that f computed of its inputs: every row's value formula, in SymPy."""
    if len(t.outputs) != 1:
        raise OutputError(text("symbolic.output", function=t.function, count=len(t.outputs)))
    of = dict(zip(t.inputs, inputs, strict=True))
    for a in t.assignments:
        row = followed(a)
        if row is None:
            of[a.index] = number_of(a.value)
        else:
            operands = [of[u.index] if isinstance(u, Ref) else number_of(u.value) for u in a.operands]
            of[a.index] = expression(parse(row.value), dict(zip("ab", operands)))
    return of[t.outputs[0]]


def number_of(x: Any) -> Any:
    """A constant of the program: π and e as themselves, whole numbers and short fractions exactly, any other as a Float."""
    import sympy

    value = float(x)
    if not math.isfinite(value):
        raise UnsupportedError(text("symbolic.constant", value=repr(value)))
    if value in (math.pi, math.e):
        return sympy.pi if value == math.pi else sympy.E
    above, below = value.as_integer_ratio()
    return sympy.Rational(above, below) if below <= 1024 and abs(above) < 10**15 else sympy.Float(value)


def expression(tree: Tree, letters: Mapping[str, Any]) -> Any:
    """A formula in a and b as SymPy has it."""
    import sympy

    match tree:
        case ("a" | "b",):
            return letters[tree[0]]
        case ("number", x):
            return number_of(x)
        case ("name", name):
            return sympy.pi if name == "pi" else sympy.E
        case ("neg", u):
            return -expression(u, letters)
        case ("call", "cbrt", u):
            a = expression(u, letters)
            return sympy.Piecewise((a ** sympy.Rational(1, 3), a >= 0), (-((-a) ** sympy.Rational(1, 3)), True))
        case ("call", name, *parts) if name in NAMES:
            return getattr(sympy, NAMES[name])(*(expression(u, letters) for u in parts))
        case ("call", name, *parts) if name in FORMULAS:
            return expression(parse(FORMULAS[name]), dict(zip("ab", (expression(u, letters) for u in parts))))
        case (symbol, left, right) if symbol in OPERATORS:
            return OPERATORS[symbol](expression(left, letters), expression(right, letters))
    raise UnsupportedError(text("symbolic.jumps", function=tree[1] if tree[0] == "call" else tree[0], where=""))


def derivative_of(y: Any, x: Any) -> Any:
    """∂y/∂x; UnsupportedError where SymPy knows no closed form."""
    import sympy

    d = sympy.diff(y, x)
    if d.has(sympy.Derivative, sympy.DiracDelta, sympy.Subs):
        raise UnsupportedError(text("symbolic.open", expression=_short(y)))
    return d
