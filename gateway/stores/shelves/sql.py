"""Keeps sealed bytes in the database that keeps the records, for all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from gateway.errors import RecordError, VaultError
from gateway.ports import Clock
from gateway.stores.sql import SqlStore
from gateway.stores.tables import vault_table

_Work = Callable[[], None]


class SqlShelf:
    """A shelf in a database. Opens it at the first use.

    Args:
        store: The database, not opened by anybody else.
        clock: The time.
    """

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._open = False
        self._turn = asyncio.Lock()  # the store is used by one thread at a time

    async def put(self, name: str, sealed: bytes, until: float) -> None:
        """Keep bytes under a name until a time; raises ``VaultError``."""
        await self._do(lambda: self._put(name, sealed, until))

    async def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None; raises ``VaultError``."""
        found: list[bytes] = []
        await self._do(lambda: found.extend(self._get(name)))
        return found[0] if found else None

    async def aclose(self) -> None:
        """Let go of the database; what is kept stays."""
        if self._open:
            self._open = False
            await asyncio.to_thread(self._store.close)

    async def _do(self, what: _Work) -> None:
        async with self._turn:
            try:
                await asyncio.to_thread(self._opened, what)
            except RecordError as error:
                raise VaultError(str(error)) from None

    def _opened(self, what: _Work) -> None:
        if not self._open:
            self._store.open()
            self._open = True
        what()

    def _put(self, name: str, sealed: bytes, until: float) -> None:
        table, now = vault_table(), datetime.fromtimestamp(self._clock(), UTC)
        with self._store.transaction() as connection:
            connection.execute(delete(table).where((table.c.name == name) | (table.c.until <= now)))
            row = {"name": name, "sealed": sealed, "until": datetime.fromtimestamp(until, UTC)}
            connection.execute(insert(table), [row])

    def _get(self, name: str) -> list[bytes]:
        table, now = vault_table(), datetime.fromtimestamp(self._clock(), UTC)
        with self._store.transaction(reads=True) as connection:
            rows = connection.execute(select(table.c.sealed).where(table.c.name == name, table.c.until > now)).all()
        return [bytes(row[0]) for row in rows]
