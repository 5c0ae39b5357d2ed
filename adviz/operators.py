"""The operators: derivative, gradient, jacobian, hessian, jvp, vjp, hvp. Each is a sweep over the tape of one run.

They are plain functions that nest to any order: inside another derivative the numbers they compute with are traced numbers of that one.
Here the sweeps run in their numeric reading, without steps; to see the steps use `adviz.forward` and `adviz.reverse`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np
from numpy import ndarray

from adviz import sweeps
from adviz.errors import InputError, OutputError, UnsupportedError
from adviz.linear import hides_nan, is_steep, shaped
from adviz.memory import Memory
from adviz.running import PLAIN, Function, Kept, Outputs, Point, collect, function_name, learners_traceback, own, point, start
from adviz.structural import plain, precision
from adviz.sweeping import any_endless, numeric
from adviz.tape import Handle, Tape
from adviz.texts import counted, text
from adviz.trees import LEAF, flatten


class Run:
    """A finished run, ready to be swept as often as wanted. Seeds and derivatives are leaves: one number or array per input or output."""

    __slots__ = ("at", "outputs", "tape")
    at: Point
    outputs: Outputs
    tape: Tape

    def __init__(self, f: Function, arguments: Sequence[Any]) -> None:
        __tracebackhide__ = True
        with np.errstate(all="ignore"):  # nan and inf are results here, told in notes
            self._run(f, arguments, None)

    def _run(self, f: Function, arguments: Sequence[Any], kept: Kept | None) -> None:
        __tracebackhide__ = True
        self.at = at = point(f, arguments, kept)
        self.tape, variables = tape, _ = start(at, None, kept and kept.memory)
        try:
            self.outputs = collect(tape, f(*at.rebuild(variables)), at.function)
        except BaseException as error:
            error.__traceback__ = learners_traceback(error)
            raise
        finally:
            tape.close()

    @property
    def values(self) -> list[Any]:
        """The outputs' plain numbers and arrays."""
        tape = self.tape
        return [tape[i][3] if i > 0 else tape.numbers[i - 1] for i in self.outputs.indices]

    @property
    def value(self) -> Any:
        """What f returned, as plain numbers and arrays."""
        return self.outputs.rebuild([own(u) for u in self.values])

    def forward(self, seed: Sequence[Any]) -> tuple[Any, ...]:
        """ẏ = J ẋ"""
        with np.errstate(all="ignore"):
            y_dot = self._swept(sweeps.forward_sweep, seed)
        if self.tape.arrays or not self.tape.double:
            return tuple(map(shaped, y_dot, self.values))
        return tuple(0.0 if u is None else u for u in y_dot)

    def reverse(self, seed: Sequence[Any]) -> tuple[Any, ...]:
        """x̄ = Jᵀ ȳ, each in its input's precision."""
        with np.errstate(all="ignore"):
            return self._reverse(seed)

    def _reverse(self, seed: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(map(like, self.at.numbers, self._swept(sweeps.reverse_sweep, seed)))

    def _swept(self, sweep: Callable[..., Any], seed: Sequence[Any]) -> Sequence[Any]:
        """The numeric reading of a sweep: the quick one, and the careful one where what came out of it is not finite."""
        tape = self.tape
        if not tape.arrays:
            result = numeric(sweep, "numbers")(tape, seed)
            return numeric(sweep, "careful")(tape, seed) if any_endless(result) and is_steep(tape) else result
        result = numeric(sweep, "quick" if tape.memory is None else "large")(tape, seed)
        if any_endless(result) or any_endless(self.values) or (tape.hides and hides_nan(tape)):
            result = numeric(sweep, "careful")(tape, seed)
        return mine(result, seed)

    @property
    def single(self) -> bool:
        """Whether f returned one number or array, not a structure of them."""
        return self.outputs.tree is LEAF

    def scalar_output(self, operator: str) -> Any:
        """The number that f returned. OutputError if it returned anything else."""
        y = self.tape.value_of(self.outputs.indices[0])
        if self.outputs.tree is LEAF and (isinstance(y, float) or not np.ndim(plain(y))):
            return y
        if self.single:
            what = text("output.array", shape=np.shape(y))
        else:
            what = text("output.structure", kind=self.outputs.tree.kind.__name__, count=len(self.outputs.indices))
        raise OutputError(text("output.scalar", operator=operator, function=self.at.function, what=what))

    def per_argument(self, leaves: Sequence[Any]) -> Any:
        """Derivatives with respect to the inputs as one entry per argument; with one argument, that entry itself."""
        if self.at.arguments == PLAIN:
            return leaves[0]
        entries = self.at.rebuild(leaves)
        return entries[0] if len(entries) == 1 else entries


class Once(Run):
    """A run that only its maker sees, inside of np.errstate: large arrays are written to memory that serves again."""

    __slots__ = ()

    def __init__(self, f: Function, arguments: Sequence[Any], kept: Kept) -> None:
        __tracebackhide__ = True
        self._run(f, arguments, kept)

    def gradient(self) -> Any:
        """x̄ for ȳ = 1, after which the run is over for good."""
        x_bar = self.per_argument(self._reverse((1.0,)))
        tape = self.tape
        if tape.memory is not None:
            inputs = list(self.at.numbers)
            self.at, tape.numbers = NOWHERE, ()
            tape.memory.release_all(tape, inputs)
        return x_bar


NOWHERE = Point("", (), (), ())


def mine(result: Sequence[Any], seed: Sequence[Any]) -> tuple[Any, ...]:
    """Derivatives as arrays of their own: none shares its memory with another, with the seed or with the trace."""
    if len(result) == len(seed) == 1 and seed[0].__class__ is float:
        u = result[0]
        return (u,) if u.__class__ is not ndarray or u.base is None else (u.copy(),)
    seen = set(map(id, seed))
    owned = []
    for u in result:
        if u.__class__ is np.ndarray:
            if u.base is not None or id(u) in seen:
                u = u.copy()
            seen.add(id(u))
        owned.append(u)
    return tuple(owned)


def like(x: Any, derivative: Any) -> Any:
    """A derivative in the shape and the precision of its input: float32 stays float32. None and a number for an array mean every entry."""
    if derivative.__class__ is x.__class__ and (x.__class__ is float or x.__class__ is np.ndarray and derivative.dtype is x.dtype):
        return derivative
    if derivative is None:
        derivative = precision(x).type(0.0)
    if np.ndim(plain(x)):
        if not np.ndim(plain(derivative)):
            return np.full(np.shape(plain(x)), derivative, plain(x).dtype)
        u = shaped(derivative, plain(x))
        return u if isinstance(u, Handle) else u.astype(plain(x).dtype, copy=False)
    if isinstance(x, np.floating) and not isinstance(derivative, Handle) and type(derivative) is not type(x):
        return type(x)(derivative)
    return float(derivative) if derivative.__class__ in (int, np.float64) and not isinstance(x, np.floating) else derivative


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
        if not run.at.arguments == (LEAF,) or np.ndim(run.at.numbers[0]):
            raise InputError(text("input.one", operator="adviz.derivative", function=run.at.function, count=text("word.structured")))
        return like(run.at.numbers[0], run.forward((1.0,))[0])

    return f_prime


def gradient(f: Function) -> Callable[..., Any]:
    """∇f(x) = x̄ for ȳ = 1: one entry per argument; with one argument, that entry itself   (Griewank & Walther 2008, section 3.2)

    One run and one reverse sweep, however many arguments. An entry has its argument's structure and shape: an array for an array, a dict for
    a dict. OutputError if f returns several numbers (use `jacobian`).

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

    kept = Kept(Memory(), {})

    @wraps(f)
    def value_and_nabla_f(*arguments: Any) -> tuple[Any, Any]:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        with np.errstate(all="ignore"):  # nan and inf are results here, told in notes
            run = Once(f, arguments, kept)
            return run.scalar_output("adviz.gradient"), run.gradient()

    return value_and_nabla_f


def jacobian(f: Function, *, mode: str = "auto") -> Callable[..., Any]:
    """J_ij = ∂y_i/∂x_j as an array of shape (m, n), or (n,) if f returns one number   (Griewank & Walther 2008, eq. 3.1)

    "forward" fills it column by column (n sweeps), "reverse" row by row (m sweeps), "auto" takes the fewer; "source" runs the generated
    program. With arrays among the arguments: one entry per argument (that entry itself if there is one), of shape output.shape +
    argument.shape, in the argument's structure; a tuple or list of numbers counts as an output of shape (m,), any other structure is kept.
    Inside another derivative the entries are traced. UnsupportedError for any other mode.

    >>> import numpy as np
    >>> jacobian(lambda x1, x2: (x1 * x2, np.sin(x1)))(2.0, 5.0)
    array([[ 5.        ,  2.        ],
           [-0.41614684,  0.        ]])
    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in ("auto", "forward", "reverse", "source"):
        raise UnsupportedError(text("unsupported.mode", mode=repr(mode), choices='"forward", "reverse", "source" or "auto"'))
    begin = run_of_program(f) if mode == "source" else partial(Run, f)

    @wraps(f)
    def jacobian_f(*arguments: Any) -> Any:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        run = begin(arguments)
        n, m = (sum(np.size(plain(u)) for u in leaves) for leaves in (run.at.numbers, run.values))
        return assembled(run, by_columns(run) if mode == "forward" or (mode == "auto" and n < m) else by_rows(run))

    return jacobian_f


def run_of_program(f: Function) -> Callable[[Sequence[Any]], Any]:
    """Runs of the generated program of f: they are swept as those of f itself."""
    from adviz.transform import Program  # a reader of Python is not needed before

    program = Program(f)
    return lambda arguments: program.run(arguments)


Blocks = list[list[Any]]  # ∂(output i)/∂(input j), of shape output.shape + input.shape


def by_rows(run: Run) -> Blocks:
    """The blocks of the Jacobian, one reverse sweep per entry of each output."""
    outputs = [plain(y) for y in run.values]
    blocks = []
    for i, y in enumerate(outputs):
        shape = np.shape(y)
        rows = [run.reverse(unit_seed(i, position, outputs)) for position in np.ndindex(shape)]
        blocks.append([stacked(entries, shape, 0) for entries in zip(*rows, strict=True)])
    return blocks


def by_columns(run: Run) -> Blocks:
    """The blocks of the Jacobian, one forward sweep per entry of each input."""
    inputs = [plain(x) for x in run.at.numbers]
    columns = []
    for j, x in enumerate(inputs):
        shape = np.shape(x)
        tangents = [run.forward(unit_seed(j, position, inputs)) for position in np.ndindex(shape)]
        columns.append([in_precision(x, stacked(entries, shape, np.ndim(plain(entries[0])))) for entries in zip(*tangents, strict=True)])
    return [list(blocks) for blocks in zip(*columns, strict=True)]


def in_precision(x: Any, block: Any) -> Any:
    """A block of the Jacobian in the precision of its input."""
    if isinstance(block, np.ndarray):
        return block.astype(precision(x), copy=False)
    return block if np.ndim(x) or isinstance(block, Handle) else like(x, block)


def unit_seed(k: int, position: tuple[int, ...], leaves: Sequence[Any]) -> tuple[Any, ...]:
    """1 at that position of leaf k, in its precision, 0 everywhere else."""
    seed: list[Any] = [0.0] * len(leaves)
    seed[k] = 1.0
    if np.ndim(leaves[k]):
        seed[k] = np.zeros_like(leaves[k])
        seed[k][position] = 1.0
    return tuple(seed)


def unit_vector(k: int, n: int) -> tuple[float, ...]:
    """e_k of n entries."""
    return tuple(1.0 if i == k else 0.0 for i in range(n))


def stacked(entries: Sequence[Any], shape: tuple[int, ...], axis: int) -> Any:
    """Derivatives for every position of an array of that shape, as one array with those axes at `axis`."""
    if not shape:
        return entries[0]
    flat = np.stack(entries, axis=axis)
    given = np.shape(flat)
    return np.reshape(flat, given[:axis] + shape + given[axis + 1 :])


def assembled(run: Run, blocks: Blocks) -> Any:
    """The Jacobian as its documentation has it, from its blocks."""
    outputs = run.outputs
    flat = not run.single and all(part is LEAF for part in outputs.tree.parts) and issubclass(outputs.tree.kind, tuple | list)
    scalars = flat and not any(np.ndim(plain(y)) for y in run.values)
    if scalars:  # a tuple of m numbers is one output of shape (m,)
        blocks = [[_joined(column, 0) for column in zip(*blocks, strict=True)]]
    if all(tree is LEAF and not np.ndim(plain(x)) for tree, x in zip(run.at.arguments, run.at.numbers, strict=True)):
        entries = [_joined(row, -1) for row in blocks]
    else:
        entries = [run.per_argument(row) for row in blocks]
    return entries[0] if scalars or run.single else outputs.rebuild(entries)


def _joined(entries: Sequence[Any], axis: int) -> Any:
    """Numbers or arrays of one shape side by side: an array, or inside another derivative a tuple of numbers or a traced array."""
    if any(isinstance(u, Handle) for u in entries):
        return np.stack(entries, axis=axis)
    return np.stack([np.asarray(u) for u in entries], axis=axis)


def jvp(f: Function, point: Any, tangents: Any) -> tuple[Any, Any]:
    """(y, ẏ = J ẋ): the value and the derivative in one direction   (Griewank & Walther 2008, eq. 3.2)

    `point` and `tangents` are tuples of the arguments' structure; y and ẏ have the structure of what f returns.

    >>> jvp(lambda x1, x2: x1 * x2, (2.0, 5.0), (3.0, -1.0))
    (10.0, 13.0)
    """
    __tracebackhide__ = True
    run = Run(f, as_tuple(point))
    x_dot = seed_leaves("forward", tangents, run.at.names, run.at.numbers, "word.input")
    return run.value, run.outputs.rebuild(run.forward(x_dot))


def vjp(f: Function, point: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """(y, ȳ ↦ x̄ = Jᵀ ȳ): the value, and the pullback, which may be called as often as wanted   (Griewank & Walther 2008, eq. 3.6)

    `point` is a tuple of the arguments' structure; the pullback takes what f returns and gives a tuple, one entry per argument.

    >>> y, pullback = vjp(lambda x1, x2: x1 * x2, (2.0, 5.0))
    >>> y, pullback(3.0)
    (10.0, (15.0, 6.0))
    """
    __tracebackhide__ = True
    run = Run(f, as_tuple(point))

    def pullback(y_bar: Any) -> tuple[Any, ...]:
        return run.at.rebuild(run.reverse(seed_leaves("reverse", y_bar, output_names(len(run.values)), run.values, "word.output")))

    return run.value, pullback


PAIRS = ("forward-over-reverse", "reverse-over-forward", "forward-over-forward", "reverse-over-reverse")


def hessian(f: Function, *, mode: str = "forward-over-reverse") -> Callable[..., Any]:
    """H_ij = ∂²y/∂x_i∂x_j as an array of shape (n, n)   (Griewank & Walther 2008, section 5.1)

    f returns one number. `mode` says which sweep differentiates which: "forward-over-reverse", "reverse-over-forward",
    "forward-over-forward" or "reverse-over-reverse"; all give the same matrix. With arrays among the arguments: one entry per argument,
    and in it one per argument, of shape first.shape + second.shape (that entry itself if there is one argument).

    >>> hessian(lambda x1, x2: x1 * x1 * x2)(2.0, 5.0)
    array([[10.,  4.],
           [ 4.,  0.]])
    """
    if mode not in PAIRS:
        raise UnsupportedError(text("unsupported.mode", mode=repr(mode), choices=", ".join(f'"{pair}"' for pair in PAIRS)))
    outer, _, inner = mode.partition("-over-")

    @wraps(f)
    def scalar_f(*arguments: Any) -> Any:
        y = f(*arguments)
        if flatten(y)[1] is not LEAF or np.ndim(plain(y)):
            raise OutputError(text("output.hessian", function=function_name(f)))
        return y

    return jacobian(jacobian(scalar_f, mode=inner), mode=outer)


def hvp(f: Function, point: Any, direction: Any) -> Any:
    """H ẋ: the Hessian times one direction, forward over reverse: a few times the work of f   (Griewank & Walther 2008, section 5.1)

    `point` and `direction` are tuples of the arguments' structure; the result is as that of `gradient`.

    >>> hvp(lambda x1, x2: x1 * x1 * x2, (2.0, 5.0), (1.0, 0.0))
    (10.0, 4.0)
    """
    __tracebackhide__ = True
    return jvp(gradient(f), point, direction)[1]


def as_tuple(u: Any) -> tuple[Any, ...]:
    """A tuple or list as a tuple; one number as a tuple of one."""
    return tuple(u) if isinstance(u, tuple | list) else (u,)


def output_names(m: int) -> tuple[str, ...]:
    """ "y", or "y1", "y2", ... """
    return ("y",) if m == 1 else tuple(f"y{i + 1}" for i in range(m))


def seed_leaves(mode: str, seed: Any, names: Sequence[str], variables: Sequence[Any], what: str) -> tuple[Any, ...]:
    """A seed's numbers and arrays, one for each name. InputError unless they are real, as many as the variables, and of their shapes."""
    leaves = [u for _, u in flatten(seed)[0]]
    listed = ", ".join(names)
    if len(leaves) != len(names):
        count = counted("count.inputs", len(names))
        raise InputError(text("seed.length", mode=text(f"word.mode.{mode}"), count=count, what=text(what), names=listed, given=len(leaves)))
    for name, u, v in zip(names, leaves, variables, strict=True):
        real = isinstance(u, int | float | np.floating | np.integer | Handle) or isinstance(u, np.ndarray) and u.dtype.kind in "iuf"
        if isinstance(u, bool) or not real:
            raise InputError(text("seed.kind", what=text(what), names=listed, value=repr(u)[:40]))
        if np.shape(plain(u)) != np.shape(plain(v)):
            raise InputError(text("seed.shape", mode=text(f"word.mode.{mode}"), name=name, shape=np.shape(plain(v)), given=np.shape(plain(u))))
    return tuple(map(as_seed, leaves, variables))


def as_seed(u: Any, v: Any) -> Any:
    """A seed in the precision of its variable. A number that is exactly 0 is Python's: nothing starts there."""
    if isinstance(u, Handle):
        return u
    with np.errstate(over="ignore"):  # too large for that precision is infinite
        if isinstance(u, np.ndarray):
            return u.astype(precision(v), copy=False)
        return float(u) if u == 0 or plain(v).__class__ is float else precision(v).type(u)
