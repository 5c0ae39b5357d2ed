"""The program backwards: every statement's share of the derivative, against the order it ran in.

An adjoint is a variable of its own (`v3_bar`). Where one number goes by two names at once (two branches' variable, an entry of a list) its
adjoint is a cell that both names share: a list with one entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adviz.transform.reading.facts import Again
from adviz.transform.statements import Apply, Call, Effect, If, Let, Loop, Mirror, Op, Place, Region
from adviz.transform.values import NUMBER, Container, Var
from adviz.transform.writing import rules
from adviz.transform.writing.blocks import Block
from adviz.transform.writing.lines import Assign, Copies, Line, Raw
from adviz.transform.writing.shares import Conflict, Header, Restore, Shares


class Backward(Shares):
    """The lines of one function, backwards."""

    def run(self, seeds: Iterable[tuple[Var, str]]) -> None:
        """All of the function: first the seeds of what it returns."""
        for u, seed in seeds:
            if isinstance(u.kind, Container):
                self.use(u.shadow)
                self.uncertain = True
                self.lines.append(Raw(self.depth, f"seeded({u.shadow}, {seed})", None))
            else:
                self.contribute(u, seed, None)
        self.region(self.function.region)

    def region(self, region: Region) -> None:
        """The statements of a region, the last one first."""
        block = self.blocks.at_end(region) if self.blocks is not None else None
        for s in reversed(region.statements):
            if block is not None and isinstance(s, If | Loop | Call):
                self.record(block)
                block = None
            if self.blocks is not None and (found := self.blocks.before(s)) is not None:
                self.one(s)
                block = found
                continue
            self.one(s)
        if block is not None:
            self.record(block)

    def record(self, block: Block) -> None:
        """The adjoints of a block, as one tuple; None where nothing arrives."""
        assert self.blocks is not None
        flows = [self.flow(u) if self.has(u) else "None" for u in block.variables]
        self.use(("text", " ".join(flows)))
        if self.blocks.one:
            entries = (("text", flow) if flow == "None" else flow for flow in flows)
            self.lines.append(Assign(self.depth, "adjoints", ("tuple", ("tuple", ("text", "0"), *entries)), False, None))
        else:
            self.lines.append(Raw(self.depth, f"adjoints.append(({', '.join([str(block.number), *flows])}))", None))

    def one(self, s: Any) -> None:
        """A statement backwards."""
        match s:
            case Op():
                self.op(s)
            case Apply():
                self.apply(s)
            case If():
                self.branch(s)
            case Loop():
                self.loop(s)
            case Call():
                self.pointers.add(s.handle.id)
                self.lines.append(Raw(self.depth, f"{s.handle.token}()", s.at))
                self.values.add(s.handle.id)
                self.uncertain = True
            case Let() | Mirror() | Effect():
                pass

    def op(self, s: Op) -> None:
        """v = φ(u_0, u_1): ū_k += v̄ · ∂φ/∂u_k"""
        if not self.has(s.var):
            return
        flow = self.flow(s.var)
        shares = [(u, rules.partial(s.row, k, s.operands, s.var.token)) for k, u in enumerate(s.operands) if isinstance(u, Var)]
        for u, partial in shares:
            if partial is None:
                continue
            share = rules.product(partial, flow)
            if self.facts.arrays and len(s.operands) > 1:
                share = ("call", "unbroadcast", share, ("call", "shape", u.token))
            self.contribute(u, share, s.at)

    def apply(self, s: Apply) -> None:
        """v = function(u_0, u_1, ...): each operand receives what the call's pullback gives it"""
        if not self.has(s.var):
            return
        self.use(("text", f"{s.handle.token} {self.flow(s.var)}"))
        shares = f"{s.handle.token}({self.flow(s.var)})"
        if len(s.parts) > 1:
            self.lines.append(Raw(self.depth, f"shares = {shares}", s.at))
            shares = "shares"
        for k, u in enumerate(s.parts):
            if isinstance(u.kind, Container):
                self.use(u.shadow)
                self.lines.append(Raw(self.depth, f"seeded({u.shadow}, {shares}[{k}])", s.at))
            else:
                self.contribute(u, f"{shares}[{k}]", s.at)

    def handed(self, target: Any, flow: Var, at: Place, moves: list[tuple[Var, Var]]) -> None:
        """A variable's adjoint goes to the value it was set from."""
        if not isinstance(target, Var) or target.kind != NUMBER or flow.id in self.cells or target is flow:
            return
        if self.has(target) or any(target is other for other, _ in moves) or any(not target.region.inside(loop.body) for loop, *_ in self.loops[-1:]):
            if target.place is not None:
                assert target.root is not None
                self.facts.cells.add(target.root.hint or "")
                raise Again
            raise Conflict(target, flow)
        moves.append((target, flow))

    def branch(self, s: If) -> None:
        """Both ways backwards, under the same condition."""
        merges = [m for m in s.merges if isinstance(m.var, Var) and m.var.kind == NUMBER and self.has(m.var)]
        start, hoisted = set(self.given), set[int]()
        ways: list[list[Any]] = []
        ends: list[set[int]] = []
        lines = self.lines
        for region, chosen in ((s.then, [m.then for m in merges]), (s.other, [m.other for m in merges])):
            self.lines, self.given = [], start | hoisted
            self.depth += 1
            self.lines.append(Restore(self.depth, region))
            moves: list[tuple[Var, Var]] = []
            for m, target in zip(merges, chosen, strict=True):
                self.handed(target, m.var, s.at, moves)
            for target, flow in moves:
                self.contribute(target, flow.shadow, s.at)
            self.region(region)
            self.depth -= 1
            ways.append(self.lines)
            ends.append(self.given)
            hoisted |= {u for u in self.given - start if any(not self.variables[u].region.inside(loop.body) for loop, *_ in self.loops)}
        self.lines, self.given = lines, ends[0] | ends[1]
        for m in merges:
            self.given.discard(m.var.id)
        for way, end in zip(ways, ends, strict=True):
            for u in sorted(self.given - end - hoisted):
                if not self.variables[u].region.inside(s.then) and not self.variables[u].region.inside(s.other):
                    way.append(Assign(self.depth + 1, self.variables[u].shadow, ("number", 0.0), False, s.at))
                    self.uncertain = True
        self.given = {u for u in self.given if not any(self.variables[u].region.inside(region) for region in (s.then, s.other))}
        full = [any(not isinstance(line, Restore) for line in way) for way in ways]
        if any(full):
            self.use(("text", s.condition.code))
            test = s.condition.code if full[0] else f"not {s.condition.inner}"
            self.lines += [Raw(self.depth, f"if {test}:", s.at), *(ways[0] if full[0] else ways[1])]
            if all(full):
                self.lines += [Raw(self.depth, "else:", s.at), *ways[1]]

    def loop(self, s: Loop) -> None:
        """The passes, the last one first. What they hand on is handed back."""
        carried = [c for c in s.carried if c.head.kind == NUMBER]
        local = [c for c in carried if c.head.id not in self.cells]
        handed = {c.head.id for c in local if c.out.id in self.given}
        entry = set(self.given)
        while True:
            before, body, missing = self.one_pass(s, local, handed, entry)
            if missing <= handed:
                break
            handed |= missing
        for c in carried:
            self.given -= {c.head.id, c.out.id}
        for c in local:
            if c.head.id in handed and c.out.id not in entry:
                before.append(Assign(self.depth, c.head.shadow, ("number", 0.0), False, s.at))
                self.uncertain = True
        if body:
            self.lines += [*before, Header(self.depth, s), *body]
        moves: list[tuple[Var, Var]] = []
        for c in local:
            if c.head.id in handed:
                self.handed(c.first, c.head, s.at, moves)
        for target, flow in moves:
            self.contribute(target, flow.shadow, s.at)

    def one_pass(self, s: Loop, local: list[Any], handed: set[int], entry: set[int]) -> tuple[list[Line], list[Any], set[int]]:
        """The lines of one pass backwards; those before the loop; the heads that got a share."""
        lines, before = self.lines, list[Line]()
        self.lines, self.given = [], set(entry)
        self.loops.append((s, before, self.depth))
        self.depth += 1
        self.given -= {u.id for c in local for u in (c.head, c.out)}
        self.given |= {c.head.id for c in local if c.head.id in handed and c.next is c.head}
        moves: list[tuple[Var, Var]] = []
        for c in local:
            if c.head.id in handed:
                self.handed(c.next, c.head, s.at, moves)
        if moves:  # all at once: one name may be both given and taken
            self.lines.append(Copies(self.depth, tuple((target.shadow, flow.shadow) for target, flow in moves), s.at))
            self.given |= {target.id for target, _ in moves}
        self.region(s.body)
        for c in local:
            if c.head.id in handed and c.head.id not in self.given:
                self.assign(c.head.shadow, ("number", 0.0), False, s.at)
                self.uncertain = True
        missing = {c.head.id for c in local if c.head.id in self.given}
        self.depth -= 1
        self.loops.pop()
        body, self.lines = self.lines, lines
        if body and all(isinstance(line, Restore) for line in body):
            body = []
        if body:
            body.insert(0, Restore(self.depth + 1, s.body))
        self.given = {u for u in self.given if not self.variables[u].region.inside(s.body)}
        return before, body, missing
