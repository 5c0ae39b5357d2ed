"""A document in other languages: beside it stands what differs, and a reader puts that in the place of what is there.

    language       that of the document's own sentences: "en", "zh"
    translations   {"zh": difference, ...}: for an object {name: difference of that part}, for a list {"3": difference of that entry}, for a
                   sentence the sentence, for a text of a template (`kinds.py`) the text; parts that are the same are left out

Sentences are collected, not made a second time: whatever was made by `adviz.texts.text` knows what it was made of. Columns are not looked into.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adviz.errors import DocumentError
from adviz.languages import LANGUAGES, Text
from adviz.texts import in_language, text

Document = dict[str, Any]
COLUMNS = {
    "variables", "constants", "places", "folds", "graph", "inputs", "sources", "steps", "result", "seed", "sweeps", "cells", "translations",
}  # fmt: skip
NUMBERS = (int, float)
MARK = re.compile("\ue000(.*?)\ue001")  # no name of a learner's holds these characters (`running.readable`)


class Parts(list):
    """A text of a template, cut into strings and places; `said` is the sentence it was cut from."""

    said: str = ""


def mark(*place: object) -> str:
    """A place within a sentence that is to be cut."""
    return f"\ue000{':'.join(map(str, place))}\ue001"


def place(marked: str) -> list[Any]:
    """The place that a mark stands for, ["text", -1]."""
    name, *role = marked.split(":")
    return [name, *map(int, role)]


def cut(written: str) -> Any:
    """A sentence as a text of a template: itself where there is no place in it."""
    pieces: list[Any] = [piece if n % 2 == 0 else place(piece) for n, piece in enumerate(MARK.split(written))]
    if len(pieces) == 1:
        return written
    found = Parts(piece for piece in pieces if piece != "")
    found.said = written
    return found


def translations(document: Mapping[str, Any]) -> Document:
    """What differs in every language; a document that was read from a file has it already."""
    if "translations" in document:
        return dict(document["translations"])
    told = texts_in(document)
    found = {language: difference(told, language) for language in LANGUAGES}
    return {language: differs for language, differs in found.items() if differs}


def texts_in(part: Any) -> Any:
    """What can be said in another language of a part: a text, texts by name or number, or None. It is asked of everything, so types are compared."""
    kind = part.__class__
    if kind is Text or kind is Parts:
        return part
    if kind is dict:
        found = {name: texts_in(inside) for name, inside in part.items() if name not in COLUMNS}
    elif kind is list and part and part[0].__class__ not in NUMBERS:
        found = {str(n): texts_in(inside) for n, inside in enumerate(part) if inside.__class__ is not str}
    else:
        return None
    return {name: told for name, told in found.items() if told is not None} or None


def difference(told: Any, language: str) -> Any:
    """What differs of these texts in that language; None where nothing does."""
    if isinstance(told, Text):
        if told.language == language:
            return None
        other = in_language(told, language)
        return None if other == told else other
    if isinstance(told, Parts):
        whole = difference(told.said, language) if isinstance(told.said, Text) else None
        return None if whole is None else cut(whole)
    found = {name: difference(inside, language) for name, inside in (told or {}).items()}
    return {name: differs for name, differs in found.items() if differs is not None} or None


def translated(document: Document, language: str) -> Document:
    """The document in that language, as far as it is there."""
    if document.get("language", language) == language:
        return document
    try:
        return _put(document, translations(document).get(language, {})) | {"language": language}
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        raise DocumentError(text("document.field", field="translations", problem=text("damage.unreadable"))) from None


def _put(part: Any, differs: Any) -> Any:
    """A part with what differs in its place."""
    match part, differs:
        case dict(), dict():
            return part | {name: _put(part[name], inside) for name, inside in differs.items()}
        case list(), dict():
            return [_put(inside, differs[str(n)]) if str(n) in differs else inside for n, inside in enumerate(part)]
    return differs
