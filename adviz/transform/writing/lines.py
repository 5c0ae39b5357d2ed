"""The lines of a program before its names are given: assignments of expressions, copies, and Python as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from adviz.transform.statements import Place
from adviz.transform.values import TOKEN
from adviz.transform.writing.rules import Tree, written


class Assign(NamedTuple):
    """target = tree, or target += tree"""

    depth: int
    target: str
    tree: Tree
    more: bool
    at: Place | None


class Copies(NamedTuple):
    """targets = sources, all at once: where branches meet and passes of a loop begin."""

    depth: int
    pairs: tuple[tuple[str, str], ...]
    at: Place | None


class Raw(NamedTuple):
    """A line of Python."""

    depth: int
    text: str
    at: Place | None


Line = Assign | Copies | Raw


def leaves(tree: Tree) -> list[str]:
    """The texts an expression is made of."""
    if tree.__class__ is str:
        return [tree]
    head = tree[0]
    if head == "number":
        return []
    found: list[str] = []
    for part in tree[2 if head == "call" else 1 :]:
        if part.__class__ is str:
            found.append(part)
        else:
            found += leaves(part)
    return found


@lru_cache(4096)  # most texts are one token, which many lines have
def tokens(text: str) -> tuple[tuple[int, str], ...]:
    """(variable, "." or "~"): the names and shadows that stand in a text."""
    return tuple((int(number), kind) for number, kind in TOKEN.findall(text))


def texts_of(line: Line) -> Iterator[str]:
    """The texts of a line: of an assignment, the expression first, then the target."""
    match line:
        case Assign(target=target, tree=tree):
            yield from leaves(tree)
            yield target
        case Copies(pairs=pairs):
            for target, source in pairs:
                yield source
                yield target
        case Raw(text=text):
            yield text


def shown(line: Line, *, arrays: bool = False) -> str:
    """A line as Python. With arrays a sum is a new array: the old one may go by another name."""
    match line:
        case Assign(target=target, tree=tree, more=True) if arrays:
            return f"{target} = {target} + {written(tree, 11)}"
        case Assign(target=target, tree=tree, more=more):
            return f"{target} {'+=' if more else '='} {written(tree)}"
        case Copies(pairs=pairs):
            return f"{', '.join(target for target, _ in pairs)} = {', '.join(source for _, source in pairs)}"
    return line.text
