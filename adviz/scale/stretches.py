"""A loop as stretches: each step is a run of its own, and together their sweeps do what one sweep over one long trace would do.

Between two steps stands a `Position`: the state as variables and constants. Adjoints pass through it as they are, "nothing arrived"
included, and a parameter's adjoint goes on growing from step to step: so the sums are the same as in one long trace, in the same order,
to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from adviz import sweeps
from adviz.errors import BudgetError, OutputError
from adviz.linear import hides_nan, shaped
from adviz.operators import like, mine
from adviz.recording import still_open
from adviz.running import Point, function_name, kind, learners_traceback, own, start
from adviz.structural import plain
from adviz.sweeping import built
from adviz.tape import LARGEST, Handle, Tape
from adviz.texts import text
from adviz.trees import LEAF, Branches, flatten, rebuild
from adviz.wengert import Constant

Leaf = int | Constant  # a variable, by number (the parameters come first), or a constant
Adjoint = Sequence[Any]  # one entry per variable, the parameters' first; None where nothing arrived


class Position(NamedTuple):
    """state_i: the tree it hangs on, what each leaf is, and the numbers of its variables (but not of the parameters)

    Two leaves may be one variable, and a leaf may be a parameter.
    """

    tree: Any
    leaves: tuple[Leaf, ...]
    values: tuple[Any, ...]


class Ended(Exception):
    """A step raised StopIteration: there are no more steps."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


class Recorded(NamedTuple):
    """A step that was run: its tape, the state before it and the state after it."""

    tape: Any
    before: Position
    after: Position


class Loop:
    """state_{i+1} = step(state_i, i, *parameters), or state_{i+1} = functions[i](state_i, *parameters): run and swept a step at a time.

    `numbers` are the parameters' variables. `reached` is the last state it came to so far; `undefined` says, once it was swept, that a number
    that is not defined was dropped on the way.
    """

    def __init__(self, step: Any, first: Position, parameters: Sequence[tuple[Any, tuple[Leaf, ...]]], numbers: tuple[Any, ...]) -> None:
        self.step, self.first, self.parameters, self.numbers = step, first, parameters, numbers
        self.is_chain = isinstance(step, tuple)
        self.reached, self.undefined = 0, False
        self.shapes = [np.shape(u) for u in self.plain(first)]

    def name(self, i: int) -> str:
        """What to call the function that step i calls."""
        return function_name(self.step[i] if self.is_chain else self.step)

    def arguments(self, variables: Sequence[Any], position: Position) -> list[Any]:
        """The state and the parameters, as the learner's functions take them."""
        found = []
        for tree, leaves in ((position.tree, position.leaves), *self.parameters):
            entries = [variables[u] if isinstance(u, int) else u.value for u in leaves]
            found.append(entries[0] if tree is LEAF else rebuild(tree, entries))
        return found

    def run(self, i: int, position: Position) -> Recorded:
        """Step i, recorded. Ended if it raises StopIteration; any other exception says which step it was."""
        tape, variables = start(Point("", (), (*self.numbers, *position.values), ()))
        try:
            state, *parameters = self.arguments(variables, position)
            result = self.step[i](state, *parameters) if self.is_chain else self.step(state, i, *parameters)
        except StopIteration:
            raise Ended(i) from None
        except BaseException as error:
            error.__traceback__ = learners_traceback(error)
            error.add_note(text("loop.in_step", step=i))
            raise
        finally:
            tape.close()
        self.reached = max(self.reached, i + 1)
        return Recorded(tape, position, self._after(i, tape, result))

    def _after(self, i: int, tape: Tape, result: Any) -> Position:
        """What step i returned, as a position; the tape's outputs are the parameters and then the state's variables."""
        if not self.is_chain:
            self._check(i, result)
        entries, tree = flatten(result)
        known = {index: k for k, index in enumerate(tape.inputs[: len(self.numbers)])}
        leaves: list[Leaf] = []
        for _, u in entries:
            mine = isinstance(u, Handle) and u.tape is tape
            leaves.append(known.setdefault(u.index, len(known)) if mine else constant(u))
        tape.outputs = tuple(known)
        return Position(tree, tuple(leaves), tuple([tape.value_of(index) for index in tape.outputs[len(self.numbers) :]]))

    def _check(self, i: int, result: Any) -> None:
        """OutputError unless a new state has the structure and the shapes of the first. (The functions of a chain may change them.)"""
        tree = self.first.tree
        try:
            for expected, u in zip(self.shapes, in_order(tree, result), strict=True):
                given = np.shape(plain(u))
                if given != expected:
                    raise OutputError(text("loop.shape", function=self.name(i), step=i, given=given, expected=expected))
        except Otherwise:
            expected_tree = text("loop.leaf") if tree is LEAF else described(tree)
            given_tree = kind(result) if flatten(result)[1] is LEAF else described(flatten(result)[1])
            raise OutputError(text("loop.structure", function=self.name(i), step=i, given=given_tree, expected=expected_tree)) from None

    def values(self, position: Position) -> list[Any]:
        """The numbers and arrays of a state's leaves."""
        p, values = len(self.numbers), position.values
        return [(self.numbers[u] if u < p else values[u - p]) if isinstance(u, int) else u.value for u in position.leaves]

    def plain(self, position: Position) -> list[Any]:
        """The plain numbers and arrays of a state's leaves."""
        return [plain(u) for u in self.values(position)]

    def check_same(self, i: int, again: Position, before: Position) -> None:
        """OutputError unless a step that was run again computed what it had computed before."""
        if again is before:
            return
        kinds = [[u.__class__ is int and u for u in position.leaves] for position in (again, before)]
        if kinds[0] != kinds[1] or not all(map(identical, self.plain(again), self.plain(before))):
            raise unstable(self, i)

    def pull(self, recorded: Recorded, after: Adjoint, careful: bool) -> Adjoint:
        """The adjoints before a step from those after it."""
        tape = recorded.tape
        self.undefined |= tape.hides and hides_nan(tape)
        return passing(sweeps.reverse_sweep, reading(tape, careful))(tape, after) if tape.inputs else ()

    def push(self, recorded: Recorded, before: Adjoint, careful: bool) -> Adjoint:
        """The tangents after a step from those before it."""
        return passing(sweeps.forward_sweep, reading(recorded.tape, careful))(recorded.tape, before)

    def forward(self, steps: int | None, until: Callable[[Any], Any] | None) -> tuple[Position, int]:
        """The last state, and how many steps led there: `steps`, or fewer if a step raises StopIteration or `until` says so."""
        position, i = self.first, 0
        while i != steps and not (until is not None and until(rebuild(position.tree, map(own, self.plain(position))))):
            if i == LARGEST:
                raise BudgetError(text("loop.endless", function=self.name(i), count=f"{LARGEST:,}"))
            try:
                position = self.run(i, position).after
            except Ended:
                break
            i += 1
        return position, i


def unstable(loop: Loop, i: int) -> OutputError:
    """A step computed something else when it was run again."""
    return OutputError(text("loop.unstable", function=loop.name(i), step=i))


class Otherwise(Exception):
    """Something has another structure than was expected."""


def in_order(tree: Any, u: Any) -> Iterator[Any]:
    """The leaves of u in the order of that tree; Otherwise, where u hangs on another one. (The order of a dict does not matter.)"""
    if tree is LEAF:
        if u is None or isinstance(u, tuple | list | dict):
            raise Otherwise
        yield u
        return
    if type(u) is not tree.kind or len(u) != len(tree.keys):
        raise Otherwise
    for key, part in zip(tree.keys, tree.parts, strict=True):
        if isinstance(u, dict) and key not in u:
            raise Otherwise
        yield from in_order(part, u[key])


def described(tree: Branches) -> str:
    """ "a tuple of 3" """
    return text("output.structure", kind=tree.kind.__name__, count=len(tree.keys))


def constant(u: Any) -> Constant:
    """A leaf that does not depend on the variables, as it was when it was returned."""
    if isinstance(u, Handle):
        still_open(u)
    return Constant(u.copy() if isinstance(u, np.ndarray) else u)


def compact(position: Position) -> Position:
    """A position that keeps no more alive than itself: no larger array of which its arrays are parts."""
    return position._replace(values=tuple(u.copy() if isinstance(u, np.ndarray) and u.base is not None else u for u in position.values))


def identical(a: Any, b: Any) -> bool:
    """Whether two plain leaves are the same to the last bit, nan being nan."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b, equal_nan=getattr(a, "dtype", np.dtype(object)).kind == "f")
    return bool(a == b or (a != a and b != b))


def reading(tape: Any, careful: bool) -> str:
    """How a tape is to be swept."""
    return "careful" if careful else "quick" if tape.arrays else "numbers"


@cache
def passing(sweep: Callable[..., Any], way: str) -> Callable[[Any, Adjoint], Adjoint]:
    """A sweep through a stretch in the midst of a program: what flows comes in and goes out as it is, None for nothing arrived."""
    return built(sweep, way, active=lambda seed, trace: seed, settled=lambda u, trace, i: u)


def finished(adjoint: Adjoint, numbers: Sequence[Any], careful: bool) -> tuple[Any, ...]:
    """The adjoints of the first variables as derivatives: where nothing arrived 0, each in its variable's shape and precision."""
    settled = [shaped(u, x) if careful else 0.0 if u is None else u for u, x in zip(adjoint, numbers, strict=True)]
    return tuple(map(like, numbers, mine(settled, ())))
