"""The second partials of the table's rows: ∂²φ/∂a², ∂²φ/∂a∂b, ∂²φ/∂b², as expressions and as functions.

A row states its partials as text, and that text calls only functions which have rows (the law of closure). So the second partials need no table
of their own: they are the first ones, differentiated by the chain rule, rule by rule from the same table. Where the result is 0 as an expression
the operands do not meet: a sum of two numbers bends nowhere, a product couples its factors and neither with itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz import generate
from adviz.linear import on_arrays
from adviz.readings import FUNCTION_OF, Tree, calls, on_anything, parse
from adviz.recording import elemental, evaluate
from adviz.table import Elementwise, table

ZERO: Tree = ("number", 0.0)
ONE: Tree = ("number", 1.0)
ROW_OF = {"+": "add", "-": "subtract", "*": "multiply", **FUNCTION_OF}
OUTER_POWERS = {"power", "float_power"}


def slope(tree: Tree, letter: str, row: Elementwise) -> Tree:
    """d/da or d/db of an expression in a, b and v, where v is the row's own value; `ZERO` if it does not depend on it.

    >>> slope(parse("v * v"), "a", table["exp"])
    ('+', ('*', ('v',), ('v',)), ('*', ('v',), ('v',)))
    """
    match tree:
        case ("a" | "b",):
            return ONE if tree[0] == letter else ZERO
        case ("v",):
            own = row.partials["ab".index(letter)]
            return ZERO if own is None else simple(parse(own))
        case ("number" | "name", _):
            return ZERO
        case ("neg", u):
            return simple(("neg", slope(u, letter, row)))
        case ("call", name, *operands):
            return _chain(table[name], operands, tree, letter, row)
    symbol, *sides = tree
    return _chain(table[ROW_OF[symbol]], sides, tree, letter, row)


def _chain(outer: Elementwise, operands: list[Tree], tree: Tree, letter: str, row: Elementwise) -> Tree:
    """Σ_k ∂φ/∂u_k · du_k: the chain rule for an operation of the table inside an expression."""
    letters = {**dict(zip("ab", operands)), "v": tree}
    total = ZERO
    for partial, u in zip(outer.partials, operands, strict=True):
        inner = slope(u, letter, row)
        if inner != ZERO and partial is not None:
            total = simple(("+", total, simple(("*", replaced(simple(parse(partial)), letters), inner))))
    return total


def replaced(tree: Tree, letters: dict[str, Tree]) -> Tree:
    """The expression with other expressions for its letters."""
    if len(tree) == 1:
        return letters[tree[0]]
    return simple(tuple(replaced(part, letters) if isinstance(part, tuple) else part for part in tree))


def simple(tree: Tree) -> Tree:
    """The expression without additions of 0, factors 0 and 1; equal numbers stay what they are."""
    match tree:
        case ("number", x):
            return ("number", abs(x)) if x == 0 else tree
        case ("neg", u):
            u = simple(u)
            return ZERO if u == ZERO else ("number", -u[1]) if u[0] == "number" else ("neg", u)
        case ("+", u, w):
            u, w = simple(u), simple(w)
            return w if u == ZERO else u if w == ZERO else ("+", u, w)
        case ("-", u, w):
            u, w = simple(u), simple(w)
            return u if w == ZERO else simple(("neg", w)) if u == ZERO else ("-", u, w)
        case ("*", u, w):
            u, w = simple(u), simple(w)
            return ZERO if ZERO in (u, w) else w if u == ONE else u if w == ONE else ("*", u, w)
        case ("/", u, w):
            u = simple(u)
            return ZERO if u == ZERO else ("/", u, simple(w))
    return tree


def folded(tree: Tree) -> Tree:
    """The expression with every part that has no letter as one number: a Python float, which leaves arrays in their own precision.

    >>> folded(parse("a * sqrt(4)"))
    ('*', ('a',), ('number', 2.0))
    """
    if len(tree) == 1 or tree[0] == "number":
        return tree
    tree = tuple(folded(part) if isinstance(part, tuple) else part for part in tree)
    parts = [part for part in tree[1:] if isinstance(part, tuple)]
    return ("number", evaluate(tree)) if all(part[0] == "number" for part in parts) else tree


_flows: dict[str, tuple[bool, ...]] = {}
_second: dict[str, dict[tuple[int, int], Tree]] = {}
_built: dict[tuple[str, bool], dict[tuple[int, int], Callable[..., Any]]] = {}


def _forget(name: str) -> None:
    """A row was registered anew, and others may call it."""
    _second.clear()
    _built.clear()
    _flows.clear()


table.forgetters.append(_forget)


def second_partials(name: str) -> dict[tuple[int, int], Tree]:
    """(k, l) with k <= l: ∂²φ/∂u_k∂u_l, where it is not 0 as an expression.

    >>> second_partials("multiply"), second_partials("add")
    ({(0, 1): ('number', 1.0)}, {})
    """
    found = _second.get(name)
    if found is None:
        row = table[name]
        found = {}
        for k, partial in enumerate(row.partials):
            for l in range(k, len(row.partials)):
                if partial is not None and row.partials[l] is not None:
                    bend = slope(simple(parse(partial)), "ab"[l], row)
                    if bend != ZERO:
                        found[k, l] = bend
        _second[name] = found
    return found


def flows(name: str) -> tuple[bool, ...]:
    """Whether the value depends on each operand: not where the table's partial is 0, or nothing at all.

    >>> flows("multiply"), flows("floor")
    ((True, True), (False,))
    """
    found = _flows.get(name)
    if found is None:
        found = _flows[name] = tuple(partial is not None and simple(parse(partial)) != ZERO for partial in table[name].partials)
    return found


def bends(name: str, *, arrays: bool) -> dict[tuple[int, int], Callable[..., Any]]:
    """The second partials as functions of (a, b, v), or (a, v) with one operand: of numbers, or with `arrays` of arrays.

    >>> bends("sin", arrays=False)[0, 0](0.0, 0.0)
    -0.0
    """
    found = _built.get((name, arrays))
    if found is None:
        letters = "ab"[: len(table[name].partials)]
        found = {}
        for (k, l), tree in second_partials(name).items():
            tree = folded(tree)
            functions = {called: (on_arrays if arrays else elemental)(called) for called in calls(tree)}
            source = f"def bend({', '.join(letters)}, v):\n    return {on_anything(tree)}\n"
            found[k, l] = generate.build(source, {**functions, "pi": math.pi, "e": math.e})["bend"]
        _built[name, arrays] = found
    return found


def constant_zeros(name: str, k: int, other: Any) -> Any:
    """Where a constant operand makes ∂φ/∂u_k the number 0, whatever u_k is: a factor 0, an exponent 0; None if nowhere."""
    if (name == "multiply" or (name in OUTER_POWERS and k == 0)) and (other.__class__ is not float or other == 0):
        zeros = np.asarray(other) == 0
        return zeros if np.any(zeros) else None
    return None


def constant_lines(name: str, k: int, other: Any) -> Any:
    """Where a constant operand makes φ a straight line in u_k: an exponent 0 or 1; None if nowhere."""
    if name in OUTER_POWERS and k == 0:
        straight = (np.asarray(other) == 0) | (np.asarray(other) == 1)
        return straight if np.any(straight) else None
    return None
