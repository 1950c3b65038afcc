"""Finds street addresses: a number and a street, in either order, a box, a house by its name, and what follows.

What an address is worth depends on its own words and on the 64 characters before it, on nothing else; so it does not
matter where a text was cut.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from gateway.detectors.names.street import vocabulary as known
from gateway.detectors.names.street.before import LOOKED_AT, is_led, is_part, leads_small, may_begin
from gateway.detectors.names.street.flat import read_flat, read_numbered
from gateway.detectors.names.street.line import Line, is_year, read_lane, read_line
from gateway.detectors.names.street.reader import Reader
from gateway.detectors.names.street.starts import Starts, goes_on, may_hold
from gateway.detectors.names.street.tail import CODE, FLAT, NOTHING, STATE, TOWN, Tail, read_tail
from gateway.ports import Detector, Scan
from gateway.text import TextView, ascii_of
from gateway.verdict import Finding

ADDRESS: Final = "pii.address"
BEHIND: Final = LOOKED_AT
"""How many characters of what has left must be shown: the words that lead to an address."""

_NAME: Final = "names"
_WIDEST: Final = 240
_SURE, _LIKELY = 0.8, 0.6
_MOST_ANNOUNCED: Final = 24
_MOST_FLATS: Final = 6
_MOST_COMPLEX: Final = 4
_NO_LETTER: Final = bytes(range(128)).translate(None, b"abcdefghijklmnopqrstuvwxyz")
_NO_DIGIT: Final = bytes(range(128)).translate(None, b"0123456789")
_LEAST_LETTERS: Final = 2
# Signs that stand for others.
_SIGNS: Final = (*zip("，：；（）！？’–—\u00a0", ",:;()!?'-- ", strict=True),)


def street_addresses() -> Detector:
    """Return a detector of street addresses.

    It reports 0.8 for one that is announced, or has a flat, a town, a postcode, a state or a country behind it, and for
    a box; 0.6 for a bare number and street, and for what only words before it tell.
    """
    return _StreetAddresses()


class _StreetAddresses:
    __slots__ = ("_starts",)

    def __init__(self) -> None:
        self._starts = Starts()

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.folded
        held = ascii_of(folded.text)
        few = len(held.translate(None, _NO_LETTER)) < _LEAST_LETTERS
        if (few or not held.translate(None, _NO_DIGIT)) if view.final else (few and not goes_on(folded.text)):
            return Scan((), folded.offset(len(folded.text)))
        behind = view.behind[-LOOKED_AT:]
        shift = len(behind)
        low, at = behind + folded.text, folded.start + shift
        if view.final and not may_hold(low, at):
            return Scan((), folded.offset(len(folded.text)))
        text = _as_written(TextView(view.before, escaped=view.escaped))[-shift:] if shift else ""
        text += _as_written(view)
        words = Reader(text, view.final)
        still_open = len(text) if view.final else self._starts.cut(text, at)
        findings: list[Finding] = []
        for begin, announced in self._starts.find(text, low, at, final=view.final):
            if begin < at:
                continue
            if begin >= still_open:
                break
            words.stop, words.cut = begin + _WIDEST, False
            start = words.at(begin).start
            found = _read(words, low, start, announced=announced)
            if words.cut:
                still_open = begin
                break
            if found is not None and may_hold(low, start, found.end):
                findings.append(Finding(*folded.span(start - shift, found.end - shift), ADDRESS, found.score, _NAME))
                at = found.end
                if still_open < at:  # what began inside of it is part of it
                    still_open = self._starts.cut(text, at)
        return Scan(tuple(findings), folded.offset(still_open - shift))


def _as_written(view: TextView) -> str:
    """Return the folded text, character for character, but with its capital letters."""
    text, folded = view.text, view.folded
    if folded.starts is None:
        if text.isascii():
            return text
        for sign, plain in _SIGNS:
            text = text.replace(sign, plain)
        if len(ascii_of(text)) == len(ascii_of(folded.text)):  # nothing else was folded to a letter or a digit
            return text
    places = range(len(folded.text)) if folded.starts is None else folded.starts
    return "".join(
        upper if view.text[place].isupper() and len(upper := character.upper()) == 1 else character
        for place, character in zip(places, folded.text, strict=True)
    )


class _Found(NamedTuple):
    end: int
    score: float


def _read(words: Reader, low: str, start: int, *, announced: bool) -> _Found | None:
    """Return the address that begins at a place; None if none does."""
    line, flat = read_line(words, start), False
    if line is None or line.sort == "open":
        end, inside = _flats(words, start)
        flat = end > start
        if flat:
            line = inside or Line(end, "open", "", start)
    if line is not None:
        tail = read_tail(words, line.end)
        score = _score(words, low, start, line, tail, flat=flat)
        if score is not None:
            return _Found(tail.end, score)
    return _announced(words, start) if announced else None


def _flats(words: Reader, start: int) -> tuple[int, Line | None]:
    """Return where flats, floors and buildings end that begin at a place, and the line behind them.

    As addresses in China are written in English: Room 301, Unit 2, Building 7, Yangguang Garden, 45 Tianhe Road;
    No. 18, Alley 3, Lane 25, Zhongxiao East Road.
    """
    at = end = start
    count = 0
    for _ in range(_MOST_FLATS):
        flat = read_flat(words, at) or (read_numbered(words, at) if count or _begins_numbered(words, at) else None)
        if flat is None:
            break
        count += 1
        end = flat
        at = _behind_sign(words, flat)
    if end == start:
        return end, None
    line = _behind_flats(words, at)
    if line is None and count > 1:
        lane, name = read_lane(words, at), _name_end(words, at)
        if lane is not None:
            line = lane._replace(sort="vague")
        elif name is not None:
            line = Line(name, "house", "", at)
    return end, line


def _behind_flats(words: Reader, at: int) -> Line | None:
    """Return the line that begins behind flats, or behind them and a name."""
    line = _numbered_line(words, at)
    if line is not None and line.sort not in ("open", "house"):
        return line
    behind = _behind_name(words, at)
    named = None if behind is None else _numbered_line(words, behind)
    return named if named is not None and named.sort in ("street", "vague") else line


def _numbered_line(words: Reader, at: int) -> Line | None:
    """Return the line that begins at a place, or behind a word that says that a number follows: No. 88 Jianguo Road."""
    return read_line(words, at if read_numbered(words, at) is None else words.dot(words.at(at).end))


def _behind_name(words: Reader, at: int) -> int | None:
    """Return where something begins behind the name of a group of houses; None if no such name is there."""
    end = _name_end(words, at)
    return None if end is None else _behind_sign(words, end)


def _name_end(words: Reader, at: int) -> int | None:
    """Return where the name of a group of houses ends, which a comma follows; None if no such name is there."""
    end = at
    for count in range(_MOST_COMPLEX + 1):
        word = words.at(end)
        if count and word.text == ",":
            return end
        if not word.capital or word.low in known.NO_TOWNS or (count and not word.near(end)):
            return None
        end = word.end
    return None


def _behind_sign(words: Reader, end: int) -> int:
    """Return where what follows a part of an address begins: behind a sign, or in the next line."""
    sign = words.at(end)
    if sign.text in (",", "-", "/"):
        sign = words.at(sign.end)
    if sign.kind == "line":
        sign = words.at(sign.end)
    return sign.start


def _begins_numbered(words: Reader, at: int) -> bool:
    """Whether a number of a lane is followed by more of the kind: one alone may be anything."""
    end = read_numbered(words, at)
    return end is not None and read_numbered(words, _behind_sign(words, end)) is not None


def _score(words: Reader, low: str, start: int, line: Line, tail: Tail, *, flat: bool) -> float | None:
    """Say how sure it is that a line and what follows it are an address; None if they are none."""
    if line.sort in ("box", "house"):
        return _SURE if line.sort == "box" or tail.weight >= (STATE if flat else CODE) else None
    if is_part(words.text, start):
        return None
    if line.sort == "open":
        return _open_score(words, line, tail, flat=flat)
    weight = max(tail.weight, FLAT) if flat else tail.weight
    if weight >= STATE or (weight == FLAT and line.sort != "vague") or is_led(low, start):
        return _SURE
    if line.sort == "small":
        return _LIKELY if leads_small(low, start) else None
    return _bare_score(words, start, line, tail.end, weight)


def _bare_score(words: Reader, start: int, line: Line, end: int, weight: int) -> float | None:
    """Say how sure it is that a street with a number is an address where hardly anything else tells."""
    sure = line.sort == "street"
    if line.first == start:  # what stands before a name says less about it than what stands before a number
        return None if not sure else _SURE if weight == TOWN else _LIKELY
    year = is_year(line.number) and words.at(line.first).low not in known.DIRECTIONS
    led = may_begin(words.text, start, sure=sure, number=line.number, year=year)
    if led is None:
        return None
    one_word = weight == NOTHING and " " not in words.text[line.first : line.end]  # Broadway
    if led == "open" and (_names_on(words, end) or (not sure and (year or one_word))):
        return None
    return _SURE if sure and weight == TOWN else _LIKELY


def _open_score(words: Reader, line: Line, tail: Tail, *, flat: bool) -> float | None:
    """Say how sure it is that a name and a number without a word for a street are an address."""
    if tail.weight == CODE:
        return _SURE if flat or line.number else None
    following = words.at(words.comma(line.end))
    if following.kind == "line":
        following = words.at(following.end)
    told = following.low in known.SURE_FLATS and tail.weight >= FLAT
    return _LIKELY if told and line.number else None


def _names_on(words: Reader, end: int) -> bool:
    """Whether another name follows at once, as in Baker Street Irregulars."""
    following = words.at(end)
    return following.capital and following.near(end) and following.low not in known.NO_TOWNS


def _announced(words: Reader, start: int) -> _Found | None:
    """Return the address that words announce at a place, whatever names and numbers it is made of."""
    lane = read_lane(words, start)
    if lane is not None:
        tail = read_tail(words, lane.end)
        if tail.weight == CODE:
            return _Found(tail.end, _SURE)
    end = place = start
    numbers = names = 0
    last = words.at(start)
    for _ in range(_MOST_ANNOUNCED):
        word = words.at(place)
        if word.kind == "number" and len(word.text) < 7 and not (is_year(word.text) and not numbers):
            numbers += word.start > last.end or word.start == start
        elif word.capital and word.low not in known.NO_TOWNS:
            names += len(word.text) > 1
        elif word.text and word.text in ",-/#" and end > start and (numbers or word.text != ","):
            place, last = word.end, word
            continue
        elif (word.low in known.JOINERS and names) or (
            word.text == "." and last.kind == "word" and word.start == last.end
        ):
            place = word.end
            continue
        else:
            break
        end, place, last = word.end, word.end, word
    if not numbers or not names:
        return None
    tail = read_tail(words, end)
    return _Found(tail.end, _SURE if tail.weight >= STATE else _LIKELY)
