"""Which traces a page can compute anew by itself, without Python, and what it needs for that.

A page has one evaluator of expression trees (`static/evaluate.js`) and the functions listed here (`static/functions.js`; a test holds the two
lists to each other and each function to its kernel). A trace is *live* where every line is a row that these can compute on plain numbers, and
where the operations and the comparisons together say what the program does at any other point of the same path.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adviz.lines import CONSTANT_LINE
from adviz.readings import calls, parse
from adviz.structural import Structural
from adviz.table import Elementwise, table
from adviz.texts import text
from adviz.views.quantity import encoded
from adviz.wengert import Branch, Constant, Ref, Trace

Document = dict[str, Any]
# fmt: off
FUNCTIONS = frozenset({
    "divide", "power", "remainder", "floor_divide", "abs", "sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "hypot", "sign", "maximum", "minimum",
    "fmax", "fmin", "fmod", "copysign", "floor", "ceil", "trunc", "rint", "heaviside", "logaddexp", "logaddexp2", "unsigned", "step", "unit",
    "logistic", "sech", "sinc", "sinc_slope", "power_slope", "power_log",
    "power_2_0", "power_1_1", "power_0_2",
})
# fmt: on


def why_not_live(trace: Trace) -> str:
    """One sentence on why a page cannot compute this trace anew; "" if it can.

    >>> import adviz
    >>> why_not_live(adviz.trace(lambda x: x * x, 3.0))
    ''
    """
    if trace.error is not None:
        return text("live.error")
    return text("live.asked") if trace.asked else why_not_computed(trace)


def why_not_computed(trace: Trace) -> str:
    """One sentence on what a page lacks to compute these lines; "" if nothing. Whether another point has the same lines is not asked."""
    if not all(isinstance(x, float) for x in (_numbers(trace) if trace.lines is None else trace.point)):
        return text("live.arrays")
    for name in rows_of(trace):
        lacking = missing(name)
        if lacking:
            return text("live.function", function=lacking)
    return ""


def _numbers(trace: Trace) -> Iterator[Any]:
    yield from trace.point
    for a in trace.assignments:
        yield a.value
        yield from (u.value for u in a.operands if isinstance(u, Constant))


def rows_of(trace: Trace) -> dict[str, Elementwise | Structural]:
    """The rows of a trace by name, and those that their formulas call and no page knows by itself."""
    if trace.lines is None:
        found = {a.row.name: a.row for a in trace.assignments if a.row is not None}
    else:
        found = {name: table[name] for name in trace.lines.rows if name != CONSTANT_LINE}
    waiting = list(found.values())
    while waiting:
        for name in _called(waiting.pop()) - FUNCTIONS - found.keys():
            if name in table and missing(name) == "":
                found[name] = table[name]
                waiting.append(found[name])
    return dict(sorted(found.items()))


def missing(name: str) -> str:
    """The function without which a page cannot compute that row; "" if it can."""
    row = table[name]
    if isinstance(row, Structural):
        return name
    waiting, seen = [row], {name}
    while waiting:
        for called in sorted(_called(waiting.pop()) - FUNCTIONS):
            if called in seen or called not in table or isinstance(table[called], Structural):
                return called
            seen.add(called)
            waiting.append(table[called])
    return ""


def _called(row: Elementwise | Structural) -> set[str]:
    if isinstance(row, Structural):
        return set()
    return {called for formula in (row.value, *row.partials) if formula is not None for called in calls(parse(formula))}


def row_document(row: Elementwise | Structural) -> Document:
    """A rule as expression trees; an array operation has none."""
    if isinstance(row, Structural):
        return {"value": None, "partials": [], "latex": None}
    return {"value": parse(row.value), "partials": [None if p is None else parse(p) for p in row.partials], "latex": row.latex}


def guard(branch: Branch) -> Document:
    """What a page needs to see whether a comparison comes out otherwise."""
    left, right = ({"ref": u.index} if isinstance(u, Ref) else {"number": encoded(float(u.value))} for u in (branch.left, branch.right))
    return {"symbol": branch.symbol, "left": left, "right": right}
