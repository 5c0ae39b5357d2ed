"""Where a program's loops stand in its text, and what is computed once in each of their iterations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from adviz.source_text import Span, holds, parsed, span_of
from adviz.table import Elementwise, table

COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Loop(NamedTuple):
    """A for or while statement: the text that is run again and again, and what of it is run exactly once each time, with the name it calls."""

    start: tuple[int, int]
    again: Span
    header: Span  # of a while loop its condition, which is asked once more than there are iterations
    once: dict[Span, str]


@lru_cache(maxsize=64)
def loops(file: str, lines: tuple[str, ...]) -> tuple[Loop, ...]:
    """The loops of one file's text, an outer one before those inside."""
    found = [_loop(node) for node in ast.walk(parsed(file, lines)) if isinstance(node, ast.For | ast.While)]
    return tuple(sorted(found, key=lambda loop: loop.start))


def _loop(node: ast.For | ast.While) -> Loop:
    start, body = (node.lineno, node.col_offset), span_of(node.body[0])[:2]
    end = span_of(node.body[-1])[2:]
    simple = [s for s in node.body if isinstance(s, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return)]
    once = {span_of(part): name for statement in simple for part in _always(statement) for name in [_operation(part)] if name is not None}
    return Loop(start, (*(start if isinstance(node, ast.While) else body), *end), (*start, *body), once)


def _always(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated whenever it is."""
    yield node
    if isinstance(node, ast.Lambda | COMPREHENSIONS):
        return
    sure: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.IfExp):
        sure = [node.test]
    elif isinstance(node, ast.BoolOp):
        sure = [node.values[0]]
    elif isinstance(node, ast.Compare):
        sure = [node.left, node.comparators[0]]
    for child in sure:
        yield from _always(child)


def _operation(node: ast.AST) -> str | None:
    """Of what computes one line each time, or calls a function: "" of an operator, else the function's name."""
    match node:
        case ast.BinOp() | ast.UnaryOp() | ast.AugAssign():
            return ""
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return "" if name in table and isinstance(table[name], Elementwise) else name
    return None


def around(all_loops: tuple[Loop, ...], first_line: int, span: Span) -> list[Loop]:
    """The loops of a function around a place in it, from the outside in; the function begins at that line."""
    return [loop for loop in all_loops if loop.start[0] > first_line and holds(loop.again, span)]
