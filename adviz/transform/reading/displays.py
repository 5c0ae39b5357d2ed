"""Tuples, lists and dicts as they are written: bundles of their entries, or objects of the program with shadows of the same shape.

What is done to such an object is done to its shadow (`Mirror`), so that an entry and its adjoint are always found at the same place.
"""

from __future__ import annotations

import ast
from typing import Any

from adviz.transform.reading.facts import Again
from adviz.transform.statements import NOTHING
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Var, constant_in, is_active


def display(r: Any, node: ast.Tuple | ast.List) -> Any:
    """(a, b, *c) or [a, b, *c]"""
    kind = tuple if isinstance(node, ast.Tuple) else list
    items: list[Any] = []
    wanted = r.facts.active.get(id(node))
    if isinstance(wanted, Container) and isinstance(wanted.entry, Container):
        for part in node.elts:
            r.facts.active.setdefault(id(part), wanted.entry)
    for k, part in enumerate(node.elts):
        u = r.value(part.value if isinstance(part, ast.Starred) else part)
        if isinstance(part, ast.Starred) and isinstance(u, Bundle):
            items += u.items
        elif isinstance(part, ast.Starred):
            return _spread(r, node, k)
        else:
            items.append(u)
    return made(r, Bundle(kind, tuple(items), (), node), node)


def _spread(r: Any, node: ast.Tuple | ast.List, k: int) -> Any:
    """A display with the entries of a list in it: the pieces, joined."""
    pieces: list[ast.expr] = []
    for part in node.elts:
        new: ast.expr = ast.Call(ast.Name("list", ast.Load()), [part.value], []) if isinstance(part, ast.Starred) else ast.List([part], ast.Load())
        pieces.append(ast.fix_missing_locations(ast.copy_location(new, part)))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = ast.copy_location(ast.BinOp(whole, ast.Add(), piece), node)
    return r.value(whole)


def made(r: Any, bundle: Bundle, node: ast.AST) -> Any:
    """A display: a bundle, unless it has turned out that the program needs the object."""
    if id(node) in r.facts.active or (id(node) in r.facts.made and is_active(bundle)):
        return materialised(r, bundle, node)
    return bundle


def materialised(r: Any, bundle: Any, node: ast.AST) -> Any:
    """A bundle as an object of the program, with its shadow."""
    if not isinstance(bundle, Bundle):
        return bundle
    wanted = r.facts.active.get(id(node))
    value, shadow, kind = pieces(r, bundle, node)
    var = r.mirror(widest(r, kind, wanted, node) if wanted else kind, value, shadow, node)
    var.type = bundle.kind
    return var


def pieces(r: Any, u: Any, node: ast.AST) -> tuple[str, str, Any]:
    """The text of an entry, of its shadow, and its kind."""
    match u:
        case Var(kind=kind) if kind != CONSTANT:
            owned(r, u)
            return u.token, u.shadow, kind
        case Bundle(kind=kind, items=items, keys=keys):
            parts = [pieces(r, item, node) for item in items]
            texts = [_display(kind, [part[k] for part in parts], keys) for k in (0, 1)]
            kinds = [part[2] for part in parts]
            entry = kinds[0] if kinds else CONSTANT
            for other in kinds[1:]:
                entry = joined_kinds(entry, other)
            return texts[0], texts[1], Container(Bundle(kind, tuple(kinds), keys) if entry is None else entry)
    return constant_in(r, u, node, "list_of").code, NOTHING, CONSTANT


def _display(kind: type, parts: list[str], keys: tuple[Any, ...]) -> str:
    if kind is dict:
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(keys, parts, strict=True)) + "}"
    inside = ", ".join(parts)
    return f"[{inside}]" if kind is list else f"({inside}{',' if len(parts) == 1 else ''})"


def joined_kinds(a: Any, b: Any) -> Any:
    """The kind of entries of both kinds; None if they have nothing in common."""
    if a == b:
        return a
    if {a, b} == {NUMBER, CONSTANT} if isinstance(a, str) and isinstance(b, str) else False:
        return NUMBER
    if isinstance(a, Container) and isinstance(b, Container):
        entry = joined_kinds(a.entry, b.entry)
        return None if entry is None else Container(entry)
    return None


def widest(r: Any, kind: Any, wanted: Any, node: ast.AST) -> Any:
    return wanted if kind in (CONSTANT, Container(CONSTANT)) else joined_kinds(kind, wanted) or r.refuse(node, "list_of")


def owned(r: Any, u: Any) -> Any:
    """A list that is more than read: the adjoint of each entry needs a cell. Again, if a parameter was thought to be read only."""
    root = getattr(u, "root", None)
    if root is not None and root.readonly:
        r.facts.cells.add(root.hint)
        raise Again
    return u
