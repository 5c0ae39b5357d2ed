"""Which names are read later: only these must have one value where branches meet and loops come round.

Backwards through a body without jumps (`structured.py`): before = (after - assigned) + read, a loop until nothing changes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from adviz.transform.reading.structured import RESULT, RETURNED, children, walked

Names = frozenset[str]
NOTHING: Names = frozenset()


class Live(NamedTuple):
    """Of an if: the names read after it. Of a loop: those, those assigned in it, and those a pass reads from the pass before."""

    after: Names
    assigned: Names
    carried: Names


class Liveness:
    """What is live around each if and each loop of a function's body, by the statement's id."""

    def __init__(self, body: list[ast.stmt], stops: dict[int, str]) -> None:
        self.at: dict[int, Live] = {}
        self._stops = stops
        if not any(isinstance(s, ast.If | ast.For | ast.While) for s in body):
            return
        inner = [node for s in body for node in _definitions(s)]
        self._seen: dict[int, tuple[Names, Names]] = {}
        self._always = frozenset(name for node in inner for name in _loaded(node))  # a function may be called at any time
        self._before(body, frozenset({RESULT, RETURNED}))

    def _before(self, statements: list[ast.stmt], after: Names) -> Names:
        for s in reversed(statements):
            after = self._one(s, after)
        return after

    def _one(self, s: ast.stmt, after: Names) -> Names:
        match s:
            case ast.If(test=test, body=body, orelse=orelse):
                self.at[id(s)] = Live(after | self._always, NOTHING, NOTHING)
                return frozenset(_loaded(test)) | self._before(body, after) | self._before(orelse, after)
            case ast.For() | ast.While():
                return self._loop(s, after)
            case ast.FunctionDef(name=name):
                return (after - {name}) | frozenset(_loaded(s))
        if id(s) not in self._seen:  # a loop's body is gone through several times
            self._seen[id(s)] = frozenset(assigned(s)), frozenset(_loaded(s))
        names, read = self._seen[id(s)]
        return (after - names) | read

    def _loop(self, s: ast.For | ast.While, after: Names) -> Names:
        head = s.target if isinstance(s, ast.For) else s.test
        stop = frozenset({self._stops[id(s)]}) if id(s) in self._stops else NOTHING
        test = frozenset(_loaded(head))
        targets = frozenset(assigned(s.target)) if isinstance(s, ast.For) else NOTHING
        start: Names = NOTHING
        while True:
            again = (self._before(s.body, after | start | test | stop) - targets) | test
            if again <= start:
                break
            start |= again
        inside = frozenset(name for part in (*s.body, head) for name in assigned(part))
        self.at[id(s)] = Live(after | self._always, inside, start | self._always)
        return start | after | (frozenset(_loaded(s.iter)) if isinstance(s, ast.For) else NOTHING)


def assigned(node: ast.AST) -> Iterator[str]:
    """The names a statement assigns, or a target names; not those of a function or a comprehension in it."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
        case ast.Tuple() | ast.List() | ast.Starred() | ast.stmt():
            for child in children(node):
                yield from assigned(child)
        case ast.expr():
            yield from (part.target.id for part in walked(node) if isinstance(part, ast.NamedExpr))


def _definitions(s: ast.AST) -> Iterator[ast.AST]:
    """The functions defined in a statement, not those inside them."""
    waiting = [s]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node
        else:
            waiting += children(node)


def _loaded(node: ast.AST) -> Iterator[str]:
    """The names an expression or a simple statement reads, also later, in a function it defines; x in x += 1 among them."""
    for part in walked(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            yield part.id
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            yield part.target.id
