"""Reads a sentence whose words stand from the last to the first: ``house my paint I do How``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.ports import Piece

_SHORT: Final = 24
"""So many characters at the end tell whether a text may be one."""
_LONGEST: Final = 1000
# The two words that begin a question or an order, as they end one that is turned.
_ASKING: Final = (
    "to how, do how, can how, does how, would how, should how, me tell, me give, me show, me teach, a write, an write, "
    "the explain, a create, how explain, the describe, how describe, a make, a give, me help, a draft, a develop"
)
_SURE: Final = frozenset(_ASKING.split(", "))
# These end a plain sentence, too; but then no capital stands there.
_ENDING: Final = (
    "are what, is what, do what, would what, can what, are how, is how, you can, you could, i can, "
    "can where, do where, i could, do why, is why, are why, does why, is where, ways list, the list, "
    "for write, some give, please can, tell please, give please, write please, in how, a generate, a provide, "
    "the provide, a compose, you would, are which, some suggest, is who, the write, to ways"
)
_CAPITAL: Final = frozenset(_ENDING.split(", "))


def backwards(text: str) -> Iterator[Piece]:
    """Yield the last line of a text with its words turned round, if it ends as a question begins.

    Args:
        text: All of it.
    """
    tail = text[-_SHORT:].rstrip("\"'”’ \n")
    if not tail[-1:].isalpha():
        return
    last = tail.rsplit(" ", 2)[1:]
    words = " ".join(last).lower()
    if words not in _SURE and not (words in _CAPITAL and last[1][0].isupper()):
        return
    end = len(text.rstrip())
    start = text.rfind("\n", 0, end) + 1
    if end - start <= _LONGEST:
        yield Piece(start, end, " ".join(reversed(text[start:end].split(" "))), "words from last to first", coded=False)
