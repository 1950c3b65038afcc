"""Redis counts by its own clock, and one that is lost is told without its password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from kit.quotas import DAY, NOON, Hand, names, take
from redis.exceptions import RedisError

from gateway.errors import QuotaError, SettingsError
from gateway.exchange import Quota
from gateway.limits.redis import RedisQuotas, connect, run
from gateway.ports import Spend

pytestmark = pytest.mark.anyio


async def test_redis_own_clock_counts_where_no_other_is_given(redis: str) -> None:
    quotas = RedisQuotas(redis)
    taken = await take(quotas, next(names), Quota(requests=1))
    assert taken.at > 1_700_000_000
    await quotas.aclose()


async def test_a_lost_redis_is_told_and_not_asked_again_at_once() -> None:
    ticks = Hand(0.0)
    quotas = RedisQuotas("redis://:secret@127.0.0.1:1/0", ticker=ticks, rest=5.0)
    with pytest.raises(QuotaError, match="ConnectionError") as error:
        await take(quotas, "k", Quota(requests=1))
    assert "secret" not in str(error.value)
    with pytest.raises(QuotaError, match="a moment ago"):
        await take(quotas, "k", Quota(requests=1))
    ticks.now = 5.0
    with pytest.raises(QuotaError, match="ConnectionError"):
        await take(quotas, "k", Quota(requests=1))
    await quotas.aclose()


@pytest.mark.parametrize("make", [RedisQuotas, connect])
def test_an_address_that_is_none_is_told_without_its_password(make: Callable[[str], object]) -> None:
    with pytest.raises(SettingsError, match="cannot be read") as error:
        make("nonsense:secret")
    assert "secret" not in str(error.value)


async def test_what_a_key_uses_lies_in_one_hash_that_redis_lets_go_after_two_days(redis: str) -> None:
    clock, key = Hand(NOON), next(names)
    quotas, client = RedisQuotas(redis, clock=clock, patience=60.0), connect(redis, 60.0)
    taken = await take(quotas, key, Quota(), 30, 7)
    second, day = int(NOON), int(NOON // DAY)
    at = f"sluice:quota:{key}"
    said = {name.decode(): int(count) for name, count in (await client.hgetall(at)).items()}
    assert said == {f"r{second}": 1, f"t{second}": 30, f"T{day}": 30, f"M{day}": 7}
    assert 172_700 < await client.ttl(at) <= 172_800
    await quotas.settle(taken, Spend(30, 7))  # as it was set aside: nothing to be changed
    clock.now += 61
    await take(quotas, key, Quota(), 0, 0)
    assert sorted(name.decode() for name in await client.hkeys(at)) == [f"M{day}", f"T{day}", f"r{second + 61}"]
    await quotas.aclose()
    await client.aclose()


@pytest.mark.parametrize("error", [ConnectionError(), TimeoutError(), OSError("密 secret"), RedisError("secret")])
async def test_whatever_keeps_redis_from_answering_is_one_error_that_quotes_nothing(error: Exception) -> None:
    async def script(keys: object, args: object) -> None:
        raise error

    with pytest.raises(QuotaError, match=f"cannot be reached: {type(error).__name__}$"):
        await run(script, ["k"], [])


async def test_a_redis_that_says_nothing_is_waited_for_only_so_long() -> None:
    async def script(keys: object, args: object) -> None:
        await asyncio.sleep(30)

    with pytest.raises(QuotaError, match="TimeoutError"):
        await run(script, ["k"], [], patience=0.01)
