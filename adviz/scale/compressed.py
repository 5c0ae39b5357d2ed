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
from typing import Any, NamedTuple

import numpy as np

from adviz.linear import Elementary, rule
from adviz.operators import Run
from adviz.scale.batches import BatchMap, Placed, adjoint_of_batch, tangent_of_batch, unbroadcast_batch
from adviz.scale.curvature import OUTER_POWERS, bends
from adviz.scale.domains import operation
from adviz.scale.meetings import CHOOSING, LINEAR
from adviz.scale.operation import Operation
from adviz.tape import Event, Events

Batch = Any  # an array, direction by direction; None is "nothing arrived"
Bends = dict[tuple[int, int], Callable[..., Any]]


class Edge(NamedTuple):
    """Operand k of an operation: v_j, of that shape, with ∂φ/∂u_k (None for 1); `missing` axes that the value has and v_j has not."""

    k: int
    j: int
    partial: Any
    shape: tuple[int, ...]
    missing: int

    def beside(self, u_dot: Batch) -> Batch:
        """A batch of the operand, repeated along the missing axes as NumPy repeats the operand."""
        return u_dot.reshape(len(u_dot), *(1,) * self.missing, *self.shape) if self.missing else u_dot


class Line:
    """One operation on numbers, or elementwise on arrays: its partials, and how it bends. `fixed`: it is the same at any point."""

    __slots__ = ("bends", "edges", "fixed", "operands", "row", "shape", "value")

    def __init__(self, row: Any, edges: list[Edge], bends: Bends, operands: Sequence[Any], value: Any) -> None:
        self.row, self.edges, self.bends, self.operands, self.value = row, edges, bends, operands, value
        self.shape = value.shape if value.__class__ is np.ndarray else ()
        self.fixed = row.__class__ is Elementary and None not in row.constants

    @property
    def reads(self) -> list[int]:
        """The variables that it depends on."""
        return [edge.j for edge in self.edges]

    def tangent(self, tangents: list[Batch]) -> Batch:
        """V̇ = Σ_k U̇_k ∂φ/∂u_k"""
        total = None
        for edge in self.edges:
            u_dot = tangents[edge.j]
            if u_dot is not None:
                if edge.missing:
                    u_dot = edge.beside(u_dot)
                term = u_dot if edge.partial is None else u_dot * edge.partial
                total = term if total is None else total + term
        if total is not None and total.shape[1:] != self.shape:
            total = np.broadcast_to(total, (len(total), *self.shape))
        return total

    def shares(self, v_bar: Batch, tangents: list[Batch] | None) -> list[tuple[int, Batch]]:
        """(j, Ū_j) for every operand; with tangents direction 0 is the adjoint and the others are its tangents."""
        found = []
        curved = self._curvature(tangents) if self.bends and tangents is not None else {}
        for k, j, partial, shape, _ in self.edges:
            share = v_bar if partial is None else v_bar * partial
            if k in curved:  # its partial is not constant, so that the share is a new array
                share[1:] += v_bar[:1] * curved[k]
            found.append((j, share if share.shape[1:] == shape else unbroadcast_batch(share, shape)))
        return found

    def _curvature(self, tangents: list[Batch]) -> dict[int, Batch]:
        """Σ_l ∂²φ/∂u_k∂u_l U̇_l for every operand k that bends."""
        if len(self.operands) == 1:
            edge, u_dot = self.edges[0], tangents[self.edges[0].j]
            return {} if u_dot is None else {0: edge.beside(u_dot) * self.bends[0, 0](*self.operands, self.value)}
        u_dots = {edge.k: None if tangents[edge.j] is None else edge.beside(tangents[edge.j]) for edge in self.edges}
        found: dict[int, Batch] = {}
        for (k, l), bend in self.bends.items():
            if k in u_dots and l in u_dots:
                second = bend(*self.operands, self.value)
                for one, other in ((k, l), (l, k))[k == l :]:
                    if u_dots[other] is not None:
                        term = u_dots[other] * second
                        found[one] = term if one not in found else found[one] + term
        return found


class Map:
    """One array operation: its linear maps; where they depend on the operands, the tangent of the adjoint map by a run of its own."""

    def __init__(self, o: Operation) -> None:
        self.operation = o
        self.reads = [o.slots[k] for k in o.active]
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
        if tangents is None or self.linear or all(tangents[j] is None for j in self.reads):
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
        self.run, self.tape, self.known = run, run.tape, known
        if known is None:
            self.lines = [line(run.tape, event) for event in run.tape.operations()]
        else:
            self.lines = [renewed(each, run.tape, event) for each, event in zip(known.lines, run.tape.operations(), strict=True)]

    def anew(self, run: Run) -> Linearised:
        """The same for another run along the same path: what does not depend on the point is taken over."""
        return Linearised(run, self)

    def tangents(self, seeds: Sequence[Batch], known: Steady | None = None) -> list[Batch]:
        """V̇_i for every variable, as a list by index (the inputs' indices, 1-n to 0, wrap around to its end)."""
        tangents = self._started(seeds) if known is None else list(known.tangents)
        for i in range(1, len(self.lines) + 1) if known is None else known.bent:
            each = self.lines[i - 1]
            if each is not None:
                tangents[i] = each.tangent(tangents)
        return tangents

    def _started(self, seeds: Sequence[Batch]) -> list[Batch]:
        tangents: list[Batch] = [None] * self.tape.size
        for i, x_dot in zip(self.tape.inputs, seeds, strict=True):
            tangents[i] = x_dot
        return tangents

    def adjoints(self, seeds: Sequence[Batch], tangents: list[Batch] | None = None) -> list[Batch]:
        """V̄_i for every variable; with tangents direction 0 is the adjoint and the others are its tangents, v̄̇_i."""
        adjoints: list[Batch] = [None] * self.tape.size
        for i, y_bar in zip(self.run.outputs.indices, seeds, strict=True):
            adjoints[i] = y_bar if adjoints[i] is None else adjoints[i] + y_bar
        return self._back(adjoints, range(len(self.lines), 0, -1), tangents)

    def _back(self, adjoints: list[Batch], lines: range, tangents: list[Batch] | None) -> list[Batch]:
        """The adjoints after these lines, last line first."""
        own: set[int] = set()  # sums that no other variable shares: they may be added to in place
        for i in lines:
            v_bar, each = adjoints[i], self.lines[i - 1]
            if v_bar is not None and each is not None:
                for j, share in each.shares(v_bar, tangents):
                    before = adjoints[j]
                    if share.__class__ is Placed:
                        adjoints[j] = share.added(before if before is None or j in own else before.copy())
                        own.add(j)
                    elif before is None:
                        adjoints[j] = share
                    else:
                        adjoints[j] = before + share
                        own.add(j)
        return adjoints

    def steady(self, seeds: Sequence[Batch]) -> Steady:
        """What these seeds of a Hessian give at every point: tangents of what is linear in x, adjoints of what y is linear in."""
        tangents, still = self._started(seeds), {*self.tape.inputs}
        for i, each in enumerate(self.lines, 1):
            if each is None or (each.fixed and still.issuperset(each.reads)):
                tangents[i] = None if each is None else each.tangent(tangents)
                still.add(i)
        bent = [i for i in range(1, len(self.lines) + 1) if i not in still]
        last = next((i for i in range(len(self.lines), 0, -1) if not getattr(self.lines[i - 1], "fixed", True)), 0)
        y_bar = np.zeros(len(seeds[0]) + 1, seeds[0].dtype)
        y_bar[0] = 1.0
        adjoints: list[Batch] = [None] * self.tape.size
        adjoints[self.run.outputs.indices[0]] = y_bar
        return Steady(tangents, bent, self._back(adjoints, range(len(self.lines), last, -1), None), range(last, 0, -1))

    def jacobian_times(self, seeds: Sequence[Batch]) -> np.ndarray:
        """J Ẋ, of shape (p, m): a row for each direction."""
        tangents = self.tangents(seeds)
        return _rows([tangents[i] for i in self.run.outputs.indices], self.run.values, len(seeds[0]))

    def times_jacobian(self, seeds: Sequence[Batch]) -> np.ndarray:
        """Ȳ J, of shape (q, n): a row for each direction."""
        adjoints = self.adjoints(seeds)
        return _rows([adjoints[i] for i in self.tape.inputs], self.run.at.numbers, len(seeds[0]))

    def hessian_times(self, seeds: Sequence[Batch], known: Steady | None = None) -> np.ndarray:
        """∇f, and beneath it H Ẋ: of shape (1 + p, n), a row for each direction."""
        known = known or self.steady(seeds)
        adjoints = self._back(list(known.adjoints), known.lines, self.tangents(seeds, known))
        return _rows([adjoints[i] for i in self.tape.inputs], self.run.at.numbers, len(seeds[0]) + 1)


class Steady(NamedTuple):
    """What the Hessian's sweeps need not do again at another point of the same path.

    tangents   of the inputs, and of what is linear in them; `bent` are the other lines
    adjoints   of y, and of what y is linear in; `lines` are those still to come
    """

    tangents: list[Batch]
    bent: list[int]
    adjoints: list[Batch]
    lines: range


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
    if known is None or known.fixed:
        return known
    if known.__class__ is Line and known.row.__class__ is Elementary:
        return _with_partials(known.row, event[1][: len(known.operands)], known.bends, tape, event[3])  # its constants may be others
    return line(tape, event)


def _number_line(tape: Events, event: Event) -> Line:
    name, first, second, value, p, q = event[:6]
    slots = (first, second)[: 1 if second is None else 2]
    operands = [tape.value_of(u) if u.__class__ is int else u for u in slots]
    edges = [Edge(k, j, partial, (), 0) for k, (j, partial) in enumerate(zip(slots, (p, q), strict=False)) if partial is not None]
    return Line(name, edges, bends(name, arrays=False), operands, value)


def _elementwise_line(tape: Events, event: Event) -> Line:
    row, slots = event[:2]
    if row.name in OUTER_POWERS and slots[1].__class__ is float and slots[1] == 2:
        row, slots = rule("square"), slots[:1]
    return _with_partials(row, slots, bends(row.name, arrays=True), tape, event[3])


def _with_partials(row: Elementary, slots: Sequence[Any], bent: Bends, tape: Events, value: Any) -> Line:
    """An elementwise operation on arrays at this run's operands."""
    values, edges, ndim = tape.values, [], np.ndim(value)
    operands = [values[j] if j.__class__ is int else j for j in slots]
    for k, (j, constant) in enumerate(zip(slots, row.constants, strict=True)):
        if j.__class__ is int:
            partial = constant or row.partial(k, value, *operands)
            if partial is not None:
                shape = operands[k].shape if operands[k].__class__ is np.ndarray else ()
                edges.append(Edge(k, j, None if constant == 1.0 else partial, shape, ndim - len(shape)))
    return Line(row, edges, bent, operands, value)
