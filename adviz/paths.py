"""What flows along the paths of a trace, where a number alone does not say it.

A derivative is the sum over all paths of the product of the partials along each (Griewank & Walther 2008, eq. 3.11; Bauer's formula). As long
as every partial is finite the order of multiplying and adding does not matter. Where one is infinite it does: forward mode adds before it
meets the infinite slope, reverse mode after, and one says inf where the other says nan. So there a flow remembers what kinds of paths it
is made of, and its number follows from them in every mode: nan, if 0 meets infinity along a path or infinities of both signs meet; else the
infinity; else the number. An entry of an array that no path reaches has no kind: nothing flows on from it, not even 0 · ∞.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from adviz.structural import plain

POSITIVE, NEGATIVE, ZERO, UP, DOWN, VOID = KINDS = (1, 2, 4, 8, 16, 32)  # of a path: the product of its partials; void is 0 · ∞ and nan
TURNED = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE, UP: DOWN, DOWN: UP, ZERO: ZERO, VOID: VOID}
RAISED = {POSITIVE: UP, NEGATIVE: DOWN, UP: UP, DOWN: DOWN, ZERO: VOID, VOID: VOID}
FLATTENED = {POSITIVE: ZERO, NEGATIVE: ZERO, ZERO: ZERO, UP: VOID, DOWN: VOID, VOID: VOID}
TIMES = {  # a path of that kind goes on along a partial of this kind
    POSITIVE: {kind: kind for kind in KINDS}, NEGATIVE: TURNED, ZERO: FLATTENED, UP: RAISED, DOWN: {kind: TURNED[RAISED[kind]] for kind in KINDS},
    VOID: dict.fromkeys(KINDS, VOID),
}  # fmt: skip


def _times(partial: int, kinds: int) -> int:
    return sum({TIMES[partial][kind] for kind in KINDS if kinds & kind})


TABLE = np.zeros((33, 64), np.uint8)  # TABLE[kind of the partial, kinds of the paths]
for _partial in KINDS:
    TABLE[_partial] = [_times(_partial, kinds) for kinds in range(64)]


def kind_of(u: Any) -> Any:
    """The kind of a number; of an array, entry by entry."""
    u = plain(u)
    if np.ndim(u):
        conditions = [np.isnan(u), u == math.inf, u == -math.inf, u > 0, u < 0]
        return np.select(conditions, [VOID, UP, DOWN, POSITIVE, NEGATIVE], ZERO).astype(np.uint8)
    if u != u:
        return VOID
    return ZERO if u == 0 else (UP if u == math.inf else POSITIVE) if u > 0 else DOWN if u == -math.inf else NEGATIVE


@dataclass(frozen=True, slots=True)
class Paths:
    """A tangent or an adjoint with the kinds of the paths it is the sum over: a set of bits, of an array for each entry."""

    flow: Any
    kinds: Any
    __array_ufunc__: ClassVar[None] = None  # an array leaves + and * to us

    def __add__(self, other: Any) -> Any:
        flow, kinds = (other.flow, other.kinds) if isinstance(other, Paths) else (other, kind_of(other))
        return Paths(self.flow + flow, self.kinds | kinds)

    __radd__ = __add__

    def __mul__(self, partial: Any) -> Any:
        kinds = TABLE[kind_of(partial), self.kinds]
        if np.ndim(kinds):
            return Paths(np.where(kinds != 0, self.flow * partial, 0.0), kinds)
        return Paths(self.flow * partial, int(kinds)) if kinds else self

    __rmul__ = __mul__

    @property
    def number(self) -> Any:
        """What the paths add up to."""
        kinds = self.kinds
        void = (kinds & VOID != 0) | ((kinds & UP != 0) & (kinds & DOWN != 0))
        if np.ndim(kinds):
            steep = np.where(kinds & UP != 0, math.inf, np.where(kinds & DOWN != 0, -math.inf, plain(self.flow)))
            entries = np.where(void, math.nan, steep)
            return self.flow if np.array_equal(entries, plain(self.flow), equal_nan=True) else self._instead(entries)
        wanted = math.nan if void else math.inf if kinds & UP else -math.inf if kinds & DOWN else plain(self.flow)
        same = wanted == plain(self.flow) or (wanted != wanted and plain(self.flow) != plain(self.flow))
        return self.flow if same else self._instead(wanted)

    def _instead(self, wanted: Any) -> Any:
        """The number in place of the flow; inside another derivative nan stays nan to every order."""
        if isinstance(self.flow, float | np.ndarray):
            return wanted
        return self.flow * np.where(np.isnan(wanted), math.nan, 1.0) if np.ndim(wanted) else self.flow * math.nan if wanted != wanted else wanted


def followed(u: Any) -> Any:
    """A seed, followed along its paths; None if it is exactly 0, for it starts none. A traced number is never exactly 0."""
    if not np.ndim(plain(u)):
        return None if u.__class__ in (float, int) and u == 0 else Paths(u, kind_of(u))
    kinds = kind_of(u)
    if isinstance(u, np.ndarray):
        kinds = np.where(u == 0, 0, kinds).astype(np.uint8)
    return Paths(u, kinds) if kinds.any() else None


def partly(seed: Any) -> Any:
    """An array seed of which the entries that are exactly 0 start no path; None if all are. Anything else as it is."""
    if not isinstance(seed, np.ndarray):
        return seed
    return seed if np.all(seed) else followed(seed)


def some(kinds: Any, shape: tuple[int, ...]) -> Any:
    """The kinds of all entries that are summed into one, as `unbroadcast` sums them."""
    extra = np.ndim(kinds) - len(shape)
    repeated = tuple(range(extra)) + tuple(k + extra for k, n in enumerate(shape) if n == 1 and np.shape(kinds)[k + extra] != 1)
    return np.reshape(np.bitwise_or.reduce(kinds, axis=repeated) if repeated else kinds, shape)


def steep(partials: Sequence[Any]) -> bool:
    """Whether a partial is infinite somewhere: then paths must be followed."""
    return any(p is not None and np.any(np.isinf(plain(p))) for p in partials)
