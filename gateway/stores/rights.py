"""What is kept about a person: found by the digest of an identifier, handed out, erased, and counted.

Erasing takes a person's words and identifiers out of the records and leaves a tombstone, so that it can
be proven. The bare records stay: who has to keep network logs for six months (Cybersecurity Law, art. 23)
keeps them without the person in them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, or_, select, update

from gateway.exchange import Record
from gateway.ports import Clock
from gateway.stores.sql import SqlStore
from gateway.stores.tables import exchange_table, handoff_table, subject_table, tombstone_table

LEAST_DAYS: Final = 184
"""Days that bare records are kept at least: six months."""

_MANY: Final = 500
_DAY: Final = 86_400.0


class Tombstone(NamedTuple):
    """What an erasure left.

    Attributes:
        digest: Of the identifier.
        erased: When, seconds since the epoch.
        reason: Why.
        operator: By whom.
        exchanges: How many exchanges it was in.
    """

    digest: str
    erased: float
    reason: str
    operator: str
    exchanges: int


class Persons(NamedTuple):
    """How many different identifiers went to models of a region, and how many of them were sensitive."""

    region: str
    persons: int
    sensitive: int


class Purged(NamedTuple):
    """How many exchanges lost their texts, and how many records went altogether."""

    texts: int
    records: int


class Rights:
    """Answers for what a store keeps about people.

    Args:
        store: An open store.
        clock: The time.
    """

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def export(self, digests: Sequence[str]) -> list[Record]:
        """Return every record in which one of the digests stands, the oldest first; raises ``RecordError``."""
        ids = self._exchanges(digests)
        found = [record for id in ids if (record := self._store.get(id))]
        return sorted(found, key=lambda record: (record.received, record.id))

    def erase(self, digests: Sequence[str], reason: str, operator: str) -> list[Tombstone]:
        """Take a person out of every record and leave a tombstone for each digest that stood in one.

        Texts, the end user's id and the digest go; what was decided, when and by which plan stays.
        """
        now = self._clock()
        left = []
        subject, tombstone = subject_table(), tombstone_table()
        with self._store.transaction() as connection:
            for digest in digests:
                ids = _ids(connection, [digest])
                if not ids:
                    continue
                _forget(connection, ids)
                connection.execute(delete(subject).where(subject.c.digest == digest))
                one = Tombstone(digest, now, reason, operator, len(ids))
                row = {**one._asdict(), "erased": datetime.fromtimestamp(now, UTC)}
                connection.execute(insert(tombstone), [row])
                left.append(one)
        return left

    def tombstones(self, digests: Sequence[str]) -> list[Tombstone]:
        """Return the proofs of erasure of these digests, the oldest first."""
        table = tombstone_table()
        query = select(table).where(table.c.digest.in_(digests)).order_by(table.c.erased, table.c.id)
        with self._store.transaction(reads=True) as connection:
            rows = connection.execute(query).all()
        return [Tombstone(row.digest, row.erased.timestamp(), row.reason, row.operator, row.exchanges) for row in rows]

    def persons(self, year: int, sensitive: Collection[str]) -> list[Persons]:
        """Count the different identifiers that went to models, by region, in a year (UTC).

        One person with a name and a number counts twice: the count is an upper bound.

        Args:
            year: Which year.
            sensitive: Risks that count as sensitive.
        """
        table = subject_table()
        first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        grave = case((table.c.risk.in_(sorted(sensitive)), table.c.digest))
        query = (
            select(table.c.region, func.count(table.c.digest.distinct()), func.count(grave.distinct()))
            .where(table.c.departed, table.c.received >= first, table.c.received < last)
            .group_by(table.c.region)
            .order_by(table.c.region)
        )
        with self._store.transaction(reads=True) as connection:
            return [Persons(*row) for row in connection.execute(query).all()]

    def purge(
        self,
        *,
        texts: float | None,
        records: float | None,
        classes: Mapping[str, float],
        risks: Callable[[str], Collection[str]],
    ) -> Purged:
        """Forget what has been kept long enough.

        Args:
            texts: Days after which texts go; None for never.
            records: Days after which records go altogether, at least ``LEAST_DAYS``; None for never.
                Records of unlabelled copies stay as long as the law asks.
            classes: Days after which texts with personal data of a class go.
            risks: Returns the risks of a class.

        Raises:
            ValueError: Records would go too early.
        """
        if records is not None and records < LEAST_DAYS:
            raise ValueError(f"records are kept for {LEAST_DAYS} days at least")
        exchange, subject = exchange_table(), subject_table()
        old: list[ColumnElement[bool]] = []
        if texts is not None:
            old.append(exchange.c.received < self._before(texts))
        for name, days in classes.items():
            inside = select(subject.c.exchange_id).where(
                subject.c.risk.in_(sorted(risks(name))), subject.c.received < self._before(days)
            )
            old.append(exchange.c.id.in_(inside))
        gone = dropped = 0
        with self._store.transaction() as connection:
            if old:
                has_text = or_(exchange.c.request_text.is_not(None), exchange.c.response_text.is_not(None))
                statement = update(exchange).where(has_text, or_(*old)).values(request_text=None, response_text=None)
                gone = connection.execute(statement).rowcount
                of_old = handoff_table().c.exchange_id.in_(select(exchange.c.id).where(or_(*old)))
                connection.execute(update(handoff_table()).where(of_old).values(question=None, answer=None))
            if records is not None:
                before = self._before(records)
                kept = exchange.c.unlabelled.is_(None)
                dropped = connection.execute(delete(exchange).where(exchange.c.received < before, kept)).rowcount
                connection.execute(delete(handoff_table()).where(handoff_table().c.created < before))
                connection.execute(delete(subject).where(subject.c.received < before))
        return Purged(gone, dropped)

    def _before(self, days: float) -> datetime:
        return datetime.fromtimestamp(self._clock() - days * _DAY, UTC)

    def _exchanges(self, digests: Sequence[str]) -> list[str]:
        with self._store.transaction(reads=True) as connection:
            return _ids(connection, digests)


def _ids(connection: Connection, digests: Sequence[str]) -> list[str]:
    table = subject_table()
    query = select(table.c.exchange_id).where(table.c.digest.in_(digests)).distinct().order_by(table.c.exchange_id)
    return [row[0] for row in connection.execute(query).all()]


def _forget(connection: Connection, ids: Sequence[str]) -> None:
    """Take the words and the end user out of records."""
    table = exchange_table()
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        statement = update(table).where(table.c.id.in_(some))
        connection.execute(statement.values(request_text=None, response_text=None, end_user=None))
        handed = update(handoff_table()).where(handoff_table().c.exchange_id.in_(some))
        connection.execute(handed.values(question=None, answer=None))
