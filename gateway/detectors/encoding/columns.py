"""Reads what is written from top to bottom, in columns from right to left or from left to right.

Lines of one length that follow each other may be such a page; they are, if common words come out of its columns that
its lines do not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.detectors.encoding.vocabulary import count
from gateway.ports import Piece
from gateway.text import fold, is_chinese

_FEWEST: Final = 3
"""So many lines at least: two of one length often follow each other."""
_SMALL: Final = 6
"""Unless they are no longer than this."""
_WIDEST: Final = 128
_LONGEST: Final = 4096
"""So many characters of a page are read."""
_ENOUGH: Final = 2
"""So many English words at least: short ones also come about by chance."""
_PADDING: Final = " \u3000"


def columns(text: str) -> Iterator[Piece]:
    """Yield the pages of a text, read column by column.

    Args:
        text: All of it.
    """
    lines = text.split("\n")
    at, first, same = 0, 0, -1
    for number, size in enumerate([*map(len, lines), -1]):
        if size == same:
            continue
        if 1 < same <= _WIDEST and (number - first >= _FEWEST or (number - first > 1 and same <= _SMALL)):
            page = lines[first : min(number, first + _LONGEST // same)]
            for said in _read(page, same):
                yield Piece(at, at + (same + 1) * len(page) - 1, said, "columns", coded=False)
        at += (same + 1) * (number - first)
        first, same = number, size


def _read(lines: Sequence[str], width: int) -> Sequence[str]:
    """Return what the columns of a page say, if they say more than its lines; both ways, if neither says more."""
    upright = ["".join(line[place] for line in lines) for place in range(width)]
    ways = ("".join(reversed(upright)).strip(_PADDING), "".join(upright).strip(_PADDING))
    held = [count(fold(said)) for said in ways]
    more = max(held)
    enough = 1 if is_chinese(ways[0]) else _ENOUGH
    if more < enough or more <= count(fold("\n".join(lines))):
        return ()
    return [said for said, words in zip(ways, held, strict=True) if words == more]
