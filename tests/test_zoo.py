"""The zoo in every mode against the oracle: nothing wrong, nothing refused (reliability.md C1, C3)."""

from __future__ import annotations

import itertools
import math
import struct
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import adviz
from adviz.methods.counting import operations
from adviz.methods.symbolic import symbolic_derivative
from tests.modes import FIRST, FIRST_OF_NUMBERS, has_source, leaves, nested, nestings, rebuilt
from tests.oracle import Judged, gradients, judge
from tests.zoo import PROGRAMS, Program

NUMBERS = [program for program in PROGRAMS if "array" not in program.tags]
ARRAYS = [program for program in PROGRAMS if "array" in program.tags]
SMOOTH = [program for program in NUMBERS if len(program.points[0]) <= 3 and "outputs" not in program.tags]
ONE_INPUT = [program for program in SMOOTH if len(program.points[0]) == 1]
LARGEST_EVALUATED = 10_000  # operations in an expression of SymPy's
every_program_of_numbers = pytest.mark.parametrize("program", NUMBERS, ids=lambda program: program.name)


def is_bitwise(a: Any, b: Any) -> bool:
    """The same bits, all nans alike."""
    return (a != a and b != b) or struct.pack("<d", a) == struct.pack("<d", b)


def wrong(found: list[list[float]], true: list[list[Judged]]) -> list[Any]:
    """The entries that the oracle does not accept, with what it says."""
    assert [len(row) for row in found] == [len(row) for row in true]
    pairs = [(i, j, x, judged) for i, (row, rows) in enumerate(zip(found, true)) for j, (x, judged) in enumerate(zip(row, rows))]
    return [(i, j, x, float(judged.true), judged.bound) for i, j, x, judged in pairs if not judged.accepts(x)]


def test_the_zoo_is_large_and_covers_the_language() -> None:
    tags = {tag for program in PROGRAMS for tag in program.tags}
    assert len(NUMBERS) >= 60
    assert len(ARRAYS) >= 20
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)
    assert tags == {
        "array", "branch", "break", "closure", "comprehension", "defaults", "early return", "loop", "nested", "outputs", "recursion", "unpacking", "while",
    }  # fmt: skip
    assert all(program.points for program in PROGRAMS)
    assert all(program.explicit is not None for program in NUMBERS)


@every_program_of_numbers
@pytest.mark.parametrize("mode", FIRST_OF_NUMBERS)
def test_a_program_has_the_oracles_first_derivatives(program: Program, mode: str) -> None:
    for point in program.points:
        if mode in ("source", "program") and not is_transformed(program):
            pytest.skip("source transformation refuses this program; how many it may refuse is another test's")
        assert not wrong(FIRST_OF_NUMBERS[mode](program.function, point), gradients(program.function, point)), point


@cache
def is_transformed(program: Program) -> bool:
    """Whether source transformation accepts it."""
    try:
        adviz.source(program.function)
    except SyntaxError:
        return False
    return True


@pytest.mark.skipif(not has_source(), reason="this adviz has no source transformation yet")
def test_source_transformation_accepts_nine_programs_of_ten() -> None:
    refused = [program.name for program in NUMBERS if not is_transformed(program)]
    assert len(refused) <= len(NUMBERS) / 10, refused


@every_program_of_numbers
def test_operators_and_elemental_library_give_the_same_bits(program: Program) -> None:
    """The course's three implementations: overloaded operators, functions called explicitly, and the generated program."""
    assert program.explicit is not None
    for point in program.points:
        with np.errstate(all="ignore"):
            assert program.explicit(*point) == pytest.approx(program.function(*point), rel=1e-9)
        overloaded, called = (FIRST["reverse"](f, point) for f in (program.function, program.explicit))
        values = [leaves(adviz.vjp(f, point)[0]) for f in (program.function, program.explicit)]
        assert all(map(is_bitwise, *values))
        assert all(map(is_bitwise, itertools.chain(*overloaded), itertools.chain(*called)))


@every_program_of_numbers
def test_the_value_is_within_its_bound_too(program: Program) -> None:
    for point in program.points:
        y = leaves(adviz.vjp(program.function, point)[0])
        judged = [entry[(0,) * len(point)] for entry in judge(program.function, point)]
        assert not wrong([[u] for u in y], [[u] for u in judged]), point


@pytest.mark.parametrize("program", ARRAYS, ids=lambda program: program.name)
@pytest.mark.parametrize("mode", FIRST)
def test_a_program_of_arrays_has_the_oracles_first_derivatives(program: Program, mode: str) -> None:
    for point in program.points:
        assert not wrong(FIRST[mode](program.function, point), gradients(program.function, point))


@pytest.mark.parametrize("program", ARRAYS, ids=lambda program: program.name)
@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_a_jacobian_of_arrays_has_a_block_of_output_shape_plus_argument_shape_for_each_pair(program: Program, mode: str) -> None:
    for point in program.points:
        outputs = program.function(*point)
        whole = adviz.jacobian(program.function, mode=mode)(*point)
        structured = isinstance(outputs, tuple | list)
        rows = np.array(FIRST["reverse"](program.function, point))
        for y, blocks in zip(outputs if structured else [outputs], whole if structured else [whole]):
            found = whole_parts(blocks)
            assert [np.shape(block) for block in found] == [np.shape(y) + np.shape(u) for u in whole_parts(list(point))]
            matrix = np.concatenate([np.reshape(block, (np.size(y), -1)) for block in found], axis=1)
            assert matrix == pytest.approx(rows[: np.size(y)], rel=1e-12, abs=1e-14)
            rows = rows[np.size(y) :]
        assert not len(rows)


def test_what_no_input_reaches_has_zeros_of_its_shape() -> None:
    point, tangents = (1.0, np.ones(2)), (1.0, np.zeros(2))
    for f in (lambda x, y: np.ones(3) * x + y[0], lambda x, y: np.ones(3) * y[0], lambda x, y: np.ones(3), lambda x, y: (x, y * 2)):
        y, y_dot = adviz.jvp(f, point, tangents)
        assert [np.shape(u) for u in whole_parts(y_dot)] == [np.shape(u) for u in whole_parts(y)]
        assert [np.shape(u) for u in adviz.vjp(f, point)[1](y)] == [(), (2,)]


def whole_parts(u: Any) -> list[Any]:
    """The arrays and numbers of a structure, each whole."""
    if isinstance(u, dict):
        u = list(u.values())
    return [x for part in u for x in whole_parts(part)] if isinstance(u, tuple | list) else [u]


@pytest.mark.parametrize("program", SMOOTH, ids=lambda program: program.name)
def test_hessians_in_all_four_mode_pairs_are_the_oracles_and_symmetric(program: Program) -> None:
    point = program.points[0]
    n = len(point)
    [true] = judge(program.function, point, 2)
    for sweeps in nestings(2):
        H = [[nested(program.function, point, (i, j), sweeps) for j in range(n)] for i in range(n)]
        expected = [[true[tuple((k == i) + (k == j) for k in range(n))] for j in range(n)] for i in range(n)]
        assert not wrong(H, expected), sweeps
        pair = "-over-".join(sweeps)
        whole = np.asarray(adviz.hessian(program.function, mode=pair)(*point))
        assert whole.shape == (n, n)
        assert not wrong(whole.tolist(), expected), pair


@pytest.mark.parametrize("program", [program for program in SMOOTH if len(program.points[0]) <= 2], ids=lambda program: program.name)
def test_third_derivatives_in_all_eight_nestings_are_the_oracles(program: Program) -> None:
    point = program.points[-1]
    [true] = judge(program.function, point, 3)
    for path in itertools.combinations_with_replacement(range(len(point)), 3):
        judged = true[tuple(path.count(k) for k in range(len(point)))]
        found = {sweeps: nested(program.function, point, path, sweeps) for sweeps in nestings(3)}
        assert all(judged.accepts(x) for x in found.values()), (path, float(judged.true), judged.bound, found)


@pytest.mark.parametrize("program", ONE_INPUT, ids=lambda program: program.name)
def test_fourth_and_fifth_derivatives_are_the_oracles(program: Program) -> None:
    point = program.points[0]
    [true] = judge(program.function, point, 5)
    for order in (4, 5):
        for sweeps in (("forward",) * order, ("forward",) * (order - 1) + ("reverse",), ("reverse", "forward") * 2 + ("forward",) * (order - 4)):
            found = nested(program.function, point, (0,) * order, sweeps)
            assert true[(order,)].accepts(found), (order, sweeps, found, float(true[(order,)].true), true[(order,)].bound)


def test_hessians_are_symmetric_to_four_units_in_the_last_place() -> None:
    """Where the oracle allows less than 64 of them: elsewhere both triangles are only as good as the program."""
    compared = 0
    for program in SMOOTH:
        point = program.points[0]
        [true] = judge(program.function, point, 2)
        for pair in ("forward-over-reverse", "reverse-over-forward", "forward-over-forward", "reverse-over-reverse"):
            H = np.asarray(adviz.hessian(program.function, mode=pair)(*point))
            for i, j in itertools.combinations(range(len(point)), 2):
                judged = true[tuple((k == i) + (k == j) for k in range(len(point)))]
                if judged.true and judged.bound < 64 * math.ulp(float(judged.true)):
                    compared += 1
                    assert abs(H[i, j] - H[j, i]) <= 4 * math.ulp(H[i, j]), (program.name, pair)
    assert compared > 50


def test_the_accuracy_of_published_functions_at_their_first_points() -> None:
    """At least 78, 94 and 98 of 100 entries are within 1, 4 and 16 units in the last place (C2)."""
    for mode in FIRST:
        ulps = [
            judged.ulps(x)
            for program in PROGRAMS
            for row, rows in zip(FIRST[mode](program.function, program.points[0]), gradients(program.function, program.points[0]))
            for x, judged in zip(row, rows)
        ]
        shares = [sum(u <= k for u in ulps) / len(ulps) for k in (1, 4, 16)]
        print(f"{mode}: {len(ulps)} entries, within 1, 4, 16 ulp: {', '.join(f'{share:.1%}' for share in shares)}")
        assert all(share >= goal for share, goal in zip(shares, (0.78, 0.94, 0.98))), (mode, shares)


def test_sympys_derivatives_are_the_same_where_they_are_not_too_large_to_evaluate() -> None:
    """Refused in words: several outputs, what has no closed form, and expressions that swell beyond the budget."""
    evaluated, refused = 0, 0
    for program in NUMBERS:
        point = program.points[0]
        try:
            derivative = symbolic_derivative(program.function, *point)
        except (adviz.OutputError, adviz.BudgetError, adviz.UnsupportedError):
            refused += 1
            continue
        if operations(*derivative.partials) > LARGEST_EVALUATED:
            continue
        at = [{s.name: s for s in derivative.expression.free_symbols}.get(name, sympy.Symbol(name)) for name in derivative.inputs]
        with mpmath.workdps(50):
            found = sympy.lambdify(at, derivative.partials, "mpmath")(*map(mpmath.mpf, point))
        true = [float(judged.true) for judged in gradients(program.function, point)[0]]
        assert [float(u) for u in found] == pytest.approx(true, rel=1e-9, abs=1e-12), program.name
        evaluated += 1
    assert evaluated >= 70
    assert evaluated + refused >= 90


def test_a_structure_is_taken_apart_and_rebuilt() -> None:
    u = {"a": (1.0, np.ones((2, 2))), "b": [2.0]}
    again = rebuilt(u, leaves(u))
    assert leaves(again) == leaves(u)
    assert again["a"][1].shape == (2, 2)
