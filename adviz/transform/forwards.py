"""The program forwards: the learner's statements as elemental assignments, with what the backward part will need kept aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adviz.transform import rules
from adviz.transform.keeping import Item, Kept, stack
from adviz.transform.learner import MISSING
from adviz.transform.lines import Assign, Copies, Line, Raw
from adviz.transform.statements import NOTHING, Apply, Call, Effect, Function, If, Let, Loop, Mirror, Op, Place, Region
from adviz.transform.values import CONSTANT, NUMBER, TOKEN, Container, Text, Var, text_of


def constant(u: Any, kind: Any) -> str:
    """A constant that a variable is set to, as a float if the variable is a number."""
    text = text_of(u)
    assert text is not None
    return rules.written(rules.operand(text, True)) if kind == NUMBER else text.code


def shadow_of(u: Var) -> str:
    """A parameter's shadow, when nothing has arrived."""
    if u.kind == Container(NUMBER):
        return f"[0.0] * len({u.token})" if u.readonly else f"[[0.0] for _ in {u.token}]"
    return f"zeros({u.token})" if u.readonly else f"cells({u.token})"


def assigned(line: Any) -> Iterator[str]:
    """The tokens of variables and shadows that a line sets, but those of adjoints."""
    match line:
        case Assign(target=target):
            texts = [target]
        case Copies(pairs=pairs):
            texts = [target for target, _ in pairs]
        case _:
            texts = [line.text.partition(" in ")[0] if line.text.startswith("for ") else line.text.partition(" = ")[0] if " = " in line.text else ""]
    yield from (found[0] for text in texts if "[" not in text for found in TOKEN.finditer(text))


class Forward:
    """The lines of a function's statements, in order. `nothing` is the shadow of a constant."""

    nothing = "[0.0]"

    def __init__(self, variables: list[Var], cells: set[int], kept: Kept | None) -> None:
        self.variables, self.cells, self.kept = variables, cells, kept
        self.lines: list[Line] = []
        self.depth = 1

    def raw(self, text: str, at: Place | None) -> None:
        """A line as it stands."""
        self.lines.append(Raw(self.depth, text, at))

    def has_shadow(self, u: Var) -> bool:
        """Whether a variable's shadow is set along with it."""
        return isinstance(u.kind, Container) or u.id in self.cells

    def region(self, region: Region) -> None:
        """The statements of a region."""
        for s in region.statements:
            match s:
                case Op():
                    self.op(s)
                case Apply():
                    self.apply(s)
                case Let():
                    self.raw(f"{s.pattern} = {s.text}", s.at) if len(s.variables) > 1 else self.let(s)
                case Mirror():
                    self.mirror(s)
                case Effect():
                    self.raw(s.text, s.at)
                case If():
                    self.branch(s)
                case Loop():
                    self.loop(s)
                case Call():
                    self.call(s)

    def op(self, s: Op) -> None:
        """v = φ(u_0, u_1)"""
        self.lines.append(Assign(self.depth, s.var.token, rules.value(s.row, s.operands), False, s.at))
        if s.var.id in self.cells:
            self.raw(f"{s.var.shadow} = {self.nothing}", s.at)

    def apply(self, s: Apply) -> None:
        """v = function(u_0, u_1, ...)"""
        self.raw(f"{s.var.token} = {s.text}", s.at)

    def let(self, s: Let) -> None:
        """A constant, as the learner wrote it."""
        self.lines.append(Assign(self.depth, s.variables[0].token, ("text", s.text), False, s.at))

    def mirror(self, s: Mirror) -> None:
        """Something done to a list, and to its shadow."""
        shadow = s.shadow.replace(NOTHING, self.nothing)
        target, of_shadow = (f"{s.var.token} = ", f"{s.var.shadow} = ") if s.var is not None else ("", "")
        self.raw(target + s.text, s.at)
        self.raw(of_shadow + shadow, s.at)

    def shadows(self, function: Function) -> tuple[list[Line], list[Line]]:
        """The shadows of the parameters: those that the forward part hands on, those that only the backward part needs."""
        early, late = list[Line](), list[Line]()
        for u in function.parameters:
            if u.id in self.cells:
                early.append(Raw(1, f"{u.shadow} = {self.nothing}", None))
            elif isinstance(u.kind, Container):
                (late if u.readonly else early).append(Raw(1, f"{u.shadow} = {shadow_of(u)}", None))
        return early, late

    def call(self, s: Call, *extra: str) -> None:
        """A call of a function that calls itself, with the shadows of what it is given."""
        results = [text for u in s.results for text in ((u.token, u.shadow) if u.kind != CONSTANT else (u.token,))]
        given = [text for u in s.arguments for text in self.passed(u)]
        self.raw(f"{', '.join([*results, *self.handle(s)])} = {s.name}({', '.join([*extra, *given])})", s.at)

    def handle(self, s: Call) -> list[str]:
        """What a call returns besides its results: how to run it backwards."""
        return [s.handle.token]

    def passed(self, u: Any) -> list[str]:
        """An argument, and its shadow if it can have one."""
        if isinstance(u, Var) and u.kind != CONSTANT:
            return [u.token, u.shadow]
        text = text_of(u)
        assert text is not None
        return [text.code]

    def pairs(self, u: Var, value: Any, *, merged: bool = False) -> list[tuple[str, str]]:
        """What sets a variable to a value: the value, and its shadow if it has one. Where branches meet, one of them may have none."""
        if value is MISSING:
            return [(text, "None") for text in (u.token, u.shadow)[: 1 + self.has_shadow(u)]] if merged else []
        source = value.token if isinstance(value, Var) else constant(value, u.kind)
        pairs = [(u.token, source)]
        if self.has_shadow(u):
            pairs.append((u.shadow, value.shadow if isinstance(value, Var) and value.kind != CONSTANT else self.nothing))
        return pairs

    def copies(self, pairs: list[tuple[str, str]], at: Place) -> None:
        """Variables set from others, all at once."""
        if pairs:
            self.lines.append(Copies(self.depth, tuple(pairs), at))

    def keep(self, items: list[Item], at: Place) -> None:
        """Values (or cells) onto their stacks."""
        for number, kind in items:
            name = f"\x01{number}{kind}"
            self.raw(f"{stack(number, kind)}.append({name})", at)

    def kept_by(self, region: Region, heads: set[int], *, of_heads: bool) -> list[Item]:
        """What a region keeps: of the variables it starts with, or of those it computes."""
        items = self.kept.stacked.get(region, []) if self.kept is not None else []
        return [item for item in items if (item[0] in heads) == of_heads]

    def branch(self, s: If) -> None:
        """if condition: then, else: other"""
        lines, ways = self.lines, []
        self.depth += 1
        for region, values in ((s.then, [m.then for m in s.merges]), (s.other, [m.other for m in s.merges])):
            self.lines = []
            self.region(region)
            self.keep(self.kept_by(region, set(), of_heads=False), s.at)
            self.copies([pair for m, value in zip(s.merges, values, strict=True) for pair in self.pairs(m.var, value, merged=True)], s.at)
            ways.append(self.lines)
        self.depth -= 1
        self.lines = lines
        then, other = ways
        if not then and not other:
            return
        self.raw(f"if {s.condition.code}:" if then else f"if not {s.condition.inner}:", s.at)
        self.lines += then or other
        if then and other:
            self.raw("else:", s.at)
            self.lines += other

    def loop(self, s: Loop) -> None:
        """A loop, with what its passes hand on."""
        heads = {c.head.id for c in s.carried}
        if self.kept is not None and not (s.body.parent and s.body.parent.repeated):
            for number, kind in sorted(set(self.kept.within(s.body))):
                self.raw(f"{stack(number, kind)} = []", s.at)
        counts = s.count is not None and self.kept is not None and self.kept.needs(s.count)
        if counts:
            self.raw(f"{s.count.token} = 0", s.at)  # type: ignore[union-attr]
        self.copies([pair for c in s.carried for pair in self.pairs(c.head, c.first)], s.at)
        if s.condition is None:
            self.raw(f"for {s.pattern} in {s.iterable}:", s.at)
        else:
            self.raw("while True:" if s.head.statements else f"while {s.condition.code}:", s.at)
        self.depth += 1
        if s.head.statements and s.condition is not None:
            self.region(s.head)
            self.raw(f"if not {s.condition.inner}:", s.at)
            self.lines.append(Raw(self.depth + 1, "break", s.at))
        if counts:
            self.raw(f"{s.count.token} += 1", s.at)  # type: ignore[union-attr]
        self.keep(self.kept_by(s.body, heads, of_heads=True), s.at)
        start = len(self.lines)
        self.region(s.body)
        self.keep(self.kept_by(s.body, heads, of_heads=False), s.at)
        self.copies([pair for c in s.carried if c.next is not c.head for pair in self.pairs(c.head, c.next)], s.at)
        if s.stop is not None:
            self.raw(f"if {s.stop.code}:", s.at)
            self.lines.append(Raw(self.depth + 1, "break", s.at))
        if len(self.lines) == start and not counts and not self.kept_by(s.body, heads, of_heads=True):
            self.raw("pass", s.at)
        self.depth -= 1


class Tangents(Forward):
    """The program with a tangent beside every number that changes: v̇ = Σ_k u̇_k · ∂φ/∂u_k."""

    nothing = "0.0"

    def __init__(self, variables: list[Var], moving: set[int]) -> None:
        super().__init__(variables, set(), None)
        self.moving = moving
        self.uncertain = False  # whether a tangent may be 0 because nothing changes

    def moves(self, u: Any) -> bool:
        """Whether a number has a tangent."""
        return isinstance(u, Var) and u.kind != CONSTANT and (u.id in self.moving if u.place is None else u.root is not None and u.root.id in self.moving)

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


__all__ = ["Forward", "Tangents", "Text"]
