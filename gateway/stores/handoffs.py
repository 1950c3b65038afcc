"""Tickets of questions that were handed over to people: none is lost, whatever is killed when.

A ticket is written before the client hears of it. Whoever tells the people's system of it takes it first, for a
while: a process that dies over it leaves it to the next one, and the try counts.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, or_, select, update

from gateway.ports import Clock, Handed, HandoffState, Ticket
from gateway.stores.plain import storable
from gateway.stores.sql import SqlStore
from gateway.stores.tables import handoff_table

_OPEN: Final = ("waiting", "sent", "undelivered")


class KeptHandoffs:
    """Keeps tickets in the database of the records. Its methods are meant for threads.

    Args:
        store: The database; opened at the first use if it is not open.
        clock: The time.
    """

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._open = False
        self._opening = threading.Lock()

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket, to be told at once; a second time does nothing. Raises ``RecordError``."""
        table = handoff_table()
        row = {
            "id": ticket.id,
            "exchange_id": storable(ticket.exchange),
            "created": _moment(ticket.created),
            "tenant": storable(ticket.tenant),
            "caller_key": storable(ticket.key),
            "policy": ticket.policy,
            "plan": ticket.plan,
            "rule": ticket.rule,
            "entry": storable(ticket.entry),
            "desk": storable(ticket.desk),
            "language": ticket.language,
            "form": ticket.form,
            "question": None if ticket.question is None else storable(ticket.question),
            "state": "waiting",
            "attempts": 0,
            "due": _moment(ticket.created),
            "fault": "",
        }
        with self._opened().transaction() as connection:
            if not connection.execute(select(table.c.id).where(table.c.id == ticket.id)).first():
                connection.execute(insert(table), [row])

    def take(self, most: int, seconds: float) -> list[Handed]:
        """Take tickets that are due, the longest first: nobody else gets them for so many seconds.

        Each counts as tried. Raises ``RecordError``.
        """
        table, now = handoff_table(), self._clock()
        due = (
            select(table)
            .where(table.c.state == "waiting", table.c.due <= _moment(now))
            .order_by(table.c.due, table.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        with self._opened().transaction() as connection:
            rows = connection.execute(due).all()
            ids = [row.id for row in rows]
            if ids:
                taken = update(table).where(table.c.id.in_(ids))
                connection.execute(taken.values(attempts=table.c.attempts + 1, due=_moment(now + seconds)))
        return [_handed(row, attempts=row.attempts + 1) for row in rows]

    def next_due(self) -> float | None:
        """Return when the next ticket is due, or None if none waits; raises ``RecordError``."""
        table = handoff_table()
        first = select(table.c.due).where(table.c.state == "waiting").order_by(table.c.due).limit(1)
        with self._opened().transaction(reads=True) as connection:
            found = connection.execute(first).scalar()
        return None if found is None else float(found.timestamp())

    def told(self, id: str) -> None:
        """Note that the people's system has a ticket; raises ``RecordError``."""
        self._change(id, {"state": "sent", "delivered": self._now(), "due": None, "fault": ""})

    def failed(self, id: str, fault: str, again: float | None) -> None:
        """Note why telling failed and when it is tried again; None: never. Raises ``RecordError``.

        Args:
            id: The ticket.
            fault: A code, never text.
            again: Seconds since the epoch.
        """
        state = "undelivered" if again is None else "waiting"
        self._change(id, {"state": state, "fault": fault, "due": None if again is None else _moment(again)})

    def again(self, id: str) -> bool:
        """Let a ticket that could not be delivered be told anew; return whether there was one."""
        table = handoff_table()
        anew = update(table).where(table.c.id == id, table.c.state == "undelivered")
        with self._opened().transaction() as connection:
            return bool(connection.execute(anew.values(state="waiting", attempts=0, due=self._now())).rowcount)

    def answer(self, id: str, text: str, by: str) -> bool:
        """Keep a person's answer, the first one; return whether it is this one. Raises ``RecordError``."""
        table = handoff_table()
        unanswered = update(table).where(table.c.id == id, table.c.state.in_(_OPEN))
        said = {"state": "answered", "answer": storable(text), "answerer": storable(by), "answered": self._now()}
        with self._opened().transaction() as connection:
            if connection.execute(unanswered.values(**said, due=None)).rowcount:
                return True
            kept = connection.execute(select(table.c.answer).where(table.c.id == id)).scalar()
        return kept is not None and kept == storable(text)

    def find(self, id: str) -> Handed | None:
        """Return a ticket and what has become of it, or None; raises ``RecordError``."""
        table = handoff_table()
        with self._opened().transaction(reads=True) as connection:
            row = connection.execute(select(table).where(table.c.id == id)).first()
        return None if row is None else _handed(row)

    def latest(self, most: int, states: Sequence[HandoffState] = (), tenant: str | None = None) -> list[Handed]:
        """Return up to ``most`` tickets, the latest first; of these states, if any are named."""
        table = handoff_table()
        wanted = select(table).order_by(table.c.created.desc(), table.c.id.desc()).limit(most)
        if states:
            wanted = wanted.where(or_(*[table.c.state == state for state in states]))
        if tenant is not None:
            wanted = wanted.where(table.c.tenant == tenant)
        with self._opened().transaction(reads=True) as connection:
            return [_handed(row) for row in connection.execute(wanted).all()]

    def close(self) -> None:
        """Let go of the database."""
        self._open = False
        self._store.close()

    def _change(self, id: str, values: dict[str, Any]) -> None:
        table = handoff_table()
        # Answered in the meantime stays answered.
        with self._opened().transaction() as connection:
            connection.execute(update(table).where(table.c.id == id, table.c.state == "waiting").values(**values))

    def _now(self) -> datetime:
        return _moment(self._clock())

    def _opened(self) -> SqlStore:
        with self._opening:
            if not self._open:
                self._store.open()
                self._open = True
        return self._store


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _handed(row: Any, attempts: int | None = None) -> Handed:
    ticket = Ticket(
        id=row.id,
        exchange=row.exchange_id,
        created=row.created.timestamp(),
        tenant=row.tenant,
        key=row.caller_key,
        policy=row.policy,
        plan=row.plan,
        rule=row.rule,
        entry=row.entry,
        desk=row.desk,
        language=row.language,
        form=row.form,
        question=row.question,
    )
    return Handed(
        ticket,
        row.state,
        row.attempts if attempts is None else attempts,
        row.fault,
        _seconds(row.due),
        _seconds(row.delivered),
        _seconds(row.answered),
        row.answerer,
        row.answer,
    )
