"""Numbers drawn from a text: the same on every machine and in every Python, which the draws of `random` do not promise."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """The bytes of SHA-256 of (text, 0), (text, 1), ..., eight for each draw.

    >>> draws = Draws("ann-2026-w3")
    >>> [draws.below(6) for _ in range(5)]
    [2, 1, 0, 0, 2]
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.drawn = 0

    def below(self, n: int) -> int:
        """One of 0 .. n-1, all as likely (to n in 2⁶⁴)."""
        block = hashlib.sha256(f"{self.text}\n{self.drawn}".encode("utf-8", "surrogatepass")).digest()
        self.drawn += 1
        return int.from_bytes(block[:8], "big") % n

    def one(self, entries: Sequence[T]) -> T:
        """One of the entries."""
        return entries[self.below(len(entries))]
