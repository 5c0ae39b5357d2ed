"""Columns: one entry for each variable, operand or step, as lists in a small document and as bytes in a large one.

A column of integers is an array of the narrowest of "u1", "u2" and "i4"; a column of numbers an array of "f8", or a list of quantities
where some are arrays. In JSON a column is a list, or {"type": "f8", "length": n, "base64": "..."}, or, where the bytes travel
beside the text, {"type": "f8", "length": n, "at": offset}. Bytes are little-endian; offsets are multiples of 8.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.errors import DocumentError
from adviz.texts import text
from adviz.views import number

BINARY = 4000  # entries: a longer column is bytes
ALIGNED = 24  # bytes: each column beside the text begins where an f8 may, and where its base64 can be cut out of that of all
TYPES: dict[str, np.dtype[Any]] = {"u1": np.dtype("<u1"), "u2": np.dtype("<u2"), "i4": np.dtype("<i4"), "f8": np.dtype("<f8")}  # as in a document
Column = Any  # an array, or a list of quantities


def integers(values: Sequence[int] | np.ndarray) -> np.ndarray:
    """A column of integers, as narrow as they allow."""
    column = values if isinstance(values, np.ndarray) and values.dtype.kind in "iu" else np.asarray(values, np.int64)
    low, high = (int(column.min()), int(column.max())) if column.size else (0, 0)
    return column.astype(TYPES["u1" if low >= 0 and high < 2**8 else "u2" if low >= 0 and high < 2**16 else "i4"])


def numbers(values: Sequence[Any], encoded: Callable[[Any], Any]) -> Column:
    """A column of numbers; a list where some are arrays. None, "there is none", is written 0."""
    if any(isinstance(x, np.ndarray) for x in values):
        return [0.0 if x is None else encoded(x) for x in values]
    return np.array([0.0 if x is None else x for x in values], TYPES["f8"])


class Together:
    """The bytes of all columns of a document, one after the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def take(self, column: np.ndarray) -> int:
        """Where the column's bytes begin."""
        content = column.tobytes()
        content += bytes(-len(content) % ALIGNED)
        self.parts.append(content)
        self.length += len(content)
        return self.length - len(content)

    def content(self) -> bytes:
        """All of them."""
        return b"".join(self.parts)


def written(part: Any, together: Together | None = None) -> Any:
    """A part of a document as JSON can write it: its columns as lists, or as bytes where they are long."""
    match part:
        case np.ndarray():
            if part.size <= BINARY:
                return list(map(number.encoded, part.tolist())) if part.dtype.kind == "f" else part.tolist()
            place = {"base64": b64encode(part.tobytes()).decode()} if together is None else {"at": together.take(part)}
            return {"type": part.dtype.str[1:], "length": part.size, **place}
        case dict():
            return {name: written(inside, together) for name, inside in part.items()}
        case [np.ndarray(), *_]:
            return [written(column, together) for column in part]
    return part


def read(column: Any, place: str) -> Column:
    """A column that was written with its bytes inside. DocumentError if it is none."""
    if isinstance(column, list):
        return column
    if not isinstance(column, Mapping) or column.get("type") not in TYPES or not isinstance(column.get("base64"), str):
        raise DocumentError(text("document.field", field=place, problem="is no column"))
    try:
        content = b64decode(column["base64"], validate=True)
        found = np.frombuffer(content, TYPES[column["type"]])
    except (Base64Error, ValueError) as error:
        raise DocumentError(text("document.field", field=place, problem=str(error)[:60])) from None
    if len(found) != column.get("length"):
        raise DocumentError(text("document.field", field=place, problem=f"has {len(found)} entries, not {column.get('length')!r}"))
    return found
