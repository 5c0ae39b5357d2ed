"""Basic blocks: operations that always run together, one after the other. A program that records does so once per block."""

from __future__ import annotations

from collections.abc import Sequence
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
        self.passes: dict[Region, tuple[Block, tuple[Var, ...]]] = {}  # a loop's body: its only block, and what else a pass keeps
        self.one = len(self.all) == 1 and self.all[0].region is function.region  # a straight line: no lists are needed

    def merge(self, loop: Loop, kept: Sequence[Var]) -> None:
        """If a pass of the loop is one block, what it keeps for the backward part goes into the tuple that records it."""
        block = self.at_end(loop.body)
        if block is not None and not loop.head.statements and not any(isinstance(s, If | Loop | Call) for s in loop.body.statements):
            self.passes[loop.body] = block, tuple(u for u in kept if u not in block.variables)

    def recorded(self, block: Block) -> str:
        """The tuple of a block: its number, its numbers, and what else the backward part needs."""
        _, more = self.passes.get(block.region, (block, ()))
        return f"({', '.join([str(block.number), *(u.token for u in (*block.variables, *more))])})"

    def again(self, body: Region) -> tuple[str, str] | None:
        """What a pass gets back, and from which list; None if passes do not keep their numbers in the tuples that record them."""
        if body not in self.passes:
            return None
        block, more = self.passes[body]
        return f"({', '.join(['block', *(u.token for u in (*block.variables, *more))])})", self.list_of(block)

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

    def list_of(self, block: Block) -> str:
        """The name of the list that gets the tuples of a block: a loop may have its own."""
        return f"values_{block.number}" if block.region in self.passes and len(self.all) > 1 else "values"
