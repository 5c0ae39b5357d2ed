"""Two languages: the catalogue is complete and true to its source, and whatever a learner sees follows the choice."""

from __future__ import annotations

import ast
import copy
import json
import math
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import adviz
from adviz.languages import LANGUAGES, Text, catalogue, of_tag, speaking
from adviz.texts import TEXTS, in_language, joined, template, text
from adviz.views.assemble import module, stylesheet
from adviz.views.document import default_timelines, document, packed
from adviz.views.math import fill, lookup_in
from adviz.views.modes import Modes
from adviz.views.picture import can_draw
from adviz.views.translation import COLUMNS, translated, translations
from tests.setup.messages import compiled, current, file_of, missing, text_of
from tests.test_frontend import MOUNT, arrive, model

HAN = r"[\u4e00-\u9fff]"
CHINESE = {key: template(key, "zh") for key in TEXTS}
ROOT = Path(adviz.__file__).parents[1]

# A term of the English sentence, and how Chinese says it, one way or another.
GLOSSARY = [
    (r"\badjoints?\b", "伴随"), (r"\btangents?\b", "切导数|切线"), (r"\bforward\b", "前向|向前"), (r"\breverse (?:mode|sweep)", "反向"),
    (r"\bseeds?\b", "种子|seeds"), (r"\bfan-out\b", "扇出"), (r"\bJacobian\b", "雅可比"), (r"\btruncation\b", "截断"), (r"\bround-off\b", "舍入"),
    (r"\bclosed form\b", "闭式"), (r"\bcalled backward\b|^backward$", "向后"), (r"\bSource transformation\b", "源码转换"), (r"\bsnapshots\b", "快照|snapshots"),
    (r"\bdual numbers?\b", "对偶数"), (r"\bdirectional derivative", "方向导数"), (r"\bgradients?\b", "梯度"), (r"\bcheckpointed\b", "检查点|checkpointed"),
    (r"\btraces?\b", "轨迹|追踪|trace"), (r"\b[Tt]he chain rule\b", "链式法则"), (r"\bpartials?\b", "偏导数|partials"), (r"\bkernel\b", "内核"),
    (r"\bcentral difference", "中心差商"), (r"\bslopes?\b", "斜率"), (r"\b[Kk]inks?\b", "折点"),
]  # fmt: skip
NEVER = ["闭包", "向后模式", "后向模式", "反向差商", "前向差商", "倒向", "逆向"]


def slots_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


# The catalogue.


def test_every_sentence_is_translated_and_every_translation_is_of_a_sentence_of_today() -> None:
    for language in LANGUAGES[1:]:
        found = current(language)
        assert missing(found) == []
        assert text_of(found) == file_of(language).read_bytes(), "run: python tests/setup/messages.py"


def test_what_is_read_is_what_was_translated() -> None:
    for language in LANGUAGES[1:]:
        assert compiled(current(language)) == file_of(language).with_suffix(".mo").read_bytes(), "run: python tests/setup/messages.py"


def test_a_sentence_that_has_changed_loses_its_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    before = missing(current("zh"))
    monkeypatch.setitem(TEXTS, "page.next_step", "The next step")
    assert set(missing(current("zh"))) - set(before) == {"page.next_step"}
    assert template("page.next_step", "zh") == "The next step"


def test_a_translation_has_the_slots_of_its_sentence() -> None:
    assert {key: (slots_of(said), slots_of(TEXTS[key])) for key, said in CHINESE.items() if slots_of(said) != slots_of(TEXTS[key])} == {}


def test_code_stands_in_a_translation_as_it_is() -> None:
    code = re.compile(r"\b(?:np|math|cmath|adviz)\.[a-z_.]*[a-z_]|\"[a-z-]+\"|\b[a-z_]+=(?=[\w\"\[(])|--[a-z-]+|\b[a-z_]+\((?=[\w.])")
    changed = {key: (set(code.findall(TEXTS[key])) ^ set(code.findall(said))) for key, said in CHINESE.items()}
    assert {key: names for key, names in changed.items() if names} == {}


def test_a_translation_is_in_chinese_unless_there_is_nothing_to_translate() -> None:
    same = {key for key, said in CHINESE.items() if not re.search(HAN, said)}
    left = {key: TEXTS[key] for key in same if re.search(r"[A-Za-z]{2}", re.sub(r"\{\w*\}", "", TEXTS[key]))}
    names = re.compile(r"[\W\d_]*|h|n|l_n|nan|ulps?|LaTeX|SymPy|adviz|where|Python|JupyterLab|marimo|Google Colab|VS Code|Voila|Binder|Jupyter|v̇ · dx|H · r|J · ẋ|ȳ · J")
    assert {key: said for key, said in left.items() if not names.fullmatch(said)} == {}


@pytest.mark.parametrize("english, chinese", GLOSSARY, ids=[chinese for _, chinese in GLOSSARY])
def test_the_glossary_is_kept(english: str, chinese: str) -> None:
    used = {key for key, said in TEXTS.items() if re.search(english, re.sub(r"\"[^\"]*\"|\w+[(=]\S*|\w+\.\w\S*|--mode \w+|--\S+|\{\w+\}|\w+_\w+", "", said))}
    assert used
    assert {key: CHINESE[key] for key in used if not re.search(chinese, CHINESE[key])} == {}


def test_words_that_mean_something_else_are_not_used() -> None:
    assert {key: said for key, said in CHINESE.items() if any(word in said for word in NEVER)} == {}


def test_chinese_has_chinese_punctuation() -> None:
    narrow = re.compile(rf"{HAN}\s?[,.;:?!](?!\w)|[,;:?!](?={HAN})|{HAN}\((?!\.\.\.)|\)(?={HAN})(?<!\.\.\.\))")
    code = re.compile(r"\"[^\"]*\"|\w+(?:\.\w+)*\([^)]*\)|\[[^\]]*\]|\([^)一-鿿]*\)")
    assert {key: said for key, said in CHINESE.items() if narrow.search(code.sub("x", said))} == {}


def test_sentences_are_not_glued_from_others() -> None:
    """Where a sentence is in two parts, the order of the parts is a matter of the language."""
    glued = [
        f"{file.relative_to(ROOT)}:{node.lineno}" for file in sorted((ROOT / "adviz").rglob("*.py")) if file.name != "cli.py"  # its list of commands
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if is_glue(node)
    ]  # fmt: skip
    assert glued == []


def is_glue(node: ast.AST) -> bool:
    """Whether words stand beside a sentence; sentences may follow each other, a line may be indented, and a name may have its formula."""
    match node:
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return (is_said(left) or is_said(right)) and not any(isinstance(side, ast.Constant) and str(side.value).isspace() for side in (left, right))
        case ast.JoinedStr(values):
            words = "".join(str(value.value) for value in values if isinstance(value, ast.Constant))
            return re.search(r"[A-Za-z]{3}|[.;]", words) is not None and any(isinstance(u, ast.FormattedValue) and is_said(u.value) for u in values)
        case ast.Attribute(value):
            return is_said(value) and node.attr in {"join", "capitalize", "format", "replace"}
    return False


def is_said(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"text", "counted"}


# A sentence can be said again.


def test_a_sentence_is_said_again_in_another_language_and_back() -> None:
    said = text("step.evaluate", v="v₂", definition=text("spoken.times", a="v₋₁", b="v₀"), value="{0}")
    assert said == "Computed v₂: v₋₁ times v₀ is {0}."
    assert in_language(said, "zh") == "计算 v₂：v₋₁ 乘 v₀ 等于 {0}。"
    assert in_language(in_language(said, "zh"), "en") == said
    assert speaking("zh", text)("step.seed.forward", v="v₀", name="x{1}", seed="1") == "设种子：v₀（x{1}）的切导数是 1。"


def test_a_sentence_survives_pickle_and_copy() -> None:
    said = text("output.unused", output="y", input=text("word.this"))
    for twin in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):  # noqa: S301 - our own bytes
        assert (twin, in_language(twin, "zh")) == (said, "y 不依赖于 这里：导数为 0。")


def test_parts_in_a_row_are_said_again_part_by_part() -> None:
    row = joined(["sum(v₂, ", text("row.axis", axis=0), ")"])
    assert isinstance(row, Text)
    assert in_language(row, "zh") == "sum(v₂, 轴 0)"
    assert not isinstance(joined(["a", "b"]), Text)


# The choice of a language.


@pytest.fixture
def neither(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Nobody has chosen a language, and what is chosen here is forgotten."""
    monkeypatch.delenv("ADVIZ_LANG", raising=False)
    monkeypatch.setattr("adviz.texts.session.language", "")
    return monkeypatch


def test_who_chooses_wins_over_the_environment_and_the_environment_over_english(neither: pytest.MonkeyPatch) -> None:
    assert adviz.lang() == "en"
    neither.setenv("ADVIZ_LANG", "zh_CN.UTF-8")
    assert adviz.lang() == "zh"
    assert adviz.lang("en") == "en"
    assert text("page.next_step") == "Next step"
    neither.setenv("ADVIZ_LANG", "klingon")
    neither.setattr("adviz.texts.session.language", "")
    assert adviz.lang() == "en"


@pytest.mark.parametrize("wrong", ["fr", "", "ZH", "zh-CN", None.__class__, 3, "zh\n"], ids=repr)
def test_a_language_that_there_is_not_is_refused_with_those_there_are(neither: pytest.MonkeyPatch, wrong: Any) -> None:
    with pytest.raises(adviz.InputError, match="'en', 'zh'"):
        adviz.lang(wrong)
    with pytest.raises(adviz.InputError, match="'en', 'zh'"):
        adviz.explore("x^2", 3.0, lang=wrong)


@pytest.mark.parametrize("tag, language", [("zh", "zh"), ("zh-Hans-CN", "zh"), ("en_GB.UTF-8", "en"), ("C", ""), ("", ""), ("zhx", "")])
def test_a_tag_of_the_environment_names_a_language(tag: str, language: str) -> None:
    assert of_tag(tag) == language


def test_errors_tables_and_checks_speak_the_chosen_language(neither: pytest.MonkeyPatch) -> None:
    adviz.lang("zh")
    with pytest.raises(adviz.FormulaError, match="这个括号没有闭合"):
        adviz.formula("(x")
    with pytest.raises(adviz.TracedValueError, match=r"请用 np\.sin 代替 math\.sin"):
        adviz.gradient(lambda x: math.sin(x))(1.0)
    with pytest.raises(adviz.InputError, match="前向种子需要 2 个数"):
        adviz.forward(f, 2.0, 5.0, seed=(1, 2, 3))
    assert repr(adviz.reverse(f, 2.0, 5.0)).startswith("f(x1, x2) 的反向伴随轨迹")
    agreement = adviz.check(f, 2.0, 5.0)
    adviz.lang("en")
    assert agreement.ok
    assert "反向模式" in str(agreement)


def test_the_command_line_speaks_the_language_of_the_environment() -> None:
    command = [sys.executable, "-m", "adviz", "show", "x*sin(x)", "x=2", "--mode", "reverse"]
    found = subprocess.run(command, capture_output=True, env={**os.environ, "ADVIZ_LANG": "zh", "PYTHONUTF8": "1"}, check=True, cwd=ROOT)
    assert "的反向伴随轨迹" in found.stdout.decode()


# Whole documents.


def f(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def bent(x: Any, y: Any) -> Any:
    if x > 1:
        x = x * x
    return np.maximum(x, 4.0) + np.floor(y) + abs(y) ** 1.5, x / 2


def layer(W: Any, x: Any) -> Any:
    z = np.tanh(W @ x)
    return np.stack([np.sum(W, axis=0), z]).max(axis=1) @ z + np.linalg.norm(np.linalg.solve(W, x)) + np.where(x > 0, x, 2 * x).mean()


def stopped(x: Any) -> Any:
    return np.sqrt(adviz.value(x)) * x


def refused(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.cumsum(np.concatenate([x, x])[::-1].reshape(2, 2).T, axis=1).var()


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Any]] = {
    "running": (f, (2.0, 5.0), {"x1": 2.1}), "bent": (bent, (2.0, 0.0), "forward-reverse"), "stopped": (stopped, (3.0,), None),
    "layer": (layer, (np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, -2.0])), np.float32), "refused": (refused, (np.array([1.0, 2.0]),), None),
    "other function": (f, (2, 5.0), lambda a, b: np.log(a) + np.cos(b)),
}  # fmt: skip
# What names something for a reader of the document and is not shown; functions have their names in every language.
NAMES = {
    "format", "language", "title", "output_names", "names", "labels", "row", "mode", "known", "role", "kind", "operands", "of", "operation", "columns",
    "rows", "branches", "symbol", "slot", "seed_names", "texts", "position",
}  # fmt: skip


def document_of(name: str) -> dict[str, Any]:
    function, point, compare = CASES[name]
    t = adviz.trace(function, *point)
    return packed(t) | {"modes": Modes(function, compare).document(t, default_timelines(t))}


def sentences(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every string of a document that is shown, but for its program and what is the learner's own."""
    match part:
        case str():
            yield path, part
        case ["text" | "plain" | "name" | "dot_text" | "bar_text", *_]:
            pass  # a place of a template
        case ["value" | "partial" | "constant" | "step" | "derivative" | "number" | "operand", *_]:
            pass  # a reference
        case ["mi" | "mo" | "mn", *_]:
            pass  # the notation of a formula
        case [("mrow" | "mtext" | "msub" | "msup" | "mfrac" | "msqrt"), *children]:
            for n, child in enumerate(children, 1):
                yield from sentences(child, (*path, n))
        case dict():
            for name, inside in part.items():
                if name not in NAMES | COLUMNS or name in ("columns", "rows") and "said" in part:
                    yield from sentences(inside, (*path, name))
        case list() | tuple():
            for n, inside in enumerate(part):
                yield from sentences(inside, (*path, n))


@pytest.mark.parametrize("name", CASES)
def test_no_english_is_left_in_a_chinese_document(name: str) -> None:
    own = {"log", "sin", "cos", "ln", "nan", "val", "float32", "float64", "lambda"}
    left = []
    for path, said in sentences(translated(document_of(name), "zh")):
        words = set(re.findall(r"[A-Za-z]{3,}", said)) - own
        if words and not re.search(HAN, said) and path[-1] not in ("definition", "instead") and "programs" not in path:
            left.append((path, said))
    assert left == []


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_in_chinese_has_the_same_places_and_numbers(name: str) -> None:
    content = document_of(name)
    chinese = translated(content, "zh")
    assert shape_of(chinese) == shape_of(content)
    assert set(chinese) - set(content) == set()


def shape_of(part: Any) -> Any:
    """A document without its words: the places of its templates, in any order."""
    match part:
        case str():
            return re.findall(r"\{\w+\}", part) and sorted(set(re.findall(r"\{\w+\}", part)))
        case dict():
            return {name: shape_of(inside) if name not in COLUMNS else None for name, inside in part.items()}
        case list() if any(isinstance(u, str) for u in part) and any(isinstance(u, list) for u in part) and part[0] not in ("mrow", "msub", "msup", "mfrac"):
            places = [str(u) for u in part if isinstance(u, list)]
            return [sorted(set(places)), sorted({hole for u in part if isinstance(u, str) for hole in re.findall(r"\{\d+\}", u)})]
        case list() | tuple():
            return [shape_of(u) for u in part]
    return type(part)


@pytest.mark.parametrize("name", CASES)
def test_a_document_made_in_chinese_is_the_one_translated_into_it(name: str) -> None:
    english, chinese = document_of(name), speaking("zh", document_of)(name)
    assert dict(sentences(translated(english, "zh"))) == dict(sentences(chinese))
    assert dict(sentences(translated(chinese, "en"))) == dict(sentences(english))
    assert set(translations(chinese)) == {"en"}
    assert set(translations(english)) == {"zh"}


def test_a_saved_document_is_shown_in_the_chosen_language(neither: pytest.MonkeyPatch, tmp_path: Path) -> None:
    adviz.reverse(f, 2.0, 5.0).to_json(tmp_path / "trace.json")
    loaded = adviz.load(tmp_path / "trace.json")
    english = loaded.to_svg()
    adviz.lang("zh")
    assert "的前向原值轨迹" in loaded.to_svg()
    assert "变量" in loaded.to_latex()
    assert "定义" in loaded.to_csv().splitlines()[0]
    adviz.lang("en")
    assert loaded.to_svg() == english


@pytest.mark.parametrize("broken", ["x", {"zh": 3}, {"zh": {"kinds": "x"}}, {"zh": {"nothing": "x"}}, {"zh": {"kinds": {"99": {"spoken": "x"}}}}], ids=str)
def test_damaged_translations_are_refused_or_left_out_in_words(neither: pytest.MonkeyPatch, broken: Any, tmp_path: Path) -> None:
    content = json.loads(adviz.trace(f, 2.0, 5.0).to_json()) | {"translations": broken}
    (tmp_path / "trace.json").write_text(json.dumps(content), encoding="utf-8")
    loaded = adviz.load(tmp_path / "trace.json")
    english = repr(loaded)
    adviz.lang("zh")
    assert english.startswith("Forward primal trace")
    assert repr(loaded).startswith(("f(x1, x2) 的前向原值轨迹", "这份轨迹文档已损坏"))


# The explorer.


def test_an_explorer_changes_its_language_without_running_the_function_again() -> None:
    runs = []

    def counted(x: Any) -> Any:
        runs.append(x)
        return np.sqrt(x) * x

    explorer = adviz.explore(counted, 4.0, lang="zh", mode="reverse", step=3)
    before = len(runs)
    assert explorer.language == "zh"
    explorer.set_state({"language": "en"})
    assert (explorer.language, explorer.mode, explorer.step, len(runs)) == ("en", "reverse", 3, before)
    explorer.set_state({"language": "fr"})
    assert explorer.language == "en"
    assert "fr" in explorer.alert


def test_what_went_wrong_is_said_in_the_explorers_language_and_follows_it() -> None:
    explorer = adviz.explore(lambda x: np.sqrt(x) if x > 0 else float(x), 4.0, lang="zh")
    explorer.x = -1.0
    assert "正在被追踪，不能变成普通浮点数" in explorer.alert
    explorer.language = "en"
    assert "is being traced and cannot become a plain float" in explorer.alert
    explorer.x = 1.0
    assert explorer.alert == ""


def test_what_an_explorer_writes_is_in_its_language() -> None:
    explorer = adviz.explore(f, 2.0, 5.0, lang="zh", mode="reverse")
    assert "伴随规则" in explorer.to_latex()
    assert '<html lang="zh-Hans">' in explorer.to_html()
    explorer.language = "en"
    assert "adjoint rule" in explorer.to_latex()


# The page.


@pytest.fixture(scope="module")
def sheet(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """An exported page with every mode, made where nobody chose a language, in an English browser."""
    context = browser.new_context(viewport={"width": 1100, "height": 1000}, locale="en-US")
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    file = tmp_path_factory.mktemp("languages") / "page.html"
    made = adviz.explore(f, 2.0, 5.0, compare={"x1": 2.1}).shown_document()
    file.write_text(adviz.views.display.TraceDocument(made, "reverse", 9).to_html(), encoding="utf-8")
    page.goto(file.as_uri())
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def root(sheet: Page) -> Locator:
    sheet.evaluate("location.hash = ''; history.replaceState(null, '', location.pathname)")
    sheet.reload()
    found = sheet.locator(".adviz-explorer")
    expect(found).to_have_attribute("lang", "en")
    return found


def switch(root: Locator, name: str) -> None:
    root.get_by_role("button", name=name, exact=True).click()


SHOWN = """root => {
  const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("[hidden], .adviz-code, .adviz-line-of-code, button[lang=en]") && parent.checkVisibility()) found.push(walker.currentNode.textContent);
  }
  for (const name of ["aria-label", "title", "placeholder", "aria-valuetext", "alt"])
    for (const each of [root, ...root.querySelectorAll(`[${name}]`)]) if (each.hasAttribute(name) && each.checkVisibility()) found.push(each.getAttribute(name));
  return found;
}"""


def test_the_page_changes_its_language_where_it_stands(root: Locator) -> None:
    switch(root, "中文")
    expect(root).to_have_attribute("lang", "zh-Hans")
    expect(root).to_have_attribute("data-mode", "reverse")
    expect(root).to_have_attribute("data-step", "9")
    expect(root.get_by_role("status")).to_contain_text("第 9 步，共 17 步。")
    expect(root.get_by_role("button", name="English", exact=True)).to_be_focused()
    switch(root, "English")
    expect(root).to_have_attribute("lang", "en")
    expect(root.get_by_role("status")).to_contain_text("Step 9 of 17.")


@pytest.mark.parametrize("mode, name", [("values", "求值"), ("forward", "前向"), ("reverse", "反向")])
def test_every_step_is_told_on_the_page_as_python_tells_it(root: Locator, mode: str, name: str) -> None:
    t = adviz.trace(f, 2.0, 5.0)
    chinese = speaking("zh", document)(t)
    told = [fill(said, references, lookup_in(chinese, mode)) for said, *references in (step["say"] for step in chinese["timelines"][mode]["steps"])]
    switch(root, "中文")
    root.get_by_role("tab", name=name, exact=True).click()
    for n, said in enumerate(told, 1):
        root.press("Home") if n == 1 else None
        root.press("ArrowRight")
        expect(root.get_by_role("status")).to_have_text(f"第 {n} 步，共 {len(told)} 步。{said}")


def test_no_english_is_left_on_a_chinese_page_in_any_mode(root: Locator) -> None:
    switch(root, "中文")
    left = {}
    for tab in root.get_by_role("tab").all():
        if not tab.is_visible():
            continue
        tab.click()
        for button in ("下一步", "下一步", "最后一步", "帮助"):
            root.get_by_role("button", name=button, exact=True).click()
            shown = root.evaluate(SHOWN)
            left |= {said: tab.inner_text() for said in shown if re.search(r"[A-Za-z]{3}", said) and not re.search(HAN, said)}
    own = re.compile(r"English|log|ln|sin|cos|mod|Home End|PgUp PgDn|Space|Enter|Shift.*|.*(?:f|∇f)\(x1, x2\).*|(?:ln|sin) v.*|return .*|def .*|from math.*")
    assert {said: mode for said, mode in left.items() if not own.fullmatch(said.strip())} == {}


def test_what_a_slider_changed_stays_when_the_language_changes(root: Locator) -> None:
    field = root.locator("input[data-input=x1]")
    field.fill("3")
    field.press("Enter")
    cell = root.locator("tr[data-index='1'] td[data-kind=value]")
    expect(cell).to_contain_text("1.099")
    switch(root, "中文")
    expect(root).to_have_attribute("lang", "zh-Hans")
    expect(cell).to_contain_text("1.099")
    expect(field).to_have_value("3")


def test_han_text_is_upright_with_room_between_its_lines(root: Locator) -> None:
    switch(root, "中文")
    slanted = root.evaluate("""root => {
      const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement, style = getComputedStyle(parent);
        if (!/[\\u4e00-\\u9fff]/.test(walker.currentNode.textContent) || !parent.checkVisibility()) continue;
        const tight = parseFloat(style.lineHeight) / parseFloat(style.fontSize) < 1.59 && !parent.closest("svg, math");
        if (style.fontStyle !== "normal" || tight) found.push(`${parent.className}: ${walker.currentNode.textContent} ${style.fontStyle} ${style.lineHeight}`);
      }
      return found;
    }""")
    assert slanted == []
    assert "Noto Sans SC" in root.evaluate("root => getComputedStyle(root).fontFamily")


@pytest.mark.parametrize("locale, chosen, spoken", [("zh-CN", "", "zh-Hans"), ("fr-FR", "", "en"), ("zh-CN", "en", "en"), ("en-US", "zh", "zh-Hans")])
def test_a_page_speaks_what_was_chosen_and_else_what_its_browser_does(
    browser: Browser, neither: pytest.MonkeyPatch, tmp_path: Path, locale: str, chosen: str, spoken: str
) -> None:
    if chosen:
        neither.setenv("ADVIZ_LANG", chosen)
    adviz.trace(lambda x: x * x, 3.0).to_html(tmp_path / "page.html")
    page = browser.new_page(locale=locale)
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.locator(".adviz-explorer")).to_have_attribute("lang", spoken)
    page.close()


def test_every_other_language_has_a_catalogue() -> None:
    assert all(catalogue(language).pgettext("page.help", "Help") != "Help" for language in LANGUAGES[1:])


# The widget's page.


def test_a_reader_and_python_both_choose_the_language_of_a_widget(browser: Browser) -> None:
    explorer = adviz.explore(f, 2.0, 5.0, mode="reverse", step=9)
    context = browser.new_context(locale="zh-CN")  # a widget speaks what Python says, whatever the browser does
    page = context.new_page()
    page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body></body></html>")
    state = {"document": explorer.document, "mode": "reverse", "step": 9, "alert": "", "theme": "", "language": "en", "inputs": {}, "seeds": {}}
    page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "states": [state]})
    root = page.locator(".adviz-explorer")
    expect(root).to_have_attribute("lang", "en")
    switch(root, "中文")
    expect(root.get_by_role("status")).to_contain_text("第 9 步，共 17 步。")
    assert model(page, "saved")[-1]["language"] == "zh"
    arrive(page, "language", "en")
    expect(root).to_have_attribute("lang", "en")
    expect(root).to_have_attribute("data-step", "9")
    arrive(page, "language", "xx")
    expect(root).to_have_attribute("lang", "en")
    context.close()


def test_a_page_without_a_document_says_so_in_both_languages(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<!doctype html><html lang='en'><meta charset='utf-8'><body></body></html>")
    states = [{"document": "{", "mode": "values", "step": 0, "theme": "", "language": language} for language in LANGUAGES]
    page.evaluate(MOUNT, {"code": module(), "style": stylesheet(), "states": states})
    for alert, language in zip(page.get_by_role("alert").all(), LANGUAGES, strict=True):
        expect(alert).to_contain_text(template("document.field", language).partition("{")[0])
    page.close()


# Pictures as pixels.


def test_where_no_font_has_han_characters_a_picture_is_drawn_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of boxes would say nothing."""
    t = adviz.reverse(f, 2.0, 5.0)
    with_font = speaking("zh", t.to_svg)()
    assert "的反向伴随轨迹" in with_font
    for drawable in (False, True):
        monkeypatch.setattr("adviz.views.picture.can_draw", lambda letters, drawable=drawable: drawable)
        drawn: list[str] = []
        monkeypatch.setattr("adviz.views.display.png", lambda picture, drawn=drawn, **options: drawn.append(picture) or b"")
        speaking("zh", t.to_png)()
        assert ("的反向伴随轨迹" in drawn[0]) is drawable


def test_what_can_be_drawn_is_looked_at() -> None:
    assert can_draw("v₁")
    assert not can_draw("\U000f1234\U000f1235")  # private characters, which no font has
