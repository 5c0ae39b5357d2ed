"""The misconceptions about derivatives that are known by their numbers, each as a broken rule.

A slip takes a timeline and gives the same sweep over a trace in which one rule was replaced: partials, a seed, the reading of a row. Most are
given twice: with the slip everywhere, as in a table filled in from top to bottom, and in one step after right numbers, as where a learner
sees the numbers before it. `mutants.py` reads them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from adviz.readings import Tree, parse
from adviz.recording import evaluate
from adviz.sweeps import Contribute, Seed
from adviz.table import Elementwise, table
from adviz.timeline import Timeline
from adviz.wengert import Assignment, Constant, Ref, Trace

MOST = 8  # so many versions of a slip are tried: which share was kept, where the seed stood
Edge = tuple[int, int]  # (i, k): the k-th operand of v_i


class Slip(float):
    """The right number, with which a sweep goes on, and what is written in its place; None where a share is left out."""

    written: float | None

    def __new__(cls, right: float, written: float | None) -> Slip:
        made = super().__new__(cls, right)
        made.written = written
        return made

    def __add__(self, other: float) -> Slip:
        parts = [u for u in (self.written, as_written(other)) if u is not None]
        return Slip(float(self) + float(other), sum(parts) if parts else None)

    __radd__ = __add__


def as_written(u: Any) -> Any:
    """What a learner writes for that number."""
    return u.written if isinstance(u, Slip) else u


class Beside:
    """A right line with a broken one beside it: what flows on is right, what is written is not."""

    def __init__(self, right: Assignment, broken: Assignment) -> None:
        self.right, self.broken = right, broken
        self.index, self.value = right.index, broken.value

    @property
    def active(self) -> Iterator[tuple[int, int]]:
        """As of the right line."""
        return self.right.active

    def share(self, k: int, v_bar: float) -> Slip:
        """v̄_i · ∂φ_i/∂v_j by both rules."""
        v_bar = float(v_bar)
        return Slip(self.right.share(k, v_bar), None if self.broken.partials[k] is None else self.broken.share(k, v_bar))

    def term(self, k: int, u_dot: float) -> Slip:
        """v̇_j · ∂φ_i/∂v_j by both rules."""
        u_dot = float(u_dot)
        return Slip(self.right.term(k, u_dot), None if self.broken.partials[k] is None else self.broken.term(k, u_dot))


class PartialAlone(Assignment):
    """share = ∂φ_i/∂v_j: what arrives is left out."""

    def share(self, k: int, v_bar: Any) -> Any:
        return self.partials[k]

    def term(self, k: int, u_dot: Any) -> Any:
        return self.partials[k]


class ArrivalAlone(Assignment):
    """share = v̄_i: the partial is left out."""

    def share(self, k: int, v_bar: Any) -> Any:
        return v_bar

    def term(self, k: int, u_dot: Any) -> Any:
        return u_dot


def with_lines(timeline: Timeline, lines: Iterable[Any]) -> Timeline:
    """The same sweep over other lines."""
    trace = copy.copy(timeline.trace)
    vars(trace)["assignments"] = tuple(lines)
    if all(isinstance(a, Assignment) for a in trace.assignments):
        vars(trace).pop("is_steep", None)
    return Timeline(trace, timeline.mode, timeline.seed)


def in_one_step(timeline: Timeline, lines: Iterable[Assignment]) -> Iterator[Timeline]:
    """The slip in one step after right numbers, for every step at once. Not where a partial is infinite: a number alone does not carry it."""
    if not timeline.trace.is_steep:
        yield with_lines(timeline, map(Beside, timeline.trace.assignments, lines))


def both(timeline: Timeline, lines: Iterable[Assignment]) -> Iterator[Timeline]:
    """The slip everywhere, and the slip in one step."""
    lines = tuple(lines)
    yield with_lines(timeline, lines)
    yield from in_one_step(timeline, lines)


def one_share(timeline: Timeline) -> Iterator[Timeline]:
    """v̄_j = share, not +=: of all that arrives at a variable, its seed among it, one alone stays."""
    arrivals: dict[int, list[Edge | None]] = {}
    for step in timeline.steps if timeline.mode == "reverse" else ():
        if isinstance(step, Contribute):
            arrivals.setdefault(step.index, []).append((step.source, step.operand))
        elif isinstance(step, Seed) and step.value != 0:
            arrivals[step.index] = [None]
    t = timeline.trace
    for n in range(min(MOST, max(map(len, arrivals.values()), default=0))):
        kept = {j: came[min(n, len(came) - 1)] for j, came in arrivals.items()}
        lines = [_keeping(a, kept) for a in t.assignments]
        seed = tuple(0.0 if kept.get(j) is not None else u for j, u in zip(t.outputs, timeline.seed or (), strict=True))
        yield Timeline(with_lines(timeline, lines).trace, timeline.mode, seed)
        yield from in_one_step(timeline, lines)


def _keeping(a: Assignment, kept: Mapping[int, Edge | None]) -> Assignment:
    """The line without the edges whose shares are lost."""
    lost = [isinstance(u, Ref) and u.index in kept and kept[u.index] != (a.index, k) for k, u in enumerate(a.operands)]
    return a._replace(partials=tuple(None if gone else p for p, gone in zip(a.partials, lost, strict=True)))


def one_factor(timeline: Timeline) -> Iterator[Timeline]:
    """share = ∂φ_i/∂v_j, or share = v̄_i: one factor of the chain rule alone."""
    for alone in (PartialAlone, ArrivalAlone):
        yield from both(timeline, [alone(*a) for a in timeline.trace.assignments])


Partial = Callable[[Assignment, Elementwise, int], "float | None"]


def other_partials(of: Callable[[Trace], Iterator[Partial]], timeline: Timeline) -> Iterator[Timeline]:
    """Partials changed by each rule that `of` gives for the trace; a rule's None leaves a partial as it is."""
    for rule in of(timeline.trace):
        yield from both(timeline, [_changed(a, rule) for a in timeline.trace.assignments])


def _changed(a: Assignment, rule: Partial) -> Assignment:
    if not isinstance(a.row, Elementwise):
        return a
    new = {k: rule(a, a.row, k) for k, _ in a.active}
    return a._replace(partials=tuple(p if new.get(k) is None else new[k] for k, p in enumerate(a.partials)))


def no_minus(trace: Trace) -> Iterator[Partial]:
    """A partial whose formula begins with a minus, without it."""

    def rule(a: Assignment, row: Elementwise, k: int) -> float | None:
        tree = parse(row.partials[k] or "0")
        while tree[0] in ("*", "/"):
            tree = tree[1]
        return -a.partials[k] if tree[0] == "neg" else None

    yield rule


def exchanged(trace: Trace) -> Iterator[Partial]:
    """∂(a b)/∂a = a: the partials of a product exchanged."""
    yield lambda a, row, k: operands(trace, a)[k] if row.value == "a * b" else None


def at_output(trace: Trace) -> Iterator[Partial]:
    """∂φ/∂a at the value of the step, or of the sum it goes into, where its operand belongs."""

    def rule(outputs: Mapping[int, int], a: Assignment, row: Elementwise, k: int) -> float:
        at = operands(trace, a)
        at[k] = float(trace.value_of(outputs[a.index]))
        return evaluate(parse(row.partials[k] or "0"), *at, v=evaluate(parse(row.value), *at))

    yield partial(rule, {a.index: a.index for a in trace.assignments})
    yield partial(rule, sums(trace))


def sums(trace: Trace) -> dict[int, int]:
    """For every variable the sum that it is a term of and of nothing else, or itself: in u = x² + x the square's is u."""
    adds = (table[np.add], table[np.subtract])
    uses: dict[int, list[Assignment]] = {a.index: [] for a in trace.assignments}
    found: dict[int, int] = {}
    for a in reversed(trace.assignments):
        inside = len(uses[a.index]) == 1 and uses[a.index][0].row in adds
        found[a.index] = found[uses[a.index][0].index] if inside else a.index
        for u in a.operands:
            if isinstance(u, Ref) and u.index in uses:
                uses[u.index].append(a)
    return found


def operands(trace: Trace, a: Assignment) -> list[float]:
    """The numbers that a line computes with."""
    return [float(u.value if isinstance(u, Constant) else trace.value_of(u.index)) for u in a.operands]


def calculator(rewritten: Callable[[Tree], Tree], timeline: Timeline) -> Iterator[Timeline]:
    """Values and partials of every row as another calculator reads them."""
    yield with_lines(timeline, computed(timeline.trace, rewritten, onward=True))
    yield from in_one_step(timeline, computed(timeline.trace, rewritten, onward=False))


def computed(trace: Trace, rewritten: Callable[[Tree], Tree], *, onward: bool) -> Iterator[Assignment]:
    """The lines of a trace computed from rewritten rows; `onward`, from the values that they gave before."""
    values: dict[int, float] = {}
    for a in trace.assignments:
        right = operands(trace, a)
        at = [values.get(u.index, x) if onward and isinstance(u, Ref) else x for u, x in zip(a.operands, right, strict=True)]
        if isinstance(a.row, Elementwise):
            value, *slopes = (parse(formula or "0") for formula in (a.row.value, *a.row.partials))
            if at != right or any(rewritten(tree) != tree for tree in (value, *slopes)):
                v = values[a.index] = evaluate(rewritten(value), *at)
                new = [None if p is None else evaluate(rewritten(slope), *at, v=v) for p, slope in zip(a.partials, slopes, strict=True)]
                a = a._replace(value=v, partials=tuple(new))
        yield a


def base_ten(tree: Tree) -> Tree:
    """ln read as log₁₀."""
    match tree:
        case ("call", "log", u):
            return ("call", "log10", base_ten(u))
        case ("call", "log1p", u):
            return ("call", "log10", ("+", ("number", 1.0), base_ten(u)))
    return tuple(base_ten(part) if isinstance(part, tuple) else part for part in tree)


def in_degrees(tree: Tree) -> Tree:
    """Angles read in degrees."""
    match tree:
        case ("call", "sin" | "cos" | "tan" as name, u):
            return ("call", name, ("call", "radians", in_degrees(u)))
        case ("call", "arcsin" | "arccos" | "arctan" | "arctan2" as name, *u):
            return ("call", "degrees", ("call", name, *map(in_degrees, u)))
    return tuple(in_degrees(part) if isinstance(part, tuple) else part for part in tree)


def other_seeds(timeline: Timeline) -> Iterator[Timeline]:
    """The seed at another variable."""
    seed = timeline.seed or ()
    for n in range(1, min(len(seed), MOST + 1)):
        yield Timeline(timeline.trace, timeline.mode, seed[-n:] + seed[:-n])


def every_seed(timeline: Timeline) -> Iterator[Timeline]:
    """1 at every variable."""
    seed = timeline.seed or ()
    if len(seed) > 1:
        yield Timeline(timeline.trace, timeline.mode, (1.0,) * len(seed))


def other_mode(timeline: Timeline) -> Iterator[Timeline]:
    """Tangents where adjoints belong, from the seed of each input; adjoints where tangents belong."""
    mode, ends = ("forward", timeline.trace.inputs) if timeline.mode == "reverse" else ("reverse", timeline.trace.outputs)
    for n in range(min(len(ends), MOST) if timeline.seed else 0):
        yield Timeline(timeline.trace, mode, tuple(1.0 if k == n else 0.0 for k in range(len(ends))))


# fmt: off
SLIPS: dict[str, Callable[[Timeline], Iterator[Timeline]]] = {
    "overwrite":           one_share,
    "minus":               partial(other_partials, no_minus),
    "swap":                partial(other_partials, exchanged),
    "outer-not-inner":     partial(other_partials, at_output),
    "no-chain":            one_factor,
    "log10":               partial(calculator, base_ten),
    "degrees":             partial(calculator, in_degrees),
    "wrong-seed":          other_seeds,
    "both-seeds":          every_seed,
    "forward-for-reverse": other_mode,
}
# fmt: on
