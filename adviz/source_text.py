"""The learner's source text: one function's lines, and the statement, comprehension and name around a position in it."""

from __future__ import annotations

import ast
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

from adviz.position import FORMULA, instruction_span

Span = tuple[int, int, int, int]  # line, column, end line, end column; columns in UTF-8 bytes, as the compiler counts


class Source(NamedTuple):
    """The text of one function as it was when the trace ended, for cells get edited."""

    file: str
    name: str
    first_line: int
    text: str

    @property
    def last_line(self) -> int:
        """The number of its last line."""
        return self.first_line + self.text.count("\n")


def source_of(code: CodeType, lines: list[str]) -> Source | None:
    """The text of the function (or the statement of the lambda) the code belongs to; None where the file's text is unknown."""
    if not lines:
        return None
    first, last = _extent(code, lines)
    block = [line.rstrip("\n") for line in lines[first - 1 : last]]
    return Source(code.co_filename, code.co_name, first, "\n".join(block))


def _extent(code: CodeType, lines: list[str]) -> tuple[int, int]:
    """First and last line of the innermost function definition or statement that holds the code's first line."""
    first = max(1, code.co_firstlineno)
    spans = [line for line, *_ in code.co_positions() if line] or [first]
    low, high = min(first, *spans), max(first, *spans)
    best: tuple[int, int] | None = None
    for node in ast.walk(parsed(code.co_filename, tuple(lines))):
        start, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if not isinstance(node, ast.stmt) or start is None or end is None:
            continue
        start = min([start, *(d.lineno for d in getattr(node, "decorator_list", []))])
        if start <= low and high <= end and (best is None or end - start <= best[1] - best[0]):
            best = (start, end)
    return best or (low, min(high, len(lines)))


@lru_cache(maxsize=64)
def parsed(file: str, lines: tuple[str, ...]) -> ast.Module:
    """The syntax tree of a file or cell; empty where its text is not Python (a magic line, a template, a formula)."""
    if file.startswith(FORMULA):
        return ast.Module([], [])
    try:
        return ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


class Statement(NamedTuple):
    """What stands around an instruction: the innermost statement, the comprehensions in it from the outside in, the name assigned."""

    span: Span
    comprehensions: tuple[Span, ...]
    label: str | None


class Statements:
    """Looks up the statement of an instruction in one file's text."""

    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self._statements: list[Span] = []
        self._comprehensions: list[Span] = []
        self._labels: dict[Span, str] = {}
        self._own: dict[int, tuple[CodeType, Span | None]] = {}  # by id, with the code: hashing a code reads all of it
        self._found: dict[tuple[int, int], tuple[CodeType, Statement]] = {}
        for node in ast.walk(parsed(file, lines)):
            if isinstance(node, ast.stmt):
                self._statements.append(_header_span(node))
            elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                self._comprehensions.append(span_of(node))
            self._enter_label(node)

    def _enter_label(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in reversed(targets):  # the first name wins in g = h = ...
                    self._enter_target(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._enter_target(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._enter_target(target, value)
            case ast.AugAssign(target=ast.Name(id=name)):
                self._labels[span_of(node)] = name

    def _enter_target(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self._labels[span_of(value)] = name
            case ast.Tuple(elts=names) | ast.List(elts=names), ast.Tuple(elts=values) | ast.List(elts=values) if len(names) == len(values):
                for one, its in zip(names, values, strict=True):
                    self._enter_target(one, its)

    def at(self, code: CodeType, lasti: int) -> Statement:
        """The statement an instruction belongs to; its line where the text is unknown."""
        found = self._found.get((id(code), lasti))
        if found is None:
            found = self._found[id(code), lasti] = (code, self._look_up(code, lasti))
        return found[1]

    def _look_up(self, code: CodeType, lasti: int) -> Statement:
        span = span_at(code, lasti)
        around = [s for s in self._statements if holds(s, span)]
        own = self._own_comprehension(code)
        inside = [c for c in self._comprehensions if holds(c, span) and (own is None or c != own and holds(own, c))]
        return Statement(max(around, default=(span[0], 0, span[0], 10**6)), tuple(sorted(inside)), self._labels.get(span))

    def _own_comprehension(self, code: CodeType) -> Span | None:
        """The comprehension that is a frame of its own (before Python 3.12, and every generator expression)."""
        if code.co_name not in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
            return None
        if id(code) not in self._own:
            spans = [s for s in (span_at(code, 2 * k) for k in range(len(code.co_code) // 2)) if s[1:] != (0, s[0], 10**6)]
            self._own[id(code)] = code, max((c for c in self._comprehensions if all(holds(c, s) for s in spans)), default=None)
        return self._own[id(code)][1]


@lru_cache(maxsize=64)
def statements(file: str, lines: tuple[str, ...]) -> Statements:
    """The statements of one file's text, read once."""
    return Statements(file, lines)


def span_at(code: CodeType, lasti: int) -> Span:
    line, end_line, column, end_column = instruction_span(code, lasti)
    line = line or code.co_firstlineno
    known = column is not None and end_column is not None
    return (line, column or 0, end_line or line, end_column or 0) if known else (line, 0, line, 10**6)


def span_of(node: ast.AST) -> Span:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def _header_span(node: ast.stmt) -> Span:
    """A statement's span; of a compound statement only what stands before its body."""
    body = getattr(node, "body", None)
    if not isinstance(body, list) or not body:
        return span_of(node)
    return node.lineno, node.col_offset, body[0].lineno, body[0].col_offset


def holds(outer: Span, inner: Span) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]
