"""Which adjoints are cells: those of numbers that go by two names at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adviz.transform.reading.facts import Again, Facts
from adviz.transform.statements import Call, Function, If, Loop, Mirror, Region
from adviz.transform.values import NUMBER, Var
from adviz.transform.writing.lines import tokens


def needed_cells(function: Function, variables: list[Var]) -> set[int]:
    """The numbers that are entries of lists: they go by two names from the start."""
    found: set[int] = set()

    def look(region: Region) -> None:
        for s in region.statements:
            match s:
                case Mirror(var=var, shadow=shadow):
                    found.update(n for n, kind in tokens(shadow) if kind == "~" and variables[n].kind == NUMBER)
                    if var is not None and var.kind == NUMBER:
                        found.add(var.id)
                case Call(results=results, arguments=arguments):
                    found.update(u.id for u in (*results, *arguments) if isinstance(u, Var) and u.kind == NUMBER)
                case If():
                    look(s.then)
                    look(s.other)
                case Loop():
                    look(s.head)
                    look(s.body)

    look(function.region)
    return found


def groups(function: Function) -> Iterable[tuple[Any, ...]]:
    """Variables that are set from each other: where branches meet and passes begin."""

    def look(region: Region) -> Iterable[tuple[Any, ...]]:
        for s in region.statements:
            if isinstance(s, If):
                yield from ((m.var, m.then, m.other) for m in s.merges)
                yield from look(s.then)
                yield from look(s.other)
            elif isinstance(s, Loop):
                yield from ((c.head, c.first, c.next, c.out) for c in s.carried)
                yield from look(s.body)

    return look(function.region)


def spread(cells: set[int], function: Function, facts: Facts) -> None:
    """If one name of a number has a cell, all its names have it; an entry of a parameter that is read only has none, and must get one."""
    while True:
        size = len(cells)
        for group in groups(function):
            members = [u for u in group if isinstance(u, Var) and u.kind == NUMBER]
            if any(u.id in cells for u in members):
                for u in members:
                    if u.place is not None:
                        assert u.root is not None
                        facts.cells.add(u.root.hint or "")
                        raise Again
                    cells.add(u.id)
        if len(cells) == size:
            return
