"""What a for loop goes through: entries known one by one, constants, or a list with numbers to differentiate in it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

from adviz.transform.values import Bundle, Container, Known, Text, Var, constant_in, is_active, text_of


class Stream(NamedTuple):
    """What a for loop goes through: entries known one by one, or constants as text, or `length` entries of which `item` gives the k-th."""

    items: tuple[Any, ...] | None = None
    text: Text | None = None
    length: Callable[[], Text] | None = None
    item: Callable[[Text], Any] | None = None
    entry: type | None = None  # of the constants

    @property
    def is_active(self) -> bool:
        """Whether an entry has something to differentiate."""
        return self.text is None or (self.items is not None and any(map(is_active, self.items)))


def streamed(r: Any, node: ast.expr) -> Stream:
    """What a loop goes through."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and not node.keywords:
        called = r.value(node.func)
        if isinstance(called, Known) and called.object in (enumerate, zip, reversed) and node.args:
            return BUILTIN[called.object](r, node)
    return of_value(r, r.value(node), node)


def of_value(r: Any, u: Any, node: ast.expr) -> Stream:
    """The entries of a value."""
    match u:
        case Bundle(items=items, kind=kind, keys=keys):
            if kind is dict:
                items = tuple(Text(repr(key), type(key), key) for key in keys)
            types = {item.type for item in items if isinstance(item, Text)}
            entry = types.pop() if len(types) == 1 and all(isinstance(item, Text) for item in items) else None
            made = lambda: r.materialised(u, node)  # noqa: E731
            return Stream(items, text_of(u), lambda: Text(repr(len(items)), int, len(items)), lambda k: r.entry(made(), k, node), entry)
        case Var(kind=Container()):
            return Stream(None, None, lambda: r.fact_of(u, f"len({u.token})", "length"), lambda k: r.entry(u, k, node))
        case Var(kind="number"):
            return Stream(None, None, lambda: r.array_length(u, node), lambda k: r.array_entry(u, k, node))
    text = constant_in(r, u, node, "iterate")
    entry = int if text.type is range else r.entry_type(u)
    kept: list[Text] = []
    whole = lambda: text if text.type in (range, list, tuple) and "(" not in text.code else r.listed(text, kept, node)  # noqa: E731
    return Stream(None, text, lambda: Text(f"len({whole().code})", int), lambda k: Text(f"{whole().inner}[{k.code}]", entry), entry)


def _enumerated(r: Any, node: ast.Call) -> Stream:
    inner = streamed(r, node.args[0])
    start = constant_in(r, r.value(node.args[1]), node, "iterate") if len(node.args) > 1 else Text("0", int, 0)
    items = None
    if inner.items is not None and isinstance(start.known, int):
        items = tuple(Bundle(tuple, (Text(repr(k), int, k), item)) for k, item in enumerate(inner.items, start.known))
    text = None if inner.text is None else Text(f"enumerate({inner.text.code}{'' if start.known == 0 else ', ' + start.code})")
    counted = lambda k: k if start.known == 0 else Text(f"{k.code} + {start.inner}", int, simple=False)  # noqa: E731
    return Stream(items, text, inner.length, lambda k: Bundle(tuple, (counted(k), inner.item(k))))  # type: ignore[misc]


def _zipped(r: Any, node: ast.Call) -> Stream:
    parts = [streamed(r, part) for part in node.args]
    items = text = None
    if all(part.items is not None for part in parts):
        items = tuple(Bundle(tuple, entries) for entries in zip(*(part.items or () for part in parts), strict=False))
    if all(part.text is not None for part in parts):
        text = Text(f"zip({', '.join(part.text.code for part in parts if part.text)})")
    lengths = lambda: [part.length().code for part in parts if part.length]  # noqa: E731
    shortest = lambda: Text(f"min({', '.join(lengths())})" if len(parts) > 1 else lengths()[0], int)  # noqa: E731
    return Stream(items, text, shortest, lambda k: Bundle(tuple, tuple(part.item(k) for part in parts if part.item)))


def _reversed(r: Any, node: ast.Call) -> Stream:
    inner = streamed(r, node.args[0])
    text = None if inner.text is None else Text(f"reversed({inner.text.code})")
    back = lambda k: inner.item(Text(f"{inner.length().inner} - 1 - {k.code}", int, simple=False))  # type: ignore[misc]  # noqa: E731
    return Stream(None if inner.items is None else inner.items[::-1], text, inner.length, back, inner.entry)


BUILTIN: dict[Any, Callable[[Any, ast.Call], Stream]] = {enumerate: _enumerated, zip: _zipped, reversed: _reversed}
