"""What a program that records leaves behind: every number it computed and every adjoint, in the order of computing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from adviz.errors import UnsupportedError
from adviz.kernels import FLOAT_ERRORS
from adviz.texts import text
from adviz.transform import compiled
from adviz.transform.flows import settled
from adviz.transform.statements import If, Loop, Mirror, Op, Place, Region
from adviz.transform.support import is_finite, is_plain
from adviz.transform.values import NUMBER, Var, is_active
from adviz.transform.versions import Version, body_text, optimised
from adviz.transform.writing import assembling, general
from adviz.transform.writing.blocks import Blocks
from adviz.transform.writing.rules import written

Raw = tuple[Any, Any, Sequence[tuple[Any, ...]], Sequence[tuple[Any, ...]]]  # value, derivatives, values, adjoints


class Recording(NamedTuple):
    """A run of a program, with all its numbers.

    value, derivatives   what the program returns
    blocks               one tuple per basic block, in the order they ran: the block's number, then the numbers it computed
    values               these numbers alone, v_1 .. v_l in the order of evaluation: those of adviz.trace(f, ..., order="evaluation")
    adjoints             the adjoint of each, None where nothing arrived
    rows, places         the elemental function of each (None for an operation on arrays), and where it stands in the learner's text
    """

    value: Any
    derivatives: Any
    blocks: tuple[tuple[Any, ...], ...]
    values: tuple[Any, ...]
    adjoints: tuple[Any, ...]
    rows: tuple[str | None, ...]
    places: tuple[Place, ...]


class Recorder:
    """The recording programs of a version, on floats and on any kind of number."""

    def __init__(self, version: Version) -> None:
        if version.read.inner:
            raise UnsupportedError(text("transform.record", function=version.of.name))
        self.version = version
        self.blocks = Blocks(version.function).all

    @cached_property
    def is_whole(self) -> bool:
        """Whether the floats tell what is a number of the trace: not if a variable may start as a constant, and something is computed of it."""
        return not self.version.facts.arrays and not promotes(self.version.function.region)

    @cached_property
    def on_floats(self) -> Callable[..., Any]:
        """(value, derivatives, values, adjoints), outputs, computed = function(*arguments, *seeds)"""
        assembled = assembling.reverse(self.version.read, seeded=True, blocks=Blocks(self.version.function))
        entries = [written(tree) for tree in assembled.derivatives]
        self.uncertain = assembled.uncertain
        computed = "".join(entry + ", " for entry, tree in zip(entries, assembled.derivatives, strict=True) if tree[0] != "number")
        derivatives = entries[0] if len(entries) == 1 else f"({', '.join(entries)})"
        outputs = "".join(u + ", " for u in assembled.outputs)
        lines = [
            f"def program({', '.join([*assembled.arguments, *assembled.seeds])}):",
            *body_text(optimised(assembled, "values", "adjoints"), 0),
            f"    return ({assembled.value}, {derivatives}, values, adjoints), ({outputs}), ({computed})",
            "",
        ]
        return compiled.function("\n".join(lines), "program", self.version.namespace(assembled))

    def ran_on_floats(self, arguments: Sequence[Any], seeds: Sequence[float]) -> Raw | None:
        """A run on floats; None where it may not be what a trace has."""
        try:
            raw, outputs, computed = self.on_floats(*arguments, *seeds)
        except FLOAT_ERRORS:
            return None
        unsure = self.uncertain or not is_plain(seeds)
        return raw if is_finite(outputs) and (is_plain if unsure else is_finite)(computed) else None

    def may_hide(self, raw: Raw) -> bool:
        """Whether an adjoint is 0 where nothing may have arrived."""
        return self.uncertain and any(0.0 in entries for _, *entries in raw[3])

    @cached_property
    def generally(self) -> Callable[..., Any]:
        """The program on any kind of number, for `runs.Run`."""
        source, names, plain = general.source(self.version.read, "reverse", Blocks(self.version.function))
        return compiled.function(source, "program", self.version.flows(names, plain))

    def raw_of_cells(self, value: Any, derivatives: Any, values: Sequence[Any]) -> Raw:
        """What a run on floats would have: adjoints backwards, tests of a loop have none."""
        forwards = [(number, *(v for v, _ in block)) for number, *block in values]
        backwards = [
            (number, *(None if cell is None else settled(cell.flow) for _, cell in block))
            for number, *block in reversed(values)
            if not self.blocks[number].is_test
        ]
        return value, derivatives, forwards, backwards

    def of_floats(self, value: Any, derivatives: Any, values: Sequence[Any], adjoints: Sequence[Any]) -> Recording:
        """The numbers in order, each with its adjoint."""
        backwards = iter(reversed(adjoints))
        found = []
        for number, *entries in values:
            block = self.blocks[number]
            arrived = [None] * len(block.variables) if block.is_test else next(backwards)[1:]
            found.append((number, list(zip(entries, arrived, block.variables, strict=False))))  # behind them: what the backward part kept
        return recording(value, derivatives, found)

    def of_cells(self, value: Any, derivatives: Any, values: Sequence[Any]) -> Recording:
        """The numbers in order, each with what is in its cell; a constant of the run has none and is no number of the trace."""
        found = []
        for number, *block in values:
            entries = zip(block, self.blocks[number].variables, strict=True)
            found.append((number, [(v, settled(cell.flow), u) for (v, cell), u in entries if cell is not None]))
        return recording(value, derivatives, found)


def recording(value: Any, derivatives: Any, found: Sequence[tuple[int, Sequence[tuple[Any, Any, Var]]]]) -> Recording:
    """The blocks' numbers, adjoints and variables, one list of each."""
    blocks = tuple((number, *(v for v, _, _ in entries)) for number, entries in found)
    whole = [entry for _, entries in found for entry in entries]
    rows = tuple(u.by.row if isinstance(u.by, Op) else None for _, _, u in whole)
    places = tuple(u.by.at for _, _, u in whole)
    return Recording(value, derivatives, blocks, tuple(v for v, _, _ in whole), tuple(bar for _, bar, _ in whole), rows, places)


def promotes(region: Region) -> bool:
    """Whether a number starts as a constant somewhere: before a loop, in one of two branches, in a list."""
    for s in region.statements:
        match s:
            case If(then=then, other=other, merges=merges):
                if promotes(then) or promotes(other) or any(m.var.kind == NUMBER and not is_active(u) for m in merges for u in (m.then, m.other)):
                    return True
            case Loop(body=body, carried=carried):
                if promotes(body) or any(c.head.kind == NUMBER and not is_active(u) for c in carried for u in (c.first, c.next)):
                    return True
            case Mirror():
                return True
    return False
