"""Sweeps for many directions at once: J Ẋ, Ȳ J and H Ẋ with a batch of seeds, each partial computed once for all of them.

A batch has one axis more than its variable, in front: entry c belongs to direction c. Elementwise operations then need no loop, for a
partial multiplies all directions alike. The Hessian needs no nested derivative: its sweep carries the tangent of every adjoint,

    v̄̇_j = Σ_i ( v̄̇_i φ_ij + v̄_i Σ_k φ_ijk v̇_k ),        φ_ij = ∂φ_i/∂v_j,  φ_ijk = ∂²φ_i/∂v_j∂v_k

which is the reverse sweep, differentiated in the direction ẋ (Griewank & Walther 2008, section 5.1). The adjoint v̄ itself rides along as
direction 0: what multiplies v̄̇ multiplies it too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from adviz.linear import Elementary, rule
from adviz.operators import Run
from adviz.scale.batches import BatchMap, adjoint_of_batch, tangent_of_batch, unbroadcast_batch
from adviz.scale.curvature import OUTER_POWERS, bends
from adviz.scale.entries import CHOOSING, LINEAR, Operation
from adviz.scale.sparsity import operation
from adviz.tape import Event, Events

Batch = Any  # an array, direction by direction; None is "nothing arrived"
Edge = tuple[int, int, Any, tuple[int, ...]]  # k, j, ∂φ/∂u_k (None for 1), the shape of u_k
Bends = dict[tuple[int, int], Callable[..., Any]]


class Line:
    """One operation on numbers, or elementwise on arrays: its partials, and how it bends."""

    __slots__ = ("bends", "edges", "fixed", "operands", "shape", "value")

    def __init__(self, edges: list[Edge], bends: Bends, operands: Sequence[Any], value: Any, *, fixed: bool = False) -> None:
        self.edges, self.bends, self.operands, self.value = edges, bends, operands, value
        self.shape = value.shape if value.__class__ is np.ndarray else ()
        self.fixed = fixed  # whether it is the same at any point

    def tangent(self, tangents: list[Batch]) -> Batch:
        """V̇ = Σ_k U̇_k ∂φ/∂u_k"""
        total = None
        for _, j, partial, shape in self.edges:
            u_dot = tangents[j]
            if u_dot is not None:
                u_dot = self._beside(u_dot, shape)
                term = u_dot if partial is None else u_dot * partial
                total = term if total is None else total + term
        if total is not None and total.shape[1:] != self.shape:
            total = np.broadcast_to(total, (len(total), *self.shape))
        return total

    def _beside(self, u_dot: Batch, shape: tuple[int, ...]) -> Batch:
        """A batch of an operand with fewer axes than the value, so that it is repeated as NumPy repeats the operand."""
        missing = len(self.shape) - len(shape)
        return u_dot.reshape(len(u_dot), *(1,) * missing, *shape) if missing else u_dot

    def shares(self, v_bar: Batch, tangents: list[Batch] | None) -> list[tuple[int, Batch]]:
        """(j, Ū_j) for every operand; with tangents direction 0 is the adjoint and the others are its tangents."""
        found = []
        curved = self._curvature(tangents) if self.bends and tangents is not None else {}
        for k, j, partial, shape in self.edges:
            share = v_bar if partial is None else v_bar * partial
            if k in curved:
                share = share.copy() if partial is None else share
                share[1:] += v_bar[:1] * curved[k]
            found.append((j, share if share.shape[1:] == shape else unbroadcast_batch(share, shape)))
        return found

    def _curvature(self, tangents: list[Batch]) -> dict[int, Batch]:
        """Σ_l ∂²φ/∂u_k∂u_l U̇_l for every operand k that bends."""
        u_dots = {k: self._beside(tangents[j], shape) for k, j, _, shape in self.edges if tangents[j] is not None}
        active = [k for k, _, _, _ in self.edges]
        found: dict[int, Batch] = {}
        for (k, l), bend in self.bends.items():
            if k in active and l in active:
                second = bend(*self.operands, self.value)
                for one, other in ((k, l), (l, k))[k == l :]:
                    if other in u_dots:
                        term = u_dots[other] * second
                        found[one] = term if one not in found else found[one] + term
        return found


class Map:
    """One array operation: its linear maps; where they depend on the operands, the tangent of the adjoint map by a run of its own."""

    def __init__(self, o: Operation) -> None:
        self.operation = o
        self.slots = [o.slots[k] for k in o.active]
        self.linear = o.row.name in LINEAR
        self.fixed = self.linear and o.row.name not in CHOOSING

    @cached_property
    def forward(self) -> list[tuple[int, BatchMap]]:
        """(j, U̇_j ↦ its part of V̇)"""
        return [(self.operation.slots[k], tangent_of_batch(self.operation, k)) for k in self.operation.active]

    @cached_property
    def backward(self) -> list[tuple[int, BatchMap]]:
        """(j, V̄ ↦ Ū_j)"""
        return [(self.operation.slots[k], adjoint_of_batch(self.operation, k)) for k in self.operation.active]

    def tangent(self, tangents: list[Batch]) -> Batch:
        """V̇ = Σ_k of the tangent maps."""
        total = None
        for j, to in self.forward:
            if tangents[j] is not None:
                term = to(tangents[j])
                total = term if total is None else total + term
        return total

    def shares(self, v_bar: Batch, tangents: list[Batch] | None) -> list[tuple[int, Batch]]:
        """(j, Ū_j) for every operand; with tangents direction 0 is the adjoint and the others are its tangents."""
        if tangents is None or self.linear or all(tangents[j] is None for j in self.slots):
            return [(j, to(v_bar)) for j, to in self.backward]
        o = self.operation
        run = Run(self._adjoints, (v_bar[0], o.value, *o.operands))
        v_dot = self.tangent(tangents)
        u_dots = [tangents[slot] if slot.__class__ is int else None for slot in o.slots]
        found: list[Sequence[Any]] = [run.values]
        for c in range(len(v_dot)):
            directions = [v_bar[c + 1], v_dot[c], *(0.0 if u is None else u[c] for u in u_dots)]
            found.append(run.forward([_zeros_for(d, u) for d, u in zip(directions, run.at.numbers, strict=True)]))
        return [(o.slots[k], np.stack([np.broadcast_to(shares[n], o.shape(k)) for shares in found])) for n, k in enumerate(o.active)]

    def _adjoints(self, v_bar: Any, v: Any, *u: Any) -> tuple[Any, ...]:
        o = self.operation
        return tuple(o.row.adjoint(k, v_bar, v, *u, **o.parameters) for k in o.active)


def _zeros_for(direction: Any, u: Any) -> Any:
    """A direction as a seed: a constant's is 0, in its shape."""
    return direction if np.ndim(direction) else np.full(np.shape(u), float(direction)) if np.ndim(u) else float(direction)


class Linearised:
    """A run with every partial computed: ready for any number of sweeps, each of any number of directions.

    nan and inf are results here: whoever sweeps does it under np.errstate(all="ignore").
    """

    def __init__(self, run: Run, known: Linearised | None = None) -> None:
        self.run, self.tape = run, run.tape
        if known is None:
            self.lines = [line(run.tape, event) for event in run.tape.operations()]
        else:
            self.lines = [renewed(each, run.tape, event) for each, event in zip(known.lines, run.tape.operations(), strict=True)]

    def anew(self, run: Run) -> Linearised:
        """The same for another run along the same path: what does not depend on the point is taken over."""
        return Linearised(run, self)

    def tangents(self, seeds: Sequence[Batch]) -> list[Batch]:
        """V̇_i for every variable, as a list by index (the inputs' indices, 1-n to 0, wrap around to its end)."""
        tangents: list[Batch] = [None] * self.tape.size
        for i, x_dot in zip(self.tape.inputs, seeds, strict=True):
            tangents[i] = x_dot
        for i, each in enumerate(self.lines, 1):
            if each is not None:
                tangents[i] = each.tangent(tangents)
        return tangents

    def adjoints(self, seeds: Sequence[Batch], tangents: list[Batch] | None = None) -> list[Batch]:
        """V̄_i for every variable; with tangents direction 0 is the adjoint and the others are its tangents, v̄̇_i."""
        adjoints: list[Batch] = [None] * self.tape.size
        for i, y_bar in zip(self.run.outputs.indices, seeds, strict=True):
            adjoints[i] = y_bar if adjoints[i] is None else adjoints[i] + y_bar
        for i in range(len(self.lines), 0, -1):
            v_bar, each = adjoints[i], self.lines[i - 1]
            if v_bar is not None and each is not None:
                for j, share in each.shares(v_bar, tangents):
                    before = adjoints[j]
                    adjoints[j] = share if before is None else before + share
        return adjoints

    def jacobian_times(self, seeds: Sequence[Batch]) -> np.ndarray:
        """J Ẋ, of shape (p, m): a row for each direction."""
        tangents = self.tangents(seeds)
        return _rows([tangents[i] for i in self.run.outputs.indices], self.run.values, len(seeds[0]))

    def times_jacobian(self, seeds: Sequence[Batch]) -> np.ndarray:
        """Ȳ J, of shape (q, n): a row for each direction."""
        adjoints = self.adjoints(seeds)
        return _rows([adjoints[i] for i in self.tape.inputs], self.run.at.numbers, len(seeds[0]))

    def hessian_times(self, seeds: Sequence[Batch]) -> np.ndarray:
        """∇f, and beneath it H Ẋ: of shape (1 + p, n), a row for each direction."""
        p = len(seeds[0])
        y_bar = np.zeros(p + 1, seeds[0].dtype)
        y_bar[0] = 1.0
        adjoints = self.adjoints([y_bar], self.tangents(seeds))
        return _rows([adjoints[i] for i in self.tape.inputs], self.run.at.numbers, p + 1)


def _rows(batches: Sequence[Batch], like: Sequence[Any], p: int) -> np.ndarray:
    """The entries of several variables side by side, a row for each direction."""
    flat = [np.zeros((p, np.size(u))) if batch is None else batch.reshape(p, -1) for batch, u in zip(batches, like, strict=True)]
    return flat[0] if len(flat) == 1 else np.concatenate(flat, axis=1)


def line(tape: Events, event: Event) -> Line | Map | None:
    """An event with its partials; None for an output that is a constant."""
    name = event[0]
    if name.__class__ is str:
        return None if name == "constant" else _number_line(tape, event)
    if isinstance(name, Elementary):
        return _elementwise_line(tape, event)
    return Map(operation(tape, event))


def renewed(known: Line | Map | None, tape: Events, event: Event) -> Line | Map | None:
    """The same event of another run along the same path."""
    return known if known is not None and known.fixed else line(tape, event)


def _number_line(tape: Events, event: Event) -> Line:
    name, first, second, value, p, q = event[:6]
    slots = (first, second)[: 1 if second is None else 2]
    operands = [tape.value_of(u) if u.__class__ is int else u for u in slots]
    edges: list[Edge] = [(k, j, partial, ()) for k, (j, partial) in enumerate(zip(slots, (p, q), strict=False)) if partial is not None]
    return Line(edges, bends(name, arrays=False), operands, value)


def _elementwise_line(tape: Events, event: Event) -> Line:
    row, slots, _, value = event[:4]
    values = tape.values
    operands = [values[j] if j.__class__ is int else j for j in slots]
    if row.name in OUTER_POWERS and operands[1].__class__ is float and operands[1] == 2:
        row, slots, operands = rule("square"), slots[:1], operands[:1]
    edges: list[Edge] = []
    for k, (j, constant) in enumerate(zip(slots, row.constants, strict=True)):
        if j.__class__ is int:
            partial = constant or row.partial(k, value, *operands)
            if partial is not None:
                u = operands[k]
                edges.append((k, j, None if constant == 1.0 else partial, u.shape if u.__class__ is np.ndarray else ()))
    return Line(edges, bends(row.name, arrays=True), operands, value, fixed=None not in row.constants)
