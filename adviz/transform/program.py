"""A derivative as a program: a text to read, to save, to call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from adviz.errors import InputError, UnsupportedError
from adviz.kernels import FLOAT_ERRORS
from adviz.recording import is_array
from adviz.running import Point, point, readable
from adviz.texts import text
from adviz.transform.display import as_html
from adviz.transform.entrance import entrance
from adviz.transform.printing import Correspondence, Printed, printed, saved
from adviz.transform.reading.learner import MISSING, Learner, learner
from adviz.transform.recordings import Recorder, Recording
from adviz.transform.runs import Run
from adviz.transform.seeds import adjoint_seed, as_float, matched, tangent_seed
from adviz.transform.support import is_finite, is_float, is_plain
from adviz.transform.values import NUMBER
from adviz.transform.versions import Version, body_text, kind_of_argument, optimised
from adviz.transform.writing.assembling import structured
from adviz.transform.writing.rules import written
from adviz.trees import flatten


class Program(partial):
    """The derivative of a function as a program; made by `adviz.source`. A partial, for that calls its function without a detour.

    str(p), p.text   the program, in Python
    p(2.0, 5.0)      (value, derivatives); what runs is the same program with fewer names: p.optimised
    p.lines          which lines of the program come from which line of the learner's
    p.mode           "reverse" or "forward"
    """

    mode: str
    name: str
    _f: Callable[..., Any]
    _of: Learner
    _wrt: tuple[str, ...] | None
    _version: Version
    _versions: dict[Any, Version]
    _recorders: dict[Version, Recorder]

    def __new__(cls, f: Callable[..., Any], mode: str = "reverse", wrt: str | Sequence[str] | None = None) -> Program:
        holder: list[Program] = []
        of = learner(f)
        wanted = (wrt,) if isinstance(wrt, str) else None if wrt is None else tuple(wrt)
        version = Version(of, parameters_of(of), guess=True)
        self = super().__new__(cls, entrance(version, mode, wanted, lambda *given: holder[0].otherwise(*given)))
        holder.append(self)
        self.mode, self.name, self._f, self._of, self._wrt = mode, readable(of.name), f, of, wanted
        self._version = version
        self._recorders = {}
        self._versions = {tuple(version.kinds.values()): version}
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
        at = point(self._f, tuple(u for u in arguments if u is not MISSING))
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

    def run(self, arguments: Sequence[Any]) -> Run:
        """One run of the program, on any kind of number, to be swept as often as wanted."""
        at = point(self._f, arguments)
        given = at.rebuild(at.numbers)
        return Run(self._f, given, self.version(given))

    # the program as a text

    @cached_property
    def about(self) -> str:
        """What the program is of, in one sentence: it begins with it."""
        of = self._of
        return text(f"program.{self.mode}", function=self.name, file=readable_file(of.file), line=of.node.lineno + of.before)

    @cached_property
    def _printed(self) -> Printed:
        version, mode = self._version, self.mode
        if mode == "reverse":
            assembled = version.reverse
            seeds = [f"{name}=1.0" for name in assembled.seeds] if version.is_scalar else assembled.seeds
            entries = [written(tree) for tree in assembled.derivatives]
            derivatives = entries[0] if len(entries) == 1 else f"({', '.join(entries)})"
        else:
            assembled = version.tangent(self._wrt)
            moving = [u for u in version.function.parameters if self._wrt is None or u.hint in self._wrt]
            seeds = [assembled.names.fill(u.shadow) + ("=1.0" if len(moving) == 1 and u.kind == NUMBER else "") for u in moving]
            derivatives = structured(version.function.result, iter([written(tree) for tree in assembled.derivatives]))
        return printed(
            assembled, version.function.name, self.about, version.constants(assembled.names), sources(version), [*assembled.arguments, *seeds],
            f"{assembled.value}, {derivatives}", arrays=version.facts.arrays,
        )  # fmt: skip

    @property
    def text(self) -> str:
        """The program in Python, as it is read and saved: on floats it needs nothing but math, or adviz for functions that math has not."""
        return self._printed.text

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    @property
    def lines(self) -> tuple[Correspondence, ...]:
        """For each line of the learner's the lines of the program's text that come from it: .file .line .text .generated"""
        return self._printed.correspondences(sources(self._version))

    @property
    def optimised(self) -> str:
        """The same program with fewer names, which is what a call runs: every sum and product is the one it was."""
        assembled = self._version.reverse if self.mode == "reverse" else self._version.tangent(self._wrt)
        return "\n".join(body_text(optimised(assembled), -1)) + "\n"

    def save(self, path: str | Path) -> str:
        """Write the text to a file, for `import`. UnsupportedError if it uses an object that a text cannot make."""
        program = saved(self.text)
        Path(path).write_text(program, encoding="utf-8")
        return program

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": as_html(self._printed, sources(self._version))}

    # recording

    @cached_property
    def record(self) -> Callable[..., Any]:
        """p.record(2.0, 5.0): value, derivatives, values, adjoints. A run that keeps every number and every adjoint, one tuple per basic block.

        A tuple of `values` has the block's number, then the numbers it computed; those of `adjoints` are the same blocks backwards. Without the
        tests of while loops, that no adjoint reaches. With `y_bar` from that ȳ. `p.recording(2.0, 5.0)` tells them apart.
        """
        return entrance(self._version, "record", None, lambda arguments, y_bar: self._recorded(arguments, y_bar, whole=False))

    def recording(self, *arguments: Any, y_bar: Any = None) -> Recording:
        """The trace of the function, from a program: `values` are those of adviz.trace(f, ..., order="evaluation").

        UnsupportedError for a tangent program, and for a function that calls itself.
        """
        found: Recording = self._recorded(arguments, y_bar, whole=True)
        return found

    def _recorded(self, arguments: tuple[Any, ...], y_bar: Any, *, whole: bool) -> Any:
        """A run that records: on floats, if they will do."""
        if self.mode != "reverse":
            raise UnsupportedError(text("transform.record", function=self.name))
        at = point(self._f, tuple(u for u in arguments if u is not MISSING))
        given = at.rebuild(at.numbers)
        version = self.version(given)
        recorder = self._recorders.get(version) or self._recorders.setdefault(version, Recorder(version))
        plain = not version.facts.arrays and (recorder.is_whole or not whole) and all(x.__class__ is float for x in at.numbers)
        seeds = matched(version.function.result, 1.0 if y_bar is None else y_bar) if plain and (y_bar is not None or version.is_scalar) else None
        raw = recorder.ran_on_floats(given, seeds) if seeds is not None and is_float(seeds) else None
        if raw is not None and not (whole and recorder.may_hide(raw)):
            return recorder.of_floats(*raw) if whole else raw
        run = Run(self._f, given, version, recorder.generally)
        derivatives = run.per_argument(run.reverse(adjoint_seed(run, y_bar)))
        return (recorder.of_cells if whole else recorder.raw_of_cells)(run.value, derivatives, run.sweep.values)

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
            value, derivatives, outputs, computed = program.function(*given, *seeds)
        except FLOAT_ERRORS:
            return None
        unsure = program.uncertain or not is_plain(seeds)
        return (value, derivatives) if is_finite(outputs) and (is_plain if unsure else is_finite)(computed) else None


def sources(version: Version) -> dict[str, list[str]]:
    """The learner's files that a program was read from."""
    return {of.file: of.lines for of in (version.of, *version.facts.learners)}


def readable_file(file: str) -> str:
    """A file's name without its folder; a cell or a console as it is called."""
    return readable(Path(file).name) if not file.startswith("<") else file


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


def source(f: Callable[..., Any], mode: str = "reverse", *, wrt: str | Sequence[str] | None = None) -> Program:
    """The derivative of f as a program: x̄ = Jᵀ ȳ ("reverse") or ẏ = J ẋ ("forward")."""
    if mode not in ("reverse", "forward"):
        raise UnsupportedError(text("unsupported.mode", mode=repr(mode), choices='"reverse" or "forward"'))
    return Program(f, mode, wrt)
