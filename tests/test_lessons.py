"""Every number that a lesson's text states is one that adviz computes.

A decimal number in the prose, and the number of a step, must be a quantity listed here for that lesson, as far as its digits
are written out. A quantity that no text states is an error as well: then the list would excuse numbers that nobody meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import adviz

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
LESSONS = sorted(FOLDER.rglob("*.ipynb"))
DECIMAL = re.compile(r"(?<![\w.])[−-]?\d+\.\d+(?!\.?\d)")
STEP = re.compile(r"\bsteps? (\d+)\b|\b(\d+) steps?\b")


class Number(NamedTuple):
    """A number as the text has it, and the text around it."""

    written: str
    around: str

    @property
    def value(self) -> float:
        return float(self.written.replace("−", "-"))

    def states(self, quantity: float) -> bool:
        """Whether it is that quantity, rounded to the digits that are written. A step's number is not rounded."""
        decimals = len(self.written.partition(".")[2])
        return abs(self.value - quantity) <= 0.5 * 10**-decimals * (1 + 1e-9) if decimals else self.value == quantity


def prose(file: Path) -> str:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def numbers(text: str) -> list[Number]:
    found = [(match.group(), match) for match in DECIMAL.finditer(text)]
    found += [(match[1] or match[2], match) for match in STEP.finditer(text)]
    return [Number(written, text[max(0, match.start() - 40) : match.end() + 20]) for written, match in found]


def unexplained(text: str, quantities: Mapping[str, float]) -> list[Number]:
    return [number for number in numbers(text) if not any(number.states(quantity) for quantity in quantities.values())]


def unstated(text: str, quantities: Mapping[str, float]) -> list[str]:
    return [name for name, quantity in quantities.items() if not any(number.states(quantity) for number in numbers(text))]


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def a_gradient_in_one_line() -> dict[str, float]:
    """f at (2, 5), the nudge of x1 by a hundredth, and what the reverse sweep shows on its way."""
    nudge = 0.01
    slope_x1, slope_x2 = adviz.gradient(f)(2.0, 5.0)
    sweep = adviz.reverse(f, 2.0, 5.0)
    x2_shares = [n for n, step in enumerate(sweep.steps, 1) if isinstance(step, adviz.Accumulate) and step.index == 0]
    x1_shares = [step.share for step in sweep.steps if isinstance(step, adviz.Contribute) and step.index == -1]
    return {
        "y": adviz.trace(f, 2.0, 5.0).value,
        "the nudge": nudge,
        "x1, nudged": 2.0 + nudge,
        "the change of y, measured": f(2.0 + nudge, 5.0) - f(2.0, 5.0),
        "the change of y, from the slope": slope_x1 * nudge,
        "the slope for x1": slope_x1,
        "the slope for x2": slope_x2,
        "the share of x2 through the sine": sweep.frame(x2_shares[0]).adjoints[0],
        "the share of x1 through the logarithm": x1_shares[-1],
        "the step after which x2 has one share": x2_shares[0],
        "the last step": len(sweep.steps),
    }


QUANTITIES: dict[str, Callable[[], dict[str, float]]] = {
    "00_a_gradient_in_one_line": a_gradient_in_one_line,
}


@pytest.fixture(params=LESSONS, ids=lambda file: file.stem)
def lesson(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_the_quantities_of_every_lesson_are_listed() -> None:
    assert {file.stem for file in LESSONS} == set(QUANTITIES)


def test_every_number_in_the_prose_is_computed(lesson: Path) -> None:
    assert unexplained(prose(lesson), QUANTITIES[lesson.stem]()) == []


def test_every_quantity_is_in_the_prose(lesson: Path) -> None:
    assert unstated(prose(lesson), QUANTITIES[lesson.stem]()) == []


def test_a_number_that_is_changed_is_noticed(lesson: Path) -> None:
    """Each number once with its last digit off by one, and once with the other sign."""
    quantities = QUANTITIES[lesson.stem]()
    for number in numbers(prose(lesson)):
        last = int(number.written[-1])
        off_by_one = number.written[:-1] + str(last + 1 if last < 9 else last - 1)
        other_sign = number.written[1:] if number.written[0] in "-−" else f"−{number.written}"
        assert unexplained(f"step {off_by_one}" if "." not in off_by_one else off_by_one, quantities)
        assert unexplained(other_sign, quantities) or "." not in other_sign


def test_numbers_are_found_in_every_way_of_writing_them() -> None:
    written = [number.written for number in numbers("−0.28 + 2.0, (5.5), $1.716$, step 11, 17 steps; not v1.2.3, not 2 or x1.")]
    assert written == ["−0.28", "2.0", "5.5", "1.716", "11", "17"]


CONCEPT = re.compile(r"C(0[1-9]|[1-6]\d|7[0-7])")


def test_every_lesson_says_which_concepts_it_teaches(lesson: Path) -> None:
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    concepts = {concept for cell in cells for concept in cell["metadata"].get("adviz", {}).get("concepts", [])}
    assert concepts
    assert all(CONCEPT.fullmatch(concept) for concept in concepts)


def test_a_lesson_asks_and_gives_no_answer_with_the_question(lesson: Path) -> None:
    """A predicted number is left to the reader: the cell starts from None, and holds no number that explains the prose."""
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    asked = [cell for cell in cells if cell["cell_type"] == "code" and re.match(r"my_\w+ = ", "".join(cell["source"]))]
    assert asked
    for cell in asked:
        source = "".join(cell["source"])
        assert re.match(r"my_\w+ = None\b", source), cell["id"]
        told = {match.group() for match in re.finditer(r'(?<=")[^"]*(?=")', source)}
        assert not any(DECIMAL.search(text) for text in told), cell["id"]


# What a reader may type who has understood, and who has not.
PREDICTIONS: dict[str, dict[str, tuple[float, float]]] = {
    "00_a_gradient_in_one_line": {"my_value": (11.7, 9.0), "my_change": (0.055, 0.5), "my_sum": (1.716, -0.284), "my_slope": (3.5, 5.5)},
}


def printed(file: Path, predictions: Mapping[str, float]) -> dict[str, str]:
    """What each predicting cell prints when the lesson is run with those predictions typed in."""
    lesson = nbformat.read(file, as_version=4)
    for cell in lesson.cells:
        for name, number in predictions.items():
            cell.source = cell.source.replace(f"{name} = None", f"{name} = {number}")
    NotebookClient(lesson, timeout=120, kernel_name="python3").execute()
    texts = {cell.id: "".join(output.get("text", "") for output in cell.get("outputs", [])) for cell in lesson.cells}
    return {name: texts[cell.id] for cell in lesson.cells for name in predictions if f"{name} = " in cell.source}


def test_a_right_prediction_is_confirmed_and_a_wrong_one_gets_a_hint(lesson: Path) -> None:
    predictions = PREDICTIONS[lesson.stem]
    right = printed(lesson, {name: good for name, (good, _) in predictions.items()})
    wrong = printed(lesson, {name: bad for name, (_, bad) in predictions.items()})
    assert set(right) == set(predictions)
    checked = [name for name in predictions if right[name] or wrong[name]]
    assert len(checked) >= len(predictions) - 1
    for name in checked:
        assert not right[name].startswith("Not yet"), name
        assert wrong[name].startswith("Not yet"), name
        assert not DECIMAL.search(wrong[name]), name
