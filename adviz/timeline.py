"""A timeline: a trace, a mode and the steps of its sweep; `frame(n)` is what is known after n of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from adviz.errors import InputError
from adviz.operators import output_names, seed_leaves
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed, Step, forward_sweep, reverse_sweep
from adviz.texts import text
from adviz.wengert import Trace, trace


class Frame(NamedTuple):
    """What is known after `step` steps. An index that is missing is not known yet: blank, never 0.

    values      v_i by index
    tangents    v̇_i by index
    adjoints    v̄_j by index: the sum so far
    final       indices whose tangent or adjoint nothing will be added to any more
    shares      the last Contribute, while it is on its way; else None
    current     the step just done; None at 0
    """

    step: int
    values: dict[int, Any]
    tangents: dict[int, Any]
    adjoints: dict[int, Any]
    final: frozenset[int]
    share: Contribute | None
    current: Step | None


class Timeline:
    """The steps of one mode over a trace. Made by `forward`, `reverse` and `values`.

    trace, mode    mode is "values", "forward" or "reverse"
    seed           ẋ or ȳ; None for values
    steps          Evaluate, Seed, Propagate, Contribute, Accumulate
    result         outputs' values (values), ẏ (forward), x̄ (reverse): one number each
    """

    def __init__(self, trace: Trace, mode: str, seed: tuple[Any, ...] | None) -> None:
        self.trace = trace
        self.mode = mode
        self.seed = seed

    @cached_property
    def _swept(self) -> tuple[tuple[Step, ...], tuple[Any, ...]]:
        steps: list[Step] = []
        sweep = SWEEPS[self.mode](self.trace, self.seed or ())
        with np.errstate(all="ignore"):  # nan and inf are results here, told in notes
            while True:
                try:
                    steps.append(next(sweep))
                except StopIteration as end:
                    return tuple(steps), end.value

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in order."""
        return self._swept[0]

    @property
    def result(self) -> tuple[Any, ...]:
        """What the sweep returned."""
        return self._swept[1]

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def last_write(self) -> dict[int, int]:
        """The number of the step after which nothing is added to a variable's tangent or adjoint."""
        return {s.index: n for n, s in enumerate(self.steps, 1) if not isinstance(s, Evaluate | Contribute)}

    @property
    def known(self) -> tuple[int, ...]:
        """Indices whose value is known before the first step: the inputs; in reverse mode all."""
        t = self.trace
        return (*t.inputs, *(a.index for a in t.assignments)) if self.mode == "reverse" else t.inputs

    def frame(self, n: int) -> Frame:
        """What is known after n steps, 0 <= n <= len(steps). InputError otherwise.

        >>> tl = reverse(lambda x: x * x, 3.0)
        >>> tl.frame(3).adjoints, tl.frame(5).adjoints
        ({1: 1.0, 0: 3.0}, {1: 1.0, 0: 6.0})
        """
        if not isinstance(n, int) or not 0 <= n <= len(self.steps):
            raise InputError(text("frame.range", n=n, steps=len(self.steps)))
        values = {i: self.trace.value_of(i) for i in self.known}
        tangents: dict[int, Any] = {}
        adjoints: dict[int, Any] = {}
        share, current = None, None
        for current in self.steps[:n]:
            share = None
            match current:
                case Evaluate(i, v):
                    values[i] = v
                case Propagate(i, v_dot):
                    tangents[i] = v_dot
                case Seed(i, u):
                    (tangents if self.mode == "forward" else adjoints)[i] = u
                case Contribute():
                    share = current
                case Accumulate(j, v_bar):
                    adjoints[j] = v_bar
        final = frozenset(i for i in (*tangents, *adjoints) if self.last_write[i] <= n)
        return Frame(n, values, tangents, adjoints, final, share, current)


def values_sweep(trace: Trace, seed: Sequence[Any]) -> Generator[Evaluate, None, tuple[Any, ...]]:
    """The list itself: one line after the other."""
    for a in trace.assignments:
        yield Evaluate(a.index, a.value)
    return tuple(trace.value_of(i) for i in trace.outputs)


SWEEPS: dict[str, Callable[[Trace, Sequence[Any]], Generator[Any, None, tuple[Any, ...]]]] = {
    "values": values_sweep,
    "forward": forward_sweep,
    "reverse": reverse_sweep,
}


def values(f: Callable[..., Any] | Trace, *point: Any) -> Timeline:
    """The forward primal trace of f at a point, line by line   (Baydin et al. 2018, table 2, left)

    >>> len(values(lambda x: x * x + x, 3.0).steps)
    2
    """
    return Timeline(traced(f, point), "values", None)


def forward(f: Callable[..., Any] | Trace, *point: Any, seed: Any = None) -> Timeline:
    """The forward tangent trace of f at a point for the direction ẋ = seed   (Baydin et al. 2018, table 2)

    f is a function with a point, or a Trace. `seed` has one number per input; it may be left out if there is only one.

    >>> forward(lambda x1, x2: x1 * x2, 2.0, 5.0, seed=(1, 0)).result
    (5.0,)
    """
    t = traced(f, point)
    if seed is None:
        if len(t.inputs) > 1:
            example = ", ".join("1" if k == 0 else "0" for k in range(len(t.inputs)))
            names = ", ".join(t.parameters)
            raise InputError(text("seed.required", function=t.function, names=names, example=example, first=t.parameters[0]))
        seed = (1.0,)
    x_dot = seed_leaves("forward", seed, t.parameters, t.point, "word.input")
    return Timeline(t, "forward", tuple(map(plain_number, x_dot)))


def reverse(f: Callable[..., Any] | Trace, *point: Any, seed: Any = None) -> Timeline:
    """The reverse adjoint trace of f at a point for the weights ȳ = seed   (Baydin et al. 2018, table 3)

    f is a function with a point, or a Trace. `seed` has one number per output; it is 1 if there is only one.

    >>> reverse(lambda x1, x2: x1 * x2, 2.0, 5.0).result
    (5.0, 2.0)
    """
    t = traced(f, point)
    if seed is None:
        if len(t.outputs) > 1:
            example = ", ".join("1" if k == 0 else "0" for k in range(len(t.outputs)))
            raise InputError(text("seed.outputs", function=t.function, count=len(t.outputs), example=example, option="seed"))
        if np.shape(t.value_of(t.outputs[0])):
            raise InputError(text("seed.array", function=t.function, shape=np.shape(t.value_of(t.outputs[0])), option="seed"))
        seed = (1.0,)
    y_bar = seed_leaves("reverse", seed, output_names(len(t.outputs)), [t.value_of(i) for i in t.outputs], "word.output")
    return Timeline(t, "reverse", tuple(map(plain_number, y_bar)))


def plain_number(u: Any) -> Any:
    """An integer as a float; anything else as it is."""
    return float(u) if isinstance(u, int) else u


def traced(f: Callable[..., Any] | Trace, point: tuple[Any, ...]) -> Trace:
    """f itself if it is a Trace, else its trace at the point."""
    if isinstance(f, Trace):
        if point:
            raise InputError(text("input.trace_and_point"))
        return f
    return trace(f, *point)
