"""Reading a row: its text formulas as expression trees, and the trees as Python.

A tree is nested tuples: ("a",) ("b",) ("v",) ("number", x) ("name", "pi") ("neg", u) ("call", "sin", u, ...) and
(operator, left, right) for + - * / // % **. Other readings (MathML, LaTeX, a sentence) are in `adviz/views/formula.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from adviz.errors import RowError
from adviz.texts import text

Tree = tuple[Any, ...]

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**"}
CONSTANTS = ("pi", "e")
FUNCTION_OF = {"/": "divide", "//": "floor_divide", "%": "remainder", "**": "power"}


@lru_cache(maxsize=1024)
def parse(formula: str) -> Tree:
    """The tree of a text formula in a, b and v.

    RowError for anything but + - * / // % **, numbers, a, b, v, pi, e and calls of named functions.

    >>> parse("-v / b")
    ('/', ('neg', ('v',)), ('b',))
    """
    try:
        return _tree(ast.parse(formula, mode="eval").body, formula)
    except SyntaxError as error:
        raise RowError(text("row.unreadable", formula=repr(formula), reason=error.msg)) from None


def _tree(node: ast.expr, formula: str) -> Tree:
    match node:
        case ast.Name(id=("a" | "b" | "v") as letter):
            return (letter,)
        case ast.Name(id=name) if name in CONSTANTS:
            return ("name", name)
        case ast.Constant(value=int() | float() as x) if not isinstance(x, bool):
            return ("number", float(x))
        case ast.UnaryOp(op=ast.USub(), operand=u):
            return ("neg", _tree(u, formula))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return (OPERATORS[type(op)], _tree(left, formula), _tree(right, formula))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return ("call", name, *(_tree(u, formula) for u in args))
    raise RowError(
        f"The formula {formula!r} contains {ast.unparse(node)!r}. "
        "A row is written in a, b, v, numbers, pi, e, + - * / // % ** and functions that have a row."
    )


def calls(tree: Tree) -> Iterator[str]:
    """The names of the functions that a tree needs, operators that can fail on floats among them."""
    if tree[0] == "call":
        yield tree[1]
    elif tree[0] in FUNCTION_OF:
        yield FUNCTION_OF[tree[0]]
    for part in tree[1:]:
        if isinstance(part, tuple):
            yield from calls(part)


def python(tree: Tree, *, call: Callable[[str], str], operator: Callable[[str], str | None]) -> str:
    """A tree as a Python expression: `call` names a function, `operator` the function that stands for an operator, or None.

    >>> python(parse("-v / b"), call=str, operator=lambda o: None)
    '((-v) / b)'
    """
    match tree:
        case ("a" | "b" | "v",):
            return str(tree[0])
        case ("number", x):
            return repr(x)
        case ("name", name):
            return str(name)
        case ("neg", ("number", x)):
            return repr(-x)
        case ("neg", u):
            return f"(-{python(u, call=call, operator=operator)})"
        case ("call", name, *operands):
            return f"{call(name)}({', '.join(python(u, call=call, operator=operator) for u in operands)})"
        case (symbol, left, right):
            parts = python(left, call=call, operator=operator), python(right, call=call, operator=operator)
            function = operator(symbol)
            return f"{function}({parts[0]}, {parts[1]})" if function else f"({parts[0]} {symbol} {parts[1]})"
    raise RowError(text("row.tree", tree=repr(tree)))


def signed(tree: Tree) -> Tree:
    """The expression without `unsigned`: for a reader, and for floats, whose division by 0 raises whatever its sign.

    >>> signed(parse("1 / unsigned(a)"))
    ('/', ('number', 1.0), ('a',))
    """
    if tree[:2] == ("call", "unsigned"):
        return signed(tree[2])
    return tuple(signed(part) if isinstance(part, tuple) else part for part in tree)


def on_floats(tree: Tree) -> str:
    """The expression on Python floats, through the kernels of `math`; it may raise where NumPy has nan or inf."""
    return python(signed(tree), call=lambda name: f"math_{name}", operator=lambda o: "math_power" if o == "**" else None)


def on_anything(tree: Tree) -> str:
    """The expression on floats, NumPy numbers and traced values alike, through the elemental functions."""
    return python(_with_plain_constants(tree), call=str, operator=FUNCTION_OF.get)


def _with_plain_constants(tree: Tree) -> Tree:
    """What is computed from numbers alone, log(2) or pi / 180, as a plain number: NumPy's would make double precision of what it meets."""
    if any(True for _ in calls(tree)) and _is_constant(tree):
        return ("call", "float", tree)
    return tuple(_with_plain_constants(part) if isinstance(part, tuple) else part for part in tree)


def _is_constant(tree: Tree) -> bool:
    if tree[0] in ("a", "b", "v", "name"):
        return tree[1:] in [(name,) for name in CONSTANTS]
    return all(_is_constant(part) for part in tree[1:] if isinstance(part, tuple))


def is_safe(tree: Tree) -> bool:
    """Whether the expression cannot raise on floats: + - * and numbers only."""
    return not any(True for _ in calls(tree))

