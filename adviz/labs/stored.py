"""A lab without a kernel: every piece for every value of the controls it depends on, in every language.

    pieces          {key: {"controls": [name, ...], "sizes": [...], "at": [...], "contents": [...]}}: `contents` holds what differs, `at` the place
                    there of each combination of the controls' values, the last control's changing first
    translations    {"zh": difference}: what another language has in the place of what is there, as `static/language.js` reads it
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from adviz.errors import BudgetError
from adviz.labs.design import Design
from adviz.labs.drawing import settings
from adviz.languages import LANGUAGES, speaking
from adviz.texts import TEXTS, template, text

MOST = 5_000  # combinations for one piece


def stored(designs: Mapping[str, Design]) -> dict[str, Any]:
    """The lab in the first of these languages, with all its contents, and what differs in the others."""
    documents = [document(design, language) | {"pieces": {}} for language, design in designs.items()]
    with settings():
        for key in next(iter(designs.values())).pieces:
            for each, piece in zip(documents, _over_the_grid(designs, key), strict=True):
                each["pieces"][key] = piece
    first, *others = documents
    return first | {"translations": {each["language"]: difference(first, each) for each in others}}


def document(design: Design, language: str) -> dict[str, Any]:
    """The lab with the words of its page."""
    texts = {key: template(key, language) for key in TEXTS if key.startswith(("lab.page.", "page.waiting"))}
    return design.document() | {"language": language, "languages": list(LANGUAGES), "texts": texts}


def _over_the_grid(designs: Mapping[str, Design], key: str) -> list[dict[str, Any]]:
    """A piece in each language. The places of its contents are the same in all of them."""
    design = next(iter(designs.values()))
    names = list(design.pieces[key].controls)
    axes = [design.grid()[name] for name in names]
    if (count := math.prod(map(len, axes))) > MOST:
        raise BudgetError(text("lab.large", title=design.title, count=f"{count:,}", limit=f"{MOST:,}"))
    places: dict[str, int] = {}
    contents: list[list[Any]] = []
    at: list[int] = []
    known: dict[tuple[Any, ...], int] = {}
    for values in product(*axes):
        chosen = design.effective(dict(zip(names, values, strict=True)))
        if (seen := known.get(tuple(chosen.values()))) is not None:
            at.append(seen)
            continue
        found = list(_contents(designs, key, chosen))
        at.append(places.setdefault(json.dumps(found, ensure_ascii=False), len(contents)))
        if at[-1] == len(contents):
            contents.append(found)
        known[tuple(chosen.values())] = at[-1]
    shared = {"controls": names, "sizes": [len(axis) for axis in axes], "at": at}
    return [shared | {"contents": [content[k] for content in contents]} for k in range(len(designs))]


def _contents(designs: Mapping[str, Design], key: str, values: Mapping[str, Any]) -> Iterator[Any]:
    """A piece in each language; a drawing without words is the same in all of them."""
    found = None
    for language, design in designs.items():
        if not (isinstance(found, list) and all(shape[0] == "path" for shape in found)):
            found = speaking(language, design.content)(key, values)
        yield found


def difference(one: Any, other: Any) -> Any:
    """What is to be put into `one` to make it `other`, which has the same parts: {} for nothing.

    >>> difference({"a": 1, "b": ["x", "y"]}, {"a": 1, "b": ["x", "z"]})
    {'b': {'1': 'z'}}
    """
    if type(one) is type(other) and isinstance(one, dict | list) and len(one) == len(other):
        names = one.items() if isinstance(one, dict) else enumerate(one)
        return {str(name): difference(part, other[name]) for name, part in names if part != other[name]}
    return {} if one == other else other
