"""The two sweeps over a trace, each written once: the steps are yielded, the derivative is returned.

The numeric reading, without the steps, is generated from these texts (`sweeping.py`); a law holds the two equal.
A list of adjoints (or tangents) is as long as there are variables, so that the indices 1-n .. 0 of the inputs wrap around to its
end. None is "nothing arrived": not the same as 0, and it never meets an infinity.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

from adviz.linear import shaped
from adviz.paths import followed, partly
from adviz.wengert import Trace


class Evaluate(NamedTuple):
    """v_i = φ_i(v_j, ...)   (Griewank & Walther 2008, eq. 2.2)"""

    index: int  # type: ignore[assignment]  # i
    value: Any


class Seed(NamedTuple):
    """ẋ_i or ȳ_i: where a sweep begins"""

    index: int  # type: ignore[assignment]  # i
    value: Any


class Propagate(NamedTuple):
    """v̇_i = Σ_j v̇_j · ∂φ_i/∂v_j   (Griewank & Walther 2008, eq. 3.5)"""

    index: int  # type: ignore[assignment]  # i
    value: Any


class Contribute(NamedTuple):
    """share = v̄_i · ∂φ_i/∂v_j, on its way to v̄_j   (Griewank & Walther 2008, eq. 3.9)"""

    index: int  # type: ignore[assignment]  # j
    source: int  # i
    operand: int  # which operand of φ_i
    share: Any


class Accumulate(NamedTuple):
    """v̄_j += share: the sum so far   (Griewank & Walther 2008, eq. 3.9)"""

    index: int  # type: ignore[assignment]  # j
    value: Any


Step = Evaluate | Seed | Propagate | Contribute | Accumulate


def active(seed: Sequence[Any], trace: Trace) -> list[Any]:
    """The seed with None for every number that is exactly 0: that input or output takes no part. In an array, entry by entry.

    Where a partial is infinite, flows are followed along their paths.
    """
    return [followed(u) for u in seed] if trace.is_steep else taking_part(seed)


def taking_part(seed: Sequence[Any]) -> list[Any]:
    """The seed with None for every number that is exactly 0, and no path from an entry of an array that is."""
    return [(u if u != 0 else None) if u.__class__ in (float, int) else partly(u) for u in seed]


def settled(u: Any, trace: Trace, i: int) -> Any:
    """The tangent or adjoint of v_i as a number or an array of its shape: where nothing arrived, 0."""
    return shaped(u, trace.value_of(i)) if u.__class__ is not float else u


def forward_sweep(trace: Trace, seed: Sequence[Any]) -> Generator[Evaluate | Seed | Propagate, None, tuple[Any, ...]]:
    """ẏ = J ẋ: tangents, in the order the function ran   (Griewank & Walther 2008, table 3.4)

    `seed` is ẋ, one number per input. Yields the steps; returns one tangent per output.
    """
    tangent = [None] * trace.size
    for i, x_dot in zip(trace.inputs, active(seed, trace), strict=True):
        tangent[i] = x_dot
        yield Seed(i, settled(x_dot, trace, i))
    for a in trace.assignments:
        yield Evaluate(a.index, a.value)
        v_dot = None
        for k, j in a.active:
            u_dot = tangent[j]
            if u_dot is not None:
                term = a.term(k, u_dot)
                v_dot = term if v_dot is None else v_dot + term
        tangent[a.index] = v_dot
        yield Propagate(a.index, settled(v_dot, trace, a.index))
    return tuple(settled(tangent[i], trace, i) for i in trace.outputs)


def reverse_sweep(trace: Trace, seed: Sequence[Any]) -> Generator[Seed | Contribute | Accumulate, None, tuple[Any, ...]]:
    """x̄ = Jᵀ ȳ: adjoints, against the order the function ran   (Griewank & Walther 2008, table 3.6)

    `seed` is ȳ, one number per output. Yields the steps; returns one adjoint per input.
    """
    adjoint = [None] * trace.size
    for i, y_bar in zip(trace.outputs, active(seed, trace), strict=True):
        if y_bar is not None:
            adjoint[i] = y_bar if adjoint[i] is None else adjoint[i] + y_bar
        yield Seed(i, settled(adjoint[i], trace, i))
    for a in reversed(trace.assignments):
        v_bar = adjoint[a.index]
        if v_bar is not None:
            for k, j in a.active:
                share = a.share(k, v_bar)
                yield Contribute(j, a.index, k, settled(share, trace, j))
                before = adjoint[j]
                adjoint[j] = share if before is None else before + share
                yield Accumulate(j, settled(adjoint[j], trace, j))
    return tuple(settled(adjoint[i], trace, i) for i in trace.inputs)
