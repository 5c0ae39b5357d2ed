"""The textbook's order: level by level within a statement, calls in one piece, statements as the program has them."""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adviz
from adviz import Ref
from adviz.position import segment

FUNCTIONS = ("np.sin", "np.cos", "np.exp", "np.tanh", "helper", "abs")


def in_a_file(name: str, source: str, **names: Any) -> Callable[..., Any]:
    """The function f of a source text that Python's traceback and adviz can look up."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    found: dict[str, Any] = {"np": np, **names}
    exec(compile(source, name, "exec"), found)  # noqa: S102 - the tests' own text
    return found["f"]


def written(f: Callable[..., Any], *point: float, order: str = "textbook") -> list[str]:
    """The sub-expressions of a trace, in order."""
    t = adviz.trace(f, *point, order=order)
    return [segment(linecache.getlines(a.position.file), a.position) for a in t.assignments]


def running(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def test_the_running_example_is_listed_as_baydin_lists_it() -> None:
    assert written(running, 2.0, 5.0) == ["np.log(x1)", "x1 * x2", "np.sin(x2)", "np.log(x1) + x1 * x2", "np.log(x1) + x1 * x2 - np.sin(x2)"]


def test_the_raw_order_is_pythons() -> None:
    assert written(running, 2.0, 5.0, order="evaluation") == [
        "np.log(x1)", "x1 * x2", "np.log(x1) + x1 * x2", "np.sin(x2)", "np.log(x1) + x1 * x2 - np.sin(x2)",
    ]  # fmt: skip


def exponential(u):
    return np.exp(u) * u


def test_a_call_stays_in_one_piece() -> None:
    def f(x):
        return np.sin(x) * 2 + exponential(x) + x * exponential(x * 3)

    assert written(f, 0.5) == [
        "np.sin(x)", "np.exp(u)", "np.exp(u) * u", "x * 3", "np.sin(x) * 2", "np.exp(u)", "np.exp(u) * u",
        "np.sin(x) * 2 + exponential(x)", "x * exponential(x * 3)", "np.sin(x) * 2 + exponential(x) + x * exponential(x * 3)",
    ]  # fmt: skip


def test_an_integer_constant_is_not_a_variable_of_that_index() -> None:
    def f(x):
        return np.exp(np.sin(x)) + x * 2

    assert written(f, 0.5) == ["np.sin(x)", "x * 2", "np.exp(np.sin(x))", "np.exp(np.sin(x)) + x * 2"]


def test_an_operand_that_was_not_taken_still_comes_first() -> None:
    def f(x):
        return np.where(x > 0, x * 2, np.exp(np.sin(np.cos(x)))) + 1

    assert written(f, 0.5)[-2:] == ["np.where(x > 0, x * 2, np.exp(np.sin(np.cos(x))))", "np.where(x > 0, x * 2, np.exp(np.sin(np.cos(x)))) + 1"]


def test_statements_keep_the_programs_order() -> None:
    def f(x, y):
        a = x * y + np.sin(x); b = np.cos(y)  # noqa: E702 - two statements on one line
        c = a * b
        return c + y * y

    assert written(f, 2.0, 3.0) == ["x * y", "np.sin(x)", "x * y + np.sin(x)", "np.cos(y)", "a * b", "y * y", "c + y * y"]


def test_every_pass_of_a_loop_is_ordered_by_itself() -> None:
    def f(x):
        s = x
        for k in range(3):
            s = s * k + x * x - np.sin(s)
        return s

    one_pass = ["s * k", "x * x", "np.sin(s)", "s * k + x * x", "s * k + x * x - np.sin(s)"]
    assert written(f, 0.5) == one_pass * 3


def test_a_loop_on_one_line_keeps_its_passes_apart() -> None:
    def f(x):
        while x < 50: x = x * x + 1 - np.sin(x)  # noqa: E701
        return x

    t = written(f, 2.5)
    assert t == ["x * x", "np.sin(x)", "x * x + 1", "x * x + 1 - np.sin(x)"] * (len(t) // 4)
    assert len(t) > 4


def test_a_comprehension_is_one_unit_whose_passes_stay_in_order() -> None:
    def f(x, y):
        return np.exp(y) * y + sum([np.sin(k * x) + x * y for k in (1, 2)])

    one_pass = ["k * x", "x * y", "np.sin(k * x)", "np.sin(k * x) + x * y"]
    sums = ["sum([np.sin(k * x) + x * y for k in (1, 2)])"] * 2
    assert written(f, 0.5, 0.25) == [
        "np.exp(y)", *one_pass, *one_pass, "np.exp(y) * y", *sums, "np.exp(y) * y + sum([np.sin(k * x) + x * y for k in (1, 2)])",
    ]  # fmt: skip


def test_a_generator_is_summed_as_it_goes() -> None:
    def f(x):
        return sum(np.sin(k * x) for k in (1, 2))

    whole = "sum(np.sin(k * x) for k in (1, 2))"
    assert written(f, 0.5) == ["k * x", "np.sin(k * x)", whole, "k * x", "np.sin(k * x)", whole]


def test_the_terms_of_a_sum_of_a_list_come_first() -> None:
    def f(x, y):
        return sum([x * y, np.sin(x), np.exp(np.sin(y))])

    terms = ["x * y", "np.sin(x)", "np.sin(y)", "np.exp(np.sin(y))"]
    assert written(f, 2.0, 3.0) == terms + ["sum([x * y, np.sin(x), np.exp(np.sin(y))])"] * 3


def test_an_unknown_text_falls_back_to_lines() -> None:
    found: dict[str, Any] = {"np": np}
    exec(compile("def f(x, y):\n    return np.log(x) + x * y - np.sin(y)\n", "<nowhere to be found>", "exec"), found)  # noqa: S102
    t = adviz.trace(found["f"], 2.0, 5.0)
    assert [a.row.name for a in t.assignments] == ["log", "multiply", "sin", "add", "subtract"]
    assert all(a.position.line == 2 for a in t.assignments)
    assert t.sources == ()


def expression(rng: random.Random, depth: int, names: list[str]) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([*names, "0.5", "2"])
    kind = rng.random()
    if kind < 0.55:
        return f"({expression(rng, depth - 1, names)} {rng.choice('+-*')} {expression(rng, depth - 1, names)})"
    if kind < 0.9:
        return f"{rng.choice(FUNCTIONS)}({expression(rng, depth - 1, names)})"
    return f"sum([{expression(rng, depth - 1, names)} * k for k in range(3)])"


def program(seed: int) -> str:
    """A random function of x and y: assignments, loops, calls, comprehensions."""
    rng = random.Random(seed)
    names = ["x", "y"]
    lines = ["def f(x, y):"]
    for n in range(rng.randint(1, 6)):
        target = f"t{n}"
        if rng.random() < 0.3:
            lines += [f"    {target} = x", f"    for k in range({rng.randint(1, 3)}):", f"        {target} = np.tanh({expression(rng, 2, [*names, target])} + {target})"]
        else:
            lines.append(f"    {target} = np.tanh({expression(rng, 4, names)} + x)")
        names.append(target)
    return "\n".join([*lines, f"    return {expression(rng, 3, names)} + {names[-1]}", ""])


def helper(u):
    return np.tanh(u) * u + np.cos(u)


@pytest.mark.parametrize("seed", range(60))
def test_the_order_is_topological_and_keeps_statements_and_calls_together(seed) -> None:
    f = in_a_file(f"<random {seed}>", program(seed), helper=helper)
    textbook, evaluation = adviz.trace(f, 0.3, 0.7), adviz.trace(f, 0.3, 0.7, order="evaluation")
    assert len(textbook.assignments) == len(evaluation.assignments)
    assert repr(textbook.value) == repr(evaluation.value)
    for a in textbook.assignments:
        assert all(u.index < a.index for u in a.operands if isinstance(u, Ref)), program(seed)
    lines = [[a.position.line for a in t.assignments if a.position.function == "f"] for t in (textbook, evaluation)]
    assert lines[0] == lines[1], "statements keep the program's order"
    inside = "".join("h" if a.position.function == "helper" else "." for a in textbook.assignments)
    assert all(len(run) % 4 == 0 for run in inside.split(".")), "tanh, times, cos, plus of one call stand together"
    for seed_ in ((1.0, 0.0), (0.0, 1.0)):
        assert adviz.forward(textbook, seed=seed_).result == adviz.forward(evaluation, seed=seed_).result


def test_the_order_of_a_long_program_is_what_it_was(golden) -> None:
    """The same under every Python: comprehensions are frames of their own before 3.12 and not after."""
    listed = []
    for seed in range(8):
        listed += [program(seed)] + written(in_a_file(f"<golden {seed}>", program(seed), helper=helper), 0.3, 0.7) + [""]
    golden("ordering.txt", "\n".join(listed))
