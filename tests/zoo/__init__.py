"""The zoo: small programs that every way to differentiate must agree on, with points to try them at.

`PROGRAMS` lists them. A program's `function` is written as people write NumPy; its `explicit` twin calls the elemental library for every
operation (programs of arrays have none). Points avoid kinks and ties: what happens there is `test_lattice.py`'s.
Tags: array, branch, break, closure, comprehension, defaults, early return, loop, nested, outputs, recursion, unpacking, while.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from tests.zoo import arrays, finance, language, mechanics, networks, numerics, optimisation, recursion, textbooks
from tests.zoo.points import ARRAYS, SCALARS


class Program(NamedTuple):
    """A function, its twin in the elemental library, points (each a tuple of arguments), and tags."""

    name: str
    function: Callable[..., Any]
    explicit: Callable[..., Any] | None
    points: tuple[tuple[Any, ...], ...]
    tags: frozenset[str]


SHELVES = (optimisation, textbooks, mechanics, finance, numerics, networks, recursion, language)


def shelved(shelf: ModuleType, entries: dict[str, tuple[str, tuple[Any, ...]]], twins: ModuleType | None, *tags: str) -> list[Program]:
    """The programs of a module, in its order."""
    return [
        Program(name, getattr(shelf, name), getattr(twins, name, None), points, frozenset([*filter(None, words.split(", ")), *tags]))
        for name, (words, points) in entries.items()
        if hasattr(shelf, name)
    ]


PROGRAMS: tuple[Program, ...] = (
    *(
        program
        for shelf in SHELVES
        for program in shelved(shelf, SCALARS, import_module(shelf.__name__.replace("tests.zoo", "tests.zoo.explicit")))
    ),
    *shelved(arrays, ARRAYS, None, "array"),
)
