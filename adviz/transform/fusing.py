"""The same program with fewer names: what is used once is written where it is used. Every sum and product stays the one it was.

The order in which numbers are added and multiplied does not change, so the results are the same to the last bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from adviz.transform.lines import Assign, Line, Raw, leaves, shown, texts_of
from adviz.transform.names import WORD
from adviz.transform.rules import Tree

DEEPEST = 12  # how deep an expression may become


def words(tree: Tree) -> Iterator[str]:
    """The names in an expression."""
    for text in leaves(tree):
        yield from WORD.findall(text)


def fused(lines: list[Line], returned: Iterable[str]) -> list[Line]:
    """The lines with expressions put together; `returned` are the texts that use names after the last one."""
    reads: Counter[str] = Counter(word for text in returned for word in WORD.findall(text))
    sets: Counter[str] = Counter()
    for line in lines:
        if isinstance(line, Assign):
            reads.update(words(line.tree))
            if WORD.fullmatch(line.target):
                sets[line.target] += not line.more
            else:
                reads.update(WORD.findall(line.target))
        else:
            reads.update(word for text in texts_of(line) for word in WORD.findall(text))
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


class Run:
    """Assignments one after the other. `held` are those not yet written: their expressions mean the names as they are written so far."""

    def __init__(self, reads: Counter[str], sets: Counter[str]) -> None:
        self.reads, self.sets = reads, sets
        self.held: dict[str, Assign] = {}
        self.out: list[Line] = []

    def of(self, run: list[Assign]) -> list[Line]:
        """The assignments, put together."""
        self.left = Counter(word for line in run for word in words(line.tree))
        for line in run:
            self.one(line)
        for name in list(self.held):
            self.write(name)
        return self.out

    def one(self, line: Assign) -> None:
        """The next assignment."""
        name = line.target
        before = self.held.get(name) if line.more else None
        tree = simple(self.filled(line.tree, name if before is not None else None))
        if not WORD.fullmatch(name):
            for word in WORD.findall(name):
                self.write(word)
            for other in [n for n, held in self.held.items() if WORD.findall(name)[0] in words(held.tree)]:
                self.write(other)
            self.out.append(line._replace(tree=tree))
        elif before is not None and depth(before.tree) < DEEPEST:
            del self.held[name]
            self.held[name] = before._replace(tree=simple(("+", before.tree, tree)))
        else:
            self.write(name)
            if line.more:
                self.held[name] = line._replace(tree=simple(("+", name, tree)), more=False)
            else:
                self.held[name] = line._replace(tree=tree)

    def filled(self, tree: Tree, own: str | None) -> Tree:
        """An expression with what is held in place of names; what cannot be written there is written before."""
        for word in set(words(tree)):
            if word in self.held and word != own and not self.movable(word):
                self.write(word)
        found = self.substituted(tree)
        return found

    def movable(self, name: str) -> bool:
        """Whether a name may be replaced by its expression: it is set once, and used once, or costs nothing."""
        tree = self.held[name].tree
        if self.sets[name] != 1 or self.reads[name] != self.left[name] or depth(tree) >= DEEPEST:
            return False
        return self.reads[name] == 1 or isinstance(tree, str) or tree[0] == "number"

    def substituted(self, tree: Tree) -> Tree:
        match tree:
            case str() if WORD.fullmatch(tree):
                held = self.held.get(tree)
                if held is None:
                    return tree
                self.use(tree)
                return held.tree
            case str() | ("text", _):
                for word in set(words(tree)):
                    self.write(word)
                return tree
            case ("number", _):
                return tree
            case ("call", name, *parts):
                return ("call", name, *(self.substituted(part) for part in parts))
        return (tree[0], *(self.substituted(part) for part in tree[1:]))

    def use(self, name: str) -> None:
        """A name is replaced once more; after the last time it is gone."""
        self.reads[name] -= 1
        self.left[name] -= 1
        if self.reads[name] == 0:
            del self.held[name]

    def write(self, name: str) -> None:
        """Write an assignment, and before it those that still mean the name as it was."""
        line = self.held.pop(name, None)
        if line is None:
            return
        for other in [n for n, held in self.held.items() if name in words(held.tree)]:
            self.write(other)
        match line.tree:
            case ("+", left, right) if left == name and name not in words(right):
                line = line._replace(tree=right, more=True)
        self.out.append(line)


def depth(tree: Tree) -> int:
    """How deep an expression is."""
    return 0 if isinstance(tree, str) or tree[0] in ("text", "number") else 1 + max((depth(part) for part in tree[1:] if not isinstance(part, str) or tree[0] != "call"), default=0)


def simple(tree: Tree) -> Tree:
    """An expression without factors of 1 and without the minus of a minus; the value is the same to the last bit."""
    if isinstance(tree, str) or tree[0] in ("text", "number"):
        return tree
    if tree[0] == "call":
        return (*tree[:2], *map(simple, tree[2:]))
    match (tree[0], *map(simple, tree[1:])):
        case ("*", u, ("number", 1.0)) | ("*", ("number", 1.0), u):
            return u
        case ("*", u, ("number", -1.0)) | ("*", ("number", -1.0), u):
            return simple(("neg", u))
        case ("neg", ("neg", u)):
            return u
        case ("neg", ("number", x)):
            return ("number", -x)
        case ("+", u, ("neg", w)) | ("+", ("neg", w), u):
            return ("-", u, w)
        case ("-", u, ("neg", w)):
            return ("+", u, w)
        case found:
            return found


__all__ = ["fused", "shown"]
