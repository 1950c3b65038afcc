"""Reads what follows the street of an address, flat, town, postcode, country, and says how much that tells."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from gateway.detectors.names.street import vocabulary as known
from gateway.detectors.names.street.box import read_forces, zip_end
from gateway.detectors.names.street.flat import read_flat
from gateway.detectors.names.street.line import is_year
from gateway.detectors.names.street.reader import Reader, Word

NOTHING, TOWN, FLAT, STATE, CODE = range(5)
"""What follows tells nothing; it names a town, a flat, a state or a country; it gives a postcode."""

_MOST_PARTS: Final = 8
_MOST_PLAIN: Final = 3
_MOST_FLATS: Final = 2
_MOST_WORDS: Final = 6
_MOST_SMALL: Final = 4
_CODE_WIDTH: Final = 11
_EDGE: Final = "(?![0-9A-Za-z])"
# Postcodes with letters tell themselves: Britain, Canada, Ireland.
_LETTERED: Final = re.compile(
    r"(?:[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][ABD-HJLNP-UW-Z]{2}"
    r"|[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]"
    rf"|(?:[AC-FHKNPRTV-Y][0-9]{{2}}|D6W) ?[0-9AC-FHKNPRTV-Y]{{4}}){_EDGE}",
    re.IGNORECASE,
)
# Those of digits need a town beside them.
_DIGITS: Final = re.compile(
    r"(?:[0-9]{2}-[0-9]{3}|(?P<early>[0-9]{4})-[0-9]{3}|[0-9]{5}-[0-9]{3,4}"
    rf"|(?:[A-Z]{{1,2}}-)?(?:[0-9]{{4}} [A-Z]{{2}}|[0-9]{{3}} [0-9]{{2}}|(?P<plain>[0-9]{{4,6}}))){_EDGE}"
)
_ZIP: Final = re.compile("[0-9]{5}")
_QUOTED: Final = re.compile(r"[ \t\r]{0,8}(?:[>|*?]{1,3}[ \t]{0,8})?")
_QUOTED_WIDTH: Final = 19
_ENDS: Final = frozenset('.!?;)"]|”」，。')


class Tail(NamedTuple):
    """What follows a street.

    Attributes:
        end: Where it ends; where the street ends, if nothing follows.
        weight: How much it tells.
    """

    end: int
    weight: int


class _Gap(NamedTuple):
    """What stands between two parts: where the next begins, a comma or none, how many line ends; or only blanks."""

    start: int
    comma: bool
    lines: int
    blank: bool


class _Run(NamedTuple):
    """Capitalised words that may name a town, and where they end."""

    names: tuple[Word, ...]
    end: int


def read_tail(words: Reader, at: int) -> Tail:
    """Return what follows a street that ends at a place."""
    end = place = at
    weight, flats = NOTHING, 0
    plain: list[int] = []
    for _ in range(_MOST_PARTS):
        gap = _gap(words, place)
        if gap is None:
            break
        part = _part(words, gap)
        if part is not None:
            flats += part.weight == FLAT
            if flats > _MOST_FLATS:
                break
            end = place = part.end
            weight = max(weight, part.weight)
            plain.clear()
            continue
        town = None if gap.blank or gap.lines > 1 else _run(words, gap.start)
        if town is None or len(plain) == _MOST_PLAIN:
            break
        plain.append(town.end)
        place = town.end
    if plain and "\n" not in words.text[end : plain[-1]] and _ends_there(words, plain[-1]):
        return Tail(plain[-1], max(weight, TOWN))
    return Tail(end, weight)


def _gap(words: Reader, at: int) -> _Gap | None:
    """Return what stands between a part and the next; None if nothing can follow."""
    sign = words.at(at)
    start, lines = at, 0
    if sign.text == "," or (sign.text in ("-", "/") and sign.start > at):
        start = sign.end
    after = words.at(start)
    while after.kind == "line" and lines < 2:
        words.needs(after.end, _QUOTED_WIDTH)
        quoted = _QUOTED.match(words.text, after.end)
        start = words.comma(after.end if quoted is None else quoted.end())
        after = words.at(start)
        lines += 1
    if start == at and after.start == at and after.text != "#":
        return None
    return _Gap(start, sign.text == ",", lines, start == at)


def _ends_there(words: Reader, end: int) -> bool:
    """Whether a sentence or a line may end behind a town, or go on with words that speak of no person."""
    following = words.at(end)
    if following.kind == "word":
        return following.low in known.GOES_ON and not following.capital
    if following.text == ",":
        more = words.at(following.end)
        return more.kind != "word" or not more.capital
    return following.kind in ("line", "") or following.text in _ENDS


def _part(words: Reader, gap: _Gap) -> Tail | None:
    """Return the part behind a gap, if it tells itself."""
    first = words.at(gap.start)
    flat = read_flat(words, gap.start) if gap.lines < 2 else None
    if flat is not None:
        return Tail(flat, FLAT)
    forces = read_forces(words, first)
    if forces is not None:
        return Tail(forces, CODE)
    code = _lettered(words, first)
    if code is not None:
        return Tail(_country_behind(words, code), CODE)
    code = _digits(words, first)
    if code is not None:
        return _town_behind(words, gap, first, code)
    run = _run(words, gap.start)
    if run is not None:
        return _town(words, gap, run)
    return None if gap.blank else _small_town(words, gap.start)


def _town_behind(words: Reader, gap: _Gap, first: Word, code: int) -> Tail | None:
    """Return a part that begins with a postcode: 10117 Berlin; or that is one, behind a town: Sandton, 2196."""
    run = _run(words, code)
    if run is not None and run.names[0].near(code):
        return Tail(run.end, CODE)
    if not gap.comma or gap.lines or first.kind != "number":
        return None
    following = words.at(code)
    ends = following.kind in ("line", "") or following.text == "," or following.text in _ENDS
    return Tail(code, STATE) if ends else None


def _town(words: Reader, gap: _Gap, run: _Run) -> Tail | None:
    """Return a part that begins with capitalised words: Dayton, OH 45402; Leeds LS2 7JH; New Zealand."""
    comma = words.comma(run.end)
    if comma > run.end:
        second = _run(words, comma)
        if second is not None and len(second.names) < (2 if gap.blank else 4):
            code = _code_behind(words, second)
            if code is not None:
                return Tail(code, CODE)
    code = _code_behind(words, run)
    return _state(run, blank=gap.blank) if code is None else Tail(code, CODE)


def _run(words: Reader, at: int) -> _Run | None:
    """Return the capitalised words that begin at a place and may name a town; None if they cannot."""
    names: list[Word] = []
    end = at
    while len(names) < _MOST_WORDS:
        word = words.at(end)
        if names and not word.near(end):
            break
        if names and word.text in ("-", "/"):
            word = words.at(word.end)
            if not word.capital:
                break
        if not (word.capital or (names and word.low in known.JOINERS)) or word.low in known.NO_TOWNS:
            break
        if word.low in known.SURE_FLATS or _lettered(words, word) is not None:
            break
        names.append(word)
        end = words.dot(word.end) if word.low in known.INITIALS or len(word.text) == 1 else word.end
    while names and names[-1].low in known.JOINERS and not names[-1].capital:
        names.pop()
    if all(len(name.text) == 1 for name in names):
        return None
    return _Run(tuple(names), names[-1].end)


def _code_behind(words: Reader, run: _Run) -> int | None:
    """Return where a postcode ends that stands behind a town, with the country behind it."""
    end = run.end
    sign = words.at(end)
    if sign.text in (",", "-"):
        end = sign.end
    word = words.at(end)
    if not word.near(end) and word.start != end:
        return None
    code = _lettered(words, word)
    if code is None:
        code = _digits(words, word, years=run.names[-1].text in known.YEARLIKE)
    return None if code is None else _country_behind(words, code)


def _country_behind(words: Reader, end: int) -> int:
    """Return where a country ends that stands behind a postcode on the same line; ``end`` if none does."""
    run = _run(words, words.comma(end))
    if run is not None and " ".join(name.low for name in run.names) in known.COUNTRIES:
        return run.end
    return end


def _state(run: _Run, *, blank: bool) -> Tail | None:
    """Return a part that ends in a state or a country, or is one."""
    low = [name.low for name in run.names]
    if "of" in low and " ".join(low) not in known.COUNTRIES:
        return None
    found = run.names[-1].text in known.STATE_CODES and (len(low) > 1 or not blank)
    for size in range(1, min(3, len(low)) + 1):
        last = " ".join(low[-size:])
        found = found or last in known.COUNTRIES or (last in known.STATES and (size < len(low) or not blank))
    return Tail(run.end, STATE) if found else None


def _small_town(words: Reader, at: int) -> Tail | None:
    """Return a town and its postcode without capital letters: springfield, il 62704; hull hu5 2aa."""
    end, commas = at, 0
    for count in range(_MOST_SMALL):
        word = words.at(end)
        if word.kind != "word" or (count and not word.near(end)):
            return None
        code = _lettered(words, word) if count else None
        if code is not None:
            return Tail(code, CODE)
        end = words.comma(word.end)
        number = words.at(end)
        if len(word.text) == 2 and number.near(end) and _ZIP.fullmatch(number.text):
            return Tail(zip_end(words, number), CODE)
        commas += end > word.end
        if commas > 1:
            return None
    return None


def _lettered(words: Reader, word: Word) -> int | None:
    """Return where a postcode with letters ends that begins with a word."""
    if word.kind != "word" or len(word.text) > 2:
        return None
    words.needs(word.start, _CODE_WIDTH)
    match = _LETTERED.match(words.text, word.start)
    return match.end() if match else None


def _digits(words: Reader, word: Word, *, years: bool = False) -> int | None:
    """Return where a postcode of digits ends that begins with a word; of what may be a year only with ``years``."""
    if word.kind not in ("word", "number") or (word.kind == "word" and len(word.text) > 2):
        return None
    words.needs(word.start, _CODE_WIDTH)
    match = _DIGITS.match(words.text, word.start)
    if match is None or (not years and is_year(match["plain"] or match["early"] or "")):
        return None
    return match.end()
