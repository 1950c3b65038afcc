"""Takes endings off English words, so that ``refunded`` meets ``refunds``."""

from __future__ import annotations

from typing import Final

_ENDINGS: Final = (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", ""))


def stem(word: str) -> str:
    """Take the commonest endings off an English word."""
    word = word.partition("'")[0]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + instead
    return word
