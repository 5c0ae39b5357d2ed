"""Where ways part and meet: after an if each name that is read later has one value again, whichever branch was taken."""

from __future__ import annotations

import ast
from typing import Any

from adviz.transform.reading.facts import Again
from adviz.transform.reading.learner import MISSING
from adviz.transform.reading.recursion import Unknown
from adviz.transform.statements import If, Merge, Region
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Text, Var, kind_of, may_be_none, text_of

Way = tuple[Region, Any]


def branch(r: Any, s: ast.If) -> None:
    """An if statement."""
    test = r.condition(s.test)
    if test.known is not MISSING:
        r.block(s.body if test.known else s.orelse)
        return
    scope = r.scope
    before = scope.env
    ways: list[tuple[Region, dict[str, Any]]] = []
    names: set[str] = set()
    unknown = 0
    for body in (s.body, s.orelse):
        region = Region(r.region, r.region.loop)
        scope.env = dict(before)
        try:
            with r.within(region):
                r.block(body)
        except Unknown:  # what a recursion returns: the other branch tells
            unknown += 1
            continue
        ways.append((region, scope.env))
        names |= scope.env.keys()
    scope.env = before
    if unknown == 2:
        raise Unknown
    ways += ways[:unknown]
    whole = opened(r, test, ways[0][0], ways[1][0], s)
    live = scope.live.at[id(s)].after
    for name in sorted(names):
        a, b = (env.get(name, MISSING) for _, env in ways)
        if a is not b and name not in live:
            before.pop(name, None)
        elif a is not b:
            before[name] = met(r, whole, a, b, name)
        elif a is not MISSING:
            before[name] = a
    r.emit(whole)


def two_ways(r: Any, test: Text, then: Way, other: Way, node: ast.AST) -> Any:
    """The value of a conditional expression, with the statement that computes it."""
    whole = opened(r, test, then[0], other[0], node)
    found = met(r, whole, then[1], other[1], None)
    if found is MISSING:
        r.refuse(node, "chosen")
    r.emit(whole)
    return found


def opened(r: Any, test: Text, then: Region, other: Region, node: ast.AST) -> If:
    """An if whose condition can be asked again when the program runs backwards."""
    if r.region.loop is not None or r.is_costly(test.code):
        var = r.let(test, "branch", node)
        test = Text(var.token, bool)
    return If(test, then, other, r.place(node))


def met(r: Any, whole: If, a: Any, b: Any, name: str | None) -> Any:
    """One value of two, one per branch."""
    if a is b or (isinstance(a, Text | Bundle) and a == b):
        return a
    if MISSING in (a, b) if not isinstance(a, Bundle) and not isinstance(b, Bundle) else a is MISSING or b is MISSING:
        present = b if a is MISSING else a
        if not isinstance(present, Var | Text | Bundle):
            return present
        a, b = (MISSING, b) if a is MISSING else (a, MISSING)
    for u, w in ((a, b), (b, a)):
        if isinstance(u, Bundle) and w is MISSING:
            return u.replaced(tuple(met(r, whole, *((item, MISSING) if u is a else (MISSING, item)), name) for item in u.items))
    if isinstance(a, Bundle) and isinstance(b, Bundle) and (a.kind, len(a.items), a.keys) == (b.kind, len(b.items), b.keys):
        return a.replaced(tuple(met(r, whole, x, y, None) for x, y in zip(a.items, b.items, strict=True)))
    kind = joined_kind(r, a, b)
    if kind is None:
        return MISSING
    var = r.new(kind, name)
    types = {text.type for u in (a, b) if (text := text_of(u)) is not None}
    var.type = types.pop() if len(types) == 1 else None
    var.optional = may_be_none(a) or may_be_none(b)
    whole.merges.append(Merge(var, a, b))
    return var


def joined_kind(r: Any, a: Any, b: Any) -> Any:
    """The kind of a variable that is a or b; None if there is none. A display among them becomes an object; a constant list gets a shadow."""
    if a is MISSING or b is MISSING:
        return kind_of(b if a is MISSING else a)
    for u in (a, b):
        if isinstance(u, Bundle):
            if u.node is None or id(u.node) in r.facts.made:
                return None
            r.facts.made.add(id(u.node))
            raise Again
    kinds = [kind_of(a), kind_of(b)]
    if None in kinds:
        return None
    if kinds[0] == kinds[1]:
        return kinds[0]
    if set(kinds) == {NUMBER, CONSTANT}:
        return NUMBER
    for u, kind in ((a, kinds[1]), (b, kinds[0])):
        if isinstance(kind, Container) and kind_of(u) == CONSTANT:
            r.promote(u, kind)
    return None
