"""Gradients of long loops in little memory: keep some of the states, compute the others again.

    state_{i+1} = step(state_i, i, *parameters),   i = 0 .. l-1

A reverse sweep over such a loop needs every state, in reverse order. Here it gets them one at a time, by a schedule (`schedule.py`): s snapshots
instead of l states, for some more forward steps. The gradient is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adviz.errors import BudgetError, InputError, OutputError
from adviz.linear import shaped
from adviz.running import Function, Point, collect, function_name, kind, own, parameter_names, point
from adviz.scale.schedule import Advance, Free, Record, Restore, Reverse, Schedule, Snapshot, check_budget, is_count, scheduled
from adviz.scale.stretches import Adjoint, Ended, Loop, Position, Recorded, Stretch, compact, finished, is_doubtful
from adviz.structural import plain
from adviz.tape import LARGEST
from adviz.texts import text
from adviz.trees import flatten, rebuild

Step = Callable[..., Any] | Sequence[Callable[..., Any]]


def checkpointed_gradient(
    step: Step, loss: Function, state: Any, *parameters: Any, steps: int | None = None, snapshots: int | None = None,
    schedule: str | Schedule = "binomial", until: Function | None = None,
) -> tuple[Any, Any]:  # fmt: skip
    """(y, ∇y) of y = loss(state_l, *parameters), state_{i+1} = step(state_i, i, *parameters), with at most s states held

    The gradient has one entry for the state the loop begins with and one for each parameter, in their structure (with no parameters, the
    state's entry itself): that of `adviz.value_and_gradient` of the whole loop, to the last bit. `snapshots` is s; `schedule` is "binomial"
    (the fewest steps run again, `minimal_steps(l, s)` of them), "uniform", "store-all", "recompute-all", or a `Schedule`.

    step may be a list of functions instead, called one after the other as functions[i](state, *parameters). The number of steps need not be
    known: without `steps`, or where step raises StopIteration or `until(state)` says so before a step, a first run counts them, l steps more.

    A step must compute the same when it is run again. An exception in it passes through with a note of the step. InputError, OutputError or
    BudgetError where an argument cannot be used, or where step changes the structure or the shapes of the state.

    >>> import numpy as np
    >>> def step(x, i, w):
    ...     return x + 0.001 * np.sin(w * x)
    >>> y, (x_bar, w_bar) = checkpointed_gradient(step, lambda x, w: x * x, 1.0, 2.0, steps=1000, snapshots=5)
    >>> print(f"{y:.6f} {x_bar:.6f} {w_bar:.6f}")
    2.162178 0.646119 0.318047

    Inside another derivative it can be used as well, but that one keeps what it needs of every step run. In little memory H·r is the gradient
    of the derivative along r, with the pair of state and tangent as the state:

    >>> import adviz
    >>> def both(pair, i):
    ...     return adviz.jvp(lambda x: step(x, i, 2.0), (pair[0],), (pair[1],))
    >>> _, (h, _) = checkpointed_gradient(both, lambda pair: 2 * pair[0] * pair[1], (1.0, 1.0), steps=1000, snapshots=5)
    >>> print(f"{h:.6f}")
    -1.103562
    """
    __tracebackhide__ = True  # IPython and pytest leave this frame out
    functions, at = understood(step, state, parameters)
    parameter_names(loss, (state, *parameters))  # or a sentence, before the work begins
    loop = looping(functions, at)
    plan = planned(loop, steps, snapshots, schedule, until)
    ends = Ends(loop, loss)
    with np.errstate(all="ignore"):  # nan and inf are results here
        derivatives = swept(loop, plan, ends.adjoint, careful=False)
        if is_doubtful(loop, (*derivatives, *ends.values)):
            derivatives = swept(loop, plan, ends.adjoint, careful=True)
    count = len(loop.numbers)
    entries = at.rebuild((*derivatives[count:], *derivatives[:count]))
    return ends.value, entries[0] if len(entries) == 1 else entries


def understood(step: Step, state: Any, parameters: Sequence[Any]) -> tuple[Any, Point]:
    """The step, or the functions of a chain as a tuple; and the first state and the parameters as numbers, each with its name."""
    if isinstance(step, list | tuple):
        if not step or not all(map(callable, step)):
            raise InputError(text("loop.chain"))
        return tuple(step), point(step[0], (state, *parameters))
    at = point(step, (state, 0, *parameters))
    k = len(flatten(state)[0])  # where the step's number stands among the numbers
    names, numbers = (u[:k] + u[k + 1 :] for u in (at.names, at.numbers))
    return step, Point(at.function, names, numbers, at.arguments[:1] + at.arguments[2:], at.converted)


def looping(functions: Any, at: Point) -> Loop:
    """The loop from that point, of which every number is a variable: the parameters first, then the state."""
    sizes = [len(flatten(u)[0]) for u in at.rebuild(at.numbers)]
    if not sizes[0]:
        raise InputError(text("loop.no_state"))
    p = sum(sizes[1:])
    starts = [sum(sizes[1:k]) for k in range(1, len(sizes))]
    parameters = [(tree, tuple(range(a, a + n))) for tree, a, n in zip(at.arguments[1:], starts, sizes[1:], strict=True)]
    first = Position(at.arguments[0], tuple(range(p, p + sizes[0])), at.numbers[: sizes[0]])
    return Loop(functions, first, parameters, at.numbers[sizes[0] :])


def planned(loop: Loop, steps: Any, snapshots: Any, schedule: Any, until: Function | None) -> Callable[[], Schedule]:
    """The schedule, made anew from the number of steps there turn out to be."""
    if loop.is_chain:
        if steps not in (None, len(loop.step)):
            raise InputError(text("loop.chain.steps", count=len(loop.step), steps=repr(steps)[:40]))
        steps = len(loop.step)
    given = isinstance(schedule, Schedule)
    if steps is not None:
        check_budget(steps, 1)
    ...
