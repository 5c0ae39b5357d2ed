"""The table's rows in a program: value and partials as expressions of the program's own names.

An expression is a tree as in `readings.py`, with names (texts) for leaves: ("*", "x1", ("call", "cos", "v2")).
"""

from __future__ import annotations

import math
from typing import Any

from adviz.readings import parse
from adviz.table import table
from adviz.transform.reading.learner import MISSING
from adviz.transform.values import TOKEN, Text, Var

Tree = Any
CHOOSES = (("call", "maximum"), ("call", "minimum"))  # kernels that give back an operand as it is
# functions of formulas that give nan for nan, whatever else they are given: an undefined number cannot hide behind them
KEEP_NAN = frozenset({
    "abs", "sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
    "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "maximum", "minimum", "logaddexp", "logaddexp2", "sign", "floor",
    "ceil", "rint", "trunc", "fmod", "sinc", "step", "logistic", "sech", "sinc_slope",
})  # fmt: skip


def operand(u: Var | Text, as_float: bool) -> Tree:
    """An operand. A whole number may stay one where it is computed with, for then it meets a float; not where it may be the result."""
    if isinstance(u, Var):
        return u.token
    bare = TOKEN.fullmatch(u.code) is not None
    number = u.known is not MISSING and type(u.known) in (int, float, bool)
    if number and not (bare and (u.type is float or not as_float)):
        return ("number", float(u.known))
    text = u.code if u.simple else ("text", u.code)
    if u.type is float or (u.type in (int, bool) and not as_float):
        return text
    return ("call", "float" if u.type in (int, bool) else "real", text)


def value(row: str, operands: tuple[Var | Text, ...]) -> Tree:
    """φ(a, b)"""
    tree = parse(table[row].value)
    letters = [operand(u, tree[0] in ("a", "b") or tree[:2] in CHOOSES) for u in operands]
    return filled(tree, letters[0], letters[-1], None)


def partial(row: str, k: int, operands: tuple[Var | Text, ...], v: Tree) -> Tree | None:
    """∂φ/∂u_k; None where nothing flows."""
    formula = table[row].partials[k]
    if formula is None:
        return None
    letters = [operand(u, False) for u in operands]
    return filled(parse(formula), letters[0], letters[-1], v)


def filled(tree: Any, a: Tree, b: Tree, v: Tree) -> Tree:
    """A formula's tree with the program's names for its letters."""
    match tree:
        case ("a",):
            return a
        case ("b",):
            return b
        case ("v",):
            return v
        case ("number", _):
            return tree
        case ("name", name):
            return ("number", getattr(math, name))
        case ("neg", ("number", x)):
            return ("number", -x)
        case ("neg", u):
            return ("neg", filled(u, a, b, v))
        case ("call", "unsigned", u):  # a division by 0 raises whatever its sign
            return filled(u, a, b, v)
        case ("call", "power_slope", u, w):
            return slope_of_power(filled(u, a, b, v), filled(w, a, b, v))
        case ("call", name, *parts):
            return ("call", name, *(filled(part, a, b, v) for part in parts))
        case ("**", u, w):
            return power(filled(u, a, b, v), filled(w, a, b, v))
    symbol, left, right = tree
    return (symbol, filled(left, a, b, v), filled(right, a, b, v))


def power(a: Tree, b: Tree) -> Tree:
    """a**b: Python's own operator where the exponent is a whole number, for it takes fractions of negative numbers to complex ones."""
    match b:
        case ("number", 1.0):
            return a
        case ("number", x) if x != 0 and x == int(x) and abs(x) < 2**31:
            return ("**", a, b)
        case ("number", x) if x != 0:
            return ("call", "pow", a, b)
    return ("call", "power", a, b)


def slope_of_power(a: Tree, b: Tree) -> Tree:
    """∂/∂a a**b is b·a**(b - 1) for a constant b that is not 0: what the row power_slope computes."""
    match b:
        case ("number", 1.0):
            return b
        case ("number", x) if x != 0:
            return ("*", b, power(a, ("number", x - 1)))
    return ("call", "power_slope", a, b)


def product(partial: Tree, flow: Tree) -> Tree:
    """∂φ/∂u · v̄: what an operand receives; 1 and -1 are not multiplied."""
    match partial:
        case ("number", 1.0):
            return flow
        case ("number", -1.0):
            return ("neg", flow)
    return ("*", partial, flow)


PRECEDENCE = {"+": 10, "-": 10, "*": 20, "/": 20, "//": 20, "%": 20, "**": 40}
ATOM = 50


def written(tree: Tree, needs: int = 0) -> str:
    """An expression as Python, with the parentheses that keep its order of computing and no others.

    >>> written(("*", ("+", "a", "b"), ("neg", ("call", "sin", "x"))))
    '(a + b) * -sin(x)'
    """
    text, has = _written(tree)
    return text if has >= needs else f"({text})"


def _written(tree: Tree) -> tuple[str, int]:
    match tree:
        case str():
            return tree, ATOM
        case ("text", code):
            return code, 0
        case ("number", x):
            text = repr(x) if x - x == 0 else f"float({str(x)!r})"
            return text, 30 if text.startswith("-") else ATOM
        case ("neg", u):
            return f"-{written(u, 30)}", 30
        case ("call", name, *parts):
            return f"{name}({', '.join(written(part) for part in parts)})", ATOM
        case ("tuple", *parts):
            return f"({', '.join(map(written, parts))}{',' if len(parts) == 1 else ''})", ATOM
        case ("**", left, right):
            return f"{written(left, 41)} ** {written(right, 30)}", 40
    symbol, left, right = tree
    has = PRECEDENCE[symbol]
    return f"{written(left, has)} {symbol} {written(right, has + 1)}", has
