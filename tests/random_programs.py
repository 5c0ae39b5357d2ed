"""Random programs, grown from a seed. `program_text.py` writes them as Python, `shrinking.py` shrinks the ones that fail.

A program is a tree of tuples, so that it can be taken apart: statements ("let", name, e), ("more", name, symbol, e), ("if", condition, body, other),
("for", count, body), ("while", name, limit, body); expressions ("name", v), ("number", x), ("op", row, e, ...), ("helper", e, e), and where
derivatives nest ("slope", t, e, at): D(lambda t: e)(at).
It grows at its point: a statement is kept if every number it computes there is of ordinary size and clear of kinks, jumps and poles, so
that nearly every program can be judged. What happens at kinks, jumps and poles is `test_lattice.py`'s.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

import numpy as np

CLEAR = 1e-3  # how far from a kink, a jump or a pole
Tree = tuple[Any, ...]
Scope = dict[str, float]


class Program(NamedTuple):
    """Parameters and the point, the helper function's body (or nothing), the statements, what is returned."""

    point: dict[str, float]
    helper: tuple[Tree, ...]
    body: tuple[Tree, ...]
    outputs: tuple[str, ...]


class Reject(Exception):
    """A number left the ordinary range: this statement is not for this point."""


def whole(x: float) -> float:
    """The distance from the nearest integer."""
    return abs(x - round(x))


def anything(*_: float) -> bool:
    return True


# row: how often, how it is written, where it may be used
# fmt: off
OPERATIONS: dict[str, tuple[int, str, Callable[..., bool]]] = {
    "add": (12, "{} + {}", anything), "subtract": (9, "{} - {}", anything), "multiply": (14, "{} * {}", anything),
    "divide": (8, "{} / {}", lambda a, b: abs(b) > 0.02), "power": (3, "{} ** {}", lambda a, b: 0.05 < a < 20 and abs(b) < 4),
    "floor_divide": (1, "{} // {}", lambda a, b: abs(b) > 0.05 and whole(a / b) > CLEAR), "remainder": (1, "{} % {}", lambda a, b: abs(b) > 0.05 and whole(a / b) > CLEAR),
    "negative": (2, "-{}", anything), "abs": (2, "abs({})", lambda a: abs(a) > CLEAR), "fabs": (1, "np.fabs({})", lambda a: abs(a) > CLEAR),
    "square": (2, "np.square({})", anything), "sqrt": (3, "np.sqrt({})", lambda a: a > 0.01), "cbrt": (1, "np.cbrt({})", lambda a: abs(a) > 0.01),
    "reciprocal": (1, "np.reciprocal({})", lambda a: abs(a) > 0.02), "exp": (4, "np.exp({})", lambda a: abs(a) < 8), "exp2": (1, "np.exp2({})", lambda a: abs(a) < 8),
    "expm1": (1, "np.expm1({})", lambda a: abs(a) < 8), "log": (4, "np.log({})", lambda a: a > 0.01), "log2": (1, "np.log2({})", lambda a: a > 0.01),
    "log10": (1, "np.log10({})", lambda a: a > 0.01), "log1p": (2, "np.log1p({})", lambda a: a > -0.95), "sin": (6, "np.sin({})", anything), "cos": (5, "np.cos({})", anything),
    "tan": (1, "np.tan({})", lambda a: abs(math.cos(a)) > 0.1), "arcsin": (1, "np.arcsin({})", lambda a: abs(a) < 0.98), "arccos": (1, "np.arccos({})", lambda a: abs(a) < 0.98),
    "arctan": (2, "np.arctan({})", anything), "arctan2": (2, "np.arctan2({}, {})", lambda a, b: math.hypot(a, b) > 0.05), "sinh": (1, "np.sinh({})", lambda a: abs(a) < 8),
    "cosh": (1, "np.cosh({})", lambda a: abs(a) < 8), "tanh": (3, "np.tanh({})", anything), "arcsinh": (1, "np.arcsinh({})", anything), "arccosh": (1, "np.arccosh({})", lambda a: a > 1.02),
    "arctanh": (1, "np.arctanh({})", lambda a: abs(a) < 0.98), "hypot": (2, "np.hypot({}, {})", lambda a, b: math.hypot(a, b) > CLEAR),
    "maximum": (2, "np.maximum({}, {})", lambda a, b: abs(a - b) > CLEAR), "minimum": (2, "np.minimum({}, {})", lambda a, b: abs(a - b) > CLEAR),
    "fmax": (1, "np.fmax({}, {})", lambda a, b: abs(a - b) > CLEAR), "fmin": (1, "np.fmin({}, {})", lambda a, b: abs(a - b) > CLEAR),
    "logaddexp": (1, "np.logaddexp({}, {})", anything), "logaddexp2": (1, "np.logaddexp2({}, {})", anything), "sign": (1, "np.sign({})", lambda a: abs(a) > CLEAR),
    "floor": (1, "np.floor({})", lambda a: whole(a) > CLEAR), "ceil": (1, "np.ceil({})", lambda a: whole(a) > CLEAR), "rint": (1, "round({})", lambda a: whole(a + 0.5) > CLEAR),
    "trunc": (1, "np.trunc({})", lambda a: whole(a) > CLEAR), "sinc": (1, "np.sinc({})", anything), "float_power": (1, "np.float_power({}, {})", lambda a, b: 0.05 < a < 20 and abs(b) < 4),
    "fmod": (1, "np.fmod({}, {})", lambda a, b: abs(b) > 0.05 and whole(a / b) > CLEAR), "deg2rad": (1, "np.deg2rad({})", anything), "rad2deg": (1, "np.rad2deg({})", anything),
    "heaviside": (1, "np.heaviside({}, {})", lambda a, b: abs(a) > CLEAR), "positive": (1, "+{}", anything),
    "radians": (1, "np.radians({})", anything), "degrees": (1, "np.degrees({})", anything),
}
# fmt: on
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: {"abs": abs}.get(name) or getattr(np, name) for name in OPERATIONS
}  # fmt: skip
NAMES = list(OPERATIONS)
WEIGHTS = list(itertools.accumulate(weight for weight, _, _ in OPERATIONS.values()))
BINARY = {name for name, (_, written, _) in OPERATIONS.items() if written.count("{}") == 2}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {"<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}


def value(e: Tree, scope: Scope, helper: tuple[Tree, ...]) -> float:
    """The number of an expression; Reject where it is not an ordinary one."""
    match e:
        case ("name", name):
            return scope[name]
        case ("number", x):
            return float(x)
        case ("helper", a, b):
            inner = {"u": value(a, scope, helper), "w": value(b, scope, helper)}
            execute(helper, inner, ())
            return inner["u"]
        case ("slope", t, inside, at):
            x, h = value(at, scope, helper), 1e-5  # roughly: only to see whether it is of ordinary size
            right, left = (value(inside, {**scope, t: x + step}, helper) for step in (h, -h))
            return ordinary((right - left) / (2 * h))
    operands = [value(u, scope, helper) for u in e[2:]]
    if not OPERATIONS[e[1]][2](*operands):
        raise Reject
    return ordinary(float(FUNCTIONS[e[1]](*operands)), zero=e[1] in ("floor", "rint", "trunc", "ceil", "floor_divide", "heaviside"))


def ordinary(x: float, zero: bool = False) -> float:
    """x itself; Reject if it is very large or small."""
    if not (1e-4 < abs(x) < 1e4 or (x == 0 and zero)):
        raise Reject
    return x


def execute(statements: tuple[Tree, ...], scope: Scope, helper: tuple[Tree, ...]) -> None:
    """Run statements on plain numbers."""
    for statement in statements:
        match statement:
            case ("let", name, e):
                scope[name] = value(e, scope, helper)
            case ("more", name, row, e):
                scope[name] = value(("op", row, ("name", name), e), scope, helper)
            case ("if", condition, body, other):
                execute(body if holds(condition, scope, helper) else other, scope, helper)
            case ("for", count, body):
                for _ in range(count):
                    execute(body, scope, helper)
            case ("while", name, limit, body):
                for _ in range(8):
                    if not holds((">", ("name", name), ("number", limit)), scope, helper):
                        break
                    execute(body, scope, helper)
                else:
                    raise Reject


def holds(condition: Tree, scope: Scope, helper: tuple[Tree, ...]) -> bool:
    """A comparison's outcome; Reject where its sides are close."""
    a, b = (value(e, scope, helper) for e in condition[1:])
    if abs(a - b) < CLEAR:
        raise Reject
    return COMPARISONS[condition[0]](a, b)


class Grower:
    """Grows one program from a seed."""

    def __init__(self, seed: int, nesting: float = 0.0) -> None:
        self.random = Random(seed)
        self.nesting = nesting  # how often an expression is the derivative of another one
        self.helper: tuple[Tree, ...] = ()
        self.count = 0
        self.unused: list[str] = []  # names that nothing has read yet

    def program(self) -> Program:
        """A program of 4 to 30 statements in 1 to 4 inputs."""
        random = self.random
        point = {f"x{k + 1}": self.constant() for k in range(random.choice((1, 2, 2, 3, 4)))}
        if random.random() < 0.2:
            inner = {"u": self.constant(), "w": self.constant()}
            self.unused = list(inner)
            self.helper = (*self.statements(inner, random.randint(1, 4)), ("let", "u", ("op", "multiply", self.atom(inner), self.atom(inner))))
        scope = dict(point)
        self.unused = list(point)
        body = self.statements(scope, random.randint(4, 25))
        body += self.gathered(scope)
        outputs = [body[-1][1] if body else "x1", *random.sample(list(scope), random.choice((0, 0, 0, 0, 1, 2)) % len(scope))]
        return Program(point, self.helper, tuple(body), tuple(outputs))

    def gathered(self, scope: Scope) -> Iterator[Tree]:
        """y = what nothing has read yet, put together, so that a mistake anywhere reaches an output."""
        waiting = [name for name in scope if name in self.unused] or [list(scope)[-1]]
        yield ("let", "y", ("name", waiting[0]))
        scope["y"] = scope[waiting[0]]
        for name in waiting[1:]:
            more = ("more", "y", self.random.choice(("add", "subtract", "multiply")), ("name", name))
            with suppress(Reject):
                execute((more,), scope, self.helper)
                yield more

    def constant(self) -> float:
        """A number of ordinary size, short enough to read."""
        if self.random.random() < 0.3:
            return float(self.random.choice((1, 2, 3, -1, 0.5, 4)))
        return round(self.random.choice((-1, 1, 1)) * 10 ** self.random.uniform(-1, 1), 3)

    def statements(self, scope: Scope, count: int, depth: int = 0) -> list[Tree]:
        """So many statements, each of which runs in the scope the ones before it left."""
        found: list[Tree] = []
        for _ in range(4 * count):
            if len(found) >= count:
                break
            unused = list(self.unused)
            statement, trial = self.statement(scope, depth), dict(scope)
            try:
                execute((statement,), trial, self.helper)
            except Reject:
                self.unused = unused
                continue
            found.append(statement)
            self.unused += [name for name in trial if name not in scope or trial[name] != scope[name]]
            for name in [name for name in trial if name in scope or self.surely((statement,), name)]:
                scope[name] = trial[name]
        return found

    def surely(self, statements: tuple[Tree, ...], name: str) -> bool:
        """Whether a name is assigned whichever way the branches go."""
        return any(
            s[1] == name if s[0] == "let" else s[0] == "if" and self.surely(s[2], name) and self.surely(s[3], name) for s in statements
        )

    def statement(self, scope: Scope, depth: int) -> Tree:
        kind = self.random.random() if depth < 2 else 0.99
        known = [name for name in scope if name not in ("x1", "x2")]
        if kind < 0.06:
            return self.branch(scope, depth)
        if kind < 0.10 and known:
            return ("for", self.random.randint(2, 4), tuple(self.changes(scope, self.random.choice(known))))
        if kind < 0.12 and known:
            return self.halving(scope, self.random.choice(known))
        if kind < 0.20 and known:
            return ("more", self.random.choice(known), self.random.choice(("add", "subtract", "multiply")), self.expression(scope, 1))
        self.count += 1
        return ("let", f"v{self.count}" if self.random.random() < 0.85 or not known else self.random.choice(known), self.expression(scope, 0))

    def branch(self, scope: Scope, depth: int) -> Tree:
        """if ...: ... else: ..., both assigning one name."""
        condition = (self.random.choice(list(COMPARISONS)), self.expression(scope, 2), self.expression(scope, 2))
        self.count += 1
        name = f"v{self.count}"
        sides = []
        for _ in range(2):
            inner = dict(scope)
            before = self.statements(inner, self.random.randint(0, 2), depth + 1)
            sides.append((*before, ("let", name, self.expression(inner, 0))))
        return ("if", condition, *sides)

    def changes(self, scope: Scope, name: str) -> Iterator[Tree]:
        """A loop's body: name = name * small + something."""
        damped = ("op", "multiply", ("name", name), ("number", round(self.random.uniform(0.2, 0.9), 2)))
        yield ("let", name, ("op", self.random.choice(("add", "subtract")), damped, self.expression(scope, 1)))

    def halving(self, scope: Scope, name: str) -> Tree:
        """while name > limit: name = name * factor"""
        shrunk = ("op", "multiply", ("name", name), ("number", round(self.random.uniform(0.3, 0.8), 2)))
        return ("while", name, round(self.random.uniform(0.2, 2), 2), (("let", name, shrunk),))

    def expression(self, scope: Scope, depth: int) -> Tree:
        """One operation on names, numbers and smaller operations; deeper down more often a name."""
        if depth and self.random.random() < 0.4 * depth:
            return self.atom(scope)
        if self.helper and self.random.random() < 0.08:
            return ("helper", self.atom(scope), self.atom(scope))
        if self.nesting and depth < 3 and self.random.random() < self.nesting:
            return self.slope(scope, depth)
        row = self.random.choices(NAMES, cum_weights=WEIGHTS)[0]
        operands = [self.expression(scope, depth + 1) if self.random.random() < 0.25 else self.atom(scope) for _ in range(1 + (row in BINARY))]
        if all(u[0] == "number" for u in operands):
            operands[0] = self.name(scope)
        if row == "power" and self.random.random() < 0.6:
            operands[1] = ("number", self.random.choice((2, 3, -1, 2.0, 0.5, -2, 1.5)))
        return ("op", row, *operands)

    def slope(self, scope: Scope, depth: int) -> Tree:
        """D(lambda t: e)(at), with e in t and everything around it."""
        self.count += 1
        t, at = f"t{self.count}", self.name(scope)
        row = self.random.choice(("multiply", "add", "divide", "sin", "exp", "tanh"))
        operands = [("op", "multiply", ("name", t), self.name(scope)), self.expression({**scope, t: scope[at[1]]}, depth + 1)]
        return ("slope", t, ("op", row, *operands[: 1 + (row in BINARY)]), at)

    def atom(self, scope: Scope) -> Tree:
        """A name or a number."""
        return ("number", self.constant()) if self.random.random() < 0.15 else self.name(scope)

    def name(self, scope: Scope) -> Tree:
        """A name that nothing has read yet, or any, rather a recent one."""
        waiting = [name for name in self.unused if name in scope]
        if waiting and self.random.random() < 0.6:
            chosen = self.random.choice(waiting)
        else:
            names = list(scope)
            chosen = names[-1 - min(int(self.random.expovariate(0.35)), len(names) - 1)]
        self.unused = [name for name in self.unused if name != chosen]
        return ("name", chosen)


def grown(seed: int, nesting: float = 0.0) -> Program:
    """The program of that seed; with derivatives inside it, where asked for."""
    return Grower(seed, nesting).program()
