"""What a traced number does besides arithmetic: it answers Python's and NumPy's questions, or says what to write instead.

The operators themselves are generated from the table (`generate.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.errors import MissingAttribute, TracedValueError
from adviz.position import here
from adviz.recording import arrays, asked, compare, is_array, number, record, recorder, recorders
from adviz.tape import Handle, told
from adviz.texts import text

COMPARED = {np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=", np.equal: "==", np.not_equal: "!="}
ASKED = (np.isfinite, np.isnan, np.isinf, np.signbit)


class Traced(Handle):
    """A traced number without its operators."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return compare("!=", self, 0.0)

    def __float__(self) -> float:
        if here().instruction == "STORE_SUBSCR":
            raise TracedValueError(told("leak.into_array"))
        raise TracedValueError(told("leak.float", instead=_instead()))

    def __int__(self) -> int:
        raise TracedValueError(told("leak.int"))

    def __complex__(self) -> complex:
        raise TracedValueError(told("leak.complex"))

    def __index__(self) -> int:
        raise TracedValueError(told("leak.index"))

    def __array__(self, *_: object, **__: object) -> Any:
        raise TracedValueError(told("leak.array"))

    def __setitem__(self, *_: object) -> None:
        raise TracedValueError(told("leak.setitem"))

    def __reduce_ex__(self, _: object) -> Any:
        raise TracedValueError(text("leak.pickle"))

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, _: object) -> Any:
        return self

    def __round__(self, digits: int | None = None) -> Any:
        if not digits:
            return record("rint", self)
        scale = 10.0**digits
        return record("divide", record("rint", record("multiply", self, scale)), scale)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    @property
    def real(self) -> Any:
        return self

    @property
    def imag(self) -> Any:
        return number(self) * 0.0

    def conjugate(self) -> Any:
        return self

    def is_integer(self) -> bool:
        return bool(float(asked(self)).is_integer())

    def as_integer_ratio(self) -> Any:
        raise TracedValueError(told("leak.ratio"))

    def __floor__(self) -> Any:
        return record("floor", self)

    def __ceil__(self) -> Any:
        return record("ceil", self)

    def __trunc__(self) -> Any:
        return record("trunc", self)

    def __repr__(self) -> str:
        return f"traced({self.value!r})"

    def __format__(self, specification: str) -> str:
        return format(self.value, specification)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, a: Any, *others: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            function = recorders.get(ufunc) or recorder(ufunc)
            if function is not None:
                return function(a, *others) if others else function(a)  # Python calls f(a) much faster than f(*operands)
            if ufunc in COMPARED:
                return compare(COMPARED[ufunc], a, *others)
        return arrays().ufunc_on_arrays(ufunc, method, (a, *others), options)

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if not options and not any(map(is_array, operands)):
            if function is np.where and len(operands) == 3 and np.ndim(operands[0]) == 0:
                return record("where_true" if operands[0] else "where_false", *operands[1:])
            if function is np.sinc:
                return record("sinc", *operands)
        return arrays().function_on_arrays(function, operands, options)

    def elementwise(self, name: str, *operands: Any) -> Any:
        """A row that is no NumPy function, for a formula that is evaluated on arrays."""
        return record(name, *operands)


# fmt: off
MATH = {name: name for name in (
    "sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "hypot", "fmod",
    "degrees", "radians", "floor", "ceil", "trunc", "copysign", "isfinite", "isinf", "isnan",
)} | {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "pow": "power", "fabs": "abs",
}
OWN = ("erf", "erfc")  # functions that NumPy lacks
# fmt: on


class Missing:
    """A name that NumPy's numbers and arrays have and traced ones have not: whoever asks for it is told what to write instead.

    One such attribute per name, and no __getattr__: with that, Python would find every attribute of a traced value the slow way.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, u: Any, owner: type[Any]) -> Any:
        if u is None:
            return self
        raise MissingAttribute(told("leak.attribute", name=self.name, kind=text("word.array" if is_array(u) else "word.number")))


OF_OTHERS = ("at", "backward", "cpu", "detach", "grad", "numpy", "requires_grad", "values")  # of other libraries' arrays


def _tell_of_missing() -> None:
    for name in (*dir(np.ndarray), *dir(np.float64), *OF_OTHERS):
        if not name.startswith("_") and not hasattr(Traced, name):
            setattr(Traced, name, Missing(name))


_tell_of_missing()


def _instead() -> str:
    """What to write in place of the call that asked for a float: NumPy's function, where it means the same as math's."""
    called = here().expression.partition("(")[0].strip().rpartition(".")[2]
    if called in OWN:
        return text("leak.instead.own", called=called)
    return text("leak.instead", function=MATH[called], called=called) if called in MATH else text("leak.instead.any")
