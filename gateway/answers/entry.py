"""What an answer bank holds: entries, who stands behind them, and when they may speak."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Final, Literal, get_args

from gateway.text import is_chinese

State = Literal["draft", "approved", "retired"]
"""Only what is approved, and valid on the day, answers."""

STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words that a question holds, without segmentation: all of these, any of those, none of the last."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an entry, for its history.

    Attributes:
        version: Of the entry, from then on.
        at: The day, as a date.
        by: Who did it.
        what: ``created``, ``changed``, ``approved`` or ``retired``.
        digest: Of what it said from then on.
    """

    version: int
    at: str
    by: str
    what: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A question that has an approved answer.

    Attributes:
        id: Names it.
        questions: Ways of asking it, the first one for people.
        zh: The answer in Chinese; empty if there is none.
        en: The answer in English; empty if there is none.
        patterns: Regular expressions (RE2) of which one fits the whole folded question or a part of it.
        keywords: Words that a question for it holds.
        yes: Questions that it answers, tried by ``sluice answers test``,
        no: and questions that it must not answer.
        risks: What the question is about.
        tenant: For whose callers; empty for all.
        author: Who wrote it.
        approver: Who approved it.
        version: Counts up with each change.
        state: Whether it may answer.
        valid_from: The first day, as a date; empty for always.
        valid_to: The last day; empty for ever.
        sources: Where the answer can be read.
        handoff: A person or desk to hand over to instead of answering; empty to answer.
        row: Where it stands in its file: line or row.
        history: What happened to it, the oldest first.
    """

    id: str
    questions: tuple[str, ...] = ()
    zh: str = ""
    en: str = ""
    patterns: tuple[str, ...] = ()
    keywords: Keywords = field(default_factory=Keywords)
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    tenant: str = ""
    author: str = ""
    approver: str = ""
    version: int = 1
    state: State = "draft"
    valid_from: str = ""
    valid_to: str = ""
    sources: tuple[str, ...] = ()
    handoff: str = ""
    row: int = 0
    history: tuple[Event, ...] = ()

    @property
    def name(self) -> str:
        """The id with the version, as records have it."""
        return f"{self.id}@{self.version}"

    @property
    def digest(self) -> str:
        """A digest of what it says and to whom, whoever wrote or approved it."""
        said = {key: value for key, value in asdict(self).items() if key not in _ABOUT}
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

    def speaks(self, day: str, tenant: str = "") -> bool:
        """Whether it may answer on a day (``2026-11-26``), to a tenant."""
        if self.state != "approved" or (self.tenant and self.tenant != tenant):
            return False
        return (not self.valid_from or self.valid_from <= day) and (not self.valid_to or day <= self.valid_to)

    def answer(self, question: str) -> str:
        """Return its answer in the language of a question, or in the one that it has."""
        return (self.zh or self.en) if is_chinese(question) else (self.en or self.zh)

    def meets(self, other: Entry) -> bool:
        """Whether a day exists on which both may speak to the same caller."""
        if self.tenant and other.tenant and self.tenant != other.tenant:
            return False
        return _starts(self) <= _ends(other) and _starts(other) <= _ends(self)


_ABOUT: Final = frozenset({"author", "approver", "version", "state", "row", "history"})


def _starts(entry: Entry) -> str:
    return entry.valid_from or "0000-00-00"


def _ends(entry: Entry) -> str:
    return entry.valid_to or "9999-99-99"


def is_day(said: str) -> bool:
    """Whether something is a day of the calendar, written as 2026-11-26."""
    try:
        return len(said) == 10 and bool(date.fromisoformat(said))
    except ValueError:
        return False


def texts_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield every answer of an entry with its language."""
    for language in ("zh", "en"):
        if text := getattr(entry, language):
            yield language, text
