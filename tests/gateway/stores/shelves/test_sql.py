"""A shelf in a database opens it at the first use, and clears away what is over."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from kit.databases import connected
from sqlalchemy import select

from gateway.errors import RecordError, VaultError
from gateway.stores.shelves.sql import SqlShelf
from gateway.stores.sql import SqlStore
from gateway.stores.tables import vault_table


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "v.db").write_bytes(b"no database at all, but long enough to be looked at as one" * 20)
    shelf = SqlShelf(SqlStore(f"sqlite:///{tmp_path}/v.db", time.time), time.time)
    with pytest.raises(VaultError):
        await shelf.get("a")


async def test_the_database_is_opened_at_the_first_use_and_let_go_after_the_last(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/v.db", time.time)
    shelf = SqlShelf(store, time.time)
    await shelf.aclose()  # was never opened
    assert files(tmp_path) == []
    await shelf.put("a", b"\0one", time.time() + 60)
    await shelf.aclose()
    with pytest.raises(RecordError, match="is not open"):
        store.count()
    assert await shelf.get("a") == b"\0one"  # opens it again: what is kept stays
    await shelf.aclose()


async def test_what_is_over_is_cleared_away_when_something_is_put(tmp_path: Path) -> None:
    now, url = [100.0], f"sqlite:///{tmp_path}/v.db"
    shelf = SqlShelf(SqlStore(url, time.time), lambda: now[0])
    for name, until in (("a", 110.0), ("b", 120.0)):
        await shelf.put(name, b"x", until)
    now[0] = 110.0
    assert (await shelf.get("a"), await shelf.get("b")) == (None, b"x")
    await shelf.put("c", b"y", 130.0)
    await shelf.aclose()
    names = connected(url, lambda c: sorted(row[0] for row in c.execute(select(vault_table().c.name))))
    assert names == ["b", "c"]


async def test_many_at_once_take_turns_and_none_is_lost(tmp_path: Path) -> None:
    shelf = SqlShelf(SqlStore(f"sqlite:///{tmp_path}/v.db", time.time), time.time)
    await asyncio.gather(*(shelf.put(f"n{number}", b"%d" % number, time.time() + 60) for number in range(10)))
    said = await asyncio.gather(*(shelf.get(f"n{number}") for number in range(10)))
    assert said == [b"%d" % number for number in range(10)]
    await shelf.aclose()
