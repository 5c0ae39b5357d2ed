"""Shrinking: the smallest program found that still fails, by taking parts away as long as that helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.program_text import text
from tests.random_programs import Program, Tree, execute


def shrunk(program: Program, fails: Callable[[Program], bool]) -> Program:
    """The smallest program found that still fails, by taking parts away as long as that helps. `fails` may raise: then it does not count."""
    while True:
        for smaller in sorted(variants(program), key=size):
            if size(smaller) < size(program) and still(fails, smaller):
                program = smaller
                break
        else:
            return program


def size(program: Program) -> int:
    """How much there is to read."""
    return len(text(program)) + sum(len(repr(x)) for x in program.point.values())


def still(fails: Callable[[Program], bool], program: Program) -> bool:
    """Whether a smaller program is one that can be judged, and fails as well."""
    try:
        execute(program.body, dict(program.point), program.helper)
        return fails(program)
    except Exception:  # a name that is no longer assigned, a point that left the domain
        return False


def variants(program: Program) -> Iterator[Program]:
    """The program with one thing taken away or made simpler."""
    for body in fewer(program.body):
        yield program._replace(body=body)
    for statement in program.body:
        if statement[0] == "let" and statement[2][0] == "name":  # a copy: call it by the name it was copied from
            rest = tuple(s for s in program.body if s is not statement)
            yield program._replace(body=renamed(rest, statement[1], statement[2][1]), outputs=renamed(program.outputs, statement[1], statement[2][1]))
    for helper in fewer(program.helper):
        yield program._replace(helper=helper)
    for k in range(len(program.outputs)):
        if len(program.outputs) > 1:
            yield program._replace(outputs=program.outputs[:k] + program.outputs[k + 1 :])
    for name in [*program.point, *assigned(program.body)]:
        yield program._replace(outputs=(name,))
    for name, x in program.point.items():
        if len(program.point) > 1:
            yield program._replace(point={other: y for other, y in program.point.items() if other != name})
        for simpler in (1.0, 2.0, 0.5, float(round(x)), round(x, 1)):
            yield program._replace(point=program.point | {name: simpler})


def assigned(statements: tuple[Tree, ...]) -> list[str]:
    return [s[1] for s in statements if s[0] == "let"]


def renamed(tree: Any, old: str, new: str) -> Any:
    """The same with another name in place of one."""
    if isinstance(tree, tuple):
        return tuple(renamed(part, old, new) for part in tree)
    return new if tree == old else tree


def fewer(statements: tuple[Tree, ...]) -> Iterator[tuple[Tree, ...]]:
    """Statements with one of them gone, opened or simplified."""
    for k, statement in enumerate(statements):
        before, after = statements[:k], statements[k + 1 :]
        yield before + after
        for replaced in simpler_statements(statement):
            yield before + replaced + after


def simpler_statements(statement: Tree) -> Iterator[tuple[Tree, ...]]:
    match statement:
        case ("let", name, e):
            yield from ((("let", name, smaller),) for smaller in simpler(e))
        case ("more", name, row, e):
            yield from ((("more", name, row, smaller),) for smaller in simpler(e))
        case ("if", condition, body, other):
            yield from (body, other)
            yield from ((("if", condition, smaller, other),) for smaller in fewer(body))
            yield from ((("if", condition, body, smaller),) for smaller in fewer(other))
            for side in (1, 2):
                yield from ((("if", (*condition[:side], e, *condition[side + 1 :]), body, other),) for e in simpler(condition[side]))
        case ("for", count, body):
            yield from (body, (("for", count - 1, body),))
            yield from ((("for", count, smaller),) for smaller in fewer(body))
        case ("while", name, limit, body):
            yield body
            yield from ((("while", name, limit, smaller),) for smaller in fewer(body))


def simpler(e: Tree) -> Iterator[Tree]:
    """An expression with an operation replaced by an operand, or a number by a rounder one."""
    match e:
        case ("number", x):
            yield from (("number", y) for y in (1.0, 2.0, float(round(x))) if y != x)
        case ("slope", t, inside, at):
            yield from (at, renamed(inside, t, at[1]))
            yield from (("slope", t, smaller, at) for smaller in simpler(inside))
        case ("helper" | "op", *_):
            first = 1 if e[0] == "helper" else 2
            yield from e[first:]
            for k in range(first, len(e)):
                yield from ((*e[:k], smaller, *e[k + 1 :]) for smaller in simpler(e[k]))
