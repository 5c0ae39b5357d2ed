"""The Jacobian by the generated program: the numbers of the other modes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import adviz


def running(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def pair(x1, x2):
    return x1 * x2, np.sin(x1)


def matrix(x):
    return np.outer(x, x) @ np.cos(x)


def mixed(p, x):
    return {"y": p["a"] * x, "z": np.sum(x) * p["b"]}


def branching(x):
    return math.sqrt(x) if x > 1 else x * x


@pytest.mark.parametrize("f, point", [
    (running, (2.0, 5.0)), (pair, (2.0, 5.0)), (matrix, (np.array([0.5, -1.0, 2.0]),)), (branching, (4.0,)), (branching, (0.5,)),
])  # fmt: skip
def test_the_program_gives_the_jacobian_of_the_other_modes(f, point) -> None:
    expected = adviz.jacobian(f, mode="reverse")(*point) if f is not branching else np.array([0.25 if point[0] > 1 else 2 * point[0]])
    found = adviz.jacobian(f, mode="source")(*point)
    assert np.shape(found) == np.shape(expected)
    assert np.allclose(found, expected, rtol=1e-14, atol=0) if f is matrix else np.array_equal(found, expected)  # sums in another order


def test_structures_come_back_as_they_are() -> None:
    point = ({"a": 2.0, "b": 3.0}, np.array([1.0, 2.0]))
    found, expected = adviz.jacobian(mixed, mode="source")(*point), adviz.jacobian(mixed)(*point)
    assert str(found) == str(expected)


def test_it_can_be_differentiated_again() -> None:
    J = adviz.jacobian(adviz.jacobian(running, mode="source"))(2.0, 5.0)
    assert np.allclose(J, adviz.hessian(running)(2.0, 5.0), rtol=1e-15)


def test_what_cannot_be_read_is_refused_at_its_line() -> None:
    def tries(x):
        try:
            return x
        finally:
            pass

    with pytest.raises(SyntaxError) as caught:
        adviz.jacobian(tries, mode="source")
    assert isinstance(caught.value, adviz.UnsupportedError)
    assert caught.value.text.strip() == "try:"
