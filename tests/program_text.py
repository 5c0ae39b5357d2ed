"""A random program as Python: its text, and the function that the text defines."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.random_programs import OPERATIONS, Program, Tree


def text(program: Program) -> str:
    """The program as a Python function f."""
    head = [f"def f({', '.join(program.point)}):"]
    if program.helper:
        head += ["    def helper(u, w):", *lines(program.helper, "        "), "        return u", ""]
    return "\n".join([*head, *lines(program.body, "    "), f"    return {', '.join(program.outputs)}", ""])


def compiled(program: Program, D: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """The function, with lines that can be looked up; D is the derivative it calls."""
    source = text(program)
    file = f"<random program {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {"np": np, "D": D}
    exec(compile(source, file, "exec"), names)  # noqa: S102 - the text this module wrote
    return names["f"]


def forget(f: Callable[..., Any]) -> None:
    """The lines of a function that is no longer needed."""
    linecache.cache.pop(f.__code__.co_filename, None)


def lines(statements: tuple[Tree, ...], indent: str) -> Iterator[str]:
    """Statements as lines of Python."""
    for statement in statements:
        match statement:
            case ("let", name, e):
                yield f"{indent}{name} = {written(e)}"
            case ("more", name, row, e):
                yield f"{indent}{name} {OPERATIONS[row][1].split()[1]}= {written(e)}"
            case ("if", (symbol, a, b), body, other):
                yield f"{indent}if {written(a)} {symbol} {written(b)}:"
                yield from lines(body, indent + "    ") if body else (indent + "    pass",)
                if other:
                    yield f"{indent}else:"
                    yield from lines(other, indent + "    ")
            case ("for", count, body):
                yield f"{indent}for _ in range({count}):"
                yield from lines(body, indent + "    ") if body else (indent + "    pass",)
            case ("while", name, limit, body):
                yield f"{indent}while {name} > {limit!r}:"
                yield from lines(body, indent + "    ") if body else (indent + "    break",)


def written(e: Tree) -> str:
    """An expression as Python."""
    match e:
        case ("name", name):
            return str(name)
        case ("number", x):
            return repr(x) if not math.copysign(1.0, x) < 0 else f"({x!r})"
        case ("helper", a, b):
            return f"helper({written(a)}, {written(b)})"
        case ("slope", t, inside, at):
            return f"D(lambda {t}: {written(inside)})({written(at)})"
    operands = [f"({written(u)})" if u[0] == "op" and not is_call(u[1]) and not is_call(e[1]) else written(u) for u in e[2:]]
    return OPERATIONS[e[1]][1].format(*operands)


def is_call(row: str) -> bool:
    """Whether it is written with parentheses of its own."""
    return OPERATIONS[row][1].endswith(")")
