"""Finds cues of attacks in one pass over a text, and adds up what stands close together.

What is found at a place depends on a bounded stretch before it and on one character after it, on
nothing else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import ahocorasick_rs

from gateway.detectors.injection.sequences import Cue
from gateway.text import CANONICAL, fold

_LETTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_ASCII: Final = frozenset(map(chr, range(128)))
_STOP: Final = re.compile(r"[。!?\n;]|\.\s")
_LATIN: Final = 3
"""So many letters of Latin script say what one Chinese character says."""

WINDOW: Final = 1200
"""Cues that end within so many characters of each other add up."""
AHEAD: Final = 40
"""What speaks for harmless text may come so many characters later."""


_Hit = tuple[int, int, tuple[int, ...]]
"""Where a word stands and what it counts as."""
_Step = tuple[int, int, bool, bool]
"""A step of a cue: which cue, which of all steps, whether it is its first and its last."""


class Fired(NamedTuple):
    """A cue that stands in a text, in folded characters."""

    start: int
    end: int
    cue: int


class Sum(NamedTuple):
    """What has added up at the end of a cue.

    Attributes:
        start: Where the cue stands,
        end: exclusive.
        risk: What most of the evidence speaks for.
        score: How sure it is, in (0, 1).
    """

    start: int
    end: int
    risk: str
    score: float


class Cues:
    """A vocabulary, ready to be looked for.

    Args:
        words: For each class its words, separated by ``|``; one that ends in ``*`` may go on.
        cues: What the classes make together.
    """

    __slots__ = (
        "_automaton",
        "_before",
        "_classes",
        "_cues",
        "_gaps",
        "_longest",
        "_next",
        "_owners",
        "_sorted",
        "reach",
    )

    def __init__(self, words: Mapping[str, str], cues: Sequence[Cue]) -> None:
        numbers = {name: number for number, name in enumerate(words)}
        found: dict[str, list[tuple[int, bool]]] = {}
        for name, row in words.items():
            for word in filter(None, row.split("|")):
                text = fold(word.removesuffix("*"), CANONICAL)
                found.setdefault(text, []).append((numbers[name], word.endswith("*")))
        self._automaton = ahocorasick_rs.AhoCorasick(list(found), store_patterns=False)
        self._before = tuple(text[0] in _LETTERS for text in found)
        # For each word its classes: when a letter may follow, and when it may not.
        self._classes = tuple(
            (
                tuple(dict.fromkeys(number for number, _ in classes)),
                tuple(dict.fromkeys(number for number, open in classes if open))
                if text[-1] in _LETTERS
                else tuple(dict.fromkeys(number for number, _ in classes)),
            )
            for text, classes in found.items()
        )
        self._cues = tuple(cues)
        self._gaps = tuple((cue.gap, cue.gap * _LATIN) for cue in cues)
        # The steps of all cues, one behind the other: of which cue each is.
        self._owners = tuple(number for number, cue in enumerate(cues) for _ in cue.steps)
        # For each class the steps that it can make, the last of a cue first: one word makes one step.
        begins = [self._owners.index(number) for number in range(len(cues))]
        self._next: tuple[tuple[_Step, ...], ...] = tuple(
            tuple(
                (number, begins[number] + step, step == 0, step == len(cue.steps) - 1)
                for number, cue in enumerate(cues)
                for step in range(len(cue.steps) - 1, -1, -1)
                if cue.steps[step] == name
            )
            for name in words
        )
        self._sorted = sorted(found)
        self._longest = longest = max(map(len, found))
        self.reach = max(len(cue.steps) * longest + (len(cue.steps) - 1) * cue.gap * _LATIN for cue in cues)

    def find(self, text: str, *, final: bool) -> tuple[list[Fired], int]:
        """Return the cues of a folded text, by where they end, and from where on later text may change them."""
        hits = self._hits(text, final=final)
        still_open = len(text) if final else self._open(text)
        if not hits:
            return [], still_open
        cues, gaps = self._cues, self._gaps
        # For each step where the nearest beginning of its cue stands that goes as far.
        begun: dict[int, tuple[int, int]] = {}
        fired: list[Fired] = []
        for start, end, classes in hits:
            for name in classes:
                for number, step, is_first, is_last in self._next[name]:
                    first = start
                    if not is_first:
                        before = begun.get(step - 1)
                        if before is None:
                            continue
                        first, last = before
                        gap = start - last
                        if gap < 0 or gap > gaps[number][text[start] in _ASCII]:
                            continue
                        if gap and not cues[number].across and _STOP.search(text, last, start):
                            continue
                    if is_last:
                        fired.append(Fired(first, end, number))
                    else:
                        begun[step] = first, end
        if not final:
            still_open = min(still_open, self._waiting(text, begun))
        return fired, still_open

    def _waiting(self, text: str, begun: Mapping[int, tuple[int, int]]) -> int:
        """Return where the first cue began that may still go on."""
        still_open = len(text)
        known = len(text) - self._longest  # what stands before will not be a part of the next word
        for step, (first, last) in begun.items():
            number = self._owners[step]
            if first >= still_open or known - last > self._gaps[number][1]:
                continue
            if self._cues[number].across or not _STOP.search(text, last, known):
                still_open = first
        return still_open

    def _open(self, text: str) -> int:
        """Return from where a word may have begun that the end of ``text`` cuts off."""
        size = len(text)
        for start in range(max(0, size - self._longest), size):
            if start and text[start] in _LETTERS and text[start - 1] in _LETTERS:
                continue
            rest = text[start:]
            at = bisect_left(self._sorted, rest)
            if at < len(self._sorted) and self._sorted[at].startswith(rest):
                return start
        return size

    def _hits(self, text: str, *, final: bool) -> list[_Hit]:
        """Return the words of a text by where they end, with their classes."""
        size = len(text)
        hits: list[_Hit] = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if self._before[number] and start and text[start - 1] in _LETTERS:
                continue
            whole, begins = self._classes[number]
            if end < size:
                classes = begins if text[end] in _LETTERS else whole
            elif final:
                classes = whole
            else:
                break
            if classes:
                hits.append((start, end, classes))
        return hits

    def name(self, number: int) -> str:
        """Return the name of a cue."""
        return self._cues[number].name


def add_up(fired: Sequence[Fired], cues: Sequence[Cue], weights: Sequence[float], bias: float) -> Iterator[Sum]:
    """Yield what has added up wherever a cue that speaks for an attack comes in.

    Each cue counts once within ``WINDOW`` characters, however often it stands there, and comes in
    where it counts first.

    Args:
        fired: The cues of a text, by where they end.
        cues: What they mean.
        weights: How strongly each speaks, in log-odds.
        bias: The log-odds where there are none.
    """
    counts: dict[int, int] = {}
    total = bias
    risks: dict[str, float] = {}
    first = at = 0
    size = len(fired)
    while at < size:
        end, start = fired[at].end, -1
        while fired[first].end <= end - WINDOW:
            gone = fired[first].cue
            first += 1
            counts[gone] -= 1
            if not counts[gone]:
                total -= weights[gone]
                risks[cues[gone].risk] -= weights[gone]
        while at < size and fired[at].end == end:
            began, _, number = fired[at]
            at += 1
            count = counts[number] = counts.get(number, 0) + 1
            if count == 1:
                weight, risk = weights[number], cues[number].risk
                total += weight
                risks[risk] = risks.get(risk, 0.0) + weight
                if weight > 0:
                    start = began if start < 0 else min(start, began)
        if start >= 0:
            risk = max(filter(None, risks), key=lambda name: (risks[name], name))
            excuses = set()
            for later in range(at, size):
                if fired[later].end > end + AHEAD:
                    break
                if weights[fired[later].cue] < 0 and not counts.get(fired[later].cue):
                    excuses.add(fired[later].cue)
            yield Sum(start, end, risk, 1 / (1 + math.exp(-total - sum(weights[cue] for cue in excuses))))


def counted(fired: Sequence[Fired], end: int, weights: Sequence[float]) -> list[Fired]:
    """Return the cues that ``add_up`` counts at ``end``, each where it stands last, the strongest first.

    Args:
        fired: The cues of a text, by where they end.
        end: Where a ``Sum`` ends.
        weights: How strongly each speaks, in log-odds.
    """
    counts = {one.cue: one for one in fired if end - WINDOW < one.end <= end}
    for one in fired:
        if end < one.end <= end + AHEAD and weights[one.cue] < 0:
            counts.setdefault(one.cue, one)
    return sorted(counts.values(), key=lambda one: (-abs(weights[one.cue]), one))
