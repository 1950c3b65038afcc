"""Finds the entry that a question is about: by pattern, by keywords, by meaning; in one score.

The score says how likely the entry is the right one. A wrong standard answer is worse than none, so an answer
needs more than a high score: no number, negation or turned word may speak against it (``compare``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import re2
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from gateway.answers.bank import Bank, Thresholds
from gateway.answers.compare import Said, figures, read
from gateway.answers.entry import Entry
from gateway.answers.turns import resolved
from gateway.meaning.counted import Counted
from gateway.meaning.pieces import plain
from gateway.meaning.vectors import Vectors, shipped
from gateway.text import CANONICAL, fold

Floats = NDArray[np.float32]
Decision = Literal["answer", "ask", "pass"]

DEFAULT: Final = Thresholds(answer=0.94, ask=0.5)
"""Set where fewer than one question in a hundred gets a wrong answer on every set tried (docs/answers.md)."""
PATTERN: Final = 1.0
KEYWORDS: Final = 0.97
_COVERED, _COVERING, _MARGIN, _AGAINST = 0.4, 0.2, 0.7, 0.15
_WIDEST: Final = 0.3
"""A lead over the second entry beyond this says no more."""
_SLOPE, _START = 6.0, -5.6
"""From what speaks for an entry to how likely it is right."""
_CROWD: Final = 0.033
"""The best of many ways of asking is near by chance: each doubling of an entry's ways takes so much off."""
_LOOKED_AT: Final = 8
_COMMON: Final = 0.05
_LONGEST: Final = 2000


class Match(NamedTuple):
    """What came of looking for an entry.

    Attributes:
        entry: The best one; None only if the bank has none that may speak.
        score: How likely it is the right one, 0 to 1.
        decision: What to do: answer, ask back, or pass on.
        why: The reason, for people; holds no text of the question.
        others: Further entries that it might be, the best first.
        resolved: The question as it was understood with the turns before it; empty if it stands for itself.
    """

    entry: Entry | None
    score: float
    decision: Decision
    why: str
    others: tuple[Entry, ...] = ()
    resolved: str = ""


class _Nearest(NamedTuple):
    """An entry with what speaks for it."""

    number: int
    worth: float
    against: tuple[str, ...]
    meaning: float
    covered: float


class Matcher:
    """A bank, ready to be asked. Nothing in it changes: a new bank is a new matcher.

    Args:
        bank: The entries.
        vectors: What texts mean; the table that ships by default.
    """

    def __init__(self, bank: Bank, vectors: Vectors | None = None) -> None:
        self.bank = bank
        self.limits = bank.thresholds or DEFAULT
        self._vectors = vectors or shipped()
        self._entries = tuple(entry for entry in bank.entries if entry.state == "approved")
        self._always = all(not (one.tenant or one.valid_from or one.valid_to) for one in self._entries)
        self._counted = Counted(common=_COMMON)
        self._owners: list[int] = []
        self._known: list[Said] = []
        self._exact: dict[str, list[int]] = {}
        for number, entry in enumerate(self._entries):
            for question in entry.questions:
                folded = plain(question)
                known = read(folded, self._vectors.of(folded).vector)
                self._known.append(known)
                self._owners.append(number)
                self._counted.add(folded)
                self._exact.setdefault(known.key, []).append(len(self._owners) - 1)
        width = self._vectors.width
        self._rows: Floats = (
            np.stack([one.vector for one in self._known]) if self._known else np.zeros((0, width), "f4")
        )
        asking = max(1, sum(bool(entry.questions) for entry in self._entries))
        self._crowd = _CROWD * math.log2(max(1.0, len(self._known) / asking))
        self._weights: dict[str, float] = {}
        self._masses = np.array([sum(map(self._weight, one.grams)) for one in self._known], np.float32)
        self._words = _Words(self._entries)
        self._patterns = _Patterns(self._entries)

    @property
    def version(self) -> str:
        """Changes when what it finds may change."""
        return f"{self.bank.version}-{self._vectors.version}"

    def find(self, question: str, *, day: str = "", tenant: str = "", before: Sequence[str] = ()) -> Match:
        """Find the entry that a question is about.

        Args:
            question: The question, as it came.
            day: Today, as a date; without it entries are valid on every day.
            tenant: Whose caller asks.
            before: What the user said in the turns before, the oldest first.
        """
        best = self._find(question[:_LONGEST], day, tenant)
        if not before or best.decision == "answer":
            return best
        for text in resolved(question, before, self._vectors):
            other = self._find(text[:_LONGEST], day, tenant)
            if other.decision != "pass" and other.score > best.score:
                best = other._replace(why=f"{other.why}, with the turn before", resolved=text)
        return best

    def _find(self, question: str, day: str, tenant: str) -> Match:
        may = None if self._always else frozenset(n for n, one in enumerate(self._entries) if _may(one, day, tenant))
        if not self._entries or (may is not None and not may):
            return Match(None, 0.0, "pass", "no entry may speak")
        canonical = fold(question, CANONICAL)
        vetoed = self._words.vetoed(canonical)

        def lets(number: int) -> bool:
            return (may is None or number in may) and number not in vetoed

        if found := [number for number in self._patterns.fitting(canonical) if lets(number)]:
            return self._ruled(found, PATTERN, "a pattern fits")
        if found := [number for number in self._words.holding(canonical) if lets(number)]:
            return self._ruled(found, KEYWORDS, "its keywords are there")
        nearest = self._nearest(question, lets)
        if nearest:
            return self._judged(nearest)
        first = next((one for number, one in enumerate(self._entries) if lets(number)), None)
        return Match(first, 0.0, "pass", "no entry has a question that may be near")

    def _ruled(self, numbers: Sequence[int], score: float, why: str) -> Match:
        """A rule fits one entry, or several: then people decide."""
        entries = [self._entries[number] for number in dict.fromkeys(numbers)]
        if len(entries) == 1:
            return Match(entries[0], score, "answer" if score >= self.limits.answer else "ask", why)
        return Match(entries[0], self.limits.ask, "ask", f"{why}, but for {len(entries)} entries", tuple(entries[1:4]))

    def _nearest(self, question: str, lets: Callable[[int], bool]) -> list[_Nearest]:
        """Return the nearest entries, the best first; each once."""
        if not self._known:
            return []
        folded = plain(question)
        vector = self._vectors.of(folded).vector
        asked = read(folded, vector)
        total = sum(map(self._weight, asked.grams)) or 1.0
        rough = self._rows @ vector
        rough += np.float32(_COVERED) * self._counted.scores(folded) / np.float32(total * 2.2)
        rough[self._exact.get(asked.key, [])] += 1
        size = min(len(rough), 4 * _LOOKED_AT)
        first = np.argpartition(-rough, size - 1)[:size] if size < len(rough) else np.arange(size)
        order = first[np.argsort(-rough[first], kind="stable")]
        best: dict[int, _Nearest] = {}
        looked = 0
        for at in order.tolist():
            number = self._owners[at]
            if not lets(number):
                continue
            looked += 1
            one = self._worth(asked, at, number, total)
            if number not in best or one.worth > best[number].worth:
                best[number] = one
            if looked >= _LOOKED_AT and (len(best) > 1 or looked >= 2 * _LOOKED_AT):
                break
        return sorted(best.values(), key=lambda one: (-one.worth, one.number))

    def _worth(self, asked: Said, at: int, number: int, total: float) -> _Nearest:
        known = self._known[at]
        seen = figures(asked, known, self._weight, total, float(self._masses[at]))
        worth = seen.meaning + _COVERED * seen.covered + _COVERING * seen.covering
        worth -= _AGAINST * (seen.numbers + seen.turned)
        against = tuple(name for name in ("numbers", "negation", "kinds", "turned") if getattr(seen, name))
        if seen.same:
            worth, against = 3.0, ()
        return _Nearest(number, worth, against, seen.meaning, seen.covered)

    def _judged(self, nearest: Sequence[_Nearest]) -> Match:
        best = nearest[0]
        lead = best.worth - nearest[1].worth if len(nearest) > 1 else _WIDEST / 2
        worth = best.worth + _MARGIN * min(_WIDEST, lead)
        score = 1 / (1 + math.exp(-(_SLOPE * (worth - self._crowd) + _START)))
        entry = self._entries[best.number]
        others = tuple(self._entries[one.number] for one in nearest[1:4])
        why = f"meaning {best.meaning:.2f}, words {best.covered:.2f}, lead {lead:.2f}"
        if score < self.limits.ask:
            return Match(entry, score, "pass", f"{why}: too far", others)
        if best.against:
            return Match(entry, score, "ask", f"{why}; against it: {', '.join(best.against)}", others)
        if score < self.limits.answer:
            return Match(entry, score, "ask", f"{why}: not sure", others)
        return Match(entry, score, "answer", why, others)

    def _weight(self, gram: str) -> float:
        weight = self._weights.get(gram)
        if weight is None:
            weight = self._counted.weight(gram)
            if len(self._weights) < 200_000:
                self._weights[gram] = weight
        return weight


def _may(entry: Entry, day: str, tenant: str) -> bool:
    if day:
        return entry.speaks(day, tenant)
    return entry.state == "approved" and (not entry.tenant or entry.tenant == tenant)


class _Words:
    """The keywords of all entries, found in one pass."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        self._needs: dict[int, tuple[frozenset[str], frozenset[str]]] = {}
        for number, entry in enumerate(entries):
            all_of, any_of, none_of = (
                frozenset(word for one in words if (word := fold(one, CANONICAL).strip()))
                for words in (entry.keywords.all, entry.keywords.any, entry.keywords.none)
            )
            if all_of or any_of:
                self._needs[number] = all_of, any_of
            for role, words in (("all", all_of), ("any", any_of), ("none", none_of)):
                for word in words:
                    groups.setdefault(word, []).append((number, role))
        self._terms = sorted(groups)
        self._groups: Mapping[str, list[tuple[int, str]]] = groups
        self._find = AhoCorasick(self._terms) if self._terms else None

    def _found(self, text: str) -> set[str]:
        if self._find is None:
            return set()
        return {self._terms[number] for number, _, _ in self._find.find_matches_as_indexes(text, overlapping=True)}

    def vetoed(self, text: str) -> frozenset[int]:
        """Return the entries of which a forbidden word is there."""
        found = self._found(text)
        return frozenset(number for word in found for number, role in self._groups[word] if role == "none")

    def holding(self, text: str) -> list[int]:
        """Return the entries of which all words are there, and one of the others."""
        found = self._found(text)
        held: dict[int, None] = {}
        for word in sorted(found):
            for number, role in self._groups[word]:
                if role != "none":
                    held[number] = None
        return [
            number
            for number in sorted(held)
            if self._needs[number][0] <= found and (not self._needs[number][1] or self._needs[number][1] & found)
        ]


class _Patterns:
    """The patterns of all entries, tried in one pass."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._owners: list[int] = []
        options = re2.Options()
        options.log_errors = False
        several = re2.Set.SearchSet(options)
        for number, entry in enumerate(entries):
            for pattern in entry.patterns:
                several.Add(pattern)
                self._owners.append(number)
        self._set = several if self._owners else None
        if self._set is not None:
            self._set.Compile()

    def fitting(self, text: str) -> list[int]:
        """Return the entries of which a pattern fits."""
        if self._set is None:
            return []
        return sorted({self._owners[at] for at in self._set.Match(text) or ()})
