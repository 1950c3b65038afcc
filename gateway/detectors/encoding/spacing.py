"""Puts strings together as they are written: words with a blank between them, Chinese without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.text import is_chinese

_STOPS: Final = frozenset(".,;:!?")


def together(parts: Sequence[str], *, tight: bool = False) -> str:
    """Return the strings as one text.

    Args:
        parts: In order.
        tight: Whether nothing is put between them: a word may have been cut in two.
    """
    said = ""
    for part in parts:
        said += (" " if not tight and _needs_blank(said, part) else "") + part
    return said


def _needs_blank(before: str, after: str) -> bool:
    ends = before[-1:].isalnum() or before[-1:] in _STOPS
    return ends and after[:1].isalnum() and not (is_chinese(before[-1:]) or is_chinese(after[0]))
