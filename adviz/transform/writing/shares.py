"""Shares of adjoints: an adjoint is set by its first share and added to by the others.

The order is that of a sweep over a trace, so that the sums are the same to the last bit. Which adjoint has a share already is known when
the program is written, but where branches meet and passes come round: there it is set to 0 first.
"""

from __future__ import annotations

from typing import Any

from adviz.transform.reading.facts import Facts
from adviz.transform.statements import Function, Loop, Place, Region
from adviz.transform.values import Var
from adviz.transform.writing import rules
from adviz.transform.writing.blocks import Blocks
from adviz.transform.writing.lines import Assign, Line, leaves, tokens


class Conflict(Exception):
    """Two names of one number would each sum adjoints: they need a cell."""

    def __init__(self, *variables: Var) -> None:
        self.variables = variables


class Restore:
    """Where a region that was repeated gets back what it kept."""

    def __init__(self, depth: int, region: Region) -> None:
        self.depth, self.region = depth, region


class Header:
    """Where the header of a loop that runs backwards will stand."""

    def __init__(self, depth: int, loop: Loop) -> None:
        self.depth, self.loop = depth, loop


class Shares:
    """The lines of a function that runs backwards, as far as they add shares to adjoints. `cells`: the variables whose adjoints are cells."""

    def __init__(self, function: Function, variables: list[Var], cells: set[int], facts: Facts) -> None:
        self.function, self.variables, self.cells, self.facts = function, variables, cells, facts
        self.lines: list[Any] = []
        self.depth = 1
        self.given: set[int] = set()  # the variables whose adjoint has a share
        self.values: set[int] = set()  # the variables whose values are needed
        self.pointers: set[int] = set()  # those whose cells (or shadows) are needed
        self.loops: list[tuple[Loop, list[Line], int]] = []  # those around the statement, with the lines before each
        self.uncertain = False  # whether an adjoint may be 0 because nothing arrived
        self.blocks: Blocks | None = None  # of a program that records what it computes

    # lines

    def assign(self, target: str, tree: rules.Tree, more: bool, at: Place | None) -> None:
        """target = tree, or +="""
        self.use(tree)
        self.lines.append(Assign(self.depth, target, tree, more, at))

    def use(self, tree: rules.Tree) -> None:
        """Note which values and cells an expression needs."""
        for text in leaves(tree):
            for number, kind in tokens(text):
                (self.values if kind == "." else self.pointers).add(number)

    def flow(self, u: Var) -> str:
        """The adjoint of a number, as a text."""
        return f"{u.shadow}[0]" if u.id in self.cells else u.shadow

    def has(self, u: Var) -> bool:
        """Whether a share has arrived, for all the program can tell."""
        return u.id in self.cells or u.place is not None or u.id in self.given

    def contribute(self, u: Var, tree: rules.Tree, at: Place | None) -> None:
        """ū += tree; the first share sets it."""
        if u.place is not None or u.id in self.cells:
            self.uncertain = True
            self.use(u.shadow)
            self.assign(self.flow(u), tree, True, at)
            return
        if u.id not in self.given:
            for loop, before, depth in self.loops:
                if not u.region.inside(loop.body):
                    before.append(Assign(depth, u.shadow, ("number", 0.0), False, loop.at))
                    self.given.add(u.id)
                    self.uncertain = True
                    break
        self.assign(u.shadow, tree, u.id in self.given, at)
        self.given.add(u.id)
