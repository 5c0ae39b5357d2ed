"""Names for the lines of a program: tokens become names, copies of a name to itself vanish, branches that do nothing too."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from adviz.transform import support
from adviz.transform.statements import Function, Let
from adviz.transform.values import TOKEN, Var
from adviz.transform.writing.lines import Assign, Copies, Line, Raw, leaves, texts_of, tokens
from adviz.transform.writing.names import STACK, WORD, Names
from adviz.transform.writing.rules import Tree
from adviz.transform.writing.sharing import share

BUILTINS = frozenset(dir(builtins))


class Assembled(NamedTuple):
    """A function of a program with its names given.

    arguments    the names of its parameters; seeds: those of what a sweep starts with
    body         its lines
    value        what it returns, as text
    derivatives  the texts of the derivatives: per parameter backwards, per output forwards
    outputs      the names of the numbers it returns
    uncertain    whether a derivative of 0 may mean that nothing arrived
    functions    the rows it calls
    lists        which of the derivatives are structures
    inner        the functions of the program that it calls: header and lines of each
    """

    arguments: list[str]
    seeds: list[str]
    body: list[Line]
    value: str
    derivatives: list[Tree]
    outputs: list[str]
    uncertain: bool
    functions: frozenset[str]
    names: Names
    lists: list[bool]
    inner: list[tuple[str, list[Line]]]


class Frame(NamedTuple):
    """What a function of a program has besides its lines, in tokens."""

    value: str = "None"
    derivatives: tuple[Tree, ...] = ()
    outputs: tuple[str, ...] = ()
    seeds: tuple[Var, ...] = ()
    uncertain: bool = True
    lists: tuple[bool, ...] = ()
    reserved: tuple[str, ...] = ()
    first: tuple[int, ...] = ()  # the variables that are named before all others


def named(function: Function, variables: list[Var], names: Names, body: list[Line], frame: Frame) -> Assembled:
    """The lines with names in place of tokens, and without those that compute nothing anybody uses."""
    names.group += range(len(names.group), len(variables))
    names.variables = variables
    ends = [frame.value, *frame.outputs, *(text for tree in frame.derivatives for text in leaves(tree)), *(u.token for u in frame.seeds)]
    body = used(body, variables, ends)
    share(names, function, body, ends, (*function.parameters, *frame.seeds))
    whole = "\n".join([text for line in body for text in texts_of(line)] + ends)
    words = set(WORD.findall(TOKEN.sub(" ", whole)))
    functions = frozenset(name for line in body if isinstance(line, Assign) for name in called(line.tree))
    names.reserve({*(words & BUILTINS), *functions, *(words & SUPPORT), *frame.reserved})
    found = {(int(n), kind) for n, kind in TOKEN.findall(whole)}
    mentioned = {n for n, _ in found}
    order = [*(n for n in frame.first if n in mentioned), *(u.id for u in function.parameters), *(u.id for u in frame.seeds)]
    derived = {n for n, kind in found if kind == "~"}.union(int(n) for n, _ in STACK.findall(whole))
    names.give([*order, *sorted(mentioned.difference(order))], derived)
    lines = chained(tidied([filled for line in body for filled in fill(line, names)]))
    arguments, seeds = [names.fill(u.token) for u in function.parameters], [names.fill(u.token) for u in frame.seeds]
    derivatives = [_filled(tree, names) for tree in frame.derivatives]
    outputs = [names.fill(u) for u in frame.outputs]
    return Assembled(
        arguments, seeds, lines, names.fill(frame.value), derivatives, outputs, frame.uncertain, functions, names, list(frame.lists), []
    )


SUPPORT = frozenset({"vjp", "jvp", "unbroadcast", "shape", "shares", *support.__all__})


def called(tree: Tree) -> Iterable[str]:
    """The functions that an expression calls."""
    if isinstance(tree, tuple):
        if tree[0] == "call":
            yield tree[1]
        for part in tree[1:]:
            yield from called(part)


def used(body: list[Line], variables: list[Var], more: list[str]) -> list[Line]:
    """The lines without constants that are never used."""
    if not any(isinstance(line, Assign) and _constant(line, variables) for line in body):
        return body
    uses = Counter(n for line in body for text in texts_of(line) for n, _ in tokens(text))
    uses.update(n for text in more for n, _ in tokens(text))
    kept: list[Line] = []
    for line in reversed(body):
        u = _constant(line, variables) if isinstance(line, Assign) else None
        if u is not None and uses[u.id] == 1:
            uses.subtract(n for text in texts_of(line) for n, _ in tokens(text))
        else:
            kept.append(line)
    return kept[::-1]


def _constant(line: Assign, variables: list[Var]) -> Var | None:
    """The variable that a line sets to a constant without effect."""
    found = TOKEN.fullmatch(line.target)
    u = variables[int(found[1])] if found and found[2] == "." else None
    return u if u is not None and isinstance(u.by, Let) and u.by.pure else None


def fill(line: Line, names: Names) -> list[Line]:
    """A line with its names; copies of a variable to itself are gone."""
    if isinstance(line, Assign):  # most are; a pattern would take as long as all the rest
        return [Assign(line.depth, names.fill(line.target), _filled(line.tree, names), line.more, line.at)]
    match line:
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


def chained(lines: list[Line]) -> list[Line]:
    """The lines with `elif` for an `else:` that has nothing but an `if` in it."""
    for k in reversed([k for k, line in enumerate(lines[:-1]) if isinstance(line, Raw) and line.text == "else:"]):
        depth, first = lines[k].depth, lines[k + 1]
        end = next((j for j in range(k + 1, len(lines)) if lines[j].depth <= depth), len(lines))
        inside = lines[k + 1 : end]
        if isinstance(first, Raw) and first.text.startswith("if ") and all(line is first or continues(line, first) for line in inside):
            lines[k:end] = [Raw(depth, f"el{first.text}", first.at), *(line._replace(depth=line.depth - 1) for line in inside[1:])]
    return lines


def continues(line: Line, first: Line) -> bool:
    """Whether a line belongs to the if statement that begins with the first one."""
    return line.depth > first.depth or (isinstance(line, Raw) and line.text.startswith(("else:", "elif ")))


def _filled(tree: Tree, names: Names) -> Any:
    if tree.__class__ is str:
        return names.fill(tree)
    head = tree[0]
    if head == "number":
        return tree
    if head == "text":
        return ("text", names.fill(tree[1]))
    start = 2 if head == "call" else 1
    return (*tree[:start], *[_filled(part, names) for part in tree[start:]])
