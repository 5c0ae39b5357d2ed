"""A lattice of special values: every row at 0, -0, 1, -1, 2, ½ and all their ties, to the third order, in every nesting of the modes.

Where the function has a derivative, it is the oracle's. Where it has none, reliability.md section 2 says what stands in its place. And
whatever it is, every mode says the same: bit for bit at the first order, one kind of number (finite, ±inf, nan) at the others.
`test_table.py` compares generated code with the general reading at special points; here both face an independent judge.
"""

from __future__ import annotations

import itertools
import math
import re
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import adviz
from adviz.table import Elementwise, table
from tests.jets import apply
from tests.modes import FIRST_OF_NUMBERS, nested, nestings
from tests.oracle import Judged, Undecided, judge
from tests.series import DIGITS, ONE, TWO, Series, Undefined, space, variable

inf, nan = math.inf, math.nan
VALUES = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5)
NEARBY = mp.mpf(10) ** -30
# rows of their own that are another row's derivatives: the orders 1 to 3 of that row go through them
DERIVED = ("power_slope", "power_log", "sinc_slope")
POWERS = ("power", "float_power")
FAMILY = re.compile(r"(power|sinc)_\d")  # rows made when they are first met, for derivatives of a higher order
ROWS = [row for row in table if isinstance(row, Elementwise) and row.name in {*ONE, *TWO} and row.name not in DERIVED and not FAMILY.match(row.name)]
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def points(row: Elementwise) -> Iterator[tuple[float, ...]]:
    return itertools.product(VALUES, repeat=len(row.partials))


def paths(row: Elementwise, order: int) -> Iterator[tuple[int, ...]]:
    """Which operand is differentiated along first, second, ...; none along which nothing flows."""
    flowing = [k for k, partial in enumerate(row.partials) if partial is not None]
    return itertools.combinations_with_replacement(flowing, order)


def function_of(row: Elementwise) -> Callable[..., Any]:
    """As a learner calls it: NumPy's where NumPy has it."""
    if row.name.startswith("where"):
        taken = row.name == "where_true"
        return lambda a, b: np.where(taken, a, b)
    return row.function if isinstance(row.function, np.ufunc) or row.function is np.sinc else getattr(adviz_functions(), row.name)


def adviz_functions() -> Any:
    from adviz import functions

    return functions


def true_derivative(row: Elementwise, point: tuple[float, ...], path: tuple[int, ...]) -> Judged | None:
    """What the oracle says, the operands that are not in the path being constants; None where it says that there is no derivative."""
    varying = sorted(set(path))

    def f(*at: Any) -> Any:
        return apply(row.name, *(at[varying.index(k)] if k in varying else u for k, u in enumerate(point)))

    try:
        [found] = judge(f, tuple(point[k] for k in varying), len(path))
    except Undecided:
        return None
    judged = found[tuple(path.count(k) for k in varying)]
    return None if judged.true != judged.true else judged


def beside(row: Elementwise, point: tuple[float, ...], path: tuple[int, ...]) -> set[float]:
    """The derivatives at the points around, along the operands of the path, as -inf, +inf or a finite number; empty if there are none."""
    found = set()
    varying = sorted(set(path))
    with mp.workdps(4 * DIGITS):
        for signs in itertools.product((1, -1), repeat=len(varying)):
            moved = {k: mp.mpf(point[k]) + sign * NEARBY for k, sign in zip(varying, signs)}
            try:
                d = derivative_at(row, [moved.get(k, mp.mpf(u)) for k, u in enumerate(point)], varying, path)
            except Undefined:
                continue
            found.add(math.copysign(inf, d) if abs(d) > 1e12 else round(float(d), 9) + 0.0)
    return found


def derivative_at(row: Elementwise, values: list[Any], varying: list[int], path: tuple[int, ...]) -> Any:
    where = space(len(varying), len(path))
    own = [
        variable(u, len(path), len(varying), varying.index(k)) if k in varying else Series(where, [u, *[0] * (len(where.monomials) - 1)])
        for k, u in enumerate(values)
    ]
    exponents = tuple(path.count(k) for k in varying)
    c = (ONE if len(own) == 1 else TWO)[row.name](*own).c[where.position[exponents]]
    return c * math.prod(map(math.factorial, exponents))


def convention(row: Elementwise, point: tuple[float, ...], path: tuple[int, ...]) -> set[float] | None:
    """What stands in place of a derivative that does not exist (reliability.md section 2); None where only agreement is asked for."""
    value = function_of(row)(*point)
    if value != value:
        return {nan}  # 5: an undefined value
    around = beside(row, point, path)
    if row.name in POWERS and point == (0.0, 0.0):
        return None  # 0**b jumps at b = 0, from 0 to 1
    if not around and point[0] < 0 and row.name in POWERS:
        return {nan}  # 5: defined at this point alone, such as (-2)**3 along the exponent
    if len(path) == len(around) == 1 and not math.isinf(value) and (row.name in POWERS or math.isinf(*around)):
        return around  # 4: an infinite slope is infinite, from whichever side there is one
    return None


def kind(x: float) -> float:
    """nan, inf, -inf, or 0 for any finite number."""
    return x if x != x or math.isinf(x) else 0.0


def same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


Found = dict[tuple[str, ...], float]


@cache
def everything(name: str, order: int) -> list[tuple[tuple[float, ...], tuple[int, ...], Found]]:
    """What adviz says: at each point, along each path, by each nesting of the modes."""
    row = table[name]
    f = function_of(row)
    with np.errstate(all="ignore"):
        return [
            (point, path, {sweeps: nested(f, point, path, sweeps) for sweeps in nestings(order)})
            for point, path in itertools.product(points(row), paths(row, order))
        ]


@every_row
@pytest.mark.parametrize("order", [1, 2, 3])
def test_at_special_values_every_derivative_is_the_oracles_or_the_conventions_in_every_nesting(row: Elementwise, order: int) -> None:
    wrong = []
    with np.errstate(all="ignore"):
        for point, path, found in everything(row.name, order):
            judged = true_derivative(row, point, path)
            if judged is not None and not near_the_origin(row, point, order):
                if not all(judged.accepts(x) for x in found.values()):
                    wrong.append((point, path, float(judged.true), found))
                continue
            expected = convention(row, point, path)
            if expected is not None and not all(any(same(kind(x), kind(y)) for y in expected) for x in found.values()):
                wrong.append((point, path, expected, found))
    assert not wrong, (len(wrong), wrong[:4])


def near_the_origin(row: Elementwise, point: tuple[float, ...], order: int) -> bool:
    """Where hypot has a subgradient, it has no second derivative: nothing but agreement is asked for."""
    return row.name == "hypot" and point == (0.0, 0.0) and order > 1


@every_row
@pytest.mark.parametrize("order", [2, 3])
def test_every_nesting_of_modes_gives_the_same_kind_of_number(row: Elementwise, order: int) -> None:
    differing = []
    for point, path, found in everything(row.name, order):
        first = next(iter(found.values()))
        if not all(same(kind(x), kind(first)) and (kind(x) != 0 or x == pytest.approx(first, rel=1e-13, abs=1e-15)) for x in found.values()):
            differing.append((point, path, found))
    assert not differing, (len(differing), differing[:4])


def bits(x: float) -> str:
    return "nan" if x != x else struct.pack("<d", x).hex()


@every_row
def test_every_way_to_a_first_derivative_gives_the_same_bits(row: Elementwise) -> None:
    f, differing = function_of(row), []
    with np.errstate(all="ignore"):
        for point in points(row):
            found = {name: [bits(x) for x in rows(f, point)[0]] for name, rows in FIRST_OF_NUMBERS.items() if name not in ("source", "program")}
            if len(set(map(tuple, found.values()))) > 1:
                differing.append((point, found))
    assert not differing, differing[:3]


@every_row
def test_a_row_of_arrays_is_the_row_of_numbers_entry_by_entry(row: Elementwise) -> None:
    """All special values in one array: the same derivatives, no entry disturbed by its neighbour's nan or inf."""
    f = function_of(row)
    if row.name.startswith("where"):
        return  # its condition is one for the whole array; test_a_branch_not_taken has the mixed case
    lattice = list(points(row))
    columns = tuple(np.array(column) for column in zip(*lattice))
    with np.errstate(all="ignore"):
        one_by_one = [[nested(f, point, (k,), ("reverse",)) for point in lattice] for k in range(len(columns))]
        y, pullback = adviz.vjp(f, columns)
        reverse = pullback(np.ones(len(lattice)))
        forward = [adviz.jvp(f, columns, tuple(np.full(len(lattice), float(j == k)) for j in range(len(columns))))[1] for k in range(len(columns))]
    for k, expected in enumerate(one_by_one):
        for name, found in (("reverse", reverse[k]), ("forward", forward[k])):
            off = [(point, a, b) for point, a, b in zip(lattice, found, expected) if not (same(a, b) or a == pytest.approx(b, rel=4e-16, abs=0))]
            assert not off, (name, k, off[:4])


# Programs where zero slopes, infinite slopes and undefined values meet. What: function, point, derivative (None: only agreement is asked for)
COMPOSED: list[tuple[str, Callable[..., Any], tuple[float, ...], float | None]] = [
    ("a root of a square at 0", lambda x: np.sqrt(x**2), (0.0,), nan),
    ("the square of a root at 0", lambda x: np.sqrt(x) ** 2, (0.0,), nan),
    ("exp of log at 0", lambda x: np.exp(np.log(x)), (0.0,), nan),
    ("a root whose inside is a product with a zero", lambda x: np.sqrt((1 - x) * (1 + x)), (1.0,), None),
    ("a root whose inside has a zero slope beside another", lambda x: np.sqrt(x * x + x), (0.0,), None),
    ("a logarithm of a product at its zero", lambda x: np.log(x * (x - 1)), (1.0,), None),
    ("a root used twice, once flatly", lambda x: (lambda s: s + s * s)(np.sqrt(x)), (0.0,), None),
    ("a root times zero", lambda x: np.sqrt(x) * 0.0, (0.0,), nan),
    ("a power with exponent 0 of a root", lambda x: np.sqrt(x) ** 0, (0.0,), nan),
    ("a guarded logarithm", lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0), (0.0,), 0.0),
    ("an unguarded one, not taken", lambda x: np.where(x > 0, np.log(x), 0.0) + x, (-1.0,), 1.0),
    ("a maximum with a nan that is not taken by Python", lambda x: max(x, 1.0) + 0 * x, (2.0,), 1.0),
    ("a tie of three", lambda x: np.maximum(np.maximum(x, 1.0), 1.0), (1.0,), 0.25),
    ("abs at 0 inside a product", lambda x: abs(x) * 3 + x, (0.0,), 1.0),
    ("a difference of infinities", lambda x: 1 / x - 1 / x, (0.0,), nan),
    ("hypot at the origin, then a root", lambda x: np.sqrt(np.hypot(x, 0.0)), (0.0,), nan),
    ("overflow undone", lambda x: np.log(np.exp(x)), (1000.0,), nan),
    ("x / x at 0", lambda x: x / x, (0.0,), nan),
    ("x ** x at 1", lambda x: x**x, (1.0,), 1.0),
    ("0 times log at a positive point", lambda x: 0 * np.log(x), (2.0,), 0.0),
]
composed = pytest.mark.parametrize("f, point, exact", [case[1:] for case in COMPOSED], ids=[case[0] for case in COMPOSED])


@composed
def test_where_zero_meets_infinity_every_mode_says_the_same(f: Callable[..., Any], point: tuple[float, ...], exact: float | None) -> None:
    with np.errstate(all="ignore"):
        found = {name: rows(f, point)[0][0] for name, rows in FIRST_OF_NUMBERS.items()}
    first = exact if exact is not None else found["forward"]
    assert all(same(x, first) for x in found.values()), found


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("f, slope", [(np.sqrt, inf), (np.cbrt, inf), (np.log, inf), (np.log2, inf), (np.log10, inf)])
def test_the_sign_of_a_zero_does_not_turn_a_rising_slope_downwards(f: Callable[..., Any], slope: float, zero: float) -> None:
    assert adviz.derivative(f)(zero) == slope


@pytest.mark.parametrize("n", [0, 1, 2, 3, -1, -2, 0.5, 1.5])
@pytest.mark.parametrize("x", VALUES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_constant_exponent_needs_no_logarithm(x: float, n: float, order: int) -> None:
    """Where a power with this exponent has a derivative it is exact, in every nesting: no guard turns it to 0 or nan."""
    falling = math.prod(n - m for m in range(order))
    if (x < 0 and n != int(n)) or (x == 0 and falling != 0 and n < order):
        return  # undefined, or infinite
    exact = falling * x ** (n - order) if falling != 0 else 0.0
    for sweeps in nestings(order):
        assert nested(lambda u: u**n, (x,), (0,) * order, sweeps) == pytest.approx(exact, rel=1e-15, abs=0), sweeps


# Operations on whole arrays at the values where textbook rules divide 0 by 0. What: function, array, gradient of its sum
STRUCTURAL: list[tuple[str, Callable[..., Any], list[Any], list[Any]]] = [
    ("prod with one zero", np.prod, [2.0, 0.0, 3.0], [0.0, 6.0, 0.0]),
    ("prod with two zeros", np.prod, [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]),
    ("prod of one number", np.prod, [0.0], [1.0]),
    ("max with a tie", np.max, [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]),
    ("min with a tie of three", np.min, [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3]),
    ("max of zeros of both signs", np.max, [0.0, -0.0], [0.5, 0.5]),
    ("norm at 0", np.linalg.norm, [0.0, 0.0], [0.0, 0.0]),
    ("norm of one number", np.linalg.norm, [-2.0], [-1.0]),
    ("std of equal numbers", np.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
    ("var of equal numbers", np.var, [2.0, 2.0], [0.0, 0.0]),
    ("clip at its borders", lambda x: np.sum(np.clip(x, 0.0, 1.0)), [0.0, 0.5, 1.0, 2.0], [0.5, 1.0, 0.5, 0.0]),
    ("a chosen branch only", lambda x: np.sum(np.where(x > 0, np.log(x), x)), [-1.0, 2.0, 0.0], [1.0, 0.5, 1.0]),
    ("a chosen root only", lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), [0.0, 4.0], [0.0, 0.25]),
    ("an entry named twice", lambda x: np.sum(x[[0, 0, 1]] ** 2), [1.0, 2.0], [4.0, 4.0]),
    ("an unused entry beside an infinite slope", lambda x: np.sqrt(x[0]) + x[1], [4.0, 0.0], [0.25, 1.0]),
    ("dot with zeros", lambda x: np.dot(x, np.array([0.0, 2.0])), [1.0, 0.0], [0.0, 2.0]),
    ("cumsum", lambda x: np.sum(np.cumsum(x)), [0.0, 1.0, 2.0], [3.0, 2.0, 1.0]),
    ("mean of zeros", np.mean, [0.0, -0.0], [0.5, 0.5]),
    ("abs of zeros", lambda x: np.sum(np.abs(x)), [0.0, -0.0, 2.0], [0.0, 0.0, 1.0]),
    ("relu", lambda x: np.sum(np.maximum(x, 0.0)), [0.0, -1.0, 2.0], [0.5, 0.0, 1.0]),
]


@pytest.mark.parametrize("f, x, exact", [case[1:] for case in STRUCTURAL], ids=[case[0] for case in STRUCTURAL])
def test_an_operation_on_an_array_follows_the_conventions_in_both_modes(f: Callable[..., Any], x: list[Any], exact: list[Any]) -> None:
    at = np.array(x)
    with np.errstate(all="ignore"):
        reverse = adviz.gradient(f)(at)
        forward = adviz.jacobian(f, mode="forward")(at)
    assert reverse.tolist() == pytest.approx(exact, rel=1e-15, abs=0, nan_ok=True)
    assert forward.tolist() == pytest.approx(exact, rel=1e-15, abs=0, nan_ok=True)


def test_every_row_of_the_table_has_a_meaning_in_the_oracle() -> None:
    """Rows that other tests, lessons and examples register do not count."""
    elsewhere = ("tests", "__main__", "adviz.table", "README")
    own = [row.name for row in table.elementwise() if not str(getattr(row.function, "__module__", "")).startswith(elsewhere)]
    assert not [name for name in own if name not in {*ONE, *TWO} and not FAMILY.match(name)]
