"""Loops: what a pass hands on to the next is a variable of the loop; what is iterated over may have numbers to differentiate in it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from adviz.transform.reading.displays import pieces
from adviz.transform.reading.facts import Again
from adviz.transform.reading.flow import joined_kind
from adviz.transform.reading.learner import MISSING
from adviz.transform.reading.streams import streamed
from adviz.transform.statements import Carried, Loop, Region
from adviz.transform.values import CONSTANT, Bundle, Container, Text, Var, is_active, kind_of, may_be_none, text_of

LONGEST = 64  # passes that are written out one by one


def for_loop(r: Any, s: ast.For) -> None:
    """A for statement."""
    stream = streamed(r, s.iter)
    stops = id(s) in r.scope.body.stops
    writes_out = stream.items is not None and len(stream.items) <= LONGEST and not stops
    if writes_out and (stream.is_active or id(s) in r.facts.unrolled):
        for item in stream.items or ():
            r.bind(s.target, item, None)
            r.block(s.body)
        return
    if stream.text is not None and not stream.is_active:
        known = writes_out and id(s) not in r.verbatim
        text = stream.text if stream.text.type in (range, list, tuple) else r.listed(stream.text, [], s.iter)
        r.verbatim += [id(s)] * known
        _repeated(r, s, text, stream.entry, None)
        del r.verbatim[len(r.verbatim) - known :]
        return
    assert stream.length is not None
    _repeated(r, s, Text(f"range({stream.length().code})", range), int, stream.item)


def while_loop(r: Any, s: ast.While) -> None:
    """A while statement."""
    _repeated(r, s, None, None, None)


def _repeated(r: Any, s: ast.For | ast.While, iterable: Text | None, entry: type | None, item: Callable[[Text], Any] | None) -> None:
    """A loop that stays a loop. `item` turns the counter into an entry."""
    scope = r.scope
    live = scope.live.at[id(s)]
    names = sorted(live.assigned & (live.after | live.carried))
    loop = Loop(Region(r.region, None), r.place(s), Region(r.region, None))
    loop.body.loop = loop.head.loop = loop
    firsts = {name: scope.env.get(name, MISSING) for name in names}
    heads: dict[str, Any] = {}
    for name in names:
        key = (scope.path, id(s), name)
        shape = r.facts.guesses.get(key, kind_of(firsts[name]))
        heads[name] = _head(r, shape, name, firsts[name], loop.body)
        if heads[name] is not MISSING:
            scope.env[name] = heads[name]
        if isinstance(heads[name], Var):
            heads[name].optional = may_be_none(firsts[name])
            r.heads[heads[name].id] = key
    if isinstance(s, ast.While):
        with r.within(loop.head):
            loop.condition = r.condition(s.test)
    with r.within(loop.body):
        if isinstance(s, ast.For):
            _entered(r, s, loop, iterable, entry, item)
        r.block(s.body)
        if id(s) in scope.body.stops:
            stop = text_of(scope.env[scope.body.stops[id(s)]])
            loop.stop = None if stop is None or stop.known is False else stop
    for name in names:
        scope.env[name] = _carried(r, loop, (scope.path, id(s), name), name, firsts[name], heads[name], scope.env.get(name, MISSING))
    if loop.stop is not None or loop.condition is not None:
        loop.count = r.new(CONSTANT, "passes")
        loop.count.type = int
    r.emit(loop)


def _entered(r: Any, s: ast.For, loop: Loop, iterable: Text | None, entry: type | None, item: Callable[[Text], Any] | None) -> None:
    """The loop's header: its target is bound, to constants or to the entry the counter counts."""
    assert iterable is not None
    loop.iterable = iterable.code
    if item is None:
        targets: list[Var] = []
        loop.pattern = pattern(r, s.target, targets, entry)
        loop.targets = tuple(targets)
        return
    counter = r.new(CONSTANT, "k")
    counter.type = int
    loop.pattern, loop.targets = counter.token, (counter,)
    r.bind(s.target, item(Text(counter.token, int)), None)


def pattern(r: Any, target: ast.expr, targets: list[Var], entry: type | None) -> str:
    """The target of a loop over constants, each name a variable."""
    match target:
        case ast.Name(id=name):
            var = r.new(CONSTANT, name)
            var.type = entry
            targets.append(var)
            r.scope.env[name] = var
            return str(var.token)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            return "(" + ", ".join(pattern(r, part, targets, None) for part in elts) + ("," if len(elts) == 1 else "") + ")"
        case ast.Starred(value=value):
            return "*" + pattern(r, value, targets, None)
    return str(r.refuse(target, "loop_target"))


def _head(r: Any, shape: Any, name: str, first: Any, region: Region) -> Any:
    """The variables that hold a name's value when a pass begins; what is no number and no list must stay what it is."""
    match shape:
        case Bundle(items=kinds):
            return shape.replaced(tuple(_head(r, kind, name, MISSING, region) for kind in kinds))
        case None:
            return first
    var = r.new(shape, name, region)
    text = text_of(first) if first is not MISSING else None
    var.type = text.type if text is not None else first.type if isinstance(first, Var) and first.type is tuple else None
    return var


def _carried(r: Any, loop: Loop, key: Any, name: str, first: Any, head: Any, last: Any) -> Any:
    """What a name stands for after the loop. Again, if the loop makes of it what the guess did not expect."""
    if last is MISSING:
        return MISSING
    if head is MISSING:  # it is not read before it is assigned
        if kind_of(last) is None:
            return last
        head = _head(r, kind_of(last), name, MISSING, loop.body)
    if isinstance(head, Bundle) and isinstance(last, Bundle) and (head.kind, len(head.items), head.keys) == (last.kind, len(last.items), last.keys):
        return _carried_parts(r, loop, key, name, first, head, last)
    if not isinstance(head, Var):
        return last if head is last or head == last else _made_object(r, key, name, first, last)
    kind = joined_kind(r, head, last)
    if kind is None:
        r.refuse(r.scope.of.node, "changes", name=name)
    if kind != head.kind:
        return _guess(r, key, kind)
    if kind != CONSTANT and may_be_none(last) and not head.optional:
        r.refuse(r.scope.of.node, "changes", name=name)
    if text_of(last) is not None and head.type is not text_of(last).type:  # type: ignore[union-attr]
        head.type = None
    if isinstance(first, Var | Text) and isinstance(kind, Container) and kind_of(first) == CONSTANT:
        r.promote(first, kind)
    out = r.new(kind, name)
    out.type = head.type
    out.twin, out.optional = head, head.optional
    loop.carried.append(Carried(head, first, last, out))
    return out


def _carried_parts(r: Any, loop: Loop, key: Any, name: str, first: Any, head: Bundle, last: Bundle) -> Any:
    """The same of a bundle, entry by entry."""
    inner = first.items if isinstance(first, Bundle) and len(first.items) == len(head.items) else (MISSING,) * len(head.items)
    parts = [_carried(r, loop, None, name, a, h, b) for a, h, b in zip(inner, head.items, last.items, strict=True)]
    if any(part is None for part in parts):
        _guess(r, key, Bundle(head.kind, tuple(_wider(r, h, b) for h, b in zip(head.items, last.items, strict=True)), head.keys))
    return head.replaced(tuple(parts))


def _made_object(r: Any, key: Any, name: str, first: Any, last: Any) -> Any:
    """A display that a loop makes another one of must be an object of the program. Refused where there is none."""
    if isinstance(first, Bundle) and isinstance(last, Bundle) and not is_active(first) and is_active(last):
        r.promote(first, pieces(r, last, r.scope.of.node)[2])  # total = total + [x]
    for display in (first, last):
        if isinstance(display, Bundle) and display.node is not None and id(display.node) not in r.facts.made:
            r.facts.made.add(id(display.node))
            r.facts.guesses.pop(key, None)
            raise Again
    return r.refuse(r.scope.of.node, "changes", name=name)


def _guess(r: Any, key: Any, shape: Any) -> Any:
    if key is None:
        return None
    r.facts.guesses[key] = shape
    raise Again


def _wider(r: Any, head: Any, last: Any) -> Any:
    """The kind of an entry of a bundle that a loop carries."""
    if isinstance(head, Bundle):
        return Bundle(head.kind, tuple(_wider(r, h, b) for h, b in zip(head.items, last.items, strict=True)), head.keys)
    return joined_kind(r, head, last)
