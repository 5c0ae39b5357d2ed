"""What flows along the edges of an array program: shares and terms, and what is not reached.

In an array some entries may be out of reach (an index leaves them out, np.where did not choose them): nothing flows along them, not even
0 · ∞ (`paths.py`). The quick readings of the sweeps leave that out; where it matters, the result is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np

from adviz.elementary import OPERATORS, Elementary, on_arrays, rule
from adviz.generate_arrays import HIDING
from adviz.paths import KINDS, Paths, kind_of, some, steep
from adviz.shares import checked
from adviz.structural import Parameters, Structural, plain, precision, unbroadcast
from adviz.tape import Event, Events

__all__ = ["OPERATORS", "Elementary", "Linear", "on_arrays", "rule"]


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
        if partial.__class__ is float:  # one number for every entry, in the precision of the value
            partial = np.asarray(partial, precision(self.value))
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
            return np.where(v, math.nan, 1.0).astype(precision(self.value))
        return 1.0 if any(np.any(u) for u in operands) else np.where(v, math.nan, 1.0).astype(precision(self.value))

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


def shaped(u: Any, like: Any) -> Any:
    """A tangent or an adjoint as a plain number or array in the shape of its variable: where nothing arrived, 0."""
    if u is None or u.__class__ is float:
        x = plain(like)
        return np.zeros(np.shape(x), x.dtype) if np.ndim(x) else (u or 0.0) if x.__class__ is float else type(x)(u or 0.0)
    return u.number if isinstance(u, Paths) else u


def active_operands(event: Event) -> list[tuple[int, int]]:
    """(k, j): the k-th operand of an event is v_j and something flows along it."""
    if event[0].__class__ is str:
        return [(k, event[1 + k]) for k in (0, 1) if event[4 + k] is not None]
    return [(k, j) for k, j in enumerate(event[1]) if j.__class__ is int]


def term_of(tape: Events, event: Event, k: int, u_dot: Any) -> Any:
    """v̇_j · ∂φ_i/∂v_j, as if every entry were reached: where that matters, the result is not finite."""
    if event[0].__class__ is str:
        return u_dot * event[4 + k]
    row, _, parameters, v, u = event[:5]
    return row.tangent(k, u_dot, v, *u, **parameters)


def is_steep(tape: Events) -> bool:
    """Whether a partial is infinite somewhere."""
    for event in tape.operations():
        if event[0].__class__ is str:
            if steep(event[4:6]):
                return True
        elif isinstance(event[0], Elementary) and steep([linear(tape, event, k).array() for k, _ in active_operands(event)]):
            return True
    return False


def hides_nan(tape: Events) -> bool:
    """Whether an undefined value was dropped on the way, so that the outputs do not tell of it."""
    for event in tape.operations():
        if event[0].__class__ is Elementary and event[0].name in HIDING and any(np.isnan(plain(u)).any() for u in event[4]):
            return True
    return False


def linear(tape: Events, event: Event, k: int) -> Linear:
    """The k-th operand's map of an array operation."""
    return Linear(event[0], k, event[3], event[4], event[2])


def careful_shares(tape: Events, event: Event, v_bar: Any) -> list[tuple[int, Any]]:
    """(j, v̄_i · ∂φ_i/∂v_j) where v̄_i arrived, and nothing elsewhere."""
    if event[0].__class__ is str:
        return [(j, v_bar * event[4 + k]) for k, j in active_operands(event)]
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
