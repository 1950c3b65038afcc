"""Finds numbers, dates, times and codes in Chinese and English, in one form that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from evaluators.scorers.words import Words, fold

_YMD: Final = re.compile(r"(?<!\d)(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})(?:\s*[日号])?(?!\d)")
_MD: Final = re.compile(r"(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_CLOCK: Final = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])\s*([ap]\.?m\.?(?![a-z]))?")
_POINT: Final = re.compile(r"(?<!\d)(\d{1,2})\s*[点时](?!间|长|期|效)(?:\s*(\d{1,2})\s*分|(半))?")
_AMPM: Final = re.compile(r"(?<![\d:.])(\d{1,2})\s*([ap])\.?m\.?(?![a-z])")
_CODE: Final = re.compile(r"(?<![a-z0-9])(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")
_NUMBER: Final = re.compile(
    r"(?<![\d.])\d{1,3}(?:,\d{3}){1,8}(?:\.\d{1,30})?|(?<![\d.])\d{1,30}(?![\d])(?:\.\d{1,30})?"
)
_MOST_DIGITS: Final = 30
"""A number with more is no quantity but a code."""
_LATER: Final = re.compile(r"(?:下午|晚上|傍晚|中午)\s*$")
_CURRENCY: Final = re.compile(r"(?:(us\$|\$|usd\s?)|([¥¥]|rmb\s?|cny\s?))$")
_COUNTED: Final = (
    r"(?= (?:day|week|month|year|hour|floor|class|grade|quarter|half|place|prize|time|century|edition|season))"
)
_GAP: Final = re.compile(r"[\s-]{0,2}")
_LOOSE: Final = frozenset({"thing", "person", "count", "rank", "credit", "degree", "length"})
"""What 一 before a unit need not count: 一条 may be any, not one."""
_MONEY: Final = ("money_cny", "money_usd")


class Quantity(NamedTuple):
    """A number in a text.

    Attributes:
        dimension: ``time``, ``percent``, ``date``, ``code`` …; empty for a bare number.
        value: In the dimension's first unit; text for dates and codes.
        raw: The number as it is written, for comparison with a bare one.
        start: Where it begins in the folded text.
        end: Where it ends, its unit included.
    """

    dimension: str
    value: Fraction | str
    raw: Fraction | str
    start: int
    end: int

    def agrees(self, other: Quantity) -> bool:
        """Whether both may be the same number: equal, or one of them has no unit."""
        if self.dimension and other.dimension:
            return self.dimension == other.dimension and self.value == other.value
        return self.raw == other.raw


@dataclass(slots=True)
class _Line:
    """A text from which what was read is crossed out."""

    text: str

    def cross(self, start: int, end: int) -> None:
        self.text = self.text[:start] + "\x00" * (end - start) + self.text[end:]


def quantities(text: str, words: Words) -> list[Quantity]:
    """Return every quantity in a text, dates first; those with units in their dimension's first unit."""
    line = _Line(fold(text))
    found = [*_dates(line, words), *_times(line), *_ordinals(line, words), *_chinese(line, words)]
    return [*found, *_codes(line, words), *_numbers(line, words)]


def _dates(line: _Line, words: Words) -> Iterator[Quantity]:
    for match in _YMD.finditer(line.text):
        yield _named("date", f"{int(match[1])}-{int(match[2]):02}-{int(match[3]):02}", match)
        line.cross(*match.span())
    months = "|".join(words.months)
    english = re.compile(rf"(?<![a-z])({months})[a-z]*\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?(?!\d)")
    british = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?\s+({months})[a-z]*\.?(?:,?\s+(\d{{4}}))?(?!\d)")
    for pattern, month, day in ((english, 1, 2), (british, 2, 1)):
        for match in pattern.finditer(line.text):
            short = f"{words.months.index(match[month]) + 1:02}-{int(match[day]):02}"
            yield _named("date", f"{match[3]}-{short}" if match[3] else short, match)
            line.cross(*match.span())
    for match in _MD.finditer(line.text):
        yield _named("date", f"{int(match[1]):02}-{int(match[2]):02}", match)
        line.cross(*match.span())


def _times(line: _Line) -> Iterator[Quantity]:
    for pattern in (_CLOCK, _AMPM, _POINT):
        for match in pattern.finditer(line.text):
            hour, minute, later = int(match[1]), 0, bool(_LATER.search(line.text, 0, match.start()))
            if pattern is _CLOCK:
                minute, later = int(match[2]), later or (match[3] or "").startswith("p")
            elif pattern is _AMPM:
                later = match[2] == "p"
            else:
                minute = 30 if match[3] else int(match[2] or 0)
            hour += 12 if later and hour < 12 else 0
            yield _named("clock", f"{hour:02}:{minute:02}", match)
            line.cross(*match.span())


def _ordinals(line: _Line, words: Words) -> Iterator[Quantity]:
    """``第三``, ``3rd`` and ``third``: a place in an order, not a count; ``first`` only before what is counted."""
    characters = "".join([*words.digits, *words.scales])
    spelled = "|".join(words.ordinals)
    pattern = (
        rf"第\s*([{characters}]+|\d{{1,4}})(?!方|者|人称|产业|世界)|(?<!\d)(\d{{1,4}})(?:st|nd|rd|th)(?![a-z])"
        rf"|(?<![a-z])({spelled}|first){_COUNTED}"
    )
    for match in re.finditer(pattern, line.text):
        written = match[1] or match[2]
        value = _read(written, words) if written else Fraction(words.ordinals.get(match[3] or "", 1))
        if value is not None:
            yield Quantity("ordinal", value, value, *match.span())
            line.cross(*match.span())


def _chinese(line: _Line, words: Words) -> Iterator[Quantity]:
    """Chinese numerals that a unit follows; ``半`` is a half; ``百分之`` turns a number into a rate."""
    characters = "".join([*words.digits, *words.scales])
    for match in re.finditer(
        rf"百分之([{characters}\d.]+)|(?<![\d.])([{characters}]+)(个半)?|(半)(?=[年天个小])", line.text
    ):
        written = match[1] or match[2] or ""
        value = _read(written, words) if written else Fraction(1, 2)
        if value is None:
            continue
        if match[1]:
            yield Quantity("percent", value, value, *match.span())
            line.cross(*match.span())
            continue
        unit = _unit(line.text, match.end(), words)
        if unit is not None and not (written == "一" and unit[0] in _LOOSE):
            dimension, size, end = unit
            value += Fraction(1, 2) if match[3] else 0
            yield Quantity(dimension, value * size, value, match.start(), end)
            line.cross(match.start(), end)


def _codes(line: _Line, words: Words) -> Iterator[Quantity]:
    for match in _CODE.finditer(line.text):
        head = re.match(r"\d+(?:\.\d+)?-?", match[0])
        unit = _unit(match[0], head.end(), words) if head else None
        if unit is None and not re.fullmatch(r"(?:us|usd|rmb|cny)\d+|\d+(?:st|nd|rd|th)", match[0]):
            yield _named("code", match[0].replace("-", ""), match)
            line.cross(*match.span())


def _numbers(line: _Line, words: Words) -> Iterator[Quantity]:
    spelled = "|".join(words.numerals)
    for match in re.finditer(rf"{_NUMBER.pattern}|(?<![a-z])(?:{spelled})(?![a-z])", line.text):
        written = match[0].replace(",", "")
        is_word = written in words.numerals
        raw = Fraction(words.numerals[written]) if is_word else Fraction(written)
        end = match.end()
        while end < len(line.text) and line.text[end] in words.scales and line.text[end] != "十":
            raw, end = raw * words.scales[line.text[end]], end + 1
        currency = _CURRENCY.search(line.text, 0, match.start())
        unit = _unit(line.text, end, words)
        if currency:
            yield Quantity(_MONEY[1] if currency[1] else _MONEY[0], raw, raw, match.start(), end)
        elif unit is not None:
            yield Quantity(unit[0], raw * unit[1], raw, match.start(), unit[2])
        elif not is_word:
            yield Quantity("", raw, raw, match.start(), end)


def _unit(text: str, at: int, words: Words) -> tuple[str, Fraction, int] | None:
    """Return dimension, size and end of the unit at ``at``: the longest that fits."""
    gap = _GAP.match(text, at)
    start = gap.end() if gap else at
    fits = [(m.end(), dimension, size) for unit, dimension, size in words.units if (m := unit.match(text, start))]
    if not fits:
        return None
    end, dimension, size = max(fits, key=lambda fit: fit[0])
    return dimension, size, end


def _read(written: str, words: Words) -> Fraction | None:
    """Read a Chinese numeral such as 二十五, 一万二千 or 二〇二五; None if it is none."""
    if len(written) > _MOST_DIGITS:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", written):
        return Fraction(written)
    if all(character in words.digits for character in written):
        return Fraction(int("".join(str(words.digits[character]) for character in written)))
    total = section = digit = 0
    for character in written:
        if character in words.digits:
            digit = words.digits[character]
        elif character in words.scales:
            scale = words.scales[character]
            if scale >= 10_000:
                total, section, digit = (total + section + digit) * scale, 0, 0
            else:
                section, digit = section + (digit or 1) * scale, 0
        else:
            return None
    return Fraction(total + section + digit)


def _named(dimension: str, name: str, match: re.Match[str]) -> Quantity:
    return Quantity(dimension, name, name, *match.span())
