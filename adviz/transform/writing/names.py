"""Names: the learner's own where there is one, v1, v2, ... elsewhere; one name for variables that are set from each other and never meet."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from adviz.transform.values import CONSTANT, NUMBER, TOKEN, Var

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


__all__ = ["NUMBER", "Names"]
