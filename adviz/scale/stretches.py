"""A loop as stretches: each step is a run of its own, and together their sweeps do what one sweep over one long trace would do.

Between two steps stands a `Position`: the state as variables and constants. Adjoints pass through it as they are, "nothing arrived"
included, and a parameter's adjoint goes on growing from step to step: so the sums are the same as in one long trace, in the same order,
to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from adviz import generate, sweeps
from adviz.errors import OutputError
from adviz.linear import hides_nan, shaped
from adviz.operators import READINGS, Run, has_nan, like, mine
from adviz.recording import still_open
from adviz.running import Point, function_name, kind, learners_traceback, start
from adviz.structural import plain
from adviz.tape import Events, Handle
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


class Stretch(Run):
    """A run on numbers as they are: inside a program nothing is converted on the way in. `read` makes outputs of what was returned."""

    __slots__ = ()

    def __init__(self, name: str, call: Callable[[Sequence[Any]], Any], numbers: tuple[Any, ...], read: Callable[[Events, Any], Any]) -> None:
        self.at = Point(name, (), numbers, ())
        self.tape, variables = start(self.at)
        try:
            self.outputs = read(self.tape, call(variables))
        except BaseException as error:
            error.__traceback__ = learners_traceback(error)
            raise
        finally:
            self.tape.close()


class Recorded(NamedTuple):
    """A step that was run: its tape, the state before it and the state after it."""

    tape: Any
    before: Position
    after: Position


class Loop:
    """state_{i+1} = step(state_i, i, *parameters), or state_{i+1} = functions[i](state_i, *parameters): run and swept a step at a time.

    `numbers` are the parameters' variables. `arrays` and `undefined` say, once it has been swept, whether arrays took part and whether
    a number that is not defined was dropped on the way.
    """

    def __init__(self, step: Any, first: Position, parameters: Sequence[tuple[Any, tuple[Leaf, ...]]], numbers: tuple[Any, ...]) -> None:
        self.step, self.first, self.parameters, self.numbers = step, first, parameters, numbers
        self.is_chain = isinstance(step, tuple)
        self.arrays = self.undefined = False

    def name(self, i: int) -> str:
        """What to call the function that step i calls."""
        return function_name(self.step[i] if self.is_chain else self.step)

    def arguments(self, variables: Sequence[Any], position: Position) -> tuple[Any, ...]:
        """The state and the parameters, as the learner's functions take them."""
        trees = ((position.tree, position.leaves), *self.parameters)
        return tuple(rebuild(tree, [variables[u] if u.__class__ is int else u.value for u in leaves]) for tree, leaves in trees)  # type: ignore[union-attr]

    def run(self, i: int, position: Position) -> Recorded:
        """Step i, recorded. Ended if it raises StopIteration; any other exception says which step it was."""
        returned: list[Any] = []

        def call(variables: Sequence[Any]) -> Any:
            state, *parameters = self.arguments(variables, position)
            return self.step[i](state, *parameters) if self.is_chain else self.step(state, i, *parameters)

        try:
            tape = Stretch(self.name(i), call, (*self.numbers, *position.values), lambda _, result: returned.append(result)).tape
        except StopIteration:
            raise Ended(i) from None
        except BaseException as error:
            error.add_note(text("loop.in_step", step=i))
            raise
        self.arrays |= tape.arrays
        return Recorded(tape, position, self._after(i, tape, returned[0]))

    def _after(self, i: int, tape: Events, result: Any) -> Position:
        """What step i returned, as a position; the tape's outputs are the parameters and then the state's variables."""
        tree, entries = self._entries(i, result)
        known = {index: k for k, index in enumerate(tape.inputs[: len(self.numbers)])}
        leaves = tuple(known.setdefault(u.index, len(known)) if isinstance(u, Handle) and u.tape is tape else constant(u) for u in entries)
        tape.outputs = tuple(known)
        after = Position(tree, leaves, tuple(tape.value_of(index) for index in islice(known, len(self.numbers), None)))
        if not self.is_chain:
            self._check_shapes(i, after)
        return after

    def _entries(self, i: int, result: Any) -> tuple[Any, list[Any]]:
        """Tree and leaves of a new state. A loop's state keeps its structure; the functions of a chain may change it."""
        if self.is_chain:
            leaves, tree = flatten(result)
            return tree, [u for _, u in leaves]
        try:
            return self.first.tree, list(in_order(self.first.tree, result))
        except (KeyError, TypeError):
            expected = "a number or an array" if self.first.tree is LEAF else described(self.first.tree)
            given = kind(result) if flatten(result)[1] is LEAF else described(flatten(result)[1])
            raise OutputError(text("loop.structure", function=self.name(i), step=i, given=given, expected=expected)) from None

    def _check_shapes(self, i: int, after: Position) -> None:
        """OutputError unless a new state has the shapes of the first."""
        for before, u in zip(self.plain(self.first), self.plain(after), strict=True):
            if np.shape(before) != np.shape(u):
                raise OutputError(text("loop.shape", function=self.name(i), step=i, given=np.shape(u), expected=np.shape(before)))

    def plain(self, position: Position) -> list[Any]:
        """The plain numbers and arrays of a state's leaves."""
        values = (*self.numbers, *position.values)
        return [plain(values[u] if u.__class__ is int else u.value) for u in position.leaves]  # type: ignore[union-attr]

    def check_same(self, i: int, again: Position, before: Position) -> None:
        """OutputError unless a step that was run again computed what it had computed before."""
        if again is before:
            return
        kinds = [[u.__class__ is int and u for u in position.leaves] for position in (again, before)]
        if kinds[0] != kinds[1] or not all(map(identical, self.plain(again), self.plain(before))):
            raise OutputError(text("loop.unstable", function=self.name(i), step=i))

    def pull(self, recorded: Recorded, after: Adjoint, careful: bool) -> Adjoint:
        """The adjoints before a step from those after it."""
        tape = recorded.tape
        self.undefined |= tape.hides and hides_nan(tape)
        return passing("careful" if careful else "quick" if tape.arrays else "numbers")(tape, after) if tape.inputs else ()


def in_order(tree: Any, u: Any) -> Any:
    """The leaves of u in the order of that tree; KeyError or TypeError where u is no such tree."""
    if tree is LEAF:
        if isinstance(u, tuple | list | dict):
            raise TypeError
        yield u
        return
    if type(u) is not tree.kind or len(u) != len(tree.keys):
        raise TypeError
    for key, part in zip(tree.keys, tree.parts, strict=True):
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


@cache
def passing(reading: str) -> Callable[[Any, Adjoint], Adjoint]:
    """The reverse sweep through a stretch in the midst of a program: adjoints come in and go out as they are, None for nothing arrived."""
    source = generate.sweep_source(sweeps.reverse_sweep, arrays=reading != "numbers")
    names = {**READINGS[reading], "active": list, "settled": lambda u, trace, i: u, "islice": islice}
    return generate.build(source, names)["reverse_sweep"]  # type: ignore[no-any-return]


def finished(adjoint: Adjoint, numbers: Sequence[Any], careful: bool) -> tuple[Any, ...]:
    """The adjoints of the first variables as derivatives: where nothing arrived 0, each in its variable's shape and precision."""
    settled = [shaped(u, x) if careful else 0.0 if u is None else u for u, x in zip(adjoint, numbers, strict=True)]
    return tuple(map(like, numbers, mine(settled, ())))


def is_doubtful(loop: Loop, derivatives: Sequence[Any]) -> bool:
    """Whether the quick reading may have met 0 · ∞ along an edge that nothing flows along: then care is taken, as over one long trace."""
    return loop.arrays and (loop.undefined or any(map(has_nan, derivatives)))
