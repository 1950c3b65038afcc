"""Illegal questions in a row and in a day are counted alike in this process and in Redis."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from gateway.errors import QuotaError
from gateway.limits.redis import connect
from gateway.limits.strikes import MemoryStrikes, RedisStrikes, Strikes, Struck
from gateway.ports import Terms

pytestmark = pytest.mark.anyio


TERMS = Terms(3, 5, None)


users = (f"user-{number}" for number in itertools.count())


async def count(strikes: Strikes, user: str, said: str, day: int = 7) -> Struck:
    """Ask one question a letter, ``x`` is illegal; return how the user stands after the last."""
    return [await strikes.count(user, day, TERMS, illegal=letter == "x") for letter in said][-1]


@pytest.mark.parametrize(
    ("said", "struck"),
    [
        (".", Struck(0, 0, out=False)),
        ("x", Struck(1, 1, out=False)),
        ("x.", Struck(0, 1, out=False)),
        ("xx", Struck(2, 2, out=False)),
        ("xxx", Struck(3, 3, out=True)),
        ("x.x.x.x", Struck(1, 4, out=False)),
        ("x.x.x.x.", Struck(0, 4, out=False)),
        ("x.x.x.x.x", Struck(1, 5, out=True)),
        ("xxxx", Struck(1, 1, out=False)),
        ("xxx.", Struck(0, 0, out=False)),
    ],
)
async def test_a_row_and_a_day_are_counted_and_begin_anew_when_it_was_too_many(
    strikes: Callable[[], Strikes], said: str, struck: Struck
) -> None:
    assert await count(strikes(), next(users), said) == struck


@pytest.mark.parametrize("letter", "x.")
async def test_yesterday_is_not_in_todays_count(strikes: Callable[[], Strikes], letter: str) -> None:
    one, user = strikes(), next(users)
    assert await count(one, user, "x.x.x.x", day=7) == Struck(1, 4, out=False)
    illegal = letter == "x"
    assert await count(one, user, letter, day=8) == Struck(2 * illegal, 1 * illegal, out=False)


async def test_replicas_count_together_and_users_apart(strikes: Callable[[], Strikes]) -> None:
    one, other, user = strikes(), strikes(), next(users)
    assert await count(one, user, "xx") == Struck(2, 2, out=False)
    assert await count(other, user + "0", "x") == Struck(1, 1, out=False)
    assert await count(other, user, "x") == Struck(3, 3, out=True)


async def test_a_lost_redis_is_told() -> None:
    lost = RedisStrikes(connect("redis://:secret@127.0.0.1:1/0"))
    with pytest.raises(QuotaError, match="ConnectionError") as error:
        await count(lost, "u", "x")
    assert "secret" not in str(error.value)
    await lost.aclose()


async def test_counters_in_memory_forget_who_behaved_longest() -> None:
    strikes = MemoryStrikes(most=2)
    for user in "abc":
        await strikes.count(user, 0, TERMS, illegal=True)
    assert (await strikes.count("c", 0, TERMS, illegal=True)).consecutive == 2
    assert (await strikes.count("a", 0, TERMS, illegal=True)).consecutive == 1
