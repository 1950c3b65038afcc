"""Finds the entry that a question is about: by pattern, by keywords, by meaning; in one score.

The score says how likely the entry is the right one. A wrong standard answer is worse than none, so an answer
needs more than a high score: no number, negation or turned word may speak against it (``compare``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.answers.bank import Bank, Thresholds
from gateway.answers.compare import NOTHING, Figures, against_of
from gateway.answers.entry import Entry
from gateway.answers.rules import Patterns, Words
from gateway.answers.score import WIDEST, Speaks, likely, parts, worth
from gateway.answers.stock import Source
from gateway.answers.turns import resolved
from gateway.answers.ways import SAME, Line, Near, Ways
from gateway.meaning.pieces import plain, plainer
from gateway.meaning.vectors import Vectors, shipped
from gateway.text import CANONICAL, fold

Allowed = NDArray[np.bool_]
Decision = Literal["answer", "ask", "pass"]

DEFAULT: Final = Thresholds(answer=0.93, ask=0.5)
"""Set where fewer than one question in a hundred gets a wrong answer on every set tried (docs/answers.md)."""
PATTERN: Final = 1.0
KEYWORDS: Final = 0.97
_COMPARED: Final = 4
"""Entries that are compared word for word."""
_LONGEST: Final = 2000
_CALLERS: Final = 64
"""Days and tenants for which it is remembered who may speak."""


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


class Fit(NamedTuple):
    """What makes the score of a matcher with other vectors mean what it means with those that ship.

    Attributes:
        near: How nearness to ways is read,
        meaning: and how the meaning of two texts is compared.
        answer: From which score on it may answer; None for never: then it asks back at most.
        why: What that was taken from, for people.
    """

    near: Line = SAME
    meaning: Line = SAME
    answer: float | None = 0.0
    why: str = ""


class _Held(NamedTuple):
    """An entry with what speaks for it and against it."""

    near: Near
    worth: float
    seen: Figures


class Matcher:
    """A bank, ready to be asked. A changed bank is a new matcher; this one remembers only who may speak on a day.

    Args:
        bank: The entries.
        vectors: Says what texts mean; the table that ships by default.

    Attributes:
        limits: From which score on it answers and asks back.
        fit: How its score is read.
        ways: All ways of asking of entries that are approved.
    """

    def __init__(self, bank: Bank, vectors: Source | None = None) -> None:
        self.bank = bank
        self.limits = bank.thresholds or DEFAULT
        self.fit = Fit()
        self.vectors = vectors or shipped()
        self._entries = tuple(entry for entry in bank.entries if entry.state == "approved")
        self._always = all(not (one.tenant or one.valid_from or one.valid_to) for one in self._entries)
        self.ways = Ways(self._entries, self.vectors)
        asking = max(1, sum(bool(entry.questions) for entry in self._entries))
        self._crowd = math.log2(max(1.0, len(self.ways.texts) / asking))
        self._words = Words(self._entries)
        self._patterns = Patterns(self._entries)
        self._spoken: dict[tuple[str, str], Allowed] = {}

    @property
    def version(self) -> str:
        """Changes when what it finds may change."""
        fitted = "" if self.fit == Fit() else f"-{self.fit}"
        return f"{self.bank.version}-{self.vectors.version}{fitted}"

    def fitted(self, fit: Fit) -> Matcher:
        """Return the same matcher with its score read so."""
        other = copy(self)
        other.fit = fit
        if fit.answer is not None and fit.answer > self.limits.answer:
            other.limits = Thresholds(fit.answer, self.limits.ask)
        return other

    def find(
        self,
        question: str,
        *,
        day: str = "",
        tenant: str = "",
        before: Sequence[str] = (),
        vectors: Source | None = None,
    ) -> Match:
        """Find the entry that a question is about.

        Args:
            question: The question, as it came.
            day: Today, as a date; without it entries are valid on every day.
            tenant: Whose caller asks.
            before: What the user said in the turns before, the oldest first.
            vectors: Say what the texts mean that ``asked`` names; the matcher's own by default.
        """
        best = self._find(question[:_LONGEST], day, tenant, vectors)
        if not before or best.decision == "answer":
            return best
        for text in resolved(question, before, _aligning(self.vectors)):
            other = self._find(text[:_LONGEST], day, tenant, vectors)
            if other.decision != "pass" and other.score > best.score:
                best = other._replace(why=f"{other.why}, with the turn before", resolved=text)
        return best

    def certain(self, question: str, *, day: str = "", tenant: str = "") -> Match | None:
        """Return what is found without any meaning: a rule fits, or the very question is known; None if not so."""
        canonical, may = fold(question[:_LONGEST], CANONICAL), self._may(day, tenant)
        ruled, vetoed = self._rules(canonical, may)
        folded = plainer(canonical)
        if ruled is not None or not self.ways.entries_of(folded):
            return ruled
        held = self._held(folded, may, vetoed, self.vectors)
        return self._judged(held) if held and held[0].seen.same else None

    def _find(self, question: str, day: str, tenant: str, vectors: Source | None) -> Match:
        may = self._may(day, tenant)
        if not self._entries or (may is not None and not may.any()):
            return Match(None, 0.0, "pass", "no entry may speak")
        canonical = fold(question, CANONICAL)
        ruled, vetoed = self._rules(canonical, may)
        if ruled is not None:
            return ruled
        if held := self._held(plainer(canonical), may, vetoed, vectors or self.vectors):
            return self._judged(held)
        first = next((one for n, one in enumerate(self._entries) if (may is None or may[n]) and n not in vetoed), None)
        return Match(first, 0.0, "pass", "no entry has a question that may be near")

    def _may(self, day: str, tenant: str) -> Allowed | None:
        """Return which entries may speak; None for all."""
        if self._always:
            return None
        may = self._spoken.get((day, tenant))
        if may is None:
            may = np.fromiter((_may(one, day, tenant) for one in self._entries), np.bool_, len(self._entries))
            if len(self._spoken) >= _CALLERS:
                self._spoken.clear()
            self._spoken[day, tenant] = may
        return may

    def _rules(self, canonical: str, may: Allowed | None) -> tuple[Match | None, frozenset[int]]:
        """Return what patterns and keywords say to a folded question, and which entries they forbid."""
        vetoed = self._words.vetoed(canonical)

        def lets(number: int) -> bool:
            return (may is None or bool(may[number])) and number not in vetoed

        if found := [number for number in self._patterns.fitting(canonical) if lets(number)]:
            return self._ruled(found, PATTERN, "a pattern fits"), vetoed
        if found := [number for number in self._words.holding(canonical) if lets(number)]:
            return self._ruled(found, KEYWORDS, "its keywords are there"), vetoed
        return None, vetoed

    def _ruled(self, numbers: Sequence[int], score: float, why: str) -> Match:
        """A rule fits one entry, or several: then people decide."""
        entries = [self._entries[number] for number in dict.fromkeys(numbers)]
        if len(entries) == 1:
            return Match(entries[0], score, "answer" if score >= self.limits.answer else "ask", why)
        return Match(entries[0], self.limits.ask, "ask", f"{why}, but for {len(entries)} entries", tuple(entries[1:4]))

    def _held(self, folded: str, may: Allowed | None, vetoed: frozenset[int], vectors: Source) -> list[_Held]:
        """Return the entries that are nearest to a plain question, the best first; each once."""
        allowed = may
        if vetoed:
            allowed = np.ones(len(self._entries), np.bool_) if may is None else may.copy()
            allowed[[*vetoed]] = False
        asked = self.ways.read(folded, vectors)
        near = self.ways.near(asked, allowed, self.fit.near)
        seen = self.ways.stock.figures(asked, [one.best for one in near[:_COMPARED]])
        held = [self._compared(one, figures) for one, figures in zip(near, seen, strict=False)]
        held.sort(key=lambda one: (-one.worth, one.near.number))
        return held + [_Held(one, worth(one.ways, one.middle, NOTHING), NOTHING) for one in near[_COMPARED:]]

    def _compared(self, near: Near, seen: Figures) -> _Held:
        if self.fit.meaning != SAME:
            seen = seen._replace(meaning=min(1.0, self.fit.meaning(seen.meaning)))
        return _Held(near, worth(near.ways, near.middle, seen), seen)

    def _speaks(self, held: Sequence[_Held]) -> Speaks:
        best = held[0]
        lead = min(WIDEST, (best.worth - held[1].worth) / 2) if len(held) > 1 else WIDEST / 2
        return Speaks(best.near.ways, best.near.middle, lead, best.seen, self._crowd)

    def weighed(self, question: str) -> tuple[Entry, Speaks] | None:
        """Return the entry that is nearest by meaning and what speaks for it; None if no entry has a question."""
        held = self._held(plain(question[:_LONGEST]), None, frozenset(), self.vectors)
        return (self._entries[held[0].near.number], self._speaks(held)) if held else None

    def lured(self, folded: str, vectors: Source, entry: int | None = None) -> float:
        """Return how likely an entry seems for a question that none answers; 0 where something speaks against it.

        Args:
            folded: The question, plain.
            vectors: Say what it means.
            entry: The number of the entry that does answer it, and is taken away.
        """
        held = self._held(folded, None, frozenset() if entry is None else frozenset([entry]), vectors)
        if not held or held[0].seen.same or against_of(held[0].seen):
            return 0.0
        return likely(self._speaks(held))

    def rivals(self, question: str) -> list[tuple[Entry, dict[str, float]]]:
        """Return the entries that are compared with a question, and what speaks for each of them by itself."""
        held = self._held(plain(question[:_LONGEST]), None, frozenset(), self.vectors)[:_COMPARED]
        return [(self._entries[one.near.number], parts(one.near.ways, one.near.middle, one.seen)) for one in held]

    def _judged(self, held: Sequence[_Held]) -> Match:
        best, speaks = held[0], self._speaks(held)
        score = likely(speaks)
        entry = self._entries[best.near.number]
        others = tuple(self._entries[one.near.number] for one in held[1:4])
        why = f"meaning {best.seen.meaning:.2f}, words {best.seen.covered:.2f}, lead {speaks.lead:.2f}"
        if score < self.limits.ask:
            return Match(entry, score, "pass", f"{why}: too far", others)
        against = () if best.seen.same else against_of(best.seen)
        if against:
            return Match(entry, score, "ask", f"{why}; against it: {', '.join(against)}", others)
        if score < self.limits.answer:
            return Match(entry, score, "ask", f"{why}: not sure", others)
        if self.fit.answer is None and not best.seen.same:
            return Match(entry, score, "ask", f"{why}: the score is not calibrated for these vectors", others)
        return Match(entry, score, "answer", why, others)


def _may(entry: Entry, day: str, tenant: str) -> bool:
    if day:
        return entry.speaks(day, tenant)
    return entry.state == "approved" and (not entry.tenant or entry.tenant == tenant)


def asked(question: str, before: Sequence[str] = ()) -> list[str]:
    """Return the plain texts whose meaning is asked for to find a question's entry, each once."""
    texts = [question, *(resolved(question, before, shipped()) if before else ())]
    return list(dict.fromkeys(plain(text[:_LONGEST]) for text in texts))


def _aligning(vectors: Source) -> Source:
    """Return what tells which words stand for each other: a table does, a model would have to be asked of each."""
    return vectors if isinstance(vectors, Vectors) else shipped()
