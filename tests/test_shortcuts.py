"""The short ways of array programs give the bits of the long ones."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.arrays import CELLS
from adviz.errors import MissingAttribute
from adviz.tape import Handle

EDGES = np.array([0.0, -0.0, 5e-324, -2e-320, 1.5, -3.0, 1e300, -8.9e307, 9e307, 1.7e308])
CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, -2.5, 1e-320, 1e308, math.inf, -math.inf, math.nan, 3, True]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow]


def same_bits(a: Any, b: Any) -> bool:
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a), np.signbit(b)) and np.asarray(a).dtype == np.asarray(b).dtype


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("operate", OPERATORS, ids=lambda f: f.__name__)
def test_a_constant_meets_an_array_as_in_numpy(operate: Any, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        x = EDGES.astype(dtype)
        for constant in CONSTANTS * 2:  # the second time they are known
            c = float(constant) if constant is True else constant
            for f in (lambda u, c=c: operate(u, c), lambda u, c=c: operate(c, u)):
                assert same_bits(adviz.vjp(f, (x,))[0], f(x))


def test_only_constants_that_are_their_own_key_are_kept_and_nobody_can_change_them() -> None:
    for constant in CONSTANTS:
        adviz.gradient(lambda x, c=constant: np.sum(c * x + c))(np.ones(3))
    assert 0.0 not in CELLS
    assert all(key == key and same_bits(kept, np.array(key)) and not kept.flags.writeable for key, kept in CELLS.items())
    for k in range(300):
        adviz.gradient(lambda x, k=k: np.sum(x * (k + 0.5)))(np.ones(3))
    assert len(CELLS) <= 256


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.5, 1.0000000000000002, 3.0, 1e300, 9e307, 1.7e308, 1e-310])
@pytest.mark.parametrize("x", EDGES.tolist())
def test_the_slope_of_a_square_is_doubled_without_another_rounding(factor: float, x: float) -> None:
    def f(u: Any) -> Any:
        return np.sum(factor * u**2)

    def g(u: Any) -> Any:
        return 1.0 / np.sum(u**2)

    for h in (f, g, lambda u: np.sum((u - 1.0) ** 2 * factor)):
        at = np.array([x, 1.0])
        with np.errstate(all="ignore"):
            expected = adviz.reverse(h, at).result[0]
        assert same_bits(adviz.gradient(h)(at), expected)


@pytest.mark.parametrize("point", [2.0, np.ones(3)], ids=["number", "array"])
@pytest.mark.parametrize("name", ["sort", "fill", "tobytes", "backward", "detach", "grad", "byteswap"])
def test_a_name_that_a_traced_value_has_not_is_answered_in_words(name: str, point: Any) -> None:
    def f(x: Any) -> Any:
        getattr(x, name)
        return np.sum(x)

    with pytest.raises(MissingAttribute, match=rf"line \d+.*has no {name}\. Write NumPy's function"):
        adviz.gradient(f)(point)


def test_a_misspelt_name_is_pythons_to_report_and_costs_the_other_names_nothing() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'shpae'"):
        adviz.gradient(lambda x: np.sum(x) * x.shpae[0])(np.ones(3))
    seen: list[Any] = []
    adviz.gradient(lambda x: (seen.append(x), np.sum(x))[1])(np.ones(3))
    adviz.derivative(lambda x: (seen.append(x), x)[1])(1.0)
    assert all(isinstance(x, Handle) and not hasattr(type(x), "__getattr__") for x in seen)
