"""The traced array: NumPy's operators, functions and methods on it are recorded, each as one line of the trace.

An array operation is an event (row, operands, parameters, value, None, None[, instruction]): the row itself where a number's event has
the row's name, and one tuple of operands. Partials are not computed until a sweep asks for them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adviz.composed import COMPOSED, METHODS, PLAIN
from adviz.errors import AdvizError, TracedValueError, UnsupportedError
from adviz.linear import HIDING, OPERATORS, Elementary, rule
from adviz.position import here
from adviz.recording import compare, constant, innermost, number, number_class
from adviz.shapes import take
from adviz.structural import Structural
from adviz.table import Elementwise, table
from adviz.tape import Handle, Tape, told
from adviz.texts import text
from adviz.variable import ASKED, COMPARED, Traced

NONE: dict[str, Any] = {}  # the parameters of an operation that has none
FIXED = frozenset({"axis", "keepdims", "shape", "axes", "ddof", "offset", "subscripts"})  # parameters that cannot change any more


RULES: dict[np.ufunc, Elementary] = {}  # of NumPy's functions, for the shortest way from np.tanh to the tape
table.forgetters.append(lambda name: RULES.clear())


def rule_of(ufunc: np.ufunc) -> Elementary | None:
    """The elementwise row of a ufunc on arrays; None without one."""
    row = table.get(ufunc)
    if row.__class__ is Elementwise:
        RULES[ufunc] = rule(row.name)
    return RULES.get(ufunc)


class TracedArray(Traced):
    """An array of a run: v_index, which has that value."""

    __slots__ = ("index", "tape", "value")

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(number(self))

    @property
    def ndim(self) -> int:
        return np.ndim(number(self))

    @property
    def size(self) -> int:
        return np.size(number(self))

    @property
    def dtype(self) -> Any:
        return number(self).dtype

    @property
    def nbytes(self) -> int:
        return int(number(self).nbytes)

    @property
    def itemsize(self) -> int:
        return int(number(self).itemsize)

    @property
    def flat(self) -> Any:
        return np.ravel(self)

    @property
    def T(self) -> Any:
        return np.transpose(self)

    def __len__(self) -> int:
        return len(number(self))

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is slice or key.__class__ is int:
            return note(self.tape, table[take], (self.index,), {"key": key}, self.value[key])
        return record_array(table[take], (self,), {"key": fixed(key)})

    def __bool__(self) -> bool:
        if self.size != 1:
            raise TracedValueError(told("array.truth"))
        return bool(np.any(compare("!=", self, 0.0)))

    def __matmul__(self, other: Any) -> Any:
        return record_array(table["matmul"], (self, other), {})

    def __rmatmul__(self, other: Any) -> Any:
        return record_array(table["matmul"], (other, self), {})

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if len(operands) == 1 and method == "__call__" and not options:
            row = RULES.get(ufunc) or rule_of(ufunc)
            if row is not None:
                return note(self.tape, row, (self.index,), NONE, ufunc(self.value))
        return ufunc_on_arrays(ufunc, method, operands, options)

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return function_on_arrays(function, operands, options)


def ufunc_on_arrays(ufunc: np.ufunc, method: str, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A ufunc of which an operand is a traced array, or a traced number beside an array."""
    if method != "__call__":
        raise UnsupportedError(told("leak.method", function=ufunc.__name__, method=method))
    if options.get("out") is not None:
        raise TracedValueError(told("leak.out", function=ufunc.__name__))
    row = table.get(ufunc)
    if row is None or options:
        if ufunc in COMPARED:
            return compare(COMPARED[ufunc], *operands)
        if ufunc in ASKED or ufunc in (np.logical_and, np.logical_or, np.logical_not):
            return ufunc(*(number(u) for u in operands), **options)
        raise UnsupportedError(told("unsupported.function", function=ufunc.__name__))
    return record_array(row, operands, {}, compute=ufunc)


def function_on_arrays(function: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A NumPy function of which an operand is traced: its row, or what it is composed of, or a refusal that names it."""
    if function is np.where and len(operands) == 3:
        return _where(*operands)
    row, composed = table.get(function), COMPOSED.get(function)
    if row.__class__ is Structural and composed is None and operands[0].__class__ is TracedArray:
        u, parameters = understood(row.arguments, function, operands, options)
        if len(u) == 1 and u[0].__class__ is TracedArray:  # one traced array, by the shortest way
            parameters = parameters if parameters.keys() <= FIXED else {name: fixed(p) for name, p in parameters.items()}
            return note(u[0].tape, row, (u[0].index,), parameters, row.value(u[0].value, **parameters))
        return record_array(row, u, {name: fixed(p) for name, p in parameters.items()})
    if isinstance(row, Structural) and (composed is None or not composed.instead(*operands, **options)):
        u, parameters = understood(row.arguments, function, operands, options)
        return record_array(row, u, {name: fixed(p) for name, p in parameters.items()})
    if composed is not None:
        return understood(composed.function, function, operands, options)
    if row is not None and not options:
        return record_array(row, operands, {})
    if function in PLAIN:
        return function(*(number(u) for u in operands), **options)
    raise UnsupportedError(told("unsupported.function", function=function.__name__))


def understood(reading: Callable[..., Any], function: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What that reading of a NumPy call says; UnsupportedError for an option it does not know."""
    try:
        return reading(*operands, **options)
    except TypeError as error:
        if isinstance(error, AdvizError):
            raise
        raise UnsupportedError(told("unsupported.option", function=function.__name__, option=str(error)[:80])) from None


def _where(condition: Any, a: Any, b: Any) -> Any:
    condition = np.array(number(condition), bool)
    return record_array(table["where"], (a, b), {"condition": condition})


def record_array(
    row: Elementwise | Structural, operands: tuple[Any, ...], parameters: dict[str, Any], compute: Callable[..., Any] | None = None
) -> Any:
    """v = φ(u_0, u_1, ...; parameters), recorded by the innermost trace among the operands; computed, if none is traced."""
    tape = innermost(operands)
    operation: Elementary | Structural = rule(row.name) if isinstance(row, Elementwise) else row
    compute = compute or operation.value
    if tape is None:
        with np.errstate(all="ignore"):  # as on numbers: nan and inf are results
            return compute(*operands, **parameters)
    values: list[Any] = []
    slots: list[Any] = []
    for u in operands:
        if isinstance(u, Handle) and u.tape is tape:
            values.append(u.value)
            slots.append(u.index)
        else:
            values.append(fixed_operand(row.name, u))
            slots.append(values[-1])
    tape.arrays = True
    tape.hides |= row.name in HIDING
    return note(tape, operation, tuple(slots), parameters, compute(*values, **parameters))


def note(tape: Tape, row: Elementary | Structural, slots: tuple[Any, ...], parameters: dict[str, Any], v: Any) -> Any:
    """Write the event and return the traced array or number that it computes."""
    if v.__class__ is np.ndarray and v.ndim:
        w: Any = NEW(TracedArray)
    else:
        if v.__class__ is np.ndarray:
            v = v[()]
        w = NEW(TracedArray if isinstance(v, Handle) and np.ndim(number(v)) else number_class(located=tape.root is not None))
    w.tape, w.value = tape, v
    w.index = n = len(tape)
    if tape.root is None:
        tape.append((row, slots, parameters, v, None, None))
    else:
        tape.append((row, slots, parameters, v, None, None, tape.enter(sys._getframe(1)).f_lasti))
    if not n & 15:
        tape.charge()
    return w


NEW = object.__new__
LARGE = 2**53  # smaller integers are floats without a loss


def fixed(parameter: Any) -> Any:
    """A parameter as it was when it was used: arrays and lists in it are copied; TracedValueError for a traced number."""
    match parameter:
        case tuple():
            return tuple(fixed(part) for part in parameter)
        case list():
            return np.array(parameter)
        case np.ndarray():
            return parameter.copy()
        case Handle():
            raise TracedValueError(told("leak.index"))
    return parameter


def fixed_operand(name: str, u: Any) -> Any:
    """A constant operand: a number, or a copy of an array, for the learner may go on to change it."""
    if u.__class__ is float:
        return u
    if isinstance(u, list | tuple):
        if any(isinstance(part, Handle) for part in u):
            raise UnsupportedError(told("leak.list", function=name))
        u = np.array(u)
    if isinstance(u, np.ndarray) and u.ndim:
        return real_array(u)
    value = constant(u)
    if value is NotImplemented:
        raise UnsupportedError(told("leak.list", function=name))
    return value


def real_array(u: np.ndarray) -> np.ndarray:
    """A copy of an array of real numbers, whole numbers as floats. UnsupportedError for anything else."""
    kind = u.dtype.kind
    if kind == "f":
        return u.copy()
    if kind not in "biu":
        raise UnsupportedError(text("array.kind", name=here().expression or "A constant", kind=u.dtype))
    return u.astype(float)


def _binary(name: str, reflected: bool) -> Callable[[Any, Any], Any]:
    function, hiding = OPERATORS[name], name in HIDING

    def method(self: Any, other: Any) -> Any:
        kind = other.__class__
        if kind is int:
            other, kind = (float(other) if -LARGE < other < LARGE else constant(other)), float
        tape = self.tape
        slots: tuple[Any, Any]
        if kind is TracedArray and other.tape is tape:
            tape.hides |= hiding
            v, slots = function(self.value, other.value), (self.index, other.index)
        elif kind is float and reflected:
            tape.hides |= hiding
            v, slots = function(other, self.value), (other, self.index)
        elif kind is float:
            tape.hides |= hiding and other == 0
            v, slots = function(self.value, other), (self.index, other)
        elif other is None or isinstance(other, str) or getattr(other, "__array_ufunc__", True) is None:
            return NotImplemented  # as NumPy has it
        else:
            return record_array(table[name], (other, self) if reflected else (self, other), {}, compute=function)
        if tape.root is not None or v.__class__ is not np.ndarray:
            return note(tape, rule(name), slots, NONE, v)
        w = NEW(TracedArray)  # what `note` does, in place: this is where array programs spend their time
        w.tape, w.value = tape, v
        w.index = n = len(tape)
        tape.append((rule(name), slots, NONE, v, None, None))
        if not n & 15:
            tape.charge()
        return w

    return method


def _unary(name: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return note(self.tape, rule(name), (self.index,), NONE, OPERATORS[name](self.value))

    return method


def _comparison(symbol: str) -> Callable[[Any, Any], Any]:
    return lambda self, other: compare(symbol, self, other)


def _give_operators() -> None:
    from adviz.generate import BINARY, COMPARISONS, UNARY

    for method, name in BINARY.items():
        setattr(TracedArray, f"__{method}__", _binary(name, False))
        setattr(TracedArray, f"__r{method}__", _binary(name, True))
    for method, name in UNARY.items():
        setattr(TracedArray, f"__{method}__", _unary(name))
    for method, symbol in COMPARISONS.items():
        setattr(TracedArray, f"__{method}__", _comparison(symbol))
    for method, function in METHODS.items():
        setattr(TracedArray, method, function)


_give_operators()
