"""Counters in memory keep what still holds, of so many keys, and nothing else."""

from __future__ import annotations

import pytest
from kit.quotas import DAY, NOON, Hand, take

from gateway.exchange import Quota
from gateway.limits.memory import MemoryQuotas
from gateway.ports import Spend

pytestmark = pytest.mark.anyio


async def test_a_process_that_knows_many_keys_forgets_those_that_asked_longest_ago() -> None:
    quotas = MemoryQuotas(Hand(), most=2)
    quota = Quota(requests=1)
    for key in "abc":
        await take(quotas, key, quota)
    assert (await take(quotas, "c", quota)).spent == "requests"
    assert (await take(quotas, "a", quota)).spent is None


@pytest.mark.parametrize(
    ("after", "seconds", "days"),
    [(0.0, 1, 1), (60.9, 1, 1), (61.0, 0, 1), (DAY, 0, 1), (2 * DAY, 0, 0)],
)
async def test_what_holds_no_more_is_not_kept(after: float, seconds: int, days: int) -> None:
    clock = Hand(float(int(NOON)))
    quotas = MemoryQuotas(clock)
    taken = await take(quotas, "k", Quota(), 5, 5)
    clock.now += after
    await quotas.settle(taken, Spend(5, 5))  # looks at the key, and changes nothing
    kept = quotas._kept["k"]
    assert [len(kept.requests), len(kept.tokens)] == [seconds, seconds]
    assert [len(kept.day_tokens), len(kept.day_micros)] == [days, days]


async def test_giving_back_more_than_is_there_leaves_nothing_and_never_less() -> None:
    quotas = MemoryQuotas(Hand())
    taken = await take(quotas, "k", Quota(tokens=100), 60)
    for _ in range(3):
        await quotas.settle(taken, Spend(0))
    assert (await take(quotas, "k", Quota(tokens=100), 100)).spent is None
    assert (await take(quotas, "k", Quota(tokens=100), 1)).spent == "tokens"


async def test_a_key_that_asks_nothing_of_tokens_has_no_count_of_them() -> None:
    quotas = MemoryQuotas(Hand())
    await take(quotas, "k", Quota())
    kept = quotas._kept["k"]
    assert (len(kept.requests), kept.tokens, kept.day_tokens, kept.day_micros) == (1, {}, {}, {})
