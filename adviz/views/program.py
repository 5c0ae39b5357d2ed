"""The mode Program of a document: the generated derivative beside the learner's code, its lines linked to the code and to the steps.

    programs    {"reverse": program, "forward": program}; a mode that source transformation refuses is missing
    refused     {"reverse": {"text": sentence, "position": position or null}, ...} for those

A program

    text        the program, in Python
    lines       for each of its lines the learner's line it comes from, [source, line]; null for what the program adds of its own
    steps       for each step of the timeline of that mode the lines of the program that do it, counted from 1; [] where none is known. Of a trace
                of more than 2000 variables there are none
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from adviz.errors import UnsupportedError
from adviz.languages import said_by
from adviz.sweeps import Accumulate, Contribute, Evaluate, Propagate, Seed
from adviz.timeline import Timeline
from adviz.transform import Program, source
from adviz.transform.statements import Place
from adviz.views.math import with_words
from adviz.views.variables import position_in
from adviz.wengert import Position, Trace

Document = dict[str, Any]
LARGEST = 2000  # variables of a trace whose steps are linked to lines
MODES = ("reverse", "forward")
NAME = re.compile(r"[A-Za-z_]\w*")
TARGET = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])? (\+?=) ")


class Refused(NamedTuple):
    """Why source transformation does not take a function, and where."""

    reason: str
    position: Position | None


Written = dict[str, Program | Refused]


def written(f: Callable[..., Any]) -> Written:
    """The tangent and the adjoint program of f, or why there is none. They do not depend on the point."""
    return {mode: _made(f, mode) for mode in MODES}


def _made(f: Callable[..., Any], mode: str) -> Program | Refused:
    try:
        program = source(f, mode=mode)
        program.lines  # noqa: B018 - what cannot be written down is refused here
    except UnsupportedError as error:
        place = error if isinstance(error, SyntaxError) else None
        if place is None or not place.lineno or not place.filename:
            return Refused(said_by(error), None)
        columns = (place.offset or 1) - 1, max((place.end_offset or place.offset or 1) - 1, 0)
        return Refused(place.msg, Position(place.filename, "", place.lineno, columns[0], place.end_lineno or place.lineno, columns[1]))
    return program


def program_document(trace: Trace, timelines: Mapping[str, Timeline], found: Written) -> Document:
    """The programs of a trace's function, field by field."""
    programs, refused = {}, {}
    for mode, program in found.items():
        if isinstance(program, Refused):
            refused[mode] = {"text": program.reason, "position": position_in(trace, program.position)}
        elif mode in timelines:
            listing = Listing(trace, program)
            steps = listing.steps(timelines[mode]) if trace.size <= LARGEST else []
            programs[mode] = {"text": with_words(program.text, [program.about]), "lines": listing.places, "steps": steps}
    return {"programs": programs, "refused": refused}


class Line(NamedTuple):
    """A line of the program that assigns: its number, the name it sets, and the names it uses."""

    number: int
    target: str
    used: frozenset[str]


def _assigning(number: int, text: str) -> Line | None:
    matched = TARGET.match(text)
    return Line(number, matched[1], frozenset(NAME.findall(text[matched.end() :]))) if matched else None


class Listing:
    """A program's lines, by the learner's line they come from and by what they compute.

    The lines that compute a learner's line run in the order of that line's assignments, so the names of variables follow from counting;
    an adjoint `u_bar`, a tangent `u_dot` is then found by its name. Where the count does not come out nothing is linked but the lines.
    """

    def __init__(self, trace: Trace, program: Program) -> None:
        self.trace = trace
        self.suffix = "_bar" if program.mode == "reverse" else "_dot"
        place_of: dict[int, Place] = {n: Place(c.file, c.line) for c in program.lines for n in c.generated}
        lines = program.text.splitlines()
        self.places = [self._place(place_of.get(n)) for n in range(1, len(lines) + 1)]
        assigning = [line for n, text in enumerate(lines, 1) if (line := _assigning(n, text.strip()))]
        self.lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
        for line in assigning:
            place = self.places[line.number - 1]
            if place is not None:
                self.lines[place[0], place[1]].append(line)
        own = next(text for text in reversed(lines) if text.startswith("def "))
        given = frozenset(NAME.findall(own.partition("(")[2])) - set(trace.parameters)
        self.seeds = [line for line in assigning if line.used and line.used <= given]

    def _place(self, place: Place | None) -> list[int] | None:
        at = position_in(self.trace, Position(place.file, "", place.line, 0, place.line, 0)) if place else None
        return None if at is None or at[0] is None or at[1] is None else [at[0], at[1]]

    def _name(self) -> None:
        """Finds what the program calls each variable, and the line that computes it."""
        names = dict(zip(self.trace.inputs, self.trace.parameters, strict=True))
        computed: dict[int, int] = {}
        by_place: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i in self._evaluated():
            at = position_in(self.trace, self.trace.assignments[i - 1].position)
            if at is not None and at[0] is not None and at[1] is not None:
                by_place[at[0], at[1]].append(i)
        for place, indices in by_place.items():
            lines = [line for line in self.lines[place] if not line.target.endswith(("_bar", "_dot", "_stack")) and line.target != "branch"]
            if lines and len(indices) % len(lines) == 0:
                for k, i in enumerate(indices):
                    names[i], computed[i] = lines[k % len(lines)].target, lines[k % len(lines)].number
        self.names, self.computed = names, computed

    def _evaluated(self) -> Iterator[int]:
        """The assignments in the order in which Python computed them."""
        yield from sorted(range(1, len(self.trace.assignments) + 1), key=lambda i: self.trace._order[i - 1])

    def steps(self, timeline: Timeline) -> list[list[int]]:
        """The lines that do each step."""
        self._name()
        found: list[list[int]] = []
        for step in timeline.steps:
            match step:
                case Evaluate(i, _):
                    found.append([self.computed[i]] if i in self.computed else [])
                case Propagate(i, _):
                    found.append(self._flow(i, None))
                case Contribute(j, i, _, _):
                    found.append(self._flow(j, i))
                case Seed(i, _):
                    own = [line.number for line in self.seeds if line.target == self._derivative(i)]
                    found.append(own or [line.number for line in self.seeds][:1])
                case Accumulate():
                    found.append(found[-1])
        return found

    def _derivative(self, i: int) -> str:
        return f"{self.names.get(i, '')}{self.suffix}"

    def _flow(self, j: int, source: int | None) -> list[int]:
        """The lines that set the derivative of v_j; those that use the adjoint of `source` where it is given."""
        line = self.trace.assignments[(source or j) - 1]
        at = position_in(self.trace, line.position)
        if at is None or at[0] is None or at[1] is None:
            return []
        here = self.lines[at[0], at[1]]
        if source is not None:
            here = [line for line in here if self._derivative(source) in line.used and line.target.endswith(self.suffix)]
        named = [line.number for line in here if line.target == self._derivative(j)]
        return named or ([here[0].number] if source is not None and len(here) == 1 else [])
