"""Reads runs of capitalised words: which of them are names, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final, NamedTuple

from gateway.detectors.names.english import INSIDE, LABELS, RANKS, TITLES, Label, may_be_name
from gateway.detectors.names.english_net import BESIDE, EnglishNames, Remembered
from gateway.detectors.names.pinyin import evidence

_BETWEEN: Final = frozenset(("of", "and", "&"))  # never inside of a person's name
# What it costs that two neighbours are parts of different things.
_SWITCH: Final = 2.5
_NO_NAME: Final = (9.0, 0.0, 0.0, 0.0)


class Part(NamedTuple):
    """A name in a row of words: where it begins and ends, what it names, how sure that is."""

    first: int
    end: int
    label: Label
    sure: float


class Reader:
    """Reads runs of words.

    Args:
        names: What is known of names.
    """

    __slots__ = ("_names", "_rows")

    def __init__(self, names: EnglishNames) -> None:
        self._names, self._rows = names, Remembered(names)

    def judge(self, words: Sequence[str], at: int) -> list[float]:
        """Return for each label how much speaks for it that a word is part of one (log odds)."""
        return self._names.judge([self._rows[word] for word in words[at - BESIDE : at + BESIDE + 1]])

    def read(self, words: Sequence[str], first: int, end: int) -> list[Part]:
        """Return the names in one run of words, each with how sure it is.

        Args:
            words: Tokens; at least two stand before the run and two behind it, empty where the text ends.
            first: Where the run begins,
            end: and where it ends.
        """
        totals: list[Sequence[float]] = []
        begins = True
        for at in range(first, end):
            low = words[at].lower().rstrip(".")
            titled = low in TITLES or (begins and low in RANKS and at + 1 < end and may_be_name(words[at + 1]))
            totals.append(_NO_NAME if titled else self._word(words, at))
            begins = titled
        for at, speaks in enumerate(evidence(words, first, end)):
            if speaks:
                none, person, *others = totals[at]
                totals[at] = (none, person + speaks, *others)
        path = _likeliest(totals)
        if not any(path):
            return []
        parts: list[Part] = []
        for at, state in enumerate(path):
            if state == 0:
                continue
            sure = 1.0 / sum(exp(max(-30.0, min(30.0, total - totals[at][state]))) for total in totals[at])
            if parts and parts[-1].end == first + at and parts[-1].label == LABELS[state]:
                last = parts[-1]
                parts[-1] = Part(last.first, first + at + 1, last.label, max(last.sure, sure))
            else:
                parts.append(Part(first + at, first + at + 1, LABELS[state], sure))
        return [_trimmed(part, words) for part in parts if not _only_small(part, words)]

    def _word(self, words: Sequence[str], at: int) -> Sequence[float]:
        """Return what speaks for each label; a small word follows its neighbours."""
        if words[at] in _BETWEEN:
            return [-0.5, -9.0, 0.0, 0.0]
        if words[at] in INSIDE:
            return [-0.5, 0.0, 0.0, 0.0]
        return self.judge(words, at)


def _likeliest(totals: Sequence[Sequence[float]]) -> list[int]:
    """Return the label of each word in a row: the likeliest together, of equals the first (Viterbi)."""
    best, back = list(totals[0]), []
    for total in totals[1:]:
        most = max(best)
        lead = best.index(most)
        most -= _SWITCH
        came = [to if to == lead or one > most or (one == most and to < lead) else lead for to, one in enumerate(best)]
        best = [max(one, most) + more for one, more in zip(best, total, strict=True)]
        back.append(came)
    state = best.index(max(best))
    path = [state]
    for came in reversed(back):
        state = came[state]
        path.append(state)
    path.reverse()
    return path


def _only_small(part: Part, words: Sequence[str]) -> bool:
    return all(word in INSIDE for word in words[part.first : part.end])


def _trimmed(part: Part, words: Sequence[str]) -> Part:
    """Return a part without small words at its ends."""
    first, end = part.first, part.end
    while words[first] in INSIDE:
        first += 1
    while words[end - 1] in INSIDE:
        end -= 1
    return part._replace(first=first, end=end)
