"""A shelf in Redis lets go by itself, and says clearly when it cannot be reached."""

from __future__ import annotations

import time

import pytest

from gateway.errors import SettingsError, VaultError
from gateway.limits.redis import connect
from gateway.stores.shelves.redis import RedisShelf


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


@pytest.mark.parametrize(("left", "milliseconds"), [(2.5, 2500), (0.0, 1), (-3.0, 1)])
async def test_redis_itself_lets_go_and_what_is_over_is_kept_for_no_longer_than_a_moment(
    redis: str, left: float, milliseconds: int
) -> None:
    shelf, client = RedisShelf(redis, lambda: 100.0), connect(redis, 60.0)
    await shelf.put(f"left-{left}", b"x", 100.0 + left)
    assert milliseconds - 1000 <= await client.pttl(f"sluice:vault:left-{left}") <= milliseconds
    await client.aclose()
    await shelf.aclose()


async def test_what_is_kept_stays_when_a_replica_goes(redis: str) -> None:
    one, other = RedisShelf(redis, time.time), RedisShelf(redis, time.time)
    await one.put("stays", b"\0\xff", time.time() + 60)
    await one.aclose()
    assert await other.get("stays") == b"\0\xff"
    await other.aclose()
