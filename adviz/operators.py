"""The operators: derivative, gradient, jacobian, jvp, vjp. Each is a sweep over the tape of one run.

They are plain functions that nest to any order: inside another derivative the numbers they compute with are traced numbers of that one.
Here the sweeps run in their numeric reading, without steps; to see the steps use `adviz.forward` and `adviz.reverse`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from itertools import islice
from typing import Any

import numpy as np

from adviz import generate, sweeps
from adviz.errors import InputError, OutputError, UnsupportedError
from adviz.running import Function, Outputs, Point, collect, learners_traceback, point, start
from adviz.tape import Handle
from adviz.texts import counted, text


class Run:
    """A finished run, ready to be swept as often as wanted."""

    __slots__ = ("at", "structure", "tape")

    def __init__(self, f: Function, arguments: Sequence[Any]) -> None:
        __tracebackhide__ = True
        self.at: Point = point(f, arguments)
        self.tape, variables = start(self.at)
        try:
            with np.errstate(all="ignore"):  # nan and inf are results here, told in notes
                self.structure: Outputs = collect(self.tape, f(*variables), self.at.function)
        except BaseException as error:
            error.__traceback__ = learners_traceback(error)
            raise
        finally:
            self.tape.close()

    @property
    def value(self) -> Any:
        """What f returned, as plain numbers."""
        numbers = self.at.numbers
        return self.structure.rebuild([self.tape[i][3] if i > 0 else numbers[i - 1] for i in self.structure.indices])

    def forward(self, seed: Sequence[Any]) -> tuple[Any, ...]:
        """ẏ = J ẋ"""
        with np.errstate(all="ignore"):
            return numeric(sweeps.forward_sweep)(self.tape, seed)

    def reverse(self, seed: Sequence[Any]) -> tuple[Any, ...]:
        """x̄ = Jᵀ ȳ, each in its input's precision."""
        with np.errstate(all="ignore"):
            x_bar = numeric(sweeps.reverse_sweep)(self.tape, seed)
            return tuple(like(x, u) for x, u in zip(self.at.numbers, x_bar, strict=True))

    def scalar_output(self, operator: str) -> None:
        """OutputError unless f returned one number."""
        if self.structure.structure is not None:
            kind, n = self.structure.structure.__name__, len(self.structure.indices)
            raise OutputError(text("output.scalar", operator=operator, function=self.at.function, structure=kind, count=n))


@cache
def numeric(sweep: Callable[..., Any]) -> Callable[..., Any]:
    """The sweep without its steps, generated from its own text."""
    return generate.build(generate.sweep_source(sweep), {"active": sweeps.active, "islice": islice})[sweep.__name__]


def like(x: Any, derivative: Any) -> Any:
    """A derivative in the precision of its input: float32 stays float32."""
    if isinstance(x, np.floating) and not isinstance(derivative, Handle) and type(derivative) is not type(x):
        return type(x)(derivative)
    return float(derivative) if derivative.__class__ is int else derivative


def derivative(f: Function) -> Callable[..., Any]:
    """f′(x) = ẏ for ẋ = 1: the derivative of a function of one number   (Griewank & Walther 2008, section 3.1)

    f takes one number and returns one. InputError or OutputError otherwise.

    >>> import numpy as np
    >>> derivative(np.sin)(0.0)
    1.0
    >>> derivative(derivative(lambda x: x**3))(2.0)
    12.0
    """

    @wraps(f)
    def f_prime(*arguments: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        run = Run(f, arguments)
        if len(arguments) != 1:
            count = counted("count.arguments", len(arguments))
            raise InputError(text("input.one", operator="adviz.derivative", function=run.at.function, count=count))
        run.scalar_output("adviz.derivative")
        return like(run.at.numbers[0], run.forward((1.0,))[0])

    return f_prime


def gradient(f: Function) -> Callable[..., Any]:
    """∇f(x) = x̄ for ȳ = 1: one entry per argument; with one argument, that entry itself   (Griewank & Walther 2008, section 3.2)

    One run and one reverse sweep, however many arguments. OutputError if f returns several numbers (use `jacobian`).

    >>> import numpy as np
    >>> gradient(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2))(2.0, 5.0)
    (5.5, 1.7163378145367738)
    """
    both = value_and_gradient(f)

    @wraps(f)
    def nabla_f(*arguments: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        return both(*arguments)[1]

    return nabla_f


def value_and_gradient(f: Function) -> Callable[..., Any]:
    """(f(x), ∇f(x)) from one run and one reverse sweep.

    >>> value_and_gradient(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """

    @wraps(f)
    def value_and_nabla_f(*arguments: Any) -> tuple[Any, Any]:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        run = Run(f, arguments)
        run.scalar_output("adviz.gradient")
        x_bar = run.reverse((1.0,))
        return run.value, x_bar[0] if len(x_bar) == 1 else x_bar

    return value_and_nabla_f


def jacobian(f: Function, *, mode: str = "auto") -> Callable[..., Any]:
    """J_ij = ∂y_i/∂x_j as an array of shape (m, n), or (n,) if f returns one number   (Griewank & Walther 2008, eq. 3.1)

    "forward" fills it column by column (n sweeps), "reverse" row by row (m sweeps), "auto" takes the fewer. Inside another
    derivative the entries are traced numbers, and J is a tuple of rows. UnsupportedError for any other mode.

    >>> import numpy as np
    >>> jacobian(lambda x1, x2: (x1 * x2, np.sin(x1)))(2.0, 5.0)
    array([[ 5.        ,  2.        ],
           [-0.41614684,  0.        ]])
    """
    if mode not in ("auto", "forward", "reverse"):
        raise UnsupportedError(text("unsupported.mode", mode=repr(mode), choices='"forward", "reverse" or "auto"'))

    @wraps(f)
    def jacobian_f(*arguments: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        run = Run(f, arguments)
        n, m = len(run.at.numbers), len(run.structure.indices)
        if mode == "forward" or (mode == "auto" and n < m):
            columns = [run.forward(unit_vector(j, n)) for j in range(n)]
            rows = [tuple(like(x, u) for x, u in zip(run.at.numbers, row, strict=True)) for row in zip(*columns, strict=True)]
        else:
            rows = [run.reverse(unit_vector(i, m)) for i in range(m)]
        J = rows[0] if run.structure.structure is None else tuple(rows)
        return J if any(isinstance(u, Handle) for row in rows for u in row) else np.array(J)

    return jacobian_f


def unit_vector(k: int, n: int) -> tuple[float, ...]:
    """e_k of n entries."""
    return tuple(1.0 if i == k else 0.0 for i in range(n))


def jvp(f: Function, point: Any, tangents: Any) -> tuple[Any, Any]:
    """(y, ẏ = J ẋ): the value and the derivative in one direction   (Griewank & Walther 2008, eq. 3.2)

    `point` and `tangents` are tuples, one number per argument; y and ẏ have the structure of what f returns.

    >>> jvp(lambda x1, x2: x1 * x2, (2.0, 5.0), (3.0, -1.0))
    (10.0, 13.0)
    """
    __tracebackhide__ = True
    arguments, x_dot = as_tuple(point), as_tuple(tangents)
    run = Run(f, arguments)
    check_seed("forward", x_dot, run.at.names, "word.input")
    return run.value, run.structure.rebuild(run.forward(x_dot))


def vjp(f: Function, point: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """(y, ȳ ↦ x̄ = Jᵀ ȳ): the value, and the pullback, which may be called as often as wanted   (Griewank & Walther 2008, eq. 3.6)

    `point` is a tuple, one number per argument; the pullback takes what f returns and gives a tuple, one number per argument.

    >>> y, pullback = vjp(lambda x1, x2: x1 * x2, (2.0, 5.0))
    >>> y, pullback(3.0)
    (10.0, (15.0, 6.0))
    """
    __tracebackhide__ = True
    run = Run(f, as_tuple(point))

    def pullback(y_bar: Any) -> tuple[Any, ...]:
        seed = as_tuple(y_bar)
        check_seed("reverse", seed, output_names(len(run.structure.indices)), "word.output")
        return run.reverse(seed)

    return run.value, pullback


def as_tuple(u: Any) -> tuple[Any, ...]:
    """A tuple or list as a tuple; one number as a tuple of one."""
    return tuple(u) if isinstance(u, tuple | list) else (u,)


def output_names(m: int) -> tuple[str, ...]:
    """ "y", or "y1", "y2", ... """
    return ("y",) if m == 1 else tuple(f"y{i + 1}" for i in range(m))


def check_seed(mode: str, seed: Sequence[Any], names: Sequence[str], what: str) -> None:
    """InputError unless the seed has one real number for each name."""
    listed = ", ".join(names)
    if len(seed) != len(names):
        count = counted("count.inputs", len(names))
        raise InputError(text("seed.length", mode=mode, count=count, what=text(what), names=listed, given=len(seed)))
    for u in seed:
        if isinstance(u, bool) or not isinstance(u, int | float | np.floating | np.integer | Handle):
            raise InputError(text("seed.kind", what=text(what), names=listed, value=repr(u)[:40]))

