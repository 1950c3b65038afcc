"""What keeps questions that a person is to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

Form = Literal["masked", "raw", "withheld"]
"""How a question goes to a person: without personal data, as it came (sealed where it is kept), or not at all."""

HandoffState = Literal["waiting", "sent", "undelivered", "answered"]
"""How far a ticket has come: to be told to the people's system, told, not told after so many tries, answered."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A question that a person is to answer. Times are seconds since the epoch.

    Attributes:
        id: Names it, to the client, to the people's system, and as the key that makes telling twice harmless.
        exchange: Its record.
        created: When.
        tenant: Whose caller asked,
        key: and with which key (never the secret).
        policy: The policy's name,
        plan: and its digest.
        rule: Which rule hands over.
        entry: The entry of an answer bank that does, with its version; empty for a rule.
        desk: Who takes over; empty where nobody is named.
        language: In which the question was asked.
        form: How the question stands here.
        question: What was asked; None where it is withheld or was erased.
    """

    id: str
    exchange: str
    created: float
    tenant: str
    key: str
    policy: str
    plan: str
    rule: str
    entry: str
    desk: str
    language: Literal["zh", "en"]
    form: Form
    question: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handed:
    """A ticket and what has become of it.

    Attributes:
        ticket: The ticket.
        state: How far it has come.
        attempts: How often the people's system was told.
        fault: Why the last time failed, as a code; empty if it did not.
        due: When it is told next; None for never.
        delivered: When it was told.
        answered: When it was answered,
        answerer: by whom,
        answer: and what.
    """

    ticket: Ticket
    state: HandoffState
    attempts: int = 0
    fault: str = ""
    due: float | None = None
    delivered: float | None = None
    answered: float | None = None
    answerer: str | None = None
    answer: str | None = field(default=None, repr=False)


class Handoffs(Protocol):
    """Keeps what is handed over to people, and tells their system of it."""

    async def open(self, ticket: Ticket) -> None:
        """Keep a ticket; when this returns it is on disk. Raises ``RecordError``."""
        ...

    async def find(self, id: str) -> Handed | None:
        """Return what has become of a ticket, or None for an unknown one; raises ``RecordError``."""
        ...

    async def answer(self, id: str, text: str, by: str) -> bool:
        """Keep a person's answer; False if there is another one already. Raises ``RecordError``."""
        ...
