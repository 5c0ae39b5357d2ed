"""Formulas typed as text: what Python's arithmetic says, exactly where it stands, and a refusal in words for anything else."""

from __future__ import annotations

import inspect
import itertools
import linecache
import math
import random
import re
import struct
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import adviz
from adviz import functions as library
from adviz.formulas import callable_rows
from adviz.functions import ALIASES
from adviz.parse import BINARY, NESTING
from adviz.position import segment
from adviz.recording import elemental
from adviz.table import FAMILY, Elementwise, table
from adviz.tokens import LENGTH, NAME_LENGTH, TOKENS, refusal
from adviz.views.document import document

formula = adviz.formula
RUNNING = "ln(x1) + x1*x2 - sin(x2)"
COLUMN = re.compile(r"Column ([0-9]+): ")


def bits(x: float) -> bytes:
    """Equal bits, so that -0.0 is not 0.0; nan is nan."""
    assert type(x) is float
    return struct.pack("<d", math.nan if x != x else x)


def spans(t: adviz.Trace) -> list[str]:
    """The stretch of source each assignment stands for; "" for an output that is a constant."""
    return [segment(linecache.getlines(a.position.file), a.position) if a.position else "" for a in t.assignments]


# ---- what a formula means


def test_a_formula_is_a_function_of_its_variables_in_the_order_of_their_appearance() -> None:
    f = formula(RUNNING)
    assert f(2.0, 5.0) == f(x2=5.0, x1=2.0) == np.log(2.0) + 10.0 - np.sin(5.0)
    assert list(inspect.signature(f).parameters) == ["x1", "x2"]
    assert list(inspect.signature(formula("b*a + c - a")).parameters) == ["b", "a", "c"]
    assert (f.__name__, f.__doc__) == ("f", RUNNING)


def test_variables_fixes_the_order_and_allows_unused_ones() -> None:
    f = formula("x2 - x1", variables=("x1", "x2", "x3"))
    assert list(inspect.signature(f).parameters) == ["x1", "x2", "x3"]
    assert f(1.0, 5.0, 100.0) == 4.0
    assert adviz.gradient(f)(1.0, 5.0, 100.0) == (-1.0, 1.0, 0.0)
    assert formula("1/2 + 5", variables=())() == formula("1/2 + 5")() == 5.5
    assert formula("7", variables=["x"])(2.0) == 7.0


@pytest.mark.parametrize("typed, value", [
    ("-x^2", -9.0), ("2^-x", 0.125), ("2^3^2", 512.0), ("(2^3)^2", 64.0), ("-2^-2", -0.25), ("2*-x", -6.0), ("x--x", 6.0), ("--x", 3.0),
    ("-+-x", 3.0), ("6/2*3", 9.0), ("6/(2*3)", 1.0), ("8/4/2", 1.0), ("8-4-2", 2.0), ("-7//2", -4.0), ("7//2%2", 1.0), ("-7%3", 2.0),
    ("1+2*3", 7.0), ("(1+2)*3", 9.0), ("2*x^2", 18.0), ("-x^2*2", -18.0), ("2^-1*4", 2.0), ("2^-x^2", 2.0**-9), ("+x", 3.0), ("x", 3.0),
    ("((x))", 3.0), ("2e3", 2000.0), ("2E-3", 0.002), (".5", 0.5), ("5.", 5.0), ("1.5e+2", 150.0), ("pi", math.pi), ("e^0", 1.0), ("e", math.e),
    ("max(x, 2) - min(x, 2)", 1.0), ("atan2(0, -1)", math.pi), ("hypot(3,4)", 5.0), ("sin (0)", 0.0), ("ln(e)", 1.0), ("sqrt(abs(-9))", 3.0),
    ("007", 7.0), ("1/0", math.inf), ("-1/0", -math.inf), ("0/0", math.nan), ("ln(0)", -math.inf), ("(-8)^(1/3)", math.nan), ("0^0", 1.0),
    ("9^9^9^9^9", math.inf), ("2^9^9^9*0", math.nan), ("1e-400", 0.0), ("-0", -0.0), ("7//0", math.inf),
])  # fmt: skip
def test_precedence_and_values_are_pythons_and_what_python_cannot_compute_is_numpys(typed: str, value: float) -> None:
    assert bits(formula(typed, variables=("x",))(3.0)) == bits(value)


@pytest.mark.parametrize("typed, narrow", [
    ("x1·x2 − 3×x1 ÷ 2 ⋅ x2", "x1*x2 - 3*x1 / 2 * x2"), ("２＊x1＋（x2－１．５）／４％３＾２", "2*x1+(x2-1.5)/4%3^2"), ("x1**2 + x2^2", "x1^2 + x2**2"),
    ("ｘ1".replace("ｘ", "x") + "\u00a0+\u3000x2\t*\n2\r\n", "x1 + x2 * 2"), ("max（x1，x2）", "max(x1, x2)"), ("－１e－１ ＋ x1", "-1e-1 + x1"),
    ("  x1 +x2  ", "x1+x2"), ("x1\u0387x2", "x1*x2"), ("sin\u3000(x1)", "sin(x1)"), ("x1＊＊２／／x2", "x1**2//x2"),
])  # fmt: skip
def test_other_spellings_mean_the_same(typed: str, narrow: str) -> None:
    point, names = (0.7, 1.3), ("x1", "x2")
    assert bits(formula(typed, variables=names)(*point)) == bits(formula(narrow, variables=names)(*point))


def test_two_encodings_of_a_character_are_one_and_similar_characters_are_not() -> None:
    assert list(inspect.signature(formula("2*\N{KELVIN SIGN}")).parameters) == ["K"]  # the same character by Unicode's own rule (NFC)
    for look_alike in ("\N{MATHEMATICAL ITALIC SMALL X}", "\N{FULLWIDTH LATIN SMALL LETTER X}", "\N{CYRILLIC SMALL LETTER HA}", "ⅹ", "ᵪ", "ₓ"):
        assert refused(f"2*{look_alike}") == 3


def every_function() -> Iterator[tuple[str, str]]:
    for row in table:
        if isinstance(row, Elementwise) and not FAMILY.fullmatch(row.name):
            yield row.name, row.name
    yield from ALIASES.items()


@pytest.mark.parametrize("name, row", list(every_function()))
def test_every_row_is_called_by_its_names(name: str, row: str) -> None:
    point = (0.75, 0.5)[: len(table[row].partials)]
    f = formula(f"{name}({', '.join('xy'[: len(point)])})")
    assert bits(f(*point)) == bits(elemental(row)(*point))
    t = adviz.trace(f, *point)
    assert [a.row.name for a in t.assignments] == [row]
    assert repr(adviz.jacobian(f)(*point)) == repr(adviz.jacobian(elemental(row))(*point))


def test_a_row_registered_later_is_known_at_once() -> None:
    assert "threefold" not in callable_rows()

    def threefold(x: Any) -> Any:
        return 3 * x

    adviz.elementwise(threefold, "3 * a", "3")
    assert formula("threefold(x)^2")(2.0) == 36.0
    assert adviz.derivative(formula("threefold(x)^2"))(2.0) == 36.0


def test_a_higher_derivative_is_no_function_of_a_formula() -> None:
    """What power_1000000000_0 costs grows with the number in its name."""
    assert "power_2_0" in table
    assert refused("power_2_0(x, y)") == refused("power_1000000000_0(x, y)") == refused("sinc_99999999(x)") == 1


def test_whole_numbers_are_floats_and_numpys_numbers_keep_their_precision() -> None:
    assert bits(formula("x*y")(10**10, 10**10)) == bits(1e20)
    assert type(formula("x + 1")(np.float32(2))) is np.float32
    with pytest.raises(adviz.InputRangeError):
        formula("x*x")(10**400)


@pytest.mark.parametrize("name, row", list(every_function()))
def test_every_function_goes_through_arrays_entry_by_entry(name: str, row: str) -> None:
    a, b = np.array([[0.5, 0.25], [0.75, 0.9]]), np.array([0.3, 0.6])
    arguments = (a, b)[: len(table[row].partials)]
    f = formula(f"{name}({', '.join('xy'[: len(arguments)])})")
    entries = [f(*map(float, point)) for point in zip(*(np.broadcast_to(u, (2, 2)).ravel() for u in arguments), strict=True)]
    with np.errstate(invalid="ignore"):  # arccosh(0.5)
        np.testing.assert_allclose(np.broadcast_to(f(*arguments), (2, 2)).ravel(), entries, rtol=1e-13)


def test_a_formula_of_arrays_is_differentiated_and_their_shapes_are_broadcast() -> None:
    f = formula(RUNNING)
    x1, x2 = np.array([[2.0], [3.0]]), np.array([5.0, 6.0, 7.0])
    assert f(x1, x2).tolist() == [[pytest.approx(f(float(a), float(b))) for b in x2] for a in x1[:, 0]]
    g1, g2 = adviz.gradient(lambda x1, x2: np.sum(f(x1, x2)))(x1, x2)
    np.testing.assert_allclose(g1, [[3 / 2 + 18], [3 / 3 + 18]])
    np.testing.assert_allclose(g2, 5 - 2 * np.cos(x2))


# ---- against Python's own arithmetic, on any formula

SIGNS, FUNCTIONS = ("-", "+"), {"sin": 1, "exp": 1, "tanh": 1, "sqrt": 1, "log": 1, "abs": 1, "hypot": 2, "arctan2": 2}
OPERATORS = {"+": "+＋", "-": "-−－", "*": "*×·⋅＊", "/": "/÷／", "//": "", "%": "%％", "**": "^＾"}
Tree = tuple[Any, ...]

numbers = st.one_of(st.sampled_from(["0.0", "1.0", "2.0", "0.5", "3.0", "1e2"]), st.floats(0, 1e3).map(repr))
leaves = st.one_of(st.sampled_from(["x", "y", "z", "pi"]), numbers).map(lambda text: ("leaf", text))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(SIGNS), inner),
        st.tuples(st.sampled_from(list(BINARY)), inner, inner),
        st.tuples(st.sampled_from(sorted(f for f, n in FUNCTIONS.items() if n == 1)), inner),
        st.tuples(st.sampled_from(sorted(f for f, n in FUNCTIONS.items() if n == 2)), inner, inner),
    ),
    max_leaves=12,
)
points = st.tuples(*[st.floats(-4, 4)] * 3)
MEANING = {
    "sin": math.sin, "exp": math.exp, "tanh": math.tanh, "sqrt": math.sqrt, "log": math.log, "abs": abs, "hypot": math.hypot, "arctan2": math.atan2,
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "//": lambda a, b: a // b,
    "%": lambda a, b: a % b, "**": math.pow,
}  # fmt: skip
IN_NUMPY = {"/": np.divide, "//": np.floor_divide, "%": np.remainder, "**": np.power, "abs": np.abs}


def meaning(tree: Tree, names: dict[str, float]) -> float:
    """The value, by Python's floats; where Python raises, NumPy's."""
    kind, *parts = tree
    if kind == "leaf":
        return names[parts[0]] if parts[0] in names else float(parts[0])
    values = [meaning(part, names) for part in parts]
    if len(parts) == 1 and kind in SIGNS:
        return -values[0] if kind == "-" else +values[0]
    try:
        return MEANING[kind](*values)
    except (ValueError, OverflowError, ZeroDivisionError):
        with np.errstate(all="ignore"):
            return float((IN_NUMPY.get(kind) or getattr(np, kind))(*values))


def spelled(tree: Tree, around: int, chance: random.Random) -> str:
    """The tree as somebody might type it: only the parentheses Python needs, or more, and any of the spellings."""
    space = chance.choice(["", "", " ", "  ", "\u3000"])
    kind, *parts = tree
    if kind == "leaf":
        written, binds = parts[0], 9
        if chance.random() < 0.2 and written[0].isdigit():
            written = written.translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－"))
    elif kind in FUNCTIONS:
        name = {"log": "ln", "arctan2": "atan2"}.get(kind, kind) if chance.random() < 0.5 else kind
        written, binds = f"{name}{space}({(',' + space).join(spelled(p, 0, chance) for p in parts)})", 9
    elif len(parts) == 1:
        written, binds = chance.choice([kind, "−" if kind == "-" else "＋"]) + space + spelled(parts[0], 3, chance), 3
    else:
        binds = BINARY[kind][1]
        left, right = (5, 3) if kind == "**" else (binds, binds + 1)
        symbol = chance.choice([kind, *OPERATORS[kind]])
        written = space.join([spelled(parts[0], left, chance), symbol, spelled(parts[1], right, chance)])
    needed = binds < around
    return chance.choice(["({})", "（ {} ）"]).format(written) if needed or chance.random() < 0.1 else written


@settings(max_examples=400, deadline=None)
@given(trees, points, st.randoms(use_true_random=False))
def test_any_spelling_of_a_tree_has_the_trees_value_to_the_last_bit(tree: Tree, point: tuple[float, ...], chance: random.Random) -> None:
    f = formula(spelled(tree, 0, chance), variables=("x", "y", "z"))
    assert bits(f(*point)) == bits(meaning(tree, {**dict(zip("xyz", point, strict=True)), "pi": math.pi}))


operands = st.one_of(st.sampled_from(["x", "y", "z", "2.0", "0.5", "3.0"]), st.sampled_from(["-x", "+y", "--z", "-2.0", "(x)", "-(y)", "sin(z)"]))
chains = st.lists(st.tuples(operands, st.sampled_from(list(BINARY))), min_size=1, max_size=9)


@settings(max_examples=400, deadline=None)
@given(chains, operands, points)
def test_a_chain_without_parentheses_is_read_as_python_reads_it(chain: list[tuple[str, str]], last: str, point: tuple[float, ...]) -> None:
    """Python's own parser is the judge, on text it reads too."""
    text = " ".join([*itertools.chain.from_iterable(chain), last])
    try:
        expected = eval(text, {"sin": math.sin}, dict(zip("xyz", point, strict=True)))  # noqa: S307 - the test's own text
    except (ZeroDivisionError, OverflowError, ValueError, TypeError):  # or a complex number on the way
        expected = 0j
    assume(isinstance(expected, float))
    assert bits(formula(text, variables=("x", "y", "z"))(*point)) == bits(expected)


def as_python(text: str) -> Callable[..., Any]:
    """The same text as a Python function, in a cell of its own."""
    source, file = f"f = lambda x, y, z: {text}\n", f"<cell {abs(hash(text))}>"
    linecache.cache[file] = (len(source), None, [source], file)
    names = {name: getattr(library, name) for name in FUNCTIONS} | {"pi": math.pi}
    exec(compile(source, file, "exec"), names)  # noqa: S102 - the tests' own text
    return names["f"]


class Plain(random.Random):
    """A way of spelling without variety: Python's."""

    def random(self) -> float:
        return 1.0

    def choice(self, seq: Any) -> Any:
        return seq[0]


# Python computes constants itself, to complex numbers at times, so no operation here has only constants
recorded = st.recursive(
    st.sampled_from(["x", "y", "z"]).map(lambda name: ("leaf", name)),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(SIGNS), inner),
        st.tuples(st.sampled_from(list(BINARY)), inner, inner),
        st.tuples(st.sampled_from(list(BINARY)), inner, numbers.map(lambda text: ("leaf", text))),
        st.tuples(st.sampled_from(list(BINARY)), st.just(("leaf", "pi")), inner),
        st.tuples(st.sampled_from(sorted(f for f, n in FUNCTIONS.items() if n == 1)), inner),
        st.tuples(st.sampled_from(sorted(f for f, n in FUNCTIONS.items() if n == 2)), inner, inner),
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(recorded, points)
def test_a_formula_leaves_the_trace_that_python_leaves_for_the_same_text(tree: Tree, point: tuple[float, ...]) -> None:
    text = spelled(tree, 0, Plain())
    expected = adviz.trace(as_python(text), *point)
    found = adviz.trace(formula(text, variables=("x", "y", "z")), *point)
    assert found.outputs == expected.outputs
    for a, b in zip(found.assignments, expected.assignments, strict=True):
        assert a.row is b.row
        assert repr((a.operands, a.value, a.partials)) == repr((b.operands, b.value, b.partials))
    assert spans(found) == spans(expected)


# ---- where it stands


@pytest.mark.parametrize("typed, expected", [
    (RUNNING, ["ln(x1)", "x1*x2", "sin(x2)", "ln(x1) + x1*x2", RUNNING]),
    ("(x1 + x2) * (x1 - x2)", ["x1 + x2", "x1 - x2", "(x1 + x2) * (x1 - x2)"]),
    ("-x1^2", ["x1^2", "-x1^2"]),
    ("  ((x1))·x2−３  ", ["((x1))·x2", "((x1))·x2−３"]),
    ("max( x1 ,（x2＋１） )", ["x2＋１", "max( x1 ,（x2＋１） )"]),
    ("x1 +\n\tx2", ["x1 +  x2"]),
    ("2*3*x1 + x2", ["2*3*x1", "2*3*x1 + x2"]),
    ("x1^-x2", ["-x2", "x1^-x2"]),
    ("sin(x1)*sin(x1)", ["sin(x1)", "sin(x1)", "sin(x1)*sin(x1)"]),
])  # fmt: skip
def test_the_text_at_a_position_is_exactly_the_sub_expression(typed: str, expected: list[str]) -> None:
    f = formula(typed, variables=("x1", "x2"))
    t = adviz.trace(f, 2.0, 5.0)
    assert spans(t) == expected
    assert [f.__doc__[a.position.column : a.position.end_column] for a in t.assignments] == expected
    assert {(a.position.function, a.position.line, a.position.end_line) for a in t.assignments} == {("f", 1, 1)}
    assert [a.label for a in t.assignments] == [None] * len(expected)


def test_a_whole_formula_is_one_statement_in_the_textbooks_order() -> None:
    t = adviz.trace(formula("ln(x1) + (x1\n*x2 - sin(x2)) / x1"), 2.0, 5.0)
    assert [a.row.name for a in t.assignments] == ["log", "multiply", "sin", "subtract", "divide", "add"]
    t = adviz.trace(formula(RUNNING), 2.0, 5.0, order="evaluation")
    assert [a.row.name for a in t.assignments] == ["log", "multiply", "add", "sin", "subtract"]


def test_the_source_of_a_formula_is_its_text_and_a_document_points_into_it() -> None:
    t = adviz.trace(formula(RUNNING), 2.0, 5.0)
    assert [(s.name, s.first_line, s.text) for s in t.sources] == [("f", 1, RUNNING)]
    content = document(t)
    assert content["title"] == "f(x1, x2)"
    assert content["sources"] == [{"name": "f", "first_line": 1, "text": RUNNING}]
    assert [v["position"] for v in content["variables"]] == [None, None, [0, 1, 0, 1, 6], [0, 1, 9, 1, 14], [0, 1, 17, 1, 24], [0, 1, 0, 1, 14], [0, 1, 0, 1, 24]]


def test_a_formula_called_by_a_function_is_a_unit_with_a_source_of_its_own() -> None:
    g = formula("sin(u)*u + 1")

    def f(x: Any) -> Any:
        return g(x + 1) - np.cos(x)

    t = adviz.trace(f, 2.0)
    assert [s.text for s in t.sources][1:] == ["sin(u)*u + 1"]
    assert spans(t) == ["x + 1", "np.cos(x)", "sin(u)", "sin(u)*u", "sin(u)*u + 1", "g(x + 1) - np.cos(x)"]


def test_text_that_python_would_read_otherwise_is_never_read_by_python() -> None:
    """x^2 is a bitwise operation in Python, and 0777*x no Python at all."""
    assert adviz.derivative(formula("x^2"))(3.0) == 6.0
    t = adviz.trace(formula("0777*x·x"), 3.0)
    assert (t.value, spans(t)) == (6993.0, ["0777*x", "0777*x·x"])


def test_the_text_of_a_formula_is_kept_as_long_as_its_code() -> None:
    f = formula("x*x")
    file = f.__code__.co_filename
    assert linecache.getlines(file) == ["x*x"]
    del f
    assert linecache.getlines(file) == []
    assert spans(adviz.trace(formula("x*x"), 3.0)) == ["x*x"]  # the trace keeps it


def test_an_error_inside_a_formula_names_its_part() -> None:
    kept: list[Any] = []
    adviz.gradient(lambda x: kept.append(x) or x)(1.0)
    with pytest.raises(adviz.TracedValueError, match=re.escape("x^2 (line 1)")):
        formula("1 + x^2")(kept[0])


# ---- it is differentiated like any function


def test_operators_nest_over_a_formula() -> None:
    assert adviz.gradient(formula(RUNNING))(2.0, 5.0) == (5.5, 5.0 * 0 + 2.0 - math.cos(5.0))
    assert adviz.derivative(adviz.derivative(adviz.derivative(formula("x^3"))))(2.0) == 6.0
    H = adviz.jacobian(adviz.gradient(formula(RUNNING)))(2.0, 5.0)
    assert H.tolist() == [[-0.25, 1.0], [1.0, math.sin(5.0)]]
    inner = formula("sin(a*x)")
    assert adviz.derivative(lambda x: adviz.derivative(lambda a: inner(a, x))(2.0))(1.0) == pytest.approx(math.cos(2.0) - 2 * math.sin(2.0))
    assert adviz.jvp(formula("x*y"), (2.0, 5.0), (3.0, -1.0)) == (10.0, 13.0)


def test_timelines_of_a_formula_name_its_inputs() -> None:
    tl = adviz.reverse(formula(RUNNING), 2.0, 5.0)
    assert tl.result == adviz.gradient(formula(RUNNING))(2.0, 5.0)
    assert "v₋₁ = x1" in str(tl)


# ---- refusals


def refused(typed: str, **options: Any) -> int:
    """The column of the refusal, after what holds for every refusal was checked."""
    with pytest.raises(adviz.FormulaError) as caught:
        formula(typed, **options)
    return checked(typed, str(caught.value))


def checked(typed: str, said: str) -> int:
    """A sentence with a column, the place, a caret under it: at most 300 characters that print."""
    assert len(said) <= 300
    sentence, place, caret = said.split("\n")
    assert all(line.isprintable() for line in (sentence, place, caret))
    assert not any(unicodedata.category(c)[0] == "M" or unicodedata.bidirectional(c) in ("R", "AL") for c in said)
    found = COLUMN.match(sentence)
    assert found is not None
    assert sentence.endswith((".", "?", "…"))
    column, normal = int(found[1]), unicodedata.normalize("NFC", typed)
    assert 1 <= column <= len(normal) + 1
    assert re.fullmatch(r" *\^", caret)
    widths = list(itertools.accumulate((2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in place), initial=0))
    under = dict(zip(widths, [*place, ""], strict=True))[len(caret) - 1]
    there = normal[column - 1 : column]
    assert under in (there, "\ufffd") or there.isspace()
    return column


EXACT = {
    "2x": "Column 2: an operator is missing here. For the product write 2*x.\n2x\n ^",
    "2 sin x": "Column 3: an operator is missing here. For the product write 2*sin(x).\n2 sin x\n  ^",
    "x(y)": "Column 1: there is no function x. For the product write x*(...).\nx(y)\n^",
    "(x+1)(x-1)": "Column 6: an operator is missing here. For the product write (...)*(...).\n(x+1)(x-1)\n     ^",
    "sin x": "Column 1: sin is a function and needs its argument in parentheses: sin(x).\nsin x\n^",
    "hypot(x)": "Column 1: hypot takes 2 arguments and was given 1. Write hypot(x, y).\nhypot(x)\n^",
    "x1 + * x2": "Column 6: something is missing before *.\nx1 + * x2\n     ^",
    "３＋·x": "Column 3: something is missing before ·.\n３＋·x\n    ^",
    "": "Column 1: the formula is empty. Write one, such as ln(x1) + x1*x2.\n\n^",
    "π*x": "Column 1: π (U+03C0) is not used in a formula. Write pi.\nπ*x\n^",
    "Sin(x)": "Column 1: there is no function Sin. Is sin meant?\nSin(x)\n^",
}


@pytest.mark.parametrize("typed", EXACT)
def test_what_a_refusal_says(typed: str) -> None:
    with pytest.raises(adviz.FormulaError) as caught:
        formula(typed)
    assert str(caught.value) == EXACT[typed]
    checked(typed, str(caught.value))


@pytest.mark.parametrize("at", [0, 1, 50, 199, 200])
def test_the_longest_sentence_about_the_widest_text_keeps_within_300_characters(at: int) -> None:
    typed = "\N{FULLWIDTH DIGIT THREE}" * 200
    checked(typed, str(refusal(typed, at, "formula.missing", symbol="漢" * 1000)))


@pytest.mark.parametrize("typed, column, words", [
    ("x +", 4, "ends after +"), ("x^", 3, "ends after ^"), ("  ", 3, "empty"), ("()", 2, "nothing between"), ("sin()", 1, "takes 1 argument and was given 0"),
    ("sin(x, y)", 1, "takes 1 argument and was given 2. Write sin(x)"), ("max(x, y, z)", 1, "takes 2 arguments and was given 3"),
    ("max(x,)", 7, "missing before )"), ("max(,x)", 5, "missing before ,"), ("2,5", 2, "2.5, not 2,5"), ("(x, y)", 3, "a comma"), ("(x", 1, "never closed"),
    ("2*sin(x", 6, "never closed"), ("x)", 2, "closes nothing"), ("x y", 3, "write x*y"), ("2(x)", 2, "write 2*("), ("2 3", 3, "write 2*3"),
    ("x 2", 3, "write x*2"), ("pi r", 4, "write pi*r"), ("(x)y", 4, "write (...)*y"), ("x sin(y)", 3, "write x*sin(x)"), ("2e", 2, "write 2*e"),
    ("x.real", 2, "by its name alone"), ("np.sin(x)", 3, "by its name alone"), ("1.2.3", 1, "not a number"), ("1e5.5", 1, "not a number"),
    ("1_000", 2, "without _"), ("_x", 1, "begins with a letter"), ("x__y", 1, "cannot be a name"), ("y = x", 3, "right-hand side"), ("x == 1", 3, "comparisons"),
    ("x < 1", 3, "comparisons"), ("x != 1", 3, "comparisons"), ("x ≤ 1", 3, "comparisons"), ("x[0]", 2, "square brackets"), ("'x'", 1, "quoted text"),
    ("x'", 2, "quoted text"), ("x²", 2, "Write ^2"), ("√x", 1, "Write sqrt(x)"), ("|x|", 1, "Write abs(x)"), ("{x}", 1, "Write (."), ("x – 1", 3, "Write -."),
    ("θ", 1, "Write theta"), ("Ω", 1, "Write Omega"), ("ｘ", 1, "Write x"), ("x!", 2, "no meaning"), ("x\u200b", 2, "U+200B stands here, which does not show"),
    ("x\u0301", 2, "U+0301"), ("x\u202ey", 2, "U+202E"), ("sine(x)", 1, "Is sin meant?"), ("arctg(x)", 1, "no function arctg"), ("lambda x: x", 1, "word of Python"),
    ("x if y", 3, "word of Python"), ("None", 1, "word of Python"), ("sin^2(x)", 1, "needs its argument"), ("max + 1", 1, "max(x, y)"), ("1e999", 1, "too large"),
    ("1e309*0", 1, "too large"), ("x;y", 2, "no meaning"), ("x×·y", 3, "missing before ·"), ("x÷÷y", 3, "missing before ÷"), ("5%", 3, "ends after %"),
])  # fmt: skip
def test_a_refusal_points_at_the_place_and_says_what_to_write(typed: str, column: int, words: str) -> None:
    assert refused(typed) == column
    with pytest.raises(adviz.FormulaError, match=re.escape(words)):
        formula(typed)


@pytest.mark.parametrize("given", [None, 3, 2.5, b"x", ["x"], lambda x: x, np.array(["x"]), ("x",), type("Long" * 99, (), {})()])
def test_what_is_not_text_is_refused_in_words(given: Any) -> None:
    with pytest.raises(adviz.FormulaError, match="A formula is text") as caught:
        formula(given)
    assert len(str(caught.value)) <= 300
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("variables, words", [
    ("x", "a tuple of names"), (3, "a tuple of names"), ((1, 2), "a tuple of names"), (("x", "x"), "twice"), (("2x",), "cannot be a name"),
    (("",), "cannot be a name"), (("é",), "cannot be a name"), (("x y",), "cannot be a name"), (("_x",), "cannot be a name"), (("__class__",), "cannot be a name"),
    (("lambda",), "word of Python"), (("e",), "another name"), (("sin",), "another name"), (("x" * 1000,), "cannot be a name"), (("\u202e\n",), "cannot be a name"),
])  # fmt: skip
def test_variables_are_names_of_their_own(variables: Any, words: str) -> None:
    with pytest.raises(adviz.FormulaError, match=words) as caught:
        formula("1", variables=variables)
    assert len(str(caught.value)) <= 300
    assert str(caught.value).isprintable()


def test_a_name_that_is_not_declared_is_refused() -> None:
    assert refused("x + why", variables=("x", "y")) == 5
    assert refused("x", variables=()) == 1
    assert refused("x0", variables=tuple(f"long_name_of_variable_{k}" for k in range(500))) == 1


# ---- what must never be read: each of these is refused, and none of it is run

REJECTED = {
    "attributes and items": [
        "x.__class__", "().__class__", "(1).__class__.__bases__", "x.y.z", "sin.__globals__", "sin.__self__", "x.real", "1 .real", "1..real", "x[0]", "x[x]", "[x]",
        "[]", "{}", "{x}", "{x: y}", "x[1:2]", "''.join", "\"\".__class__", "sin.__call__(x)", "x.__add__(y)", "np.sin(x)", "math.sin(x)", "os.system('id')",
    ],
    "imports and names of Python": [
        "__import__('os')", "__import__(\"os\").system(\"id\")", "import os", "from os import *", "exec('1')", "eval('1')", "eval(x)", "compile('1','','eval')",
        "open('f')", "open(x)", "globals()", "locals()", "vars()", "dir()", "getattr(x, y)", "setattr(x, y, z)", "type(x)", "object()", "print(x)",
        "input()", "exit()", "quit()", "breakpoint()", "help()", "__builtins__", "__name__", "__file__", "__doc__", "_", "__", "x.__dict__", "sympify(x)", "id(x)",
        "memoryview(x)", "super()", "int(x)", "float(x)", "str(x)", "len(x)", "sum(x)", "range(9)", "sin", "max", "sin.max", "x.exec",
    ],
    "statements and other expressions": [
        "lambda: x", "lambda x: x", "(lambda x: x)(1)", "x if y else z", "x and y", "x or y", "not x", "x in y", "x is y", "[x for x in y]", "(x for x in y)",
        "{x for x in y}", "x := 1", "(x := 1)", "x = 1", "x += 1", "x == 1", "x != y", "x < y", "x <= y", "x > y", "x >= y", "x <> y", "x < y < z", "del x",
        "pass", "return x", "yield x", "await x", "assert x", "raise x", "while x: y", "for x in y: z", "def f(): x", "class x: y", "with x: y", "try: x",
        "x; y", "x: y", "@x", "x @ y", "x & y", "x | y", "x ~ y", "~x", "x << y", "x >> y", "x -> y", "*x", "**x", "sin(*x)", "sin(**x)", "sin(x=1)", "sin(x for x)",
        "...", "None", "True", "False", "`x`", "x ? y : z", "x // ", "$x", "#x", "x # y", "x \\ y", "\\x41", "%s", "x!", "x++", "++", "--", "x--", "*", "/", "^",
    ],
    "quoted text": ["'x'", "\"x\"", "'''x'''", "f'{x}'", "f\"{__import__('os')}\"", "b'x'", "r'x'", "u'x'", "'x' * 10", "‘x’", "“x”", "x''", "'"],
    "commas and parentheses": ["x, y", "(x, y)", ",", "x,", ",x", "max(x y)", "max(x;y)", "max(x,,y)", "(", ")", "(()", "())", ")(", "((x)", "(x))", "sin(", "sin)", "sin((x)", "x()", "()()", "(x)(y)"],
    "numbers": ["1e", "1e+", "0x1F", "0b1", "0o7", "1_000", "1j", "1.5j", "1.2.3", "1..2", "..", ".", "1e5.5", "1e1e1", "1e999", "9" * 400, "1e99999999", "2,5", "1'000", "1 000", "٣", "²", "½", "Ⅷ", "①", "１，２"],
    "characters that look alike or do not show": [
        "ｘ", "ｓｉｎ(x)", "ſin(x)", "ﬁ", "𝑥", "𝐬𝐢𝐧(x)", "х", "у+х", "ѕin(x)", "Ꭲ", "π", "𝜋", "п", "ϖ", "Π", "∏", "ℯ", "ｅ", "х*x", "α", "ν", "ο", "ｐｉ", "µ", "x\u0301", "e\u0301", "x\u0338", "=\u0338", "1\u20e3",
        "x\u200b", "\u200bx", "si\u200bn(x)", "x\u200dy", "x\u2060", "\ufeffx", "x\u00ad", "\u202ex", "x\u202e+y", "\u2067x\u2069", "x\u200f", "\u061cx", "א", "ش", "x\u0000", "\x00", "x\x1b[31m", "x\x7f", "x\x0b+1",
        "x\x0c+1", "x\x85+1", "x\u2028+1", "x\u2029+1", "\ud800", "x\udfff", "\U000e0041", "x\ufe0f", "🙂", "x＝1", "x＜1", "ｘ１", "﹢x", "x⁄y", "x∕y", "x∗y", "x﹡y", "x–y", "x—y", "⁻x", "x⁻¹", "√x", "∞", "∂x", "∫x", "x′", "＿x", "Å", "ª", "x·", "¼", "〇", "（x", "x）",
    ],
    "too much": [
        "9" * 10**6, "x+" * 10**6 + "x", "(" * 1000 + "x" + ")" * 1000, "(" * 10**5, "-" * 10**5 + "x", "sin(" * 200 + "x" + ")" * 200, "x" * 10**5, "x" * 41, " " * 10**5 + "x", "9**9" * 10**5, "\u0301" * 10**5,
        "x+" * 20_000 + "x", "1" * 400 + ".0", "max(" + "x," * 5000 + "x)", "ﷺ" * 1000, "2 " * 9000,
    ],
}  # fmt: skip
CASES = [(kind, typed) for kind, listed in REJECTED.items() for typed in listed]


@pytest.mark.parametrize("typed", [typed for _, typed in CASES], ids=[f"{kind}-{k}" for k, (kind, _) in enumerate(CASES)])
def test_what_is_no_formula_is_refused(typed: str) -> None:
    refused(typed)


def test_there_are_many_such_texts() -> None:
    assert len({typed for _, typed in CASES}) >= 300


# ---- limits, and the work they bound


def calls_made(work: Callable[[], Any]) -> int:
    """How many functions, Python's and C's, were called on the way."""
    count = 0

    def count_it(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_it)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def read_or_refused(typed: str) -> str:
    try:
        formula(typed)
    except adviz.FormulaError as error:
        return str(error)
    return ""


LARGEST = {
    "a sum": "+".join(["x"] * (TOKENS // 2)), "a product of sums": "*".join(["(x+y)"] * (TOKENS // 6)), "a tower": "^".join(["x"] * (TOKENS // 2)),
    "signs": "-" * (TOKENS - 1) + "x", "functions": "+".join(["sin(x)"] * (TOKENS // 5)), "many variables": "+".join(f"x{k}" for k in range(3000)),
    "parentheses": "(" * NESTING + "x" + ")" * NESTING, "calls": "sin(" * NESTING + "x" + ")" * NESTING, "signed powers": "x" + "^-x" * (TOKENS // 3 - 1),
    "digits": "0." + "1" * (LENGTH - 2), "spaces": " " * (LENGTH - 1) + "x",
}  # fmt: skip


def test_the_largest_formulas_need_no_recursion() -> None:
    """In a fresh process, whose stack is shallow: read, computed, differentiated, traced with 120 frames at most."""
    program = "\n".join([
        "import sys, adviz, adviz.formulas",
        "for f in (adviz.formula('x*x + sin(x)'),): f(1.0); adviz.gradient(f)(1.0); adviz.trace(f, 1.0).assignments",
        "sys.setrecursionlimit(120)",
        "for typed in sys.stdin.read().splitlines():",
        "    f = adviz.formula(typed)",
        "    point = [1.0] * f.__code__.co_argcount",
        "    adviz.gradient(f)(*point)",
        "    t = adviz.trace(f, *point)",
        "    print(f(*point) == t.value, len(t.assignments), t.assignments[-1].position.end_column if t.assignments else 0)",
    ])  # fmt: skip
    with_variables = {kind: typed for kind, typed in LARGEST.items() if "x" in typed}
    done = subprocess.run([sys.executable, "-c", program], input="\n".join(with_variables.values()), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    said = dict(zip(with_variables, done.stdout.splitlines(), strict=True))
    assert said["a sum"] == f"True {TOKENS // 2 - 1} {TOKENS - 1}"
    assert said["signs"] == f"True {TOKENS - 1} {TOKENS}"
    assert said["parentheses"] == "True 0 0"
    assert {line.split()[0] for line in said.values()} == {"True"}


@pytest.mark.parametrize("typed", LARGEST.values(), ids=LARGEST)
def test_a_formula_at_the_limit_is_read(typed: str) -> None:
    assert len(typed) <= LENGTH
    assert callable(formula(typed))


@pytest.mark.parametrize("typed, words", [
    (LARGEST["a sum"] + "+x+x", f"at most {TOKENS}"), ("-" * TOKENS + "x", f"at most {TOKENS}"), ("(" + LARGEST["parentheses"] + ")", f"at most {NESTING} deep"),
    ("sin(" + LARGEST["calls"] + ")", f"at most {NESTING} deep"), (" " * LENGTH + "x", f"at most {LENGTH} characters"), ("x" * (NAME_LENGTH + 1), "cannot be a name"),
    ("+".join(["x"] * 20_000), f"at most {LENGTH} characters; this one has 39999"),
])  # fmt: skip
def test_a_formula_beyond_a_limit_is_refused_with_the_limit(typed: str, words: str) -> None:
    with pytest.raises(adviz.FormulaError, match=words) as caught:
        formula(typed)
    checked(typed, str(caught.value))
    assert callable(formula("x" * NAME_LENGTH))


@pytest.mark.parametrize("repeated", ["(", ")", "-", "x+", "9", ".", "1e", "x ", "x", "sin(", "x^", "max(x,", ",", "é", "\u0301", "x*(", "~", "1.", "(x)", "x x"])
def test_the_work_on_a_text_grows_with_its_length(repeated: str) -> None:
    read_or_refused(repeated * 10)  # what is made once is made
    n = 600 // len(repeated)
    small, large = (calls_made(lambda n=n: read_or_refused(repeated * n)) for n in (n, 4 * n))
    assert large < 5 * small + 1000


# ---- anything at all

PIECES = [
    *["x", "y", "z", "x1", "pi", "e", "sin(", "ln(", "max(", "hypot(", "(", ")", "(", ")", "+", "-", "*", "/", "^", "**", "//", "%", ",", ".", "2", "3.5", "1e3", ".5"], *"·×−÷２＋（）", " ", "  ", "=", "<", "[", "'", "_", "__", "lambda", "if", "x.", "\u200b", "π", "²", "\n", "\u0301", "\ud800",
]  # fmt: skip


def any_text(chance: random.Random) -> str:
    """Pieces of formulas, characters of any kind, or a formula that was damaged."""
    match chance.randrange(4):
        case 0:
            return "".join(chance.choices(PIECES, k=chance.randrange(14)))
        case 1:
            return "".join(chr(chance.choice([chance.randrange(128), chance.randrange(0x3000), chance.randrange(0x110000)])) for _ in range(chance.randrange(12)))
        case 2:
            damaged = list(chance.choice([RUNNING, "max(x, -y)^2/(1 + e^-z)", "((x + 1)*(y - 2.5e-3)) // 3 % pi", "（２＋x）·３"]))
            for _ in range(chance.randrange(1, 4)):
                at = chance.randrange(len(damaged) + 1)
                damaged[at : at + chance.randrange(2)] = chance.choice([[], [chance.choice(PIECES)], [chr(chance.randrange(128))]])
            return "".join(damaged)
        case _:
            return "".join(chance.choices("xy0123456789.+-*/^(), e", k=chance.randrange(60)))


def fuzz(count: int, seed: int) -> int:
    """Each text is a formula or refused as every refusal is, with bounded work. How many were formulas."""
    chance, accepted = random.Random(seed), 0
    for _ in range(count):
        typed = any_text(chance)
        said: list[str] = []
        work = calls_made(lambda typed=typed, said=said: said.append(read_or_refused(typed)))
        assert work < 40_000 + 500 * len(typed), repr(typed)  # a name that is no function is compared with all that are
        if said[0]:
            checked(typed, said[0])
        else:
            accepted += 1
            f = formula(typed)
            assert isinstance(f(*[1.5] * f.__code__.co_argcount), float), repr(typed)
    return accepted


def test_any_text_is_a_formula_or_is_refused_in_words() -> None:
    accepted = fuzz(2000, seed=1)
    assert 50 < accepted < 1000


@pytest.mark.long
def test_100000_texts_are_formulas_or_are_refused_in_words() -> None:
    accepted = fuzz(100_000, seed=2)
    assert 2_500 < accepted < 50_000


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_raises_anything_else(typed: str) -> None:
    said = read_or_refused(typed)
    if said:
        checked(typed, said)


def test_formulas_are_read_in_threads() -> None:
    results: list[float] = []
    threads = [threading.Thread(target=lambda k=k: results.append(adviz.derivative(formula(f"x^{k}"))(1.0))) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [float(k) for k in range(8)]
