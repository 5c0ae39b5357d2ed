"""What a derivative costs: the counts are those of the sweeps themselves, what is not needed can be deleted, products are bracketed best."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import Accumulate, Contribute, Ref, scale
from adviz.errors import UnsupportedError
from adviz.linear import rule
from adviz.methods.counting import automatic_operations
from adviz.recording import general
from adviz.scale import Advance, binomial, cost, matrix_chain, needed
from adviz.scale.work import work
from adviz.table import Elementwise
from tests.test_sweeps import ZOO

M = np.array([[2.0, 0.3, -0.1], [0.4, 1.5, 0.2], [0.1, -0.3, 1.2]])
V = np.array([0.4, -0.7, 1.3])


def network(x: Any, w: Any, b: Any) -> Any:
    h = np.tanh(w @ x + b)
    return np.sum((w @ h - 1.0) ** 2) + np.mean(h)


def shapes(x: Any, w: Any) -> Any:
    a = np.concatenate([np.reshape(w, (9,)), x[1:] * 2.0])
    b = np.transpose(np.stack([a[:4], a[4:8]])) @ np.stack([x[0], x[2]])
    return np.sum(np.where(b > 0, b, 0.1 * b)) + np.cumsum(np.flip(np.roll(x, 1)))[1]


def reduced(x: Any, w: Any) -> Any:
    return np.max(w) * np.prod(x) + np.linalg.norm(w[0]) + np.var(x) * np.std(w) + np.min(x, axis=0)


def solved(x: Any, w: Any) -> Any:
    return np.sum(np.linalg.solve(w, x)) + np.trace(np.linalg.inv(w)) * np.linalg.det(w) + np.sum(np.einsum("ij,jk,k->i", w, w, x) * x)


def broadcast(x: Any, w: Any) -> Any:
    return np.sum(np.exp(w * x) / (1.0 + x[:, None]) + np.hypot(w, 2.0)) + np.sum(np.diff(x) ** 2) + np.dot(x, x) + np.sum(np.outer(x, x))


def dead_code(x: Any, w: Any) -> Any:
    np.exp(w) @ x
    return np.sum(x * x)


ARRAYS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "network": (network, (V, M, V * 0.5)), "shapes": (shapes, (V, M)), "reduced": (reduced, (V, M)), "solved": (solved, (V, M)), "broadcast": (broadcast, (V, M)),
    "dead code": (dead_code, (V, M)), "several outputs": (lambda x, w: (w @ x, np.sum(x), x[0] * 2.0), (V, M)), "an output that is an input": (lambda x, w: (x, np.sum(w * w)), (V, M)),
    "a checkpointed part": (lambda x, w: np.sum(scale.checkpoint(lambda x, w: np.tanh(w @ x))(x, w) * x), (V, M)),
}  # fmt: skip
everything = pytest.mark.parametrize("f, point", [*ZOO.values(), *ARRAYS.values()], ids=[*ZOO, *ARRAYS])
numbers = pytest.mark.parametrize("f, point", list(ZOO.values()), ids=list(ZOO))


def logistic(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x

    return f


# operations
def test_the_logistic_map_takes_8n_minus_7_operations() -> None:
    for n in range(2, 12):
        assert cost(logistic(n), 0.2)["reverse"].operations == 8 * n - 7
        assert cost(logistic(n), 0.2)["values"].operations == 3 * (n - 1)


def unit(k: int, n: int) -> tuple[float, ...]:
    return tuple(float(i == k) for i in range(n))


def counted_reverse(t: Any) -> tuple[int, int]:
    """Multiplications and additions of one sweep for each output, counted from the steps that the sweeps tell."""
    multiplications = additions = 0
    for k in range(len(t.outputs)):
        arrived = {t.outputs[k]}
        for step in adviz.reverse_sweep(t, unit(k, len(t.outputs))):
            match step:
                case Contribute():
                    multiplications += 1
                case Accumulate(j, _):
                    additions += j in arrived
                    arrived.add(j)
    return multiplications, additions


def counted_forward(t: Any) -> tuple[int, int]:
    """Multiplications and additions of one sweep for each input, edge by edge."""
    multiplications = additions = 0
    for x in t.inputs:
        moving = {x}
        for a in t.assignments:
            terms = sum(j in moving for _, j in a.active)
            multiplications += terms
            additions += max(terms - 1, 0)
            if terms:
                moving.add(a.index)
    return multiplications, additions


@numbers
def test_operations_are_those_that_the_sweeps_do(f: Any, point: Any) -> None:
    t = adviz.trace(f, *point)
    c = cost(t)
    assert (c["reverse"].multiplications, c["reverse"].additions) == counted_reverse(t)
    assert (c["forward"].multiplications, c["forward"].additions) == counted_forward(t)
    assert c["forward"].sweeps == len(t.inputs) == c.inputs
    assert c["reverse"].sweeps == len(t.outputs) == c.outputs
    assert c["values"].operations == sum(a.row is not None for a in t.assignments)


@numbers
def test_reverse_mode_s_operations_are_those_that_expression_swell_is_compared_with(f: Any, point: Any) -> None:
    t = adviz.trace(f, *point)
    if len(t.outputs) == 1 and not any(np.ndim(a.value) for a in t.assignments):
        try:
            expected = automatic_operations(t)
        except UnsupportedError:  # floor and its like have no closed form
            return
        assert cost(t)["reverse"].operations == expected


def test_operations_on_arrays_count_their_entries() -> None:
    x, w, b = np.ones(4), np.ones((3, 4)), np.ones(3)
    c = cost(lambda x, w, b: np.sum(np.tanh(w @ x + b)), x, w, b)
    # 12 products and 9 sums, 3 sums, 3 tanh, 3 entries summed; the slope of tanh is sech · sech
    assert c["values"].operations == 21 + 3 + 3 + 3
    assert c["reverse"].partials == 3 * 3
    assert c["reverse"].multiplications == 0 + 3 + (3 + 3) + (21 + 21)
    assert (c.inputs, c.outputs, c["forward"].sweeps) == (19, 1, 19)
    assert c["forward"].values == 19 * 30
    assert c["together"].values == 30


@pytest.mark.parametrize(
    "f, operations",
    [
        (lambda a, v: a @ v, 9 + 6), (lambda a, v: a @ a, 27 + 18), (lambda a, v: v @ v, 3 + 2), (lambda a, v: np.dot(a, v), 15), (lambda a, v: np.outer(v, v), 9),
        (lambda a, v: np.einsum("ij,jk->ik", a, a), 45), (lambda a, v: np.einsum("i,i->", v, v), 5), (lambda a, v: np.tensordot(a, a, 1), 45), (lambda a, v: np.tensordot(a, a, 2), 17),
        (lambda a, v: np.sum(a), 9), (lambda a, v: np.reshape(a, (9,)), 0), (lambda a, v: a[1] + v, 3), (lambda a, v: np.sin(a) * 2.0, 18), (lambda a, v: a * v, 9),
        (lambda a, v: np.stack([a, a]) @ a, 90),
    ],
)  # fmt: skip
def test_the_operations_of_array_operations(f: Any, operations: int) -> None:
    assert cost(f, M, V)["values"].operations == operations


# memory
def held_by_reverse(t: Any) -> int:
    """The most numbers at a time, from what each moment still asks for."""
    size = {j: np.size(t.value_of(j)) for j in (*t.inputs, *(a.index for a in t.assignments))}
    lines = len(t.assignments)
    reads = {s.index: s.readers for s in needed(t).values}
    used = {a.index: {u.index for u in a.operands if isinstance(u, Ref)} for a in t.assignments}
    most = 0
    for i in range(1, lines + 1):  # the run
        values = {j for j in size if j <= i and (j in reads or j == i or j in t.outputs or any(j in used[later] for later in range(i, lines + 1)))}
        most = max(most, sum(size[j] for j in values))
    arrived = set(t.outputs)
    for a in reversed(t.assignments):
        before = arrived | ({j for _, j in a.active} if a.index in arrived else set())
        values = {j for j, readers in reads.items() if readers[0] <= a.index}
        most = max(most, sum(size[j] for j in values) + sum(size[j] for j in before))
        arrived = before - {a.index}
    return most


@everything
def test_memory_of_reverse_mode_is_what_each_moment_asks_for(f: Any, point: Any) -> None:
    t = adviz.trace(f, *point)
    if t.assignments:
        assert cost(t)["reverse"].held == held_by_reverse(t)


def test_memory_of_a_chain() -> None:
    def chain(n: int) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = np.sin(x)
            return x

        return f

    c = cost(chain(64), 0.3, snapshots=6)
    assert c["values"].held == 2  # a line and its operand
    assert c["forward"].held == 4
    assert c["reverse"].held == 66  # every operand of a sine; at the end of the run the result, in the sweep two adjoints
    assert c["checkpointed"].held == 6 + 3  # the snapshots; the state at hand and its next, and an adjoint
    assert c["checkpointed"].values == 64 + scale.minimal_steps(64, 6)
    assert c.smallest.name == "forward, one direction at a time"
    assert cost(chain(64), np.ones(10), snapshots=6)["checkpointed"].held == 7 * 10 + 2 * 10 * 10  # ten adjoints at a time, of ten numbers


def test_what_snapshots_have_in_common_is_held_once() -> None:
    def f(x: Any, w: Any) -> Any:
        for _ in range(8):
            x = np.tanh(w @ x)
        return np.sum(x)

    n = 20
    c = cost(f, np.ones(n), np.ones((n, n)), snapshots=4)
    assert c["checkpointed"].held < n * n + n * n + 10 * n  # the matrix once, its adjoint once
    assert c["reverse"].held > n * n + n * n + 16 * n


@everything
def test_the_checkpointed_way_runs_again_what_the_schedule_says(f: Any, point: Any) -> None:
    t = adviz.trace(f, *point)
    lines = len(t.assignments)
    for s in (1, 2, 5):
        c = cost(t, snapshots=s)
        once, again = c["reverse"], c["checkpointed"]
        assert (again.sweeps, again.partials, again.multiplications, again.additions) == (once.sweeps, once.partials, once.multiplications, once.additions)
        runs = [1] * lines
        for action in binomial(lines, s):
            if isinstance(action, Advance):
                for i in range(action.start, action.stop):
                    runs[i] += 1
        assert again.values == sum(r * work(a, t).value for r, a in zip(runs, t.assignments))


@everything
def test_no_way_takes_more_operations_than_predicted(f: Any, point: Any) -> None:
    c = cost(f, *point, colours=2)
    for kind in ("values", "forward", "together", "reverse", "coloured"):
        assert c[kind].operations <= c[kind].predicted
    assert c["checkpointed"].predicted >= c["reverse"].predicted
    assert c["values"].predicted == c["values"].operations
    assert c["coloured"].predicted == c["coloured"].operations


@pytest.mark.parametrize("length, snapshots", [(10, 3), (100, 5), (7, 7)])
def test_of_a_chain_whose_lines_are_alike_theory_predicts_every_count(length: int, snapshots: int) -> None:
    def chain(x: Any) -> Any:
        for _ in range(length):
            x = np.sin(x)
        return x

    for way in cost(chain, 0.5, snapshots=snapshots).ways:
        assert way.operations == way.predicted


def test_sweeps_that_miss_edges_are_counted_below_their_prediction() -> None:
    c = cost(lambda x, y: (x * x, y * y), 2.0, 3.0)
    assert (c["forward"].operations, c["forward"].predicted) == (2 * 2 + 2 + 2 * 2 + 2, 2 * 2 + 2 + 2 * 4 + 4)


# the table
def test_the_table_says_which_way_is_cheapest_and_why() -> None:
    many = cost(lambda x: np.sum(x * x), np.ones(100))
    assert many.cheapest.name == many.smallest.name == "reverse"
    assert "forward mode takes one for each input (100)" in many.why
    few = cost(lambda x: [x * k for k in range(5)], 2.0)
    assert few.cheapest.name == "forward, one direction at a time"
    assert "reverse mode takes one for each output (5)" in few.why
    assert "Least memory: reverse" in few.why
    banded = cost(lambda x: x[1:] * x[:-1], np.ones(50), colours=2)
    assert banded.cheapest.name == "coloured, 2 compressed sweeps"
    assert not banded.cheapest.exact
    assert "≤ " in str(banded)
    for c in (many, few, banded):
        assert c.why in str(c) == repr(c)
        assert len(str(c).splitlines()) == len(c.ways) + 6  # title, heading, sentence, and lines between
        assert c._repr_html_().count("<tr>") == len(c.ways) + 1


def test_names_in_the_table_are_escaped() -> None:
    def f(x: Any) -> Any:
        return x * x

    f.__name__ = "<b>"
    for shown in (cost(f, 2.0)._repr_html_(), needed(f, 2.0)._repr_html_()):
        assert "<b>" not in shown
        assert "&lt;b&gt;" in shown
    assert "<i>" not in matrix_chain((1, 2), (2, 3), names=("<i>", "B"))._repr_html_()


def test_a_colouring_brings_its_own_number_of_sweeps() -> None:
    class Both:
        forward, reverse = 2, 3

    def f(x: Any) -> Any:
        return x[1:] * x[:-1]

    c = cost(f, np.ones(30), colours=Both())
    assert c["coloured"].sweeps == 5
    # a sweep along every edge, forward twice and back three times: 2 · 29 multiplications; 29 sums of two, and 30 where two shares meet in x
    assert c["coloured"].multiplications == 5 * 58
    assert c["coloured"].additions == 2 * 29 + 3 * 30
    one = cost(f, np.ones(30), colours=30)["coloured"]
    assert one.operations >= cost(f, np.ones(30))["forward"].operations


@pytest.mark.parametrize("colours", ["two", 2.5, -1, True, object()])
def test_colours_that_are_none_are_refused(colours: Any) -> None:
    with pytest.raises(adviz.InputError, match="colours"):
        cost(lambda x: x * x, 2.0, colours=colours)


def test_bad_arguments_are_refused_in_words() -> None:
    with pytest.raises(adviz.BudgetError, match="snapshots=0"):
        cost(lambda x: x * x, 2.0, snapshots=0)
    with pytest.raises(adviz.InputError):
        cost(lambda x: x * x, "2.0")
    with pytest.raises(adviz.InputError, match="point already"):
        cost(adviz.trace(lambda x: x * x, 2.0), 3.0)
    with pytest.raises(adviz.OutputError):
        needed(lambda x: None, 2.0)


def test_a_function_without_lines_costs_nothing() -> None:
    c = cost(lambda x, y: (y, x), 2.0, 3.0)
    assert [way.operations - way.sweeps for way in c.ways] == [0] * 5
    assert needed(lambda x: x, 2.0).values == ()


# what a reverse sweep reads
def weights(u: Any) -> Any:
    return np.reshape(np.cos(np.arange(np.size(u)) + 0.3), np.shape(u))[()]


def swept_from(t: Any, values: dict[int, Any]) -> list[Any]:
    """A reverse sweep that computes every partial when its turn comes, from these values and from nothing else."""
    adjoint: dict[int, Any] = {}
    for i in t.outputs:
        adjoint[i] = adjoint.get(i, 0.0) + weights(t.value_of(i))
    for a in reversed(t.assignments):
        if a.index in adjoint:
            u = [values[o.index] if isinstance(o, Ref) else o.value for o in a.operands]
            for k, j in a.active:
                if not isinstance(a.row, Elementwise):
                    share = a.row.adjoint(k, adjoint[a.index], values[a.index], *u, **a.parameters)
                elif a.maps:
                    share = rule(a.row.name).adjoint(k, adjoint[a.index], values[a.index], *u)
                else:
                    share = adjoint[a.index] * general(a.row.name)[f"partial_{k}"](*u, values[a.index])
                adjoint[j] = adjoint[j] + share if j in adjoint else share
    return [adjoint.get(i) for i in t.inputs]


def nothing(x: Any) -> Any:
    return np.full(np.shape(x), np.nan)[()] if np.ndim(x) else float("nan")


def same(a: list[Any], b: list[Any]) -> bool:
    return all((u is None and v is None) or (u is not None and v is not None and np.array_equal(u, v, equal_nan=True)) for u, v in zip(a, b, strict=True))


@everything
def test_deleting_what_is_not_needed_changes_no_adjoint(f: Any, point: Any) -> None:
    t = adviz.trace(f, *point)
    values = {j: t.value_of(j) for j in (*t.inputs, *(a.index for a in t.assignments))}
    kept = {s.index for s in needed(t).values}
    deleted = {j: x if j in kept or any(a.index == j and a.row is not None and a.row.name == "checkpoint" for a in t.assignments) else nothing(x) for j, x in values.items()}
    with np.errstate(all="ignore"):
        assert same(swept_from(t, deleted), swept_from(t, values))


@pytest.mark.parametrize("name", ["running", "fan out", "loop", "calls", "network", "shapes", "reduced", "solved", "broadcast"])
def test_deleting_anything_that_is_needed_changes_an_adjoint(name: str) -> None:
    f, point = {**ZOO, **ARRAYS}[name]
    t = adviz.trace(f, *point)
    values = {j: t.value_of(j) for j in (*t.inputs, *(a.index for a in t.assignments))}
    with np.errstate(all="ignore"):
        full = swept_from(t, values)
        for s in needed(t).values:
            with suppress(np.linalg.LinAlgError):  # it is needed so much that there is nothing without it
                assert not same(swept_from(t, values | {s.index: nothing(values[s.index])}), full), s


@everything
def test_what_is_needed_shrinks_to_nothing_as_the_sweep_goes_on(f: Any, point: Any) -> None:
    t = adviz.trace(f, *point)
    n = needed(t)
    lines = len(t.assignments)
    assert list(n.held) == [len(n.at(i)) for i in range(lines, -1, -1)]
    assert n.held[0] == n.peak == len(n.values)
    assert n.held[-1] == 0
    for s in n.values:
        assert list(s.readers) == sorted(set(s.readers))
        assert all(i >= s.index for i in s.readers)
        assert s.entries == np.size(t.value_of(s.index))
    assert n.peak_entries == sum(s.entries for s in n.values) <= sum(n.sizes)


def test_a_product_needs_its_factors_a_sine_its_operand_an_exponential_its_value_a_sum_nothing() -> None:
    def readers(f: Any, *point: Any) -> dict[int, tuple[int, ...]]:
        return {s.index: s.readers for s in needed(f, *point).values}

    assert readers(lambda x, y: x * y, 2.0, 3.0) == {-1: (1,), 0: (1,)}
    assert readers(lambda x: np.sin(x), 2.0) == {0: (1,)}
    assert readers(lambda x: np.exp(x), 2.0) == {1: (1,)}
    assert readers(lambda x, y: x + y - 2.0, 2.0, 3.0) == {}
    assert readers(lambda x: 3.0 * x, 2.0) == {}
    assert readers(lambda x, y: x / y, 2.0, 3.0) == {0: (1,), 1: (1,)}
    assert readers(lambda x: (x * x, 1.0)[1] + 0.0 * x, 2.0) == {}  # x * x is no longer on the way to the output
    assert readers(lambda a: np.sum(np.mean(np.reshape(a, (9,)) + 1.0)), M) == {}
    assert readers(lambda a: np.sum(a @ V), M) == {}
    assert readers(lambda v: np.sum(M @ v), V) == {}
    assert readers(lambda a, v: np.sum(a @ v), M, V) == {-1: (1,), 0: (1,)}
    assert readers(lambda a: np.max(a), M) == {0: (1,), 1: (1,)}


def test_the_textbook_s_example_needs_its_two_inputs() -> None:
    n = needed(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), 2.0, 5.0)
    assert (n.peak, len(n.sizes), n.held) == (2, 7, (2, 2, 2, 2, 1, 0))
    assert "2 of its 7 values" in str(n)


def test_a_long_table_of_needed_values_is_cut_with_a_count() -> None:
    n = needed(logistic(200), 0.2)
    assert len(str(n).splitlines()) < 50
    assert f"{n.peak - 40} more values" in str(n)


def test_long_traces_are_counted_without_recursion_in_a_moment() -> None:
    c = cost(logistic(4000), 0.2, snapshots=12)
    assert c["reverse"].operations == 8 * 4000 - 7
    assert c["checkpointed"].held < 12 * 2 + 12
    assert c["reverse"].held > 8000


# products of Jacobians
def orders(i: int, j: int) -> Iterator[Any]:
    """Every way to bracket the matrices i to j."""
    if i == j:
        yield i
    for k in range(i, j):
        yield from itertools.product(orders(i, k), orders(k + 1, j))


def taken(order: Any, shapes: list[tuple[int, int]]) -> tuple[int, tuple[int, int]]:
    """Multiplications, counted product by product."""
    if isinstance(order, int):
        return 0, shapes[order]
    (a, (m, q)), (b, (_, n)) = (taken(part, shapes) for part in order)
    return a + b + m * q * n, (m, n)


def test_no_other_order_takes_fewer_multiplications() -> None:
    draw = random.Random(7)
    for _ in range(150):
        sizes = [draw.randint(1, 30) for _ in range(draw.randint(2, 7))]
        shapes = list(itertools.pairwise(sizes))
        chain = matrix_chain(*shapes)
        counts = [taken(order, shapes)[0] for order in orders(0, len(shapes) - 1)]
        assert chain.best.multiplications == min(counts) == taken(chain.best.order, shapes)[0]
        assert chain.forward.multiplications == taken(chain.forward.order, shapes)[0] <= max(counts)
        assert chain.reverse.multiplications == taken(chain.reverse.order, shapes)[0] <= max(counts)


def test_the_lessons_products() -> None:
    small = matrix_chain((1, 3), (3, 3), (3, 4))
    assert (small.forward.multiplications, small.reverse.multiplications, small.best.multiplications) == (48, 21, 21)
    large = matrix_chain((1, 100), (100, 100), (100, 100))
    assert (large.forward.multiplications, large.reverse.multiplications) == (1_010_000, 20_000)
    assert (small.best.text, small.forward.text, small.reverse.text) == ("(J₃ J₂) J₁", "J₃ (J₂ J₁)", "(J₃ J₂) J₁")


def test_the_best_order_may_be_neither_forward_nor_reverse() -> None:
    chain = matrix_chain((10, 100), (100, 5), (5, 50), (50, 1), names="ABCD")
    assert chain.best.text == "A (B (C D))"
    waist = matrix_chain((20, 1), (1, 20), (20, 20), (20, 1), (1, 30), names="ABCDE")
    assert waist.best.multiplications < min(waist.forward.multiplications, waist.reverse.multiplications)
    assert matrix_chain((3, 4)).best == ((0), "J₁", 0)


def test_a_long_chain_needs_no_recursion() -> None:
    chain = matrix_chain(*[(2, 2)] * 300)
    assert chain.best.multiplications == chain.forward.multiplications == chain.reverse.multiplications == 299 * 8


@pytest.mark.parametrize(
    "shapes, words",
    [((), "1 to 300"), (((2, 3), (4, 5)), "3 columns"), (((2, 3), 4), "shape"), (((2, 0),), "shape"), (((2, 3, 4),), "shape"), (((2.0, 3),), "shape"), (("ab",), "shape")],
)
def test_shapes_that_do_not_fit_are_refused(shapes: Any, words: str) -> None:
    with pytest.raises(adviz.InputError, match=words):
        matrix_chain(*shapes)
    with pytest.raises(adviz.InputError, match="names"):
        matrix_chain((2, 3), (3, 4), names="ABC")


def test_every_public_name_has_an_example() -> None:
    assert [name for name in scale.LATER if ">>>" not in (getattr(scale, name).__doc__ or "")] == []


# higher derivatives
HIGHER: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "a product with a sine": (lambda x: x * np.sin(x), 1.0, None),
    "a cube": (lambda x: x * x * x, 2.0, None),
    "a power": (lambda x: x**2.5, 2.0, None),
    "a quotient": (lambda x: np.exp(x) / (1 + x * x), 0.5, None),
    "arrays": (lambda x: np.sum(np.sin(M @ x) * x), V, np.array([1.0, -1.0, 0.5])),
    "a structure": (lambda p: p["a"] * np.tanh(p["b"]), {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": -1.0}),
}
every_higher = pytest.mark.parametrize("f, x, direction", list(HIGHER.values()), ids=list(HIGHER))


@every_higher
def test_series_and_nesting_have_the_same_derivatives_and_series_take_fewer_operations(f: Any, x: Any, direction: Any) -> None:
    found = scale.taylor_cost(f, x, 6, direction=direction)
    assert found.order == 6
    assert all(d is not None and d < 1e-11 for d in found.difference)
    assert all(n is not None and s < n for s, n in zip(found.series[4:], found.nested[4:], strict=True))


def test_a_product_of_series_is_counted_as_theory_has_it() -> None:
    """u v with two series that never end: in order k (k + 1)(k + 2)/2 products and k (k + 1)/2 sums, less where a coefficient is 1 or is not there."""
    both = scale.taylor_cost(lambda x: np.exp(x) * np.exp(2 * x), 0.5, 9).series
    apart = scale.taylor_cost(lambda x: np.exp(x) + np.exp(2 * x), 0.5, 9).series
    extra = [b - a for a, b in zip(apart, both, strict=True)]  # a product's operations in the place of a sum's
    assert extra == [(k + 1) * (k + 2) // 2 + k * (k + 1) // 2 - (k + 1) for k in range(10)]


def test_the_work_of_series_is_a_square_of_the_order_and_that_of_nesting_a_power() -> None:
    def chain(x: Any) -> Any:
        for _ in range(3):
            x = np.tanh(x) * np.sin(x)
        return x

    found = scale.taylor_cost(chain, 1.6, 20)
    second = np.diff(found.series[2:], 2)
    assert len(set(second)) == 1  # a polynomial of degree 2, exactly
    nested = [n for n in found.nested if n is not None]
    assert 5 <= len(nested) < 12
    assert all(after > 2.5 * before for before, after in itertools.pairwise(nested[1:]))
    assert found.nested[-1] is found.difference[-1] is None
    assert "too many" in str(found)


def test_the_table_of_higher_derivatives_is_text_and_html() -> None:
    found = scale.taylor_cost(lambda x: x * np.sin(x), 1.0, 2)
    assert str(found).splitlines()[-1].split()[:4] == ["2", "20", "23", "1.15"]
    assert found._repr_html_().count("<tr>") == 4
    found = scale.HigherCost("<b>f</b>", (1,), (1,), (0.0,))
    assert "<b>" not in found._repr_html_()


def test_what_has_no_higher_derivatives_to_count_is_refused_in_words() -> None:
    with pytest.raises(adviz.OutputError, match="structure"):
        scale.taylor_cost(lambda x: (x, x), 1.0, 2)
    with pytest.raises(adviz.InputError):
        scale.taylor_cost(lambda x: x, 1.0, -1)
    with pytest.raises(adviz.InputError, match="direction"):
        scale.taylor_cost(np.sum, np.ones(2), 2)
