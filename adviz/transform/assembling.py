"""One function of a program, put together: what runs forwards, what runs backwards, and names for all of it."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from adviz.transform.adjoints import Backward, Conflict, Header, Restore, needed_cells, spread
from adviz.transform.facts import Facts
from adviz.transform.forwards import Forward, Tangents
from adviz.transform.keeping import Kept, loops, stack
from adviz.transform.lines import Assign, Copies, Line, Raw, leaves, texts_of, tokens
from adviz.transform.names import WORD, Names
from adviz.transform.rules import Tree, operand, written
from adviz.transform.statements import Apply, Call, Function, If, Let, Loop, Mirror, Op, Region
from adviz.transform.values import NUMBER, TOKEN, Bundle, Container, Text, Var, text_of

BUILTINS = frozenset(dir(builtins))


class Assembled(NamedTuple):
    """A function of a program with its names given.

    arguments    the names of its parameters, then those of seeds
    body         its lines
    value        what it returns, as text
    derivatives  the texts of the derivatives: per parameter backwards, per output forwards
    outputs      the names of the numbers it returns
    uncertain    whether a derivative of 0 may mean that nothing arrived
    functions    the rows it calls
    lists        which of the derivatives are structures
    """

    arguments: list[str]
    seeds: list[str]
    body: list[Line]
    value: str
    derivatives: list[str]
    outputs: list[str]
    uncertain: bool
    functions: frozenset[str]
    names: Names
    lists: list[bool]


def outputs_of(result: Any) -> list[Any]:
    """The values a function returns, one by one."""
    if isinstance(result, Bundle) and result.token is None:
        return [u for item in result.items for u in outputs_of(item)]
    return [result]


def reverse(function: Function, variables: list[Var], facts: Facts, *, seeded: bool) -> Assembled:
    """The adjoint program: x̄ = Jᵀ ȳ. Without `seeded`, ȳ is 1."""
    variables = list(variables)
    outputs = outputs_of(function.result)
    hints = [f"y{k + 1}" for k in range(len(outputs))] if len(outputs) > 1 else ["y"]
    plain = not {*hints} & {u.hint for u in variables}
    seeds = [_new(variables, function, f"{hint}_bar" if plain else hint.replace("y", "seed")) for hint in hints]
    backward, cells = backwards(function, variables, facts, outputs, [u.token if seeded else ("number", 1.0) for u in seeds])
    kept = Kept(function, variables, backward)
    resolved = resolve(function, backward, kept, variables)
    forward = Forward(variables, cells, kept)
    start: list[Line] = []
    shadows: list[Line] = []
    for u in function.parameters:
        if u.id in cells:
            start.append(Raw(1, f"{u.shadow} = [0.0]", None))
        elif isinstance(u.kind, Container):
            (shadows if u.readonly else start).append(Raw(1, f"{u.shadow} = {shadow_of(u)}", None))
    forward.region(function.region)
    saved, value, names_of_outputs = results(function, variables, outputs)
    body = [*start, *forward.lines, *saved, *shadows, *resolved]
    derivatives: list[Tree] = [derivative(u, backward) for u in function.parameters]
    names = Names(variables, "_bar")
    names.share(function, kept, cells, backward.apart)
    lists = [isinstance(u.kind, Container) for u in function.parameters]
    return named(function, variables, names, body, seeds if seeded else [], value, derivatives, names_of_outputs, backward.uncertain, lists)


def forward(function: Function, variables: list[Var], wrt: frozenset[str] | None) -> Assembled:
    """The tangent program: ẏ = J ẋ; with `wrt`, along these parameters only."""
    variables = list(variables)
    outputs = outputs_of(function.result)
    still = {u.id for u in function.parameters if wrt is not None and u.hint not in wrt}
    tangents = Tangents(variables, moving(function, variables, still))
    tangents.region(function.region)
    saved, value, names_of_outputs = results(function, variables, outputs)
    y_dot: list[Tree] = [tangents.shadow(u) if isinstance(u, Var) and u.kind != "constant" else ("number", 0.0) for u in outputs]
    names = Names(variables, "_dot")
    names.share(function, None, set(), set())
    lines = [*tangents.lines, *saved]
    lists = [isinstance(u, Var) and isinstance(u.kind, Container) for u in outputs]
    return named(function, variables, names, lines, [], value, y_dot, names_of_outputs, tangents.uncertain, lists)


def moving(function: Function, variables: list[Var], still: set[int]) -> set[int]:
    """The numbers that change with the parameters that do: all that are computed from them."""
    found = {u.id for u in function.parameters if u.id not in still}
    while True:
        size = len(found)
        spread_along(function.region, found)
        if len(found) == size:
            return found


def spread_along(region: Region, found: set[int]) -> None:
    """One more step: what is computed from what changes, changes."""
    for s in region.statements:
        match s:
            case Op(var=var, operands=operands):
                if any(isinstance(u, Var) and (u.id in found or (u.root is not None and u.root.id in found)) for u in operands):
                    found.add(var.id)
            case Mirror(var=Var() as var) | Apply(var=var):
                found.add(var.id)
            case Call(results=several):
                found.update(u.id for u in several)
            case If():
                spread_along(s.then, found)
                spread_along(s.other, found)
                found.update(m.var.id for m in s.merges if any(isinstance(u, Var) and u.id in found for u in (m.then, m.other)))
            case Loop():
                spread_along(s.body, found)
                for c in s.carried:
                    if any(isinstance(u, Var) and u.id in found for u in (c.first, c.next)):
                        found |= {c.head.id, c.out.id}


def backwards(function: Function, variables: list[Var], facts: Facts, outputs: list[Any], seeds: list[Tree]) -> tuple[Backward, set[int]]:
    """The backward part, with cells for the numbers that go by two names."""
    cells = needed_cells(function, variables)
    given = [(u, seed) for u, seed in zip(outputs, seeds, strict=True) if isinstance(u, Var) and u.kind != "constant"]
    while True:
        spread(cells, function, facts)
        backward = Backward(function, variables, cells, facts)
        try:
            backward.run(given)
            return backward, cells
        except Conflict as conflict:
            cells |= {u.id for u in conflict.variables}


def resolve(function: Function, backward: Backward, kept: Kept, variables: list[Var]) -> list[Line]:
    """The backward part with the headers of its loops, and with the values its regions get back."""
    run = {line.loop for line in backward.lines if isinstance(line, Header)}
    zipped: set[Loop] = set()
    for loop in loops(function.region):
        if loop not in run:
            continue
        counted = any((u.id, ".") in kept.needed for u in loop.targets)
        if kept.stacked.get(loop.body) and not (loop.body.parent is not None and loop.body.parent.repeated):
            zipped.add(loop)
        elif loop.count is not None:
            kept.require(loop.count)
        if counted or (loop not in zipped and loop.count is None):
            for n, _ in tokens(loop.iterable):
                kept.require(variables[n])
    lines: list[Line] = []
    for line in backward.lines:
        match line:
            case Header(depth=depth, loop=loop):
                lines.append(Raw(depth, header(loop, kept, loop in zipped), loop.at))
            case Restore(depth=depth, region=region):
                items = kept.stacked.get(region, []) if not (region.loop in zipped and region is region.loop.body) else []  # type: ignore[union-attr]
                lines += [Raw(depth, f"\x01{n}{kind} = {stack(n, kind)}.pop()", None) for n, kind in reversed(items)]
                lines += [Assign(depth, u.token, ("text", u.by.text), False, u.by.at) for u in sorted(kept.again.get(region, []), key=lambda u: u.id)]
            case _:
                lines.append(line)
    return lines


def header(loop: Loop, kept: Kept, zipped: bool) -> str:
    """The header of a loop that runs backwards: counters and kept values, the last ones first."""
    items = [(f"\x01{n}{kind}", stack(n, kind)) for n, kind in kept.stacked.get(loop.body, [])] if zipped else []
    sources = []
    if any((u.id, ".") in kept.needed for u in loop.targets):
        ended = loop.count is not None
        passes = f"[:len({items[0][1]})]" if ended and items else f"[:{loop.count.token}]" if loop.count is not None else ""
        sources.append((loop.pattern, f"reversed({loop.iterable}{passes})"))
    sources += [(item, f"reversed({itself})") for item, itself in items]
    if not sources:
        return f"for _ in range({loop.count.token}):" if loop.count is not None else f"for _ in {loop.iterable}:"
    if len(sources) == 1:
        return f"for {sources[0][0]} in {sources[0][1]}:"
    return f"for {', '.join(target for target, _ in sources)} in zip({', '.join(source for _, source in sources)}):"


def shadow_of(u: Var) -> str:
    """A parameter's shadow, when nothing has arrived."""
    if u.kind == Container(NUMBER):
        return f"[0.0] * len({u.token})" if u.readonly else f"[[0.0] for _ in {u.token}]"
    return f"zeros({u.token})" if u.readonly else f"cells({u.token})"


def derivative(u: Var, backward: Backward) -> Tree:
    """What the program returns for a parameter."""
    if isinstance(u.kind, Container):
        return ("text", f"restored({u.shadow}, {u.token})")
    if u.id in backward.cells:
        return f"{u.shadow}[0]"
    return u.shadow if u.id in backward.given else ("number", 0.0)


def results(function: Function, variables: list[Var], outputs: list[Any]) -> tuple[list[Line], str, list[str]]:
    """What a function returns, as text; first put aside where the backward part would overwrite it."""
    saved: list[Line] = []
    texts: list[str] = []
    for k, u in enumerate(outputs):
        if isinstance(u, Var) and u.twin is not None:
            y = _new(variables, function, "y" if len(outputs) == 1 else f"y{k + 1}")
            saved.append(Assign(1, y.token, u.token, False, None))
            texts.append(y.token)
        else:
            texts.append(value_of(u) if isinstance(u, Var) and u.kind != "constant" else written(operand(u if isinstance(u, Text) else text_of(u) or Text("None"), True)))
    entries = iter(texts)
    numbers = [text for text, u in zip(texts, outputs, strict=True) if isinstance(u, Var) and u.kind == NUMBER]
    return saved, structured(function.result, entries), numbers


def value_of(u: Any) -> str:
    """A value as text."""
    if isinstance(u, Var):
        return u.token
    text = text_of(u)
    return text.code if text is not None else "None"


def structured(result: Any, entries: Any) -> str:
    """Texts, one per output, in the structure a function returns."""
    if not isinstance(result, Bundle) or result.token is not None:
        return str(next(entries))
    parts = [structured(item, entries) for item in result.items]
    if result.kind is dict:
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(result.keys, parts, strict=True)) + "}"
    inside = ", ".join(parts)
    return f"[{inside}]" if result.kind is list else f"({inside}{',' if len(parts) == 1 else ''})"


def _new(variables: list[Var], function: Function, hint: str) -> Var:
    var = Var(len(variables), NUMBER, hint, function.region)
    variables.append(var)
    return var


def named(
    function: Function, variables: list[Var], names: Names, body: list[Line], seeds: list[Var], value: str, derivatives: list[Tree],
    outputs: list[str], uncertain: bool, lists: list[bool], reserved: Iterable[str] = (),
) -> Assembled:
    """The lines with names in place of tokens, and without those that compute nothing anybody uses."""
    names.group += range(len(names.group), len(variables))
    body = used(body, variables, [value, *(text for tree in derivatives for text in leaves(tree)), *(u.token for u in seeds)])
    words = {word for line in body for text in texts_of(line) for word in WORD.findall(TOKEN.sub(" ", text))}
    functions = frozenset(name for line in body if isinstance(line, Assign) for name in called(line.tree))
    names.reserve({*(words & BUILTINS), *functions, *(words & SUPPORT), *RESERVED, *reserved})
    order = [u.id for u in function.parameters] + [u.id for u in seeds]
    mentioned = {n for line in body for text in texts_of(line) for n, _ in tokens(text)} | {n for n, _ in tokens(value)}
    names.give([*order, *sorted(mentioned - set(order))])
    lines = tidied([filled for line in body for filled in fill(line, names)])
    return Assembled(
        [names.fill(u.token) for u in function.parameters], [names.fill(u.token) for u in seeds], lines, names.fill(value),
        [names.fill(leaf) if isinstance(leaf, str) else _filled(leaf, names) for leaf in derivatives],
        [names.fill(u) for u in outputs], uncertain, functions, names, lists,
    )


RESERVED = ("FLOAT_ERRORS", "otherwise", "given", "rest")
SUPPORT = frozenset({"real", "zeros", "cells", "restored", "seeded", "is_float", "is_floats", "is_plain"})


def called(tree: Tree) -> Iterable[str]:
    """The functions that an expression calls."""
    if isinstance(tree, tuple):
        if tree[0] == "call":
            yield tree[1]
        for part in tree[1:]:
            yield from called(part)


def used(body: list[Line], variables: list[Var], more: list[str]) -> list[Line]:
    """The lines without constants that are never used."""
    uses = Counter(n for line in body for text in texts_of(line) for n, _ in tokens(text))
    uses.update(n for text in more for n, _ in tokens(text))
    kept: list[Line] = []
    for line in reversed(body):
        if isinstance(line, Assign) and (found := TOKEN.fullmatch(line.target)) and found[2] == ".":
            u = variables[int(found[1])]
            by = u.by
            if isinstance(by, Let) and by.pure and uses[u.id] == 1:
                uses.subtract(n for text in texts_of(line) for n, _ in tokens(text))
                continue
        kept.append(line)
    return kept[::-1]


def fill(line: Line, names: Names) -> list[Line]:
    """A line with its names; copies of a variable to itself are gone."""
    match line:
        case Assign(depth=depth, target=target, tree=tree, more=more, at=at):
            return [Assign(depth, names.fill(target), _filled(tree, names), more, at)]
        case Copies(depth=depth, pairs=pairs, at=at):
            texts = [(names.fill(a), names.fill(b)) for a, b in pairs]
            texts = [(a, b) for a, b in texts if a != b]
            targets = [a for a, _ in texts]
            meets = any(a in WORD.findall(b) for k, a in enumerate(targets) for _, b in texts[k + 1 :])
            if meets:
                return [Copies(depth, tuple(texts), at)]
            return [Assign(depth, a, b if WORD.fullmatch(b) else ("text", b), False, at) for a, b in texts]
    return [Raw(line.depth, names.fill(line.text), line.at)]


def tidied(lines: list[Line]) -> list[Line]:
    """The lines without assignments of a name to itself, and without branches that do nothing."""
    lines = [line for line in lines if not (isinstance(line, Assign) and not line.more and line.tree == line.target)]
    while True:
        kept: list[Line] = []
        for k, line in enumerate(lines):
            following = lines[k + 1] if k + 1 < len(lines) else None
            empty = following is None or following.depth <= line.depth
            if isinstance(line, Raw) and empty and line.text == "else:":
                continue
            if isinstance(line, Raw) and empty and line.text.startswith(("if ", "for ", "while ")) and line.text.endswith(":"):
                if isinstance(following, Raw) and following.text == "else:" and following.depth == line.depth:
                    lines = [*lines[:k], Raw(line.depth, f"if not ({line.text[3:-1]}):", line.at), *lines[k + 2 :]]
                    break
                if line.text.startswith("if "):
                    continue
                kept += [line, Raw(line.depth + 1, "pass", line.at)]
                continue
            kept.append(line)
        else:
            if len(kept) == len(lines):
                return kept
            lines = kept


def _filled(tree: Tree, names: Names) -> Any:
    match tree:
        case str():
            return names.fill(tree)
        case ("text", code):
            return ("text", names.fill(code))
        case ("number", _):
            return tree
        case ("call", name, *parts):
            return ("call", name, *(_filled(part, names) for part in parts))
    return (tree[0], *(_filled(part, names) for part in tree[1:]))


__all__ = ["Text", "forward", "reverse"]
