"""THE TABLE, second part: array operations, each as two linear maps and a sentence.

Where an elementwise row states its partials as text, a structural row states what its Jacobian does to a tangent and what the
transpose does to an adjoint, for no one writes that Jacobian down. Both are written in NumPy calls that have rows themselves, so that
every derivative can be differentiated again. Linear algebra is in `matrices.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from adviz.table import table
from adviz.texts import text

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

    def short(self, parameters: Parameters) -> str:
        """What the graph's box shows: "Σ", "@", "[1:]"."""
        return self.symbol.replace("{index}", _key(parameters.get("key", ()))) or self.name

    def sentence(self, v: Any, parameters: Parameters) -> str:
        """What the operation does, in words: "sum over axis 0"."""
        return text(f"row.{self.name}", over=_over(parameters), shape=np.shape(v), index=_key(parameters.get("key", ())), **_words(parameters))


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

    return table.add(Structural(name or function.__name__, function, arguments, adjoint, tangent or linear, compute, selects, symbol))


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
        whole = np.empty(shape, getattr(v_bar, "dtype", float))
        whole.fill(v_bar)
        return whole
    if axis is not None and not keepdims:
        v_bar = np.expand_dims(v_bar, axis)
    return np.broadcast_to(v_bar, shape)


def count_over(a: Any, axis: Any) -> int:
    """How many entries one entry of a reduction is made of."""
    shape = np.shape(a)
    return int(np.prod([shape[k] for k in _axes(axis, len(shape))], dtype=int))


def _axes(axis: Any, ndim: int) -> Iterator[int]:
    if axis is None:
        yield from range(ndim)
    else:
        yield from (int(k) % ndim for k in (axis if isinstance(axis, tuple) else (axis,)))


def _reduced(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> tuple[Operands, Parameters]:
    if dtype is not None or out is not None or options:
        only({"dtype": dtype, "out": out, **options})
    return (a,), {"axis": axis, "keepdims": keepdims is True}


def _extreme(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> tuple[Operands, Parameters]:
    return _reduced(a, axis, None, out, keepdims, **options)


def _spread_out(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *, correction: Any = None, **options: Any
) -> tuple[Operands, Parameters]:
    only({"dtype": dtype, "out": out, **options})
    return (a,), {"axis": axis, "keepdims": keepdims is True, "ddof": ddof if correction is None else correction}


def mean_adjoint(k: int, v_bar: Any, v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """v̄ / n to each of the n entries."""
    return spread(v_bar / count_over(a, axis), a, axis, keepdims)


def others(a: Any, axis: Any) -> Any:
    """For each entry the product of all the others along the axis, without a division: right where entries are 0.

    Halves of halves: what stands beside an entry's half times the others in its half.
    """
    n = np.shape(a)[axis]
    if n == 1:
        return np.ones(np.shape(a))
    left, right = (_part(a, part, axis) for part in (slice(None, n // 2), slice(n // 2, None)))
    beside = [others(half, axis) * np.prod(other, axis=axis, keepdims=True) for half, other in ((left, right), (right, left))]
    return np.concatenate(beside, axis=axis)


def _part(a: Any, part: slice, axis: int) -> Any:
    return a[(slice(None),) * (axis % np.ndim(a)) + (part,)]


def slopes_of_prod(a: Any, axis: Any) -> Any:
    """∂/∂a_i of the product over an axis, over several or over all."""
    shape = np.shape(a)
    over = tuple(_axes(axis, len(shape)))
    kept = tuple(k for k in range(len(shape)) if k not in over)
    flat = np.reshape(np.transpose(a, kept + over), (*(shape[k] for k in kept), -1))
    back = np.reshape(others(flat, -1), [shape[k] for k in kept + over]) if flat.size else flat
    return np.transpose(back, np.argsort(kept + over)) if flat.size else np.reshape(flat, shape)


def chosen(v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """1 where an entry is the extreme of its axis, split evenly at ties: the minimum-norm subgradient. A constant."""
    hit = plain(a) == spread(plain(v), plain(a), axis, keepdims)
    return hit / np.sum(hit, axis=axis, keepdims=True)


def plain(u: Any) -> Any:
    """The plain array or number under any depth of tracing."""
    while hasattr(u, "tape"):
        u = u.value
    return u


def chosen_tangent(k: int, a_dot: Any, v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """ȧ where the extreme is, averaged at ties."""
    weight = chosen(v, a, axis, keepdims)
    return np.sum(np.where(weight != 0, weight * a_dot, 0.0), axis=axis, keepdims=keepdims)


def chosen_adjoint(k: int, v_bar: Any, v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """v̄ to where the extreme is, split evenly at ties."""
    weight = chosen(v, a, axis, keepdims)
    return np.where(weight != 0, weight * spread(v_bar, a, axis, keepdims), 0.0)


def slopes_of_var(v: Any, a: Any, axis: Any, keepdims: bool, ddof: float) -> Any:
    """2 (a - mean) / (n - ddof)"""
    return (a - np.mean(a, axis=axis, keepdims=True)) * (2.0 / (count_over(a, axis) - ddof))


def slopes_of_std(v: Any, a: Any, axis: Any, keepdims: bool, ddof: float) -> Any:
    """(a - mean) / ((n - ddof) v), and 0 where all entries are equal: the minimum-norm subgradient."""
    from_mean = a - np.mean(a, axis=axis, keepdims=True)
    return np.true_divide(*_or_zero(from_mean, spread(v, a, axis, keepdims) * (count_over(a, axis) - ddof)))


def _or_zero(a: Any, b: Any) -> tuple[Any, Any]:
    """a and b, with 1 for b where both are 0 and the quotient shall be 0."""
    nowhere = (plain(a) == 0) & (plain(b) == 0)
    return a, np.where(nowhere, 1.0, b) if np.any(nowhere) else b


def slopes_of_norm(v: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """a / |a|, and 0 at 0: the minimum-norm subgradient, as for hypot."""
    return np.true_divide(*_or_zero(a, spread(v, a, axis, keepdims)))


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> tuple[Operands, Parameters]:
    lengths = 1 if isinstance(axis, int) else len(axis) if axis else np.ndim(x)
    if ord not in (None, 2, "fro") or (ord == 2 and lengths != 1):
        raise TypeError(f"ord={ord!r}")
    return (x,), {"axis": axis, "keepdims": keepdims}


def by_slopes(slopes: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Adjoint and tangent of a reduction from its partials slopes(v, a, ...): the Jacobian's entries, in the shape of the operand."""

    def tangent(k: int, a_dot: Any, v: Any, a: Any, **parameters: Any) -> Any:
        return np.sum(slopes(v, a, **parameters) * a_dot, axis=parameters["axis"], keepdims=parameters["keepdims"])

    def adjoint(k: int, v_bar: Any, v: Any, a: Any, **parameters: Any) -> Any:
        return spread(v_bar, a, parameters["axis"], parameters["keepdims"]) * slopes(v, a, **parameters)

    return adjoint, tangent


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
    return "…" if part is Ellipsis else "new axis" if part is None else str(part)


@dispatched
def take(a: Any, key: Any) -> Any:
    """a[key]"""
    return a[key]


@dispatched
def scatter(a: Any, shape: tuple[int, ...], key: Any) -> Any:
    """Zeros of that shape with a added at [key]: the transpose of indexing."""
    out = np.zeros(shape, getattr(a, "dtype", float))
    if key.__class__ is not slice and any(isinstance(part, np.ndarray) for part in (key if isinstance(key, tuple) else (key,))):
        np.add.at(out, key, a)  # an index may name an entry twice
    else:
        out[key] = a
    return out


def _reshaped(a: Any, shape: Any, order: str = "C") -> tuple[Operands, Parameters]:
    only({"order": None if order == "C" else order})
    return (a,), {"shape": shape}


def _parts(arrays: Sequence[Any], axis: Any = 0, out: Any = None, **options: Any) -> tuple[Operands, Parameters]:
    only({"out": out, **options})
    return tuple(arrays), {"axis": axis}


def joined_tangent(k: int, u_dot: Any, v: Any, *u: Any, axis: int | None) -> Any:
    """The tangent in its place, zeros in the others'."""
    return np.concatenate([u_dot if j == k else np.zeros(np.shape(part)) for j, part in enumerate(u)], axis=axis)


def joined_adjoint(k: int, v_bar: Any, v: Any, *u: Any, axis: int | None) -> Any:
    """The part of v̄ where operand k stands."""
    if axis is None:
        start = sum(np.size(part) for part in u[:k])
        return np.reshape(v_bar[start : start + np.size(u[k])], np.shape(u[k]))
    start = sum(np.shape(part)[axis] for part in u[:k])
    return _part(v_bar, slice(start, start + np.shape(u[k])[axis]), axis)


def stacked_tangent(k: int, u_dot: Any, v: Any, *u: Any, axis: int) -> Any:
    """The tangent in its place, zeros in the others'."""
    return np.stack([u_dot if j == k else np.zeros(np.shape(part)) for j, part in enumerate(u)], axis=axis)


def stacked_adjoint(k: int, v_bar: Any, v: Any, *u: Any, axis: int) -> Any:
    """The layer k of v̄."""
    return v_bar[(slice(None),) * (axis % np.ndim(v)) + (k,)]


def diff_adjoint(k: int, v_bar: Any, v: Any, a: Any, n: int, axis: int) -> Any:
    """Each difference back to its two entries, n times over."""
    for _ in range(n):
        shape = list(np.shape(v_bar))
        shape[axis] = 1
        end = np.zeros(shape)
        v_bar = np.concatenate([end, v_bar], axis=axis) - np.concatenate([v_bar, end], axis=axis)
    return v_bar


@dispatched
def select(a: Any, b: Any, condition: Any) -> Any:
    """np.where(condition, a, b), with the condition as a parameter."""
    return np.where(condition, a, b)


def select_tangent(k: int, u_dot: Any, v: Any, *u: Any, condition: Any) -> Any:
    """u̇_k where it was chosen."""
    return select(u_dot, 0.0, condition=condition) if k == 0 else select(0.0, u_dot, condition=condition)


def select_adjoint(k: int, v_bar: Any, v: Any, *u: Any, condition: Any) -> Any:
    """v̄ where operand k was chosen."""
    return unbroadcast(select_tangent(k, v_bar, v, condition=condition), np.shape(u[k]))


def diagonal_adjoint(k: int, v_bar: Any, v: Any, v_: Any, offset: int) -> Any:
    """Entries back onto the diagonal they were read from; or read off it."""
    if np.ndim(v_) == 1:
        return np.diag(v_bar, offset)
    rows, columns = np.shape(v_)
    i = np.arange(np.shape(v_bar)[0])
    return scatter(v_bar, shape=(rows, columns), key=(i - min(offset, 0), i + max(offset, 0)))


# fmt: off
# reductions    NumPy's call          adjoint and tangent
structural(np.sum,    _reduced,       lambda k, v_bar, v, a, axis, keepdims: spread(v_bar, a, axis, keepdims), symbol="Σ")
structural(np.mean,   _reduced,       mean_adjoint)
structural(np.prod,   _reduced,       *by_slopes(lambda v, a, axis, keepdims: slopes_of_prod(a, axis)), selects=False, symbol="Π")
structural(np.max,    _extreme,       chosen_adjoint, chosen_tangent)
structural(np.min,    _extreme,       chosen_adjoint, chosen_tangent)
structural(np.var,    _spread_out,    *by_slopes(slopes_of_var), selects=False)
structural(np.std,    _spread_out,    *by_slopes(slopes_of_std), selects=False)
structural(np.linalg.norm, _norm,     *by_slopes(slopes_of_norm), selects=False, symbol="‖·‖")
structural(np.cumsum, lambda a, axis=None: ((a if axis is not None else np.ravel(a),), {"axis": axis or 0}),
           lambda k, v_bar, v, a, axis: np.flip(np.cumsum(np.flip(v_bar, axis), axis=axis), axis))
structural(np.diff,   lambda a, n=1, axis=-1: ((a,), {"n": n, "axis": axis}),            diff_adjoint, selects=False)

# the same entries in another shape or order
structural(np.reshape,      _reshaped,                                   lambda k, v_bar, v, a, shape: np.reshape(v_bar, np.shape(a)))
structural(np.transpose,    lambda a, axes=None: ((a,), {"axes": axes}),
           lambda k, v_bar, v, a, axes: np.transpose(v_bar, None if axes is None else np.argsort([x % np.ndim(a) for x in axes])), symbol="T")
structural(np.expand_dims,  lambda a, axis: ((a,), {"axis": axis}),      lambda k, v_bar, v, a, axis: np.reshape(v_bar, np.shape(a)),
           symbol="new axis")
structural(np.squeeze,      lambda a, axis=None: ((a,), {"axis": axis}), lambda k, v_bar, v, a, axis: np.reshape(v_bar, np.shape(a)))
structural(np.flip,         lambda m, axis=None: ((m,), {"axis": axis}), lambda k, v_bar, v, a, axis: np.flip(v_bar, axis))
structural(np.roll,         lambda a, shift, axis=None: ((a,), {"shift": shift, "axis": axis}),
           lambda k, v_bar, v, a, shift, axis: np.roll(v_bar, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis))

# entries repeated, joined, chosen, left out
structural(np.broadcast_to, lambda array, shape: ((array,), {"shape": shape}), lambda k, v_bar, v, a, shape: unbroadcast(v_bar, np.shape(a)),
           symbol="repeat")
structural(np.concatenate,  _parts,   joined_adjoint,  joined_tangent,  value=lambda *u, axis: np.concatenate(u, axis=axis), symbol="join")
structural(np.stack,        _parts,   stacked_adjoint, stacked_tangent, value=lambda *u, axis: np.stack(u, axis=axis))
structural(select,          lambda a, b, condition: ((a, b), {"condition": condition}), select_adjoint, select_tangent, name="where")
structural(take,            lambda a, key: ((a,), {"key": key}), name="index", symbol="[{index}]",
           adjoint=lambda k, v_bar, v, a, key: scatter(v_bar, shape=np.shape(a), key=key))
structural(scatter,         lambda a, shape, key: ((a,), {"shape": shape, "key": key}), lambda k, v_bar, v, a, shape, key: take(v_bar, key=key),
           symbol="→[{index}]")
structural(np.diag,         lambda v, k=0: ((v,), {"offset": k}), diagonal_adjoint, value=lambda v, offset: np.diag(v, offset))
structural(np.trace,        lambda a, offset=0: ((a,), {"offset": offset}), value=np.trace, symbol="tr",
           adjoint=lambda k, v_bar, v, a, offset: v_bar * np.eye(np.shape(a)[0], np.shape(a)[1], offset))
# fmt: on
