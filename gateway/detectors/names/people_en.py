"""Finds English names of people, places and organisations, run by run, and knows which runs are undecided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.detectors.names.english import (
    AHEAD,
    RUN_WIDTH,
    RUN_WORDS,
    Label,
    Token,
    may_be_name,
    run_end,
    tokens,
)
from gateway.detectors.names.english_net import EnglishNames
from gateway.detectors.names.english_reader import Reader
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

NAME: Final = "names"
RISKS: Final[dict[Label, str]] = {
    "person": "pii.name",
    "place": "pii.location",
    "organisation": "pii.organization",
}
_CAPITAL: Final = re.compile("[A-Z\u00c0-\u00de]".encode("latin-1"))
# Every sign that a run may begin with; of letters those that words are made of.
_UPPER: Final = re.compile(
    f"[{''.join(filter(str.isupper, map(chr, range(0x41, 0x250))))}"
    "\u24b6-\u24cf\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]"
)
_LEAST: Final = 0.4
_LISTED: Final = 2
"""One letter with a stop or without, as before one of several answers to choose from, names nobody."""
_LEFT: Final = 40
_RIGHT: Final = 24
_WHOLE: Final = 3  # so far a token's end looks ahead
_HAN: Final = re.compile("[\u3400-\u9fff]")
# Such a character is a word by itself: what stands between two of them falls into words by itself too.
_SEEN_BEFORE, _SEEN_BEHIND = 2, 3
"""So many words before a run and behind it say how it is read, or whether that is known."""


class EnglishPeople:
    """A detector of English names.

    Args:
        names: What is known of names.
        labels: What to report.
    """

    __slots__ = ("_labels", "_reader")

    def __init__(self, names: EnglishNames, labels: frozenset[Label]) -> None:
        self._reader, self._labels = Reader(names), labels

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.folded
        written = as_written(view)
        # What is no Latin letter need not be looked through.
        if not _CAPITAL.search(written[folded.start :].encode("latin-1", "ignore")):
            return Scan((), folded.offset(len(written)))
        before = as_written(TextView(view.before, escaped=view.escaped)) if view.before else ""
        text, shift = before + written, len(before)
        at, size = folded.start + shift, len(text)
        words = list(_words(text, at))
        texts = [word.text for word in words]
        still_open = size
        findings: list[Finding] = []
        for first, end in _runs(texts):
            if words[end - 1].end <= at:
                continue
            wide = end - first > RUN_WORDS or words[end - 1].end - words[first].start > RUN_WIDTH
            if not view.final and not wide and _undecided(words, end, size):
                still_open = max(at, words[first].start)
                break
            if wide:
                continue
            around = [*_left(words, first), *texts[first:end], *_right(words, end)]
            for part in self._reader.read(around, 2, 2 + end - first):
                start, stop = words[first + part.first - 2].start, words[first + part.end - 3].end
                listed = stop - start <= _LISTED and not text[start + 1 : stop].isalpha()
                if start >= at and part.label in self._labels and part.sure >= _LEAST and not listed:
                    span = folded.span(start - shift, stop - shift)
                    findings.append(Finding(*span, RISKS[part.label], round(part.sure, 2), NAME))
        return Scan(tuple(findings), folded.offset(still_open - shift))


def _words(text: str, at: int) -> Iterator[Token]:
    """Yield the words of a text, but for those that are no part of a run that ends behind ``at``, nor near one."""
    size = len(text)
    backward = ""
    done = known = 0
    while capital := _UPPER.search(text, known):
        begin = capital.start()
        known = _beyond(text, begin, 1)
        if known > at:
            backward = backward or text[::-1]
            low = max(done, size - _beyond(backward, size - begin, _SEEN_BEFORE))
            high = _beyond(text, begin, _SEEN_BEHIND)
            if low < high:
                yield from tokens(text, low, high)
                done = high


def _beyond(text: str, at: int, count: int) -> int:
    """Return where, from a place on, so many Chinese characters have stood; the end if there are no more."""
    for _ in range(count):
        found = _HAN.search(text, at)
        if found is None:
            return len(text)
        at = found.end()
    return at


def _runs(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    at, size = 0, len(texts)
    while at < size:
        if may_be_name(texts[at]):
            end = run_end(texts, at)
            yield at, end
            at = end
        else:
            at += 1


def _undecided(words: Sequence[Token], end: int, size: int) -> bool:
    """Whether later text may still change a run that ends before the word ``end``, or how it is read."""
    if size - words[end - 1].end >= AHEAD:
        return False
    return end + 2 >= len(words) or words[end + 2].end + _WHOLE > size


def _left(words: Sequence[Token], first: int) -> list[str]:
    near = [word.text for word in words[max(0, first - 2) : first] if word.start >= words[first].start - _LEFT]
    return [""] * (2 - len(near)) + near


def _right(words: Sequence[Token], end: int) -> list[str]:
    near = [word.text for word in words[end : end + 2] if word.start < words[end - 1].end + _RIGHT]
    return near + [""] * (2 - len(near))


def as_written(view: TextView) -> str:
    """Return the text as the folded one, character for character, but with its capitals."""
    folded = view.folded
    if folded.starts is None or folded.ends is None:
        return view.text
    return "".join(
        view.text[start] if end - start == 1 else character
        for start, end, character in zip(folded.starts, folded.ends, folded.text, strict=True)
    )
