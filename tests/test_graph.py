"""The graph's picture as numbers: what is drawn, that nothing hides anything, and that only the shape decides."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from adviz.errors import AdvizError
from adviz.views import graph
from adviz.views.graph import HUB, LABEL, LARGEST, SceneTooLarge, dot, scene
from adviz.views.layout import LayoutError

SAMPLE = json.loads((Path(__file__).parent / "fixtures" / "sample_document.json").read_text(encoding="utf-8"))
Variables = list[dict[str, Any]]
Box = tuple[float, float, float, float]


def variables(*operands: tuple[int | float, ...], row: str = "add") -> Variables:
    """v_0 = x, v_1, v_2, ...: an int is the index of an operand, a float a constant."""
    trace = [{"index": 0, "role": "input", "operands": [], "row": None}]
    for i, each in enumerate(operands, 1):
        trace.append({"index": i, "role": "assignment", "row": row,
                      "operands": [{"ref": u} if isinstance(u, int) else {"number": u} for u in each]})  # fmt: skip
    return trace


def random_trace(seed: int, size: int) -> Variables:
    pick = random.Random(seed)
    return variables(*([pick.choice([pick.randrange(i), 0.5]) for _ in range(pick.choice((1, 2, 2)))] for i in range(1, size)))  # type: ignore[arg-type]


ZOO = {
    "running": SAMPLE["variables"],
    "x times x": variables((0, 0)),
    "constants": variables((0, 3.0), (2.0, 1), (2, 2)),
    "fan-out of 8": variables(*((0,) for _ in range(HUB)), (1, 2), (3, 4), (5, 6), (7, 8)),
    "hub": variables((0, 0), *((i, 0) for i in range(1, 20))),
    "chain": variables(*((i,) for i in range(60))),
    "one input": variables(),
    "unused value": variables((0,), (0,), (2,)),
    **{f"random {seed}": random_trace(seed, 30) for seed in range(4)},
}
everywhere = pytest.mark.parametrize("trace", ZOO.values(), ids=ZOO.keys())


def points(path: str) -> list[tuple[float, float]]:
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2]))


def rectangle(mark: dict[str, Any]) -> Box:
    return mark["x"], mark["y"], mark["x"] + mark["w"], mark["y"] + mark["h"]


def label(edge: dict[str, Any]) -> Box:
    x, y = edge["label"]
    return x - LABEL[0] / 2, y - LABEL[1] / 2, x + LABEL[0] / 2, y + LABEL[1] / 2


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@everywhere
def test_every_variable_has_one_box_and_every_operand_one_edge(trace: Variables) -> None:
    drawn = scene(trace, [])
    assert [n["index"] for n in drawn["nodes"]] == [v["index"] for v in trace]
    expected = [(o.get("ref", o.get("number")), v["index"], k) for v in trace for k, o in enumerate(v["operands"])]
    leaves = drawn["leaves"]
    origins = [e["from"] if "from" in e else leaves[e["leaf"]].get("ref", leaves[e["leaf"]].get("number")) for e in drawn["edges"]]
    assert [(origin, e["to"], e["operand"]) for origin, e in zip(origins, drawn["edges"], strict=True)] == expected
    assert all((leaf["to"], leaf["operand"]) == (e["to"], e["operand"]) for e in drawn["edges"] if "leaf" in e for leaf in [leaves[e["leaf"]]])


@everywhere
def test_an_edge_goes_from_the_right_of_its_tail_to_the_left_of_its_head(trace: Variables) -> None:
    drawn = scene(trace, [])
    boxes = {n["index"]: rectangle(n) for n in drawn["nodes"]}
    for edge in drawn["edges"]:
        left, top, right, bottom = boxes[edge["from"]] if "from" in edge else rectangle(drawn["leaves"][edge["leaf"]])
        line = points(edge["path"])
        assert (len(line) - 1) % 3 == 0
        assert line[0][0] == pytest.approx(right)
        assert top < line[0][1] < bottom
        left, top, right, bottom = boxes[edge["to"]]
        assert line[-1][0] == pytest.approx(left)
        assert top < line[-1][1] < bottom
        assert points(edge["tail"])[0] == line[0]
        assert points(edge["head"])[0] == line[-1]


@everywhere
def test_no_mark_lies_on_another(trace: Variables) -> None:
    drawn = scene(trace, [])
    assert not [(a, b) for a, b in combinations(drawn["nodes"] + drawn["leaves"], 2) if overlap(rectangle(a), rectangle(b))]


@everywhere
def test_no_partial_hides_a_box_or_another_partial(trace: Variables) -> None:
    drawn = scene(trace, [])
    labels = [label(e) for e in drawn["edges"]]
    assert not [(a, b) for a, b in combinations(labels, 2) if overlap(a, b)]
    assert not [(a, m) for a in labels for m in drawn["nodes"] + drawn["leaves"] if overlap(a, rectangle(m))]


@everywhere
def test_everything_lies_within_the_picture(trace: Variables) -> None:
    drawn = scene(trace, [])
    corners = [xy for mark in drawn["nodes"] + drawn["leaves"] for xy in (rectangle(mark)[:2], rectangle(mark)[2:])]
    corners += [xy for edge in drawn["edges"] for xy in (label(edge)[:2], label(edge)[2:])]
    assert all(0 <= x <= drawn["width"] and 0 <= y <= drawn["height"] for x, y in corners)


def test_x_times_x_has_two_edges_that_can_be_told_apart() -> None:
    first, second = scene(variables((0, 0)), [1])["edges"]
    assert (first["operand"], second["operand"]) == (0, 1)
    gaps = [b[1] - a[1] for a, b in zip(points(first["path"]), points(second["path"]), strict=True)]
    assert min(gaps) >= 10      # operand 0 runs above operand 1 all the way


def test_parallel_edges_stay_apart_around_other_boxes() -> None:
    drawn = scene(variables((0,), (1,), (0, 0), (2, 3)), [4])
    first, second = (points(e["path"]) for e in drawn["edges"] if e["to"] == 3)
    assert all(b[1] - a[1] >= 4 for a, b in zip(first, second, strict=True))


def test_the_first_operand_of_a_difference_enters_above_the_second() -> None:
    for trace in (variables((0,), (2.0, 1), (2.0, 2), (3, 2), row="subtract"), variables((0,), (0,), (2, 1), row="divide")):
        drawn = scene(trace, [])
        arrivals = {(e["to"], e["operand"]): points(e["path"])[-1][1] for e in drawn["edges"]}
        assert all(arrivals[i, 0] < arrivals[i, 1] for i, k in arrivals if k == 1)


def test_an_input_with_eight_uses_is_one_fan_out() -> None:
    drawn = scene(variables(*((0,) for _ in range(8))), [])
    assert not drawn["leaves"]
    assert [e["from"] for e in drawn["edges"]] == [0] * 8


def test_an_input_with_more_uses_is_drawn_beside_each_and_its_box_has_no_edge() -> None:
    drawn = scene(variables(*((0,) for _ in range(9))), [])
    assert [leaf["ref"] for leaf in drawn["leaves"]] == [0] * 9
    assert [leaf["to"] for leaf in drawn["leaves"]] == list(range(1, 10))
    assert not [e for e in drawn["edges"] if "from" in e]
    assert 0 in [n["index"] for n in drawn["nodes"]]


def test_a_value_that_is_computed_is_never_split() -> None:
    drawn = scene(variables((0,), *((1,) for _ in range(9))), [])
    assert not drawn["leaves"]


def test_a_constant_stands_beside_each_of_its_uses() -> None:
    drawn = scene(variables((0, 3.0), (1, 3.0)), [])
    assert [(leaf["to"], leaf["operand"], leaf["number"]) for leaf in drawn["leaves"]] == [(1, 1, 3.0), (2, 1, 3.0)]
    boxes = {n["index"]: n for n in drawn["nodes"]}
    assert all(0 < boxes[leaf["to"]]["x"] - leaf["x"] - leaf["w"] < 120 for leaf in drawn["leaves"])


def test_other_numbers_do_not_move_anything() -> None:
    one, other = scene(variables((0, 3.0), (1, 1)), []), scene(variables((0, -1e300), (1, 1)), [])
    assert one.pop("leaves") != other.pop("leaves")
    assert one == other


def test_a_scene_handed_out_can_be_changed_without_harm() -> None:
    scene(SAMPLE["variables"], [5])["edges"][0]["label"][0] = -1
    assert scene(SAMPLE["variables"], [5])["edges"][0]["label"][0] > 0


def test_the_scene_is_plain_json() -> None:
    drawn = scene(SAMPLE["variables"], [5])
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


@pytest.mark.parametrize("seed", ["1", "31337"])
def test_the_scene_is_the_same_in_every_process(seed: str) -> None:
    program = ("import json, sys; from adviz.views.graph import dot, scene; trace = json.load(sys.stdin);"
               "print(json.dumps([dot(trace, [5]), scene(trace, [5])]))")  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", program], input=json.dumps(ZOO["random 1"]), capture_output=True, text=True, check=True,
                         env={**os.environ, "PYTHONHASHSEED": seed})  # fmt: skip
    assert json.loads(ran.stdout) == [dot(ZOO["random 1"], [5]), scene(ZOO["random 1"], [5])]


@pytest.mark.parametrize("name", ["running", "constants", "hub"])
def test_the_dot_text_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"graph_{name}.dot", dot(ZOO[name], []))


def test_names_never_reach_graphviz() -> None:
    hostile = 'x"]; evil [label=<b>'
    trace = [v | {"label": hostile, "operation": hostile, "symbol": {"text": hostile}} for v in SAMPLE["variables"]]
    assert dot(trace, [5]) == dot(SAMPLE["variables"], [5])
    assert re.fullmatch(r'[\w\s{}\[\]=."\->]*', dot(trace, [5]))
    assert set(re.findall(r'"([^"]*)"', dot(trace, [5]))) == {""}


def test_more_variables_than_anybody_can_read_are_refused_in_a_sentence() -> None:
    scene(variables(*((i,) for i in range(LARGEST - 1))), [])
    with pytest.raises(SceneTooLarge, match=rf"301 .* {LARGEST}") as caught:
        scene(variables(*((i,) for i in range(LARGEST))), [])
    assert isinstance(caught.value, AdvizError)


def test_a_layout_that_fails_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(dot: str) -> str:
        raise LayoutError("no Graphviz here")

    monkeypatch.setattr(graph, "positions", failing)
    with pytest.raises(LayoutError, match="no Graphviz here"):
        scene(variables((0, 0, 0, 0, 0, 0, 0)), [])


def test_no_recursion_depends_on_the_trace() -> None:
    trace = variables(*((i,) for i in range(LARGEST - 1)))
    program = "import graphviz, json, sys, wasmtime; from adviz.views.graph import scene; sys.setrecursionlimit(120); scene(json.load(sys.stdin), [])"
    subprocess.run([sys.executable, "-c", program], input=json.dumps(trace), text=True, check=True)
