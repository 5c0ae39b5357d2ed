"""What a learner gets wrong, and the sentence that says so: which error, which expression, which line, what to write instead."""

from __future__ import annotations

import copy
import functools
import inspect
import linecache
import math
import pickle
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import adviz
from adviz.texts import TEXTS

ENTRIES: dict[str, Callable[..., Any]] = {
    "trace": lambda f, *point: adviz.trace(f, *point),
    "gradient": lambda f, *point: adviz.gradient(f)(*point),
    "jacobian": lambda f, *point: adviz.jacobian(f)(*point),
    "reverse": lambda f, *point: adviz.reverse(f, *point),
    "jvp": lambda f, *point: adviz.jvp(f, point, (1.0,) * len(point)),
}
every_entry = pytest.mark.parametrize("enter", list(ENTRIES.values()), ids=list(ENTRIES))


def square(x):
    return x * x


def product(x, y):
    return x * y


@pytest.fixture(autouse=True)
def _the_next_call_works():
    """Whatever went wrong, nothing is left behind."""
    yield
    assert adviz.gradient(product)(3.0, 4.0) == (4.0, 3.0)
    assert adviz.trace(product, 3.0, 4.0).value == 12.0


@every_entry
@pytest.mark.parametrize("x, builtin, words", [
    ("2", TypeError, ["x", "'2'", "without quotes"]), ("two", TypeError, ["x", "'two'"]), (None, TypeError, ["x", "None", "x=2.0"]),
    (1j, TypeError, ["x", "complex"]), (np.complex128(1j), TypeError, ["x", "complex"]), (Decimal(2), TypeError, ["x", "Decimal", "float(x)"]),
    (10**400, OverflowError, ["x", "401 digits"]), (-(10**400), OverflowError, ["x", "401 digits"]), (10**5000, OverflowError, ["x", "5001 digits"]),
    (2**1024 - 1, OverflowError, ["x is", "digits"]), (Fraction(10**400), OverflowError, ["x is"]),
    (["1"], TypeError, ["x[0]", "without quotes"]), ((1.0, None), TypeError, ["x[1]", "None"]), (np.ones(2, complex), TypeError, ["x", "array", "complex128"]),
    ({"a": 1j}, TypeError, ["x['a']", "complex"]), (np.array(["a"]), TypeError, ["x", "array"]), (np.array([1.0, None]), TypeError, ["x", "object", "astype(float)"]),
    ([], TypeError, []), ([[], {}], TypeError, []),
    (b"2", TypeError, ["x", "bytes"]), (object(), TypeError, ["x", "object"]), (square, TypeError, ["x", "function"]), (range(3), TypeError, ["x", "range"]),
], ids=lambda part: type(part).__name__)  # fmt: skip
def test_an_input_that_is_not_a_real_number_is_refused_by_name(enter, x, builtin, words) -> None:
    with pytest.raises(builtin) as caught:
        enter(square, x)
    assert isinstance(caught.value, adviz.AdvizError)
    assert all(word in str(caught.value) for word in words), caught.value
    if words:
        with pytest.raises(builtin, match="y"):
            enter(product, 1.0, x)


@every_entry
@pytest.mark.parametrize("f, point, words", [
    (product, (1.0,), ["product(x, y)", "1 argument", "'y'"]), (product, (1.0, 2.0, 3.0), ["product(x, y)", "3 arguments"]),
    (square, (), ["square(x)", "0 arguments"]), (lambda: 1.0, (), ["no inputs"]), (lambda x, *, k: x, (1.0,), ["1 argument", "'k'"]),
    (3.0, (1.0,), ["function", "a float"]), ("x*x", (1.0,), ["function", "a str"]), (None, (1.0,), ["function", "a NoneType"]),
])  # fmt: skip
def test_a_function_that_cannot_be_called_with_the_point_is_refused_in_words(enter, f, point, words) -> None:
    with pytest.raises(adviz.InputError) as caught:
        enter(f, *point)
    assert isinstance(caught.value, TypeError)
    assert all(word in str(caught.value) for word in words), caught.value


@every_entry
@pytest.mark.parametrize("returned, words", [
    (None, ["None", "return"]), ("12", ["str"]), ((), ["tuple"]), ([], ["list"]), ({"a": "1"}, ["str"]), (1j, ["complex"]), (np.ones(2, complex), ["ndarray"]),
    ((1.0, None), ["None"]), ((1.0, "a"), ["str"]), (square, ["function"]), (Decimal(1), ["Decimal"]), (object, ["type"]), ({"a": {}}, ["dict"]),
], ids=lambda part: type(part).__name__)  # fmt: skip
def test_a_result_that_is_not_a_number_is_refused_in_words(enter, returned, words) -> None:
    def answer(x):
        x * x
        return returned

    with pytest.raises(adviz.OutputError) as caught:
        enter(answer, 2.0)
    assert isinstance(caught.value, TypeError)
    assert all(word in str(caught.value) for word in ["answer returned", *words]), caught.value


def test_a_result_beyond_floating_point_names_the_function() -> None:
    def answer(x):
        return 10**400

    with pytest.raises(OverflowError, match="answer") as caught:
        adviz.trace(answer, 2.0)
    assert isinstance(caught.value, adviz.AdvizError)


def line_of(f: Callable[..., Any]) -> int:
    """The line of the statement after `def`."""
    return inspect.getsourcelines(f)[1] + 1


def float_of(x):
    return x * float(x)


def int_of(x):
    return x * int(x)


def complex_of(x):
    return x * complex(x)


def index_of(x):
    return [1.0, 2.0][x]


def count_of(x):
    return sum(range(x))


def array_of(x):
    return np.array([x, x * x])[0]


def asarray_of(x):
    return np.asarray([x])[0]


def item_assignment(x):
    x[0] = 1.0


def array_item_assignment(x, a=np.zeros(3)):  # noqa: B008 - any array
    a[0] = x


def in_place_addition(x, a=np.zeros(3)):  # noqa: B008
    a += x


def entry_of(x):
    return x[0]


def truth_of_an_array(x):
    return 1.0 if x * np.ones(2) else 2.0


def sine_of_a_list(x):
    return np.sin([x, x])[0]


def sum_of_a_list(x):
    return np.sum([x, x])


def mean_of_a_list(x):
    return np.mean([x, x])


def reduction(x):
    return np.add.reduce([x, x])


def no_row(x):
    return np.heaviside(np.spacing(x), 0.5)


def an_option(x):
    return np.sum(x * np.ones(3), initial=1.0)


def pickled(x):
    return pickle.dumps(x)


def masked(x):
    return np.sin(x, where=False)


def of_dtype(x):
    return np.sin(x, dtype=np.float32)


def where_with_a_list_taken(x):
    return np.where(x > 0, [x, x], 1.0)


def printed(x):
    return float("%f" % x)  # noqa: UP031 - the old way asks for a float


def huge_factor(x):
    return x * 10**400


def huge_power(x):
    return x ** 10**5000


MISTAKES = [
    (float_of, TypeError, ["float(x)", "np."]), (int_of, TypeError, ["int(x)", "np.floor"]), (complex_of, TypeError, ["complex(x)", "real"]),
    (index_of, TypeError, ["[1.0, 2.0][x]", "constant"]), (count_of, TypeError, ["range(x)", "constant"]),
    (array_of, TypeError, ["np.array([x, x * x])", "list"]), (asarray_of, TypeError, ["np.asarray([x])", "list"]),
    (item_assignment, TypeError, ["list"]), (array_item_assignment, TypeError, ["a[0]"]), (in_place_addition, TypeError, ["np.add", "y = y + "]),
    (entry_of, TypeError, []), (truth_of_an_array, TypeError, ["x * np.ones(2)", "np.any"]),
    (sine_of_a_list, TypeError, ["np.sin([x, x])"]), (sum_of_a_list, TypeError, ["np.sum([x, x])"]), (mean_of_a_list, TypeError, ["np.mean([x, x])"]),
    (reduction, TypeError, ["np.add.reduce([x, x])"]), (no_row, NotImplementedError, ["np.spacing", "adviz.elementwise"]), (an_option, NotImplementedError, ["np.sum", "initial"]),
    (pickled, TypeError, ["to_json"]), (masked, (TypeError, NotImplementedError), ["np.sin"]), (of_dtype, (TypeError, NotImplementedError), ["np.sin"]),
    (where_with_a_list_taken, (TypeError, NotImplementedError), ["np.where"]), (printed, TypeError, ["float"]),
    (huge_factor, OverflowError, ["401 digits"]), (huge_power, OverflowError, ["5001 digits"]),
]  # fmt: skip


@pytest.mark.parametrize("f, builtin, words", MISTAKES, ids=lambda part: getattr(part, "__name__", None))
@pytest.mark.parametrize("enter", [ENTRIES["trace"], ENTRIES["gradient"]], ids=["trace", "gradient"])
def test_a_value_that_would_lose_its_derivative_raises_with_the_learners_expression_and_line(enter, f, builtin, words) -> None:
    with pytest.raises(builtin) as caught:
        enter(f, 3.0)
    if f is entry_of:
        return  # Python's own sentence does: a number cannot be subscripted
    assert isinstance(caught.value, adviz.AdvizError)
    assert all(word in str(caught.value) for word in words), caught.value
    if f is not pickled:
        assert f"(line {line_of(f)})" in str(caught.value) or builtin is OverflowError, caught.value


@pytest.mark.parametrize("f", [
    lambda x: x + None, lambda x: None + x, lambda x: x + "a", lambda x: "a" + x, lambda x: x * 1j, lambda x: 1j * x, lambda x: x * Decimal(2), lambda x: x @ x,
    lambda x: x << 1, lambda x: ~x, lambda x: x < None, lambda x: x < "a", lambda x: len(x), lambda x: list(x), lambda x: x(1), lambda x: x & 1, lambda x: x * [1], lambda x: "a" * x,
])  # fmt: skip
def test_what_python_forbids_for_a_number_stays_a_type_error(f) -> None:
    for enter in (ENTRIES["trace"], ENTRIES["gradient"]):
        with pytest.raises(TypeError):
            enter(f, 3.0)


def test_what_numbers_can_do_traced_ones_can() -> None:
    assert adviz.gradient(lambda x: x * copy.deepcopy([x])[0] * copy.copy(x))(3.0) == 27.0
    assert adviz.gradient(lambda x: {x: x}[x])(3.0) == 1.0
    assert adviz.gradient(lambda x: x * len(f"{x:.2f}"))(3.0) == 4.0
    assert adviz.gradient(lambda x: sorted([x, 2.0, x * x])[1] + min(x, 5) + max([x, 1]) + sum((x, x)))(3.0) == 5.0
    assert adviz.gradient(lambda x: x if x else 0)(3.0) == 1.0
    assert adviz.gradient(lambda x: x if x == None or x != "a" else 0)(3.0) == 1.0  # noqa: E711
    assert adviz.gradient(lambda x: x if np.isfinite(x) and not np.isnan(x) else 0)(3.0) == 1.0
    assert adviz.gradient(lambda x: functools.reduce(lambda a, b: a * b, [x, x]))(3.0) == 6.0


# every function of math is right on a traced value, or says which of NumPy's to write
POINTS = {"acosh": 1.5, "factorial": 3.0, "isqrt": 4.0, "comb": 4.0, "perm": 4.0}
TWO = ("atan2", "copysign", "fmod", "pow", "remainder", "hypot", "nextafter", "isclose", "ldexp", "comb", "perm", "gcd", "lcm")
SECOND = {"ldexp": 2, "comb": 2, "perm": 2, "gcd": 2, "lcm": 2}
IN_NUMPY = {
    "acos": "arccos", "asin": "arcsin", "atan": "arctan", "atan2": "arctan2", "acosh": "arccosh", "asinh": "arcsinh", "atanh": "arctanh", "pow": "power",
    "fabs": "abs", "isfinite": "isfinite", "isinf": "isinf", "isnan": "isnan", "degrees": "degrees", "radians": "radians",
}  # fmt: skip


def math_call(name: str) -> Callable[[Any], Any]:
    f = getattr(math, name)
    if name in ("fsum", "prod"):
        return lambda x: f([x, x])
    if name in ("dist", "sumprod"):
        return lambda x: f([x, x], [1.0, 2.0])
    if name == "fma":
        return lambda x: f(x, 2.0, 1.0)
    return (lambda x: f(x, SECOND.get(name, 0.25))) if name in TWO else lambda x: f(x)


@pytest.mark.parametrize("name", [n for n in dir(math) if callable(getattr(math, n)) and not n.startswith("_")])
def test_every_function_of_math_is_right_or_names_its_replacement(name) -> None:
    point, call = POINTS.get(name, 0.5), math_call(name)
    try:
        y, slope = adviz.value_and_gradient(call)(point)
    except adviz.AdvizError as error:
        assert isinstance(error, TypeError)
        assert "line" in str(error) or "f(" in str(error)
    else:
        h = 1e-6
        assert y == call(point)
        assert slope == pytest.approx((call(point + h) - call(point - h)) / (2 * h), rel=1e-6)


@pytest.mark.parametrize("name", [n for n in dir(math) if hasattr(np, IN_NUMPY.get(n, n)) and callable(getattr(math, n)) and not n.startswith("_")])
def test_the_replacement_is_numpys_function_of_the_same_meaning(name) -> None:
    """math.remainder is IEEE's and np.remainder is not; math.gcd and lcm are for integers."""
    if name in ("ceil", "floor", "trunc", "prod"):
        return  # right as they are, which the test before has seen
    source = f"lambda x: math.{name}(x)" if name not in TWO else f"lambda x: math.{name}(x, {2 if name == 'ldexp' else 0.25})"
    f = cell(source, {"math": math})
    with pytest.raises(adviz.TracedValueError) as caught:
        adviz.gradient(f)(0.5)
    replacement = f"np.{IN_NUMPY.get(name, name)} "
    if name == "remainder":
        assert replacement not in str(caught.value)
    elif name in ("gcd", "lcm"):
        assert "integer" in str(caught.value)
    elif name in ("modf", "frexp", "ldexp", "isclose", "nextafter", "copysign"):
        assert "np." in str(caught.value)
    else:
        assert replacement in str(caught.value), caught.value


@pytest.mark.parametrize("source", ["lambda x: sin(x)", "lambda x: m.sin(x)"])
def test_the_replacement_is_named_however_math_was_imported(source) -> None:
    with pytest.raises(adviz.TracedValueError, match=r"np\.sin in place of"):
        adviz.gradient(cell(source, {"m": math, "sin": math.sin}))(0.5)


def cell(source: str, names: dict[str, Any]) -> Any:
    """A function from text that has lines, as a notebook's cell has."""
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return eval(compile(source, file, "eval"), names)  # noqa: S307 - the tests' own text


def test_what_a_message_tells_to_write_exists() -> None:
    """A sentence that names a function of adviz names one that is there."""
    named = {name for template in TEXTS.values() for name in re.findall(r"\badviz\.([a-z_]+)\b", template)}
    assert named
    assert not {name for name in named if not hasattr(adviz, name)}


LEAKS: dict[str, Callable[[Any], Any]] = {
    "k * 2": lambda k: k * 2, "2 * k": lambda k: 2 * k, "k + k": lambda k: k + k, "-k": lambda k: -k, "abs": abs, "np.sin": np.sin, "k ** 2": lambda k: k**2, "np.hypot": lambda k: np.hypot(1.0, k),
    "k < 1": lambda k: k < 1, "k < k": lambda k: k < k, "k == k": lambda k: k == k, "bool": bool, "float": float, "int": int, "where": lambda k: np.where(True, k, 1.0),
    "in a new run": lambda k: adviz.gradient(lambda x: x * k)(2.0), "on the left in a new run": lambda k: adviz.gradient(lambda x: k - x)(2.0), "compared in a new run": lambda k: adviz.gradient(lambda x: x if x < k else 0)(2.0),
    "returned by a new run": lambda k: adviz.gradient(lambda x: k)(2.0), "returned by a new trace": lambda k: adviz.trace(lambda x: (x, k), 2.0),
    "as input": lambda k: adviz.gradient(square)(k), "as input of the identity": lambda k: adviz.gradient(lambda x: x)(k), "as input of a trace": lambda k: adviz.trace(lambda x: x, k),
    "as seed": lambda k: adviz.jvp(square, (1.0,), (k,)), "as weight": lambda k: adviz.vjp(square, (1.0,))[1](k),
}  # fmt: skip


@pytest.mark.parametrize("use", list(LEAKS.values()), ids=list(LEAKS))
@pytest.mark.parametrize("enter", [ENTRIES["trace"], ENTRIES["gradient"]], ids=["trace", "gradient"])
def test_a_number_that_outlived_its_run_raises(enter, use) -> None:
    kept = []

    def careless(x):
        kept.append(x * x)
        return kept[0]

    enter(careless, 3.0)
    with pytest.raises(adviz.TracedValueError, match=r"ended|traced"):
        use(kept[0])
    assert repr(kept[0]) == "traced(9.0)"


def test_a_number_of_an_inner_run_used_by_the_outer_one_raises() -> None:
    def outer(x):
        box = []
        adviz.derivative(lambda y: box.append(y) or y * y)(x)
        return x * box[0]

    with pytest.raises(adviz.TracedValueError, match="ended"):
        adviz.derivative(outer)(2.0)


def test_an_operator_that_python_gives_to_the_other_side_is_left_to_it() -> None:
    class Doubling:
        def __radd__(self, other):
            return other * 2

    assert adviz.gradient(lambda x: x + Doubling())(3.0) == 2.0


@pytest.mark.parametrize("order", ["random", "", None])
def test_an_unknown_order_is_refused_with_the_two_there_are(order) -> None:
    with pytest.raises(adviz.InputError, match='"textbook" or "evaluation"'):
        adviz.trace(square, 2.0, order=order)


@pytest.mark.parametrize("enter", [ENTRIES["trace"], ENTRIES["gradient"]], ids=["trace", "gradient"])
def test_two_numbers_that_outlived_the_same_run_are_not_compared_either(enter) -> None:
    kept: list[Any] = []

    def f(x):
        kept.extend((x, x * 2))
        return x

    enter(f, 3.0)
    for compared in (lambda: kept[0] < kept[1], lambda: kept[0] == kept[1], lambda: max(kept)):
        with pytest.raises(adviz.TracedValueError, match="has ended"):
            compared()
