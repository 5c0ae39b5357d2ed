"""The traced array: NumPy's operators, functions and methods on it are recorded, each as one line of the trace.

What an event holds is said in `tape.Events`. Partials are not computed until a sweep asks for them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy import ndarray

from adviz import generate
from adviz.composed import COMPOSED, METHODS, PLAIN
from adviz.elementary import OPERATORS, Elementary, rule
from adviz.errors import AdvizError, TracedValueError, UnsupportedError
from adviz.generate import BINARY, COMPARISONS, UNARY
from adviz.generate_arrays import HIDING, operators_source
from adviz.position import here
from adviz.recording import asked, compare, constant, innermost, number, number_class
from adviz.shapes import take
from adviz.shares import BY_MAP, DOUBLE, LINES, MEAN, SUM, Line
from adviz.structural import Structural
from adviz.table import Elementwise, table
from adviz.tape import Handle, Tape, told
from adviz.texts import text
from adviz.variable import ASKED, COMPARED, Traced

FIXED = frozenset({"axis", "keepdims", "shape", "axes", "ddof", "offset", "subscripts"})  # parameters that cannot change any more


UNARY_RULES: dict[np.ufunc, Elementary] = {}  # of NumPy's functions, for the shortest way from np.tanh to the tape


def unary_rule(ufunc: np.ufunc) -> Elementary | None:
    """The elementwise row of a ufunc of one array; None without one."""
    row = table.get(ufunc)
    if row.__class__ is Elementwise:
        UNARY_RULES[ufunc] = rule(row.name)
    return UNARY_RULES.get(ufunc)


class TracedArray(Traced):
    """An array of a run: v_index, which has that value."""

    __slots__ = ("index", "tape", "value")
    __getitem__: Any  # as the operators, generated below

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

    def __bool__(self) -> bool:
        if self.size != 1:
            raise TracedValueError(told("array.truth"))
        return bool(np.any(compare("!=", self, 0.0)))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, a: Any, *others: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if not others:
                row = UNARY_RULES.get(ufunc) or unary_rule(ufunc)
                if row is not None:
                    tape, u = self.tape, self.value
                    v = ufunc(u) if tape.memory is None else tape.memory.write(ufunc, u)
                    return note(tape, row, (self.index,), NONE, v, (u,), row.line)
            elif a.__class__ is ndarray and ufunc in REFLECTED:  # NumPy's way to write array @ traced
                return REFLECTED[ufunc](self, a)
        return ufunc_on_arrays(ufunc, method, (a, *others), options)

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if not options and len(operands) == 1 and function in REDUCED:
            tape, a = self.tape, self.value
            if tape.double and a.__class__ is ndarray and a.size:
                row, compute, line = REDUCED[function]
                return note(tape, row, (self.index,), EVERYTHING, compute(a), (a,), line)
        return function_on_arrays(function, operands, options)


EVERYTHING = {"axis": None, "keepdims": False}
REDUCED = {  # over everything, in double precision: what NumPy's functions come to
    np.sum: (table["sum"], lambda a: np.add.reduce(a, None), SUM),
    np.mean: (table["mean"], lambda a: np.add.reduce(a, None) / a.size, MEAN),
}


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
            return ufunc(*(asked(u) for u in operands), **options)
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
            a = u[0].value
            return note(u[0].tape, row, (u[0].index,), parameters, row.value(a, **parameters), (a,))
        return record_array(row, u, {name: fixed(p) for name, p in parameters.items()})
    if isinstance(row, Structural) and (composed is None or not composed.instead(*operands, **options)):
        u, parameters = understood(row.arguments, function, operands, options)
        return record_array(row, u, {name: fixed(p) for name, p in parameters.items()})
    if composed is not None:
        return understood(composed.function, function, operands, options)
    if row is not None and not options:
        return record_array(row, operands, {})
    if function in PLAIN:
        return function(*(asked(u) for u in operands), **options)
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
            values.append(fixed_operand(tape, row.name, u))
            slots.append(values[-1])
    tape.arrays = True
    tape.hides |= row.name in HIDING
    return note(tape, operation, tuple(slots), parameters, compute(*values, **parameters), tuple(values))


def note(
    tape: Tape, row: Elementary | Structural, slots: tuple[Any, ...], parameters: dict[str, Any], v: Any, u: tuple[Any, ...] | None = None,
    line: Line | None = None,
) -> Any:  # fmt: skip
    """Write the event and return the traced array or number that it computes. `u` are the operands' values, if they are at hand."""
    w: Any
    if v.__class__ is ndarray and v.ndim:
        w = TracedArray()
    else:
        if v.__class__ is ndarray:
            v = v[()]
        w = NEW(TracedArray if isinstance(v, Handle) and np.ndim(number(v)) else number_class(located=tape.root is not None))
    if u is None:
        u = tuple([tape.value_of(j) if j.__class__ is int else j for j in slots])
    if line is None:
        line = row.line if isinstance(row, Elementary) else LINES.get(row.name, BY_MAP)
    w.tape, w.value = tape, v
    w.index = n = len(tape)
    if tape.root is None:
        tape.append((row, slots, parameters, v, u, line))
    else:
        tape.append((row, slots, parameters, v, u, line, tape.enter(sys._getframe(1)).f_lasti))
    if not n & 15:
        tape.charge()
    return w


def aside(tape: Tape, row: Any, slots: tuple[Any, ...], parameters: dict[str, Any], u: tuple[Any, ...], line: Line) -> Any:
    """What an operator does in a run that is located, or has large arrays."""
    compute = OPERATORS.get(row.name, row.value)
    if tape.memory is None or row.name not in OPERATORS:
        v = compute(*u, **parameters)
    elif row.name != "power":
        v = tape.memory.write(row.row.function, *u)
    else:
        v = tape.memory.write(np.square, u[0]) if line is row.squared else compute(*u)
    return note(tape, row, slots, parameters, v, u, line if v.__class__ is np.ndarray else None)


NEW = object.__new__
NONE: dict[str, Any] = {}  # the parameters of an operation that has none


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


def fixed_operand(tape: Tape, name: str, u: Any) -> Any:
    """A constant operand: a number, or a copy of an array, for the learner may go on to change it."""
    if u.__class__ is float:
        return u
    if isinstance(u, list | tuple):
        if any(isinstance(part, Handle) for part in u):
            raise UnsupportedError(told("leak.list", function=name))
        u = np.array(u)
    if isinstance(u, np.ndarray) and u.ndim:
        return own_array(tape, u)
    value = constant(u)
    if value is NotImplemented:
        raise UnsupportedError(told("leak.list", function=name))
    if value.__class__ is not float:
        tape.double = False  # a number of another precision, or of an outer run
    return value


def own_array(tape: Tape, u: np.ndarray) -> np.ndarray:
    """A copy of an array of real numbers, whole numbers as floats. UnsupportedError for anything else."""
    if u.dtype is DOUBLE:
        return u.copy()
    kind = u.dtype.kind
    if kind == "f":
        tape.double = False
        return u.copy()
    if kind not in "biu":
        raise UnsupportedError(text("array.kind", name=here().expression or text("word.constant"), kind=u.dtype))
    return u.astype(float)


def chosen(a: TracedArray, key: Any) -> Any:
    """a[key], the key as it is now."""
    return record_array(table[take], (a,), {"key": fixed(key)})


def operate(name: str, a: Any, b: Any) -> Any:
    """An operator between a traced array and what is no float and no plain array; NotImplemented for what leaves it to the other side."""
    if any(u is None or isinstance(u, str) or getattr(u, "__array_ufunc__", True) is None for u in (a, b)):
        return NotImplemented  # as NumPy has it
    return record_array(table[name], (a, b), {}, compute=OPERATORS.get(name))


CELLS: dict[float, np.ndarray] = {}


def cell(x: float) -> np.ndarray:
    """A number as an array without axes."""
    found = CELLS.get(x)
    if found is None:
        found = np.array(x)
        if x and x == x and len(CELLS) < 256:  # 0 and -0 are the same key, nan is none
            found.flags.writeable = False
            CELLS[x] = found
    return found


def _comparison(symbol: str) -> Callable[[Any, Any], Any]:
    return lambda self, other: compare(symbol, self, other)


# fmt: off
NAMES: dict[str, Any] = {  # what the generated operators call
    "TracedArray": TracedArray, "ndarray": np.ndarray, "note": note, "aside": aside, "constant": constant, "own_array": own_array,
    "operate": operate, "cell": cell, "chosen": chosen, "NONE": NONE,
    "row_index": table[take], "line_index": LINES["index"], "row_matmul": table["matmul"],
    **dict.fromkeys(("line_matmul", "line_matmul_a", "line_matmul_b"), LINES["matmul"]),
}
# fmt: on


def _name_rows() -> None:
    for name in OPERATORS:
        found = rule(name)
        NAMES.update({f"row_{name}": found, f"line_{name}": found.line, f"line_{name}_a": found.beside["b"], f"line_{name}_b": found.beside["a"]})
    NAMES["line_power_2"] = rule("power").squared


def _forget(_: str) -> None:
    """A row is registered anew: the operators record the new one."""
    UNARY_RULES.clear()
    _name_rows()


def _give_operators() -> None:
    _name_rows()
    table.forgetters.append(_forget)
    generate.build(operators_source(), NAMES)
    for method in ("matmul", *BINARY):
        setattr(TracedArray, f"__{method}__", NAMES[f"__{method}__"])
        setattr(TracedArray, f"__r{method}__", NAMES[f"__r{method}__"])
    for method in ("getitem", *UNARY):
        setattr(TracedArray, f"__{method}__", NAMES[f"__{method}__"])
    for method, symbol in COMPARISONS.items():
        setattr(TracedArray, f"__{method}__", _comparison(symbol))
    for method, function in METHODS.items():
        setattr(TracedArray, method, function)


_give_operators()
REFLECTED = {table[row].function: NAMES[f"__r{method}__"] for method, row in [*BINARY.items(), ("matmul", "matmul")]}
