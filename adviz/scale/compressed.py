"""Sweeps for many directions at once: J Ẋ, Ȳ J and H Ẋ with a batch of seeds, each partial computed once for all of them.

A batch has one axis more than its variable, in front: entry c belongs to direction c. Elementwise operations then need no loop, for a
partial multiplies all directions alike. The Hessian needs no nested derivative: its sweep carries the tangent of every adjoint,

    v̄̇_j = Σ_i ( v̄̇_i φ_ij + v̄_i Σ_k φ_ijk v̇_k ),        φ_ij = ∂φ_i/∂v_j,  φ_ijk = ∂²φ_i/∂v_j∂v_k

which is the reverse sweep, differentiated in the direction ẋ (Griewank & Walther 2008, section 5.1). The adjoint v̄ itself rides along as
direction 0: what multiplies v̄̇ multiplies it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.linear import Elementary, rule
from adviz.operators import Run
from adviz.scale.batches import adjoint_of_batch, tangent_of_batch, unbroadcast_batch
from adviz.scale.curvature import OUTER_POWERS, bends
from adviz.scale.entries import CHOOSING, LINEAR, Operation
from adviz.scale.sparsity import operation
from adviz.tape import Event, Events

Batch = Any  # an array, direction by direction; None is "nothing arrived"


class Line:
    """One operation on numbers or elementwise on arrays: its partials, and how it bends. `constant`: they are the same at any point."""

    __slots__ = ("bends", "constant", "edges", "operands", "shape", "value")

    def __init__(self, name: str, edges: list[Edge], operands: Sequence[Any], value: Any, *, arrays: bool) -> None:
        self.edges, self.operands, self.value = edges, operands, value
        self.shape = value.shape if value.__class__ is np.ndarray else ()
        self.bends = bends(name, arrays=arrays)
        self.constant = arrays and not self.bends and all(partial.__class__ is float or partial is None for _, _, partial, _ in edges)

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
        curved = self._curvature(tangents) if tangents is not None and self.bends else {}
        for k, j, partial, shape in self.edges:
            share = v_bar if partial is None else v_bar * partial
            if k in curved:
                if partial is None:
                    share = share.copy()
                share[1:] += v_bar[:1] * curved[k]
            found.append((j, unbroadcast_batch(share, shape)))
        return found

    def _curvature(self, tangents: list[Batch]) -> dict[int, Batch]:
        """Σ_l ∂²φ/∂u_k∂u_l U̇_l for every operand k that bends."""
        active = {k: (tangents[j], shape) for k, j, _, shape in self.edges}
        found: dict[int, Batch] = {}
        for (k, l), bend in self.bends.items():
            if k in active and l in active:
                second = bend(*self.operands, self.value)
                for one, other in {(k, l), (l, k)}:
                    u_dot, shape = active[other]
                    if u_dot is not None:
                        term = self._beside(u_dot, shape) * second
                        found[one] = term if one not in found else found[one] + term
        return found


Edge = tuple[int, int, Any, tuple[int, ...]]  # k, j, ∂φ/∂u_k (None for 1), the shape of u_k


class Map:
    """One array operation: its linear maps; where they depend on the operands, the tangent of the adjoint map by a run of its own."""

    __slots__ = ("constant", "operation")

    def __init__(self, o: Operation) -> None:
        self.operation = o
        self.constant = o.row.name in LINEAR - CHOOSING

    def tangent(self, tangents: list[Batch]) -> Batch:
        """V̇ = Σ_k of the tangent maps."""
        o, total = self.operation, None
        for k in o.active:
            u_dot = tangents[o.slots[k]]
            if u_dot is not None:
                term = tangent_of_batch(o, k, u_dot)
                total = term if total is None else total + term
        return total

    def shares(self, v_bar: Batch, tangents: list[Batch] | None) -> list[tuple[int, Batch]]:
        """(j, Ū_j) for every operand; with tangents direction 0 is the adjoint and the others are its tangents."""
        o = self.operation
        if tangents is None or o.row.name in LINEAR or all(tangents[o.slots[k]] is None for k in o.active):
            return [(o.slots[k], adjoint_of_batch(o, k, v_bar)) for k in o.active]
        run = Run(self._adjoints, (v_bar[0], o.value, *o.operands))
        v_dot = self.tangent(tangents)
        u_dots = [tangents[slot] if slot.__class__ is int else None for slot in o.slots]
        found: list[list[Any]] = [list(run.values)]
        for c in range(len(v_dot)):
            directions = [v_bar[c + 1], v_dot[c], *(0.0 if u is None else u[c] for u in u_dots)]
            found.append(list(run.forward([d if np.ndim(d) else float(d) for d in directions])))
        return [(o.slots[k], np.stack([np.broadcast_to(share[n], o.shape(k)) for share in found])) for n, k in enumerate(o.active)]

    def _adjoints(self, v_bar: Any, v: Any, *u: Any) -> tuple[Any, ...]:
        o = self.operation
        return tuple(o.row.adjoint(k, v_bar, v, *u, **o.parameters) for k in o.active)


class Linearised:
    """A run with every partial computed: ready for any number of sweeps, each of any number of directions."""

    def __init__(self, run: Run, known: list[Line | Map | None] | None = None) -> None:
        self.run, self.tape = run, run.tape
        known = known or [None] * len(run.tape)
        with np.errstate(all="ignore"):
            self.lines = [before or line(run.tape, event) for before, event in zip(known, run.tape.operations(), strict=False)]

    def anew(self, run: Run) -> Linearised:
        """The same for another run. Of a run along the same path, what does not depend on the point is taken over."""
        return Linearised(run, [each if each is not None and each.constant else None for each in self.lines])

    def tangents(self, seeds: Sequence[Batch]) -> list[Batch]:
        """V̇_i for every variable, as a list by index (the inputs' indices, 1-n to 0, wrap around to its end)."""
        tangents: list[Batch] = [None] * self.tape.size
        for i, x_dot in zip(self.tape.inputs, seeds, strict=True):
            tangents[i] = x_dot
        with np.errstate(all="ignore"):
            for i, each in enumerate(self.lines, 1):
                if each is not None:
                    tangents[i] = each.tangent(tangents)
        return tangents

    def adjoints(self, seeds: Sequence[Batch], tangents: list[Batch] | None = None) -> list[Batch]:
        """V̄_i for every variable; with tangents direction 0 is the adjoint and the others are its tangents, v̄̇_i."""
        adjoints: list[Batch] = [None] * self.tape.size
        for i, y_bar in zip(self.run.outputs.indices, seeds, strict=True):
            adjoints[i] = y_bar if adjoints[i] is None else adjoints[i] + y_bar
        with np.errstate(all="ignore"):
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

    def hessian_times(self, seeds: Sequence[Batch]) -> tuple[np.ndarray, np.ndarray]:
        """(∇f, H Ẋ), the latter of shape (p, n): a row for each direction."""
        p = len(seeds[0])
        y_bar = np.zeros(p + 1, seeds[0].dtype)
        y_bar[0] = 1.0
        adjoints = self.adjoints([y_bar], self.tangents(seeds))
        both = _rows([adjoints[i] for i in self.tape.inputs], self.run.at.numbers, p + 1)
        return both[0], both[1:]


def _rows(batches: Sequence[Batch], like: Sequence[Any], p: int) -> np.ndarray:
    """The entries of several variables side by side, a row for each direction."""
    flat = [np.zeros((p, np.size(u))) if batch is None else batch.reshape(p, -1) for batch, u in zip(batches, like, strict=True)]
    return flat[0] if len(flat) == 1 else np.concatenate(flat, axis=1)


def line(tape: Events, event: Event) -> Line | Map | None:
    """An event with its partials; None for an output that is a constant."""
    name = event[0]
    if name.__class__ is str:
        return None if name == "constant" else _number_line(tape, event)
    o = operation(tape, event)
    if not isinstance(name, Elementary):
        return Map(o)
    if name.name in OUTER_POWERS and o.operands[1].__class__ is float and o.operands[1] == 2:
        name, o = SQUARE, o._replace(slots=o.slots[:1], operands=o.operands[:1])
    edges = []
    for k in o.active:
        constant = name.constants[k]
        partial = None if constant == 1.0 else constant or name.partial(k, o.value, *o.operands)
        if partial is not None or constant is not None:
            edges.append((k, o.slots[k], partial, o.shape(k)))
    return Line(name.name, edges, o.operands, o.value, arrays=True)


SQUARE = rule("square")


def _number_line(tape: Events, event: Event) -> Line:
    name, first, second, value, p, q = event[:6]
    slots = (first, second)[: 1 if second is None else 2]
    operands = [tape.value_of(u) if u.__class__ is int else u for u in slots]
    edges: list[Edge] = [(k, j, partial, ()) for k, (j, partial) in enumerate(zip(slots, (p, q), strict=False)) if partial is not None]
    return Line(name, edges, operands, value, arrays=False)
