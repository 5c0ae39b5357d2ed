"""Expression swell: how the derivative of an iterated step grows as an expression, and as a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adviz.errors import InputError
from adviz.formulas import formula
from adviz.listing import aligned
from adviz.methods import counting, symbolic
from adviz.running import Function, function_name, point
from adviz.texts import text
from adviz.wengert import Trace, trace

MOST = 64  # steps: the expression has doubled as often
START = 0.2  # where the program is run to count its operations


@dataclass(frozen=True)
class Swell:
    """Operations in l_n and in dl_n/dl_1, for n = 1, 2, ...: one entry for each n

    program      the value, as a program: a line for each operation
    expression   the value, written out in l_1
    by_rules     its derivative by the product rule and the others, nothing shared, nothing simplified
    symbolic     its derivative as SymPy makes it (`count_ops`); None from where it has more than 100,000 operations
    simplified   that, simplified; None where it has more than 1,000
    shared       that (not simplified), with every common subexpression computed once
    automatic    value and derivative by adviz: counted from a trace and its reverse sweep
    """

    step: str
    n: tuple[int, ...]
    program: tuple[int, ...]
    expression: tuple[int, ...]
    by_rules: tuple[int, ...]
    symbolic: tuple[int | None, ...]
    simplified: tuple[int | None, ...]
    shared: tuple[int | None, ...]
    automatic: tuple[int, ...]

    def __str__(self) -> str:
        names = ("n", "program", "expression", "by_rules", "symbolic", "simplified", "shared", "automatic")
        columns = [[text(f"swell.{name}" if name != "n" else "swell.n.head"), *map(_figure, getattr(self, name))] for name in names]
        rows = aligned(list(zip(*columns, strict=True)), left=0)
        return "\n".join([text("swell.title", step=self.step), *rows, text("swell.legend")])


def _figure(count: int | None) -> str:
    return "–" if count is None else f"{count:,}" if count < 10**12 else f"{float(count):.1e}"


def swell(step: Function | str | Any, n: int) -> Swell:
    """Operations in l_n and dl_n/dl_1 for l_{k+1} = step(l_k), n = 1 .. n: as an expression, and by automatic differentiation

    `step` is a function of one number, a formula of one variable as text, or a SymPy expression in one symbol: "4*l*(1-l)" is the logistic
    map. InputError unless n is a whole number from 1 to 64; UnsupportedError where a step is not one expression.

    >>> print(swell("4*l*(1-l)", 3))
    Operations in l_n and its derivative, for l_(k+1) = 4*l*(1-l)
    n  program  l_n  by rules  SymPy  simplified  shared  adviz
    1        0    0         0      0           0       0      1
    2        3    3         6      2           2       2      9
    3        6    9        24     21           8      12     17
    ...
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST:
        raise InputError(text("swell.n", n=repr(n)[:40], largest=MOST))
    f, name = step_of(step)
    point(f, (START,))  # a function of one number, or a sentence
    return Swell(name, tuple(range(1, n + 1)), *zip(*(_row(trace(iterated(f, k), START, order="evaluation")) for k in range(n)), strict=True))


def step_of(step: Any) -> tuple[Function, str]:
    """The step as a function, and what to call it."""
    typed = str(step) if type(step).__module__.partition(".")[0] == "sympy" else step
    return (formula(typed), typed) if isinstance(typed, str) else (typed, function_name(typed))


def iterated(f: Function, times: int) -> Callable[[Any], Any]:
    """l_1 ↦ f(f(... f(l_1)))"""

    def l_n(x: Any) -> Any:
        for _ in range(times):
            x = f(x)
        return x

    return l_n


def _row(t: Trace) -> tuple[int | None, ...]:
    """One entry for each column but n."""
    symbolic.no_branches(t)
    written_out, by_rules = counting.sizes_by_rules(t)
    program = sum(a.row is not None for a in t.assignments)
    return program, written_out, by_rules, *_by_sympy(t, by_rules), counting.automatic_operations(t)


def _by_sympy(t: Trace, by_rules: int) -> tuple[int | None, int | None, int | None]:
    """The operations of SymPy's derivative: as it makes it, simplified, shared."""
    if by_rules > counting.LARGEST:
        return None, None, None
    symbols = symbolic.symbols_of(t)
    d = symbolic.derivative_of(symbolic.rebuilt(t, symbols), symbols[0])
    simple = counting.simplified(d)
    return counting.operations(d), None if simple is None else counting.operations(*simple), counting.shared(d)
