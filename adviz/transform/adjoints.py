"""The program backwards: every statement's share of the derivative, against the order it ran in.

An adjoint is a variable of its own (`v3_bar`), set by its first share and added to by the others, in the order in which a sweep over a
trace would add them, so that the sums are the same to the last bit. Where one number goes by two names at once (two branches' variable,
an entry of a list) its adjoint is a cell that both names share: a list with one entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adviz.transform import rules
from adviz.transform.facts import Again, Facts
from adviz.transform.lines import Assign, Copies, Line, Raw, leaves, tokens
from adviz.transform.statements import NOTHING, Apply, Call, Effect, Function, If, Let, Loop, Merge, Mirror, Op, Place, Region
from adviz.transform.values import NUMBER, Bundle, Container, Text, Var


class Conflict(Exception):
    """Two names of one number would each sum adjoints: they need a cell."""

    def __init__(self, *variables: Var) -> None:
        self.variables = variables


class Restore:
    """Where a region that was repeated gets back what it kept."""

    def __init__(self, depth: int, region: Region) -> None:
        self.depth, self.region = depth, region


class Header:
    """Where the header of a loop that runs backwards will stand."""

    def __init__(self, depth: int, loop: Loop) -> None:
        self.depth, self.loop = depth, loop


class Backward:
    """The lines of one function, backwards. `cells`: the variables whose adjoints are cells; all are, in a general program."""

    def __init__(self, function: Function, variables: list[Var], cells: set[int], facts: Facts) -> None:
        self.function, self.variables, self.cells, self.facts = function, variables, cells, facts
        self.lines: list[Any] = []
        self.depth = 1
        self.given: set[int] = set()  # the variables whose adjoint has a share
        self.values: set[int] = set()  # the variables whose values are needed
        self.pointers: set[int] = set()  # those whose cells (or shadows) are needed
        self.loops: list[tuple[Loop, list[Line], int]] = []  # those around the statement, with the lines before each
        self.pending: dict[int, Var] = {}  # heads whose adjoint was handed to a value of the pass before
        self.done: set[int] = set()  # values that have given all their shares
        self.apart: set[int] = set()  # heads whose adjoint may not share its name with what a pass hands on
        self.uncertain = False  # whether an adjoint may be 0 because nothing arrived

    # lines

    def assign(self, target: str, tree: rules.Tree, more: bool, at: Place | None) -> None:
        """target = tree, or +="""
        self.use(tree)
        self.lines.append(Assign(self.depth, target, tree, more, at))

    def use(self, tree: rules.Tree) -> None:
        """Note which values and cells an expression needs."""
        for text in leaves(tree):
            for number, kind in tokens(text):
                (self.values if kind == "." else self.pointers).add(number)

    def flow(self, u: Var) -> str:
        """The adjoint of a number, as a text."""
        return f"{u.shadow}[0]" if u.id in self.cells else u.shadow

    def has(self, u: Var) -> bool:
        """Whether a share has arrived, for all the program can tell."""
        return u.id in self.cells or u.place is not None or u.id in self.given

    def contribute(self, u: Var, tree: rules.Tree, at: Place | None) -> None:
        """ū += tree; the first share sets it."""
        if u.place is not None or u.id in self.cells:
            self.uncertain = True
            self.use(u.shadow)
            self.assign(self.flow(u), tree, True, at)
            return
        if u.id not in self.given:
            for loop, before, depth in self.loops:
                if not u.region.inside(loop.body):
                    before.append(Assign(depth, u.shadow, ("number", 0.0), False, loop.at))
                    self.given.add(u.id)
                    self.uncertain = True
                    break
        self.unite(u, tree)
        self.assign(u.shadow, tree, u.id in self.given, at)
        self.given.add(u.id)

    def unite(self, u: Var, tree: rules.Tree) -> None:
        """A head's adjoint is about to be set: it may share its name with the adjoint it handed on only if that is used up."""
        waiting = self.pending.get(u.id)
        if waiting is u:
            del self.pending[u.id]
        if waiting is None or waiting is u or (tree == waiting.shadow and u.id not in self.given):
            return
        if waiting.id not in self.done:
            self.apart.add(u.id)
        del self.pending[u.id]

    # statements

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
        for s in reversed(region.statements):
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
        shares = [(u, partial) for u, partial in shares if partial is not None]
        for k, (u, partial) in enumerate(shares):
            if k == len(shares) - 1:
                self.done.add(s.var.id)
            self.contribute(u, rules.product(partial, flow), s.at)

    def apply(self, s: Apply) -> None:
        """v = function(u_0, u_1, ...): each operand receives what the function's pullback gives it"""

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
        waiting: list[dict[int, Var]] = []
        lines, pending = self.lines, self.pending
        for region, chosen in ((s.then, [m.then for m in merges]), (s.other, [m.other for m in merges])):
            self.lines, self.given, self.pending = [], start | hoisted, dict(pending)
            self.depth += 1
            self.lines.append(Restore(self.depth, region))
            moves: list[tuple[Var, Var]] = []
            for m, target in zip(merges, chosen, strict=True):
                self.handed(target, m.var, s.at, moves)
            passed = {flow.id: target for target, flow in moves}
            self.done = self.done - set(passed) | ({m.var.id for m in merges} - set(passed))
            self.pending = {n: passed.get(u.id, u) for n, u in self.pending.items()}
            for target, flow in moves:
                self.done.add(flow.id)
                self.contribute(target, flow.shadow, s.at)
            self.region(region)
            self.depth -= 1
            ways.append(self.lines)
            ends.append(self.given)
            waiting.append(self.pending)
            hoisted |= {u for u in self.given - start if any(not self.variables[u].region.inside(loop.body) for loop, *_ in self.loops)}
        self.lines, self.given = lines, ends[0] | ends[1]
        self.pending = {n: u for n, u in waiting[0].items() if n in waiting[1]}
        for m in merges:
            self.given.discard(m.var.id)
        for way, end, region in zip(ways, ends, (s.then, s.other), strict=True):
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
        if not body:
            return
        for c in local:
            if c.head.id in handed and c.out.id not in entry:
                before.append(Assign(self.depth, c.head.shadow, ("number", 0.0), False, s.at))
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
        heads = {c.head.id for c in local}
        self.done = {u for u in self.done if not self.variables[u].region.inside(s.body)}
        self.apart -= heads
        moves: list[tuple[Var, Var]] = []
        stays = set()
        for c in local:
            if c.head.id not in handed:
                continue
            if c.next is c.head:
                stays.add(c.head.id)
            else:
                self.handed(c.next, c.head, s.at, moves)
        self.given -= heads
        self.given |= stays
        self.given -= {c.out.id for c in local}
        self.moved(moves, heads, s)
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

    def moved(self, moves: list[tuple[Var, Var]], heads: set[int], s: Loop) -> None:
        """What the passes handed on goes back to the values it was: all at once, where one name is both given and taken."""
        taken = {flow.id for _, flow in moves}
        if any(target.id in taken for target, _ in moves):
            pairs = tuple((target.shadow, flow.shadow) for target, flow in moves)
            self.lines.append(Copies(self.depth, pairs, s.at))
            self.given |= {target.id for target, _ in moves}
            self.apart |= heads
            return
        for target, flow in moves:
            self.pending[flow.id] = target
            self.lines.append(Copies(self.depth, ((target.shadow, flow.shadow),), s.at))
            self.given.add(target.id)


def needed_cells(function: Function, variables: list[Var]) -> set[int]:
    """The numbers that are entries of lists: they go by two names from the start."""
    found: set[int] = set()

    def look(region: Region) -> None:
        for s in region.statements:
            match s:
                case Mirror(var=var, shadow=shadow):
                    found.update(n for n, kind in tokens(shadow) if kind == "~" and variables[n].kind == NUMBER)
                    if var is not None and var.kind == NUMBER:
                        found.add(var.id)
                case Call(results=results, arguments=arguments):
                    found.update(u.id for u in (*results, *arguments) if isinstance(u, Var) and u.kind == NUMBER)
                case If():
                    look(s.then)
                    look(s.other)
                case Loop():
                    look(s.head)
                    look(s.body)

    look(function.region)
    return found


def groups(function: Function) -> Iterable[tuple[Any, ...]]:
    """Variables that are set from each other: where branches meet and passes begin."""

    def look(region: Region) -> Iterable[tuple[Any, ...]]:
        for s in region.statements:
            if isinstance(s, If):
                yield from ((m.var, m.then, m.other) for m in s.merges)
                yield from look(s.then)
                yield from look(s.other)
            elif isinstance(s, Loop):
                yield from ((c.head, c.first, c.next, c.out) for c in s.carried)
                yield from look(s.body)

    return look(function.region)


def spread(cells: set[int], function: Function, facts: Facts) -> None:
    """If one name of a number has a cell, all its names have it; an entry of a parameter that is read only has none, and must get one."""
    while True:
        size = len(cells)
        for group in groups(function):
            members = [u for u in group if isinstance(u, Var) and u.kind == NUMBER]
            if any(u.id in cells for u in members):
                for u in members:
                    if u.place is not None:
                        assert u.root is not None
                        facts.cells.add(u.root.hint or "")
                        raise Again
                    cells.add(u.id)
        if len(cells) == size:
            return


__all__ = ["NOTHING", "Backward", "Bundle", "Conflict", "Merge", "Text", "needed_cells", "spread"]
