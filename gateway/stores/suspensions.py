"""Users that are suspended, as digests, and who let them in again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from gateway.ports import Clock, Suspension
from gateway.stores.plain import storable
from gateway.stores.sql import SqlStore
from gateway.stores.tables import suspension_table


class Suspensions:
    """Keeps who is suspended; what was, stays, for whoever has to show it.

    Args:
        store: The database; opened at the first use if it is not open.
        clock: The time.
    """

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._open = False

    def active(self) -> list[Suspension]:
        """Return who is suspended now, the latest first; raises ``RecordError``."""
        table, now = suspension_table(), self._now()
        wanted = select(table).where(table.c.released.is_(None), or_(table.c.until.is_(None), table.c.until > now))
        with self._opened().transaction(reads=True) as connection:
            rows = connection.execute(wanted.order_by(table.c.since.desc(), table.c.digest)).all()
        return [_suspension(row) for row in rows]

    def suspend(self, one: Suspension) -> None:
        """Suspend a user; does nothing if that is known already. Raises ``RecordError``."""
        table = suspension_table()
        row = {
            "tenant": storable(one.tenant),
            "digest": one.digest,
            "since": datetime.fromtimestamp(one.since, UTC),
            "until": None if one.until is None else datetime.fromtimestamp(one.until, UTC),
            "policy": one.policy,
            "consecutive": one.consecutive,
            "daily": one.daily,
        }
        same = [table.c[name] == row[name] for name in ("tenant", "digest", "since")]
        with self._opened().transaction() as connection:
            if not connection.execute(select(table.c.digest).where(*same)).first():
                connection.execute(insert(table), [row])

    def release(self, tenant: str, digest: str, operator: str) -> int:
        """Let a user in again; return how many suspensions that ends. Raises ``RecordError``."""
        table = suspension_table()
        ended = (
            update(table)
            .where(table.c.tenant == tenant, table.c.digest == digest, table.c.released.is_(None))
            .values(released=self._now(), operator=storable(operator))
        )
        with self._opened().transaction() as connection:
            return int(connection.execute(ended).rowcount)

    def close(self) -> None:
        """Let go of the database."""
        self._open = False
        self._store.close()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _opened(self) -> SqlStore:
        if not self._open:
            self._store.open()
            self._open = True
        return self._store


def _suspension(row: Any) -> Suspension:
    until = None if row.until is None else row.until.timestamp()
    return Suspension(row.tenant, row.digest, row.since.timestamp(), until, row.policy, row.consecutive, row.daily)
