"""Gradients of long loops in little memory: keep some of the states, compute the others again.

    state_{i+1} = step(state_i, i, *parameters),   i = 0 .. l-1

A reverse sweep over such a loop needs every state, in reverse order. Here it gets them one at a time, by a schedule (`schedule.py`): s snapshots
instead of l states, for some more forward steps. The gradient is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adviz.errors import InputError
from adviz.operators import Run
from adviz.paths import followed
from adviz.running import Function, Point, collect, function_name, learners_traceback, parameter_names, point, start
from adviz.scale.schedule import Advance, Free, Record, Restore, Reverse, Schedule, Snapshot, budget, scheduled
from adviz.scale.stretches import Adjoint, Ended, Loop, Position, Recorded, compact, finished, unstable
from adviz.sweeping import is_endless
from adviz.tape import Tape
from adviz.texts import text
from adviz.trees import flatten

Step = Callable[..., Any] | list[Callable[..., Any]] | tuple[Callable[..., Any], ...]  # the body of a loop, or a chain of functions


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
    2.203027 0.562524 -1.665695

    Inside another derivative it can be used as well, but that one keeps what it needs of every step run. In little memory H·r is the gradient
    of the derivative along r, with the pair of state and tangent as the state:

    >>> import adviz
    >>> def both(pair, i):
    ...     return adviz.jvp(lambda x: step(x, i, 2.0), (pair[0],), (pair[1],))
    >>> _, (h, _) = checkpointed_gradient(both, lambda pair: 2 * pair[0] * pair[1], (1.0, 1.0), steps=1000, snapshots=5)
    >>> print(f"{h:.6f}")
    -0.633764
    """
    __tracebackhide__ = True  # IPython and pytest leave this frame out
    functions = chain(step)
    at = starting(functions, state, parameters)
    parameter_names(loss, (state, *parameters))  # or a sentence, before the work begins
    loop = looping(functions, at)
    end = Loss(loop, loss)
    with np.errstate(all="ignore"):  # nan and inf are results here
        found = reversed_loop(loop, Plan(functions, steps, snapshots, schedule, until), end)
    p = len(loop.numbers)
    entries = at.rebuild((*found[p:], *found[:p]))
    return end.value, entries[0] if len(entries) == 1 else entries


def chain(step: Step) -> Any:
    """The step; of a chain its functions, as a tuple."""
    if not isinstance(step, list | tuple):
        return step
    if not step or not all(map(callable, step)):
        raise InputError(text("loop.chain"))
    return tuple(step)


def starting(functions: Any, state: Any, parameters: Sequence[Any]) -> Point:
    """The first state and the parameters as numbers, each with its name."""
    if isinstance(functions, tuple):
        return point(functions[0], (state, *parameters))
    at = point(functions, (state, 0, *parameters))
    k = len(flatten(state)[0])  # where the step's number stands among the numbers
    names, numbers = (u[:k] + u[k + 1 :] for u in (at.names, at.numbers))
    return Point(at.function, names, numbers, at.arguments[:1] + at.arguments[2:], at.converted)


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


class Plan:
    """How many steps there are, as far as is known, and by which schedule they are to be reversed."""

    def __init__(self, functions: Any, steps: Any, snapshots: Any, schedule: Any, until: Function | None) -> None:
        if isinstance(functions, tuple):
            if steps not in (None, len(functions)):
                raise InputError(text("loop.chain.steps", count=len(functions), steps=repr(steps)[:40]))
            steps = len(functions)
        self.steps = None if steps is None else budget(steps, 1)[0]
        self.until, self.snapshots, self.schedule = until, snapshots, schedule
        if not isinstance(schedule, Schedule):
            scheduled(schedule, 0, snapshots)  # or a sentence, before the work begins

    def of(self, steps: int) -> Schedule:
        """The schedule of so many steps."""
        if not isinstance(self.schedule, Schedule):
            return scheduled(self.schedule, steps, self.snapshots)
        if self.schedule.steps != steps:
            raise InputError(text("loop.schedule.steps", given=self.schedule.steps, steps=steps))
        return self.schedule


End = Callable[[Position, bool], Adjoint]  # the adjoints of the last state's variables; whether care is to be taken


class Stretch(Run):
    """A run on numbers as they are: inside a program nothing is converted on the way in. `read` makes outputs of what was returned."""

    __slots__ = ()

    def __init__(self, name: str, call: Callable[[Sequence[Any]], Any], numbers: tuple[Any, ...], read: Callable[[Tape, Any], Any]) -> None:
        self.at = Point(name, (), numbers, ())
        self.tape, variables = start(self.at)
        try:
            self.outputs = read(self.tape, call(variables))
        except BaseException as error:
            error.__traceback__ = learners_traceback(error)
            raise
        finally:
            self.tape.close()


class Loss:
    """y = loss(state_l, *parameters), and the adjoints of what it was computed from."""

    def __init__(self, loop: Loop, loss: Function) -> None:
        self.loop, self.loss, self.value = loop, loss, None

    def __call__(self, last: Position, careful: bool) -> Adjoint:
        name, loop = function_name(self.loss), self.loop
        numbers = (*loop.numbers, *last.values)
        run = Stretch(name, lambda u: self.loss(*loop.arguments(u, last)), numbers, lambda tape, result: collect(tape, result, name))
        run.scalar_output("adviz.scale.checkpointed_gradient")
        self.value = run.value
        loop.undefined |= run.tape.arrays and is_endless(run.values[0])
        return loop.pull(Recorded(run.tape, last, last), (followed(1.0) if careful else 1.0,), careful)


def reversed_loop(loop: Loop, plan: Plan, end: End) -> tuple[Any, ...]:
    """The derivatives with respect to the loop's first variables, the parameters first."""
    counted = plan.steps is None or plan.until is not None
    steps = loop.forward(plan.steps, plan.until)[1] if plan.steps is None or counted else plan.steps
    try:
        return derivatives(loop, plan.of(steps), end)
    except Ended as early:
        if counted or early.step < loop.reached:
            raise unstable(loop, early.step) from None
        steps = early.step  # the loop is shorter than was said
    try:
        return derivatives(loop, plan.of(steps), end)
    except Ended as again:
        raise unstable(loop, again.step) from None


def derivatives(loop: Loop, schedule: Schedule, end: End) -> tuple[Any, ...]:
    """Swept quickly; and carefully, where what came out of it is not finite: as over one long trace."""
    numbers = (*loop.numbers, *loop.first.values)
    found = finished(swept(loop, schedule, end, False), numbers, False)
    if loop.undefined or any(map(is_endless, found)):
        found = finished(swept(loop, schedule, end, True), numbers, True)
    return found


def swept(loop: Loop, schedule: Schedule, end: End, careful: bool) -> Adjoint:
    """The adjoints of the first variables: the schedule's actions, carried out."""
    here, slots, records = loop.first, dict[int, Position](), dict[int, Recorded]()
    later: Position | None = None  # what the step reversed last began with: the same must come out of the step before it
    adjoint: Adjoint = () if schedule.steps else end(here, careful)
    for action in schedule:
        match action:
            case Snapshot(_, slot):
                slots[slot] = compact(here)
            case Advance(start, stop):
                for i in range(start, stop):
                    here = loop.run(i, here).after
            case Restore(_, slot):
                here = slots[slot]
            case Free(slot):
                del slots[slot]
            case Record(i):
                records[i] = loop.run(i, here)
                here = records[i].after
            case Reverse(i):
                record = records.pop(i)
                if later is None:
                    adjoint = end(record.after, careful)
                else:
                    loop.check_same(i, record.after, later)
                adjoint, later = loop.pull(record, adjoint, careful), record.before
    return adjoint
