"""Finds what stands for values in an answer, however the model wrote it, as far as the text goes.

A detector for one exchange: it sees replacements in any case, width and spacing, in Markdown and
in JSON, and holds text back no longer than one of them may still be.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import ahocorasick_rs

from gateway.ports import Scan
from gateway.privacy.plain import BETWEEN, plain
from gateway.text import TextView
from gateway.verdict import Finding

RISK: Final = "surrogate"
NAME: Final = "restore"
_LETTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


class Found(NamedTuple):
    """A replacement in a text, and the value that it stands for; offsets of the original text."""

    start: int
    end: int
    value: str


class Restoring:
    """Finds the replacements of one exchange.

    Of replacements that begin at one place the longest counts. One that begins or ends with a Latin
    letter or a digit is not found inside of a longer word or number.

    Args:
        live: For each replacement the value that it stands for; at least one.
    """

    __slots__ = ("_automaton", "_longest", "_pairs", "_sorted", "_values")

    def __init__(self, live: Mapping[str, str]) -> None:
        # Of one replacement in several writings each stands for a value as it was written.
        pairs: dict[str, dict[str, str]] = {}
        for made, value in live.items():
            pairs.setdefault(plain(made), {})[made] = value
        pairs.pop("", None)
        self._pairs, self._values = pairs, tuple(pairs.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(pairs), store_patterns=False)
        self._sorted = sorted(pairs)
        self._longest = max(map(len, pairs), default=0)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view; the findings' risk is ``surrogate``."""
        found, still_open = self.search(view)
        return Scan(tuple(Finding(one.start, one.end, RISK, 1.0, NAME) for one in found), still_open)

    def search(self, view: TextView) -> tuple[list[Found], int]:
        """Return what was found, and from where on later text may still change it."""
        folded = view.folded
        text = folded.text
        kept = [at for at, character in enumerate(text) if character not in BETWEEN]
        bare = text if len(kept) == len(text) else "".join([text[at] for at in kept])
        first = bisect_left(kept, folded.start)
        still_open = len(bare) if view.final else self._open(bare, first)
        matches = [
            match
            for match in self._automaton.find_matches_as_indexes(bare, overlapping=True)
            if match[1] >= first and self._stands_alone(text, kept, match[1], match[2])
        ]
        found: list[Found] = []
        at = first
        for number, start, end in sorted(matches, key=lambda match: (match[1], -match[2])):
            if start < at:
                continue
            at = end
            if not view.final and end == len(bare) and self._may_grow(bare[start:end]):
                still_open = min(still_open, start)
                continue
            begin, stop = folded.span(kept[start], kept[end - 1] + 1)
            found.append(Found(begin, stop, _value(self._values[number], view.text[begin:stop])))
        edge = kept[still_open] if still_open < len(kept) else len(text)
        return found, folded.offset(edge)

    def value(self, written: str, *, escaped: bool = False) -> str:
        """Return the value for which something stands that was found; it may be written in JSON's escapes."""
        bare = plain(TextView(written, escaped=escaped).folded.text)
        return _value(self._pairs[bare], written)

    @staticmethod
    def _stands_alone(text: str, kept: list[int], start: int, end: int) -> bool:
        before, after = kept[start], kept[end - 1] + 1
        if before and text[before] in _LETTERS and text[before - 1] in _LETTERS:
            return False
        return not (after < len(text) and text[after - 1] in _LETTERS and text[after] in _LETTERS)

    def _may_grow(self, bare: str) -> bool:
        """Whether more text could make this another word, or a longer replacement."""
        return bare[-1] in _LETTERS or self._begins(bare)

    def _open(self, bare: str, first: int) -> int:
        """Return where a replacement may have begun that the end of the text cuts off."""
        size = len(bare)
        for start in range(max(first, size - self._longest), size):
            if self._begins(bare[start:]):
                return start
        return size

    def _begins(self, text: str) -> bool:
        """Whether a replacement begins with ``text`` and goes on."""
        place = bisect_right(self._sorted, text)
        return place < len(self._sorted) and self._sorted[place].startswith(text)


def _value(writings: Mapping[str, str], written: str) -> str:
    """Return the value of just this writing; else of the first."""
    return writings.get(written) or next(iter(writings.values()))


def restored(text: str, live: Mapping[str, str]) -> str:
    """Return a whole text with every replacement's value back in its place."""
    if not live:
        return text
    found, _ = Restoring(live).search(TextView(text))
    return "".join(_pieces(text, found))


def _pieces(text: str, found: list[Found]) -> Iterator[str]:
    at = 0
    for one in found:
        yield text[at : one.start]
        yield one.value
        at = one.end
    yield text[at:]
