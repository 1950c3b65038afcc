"""What is doubtful in a bank: the same question twice, two answers to one, entries that stand before others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Literal, NamedTuple, Protocol

from gateway.answers.bank import Bank
from gateway.answers.entry import Entry
from gateway.answers.match import Match, Matcher
from gateway.meaning.pieces import plain

Kind = Literal["conflict", "duplicate", "shadow", "near"]


class Doubt(NamedTuple):
    """Something that a person should look at.

    Attributes:
        kind: ``conflict``: one question, two answers, on the same day; ``duplicate``: the same question and answer
            twice; ``shadow``: a question of this entry is answered by another; ``near``: it nearly is.
        row: Where the entry stands,
        entry: and its id.
        other: The other entry.
        what: What is doubtful, in one sentence.
    """

    kind: Kind
    row: int
    entry: str
    other: str
    what: str

    @property
    def wrong(self) -> bool:
        """Whether the bank may not be used so."""
        return self.kind == "conflict"


class Tried(NamedTuple):
    """A question that an entry's own tests tried.

    Attributes:
        entry: Whose test it is.
        question: The question.
        wanted: Whether this entry should answer it.
        met: Whether it did as wanted.
        got: What came: decision and id.
    """

    entry: Entry
    question: str
    wanted: bool
    met: bool
    got: str


def conflicts(bank: Bank) -> Iterator[Doubt]:
    """Yield questions that two entries have, for the same caller and on the same day."""
    asked: dict[str, list[Entry]] = {}
    for entry in bank.entries:
        if entry.state == "retired":
            continue
        folded_here: set[str] = set()
        for question in entry.questions:
            folded = plain(question)
            if folded in folded_here:
                what = f"asks {question!r} twice"
                yield Doubt("duplicate", entry.row, entry.id, entry.id, what)
            elif folded:
                asked.setdefault(folded, []).append(entry)
            folded_here.add(folded)
    for entries in asked.values():
        for one, other in combinations(entries, 2):
            if not one.meets(other):
                continue
            if (one.zh, one.en, one.handoff) == (other.zh, other.en, other.handoff):
                what = f"has a question, and the answer, of {one.id!r} (row {one.row})"
                yield Doubt("duplicate", other.row, other.id, one.id, what)
            else:
                what = (
                    f"has a question of {one.id!r} (row {one.row}) but another answer, and both are valid on some day"
                )
                yield Doubt("conflict", other.row, other.id, one.id, what)


def doubts(bank: Bank, matcher: Matcher | None = None) -> Iterator[Doubt]:
    """Yield all that is doubtful; asks the matcher every question of every entry."""
    yield from conflicts(bank)
    matcher = matcher or Matcher(bank)
    for entry in bank.entries:
        if entry.state != "approved":
            continue
        seen: set[str] = set()
        for question in entry.questions:
            match = matcher.find(question, tenant=entry.tenant)
            found = match.entry
            if found is None or found.id == entry.id or found.id in seen or not found.meets(entry):
                continue
            if plain(question) in {plain(one) for one in found.questions}:
                continue  # said above
            seen.add(found.id)
            what = f"asks {question!r}, which {found.id!r} (row {found.row}) takes ({match.why})"
            yield Doubt("shadow", entry.row, entry.id, found.id, what)


class Finds(Protocol):
    """Finds the entry of a question: a matcher, or one with a model behind it."""

    def find(self, question: str, *, tenant: str = "") -> Match:
        """Return the entry."""


def tried(bank: Bank, matcher: Finds | None = None) -> Iterator[Tried]:
    """Try every entry's own examples: ``yes`` must be answered by it, ``no`` must not."""
    matcher = matcher or Matcher(bank)
    for entry in bank.entries:
        if entry.state != "approved":
            continue
        for wanted, questions in ((True, entry.yes), (False, entry.no)):
            for question in questions:
                match = matcher.find(question, tenant=entry.tenant)
                answers = match.decision == "answer" and match.entry is not None and match.entry.id == entry.id
                got = f"{match.decision} {match.entry.id if match.entry else '-'} {match.score:.2f}"
                yield Tried(entry, question, wanted, answers == wanted, got)
