"""What a program is made of: a small list of statements, each in its region.

Numbers are computed by `Op` alone, one elemental function each; constants by `Let`; lists and what is done to them by `Mirror`, which is
done to their shadows (adjoints or tangents) as well. Branches and loops hold regions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adviz.transform.values import Text, Var


class Place(NamedTuple):
    """Where in the learner's text: file and line."""

    file: str
    line: int


class Region:
    """Statements that run one after the other; `loop` is the innermost loop around them."""

    def __init__(self, parent: Region | None, loop: Loop | None) -> None:
        self.parent, self.loop = parent, loop
        self.statements: list[Any] = []

    @property
    def repeated(self) -> bool:
        """Whether it may run several times, so that what it computes is overwritten."""
        return self.loop is not None

    def inside(self, other: Region | None) -> bool:
        """Whether it is that region or lies in it."""
        region: Region | None = self
        while region is not None and region is not other:
            region = region.parent
        return region is other


class Op(NamedTuple):
    """v = φ(u_0, u_1): `plain` is what the learner's own call computes with plain numbers."""

    var: Var
    row: str
    operands: tuple[Var | Text, ...]
    plain: Callable[..., Any]
    at: Place


class Apply(NamedTuple):
    """v = function(*operands, **named), an operation on arrays.

    `text` is what the learner wrote, with SLOT for each of `parts`, the variables in it; `handle` is what its pullback is called.
    """

    var: Var
    function: Callable[..., Any]
    operands: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...]
    text: str
    parts: tuple[Var, ...]
    handle: Var
    at: Place

    def written(self, names: Iterable[str]) -> str:
        """The call with these names for its variables."""
        rest = iter(names)
        return "".join(next(rest) if c == SLOT else c for c in self.text)


SLOT = "\x04"


class Let(NamedTuple):
    """Constants computed as the learner wrote it; `pattern` names them as an assignment would."""

    variables: tuple[Var, ...]
    pattern: str
    text: str
    at: Place
    pure: bool = False  # cheap and without effect: it may be computed again


class Mirror(NamedTuple):
    """Something done to a list, and the same done to its shadow. An entry of the shadow that belongs to a constant is NOTHING."""

    var: Var | None
    text: str
    shadow: str
    at: Place


NOTHING = "\x02"


class Merge(NamedTuple):
    """A variable that gets its value in one branch or the other."""

    var: Var
    then: Any
    other: Any


@dataclass(eq=False)
class If:
    """if condition: then, else: other; `merges` are set at the end of each."""

    condition: Text
    then: Region
    other: Region
    at: Place
    merges: list[Merge] = field(default_factory=list)


class Carried(NamedTuple):
    """A variable that passes of a loop hand on: its value before the first, the one each leaves; `out` is what remains after the loop."""

    head: Var
    first: Any
    next: Any
    out: Var


@dataclass(eq=False)
class Loop:
    """for pattern in iterable: body, or while condition: body. `head` are statements a while loop runs before each test."""

    body: Region
    at: Place
    head: Region
    pattern: str = ""
    iterable: str = ""
    condition: Text | None = None
    targets: tuple[Var, ...] = ()
    carried: list[Carried] = field(default_factory=list)
    stop: Text | None = None  # whether this pass was the last
    count: Var | None = None  # how many passes were made, where the iterable does not tell


class Effect(NamedTuple):
    """A line that computes nothing: raise, assert, a check."""

    text: str
    at: Place


@dataclass(eq=False)
class Call:
    """A call of a function that calls itself: results are set from the arguments by another function of the program."""

    results: tuple[Var, ...]
    name: str
    arguments: list[Any]
    handle: Var  # the function that runs it backwards
    at: Place


@dataclass
class Function:
    """A function of the program: parameters, statements, results."""

    name: str
    parameters: list[Var]
    region: Region
    result: Any = None  # values, in the structure of what is returned
    at: Place | None = None
