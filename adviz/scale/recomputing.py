"""A part of a program as one line of its trace: the line keeps the operands only, and is run again when it is swept.

The line's row is made for it (`Again`); its value is computed by stretches that leave nothing behind, its tangent and its adjoint by running
them once more. Several results are joined into one array on the line, and taken apart on the lines after it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import wraps
from itertools import accumulate
from typing import Any

import numpy as np

from adviz.arrays import note
from adviz.errors import InputError, UnsupportedError
from adviz.linear import shaped
from adviz.paths import followed
from adviz.recording import innermost
from adviz.running import Function, function_name, kind
from adviz.scale.checkpointing import Plan, Step, chain, derivatives
from adviz.scale.schedule import Schedule
from adviz.scale.stretches import Adjoint, Ended, Leaf, Loop, Position, constant, identical, unstable
from adviz.structural import Structural, plain
from adviz.sweeping import is_endless
from adviz.table import table
from adviz.tape import Handle, Tape
from adviz.texts import text
from adviz.trees import flatten, rebuild


def checkpoint(f: Function) -> Function:
    """f, of which a run keeps the arguments only: what a reverse sweep needs besides is computed again when it comes to that

    The result and its derivatives are those of f, to rounding. f must compute the same when it is run again, and what is to be differentiated
    must be among its arguments: UnsupportedError for a traced value from outside. On plain numbers it is f itself.

    >>> import numpy as np, adviz
    >>> block = checkpoint(lambda x: np.sin(np.exp(np.tanh(x))))
    >>> t = adviz.trace(lambda x: block(block(x)), 0.5)
    >>> [a.row.name for a in t.assignments]
    ['checkpoint', 'checkpoint']
    >>> adviz.gradient(lambda x: block(block(x)))(0.5) == adviz.gradient(lambda x: np.sin(np.exp(np.tanh(np.sin(np.exp(np.tanh(x)))))))(0.5)
    True
    """
    if not callable(f):
        raise InputError(text("input.not_callable", kind=kind(f)))

    @wraps(f)
    def checkpointed_f(*arguments: Any, **options: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out

        @wraps(f)
        def called(given: Any) -> Any:
            return f(*given[0], **given[1])

        called.__name__ = function_name(f)
        return checkpointed([called], (arguments, options), schedule="store-all")

    return checkpointed_f


def checkpointed(
    step: Step, state: Any, *parameters: Any, steps: int | None = None, snapshots: int | None = None, schedule: str | Schedule = "binomial",
    until: Function | None = None,
) -> Any:  # fmt: skip
    """state_l of state_{i+1} = step(state_i, i, *parameters): a loop as one line of a larger program, swept from s snapshots

    Arguments are those of `checkpointed_gradient`. On plain numbers it is the plain loop. Inside a derivative the run keeps the first state and
    the parameters; a reverse sweep runs the loop again by the schedule. The derivatives are those of the loop written out, to rounding.
    UnsupportedError where step uses a traced value that is neither its state nor a parameter.

    >>> import adviz
    >>> def grown(x, rate):
    ...     return checkpointed(lambda x, i, rate: x + rate * x, x, rate, steps=100, snapshots=4)
    >>> x_bar, rate_bar = adviz.gradient(grown)(1.0, 0.01)
    >>> print(f"{x_bar:.6f} {rate_bar:.6f}")
    2.704814 267.803349
    >>> len(adviz.trace(grown, 1.0, 0.01).assignments)
    1
    """
    __tracebackhide__ = True
    functions = chain(step)
    plan = Plan(functions, steps, snapshots, schedule, until)
    tape = innermost(tuple(u for _, u in flatten((state, parameters))[0]))
    if tape is None:
        return written_out(functions, state, parameters, plan)
    with np.errstate(all="ignore"):  # nan and inf are results here
        return recorded(functions, tape, state, parameters, plan)


def written_out(functions: Any, state: Any, parameters: Sequence[Any], plan: Plan) -> Any:
    """The loop on plain numbers, as Python has it."""
    i = 0
    while i != plan.steps and not (plan.until is not None and plan.until(state)):
        try:
            state = functions[i](state, *parameters) if isinstance(functions, tuple) else functions(state, i, *parameters)
        except StopIteration:
            break
        i += 1
    return state


def recorded(functions: Any, tape: Tape, state: Any, parameters: Sequence[Any], plan: Plan) -> Any:
    """Run the loop, write its line on the tape, return the last state."""
    known: dict[int, Any] = {}  # what is traced among the arguments, by index
    places = [_places(part, tape, known) for part in parameters]
    count = len(known)
    again = Again(functions, _places(state, tape, known), places, count)
    operands = tuple(known.values())
    loop = again.loop([u.value for u in operands])
    last, steps = loop.forward(plan.steps, plan.until)
    if any(isinstance(v, Handle) and v.tape.depth >= tape.depth for v in last.values):
        raise UnsupportedError(text("loop.captured", function=loop.name(0)))
    again.schedule, again.shapes = plan.of(steps), [np.shape(plain(v)) for v in last.values]
    results = _line(again, f"↻ {loop.name(0)}", tape, operands, last.values) if steps and last.values else operands[count:]
    variables = (*operands[:count], *results)
    return rebuild(last.tree, [variables[u] if isinstance(u, int) else u.value for u in last.leaves])


def _places(part: Any, tape: Tape, known: dict[int, Any]) -> tuple[Any, tuple[Leaf, ...]]:
    """The tree of an argument, and what each of its leaves is to the line: an operand, by number, or a constant."""
    leaves, tree = flatten(part)
    own = [isinstance(u, Handle) and u.tape is tape for _, u in leaves]
    for mine, (_, u) in zip(own, leaves, strict=True):
        if mine:
            known.setdefault(u.index, u)
    number = {index: k for k, index in enumerate(known)}
    return tree, tuple(number[u.index] if mine else constant(u) for mine, (_, u) in zip(own, leaves, strict=True))


def _line(again: Again, symbol: str, tape: Tape, operands: Sequence[Any], values: tuple[Any, ...]) -> list[Any]:
    """The line itself; where it has several results, also the lines that take them out of it, each with its own number or array."""
    row = Structural("checkpoint", checkpointed, _as_given, again.adjoint, again.tangent, again.value, False, symbol)
    tape.arrays = True
    line = note(tape, row, tuple(u.index for u in operands), {}, joined(values))
    return [line] if len(values) == 1 else [_part(line, key, v) for key, v in zip(again.keys(), values, strict=True)]


def _part(line: Any, key: int | slice, v: Any) -> Any:
    part = note(line.tape, table["index"], (line.index,), {"key": key}, np.reshape(v, (-1,)) if isinstance(key, slice) else v)
    shape = np.shape(plain(v))
    return part if len(shape) < 2 else note(line.tape, table["reshape"], (part.index,), {"shape": shape}, v)


class Again:
    """The row of one line: a loop on operands u, which are the variables of its parameters and then those of its first state.

    It knows no tape. `kept` is what the operands of one adjoint share: one reversal gives what all of them receive.
    """

    schedule: Schedule
    shapes: list[tuple[int, ...]]  # of the results

    def __init__(self, functions: Any, first: tuple[Any, tuple[Leaf, ...]], parameters: Sequence[tuple[Any, tuple[Leaf, ...]]], count: int) -> None:
        self.functions, self.first, self.parameters = functions, first, parameters
        self.count = count  # of the parameters' variables
        self.kept: tuple[Any, Sequence[Any]] | None = None

    def loop(self, u: Sequence[Any]) -> Loop:
        """The loop on those operands."""
        return Loop(self.functions, Position(*self.first, tuple(u[self.count :])), self.parameters, tuple(u[: self.count]))

    def keys(self) -> list[int | slice]:
        """Where each result stands in the line's array."""
        ends = list(accumulate(map(math.prod, self.shapes)))
        return [end - 1 if shape == () else slice(end - math.prod(shape), end) for end, shape in zip(ends, self.shapes, strict=True)]

    def value(self, *u: Any) -> Any:
        """The results, joined."""
        return joined(self.loop(u).forward(self.schedule.steps, None)[0].values)

    def tangent(self, k: int, u_dot: Any, v: Any, *u: Any) -> Any:
        """u̇_k pushed through the loop, a step at a time."""
        y_dot = self._pushed(k, u_dot, v, u, False)
        return y_dot if not is_endless(y_dot) else self._pushed(k, u_dot, v, u, True)

    def _pushed(self, k: int, u_dot: Any, v: Any, u: Sequence[Any], careful: bool) -> Any:
        loop = self.loop(u)
        dots: Adjoint = [(followed(u_dot) if careful else u_dot) if j == k else None for j in range(len(u))]
        position, i = loop.first, 0
        try:
            for i in range(self.schedule.steps):
                step = loop.run(i, position)
                position, dots = step.after, loop.push(step, dots, careful)
            self._check(position, v)
        except Ended:
            raise unstable(loop, i) from None
        return joined(tuple(shaped(dot, y) for dot, y in zip(dots[self.count :], position.values, strict=True)))

    def _check(self, last: Position, v: Any) -> None:
        """Ended, unless the results are those that the line was recorded with."""
        if len(last.values) != len(self.shapes) or not identical(plain(joined(last.values)), plain(v)):
            raise Ended(self.schedule.steps - 1)

    def adjoint(self, k: int, v_bar: Any, v: Any, *u: Any) -> Any:
        """v̄ pulled back through the loop by its schedule: the part of operand k."""
        kept = self.kept
        if kept is None or kept[0] is not v_bar:
            kept = self.kept = (v_bar, self.pulled(v_bar, v, u))
        if k == len(u) - 1:  # the last that asks
            self.kept = None
        return kept[1][k]

    def pulled(self, v_bar: Any, v: Any, u: Sequence[Any]) -> Sequence[Any]:
        """What every operand receives of v̄."""
        one = len(self.shapes) == 1
        y_bars = [v_bar] if one else [np.reshape(v_bar[key], shape) for key, shape in zip(self.keys(), self.shapes, strict=True)]

        def end(last: Position, careful: bool) -> Adjoint:
            self._check(last, v)
            flows = [None if is_zero(u) else followed(u) if careful else u for u in y_bars]
            return [*[None] * self.count, *flows]

        loop = self.loop(u)
        try:
            return derivatives(loop, self.schedule, end)
        except Ended as error:
            raise unstable(loop, error.step) from None


def is_zero(y_bar: Any) -> bool:
    """Whether an adjoint is a number and exactly 0: nothing flows on from it. A traced number is never exactly 0."""
    return isinstance(y_bar, float | np.floating) and y_bar == 0


def joined(values: tuple[Any, ...]) -> Any:
    """Several numbers and arrays as one array; a single one as it is."""
    return values[0] if len(values) == 1 else np.concatenate([np.reshape(u, (-1,)) for u in values])


def _as_given(*u: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return u, {}
