"""Everything that Python and NumPy can do to a number, done to a traced one: right, or refused by adviz with line and replacement (C7).

An expression in x is evaluated on a plain float and on a traced one. A right answer is the same value with the slope that differences
show. What is never accepted is a number in silence whose derivative is lost.
"""

from __future__ import annotations

import array
import bisect
import cmath
import copy
import decimal
import fractions
import functools
import heapq
import itertools
import json
import linecache
import math
import operator
import pickle
import random
import statistics
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adviz

NAMES = {
    module.__name__: module
    for module in (
        array, bisect, cmath, copy, decimal, fractions, functools, heapq, itertools, json, math, operator, pickle, random, statistics, struct, np,
    )
} | {"np": np}  # fmt: skip
X = 2.25  # exact in binary, between jumps

MATH = [name for name in dir(math) if callable(getattr(math, name)) and not name.startswith("_")]
# fmt: off
ARGUMENTS = {  # of math's functions that take more than one number, or not any number
    "atan2": "x, 1.5", "copysign": "x, -1.0", "dist": "[x, 1.0], [0.0, 2.0]", "fmod": "x, 0.7", "fsum": "[x, 1.0, x]", "hypot": "x, 1.0", "pow": "x, 1.5",
    "remainder": "x, 0.7", "prod": "[x, x, 2]", "log": "x, 3.0", "acos": "x / 4", "asin": "x / 4", "atanh": "x / 4", "isclose": "x, 2.0", "nextafter": "x, 3.0",
    "ldexp": "x, 2", "comb": "x, 2", "perm": "x, 2", "gcd": "x, 2", "lcm": "x, 2", "sumprod": "[x, 1.0], [x, 2.0]", "fma": "x, x, 1.0",
}
OF_MATH = [f"math.{name}({ARGUMENTS.get(name, 'x')})" for name in MATH]
BUILTINS = [
    "float(x)", "int(x)", "complex(x)", "bool(x)", "round(x)", "round(x + 0.01, 1)", "round(x, -1)", "abs(-x)", "divmod(x, 2.0)[0]", "divmod(x, 2.0)[1]", "divmod(7.0, x)[1]",
    "pow(x, 3)", "pow(x, 2, None)", "pow(x, 2, 5)", "pow(2, x)", "sum([x, x])", "sum([x], 1.0)", "sum(x for _ in range(3))", "min(x, 3)", "max([x, 1])", "max(x, 1, key=lambda u: -u)",
    "max([], default=x)", "sorted([3, x])[0]", "sorted([3, x], key=lambda u: -u)[1]", "list(reversed([x, 1]))[1]", "str(x)", "repr(x)", "format(x, '.2f')", "f'{x}'", "f'{x:.3f}'", "f'{x!r}'",
    "'%s' % x", "'%f' % x", "'%d' % x", "'%.3g' % x", "'{:e}'.format(x)", "range(x)", "[1, 2, 3][x]", "[1, 2, 3][:x]", "'a' * x", "bin(x)", "hex(x)", "oct(x)", "chr(x)", "bytes(x)", "len([x])",
    "all([x, 1])", "any([0, x])", "not x", "x and 5.0 * x", "x or 3.0", "x if x else 0", "x == 2.25", "x in [1, 2.25]", "[x].count(x)", "{x: 1}[x]", "isinstance(x, object)",
    "x.real", "x.imag", "x.conjugate()", "x.is_integer()", "x.as_integer_ratio()", "x.hex()", "x.__float__()", "x.__int__()", "x // 2", "-x // 2", "x % 0.7", "7 // x", "7 % x", "+x", "2 ** x", "x ** -1", "(x, 1)[0]",
    "(lambda a, b=x: a * b)(x)", "next(iter([x]))", "list(map(abs, [x]))[0]", "list(filter(None, [x]))[0]", "list(zip([x], [1]))[0][0]", "dict(a=x)['a']", "set([x]).pop()", "frozenset([x, x]).__len__()", "type(x)(3.0)",
    "functools.reduce(lambda a, b: a * b, [x, x])", "list(itertools.accumulate([x, x]))[1]", "list(itertools.accumulate([x, x], operator.mul))[1]", "max(itertools.chain([x], [1]))",
    "operator.mul(x, x)", "operator.truediv(1, x)", "operator.neg(x)", "operator.abs(-x)", "operator.pow(x, 2)", "operator.index(x)", "operator.truth(x)", "operator.lt(x, 3)", "operator.mod(x, 0.7)", "operator.matmul(x, x)",
    "copy.copy(x) * x", "copy.deepcopy(x) * x", "copy.deepcopy([x])[0] * x", "pickle.dumps(x)", "bisect.bisect([1, 2, 3], x)", "heapq.nsmallest(1, [3, x])[0]", "cmath.sqrt(x)", "cmath.exp(x)", "cmath.phase(x)",
    "statistics.mean([x, 1.0])", "statistics.fmean([x, 1.0])", "statistics.median([x, 1.0, 3.0])", "statistics.stdev([x, 1.0, 3.0])", "statistics.pvariance([x, 1.0])", "statistics.harmonic_mean([x, 1.0])", "statistics.geometric_mean([x, 1.0])",
    "statistics.NormalDist(0, 1).cdf(x)", "statistics.correlation([x, 1.0, 2.0], [1.0, 2.0, 4.0])",
    "fractions.Fraction(x)", "fractions.Fraction(1, 2) * x", "x * fractions.Fraction(1, 2)", "decimal.Decimal(x)", "x * decimal.Decimal(2)", "json.dumps(x)", "json.dumps([x])", "struct.pack('d', x)", "struct.pack('i', x)", "array.array('d', [x])[0]",
    "random.Random(1).uniform(0, x)", "random.Random(1).gauss(x, 1)", "random.Random(1).gauss(0, x)", "random.Random(1).random() * x", "random.Random(1).randint(0, x)", "random.Random(1).choice([x, x])", "random.Random(1).expovariate(x)",
    "random.Random(1).betavariate(x, x)", "random.Random(x).random()",
]
NUMPYS = [
    "np.array(x)", "np.array([x])[0]", "np.array([x, 1.0])[0]", "np.asarray(x)", "np.asarray([x, x])[1]", "np.float64(x)", "np.float32(x)", "np.int64(x)", "np.bool_(x)", "np.complex128(x)", "np.full(3, x)[0]", "(np.zeros(3) + x)[0]", "(np.ones(3) * x)[1]",
    "(x * np.ones(3))[1]", "np.linspace(0, x, 5)[2]", "np.arange(x)[1]", "np.geomspace(1, x, 3)[1]", "np.sum([x, x])", "np.mean([x, 1.0])", "np.max([x, 1.0])", "np.dot([x, 1.0], [1.0, 2.0])", "np.prod([x, x])", "np.cumsum([x, x])[1]", "np.diff([x, 1.0])[0]",
    "np.stack([x, x])[1]", "np.hstack([x, 1.0])[0]", "np.concatenate([[x], [1.0]])[0]", "np.vstack([x, x])[1, 0]", "np.column_stack([[x], [1.0]])[0, 0]", "np.isclose(x, 2.25)", "np.allclose([x], [2.25])", "np.array_equal(x, 2.25)", "np.round(x + 0.01, 1)", "np.around(x)", "np.fix(x)", "np.rint(x)",
    "np.real(x)", "np.imag(x)", "np.conj(x)", "np.angle(x)", "np.copysign(1.0, x)", "np.copysign(x, -1.0)", "np.nan_to_num(x)", "np.interp(x, [0.0, 1.0, 4.0], [0.0, 3.0, 5.0])", "np.polyval([1.0, 2.0, 3.0], x)", "np.poly1d([1.0, 2.0])(x)", "np.convolve([x, 1.0], [1.0, 2.0])[0]",
    "np.cross([x, 1.0, 0.0], [0.0, 1.0, 2.0])[0]", "np.vectorize(lambda u: u * u)(x)", "np.frompyfunc(lambda u: u * u, 1, 1)(x)", "np.piecewise(x, [x > 1], [lambda u: u * u])", "np.select([x > 1], [x * x], x)", "np.ldexp(x, 2)", "np.frexp(x)[0]", "np.modf(x)[0]", "np.divmod(x, 2.0)[1]",
    "np.trapezoid([x, 1.0, x])", "np.gradient([x, 1.0, 3.0])[0]", "np.isreal(x)", "np.iscomplex(x)", "np.ndim(x)", "np.shape(x)", "np.size(x)", "np.copy(x)", "np.broadcast_to(x, (3,))[0]", "np.atleast_1d(x)[0]", "np.ravel(x)[0]", "np.reshape(x, (1,))[0]", "np.where(x > 1, x, 0.0)",
    "np.where([True, False], x, 1.0)[0]", "np.clip(x, 0.0, 1.0)", "np.clip(x, 0.0, 3.0)", "np.vdot([x, 1.0], [x, 2.0])", "np.inner([x, 1.0], [x, 2.0])", "np.outer([x, 1.0], [x, 2.0])[0, 0]", "np.einsum('i,i->', [x, 1.0], [x, 2.0])", "np.linalg.norm([x, 1.0])", "np.sort([x, 1.0])[1]", "np.argmax([x, 1.0])",
    "np.median([x, 1.0, 3.0])", "np.percentile([x, 1.0, 3.0], 50)", "np.ptp([x, 1.0])", "np.var([x, 1.0])", "np.std([x, 1.0])", "np.any(x)", "np.all(x)", "np.count_nonzero(x)", "np.isnan(x)", "np.isfinite(x)", "np.signbit(x)", "np.sinc(x)", "np.hypot(x, 1.0)", "np.power(x, 2)", "np.float_power(x, 2)",
    "np.add.reduce([x, x])", "np.add.accumulate([x, x])[1]", "np.multiply.outer(x, x)", "np.maximum.reduce([x, 1.0])", "np.sin(x, dtype=np.float64)", "np.sin(x, where=True)", "np.sin([x])[0]", "np.sin((x, 1.0))[0]", "np.heaviside(x, 0.5)", "np.gcd(x, 2)", "np.bitwise_and(x, 1)", "np.logical_and(x, 1)",
    "np.logical_not(x)", "np.less(x, 3.0)", "np.equal(x, 2.25)", "np.spacing(x)", "np.nextafter(x, 3.0)", "np.i0(x)", "np.unwrap([x, 1.0])[0]", "np.tile(x, 2)[0]", "np.repeat(x, 2)[0]", "np.append([1.0], x)[1]", "np.insert([1.0], 0, x)[0]", "np.unique([x, 1.0])[0]", "np.searchsorted([1.0, 2.0, 3.0], x)",
    "np.digitize(x, [1.0, 2.0])", "np.histogram([x], [0.0, 1.0, 3.0])[0][1]", "np.diag([x, 1.0])[0, 0]", "np.trace([[x, 1.0], [1.0, x]])", "np.matmul([x, 1.0], [x, 2.0])", "np.linalg.solve([[x, 1.0], [0.0, 1.0]], [1.0, 2.0])[0]", "np.linalg.det([[x, 1.0], [0.0, 1.0]])", "np.fft.fft([x, 1.0])[0]",
    "np.random.default_rng(1).normal(x)", "np.random.default_rng(1).normal() * x", "np.where([True, False], x, 1.0).sum()", "np.float64(2) * x", "x * np.float64(2)", "np.float32(2) * x", "np.int64(2) * x", "np.array(2.0) * x", "x * np.array(2.0)", "np.bool_(True) * x", "np.result_type(x)", "np.can_cast(x, float)", "np.min_scalar_type(x)",
    "np.exp2(x)", "np.cbrt(x)", "np.square(x)", "np.emath.sqrt(x)", "np.emath.log(x)", "np.linalg.norm(x)", "np.max(x)", "np.sum(x)", "np.squeeze(x)", "np.expand_dims(x, 0)[0]", "np.nansum([x, 1.0])", "np.average([x, 1.0], weights=[1.0, 3.0])", "np.cov([x, 1.0, 2.0])", "np.corrcoef([x, 1.0, 2.0], [1.0, 2.0, 4.0])[0, 1]", "np.roots([1.0, -x])[0]",
]
# Where Python asks nothing of a number before it says that it does not know this one, the sentence is Python's own: loud, but not adviz's.
# (np.isscalar(x) and isinstance(x, float) ask nothing either, and say False.)
PYTHONS_OWN_SENTENCE = {
    "fractions.Fraction(x)", "decimal.Decimal(x)", "json.dumps(x)", "json.dumps([x])", "random.Random(x).random()", "'%d' % x", "type(x)(3.0)", "struct.pack('d', x)",
    "memoryview(x)", "np.frombuffer(x)", "np.nditer(x)", "np.ndarray.sum(x)", "struct.pack('2d', *x)", "json.dumps(list(x))",
}
# fmt: on


def cell(expression: str) -> Callable[[Any], Any]:
    """lambda x: expression, with a line that a message can cite."""
    source, file = f"lambda x: {expression}", f"<expression {expression}>"
    linecache.cache[file] = (len(source), None, [source], file)
    return eval(compile(source, file, "eval"), NAMES)  # noqa: S307 - the tests' own text


def traced(f: Callable[[Any], Any]) -> tuple[Any, float | None]:
    """What f returns for a traced x, as plain as can be, and its slope if it is a number."""
    kept: list[Any] = []

    def number(x: Any) -> Any:
        y = f(x)
        kept.append(y)
        return y if is_number(y) else x * 0.0

    slope = adviz.gradient(number)(X)
    return kept[0], float(slope) if is_number(kept[0]) else None


def is_number(y: Any) -> bool:
    return not isinstance(y, str | bytes | bool | np.bool_ | tuple | list | type) and (hasattr(y, "tape") or isinstance(y, float | int | np.number))


def slope_of(f: Callable[[Any], Any]) -> float:
    """By central differences."""
    h = 2.0**-17
    return float((f(X + h) - f(X - h)) / (2 * h))


def assert_refused_in_words(expression: str, error: BaseException) -> None:
    """adviz's own error with the line and what to write instead, or for a few expressions Python's."""
    words = str(error)
    if expression in PYTHONS_OWN_SENTENCE:
        assert isinstance(error, TypeError | struct.error), f"{type(error).__name__}: {error}"
        return
    assert isinstance(error, adviz.AdvizError), f"{type(error).__name__}: {error}"
    assert isinstance(error, TypeError | NotImplementedError)
    assert "line" in words or "pickle" in expression, words
    assert any(hint in words for hint in ("np.", "adviz.", "Write", "Build", "Pass", "Call")), words


@pytest.mark.parametrize("expression", [*OF_MATH, *BUILTINS, *NUMPYS])
@pytest.mark.filterwarnings("ignore")
def test_an_expression_on_a_traced_number_is_right_or_refused_with_line_and_replacement(expression: str) -> None:
    f = cell(expression)
    try:
        y = f(X)
    except Exception:  # not something that can be done to a float either: it must be loud, in whosoever's words
        with pytest.raises(Exception):  # noqa: B017
            traced(f)
        return
    try:
        found, slope = traced(f)
    except Exception as error:
        assert_refused_in_words(expression, error)
        return
    assert expression not in PYTHONS_OWN_SENTENCE, "it works now: take it off the list"
    if slope is None:
        assert type(found) is type(y) or {type(found), type(y)} == {bool, np.bool_}, f"{found!r} in place of {y!r}"
        assert found == y or "traced" in repr(found) or hasattr(found, "tape") or str(y) in str(found)
        return
    value = adviz.value(found) if hasattr(found, "tape") else found
    assert float(value) == pytest.approx(float(y), rel=1e-12)
    assert slope == pytest.approx(slope_of(f), rel=1e-6, abs=1e-8)


ARRAYS = [
    "float(x[0])", "int(x[0])", "x.tolist()[0]", "x.item(0)", "list(x)[0]", "[u for u in x][1]", "float(x.sum())", "x.astype(int)[0]", "x.astype(float)[0]", "x.copy()[0] * x[0]", "x.dot(x)", "x.sum()", "x.mean()",
    "x.max()", "x.min()", "x.std()", "x.var()", "x.prod()", "x.T[0]", "x.reshape(2, 1)[0, 0]", "x.ravel()[0]", "x.flatten()[0]", "x.clip(0.0, 1.0)[0]", "x.round()[0]", "x.argmax()", "x.cumsum()[1]", "x.squeeze()[0]", "x.any()", "x.all()",
    "x.view()[0]", "x.flat[0]", "x.nbytes", "x.itemsize", "x.dtype", "x.shape", "x.ndim", "x.size", "len(x)", "np.array(x)[0]", "np.asarray(x)[0]", "np.copy(x)[0]", "np.array([x, x])[0, 0]", "np.float64(x[0])", "math.sin(x[0])", "math.fsum(x)",
    "sum(x)", "max(x)", "sorted(x)[0]", "abs(x)[0]", "round(x[0])", "-x[0]", "(x ** 2)[0]", "(2 ** x)[0]", "(x @ x)", "(x > 1).sum()", "x[x > 1][0]", "x[[0, 1]][1]", "x[-1]", "x[0:1][0]", "x[..., None][0, 0]", "x[x.argmax()]", "copy.deepcopy(x)[0]",
    "copy.copy(x)[0]", "pickle.dumps(x)", "json.dumps(list(x))", "struct.pack('2d', *x)", "statistics.mean(x)", "str(x)", "repr(x)", "f'{x}'", "f'{x[0]:.2f}'", "bool(x[0])", "np.save('/dev/null', x)", "memoryview(x)", "np.frombuffer(x)", "x.tobytes()",
    "x.sort()", "x.fill(1.0)", "x.put(0, 1.0)", "x.resize(3)", "np.put(x, 0, 1.0)", "np.copyto(x, 1.0)", "np.random.shuffle(x)", "np.fill_diagonal(x.reshape(1, 2), 0.0)", "np.add.at(x, 0, 1.0)", "x.__setitem__(0, 1.0)", "np.lexsort([x])[0]", "np.nditer(x)",
    "np.ndarray.sum(x)", "np.einsum('i->', x)", "np.linalg.norm(x)", "np.apply_along_axis(lambda u: u * u, 0, x)[0]", "np.vectorize(math.sin)(x)[0]", "np.ma.array(x)[0]", "np.matrix(x)[0, 0]", "np.polyfit([0.0, 1.0], x, 1)[0]", "np.trapezoid(x)", "np.interp(0.5, [0.0, 1.0], x)",
    "np.histogram(x, [0.0, 1.0, 3.0])[0][1]", "np.fft.fft(x)[0].real", "np.sort(x)[0]", "np.median(x)", "np.percentile(x, 50)", "np.unique(x)[0]", "np.kron(x, x)[0]", "np.cross([x[0], x[1], 0.0], [1.0, 2.0, 3.0])[0]", "np.tile(x, 2)[0]", "np.repeat(x, 2)[0]", "np.pad(x, 1)[1]",
    "np.roll(x, 1)[0]", "np.flip(x)[0]", "np.cumprod(x)[1]", "np.split(x, 2)[0][0]", "np.triu(np.outer(x, x))[0, 1]", "np.meshgrid(x, x)[0][0, 0]", "np.average(x)", "np.nansum(x)", "np.logaddexp.reduce(x)", "np.nanmax(x)", "np.argsort(x)[0]", "np.take(x, 0)", "np.choose([0, 0], [x, x])[0]",
]  # fmt: skip
POINT = np.array([X, 0.75])


@pytest.mark.parametrize("expression", ARRAYS)
@pytest.mark.filterwarnings("ignore")
def test_an_expression_on_a_traced_array_is_right_or_refused_with_line_and_replacement(expression: str) -> None:
    f = cell(expression)
    kept: list[Any] = []

    def number(x: Any) -> Any:
        y = f(x)
        kept.append(y)
        return y if is_number(y) else x[0] * 0.0

    try:
        y = f(POINT.copy())
    except Exception:
        with pytest.raises(Exception):  # noqa: B017
            adviz.gradient(number)(POINT)
        return
    try:
        slope = adviz.gradient(number)(POINT)
    except Exception as error:
        assert_refused_in_words(expression, error)
        return
    if not is_number(kept[0]):
        assert not is_number(y) or isinstance(y, int), f"{kept[0]!r} in place of {y!r}"
        return
    assert float(adviz.value(kept[0])) == pytest.approx(float(y), rel=1e-12)
    h = 2.0**-17
    for k in range(2):
        step = h * np.eye(2)[k]
        assert slope[k] == pytest.approx(float((f(POINT + step) - f(POINT - step)) / (2 * h)), rel=1e-6, abs=1e-8)
