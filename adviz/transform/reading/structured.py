"""A function without jumps: return, break and continue become assignments, and what follows them moves into an else.

Afterwards a body is a list of assignments, ifs and loops, each entered at its top and left at its end, so that it can be run backwards.
The names that hold the result and the flags are no Python names (`<result>`), so that no learner's name is theirs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

RESULT, RETURNED = "<result>", "<returned>"
FALLS = frozenset({"falls"})  # a list of statements is left through its end, or by "return", "break", "continue"


class Flags(NamedTuple):
    """The names of a loop's flags: leave it, go on with its next pass."""

    stop: str
    skip: str


class Structured:
    """One function's body without jumps: `body`; `stops` has the flag of each loop that may be left early, by the loop's id."""

    def __init__(self, node: ast.FunctionDef | ast.Lambda) -> None:
        self._loops = count(1)
        self._read: set[str] = set()
        self.stops: dict[int, str] = {}
        if isinstance(node, ast.Lambda):
            self.body: list[ast.stmt] = [_assign(RESULT, node.body, node.body)]
            return
        ends = [_located(ast.Expr(ast.Name(RESULT, ast.Del())), node)] if "falls" in exits(node.body) else []
        body = self._list([*node.body, *ends], None)
        self.body = self._kept([_assign(RETURNED, ast.Constant(False), node.body[0]), *body])

    def _list(self, statements: list[ast.stmt], loop: Flags | None) -> list[ast.stmt]:
        """The statements without jumps."""
        out: list[ast.stmt] = []
        for k, s in enumerate(statements):
            rest = statements[k + 1 :]
            match s:
                case ast.Return(value=value):
                    flags = [RETURNED, loop.stop] if loop else [RETURNED]
                    return [*out, _assign(RESULT, value or ast.Constant(None), s), *(_assign(flag, ast.Constant(True), s) for flag in flags)]
                case ast.Break() | ast.Continue() if loop:
                    return [*out, _assign(loop.stop if isinstance(s, ast.Break) else loop.skip, ast.Constant(True), s)]
                case ast.Raise():
                    return [*out, s]
                case ast.If() if exits([s]) != FALLS:
                    return [*out, *self._branches(s, rest, loop)]
                case ast.For() | ast.While():
                    lines, rest = self._loop(s, rest, loop)
                    out += lines
                    if "return" in exits([s]):
                        return [*out, *self._guarded(rest, {"return"}, s, loop)]
                    return [*out, *self._list(rest, loop)]
                case ast.If(test=test, body=body, orelse=orelse):
                    out.append(_if(s, test, self._list(body, loop), self._list(orelse, loop)))
                case _:
                    out.append(s)
        return out

    def _branches(self, s: ast.If, rest: list[ast.stmt], loop: Flags | None) -> list[ast.stmt]:
        """An if that may be left by a jump. What follows it moves into the only branch that reaches it, or waits for the flags."""
        body, other = exits(s.body), exits(s.orelse)
        if "falls" not in body:
            return [_if(s, s.test, self._list(s.body, loop), self._list(s.orelse + rest, loop))]
        if "falls" not in other:
            return [_if(s, s.test, self._list(s.body + rest, loop), self._list(s.orelse, loop))]
        whole = _if(s, s.test, self._list(s.body, loop), self._list(s.orelse, loop))
        return [whole, *self._guarded(rest, body | other, s, loop)]

    def _guarded(self, rest: list[ast.stmt], left: frozenset[str] | set[str], at: ast.stmt, loop: Flags | None) -> list[ast.stmt]:
        """The rest, which runs unless one of these jumps was made."""
        flags = {loop.skip} if loop and "continue" in left else set()
        if left & {"return", "break"}:
            flags.add(loop.stop if loop else RETURNED)
        if not rest:
            return []
        self._read |= flags
        tests: list[ast.expr] = [_not(flag) for flag in sorted(flags)]
        return [_if(at, tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests), self._list(rest, loop), [])]

    def _loop(self, s: ast.For | ast.While, rest: list[ast.stmt], outer: Flags | None) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """A loop whose body is left at its end, and what follows it: first its else."""
        number = next(self._loops)
        flags = Flags(f"<stop {number}>", f"<skip {number}>")
        if isinstance(s, ast.While) and any(isinstance(node, ast.NamedExpr) for node in ast.walk(s.test)):  # the test assigns
            leave = _located(ast.If(ast.UnaryOp(ast.Not(), s.test), [ast.Break()], []), s.test)
            s = ast.copy_location(ast.While(_located(ast.Constant(True), s), [leave, *s.body], s.orelse), s)
        body = self._list(s.body, flags)
        if flags.skip in self._read:
            body.insert(0, _assign(flags.skip, ast.Constant(False), s))
        done = ast.copy_location(ast.For(s.target, s.iter, body, []) if isinstance(s, ast.For) else ast.While(s.test, body, []), s)
        lines: list[ast.stmt] = [done]
        if exits(s.body) & {"break", "return"}:
            body.insert(0, _assign(flags.stop, ast.Constant(False), s))
            self.stops[id(done)] = flags.stop
            self._read.add(flags.stop)
            if s.orelse:
                lines.insert(0, _assign(flags.stop, ast.Constant(False), s))
                rest = [_if(s, _not(flags.stop), s.orelse, []), *rest]
        else:
            rest = s.orelse + rest
        if outer and "return" in exits(s.body):
            self._read.add(RETURNED)
            lines.append(_if(s, ast.Name(RETURNED, ast.Load()), [_assign(outer.stop, ast.Constant(True), s)], []))
        return lines, rest

    def _kept(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """The statements without assignments to flags that nobody reads."""
        out: list[ast.stmt] = []
        for s in statements:
            match s:
                case ast.Assign(targets=[ast.Name(id=name)]) if name.startswith((RETURNED, "<stop ", "<skip ")) and name not in self._read:
                    continue
                case ast.If():
                    s = _if(s, s.test, self._kept(s.body), self._kept(s.orelse))
                case ast.For() | ast.While():
                    s.body = self._kept(s.body)
            out.append(s)
        return out


def exits(statements: list[ast.stmt]) -> frozenset[str]:
    """The ways a list of statements may be left; none of them where it always raises or never ends."""
    found: frozenset[str] = frozenset()
    for s in statements:
        left = _exits_of(s)
        found |= left - FALLS
        if "falls" not in left:
            return found
    return found | FALLS


def _exits_of(s: ast.stmt) -> frozenset[str]:
    match s:
        case ast.Return():
            return frozenset({"return"})
        case ast.Break():
            return frozenset({"break"})
        case ast.Continue():
            return frozenset({"continue"})
        case ast.Raise():
            return frozenset()
        case ast.If(body=body, orelse=orelse):
            return exits(body) | exits(orelse)
        case ast.For(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
            inside = exits(body)
            endless = isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and bool(s.test.value)
            after: frozenset[str] = frozenset() if endless else exits(orelse)
            return after | (inside & {"return"}) | (FALLS if "break" in inside else frozenset())
    return FALLS


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right under one: `ast.iter_child_nodes` in half the time."""
    found: list[ast.AST] = []
    for part in node.__dict__.values():
        if isinstance(part, ast.AST):
            found.append(part)
        elif part.__class__ is list:
            found += [child for child in part if isinstance(child, ast.AST)]
    return found


def walked(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all under it."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)


def _if(at: ast.stmt, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> ast.If:
    return _located(ast.If(test, body or [ast.Pass()], orelse), at)


def _not(flag: str) -> ast.expr:
    return ast.UnaryOp(ast.Not(), ast.Name(flag, ast.Load()))


def _assign(name: str, value: ast.expr, at: ast.AST) -> ast.stmt:
    return _located(ast.Assign([ast.Name(name, ast.Store())], value), at)


def _located(node: Any, at: ast.AST) -> Any:
    """The node, and what it is made of, at the place of another one in the learner's text."""
    if not hasattr(node, "lineno"):
        ast.copy_location(node, at)
    for part in children(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            _located(part, at)
    return node
