"""`code`: write a rule or a sweep yourself. It is checked by properties that every right one has, at points drawn at random.

What is written is called, never read: a rule as `fn(v_bar, a, b) -> (a_bar, b_bar)` or `fn(a, a_dot, b, b_dot) -> v_dot`, a sweep as
`fn(trace, seed) -> derivatives`, a class of dual numbers as `Dual(value, tangent)` with `.value` and `.tangent`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.errors import InputError
from adviz.exercises import properties
from adviz.exercises.exercise import Exercise, Feedback, Task
from adviz.exercises.items import Item
from adviz.exercises.properties import Failed
from adviz.formulas import callable_rows
from adviz.functions import ALIASES
from adviz.questions import Verdict
from adviz.table import table
from adviz.texts import text

VERSION = 1
OTHERS: dict[str, Callable[[Any], None]] = {
    "sweep.forward": properties.forward_sweep, "sweep.reverse": properties.reverse_sweep, "gradient": properties.gradient, "dual": properties.dual,
}  # fmt: skip


def code(target: str, fn: Any = None) -> Exercise | Feedback:
    """Write `target` yourself: "mul.backward", "sin.forward" (a rule of the table), "sweep.forward", "sweep.reverse", "gradient", "dual".

    fn    your code; with it the verdict is returned, without it the exercise, whose check(fn) gives the verdict

    >>> code("mul.backward", lambda v_bar, a, b: (v_bar * b, v_bar * a)).ok
    True
    >>> code("mul.backward", lambda v_bar, a, b: (v_bar * a, v_bar * b)).ok
    False
    """
    exercise = Exercise(code_task(target))
    return exercise if fn is None else exercise.check(fn)


def code_task(target: str) -> Task:
    """The task of that name. InputError where there is none."""
    asked, check = _found(target)

    def marked(given: Any) -> Verdict:
        if not callable(given):
            return Verdict(False, None, text("code.callable"), hints, None)
        try:
            check(given)
        except Failed as failed:
            return Verdict(False, None, text("predict.again", sentence=failed.sentence), hints, 0.0)
        return Verdict(True, None, text("code.right"), hints, 1.0)

    hints = text(f"code.{asked}.hint1"), text(f"code.{asked}.hint2"), text(f"code.{asked}.hint3")
    name = target if asked in OTHERS else text(f"code.{asked}", row=target.rpartition(".")[0])
    item = Item(target, text("code.label", target=target), text(f"code.{asked}.ask", row=target.rpartition(".")[0]), hints, marked,
                lambda: text("code.yours"), lambda: text("code.checked"))  # fmt: skip
    return Task(f"code-{target}", VERSION, None, {"kind": "code", "target": target}, text("code.title", target=name), [item], lambda states: [])


def _found(target: str) -> tuple[str, Callable[[Any], None]]:
    """What kind of code it is, and its check."""
    if target in OTHERS:
        return target, OTHERS[target]
    row, _, way = str(target).rpartition(".")
    known = ALIASES.get(row, row)
    if way not in ("forward", "backward") or known not in callable_rows():
        raise InputError(text("code.target", target=repr(target)[:60], targets=", ".join(OTHERS)))
    check = properties.forward_rule if way == "forward" else properties.backward_rule
    return f"rule.{way}", lambda fn: check(table[known], fn)
