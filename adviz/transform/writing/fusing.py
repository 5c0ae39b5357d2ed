"""The same program with fewer names: what is used once is written where it is used. Every sum and product stays the one it was.

The order in which numbers are added and multiplied does not change, so the results are the same to the last bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from adviz.transform.writing.lines import Assign, Line, Raw, leaves, shown, texts_of
from adviz.transform.writing.names import WORD
from adviz.transform.writing.rules import Tree

DEEPEST = 12  # how deep an expression may become


def words(tree: Tree) -> set[str]:
    """The names in an expression."""
    found: set[str] = set()
    for text in leaves(tree):
        if text.isidentifier():
            found.add(text)
        else:
            found.update(WORD.findall(text))
    return found


def fused(lines: list[Line], returned: Iterable[str]) -> list[Line]:
    """The lines with expressions put together; `returned` are the texts that use names after the last one."""
    read: list[str] = list(returned)
    sets: Counter[str] = Counter()
    for line in lines:
        if not isinstance(line, Assign):
            read += texts_of(line)
            continue
        read += leaves(line.tree)
        if line.target.isidentifier():
            sets[line.target] += not line.more
        else:
            read.append(line.target)
    reads = Counter(WORD.findall("\n".join(read)))
    out: list[Line] = []
    run: list[Assign] = []
    for line in [*lines, Raw(0, "", None)]:
        if isinstance(line, Assign) and (not run or line.depth == run[-1].depth):
            run.append(line)
            continue
        out += Run(reads, sets).of(run)
        run = [line] if isinstance(line, Assign) else []
        out += [] if isinstance(line, Assign) else [line]
    return out[:-1]


class Held(NamedTuple):
    """An assignment that is not yet written, the names its expression mentions, how deep it is."""

    line: Assign
    names: set[str]
    depth: int


class Run:
    """Assignments one after the other. `held` are those not yet written: their expressions mean the names as they are written so far."""

    def __init__(self, reads: Counter[str], sets: Counter[str]) -> None:
        self.reads, self.sets = reads, sets
        self.held: dict[str, Held] = {}
        self.out: list[Line] = []

    def of(self, run: list[Assign]) -> list[Line]:
        """The assignments, put together."""
        self.left = Counter(WORD.findall("\n".join([text for line in run for text in leaves(line.tree)])))
        for line in run:
            self.one(line)
        for name in list(self.held):
            self.write(name)
        return self.out

    def one(self, line: Assign) -> None:
        """The next assignment."""
        name = line.target
        if line.more and name in words(line.tree):  # name += -name
            self.write(name)
        before = self.held.get(name) if line.more else None
        tree, names = self.filled(line.tree, name if before is not None else None)
        if not name.isidentifier():
            for word in WORD.findall(name):
                self.write(word)
            base = WORD.findall(name)[0]
            for other in [n for n, held in self.held.items() if base in held.names]:
                self.write(other)
            self.out.append(line._replace(tree=tree))
        elif before is not None and before.depth < DEEPEST:
            del self.held[name]
            self.hold(before.line, simple(("+", before.line.tree, tree)), before.names | names)
        else:
            self.write(name)
            self.hold(line, simple(("+", name, tree)) if line.more else tree, names | {name} if line.more else names)

    def hold(self, line: Assign, tree: Tree, names: set[str]) -> None:
        """An assignment that may be put into another."""
        self.held[line.target] = Held(Assign(line.depth, line.target, tree, False, line.at), names, depth(tree))

    def filled(self, tree: Tree, own: str | None) -> tuple[Tree, set[str]]:
        """An expression with what is held in place of names, and the names it mentions; what cannot be put in is written before."""
        names = words(tree)
        for word in names:
            if word in self.held and word != own and not self.movable(word, own):
                self.write(word)
        if all(word == own or word not in self.held for word in names):
            return tree, names
        tree = self.substituted(tree)
        return tree, words(tree)

    def movable(self, name: str, own: str | None) -> bool:
        """Whether a name may be replaced by its expression: it is set once, and used once, or costs nothing; and it does not mean a name as
        it was before an assignment that is held, unless that is the one it goes into."""
        held = self.held[name]
        if self.sets[name] != 1 or self.reads[name] != self.left[name] or held.depth >= DEEPEST or (held.names & self.held.keys()) - {own}:
            return False
        return self.reads[name] == 1 or held.depth == 0 and held.line.tree[0] != "text"

    def substituted(self, tree: Tree) -> Tree:
        """An expression with what is held in place of names."""
        if tree.__class__ is str:
            if tree in self.held:
                held = self.held[tree].line.tree
                self.use(tree)
                return held
            if not tree.isidentifier():
                self.written(tree)
            return tree
        match tree[0]:
            case "number":
                return tree
            case "text":
                self.written(tree[1])
                return tree
            case "call":
                return (*tree[:2], *[self.substituted(part) for part in tree[2:]])
        return simple((tree[0], *[self.substituted(part) for part in tree[1:]]))

    def written(self, text: str) -> None:
        """A text that stays as it is: what it mentions is written before it."""
        for word in WORD.findall(text):
            self.write(word)

    def use(self, name: str) -> None:
        """A name is replaced once more; after the last time it is gone."""
        self.reads[name] -= 1
        self.left[name] -= 1
        if self.reads[name] == 0:
            del self.held[name]

    def write(self, name: str) -> None:
        """Write an assignment, and before it those that still mean the name as it was."""
        held = self.held.pop(name, None)
        if held is None:
            return
        line = held.line
        for other in [n for n, waiting in self.held.items() if name in waiting.names]:
            self.write(other)
        match line.tree:
            case ("+", left, right) if left == name and name not in words(right):
                line = line._replace(tree=right, more=True)
        self.out.append(line)


def depth(tree: Tree) -> int:
    """How deep an expression is."""
    return 0 if tree.__class__ is str or tree[0] in ("text", "number") else 1 + max([depth(part) for part in tree[1:]])


ONE, MINUS_ONE = ("number", 1.0), ("number", -1.0)


def simple(tree: Tree) -> Tree:
    """An operation without a factor of 1 and without the minus of a minus; the value is the same to the last bit."""
    symbol, u = tree[0], tree[1]
    w: Any = tree[2] if len(tree) == 3 else None
    negative = w.__class__ is tuple and w[0] == "neg"
    if symbol == "*":
        for one, other in ((w, u), (u, w)):
            if one == ONE:
                return other
            if one == MINUS_ONE:
                return simple(("neg", other))
    elif symbol == "neg" and u.__class__ is tuple:
        return u[1] if u[0] == "neg" else ("number", -u[1]) if u[0] == "number" else tree
    elif symbol == "+" and negative:
        return ("-", u, w[1])
    elif symbol == "+" and u.__class__ is tuple and u[0] == "neg":
        return ("-", w, u[1])
    elif symbol == "-" and negative:
        return ("+", u, w[1])
    return tree


__all__ = ["fused", "shown"]
