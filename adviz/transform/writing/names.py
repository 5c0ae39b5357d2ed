"""Names: the learner's own where there is one, v1, v2, ... elsewhere; one name for variables that are set from each other and never meet."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from adviz.transform.reading.learner import MISSING
from adviz.transform.statements import Apply, Call, Effect, Function, If, Let, Loop, Mirror, Op, Region
from adviz.transform.values import CONSTANT, NUMBER, TOKEN, Bundle, Text, Var, text_of
from adviz.transform.writing.keeping import Kept
from adviz.transform.writing.lines import tokens

WORD = re.compile(r"[^\W\d]\w*")
STACK = re.compile("\x03([0-9]+)([.~])")


class Names:
    """The name of every variable of a program. `suffix` is that of shadows: "_bar" or "_dot"."""

    def __init__(self, variables: list[Var], suffix: str) -> None:
        self.variables, self.suffix = variables, suffix
        self.suffixes = ("", suffix, "_stack", f"{suffix}_stack")
        self.tangents = suffix == "_dot"  # a tangent is computed after its number: operands must last that long
        self.group = list(range(len(variables)))
        self.taken: set[str] = set()
        self.named: dict[int, str] = {}
        self.stacks: dict[str, str] = {}
        self.filled: dict[str, str] = {}

    def find(self, n: int) -> int:
        """The variable that stands for all that share its name."""
        while self.group[n] != n:
            self.group[n] = self.group[self.group[n]]
            n = self.group[n]
        return n

    def unite(self, a: int, b: int) -> None:
        """One name for both."""
        a, b = self.find(a), self.find(b)
        if a != b:
            self.group[max(a, b)] = min(a, b)

    def members(self, n: int) -> list[int]:
        """The variables that share a name."""
        return [m for m in range(len(self.variables)) if self.find(m) == self.find(n)]

    # which variables share a name

    def share(self, function: Function, kept: Kept | None, cells: set[int], apart: set[int]) -> None:
        """Variables that are set from each other get one name where no value is lost by it."""
        uses = Counter(n for text in texts(function.region) for n, _ in tokens(text))
        uses.update(n for text in result_texts(function.result) for n, _ in tokens(text))
        uses.update(u.id for u in function.parameters if u.id in cells)  # its cell is read at the end
        self._share(function.region, uses, kept, apart)

    def _share(self, region: Region, uses: Counter[int], kept: Kept | None, apart: set[int]) -> None:
        for s in region.statements:
            if isinstance(s, Loop):
                for c in s.carried:
                    self.unite(c.head.id, c.out.id)
                    first = variable(c.first)
                    if first is not None and self._only(first, uses, kept) and self.variables[first].region is region:
                        self.unite(c.head.id, first)
                for c in s.carried:
                    once = isinstance(c.next, Var) and c.head.id not in apart and self._only(c.next.id, uses, kept)
                    if once and not self._used_after(s.body, c.next, {c.head.id}) and not any(o.next is c.head for o in s.carried):
                        self.unite(c.head.id, c.next.id)
                self._share(s.body, uses, kept, apart)
            elif isinstance(s, If):
                for m in s.merges:
                    for branch, u in ((s.then, m.then), (s.other, m.other)):
                        if isinstance(u, Var) and u.region is branch and self._only(u.id, uses, kept):
                            sources = {variable(o.then if branch is s.then else o.other) for o in s.merges}
                            members = set(self.members(m.var.id))
                            if not self._used_after(branch, u, members) and not members & sources:
                                self.unite(m.var.id, u.id)
                self._share(s.then, uses, kept, apart)
                self._share(s.other, uses, kept, apart)

    def _only(self, n: int, uses: Counter[int], kept: Kept | None) -> bool:
        """Whether a variable is used once, to set another one from it."""
        u = self.variables[n]
        return uses[n] == 1 and u.place is None and isinstance(u.kind, str) and not (kept and kept.needs(u))

    def _used_after(self, region: Region, u: Var, heads: set[int]) -> bool:
        """Whether one of the heads is used in a region after u is computed there; also if it is not computed there at all."""
        for k, s in enumerate(region.statements):
            match s:
                case Op(var=var) | Apply(var=var):
                    computes = var is u
                case Let(variables=several):
                    computes = u in several
                case If(merges=merges):
                    computes = any(m.var is u for m in merges)
                case _:
                    computes = False
            if computes:
                rest = Region(None, None)
                rest.statements = region.statements[k + (not (self.tangents and isinstance(s, Op))) :]
                return any(n in heads for text in texts(rest) for n, _ in tokens(text))
        return True

    # the names themselves

    def reserve(self, names: Iterable[str]) -> None:
        """Names that no variable may have."""
        self.taken.update(names)

    def give(self, order: Iterable[int], derived: Iterable[int]) -> None:
        """A name for each variable, in that order; the learner's first. Those in `derived` give one to shadows and stacks too."""
        groups: dict[int, list[Var]] = {}
        for m, u in enumerate(self.variables):
            groups.setdefault(self.find(m), []).append(u)
        self.filled.clear()
        wider = {self.find(n) for n in derived}
        for n in order:
            n = self.find(n)
            if n not in self.named:
                members = groups[n]
                hints = [u.hint for u in members if u.hint]
                self.named[n] = self._free(hints[0] if hints else self._numbered(members), self.suffixes if n in wider else ("",))

    def _numbered(self, members: list[Var]) -> str:
        serials = [u.serial for u in members if u.serial]
        if serials:
            return f"v{serials[0]}"
        return "c" if all(u.kind == CONSTANT for u in members) else "u"

    def _free(self, base: str, suffixes: tuple[str, ...]) -> str:
        """The name, or with a number if it is taken: none of the names made from it may be."""
        name, number = base, 1
        while keyword.iskeyword(name) or any(name + suffix in self.taken for suffix in suffixes):
            number += 1
            name = f"{base}_{number}" if not base[-1:].isdigit() or base != "c" else f"{base}{number}"
        self.taken.update(name + suffix for suffix in suffixes)
        return name

    def fill(self, text: str) -> str:
        """The text with names for its tokens."""
        found = self.filled.get(text)
        if found is None:
            found = TOKEN.sub(self._name, text)
            found = self.filled[text] = STACK.sub(self._stack, found) if "\x03" in found else found
        return found

    def _stack(self, found: re.Match[str]) -> str:
        """A stack has a name of its own, also where two variables share theirs."""
        key = found[0]
        if key not in self.stacks:
            base = self._name(found) + "_stack"
            known = set(self.stacks.values())
            self.stacks[key] = base if base not in known else next(f"{base}_{k}" for k in range(2, 10**6) if f"{base}_{k}" not in known)
        return self.stacks[key]

    def _name(self, found: re.Match[str]) -> str:
        name = self.named.get(self.find(int(found[1])), "")
        return name + self.suffix if found[2] == "~" else name


def variable(u: Any) -> int | None:
    """The variable that a value is, by its number; None if it is none."""
    if isinstance(u, Var):
        return u.id if u.place is None else None
    found = TOKEN.fullmatch(u.code) if isinstance(u, Text) else None
    return int(found[1]) if found else None


def result_texts(u: Any) -> Iterator[str]:
    """The texts of what a function returns."""
    if isinstance(u, Bundle) and u.token is None:
        for item in u.items:
            yield from result_texts(item)
    elif isinstance(u, Var):
        yield u.token
    elif (text := text_of(u)) is not None:
        yield text.code


def texts(region: Region) -> Iterator[str]:
    """Every text that uses a variable, in a region and those inside it; what sets a variable is no use."""
    for s in region.statements:
        match s:
            case Op(operands=operands):
                yield from (u.token if isinstance(u, Var) else u.code for u in operands)
            case Apply(operands=operands, named=named):
                yield from (text for u in (*operands, *(u for _, u in named)) for text in result_texts(u))
            case Let(text=text) | Effect(text=text):
                yield text
            case Mirror(text=text, shadow=shadow):
                yield text
                yield shadow
            case Call(arguments=arguments):
                yield from (text for u in arguments for text in result_texts(u))
            case If():
                yield s.condition.code
                yield from texts(s.then)
                yield from texts(s.other)
                yield from (text for m in s.merges for u in (m.then, m.other) if u is not MISSING for text in result_texts(u))
            case Loop():
                yield s.iterable
                if s.condition is not None:
                    yield s.condition.code
                if s.stop is not None:
                    yield s.stop.code
                yield from texts(s.head)
                yield from texts(s.body)
                yield from (text for c in s.carried for u in (c.first, c.next) if u is not MISSING for text in result_texts(u))


__all__ = ["NUMBER", "Names"]
