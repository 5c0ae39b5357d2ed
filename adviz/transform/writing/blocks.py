"""Basic blocks: operations that always run together, one after the other. A program that records does so once per block."""

from __future__ import annotations

from typing import Any, NamedTuple

from adviz.transform.statements import Apply, Call, Function, If, Loop, Op, Region
from adviz.transform.values import Var


class Block(NamedTuple):
    """A block's number, the numbers it computes in order, and the statement they come before (None for the end of the region).

    `is_test` says that it belongs to the condition of a while loop, which no adjoint ever reaches.
    """

    number: int
    variables: tuple[Var, ...]
    follows: Any
    region: Region
    is_test: bool


class Blocks:
    """The blocks of a function."""

    def __init__(self, function: Function) -> None:
        self.all: list[Block] = []
        self._before: dict[int, Block] = {}
        self._at_end: dict[int, Block] = {}
        self._region(function.region, is_test=False)

    def _region(self, region: Region, *, is_test: bool) -> None:
        found: list[Var] = []
        for s in region.statements:
            if isinstance(s, Op | Apply):
                found.append(s.var)
            elif isinstance(s, If | Loop | Call):
                self._close(found, s, region, is_test=is_test)
                found = []
            if isinstance(s, If):
                self._region(s.then, is_test=is_test)
                self._region(s.other, is_test=is_test)
            elif isinstance(s, Loop):
                self._region(s.head, is_test=True)
                self._region(s.body, is_test=is_test)
        self._close(found, None, region, is_test=is_test)

    def _close(self, found: list[Var], follows: Any, region: Region, *, is_test: bool) -> None:
        if not found:
            return
        block = Block(len(self.all), tuple(found), follows, region, is_test)
        self.all.append(block)
        if follows is None:
            self._at_end[id(region)] = block
        else:
            self._before[id(follows)] = block

    def before(self, s: Any) -> Block | None:
        """The block that ends before a statement."""
        return self._before.get(id(s))

    def at_end(self, region: Region) -> Block | None:
        """The block that ends with its region."""
        return self._at_end.get(id(region))
