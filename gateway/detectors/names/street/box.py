"""Reads boxes for post: P.O. Box 12, Private Bag X1, PSC 814 Box 22, APO AP 96278."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.names.street.reader import Reader, Word

_SHIPS: Final = frozenset(("uss", "usns", "uscgc", "usnv"))
_FORCES: Final = frozenset(("apo", "fpo", "dpo"))
_PARTS: Final = frozenset(("aa", "ae", "ap"))
_PHRASES: Final = (
    *(("po", "box"), ("p", "o", "box"), ("gpo", "box"), ("post", "office", "box"), ("private", "bag")),
    *(("postfach",), ("postbus",), ("postboks",), ("postbox",)),
)
_TWICE: Final = frozenset(("psc", "cmr", "unit", "rr", "hc"))
_NUMBER: Final = re.compile("x?[0-9]{1,7}[a-z]?")
_ZIP: Final = re.compile("[0-9]{5}")
_FOUR_MORE: Final = re.compile("-[0-9]{4}(?![0-9A-Za-z])")
_MOST_OF_A_SHIP: Final = 3
_NEXT_LINE: Final = 8


def read_box(words: Reader, first: Word) -> int | None:
    """Return where the box ends that is named from a word on; None if none is."""
    low = first.low
    if low in _FORCES:
        return read_forces(words, first)
    if low in _SHIPS:
        return _ship(words, first)
    if low in _TWICE:
        return _twice(words, first)
    for phrase in _PHRASES:
        if phrase[0] == low:
            end = _said(words, first.start, phrase)
            if end is not None:
                return _number(words, end)
    return None


def read_forces(words: Reader, office: Word) -> int | None:
    """Return where the post of armed forces ends: APO AP 96278; None if there is none."""
    if office.low not in _FORCES:
        return None
    part = words.at(words.comma(office.end))
    if part.low not in _PARTS:
        return None
    code = words.at(words.comma(part.end))
    return zip_end(words, code) if _ZIP.fullmatch(code.text) else None


def zip_end(words: Reader, code: Word) -> int:
    """Return where a postcode of the United States ends, with the four digits that may follow."""
    words.needs(code.end, 6)
    match = _FOUR_MORE.match(words.text, code.end)
    return match.end() if match else code.end


def _said(words: Reader, at: int, phrase: tuple[str, ...]) -> int | None:
    """Return where a phrase ends that is said at a place, with full stops or without; None if it is not."""
    end = at
    for one in phrase:
        word = words.at(end)
        if word.low != one:
            return None
        end = words.dot(word.end)
    return end


def _number(words: Reader, end: int) -> int | None:
    number = words.at(end)
    if number.low in ("no", "number", "#"):
        number = words.at(words.dot(number.end))
    start = number.start
    if number.low == "x":  # X12 is a letter and a number
        number = words.at(number.end)
    return number.end if _NUMBER.fullmatch(words.text[start : number.end].lower()) else None


def _ship(words: Reader, first: Word) -> int | None:
    """Return where the post of a ship ends: its name, and its post office on the same line or the next."""
    end = first.end
    for _ in range(_MOST_OF_A_SHIP):
        word = words.at(end)
        if word.kind != "word" or word.low in _FORCES or not word.near(end):
            break
        end = word.end
    if end == first.end:
        return None
    word = words.at(words.comma(end))
    if word.kind == "line":
        word = words.at(word.end)
    return read_forces(words, word) if word.start < end + _NEXT_LINE else None


def _twice(words: Reader, first: Word) -> int | None:
    """Return where a number and a box end: PSC 814 Box 22, Unit 45013 Box 3344, RR 2 Box 61."""
    number = words.at(first.end)
    if number.kind != "number":
        return None
    box = words.at(words.comma(number.end))
    last = words.at(box.end)
    return last.end if box.low == "box" and last.kind == "number" and last.near(box.end) else None
