"""The learner's function as a tree: its text found again, its names looked up, its mistakes pointed at.

The text comes from the file or cell the function was written in; a formula brings its own tree. Nothing of it is run here.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from adviz.errors import TransformError
from adviz.position import is_internal, lines_of
from adviz.texts import text

Definition = ast.FunctionDef | ast.Lambda
MISSING: Any = object()  # a name that stands for nothing yet


class Learner(NamedTuple):
    """A function with its text: the tree (line numbers are the file's), the file and its lines, the names around it."""

    name: str
    node: Definition
    file: str
    lines: list[str]
    function: FunctionType | None  # None for a function defined inside another one that is read
    bound: tuple[Any, ...] = ()  # leading arguments it brings along: a method's self, what functools.partial fixed
    keywords: tuple[tuple[str, Any], ...] = ()

    def named(self, name: str) -> Any:
        """What a name that the function does not assign stands for: from the enclosing function, the module, Python itself."""
        f = self.function
        if f is None:
            return MISSING
        if name in f.__code__.co_freevars:
            cell = (f.__closure__ or ())[f.__code__.co_freevars.index(name)]
            try:
                return cell.cell_contents
            except ValueError:  # not assigned yet
                return MISSING
        return f.__globals__.get(name, getattr(builtins, name, MISSING))

    def defaults(self) -> dict[str, Any]:
        """Parameters that have a default, with it."""
        f = self.function
        if f is None:
            return {}
        positional = [a.arg for a in (*self.node.args.posonlyargs, *self.node.args.args)]
        given = f.__defaults__ or ()
        return dict(zip(positional[len(positional) - len(given) :], given, strict=True)) | (f.__kwdefaults__ or {})


def learner(f: Callable[..., Any]) -> Learner:
    """The text of f, as a tree. TransformError where there is none."""
    match f:
        case MethodType():
            inner = learner(f.__func__)
            return inner._replace(bound=(f.__self__, *inner.bound))
        case partial():
            inner = learner(f.func)
            return inner._replace(bound=(*inner.bound, *f.args), keywords=(*inner.keywords, *f.keywords.items()))
        case FunctionType():
            return of_function(f)
    call = getattr(type(f), "__call__", None)  # noqa: B004 - the method itself is wanted, to read it
    if isinstance(call, FunctionType) and not is_internal(call.__code__):
        return of_function(call)._replace(bound=(f,))
    raise refusal("transform.no_source", function=getattr(f, "__name__", type(f).__name__))


def of_function(f: FunctionType) -> Learner:
    """The text of a function made by def or lambda."""
    code = f.__code__
    lines = lines_of(code)
    tree = getattr(f, "__adviz_tree__", None)  # a formula's operations
    if tree is not None:
        return Learner(f.__name__, tree.body[0], code.co_filename, lines, f)
    node = defined(code, lines) if lines else None
    if node is None:
        raise refusal("transform.no_source", function=f.__name__)
    return Learner(f.__name__, node, code.co_filename, lines, f)


def defined(code: CodeType, lines: list[str]) -> Definition | None:
    """The definition that a code object was compiled from; None if the text no longer says so."""
    block = _block(code, lines)
    for module in (block, None) if block is not None else (None,):
        found = _match(code, module if module is not None else _parse("".join(lines), 0))
        if found is not None:
            return found
    return None


def _block(code: CodeType, lines: list[str]) -> ast.Module | None:
    """The lines of a `def` alone, parsed: a file is long and its function is short."""
    first = code.co_firstlineno
    last = max((line for line in _lines(code)), default=first)
    if code.co_name == "<lambda>" or last > len(lines):
        return None
    block = "".join(lines[first - 1 : last])
    indented = block[:1] in (" ", "\t")
    return _parse("if 1:\n" + block if indented else block, first - 1 - indented)


def _lines(code: CodeType) -> Iterator[int]:
    for start, end, *_ in code.co_positions():
        yield end or start or 0
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _lines(constant)


def _parse(source: str, before: int) -> ast.Module | None:
    try:
        return ast.increment_lineno(ast.parse(source), before)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _match(code: CodeType, module: ast.Module | None) -> Definition | None:
    """The definition in a tree that is the code's: by name and line, a lambda by the place of its body."""
    if module is None:
        return None
    if code.co_name != "<lambda>":
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
                if min([node.lineno, *(d.lineno for d in node.decorator_list)]) == code.co_firstlineno:
                    return node
        return None
    spans = [(a, c, b, d) for a, b, c, d in code.co_positions() if None not in (a, b, c, d) and (a, c) != (b, d)]
    lambdas = [node for node in ast.walk(module) if isinstance(node, ast.Lambda)]
    around = [node for node in lambdas if spans and all(_holds(node.body, span) for span in spans)]
    same = [node for node in lambdas if node.lineno == code.co_firstlineno]
    return max(around, key=lambda node: (node.lineno, node.col_offset)) if around else same[0] if len(same) == 1 and not spans else None


def _holds(node: ast.expr, span: Any) -> bool:
    return (node.lineno, node.col_offset) <= span[:2] and span[2:] <= (node.end_lineno, node.end_col_offset)


def refusal(key: str, node: ast.AST | None = None, of: Learner | None = None, **slots: object) -> TransformError:
    """A SyntaxError that points at the learner's line and column and says what to write instead."""
    message = text(key, **slots)
    line = getattr(node, "lineno", None)
    if of is None or line is None:
        return TransformError(message)
    shown = of.lines[line - 1] if 0 < line <= len(of.lines) else ""
    columns = [len(shown.encode()[:c].decode(errors="ignore")) + 1 for c in (node.col_offset, node.end_col_offset or 0)]  # type: ignore[union-attr]
    last = getattr(node, "end_lineno", line)
    return TransformError(message, (of.file, line, columns[0], shown, last, columns[1] if last == line else None))
