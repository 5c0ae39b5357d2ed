"""What the forward part keeps for the backward part: only what is overwritten and needed.

A value computed once stays in its variable. In a loop it is overwritten by the next pass: if the backward part needs it, each pass puts it
on the variable's stack, unless it can be had for less (a counter, a constant, an expression of these).
"""

from __future__ import annotations

from collections.abc import Iterator

from adviz.transform.statements import Function, If, Let, Loop, Region
from adviz.transform.values import Var
from adviz.transform.writing.adjoints import Backward
from adviz.transform.writing.lines import tokens

Item = tuple[int, str]  # a variable and "." for its value or "~" for its cell


def stack(number: int, kind: str) -> str:
    """What stands for the name of a variable's stack."""
    return f"\x03{number}{kind}"


class Kept:
    """What each region keeps: `stacked` goes on stacks at its end, `again` is computed a second time."""

    def __init__(self, function: Function, variables: list[Var], backward: Backward) -> None:
        self.variables = variables
        self.targets = {u.id for loop in loops(function.region) for u in loop.targets}
        self.needed: set[Item] = {(n, ".") for n in backward.values} | {(n, "~") for n in backward.pointers & backward.cells}
        self.stacked: dict[Region, list[Item]] = {}
        self.again: dict[Region, list[Var]] = {}
        for number, kind in sorted(self.needed):
            self._keep(variables[number], kind)

    def _keep(self, u: Var, kind: str) -> None:
        if u.region is None or not u.region.repeated or u.id in self.targets or u.region is getattr(u.region.loop, "head", None):
            return
        if kind == "." and isinstance(u.by, Let) and u.by.pure and len(u.by.variables) == 1:
            used = {n for n, _ in tokens(u.by.text)}
            if not used:
                return
            if all(self._free(self.variables[n]) for n in used):
                self.again.setdefault(u.region, []).append(u)
                for n in used:
                    self.require(self.variables[n])
                return
        self.stacked.setdefault(u.region, []).append((u.id, kind))

    def _free(self, u: Var) -> bool:
        """Whether the backward part has that value anyway."""
        return u.region is None or not u.region.repeated or u.id in self.targets or ((u.id, ".") in self.needed and u.place is None)

    def within(self, region: Region) -> list[Item]:
        """Everything kept in a region and the regions inside it."""
        return [item for place, items in self.stacked.items() if place.inside(region) for item in items]

    def needs(self, u: Var) -> bool:
        """Whether the backward part needs the value of a variable, or its cell."""
        return (u.id, ".") in self.needed or (u.id, "~") in self.needed

    def require(self, u: Var) -> None:
        """The backward part turns out to need this one as well."""
        if (u.id, ".") not in self.needed:
            self.needed.add((u.id, "."))
            self._keep(u, ".")


def loops(region: Region) -> Iterator[Loop]:
    """The loops of a region, the inner ones of each before it."""
    for s in region.statements:
        if isinstance(s, If):
            yield from loops(s.then)
            yield from loops(s.other)
        elif isinstance(s, Loop):
            yield from loops(s.body)
            yield s
