"""Reads the line of an address that names a street, a box or a house, and says how much its words alone tell."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from gateway.detectors.names.street import vocabulary as known
from gateway.detectors.names.street.box import read_box
from gateway.detectors.names.street.reader import Reader, Word

Sort = Literal["box", "street", "vague", "small", "open", "house"]
"""A box, which is whole; a street; a street by a word that says other things as well; one without capital letters;
a name and a number without a word for a street; a house by its name, or a street without a number."""


class Line(NamedTuple):
    """A line of an address.

    Attributes:
        end: Where it ends.
        sort: What it is.
        number: The number of the house; empty if there is none.
        first: Where the name begins.
    """

    end: int
    sort: Sort
    number: str
    first: int


_HOUSE: Final = re.compile("[0-9]{1,6}[a-z]?")
_HOUSE_ALONE: Final = re.compile("[0-9]{1,5}[a-z]?")
_HOUSE_BEHIND: Final = re.compile("[0-9]{1,4}[a-z]?")
_ORDINAL: Final = re.compile("[0-9]{1,3}(?:st|nd|rd|th)")
_MOST_NAMES: Final = 5
_MOST_SMALL: Final = 3
_MOST_OPEN: Final = 3
_LONGEST_ROUTE: Final = 4


def is_year(text: str) -> bool:
    """Whether digits are a year that people speak of."""
    return len(text) == 4 and text.isdigit() and "1500" <= text < "2100"


def read_line(words: Reader, at: int) -> Line | None:
    """Return the line that begins at a place, if one does."""
    word = words.at(at)
    if word.kind == "number":
        return _number_first(words, word)
    if word.kind != "word":
        return None
    end = read_box(words, word)
    if end is not None:
        return Line(end, "box", "", word.start)
    if word.low in known.FLATS and words.at(words.dot(word.end)).kind == "number":
        return None
    return _name_first(words, at) or _house(words, word)


def read_lane(words: Reader, at: int) -> Line | None:
    """Return the street without a number that is named at a place; only a postcode makes an address of it."""
    names = 0
    end = at
    while names < _MOST_NAMES:
        word = words.at(end)
        if not word.capital or (names and not word.near(end)):
            return None
        if names and (word.low in known.STREETS or word.low in known.VAGUE):
            return Line(word.end, "house", "", at)
        names += 1
        end = words.dot(word.end) if word.low in known.INITIALS else word.end
    return None


# --- The number stands first ----------------------------------------------------------------------------------------


def _number_first(words: Reader, number: Word) -> Line | None:
    if not _HOUSE.fullmatch(number.low):
        return None
    end = _rest_of_number(words, number.end)
    behind = words.comma(end)
    first = words.at(behind)
    if not first.near(behind):
        return None
    if first.kind == "number" and not _ORDINAL.fullmatch(first.low):
        # Two numbers, one after the other: of a flat and of the house.
        if behind > end or not _HOUSE.fullmatch(first.low) or is_year(number.text):
            return None
        line = _named(words, first.end, first.text)
        return line if line is not None and line.sort != "small" else None
    line = _named(words, behind, number.text)
    if line is None or behind == end or line.sort == "street":
        return line
    return line._replace(sort="open") if line.sort == "vague" else None


def _rest_of_number(words: Reader, end: int) -> int:
    """Return where a number ends that goes on: 12-14, 5/27, 22/4/1, 123 1/2."""
    for _ in range(3):
        stroke = words.at(end)
        if stroke.text not in ("-", "/") or stroke.start != end:
            break
        more = words.at(stroke.end)
        if more.kind != "number" or more.start != stroke.end or len(more.text) > 6:
            break
        end = more.end
    half = words.at(end)
    if half.text == "1" and half.near(end) and words.at(half.end).text == "/":
        two = words.at(words.at(half.end).end)
        end = two.end if two.text in ("2", "4") and two.start == half.end + 1 else end
    return end


def _named(words: Reader, at: int, number: str) -> Line | None:
    """Return the street that is named at a place, behind its number."""
    first = words.at(at)
    english = first.low in known.ENGLISH_BEFORE and words.at(first.end).low in known.STREETS  # Place Road
    if first.low in known.BEFORE_NAME and not english:
        line = _kind_first(words, first, number)
        if line is not None:
            return line
    if first.capital or first.kind == "number":
        return _capitals(words, at, number)
    return _small(words, at, number)


def _capitals(words: Reader, at: int, number: str) -> Line | None:
    """Return the street that capitalised words name, as far as the word for its kind."""
    names: list[Word] = []
    end = at
    while len(names) < _MOST_NAMES:
        word = words.at(end)
        if not word.near(end):
            break
        if names and _is_kind(words, word, names):
            return _with_kind(words, names, word, number)
        ordinal = word.kind == "number" and _ORDINAL.fullmatch(word.low) is not None
        inside = bool(names) and (word.low in known.JOINERS or word.text == "&")
        if not (word.capital or ordinal or inside) or not words.whole(word):
            break
        names.append(word)
        end = _initials_end(words, word)
    return _without_kind(words, at, names, number)


def _initials_end(words: Reader, word: Word) -> int:
    """Return where a part of a name ends, with the full stops and letters that belong to it: St., M.G."""
    end = word.end
    if len(word.text) > 1 and word.low not in known.INITIALS and word.low not in known.DIRECTIONS:
        return end
    end = words.dot(end)
    words.needs(end, 1)
    while words.text[end : end + 1].isupper():
        more = words.at(end)
        if len(more.text) != 1:
            break
        end = words.dot(more.end)
        words.needs(end, 1)
    return end


def _is_kind(words: Reader, word: Word, names: list[Word]) -> bool:
    """Whether a word says what kind of street the names before it are."""
    if word.low in known.STREETS:
        return words.whole(word) and not (word.low == "st" and _is_saint(words, word))
    if word.low not in known.VAGUE or not word.capital or not words.whole(word):
        return False
    return not all(name.low in known.DIRECTIONS for name in names) or not words.at(word.end).capital


def _is_saint(words: Reader, word: Word) -> bool:
    """Whether a saint's name follows St. and then a kind of street: St. John Street."""
    end = words.dot(word.end)
    for count in range(3):
        following = words.at(end)
        if not following.near(end) or not following.capital:
            return False
        if count and following.low in known.STREETS:
            return True
        end = following.end
    return False


def _with_kind(words: Reader, names: list[Word], kind: Word, number: str) -> Line | None:
    """Return the street of these names and this kind, if they can be one."""
    if not _fits(names, kind):
        return None
    kind = _last_kind(words, kind)
    sort: Sort = "street" if kind.low in known.STREETS and names[0].low != "the" else "vague"
    end = words.dot(kind.end) if kind.low in known.SHORT else kind.end
    if kind.low in known.APART:
        behind = _number_behind(words, end)
        end = end if behind is None else behind.end
    elif kind.low in known.NUMBERED or (kind.low == "road" and names[-1].low in known.ROADS_OF):
        route = words.at(end)
        if route.near(end) and route.kind == "number" and len(route.text) <= _LONGEST_ROUTE:
            end = route.end
            sort = sort if kind.low == "road" else "vague"
        elif kind.low != "road" and all(name.low in known.ROADS_OF | known.DIRECTIONS for name in names):
            return None
    return Line(_facing(words, end), sort, number, names[0].start)


def _facing(words: Reader, end: int) -> int:
    """Return where the side of a town ends that follows a street: Devon Street West, Main St NW."""
    facing = words.at(end)
    turned = facing.near(end) and facing.low in known.DIRECTIONS and (facing.capital or len(facing.text) < 3)
    return facing.end if turned else end


def _last_kind(words: Reader, kind: Word) -> Word:
    """Return the last of several kinds of street in a row: Maple Ridge Court, Ocean View Avenue."""
    for _ in range(2):
        more = words.at(kind.end)
        longer = more.low in known.STREETS or (more.low in known.VAGUE and kind.low in known.VAGUE)
        if not (longer and more.capital and more.near(kind.end)):
            break
        kind = more
    return kind


def _fits(names: list[Word], kind: Word) -> bool:
    """Whether names can stand between a number and a kind of street."""
    first, last = names[0].low, names[-1].low
    plain = [name.low for name in names if name.low not in known.DIRECTIONS] or [first]
    if plain[0] in known.NO_NAMES:
        return False
    for before, name in zip((None, *names), names, strict=False):
        led = before is None or before.low in known.JOINERS
        if name.low in known.NO_PARTS and not (name.low == "the" and led):
            return False
    if (kind.low == "court" and last in known.NO_COURTS) or (kind.low in ("drive", "dr") and last in known.NO_DRIVES):
        return False
    if kind.low in known.VAGUE and any(len(name.text) == 1 for name in names[1:]):  # Robert B. Hill
        return False
    return first == "the" or any(name.low not in known.JOINERS for name in names)


def _without_kind(words: Reader, at: int, names: list[Word], number: str) -> Line | None:
    """Return what capitalised words name without a word for a street: Highway 12, Broadway, Puruntie 82, Banksia."""
    while names and names[-1].low in known.JOINERS:
        names.pop()
    if not names or not names[0].capital or names[0].low in known.NO_NAMES:
        return None
    if any(name.low in known.NO_PARTS for name in names):
        return None
    last = names[-1]
    if len(names) < 3 and last.low in known.NUMBERED:
        route = words.at(last.end)
        numbered = route.near(last.end) and route.kind == "number"
        return Line(_facing(words, route.end), "vague", number, names[0].start) if numbered else None
    behind = _name_first(words, at)
    if behind is not None:
        return behind._replace(number=number)
    if names[0].low in known.ALONE:
        return Line(names[0].end, "vague", number, names[0].start)
    fits = len(names) <= _MOST_OPEN and len(names[0].text) > 2 and _HOUSE_ALONE.fullmatch(number.lower())
    return Line(last.end, "open", number, names[0].start) if fits else None


def _small(words: Reader, at: int, number: str) -> Line | None:
    """Return the street that is named without capital letters."""
    names: list[Word] = []
    end = at
    while len(names) <= _MOST_SMALL:
        word = words.at(end)
        if not word.near(end) or word.kind not in ("word", "number"):
            return None
        if names and word.low in known.LOWER and words.whole(word):
            if all(name.low in known.DIRECTIONS for name in names) or (word.low == "st" and _names_saint(words, word)):
                return None
            end = words.dot(word.end) if word.low in known.SHORT else word.end
            return Line(_facing(words, end), "small", number, names[0].start)
        counted = word.kind == "number" and not _ORDINAL.fullmatch(word.low)
        if counted or word.low in known.NO_NAMES or word.low in known.JOINERS:
            return None
        names.append(word)
        end = words.dot(word.end) if len(word.text) == 1 else word.end
    return None


def _names_saint(words: Reader, word: Word) -> bool:
    """Whether a name follows a saint: st louis, St. Mary's."""
    end = words.dot(word.end)
    following = words.at(end)
    return following.near(end) and following.kind == "word" and following.low not in known.FLATS


# --- The name stands first ------------------------------------------------------------------------------------------


def _name_first(words: Reader, at: int) -> Line | None:
    first = words.at(at)
    if first.low in known.BEFORE_NAME | {"c"} and (first.capital or first.low in known.DOTTED_BEFORE | {"c"}):
        line = _kind_first(words, first, "")
        if line is not None:
            return line
    if first.low in known.PREPOSED and first.capital:
        return _preposed(words, first)
    return _name_and_number(words, at)


def _kind_first(words: Reader, first: Word, number: str) -> Line | None:
    """Return a street whose kind stands before its name: rue de la Paix, ul. Długa 5, Via Roma 131.

    Args:
        words: Where to read.
        first: The kind.
        number: The number before it; if there is none, one must stand behind the name.
    """
    end = _behind_kind(words, first)
    names = [] if end is None else _names_behind(words, end, numbered=bool(number))
    if not names or any(name.low in known.MONTHS for name in names):
        return None
    joined = names[0].low in known.JOINERS or "'" in names[0].text
    if first.low in known.JOINED_BEFORE and not joined:
        return None
    end = words.dot(names[-1].end) if len(names[-1].text) == 1 else names[-1].end
    plain = joined or first.low not in known.ENGLISH_BEFORE or not (first.capital and names[0].capital)
    sure = plain and any(name.capital for name in names)
    # Where a number stands before the name, one behind a comma is a postcode: 7 Rue du Lac, 1204 Genève.
    behind = None if number and words.comma(end) > end else _number_behind(words, end)
    if behind is not None:
        return Line(behind.end, "street" if sure else "vague", number or behind.number, first.start)
    if not number or (first.low == "via" and not first.capital and not joined):
        return None
    if sure or (joined and first.low in known.FRENCH_BEFORE):
        return Line(end, "street", number, first.start)
    return Line(end, "small" if joined else "vague", number, first.start) if joined or names[0].capital else None


def _behind_kind(words: Reader, first: Word) -> int | None:
    """Return where the name begins behind its kind, or behind C/; None if a full stop is missing."""
    if first.low == "c":
        stroke = words.at(first.end)
        return stroke.end if stroke.text == "/" else None
    end = words.dot(first.end)
    return None if end == first.end and first.low in known.DOTTED_BEFORE else end


def _names_behind(words: Reader, end: int, *, numbered: bool) -> list[Word]:
    """Return the words of a name that begins behind its kind; small ones only behind a number and a joining word."""
    names: list[Word] = []
    while len(names) <= _MOST_NAMES:
        word = words.at(end)
        if not word.near(end) and (names or word.start != end):
            break
        if word.low in known.SURE_FLATS or word.low == "no":
            break
        if word.kind == "number":
            fits = bool(names) and _is_date(words, word)
        else:
            led = numbered and bool(names) and names[-1].low in known.JOINERS
            fits = word.kind == "word" and (word.capital or led or word.low in known.JOINERS or "'" in word.text)
        if not fits:
            break
        names.append(word)
        end = words.dot(word.end) if len(word.text) == 1 or word.low in known.INITIALS else word.end
        if word.kind == "number":
            end = words.dot(end)
    while names and names[-1].low in known.JOINERS:
        names.pop()
    return names


def _is_date(words: Reader, number: Word) -> bool:
    """Whether a number is part of a name: 8 Mai 1945, 17. Juni."""
    end = words.dot(number.end)
    following = words.at(end)
    return following.near(end) and following.capital and following.low not in known.FLATS


def _preposed(words: Reader, first: Word) -> Line | None:
    """Return a street that begins with a preposition: Am Markt 5, Unter den Linden 77."""
    last = None
    end = first.end
    for _ in range(3):
        word = words.at(end)
        if not word.near(end) or not (word.capital or word.low in known.JOINERS):
            break
        last, end = word, word.end
    if last is None or not last.capital:
        return None
    behind = _number_behind(words, end)
    return None if behind is None else Line(behind.end, "open", behind.number, first.start)


def _name_and_number(words: Reader, at: int) -> Line | None:
    """Return a street that is told by how its name ends: Hauptstrasse 12, Mariahilfer Straße 88."""
    names: list[Word] = []
    end, sort = at, None
    while sort is None and len(names) < 4:
        word = words.at(end)
        apart = bool(names) and word.low in known.APART and (word.low != "u" or words.dot(word.end) > word.end)
        fits = word.capital or apart or (bool(names) and word.low in known.JOINERS)
        if word.kind != "word" or not fits or (names and not word.near(end)):
            break
        names.append(word)
        sort = "street" if apart else _ending(names)
        short = word.low in known.SHORT or len(word.text) == 1 or word.low.endswith("str") or word.low == "u"
        end = words.dot(word.end) if short else word.end
        if word.low in known.STREETS:
            break
    if not names:
        return None
    sort = sort or _without_ending(names)
    behind = None if sort is None else _number_behind(words, end)
    if sort is None or behind is None or (len(names) > 1 and names[0].low in known.NO_TOWNS):
        return None
    stop = words.dot(behind.end) if names[-1].low in known.POINTED else behind.end
    if sort != "open" and is_year(behind.number):
        sort = "vague"
    return Line(stop, sort, behind.number, names[0].start)


def _ending(names: list[Word]) -> Sort | None:
    """Say what sort of street a row of words names by the end of the last, if any."""
    last = names[-1].low
    if not last.endswith(known.ENDINGS) or last in known.NO_STREETS or len(last) < 7:
        return None
    small = known.ADJECTIVES | known.JOINERS
    if not all(name.low in small or len(name.text) == 1 for name in names[:-1]):
        return None
    return "vague" if last.endswith(known.UNSURE_ENDINGS) else "street"


def _without_ending(names: list[Word]) -> Sort | None:
    """Say whether words may name a street though nothing in them says so."""
    low = [name.low for name in names]
    if len(names) > _MOST_OPEN or low[-1] in known.JOINERS or low[0] in known.NO_TOWNS or len(low[-1]) == 1:
        return None
    if len(low) > 1 and low[-1].endswith(known.ENDINGS) and low[-1] not in known.NO_STREETS:  # begins at a later word
        return None
    none = known.BEFORE_OTHERS | known.MONTHS | known.FLATS
    return None if any(one in none for one in low) else "open"


class _Behind(NamedTuple):
    end: int
    number: str


def _number_behind(words: Reader, end: int) -> _Behind | None:
    """Return the number of a house behind the name of a street: 12, 12a, nr. 5, 88/12."""
    end = words.comma(end)
    word = words.at(end)
    if word.low in ("no", "nr", "núm", "num") and word.near(end):
        end = word.end
        word = words.at(words.dot(end))
    if word.kind != "number" or not word.near(end) or not _HOUSE_BEHIND.fullmatch(word.low):
        return None
    return _Behind(_rest_of_number(words, word.end), word.text)


# --- Houses that have a name ------------------------------------------------------------------------------------------


def _house(words: Reader, first: Word) -> Line | None:
    """Return a house that is called by its name, and the street behind it."""
    end, last = first.start, None
    for _ in range(4):
        word = words.at(end)
        if not word.capital or (last is not None and not word.near(end)):
            break
        last, end = word, word.end
    if last is None or last.low not in known.HOUSES or last.start == first.start:
        return None
    sign = words.at(end)
    if (first.low in known.NO_TOWNS and first.low != "the") or (sign.text != "," and sign.kind != "line"):
        return None
    start = words.at(sign.end)
    line = _number_first(words, start) if start.kind == "number" else _name_first(words, start.start)
    if line is None or line.sort in ("open", "small"):
        line = read_lane(words, start.start)
    return None if line is None else line._replace(first=first.start)
