"""Recording in general: any row, any nesting, any kind of number.

The generated code (`generate.py`) records the common case and comes here for the rest. When traces nest, the innermost among
the operands records; the values of the others are constants to it.
"""

from __future__ import annotations

import math
import numbers
import operator
import sys
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from adviz import generate, kernels
from adviz.errors import InputRangeError, TracedValueError, UnsupportedError
from adviz.position import here
from adviz.readings import FUNCTION_OF, Tree, parse
from adviz.table import Elementwise, table
from adviz.tape import LARGEST, ClosedTape, Comparison, Handle, Tape, over_budget, told
from adviz.texts import text
from adviz.trees import map_leaves

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
NUMBERS = (numbers.Real, np.bool_)


def number(u: Any) -> Any:
    """The plain number under any depth of tracing."""
    while isinstance(u, Handle):
        u = u.value
    return u


def value(x: Any) -> Any:
    """The plain number (or array) of x, for printing or for a decision: nothing is differentiated through it.

    x may be a nested tuple, list or dict.

    >>> import adviz
    >>> adviz.gradient(lambda x: x * adviz.value(x))(3.0)
    3.0
    """
    return map_leaves(own_number, x)


def stop_gradient(x: Any) -> Any:
    """x as a constant: its value counts, its derivative is 0. x may be a nested tuple, list or dict.

    >>> import adviz
    >>> adviz.gradient(lambda x: x * x + adviz.stop_gradient(x * x))(3.0)
    6.0
    """
    return map_leaves(own_number, x)


def asked(u: Any) -> Any:
    """The plain number under any depth of tracing, for who decides with it: its runs, which note nothing of that, are marked."""
    while isinstance(u, Handle):
        u.tape.asked = True
        u = u.value
    return u


def own_number(x: Any) -> Any:
    """The plain number of a leaf; a copy of its array, which the learner may change."""
    u = asked(x)
    return u.copy() if u is not x and isinstance(u, np.ndarray) else u


def still_open(u: Handle) -> Handle:
    """u itself; TracedValueError if the run it belongs to is over."""
    if u.tape.__class__ is ClosedTape:
        raise TracedValueError(told("leak.closed"))
    return u


def innermost(operands: tuple[Any, ...]) -> Tape | None:
    """The tape opened last among the operands', so that nested derivatives never mix; None if none is traced."""
    tapes = [still_open(u).tape for u in operands if isinstance(u, Handle)]
    return max(tapes, key=lambda tape: tape.depth, default=None)


def constant(u: Any, name: str = "") -> Any:
    """A constant operand as it is computed with: a float, a NumPy number of its own precision, or an outer traced number.
    `name` is what to call it in a sentence; by default the expression that is computed.

    InputRangeError for an integer beyond the floating-point range; NotImplemented for what is not a number.
    """
    if isinstance(u, np.ndarray) and u.ndim == 0:
        u = u[()]
    if u.__class__ is float or isinstance(u, np.floating) and not isinstance(u, float):
        return u
    if isinstance(u, Handle):
        return still_open(u)
    if isinstance(u, NUMBERS):
        try:
            return float(u)
        except OverflowError:
            raise InputRangeError(text("input.huge", name=name or here().expression or text("word.constant"), digits=digits(u))) from None
    return NotImplemented


def digits(n: Any) -> int:
    """How many decimal digits a number's whole part has, about: without writing it out, for Python refuses beyond 4300."""
    return int(math.trunc(abs(n)).bit_length() * math.log10(2)) + 1


def operate(name: str, *operands: Any) -> Any:
    """A row on any numbers, for an operator: NotImplemented where an operand is not a number."""
    if any(is_array(u) for u in operands):
        return arrays().record_array(table[name], operands, {}, compute=arrays().OPERATORS[name])
    if any(constant(u) is NotImplemented for u in operands):
        return NotImplemented
    return record(name, *operands)


def record(name: str, *operands: Any) -> Any:
    """The general path: any nesting, any kind of number. The fast code comes here where it cannot decide.

    Where the value is undefined (nan from operands that are not), so are its partials: no detour through complex numbers.
    """
    if any(is_array(u) for u in operands):
        return arrays().record_array(table[name], operands, {})
    tape = innermost(operands)
    if tape is None:
        return plain(name, *operands)
    mine = [isinstance(u, Handle) and u.tape is tape for u in operands]
    values = [u.value if own else _checked(name, u) for own, u in zip(mine, operands, strict=True)]
    reading = general(name)
    with np.errstate(all="ignore"):
        v = reading["value"](*values)
        undefined = number(v) != number(v) and not any(number(u) != number(u) for u in values)
        partials = [_partial(reading, k, values, v, undefined) if own else None for k, own in enumerate(mine)]
    slots = [u.index if own else value for own, u, value in zip(mine, operands, values, strict=True)]
    event = (name, *slots, None)[:3] + (v, *partials, None)[:3]
    if tape.root is not None:
        if not all(u is None or isinstance(u, float) for u in (v, *values, *partials)):
            tape.double = False
        event += (tape.enter(sys._getframe(1)).f_lasti,)
    result = variable(next(u.__class__ for own, u in zip(mine, operands, strict=True) if own), tape, len(tape), v)
    if len(tape) > LARGEST:
        over_budget()
    tape.append(event)
    return result


def variable(cls: type[Any], tape: Tape, index: int, value: Any) -> Any:
    """The traced number v_index."""
    x = object.__new__(cls)
    x.tape, x.index, x.value = tape, index, value
    return x


def _partial(reading: dict[str, Any], k: int, values: list[Any], v: Any, undefined: bool) -> Any:
    """The k-th partial; None where nothing flows (an untaken branch); nan, to every order, where the value is undefined."""
    formula = reading.get(f"partial_{k}")
    if formula is None:
        return None
    partial = formula(*values, v)
    if undefined:  # nan to every order, along every operand: the derivatives of exp never end
        return elemental("exp")(sum(values)) * math.nan + partial * math.nan
    return partial


def _takes_ufuncs(u: Any) -> bool:
    """Whether u is somebody else's kind of number that NumPy's functions ask, as they ask a traced one."""
    return not isinstance(u, Handle | np.ndarray | np.generic) and hasattr(u, "__array_ufunc__")


def _checked(name: str, u: Any) -> Any:
    """A constant operand of a function, or a sentence about what was given instead."""
    value = constant(u)
    if value is NotImplemented:
        raise UnsupportedError(told("leak.list" if isinstance(u, list | tuple) else "leak.kind", function=name, kind=type(u).__name__))
    return value


def is_array(u: Any) -> bool:
    """Whether u is an array of one axis or more, under any depth of tracing."""
    u = number(u)
    return isinstance(u, np.ndarray) and u.ndim > 0


def arrays() -> Any:
    """The module of traced arrays, which stands on this one and takes over where an operand is an array."""
    from adviz import arrays

    return arrays


def plain(name: str, *operands: Any) -> Any:
    """A row on plain numbers: `math` on Python's, NumPy on NumPy's, and NumPy's nan and inf where `math` raises."""
    function, row = kernels.FLOAT.get(name), table[name]
    if isinstance(row.function, np.ufunc) and any(isinstance(u, complex) or _takes_ufuncs(u) for u in operands):  # a complex step, in a formula
        return row.function(*operands)
    values = [_checked(name, u) for u in operands]
    python = all(u.__class__ is float for u in values)
    if python and function is not None:
        try:
            return function(*values)
        except kernels.FLOAT_ERRORS:
            pass
    with np.errstate(all="ignore"):
        ufunc = row.function if isinstance(row.function, np.ufunc) or row.function is np.sinc else None
        if ufunc is None and parse(row.value)[0] == "call":
            return _helper(row.function, values, python)
        result = general(name)["value"](*values) if ufunc is None else ufunc(*values)
    return float(result) if python else result


def _helper(function: Callable[..., Any], values: list[Any], python: bool) -> Any:
    """A helper row on plain numbers, in their precision; nan where it raises."""
    try:
        result = function(*(float(u) for u in values))
    except kernels.FLOAT_ERRORS:
        result = float("nan")
    return result if python else np.result_type(*values).type(result)


def evaluate(tree: Tree, a: float = math.nan, b: float = math.nan, *, v: float = math.nan) -> float:
    """The number an expression tree stands for, branch by branch, without generated code.

    >>> evaluate(parse("-v / b"), 1.0, 0.0, v=2.0)
    -inf
    """
    match tree:
        case ("a" | "b" | "v",):
            return {"a": a, "b": b, "v": v}[tree[0]]
        case ("number", x):
            return float(x)
        case ("name", name):
            return float(getattr(math, name))
        case ("neg", u):
            return -evaluate(u, a, b, v=v)
        case ("call", name, *operands):
            return plain(name, *(evaluate(u, a, b, v=v) for u in operands))
    symbol, *sides = tree
    left, right = (evaluate(u, a, b, v=v) for u in sides)
    match symbol:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return plain(FUNCTION_OF[symbol], left, right)


def itself(symbol: str, u: Handle) -> bool:
    """u compared with u: asks whether it is nan, and decides nothing else, so it is no branch."""
    return bool(COMPARE[symbol](asked(still_open(u)), number(u)))


def compare(symbol: str, left: Any, right: Any) -> bool:
    """A comparison as plain Python truth, noted as a branch where the run is located; of arrays, entry by entry."""
    if is_array(left) or is_array(right):
        return COMPARE[symbol](number(left), number(right))
    if constant(left) is NotImplemented or constant(right) is NotImplemented:
        return NotImplemented if symbol in ("<", "<=", ">", ">=") else symbol == "!="
    outcome = bool(COMPARE[symbol](number(left), number(right)))
    tape = innermost((left, right))
    if tape is not None and tape.root is not None:
        frame = tape.enter(sys._getframe(1))
        a, b = (u.index if isinstance(u, Handle) and u.tape is tape else float(number(u)) for u in (left, right))
        if len(tape.comparisons) >= LARGEST:
            over_budget()
        tape.comparisons.append(Comparison(len(tape) - 1, symbol, a, b, outcome, tape.runs[-1][1], frame.f_lasti))
    elif tape is not None:  # what the comparison of an inner run decides, it decides for the runs around it as well
        inner = [u.value if isinstance(u, Handle) and u.tape is tape else u for u in (left, right)]
        if any(isinstance(u, Handle) for u in inner):
            compare(symbol, *inner)
    return outcome


elementals: dict[str, Callable[..., Any]] = {}  # every row as a function, made when it is first asked for
_readings: dict[str, dict[str, Any]] = {}


def elemental(name: str) -> Callable[..., Any]:
    """The row as a function: `elemental("sin")(1.0)` is math.sin(1.0), on a traced number it is recorded."""
    function = elementals.get(name)
    if function is None:
        names = namespace()
        for called in generate.needed(table[name]):
            names.setdefault(f"math_{called}", kernels.FLOAT.get(called) or _kernel(called))
        function = elementals[name] = generate.build(generate.function_source(name), names)[name]
    return function


def _kernel(name: str) -> Callable[..., Any]:
    """What computes a row on floats where `kernels` has nothing: its function if the row only names it, else its formula."""
    row = table[name]
    if parse(row.value)[:2] == ("call", name):
        return lambda *operands: float(row.function(*operands))
    return lambda *operands: elemental(name)(*operands)  # not made now: a family of derivatives never ends


recorders: dict[Any, Callable[..., Any]] = {}  # by NumPy's function, for the shortest way from np.sin to the tape


def recorder(function: Any) -> Callable[..., Any] | None:
    """The elementwise row of a NumPy function as a function; None without one."""
    row = table.get(function)
    if isinstance(row, Elementwise):
        recorders[function] = elemental(row.name)
    return recorders.get(function)


def forget(name: str) -> None:
    """A row was registered anew: what was generated from the old one goes."""
    elementals.pop(name, None)
    recorders.clear()
    _readings.clear()


table.forgetters.append(forget)


def general(name: str) -> dict[str, Any]:
    """value(a, b) and partial_k(a, b, v) of a row on anything that has arithmetic."""
    reading = _readings.get(name)
    if reading is None:
        row = table[name]
        source = generate.general_source(row)
        if parse(row.value) in _itself(name):
            source = source.replace("def value", "def unused", 1)
        functions = {needed: elemental(needed) for needed in generate.needed(row)}
        reading = generate.build(source, {**functions, "pi": np.pi, "e": np.e})
        reading.setdefault("value", elemental(name))
        _readings[name] = reading
    return reading


def _itself(name: str) -> tuple[Any, ...]:
    return (("call", name, ("a",)), ("call", name, ("a",), ("b",)))


_namespace: dict[str, Any] = {}
_made: list[bool] = []  # whether it is complete
_building = Lock()


def namespace() -> dict[str, Any]:
    """The names that generated code may use; the classes of traced numbers join them when they are first needed."""
    if not _made:
        with _building:  # two threads must not make two sets of classes
            if not _made:
                _fill_namespace()
                _made.append(True)
    return _namespace


def _fill_namespace() -> None:
    from adviz.variable import Traced  # the class refers to this module

    _namespace.update({f"math_{name}": kernel for name, kernel in kernels.FLOAT.items()})
    _namespace.update(FLOAT_ERRORS=kernels.FLOAT_ERRORS, Base=Traced, getframe=sys._getframe)
    _namespace.update(operate=operate, compare=compare, record=record, itself=itself, still_open=still_open, pi=np.pi, e=np.e)
    _namespace.update(over_budget=over_budget, LARGEST=LARGEST)
    source = generate.variable_source("Variable", located=False) + generate.variable_source("Located", located=True)
    generate.build(source, _namespace)


def number_class(*, located: bool) -> type[Any]:
    """The class of traced numbers: `Located` ones also record where in the learner's code they were computed."""
    return (_namespace if _made else namespace())["Located" if located else "Variable"]
