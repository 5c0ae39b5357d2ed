"""The laws of the array operations: every row at every shape that NumPy takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import adviz
from adviz.linear import Linear, shaped
from adviz.shapes import scatter, take
from adviz.structural import Structural, unbroadcast
from adviz.table import table

A, B, C = (np.array(v) for v in ([0.3, -1.2, 2.5], [1.7, 0.4, -0.6], [[0.5, -1.5, 2.0], [1.1, 0.7, -0.9]]))
M = np.array([[2.0, 0.3, -0.5], [0.4, 1.5, 0.2], [-0.1, 0.6, 3.0]])
S = M @ M.T + np.eye(3)
T = np.linspace(-1.3, 2.1, 24).reshape(2, 3, 4) ** 2 + 0.1
BATCH = np.stack([M, M + 0.5 * np.eye(3)])


class Sample(NamedTuple):
    """A call of an array function and the arrays it is called with."""

    row: str
    call: str
    function: Callable[..., Any]
    operands: tuple[Any, ...]


def sample(row: str, call: str, *operands: Any) -> Sample:
    names = ["a", "b", "c"][: len(operands)]
    return Sample(row, call, eval(f"lambda {', '.join(names)}: {call}", {"np": np, "take": take, "scatter": scatter}), operands)  # noqa: S307  the texts below


# fmt: off
SAMPLES = [
    *(sample(name, f"np.{name}(a{options})", C) for name in ("sum", "mean", "prod", "max", "min", "var", "std") for options in ("", ", axis=0", ", axis=-1", ", axis=1, keepdims=True", ", axis=(0, 1)")),
    *(sample(name, f"np.{name}(a)", A) for name in ("sum", "mean", "prod", "max", "min", "var", "std", "cumsum")),
    *(sample(name, f"np.{name}(a, axis=(0, 2))", T) for name in ("sum", "mean", "prod", "max", "min", "var", "std")),
    sample("prod", "np.prod(a)", np.array([2.0, 0.0, 3.0])), sample("prod", "np.prod(a, axis=0)", np.array([[2.0, 0.0], [0.0, 0.0], [3.0, 5.0]])),
    sample("var", "np.var(a, ddof=1)", A), sample("std", "a.std(axis=0, ddof=1)", C),
    sample("norm", "np.linalg.norm(a)", A), sample("norm", "np.linalg.norm(a)", C), sample("norm", "np.linalg.norm(a, axis=1)", C),
    sample("norm", "np.linalg.norm(a, axis=0, keepdims=True)", C), sample("norm", "np.linalg.norm(a, 2, axis=-1)", T),
    sample("cumsum", "np.cumsum(a, axis=1)", C), sample("cumsum", "a.cumsum()", C),
    sample("diff", "np.diff(a)", A), sample("diff", "np.diff(a, n=2)", A), sample("diff", "np.diff(a, axis=0)", C),
    sample("reshape", "np.reshape(a, (3, 2))", C), sample("reshape", "a.reshape(-1)", C), sample("reshape", "a.ravel()", T),
    sample("transpose", "a.T", C), sample("transpose", "np.transpose(a, (1, 2, 0))", T), sample("transpose", "np.swapaxes(a, 0, -1)", T), sample("transpose", "np.moveaxis(a, 0, 2)", T),
    sample("expand_dims", "np.expand_dims(a, 1)", A), sample("squeeze", "np.squeeze(a, 0)", C[:1]), sample("squeeze", "np.squeeze(a)", C[:1]),
    sample("flip", "np.flip(a)", C), sample("flip", "np.flip(a, 1)", C), sample("roll", "np.roll(a, 1)", C), sample("roll", "np.roll(a, -1, axis=1)", C),
    sample("roll", "np.roll(a, (1, 1), axis=(0, 1))", C),
    sample("broadcast_to", "np.broadcast_to(a, (2, 3))", A), sample("broadcast_to", "np.broadcast_to(a, (2, 3))", C[:, :1]),
    sample("concatenate", "np.concatenate([a, b])", A, B), sample("concatenate", "np.concatenate((a, b, a), axis=1)", C, C[:, :1]),
    sample("concatenate", "np.concatenate([a, b], axis=None)", C, A), sample("concatenate", "np.hstack([a, b])", C, C), sample("concatenate", "np.vstack([a, b])", A, C),
    sample("concatenate", "np.hstack([a, b, 1.0])", A, B), sample("concatenate", "np.column_stack([a, b])", A, B), sample("concatenate", "np.append(a, b)", A, C),
    sample("stack", "np.stack([a, b])", A, B), sample("stack", "np.stack([a, b], axis=-1)", C, C), sample("stack", "np.stack([a[0], b[1], 2.0])", A, B),
    sample("where", "np.where(a > 0, a, b)", A, B), sample("where", "np.where(a > 0.6, b, a * a)", C, A), sample("where", "np.where(a > 0, a, 0.0)", A), sample("where", "np.where(True, a, b)", C, A),
    sample("index", "a[1]", A), sample("index", "a[1:]", A), sample("index", "a[::-2]", A), sample("index", "a[0, 1]", C), sample("index", "a[:, 1]", C), sample("index", "a[..., None]", C),
    sample("index", "a[[0, 2, 0]]", A), sample("index", "a[np.array([True, False, True])]", A), sample("index", "a[[0, 1], [2, 0]]", C), sample("index", "a[a > 0]", C), sample("index", "a[1, [0, 0], 2:]", T),
    sample("scatter", "scatter(a, shape=(2, 5), key=(1, slice(1, 4)))", A), sample("scatter", "scatter(a, shape=(4,), key=np.array([0, 2, 0]))", A),
    sample("diag", "np.diag(a)", A), sample("diag", "np.diag(a)", M), sample("diag", "np.diag(a, 1)", C), sample("diag", "np.diag(a, -1)", A), sample("diag", "np.diagonal(a, -1)", M),
    sample("trace", "np.trace(a)", M), sample("trace", "np.trace(a, 1)", M), sample("trace", "a.trace()", C),
    sample("matmul", "a @ b", A, B), sample("matmul", "a @ b", C, A), sample("matmul", "a @ b", C[0, :2], C), sample("matmul", "a @ b", C, M),
    sample("matmul", "a @ b", T, T[0].T), sample("matmul", "a @ b", M, BATCH), sample("matmul", "a @ b", A, BATCH), sample("matmul", "a @ b", BATCH, A), sample("matmul", "a @ a", M),
    sample("dot", "np.dot(a, b)", A, B), sample("dot", "np.dot(a, b)", C, A), sample("dot", "a.dot(b)", C[0, :2], C), sample("dot", "np.dot(a, b)", C, M), sample("dot", "np.dot(a, b)", T, T[0].T),
    sample("outer", "np.outer(a, b)", A, B[:2]), sample("outer", "np.outer(a, b)", C, A), sample("tensordot", "np.tensordot(a, b)", T, T[0, :, :]), sample("tensordot", "np.tensordot(a, b, axes=1)", C, M),
    sample("tensordot", "np.tensordot(a, b, axes=([1, 0], [0, 1]))", C, C.T), sample("tensordot", "np.tensordot(a, b, 0)", A, B), sample("tensordot", "np.inner(a, b)", C, A),
    sample("einsum", "np.einsum('ij,j->i', a, b)", C, A), sample("einsum", "np.einsum('ij,jk', a, b)", C, M), sample("einsum", "np.einsum('ij->j', a)", C), sample("einsum", "np.einsum('ii', a)", M),
    sample("einsum", "np.einsum('ii->i', a)", M), sample("einsum", "np.einsum('i,i,i->', a, b, c)", A, B, C[0]), sample("einsum", "np.einsum('...ij,...j->...i', a, b)", BATCH, A), sample("einsum", "np.einsum('ij->ji', a)", C),
    sample("einsum", "np.einsum('ij,kl->il', a, b)", C, M), sample("einsum", "np.einsum('i,i', a, a)", A),
    sample("solve", "np.linalg.solve(a, b)", M, A), sample("solve", "np.linalg.solve(a, b)", M, C.T), sample("solve", "np.linalg.solve(a, b)", BATCH, np.stack([M, S])), sample("solve", "np.linalg.solve(a, b)", BATCH, M),
    sample("inv", "np.linalg.inv(a)", M), sample("inv", "np.linalg.inv(a)", BATCH), sample("det", "np.linalg.det(a)", M), sample("det", "np.linalg.det(a)", BATCH), sample("det", "np.linalg.det(a)", np.array([[1.0, 2.0], [2.0, 4.0]])),
    sample("det", "np.linalg.det(a)", np.array([[3.0]])), sample("cholesky", "np.linalg.cholesky(a)", S), sample("cholesky", "np.linalg.cholesky(a)", np.stack([S, S + np.eye(3)])),
]
COMPOSED = [
    sample("", call, *operands) for call, *operands in (
        ("np.clip(a, -1.0, 2.0)", A), ("a.clip(0.0, None)", A), ("np.atleast_2d(a)", A), ("np.vdot(a, b)", C, C), ("np.kron(a, b)", A, B), ("np.kron(a, b)", C, M),
        ("np.cross(a, b)", A, B), ("np.linalg.matrix_power(a, 3)", M), ("np.linalg.matrix_power(a, -2)", M), ("np.dot(2.0, a) + np.dot(a, a[0])", A),
        ("np.split(a, 3)[1]", A), ("np.array_split(a, 2, axis=1)[1]", C), ("np.sort(a)", A), ("np.sort(a, axis=0)", C), ("np.average(a, weights=b)", A, A * A),
        ("np.repeat(a, 2)", A), ("np.repeat(a, 2, axis=1)", C), ("np.tile(a, 2)", A), ("np.trapezoid(a)", A), ("np.trapezoid(a, b)", A, np.array([0.0, 0.5, 2.0])), ("np.polyval(a, b)", A, np.array(1.3)),
        ("np.ptp(a)", A), ("np.tril(a)", M), ("np.triu(a, 1)", M), ("np.fliplr(a)", M), ("np.flipud(a)", M), ("np.linalg.norm(a, 1)", A), ("np.linalg.norm(a, np.inf)", A), ("np.linalg.norm(a, 3)", A),
        ("np.log(np.sum(np.exp(a - np.max(a)))) + np.max(a)", A), ("np.exp(a) / np.sum(np.exp(a), axis=1, keepdims=True)", C), ("a + b", C, A), ("a * b", C, C[:, :1]), ("a / b", A, C), ("a ** 2", C),
        ("np.abs(a) ** b", A, B), ("2.0 ** a", A), ("1 - a", C), ("np.hypot(a, b)", C, A), ("np.maximum(a, b)", C, A), ("np.arctan2(a, b)", A, B), ("np.logaddexp(a, b)", C, A), ("-a + (+a) * abs(a)", A),
        ("np.tanh(a @ b + a[:, 0])", M, A), ("np.sum([1.0, 2.0, 3.0] * a)", A), ("a - b[0]", C, A), ("sum(a)", A), ("np.linalg.solve(a, a[0]) @ a[1]", M), ("np.copy(a) * a.copy()", A),
    )
]
# fmt: on
rows_at_shapes = pytest.mark.parametrize("case", SAMPLES, ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")
everything = pytest.mark.parametrize("case", [*SAMPLES, *COMPOSED], ids=lambda case: f"{case.call} {[np.shape(u) for u in case.operands]}")


def directions(case: Sample, seed: int = 0) -> tuple[Any, ...]:
    """A direction for each operand, entries of a size of about 1."""
    random = np.random.default_rng(seed)
    return tuple(random.uniform(-1, 1, np.shape(u)) for u in case.operands)


def difference(function: Callable[..., Any], operands: tuple[Any, ...], u_dot: tuple[Any, ...], h: float = 1e-6) -> Any:
    """The central difference of a function in a direction."""
    ends = [function(*(u + sign * h * d for u, d in zip(operands, u_dot, strict=True))) for sign in (1, -1)]
    return (ends[0] - ends[1]) / (2 * h)


def maps_of(case: Sample) -> list[Linear]:
    """The linear maps of the case's own row, as a trace has them."""
    t = adviz.trace(case.function, *case.operands)
    return [to for a in t.assignments if a.row is not None and a.row.name == case.row for to in a.maps if to is not None]


@everything
def test_the_value_is_numpys_own(case: Sample) -> None:
    with np.errstate(all="ignore"):
        expected = case.function(*case.operands)[()]  # an array without axes is a number here
    value = adviz.trace(case.function, *case.operands).value
    assert np.asarray(value).dtype == expected.dtype
    assert np.shape(value) == np.shape(expected)
    ulps = 0 if case.row else 4  # a composition may call a power or a division by another of NumPy's doors
    assert np.all(np.abs(value - expected) <= ulps * np.spacing(np.abs(expected)))


@everything
def test_the_tangent_is_the_central_difference(case: Sample) -> None:
    u_dot = directions(case)
    _, v_dot = adviz.jvp(case.function, case.operands, u_dot)
    expected = difference(case.function, case.operands, u_dot)
    assert np.shape(v_dot) == np.shape(expected)
    assert np.allclose(v_dot, expected, rtol=2e-7, atol=2e-8)


@everything
def test_the_adjoint_is_the_transpose_of_the_tangent(case: Sample) -> None:
    u_dot = directions(case)
    _, v_dot = adviz.jvp(case.function, case.operands, u_dot)
    v, pullback = adviz.vjp(case.function, case.operands)
    v_bar = np.random.default_rng(1).uniform(-1, 1, np.shape(v))
    u_bar = pullback(v_bar if np.ndim(v) else float(v_bar))
    assert [np.shape(u) for u in u_bar] == [np.shape(u) for u in case.operands]
    forward, reverse = np.sum(v_bar * v_dot), sum(np.sum(x * y) for x, y in zip(u_bar, u_dot, strict=True))
    size = np.sum(np.abs(v_bar * v_dot)) + sum(np.sum(np.abs(x * y)) for x, y in zip(u_bar, u_dot, strict=True))
    assert abs(forward - reverse) <= 1e-13 * size


@rows_at_shapes
def test_each_linear_map_has_a_transpose(case: Sample) -> None:
    maps = maps_of(case)
    assert maps, f"{case.call} does not record {case.row}"
    random = np.random.default_rng(2)
    for to in maps:
        u_dot, v_bar = random.uniform(-1, 1, np.shape(to.operands[to.k])), random.uniform(-1, 1, np.shape(to.value))
        there, back = np.sum(v_bar * shaped(to.tangent(u_dot), to.value)), np.sum(u_dot * shaped(to.adjoint(v_bar), u_dot))
        assert there == pytest.approx(back, rel=1e-12, abs=1e-13)


@everything
def test_it_can_be_differentiated_twice_in_all_four_pairs_of_modes(case: Sample) -> None:
    weights = np.random.default_rng(3).uniform(-1, 1, np.shape(case.function(*case.operands)))

    def weighted(*u: Any) -> Any:
        return np.sum(np.sin(case.function(*u)) * weights)

    u_dot, w_dot = directions(case, 4), directions(case, 5)
    H_u = adviz.hvp(weighted, case.operands, u_dot)
    H_u = H_u if isinstance(H_u, tuple) else (H_u,)
    forward_forward = adviz.jvp(lambda *x: adviz.jvp(weighted, x, w_dot)[1], case.operands, u_dot)[1]
    reverse_forward = adviz.gradient(lambda *x: adviz.jvp(weighted, x, u_dot)[1])(*case.operands)
    reverse_forward = reverse_forward if isinstance(reverse_forward, tuple) else (reverse_forward,)

    def along(*x: Any) -> Any:
        g = adviz.gradient(weighted)(*x)
        return sum(np.sum(part * d) for part, d in zip(g if isinstance(g, tuple) else (g,), u_dot, strict=True))

    reverse_reverse = adviz.gradient(along)(*case.operands)
    reverse_reverse = reverse_reverse if isinstance(reverse_reverse, tuple) else (reverse_reverse,)
    for a, b, c in zip(H_u, reverse_forward, reverse_reverse, strict=True):
        scale = 1e-12 * (1 + np.max(np.abs(a)))
        assert np.allclose(a, b, rtol=0, atol=scale)
        assert np.allclose(a, c, rtol=0, atol=scale)
    assert forward_forward == pytest.approx(sum(np.sum(h * d) for h, d in zip(H_u, w_dot, strict=True)), rel=1e-10, abs=1e-11)
    expected = difference(lambda *x: np.concatenate([np.ravel(g) for g in gradients(weighted, x)]), case.operands, u_dot, 1e-5)
    assert np.allclose(np.concatenate([np.ravel(h) for h in H_u]), expected, rtol=1e-6, atol=1e-7)


def gradients(f: Callable[..., Any], x: tuple[Any, ...]) -> tuple[Any, ...]:
    g = adviz.gradient(f)(*x)
    return g if len(x) > 1 else (g,)


@everything
def test_the_sweep_with_steps_gives_the_same_numbers(case: Sample) -> None:
    u_dot = directions(case)
    v, v_dot = adviz.jvp(case.function, case.operands, u_dot)
    v_bar = np.random.default_rng(1).uniform(-1, 1, np.shape(v))
    u_bar = adviz.vjp(case.function, case.operands)[1](v_bar if np.ndim(v) else float(v_bar))
    assert np.array_equal(adviz.forward(case.function, *case.operands, seed=u_dot).result[0], v_dot)
    stepped = adviz.reverse(case.function, *case.operands, seed=(v_bar if np.ndim(v) else float(v_bar),)).result
    assert all(np.array_equal(x, y) for x, y in zip(stepped, u_bar, strict=True))


def test_every_array_row_is_sampled() -> None:
    assert {row.name for row in table if isinstance(row, Structural)} == {case.row for case in SAMPLES}


@rows_at_shapes
def test_a_row_says_in_words_what_it_does(case: Sample) -> None:
    t = adviz.trace(case.function, *case.operands)
    for a in t.assignments:
        if isinstance(a.row, Structural):
            sentence = a.row.sentence(a.value, dict(a.parameters))
            assert sentence
            assert not re.search(r"[{}]|None|object at", sentence), sentence


@pytest.mark.parametrize("shape, to", [((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), ()), ((4, 2, 3), (1, 3)), ((2, 3), (2, 3)), ((1,), (1,))])
def test_unbroadcast_is_the_transpose_of_broadcasting(shape: tuple[int, ...], to: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    u, w = random.uniform(size=to), random.uniform(size=shape)
    assert np.shape(unbroadcast(w, to)) == to
    assert np.sum(np.broadcast_to(u, shape) * w) == pytest.approx(np.sum(u * unbroadcast(w, to)))
