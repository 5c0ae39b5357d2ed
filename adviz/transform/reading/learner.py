"""The learner's function as a tree: its text found again, its names looked up, its mistakes pointed at.

The text comes from the file or cell the function was written in; a formula brings its own tree. Nothing of it is run here.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from functools import partial
from inspect import signature
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from adviz.errors import TransformError
from adviz.position import FORMULA, is_internal, lines_of
from adviz.table import Elementwise, table
from adviz.texts import text

Definition = ast.FunctionDef | ast.Lambda
MISSING: Any = object()  # a name that stands for nothing yet


class Learner(NamedTuple):
    """A function with its text: the tree, whose line numbers are the file's less `before`; the file and its lines; the names around it."""

    name: str
    node: Definition
    file: str
    lines: list[str]
    function: Any  # a FunctionType; None for a function defined inside another one that is read
    before: int = 0
    bound: tuple[Any, ...] = ()  # leading arguments it brings along: a method's self, what functools.partial fixed
    keywords: tuple[tuple[str, Any], ...] = ()
    itself: Any = None  # a function without a text, which is called by a text of ours

    def named(self, name: str) -> Any:
        """What a name that the function does not assign stands for: from the enclosing function, the module, Python itself."""
        if self.itself is not None and name == ITSELF:
            return self.itself
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
    return of_builtin(f)


ITSELF = "<function>"


def of_builtin(f: Callable[..., Any]) -> Learner:
    """A function without a text, np.sin or abs: what calls it with as many arguments as it takes."""
    row = table.get(f)
    try:
        count = len(row.partials) if isinstance(row, Elementwise) else sum(p.default is p.empty for p in signature(f).parameters.values())
    except (TypeError, ValueError):
        count = 1
    name = getattr(f, "__name__", type(f).__name__)
    arguments = [ast.arg(f"x{k + 1}" if count > 1 else "x") for k in range(count)]
    call = ast.Call(ast.Name(ITSELF, ast.Load()), [ast.Name(a.arg, ast.Load()) for a in arguments], [])
    node = ast.Lambda(ast.arguments([], arguments, None, [], [], None, []), call)
    for part in ast.walk(node):
        part.lineno, part.col_offset, part.end_lineno, part.end_col_offset = 1, 0, 1, 0  # type: ignore[attr-defined]
    return Learner(name, node, f"<{name}>", [f"{name}({', '.join(a.arg for a in arguments)})"], None, itself=f)


def of_formula(f: FunctionType, lines: list[str]) -> Learner:
    """A formula typed as text: its operations, one after the other."""
    from adviz.formulas import callable_rows
    from adviz.parse import read

    found = read(str(f.__doc__), callable_rows(), f.__code__.co_varnames[: f.__code__.co_argcount])
    value = lambda u: repr(u) if isinstance(u, float) else u if isinstance(u, str) else f"_{u}"  # noqa: E731
    body = [f"    _{k} = _{o.row}({', '.join(map(value, o.operands))})" for k, o in enumerate(found.operations)]
    source = "\n".join([f"def f({', '.join(found.variables)}):", *body, f"    return {value(found.result)}"])
    node = ast.parse(source).body[0]
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id[0] == "_" and part.id[1:].isdigit():
            part.id = f"<{part.id[1:]}>"  # no name of the learner's
        if hasattr(part, "lineno"):
            part.lineno, part.col_offset, part.end_lineno, part.end_col_offset = 1, 0, 1, len(lines[0]) if lines else 0  # type: ignore[attr-defined]
    assert isinstance(node, ast.FunctionDef)
    return Learner("f", node, f.__code__.co_filename, lines, f)


def of_function(f: FunctionType) -> Learner:
    """The text of a function made by def or lambda."""
    code = f.__code__
    lines = lines_of(code)
    if code.co_filename.startswith(FORMULA):
        return of_formula(f, lines)
    node, before = defined(code, lines) if lines else (None, 0)
    if node is None:
        raise refusal("transform.no_source", function=f.__name__)
    return Learner(f.__name__, node, code.co_filename, lines, f, before)


def defined(code: CodeType, lines: list[str]) -> tuple[Definition | None, int]:
    """The definition that a code object was compiled from, and how many lines stand before what was parsed; None if the text no longer
    says so. A file is long and its function is short: the lines of a `def` are tried first."""
    first = code.co_firstlineno
    last = max((line for line in _lines(code)), default=first)
    if code.co_name != "<lambda>" and last <= len(lines):
        block = "".join(lines[first - 1 : last])
        indented = block[:1] in (" ", "\t")
        before = first - 1 - indented
        found = _match(code, _parse("if 1:\n" + block if indented else block), before)
        if found is not None:
            return found, before
    return _match(code, _parse("".join(lines)), 0), 0


def _lines(code: CodeType) -> Iterator[int]:
    for start, end, *_ in code.co_positions():
        yield end or start or 0
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _lines(constant)


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _match(code: CodeType, module: ast.Module | None, before: int) -> Definition | None:
    """The definition in a tree that is the code's: by name and line, a lambda by the place of its body."""
    if module is None:
        return None
    if code.co_name != "<lambda>":
        named = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name == code.co_name]
        starts = (min([node.lineno, *(d.lineno for d in node.decorator_list)]) for node in named)
        return next((node for node, line in zip(named, starts, strict=True) if line + before == code.co_firstlineno), None)
    spans = [(a, c, b, d) for a, b, c, d in code.co_positions() if None not in (a, b, c, d) and (a, c) != (b, d)]
    lambdas = [node for node in ast.walk(module) if isinstance(node, ast.Lambda)]
    around = [node for node in lambdas if spans and all(_holds(node.body, span) for span in spans)]
    if around or spans:
        return max(around, key=lambda node: (node.lineno, node.col_offset), default=None)
    same = [node for node in lambdas if node.lineno == code.co_firstlineno]
    return same[0] if len(same) == 1 else next((node for node in same if _is_constant(node, code)), None)


def _is_constant(node: ast.Lambda, code: CodeType) -> bool:
    """Whether a lambda and a code object return the same constant: its instructions have no places in Python 3.12."""
    names = tuple(a.arg for a in arguments(node))
    same = isinstance(node.body, ast.Constant) and (type(node.body.value), node.body.value) in [(type(c), c) for c in code.co_consts]
    return same and names == code.co_varnames[: len(names)]


def arguments(node: Definition) -> list[ast.arg]:
    """All parameters of a definition."""
    a = node.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *([a.vararg] if a.vararg else []), *([a.kwarg] if a.kwarg else [])]


def _holds(node: ast.expr, span: Any) -> bool:
    return (node.lineno, node.col_offset) <= span[:2] and span[2:] <= (node.end_lineno, node.end_col_offset)


def refusal(key: str, node: ast.AST | None = None, of: Learner | None = None, **slots: object) -> TransformError:
    """A SyntaxError that points at the learner's line and column and says what to write instead."""
    message = text(key, **slots)
    line = getattr(node, "lineno", None)
    if of is None or line is None:
        return TransformError(message)
    line += of.before
    shown = of.lines[line - 1] if 0 < line <= len(of.lines) else ""
    columns = [len(shown.encode()[:c].decode(errors="ignore")) + 1 for c in (node.col_offset, node.end_col_offset or 0)]  # type: ignore[union-attr]
    last = of.before + getattr(node, "end_lineno", line)
    return TransformError(message, (of.file, line, columns[0], shown, last, columns[1] if last == line else None))
