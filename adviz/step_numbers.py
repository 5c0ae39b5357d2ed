"""The numbers of a sweep's steps at once, without the steps: what a document of a long trace needs.

The function that computes them is generated from the text of the sweep itself (`generate_sweeps.noting_source`), so that the algorithm stays
written once; a law holds its numbers equal to those of the steps, bit for bit. It reads a trace of plain numbers, none of whose partials
is infinite; of any other the steps themselves are to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice, repeat
from typing import Any, NamedTuple

import numpy as np

from adviz import generate, sweeps
from adviz.generate_sweeps import noting_source
from adviz.lines import Lines
from adviz.wengert import Trace


class Numbers(NamedTuple):
    """What a sweep computes.

    steps      the number of each step in order, those of values left out
    result     what the sweep returns
    reached    of each assignment, whether anything arrived at it
    """

    steps: np.ndarray
    result: tuple[float, ...]
    reached: np.ndarray


def step_numbers(trace: Trace, mode: str, seed: Sequence[Any]) -> Numbers | None:
    """Those of the forward or the reverse sweep; None where the steps are to be asked."""
    if trace.lines is None or trace.is_steep or any(u.__class__ is not float for u in seed):
        return None
    steps: list[float] = []
    result, flows = _noting(mode)(_in_order(trace, trace.lines), seed, steps.append)
    arrived = flows[1 : len(trace.lines.value) + 1]
    everywhere = mode == "reverse" and len(steps) == len(seed) + 2 * sum(int(u.given.sum()) for u in trace.lines.operands)
    reached = np.ones(len(arrived), bool) if everywhere else np.array([u is not None for u in arrived], bool)
    return Numbers(np.array(steps, float), tuple(0.0 if u is None else u for u in result), reached)


class _Listed(list[Any]):
    """Events in another order than that of a tape, as a sweep reads them."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def operations(self) -> Iterator[Any]:
        """The events, v_1 first."""
        return islice(self, 1, None)


def _in_order(trace: Trace, lines: Lines) -> Any:
    """The events of a trace in its order, with its indices: the tape itself, or made from columns."""
    if trace.in_order_of_evaluation:
        return trace.tape
    indices = (u.index.tolist() for u in lines.operands)
    partials = ([x if given else None for x, given in zip(u.partial.tolist(), u.given.tolist(), strict=True)] for u in lines.operands)
    listed = _Listed([None, *zip(repeat(None), *indices, repeat(None), *partials, repeat(None))])
    listed.inputs, listed.outputs = trace.inputs, trace.outputs
    return listed


@cache
def _noting(mode: str) -> Callable[..., Any]:
    sweep: Callable[..., Any] = {"forward": sweeps.forward_sweep, "reverse": sweeps.reverse_sweep}[mode]
    made: Callable[..., Any] = generate.build(noting_source(sweep), {"active": _active, "islice": islice})[sweep.__name__]
    return made


def _active(seed: Sequence[float], trace: Any) -> list[float | None]:
    """`sweeps.active` of plain numbers."""
    return [None if u == 0 else u for u in seed]
