"""What a row for an array operation is: two linear maps and a sentence.

Where an elementwise row states its partials as text, a structural row states what its Jacobian does to a tangent and what the
transpose does to an adjoint, for no one writes that Jacobian down. Both are written in NumPy calls that have rows themselves, so that
every derivative can be differentiated again. The rows are in `reductions.py`, `shapes.py` and `matrices.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from adviz.table import table
from adviz.texts import TEXTS, text

Operands = tuple[Any, ...]
Parameters = dict[str, Any]


class Structural(NamedTuple):
    """v = φ(u_0, u_1, ...; parameters) with u̇_k ↦ v̇ and v̄ ↦ ū_k, the first by way of the Jacobian, the second of its transpose.

    `arguments` tells the operands of a NumPy call from its parameters; `tangent` and `adjoint` are called as
    tangent(k, u_dot, v, *u, **parameters) and adjoint(k, v_bar, v, *u, **parameters). `selects` says that the Jacobian's entries are
    not negative, and 0 only where the operation leaves an entry out: what it leaves out, nothing flows along. `symbol` is what the graph's
    box shows, the name if there is none; {index} in it stands for the chosen entries.
    """

    name: str
    function: Callable[..., Any]
    arguments: Callable[..., tuple[Operands, Parameters]]
    adjoint: Callable[..., Any]
    tangent: Callable[..., Any]
    value: Callable[..., Any]
    selects: bool = True
    symbol: str = ""
    linear: bool = False  # in each operand: its tangent is its value with u̇_k in the place of u_k

    def short(self, parameters: Parameters) -> str:
        """What the graph's box shows: "Σ", "@", "[1:]"."""
        said = f"row.{self.name}.box"
        return text(said) if said in TEXTS else self.symbol.replace("{index}", _key(parameters.get("key", ()))) or self.name

    def sentence(self, v: Any, parameters: Parameters) -> str:
        """What the operation does, in words: "sum over axis 0"."""
        result = text("row.result" if np.ndim(v) else "row.result.number", shape=np.shape(v))
        key = _key(parameters.get("key", ()))
        return text(f"row.{self.name}", over=_over(parameters), shape=np.shape(v), result=result, index=key, **_words(parameters))


def structural(
    function: Callable[..., Any],
    arguments: Callable[..., tuple[Operands, Parameters]],
    adjoint: Callable[..., Any],
    tangent: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    value: Callable[..., Any] | None = None,
    selects: bool = True,
    symbol: str = "",
) -> Structural:
    """Register an array operation. Without a tangent it is linear in each operand: its value with u_dot in the operand's place."""
    compute = value or function

    def linear(k: int, u_dot: Any, v: Any, *u: Any, **parameters: Any) -> Any:
        return compute(*u[:k], u_dot, *u[k + 1 :], **parameters)

    name = name or function.__name__
    return table.add(Structural(name, function, arguments, adjoint, tangent or linear, compute, selects, symbol, tangent is None))


def dispatched(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of adviz's own that a traced operand takes over, as NumPy's functions let it (NEP 18)."""

    @wraps(function)
    def public(*operands: Any, **parameters: Any) -> Any:
        for u in operands:
            if u.__class__ is not np.ndarray and hasattr(u, "__array_function__") and not isinstance(u, np.ndarray):
                return u.__array_function__(public, (type(u),), operands, parameters)
        return function(*operands, **parameters)

    return public


def only(parameters: dict[str, Any]) -> None:
    """TypeError for an option of NumPy's that no row takes (dtype, out, where, initial), unless it is left alone."""
    for name, given in parameters.items():
        if given is not None and given is not np._NoValue:
            raise TypeError(name)


def unbroadcast(share: Any, shape: tuple[int, ...]) -> Any:
    """A share summed over the axes along which its operand was repeated, down to the operand's shape.

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    given = np.shape(share)
    if given == shape:
        return share
    extra = len(given) - len(shape)
    repeated = tuple(range(extra)) + tuple(k + extra for k, n in enumerate(shape) if n == 1 and given[k + extra] != 1)
    total = np.sum(share, axis=repeated) if repeated else share
    return np.reshape(total, shape) if np.shape(total) != shape else total


def spread(v_bar: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """A reduced array back over the axes it was reduced along."""
    shape = np.shape(a)
    if isinstance(v_bar, float) and shape:
        whole = np.empty(shape, getattr(v_bar, "dtype", None) or precision(a))
        whole.fill(v_bar)
        return whole
    if axis is not None and not keepdims:
        v_bar = np.expand_dims(v_bar, axis)
    return np.broadcast_to(v_bar, shape)


def count_over(a: Any, axis: Any) -> int:
    """How many entries one entry of a reduction is made of."""
    shape = np.shape(a)
    return int(np.prod([shape[k] for k in axes_of(axis, len(shape))], dtype=int))


def axes_of(axis: Any, ndim: int) -> Iterator[int]:
    if axis is None:
        yield from range(ndim)
    else:
        yield from (int(k) % ndim for k in (axis if isinstance(axis, tuple) else (axis,)))


def section(a: Any, part: slice, axis: int) -> Any:
    return a[(slice(None),) * (axis % np.ndim(a)) + (part,)]


def plain(u: Any) -> Any:
    """The plain array or number under any depth of tracing."""
    while hasattr(u, "tape"):
        u = u.value
    return u


def precision(u: Any) -> Any:
    """The dtype of an array or a number under any depth of tracing: what a map fills in has the precision of what it stands beside.

    >>> precision(np.float32(0.5))
    dtype('float32')
    """
    return np.result_type(plain(u))


def _over(parameters: Parameters) -> str:
    axis = parameters.get("axis")
    return text("row.over.all") if axis is None else text("row.over.axis", axis=axis)


def _words(parameters: Parameters) -> dict[str, Any]:
    """The parameters a sentence may name, as text; the chosen entries of a condition counted."""
    condition = parameters.get("condition")
    held = {} if condition is None else {"held": int(np.sum(condition)), "size": int(np.size(condition))}
    return held | {name: parameters[name] for name in ("axis", "subscripts", "axes", "n", "k", "shift") if name in parameters}


def _key(key: Any) -> str:
    """An index as it is written between brackets."""
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(_index(part) for part in parts)


def _index(part: Any) -> str:
    match part:
        case slice(start=start, stop=stop, step=step):
            ends = ":".join("" if end is None else str(end) for end in (start, stop))
            return ends if step is None else f"{ends}:{step}"
        case np.ndarray():
            return text("row.index.mask" if part.dtype == bool else "row.index.array", count=part.size)
    return "…" if part is Ellipsis else text("row.expand_dims.box") if part is None else str(part)
