"""Languages: a sentence that can be said again in another one, and which one is spoken.

English is the source and stands in `texts.py`. Every other language is a gettext catalogue under `locale/`, its entries found by key and
English sentence together, so that a translation of a sentence that has changed is not used. What is not translated is said in English.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from typing import Any, TypeVar

LANGUAGES = ("en", "zh")
VARIABLE = "ADVIZ_LANG"
TAGS = {"zh": "zh-Hans"}  # as a page names the language of its words


class Text(str):
    """A sentence, its language, and what it was made of: the key of its template and what fills the slots, other texts among it."""

    key: str
    slots: Mapping[str, str]
    is_template: bool  # its slots are left open
    language: str  # "" where parts are in several

    def __new__(cls, written: str, key: str, slots: Mapping[str, str] | None, language: str) -> Text:
        made = super().__new__(cls, written)
        made.key, made.slots, made.is_template, made.language = key, slots or {}, slots is None, language
        return made

    def __getnewargs__(self) -> Any:
        return str(self), self.key, None if self.is_template else self.slots, self.language


def says(said: str, key: str) -> bool:
    """Whether this is the sentence of that key, in whatever language."""
    return isinstance(said, Text) and said.key == key


def said_by(error: BaseException) -> str:
    """What an exception says; what is ours can be said in another language."""
    given = error.args[0] if error.args else None
    return given if isinstance(given, Text) else str(error)


class Session:
    """What was chosen for everything that is made from here on; "" until somebody chooses."""

    def __init__(self) -> None:
        self.language = ""


session = Session()
_inside: ContextVar[str] = ContextVar("adviz_language", default="")  # what is being made speaks it, whatever the session does
Made = TypeVar("Made")


def chosen() -> str:
    """What somebody chose: for what is being made, for the session, or in the environment; "" where nobody did."""
    return _inside.get() or session.language or of_tag(os.environ.get(VARIABLE, ""))


def spoken() -> str:
    """The language that sentences are made in now."""
    return chosen() or LANGUAGES[0]


def of_tag(tag: str) -> str:
    """The language of a tag such as "zh-CN" or "zh_CN.UTF-8"; "" for one that there is not.

    >>> of_tag("zh_CN.UTF-8"), of_tag("fr")
    ('zh', '')
    """
    language = re.split(r"[-_.]", tag.lower())[0]
    return language if language in LANGUAGES else ""


def speaking(language: str, make: Callable[..., Made]) -> Callable[..., Made]:
    """The same function, and whatever it makes speaks that language."""

    def made(*given: Any, **options: Any) -> Made:
        before = _inside.set(language)
        try:
            return make(*given, **options)
        finally:
            _inside.reset(before)

    return made


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of one language by key and English sentence; of English there are none."""
    if language == LANGUAGES[0]:
        return NullTranslations()
    from importlib.resources import files

    with (files("adviz") / "locale" / language / "LC_MESSAGES" / "adviz.mo").open("rb") as compiled:
        return GNUTranslations(compiled)
