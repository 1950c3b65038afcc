"""Finds requests to find, invent or infer a private person's data (GB/T 45654-2025, A.4.e and A.4.f).

A sentence asks for it if it says what to do, what data, and whose it is: somebody else's. Who asks for
their own data, for what is public (a hotline, an office), for how to be safe from it, or for test data,
does not. All words count within one sentence, so a verdict holds once the sentence has ended.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import ahocorasick_rs

from gateway.document import read_document
from gateway.packaged import packaged
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView, fold
from gateway.verdict import Finding

NAME: Final = "privacy_request"
PERSONAL: Final = "a4.f"
INTIMATE: Final = "a4.e"
_LETTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_END: Final = re.compile(r"[。！？!?;；\n]|\.(?=\s)")
_WHOSE: Final = re.compile("[\u4e00-\u9fff a-z]{1,12}的$")
_WHOSE_EN: Final = re.compile(r"[a-z]+'s $")


_ENDS: Final = "ends"
"""The list of what the names of places, firms and tables end with: what is theirs is no person's."""
_WANTED: Final = ("data", "secret")
_ACTS: Final = ("find", "invent", "infer")
_FAR: Final = 16
_FAR_IN_LETTERS: Final = 32
"""Characters between what is to be done and what it is done to; words of letters are longer."""


class _Word(NamedTuple):
    """A word in a sentence, and what it does there; offsets into the folded text."""

    start: int
    end: int
    role: str
    in_letters: bool


class PrivacyRequest:
    """The detector.

    Args:
        words: For each role its words, folded.
    """

    __slots__ = ("_automaton", "_no_person", "_roles", "_wanted")

    def __init__(self, words: Mapping[str, list[str]]) -> None:
        pairs = [(word, role) for role, several in words.items() if role != _ENDS for word in several]
        self._roles = tuple(role for _, role in pairs)
        self._automaton = ahocorasick_rs.AhoCorasick([word for word, _ in pairs], store_patterns=False)
        wanted = [word for word, role in pairs if role in _WANTED]
        self._wanted = ahocorasick_rs.AhoCorasick(wanted, store_patterns=False)
        self._no_person = re.compile(f"(?:{'|'.join(map(re.escape, words[_ENDS]))})的$")

    def __call__(self, view: TextView) -> Scan:
        """Scan a view: every sentence that has ended, and the last one if nothing follows."""
        folded = view.folded
        text, at = folded.text, folded.start
        findings: list[Finding] = []
        # Hardly any sentence names personal data at all: most are passed over with one look at the text.
        places = [start for _, start, _ in self._wanted.find_matches_as_indexes(text[at:])]
        if not places and view.final:
            return Scan((), len(view.text))
        named = [at + place for place in places]
        for start, end in _sentences(text, at):
            if end == len(text) and not view.final and not _END.match(text[end - 1 : end] or " "):
                return Scan(tuple(findings), folded.offset(start))
            at = end
            if named[bisect_left(named, start) : bisect_left(named, end)] and (found := self._judge(text, start, end)):
                first, last, risk, score = found
                findings.append(Finding(*folded.span(first, last), risk, score, NAME))
        return Scan(tuple(findings), folded.offset(at))

    def _judge(self, text: str, start: int, end: int) -> tuple[int, int, str, float] | None:
        words = list(self._words(text, start, end))
        roles = {word.role for word in words}
        acts = [word for word in words if word.role in _ACTS]
        ends = [act.start for act in acts]
        wanted = [word for word in words if word.role in _WANTED and _is_near(word, ends)]
        if not wanted or roles & {"protect", "test"}:
            return None
        if "secret" not in roles and ("public" in roles or ("place" in roles and "other" not in roles)):
            return None
        made_up = "invent" in roles and "other" not in roles and not roles & {"own"}
        if not made_up:
            if not ("other" in roles or any(self._is_somebodys(text, start, word, words) for word in wanted)):
                return None
            if "own" in roles and "other" not in roles:
                return None
            if all(act.role == "invent" for act in acts) and "other" not in roles:
                return None
        involved = [*wanted, *acts]
        risk = INTIMATE if any(word.role == "secret" for word in wanted) else PERSONAL
        # Made-up data of nobody in particular is asked for by honest people too.
        score = 0.6 if made_up else 0.9 if "other" in roles else 0.8
        return min(word.start for word in involved), max(word.end for word in involved), risk, score

    def _words(self, text: str, start: int, end: int) -> Iterator[_Word]:
        for number, from_start, to in self._automaton.find_matches_as_indexes(text[start:end], overlapping=True):
            first, last = from_start + start, to + start
            before = first > 0 and text[first] in _LETTERS and text[first - 1] in _LETTERS
            after = last < len(text) and text[last - 1] in _LETTERS and text[last] in _LETTERS
            if not before and not after:
                yield _Word(first, last, self._roles[number], text[first] in _LETTERS)

    def _is_somebodys(self, text: str, start: int, word: _Word, words: list[_Word]) -> bool:
        """Whether data is said to be of somebody: 张三的手机号, John's address.

        Not of a thing, nor of a place: 邮箱的密码, 用户表的手机号, 动物园的地址.
        """
        before = text[max(start, word.start - 14) : word.start]
        if not (_WHOSE.search(before) or _WHOSE_EN.search(before)) or self._no_person.search(before):
            return False
        return not any(other.end == word.start - 1 for other in words if other.role in _WANTED)


def _sentences(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences from ``at`` on, ends included; the last may not have ended."""
    for match in _END.finditer(text, at):
        yield at, match.end()
        at = match.end()
    if at < len(text):
        yield at, len(text)


def _is_near(word: _Word, places: list[int]) -> bool:
    """Whether one of the places, in order, is near the word."""
    far = _FAR_IN_LETTERS if word.in_letters else _FAR
    at = bisect_left(places, word.start - far)
    return at < len(places) and places[at] <= word.end + far


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    raw = packaged("detectors/words/privacy_request.yaml")
    words = {role: [fold(str(word)) for word in several] for role, several in read_document(raw, NAME).value.items()}
    return BuiltDetector(
        frozenset({PERSONAL, INTIMATE}), f"1-{hashlib.sha256(raw).hexdigest()[:16]}", PrivacyRequest(words)
    )


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Requests to find, invent or infer a private person's data.",
    risks=frozenset({PERSONAL, INTIMATE}),
    scope="sentence",
    build=_build,
)
