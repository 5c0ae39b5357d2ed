"""Traces of every size: kinds and columns, folds, and what a reader does with 10,000 and 100,000 operations in a real browser."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.functions import sin
from adviz.views import folds
from adviz.views.assemble import module, stylesheet
from adviz.views.document import LARGEST, LISTED, document, json_text, packed, text_and_bytes
from adviz.views.expansion import Variables, expanded
from adviz.views.page import page
from adviz.views.quantity import written
from adviz.views.saved import read
from tests.zoo import PROGRAMS


def chain(x: Any, n: int) -> Any:
    for _ in range(n):
        x = sin(x) * x + 1e-9
    return x


def switching(x: Any, n: int) -> Any:
    y = x
    for _ in range(n):
        if y > 1.5:
            y = y * 0.5
        y = np.maximum(y * x, 0.3) + sin(x)
    return y


def trace_of(operations: int, f: Any = chain, each: int = 3) -> adviz.Trace:
    return adviz.trace(lambda x: f(x, operations // each), 1.6)


# The document.


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_what_python_packs_comes_back_from_text_as_it_was_written_down(program: Any) -> None:
    t = adviz.trace(program.function, *program.points[0])
    content = packed(t)
    whole = json.loads(json_text(expanded(content)))
    assert json.loads(json_text(expanded(read(json_text(content))))) == whole
    assert len(whole["variables"]) == t.size
    assert [v["value"] for v in whole["variables"] if v["index"] == 1] == [json.loads(json_text({"x": content}))["x"]["variables"]["value"][len(t.inputs)]]
    for mode, timeline in whole["timelines"].items():
        assert len(timeline["steps"]) == content["timelines"][mode]["steps"]["count"]


def test_kinds_do_not_grow_with_the_trace() -> None:
    short, long = packed(trace_of(30)), packed(trace_of(3000))
    assert short["kinds"] == long["kinds"]
    for mode in short["timelines"]:
        assert short["timelines"][mode]["kinds"] == long["timelines"][mode]["kinds"]


def test_constants_that_differ_are_of_one_kind_and_stand_in_their_own_sentences() -> None:
    content = packed(adviz.trace(lambda x: sum(x * k for k in (2.5, 1e-7, -0.0, 123456.7)), 2.0))
    assert len([kind for kind in content["kinds"] if kind["row"] == "multiply"]) == 1
    said = [v["spoken"] for v in expanded(content)["variables"] if v["row"] == "multiply"]
    assert said == ["v₀ times 2.5", "v₀ times 1e-07", "v₀ times -0", "v₀ times 123457"]


def test_long_columns_are_bytes_in_a_file_and_beside_the_text_in_a_widget(tmp_path: Path) -> None:
    t = trace_of(6000)
    content = packed(t)
    text, columns = text_and_bytes(content)
    place = json.loads(text)["variables"]["value"]
    assert place["at"] % 8 == 0
    values = np.frombuffer(columns, "<f8", place["length"], place["at"])
    assert values.tolist() == [t.point[0], *(a.value for a in t.assignments)]
    catalogue = {name: part for name, part in json.loads(text).items() if name in ("texts", "translations")}
    assert len(text) - len(json.dumps(catalogue, ensure_ascii=False, separators=(",", ":"))) < 40_000  # what is of the trace
    loaded = adviz.load(tmp_path / "long.json") if t.to_json(tmp_path / "long.json") else None
    assert loaded is not None
    assert loaded.to_json() == t.to_json()
    assert loaded.size == t.size
    assert [line for line in repr(loaded).splitlines() if "…" not in line][1:3] == [line for line in repr(t).splitlines() if "…" not in line][1:3]


@pytest.mark.parametrize("damage, field", [
    (lambda d: d["variables"]["value"].update(base64="%"), "variables.value"), (lambda d: d["variables"]["value"].update(length=3), "variables.value"),
    (lambda d: d["variables"]["kind"].update(type="i9"), "variables.kind"), (lambda d: d["variables"]["operands"].update(base64="AAAA"), "variables.operands"),
])  # fmt: skip
def test_damaged_bytes_are_refused_by_the_name_of_their_column(damage: Any, field: str) -> None:
    content = json.loads(trace_of(6000).to_json())
    damage(content)
    with pytest.raises(adviz.DocumentError, match=field):
        read(json.dumps(content))


def test_what_is_too_large_is_refused_with_counts() -> None:
    with pytest.raises(adviz.BudgetError, match=f"{LISTED:,}"):
        document(trace_of(3000))
    with pytest.raises(adviz.BudgetError, match=rf"{3 * (LARGEST // 3) + 4:,} variables.*{LARGEST:,}"):
        packed(trace_of(3 * (LARGEST // 3) + 3))


# Folds.


def intervals(found: dict[str, Any], level: int, count: int) -> list[tuple[int, int]]:
    starts = found["levels"][level].tolist()
    return list(zip(starts, [*starts[1:], count]))


@pytest.mark.parametrize("f, each", [(chain, 3), (switching, 5)])
def test_folds_hold_every_variable_once_on_every_level_and_never_too_many(f: Any, each: int) -> None:
    content = packed(trace_of(3000, f, each))
    found, count = content["folds"], content["variables"]["count"]
    assert found["levels"][-1].tolist() == [0]
    for level in range(len(found["levels"])):
        parts = intervals(found, level, count)
        assert parts[0][0] == 0
        assert all(a < b for a, b in parts)
        assert len(found["shape_of"][level]) == len(parts)
    assert all(b - a <= folds.FINEST for a, b in intervals(found, 0, count))
    for below, level in zip(found["levels"], found["levels"][1:]):
        assert set(level.tolist()) <= set(below.tolist())
        for a, b in zip(level.tolist(), [*level.tolist()[1:], count]):
            assert sum(a <= start < b for start in below.tolist()) <= folds.MOST


def test_a_loop_has_few_pictures_and_its_folds_begin_with_an_iteration() -> None:
    content = packed(trace_of(9000))
    assert len(content["folds"]["shapes"]) <= 10
    starts = content["folds"]["levels"][0].tolist()
    assert {(start - 1) % 3 for start in starts[1:]} == {0}


def test_the_picture_of_a_fold_has_its_variables_and_their_edges() -> None:
    content = packed(trace_of(900))
    found, variables = content["folds"], Variables(content)
    a, b = intervals(found, 0, variables.count)[5]
    scene = found["shapes"][found["shape_of"][0][5]]
    inside = {(u["ref"] - variables.first - a, p, k) for p in range(b - a) for k, u in enumerate(variables.variable(variables.first + a + p)["operands"])
              if "ref" in u and u["ref"] - variables.first >= a}  # fmt: skip
    assert [node["index"] for node in scene["nodes"]] == list(range(b - a))
    assert {(e["from"], e["to"], e["operand"]) for e in scene["edges"] if "from" in e} == inside


# Which iteration, which call.


def springs(x: Any) -> Any:
    y = x * 2
    for i in range(40):
        y = sin(y)
        for _ in range(i % 7):
            y = y * x + 0.5
    return y


def power(x: Any, n: int) -> Any:
    return x * power(sin(x), n - 1) if n else x


def unsure(x: Any) -> Any:
    for i in range(300):
        if i % 3:
            x = sin(x)
        else:
            x = np.cos(x) + x
    return x


def until_it_is_small(x: Any) -> Any:
    while x * 1.0 > 0.01:
        x = power(x, 1) * 0.99
    return x


def rounds_of(f: Any, *point: float) -> list[tuple[str, int, int, int, int]]:
    """(name, first event, end, number, count) of every round of a trace."""
    return [(name, int(a), int(b), number + k, count) for name, starts, end, number, count in adviz.trace(f, *point).rounds
            for k, (a, b) in enumerate(zip(starts, [*starts[1:], end]))]  # fmt: skip


def test_the_iterations_of_a_nested_loop_are_counted_within_the_iteration_around_them() -> None:
    wanted, at = [], 2
    for i in range(40):
        size = 1 + 2 * (i % 7)
        wanted.append(("", at, at + size, i + 1, 40))
        wanted += [("", at + 1 + 2 * j, at + 3 + 2 * j, j + 1, i % 7) for j in range(i % 7) if i % 7 > 1]
        at += size
    found = rounds_of(springs, 1.1)
    assert sorted(found) == sorted(wanted)
    assert rounds_of(lambda x: springs(x * 1.0), 1.1) == [(name, a + 1, b + 1, k, n) for name, a, b, k, n in found]


def test_a_call_is_numbered_among_all_calls_of_its_function_and_a_recursive_one_lies_in_the_one_before() -> None:
    assert rounds_of(lambda x: power(x, 12), 0.9) == [("power", 1 + k, 25 - k, k + 1, 12) for k in range(12)]


def test_the_condition_of_a_while_loop_alone_is_no_iteration_and_a_call_in_it_belongs_to_it() -> None:
    found = rounds_of(until_it_is_small, 0.9)
    loop, calls = [r for r in found if not r[0]], [r for r in found if r[0]]
    x, n = 0.9, 0
    while x > 0.01:
        x, n = x * np.sin(x) * 0.99, n + 1
    assert [(b - a, k, of) for _, a, b, k, of in loop] == [(4, k + 1, n) for k in range(n)]
    assert [(a, b) for _, a, b, *_ in calls] == [(a + 1, a + 3) for _, a, *_ in loop]


def test_a_loop_of_which_no_iteration_computes_something_for_sure_is_not_counted() -> None:
    assert rounds_of(unsure, 1.1) == []
    assert "rounds" not in packed(adviz.trace(unsure, 1.1))["folds"]


# The page.


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    folder = tmp_path_factory.mktemp("size")
    pages = {10_000: (trace_of(10_000, switching, 5), "forward"), 100_000: (trace_of(100_000), "reverse")}
    for size, (t, mode) in pages.items():
        (folder / f"{size}.html").write_text(page(json_text(packed(t)), mode, 1), encoding="utf-8")
    return {size: (folder / f"{size}.html").as_uri() for size in pages}


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    tab, wrong = context.new_page(), []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda message: wrong.append(message.text))
    expect.set_options(timeout=30_000)
    yield tab
    expect.set_options(timeout=5_000)
    context.close()
    assert wrong == []


def opened(tab: Page, address: str) -> Locator:
    tab.goto(address)
    root = tab.locator(".adviz-explorer")
    expect(root).to_have_attribute("data-step", "1", timeout=60_000)
    return root


def go_to(root: Locator, what: str) -> None:
    root.get_by_role("searchbox").fill(what)
    root.get_by_role("searchbox").press("Enter")


def current(root: Locator) -> str | None:
    return root.locator(".adviz-graph .adviz-node.adviz-current").get_attribute("data-node")


@pytest.mark.parametrize("size", [10_000, 100_000])
def test_a_long_trace_opens_and_steps_with_few_elements(files: dict[int, str], tab: Page, size: int) -> None:
    root = opened(tab, files[size])
    for n in (2, 3, 4):
        root.get_by_role("button", name="Next step", exact=True).click()
        expect(root).to_have_attribute("data-step", str(n))
        expect(root.locator("tr[aria-current=step]")).to_have_count(1)
        expect(root.locator(".adviz-graph .adviz-current").first).to_be_visible()
    root.get_by_role("button", name="Last step", exact=True).click()
    expect(root.locator(".adviz-graph .adviz-node.adviz-current")).to_have_count(1)
    assert root.locator("tbody tr[data-index]").count() <= 36
    assert root.locator(".adviz-graph [data-node]").count() <= folds.FINEST
    assert root.locator("*").count() < 6000


@pytest.mark.parametrize("size", [10_000, 100_000])
def test_a_value_is_found_by_its_number_its_name_and_its_operation(files: dict[int, str], tab: Page, size: int) -> None:
    root = opened(tab, files[size])
    for typed in (f"v{size // 2}", str(size // 2 - 7), "v₁₂₃"):
        go_to(root, typed)
        wanted = {"v₁₂₃": "123"}.get(typed, typed.removeprefix("v"))
        expect(root.locator("tr[aria-current=step]")).to_have_attribute("data-index", wanted)
        assert current(root) == wanted
    go_to(root, "sin")
    expect(root.locator("tr[aria-current=step] .adviz-rule").first).to_contain_text("sin")
    before = int(current(root) or 0)
    go_to(root, "sin")
    assert int(current(root) or 0) > before
    go_to(root, f"v{size * 3}")
    expect(root.locator(".adviz-found")).to_contain_text(f"There is no v{size * 3}")
    go_to(root, "nothing like it")
    expect(root.locator(".adviz-found")).to_contain_text("Nothing is called nothing like it")


def test_damage_in_a_mode_that_nobody_has_opened_is_named_and_the_others_stay(tab: Page, tmp_path: Path) -> None:
    content = json.loads(trace_of(6000).to_json())
    column = content["timelines"]["forward"]["steps"]["index"]
    column["base64"] = b64encode(np.full(column["length"], 65_000, np.dtype("<u2" if column["type"] == "u2" else "<i4")).tobytes()).decode()
    (tmp_path / "damaged.html").write_text(page(json.dumps(content), "reverse", 1), encoding="utf-8")
    root = opened(tab, (tmp_path / "damaged.html").as_uri())
    alert = root.get_by_role("alert")
    expect(alert).to_have_text(re.compile(r"damaged: timelines\.forward\.steps\.index\[0\] is not from 0 to 6000: 65000"))
    root.get_by_role("tab", name="Forward", exact=True).click()
    expect(root).to_have_attribute("data-mode", "reverse")
    root.get_by_role("button", name="Next step", exact=True).click()
    expect(root).to_have_attribute("data-step", "2")
    root.get_by_role("tab", name="Values", exact=True).click()
    expect(root).to_have_attribute("data-mode", "values")


def test_next_fan_out_branch_and_kink_lead_on_from_where_we_are(files: dict[int, str], tab: Page) -> None:
    root = opened(tab, files[10_000])
    go_to(root, "v500")
    root.get_by_role("button", name="Next fan-out", exact=True).click()
    assert current(root) == "0", "round to the only variable that is used twice"
    for _ in range(3):
        before = int(current(root) or 0)
        root.get_by_role("button", name="Next branch", exact=True).click()
        expect(root.locator(".adviz-found")).to_have_text("")
        assert int(current(root) or 0) > before
    root.get_by_role("button", name="Next kink", exact=True).click()
    expect(root.locator(".adviz-found")).to_have_text("No kink was met.")


@pytest.mark.parametrize("size", [10_000, 100_000])
def test_folds_open_and_close_with_the_mouse(files: dict[int, str], tab: Page, size: int) -> None:
    root = opened(tab, files[size])
    crumbs = root.locator(".adviz-crumb")
    depth = crumbs.count()
    assert depth >= 3
    crumbs.first.click()
    boxes = root.locator(".adviz-graph [data-fold]")
    assert 2 <= boxes.count() <= folds.MOST
    expect(root.locator(".adviz-fold.adviz-current")).to_have_count(1)
    total = size // (5 if size == 10_000 else 3)
    expect(boxes.nth(1).locator(".adviz-derivative")).to_have_text(f"of {total:,} iterations")
    expect(boxes.nth(1).locator(".adviz-value")).to_have_text(re.compile(r"^[\d,]+ to [\d,]+$"))
    for _ in range(depth - 1):
        boxes.nth(1).click()
    expect(boxes).to_have_count(0)
    assert 0 < root.locator(".adviz-graph [data-node]").count() <= folds.FINEST
    expect(crumbs.last).to_have_attribute("aria-current", "true")
    expect(crumbs.last).to_have_attribute("aria-label", re.compile(rf"^iterations? [\d,]+( to [\d,]+)? of {total:,} \(v.+\) is shown$"))
    expect(root).to_have_attribute("data-step", "1")


def test_everything_is_reached_with_the_keyboard_alone(files: dict[int, str], tab: Page) -> None:
    root = opened(tab, files[100_000])
    root.focus()
    tab.keyboard.press("/")
    tab.keyboard.type("v70000")
    tab.keyboard.press("Enter")
    expect(root.locator("tr[aria-current=step]")).to_have_attribute("data-index", "70000")
    root.focus()
    tab.keyboard.press("[")
    expect(root.locator(".adviz-fold.adviz-current")).to_have_count(1)
    tab.keyboard.press("]")
    assert current(root) == "70000"
    step = int(root.get_attribute("data-step") or 0)
    tab.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", str(step + 1))
    tab.keyboard.press("End")
    expect(root).to_have_attribute("data-step", root.get_attribute("data-steps") or "")


def test_a_click_on_the_overview_leads_there(files: dict[int, str], tab: Page) -> None:
    root = opened(tab, files[100_000])
    strip = root.locator(".adviz-strip")
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] / 4, "y": 20})
    at = int(root.locator("tr[aria-current=step]").get_attribute("data-index") or 0)
    assert abs(at - 25_000) < 300
    assert strip.evaluate("(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((x) => x > 0)")


AS_A_WIDGET = """
async ({ code, style, text, columns }) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const bytes = Uint8Array.from(atob(columns), (character) => character.charCodeAt(0));
  const inside = new Uint8Array(bytes.length + 3);
  inside.set(bytes, 3);  // as a part of a message arrives
  const state = { document: text, columns: new DataView(inside.buffer, 3), mode: "reverse", step: 1, alert: "", theme: "", seeds: {} };
  const model = { get: (name) => state[name], set() {}, save_changes() {}, on() {}, off() {}, send() {} };
  widget.render({ model, el: document.body.appendChild(document.createElement("div")) });
}
"""


def test_a_widget_reads_the_bytes_that_come_beside_its_document(tab: Page) -> None:
    explorer = adviz.explore(lambda x: chain(x, 2000), 1.6, mode="reverse")
    assert len(explorer.columns) > 100_000
    tab.set_content("<!doctype html><meta charset='utf-8'>")
    columns = b64encode(explorer.columns).decode()
    tab.evaluate(AS_A_WIDGET, {"code": module(), "style": stylesheet(), "text": explorer.document, "columns": columns})
    root = tab.locator(".adviz-explorer")
    expect(root).to_have_attribute("data-step", "1")
    go_to(root, "v4000")
    assert current(root) == "4000"
    value = adviz.trace(lambda x: chain(x, 2000), 1.6).value_of(4000)
    expect(root.locator("tr[aria-current=step] td[data-kind=value]")).to_have_text(written(value))
