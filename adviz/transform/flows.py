"""What a general program calls: operations on any kind of number, each with the cell in which its adjoint or tangent arrives.

A number is a float, one of NumPy's, an array, or a traced number of a derivative further out. A constant has no cell. Operations on numbers
take value and partials from the table, as a trace does; an operation on arrays is a trace of its own, of that one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adviz import linear
from adviz.errors import UnsupportedError
from adviz.paths import Paths, followed, steep
from adviz.recording import constant, general, is_array, number
from adviz.running import Point, start
from adviz.sweeping import send
from adviz.tape import Events, Handle, told
from adviz.trees import LEAF, flatten, rebuild


class Cell:
    """An adjoint or a tangent, None while nothing has arrived; `step` is the trace of the call that computed the array it belongs to."""

    __slots__ = ("flow", "step")

    def __init__(self, flow: Any = None) -> None:
        self.flow = flow
        self.step: Step | None = None

    def add(self, share: Any) -> None:
        """One more share."""
        self.flow = share if self.flow is None else self.flow + share


class Sweep:
    """One run of a program: whether flows are followed along their paths, and whether they will have to be."""

    def __init__(self, *, careful: bool = False) -> None:
        self.careful = careful
        self.steep = False  # a partial was infinite
        self.hides = False  # an undefined number was dropped on the way
        self.arrays = False
        self.values: list[Any] = []  # of a program that records what it computes: numbers with their cells

    def seeds(self, seed: Sequence[Any]) -> list[Any]:
        """The seed with None for every number that is exactly 0: that input or output takes no part."""
        if self.careful:
            return [followed(u) for u in seed]
        return [None if u.__class__ in (float, int) and u == 0 else u for u in seed]


Operand = tuple[Any, Any]  # a number and its cell; a structure of numbers and the structure of their cells


def ahead(sweep: Sweep, row: str, plain: Callable[..., Any], *operands: Operand) -> tuple[Any, Cell | None]:
    """v = φ(a, b), with an empty cell for its adjoint"""
    if all(cell is None for _, cell in operands):
        return plain(*(u for u, _ in operands)), None
    if any(is_array(u) for u, _ in operands):
        return applied(sweep, plain, operands, {})
    return computed(row, operands), Cell()


def back(sweep: Sweep, row: str, v: Any, cell: Cell | None, *operands: Operand) -> None:
    """ū_k += v̄ · ∂φ/∂u_k"""
    if cell is None or cell.flow is None:
        return
    if cell.step is not None:
        cell.step.back(sweep, cell.flow)
        return
    for (_, target), p in zip(operands, partials(sweep, row, v, operands), strict=True):
        if target is not None and p is not None:
            target.add(cell.flow * p)


def along(sweep: Sweep, row: str, plain: Callable[..., Any], *operands: Operand) -> tuple[Any, Cell | None]:
    """v = φ(a, b), and its tangent v̇ = Σ_k u̇_k · ∂φ/∂u_k"""
    v, cell = ahead(sweep, row, plain, *operands)
    if cell is None or not any(source is not None and source.flow is not None for _, source in operands):
        return v, cell
    if cell.step is not None:
        cell.flow = cell.step.along(sweep)
        return v, cell
    for (_, source), p in zip(operands, partials(sweep, row, v, operands), strict=True):
        if source is not None and source.flow is not None and p is not None:
            cell.add(source.flow * p)
    return v, cell


def computed(row: str, operands: Sequence[Operand]) -> Any:
    """φ(a, b) as a trace computes it."""
    return general(row)["value"](*(u if cell is not None else fixed(row, u) for u, cell in operands))


def partials(sweep: Sweep, row: str, v: Any, operands: Sequence[Operand]) -> list[Any]:
    """∂φ/∂u_k for each operand with a cell; None where nothing flows; nan where the value is undefined."""
    values = [u if cell is not None else fixed(row, u) for u, cell in operands]
    reading = general(row)
    undefined = number(v) != number(v) and not any(number(u) != number(u) for u in values)
    formulas = [reading.get(f"partial_{k}") if cell is not None else None for k, (_, cell) in enumerate(operands)]
    found = [None if formula is None else formula(*values, v) for formula in formulas]
    sweep.steep = sweep.steep or steep(found)
    return [p * np.nan if undefined and p is not None else p for p in found]


def fixed(row: str, u: Any) -> Any:
    """A constant operand as it is computed with."""
    found = constant(u)
    if found is NotImplemented:
        raise UnsupportedError(told("leak.list", function=row))
    return found


def applied(sweep: Sweep, function: Callable[..., Any], operands: Sequence[Operand], named: dict[str, Operand]) -> tuple[Any, Cell | None]:
    """function(*operands, **named) of arrays, recorded by itself."""
    step = Step(function, operands, named)
    if step.result is None:
        return step.value, None
    cell = Cell()
    cell.step = step
    sweep.arrays = True
    sweep.hides = sweep.hides or (step.tape.hides and linear.hides_nan(step.tape))
    return step.value, cell


class Step:
    """The trace of one call on arrays."""

    def __init__(self, function: Callable[..., Any], operands: Sequence[Operand], named: dict[str, Operand]) -> None:
        parts = [flatten(u) for u, _ in (*operands, *named.values())]
        cells = [self._cells(u, shadow) for u, shadow in (*operands, *named.values())]
        leaves = [(u, cell) for (found, _), own in zip(parts, cells, strict=True) for (_, u), cell in zip(found, own, strict=True)]
        self.cells = [cell for _, cell in leaves if cell is not None]
        numbers = tuple(u for u, cell in leaves if cell is not None)
        if not numbers:
            self.value, self.result = function(*(u for u, _ in operands), **{name: u for name, (u, _) in named.items()}), None
            return
        self.tape, variables = start(Point("", ("",) * len(numbers), numbers, (LEAF,) * len(numbers)))
        rest = iter(variables)
        traced = iter([u if cell is None else next(rest) for u, cell in leaves])
        given = [rebuild(tree, traced) for _, tree in parts]
        try:
            result = function(*given[: len(operands)], **dict(zip(named, given[len(operands) :], strict=True)))
        finally:
            self.tape.arrays = True  # its values are kept
            self.tape.close()
        mine = isinstance(result, Handle) and result.tape is self.tape
        self.value, self.result = (result.value, result.index) if mine else (result, None)

    @staticmethod
    def _cells(u: Any, shadow: Any) -> list[Cell | None]:
        leaves, _ = flatten(u)
        return [None] * len(leaves) if shadow is None else [cell for _, cell in flatten(shadow)[0]]

    def back(self, sweep: Sweep, flow: Any) -> None:
        """The adjoints of the operands, from that of the result."""
        adjoint: list[Any] = [None] * self.tape.size
        assert self.result is not None
        adjoint[self.result] = flow
        for i, event in self._events(reverse=True):
            v_bar, adjoint[i] = adjoint[i], None
            if v_bar is None:
                continue
            if not sweep.careful:
                send(adjoint, event, v_bar)
                continue
            for j, share in linear.careful_shares(self.tape, event, v_bar):
                adjoint[j] = linear.summed(adjoint[j], share)
        self._note(sweep)
        for cell, i in zip(self.cells, self.tape.inputs, strict=True):
            if adjoint[i] is not None:
                cell.add(adjoint[i])

    def along(self, sweep: Sweep) -> Any:
        """The tangent of the result, from those of the operands."""
        term = linear.careful_term if sweep.careful else linear.term_of
        tangent: list[Any] = [None] * self.tape.size
        for cell, i in zip(self.cells, self.tape.inputs, strict=True):
            tangent[i] = cell.flow
        for i, event in self._events(reverse=False):
            for k, j in linear.active_operands(event):
                if tangent[j] is not None:
                    tangent[i] = linear.summed(tangent[i], term(self.tape, event, k, tangent[j]))
        self._note(sweep)
        assert self.result is not None
        return tangent[self.result]

    def _events(self, *, reverse: bool) -> Iterator[tuple[int, Any]]:
        events: Events = self.tape
        numbered = range(1, len(events))
        return ((i, events[i]) for i in (reversed(numbered) if reverse else numbered))

    def _note(self, sweep: Sweep) -> None:
        sweep.steep = sweep.steep or linear.is_steep(self.tape)


def method(name: str) -> Callable[..., Any]:
    """x.name(...) as a function of x."""

    def call(x: Any, *given: Any, **named: Any) -> Any:
        return getattr(x, name)(*given, **named)

    return call


def apply(sweep: Sweep, function: Callable[..., Any], *operands: Operand, **named: Operand) -> tuple[Any, Cell | None]:
    """A call on arrays, with an empty cell for its adjoint."""
    return applied(sweep, function, operands, named)


def apply_along(sweep: Sweep, function: Callable[..., Any], *operands: Operand, **named: Operand) -> tuple[Any, Cell | None]:
    """A call on arrays, and its tangent."""
    v, cell = applied(sweep, function, operands, named)
    if cell is not None and cell.step is not None and any(source.flow is not None for source in cell.step.cells):
        cell.flow = cell.step.along(sweep)
    return v, cell


def settled(flow: Any) -> Any:
    """What has arrived, as a number or an array; None for nothing."""
    return flow.number if isinstance(flow, Paths) else flow


CALLED = ("ahead", "back", "along", "apply", "apply_along")  # by the text of a general program
