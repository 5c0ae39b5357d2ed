"""Which variables may go by one name: those that are set from each other and never wanted at the same time.

The lines of the program, forwards and backwards, are gone through from the last to the first with the set of the names that are still
wanted; a name that is set there may not be the name of any of them. Values and shadows are looked at each by themselves. A set of names is
an integer: bit 2n is the value of variable n, bit 2n + 1 its shadow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from adviz.transform.statements import Function, If, Loop, Region
from adviz.transform.values import TOKEN, Text, Var
from adviz.transform.writing.lines import Assign, Copies, Line, leaves, tokens

TARGETS = re.compile(r"(?:\x01\d+[.~]|\w+|[,()*\s])+")


class Node(NamedTuple):
    """A line: the names it sets (a bit each) and what each is a copy of, the names it uses, the lines inside it, those of its else."""

    text: str
    sets: tuple[tuple[int, int], ...]
    uses: int
    inside: list[Node]
    other: list[Node]


class Wanted:
    """What is wanted after each line; `meets` says for each name that is set with which others it is then."""

    def __init__(self, find: Callable[[int], int]) -> None:
        self.find = find
        self.meets: dict[int, int] = {}
        self.breaks: list[int] = []
        self.masks: dict[str, int] = {}  # of the texts seen so far
        self.names: dict[str, int] = {}

    def bit(self, found: tuple[int, str]) -> int:
        """The place of a name."""
        return 1 << 2 * self.find(found[0]) + (found[1] == "~")

    def mask(self, texts: Iterable[str]) -> int:
        """The names that texts mention."""
        found = 0
        for text in texts:
            known = self.masks.get(text)
            if known is None:
                known = 0
                for token in tokens(text):
                    known |= self.bit(token)
                self.masks[text] = known
            found |= known
        return found

    def name(self, text: str) -> int:
        """The name that a text is; 0 if it is none."""
        if text not in self.names:
            self.names[text] = self.mask((text,)) if TOKEN.fullmatch(text) else 0
        return self.names[text]

    def nodes(self, lines: Iterator[Line], first: Line | None, depth: int) -> tuple[list[Node], Line | None]:
        """Lines as a tree: those of a depth, each with the deeper ones that follow; and the line that comes after."""
        found: list[Node] = []
        line = first
        while line is not None and line.depth >= depth:
            node = self.node(line)
            inside, line = self.nodes(lines, next(lines, None), line.depth + 1)
            if node.text == "else:":
                found[-1].other.extend(inside)
            else:
                node.inside.extend(inside)
                found.append(node)
        return found, line

    def node(self, line: Line) -> Node:
        """A line by itself."""
        match line:
            case Assign(target=target, tree=tree, more=more):
                used = self.mask(leaves(tree)) | (self.mask((target,)) if more else 0)
                return self._set("", [(target, tree if isinstance(tree, str) and not more else "")], used)
            case Copies(pairs=pairs):
                return self._set("", list(pairs), self.mask(b for _, b in pairs))
        text, targets, rest = line.text, "", line.text
        if text.startswith("for "):
            targets, _, rest = text.removeprefix("for ").partition(" in ")
        elif TARGETS.fullmatch(text.partition(" = ")[0]):
            targets, sign, rest = text.partition(" = ")
            targets, rest = (targets, rest) if sign else ("", text)
        return self._set(text, [(found[0], "") for found in TOKEN.finditer(targets)], self.mask((rest,)))

    def _set(self, text: str, pairs: list[tuple[str, str]], used: int) -> Node:
        """A line that sets names; to set an entry is to use the list."""
        sets = []
        for target, source in pairs:
            name = self.name(target)
            if name:
                sets.append((name, self.name(source)))
            else:
                used |= self.mask((target,))
        return Node(text, tuple(sets), used, [], [])

    def before(self, nodes: list[Node], wanted: int) -> int:
        """What is wanted before lines, if that is wanted after them."""
        for node in reversed(nodes):
            if node.text == "break":
                wanted = self.breaks[-1]
            elif node.text.startswith("if "):
                wanted = self.before(node.inside, wanted) | self.before(node.other, wanted) | node.uses
            elif node.text.startswith(("for ", "while ")):
                wanted = self.loop(node, wanted)
            else:
                wanted = self.before(node.inside, wanted)  # of a function inside: it is as if it ran where it stands
                self.set(node.sets, wanted)
                wanted = _without(wanted, node.sets) | node.uses
        return wanted

    def loop(self, node: Node, after: int) -> int:
        """What is wanted before a loop: a pass may follow a pass."""
        self.breaks.append(after)
        wanted = after | node.uses
        while True:
            start = self.before(node.inside, wanted)
            self.set(node.sets, start)
            more = wanted | _without(start, node.sets)
            if more == wanted:
                break
            wanted = more
        self.breaks.pop()
        return wanted

    def set(self, names: Iterable[tuple[int, int]], wanted: int) -> None:
        """Names are set at once, when others are wanted. What a name is a copy of has its value, until one of them is set again."""
        together = 0
        for name, _ in names:
            together |= name
        for name, same in names:
            self.meets[name] = self.meets.get(name, 0) | (wanted & ~same | together) & ~name


def _without(wanted: int, names: Iterable[tuple[int, int]]) -> int:
    for name, _ in names:
        wanted &= ~name
    return wanted


def share(names: Any, function: Function, body: list[Line], ends: Iterable[str], given: Iterable[Var]) -> None:
    """One name for variables that are set from each other, where the program stays the one it is. `ends` is what it returns."""
    pairs = list(candidates(function.region))
    for a, b, always in pairs:
        if always:
            names.unite(a, b)
    if all(always for *_, always in pairs):
        return
    wanted = Wanted(names.find)
    lines = iter(body)
    nodes, _ = wanted.nodes(lines, next(lines, None), 0)
    arguments = [(wanted.bit((u.id, kind)), 0) for u in given for kind in ".~"]
    start = wanted.before(nodes, wanted.mask(ends))
    wanted.set(arguments, start)
    united = Groups(names, wanted.meets, _without(start, arguments))
    for a, b, _ in pairs:
        united.unite(a, b)


class Groups:
    """Variables that go by one name: which names they are, and which they meet. `free` are names that nobody in the function sets first."""

    def __init__(self, names: Any, meets: dict[int, int], free: int) -> None:
        self.names, self.free = names, free
        self.members = {n: 3 << 2 * n for n in {names.find(n) for n in range(len(names.group))}}
        self.meets = {n: self._met(meets, n) for n in self.members}
        self.hints: dict[int, set[str]] = {n: set() for n in self.members}
        for u in names.variables:
            self.hints[names.find(u.id)] |= {u.hint} if u.hint else set()

    def _met(self, meets: dict[int, int], n: int) -> int:
        """The variables that one variable meets: values by its value, shadows by its shadow."""
        values = (1 << 2 * len(self.names.group)) // 3
        return meets.get(1 << 2 * n, 0) & values | meets.get(2 << 2 * n, 0) & values << 1

    def unite(self, a: int, b: int) -> None:
        """One name for both, if that is possible and neither loses the name the learner gave it."""
        a, b = self.names.find(a), self.names.find(b)
        if a == b or (self.members[a] | self.members[b]) & self.free or self.meets[a] & self.members[b] or self.meets[b] & self.members[a]:
            return
        if len(self.hints[a] | self.hints[b]) > 1:
            return
        self.names.unite(a, b)
        n = self.names.find(a)
        self.members[n] = self.members[a] | self.members[b]
        self.meets[n] = self.meets[a] | self.meets[b]
        self.hints[n] = self.hints[a] | self.hints[b]


def candidates(region: Region) -> Iterator[tuple[int, int, bool]]:
    """Pairs of variables of which one is set from the other; True if both are the same anyway."""
    for s in region.statements:
        if isinstance(s, Loop):
            for c in s.carried:
                yield c.head.id, c.out.id, True
            for c in s.carried:
                for u in (c.first, c.next):
                    if (n := variable(u)) is not None and isinstance(c.head.kind, str):
                        yield c.head.id, n, False
            yield from candidates(s.body)
        elif isinstance(s, If):
            for m in s.merges:
                for u in (m.then, m.other):
                    if (n := variable(u)) is not None and isinstance(m.var.kind, str):
                        yield m.var.id, n, False
            yield from candidates(s.then)
            yield from candidates(s.other)


def variable(u: Any) -> int | None:
    """The variable that a value is, by its number; None if it is none, or a list."""
    if isinstance(u, Var):
        return u.id if u.place is None and isinstance(u.kind, str) else None
    found = TOKEN.fullmatch(u.code) if isinstance(u, Text) else None
    return int(found[1]) if found else None
