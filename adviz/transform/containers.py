"""Lists, tuples and dicts with numbers in them: an object of the program has a shadow of the same shape, which holds adjoints or tangents.

What is done to the list is done to the shadow (`Mirror`), so that an entry and its adjoint are always found at the same place.
"""

from __future__ import annotations

import ast
from typing import Any

from adviz.transform.facts import Again
from adviz.transform.learner import MISSING
from adviz.transform.statements import NOTHING, Effect
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Known, Text, Var, is_active, kind_of, text_of

LARGEST = 64  # entries that are written out one by one


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


def made(r: Any, bundle: Bundle, node: ast.expr) -> Any:
    """A display: a bundle, unless it has turned out that the program needs the object."""
    if id(node) in r.facts.active or (id(node) in r.facts.made and is_active(bundle)):
        return materialised(r, bundle, node)
    return bundle


def materialised(r: Any, bundle: Any, node: ast.AST) -> Any:
    """A bundle as an object of the program, with its shadow."""
    if not isinstance(bundle, Bundle):
        return bundle
    wanted = r.facts.active.get(id(node))
    value, shadow, kind = _pieces(r, bundle, node)
    return r.mirror(_widest(r, kind, wanted, node) if wanted else kind, value, shadow, node)


def _pieces(r: Any, u: Any, node: ast.AST) -> tuple[str, str, Any]:
    """The text of an entry, of its shadow, and its kind."""
    match u:
        case Var(kind=kind) if kind != CONSTANT:
            owned(r, u)
            return u.token, u.shadow, kind
        case Bundle(kind=kind, items=items, keys=keys):
            parts = [_pieces(r, item, node) for item in items]
            texts = [_display(kind, [part[k] for part in parts], keys) for k in (0, 1)]  # type: ignore[misc]
            kinds = [part[2] for part in parts]
            entry = kinds[0] if kinds else CONSTANT
            for other in kinds[1:]:
                entry = _joined(entry, other)
            return texts[0], texts[1], Container(Bundle(kind, tuple(kinds), keys) if entry is None else entry)
    text = text_of(u)
    if text is None:
        r.refuse(node, "list_of")
    return text.code, NOTHING, CONSTANT


def _display(kind: type, parts: list[str], keys: tuple[Any, ...]) -> str:
    if kind is dict:
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(keys, parts, strict=True)) + "}"
    inside = ", ".join(parts)
    return f"[{inside}]" if kind is list else f"({inside}{',' if len(parts) == 1 else ''})"


def _joined(a: Any, b: Any) -> Any:
    """The kind of entries of both kinds; None if they have nothing in common."""
    if a == b:
        return a
    if {a, b} == {NUMBER, CONSTANT} if isinstance(a, str) and isinstance(b, str) else False:
        return NUMBER
    if isinstance(a, Container) and isinstance(b, Container):
        entry = _joined(a.entry, b.entry)
        return None if entry is None else Container(entry)
    return None


def _widest(r: Any, kind: Any, wanted: Any, node: ast.AST) -> Any:
    return wanted if kind in (CONSTANT, Container(CONSTANT)) else _joined(kind, wanted) or r.refuse(node, "list_of")


def owned(r: Any, u: Any) -> Any:
    """A list that is more than read: the adjoint of each entry needs a cell. Again, if a parameter was thought to be read only."""
    root = getattr(u, "root", None)
    if root is not None and root.readonly:
        r.facts.cells.add(root.hint)
        raise Again
    return u


def entry(r: Any, u: Any, index: Text, node: ast.AST) -> Any:
    """u[index] for a list of the program."""
    if isinstance(u, Bundle):
        u = materialised(r, u, node)
    if not isinstance(u, Var) or not isinstance(u.kind, Container):
        return r.array_entry(u, index, node)
    index = r.settled(index, node)
    kind = u.kind.entry
    if isinstance(kind, Bundle):
        if index.known is not MISSING and kind.kind in (tuple, list) and isinstance(index.known, int):
            kind = kind.items[index.known]
        elif kind.kind is dict and index.known in kind.keys:
            kind = kind.items[kind.keys.index(index.known)]
        else:
            r.refuse(node, "mixed")
    return _of_kind(r, u, f"{u.token}[{index.code}]", f"{u.shadow}[{index.code}]", kind, node)


def _of_kind(r: Any, u: Var, text: str, shadow: str, kind: Any, node: ast.AST) -> Any:
    if kind == CONSTANT:
        return Text(text)
    if u.readonly:
        var = r.new(kind)
        var.place, var.readonly, var.root = text, True, u.root
        return var
    return r.mirror(kind, text, shadow, node)


def subscript(r: Any, node: ast.Subscript) -> Any:
    """u[index] or u[a:b]"""
    u = r.value(node.value)
    if isinstance(node.slice, ast.Slice):
        return sliced(r, u, node.slice, node)
    if isinstance(u, Var) and u.kind == NUMBER:
        return r.array_subscript(u, node)
    index = text_of(r.value(node.slice))
    if index is None:
        r.refuse(node, "index")
    if isinstance(u, Bundle) and index.known is not MISSING:
        found = _known_entry(u, index.known)
        return found if found is not MISSING else r.refuse(node, "entry")
    if isinstance(u, Bundle) and is_active(u):
        return entry(r, r.object(u, node), index, node)
    if isinstance(u, Bundle) and text_of(u) is None:
        r.write_out(node)
    if isinstance(u, Var) and isinstance(u.kind, Container):
        return entry(r, u, index, node)
    base = text_of(u)
    if base is None:
        r.refuse(node, "not_number")
    return Text(f"{base.inner}[{index.code}]", r.entry_type(u))


def _known_entry(u: Bundle, key: Any) -> Any:
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
            return u._replace(items=u.items[slice(*known)], node=None)
        u = materialised(r, u, node) if is_active(u) else u
    text = ":".join("" if end is None else end.code for end in ends[: 2 if ends[2] is None else 3])
    if isinstance(u, Var) and isinstance(u.kind, Container):
        owned(r, u)
        return r.mirror(u.kind, f"{u.token}[{text}]", f"{u.shadow}[{text}]", node)
    base = text_of(u)
    if base is None or is_active(u):
        return r.array_subscript(u, node)
    return Text(f"{base.inner}[{text}]", base.type)


def joined(r: Any, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """a + b and a * n of lists; None if that is not what it is."""
    if isinstance(op, ast.Add) and isinstance(a, Bundle) and isinstance(b, Bundle) and a.kind is b.kind:
        return Bundle(a.kind, a.items + b.items, (), None)
    if isinstance(op, ast.Mult):
        for u, times in ((a, b), (b, a)):
            n = text_of(times) if not isinstance(times, Bundle) else None
            if isinstance(u, Bundle) and n is not None and isinstance(n.known, int) and len(u.items) * n.known <= LARGEST and id(node) not in r.facts.active:
                if is_active(u):
                    return Bundle(u.kind, u.items * n.known, (), None)
            if isinstance(u, Bundle | Var) and n is not None and (is_active(u) or id(node) in r.facts.active) and not (isinstance(u, Var) and u.kind == NUMBER):
                return _several(r, u, n, node)
    if isinstance(op, ast.Add) and any(isinstance(u, Var) and isinstance(u.kind, Container) for u in (a, b)):
        parts = [_as_list(r, u, node) for u in (a, b)]
        kind = _joined(parts[0][2], parts[1][2])
        if kind is None:
            r.refuse(node, "list_of")
        return r.mirror(kind, f"{parts[0][0]} + {parts[1][0]}", f"{parts[0][1]} + {parts[1][1]}", node)
    return None


def is_list(u: Any) -> bool:
    """Whether u is a list of the program."""
    return isinstance(u, Var) and isinstance(u.kind, Container)


def extended(r: Any, u: Any, w: Any, s: ast.AugAssign) -> None:
    """u += w of lists changes u."""
    call = ast.Call(ast.Attribute(s.target, "extend", ast.Load()), [s.value], [])
    if isinstance(u, Bundle):
        u = r.object(u, s) if is_active(u) else u
    if isinstance(u, Bundle) and is_active(w):
        if u.node is None:
            r.refuse(s, "list_of")
        promote(r, u, _as_list(r, w, s)[2])
    if isinstance(u, Bundle):
        r.emit(Effect(f"{text_of(r.changed(u, s)).code}.extend({text_of(w).code})", r.place(s)))  # type: ignore[union-attr]
        return
    text, shadow, kind = _as_list(r, w, s)
    if kind != Container(CONSTANT) or u.kind.entry != CONSTANT:
        _fits(r, u, kind.entry, s)
    owned(r, u)
    r.emit_mirror(None, f"{u.token}.extend({text})", f"{u.shadow}.extend({shadow})", ast.copy_location(call, s))


def _several(r: Any, u: Any, n: Text, node: ast.AST) -> Any:
    """[u] * n: a list with a shadow."""
    wanted = r.facts.active.get(id(node))
    value, shadow, kind = _pieces(r, u, node) if isinstance(u, Bundle) else (u.token, u.shadow, u.kind)
    if isinstance(wanted, Container) and isinstance(wanted.entry, Container):
        r.refuse(node, "same_list")
    return r.mirror(_widest(r, kind, wanted, node) if wanted else kind, f"{value} * {n.inner}", f"{shadow} * {n.inner}", node)


def _as_list(r: Any, u: Any, node: ast.AST) -> tuple[str, str, Any]:
    if isinstance(u, Bundle):
        return _pieces(r, u, node)
    if isinstance(u, Var) and isinstance(u.kind, Container):
        owned(r, u)
        return u.token, u.shadow, u.kind
    text = text_of(u)
    if text is None or is_active(u):
        r.refuse(node, "list_of")
    return text.inner, f"[{NOTHING}] * len({text.code})", Container(CONSTANT)


def promote(r: Any, u: Any, kind: Any) -> None:
    """A constant list gets a shadow after all: what made it is told, and the reading starts again."""
    while isinstance(u, Var) and u.origin is None and u.twin is not None:
        u = u.twin
    origin = getattr(u, "origin", None) if isinstance(u, Var) else getattr(u, "node", None)
    if origin is None:
        r.refuse(r.scope.of.node, "changes", name=getattr(u, "hint", None) or "list")
    known = r.facts.active.get(id(origin))
    wider = kind if known is None else _joined(known, kind)
    if wider is None or wider == known:
        r.refuse(origin, "list_of")
    r.facts.active[id(origin)] = wider
    raise Again


def store(r: Any, target: ast.Subscript, value: Any) -> None:
    """u[index] = value"""
    if isinstance(target.slice, ast.Slice):
        r.refuse(target, "slice_assignment")
    u = r.value(target.value)
    index = text_of(r.value(target.slice)) if not (isinstance(u, Var) and u.kind == NUMBER) else None
    if index is None:
        r.refuse(target, "array_assignment")
    index = r.settled(index, target)
    if isinstance(u, Bundle) and is_active(u):
        u = r.object(u, target)
    if isinstance(u, Var) and isinstance(u.kind, Container):
        owned(r, u)
        text, shadow, kind = _pieces(r, value, target)
        _fits(r, u, kind, target)
        r.emit_mirror(None, f"{u.token}[{index.code}] = {text}", f"{u.shadow}[{index.code}] = {shadow}", target)
        return
    if is_active(value):
        kind, root = Container(_pieces(r, value, target)[2]), target.value
        while isinstance(root, ast.Subscript):
            kind, root = Container(kind), root.value
        promote(r, r.value(root), kind)
    base, given = text_of(r.changed(u, target)), text_of(value)
    if base is None or given is None:
        r.refuse(target, "not_number")
    r.emit(Effect(f"{base.inner}[{index.code}] = {given.code}", r.place(target)))


def _fits(r: Any, u: Var, kind: Any, node: ast.AST) -> None:
    """The list can hold that; or it is made wider, and the reading starts again."""
    if _joined(u.kind.entry, kind) != u.kind.entry:
        promote(r, u, Container(kind))


METHODS = {"append": 1, "pop": 0, "extend": 1, "insert": 2, "reverse": 0, "copy": 0}


def method(r: Any, u: Any, name: str, node: ast.Call) -> Any:
    """u.name(...) of a list."""
    if isinstance(u, Bundle):
        return _of_bundle(r, u, name, node)
    args = [r.value(a) for a in node.args]
    if name not in METHODS or len(args) < METHODS[name] or len(args) > METHODS[name] + (name == "pop") or node.keywords:
        return r.refuse(node, "method", name=name)
    owned(r, u)
    if name == "copy":
        return r.mirror(u.kind, f"{u.token}.copy()", f"{u.shadow}.copy()", node)
    if name == "pop":
        at = text_of(args[0]).code if args else ""  # type: ignore[union-attr]
        return _of_kind(r, u, f"{u.token}.pop({at})", f"{u.shadow}.pop({at})", u.kind.entry, node)
    texts, shadows = [], []
    for k, a in enumerate(args):
        if name == "insert" and k == 0:
            piece = (text_of(a).code,) * 2 + (CONSTANT,)  # type: ignore[union-attr]
        elif name == "extend":
            piece = _as_list(r, a, node)
        else:
            piece = _pieces(r, a, node)
            _fits(r, u, piece[2], node)
        texts.append(piece[0])
        shadows.append(piece[1])
    r.emit_mirror(None, f"{u.token}.{name}({', '.join(texts)})", f"{u.shadow}.{name}({', '.join(shadows)})", node)
    return Text("None", type(None), None)


def _of_bundle(r: Any, u: Bundle, name: str, node: ast.Call) -> Any:
    """A method of a display whose entries are known one by one."""
    if u.kind is dict and name in ("items", "keys", "values", "get") :
        pairs = [(Text(repr(key), type(key), key), item) for key, item in zip(u.keys, u.items, strict=True)]
        if name == "get":
            key = text_of(r.value(node.args[0]))
            found = _known_entry(u, key.known) if key is not None and key.known is not MISSING else MISSING
            return found if found is not MISSING else r.refuse(node, "chosen")
        made = {"items": lambda p: Bundle(tuple, p), "keys": lambda p: p[0], "values": lambda p: p[1]}[name]
        return Bundle(tuple, tuple(made(pair) for pair in pairs))
    if u.kind is list and name == "copy":
        return u._replace(node=None)
    if u.kind is not list or u.node is None:
        return r.refuse(node, "method", name=name)
    if is_active(u):
        return method(r, r.object(u, node), name, node)
    text = text_of(r.changed(u, node)) if not any(is_active(r.value(a)) for a in node.args) else Text("")
    return constant_method(r, u, text, name, node)


def constant_method(r: Any, u: Any, base: Text, name: str, node: ast.Call) -> Any:
    """u.name(...) of a constant; a list to which a number with a derivative is added gets a shadow."""
    args = [r.value(a) for a in node.args]
    if any(map(is_active, args)) and name in ("append", "insert", "extend"):
        last = args[-1]
        kind = kind_of(last) if not isinstance(last, Bundle) else _pieces(r, last, node)[2]
        promote(r, u, kind if name == "extend" else Container(kind))
    given = [text_of(a) for a in args]
    if any(text is None for text in given) or node.keywords:
        return r.refuse(node, "method", name=name)
    call = f"{base.inner}.{name}({', '.join(text.code for text in given if text is not None)})"
    if name in ("append", "insert", "extend", "sort", "reverse", "clear", "update", "add", "remove"):
        r.changed(u, node)
        r.emit(Effect(call, r.place(node)))
        return Text("None", type(None), None)
    return Text(call)


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
            items[k : len(items) - after] = [Bundle(list, tuple(items[k : len(items) - after]), (), node)]
        if len(items) != len(targets):
            r.refuse(node, "unpack", targets=len(targets), values=len(value.items))
        for target, item in zip(targets, items, strict=True):
            r.bind(target.value if isinstance(target, ast.Starred) else target, item, None)
        return
    if isinstance(value, Var) and isinstance(value.kind, Container):
        if starred:
            r.refuse(node, "starred")
        r.emit(Effect(f"{', '.join('_' for _ in targets)}{',' if len(targets) == 1 else ''} = {value.token}", r.place(node)))
        for k, target in enumerate(targets):
            r.bind(target, entry(r, value, Text(repr(k), int, k), node), None)
        return
    text = text_of(value)
    if text is None:
        r.refuse(node, "not_number")
    r.constants_unpacked(ast.Tuple(targets, ast.Store()), text, node)


__all__ = ["constant_method", "display", "entry", "joined", "method", "store", "subscript", "unpack"]
