"""Every shelf keeps bytes until their time is up, and says clearly when it cannot."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

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
