"""The program with tangents: beside every number that changes, how it changes."""

from __future__ import annotations

from typing import Any

from adviz.transform.statements import Apply, Call, Mirror, Op
from adviz.transform.values import CONSTANT, TOKEN, Var
from adviz.transform.writing import rules
from adviz.transform.writing.forwards import Forward, listed
from adviz.transform.writing.lines import Assign


class Tangents(Forward):
    """The program with a tangent beside every number that changes: v̇ = Σ_k u̇_k · ∂φ/∂u_k."""

    nothing = "0.0"

    def __init__(self, variables: list[Var], moving: set[int]) -> None:
        super().__init__(variables, set(), None)
        self.moving = moving
        self.uncertain = False  # whether a tangent may be 0 because nothing changes

    def moves(self, u: Any) -> bool:
        """Whether a number has a tangent."""
        if not isinstance(u, Var) or u.kind == CONSTANT:
            return False
        return (u if u.place is None or u.root is None else u.root).id in self.moving

    def shadow(self, u: Var) -> rules.Tree:
        """A number's tangent."""
        return u.shadow if self.moves(u) else ("number", 0.0)

    def has_shadow(self, u: Var) -> bool:
        return self.moves(u)

    def pairs(self, u: Var, value: Any, *, merged: bool = False) -> list[tuple[str, str]]:
        pairs = super().pairs(u, value, merged=merged)
        if len(pairs) == 2 and not self.moves(value):
            self.uncertain = True
            pairs[1] = (pairs[1][0], self.nothing)
        return pairs

    def handle(self, s: Call) -> list[str]:
        return []

    def passed(self, u: Any) -> list[str]:
        """An argument, and its tangent."""
        given = super().passed(u)
        return [given[0], self.nothing] if len(given) == 2 and not self.moves(u) else given

    def mirror(self, s: Mirror) -> None:
        """Something done to a list, and to its shadow; what does not change has the tangent 0."""
        self.uncertain = True
        shadow = TOKEN.sub(lambda found: found[0] if found[2] == "." or self.moves(self.variables[int(found[1])]) else self.nothing, s.shadow)
        super().mirror(s._replace(shadow=shadow))

    def apply(self, s: Apply) -> None:
        """v and v̇ of a call on arrays"""
        letters = [f"a{k + 1}" if len(s.parts) > 1 else "a" for k in range(len(s.parts))]
        points, tangents = listed([u.token for u in s.parts]), listed([u.shadow if self.moves(u) else self.nothing for u in s.parts])
        self.raw(f"{s.var.token}, {s.var.shadow} = jvp(lambda {', '.join(letters)}: {s.written(letters)}, {points}, {tangents})", s.at)

    def op(self, s: Op) -> None:
        """v = φ(u_0, u_1), then v̇"""
        self.lines.append(Assign(self.depth, s.var.token, rules.value(s.row, s.operands), False, s.at))
        if not self.moves(s.var):
            return
        total: rules.Tree = None
        for k, u in enumerate(s.operands):
            partial = rules.partial(s.row, k, s.operands, s.var.token) if self.moves(u) else None
            if partial is not None and isinstance(u, Var):
                term = rules.product(partial, u.shadow)
                total = term if total is None else ("+", total, term)
        self.uncertain = self.uncertain or total is None
        self.lines.append(Assign(self.depth, s.var.shadow, ("number", 0.0) if total is None else total, False, s.at))
