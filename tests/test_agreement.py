"""adviz.check: every way side by side, and a wrong row found."""

from __future__ import annotations

import math

import numpy as np
import pytest

import adviz
from adviz.table import table

X = np.array([0.5, -1.25, 2.0])


def running(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def way(found, name):
    return next(w for w in found.ways if w.name == name)


def test_the_running_example_agrees_in_every_way() -> None:
    found = adviz.check(running, 2.0, 5.0)
    assert found.ok
    assert found.entries == ("x1", "x2")
    assert [w.name for w in found.ways] == ["reverse mode", "forward mode", "generated program", "complex step", "central differences"]
    assert {w.verdict for w in found.ways[1:]} == {"agrees"}
    assert all(w.derivative == pytest.approx((5.5, 1.7163378145367738), rel=1e-9) for w in found.ways)
    assert found.ways[4].derivative != found.ways[0].derivative
    assert str(found).splitlines()[-1] == "All ways agree."
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize("f, point", [
    (lambda x: np.sum(np.exp(x) * x**2), (X,)), (lambda A, b: np.linalg.solve(A, b), (np.diag([2.0, 3.0]) + 0.5, np.array([1.0, 2.0]))),
    (lambda p: {"y": p["a"] @ p["b"], "z": (p["s"] * p["a"],)}, ({"a": X, "b": X * X, "s": 2.0},)), (lambda x, y: (x * y, x / y, 3.0), (2.0, 5.0)),
    (lambda x: np.sum(np.cumsum(x) ** 2), (np.linspace(0.1, 2.0, 200),)), (lambda x: x * 1.0, (3,)),
])  # fmt: skip
def test_arrays_structures_and_several_outputs_agree(f, point) -> None:
    found = adviz.check(f, *point)
    assert found.ok, found
    assert {way(found, name).verdict for name in ("forward mode", "complex step", "central differences")} == {"agrees"}, found
    assert len(found.entries) <= 30


def test_a_formula_is_checked_by_complex_steps_too() -> None:
    report = adviz.check(adviz.formula("sin(x) + ln(x) * x^2 - atan(x)/2"), 1.5)
    assert report.ok
    assert "not used" not in str(report)


def test_what_is_not_smooth_is_told() -> None:
    found = adviz.check(lambda x: abs(x) * 3 + x, 0.0)
    assert found.ok
    assert "kink" in way(found, "central differences").verdict
    assert way(found, "complex step").verdict.startswith("not used: np.absolute")
    found = adviz.check(lambda x: np.log(x), -2.0)
    assert found.ok
    assert math.isnan(way(found, "forward mode").derivative[0])
    assert "finite" in way(found, "central differences").verdict


@pytest.mark.parametrize("name, value, partials, f, point", [
    ("wrong_cube", "a * a * a", ["3 * a"], lambda g: lambda x: g(x) + x, (2.0,)),
    ("wrong_product", "a * b", ["b", "-a"], lambda g: lambda x, y: np.sin(g(x, y)), (2.0, 5.0)),
    ("wrong_sine", "sin(a)", ["sin(a)"], lambda g: lambda x: np.sum(g(x) * x), (X,)),
    ("nearly_right", "exp(a)", ["1.0001 * exp(a)"], lambda g: lambda x: g(x), (1.0,)),
])  # fmt: skip
def test_a_wrong_row_is_found(name, value, partials, f, point) -> None:
    def own(*_):
        raise AssertionError("the row's formula is what is computed")

    adviz.elementwise(own, value, *partials, name=name)
    try:
        found = adviz.check(f(getattr(adviz.functions, name)), *point)
        assert not found.ok
        assert "DIFFERS" in str(found)
        assert way(found, "forward mode").verdict == "agrees"
        assert "wrong partial" in str(found)
    finally:
        table._by_name.pop(name)
        table._by_function.pop(own)


@pytest.mark.parametrize("row", [r for r in table.elementwise() if not r.jumps], ids=lambda row: row.name)
def test_every_row_passes_its_check(row) -> None:
    point = (0.7, 0.45) if len(row.partials) == 2 else (1.3,) if row.name == "arccosh" else (0.45,)
    found = adviz.check(getattr(adviz.functions, row.name), *point)
    assert found.ok, found
    assert way(found, "central differences").verdict == "agrees", found


def test_a_function_that_cannot_be_traced_is_refused_as_ever() -> None:
    with pytest.raises(adviz.TracedValueError, match=r"np\.sin"):
        adviz.check(lambda x: math.sin(x), 1.0)
    with pytest.raises(adviz.InputError):
        adviz.check(running, 2.0)
