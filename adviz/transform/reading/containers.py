"""Entries of lists: read, cut out, set; names unpacked from them."""

from __future__ import annotations

import ast
from typing import Any

from adviz.transform.reading.displays import joined_kinds, made, materialised, owned, pieces
from adviz.transform.reading.facts import Again
from adviz.transform.reading.learner import MISSING
from adviz.transform.statements import Effect
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Known, Text, Var, constant_in, is_active, text_of


def entry(r: Any, u: Any, index: Text, node: ast.AST) -> Any:
    """u[index] for a list of the program."""
    if isinstance(u, Bundle):
        u = materialised(r, u, node)
    if not isinstance(u, Var) or not isinstance(u.kind, Container):
        return r.array_entry(u, index, node)
    index = r.settled(index, node)
    kind = u.kind.entry
    if isinstance(kind, Bundle):
        r.array_key(u, index.known)
        if index.known is not MISSING and kind.kind in (tuple, list) and isinstance(index.known, int):
            kind = kind.items[index.known]
        elif kind.kind is dict and index.known in kind.keys:
            kind = kind.items[kind.keys.index(index.known)]
        else:
            r.refuse(node, "mixed")
    step = index.known if isinstance(u.kind.entry, Bundle) else EVERY
    return of_kind(r, u, f"{u.token}[{index.code}]", f"{u.shadow}[{index.code}]", kind, node, (*u.path, step))


EVERY = "every entry"  # a step of a path that may lead to any entry


def of_kind(r: Any, u: Var, text: str, shadow: str, kind: Any, node: ast.AST, path: tuple[Any, ...] = ()) -> Any:
    """An entry of that kind: a constant, a place in a parameter, or a variable."""
    if kind == CONSTANT:
        return Text(text)
    if u.readonly:
        var = r.new(kind)
        var.place, var.readonly, var.root, var.path = text, True, u.root, path
        return var
    return r.mirror(kind, text, shadow, node)


def subscript(r: Any, node: ast.Subscript) -> Any:
    """u[index] or u[a:b]"""
    u = r.value(node.value)
    if isinstance(node.slice, ast.Slice):
        return sliced(r, u, node.slice, node)
    if isinstance(u, Var) and u.kind == NUMBER:
        return r.array_subscript(u, node)
    if isinstance(node.slice, ast.Tuple) and isinstance(u, Var) and isinstance(u.kind, Container):
        r.array_after_all(u, node)
    index = constant_in(r, r.value(node.slice), node, "index")
    if isinstance(u, Bundle) and index.known is not MISSING:
        found = known_entry(u, index.known)
        return found if found is not MISSING else _no_entry(r, u, node)
    if isinstance(u, Bundle) and is_active(u):
        return entry(r, r.object(u, node), index, node)
    if isinstance(u, Bundle) and text_of(u) is None:
        r.write_out(node)
    if isinstance(u, Var) and isinstance(u.kind, Container):
        return entry(r, u, index, node)
    return Text(f"{constant_in(r, u, node).inner}[{index.code}]", r.entry_type(u))


def _no_entry(r: Any, u: Bundle, node: ast.AST) -> Text:
    """An index beyond the end: an error of the learner's, if the program comes by."""
    r.emit(Effect("raise KeyError(...)" if u.kind is dict else f"raise IndexError('{u.kind.__name__} index out of range')", r.place(node)))
    return Text("0.0", float, 0.0)


def known_entry(u: Bundle, key: Any) -> Any:
    if u.kind is dict:
        return u.items[u.keys.index(key)] if key in u.keys else MISSING
    return u.items[key] if isinstance(key, int) and -len(u.items) <= key < len(u.items) else MISSING


def sliced(r: Any, u: Any, part: ast.Slice, node: ast.Subscript) -> Any:
    """u[a:b:c]"""
    ends = [None if end is None else text_of(r.value(end)) for end in (part.lower, part.upper, part.step)]
    if any(end is None and given is not None for end, given in zip(ends, (part.lower, part.upper, part.step), strict=True)):
        r.refuse(node, "index")
    if isinstance(u, Bundle) and u.kind is not dict:
        known = [None if end is None else end.known for end in ends]
        if all(end is None or isinstance(end, int) for end in known):
            return made(r, u._replace(items=u.items[slice(*known)], node=node, token=None), node)
        u = materialised(r, u, node) if is_active(u) else u
    text = ":".join("" if end is None else end.code for end in ends[: 2 if ends[2] is None else 3])
    if isinstance(u, Var) and isinstance(u.kind, Container):
        owned(r, u)
        part_of = r.mirror(u.kind, f"{u.token}[{text}]", f"{u.shadow}[{text}]", node)
        part_of.root = u.root
        return part_of
    base = text_of(u)
    if base is None or is_active(u):
        return r.array_subscript(u, node)
    return Text(f"{base.inner}[{text}]", base.type)


def rest_of(r: Any, u: Var, before: int, after: int, node: ast.AST) -> Var:
    """What a name with a star gets: a list of its own."""
    if isinstance(u.kind, Container) and isinstance(u.kind.entry, Bundle):
        r.refuse(node, "starred")
    owned(r, u)
    part = f"[{before or ''}:{-after or ''}]"
    found: Var = r.mirror(u.kind, f"list({u.token}{part})", f"list({u.shadow}{part})", node)
    found.root = u.root
    return found


def promote(r: Any, u: Any, kind: Any, node: ast.AST | None = None) -> None:
    """A constant list gets a shadow after all: what made it is told, and the reading starts again. Told in vain, it was an array."""
    while isinstance(u, Var) and u.origin is None and u.twin is not None:
        u = u.twin
    origin = getattr(u, "origin", None) if isinstance(u, Var) else getattr(u, "node", None)
    if origin is None:
        r.refuse(r.scope.of.node, "changes", name=getattr(u, "hint", None) or "list")
    known = r.facts.active.get(id(origin))
    wider = kind if known is None else joined_kinds(known, kind)
    if wider is None or wider == known:
        r.refuse(*((origin, "list_of") if node is None or wider is None else (node, "array_assignment")))
    r.facts.active[id(origin)] = wider
    raise Again


def store(r: Any, target: ast.Subscript, value: Any) -> None:
    """u[index] = value"""
    if isinstance(target.slice, ast.Slice):
        r.refuse(target, "slice_assignment")
    u = r.value(target.value)
    index = text_of(r.value(target.slice))
    if isinstance(u, Var) and u.kind == NUMBER and index is not None:
        r.list_after_all(u, index.known)
    if index is None or (isinstance(u, Var) and u.kind == NUMBER):
        r.refuse(target, "array_assignment")
    index = r.settled(index, target)
    if isinstance(u, Bundle) and is_active(u):
        u = r.changed_display(u, target)
    if isinstance(u, Var) and isinstance(u.kind, Container):
        owned(r, u)
        text, shadow, kind = pieces(r, value, target)
        if not is_kept_entry(u.kind.entry, index.known, kind):
            fits(r, u, kind, target)
        r.emit_mirror(None, f"{u.token}[{index.code}] = {text}", f"{u.shadow}[{index.code}] = {shadow}", target)
        return
    if is_active(value):
        kind, root = Container(pieces(r, value, target)[2]), target.value
        while isinstance(root, ast.Subscript):
            kind, root = Container(kind), root.value
        promote(r, r.value(root), kind, target)
    base, given = (constant_in(r, part, target) for part in (r.changed(u, target), value))
    r.emit(Effect(f"{base.inner}[{index.code}] = {given.code}", r.place(target)))


def is_kept_entry(entries: Any, index: Any, kind: Any) -> bool:
    """Whether an entry of a list of different things is set to something like itself."""
    if not isinstance(entries, Bundle):
        return False
    keys = entries.keys if entries.kind is dict else range(len(entries.items))
    return index in keys and joined_kinds(entries.items[keys.index(index)], kind) == entries.items[keys.index(index)]


def fits(r: Any, u: Var, kind: Any, node: ast.AST) -> None:
    """The list can hold that; or it is made wider, and the reading starts again."""
    assert isinstance(u.kind, Container)
    if joined_kinds(u.kind.entry, kind) != u.kind.entry:
        promote(r, u, Container(kind))


def unpack(r: Any, targets: list[ast.expr], value: Any, node: ast.expr) -> None:
    """a, b, *c = value"""
    starred = [k for k, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if isinstance(value, Known) or (isinstance(value, Var) and value.kind == NUMBER):
        value = r.array_unpacked(value, len(targets), node)
    if isinstance(value, Bundle):
        items = list(value.items) if value.kind is not dict else [Text(repr(key), type(key), key) for key in value.keys]
        if starred:
            k = starred[0]
            after = len(targets) - k - 1
            items[k : len(items) - after] = [made(r, Bundle(list, tuple(items[k : len(items) - after]), (), node), node)]
        if len(items) != len(targets):
            r.refuse(node, "unpack", targets=len(targets), values=len(value.items))
        for target, item in zip(targets, items, strict=True):
            r.bind(target.value if isinstance(target, ast.Starred) else target, item, None)
        return
    if isinstance(value, Var) and isinstance(value.kind, Container):
        names = ["*_" if k in starred else "_" for k in range(len(targets))]
        r.emit(Effect(f"{', '.join(names)}{',' if len(targets) == 1 else ''} = {value.token}", r.place(node)))
        for k, target in enumerate(targets):
            if isinstance(target, ast.Starred):
                r.bind(target.value, rest_of(r, value, k, len(targets) - k - 1, node), None)
            else:
                at = k - len(targets) if starred and k > starred[0] else k
                r.bind(target, entry(r, value, Text(repr(at), int, at), node), None)
        return
    r.constants_unpacked(ast.Tuple(targets, ast.Store()), constant_in(r, value, node), node)
