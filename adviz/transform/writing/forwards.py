"""The program forwards: the learner's statements as elemental assignments, with what the backward part will need kept aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adviz.transform.reading.learner import MISSING
from adviz.transform.statements import NOTHING, Apply, Call, Effect, Function, If, Let, Loop, Mirror, Op, Place, Region
from adviz.transform.values import CONSTANT, NUMBER, TOKEN, Container, Var, text_of
from adviz.transform.writing import rules
from adviz.transform.writing.blocks import Block, Blocks
from adviz.transform.writing.keeping import Item, Kept, stack
from adviz.transform.writing.lines import Assign, Copies, Line, Raw


def constant(u: Any, kind: Any) -> str:
    """A constant that a variable is set to, as a float if the variable is a number."""
    text = text_of(u)
    assert text is not None
    return rules.written(rules.operand(text, True)) if kind == NUMBER else text.code


def listed(texts: Sequence[str]) -> str:
    """A tuple's text."""
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def shadow_of(u: Var) -> str:
    """A parameter's shadow, when nothing has arrived."""
    if u.kind == Container(NUMBER):
        return f"[0.0] * len({u.token})" if u.readonly else f"[[0.0] for _ in {u.token}]"
    return f"zeros({u.token})" if u.readonly else f"cells({u.token})"


def own_copy(u: Var) -> Line:
    """A list that is changed is not the caller's."""
    return Raw(1, f"{u.token} = copied({u.token}, {u.token})", None)


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
        self.blocks: Blocks | None = None  # of a program that records what it computes

    def raw(self, text: str, at: Place | None) -> None:
        """A line as it stands."""
        self.lines.append(Raw(self.depth, text, at))

    def has_shadow(self, u: Var) -> bool:
        """Whether a variable's shadow is set along with it."""
        return isinstance(u.kind, Container) or u.id in self.cells

    def region(self, region: Region) -> None:
        """The statements of a region."""
        for s in region.statements:
            if self.blocks is not None and (block := self.blocks.before(s)) is not None:
                self.record(block)
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
        if self.blocks is not None and (block := self.blocks.at_end(region)) is not None:
            self.record(block)

    def record(self, block: Block) -> None:
        """The numbers of a block, as one tuple."""
        assert self.blocks is not None
        if self.blocks.one:
            self.lines.append(Assign(self.depth, "values", ("tuple", ("tuple", ("text", "0"), *(u.token for u in block.variables))), False, None))
        else:
            self.raw(f"{self.blocks.list_of(block)}.append({self.blocks.recorded(block)})", None)

    def op(self, s: Op) -> None:
        """v = φ(u_0, u_1)"""
        self.lines.append(Assign(self.depth, s.var.token, rules.value(s.row, s.operands), False, s.at))
        if s.var.id in self.cells:
            self.raw(f"{s.var.shadow} = {self.nothing}", s.at)

    def apply(self, s: Apply) -> None:
        """v and the pullback of a call on arrays"""
        letters = [f"a{k + 1}" if len(s.parts) > 1 else "a" for k in range(len(s.parts))]
        call = f"vjp(lambda {', '.join(letters)}: {s.written(letters)}, {listed([u.token for u in s.parts])})"
        self.raw(f"{s.var.token}, {s.handle.token} = {call}", s.at)
        if s.var.id in self.cells:
            self.raw(f"{s.var.shadow} = {self.nothing}", s.at)

    def let(self, s: Let) -> None:
        """A constant, as the learner wrote it."""
        self.lines.append(Assign(self.depth, s.variables[0].token, ("text", s.text), False, s.at))

    def mirror(self, s: Mirror) -> None:
        """Something done to a list, and to its shadow."""
        shadow = s.shadow.replace(NOTHING, self.nothing)
        target, of_shadow = (f"{s.var.token} = ", f"{s.var.shadow} = ") if s.var is not None else ("", "")
        self.raw(target + s.text, s.at)
        self.raw(of_shadow + shadow, s.at)

    def shadows(self, function: Function, starts: dict[int, Var]) -> tuple[list[Line], list[Line]]:
        """The shadows of the parameters: those that the forward part hands on, those that only the backward part needs. Of a parameter that
        is changed, `starts` is what remembers list and shadow as they were given: the program changes copies."""
        early, late = list[Line](), list[Line]()
        for u in function.parameters:
            if u.id in self.cells:
                early.append(Raw(1, f"{u.shadow} = {self.nothing}", None))
            elif isinstance(u.kind, Container):
                (late if u.readonly else early).append(Raw(1, f"{u.shadow} = {shadow_of(u)}", None))
            if u.id in starts:
                early.append(Raw(1, f"{starts[u.id].token} = copied({u.shadow}, {u.token}), {u.token}", None))
                early.append(own_copy(u))
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

    def copies(self, pairs: list[tuple[str, str]]) -> None:
        """Variables set from others, all at once."""
        if pairs:
            self.lines.append(Copies(self.depth, tuple(pairs), None))

    def keep(self, items: list[Item]) -> None:
        """Values (or cells) onto their stacks."""
        for number, kind in items:
            name = f"\x01{number}{kind}"
            self.raw(f"{stack(number, kind)}.append({name})", None)

    def kept_by(self, region: Region, heads: set[int], *, of_heads: bool) -> list[Item]:
        """What a region keeps: of the variables it starts with, or of those it computes."""
        if self.kept is None or (self.blocks is not None and region in self.blocks.passes):
            return []
        items = self.kept.stacked.get(region, [])
        return [item for item in items if (item[0] in heads) == of_heads]

    def branch(self, s: If) -> None:
        """if condition: then, else: other"""
        lines, ways = self.lines, []
        self.depth += 1
        for region, values in ((s.then, [m.then for m in s.merges]), (s.other, [m.other for m in s.merges])):
            self.lines = []
            self.region(region)
            self.keep(self.kept_by(region, set(), of_heads=False))
            self.copies([pair for m, value in zip(s.merges, values, strict=True) for pair in self.pairs(m.var, value, merged=True)])
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
        own = self.list_of_passes(s)
        counter = s.count if s.count is not None and self.kept is not None and self.kept.needs(s.count) else None
        self.start_stacks(s, own)
        if counter is not None:
            self.raw(f"{counter.token} = 0", s.at)
        self.copies([pair for c in s.carried for pair in self.pairs(c.head, c.first)])
        if s.condition is None:
            self.raw(f"for {s.pattern} in {s.iterable}:", s.at)
        else:
            self.raw("while True:" if s.head.statements else f"while {s.condition.code}:", s.at)
        start = len(self.lines)
        self.depth += 1
        self.one_pass(s, counter)
        if len(self.lines) == start:
            self.raw("pass", s.at)
        self.depth -= 1
        if own is not None:
            self.raw(f"values += {own}", None)

    def list_of_passes(self, s: Loop) -> str | None:
        """The list in which the passes of a loop record what they compute, if they have one of their own."""
        recorded = self.blocks.passes.get(s.body) if self.blocks is not None else None
        own = self.blocks.list_of(recorded[0]) if self.blocks is not None and recorded is not None else "values"
        return own if own != "values" else None

    def start_stacks(self, s: Loop, own: str | None) -> None:
        """Before an outermost loop: the stacks of what is kept in it."""
        if own is not None:
            self.raw(f"{own} = []", None)
        elif self.kept is not None and (self.blocks is None or s.body not in self.blocks.passes) and not (s.body.parent and s.body.parent.repeated):
            for number, kind in sorted(set(self.kept.within(s.body))):
                self.raw(f"{stack(number, kind)} = []", None)

    def one_pass(self, s: Loop, counter: Var | None) -> None:
        """The test of a while loop that needs statements, what is kept of the values a pass starts with, its statements, what it hands on."""
        heads = {c.head.id for c in s.carried}
        if s.head.statements and s.condition is not None:
            self.region(s.head)
            self.raw(f"if not {s.condition.inner}:", s.at)
            self.lines.append(Raw(self.depth + 1, "break", s.at))
        if counter is not None:
            self.raw(f"{counter.token} += 1", s.at)
        self.keep(self.kept_by(s.body, heads, of_heads=True))
        self.region(s.body)
        self.keep(self.kept_by(s.body, heads, of_heads=False))
        self.copies([pair for c in s.carried if c.next is not c.head for pair in self.pairs(c.head, c.next)])
        if s.stop is not None:
            self.raw(f"if {s.stop.code}:", s.at)
            self.lines.append(Raw(self.depth + 1, "break", s.at))
