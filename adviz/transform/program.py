"""A derivative as a program: a text to read, to save, to call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from adviz.errors import InputError, UnsupportedError
from adviz.kernels import FLOAT_ERRORS
from adviz.recording import is_array
from adviz.running import Point, point, readable
from adviz.tape import Handle
from adviz.texts import counted, text
from adviz.transform import compiled
from adviz.transform.filling import Assembled
from adviz.transform.learner import Learner, learner
from adviz.transform.lines import Assign, Copies, Line
from adviz.transform.names import WORD
from adviz.transform.rules import written
from adviz.transform.runs import Run
from adviz.transform.support import is_float, is_plain
from adviz.transform.values import NUMBER, Bundle, Container
from adviz.transform.versions import Version, body_text, inner_text, kind_of_argument, optimised
from adviz.trees import LEAF, flatten

FLAT = (NUMBER, Container(NUMBER))


class Program(partial):  # type: ignore[type-arg]
    """The derivative of a function as a program; made by `adviz.source`. A partial, for that calls its function without a detour.

    str(p), p.text   the program, in Python
    p(2.0, 5.0)      (value, derivatives); what runs is the same program with fewer names: p.optimised
    p.lines          which lines of the program come from which line of the learner's
    p.mode           "reverse" or "forward"
    """

    mode: str
    name: str

    def __new__(cls, f: Callable[..., Any], mode: str = "reverse", wrt: str | Sequence[str] | None = None) -> Program:
        holder: list[Program] = []
        of = learner(f)
        wanted = (wrt,) if isinstance(wrt, str) else None if wrt is None else tuple(wrt)
        version = Version(of, parameters_of(of), guess=True)
        self = super().__new__(cls, entrance(version, mode, wanted, lambda *given: holder[0].otherwise(*given)))
        holder.append(self)
        self.mode, self.name, self._f, self._of, self._wrt = mode, readable(of.name), f, of, wanted
        self._version = version
        self._versions: dict[Any, Version] = {tuple(version.kinds.values()): version}
        return self

    def version(self, arguments: Sequence[Any]) -> Version:
        """The function read for arguments like these."""
        kinds = tuple(map(kind_of_argument, arguments))
        arrays = any(is_array(u) for argument in arguments for _, u in flatten(argument)[0])
        key = (kinds, arrays) if arrays else kinds
        if key not in self._versions:
            self._versions[key] = Version(self._of, bound(self._of, kinds), arrays=arrays)
        return self._versions[key]

    def otherwise(self, arguments: tuple[Any, ...], seed: Any = None, wrt: Any = None) -> Any:
        """A call that is not floats in, ordinary numbers out: arguments are converted, seeds checked; then floats, if they will do."""
        at = point(self._f, arguments)
        given = at.rebuild(at.numbers)
        version = self.version(given)
        wanted = (wrt,) if isinstance(wrt, str) else wrt if wrt is not None else self._wrt
        for name in wanted or ():
            if name not in version.kinds:
                raise InputError(text("seed.wrt", name=repr(name), names=", ".join(version.kinds)))
        if not version.facts.arrays and all(x.__class__ is float for x in at.numbers):
            found = self._on_floats(version, at, given, seed, wanted)
            if found is not None:
                return found
        run = Run(self._f, given, version)
        if self.mode == "forward":
            return run.value, run.outputs.rebuild(run.forward(tangent_seed(at, seed, wanted)))
        return run.value, run.per_argument(run.reverse(adjoint_seed(run, seed)))

    def _on_floats(self, version: Version, at: Point, given: tuple[Any, ...], seed: Any, wrt: Any) -> Any:
        """The seeded program; None where its result may not be what a trace has."""
        program = version.on_floats(self.mode, wrt)
        if self.mode == "forward":
            entries = at.rebuild(tangent_seed(at, seed, wrt))
            seeds: Any = [as_float(u) for name, u in zip(version.kinds, entries, strict=True) if wrt is None or name in wrt]
        elif seed is None and not version.is_scalar:
            return None
        else:
            seeds = matched(version.function.result, 1.0 if seed is None else seed)
        if seeds is None or not is_float(seeds):
            return None
        try:
            value, derivatives, outputs = program.function(*given, *seeds)
        except FLOAT_ERRORS:
            return None
        checks = program.uncertain or not is_plain(seeds)
        if any(y != y for y in outputs) or (checks and not is_plain(derivatives)):
            return None
        return value, derivatives


def parameters_of(of: Learner) -> dict[str, Any]:
    """The parameters that have no default, as numbers; of *xs two."""
    a = of.node.args
    names = [p.arg for p in (*a.posonlyargs, *a.args)][len(of.bound) :]
    fixed = {**of.defaults(), **dict(of.keywords)}
    required = [name for name in names if name not in fixed] or names
    if a.vararg is not None:
        required += [f"{a.vararg.arg}[{k}]" for k in range(2)]
    return dict.fromkeys(required, NUMBER)


def bound(of: Learner, kinds: Sequence[Any]) -> dict[str, Any]:
    """The parameters that arguments of these kinds bind: those of *xs are named xs[0], xs[1], ..."""
    a = of.node.args
    names = [p.arg for p in (*a.posonlyargs, *a.args)][len(of.bound) :]
    if a.vararg is not None:
        names += [f"{a.vararg.arg}[{k}]" for k in range(len(kinds) - len(names))]
    return dict(zip(names, kinds, strict=False))


def entrance(version: Version, mode: str, wrt: Any, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """What a call runs first: straight through on floats, where the numbers that come out are ordinary; `otherwise`, else."""
    a = version.of.node.args
    simple = not version.facts.arrays and all(kind in FLAT for kind in version.kinds.values()) and not any("[" in name for name in version.kinds)
    first = version.entrance(mode, wrt) if simple else None
    extra = a.vararg is not None or a.kwarg is not None or bool(a.kwonlyargs) or len(version.kinds) < len(a.args) + len(a.posonlyargs) - len(version.of.bound)
    if first is None:
        return through(mode, otherwise)
    assembled, lines, result = first
    names = assembled.arguments
    seed = "y_bar=None" if mode == "reverse" else "seed=None, wrt=None"
    seeds = "y_bar" if mode == "reverse" else "seed, wrt"
    tests_of_seed = [f"{word.partition('=')[0]} is None" for word in seed.split(", ")]
    tests = tests_of_seed + ["not rest"] * extra
    tests += [f"{name}.__class__ is float" if kind == NUMBER else f"is_floats({name})" for name, kind in zip(names, version.kinds.values(), strict=True)]
    whole = f"({', '.join(names)}, {'*rest' * extra})"
    overwritten = any(name in names for line in lines for name in assigned_names(line))
    source = [
        *inner_text(assembled),
        f"def {version.function.name}({', '.join(names)}, {'*rest, ' * extra}{seed}):",
        f"    if {' and '.join(tests)}:",
        *([f"        given = {whole}"] if overwritten else []),
        "        try:",
        *body_text(lines, 2),
        f"            if {sound(assembled)}:",
        f"                return {result}",
        "        except FLOAT_ERRORS:",
        "            pass",
        f"        return otherwise({'given' if overwritten else whole}, {', '.join(['None'] * len(tests_of_seed))})",
        f"    return otherwise({whole}, {seeds})",
        "",
    ]
    name = version.function.name
    return compiled.function("\n".join(source), name, version.namespace(assembled) | {"otherwise": otherwise})


def assigned_names(line: Line) -> list[str]:
    """The names a line sets."""
    match line:
        case Assign(target=target):
            return [target]
        case Copies(pairs=pairs):
            return [target for target, _ in pairs]
    return WORD.findall(line.text.partition(" in ")[0].removeprefix("for ")) if line.text.startswith("for ") else WORD.findall(line.text.partition(" = ")[0])


def through(mode: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The entrance of a program whose arguments must be looked at first."""
    if mode == "reverse":
        return lambda *arguments, y_bar=None: otherwise(arguments, y_bar)
    return lambda *arguments, seed=None, wrt=None: otherwise(arguments, seed, wrt)


def sound(assembled: Assembled) -> str:
    """The condition under which the numbers are those of a trace: no output is nan, and no derivative may be 0, nan or infinite for want of
    knowing that nothing arrived."""
    tests = [f"{y} == {y}" for y in assembled.outputs]
    if assembled.uncertain:
        for tree, is_list in zip(assembled.derivatives, assembled.lists, strict=True):
            x = written(tree)
            tests.append(f"is_plain({x})" if is_list else f"{x} * 0.0 == 0.0 != {x}")
    return " and ".join(tests) or "True"


def as_float(u: Any) -> Any:
    """A seed with floats for whole numbers."""
    match u:
        case list() | tuple():
            return [as_float(part) for part in u]
        case dict():
            return {key: as_float(part) for key, part in u.items()}
    return float(u) if u.__class__ is int else u


def matched(result: Any, seed: Any) -> Any:
    """A seed's entries, one per output of the program; None if it has another structure."""
    if not isinstance(result, Bundle) or result.token is not None:
        return [as_float(seed)]
    if isinstance(seed, dict) != (result.kind is dict) or not isinstance(seed, dict | list | tuple) or len(seed) != len(result.items):
        return None
    parts = [matched(item, part) for item, part in zip(result.items, seed.values() if isinstance(seed, dict) else seed, strict=True)]
    return None if any(part is None for part in parts) else [u for part in parts for u in part]


def tangent_seed(at: Point, seed: Any, wrt: Sequence[str] | None) -> tuple[Any, ...]:
    """ẋ, one entry per input. Without a seed the derivative along the one number that changes."""
    names = at.names if wrt is None else [name for name in at.names if name.partition("[")[0] in wrt]
    if seed is None:
        if len(names) != 1:
            example = ", ".join(["1", *["0"] * (len(names) - 1)])
            raise InputError(text("seed.required", function=at.function, names=", ".join(names), example=example, first=names[0]))
        seed = 1.0
    leaves = checked("forward", [u for _, u in flatten(seed)[0]], names, "word.input")
    given = dict(zip(names, leaves, strict=True))
    return tuple(given.get(name, 0.0) for name in at.names)


def adjoint_seed(run: Run, seed: Any) -> tuple[Any, ...]:
    """ȳ, one entry per output; 1 for a function of one number."""
    names = ("y",) if len(run.values) == 1 else tuple(f"y{k + 1}" for k in range(len(run.values)))
    if seed is None:
        if run.outputs.tree is not LEAF or getattr(run.values[0], "ndim", 0):
            example = ", ".join(["1", *["0"] * (len(names) - 1)])
            raise InputError(text("seed.outputs", function=run.at.function, count=len(names), example=example))
        seed = 1.0
    return checked("reverse", [u for _, u in flatten(seed)[0]], names, "word.output")


def checked(mode: str, leaves: Sequence[Any], names: Sequence[str], what: str) -> tuple[Any, ...]:
    """A seed's numbers. InputError unless there is one for each name."""
    if len(leaves) != len(names):
        count = counted("count.inputs", len(names))
        raise InputError(text("seed.length", mode=mode, count=count, what=text(what), names=", ".join(names), given=len(leaves)))
    for u in leaves:
        if isinstance(u, bool) or not (isinstance(u, int | float | Handle) or hasattr(u, "dtype")):
            raise InputError(text("seed.kind", what=text(what), names=", ".join(names), value=repr(u)[:40]))
    return tuple(leaves)


def source(f: Callable[..., Any], mode: str = "reverse", *, wrt: str | Sequence[str] | None = None) -> Program:
    """The derivative of f as a program: x̄ = Jᵀ ȳ ("reverse") or ẏ = J ẋ ("forward")."""
    if mode not in ("reverse", "forward"):
        raise UnsupportedError(text("unsupported.mode", mode=repr(mode), choices='"reverse" or "forward"'))
    return Program(f, mode, wrt)


__all__ = ["Line", "Program", "optimised", "source"]
