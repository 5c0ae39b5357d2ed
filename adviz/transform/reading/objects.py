"""Displays and constant lists that turn out to be objects of the program; what is true of a list at one moment."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from adviz.transform.reading import conditions, displays, flow
from adviz.transform.reading.facts import Again
from adviz.transform.statements import Region
from adviz.transform.values import Bundle, Text, Var


def object(r: Any, u: Bundle, node: ast.AST) -> Any:
    """A display as an object of the program, made where it was written."""
    if u.node is not None and id(u.node) not in r.facts.made:
        r.facts.made.add(id(u.node))
        raise Again
    return displays.materialised(r, u, node)


def changed_display(r: Any, u: Bundle, node: ast.AST) -> Any:
    """A display with numbers in it that is changed: all its names must go by one object. Refused, where it is made in a way that has none."""
    if u.node is None or id(u.node) in r.facts.made:
        r.refuse(node, "unchangeable")
    return object(r, u, node)


def changed(r: Any, u: Any, node: ast.AST) -> Any:
    """A constant list that is changed: it is an object of the program, and what is read of it is read once."""
    if isinstance(u, Bundle) and u.node is not None and id(u.node) not in r.facts.objects:
        r.facts.objects.add(id(u.node))
        raise Again
    if not r.facts.mutable:
        r.facts.mutable = True
        raise Again
    return u


def write_out(r: Any, node: ast.AST) -> Any:
    """What is chosen here depends on a loop over known constants: its passes are written out, one by one."""
    if not r.verbatim:
        r.refuse(node, "chosen")
    r.facts.unrolled.add(r.verbatim[-1])
    raise Again


def fact_of(r: Any, u: Var, text: str, hint: str) -> Text:
    """What is true of a list now: if the list may change, under a name."""
    if u.readonly:
        return Text(text, int)
    var = r.let(Text(text, int), hint, r.scope.of.node)
    var.by = var.by._replace(pure=False)
    return Text(var.token, int)


def entry_type(r: Any, u: Any) -> type | None:
    """The type that all entries of a constant list have, where that is known."""
    if isinstance(u, Bundle):
        types = {item.type if isinstance(item, Text) else None for item in u.items}
    else:
        kept = [value for var, value, _ in r.constants.values() if isinstance(u, Text) and u.code == var.token]
        types = set(map(type, kept[0])) if kept and isinstance(kept[0], list | tuple) else {None}
    only = types.pop() if len(types) == 1 else None
    return only if only in (int, float) else None


def listed(r: Any, text: Text, kept: list[Text], node: ast.AST) -> Text:
    """Constants as a list, made once."""
    if not kept:
        kept.append(Text(r.let(Text(f"list({text.code})", list), "entries", node).token, list))
    return kept[0]


def copied(r: Any, u: Var, kind: type, node: ast.AST) -> Var:
    """list(u), tuple(u)"""
    displays.owned(r, u)
    return r.mirror(u.kind, f"{kind.__name__}({u.token})", f"{kind.__name__}({u.shadow})", node)


def chosen(r: Any, test: Text, rows: tuple[str, str], operands: tuple[Any, Any], node: ast.AST) -> Any:
    """np.where of numbers: one row or the other."""
    ways = []
    for row in rows:
        region = Region(r.region, r.region.loop)
        with r.within(region):
            ways.append((region, r.op(row, operands, np.where, node)))
    return flow.two_ways(r, test, ways[0], ways[1], node)


def better(r: Any, op: ast.cmpop, u: Any, best: Any, node: ast.AST) -> Any:
    """u if it is larger (smaller), else best."""
    test = conditions.compared(r, op, u, best, node)
    chosen, kept = ((Region(r.region, r.region.loop), w) for w in (u, best))
    return flow.two_ways(r, test, chosen, kept, node)
