"""What flows along the edges of an array program: shares and terms, and what is not reached.

An elementwise row of the table becomes a rule on arrays here: NumPy computes its partials, and a share is summed down to the shape of an
operand that was repeated. In an array some entries may be out of reach (an index leaves them out, np.where did not choose them): nothing
flows along them, not even 0 · ∞ (`paths.py`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import cached_property
from sys import getrefcount
from typing import Any, NamedTuple, cast

import numpy as np

from adviz import generate, kernels
from adviz.errors import RowError
from adviz.paths import KINDS, Paths, kind_of, some, steep
from adviz.readings import parse
from adviz.shapes import scatter, take
from adviz.structural import Parameters, Structural, plain, unbroadcast
from adviz.table import Elementwise, table
from adviz.tape import Event, Events
from adviz.texts import text

# fmt: off
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv, "floor_divide": operator.floordiv,
    "remainder": operator.mod, "power": operator.pow, "negative": operator.neg, "positive": operator.pos, "abs": abs,
}
# fmt: on


class Elementary:
    """An elementwise row on arrays: value, and partials computed by NumPy when a sweep needs them."""

    def __init__(self, row: Elementwise) -> None:
        self.row, self.name = row, row.name

    def __repr__(self) -> str:
        return f"Elementary({self.name!r})"

    @cached_property
    def reading(self) -> dict[str, Any]:
        """value(a, b) and partial_k(a, b, v) of the row, through NumPy's functions: on arrays and on traced ones."""
        source = generate.general_source(self.row)
        functions = {name: on_arrays(name) for name in generate.needed(self.row)}
        return generate.build(source, {**functions, "pi": math.pi, "e": math.e})

    @cached_property
    def shares(self) -> Callable[..., Any]:
        """shares(values, operands, v, v_bar): what every operand receives, in its shape."""
        functions = {name: on_arrays(name) for name in generate.needed(self.row)}
        names = {**functions, "pi": math.pi, "e": math.e, "ndarray": np.ndarray, "unbroadcast": unbroadcast, "shape": np.shape}
        return generate.build(generate.shares_source(self.row), names)["shares"]

    @cached_property
    def value(self) -> Callable[..., Any]:
        """φ(a, b): what the learner's own call would have computed."""
        return on_arrays(self.name)

    def partial(self, k: int, v: Any, *u: Any) -> Any:
        """∂φ/∂u_k, an array or a number; None where nothing flows."""
        formula = self.reading.get(f"partial_{k}")
        return None if formula is None else formula(*u, v)

    @cached_property
    def constants(self) -> tuple[float | None, ...]:
        """The partials that are 1 or -1 whatever the operands: no array is multiplied for them."""
        return tuple({"1": 1.0, "-1": -1.0}.get(partial or "") for partial in self.row.partials)

    def adjoint(self, k: int, v_bar: Any, v: Any, *u: Any) -> Any:
        """v̄ · ∂φ/∂u_k, summed down to the shape of u_k."""
        return unbroadcast(self._product(k, v_bar, v, u), np.shape(u[k]))

    def tangent(self, k: int, u_dot: Any, v: Any, *u: Any) -> Any:
        """u̇_k · ∂φ/∂u_k, in the shape of v."""
        term = self._product(k, u_dot, v, u)
        return term if np.shape(term) == np.shape(v) else np.broadcast_to(term, np.shape(v))

    def _product(self, k: int, flow: Any, v: Any, u: Sequence[Any]) -> Any:
        constant = self.constants[k]
        if constant is not None:
            return flow if constant == 1.0 else -flow
        return flow * self.partial(k, v, *u)


_rules: dict[str, Elementary] = {}


def rule(name: str) -> Elementary:
    """The elementwise row of that name, on arrays."""
    found = _rules.get(name)
    if found is None:
        found = _rules[name] = Elementary(table[name])
    return found


table.forgetters.append(lambda name: _rules.clear())


def on_arrays(name: str) -> Callable[..., Any]:
    """The function of a row as arrays are to be computed with: NumPy's own, or the vectorised kernel of a helper row."""
    row = table[name]
    if isinstance(row.function, np.ufunc) or row.function is np.sinc:
        return row.function
    return _helper(row)


def _helper(row: Elementwise) -> Callable[..., Any]:
    """A row that is no NumPy function: its kernel on plain arrays, recorded on traced ones, which take over as from NumPy."""

    kernel = kernels.on_arrays(row.name, row.function, _formula(row))

    def function(*u: Any) -> Any:
        if u[0].__class__ in PLAIN and u[-1].__class__ in PLAIN:
            return kernel(*u)
        for operand in u:
            if hasattr(operand, "tape"):
                return operand.elementwise(row.name, *u)
        return kernel(*u)

    return function


PLAIN = (np.ndarray, float)


def _formula(row: Elementwise) -> Callable[..., Any] | None:
    """The value's formula where it says more than the row's own name."""
    tree = parse(row.value)
    return None if tree[:2] == ("call", row.name) else rule(row.name).reading["value"]


class Linear(NamedTuple):
    """∂φ/∂u_k as the linear map it is: tangents forward, adjoints back; where an entry is out of reach, nothing flows."""

    row: Structural | Elementary
    k: int
    value: Any
    operands: tuple[Any, ...]
    parameters: Parameters

    def __repr__(self) -> str:
        return f"<{self.row.name}: {np.shape(self.operands[self.k])} to {np.shape(self.value)}>"

    def adjoint(self, v_bar: Any) -> Any:
        """v̄ ↦ ū_k   (Griewank & Walther 2008, eq. 3.9)"""
        return self._flow(self.row.adjoint, v_bar, np.shape(self.value), np.shape(self.operands[self.k]))

    def tangent(self, u_dot: Any) -> Any:
        """u̇_k ↦ its part of v̇   (Griewank & Walther 2008, eq. 3.5)"""
        return self._flow(self.row.tangent, u_dot, np.shape(self.operands[self.k]), np.shape(self.value))

    def array(self) -> Any:
        """The partials of an elementwise operation, in the shape of its value; the map itself for any other."""
        if not isinstance(self.row, Elementary):
            return self
        with np.errstate(all="ignore"):
            return self._array()

    def _array(self) -> Any:
        assert isinstance(self.row, Elementary)
        partial = self.row.partial(self.k, self.value, *self.operands)
        undefined = self.undefined()
        if isinstance(undefined, np.ndarray):
            partial = partial * undefined
            if not all(isinstance(u, np.ndarray | float) for u in self.operands):  # nan to every order: the derivatives of exp never end
                partial = partial + np.where(np.isnan(undefined), np.exp(sum(self.operands)) * math.nan, 0.0)
        return np.broadcast_to(partial, np.shape(self.value)) if np.shape(partial) != np.shape(self.value) else partial

    def undefined(self) -> Any:
        """nan where the value is nan though no operand is, 1 elsewhere: an undefined value has no derivative."""
        v = np.isnan(plain(self.value))
        if not np.any(v):
            return 1.0
        operands = [np.isnan(plain(u)) for u in self.operands]
        if isinstance(self.row, Elementary):
            for u in operands:
                v = v & ~u
            return np.where(v, math.nan, 1.0)
        return 1.0 if any(np.any(u) for u in operands) else np.where(v, math.nan, 1.0)

    def _flow(self, linear: Callable[..., Any], flow: Any, start: tuple[int, ...], end: tuple[int, ...]) -> Any:
        with np.errstate(all="ignore"):  # nan and inf are results here, told in notes
            given, kinds = (flow.flow, flow.kinds) if isinstance(flow, Paths) else (flow, None)
            if isinstance(self.row, Elementary):
                return self._along_partials(given, kinds, end)
            return self._along_map(linear, given, kinds, start, end)

    def _along_partials(self, given: Any, kinds: Any, end: tuple[int, ...]) -> Any:
        """The same product for every entry."""
        if kinds is None:
            return unbroadcast(given * self.array(), end)
        product = Paths(given, np.asarray(kinds)) * self.array()
        return Paths(unbroadcast(product.flow, end), some(product.kinds, end))

    def _along_map(self, linear: Callable[..., Any], given: Any, kinds: Any, start: tuple[int, ...], end: tuple[int, ...]) -> Any:
        """A map that selects passes on each kind of path by itself; of any other only the result is known."""
        spoiled = self.undefined()
        if np.ndim(spoiled) and start == np.shape(spoiled):
            given = given * spoiled
        result = linear(self.k, given, self.value, *self.operands, **self.parameters)
        if np.ndim(spoiled) and end == np.shape(spoiled):
            result = result * spoiled
        if not cast(Structural, self.row).selects:
            return result if kinds is None else Paths(result, kind_of(result) if np.any(kinds) else np.zeros(end, np.uint8))
        given_kinds = np.broadcast_to(kind_of(given) if kinds is None else kinds, start)
        passed = np.zeros(np.shape(result), np.uint8)
        for kind in KINDS:
            if np.any(given_kinds & kind):
                one = linear(self.k, (given_kinds & kind != 0) * 1.0, plain(self.value), *map(plain, self.operands), **self.parameters)
                passed = passed | np.where(np.asarray(one) != 0, kind, 0).astype(np.uint8)
        return result if kinds is None and np.all(passed) else Paths(result, passed if np.ndim(passed) else int(passed))


def checked(row: Structural | Elementary, share: Any, u: Any) -> Any:
    """The share, which has its operand's shape; RowError if not, for then the row is wrong."""
    if share.__class__ is np.ndarray and u.__class__ is np.ndarray and share.shape == u.shape:
        return share
    if np.shape(share) != np.shape(u):
        raise RowError(text("row.shape", row=row.name, share=np.shape(share), operand=np.shape(u)))
    return share


def shaped(u: Any, like: Any) -> Any:
    """A tangent or an adjoint as a plain number or array in the shape of its variable: where nothing arrived, 0."""
    if u is None or u.__class__ is float:
        return np.zeros(np.shape(plain(like))) if np.ndim(plain(like)) else u or 0.0
    return u.number if isinstance(u, Paths) else u


def active_operands(event: Event) -> list[tuple[int, int]]:
    """(k, j): the k-th operand of an event is v_j and something flows along it."""
    if event[0].__class__ is str:
        return [(k, event[1 + k]) for k in (0, 1) if event[4 + k] is not None]
    return [(k, j) for k, j in enumerate(event[1]) if j.__class__ is int]


def operand_values(tape: Events, operands: Sequence[Any]) -> list[Any]:
    """The values of operands, constants among them."""
    values = tape.values
    return [values[j] if j.__class__ is int else j for j in operands]


def shares(tape: Events, event: Event, v_bar: Any) -> list[tuple[int, Any]]:
    """(j, v̄_i · ∂φ_i/∂v_j), as if every entry were reached: where that matters, the result has nan."""
    row, operands, parameters, v = event[:4]
    if row.__class__ is str:
        return [(j, v_bar * event[4 + k]) for k, j in active_operands(event)]
    if row.__class__ is Elementary:
        return row.shares(tape.values, operands, v, v_bar)
    if len(operands) == 1:
        j = operands[0]
        a = tape.values[j]
        if row is INDEX and a.__class__ is v_bar.__class__ is np.ndarray:
            return [(j, Placed(v_bar, a.shape, parameters["key"]))]
        return [(j, checked(row, row.adjoint(0, v_bar, v, a, **parameters), a))]
    u = operand_values(tape, operands)
    return [
        (j, checked(row, row.adjoint(k, v_bar, v, *u, **parameters), u[k])) for k, j in enumerate(operands) if j.__class__ is int
    ]


INDEX = table[take]


class Placed(NamedTuple):
    """What an index sends back to its array: zeros but at a key. It is written out, or added in place, when it arrives."""

    flow: Any
    shape: tuple[int, ...]
    key: Any


def term_of(tape: Events, event: Event, k: int, u_dot: Any) -> Any:
    """v̇_j · ∂φ_i/∂v_j, as if every entry were reached: where that matters, the result has nan."""
    row, operands, parameters, v = event[:4]
    if row.__class__ is str:
        return u_dot * event[4 + k]
    return row.tangent(k, u_dot, v, *operand_values(tape, operands), **parameters)


def added(before: Any, share: Any) -> Any:
    """before + share; the share itself, if it is the first. In place, where nobody else holds the sum."""
    placed = share.__class__ is Placed
    if before is None:
        return scatter(share.flow, shape=share.shape, key=share.key) if placed else share
    if before.__class__ is np.ndarray and before.base is None and getrefcount(before) <= HOLDERS:
        if placed and before.dtype == share.flow.dtype:
            _add_at(before, share.key, share.flow)
            return before
        if not placed and share.__class__ is np.ndarray and share.dtype == before.dtype:
            before += share
            return before
    return before + (scatter(share.flow, shape=share.shape, key=share.key) if placed else share)


HOLDERS = 4  # of a sum that nobody else holds: the list of adjoints, the sweep, this function, and the question itself


def _add_at(total: Any, key: Any, flow: Any) -> None:
    if any(isinstance(part, np.ndarray) for part in (key if isinstance(key, tuple) else (key,))):
        np.add.at(total, key, flow)
    else:
        total[key] += flow


def is_steep(tape: Events) -> bool:
    """Whether a partial is infinite somewhere."""
    for event in tape.operations():
        if event[0].__class__ is str:
            if steep(event[4:6]):
                return True
        elif isinstance(event[0], Elementary) and steep([linear(tape, event, k).array() for k, _ in active_operands(event)]):
            return True
    return False


HIDING = frozenset({"fmax", "fmin", "hypot", "power", "float_power"})  # what can make a number of nan


def hides_nan(tape: Events) -> bool:
    """Whether an undefined value was dropped on the way, so that the outputs do not tell of it."""
    for event in tape.operations():
        hiding = event[0].__class__ is Elementary and event[0].name in HIDING
        if hiding and any(np.isnan(plain(u)).any() for u in operand_values(tape, event[1])):
            return True
    return False


def linear(tape: Events, event: Event, k: int) -> Linear:
    """The k-th operand's map of an array operation."""
    return Linear(event[0], k, event[3], tuple(operand_values(tape, event[1])), event[2])


def careful_shares(tape: Events, event: Event, v_bar: Any) -> list[tuple[int, Any]]:
    """(j, v̄_i · ∂φ_i/∂v_j) where v̄_i arrived, and nothing elsewhere."""
    if event[0].__class__ is str:
        return shares(tape, event, v_bar)
    return [(j, checked_flow(linear(tape, event, k), v_bar)) for k, j in active_operands(event)]


def checked_flow(to: Linear, v_bar: Any) -> Any:
    """A share that has its operand's shape."""
    flow = to.adjoint(v_bar)
    checked(to.row, flow.flow if isinstance(flow, Paths) else flow, to.operands[to.k])
    return flow


def careful_term(tape: Events, event: Event, k: int, u_dot: Any) -> Any:
    """v̇_j · ∂φ_i/∂v_j where v̇_j arrived, and nothing elsewhere."""
    return u_dot * event[4 + k] if event[0].__class__ is str else linear(tape, event, k).tangent(u_dot)


def summed(before: Any, share: Any) -> Any:
    """before + share; the share itself, if it is the first."""
    return share if before is None else before + share


QUICK = {"active_operands": active_operands, "shares": shares, "term_of": term_of, "added": added}
CAREFUL = {"active_operands": active_operands, "shares": careful_shares, "term_of": careful_term, "added": summed}
