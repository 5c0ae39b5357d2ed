"""Nested tuples, lists and dicts of numbers and arrays: taken apart into leaves with names, and put together again.

A tree is `LEAF` or a `Branches`: what kind of container, the key of each part, the tree of each part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

LEAF = None


class Branches(NamedTuple):
    """A container: its type, its keys (positions for a tuple or a list), the tree of each part."""

    kind: type[Any]
    keys: tuple[Any, ...]
    parts: tuple[Any, ...]

    def build(self, entries: Iterable[Any]) -> Any:
        """A container of this kind with these entries."""
        if issubclass(self.kind, dict):
            return dict(zip(self.keys, entries, strict=True))
        make = getattr(self.kind, "_make", self.kind)  # a NamedTuple takes its fields one by one
        return make(entries)


def flatten(u: Any, name: str = "") -> tuple[list[tuple[str, Any]], Any]:
    """The leaves of u, each with its name, and the tree they hung on; whatever is no tuple, list or dict is a leaf.

    >>> flatten([[1.0, 2.0], {"b": 3.0}], "w")
    ([('w[0][0]', 1.0), ('w[0][1]', 2.0), ("w[1]['b']", 3.0)], Branches(kind=<class 'list'>, keys=(0, 1), parts=(...)))
    """
    entries: Iterable[tuple[Any, Any]]
    match u:
        case dict():
            entries = u.items()
        case tuple() | list():
            entries = enumerate(u)
        case _:
            return [(name, u)], LEAF
    keys, found, parts = [], [], []
    for key, value in entries:
        leaves, tree = flatten(value, f"{name}[{key!r}]")
        keys.append(key)
        found += leaves
        parts.append(tree)
    return found, Branches(type(u), tuple(keys), tuple(parts))


def rebuild(tree: Any, leaves: Iterable[Any]) -> Any:
    """The leaves, in order, on the tree they came from or another one of its shape.

    >>> leaves, tree = flatten({"a": 1.0, "b": (2.0, 3.0)})
    >>> rebuild(tree, [10 * x for _, x in leaves])
    {'a': 10.0, 'b': (20.0, 30.0)}
    """
    return _take(tree, iter(leaves))


def _take(tree: Any, leaves: Iterator[Any]) -> Any:
    return next(leaves) if tree is LEAF else tree.build([_take(part, leaves) for part in tree.parts])


def map_leaves(function: Callable[[Any], Any], u: Any) -> Any:
    """The same structure with function(leaf) for every leaf.

    >>> map_leaves(abs, ([-1.0], -2.0))
    ([1.0], 2.0)
    """
    leaves, tree = flatten(u)
    return rebuild(tree, [function(leaf) for _, leaf in leaves])
