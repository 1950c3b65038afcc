"""Counters in memory and in Redis say the same and never give out more than a quota, whoever asks at once.

Mutants killed: a window of 59 seconds; what is given back in another second than it was taken; a limit that
is looked at but not kept; counts of yesterday in today's; a wait that is too short.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.quotas import DAY, NOON, Hand, names, take

from gateway.exchange import Quota
from gateway.limits.memory import MemoryQuotas
from gateway.limits.redis import RedisQuotas
from gateway.ports import Quotas, Reservation, Spend

pytestmark = pytest.mark.anyio

Make = Callable[..., Quotas]


@pytest.fixture(params=["memory", "redis"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes counters of a kind."""
    if request.param == "memory":
        return MemoryQuotas
    url = request.getfixturevalue("redis")
    return lambda clock, **more: RedisQuotas(url, clock=clock, patience=60.0, **more)


async def test_no_more_requests_than_the_quota_within_any_minute(make: Make) -> None:
    clock, key, quota = Hand(NOON + 0.9), next(names), Quota(requests=3)
    quotas = make(clock)
    for _ in range(3):
        assert (await take(quotas, key, quota)).spent is None
    refused = await take(quotas, key, quota)
    assert refused.spent == "requests"
    assert 59 < refused.wait <= 60.2
    clock.now += 60.0
    assert (await take(quotas, key, quota)).spent == "requests"
    clock.now += refused.wait - 60.0 + 0.001
    assert (await take(quotas, key, quota)).spent is None


async def test_the_wait_is_as_long_as_it_takes_and_no_longer(make: Make) -> None:
    clock, key, quota = Hand(), next(names), Quota(tokens=100)
    quotas = make(clock)
    await take(quotas, key, quota, 30)
    clock.now += 10
    await take(quotas, key, quota, 60)
    refused = await take(quotas, key, quota, 40)
    assert (refused.spent, refused.wait) == ("tokens", pytest.approx(51.0))
    clock.now += refused.wait - 0.001
    assert (await take(quotas, key, quota, 40)).spent == "tokens"
    clock.now += 0.001
    assert (await take(quotas, key, quota, 40)).spent is None


async def test_a_key_knows_how_it_stands(make: Make) -> None:
    clock, key = Hand(NOON + 0.25), next(names)
    quota = Quota(requests=10, tokens=1000, day_tokens=5000, day_micros=700)
    quotas = make(clock)
    await take(quotas, key, quota, 300, 200)
    taken = await take(quotas, key, quota, 300, 200)
    assert [(one.name, one.limit, one.left) for one in taken.standing] == [
        ("requests", 10, 8),
        ("tokens", 1000, 400),
        ("day_tokens", 5000, 4400),
        ("day_money", 700, 300),
    ]
    assert taken.standing[0].reset == pytest.approx(60.75)
    assert taken.standing[2].reset == pytest.approx(DAY - (NOON + 0.25) % DAY)
    assert (await take(quotas, next(names), Quota(requests=5))).standing[0].left == 4


@pytest.mark.parametrize(
    ("quota", "spent"),
    [
        (Quota(day_tokens=100), "day_tokens"),
        (Quota(day_micros=100), "day_money"),
        (Quota(tokens=100), "tokens"),
        (Quota(requests=0), "requests"),
    ],
)
async def test_each_limit_holds_by_itself(make: Make, quota: Quota, spent: str) -> None:
    quotas, key = make(Hand()), next(names)
    first = await take(quotas, key, quota, 60, 60)
    assert (first.spent is None) == (spent != "requests")
    refused = await take(quotas, key, quota, 60, 60)
    assert refused.spent == spent
    assert refused.taken == (0, 0, 0)


async def test_a_refusal_takes_nothing_of_any_limit(make: Make) -> None:
    quotas, key = make(Hand()), next(names)
    quota = Quota(requests=5, tokens=100)
    for _ in range(3):
        assert (await take(quotas, key, quota, 101)).spent == "tokens"
    assert (await take(quotas, key, quota, 100)).standing[0].left == 4


async def test_what_was_not_used_is_given_back(make: Make) -> None:
    clock, key, quota = Hand(), next(names), Quota(tokens=100, day_tokens=100, day_micros=50)
    quotas = make(clock)
    taken = await take(quotas, key, quota, 90, 40)
    clock.now += 5
    await quotas.settle(taken, Spend(10, 3))
    after = await take(quotas, key, quota, 90, 47)
    assert after.spent is None
    assert [one.left for one in after.standing] == [0, 0, 0]


async def test_what_was_used_beyond_it_counts_from_now_on(make: Make) -> None:
    clock, key, quota = Hand(), next(names), Quota(tokens=100, day_tokens=200)
    quotas = make(clock)
    taken = await take(quotas, key, quota, 10)
    clock.now += 70  # an answer that takes longer than the minute
    await quotas.settle(taken, Spend(110))
    refused = await take(quotas, key, quota, 1)
    assert refused.spent == "tokens"
    assert [one.left for one in refused.standing] == [0, 90]
    assert refused.wait == pytest.approx(61.0)


async def test_what_is_given_back_after_its_minute_changes_nothing_in_the_next(make: Make) -> None:
    clock, key, quota = Hand(), next(names), Quota(tokens=100)
    quotas = make(clock)
    taken = await take(quotas, key, quota, 100)
    clock.now += 65
    await take(quotas, key, quota, 60)
    await quotas.settle(taken, Spend(0))
    assert (await take(quotas, key, quota, 41)).spent == "tokens"


async def test_a_day_begins_at_midnight_of_the_operators_own_time(make: Make) -> None:
    midnight = NOON - NOON % DAY + DAY - 8 * 3600  # in China
    clock, key, quota = Hand(midnight - 5), next(names), Quota(day_tokens=100)
    quotas = make(clock, offset=8 * 3600)
    taken = await take(quotas, key, quota, 100)
    refused = await take(quotas, key, quota, 1)
    assert (refused.spent, refused.wait) == ("day_tokens", pytest.approx(5.0))
    clock.now += 6
    assert (await take(quotas, key, quota, 100)).spent is None
    await quotas.settle(taken, Spend(20))  # given back to the day that is over
    assert (await take(quotas, key, quota, 1)).spent == "day_tokens"


async def test_who_states_no_most_sets_aside_what_a_limit_allows_at_all(make: Make) -> None:
    quotas, key, quota = make(Hand()), next(names), Quota(tokens=300, day_tokens=5000)
    taken = await quotas.reserve(key, quota, Spend(100), Spend(1124))
    assert (taken.spent, taken.taken) == (None, (300, 1124, 0))
    refused = await quotas.reserve(next(names), quota, Spend(301), Spend(400))
    assert (refused.spent, refused.never) == ("tokens", True)
    assert not (await quotas.reserve(key, quota, Spend(100), Spend(100))).never


@pytest.mark.parametrize("limit", ["requests", "tokens", "day_tokens", "day_micros"])
async def test_two_hundred_at_once_get_exactly_the_quota(make: Make, limit: str) -> None:
    replicas = make(Hand()), make(Hand())
    if isinstance(replicas[0], MemoryQuotas):
        replicas = replicas[0], replicas[0]  # memory is one process's
    key, quota = next(names), replace(Quota(), **{limit: 37})
    said = await asyncio.gather(*(take(replicas[number % 2], key, quota, 1, 1) for number in range(200)))
    assert sum(one.spent is None for one in said) == 37


async def test_two_hundred_that_settle_at_once_never_go_over(make: Make) -> None:
    replicas = make(Hand()), make(Hand())
    if isinstance(replicas[0], MemoryQuotas):
        replicas = replicas[0], replicas[0]
    key, quota = next(names), Quota(tokens=1000)
    used: list[int] = []

    async def one(number: int) -> None:
        quotas = replicas[number % 2]
        taken = await take(quotas, key, quota, 20)
        if taken.spent is None:
            await asyncio.sleep(0.001 * (number % 7))
            used.append(number % 20)
            await quotas.settle(taken, Spend(number % 20))

    await asyncio.gather(*map(one, range(200)))
    assert len(used) >= 50
    assert sum(used) <= 1000


Step = tuple[float, int, int, int, int]


@settings(max_examples=40, deadline=None)
@given(
    quota=st.builds(
        Quota,
        requests=st.none() | st.integers(0, 6),
        tokens=st.none() | st.integers(0, 60),
        day_tokens=st.none() | st.integers(0, 200),
        day_micros=st.none() | st.integers(0, 90),
    ),
    start=st.sampled_from([NOON, NOON - NOON % DAY - 20.0, NOON - NOON % DAY - 8 * 3600 - 3.5]),
    steps=st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.25, 1.0, 7.5, 30.0, 60.0, 61.0, 3600.0]),
            st.integers(0, 40),
            st.integers(0, 40),
            st.integers(0, 40),
            st.integers(0, 3),
        ),
        max_size=25,
    ),
)
async def test_memory_and_redis_say_the_same(redis: str, quota: Quota, start: float, steps: list[Step]) -> None:
    clock, key = Hand(start), next(names)
    memory = MemoryQuotas(clock, offset=8 * 3600)
    shared = RedisQuotas(redis, clock=clock, offset=8 * 3600, patience=60.0)
    held: list[tuple[Reservation, Reservation]] = []
    granted: list[tuple[float, int]] = []
    try:
        for wait, tokens, micros, used, settle in steps:
            clock.now += wait
            need = Spend(tokens, micros), Spend(tokens * 2, micros)
            one, other = await memory.reserve(key, quota, *need), await shared.reserve(key, quota, *need)
            assert _same(one, other), (one, other)
            if one.spent is None:
                granted.append((clock.now, one.taken[0]))
                held.append((one, other))
            if held and settle == 0:
                one, other = held.pop(0)
                await memory.settle(one, Spend(used, used))
                await shared.settle(other, Spend(used, used))
        for at, _ in granted:
            within = [tokens for when, tokens in granted if at <= when < at + 60]
            assert quota.requests is None or len(within) <= quota.requests
    finally:
        await shared.aclose()


def _same(one: Reservation, other: Reservation) -> bool:
    close = [
        abs(a.reset - b.reset) < 1e-3 and (a.name, a.limit, a.left) == (b.name, b.limit, b.left)
        for a, b in zip(one.standing, other.standing, strict=True)
    ]
    alike = (one.spent, one.taken, one.never) == (other.spent, other.taken, other.never)
    return alike and all(close) and abs(one.wait - other.wait) < 1e-3
