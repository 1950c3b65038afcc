"""Every shelf keeps bytes until their time is up, and says clearly when it cannot."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from gateway.errors import SettingsError, VaultError
from gateway.ports import Shelf
from gateway.stores.shelves.memory import MemoryShelf
from gateway.stores.shelves.redis import RedisShelf
from gateway.stores.shelves.sql import SqlShelf
from gateway.stores.sql import SqlStore


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    made: Shelf
    if request.param == "memory":
        made = MemoryShelf(time.time)
    elif request.param == "redis":
        made = RedisShelf(request.getfixturevalue("redis"), time.time)
    else:
        sqlite = request.param == "sqlite"
        url = f"sqlite:///{tmp_path}/v.db" if sqlite else request.getfixturevalue("server").database()
        made = SqlShelf(SqlStore(url, time.time), time.time)
    yield made
    await made.aclose()


async def test_bytes_come_back_until_their_time_is_up(shelf: Shelf) -> None:
    await shelf.put("a", b"\0\xffone", time.time() + 60)
    await shelf.put("b", b"two", time.time() + 0.15)
    assert await shelf.get("a") == b"\0\xffone"
    assert await shelf.get("c") is None
    await anyio.sleep(0.2)
    assert await shelf.get("b") is None
    assert await shelf.get("a") == b"\0\xffone"


async def test_what_is_put_again_takes_the_place_of_what_was_there(shelf: Shelf) -> None:
    await shelf.put("a", b"one", time.time() + 60)
    await shelf.put("a", b"two", time.time() + 60)
    assert await shelf.get("a") == b"two"


async def test_a_full_shelf_in_memory_forgets_the_oldest() -> None:
    shelf = MemoryShelf(lambda: 0.0, most=2)
    for name in "abc":
        await shelf.put(name, name.encode(), 60.0)
    assert [await shelf.get(name) for name in "abc"] == [None, b"b", b"c"]


async def test_a_redis_that_is_not_there_is_told_without_its_password() -> None:
    shelf = RedisShelf("redis://:secret@127.0.0.1:1/0", time.time)
    for call in (shelf.put("a", b"b", time.time() + 9), shelf.get("a")):
        with pytest.raises(VaultError) as error:
            await call
        assert "secret" not in str(error.value)
    await shelf.aclose()


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        RedisShelf("nonsense", time.time)


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "v.db").write_bytes(b"no database at all, but long enough to be looked at as one" * 20)
    shelf = SqlShelf(SqlStore(f"sqlite:///{tmp_path}/v.db", time.time), time.time)
    with pytest.raises(VaultError):
        await shelf.get("a")
