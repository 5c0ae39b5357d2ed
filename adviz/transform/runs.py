"""A program on any kind of number: one run of it, swept as often as wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adviz.errors import OutputError
from adviz.recording import constant
from adviz.running import Outputs, Point, kind, own, point
from adviz.structural import plain
from adviz.tape import Handle
from adviz.texts import text
from adviz.transform.flows import Cell, Sweep, settled
from adviz.transform.versions import Version
from adviz.trees import LEAF, flatten

Seeds = Sequence[Any]


class Run:
    """One run of a program on any kind of number: `values`, then `reverse(seeds)` as often as wanted, or `forward(seeds)`.

    Seeds and derivatives are leaves: one number or array per output or input.
    """

    def __init__(self, f: Callable[..., Any], arguments: Sequence[Any], version: Version, program: Callable[..., Any] | None = None) -> None:
        self.at: Point = point(f, arguments)
        self.version = version
        self.program = program or version.general
        self.sweep = Sweep()
        self._first: Any = self._begun(self.sweep, self.program, [None] * len(self.at.numbers))

    def _begun(self, sweep: Sweep, program: Callable[..., Any], flows: Sequence[Any]) -> Any:
        """The forward part: the sweep, the generator, the inputs' cells, the outputs' cells."""
        cells = [Cell(flow) for flow in flows]
        given = zip(self.at.rebuild(self.at.numbers), self.at.rebuild(cells), strict=True)
        with np.errstate(all="ignore"):
            generator = program(sweep, *(u for pair in given for u in pair))
            value, shadow = next(generator)
        leaves, tree = flatten(value)
        self.outputs = Outputs(tuple(range(len(leaves))), tree)
        self.values = [output(u, self.at.function) for _, u in leaves]
        if not leaves:
            raise OutputError(text("output.kind", function=self.at.function, kind=kind(value)))
        return sweep, generator, cells, [cell for _, cell in flatten(shadow)[0]]

    @property
    def value(self) -> Any:
        """What the function returned."""
        return self.outputs.rebuild([own(u) for u in self.values])

    @property
    def single(self) -> bool:
        """Whether the function returned one number or array."""
        return self.outputs.tree is LEAF

    def reverse(self, seed: Seeds) -> tuple[Any, ...]:
        """x̄ = Jᵀ ȳ: quickly, and again with care where infinite slopes or undefined numbers have a say."""
        begun = self._first or self._begun(Sweep(), self.program, [None] * len(self.at.numbers))
        self._first = None
        found = self._backwards(begun, seed)
        self.sweep = begun[0]
        if self._asks_for_care(begun[0], found):
            self.sweep = Sweep(careful=True)
            found = self._backwards(self._begun(self.sweep, self.program, [None] * len(self.at.numbers)), seed)
        return tuple(like(x, u) for x, u in zip(self.at.numbers, found, strict=True))

    def _backwards(self, begun: Any, seed: Seeds) -> list[Any]:
        sweep, generator, cells, outputs = begun
        with np.errstate(all="ignore"):
            for cell, y_bar in zip(outputs, sweep.seeds(seed), strict=True):
                if cell is not None and y_bar is not None:
                    cell.add(y_bar)
            next(generator, None)
            return [settled(cell.flow) for cell in cells]

    def forward(self, seed: Seeds) -> tuple[Any, ...]:
        """ẏ = J ẋ"""
        for sweep in (Sweep(), Sweep(careful=True)):
            with np.errstate(all="ignore"):
                _, _, _, outputs = self._begun(sweep, self.version.general_tangent, sweep.seeds(seed))
                found = [None if cell is None else settled(cell.flow) for cell in outputs]
            if not self._asks_for_care(sweep, found):
                break
        return tuple(nothing(y) if u is None else u for u, y in zip(found, self.values, strict=True))

    def _asks_for_care(self, sweep: Sweep, found: Sequence[Any]) -> bool:
        """Whether flows must be followed along their paths: where something infinite or undefined came out."""
        if sweep.careful:
            return False
        if sweep.arrays:
            return sweep.hides or any(map(is_endless, (*found, *self.values)))
        return sweep.steep and any(map(is_endless, found))

    def per_argument(self, leaves: Sequence[Any]) -> Any:
        """Derivatives as one entry per argument; with one argument, that entry itself."""
        entries = self.at.rebuild(leaves)
        return entries[0] if len(entries) == 1 else entries


def is_endless(u: Any) -> bool:
    """Whether nan or infinity is among the entries."""
    return u is not None and not bool(np.all(np.isfinite(plain(u))))


def nothing(x: Any) -> Any:
    """The derivative along which nothing has arrived."""
    return np.zeros(np.shape(plain(x))) if np.ndim(plain(x)) else 0.0


def output(u: Any, name: str) -> Any:
    """A number or an array that a function returned; OutputError for anything else."""
    if u is None:
        raise OutputError(text("output.none", function=name))
    if isinstance(u, np.ndarray) and u.ndim:
        return u
    x = constant(u, name)
    if x is NotImplemented:
        raise OutputError(text("output.kind", function=name, kind=kind(u)))
    return x


def like(x: Any, derivative: Any) -> Any:
    """A derivative in the shape and the precision of its input."""
    if derivative is None:
        derivative = nothing(x)
    if isinstance(derivative, Handle):
        return derivative
    if isinstance(x, np.ndarray):
        return np.array(np.broadcast_to(derivative, x.shape), x.dtype)
    if isinstance(x, np.floating) and type(derivative) is not type(x):
        return type(x)(derivative)
    return float(derivative) if derivative.__class__ in (int, np.float64) and not isinstance(x, np.floating) else derivative
