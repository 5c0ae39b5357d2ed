"""The complex number that the complex step hands to f: it passes on what is complex-differentiable and refuses the rest.

NumPy computes abs, max and comparisons of complex numbers without a word, and the derivative would be wrong. This number is no `complex`
and no array: what it does not offer, f cannot do with it. Nothing is refused that does not compute with it (a branch on another input, a
constant from outside): there the derivative is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from adviz.errors import TracedValueError, UnsupportedError
from adviz.table import Elementwise, table
from adviz.tape import told
from adviz.trees import map_leaves

# NumPy's functions of arrays that only add, multiply or rearrange entries; norm, vdot, std, cholesky conjugate, max and sort compare
# fmt: off
ARRAYS = frozenset({
    np.sum, np.mean, np.prod, np.cumsum, np.dot, np.outer, np.inner, np.tensordot, np.einsum, np.trace, np.diag, np.diagonal, np.diff, np.kron,
    np.cross, np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.broadcast_to, np.flip, np.roll, np.tile,
    np.repeat, np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.where, np.atleast_1d, np.polyval, np.trapezoid,
    np.linalg.solve, np.linalg.inv, np.linalg.det, np.linalg.matrix_power, np.zeros_like, np.ones_like, np.shape, np.ndim, np.size,
})
METHODS: dict[str, Callable[..., Any]] = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "cumsum": np.cumsum, "dot": np.dot, "trace": np.trace, "ravel": np.ravel, "flatten": np.ravel,
    "squeeze": np.squeeze, "swapaxes": np.swapaxes, "repeat": np.repeat, "diagonal": np.diagonal,
}
COMPARISONS = frozenset({np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal})
# fmt: on


class NotOffered(UnsupportedError, AttributeError):
    """An attribute that a complex step does not offer; for `hasattr` it is simply not there."""


class Stepped(NDArrayOperatorsMixin):
    """x + ih on its way through f: a complex number, or an array of them, behind what is allowed."""

    __slots__ = ("hidden",)
    __hash__ = object.__hash__

    def __init__(self, z: Any) -> None:
        self.hidden = np.asarray(z)

    def __repr__(self) -> str:
        return f"stepped({self.hidden[()]!r})"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.hidden.shape

    @property
    def ndim(self) -> int:
        return self.hidden.ndim

    @property
    def size(self) -> int:
        return self.hidden.size

    @property
    def T(self) -> Stepped:
        return Stepped(self.hidden.T)

    def __len__(self) -> int:
        return len(self.hidden)

    def __iter__(self) -> Iterator[Stepped]:
        return map(Stepped, self.hidden)

    def __getitem__(self, key: Any) -> Stepped:
        return Stepped(self.hidden[key])

    def reshape(self, *shape: Any) -> Stepped:
        """As NumPy's."""
        return Stepped(self.hidden.reshape(*shape))

    def transpose(self, *axes: Any) -> Stepped:
        """As NumPy's."""
        return Stepped(self.hidden.transpose(*axes))

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return lambda *given, **named: METHODS[name](self, *given, **named)
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOffered(told("complex.attribute", name=name))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if ufunc in COMPARISONS:
            raise UnsupportedError(told("complex.compared"))
        if method != "__call__" or options or not is_analytic(ufunc):
            raise UnsupportedError(told("complex.function", function=ufunc.__name__))
        return Stepped(computed(ufunc, [_open(z) for z in operands]))

    def __array_function__(self, function: Callable[..., Any], types: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if function not in ARRAYS:
            name = function.__name__ if function.__module__ == "numpy" else f"linalg.{function.__name__}"
            raise UnsupportedError(told("complex.function", function=name))
        result = function(*map_leaves(_open, operands), **map_leaves(_open, options))
        return Stepped(result) if np.iscomplexobj(result) else result

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TracedValueError(told("complex.number"))

    __float__ = __int__ = __index__ = __complex__ = __bool__ = __round__ = __array__ = __setitem__ = _refuse


def _open(u: Any) -> Any:
    """What is behind an operand; UnsupportedError for a complex number that f brought in itself."""
    if isinstance(u, Stepped):
        return u.hidden
    if np.iscomplexobj(u):
        raise UnsupportedError(told("complex.constant"))
    return u


def is_analytic(ufunc: np.ufunc) -> bool:
    """Whether NumPy computes it for complex numbers, and the table knows of no kink and no jump in it."""
    row = table.get(ufunc)
    smooth = isinstance(row, Elementwise) and row.kink is None and not row.jumps
    return ufunc is np.matmul or smooth and any(types.endswith(">D") for types in ufunc.types)


def computed(ufunc: np.ufunc, operands: list[Any]) -> Any:
    """The complex value, and nan where the real function is undefined: log(-1) is no detour around 0."""
    z = power(*operands) if ufunc in (np.power, np.float_power) else ufunc(*operands)
    real = [np.real(u) for u in operands]
    undefined = np.isnan(ufunc(*real)) if ufunc is not np.matmul else np.False_
    for u in real if undefined.any() else ():
        undefined = undefined & ~np.isnan(u)
    return np.where(undefined, complex(np.nan, np.nan), z) if undefined.any() else z


def power(a: Any, b: Any) -> Any:
    """a^b for a negative a too: by (-1)^n (-a)^n for a whole number n; undefined where the exponent moves."""
    negative, whole = np.real(a) < 0, np.isreal(b) & (np.real(b) == np.rint(np.real(b)))
    sign = np.where(negative & whole & (np.real(b) % 2 == 1), -1.0, 1.0)
    z = sign * np.power(np.where(negative, -np.asarray(a), a), b)
    return np.where(negative & ~whole, complex(np.nan, np.nan), z)


def complex_of(y: Any) -> complex | None:
    """The complex number behind a result; None if it is another thing."""
    return complex(y.hidden[()]) if isinstance(y, Stepped) and not y.ndim else None
