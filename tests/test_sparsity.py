"""Sparsity: patterns that hold for every value, colourings that are right by definition, and compressed = dense."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import adviz
from adviz import scale
from adviz.operators import Run, by_rows, gradient
from adviz.scale import plans
from adviz.scale.colouring import ORDERS, Colouring, neighbours
from adviz.scale.curvature import bends, flows, second_partials
from adviz.scale.kinds import colour
from adviz.scale.meetings import LINEAR
from adviz.scale.path import Path
from adviz.scale.pattern import Pattern
from adviz.scale.recovery import recovery
from adviz.scale.sparsity import hessian_pattern, jacobian_pattern
from adviz.scale.symmetric import acyclic_colours, star_colours
from adviz.structural import Structural
from adviz.table import table
from tests.program_text import compiled, forget
from tests.random_programs import grown
from tests.test_structural import COMPOSED, SAMPLES, Sample
from tests.test_table import ROWS, domain
from tests.zoo import PROGRAMS, Program

OF_JACOBIANS = ("column", "row", "bidirectional")
OF_HESSIANS = ("star", "acyclic", "column")
every_sample = pytest.mark.parametrize("case", [*SAMPLES, *COMPOSED], ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")
every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


def dense(run: Run) -> np.ndarray:
    """The Jacobian of a run as one matrix, row by row: no pattern, no colours."""
    return np.block([[np.reshape(block, (np.size(y), np.size(x))) for block, x in zip(row, run.at.numbers)] for row, y in zip(by_rows(run), run.values)])


def dense_jacobian(f: Callable[..., Any], x: tuple[Any, ...]) -> np.ndarray:
    return dense(Run(f, x))


def dense_hessian(f: Callable[..., Any], x: tuple[Any, ...]) -> np.ndarray:
    return dense(Run(gradient(f), x))


def same(found: Any, expected: np.ndarray) -> None:
    """Equal up to rounding: of the entry, and of the largest, for entries of one sum cancel differently."""
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-9, atol=1e-12 * (1 + np.max(np.abs(expected), initial=0.0)))


def near(operands: tuple[Any, ...], seed: int) -> tuple[Any, ...]:
    """Another point a little way off, on the same side of every kink of the samples."""
    random = np.random.default_rng(seed)
    return tuple(u + 1e-3 * random.uniform(-1, 1, np.shape(u)) for u in operands)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def residuals(x):
    return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])


def arrow(x):
    return np.sum(x**2) + x[0] * np.sum(x)


# ---- patterns


def test_a_product_of_patterns_is_the_pattern_of_the_product() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        m, k, n = random.integers(1, 7, 3)
        A, B = random.random((m, k)) < 0.4, random.random((k, n)) < 0.4
        P, Q = Pattern.of_mask(A), Pattern.of_mask(B)
        assert np.array_equal(P.after(Q).mask(), (A.astype(int) @ B.astype(int)) > 0)
        assert np.array_equal(P.T.mask(), A.T)
        C = random.random((m, k)) < 0.4
        assert np.array_equal((P | Pattern.of_mask(C)).mask(), A | C)
        assert np.array_equal((P - Pattern.of_mask(C)).mask(), A & ~C)
        assert (Pattern.of_mask(A & C) <= P) is True
        assert (Pattern.of_mask(A) <= Pattern.of_mask(C)) is bool(np.all(A <= C))
        assert Pattern.of(*np.nonzero(A), A.shape) == P
        assert [P.row(i).tolist() for i in range(m)] == [np.flatnonzero(row).tolist() for row in A]


def test_a_large_pattern_is_told_in_a_sentence() -> None:
    assert str(Pattern.of_mask(np.eye(50))) == "a pattern of 50 by 50: 50 positions that can be other than 0 (2 %), at most 1 in a row"
    assert str(Pattern.of_mask([[1, 0], [1, 1]])) == "× ·\n× ×"


# rows that choose among their entries: another one may be chosen elsewhere
CHOOSING = ("np.max", "np.min", "np.clip", "a.clip", "np.ptp", "np.linalg.norm(a, np.inf)", "np.maximum")
CANCELS = ("np.linalg.solve(a, a[0]) @ a[1]",)  # a structural entry whose terms happen to cancel


@every_sample
def test_the_jacobian_pattern_holds_every_entry_and_no_other(case: Sample) -> None:
    pattern = jacobian_pattern(case.function, *case.operands)
    found = np.zeros(pattern.shape, bool)
    for seed in range(3):
        found |= dense_jacobian(case.function, near(case.operands, seed) if seed else case.operands) != 0
    assert not np.any(found & ~pattern.mask())
    if not any(name in case.call for name in (*CHOOSING, *CANCELS)):
        assert np.array_equal(found, pattern.mask())


# where a pattern may hold more: what a factorisation's Hessian leaves out, what is linear for the sample's size only
LOOSE = ("cholesky", "std(a, axis=0", "a.std(axis=0", "np.trapezoid(a, b)", *CANCELS)


@every_sample
def test_the_hessian_pattern_holds_every_entry_and_no_other(case: Sample) -> None:
    weights = np.random.default_rng(3).uniform(-1, 1, np.shape(case.function(*case.operands)))

    def weighted(*u: Any) -> Any:
        return np.sum(case.function(*u) * weights)

    pattern = hessian_pattern(weighted, *case.operands)
    assert pattern.symmetric
    found = np.zeros(pattern.shape, bool)
    for seed in range(3):
        size = np.abs(dense_hessian(weighted, near(case.operands, seed) if seed else case.operands))
        found |= (size > 1e-12) & (size > 1e-9 * np.max(size))  # what is smaller is rounding, as near a matrix without an inverse
    assert not np.any(found & ~pattern.mask())
    if not any(name in case.call for name in LOOSE):
        assert np.array_equal(found, pattern.mask())


@pytest.mark.parametrize("row", [row for row in ROWS if not row.name.startswith("where_")], ids=lambda row: row.name)
def test_the_second_partials_of_a_row_are_those_that_nesting_finds(row: Any) -> None:
    f = adviz.recording.elemental(row.name)
    for point in itertools.islice((p for p in domain(row) if all(abs(x) < 20 for x in p)), 4):
        H = adviz.hessian(lambda *x: f(*x))(*point)
        mine = np.zeros_like(H)
        for arrays in (False, True):
            operands = tuple(np.array([x, x]) for x in point) if arrays else point
            v = adviz.linear.on_arrays(row.name)(*operands) if arrays else f(*point)
            for (k, l), bend in bends(row.name, arrays=arrays).items():
                with np.errstate(all="ignore"):
                    mine[k, l] = mine[l, k] = np.broadcast_to(bend(*operands, v), (2,))[0] if arrays else bend(*operands, v)
            np.testing.assert_allclose(mine, H, rtol=1e-9, atol=1e-12 * np.max(np.abs(H), initial=1e-300))
        for k, l in itertools.combinations_with_replacement(range(len(point)), 2):
            assert (k, l) in second_partials(row.name) or H[k, l] == 0
        J = np.atleast_1d(adviz.jacobian(lambda *x: f(*x))(*point))
        assert all(flow or slope == 0 for flow, slope in zip(flows(row.name), J))


def test_operations_couple_what_the_table_says_they_couple() -> None:
    x = (1.5, 2.5, 3.5)

    def pairs(f: Callable[..., Any]) -> set[tuple[int, int]]:
        pattern = hessian_pattern(f, *x)
        return {(i, j) for i, j in zip(pattern.rows.tolist(), pattern.columns.tolist()) if i <= j}

    assert pairs(lambda a, b, c: a * b + c) == {(0, 1)}
    assert pairs(lambda a, b, c: a / b - c) == {(0, 1), (1, 1)}
    assert pairs(lambda a, b, c: np.square(a) + b + c) == {(0, 0)}
    assert pairs(lambda a, b, c: 3 * a - 2 * b + c / 4) == set()
    assert pairs(lambda a, b, c: np.maximum(a, b) + abs(c) + np.floor(a) * b) == set()
    assert pairs(lambda a, b, c: np.sin(a + b) * 1.0 + c) == {(0, 0), (0, 1), (1, 1)}
    assert pairs(lambda a, b, c: (a + b) * c) == {(0, 2), (1, 2)}
    assert pairs(lambda a, b, c: a**1 + b**2 + c**0) == {(1, 1)}
    assert pairs(lambda a, b, c: a**b) == {(0, 0), (0, 1), (1, 1)}
    assert pairs(lambda a, b, c: np.where(a > 0, a * b, b * c)) == {(0, 1)}  # the path that was taken


def test_a_line_that_does_not_reach_the_result_bends_nothing() -> None:
    def f(x, y):
        np.exp(x * y)
        return x + np.floor(x * y) + y

    assert hessian_pattern(f, 1.5, 2.5).nonzeros == 0
    assert hessian_pattern(lambda x: np.sum((x * x[::-1])[:2]), np.ones(4)).mask().astype(int).tolist() == [[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]


def test_what_is_constant_between_jumps_depends_on_nothing() -> None:
    for f in (np.floor, np.sign, lambda x: x // 2.0, lambda x: np.rint(x) + np.heaviside(x, 0.5)):
        assert jacobian_pattern(f, np.ones(3)).nonzeros == 0
        assert jacobian_pattern(f, 1.5).nonzeros == 0
    assert jacobian_pattern(lambda x: x % 2.0, np.ones(3)) == Pattern.of_mask(np.eye(3))


def test_a_zero_by_chance_is_an_entry_all_the_same() -> None:
    assert jacobian_pattern(lambda x, y: x * y, 0.0, 0.0).nonzeros == 2
    assert jacobian_pattern(lambda x: np.cos(x), 0.0).nonzeros == 1
    assert hessian_pattern(lambda x: np.sum(x**3), np.zeros(3)).nonzeros == 3
    assert jacobian_pattern(lambda x: x[0] * x, np.zeros(3)).nonzeros == 5


def test_a_constants_zeros_belong_to_the_program() -> None:
    A = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
    for f in (lambda x: A @ x, lambda x: np.dot(A, x), lambda x: np.einsum("ij,j->i", A, x), lambda x: np.sum(A * x, axis=1), lambda x: x @ A.T):
        assert np.array_equal(jacobian_pattern(f, np.ones(3)).mask(), A != 0)
    assert np.array_equal(jacobian_pattern(lambda X: np.ravel(A @ X), np.ones((3, 2))).mask(), np.kron(A, np.eye(2)) != 0)
    assert jacobian_pattern(lambda x, y: 0.0 * x + y, 1.0, 2.0).mask().tolist() == [[False, True]]


def test_columns_are_the_entries_of_the_arguments_in_their_order() -> None:
    def f(p, s):
        return {"a": p["w"] * s, "b": p["b"][0]}

    pattern = jacobian_pattern(f, {"w": np.ones(2), "b": (1.0, 2.0)}, 3.0)
    assert str(pattern) == "× · · · ×\n· × · · ×\n· · × · ·"


@pytest.mark.parametrize("n", [3, 40, 300])
def test_numbers_and_arrays_have_one_pattern(n: int) -> None:
    """The same program on n numbers (domains as bits), on an array entry by entry (both), and on whole arrays."""

    def by_numbers(*x: Any) -> Any:
        return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(n - 1))

    x = np.linspace(-1, 1, n)
    whole = hessian_pattern(rosenbrock, x)
    assert hessian_pattern(by_numbers, *x.tolist()) == whole
    assert hessian_pattern(lambda x: by_numbers(*x), x) == whole
    assert np.array_equal(whole.mask(), np.abs(np.subtract.outer(range(n), range(n))) < 2)
    assert jacobian_pattern(lambda x: np.stack([x[i + 1] - x[i] ** 2 for i in range(n - 1)]), x) == jacobian_pattern(lambda x: x[1:] - x[:-1] ** 2, x)


def test_rows_that_are_called_linear_have_no_second_derivative() -> None:
    seen = set()
    for case in SAMPLES:
        rows = {a.row.name for a in adviz.trace(case.function, *case.operands).assignments if a.row is not None}
        if rows <= LINEAR:
            weights = np.random.default_rng(0).uniform(-1, 1, np.shape(case.function(*case.operands)))
            assert not dense_hessian(lambda *u: np.sum(case.function(*u) * weights), case.operands).any(), case.call
            seen |= rows
    assert seen == LINEAR
    assert {row.name for row in table if isinstance(row, Structural)} >= LINEAR


def test_a_row_that_is_not_known_depends_on_everything() -> None:
    from adviz.structural import dispatched, structural

    @dispatched
    def shuffled_square(a: Any) -> Any:
        return a[::-1] ** 2

    structural(
        shuffled_square, lambda a: ((a,), {}), lambda k, v_bar, v, a: 2 * a * v_bar[::-1], lambda k, a_dot, v, a: 2 * (a * a_dot)[::-1], selects=False
    )  # fmt: skip
    try:
        x = np.array([1.0, 2.0, 3.0])
        assert jacobian_pattern(shuffled_square, x).nonzeros == 9
        same(scale.sparse_jacobian(shuffled_square)(x), np.fliplr(np.diag(2 * x[::-1])))
        same(scale.sparse_hessian(lambda x: np.sum(shuffled_square(x) * x))(x), dense_hessian(lambda x: np.sum(x[::-1] ** 2 * x), (x,)))
    finally:
        del table._by_name["shuffled_square"], table._by_function[shuffled_square]


def test_a_row_that_is_registered_anew_bends_as_it_is_now() -> None:
    def bulge(x: Any) -> Any:
        return x

    try:
        adviz.elementwise(bulge, "a * a * a", "3 * a * a", name="bulge")
        assert second_partials("bulge")
        assert scale.sparse_hessian(lambda x: adviz.recording.elemental("bulge")(x))(2.0).toarray().tolist() == [[12.0]]
        adviz.elementwise(bulge, "5 * a", "5", name="bulge")
        assert not second_partials("bulge")
        assert not bends("bulge", arrays=False)
        adviz.elementwise(bulge, "0 * a", "0", name="bulge")
        assert flows("bulge") == (False,)
    finally:
        del table._by_name["bulge"], table._by_function[bulge]


def test_a_pattern_that_is_not_sparse_is_refused_before_the_memory_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adviz.scale.pattern.MOST", 1000)
    with pytest.raises(adviz.BudgetError, match="not sparse"):
        hessian_pattern(lambda x: np.sum(x) ** 2, np.ones(100))


# ---- colourings


def wrong(c: Colouring) -> Iterator[str]:
    """What is wrong with a colouring, by its definition."""
    mask, columns, rows = c.pattern.mask(), c.columns.tolist(), c.rows.tolist()
    if c.kind in ("star", "acyclic"):
        edges = [(i, j) for i, j in zip(*np.nonzero(mask)) if i < j]
        if any(columns[i] == columns[j] for i, j in edges) or any(columns[i] < 0 for i in np.flatnonzero(mask.any(axis=1))):
            yield "two neighbours are alike"
        for pair in itertools.combinations(range(c.forward), 2):
            inside = [(i, j) for i, j in edges if {columns[i], columns[j]} == set(pair)]
            if has_cycle(inside) or (c.kind == "star" and has_path_of_four(inside)):
                yield f"the colours {pair} hide entries"
        return
    for i in range(len(rows)):
        held = [columns[j] for j in np.flatnonzero(mask[i])]
        if rows[i] < 0 and (-1 in held or len(set(held)) < len(held)):
            yield f"row {i}: {held}"
    for j in range(len(columns)):
        held = [rows[i] for i in np.flatnonzero(mask[:, j]) if rows[i] >= 0]
        if len(set(held)) < len(held):
            yield f"column {j}: {held}"


def has_cycle(edges: list[tuple[int, int]]) -> bool:
    parent = {v: v for edge in edges for v in edge}

    def root(v: int) -> int:
        while parent[v] != v:
            v = parent[v]
        return v

    for i, j in edges:
        a, b = root(i), root(j)
        if a == b:
            return True
        parent[a] = b
    return False


def has_path_of_four(edges: list[tuple[int, int]]) -> bool:
    degree = np.bincount([v for edge in edges for v in edge]) if edges else np.zeros(1)
    return any(degree[i] > 1 and degree[j] > 1 for i, j in edges)


def random_pattern(seed: int, *, symmetric: bool) -> Pattern:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 16))
    mask = random.random((n, n if symmetric else int(random.integers(1, 16)))) < random.choice([0.05, 0.15, 0.3, 0.6])
    return Pattern.of_mask(mask | mask.T | np.diag(random.random(n) < 0.7) if symmetric else mask)


@pytest.mark.parametrize("order", [*ORDERS, "best"])
@pytest.mark.parametrize("kind", ["column", "row", "bidirectional", "star", "acyclic", "auto"])
def test_a_colouring_is_right_and_so_is_what_is_recovered_from_it(kind: str, order: str) -> None:
    for seed in range(60):
        pattern = random_pattern(seed, symmetric=kind in ("star", "acyclic"))
        c = colour(pattern, kind, order=order)
        assert not list(wrong(c)), (seed, list(wrong(c)))
        assert c.least <= c.sweeps <= max(pattern.shape)
        random = np.random.default_rng(seed)
        values = np.zeros(pattern.shape)
        values[pattern.rows, pattern.columns] = random.uniform(1, 2, pattern.nonzeros)
        if kind in ("star", "acyclic"):
            values = values + values.T
        compressed = np.concatenate([(values @ c.seed).T.ravel(), (c.row_seed @ values).ravel()])
        found = recovery(c)(compressed)
        expected = values[pattern.rows, pattern.columns]
        assert np.allclose(found, expected, rtol=1e-12) if kind == "acyclic" else np.array_equal(found, expected)
        assert sorted(v for group in c.groups for v in group) == sorted([*np.flatnonzero(c.columns >= 0), *np.flatnonzero(c.rows >= 0)])


@pytest.mark.parametrize("kind", ["star", "acyclic"])
def test_the_bound_on_symmetric_colourings_is_a_bound(kind: str) -> None:
    """Against every colouring there is, on graphs of up to six vertices."""
    for seed in range(40):
        pattern = random_pattern(1000 + seed, symmetric=True)
        n = min(pattern.shape[0], 6)
        pattern = Pattern.of_mask(pattern.mask()[:n, :n])
        c = colour(pattern, kind)
        assert c.least <= fewest(pattern, kind, c.sweeps) <= c.sweeps


def fewest(pattern: Pattern, kind: str, enough: int) -> int:
    """The fewest colours of any colouring, by trying them all."""
    n = pattern.shape[0]
    for count in range(enough):
        for colours in itertools.product(range(count), repeat=n):
            columns = np.where(pattern.counts > 0, np.array(colours), -1)
            c = Colouring(kind, pattern, columns, np.full(n, -1), "natural", 0)
            if not list(wrong(c)):
                return count
    return enough


def banded(n: int, width: int) -> Pattern:
    return Pattern.of_mask(np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= width)


def arrowhead(n: int) -> Pattern:
    mask = np.eye(n, dtype=bool)
    mask[0] = mask[:, 0] = True
    return Pattern.of_mask(mask)


def five_points(k: int) -> Pattern:
    """The five-point stencil on a grid of k by k."""
    line = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) == 1
    return Pattern.of_mask(np.kron(line, np.eye(k)) + np.kron(np.eye(k), line) + np.eye(k * k))


# Gebremedhin, Manne & Pothen 2005, figure 6.1, which is figure 1 of Gebremedhin, Pothen, Tarafdar & Walther 2009; and figure 4.1
FIGURE_6_1 = ["1100001000", "1110100000", "0111010000", "0011000001", "0100110100", "0010110010", "1000001100", "0000101110", "0000010111", "0001000011"]
FIGURE_4_1 = ["110000", "111011", "011100", "001101", "010010", "010101"]


def figure(rows: list[str]) -> Pattern:
    return Pattern.of_mask([[int(c) for c in row] for row in rows])


@pytest.mark.parametrize(
    "pattern, sweeps",
    [
        (Pattern.of_mask(np.eye(9)), {"column": 1, "row": 1, "star": 1, "acyclic": 1}),
        (banded(30, 1), {"column": 3, "row": 3, "star": 3, "acyclic": 2}),
        (banded(30, 2), {"column": 5, "row": 5, "acyclic": 3}),
        (banded(30, 3), {"column": 7, "row": 7, "acyclic": 4}),
        (arrowhead(30), {"column": 30, "row": 30, "bidirectional": 3, "star": 2, "acyclic": 2}),
        (Pattern.of_mask(np.ones((7, 7))), {"column": 7, "row": 7, "star": 7, "acyclic": 7}),
        (Pattern.of_mask(np.ones((1, 20))), {"column": 20, "row": 1, "auto": 1}),
        (Pattern.of_mask(np.ones((20, 1))), {"column": 1, "row": 20, "auto": 1}),
        (figure(FIGURE_6_1), {"acyclic": 3, "column": 5}),
        (figure(FIGURE_4_1), {"star": 3}),
        (Pattern.empty((4, 5)), {"column": 0, "row": 0, "bidirectional": 0, "auto": 0}),
    ],
    ids=["diagonal", "tridiagonal", "pentadiagonal", "seven diagonals", "arrowhead", "full", "one row", "one column", "figure 6.1", "figure 4.1", "empty"],
)
def test_known_matrices_take_as_few_sweeps_as_are_known(pattern: Pattern, sweeps: dict[str, int]) -> None:
    for kind, count in sweeps.items():
        c = colour(pattern, kind)
        assert c.sweeps == count, (kind, c)
        assert not list(wrong(c))


def test_symmetry_saves_sweeps_on_a_grid() -> None:
    """Five colours would do for the columns of a five-point stencil, (i + 2 j) mod 5; greedy algorithms find up to seven."""
    for k in (4, 5, 8, 20):
        sweeps = {kind: colour(five_points(k), kind).sweeps for kind in ("column", "star", "acyclic")}
        assert 5 <= sweeps["column"] <= 7
        assert sweeps["star"] == 5
        assert sweeps["acyclic"] == 4


def test_the_hessian_of_figure_6_1_takes_no_more_sweeps_than_published() -> None:
    c = colour(figure(FIGURE_6_1), "star")
    assert c.sweeps <= 5
    assert c.least <= fewest_star_of_figure_6_1() <= c.sweeps


def fewest_star_of_figure_6_1() -> int:
    """By trying all colourings with vertex 1 of colour 0 and each further one of a colour that is used, or of the next."""
    graph = neighbours(figure(FIGURE_6_1))

    def extend(colours: list[int], count: int) -> bool:
        v = len(colours)
        if v == len(graph):
            return not list(wrong(Colouring("star", figure(FIGURE_6_1), np.array(colours), np.full(v, -1), "natural", 0)))
        return any(
            all(colours[w] != c for w in graph[v] if w < v) and extend([*colours, c], count) for c in range(min(max(colours, default=-1) + 2, count))
        )

    return next(count for count in range(1, 11) if extend([], count))


def test_smallest_last_leaves_few_neighbours_before_each_vertex() -> None:
    """So many at most as some part of the graph has everywhere (its degeneracy): no order has fewer."""
    for seed in range(40):
        graph = neighbours(random_pattern(seed, symmetric=True))
        order = ORDERS["smallest-last"](graph)
        assert sorted(order) == list(range(len(graph)))
        place = {v: k for k, v in enumerate(order)}
        before = max((sum(place[w] < place[v] for w in graph[v]) for v in range(len(graph))), default=0)
        assert before == degeneracy(graph)


def degeneracy(graph: list[list[int]]) -> int:
    """The largest smallest degree of any part: by taking away a vertex of smallest degree, again and again."""
    left, found = set(range(len(graph))), 0
    while left:
        degrees = {v: sum(w in left for w in graph[v]) for v in left}
        v = min(left, key=lambda v: degrees[v])
        found = max(found, degrees[v])
        left.remove(v)
    return found


def test_symmetric_colourings_of_a_large_arrowhead_are_found_in_any_order() -> None:
    n = 3000
    graph = [list(range(1, n)), *([[0]] * (n - 1))]
    for order in (range(n), range(n - 1, -1, -1)):  # the hub first, the hub last
        assert max(star_colours(graph, list(order))) == 1
        assert max(acyclic_colours(graph, list(order))) == 1


def test_a_nearly_full_row_does_not_make_a_full_graph() -> None:
    n = 8000
    rows = np.concatenate([np.zeros(n - 1, int), np.arange(1, n)])
    pattern = Pattern.of(rows, np.concatenate([np.arange(n - 1), np.arange(1, n)]), (n, n))
    assert colour(pattern, "column").sweeps == n - 1
    assert colour(pattern).sweeps == 2


@pytest.mark.parametrize(
    "words, given",
    [
        ("Pattern", lambda: colour(np.ones((2, 3)))), ("Pattern", lambda: colour("column")), ("two axes", lambda: Pattern.of_mask(np.ones(3))),
        ("outside", lambda: Pattern.of([2], [0], (2, 3))), ("outside", lambda: Pattern.of([0], [3], (2, 3))),
        ("outside", lambda: Pattern.of([0, -1], [1, 1], (2, 3))), ("outside", lambda: Pattern.of([1], [-1], (2, 3))), ("outside", lambda: Pattern.of([0], [0], (0, 0))),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused_in_words(words: str, given: Callable[[], Any]) -> None:
    with pytest.raises(adviz.InputError, match=words):
        given()


@pytest.mark.parametrize("given", [{"kind": "colum"}, {"order": "random"}])
def test_another_kind_or_order_is_refused_with_those_there_are(given: dict[str, str]) -> None:
    with pytest.raises(adviz.InputError, match="one of"):
        colour(banded(3, 1), **given)
    with pytest.raises(adviz.UnsupportedError, match="symmetric"):
        colour(Pattern.of_mask([[1, 1], [0, 1]]), "star")


# ---- compressed = dense


@every_sample
def test_a_compressed_jacobian_of_an_array_operation_is_the_dense_one(case: Sample) -> None:
    expected = dense_jacobian(case.function, case.operands)
    for kind in OF_JACOBIANS:
        found = scale.plan(case.function, *case.operands, colouring=kind)(*case.operands)
        same(found.matrix, expected)
        assert found.sweeps == found.colouring.sweeps


@every_sample
def test_a_compressed_hessian_of_an_array_operation_is_the_dense_one(case: Sample) -> None:
    weights = np.random.default_rng(3).uniform(-1, 1, np.shape(case.function(*case.operands)))

    def weighted(*u: Any) -> Any:
        return np.sum(np.sin(case.function(*u)) * weights)

    expected = dense_hessian(weighted, case.operands)
    for kind in OF_HESSIANS:
        same(scale.plan(weighted, *case.operands, of="hessian", colouring=kind)(*case.operands).matrix, expected)


@every_program
def test_a_program_of_the_zoo_has_the_dense_derivatives(program: Program) -> None:
    sparse_J, sparse_H = scale.sparse_jacobian(program.function), scale.sparse_hessian(program.function)
    for point in program.points:
        same(sparse_J(*point), dense_jacobian(program.function, point))
        run = Run(program.function, point)
        if run.single and np.shape(run.values[0]) == ():
            same(sparse_H(*point), dense_hessian(program.function, point))


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_programs_have_the_dense_derivatives(first: int) -> None:
    with np.errstate(all="ignore"):
        for seed in range(first, first + 50):
            program = grown(seed)
            f, point = compiled(program), tuple(program.point.values())
            same(scale.sparse_jacobian(f)(*point), dense_jacobian(f, point))
            if Run(f, point).single:
                same(scale.sparse_hessian(f)(*point), dense_hessian(f, point))
            forget(f)


def random_array_program(seed: int, n: int) -> Callable[[Any], Any]:
    """x ↦ an array of n entries, by a dozen random operations on arrays of n entries: sparse now and then, and nonlinear."""
    random = Random(seed)
    mask = np.array([random.random() < 0.6 for _ in range(n)]) * 1.0
    A = np.array([[random.uniform(-1, 1) if random.random() < 0.25 else 0.0 for _ in range(n)] for _ in range(n)])
    key = [random.randrange(n) for _ in range(n)]
    # fmt: off
    unary = [
        np.sin, np.tanh, np.square, lambda u: 0.5 * u, lambda u: u[::-1], lambda u: np.roll(u, 1), lambda u: mask * u, lambda u: A @ u, lambda u: u @ A,
        lambda u: np.cumsum(u) / n, lambda u: u[np.array(key)], lambda u: np.concatenate([u[1:], u[:1] ** 2]), lambda u: np.where(u > 0.1, u, 0.5 * u * u),
        lambda u: np.stack([u[k] * u[k - 1] for k in range(n)]), lambda u: np.reshape(np.reshape(u, (2, -1)).T, -1), lambda u: u - np.mean(u),
        lambda u: u / (1 + np.sum(u * u)), lambda u: np.concatenate([np.diff(u), u[-1:]]), lambda u: u**3, lambda u: u**1,
        lambda u: np.sum(np.outer(u, mask), axis=1), lambda u: np.maximum(u, 0.2), lambda u: np.linalg.norm(u) + 0 * u,
    ]
    # fmt: on
    binary = [np.add, np.subtract, np.multiply, lambda u, w: u / (2 + w * w), np.hypot, lambda u, w: np.where(np.arange(n) % 2 == 0, u, w)]
    steps = [(random.choice(unary), random.choice(binary), random.randrange(4)) for _ in range(random.randint(2, 6))]

    def f(x: Any) -> Any:
        known = [x]
        for one, two, back in steps:
            known.append(two(one(known[-1]), known[max(0, len(known) - 1 - back)]))
        return known[-1]

    return f


@pytest.mark.parametrize("seed", range(120))
def test_random_array_programs_have_sound_patterns_and_the_dense_derivatives(seed: int) -> None:
    n = 6
    f, random = random_array_program(seed, n), np.random.default_rng(seed)
    x = random.uniform(0.3, 1.2, n)

    def y(x: Any) -> Any:
        return np.sum(f(x))

    J, H = dense_jacobian(f, (x,)), dense_hessian(y, (x,))
    assert not np.any((J != 0) & ~jacobian_pattern(f, x).mask())
    assert not np.any((np.abs(H) > 1e-13 * np.max(np.abs(H), initial=0)) & ~hessian_pattern(y, x).mask())
    for kind in OF_JACOBIANS:
        same(scale.plan(f, x, colouring=kind)(x).matrix, J)
    for kind in OF_HESSIANS:
        same(scale.plan(y, x, of="hessian", colouring=kind)(x).matrix, H)


KEYS = [1, -1, (0, 1), (slice(None), 1), (Ellipsis, None, 2), np.array([1, 0, 1]), np.array([True, False]), (1, np.array([0, 0]), slice(2, None)),
        (np.array([0, 1]), slice(None), np.array([1, 0])), (np.array([0, 1, 0]), np.array([1, 1, 2])), (0, slice(None), np.array([3, 0])), slice(None, None, -1)]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_any_index_of_a_batch_is_that_of_each_direction(key: Any) -> None:
    x = np.linspace(0.1, 2.4, 24).reshape(2, 3, 4)

    def f(x):
        return np.sin(x)[key] * 2.0

    same(scale.plan(f, x, colouring="column")(x).matrix, dense_jacobian(f, (x,)))
    same(scale.plan(f, x, colouring="row")(x).matrix, dense_jacobian(f, (x,)))
    same(scale.sparse_hessian(lambda x: np.sum(f(x) ** 2) + np.sum(x[key] ** 3))(x), dense_hessian(lambda x: np.sum(f(x) ** 2) + np.sum(x[key] ** 3), (x,)))


def test_adjoints_of_two_inputs_are_two_arrays() -> None:
    """A sum hands one share to both operands; what is added to one of them in place must not reach the other."""

    def f(a, b):
        first = a[0]
        return np.sum(np.sin(a + b)) + first * first * first

    x = (np.array([0.5, 1.0, 2.0]), np.array([0.25, -1.0, 3.0]))
    for kind in OF_HESSIANS:
        same(scale.plan(f, *x, of="hessian", colouring=kind)(*x).matrix, dense_hessian(f, x))
    same(scale.plan(f, *x, colouring="row")(*x).matrix, dense_jacobian(f, x))


def test_a_hessian_is_exactly_symmetric() -> None:
    for seed in range(20):
        pattern = random_pattern(seed, symmetric=True)
        for kind in ("star", "acyclic"):
            c = colour(pattern, kind)
            noise = np.random.default_rng(seed).uniform(size=c.sweeps * pattern.shape[0])  # what no matrix would give
            H = np.zeros(pattern.shape)
            H[pattern.rows, pattern.columns] = recovery(c)(noise)
            assert np.array_equal(H, H.T)


def test_rosenbrock_takes_three_sweeps_however_long_it_is() -> None:
    for n in (5, 50, 2000):
        x = np.linspace(-1, 1, n)
        p = scale.plan(rosenbrock, x, of="hessian")
        found = p(x)
        assert found.sweeps == 3
        assert found.dense == n
        assert p.colouring.optimal
        assert scale.plan(rosenbrock, x, of="hessian", colouring="acyclic").colouring.sweeps == 2
        assert scale.plan(residuals, x)(x).sweeps == 2
        diagonal = np.append(1200 * x[:-1] ** 2 - 400 * x[1:] + 2, 0.0) + np.append(0.0, np.full(n - 1, 200.0))
        expected = sparse.diags_array([-400 * x[:-1], diagonal, -400 * x[:-1]], offsets=[-1, 0, 1])
        assert np.max(np.abs((found.matrix - expected).toarray())) < 1e-11 * 1600


def test_a_plan_serves_other_points_of_the_same_path() -> None:
    random = np.random.default_rng(0)
    p, q = scale.plan(rosenbrock, np.ones(8), of="hessian"), scale.plan(residuals, np.ones(8))
    for _ in range(5):
        x = random.normal(size=8)
        same(p(x).matrix, dense_hessian(rosenbrock, (x,)))
        same(q(x).matrix, dense_jacobian(residuals, (x,)))


def test_another_path_within_the_pattern_is_served_too() -> None:
    def f(x):
        y = x[1:] * x[:-1]
        return np.sum(y) if x[0] > 0 else np.sum(np.sin(y) + y) * 2.0

    p = scale.plan(f, -np.ones(5), of="hessian")
    assert p.pattern.nonzeros == 13
    for x in (np.linspace(1, 2, 5), np.linspace(-1, 2, 5), np.linspace(1, 2, 5)):
        same(p(x).matrix, dense_hessian(f, (x,)))


def test_a_pattern_that_changes_with_the_point_is_told() -> None:
    def f(x):
        return x[0] * x if x[0] > 0 else x * x

    p = scale.plan(f, -np.ones(3))
    with pytest.raises(scale.PatternError, match=r"another path.*Jacobian has 2 entries, such as \(1, 0\).*adviz.scale.plan\(f"):
        p(np.ones(3))
    with pytest.raises(scale.PatternError, match="Hessian has 4 entries"):
        scale.plan(lambda x: np.sum(f(x)), -np.ones(3), of="hessian")(np.ones(3))
    with pytest.raises(ValueError, match="another path"):
        p(np.ones(3))
    same(scale.sparse_jacobian(f)(np.ones(3)), dense_jacobian(f, (np.ones(3),)))
    replanned = scale.sparse_jacobian(f)
    for x in (-np.ones(3), np.ones(3), -np.ones(3)):
        same(replanned(x), dense_jacobian(f, (x,)))


CHANGING = [
    (lambda x: np.where(x > 0, x * x[::-1], 0.0), [-1.0, 2.0, 3.0], [1.0, -2.0, 3.0]),
    (lambda x: np.sort(x) * 2.0, [1.0, 2.0, 3.0], [3.0, 1.0, 2.0]),
    (lambda x: x[x > 1.5] ** 2, [1.0, 2.0, 3.0], [3.0, 1.0, 2.0]),
    (lambda x: adviz.value(x) * x, [0.0, 2.0, 3.0], [3.0, 1.0, 2.0]),
    (lambda x: x ** adviz.value(x[0]), [0.0, 2.0, 3.0], [2.0, 1.0, 2.0]),
    (lambda x: x[: int(adviz.value(x[0]))], [1.0, 2.0, 3.0], [2.0, 1.0, 2.0]),
]


@pytest.mark.parametrize("f, first, second", CHANGING)
def test_whatever_makes_the_pattern_change_is_seen(f: Callable[..., Any], first: list[float], second: list[float]) -> None:
    x, z = np.array(first), np.array(second)
    p = scale.plan(f, x)
    same(p(x).matrix, dense_jacobian(f, (x,)))
    with pytest.raises(scale.PatternError):
        p(z)
    both = scale.sparse_jacobian(f)
    for point in (x, z, x):
        same(both(point), dense_jacobian(f, (point,)))


def test_a_constant_that_changes_without_its_zeros_is_the_same_path() -> None:
    def f(x):
        return np.sum(adviz.value(x) * x * x)

    p = scale.plan(f, np.array([1.5, 2.0]), of="hessian")
    for x in (np.array([1.5, 2.0]), np.array([-3.0, 7.0])):
        same(p(x).matrix, np.diag(2 * x))


def test_what_an_operation_chooses_may_change_on_one_path() -> None:
    def f(x):
        return np.max(x) * x + np.min(x[1:]) ** 2

    p, q = scale.plan(f, np.array([1.0, 2.0, 3.0])), scale.plan(lambda x: np.sum(f(x)), np.array([1.0, 2.0, 3.0]), of="hessian")
    for x in ([3.0, 1.0, 2.0], [2.0, 3.0, 1.0]):
        same(p(np.array(x)).matrix, dense_jacobian(f, (np.array(x),)))
        same(q(np.array(x)).matrix, dense_hessian(lambda x: np.sum(f(x)), (np.array(x),)))


def path(f: Callable[..., Any], *x: Any) -> Path:
    return Path.of(Run(f, x).tape)


@pytest.mark.parametrize(
    "f, first, second, alike",
    [
        (lambda x: x * x + 2.0, 1.0, 5.0, True),
        (lambda x: x + 1 if x > 0 else x - 1, 1.0, -1.0, False),
        (lambda x: x * adviz.value(x), 2.0, 3.0, True),  # another constant
        (lambda x: x * adviz.value(x), 2.0, 0.0, False),  # a zero
        (lambda x: x ** adviz.value(x), 2.0, 1.0, False),  # a straight line
        (lambda x: (x * x) * (x if x > 0 else 0.0), 1.0, -1.0, False),  # v_0 and the constant 0.0
        (lambda x: x[adviz.value(x).argsort()], np.array([1.0, 2.0]), np.array([3.0, 4.0]), True),
        (lambda x: x[adviz.value(x).argsort()], np.array([1.0, 2.0]), np.array([2.0, 1.0]), False),
        (lambda x: x[np.array([0]) if x[0] > 0 else np.array([[0]])], np.array([1.0, 2.0]), np.array([-1.0, 2.0]), False),
        (lambda x: adviz.value(x) * x, np.array([1.0, 2.0]), np.array([1.0, 3.0]), True),
        (lambda x: adviz.value(x) * x, np.array([1.0, 2.0]), np.array([2.0, 1.0]), False),
        (lambda x: np.sum(x, axis=0 if x[0, 0] > 0 else 1), np.ones((2, 2)), -np.ones((2, 2)), False),
        (lambda x: (x, x * x) if x > 0 else (x * x, x), 1.0, -1.0, False),
    ],
)
def test_a_path_is_the_operations_and_the_zeros_and_ones_of_constants(f: Callable[..., Any], first: Any, second: Any, alike: bool) -> None:
    assert path(f, first).taken_by(Run(f, (second,)).tape) is alike
    assert path(f, second).taken_by(Run(f, (first,)).tape) is alike
    assert path(f, first).taken_by(Run(f, (first,)).tape)


def test_inputs_of_other_shapes_are_told() -> None:
    with pytest.raises(adviz.InputError, match=r"shapes \(3,\).*\(4,\)"):
        scale.plan(rosenbrock, np.ones(3), of="hessian")(np.ones(4))
    both = scale.sparse_hessian(rosenbrock)
    assert both(np.ones(3)).shape == (3, 3)
    assert both(np.ones(4)).shape == (4, 4)


UNDEFINED = [
    (lambda x: np.sqrt(x) * x[::-1], [0.0, 4.0, 1.0]),
    (lambda x: np.sqrt(x[1:] * x[:-1]), [0.0, 4.0, 1.0]),
    (lambda x: np.log(x) * 2.0, [-1.0, 2.0, 3.0]),
    (lambda x: np.where(x > 0, np.sqrt(x), 0.0) * x[::-1], [0.0, 4.0, 1.0]),
    (lambda x: np.fmax(np.log(x), 0.0) * x[0], [-1.0, 2.0, 3.0]),
    (lambda x: 1 / x, [0.0, 2.0, 3.0]),
]


@pytest.mark.parametrize("f, x", UNDEFINED)
def test_where_numbers_are_not_finite_the_entries_are_those_of_the_dense_sweeps(f: Callable[..., Any], x: list[float]) -> None:
    point = np.array(x)
    p = scale.plan(f, np.array([1.5, 2.5, 3.5]))
    found = p(point)
    assert found.sweeps == found.dense or np.isfinite(found.matrix.data).all()
    np.testing.assert_array_equal(found.matrix.toarray()[p.pattern.mask()], dense_jacobian(f, (point,))[p.pattern.mask()])
    y = scale.plan(lambda x: np.sum(f(x)), np.array([1.5, 2.5, 3.5]), of="hessian")
    with np.errstate(all="ignore"):
        H = dense_hessian(lambda x: np.sum(f(x)), (point,))
    np.testing.assert_array_equal(y(point).matrix.toarray()[y.pattern.mask()], H[y.pattern.mask()])


@pytest.mark.parametrize("dtype, stored", [(np.float32, np.float32), (np.float16, np.float32), (np.float64, np.float64)])
def test_the_matrix_has_the_precision_of_the_inputs(dtype: Any, stored: Any) -> None:
    x = np.array([0.5, -1.25, 2.0], dtype)
    J = scale.sparse_jacobian(lambda x: 2.0 * x[1:] * x[:-1])(x)
    H = scale.sparse_hessian(lambda x, s: s * np.sum(np.exp(x[1:]) * x[:-1]) + s * np.sum(x**2))(x, dtype(3))
    assert J.dtype == H.dtype == stored
    assert J.toarray().tolist() == [[-2.5, 1.0, 0.0], [0.0, 4.0, -2.5]]
    exact = dense_hessian(lambda x, s: s * np.sum(np.exp(x[1:]) * x[:-1]) + s * np.sum(x**2), (x.astype(float), 3.0))
    assert np.allclose(H.toarray(), exact, rtol=4 * float(np.finfo(dtype).eps), atol=8 * float(np.finfo(dtype).eps))


def test_a_plan_computes_in_the_precision_of_the_point_it_is_given() -> None:
    p, q = scale.plan(residuals, np.ones(4)), scale.plan(rosenbrock, np.ones(4, np.float32), of="hessian")
    x = np.linspace(0, 1, 4)
    assert p(x.astype(np.float32)).matrix.dtype == np.float32
    assert np.allclose(p(x.astype(np.float32)).matrix.toarray(), dense_jacobian(residuals, (x,)), rtol=1e-6)
    assert q(x).matrix.dtype == float
    same(q(x).matrix, dense_hessian(rosenbrock, (x,)))
    assert scale.sparse_jacobian(residuals)(x.astype(np.float32)).dtype == np.float32


def test_a_function_that_returns_more_at_another_point_needs_another_plan() -> None:
    p = scale.plan(lambda x: x[: 1 + int(adviz.value(x[0]))] ** 2, np.array([1.0, 2.0, 3.0]))
    with pytest.raises(scale.PatternError, match="returns 3 numbers at this point; the plan is for 2"):
        p(np.array([2.0, 2.0, 3.0]))


def test_importing_the_plans_does_not_import_scipy() -> None:
    script = "import sys, adviz.scale; adviz.scale.plan; assert 'scipy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_many_directions_are_swept_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(0.1, 1, 9)

    def full(x):
        return np.sum(np.outer(x, x**2) * np.arange(81.0).reshape(9, 9)) + np.sum(x) ** 3

    expected = {"hessian": dense_hessian(full, (x,)), "jacobian": dense_jacobian(lambda x: np.cumsum(x**2), (x,))}
    monkeypatch.setattr(plans, "ROOM", 700)
    for kind in OF_HESSIANS:
        p = scale.plan(full, x, of="hessian", colouring=kind)
        assert len(p._by_column.parts) > 1
        same(p(x).matrix, expected["hessian"])
    monkeypatch.setattr(plans, "ROOM", 100)
    for kind in OF_JACOBIANS:
        same(scale.plan(lambda x: np.cumsum(x**2), x, colouring=kind)(x).matrix, expected["jacobian"])


def test_a_result_is_a_scipy_array_that_may_be_changed() -> None:
    p = scale.plan(rosenbrock, np.ones(4), of="hessian")
    first = p(np.ones(4)).matrix
    assert isinstance(first, sparse.csr_array)
    assert first.has_canonical_format
    expected = first.toarray()
    first.data[:] = 0.0
    first.eliminate_zeros()
    first.indices[:] = 0
    second = p(np.ones(4)).matrix
    assert np.array_equal(second.toarray(), expected)
    assert second.nnz == p.pattern.nonzeros
    assert np.allclose(sparse.linalg.spsolve(second.tocsc(), second @ np.arange(4.0)), np.arange(4.0))


def test_without_scipy_the_entries_come_with_their_coordinates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    J = scale.sparse_jacobian(residuals)(np.ones(4))
    assert isinstance(J, scale.Coordinates)
    same(J, dense_jacobian(residuals, (np.ones(4),)))
    assert J.rows.tolist() == sorted(J.rows.tolist())


def test_the_result_tells_how_it_was_computed() -> None:
    found = scale.plan(residuals, np.ones(4))(np.ones(4))
    assert str(found) == (
        "Jacobian of residuals: 6 by 4, 9 entries, computed in 2 sweeps instead of 4 sweeps\n"
        "column colouring: 2 sweeps for 4 columns (at least 2)\n"
        "0 1 · ·\n· 1 0 ·\n· · 0 1\n0 · · ·\n· 1 · ·\n· · 0 ·"
    )
    assert found.colours.tolist() == [0, 1, 0, 1]
    assert found.colouring.seed.tolist() == [[1, 0], [0, 1], [1, 0], [0, 1]]
    both = scale.plan(lambda x: np.concatenate([np.reshape(np.sum(x), (1,)), x[1:] * x[0]]), np.ones(9))(np.ones(9))
    assert (both.colouring.kind, both.colouring.forward, both.colouring.reverse) == ("bidirectional", 2, 1)


@pytest.mark.parametrize(
    "f, x, shape",
    [
        (lambda x: 3.0, (2.0,), (1, 1)), (lambda x, y: (x, y, x), (2.0, 3.0), (3, 2)), (lambda x: x, (np.ones(3),), (3, 3)), (lambda x: x * 2, (np.zeros(0),), (0, 0)),
        (lambda x: np.zeros(2), (np.ones(3),), (2, 3)), (lambda *x: x[0] * x[2], (1.0, 2.0, 3.0), (1, 3)), (lambda x: (x, np.sum(x), 1.0), (np.ones((2, 2)),), (6, 4)),
    ],
)  # fmt: skip
def test_constant_repeated_unused_and_empty_outputs(f: Callable[..., Any], x: tuple[Any, ...], shape: tuple[int, int]) -> None:
    J = scale.sparse_jacobian(f)(*x)
    assert J.shape == shape
    if np.prod(shape):
        same(J, dense_jacobian(f, x))


def test_a_hessian_is_that_of_one_number() -> None:
    for f, what in ((residuals, r"array of shape \(4,\)"), (lambda x: (x[0], x[1]), "tuple of 2")):
        with pytest.raises(adviz.OutputError, match=what):
            scale.sparse_hessian(f)(np.ones(3))
        with pytest.raises(adviz.OutputError, match="one number"):
            scale.plan(f, np.ones(3), of="hessian")
        with pytest.raises(adviz.OutputError):
            hessian_pattern(f, np.ones(3))


@pytest.mark.parametrize("x", [np.ones(3, complex), np.array(["a", "b"]), np.array([1, None], object), 1j, None])
def test_what_is_no_real_number_is_refused(x: Any) -> None:
    for operator in (scale.sparse_jacobian(rosenbrock), scale.sparse_hessian(rosenbrock), lambda x: scale.plan(rosenbrock, x)):
        with pytest.raises(adviz.InputError):
            operator(x)


def test_options_that_there_are_not_are_told_with_those_there_are() -> None:
    for call, message in (
        (lambda: scale.plan(rosenbrock, np.ones(3), of="gradient"), "jacobian"),
        (lambda: scale.plan(rosenbrock, np.ones(3), colouring="star"), '"bidirectional"'),
        (lambda: scale.sparse_hessian(rosenbrock, colouring="row"), '"acyclic"'),
        (lambda: scale.sparse_jacobian(rosenbrock, order="fast"), "smallest-last"),
    ):
        with pytest.raises(adviz.InputError, match=message):
            call()


def test_inside_another_derivative_a_sparse_matrix_is_refused() -> None:
    with pytest.raises(adviz.UnsupportedError, match="inside another derivative"):
        adviz.gradient(lambda x: scale.sparse_jacobian(residuals)(x).sum())(np.ones(3))


def test_an_exception_of_the_function_passes_through() -> None:
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        scale.sparse_jacobian(f)(np.ones(3))
