"""Dual numbers: forward mode as one small class. A reader who follows `apply` has understood forward mode.

A dual number is value + tangent·ε with ε² = 0, so that (a + ȧε)(b + ḃε) = ab + (ȧb + aḃ)ε: the product rule falls out. Every other rule
is a row of the table. Derivatives nest: each has an ε of its own, told apart by a tag, and the innermost operates on the others as on
plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from itertools import count
from typing import Any

import numpy as np

from adviz.errors import InputError, OutputError, TracedValueError, UnsupportedError
from adviz.generate import BINARY, COMPARISONS, UNARY
from adviz.operators import like
from adviz.readings import FUNCTION_OF, Tree, parse
from adviz.recording import COMPARE, constant, elemental, number
from adviz.running import Function, function_name, kind, point
from adviz.table import table
from adviz.tape import told
from adviz.texts import counted, text
from adviz.trees import LEAF
from adviz.variable import ASKED, COMPARED

tags = count(1)  # only ever grows: the ε of a derivative inside another one has the greater tag
NAME_OF = {"+": "add", "-": "subtract", "*": "multiply", **FUNCTION_OF}


class Dual:
    """value + tangent·ε, with ε² = 0

    `tangent` is a number, or a tuple of numbers for several directions at once. A tangent that is exactly 0 is no tangent: nothing
    flows from there, not even 0 · ∞.

    >>> x = Dual(2.0, 1.0)
    >>> print(x * 5 + np.log(x))
    10.693147180559945 + 5.5ε
    """

    __slots__ = ("flow", "tag", "value")
    __hash__ = object.__hash__

    def __init__(self, value: Any, tangent: Any = 0.0, tag: int = 0) -> None:
        self.value, self.tag = value, tag
        self.flow = _present(tangent)  # None where there is no tangent

    @property
    def tangent(self) -> Any:
        """What stands before ε."""
        return _shown(self.flow)

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"

    def __str__(self) -> str:
        if isinstance(self.tangent, tuple):
            return " + ".join([str(self.value), *(f"{t}ε{k}" for k, t in enumerate(self.tangent, 1))])
        return f"{self.value} + {self.tangent}ε"

    def __bool__(self) -> bool:
        return bool(plain(self) != 0)

    def __float__(self) -> float:
        raise TracedValueError(told("dual.float"))

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, *_: object, **__: object) -> Any:
        raise TracedValueError(told("leak.array"))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if (row := table.get(ufunc)) is not None:
                return _checked(row.name, *operands)
            if ufunc in COMPARED:
                return COMPARE[COMPARED[ufunc]](*map(plain, operands))
            if ufunc in ASKED:
                return ufunc(*map(plain, operands))
        raise UnsupportedError(told("unsupported.function", function=ufunc.__name__))

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if function is np.where and len(operands) == 3 and np.ndim(plain(operands[0])) == 0:
            return _checked("where_true" if operands[0] else "where_false", *operands[1:])
        if function is np.sinc:
            return _checked("sinc", *operands)
        raise UnsupportedError(told("unsupported.function", function=function.__name__))


def apply(name: str, *operands: Any) -> Any:
    """φ(a, b) + (∂φ/∂a·ȧ + ∂φ/∂b·ḃ) ε: a row of the table on dual numbers   (Griewank & Walther 2008, eq. 3.5)"""
    tag = max((u.tag for u in operands if isinstance(u, Dual)), default=None)
    if tag is None:
        return elemental(name)(*operands)
    own = [isinstance(u, Dual) and u.tag == tag for u in operands]
    values = [u.value if mine else u for u, mine in zip(operands, own, strict=True)]
    v = apply(name, *values)
    undefined = _is_nan(v) and not any(map(_is_nan, values))
    flow = None
    for u, mine, formula in zip(operands, own, table[name].partials, strict=True):
        if mine and formula is not None and u.flow is not None:
            partial = evaluate(parse(formula), {**dict(zip("ab", values)), "v": v})
            term = _times(u.flow, partial * np.nan if undefined else partial)
            flow = term if flow is None else _plus(flow, term)
    return _dual(v, flow, tag)


def evaluate(tree: Tree, letters: dict[str, Any]) -> Any:
    """A formula in a, b and v, operation by operation, each a row."""
    match tree:
        case ("a" | "b" | "v",):
            return letters[tree[0]]
        case ("number", x):
            return x
        case ("name", name):
            return getattr(np, name)
        case ("neg", u):
            return apply("negative", evaluate(u, letters))
        case ("call", name, *parts):
            return apply(name, *(evaluate(u, letters) for u in parts))
    symbol, *parts = tree
    return apply(NAME_OF[symbol], *(evaluate(u, letters) for u in parts))


def derivative_by_dual(f: Function) -> Callable[..., Any]:
    """f′(x) = ẏ in f(x + ε) = y + ẏε: `adviz.derivative` by dual numbers, without a trace.

    f takes one number and returns one. InputError or OutputError otherwise.

    >>> derivative_by_dual(lambda x: np.exp(x * x))(1.0) == 2 * np.e
    True
    >>> derivative_by_dual(derivative_by_dual(lambda x: x**3))(2.0)
    12.0
    """

    @wraps(f)
    def f_prime(*arguments: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        if len(arguments) != 1:
            given = counted("count.arguments", len(arguments))
            raise InputError(text("input.one", operator="derivative_by_dual", function=function_name(f), count=given))
        return _sweep(f, arguments, (1.0,))

    return f_prime


def gradient_by_dual(f: Function) -> Callable[..., Any]:
    """∇f(x) = (ẏ_1, ẏ_2, ...) in f(x_1 + ε_1, x_2 + ε_2, ...) = y + ẏ_1 ε_1 + ẏ_2 ε_2 + ...: one run, a tangent for each argument.

    f takes numbers and returns one. With one argument, its entry itself.

    >>> gradient_by_dual(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2))(2.0, 5.0)
    (5.5, 1.7163378145367738)
    """

    @wraps(f)
    def nabla_f(*arguments: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        n = len(arguments)
        seeds = [tuple(1.0 if i == k else None for i in range(n)) for k in range(n)] if n > 1 else [1.0]
        return _sweep(f, arguments, seeds)

    return nabla_f


def _sweep(f: Function, arguments: Sequence[Any], seeds: Sequence[Any]) -> Any:
    """The tangent of f where each argument has that tangent, all with one new ε."""
    __tracebackhide__ = True
    tag, x = next(tags), [_real(f, u) for u in arguments]
    with np.errstate(all="ignore"):  # nan and inf are results here
        y = f(*(_dual(u, seed, tag) for u, seed in zip(x, seeds, strict=True)))
    if not isinstance(y, Dual) and constant(y) is NotImplemented:
        raise OutputError(text("dual.output", function=function_name(f), kind=kind(y)))
    y_dot = _shown(y.flow) if isinstance(y, Dual) and y.tag == tag else 0.0
    if len(x) == 1:
        return _like(x[0], y_dot)
    return tuple(map(_like, x, y_dot if isinstance(y_dot, tuple) else [0.0] * len(x)))


def _like(x: Any, derivative: Any) -> Any:
    """A derivative in the precision of its argument, unless an outer derivative computes with it."""
    return derivative if isinstance(x, Dual) or isinstance(derivative, Dual) else like(x, derivative)


def _real(f: Function, u: Any) -> Any:
    """An argument as a number; InputError for anything but a real number or a dual one."""
    if isinstance(u, Dual):
        return u
    at = point(lambda x: x, (u,))
    if np.ndim(plain(at.numbers[0])) or at.arguments != (LEAF,):
        raise InputError(text("dual.input", function=function_name(f), kind=kind(u)))
    return at.numbers[0]


def plain(u: Any) -> Any:
    """The plain number under any depth of dual and traced numbers."""
    while isinstance(u, Dual):
        u = u.value
    return number(u)


def _is_nan(u: Any) -> bool:
    return bool(plain(u) != plain(u))


def _dual(value: Any, flow: Any, tag: int) -> Dual:
    """A result: its tangent is kept even where it is computed to be 0."""
    w = Dual(value, tag=tag)
    w.flow = flow
    return w


def _times(flow: Any, partial: Any) -> Any:
    if isinstance(flow, tuple):
        return tuple(None if t is None else t * partial for t in flow)
    return flow * partial


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(t if s is None else s if t is None else s + t for s, t in zip(one, other, strict=True))
    return one + other


def _present(tangent: Any) -> Any:
    """None in place of a tangent that is exactly 0."""
    if isinstance(tangent, tuple):
        return tuple(map(_present, tangent))
    return None if tangent.__class__ in (float, int) and tangent == 0 else tangent


def _shown(flow: Any) -> Any:
    """0 in place of a tangent that is not there."""
    return tuple(map(_shown, flow)) if isinstance(flow, tuple) else 0.0 if flow is None else flow


def _checked(name: str, *operands: Any) -> Any:
    """A row on what the learner's code gave it; UnsupportedError unless they are numbers."""
    numbers = [u if isinstance(u, Dual) else constant(u) for u in operands]
    if any(u is NotImplemented for u in numbers):
        raise UnsupportedError(told("dual.array", function=name))
    return apply(name, *numbers)


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    def method(self: Dual, *other: Any) -> Any:
        operands = [u if isinstance(u, Dual) else constant(u) for u in ((*other, self) if reflected else (self, *other))]
        return NotImplemented if any(u is NotImplemented for u in operands) else apply(name, *operands)

    return method


def _comparison(symbol: str) -> Callable[..., Any]:
    return lambda self, other: COMPARE[symbol](plain(self), plain(other))


for _method, _name in (BINARY | UNARY).items():
    setattr(Dual, f"__{_method}__", _operator(_name))
for _method, _name in BINARY.items():
    setattr(Dual, f"__r{_method}__", _operator(_name, reflected=True))
for _method, _symbol in COMPARISONS.items():
    setattr(Dual, f"__{_method}__", _comparison(_symbol))
