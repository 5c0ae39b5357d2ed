"""Bad input: random messages to the widget, and documents that are damaged, cut off, newer or hostile.

Whatever comes: no uncaught error, nothing executed, an error panel that names the field, and the rest of the page alive.
"""

from __future__ import annotations

import contextlib
import json
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import adviz
from adviz.views.assemble import module, stylesheet
from tests.test_frontend import MOUNT

HARM = '"><img src=x onerror="window.advizHarm=1"><script>window.advizHarm=1</script>'
FEW, MANY = 150, 2000
COUNTS = [FEW, pytest.param(MANY, marks=pytest.mark.long)]


def f(x1: Any, x2: Any) -> Any:
    if x1 > 0:
        return np.log(x1) + x1 * x2 - np.sin(x2)
    return x1


def norm(A: Any, x: Any) -> Any:
    return np.sum((A @ x) ** 2) / np.sqrt(np.sum(x * x))


def documents() -> list[str]:
    """Texts of good documents: numbers, arrays, an explorer with its further modes, and one of version 1, which is still read."""
    arrays = adviz.reverse(norm, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0]))
    old = Path(__file__).parent / "fixtures" / "sample_document.json"
    return [adviz.reverse(f, 2.0, 5.0).to_json(), arrays.to_json(), adviz.explore(f, 2.0, 5.0).to_json(), old.read_text(encoding="utf-8")]


# What is put where something else was


def anything(chance: random.Random, depth: int = 0) -> Any:
    """A value that JSON can write, often one that means harm."""
    simple: list[Any] = [
        None, True, False, 0, 1, -1, 3, 10**6, 2**53, -(10**20), 10**400, 0.5, 1e308, "nan", "inf", "", "x", HARM, "__proto__", "constructor", "\u202e\u0000", "𝑣̇" * 50,
        "value", "reverse", "{0}{1}{99}", "data:text/html,<script>", "javascript:advizHarm=1", ["value", 1], ["mi", HARM], {"ref": 0}, {"number": 1}, {"slot": ["value", 1]},
        {"shape": [2], "values": [1]}, {"shape": [10**9], "values": []}, [], {}, [[]], {"__proto__": {"x": 1}}, {"u1": "AAAA"}, {"f8": "!!!!"},
    ]  # fmt: skip
    if depth < 3 and chance.random() < 0.15:
        children = [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
        return children if chance.random() < 0.5 else {"".join(chance.choices(string.ascii_letters, k=3)): child for child in children}
    if chance.random() < 0.02:
        deep: Any = 1
        for _ in range(200):
            deep = ["mrow", deep]
        return deep
    return chance.choice(simple)


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field and entry of a document."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in entries:
        yield (*place, key)
        if (*place, key)[0] != "texts" or len(place) == 0:
            yield from places(child, (*place, key))


def mutated(text: str, chance: random.Random) -> str:
    """The document with one to three things changed, or cut off, or with letters exchanged."""
    kind = chance.random()
    if kind < 0.08:
        return text[: chance.randrange(len(text))]
    if kind < 0.14:
        letters = list(text)
        for _ in range(chance.randrange(1, 4)):
            letters[chance.randrange(len(letters))] = chance.choice('0123456789[]{},:"ax')
        return "".join(letters)
    document = json.loads(text)
    if kind < 0.18:
        document["version"] = chance.choice([0, 1, 2, 3, 99, "2", None, 1.5, True])
        return json.dumps(document)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        change(document, chance)
    return json.dumps(document)


def change(document: Any, chance: random.Random) -> None:
    found = list(places(document))
    if not found:
        return
    *path, key = chance.choice(found)
    node = document
    for each in path:
        node = node[each]
    kind = chance.random()
    if kind < 0.12:
        del node[key]
    elif kind < 0.2 and isinstance(node, list):
        node.insert(chance.randrange(len(node) + 1), node[key])
    elif kind < 0.28 and isinstance(node, list):
        other = chance.randrange(len(node))
        node[key], node[other] = node[other], node[key]
    elif kind < 0.36 and isinstance(node[key], int | float) and not isinstance(node[key], bool):
        node[key] = chance.choice([node[key] + 1, -node[key], node[key] * 1000, node[key] + 0.5])
    elif kind < 0.4 and isinstance(node, dict):
        node[chance.choice(["__proto__", "extra", "constructor", HARM])] = anything(chance)
    else:
        node[key] = anything(chance)


# In Python: documents


@pytest.mark.parametrize("count", COUNTS)
def test_python_reads_a_damaged_document_or_names_what_is_wrong(count: int, tmp_path: Path) -> None:
    chance, texts, file, refused = random.Random(5), documents(), tmp_path / "document.json", 0
    for n in range(count):
        text = mutated(texts[n % len(texts)], chance)
        file.write_text(text, encoding="utf-8")
        try:
            loaded = adviz.load(file)
        except adviz.DocumentError as error:
            refused += 1
            assert 10 < len(str(error)) < 400
            continue
        for show in (repr, type(loaded).to_svg, type(loaded).to_html, type(loaded).to_csv, type(loaded).to_latex, type(loaded).to_json):
            with contextlib.suppress(adviz.AdvizError):
                show(loaded)
    assert count > refused > count / 4


# In Python: what the browser sends


def message(chance: random.Random) -> Any:
    """A custom message of an export menu, more or less."""
    if chance.random() < 0.2:
        return anything(chance)
    fields = {"kind": "export", "request": 1, "format": "csv", "mode": "reverse", "step": 3}
    for key in chance.sample(sorted(fields), chance.randrange(4)):
        fields[key] = anything(chance)
    return fields


def state(chance: random.Random, explorer: Any) -> Any:
    """A change of state, more or less: whole or broken, of known or unknown traits."""
    good = {"mode": "forward", "step": 2, "inputs": {"x1": 2.5, "x2": 5.0}, "seeds": {"reverse": [1.0]}}
    given = {key: good[key] for key in chance.sample(sorted(good), chance.randrange(1, 4))}
    for key in list(given):
        if chance.random() < 0.8:
            given[key] = {**given[key], chance.choice(["x1", "x2", "reverse", "x3"]): anything(chance)} if isinstance(given[key], dict) and chance.random() < 0.6 else anything(chance)
    if chance.random() < 0.2:
        given[chance.choice(["document", "_esm", "_css", "alert", "theme", "columns", "comm", "layout", "x1", "__class__"])] = anything(chance)
    return given


@pytest.mark.parametrize("count", COUNTS)
def test_the_widget_survives_whatever_the_browser_sends(count: int) -> None:
    chance = random.Random(6)
    explorer = adviz.explore(f, 2.0, 5.0, mode="reverse", step=9)
    sent: list[Any] = []
    explorer.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    module_text = explorer._esm
    for _ in range(count):
        explorer._handle_custom_msg(message(chance), [])
        explorer.set_state(state(chance, explorer))
        assert isinstance(explorer.alert, str)
        assert len(explorer.alert) < 1000
        assert explorer.step >= 0
        assert set(explorer.inputs) == {"x1", "x2"}
        assert all(isinstance(x, float) for x in explorer.inputs.values())
    assert explorer._esm is module_text
    assert sent, "some of the requests were good, and answered"
    assert all(answer["kind"] == "export" for answer in sent)
    explorer.set_state({"inputs": {"x1": 3.0, "x2": 5.0}, "mode": "values", "step": 1})
    assert (explorer.alert, explorer.x1, explorer.mode, explorer.step) == ("", 3.0, "values", 1)


# In the page


@pytest.fixture
def page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page with one explorer, and a list of everything it says or asks for that it should not."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)[:300]))
    page.on("console", lambda message: wrong.append(message.text[:300]) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("data:", "blob:", "about:")) else None)
    page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body><p id=other>The rest of the page</p></body></html>")
    state = {"document": documents()[0], "mode": "reverse", "step": 9, "alert": "", "theme": "", "seeds": {}}
    tells = MOUNT.replace("state, saved", "tell(message) { listeners['msg:custom']?.forEach((hear) => hear(message, [])); }, state, saved")
    page.evaluate(tells, {"code": module(), "style": stylesheet(), "states": [state]})
    yield page, wrong
    context.close()


# Each document arrives; then it is stepped through and every tab is opened. What throws is told with the number of the document.
ARRIVE = """async (texts) => {
  const [model] = window.adviz_models, root = document.querySelector(".adviz-explorer"), told = [], threw = [];
  const attempt = (n, act) => { try { act(); } catch (error) { threw.push(`${n}: ${error.stack.slice(0, 400)}`); } };
  for (const [n, text] of texts.entries()) {
    attempt(n, () => model.arrive("document", text));
    told.push(root.querySelector("[role=alert]").textContent);
    for (const step of [0, 3, 1000]) attempt(n, () => model.arrive("step", step));
    for (const tab of root.querySelectorAll("[role=tab]")) attempt(n, () => { if (!tab.hidden) { tab.click(); model.arrive("step", 5); } });
    if (n % 25 === 0) await new Promise((done) => setTimeout(done));
  }
  return { told, threw };
}"""


def alive(page: Page, wrong: list[str]) -> None:
    """A good document is shown, the explorer steps, the rest of the page is as it was, and nothing was executed or asked for."""
    arrive = "([name, value]) => window.adviz_models[0].arrive(name, value)"
    for name, value in (("document", documents()[0]), ("theme", ""), ("alert", ""), ("mode", "reverse"), ("step", 3)):
        page.evaluate(arrive, [name, value])
    root = page.locator(".adviz-explorer")
    expect(root.get_by_role("alert")).to_be_empty()
    root.get_by_role("tab", name="Reverse", exact=True).click()
    root.get_by_role("button", name="Last step", exact=True).click()
    expect(root.locator("tr[data-index='0'] td[data-kind=adjoint]")).to_have_text("1.716")
    assert page.evaluate("window.advizHarm") is None
    assert page.evaluate("({}).x") is None, "no prototype was changed"
    assert page.locator("#other").inner_text() == "The rest of the page"
    assert page.locator("img, script, iframe, a, object, embed").count() == 0
    assert wrong == []


@pytest.mark.parametrize("count", COUNTS)
def test_a_page_shows_a_damaged_document_or_names_the_field(page: Any, count: int) -> None:
    sheet, wrong = page
    chance, texts, refused = random.Random(7), documents(), 0
    for start in range(0, count, 50):
        batch = [mutated(texts[n % len(texts)], chance) for n in range(start, start + 50)]
        answer = sheet.evaluate(ARRIVE, batch)
        if answer["threw"]:
            number = int(answer["threw"][0].split(":")[0])
            pytest.fail(f"{len(answer['threw'])} errors; the first: {answer['threw'][0]}\n{differences(batch[number], texts)}")
        for said in answer["told"]:
            assert said == "" or said.startswith("This trace document is damaged: "), said
            assert len(said) < 400
        refused += sum(map(bool, answer["told"]))
    assert count > refused > count / 4
    alive(sheet, wrong)


def differences(text: str, texts: list[str]) -> str:
    """Where a document differs from the one it was made of, for whoever mends it."""
    with contextlib.suppress(ValueError):
        document = json.loads(text)
        goods = [json.loads(good) for good in texts]
        good = min(goods, key=lambda each: len(list(uneven(each, document))))
        return "\n".join(list(uneven(good, document))[:4])
    return text[:200]


def uneven(a: Any, b: Any, place: str = "") -> Iterator[str]:
    if type(a) is not type(b) or not isinstance(a, dict | list):
        if a != b:
            yield f"{place}: {str(a)[:80]} -> {str(b)[:80]}"
        return
    keys = list(range(max(len(a), len(b)))) if isinstance(a, list) else [*a, *(k for k in b if k not in a)]
    for key in keys:
        inside = [x[key] if (key < len(x) if isinstance(x, list) else key in x) else "missing" for x in (a, b)]
        yield from uneven(*inside, f"{place}.{key}")


@pytest.mark.parametrize("count", COUNTS)
def test_a_page_survives_whatever_the_kernel_sends(page: Any, count: int) -> None:
    sheet, wrong = page
    chance = random.Random(8)
    names = ["mode", "step", "theme", "alert", "seeds", "inputs", "language", "msg"]
    messages = [[chance.choice(names), anything(chance)] for _ in range(count)]
    threw = sheet.evaluate(
        """(messages) => JSON.parse(messages).flatMap(([name, value]) => {
          const [model] = window.adviz_models;
          try { if (name === "msg") model.tell(value); else model.arrive(name, value); return []; } catch (error) { return [`${name} ${JSON.stringify(value)}: ${error.stack}`]; }
        })""",
        json.dumps(messages),
    )
    assert threw == []
    alive(sheet, wrong)


def test_labels_and_names_with_markup_are_text_everywhere(page: Any) -> None:
    """Names of inputs, outputs and variables, the learner's code, branches and notes."""
    sheet, wrong = page
    document = json.loads(documents()[0])
    document["title"] = document["sources"][0]["text"] = document["inputs"][0]["name"] = HARM
    document["output_names"] = [HARM]
    if isinstance(document.get("labels"), list):
        document["labels"] = [HARM for _ in document["labels"]]
    for branch in document["branches"]:
        branch["text"] = HARM
    document["notes"] = [{"index": None, "kind": "kink", "text": HARM}]
    document["texts"] = {key: template + HARM for key, template in document["texts"].items()}
    answer = sheet.evaluate(ARRIVE, [json.dumps(document)])
    assert answer["threw"] == []
    assert sheet.locator(".adviz-explorer").get_by_text("window.advizHarm", exact=False).count() > 0
    assert sheet.locator("img, script, iframe").count() == 0
    alive(sheet, wrong)
