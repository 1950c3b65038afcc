"""Clients' keys in the database: what they may do, and digests of their secrets, never the secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from gateway.exchange import Agreement, Grant, Quota
from gateway.ports import ClientKey, Clock
from gateway.stores.plain import storable
from gateway.stores.sql import SqlStore
from gateway.stores.tables import client_key_table


class Keys:
    """Keeps clients' keys.

    Args:
        store: The database; opened at the first use if it is not open.
        clock: The time.
    """

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._open = False

    def all(self) -> list[ClientKey]:
        """Return every key that was ever made, the oldest first; raises ``RecordError``."""
        table = client_key_table()
        with self._opened().transaction(reads=True) as connection:
            rows = connection.execute(select(table).order_by(table.c.created, table.c.id)).all()
        return [_key(row) for row in rows]

    def add(self, key: ClientKey) -> bool:
        """Keep a new key; False if its id is taken. Raises ``RecordError``."""
        table = client_key_table()
        with self._opened().transaction() as connection:
            if connection.execute(select(table.c.id).where(table.c.id == key.id)).first():
                return False
            connection.execute(insert(table), [_row(key)])
        return True

    def change(self, key: ClientKey) -> None:
        """Keep a key as it is now; raises ``RecordError``."""
        table, row = client_key_table(), _row(key)
        with self._opened().transaction() as connection:
            connection.execute(update(table).where(table.c.id == row.pop("id")).values(**row))

    def revoke(self, id: str) -> bool:
        """Revoke a key; False if there is none with this id that is not revoked. Raises ``RecordError``."""
        table = client_key_table()
        now = datetime.fromtimestamp(self._clock(), UTC)
        found = update(table).where(table.c.id == id, table.c.revoked.is_(None)).values(revoked=now)
        with self._opened().transaction() as connection:
            return connection.execute(found).rowcount > 0

    def close(self) -> None:
        """Let go of the database."""
        self._open = False
        self._store.close()

    def _opened(self) -> SqlStore:
        if not self._open:
            self._store.open()
            self._open = True
        return self._store


def _row(key: ClientKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": storable(key.name),
        "tenant": storable(key.tenant),
        "digest": key.digest,
        "granted": asdict(key.grant),
        "created": datetime.fromtimestamp(key.created, UTC),
        "until": _moment(key.until),
        "revoked": _moment(key.revoked),
        "previous": key.previous,
        "previous_until": _moment(key.previous_until),
    }


def _key(row: Any) -> ClientKey:
    return ClientKey(
        id=row.id,
        name=row.name,
        tenant=row.tenant,
        digest=bytes(row.digest),
        grant=_grant(row.granted),
        created=row.created.timestamp(),
        until=_seconds(row.until),
        revoked=_seconds(row.revoked),
        previous=None if row.previous is None else bytes(row.previous),
        previous_until=_seconds(row.previous_until),
    )


def _grant(data: Mapping[str, Any]) -> Grant:
    agreement = data.get("agreement")
    return Grant(
        policy=data["policy"],
        models=tuple(data["models"]),
        quota=Quota(**data["quota"]),
        service=data["service"],
        agreement=Agreement(**agreement) if agreement else None,
        access=tuple(data.get("access", ())),  # keys that were made before there was any see what everybody does
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
