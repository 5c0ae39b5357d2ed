"""A program's functions, put together: what runs forwards, what runs backwards, and names for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from adviz.transform.reading.facts import Facts
from adviz.transform.statements import Function, If, Loop, Mirror, Region
from adviz.transform.values import CONSTANT, NUMBER, Bundle, Container, Text, Var, text_of
from adviz.transform.writing.adjoints import Backward
from adviz.transform.writing.blocks import Blocks
from adviz.transform.writing.cells import needed_cells, spread
from adviz.transform.writing.filling import Assembled, Frame, named
from adviz.transform.writing.forwards import Forward, assigned, own_copy
from adviz.transform.writing.keeping import Kept
from adviz.transform.writing.lines import Assign, Line, Raw, shown
from adviz.transform.writing.moving import moving
from adviz.transform.writing.names import Names
from adviz.transform.writing.resolving import resolve
from adviz.transform.writing.rules import Tree, operand, written
from adviz.transform.writing.shares import Conflict
from adviz.transform.writing.tangents import Tangents

FRAME = ("FLOAT_ERRORS", "otherwise", "given", "rest", "missing", "y_bar", "seed", "wrt")  # what the frame around a program calls its own
RECORDS = ("values", "adjoints", "block")


class Read(NamedTuple):
    """What a reading found: the function, the functions it calls that call themselves, all variables, those that name objects."""

    function: Function
    inner: tuple[Function, ...]
    variables: list[Var]
    facts: Facts
    constants: tuple[int, ...]

    @property
    def first(self) -> tuple[int, ...]:
        """What is named first: the objects, if several functions use the same name for them."""
        return self.constants if self.inner else ()

    @property
    def reserved(self) -> tuple[str, ...]:
        """The names of the program's functions."""
        return (self.function.name, *(f.name for f in self.inner))


def outputs_of(result: Any) -> list[Any]:
    """The values a function returns, one by one."""
    if isinstance(result, Bundle) and result.token is None:
        return [u for item in result.items for u in outputs_of(item)]
    return [result]


def numbers_of(result: Any) -> list[Var]:
    """The numbers among them."""
    return [u for u in outputs_of(result) if isinstance(u, Var) and u.kind == NUMBER]


def reverse(read: Read, *, seeded: bool, blocks: Blocks | None = None) -> Assembled:
    """The adjoint program: x̄ = Jᵀ ȳ. Without `seeded`, ȳ is 1; with `blocks` it records every number and every adjoint."""
    function, variables = read.function, list(read.variables)
    outputs = outputs_of(function.result)
    hints = [f"y{k + 1}" for k in range(len(outputs))] if len(outputs) > 1 else ["y"]
    plain = not {*hints} & {u.hint for u in variables}
    seeds = [_new(variables, function, f"{hint}_bar" if plain else hint.replace("y", "seed")) for hint in hints]
    backward, cells = backwards(read, function, variables, outputs, [u.token if seeded else ("number", 1.0) for u in seeds], blocks=blocks)
    kept = Kept(function, variables, backward)
    resolved = resolve(function, backward, kept, variables)
    forward = Forward(variables, cells, kept)
    forward.blocks = blocks
    starts = {u.id: _new(variables, function, f"{u.hint}_start") for u in changed(function, read.inner)}
    shadows = forward.shadows(function, starts)
    forward.region(function.region)
    saved, value, outputs_of_run = results(function, variables, outputs)
    derivatives = tuple(derivative(u, backward, starts.get(u.id)) for u in function.parameters)
    names = Names(variables, "_bar")
    records = (*RECORDS, *(f"values_{block.number}" for block in blocks.all)) if blocks is not None else ()
    reserved = (*read.reserved, *records, *(() if seeded else FRAME))
    lists_of = tuple(isinstance(u.kind, Container) for u in function.parameters)
    frame = Frame(value, derivatives, outputs_of_run, tuple(seeds) if seeded else (), backward.uncertain, lists_of, reserved, read.first)
    lists = [Raw(1, "values, adjoints = [], []", None)] if blocks is not None and not blocks.one else []
    body = [*lists, *shadows[0], *forward.lines, *saved, *shadows[1], *resolved]
    return with_inner(read, named(function, variables, names, body, frame), inner_reverse)


def inner_reverse(read: Read, function: Function) -> tuple[str, Assembled]:
    """A function that calls itself: it returns its results, each with its cell, and the function that runs it backwards."""
    variables = list(read.variables)
    handed = frozenset(u.id for u in (*function.parameters, *numbers_of(function.result)) if u.kind == NUMBER)
    backward, cells = backwards(read, function, variables, [], [], handed)
    kept = Kept(function, variables, backward)
    resolved = resolve(function, backward, kept, variables)
    forward = Forward(variables, cells, kept)
    forward.region(function.region)
    names = Names(variables, "_bar")
    again = sorted({name for line in resolved for name in assigned(line)} & {name for line in forward.lines for name in assigned(line)})
    back = [Raw(1, "def reverse():", None), *([Raw(2, f"nonlocal {', '.join(again)}", None)] if again else []), *resolved]
    back += [] if resolved else [Raw(2, "pass", None)]
    ends = Raw(1, f"return {', '.join([*returned(function.result), 'reverse'])}", None)
    assembled = named(function, variables, names, [*forward.lines, *back, ends], Frame(reserved=(*read.reserved, "reverse"), first=read.first))
    return "", assembled


def forward(read: Read, wrt: frozenset[str] | None) -> Assembled:
    """The tangent program: ẏ = J ẋ; with `wrt`, along these parameters only."""
    function, variables = read.function, list(read.variables)
    outputs = outputs_of(function.result)
    fixed = [u for u in function.parameters if wrt is not None and u.hint not in wrt]
    lists = [u for u in fixed if isinstance(u.kind, Container) and not u.readonly]  # something that moves may come into them
    still = {u.id for u in fixed if u not in lists}
    tangents = Tangents(variables, moving(function, still))
    tangents.region(function.region)
    saved, value, outputs_of_run = results(function, variables, outputs)
    y_dot = tuple(tangents.shadow(u) if isinstance(u, Var) and u.kind != CONSTANT else ("number", 0.0) for u in outputs)
    names = Names(variables, "_dot")
    structures = tuple(isinstance(u, Var) and isinstance(u.kind, Container) for u in outputs)
    uncertain = tangents.uncertain or bool(read.inner) or bool(lists)
    frame = Frame(value, y_dot, outputs_of_run, (), uncertain, structures, (*read.reserved, *FRAME), read.first)
    own: list[Line] = [Raw(1, f"{u.shadow} = zeros({u.token})", None) for u in lists]
    for u in changed(function, read.inner):
        own += [Raw(1, f"{u.shadow} = copied({u.shadow}, {u.token})", None), own_copy(u)]
    return with_inner(read, named(function, variables, names, [*own, *tangents.lines, *saved], frame), inner_forward)


def inner_forward(read: Read, function: Function) -> tuple[str, Assembled]:
    """A function that calls itself: it returns its results, each with its tangent."""
    tangents = Tangents(list(read.variables), moving(function, set()))
    tangents.region(function.region)
    names = Names(tangents.variables, "_dot")
    ends = Raw(1, f"return {', '.join(returned(function.result))}", None)
    return "", named(function, tangents.variables, names, [*tangents.lines, ends], Frame(reserved=read.reserved, first=read.first))


def with_inner(read: Read, assembled: Assembled, inner: Any, extra: Sequence[str] = ()) -> Assembled:
    """A program with the functions it calls before it."""
    found, functions = [], set(assembled.functions)
    for function in read.inner:
        _, part = inner(read, function)
        arguments = [part.names.fill(text) for u in function.parameters for text in (u.token, *([u.shadow] if u.kind != CONSTANT else []))]
        found.append((f"def {function.name}({', '.join([*extra, *arguments])}):", part.body))
        functions |= part.functions
    return assembled._replace(inner=found, functions=frozenset(functions), uncertain=assembled.uncertain or bool(found))


def returned(result: Any) -> list[str]:
    """What a function that calls itself returns: each number or list with its shadow."""
    texts: list[str] = []
    for u in outputs_of(result):
        texts += [u.token, u.shadow] if isinstance(u, Var) and u.kind != CONSTANT else [value_of(u)]
    return texts


def backwards(
    read: Read, function: Function, variables: list[Var], outputs: list[Any], seeds: list[Tree], more: frozenset[int] = frozenset(),
    *, blocks: Blocks | None = None,
) -> tuple[Backward, set[int]]:
    """The backward part, with cells for the numbers that go by two names."""
    cells = needed_cells(function, variables) | more
    given = [(u, seed) for u, seed in zip(outputs, seeds, strict=True) if isinstance(u, Var) and u.kind != CONSTANT]
    while True:
        spread(cells, function, read.facts)
        backward = Backward(function, variables, cells, read.facts)
        backward.depth += not seeds
        backward.blocks = blocks
        try:
            backward.run(given)
            return backward, cells
        except Conflict as conflict:
            cells |= {u.id for u in conflict.variables}


def changed(function: Function, inner: Sequence[Function]) -> list[Var]:
    """The parameters that may be changed while the function runs: lists, if any list is."""
    lists = [u for u in function.parameters if isinstance(u.kind, Container) and not u.readonly]
    return lists if lists and (inner or changes(function.region)) else []


def changes(region: Region) -> bool:
    """Whether some list is changed."""
    for s in region.statements:
        match s:
            case Mirror(var=var, text=text) if var is None or ".pop(" in text:
                return True
            case If(then=then, other=other) if changes(then) or changes(other):
                return True
            case Loop(head=head, body=body) if changes(head) or changes(body):
                return True
    return False


def derivative(u: Var, backward: Backward, start: Var | None) -> Tree:
    """What the program returns for a parameter; `start` remembers one that is changed."""
    if start is not None:
        return ("text", f"restored(*{start.token})")
    if isinstance(u.kind, Container):
        return ("text", f"restored({u.shadow}, {u.token})")
    if u.id in backward.cells:
        return f"{u.shadow}[0]"
    return u.shadow if u.id in backward.given else ("number", 0.0)


def results(function: Function, variables: list[Var], outputs: list[Any]) -> tuple[list[Line], str, tuple[str, ...]]:
    """What a function returns, as text; first put aside where the backward part would overwrite it."""
    saved: list[Line] = []
    texts: list[str] = []
    for k, u in enumerate(outputs):
        if isinstance(u, Var) and u.twin is not None:
            y = _new(variables, function, "y" if len(outputs) == 1 else f"y{k + 1}")
            saved.append(Assign(1, y.token, u.token, False, None))
            texts.append(y.token)
        else:
            texts.append(value_of(u) if isinstance(u, Var) and u.kind != CONSTANT else written(operand(text_of(u) or Text("None"), True)))
    entries = iter(texts)
    numbers = tuple(text for text, u in zip(texts, outputs, strict=True) if isinstance(u, Var) and u.kind == NUMBER)
    return saved, structured(function.result, entries), numbers


def value_of(u: Any) -> str:
    """A value as text."""
    if isinstance(u, Var):
        return u.token
    text = text_of(u)
    return text.code if text is not None else "None"


def structured(result: Any, entries: Any) -> str:
    """Texts, one per output, in the structure a function returns."""
    if not isinstance(result, Bundle) or result.token is not None:
        return str(next(entries))
    parts = [structured(item, entries) for item in result.items]
    if result.kind is dict:
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(result.keys, parts, strict=True)) + "}"
    inside = ", ".join(parts)
    return f"[{inside}]" if result.kind is list else f"({inside}{',' if len(parts) == 1 else ''})"


def _new(variables: list[Var], function: Function, hint: str) -> Var:
    var = Var(len(variables), NUMBER, hint, function.region)
    variables.append(var)
    return var


__all__ = ["Read", "forward", "reverse", "shown"]
