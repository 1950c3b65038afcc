"""Choices that a key makes: the same key and context always choose the same, and nobody without it can tell why."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Draw:
    """A stream of choices from HMAC-SHA-256 in counter mode.

    Args:
        key: A secret.
        context: What the choices are for; another context chooses otherwise.
    """

    __slots__ = ("_block", "_context", "_key", "_rest", "_size")

    def __init__(self, key: bytes, context: bytes) -> None:
        self._key, self._context = key, context
        self._block = 0
        self._rest = 0
        self._size = 1

    def number(self, below: int) -> int:
        """Return a number in ``[0, below)``; ``below`` is at least 1 and at most 2**32."""
        while self._size < below << 64:  # so much is left that no number is noticeably likelier
            block = hmac.digest(self._key, self._context + self._block.to_bytes(4), hashlib.sha256)
            self._rest = self._rest << 256 | int.from_bytes(block)
            self._size <<= 256
            self._block += 1
        self._rest, found = divmod(self._rest, below)
        self._size //= below
        return found

    def pick(self, items: Sequence[_T]) -> _T:
        """Return one of the items."""
        return items[self.number(len(items))]

    def digits(self, count: int) -> str:
        """Return so many digits; the first may be 0."""
        return str(self.number(10**count)).zfill(count) if count <= 9 else self.digits(9) + self.digits(count - 9)
