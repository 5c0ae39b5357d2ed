"""Lists joined, repeated, and changed by their methods."""

from __future__ import annotations

import ast
from typing import Any

from adviz.transform.reading.containers import fits, known_entry, of_kind, promote
from adviz.transform.reading.displays import joined_kinds, made, owned, pieces, widest
from adviz.transform.reading.learner import MISSING
from adviz.transform.statements import NOTHING, Effect
from adviz.transform.values import CONSTANT, Bundle, Container, Text, Var, constant_in, is_active, kind_of, text_of

LARGEST = 64  # entries that are written out one by one


def joined(r: Any, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """a + b and a * n of lists; None if that is not what it is."""
    if isinstance(op, ast.Add) and isinstance(a, Bundle) and isinstance(b, Bundle) and a.kind is b.kind:
        return made(r, Bundle(a.kind, a.items + b.items, (), node), node)
    if isinstance(op, ast.Mult):
        return _repeated(r, a, b, node) or _repeated(r, b, a, node)
    if isinstance(op, ast.Add) and any(is_list(u) or (isinstance(u, Bundle) and is_constant_list(w)) for u, w in ((a, b), (b, a))):
        parts = [as_list(r, u, node) for u in (a, b)]
        kind = joined_kinds(parts[0][2], parts[1][2])
        if kind is None:
            r.refuse(node, "list_of")
        whole = r.mirror(kind, f"{parts[0][0]} + {parts[1][0]}", f"{parts[0][1]} + {parts[1][1]}", node)
        whole.type = next((u.type for u in (a, b) if isinstance(u, Var | Text) and u.type is tuple), None)
        whole.root = next((u.root for u in (a, b) if isinstance(u, Var) and u.root is not None), None)
        return whole
    return None


def _repeated(r: Any, u: Any, times: Any, node: ast.AST) -> Any:
    """u * times, where u is a list with numbers in it, or one that must have a shadow; None if it is not."""
    n = None if isinstance(times, Bundle) else text_of(times)
    wanted = id(node) in r.facts.active
    if n is None or not (is_list(u) or isinstance(u, Bundle)) or not (is_active(u) or wanted):
        return None
    if isinstance(u, Bundle) and isinstance(n.known, int) and len(u.items) * n.known <= LARGEST and not wanted:
        return made(r, Bundle(u.kind, u.items * n.known, (), node), node)
    return _several(r, u, n, node)


def is_list(u: Any) -> bool:
    """Whether u is a list of the program."""
    return isinstance(u, Var) and isinstance(u.kind, Container)


def is_constant_list(u: Any) -> bool:
    """Whether u is a list or tuple without derivatives, whose entries are not known one by one."""
    text = None if isinstance(u, Bundle) else text_of(u)
    return text is not None and text.type in (list, tuple)


def extended(r: Any, u: Any, w: Any, s: ast.AugAssign) -> None:
    """u += w of lists changes u."""
    call = ast.Call(ast.Attribute(s.target, "extend", ast.Load()), [s.value], [])
    if isinstance(u, Bundle):
        u = r.changed_display(u, s) if is_active(u) else u
    if isinstance(u, Bundle) and is_active(w):
        if u.node is None:
            r.refuse(s, "list_of")
        promote(r, u, as_list(r, w, s)[2])
    if isinstance(u, Bundle):
        r.emit(Effect(f"{text_of(r.changed(u, s)).code}.extend({text_of(w).code})", r.place(s)))  # type: ignore[union-attr]
        return
    text, shadow, kind = as_list(r, w, s)
    if kind != Container(CONSTANT) or u.kind.entry != CONSTANT:
        fits(r, u, kind.entry, s)
    owned(r, u)
    r.emit_mirror(None, f"{u.token}.extend({text})", f"{u.shadow}.extend({shadow})", ast.copy_location(call, s))


def _several(r: Any, u: Any, n: Text, node: ast.AST) -> Any:
    """[u] * n: a list with a shadow."""
    wanted = r.facts.active.get(id(node))
    value, shadow, kind = pieces(r, u, node) if isinstance(u, Bundle) else (u.token, u.shadow, u.kind)
    if isinstance(wanted, Container) and isinstance(wanted.entry, Container):
        r.refuse(node, "same_list")
    return r.mirror(widest(r, kind, wanted, node) if wanted else kind, f"{value} * {n.inner}", f"{shadow} * {n.inner}", node)


def as_list(r: Any, u: Any, node: ast.AST) -> tuple[str, str, Any]:
    if isinstance(u, Bundle):
        return pieces(r, u, node)
    if isinstance(u, Var) and isinstance(u.kind, Container):
        owned(r, u)
        return u.token, u.shadow, u.kind
    text = constant_in(r, u, node, "list_of")
    return text.inner, f"[{NOTHING}] * len({text.code})", Container(CONSTANT)


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
        return of_kind(r, u, f"{u.token}.pop({at})", f"{u.shadow}.pop({at})", u.kind.entry, node)
    texts, shadows = [], []
    for k, a in enumerate(args):
        if name == "insert" and k == 0:
            piece = (text_of(a).code,) * 2 + (CONSTANT,)  # type: ignore[union-attr]
        elif name == "extend":
            piece = as_list(r, a, node)
        else:
            piece = pieces(r, a, node)
            fits(r, u, piece[2], node)
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
            found = known_entry(u, key.known) if key is not None and key.known is not MISSING else MISSING
            if found is MISSING and key is not None and key.known is not MISSING and len(node.args) == 2:
                return r.value(node.args[1])
            return found if found is not MISSING else r.refuse(node, "chosen")
        entry = {"items": lambda p: Bundle(tuple, p), "keys": lambda p: p[0], "values": lambda p: p[1]}[name]
        return Bundle(tuple, tuple(map(entry, pairs)))
    if u.kind is list and name == "copy":
        return made(r, u._replace(node=node, token=None), node)
    if u.kind is not list or u.node is None:
        return r.refuse(node, "method", name=name)
    if is_active(u):
        return method(r, r.changed_display(u, node), name, node)
    text = constant_in(r, r.changed(u, node), node) if not any(is_active(r.value(a)) for a in node.args) else Text("")
    return constant_method(r, u, text, name, node)


def constant_method(r: Any, u: Any, base: Text, name: str, node: ast.Call) -> Any:
    """u.name(...) of a constant; a list to which a number with a derivative is added gets a shadow."""
    args = [r.value(a) for a in node.args]
    if any(map(is_active, args)) and name in ("append", "insert", "extend"):
        last = args[-1]
        kind = kind_of(last) if not isinstance(last, Bundle) else pieces(r, last, node)[2]
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
