"""Small programs, each of which says one thing Python can say, with points to try them at: what source transformation must take."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import adviz
from adviz.functions import exp, ln, mul, sin

GRAVITY = 9.81
WEIGHTS = [0.5, -1.25, 2.0]
NODES = ((-0.5, 1.0), (0.0, 2.0), (0.75, -1.0))


class Construct(NamedTuple):
    """A program and points, each a tuple of arguments."""

    function: Callable[..., Any]
    points: tuple[tuple[Any, ...], ...]


CONSTRUCTS: dict[str, Construct] = {}


def at(*points: tuple[Any, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a program, to be tried at these points."""

    def enter(f: Callable[..., Any]) -> Callable[..., Any]:
        CONSTRUCTS[f.__name__] = Construct(f, points)
        return f

    return enter


# fmt: off
@at((2.0, 5.0), (0.5, -1.0))
def straight_line(x, y):
    a = b = x * y
    a = np.sin(a)
    return a * b + a


@at((2.0, 5.0), (5.0, 2.0), (3.0, 3.0))
def branches(x, y):
    if x > y:
        z = x * x
    elif x == y:
        z = x
    else:
        z = y
        y = x * y
    return z * y - x


@at((0.3,), (-0.3,), (2.0,), (-2.0,))
def conditional_expressions(x):
    y = x if x > 0 else -x * x
    return (np.exp(y) if y < 1 else np.log(y)) * (2 if x > -1 else 3)


@at((0.5, 2.0), (2.0, 0.5), (-1.0, 3.0), (0.0, 0.0))
def words_of_logic(x, y):
    if 0 < x < y and np.log(y / x) > 1 or not x > -0.5:
        return x * np.sin(y)
    z = x and y
    return (z or 3.0) * y


@at((3.7,), (0.2,))
def while_with_else(x):
    n = 0
    while x > 1:
        x = x / 2 if n % 2 else x - 0.75
        n += 1
        if n > 5:
            break
    else:
        x = x * x
    return x * n


@at((1.1,), (2.5,), (0.0,))
def for_with_break_continue_else(x):
    total = 0.0
    for i in range(6):
        if i == 2:
            continue
        total += x**i
        if total > 20:
            total = total / x
            break
    else:
        total = -total
    return total * x


@at((0.7, 4.0), (1.9, 4.0), (3.0, 2.0))
def return_from_nested_loops(x, limit):
    y = x
    for i in range(3):
        for j in range(i + 2):
            y = y * x + j
            if y > limit:
                return y * i - x
        if y < -limit:
            return y
    return y - limit


@at((1.5, 0.5),)
def names_that_move(x, y):
    a, b = x, y
    for _ in range(5):
        a, b = b, a + b * 0.5
    before, after = a, b
    (c, d), [e, *rest] = (before, after), [x, y, x * y]
    return c * d - e * rest[0] / rest[-1]


@at((2.0,), (0.5,))
def newton(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = (x + a / x) / 2
    return x


@at((0.4,), (1.7,))
def values_of_two_names(x):
    best = x
    u = x
    for k in range(5):
        u = u * 1.25 - k * 0.1
        if u * u > best:
            best = u
        elif k == 3:
            u = best
    return best * u + best * x


@at((1.5, 2.0),)
def lists_that_grow(x, y):
    u = [x]
    for k in range(4):
        u.append(u[-1] * y - k)
    total = 0.0
    for entry in u:
        total += entry * entry
    return total + u[2] * u[len(u) - 1]


@at((1.5, 2.0),)
def lists_that_change(x, y):
    n = 5
    u = [0.0] * n
    u[0] = x
    u[1], u[2] = y, x * y
    for i in range(1, n - 1):
        u[i + 1] = u[i] * u[i - 1] + u[i + 1]
    u[0] += u[4] * u[4]
    u.insert(1, u.pop())
    return sum(u) + u[1]


@at((0.5, -0.25),)
def rows_and_columns(x, y):
    A = [[x, y], [y * y, 1.0]]
    B = [[0.0] * 2 for _ in range(2)]
    for i in range(2):
        for j in range(2):
            for k in range(2):
                B[i][j] += A[i][k] * A[k][j]
    return B[0][0] * B[1][1] - B[0][1] * B[1][0]


@at((0.5, 1.5),)
def comprehensions(x, y):
    powers = [x**k * y for k in range(5) if k != 2]
    pairs = [a * b for a in powers for b in (x, y)]
    nested = [[p * q for q in powers[:2]] for p in pairs[1:3]]
    return sum(pairs) + sum(row[0] - row[1] for row in nested) * min(powers) + max(pairs[:3])


@at((0.5, 1.5, -1.0), (2.0, -0.5, 0.1))
def python_s_own_functions(x, y, z):
    values = (x, y, z)
    total = sum(values) + max(values) * min(x, y) - max([v * v for v in values])
    total += abs(z) + pow(y, 2) + round(x * 10, 1) * z + len(values)
    if any(v > 1.75 for v in values) and all(v > -5 for v in values):
        total = total * math.prod(values)
    return total


@at((0.3,),)
def zip_enumerate_reversed(x):
    total = 0.0
    for k, (node, weight) in enumerate(NODES):
        total += weight * (x - node) ** k
    for w, v in zip(WEIGHTS, reversed([x, x * x, 2 * x])):
        total += w * v
    for k, v in enumerate([x, total, x], 1):
        total = total + k * v
    return total


@at((1.2, 0.4),)
def functions_of_functions(x, y):
    def twice(g, u, *, offset=0.0):
        return g(g(u)) + offset

    scale = 2.0
    shrink = lambda u, k=0.5: u * k + y  # noqa: E731
    return twice(np.sin, x) + twice(shrink, x, offset=y) * twice(lambda u: u * scale - x, y)


@at((1.5, 0.7),)
def closures_see_names_as_they_are(x, y):
    k = x
    h = lambda u: u * k  # noqa: E731
    first = h(y)
    k = k * y
    return first + h(y)


def helper(u, *more, power=2, **named):
    for v in more:
        u = u + v**power
    return u * named.get("factor", 1.0)


@at((1.5, 0.7),)
def arguments_of_all_kinds(x, y):
    both = (x, y)
    return helper(x) + helper(x, y, x, power=3) * helper(*both, factor=y) + helper(u=y)


def even(x, n):
    return x if n == 0 else odd(x * x + 0.1, n - 1)


def odd(x, n):
    return 1.0 if n == 0 else even(np.sin(x), n - 1)


@at((0.6,), (1.4,))
def mutual_recursion(x):
    return even(x, 4) * odd(x, 3) + even(x, 3)


@at((0.6, 1.1),)
def recursion_with_a_closure(x, y):
    def cheb(k):
        if k == 0:
            return 1.0
        if k == 1:
            return x
        return 2 * y * cheb(k - 1) - cheb(k - 2)

    return cheb(5) * x


@at((0.2, 1.7),)
def recursion_of_pairs(x, y):
    def halves(low, high, depth):
        if depth == 0:
            return low, high
        middle = (low + high) / 2
        left, _ = halves(low, middle * 1.1, depth - 1)
        _, right = halves(middle, high * low, depth - 1)
        return left, right

    a, b = halves(x, y, 3)
    return a * b


@at((0.5,), (3.0,))
def walrus_assert_raise(x):
    assert x > 0, "x must be positive"
    if (y := np.log(x) * x) < -5:
        raise ValueError(f"{y} is small")
    n = 0
    while (z := y * 0.5 + n) < 3:
        y, n = y + z * x, n + 1
    return y * z


@at((0.8, 2.5),)
def the_elemental_library(x, y):
    return mul(ln(x), sin(y)) + exp(x) * adviz.functions.logistic(y)


@at((1.5, 0.5), (-1.5, 0.5), (0.0, 2.0))
def where_and_kinks(x, y):
    return np.where(x > 0, np.sqrt(y) * x, np.exp(x)) + np.maximum(x, 0) * abs(x) + np.minimum(x, y) + np.where(y > 1, 3.0, -1.0)


@at((1.5, 2.0), (-3.0, 2.0))
def powers(x, y):
    return x**2 + x**3.0 - x**-1 + y**0.5 + 2**y + y**y + x**0 + x**1 + (-x) ** 2


@at((7.5, 2.0), (-7.5, 2.25))
def steps_and_remainders(x, y):
    return x % y + x // y + np.floor(x) * y + np.sign(x) * (x > 2) + round(x / 3) + np.fmod(x, y) - divmod(7, 2)[0]


@at((1.5, 0.25),)
def constants_stay_constants(x, y):
    import math as m

    n = len(WEIGHTS)
    table = {k: m.sqrt(k + 1) for k in range(n)}
    rates = [w * GRAVITY for w in WEIGHTS]
    out = 0
    for k in range(n):
        out += rates[k] * x / table[k] + np.cos(k) * y
    return out + adviz.value(x) * y + adviz.stop_gradient(x * y) * x


@at(([0.5, -1.0, 2.0],), ((0.25, 1.5, -2.0, 1.0),))
def a_vector(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    first, *_, last = [x[0], x[1], x[-1]]
    return total + first * last


@at(([1.5, -1.0, 0.5], 2.0), ([0.5, 0.25], -1.0))
def a_vector_cut_and_walked(x, y):
    total = y
    for a, b in zip(x[1:], x):
        total = total * a + b
    largest = x[0]
    for u in x:
        if u > largest:
            largest = u
    return total * largest + sum(x) * max(x) + sum(u * u for u in x if u > 0)


@at(({"w": [0.5, -1.0], "b": 0.25}, (1.0, 2.0)),)
def a_structure(parameters, x):
    w, b = parameters["w"], parameters["b"]
    y = b
    for wi, xi in zip(w, x):
        y = y + wi * xi
    return {"out": np.tanh(y), "squares": [y * y, w[0] * x[1]]}


@at((0.5, 1.5),)
def several_results(x, y):
    z = x * y
    return z, [x, 2.0, z], {"a": (np.sin(z), y)}


@at((0.75, 0.25),)
def dispatch_by_name(x, y):
    table = {"wave": lambda u: np.sin(2 * u), "bell": lambda u: np.exp(-u * u)}
    for name in ("wave", "bell", "wave"):
        x = x + table[name](x * y)
    return x


@at((1.0,), (3.0,))
def a_list_as_the_result(x):
    orbit = []
    for _ in range(4):
        orbit.append(x)
        x = 3.7 * x * (1 - x / 4)
    orbit += [x, 1.0]
    return orbit


@at((2.0, 1.0),)
def statements_without_effect(x, y):
    """A docstring."""
    unused = x * y
    pass  # noqa: PIE790
    z: float = x + 1
    w: float  # noqa: F842
    unused = z / 0.5  # noqa: F841
    return z * y


@at((np.array([0.5, -1.0, 2.0]), np.array([[1.0, 0.5, -0.25], [0.0, 2.0, 1.0]])),)
def arrays(x, W):
    h = np.tanh(W @ x)
    total = 0.0
    for k in range(h.shape[0]):
        total = total + h[k] * np.sum(x[k:] ** 2, axis=0)
    return total * np.max(x) + np.mean(W.T * x[:, None]) + np.sum(np.where(x > 0, x, -2 * x)) + x.dot(x)


@at(([3.0, 1.0, 2.0],), ([-1.0, 0.5],))
def an_argument_sorted_in_place(xs):
    for i in range(1, len(xs)):
        j = i
        while j > 0 and xs[j - 1] > xs[j]:
            xs[j - 1], xs[j] = xs[j], xs[j - 1]
            j -= 1
    return xs[0] + 10 * xs[1] * xs[-1]


@at(([3.0, 1.0, 2.0],))
def an_argument_that_grows(xs):
    xs.append(xs[0] * xs[1])
    xs[1] = xs.pop() * 2
    xs.reverse()
    return xs[0] * xs[1] + xs[2]


@at(({"w": 2.0, "b": -1.0},))
def an_entry_of_an_argument_set_again(p):
    p["w"] = p["w"] * p["b"]
    return p["w"] * p["w"] + p["b"]


@at((2.0,))
def lists_made_of_lists_and_changed(x):
    a = [x] * 3
    a[1] = a[0] * 2
    b = [1.0] + a
    b[0] = x * x
    c = b[1:]
    c[0] = 7.0 * x
    d = list(c)
    d.append(b[0])
    first, *rest = d
    rest[0] = first
    return a[1] * b[0] + b[1] * c[0] + sum(d) * rest[0] + a[0] * len(rest)


@at((2.0,))
def lists_that_share_their_rows(x):
    m = [[x, 0.0], [0.0, x]]
    row = m[0]
    row[1] = x * 3
    other = [r[:] for r in m]
    other[1][0] = 5.0
    return m[0][1] * other[1][1] + m[1][0]


@at((0.5,))
def lists_joined_in_a_loop(x):
    out, grown = [], ()
    for k in range(4):
        out = out + [x**k]
        grown += (x * k,)
    zeros = [x] + [0.0] * 3
    for k in range(3):
        zeros[k + 1] = zeros[k] * x + k
    return out[3] + sum(grown) * zeros[3] + len(out)


@at(([3.0, 1.0, 2.0],), ([-1.0, -2.0, -2.0],))
def nothing_found_yet(xs):
    best = None
    for x in xs:
        if best is None or x < best:
            best = x
    return best * xs[0]


@at((0.5,), (2.0,))
def a_value_that_may_be_missing(x):
    y = None
    if x > 1:
        y = x * x
    if y is None:
        y = 3.0 * x
    return y * x


@at((2.0,))
def functions_that_return_functions(x):
    def scaled(factor):
        def inner(t, power=2):
            return factor * t**power + x
        return inner

    def twice(f):
        return lambda t: f(f(t))

    return scaled(x)(3.0) + scaled(0.5)(x, power=3) * twice(np.sin)(x)


@at((2.0,))
def a_row_by_row_elimination(x):
    a, b = [[x, 1.0], [2.0, x * x]], [1.0, x]
    for k in range(2):
        for i in range(k + 1, 2):
            m = a[i][k] / a[k][k]
            for j in range(k, 2):
                a[i][j] -= m * a[k][j]
            b[i] -= m * b[k]
    z = [0.0] * 2
    for i in range(1, -1, -1):
        s = b[i]
        for j in range(i + 1, 2):
            s -= a[i][j] * z[j]
        z[i] = s / a[i][i]
    return z[0] * z[1]


# fmt: on
class Affine:
    """A function that is an object."""

    def __init__(self, slope: float) -> None:
        self.slope = slope

    def __call__(self, x):
        return self.slope * x + np.sin(x)

    def squared(self, x):
        return self(x) * self(x)


def of_three(a, x, b=2.0):
    return a * x * x + b


CONSTRUCTS |= {
    "an object": Construct(Affine(3.0), ((0.5,),)),
    "a method": Construct(Affine(-1.5).squared, ((0.5,),)),
    "a partial function": Construct(partial(of_three, 3.0, b=-1.0), ((0.5,),)),
    "NumPy's function": Construct(np.arctan2, ((0.5, -2.0), (0.0, 0.0))),
    "Python's function": Construct(abs, ((0.0,), (-2.0,))),
    "a lambda in the middle of a line": Construct((lambda u: u, lambda x, y: x * np.exp(y) - x, lambda u: 2 * u)[1], ((0.5, 1.25),)),
    "a formula": Construct(adviz.formula("ln(x1) + x1*x2 - sin(x2)^2"), ((2.0, 5.0),)),
    "any number of arguments": Construct(lambda *xs: sum(x * x for x in xs) * xs[0], ((0.5, 1.5), (0.5, 1.5, -2.0))),
}
