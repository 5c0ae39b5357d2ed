"""The general program: the same statements as functions of numbers with cells, for any kind of number (`flows.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.transform.statements import Apply, Call, Function, Op
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Text, Var, text_of
from adviz.transform.writing.adjoints import Backward
from adviz.transform.writing.assembling import Read, outputs_of, returned, structured, with_inner
from adviz.transform.writing.blocks import Block, Blocks
from adviz.transform.writing.filling import Assembled, Frame, named
from adviz.transform.writing.forwards import Forward, assigned
from adviz.transform.writing.keeping import Kept
from adviz.transform.writing.lines import Raw, shown
from adviz.transform.writing.names import Names
from adviz.transform.writing.resolving import resolve


class GeneralBackward(Backward):
    """The backward part of a general program."""

    def op(self, s: Op) -> None:
        """back(run, "multiply", v, v_bar, (a, a_bar), (b, b_bar))"""
        self.call(f"back(run, {s.row!r}, {s.var.token}, {s.var.shadow}, {', '.join(map(pair, s.operands))})", s)

    def apply(self, s: Apply) -> None:
        """back(run, "", v, v_bar)"""
        self.call(f"back(run, '', {s.var.token}, {s.var.shadow})", s)

    def call(self, line: str, s: Op | Apply) -> None:
        """A line that is a call."""
        self.use(("text", line))
        self.lines.append(Raw(self.depth, line, s.at))


def pair(u: Any) -> str:
    """An operand with its cell; a structure with the structure of cells."""
    value, shadow = both(u)
    return f"({value}, {shadow})"


def both(u: Any) -> tuple[str, str]:
    """The texts of a value and of its cells."""
    if isinstance(u, Var) and u.kind != CONSTANT:
        return u.token, u.shadow
    if isinstance(u, Bundle) and u.token is None and (text := text_of(u)) is None:
        parts = [both(item) for item in u.items]
        value, shadow = (structured(Bundle(u.kind, tuple(u.items), u.keys), iter([part[k] for part in parts])) for k in (0, 1))
        return value, shadow
    text = text_of(u)
    assert text is not None
    return text.code, "None"


class GeneralForward(Forward):
    """The forward part of a general program; with `tangents` the whole of it."""

    nothing = "None"

    def __init__(self, variables: list[Var], cells: set[int], kept: Any, plain: list[Callable[..., Any]], *, tangents: bool) -> None:
        super().__init__(variables, cells, kept)
        self.names = ("along", "apply_along") if tangents else ("ahead", "apply")
        self.plain, self.tangents = plain, tangents

    def record(self, block: Block) -> None:
        """The numbers of a block, each with its cell: what arrives there is looked up when all is done."""
        self.raw(f"values.append(({block.number}, {''.join(f'({u.token}, {u.shadow}), ' for u in block.variables)}))", None)

    def call(self, s: Call, *extra: str) -> None:
        super().call(s, "run")

    def handle(self, s: Call) -> list[str]:
        return [] if self.tangents else super().handle(s)

    def has_shadow(self, u: Var) -> bool:
        return u.kind == NUMBER or isinstance(u.kind, Container)

    def op(self, s: Op) -> None:
        """v, v_bar = ahead(run, "multiply", operator.mul, (a, a_bar), (b, b_bar))"""
        self.plain.append(s.plain)
        call = f"{self.names[0]}(run, {s.row!r}, plain[{len(self.plain) - 1}], {', '.join(map(pair, s.operands))})"
        self.raw(f"{s.var.token}, {s.var.shadow} = {call}", s.at)

    def apply(self, s: Apply) -> None:
        """v, v_bar = apply(run, np.sum, (a, a_bar), axis=(0, None))"""
        self.plain.append(s.function)
        given = [*map(pair, s.operands), *(f"{name}={pair(u)}" for name, u in s.named)]
        self.raw(f"{s.var.token}, {s.var.shadow} = {self.names[1]}(run, plain[{len(self.plain) - 1}], {', '.join(given)})", s.at)

    def pairs(self, u: Var, value: Any, *, merged: bool = False) -> list[tuple[str, str]]:
        """What sets a variable to a value, and its cell: a constant stays what it is and has none."""
        text = text_of(value) if not isinstance(value, Var) or value.kind == CONSTANT else None
        if text is None:
            return super().pairs(u, value, merged=merged)
        return [(u.token, text.code), *([(u.shadow, self.nothing)] if self.has_shadow(u) else [])]


def source(read: Read, mode: str, blocks: Blocks | None = None) -> tuple[str, Names, list[Callable[..., Any]]]:
    """The text of the program, a generator: it yields the value and its cells, and when these are seeded runs backwards.

    Its arguments are the run, then the parameters, each followed by its cell. With `blocks` it records what it computes in run.values.
    """
    plain: list[Callable[..., Any]] = []
    outputs = outputs_of(read.function.result)
    values, shadows = (structured(read.function.result, iter([both(u)[k] for u in outputs])) for k in (0, 1))
    middle = [Raw(1, f"yield {values}, {shadows}", None)]
    lists = [Raw(1, "values = run.values", None)] if blocks is not None else []
    program = _assembled(read, read.function, mode, plain, lambda lines, back: [*lists, *lines, *middle, *back], blocks)

    def inner(read: Read, function: Function) -> tuple[str, Assembled]:
        return "", _assembled(read, function, mode, plain, lambda lines, back: _closed(function, lines, back, mode))

    assembled = with_inner(read, program, inner, ("run",))
    arguments = [text for u in read.function.parameters for text in (program.names.fill(u.token), program.names.fill(u.shadow))]
    parts = [*assembled.inner, (f"def program({', '.join(['run', *arguments])}):", assembled.body)]
    text = [text for head, lines in parts for text in (head, *("    " * line.depth + shown(line) for line in lines), "")]
    return "\n".join(text), program.names, plain


def _assembled(
    read: Read, function: Function, mode: str, plain: list[Callable[..., Any]], put: Callable[..., Any], blocks: Blocks | None = None
) -> Assembled:
    """A function of the program, its two parts put together by `put`."""
    variables = list(read.variables)
    cells = {u.id for u in variables if u.kind == NUMBER}
    backward = GeneralBackward(function, variables, cells, read.facts)
    backward.depth += function is not read.function
    kept = None
    if mode == "reverse":
        backward.region(function.region)
        kept = Kept(function, variables, backward)
    resolved = resolve(function, backward, kept, variables) if kept is not None else []
    forward = GeneralForward(variables, cells, kept, plain, tangents=kept is None)
    forward.blocks = blocks
    forward.region(function.region)
    names = Names(variables, "_bar" if kept is not None else "_dot")
    reserved = ("ahead", "back", "along", "apply", "apply_along", "plain", "program", "run", "reverse", "values", *read.reserved)
    return named(function, variables, names, put(forward.lines, resolved), Frame(reserved=reserved, first=read.first))


def _closed(function: Function, lines: list[Any], back: list[Any], mode: str) -> list[Any]:
    """A function that calls itself: its lines, how to run it backwards, what it returns."""
    if mode == "forward":
        return [*lines, Raw(1, f"return {', '.join(returned(function.result))}", None)]
    again = sorted({name for line in back for name in assigned(line)} & {name for line in lines for name in assigned(line)})
    inside = [*([Raw(2, f"nonlocal {', '.join(again)}", None)] if again else []), *(back or [Raw(2, "pass", None)])]
    return [*lines, Raw(1, "def reverse():", None), *inside, Raw(1, f"return {', '.join([*returned(function.result), 'reverse'])}", None)]


__all__ = ["Text", "source"]
