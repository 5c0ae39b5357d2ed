"""The catalogues of translations, from the sentences of adviz/texts.py: `python tests/setup/messages.py` brings them up to date.

It writes each `adviz/locale/<language>/LC_MESSAGES/adviz.po` anew: a sentence that was added or changed stands there without a translation,
one that is gone is left out. Translate what it names and run it again: it compiles the file to `adviz.mo`, which is what is read.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from adviz.languages import LANGUAGES  # noqa: E402 - of this checkout
from adviz.texts import TEXTS  # noqa: E402

HEADER = "# The sentences of adviz in another language. The context of an entry is its key in adviz/texts.py."


def file_of(language: str) -> Path:
    """Where the catalogue of a language stands."""
    return ROOT / "adviz" / "locale" / language / "LC_MESSAGES" / "adviz.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is."""
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language)


def current(language: str) -> Catalog:
    """The catalogue with every sentence of today, in their order, and what is translated of them."""
    old = read(language)
    names = {"project": "adviz", "version": "0.1", "last_translator": "adviz contributors", "language_team": language, "msgid_bugs_address": ""}
    new = Catalog(locale=language, header_comment=HEADER, fuzzy=False, **names)
    new.creation_date = new.revision_date = old.creation_date
    for key, english in TEXTS.items():
        known = old.get(english, key)
        new.add(english, known.string if known is not None and not known.fuzzy else "", context=key)
    return new


def text_of(catalogue: Catalog) -> bytes:
    """The catalogue as its file."""
    written = BytesIO()
    write_po(written, catalogue, width=0, omit_header=False)
    return written.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as it is read at run time."""
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    """The keys of sentences without a translation."""
    return [str(message.context) for message in catalogue if message.id and not message.string]


def main() -> int:
    """Every catalogue brought up to date; 1 if a translation is missing."""
    lacking = 0
    for language in LANGUAGES[1:]:
        catalogue = current(language)
        file_of(language).write_bytes(text_of(catalogue))
        file_of(language).with_suffix(".mo").write_bytes(compiled(catalogue))
        for key in missing(catalogue):
            lacking += 1
            print(f"{language}: {key}: {TEXTS[key]}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
