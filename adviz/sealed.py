"""A page that asks without a kernel: its answers are in it, scrambled, so that nobody comes upon them by accident.

There is no secret in a page that marks answers by itself. What is right is kept as salted hashes of rounded numbers, what comes to light later
as base64: spoiler-proof, not cheat-proof, and the page says so. The part `sealed` of its document has

    salt      text
    modes     {mode: [one object for each question: {"right": hashes, "slips": {hash: key of a sentence}, "sealed": base64 of JSON
              {"hints": {language: [text, text, text]}, "saw": {language: text}, "reveal": [[path, value], ...]}}]}
    enter     base64 of JSON [[path, value], ...]: the values, for whoever goes on to the derivatives

A path leads from the document to what is replaced. A hash is FNV-1a of "salt name number", 32 bits; a number is rounded to three figures.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from adviz.answers import right
from adviz.asking import SHOWN, Asking
from adviz.errors import UnsupportedError
from adviz.languages import LANGUAGES, Text
from adviz.mutants import MUTANTS, Cell, run
from adviz.questions import Question
from adviz.texts import TEXTS, in_language, open_text, text
from adviz.timeline import Timeline
from adviz.views.columns import written
from adviz.views.display import kept
from adviz.views.document import Document, json_text
from adviz.views.lesson import naming
from adviz.views.page import page

FIGURES, FINEST = 3, -3  # as the page rounds: three figures, and nothing finer than a thousandth
SENTENCES = ("predict.", "mutant.", "answer.")  # what the page says by itself
TRIED = 400  # numbers around an answer whose roundings are tried


class AskingPage:
    """What an explorer that asks can be written as: a page that asks. Made from the document without its questions."""

    def __init__(self, whole: Document, timelines: Mapping[str, Timeline], ask: Any, mode: str, step: int) -> None:
        self.whole, self.timelines, self.ask, self.mode, self.step = whole, timelines, ask, mode, step

    def to_html(self, path: str | Path | None = None) -> str:
        """One HTML page that asks, marks and tells without a kernel, and loads nothing."""
        return kept(page(json_text(sealed(self.whole, self.timelines, self.ask, self.mode)), self.mode, self.step), path)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("to_"):
            raise UnsupportedError(text("page.predict.export"))
        raise AttributeError(name)


def sealed(whole: Document, timelines: Mapping[str, Timeline], ask: Any, mode: str) -> Document:
    """The document of a page that asks, no question answered."""
    asking = Asking(timelines, ask, mode, naming(whole))
    begun, closed, entered = asking.document(whole), asking.again("values"), asking.again("reverse")
    sentences = {key: open_text(key, whole["language"]) for key in TEXTS if key.startswith(SENTENCES)}
    return begun | {
        "texts": begun["texts"] | sentences,
        "why_not_live": text("page.predict.sealed"),
        "sealed": {
            "salt": begun["title"],
            "modes": {each: list(_seals(whole, asking.again(each), each, begun["title"])) for each in timelines},
            "enter": _scrambled(list(_differences(_numbers(closed, whole), _numbers(entered, whole)))),
        },
    }


def _seals(whole: Document, asking: Asking, mode: str, salt: str) -> Iterator[Document]:
    """What a page needs for each question of a mode."""
    before, made = _numbers(asking, whole), {mutant: run(asking.timelines[mode], mutant).cells for mutant in MUTANTS}
    for record in asking.records[mode]:
        record.state = SHOWN
        after, question = _numbers(asking, whole), record.question
        accepted = _roundings(question.answer)
        content = {
            "hints": {each: [_said(hint, each) for hint in question.hints] for each in LANGUAGES},
            "saw": {each: _said(question.saw, each) for each in LANGUAGES},
            "reveal": list(_differences(before, after)),
        }
        yield {
            "right": [_hash(salt, question.name, key) for key in sorted(accepted)],
            "slips": {_hash(salt, question.name, key): said for key, said in _slips(question, accepted, made).items()},
            "sealed": _scrambled(content),
        }
        before = after


def _said(words: str, language: str) -> str:
    return str(in_language(words, language) if isinstance(words, Text) else words)


def rounded(x: float) -> str:
    """A number to three figures, and to a thousandth, as a page writes it for its hashes.

    >>> rounded(1.716338), rounded(-0.28366), rounded(12345.6), rounded(0.9999), rounded(2.0)
    ('172e-2', '-284e-3', '123e2', '1e0', '2e0')
    """
    if math.isnan(x) or math.isinf(x):
        return str(x)
    if abs(x) < 10.0**FINEST / 2:
        return "0"
    power = max(math.floor(math.log10(abs(x))) - FIGURES + 1, FINEST)
    digits = math.floor((abs(x) * 10.0**-power if power < 0 else abs(x) / 10.0**power) + 0.5)
    while digits % 10 == 0 and digits:
        digits, power = digits // 10, power + 1
    return f"{'-' if x < 0 else ''}{digits}e{power}"


def _roundings(answer: float) -> set[str]:
    """The rounded numbers that are right."""
    if not math.isfinite(answer):
        return {rounded(answer)}
    reach = 5e-3 * max(abs(answer), 1.0)
    found = {rounded(answer + reach * (n / TRIED - 1.0)) for n in range(2 * TRIED + 1)}
    return {key for key in found if right(float(key), answer)} | {rounded(answer)}


def _slips(question: Question, accepted: set[str], made: Mapping[str, Mapping[Cell, tuple[float, ...]]]) -> dict[str, str]:
    """The rounded numbers of known slips, each with the key of its sentence; of two slips with one number the first in MUTANTS."""
    found = {rounded(-question.answer): "predict.sign"}
    for mutant in reversed(MUTANTS):
        for u in made[mutant].get(question.cell, ()):
            for key in _beside(rounded(u)):
                found[key] = f"mutant.{mutant}"
    return {key: said for key, said in sorted(found.items()) if key not in accepted}


def _beside(key: str) -> Iterator[str]:
    """A rounded number, and those one unit of its last figure away."""
    x = float(key)
    unit = 10.0 ** max(math.floor(math.log10(abs(x))) - FIGURES + 1, FINEST) if x else 10.0**FINEST
    yield from (rounded(x - unit), rounded(x + unit), key)


def _hash(salt: str, name: str, key: str) -> str:
    """FNV-1a, 32 bits, of the UTF-8 text."""
    found = 0x811C9DC5
    for byte in f"{salt} {name} {key}".encode():
        found = (found ^ byte) * 0x01000193 & 0xFFFFFFFF
    return f"{found:08x}"


def _scrambled(content: Any) -> str:
    return b64encode(json.dumps(content, ensure_ascii=False).encode()).decode()


def _numbers(asking: Asking, whole: Document) -> Document:
    """The numbers of the document as it may be seen, as a page reads them."""
    shown = written(asking.document(whole))
    parts = shown["timelines"].items()
    timelines = {mode: {"seed": t["seed"], "result": t["result"], "steps": {"number": t["steps"]["number"]}} for mode, t in parts}
    return {"variables": {name: shown["variables"][name] for name in ("value", "partials")}, "timelines": timelines}


def _differences(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[list[str | int], Any]]:
    """What has to be replaced to come from one to the other."""
    match before, after:
        case dict(), dict() if before.keys() == after.keys():
            for name in before:
                yield from _differences(before[name], after[name], (*path, name))
        case list(), list() if len(before) == len(after):
            for n, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from _differences(old, new, (*path, n))
        case _:
            if before != after:
                yield list(path), after
