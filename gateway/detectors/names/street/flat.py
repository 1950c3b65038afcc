"""Reads what tells one flat of a house from another: Apt. 4B, #12, 2nd floor, 12/F, H.No. 8-2."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.names.street import vocabulary as known
from gateway.detectors.names.street.reader import Reader, Word

_NUMBER: Final = re.compile("[0-9]{1,5}[a-z]?|[a-z]")
_ORDINAL: Final = re.compile("[0-9]{1,3}(?:st|nd|rd|th)")
_FLOORS: Final = frozenset(("floor", "fl", "flr", "story", "storey"))
_NUMBERED: Final = frozenset(("no", "nr", "number"))
_NO_FLAT: Final = frozenset("%:°")
_GAP: Final = 3


def read_flat(words: Reader, at: int) -> int | None:
    """Return where the flat ends that is named at a place; None if none is."""
    word = words.at(at)
    if word.text == "#":
        number = words.at(word.end)
        return _rest(words, number) if number.kind == "number" and number.start == word.end else None
    if word.kind == "number":
        return _floor(words, word)
    if word.kind != "word":
        return None
    if word.low == "h":
        number = words.at(words.dot(word.end))
        behind = words.at(words.dot(number.end))
        return _rest(words, behind) if number.low == "no" and behind.kind == "number" else None
    return _behind(words, word, words.dot(word.end)) if word.low in known.FLATS else None


def read_numbered(words: Reader, at: int) -> int | None:
    """Return where a lane or a house ends that a number alone tells: Lane 25, Alley 3, No. 18; None if none does."""
    word = words.at(at)
    if word.kind != "word" or not (word.low in known.LANES or word.low in _NUMBERED):
        return None
    end = words.dot(word.end)
    number = words.at(end)
    if number.kind != "number" or number.start > end + _GAP:
        return None
    return _rest(words, number)


def _floor(words: Reader, number: Word) -> int | None:
    """Return where a floor ends that a number begins: 2nd floor, 12/F."""
    floor = words.at(number.end)
    if floor.text == "/" and floor.start == number.end:
        letter = words.at(floor.end)
        return letter.end if letter.low == "f" else None
    if floor.low not in _FLOORS or not floor.near(number.end) or not _ORDINAL.fullmatch(number.low):
        return None
    return words.dot(floor.end) if floor.low in ("fl", "flr") else floor.end


def _behind(words: Reader, word: Word, end: int) -> int | None:
    """Return where the number of a flat ends that stands behind the word for one."""
    number = words.at(end)
    if number.low in _NUMBERED:
        end = words.dot(number.end)
        number = words.at(end)
    if number.text == "#":
        number = words.at(number.end)
    if number.kind not in ("word", "number") or number.start > end + _GAP:
        return None
    if number.kind == "word" and not number.capital and word.low not in known.SURE_FLATS:
        return None
    return _rest(words, number)


def _rest(words: Reader, number: Word) -> int | None:
    """Return where a number ends that may go on: 4, 4B, B12, 07-118; None if it is the number of no flat."""
    end = number.end
    if not _NUMBER.fullmatch(number.low):
        return None
    if number.kind == "word":
        more = words.at(end)
        end = more.end if more.kind == "number" and more.start == end else end
    for _ in range(3):
        dash = words.at(end)
        if dash.text not in ("-", "/") or dash.start != end:
            break
        more = words.at(dash.end)
        if more.kind not in ("number", "word") or more.start != dash.end or len(more.text) > 4:
            break
        end = more.end
    following = words.at(end)
    return None if following.start == end and following.text in _NO_FLAT else end
