"""From operations to a Python function: `formula("ln(x1) + x1*x2 - sin(x2)")`.

The function is made from the operations that `parse` found, one short statement each, so that a long or deep formula meets no
limit of Python; each carries the place in the learner's text where it stands. To a trace the formula is one statement of source.
"""

from __future__ import annotations

import ast
import linecache
import weakref
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, count
from typing import Any

from adviz import generate
from adviz.errors import FormulaError
from adviz.functions import ALIASES
from adviz.parse import Formula, Function, Operation, Value, read
from adviz.position import FORMULA
from adviz.readings import CONSTANTS
from adviz.recording import elemental
from adviz.running import kind
from adviz.table import FAMILY, Elementwise, table
from adviz.texts import text
from adviz.tokens import brief, shown, why_no_name

numbered = count(1)  # only ever grows: a formula's text is found by it


def formula(typed: str, *, variables: Sequence[str] | None = None) -> Callable[..., Any]:
    """y = φ(x1, x2, ...): the function that a formula typed as text stands for, its parameters in the order of their appearance.

    variables   the parameters in an order of your own; a formula need not use all of them, and may use no others

    A formula has numbers, variables, pi, e, + - * / // % ^ (or **), parentheses, and the functions of the table, by the names of
    `adviz.functions`. Python's rules of precedence hold: -x^2 is -(x^2). Results are the table's: floats from floats, recorded
    where the arguments are traced, 1/0 is inf. FormulaError, with the column, for any other text: none of it is ever run.

    >>> f = formula("ln(x1) + x1*x2 - sin(x2)")
    >>> f(2.0, 5.0)
    11.652071455223084
    >>> formula("x^2 y")
    Traceback (most recent call last):
    adviz.errors.FormulaError: Column 5: an operator is missing here. For the product write 2*y.
    x^2 y
        ^
    """
    if not isinstance(typed, str):
        raise FormulaError(text("formula.kind", kind=brief(shown(kind(typed)), 60)))
    functions = callable_rows()
    return function_of(read(typed, functions, None if variables is None else _declared(variables, functions)))


def callable_rows() -> dict[str, Function]:
    """What a formula may call: the rows of the table, by their own names and by the textbook's.

    Higher derivatives (power_2_1) are left out: what they cost grows with the numbers in their names.
    """
    rows = {row.name: Function(row.name, len(row.partials)) for row in table if isinstance(row, Elementwise) and not FAMILY.fullmatch(row.name)}
    return rows | {alias: rows[name] for alias, name in ALIASES.items() if name in rows}


def _declared(variables: Sequence[str], functions: Iterable[str]) -> tuple[str, ...]:
    """The names as a tuple. FormulaError unless each is a name, none is taken, and all differ."""
    if not isinstance(variables, tuple | list) or not all(isinstance(name, str) for name in variables):
        raise FormulaError(text("formula.variables", kind=brief(shown(kind(variables)), 60)))
    for name in variables:
        if (key := why_no_name(name)) is not None:
            raise FormulaError(text(key, name=brief(shown(name)) or "''"))
        if name in functions or name in CONSTANTS:
            raise FormulaError(text("formula.taken", name=name))
        if variables.count(name) > 1:
            raise FormulaError(text("formula.twice", name=name))
    return tuple(variables)


def function_of(found: Formula) -> Callable[..., Any]:
    """The function that computes the operations one after the other; its source is the formula's text."""
    names = {f"_{o.row}": elemental(o.row) for o in found.operations}
    file = f"{FORMULA} {next(numbered)}>"
    function = generate.build_tree(_tree(found), {"__name__": "adviz", **names}, file, found.text).pop("f")
    function.__doc__ = found.text
    weakref.finalize(function.__code__, linecache.cache.pop, file, None).atexit = False  # a trace keeps the code, hence the text
    return function


def _tree(found: Formula) -> ast.Module:
    """def f(x1, x2): _0 = _log(x1); _1 = _multiply(x1, x2); ...; return _4 - with the columns of the learner's text."""
    module = ast.parse("def f(): ...")
    [definition] = module.body
    assert isinstance(definition, ast.FunctionDef)
    column = list(accumulate((len(c.encode()) for c in found.text), initial=0))  # Python counts columns in bytes
    whole = _place(0, column[-1])
    definition.args.args = [ast.arg(name, **whole) for name in found.variables]
    definition.body = [_statement(k, o, _place(column[o.start], column[o.end])) for k, o in enumerate(found.operations)]
    definition.body.append(ast.Return(_value(found.result, whole), **whole))
    return module


def _place(start: int, end: int) -> dict[str, Any]:
    return {"lineno": 1, "col_offset": start, "end_lineno": 1, "end_col_offset": end}


def _statement(k: int, o: Operation, at: dict[str, Any]) -> ast.stmt:
    """_k = _row(operand, ...)"""
    call = ast.Call(ast.Name(f"_{o.row}", ast.Load(), **at), [_value(u, at) for u in o.operands], [], **at)
    return ast.Assign([ast.Name(f"_{k}", ast.Store(), **at)], call, **at)


def _value(u: Value, at: dict[str, Any]) -> ast.expr:
    """A number, a parameter, or the result of an earlier operation; no learner's name begins with _."""
    if isinstance(u, float):
        return ast.Constant(u, **at)
    return ast.Name(u if isinstance(u, str) else f"_{u}", ast.Load(), **at)
