"""Three illegal questions in a row, or five in a day, and the user is suspended: nobody else, and on every replica.

Mutants killed: a harmless question that does not end a row; yesterday's in today's count; the tenant left out
of the count; a suspension forgotten by a restart or lost between reading and keeping; two suspensions of one.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable

import pytest

from gateway.errors import RecordError
from gateway.limits.conduct import UserConduct
from gateway.limits.redis import connect
from gateway.limits.strikes import MemoryStrikes, RedisStrikes, Strikes
from gateway.ports import Suspension, Terms
from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics

pytestmark = pytest.mark.anyio

TERMS = Terms(3, 5, None)
DAY = 86_400.0
NOON = 1_790_000_000.0
users = (f"user-{number}" for number in itertools.count())


class Shelf:
    """Suspensions in a list; can be told to fail."""

    def __init__(self) -> None:
        self.kept: list[Suspension] = []
        self.fails = False

    def read(self) -> list[Suspension]:
        if self.fails:
            raise RecordError("no database")
        return list(self.kept)

    def keep(self, one: Suspension) -> None:
        if self.fails:
            raise RecordError("no database")
        if one not in self.kept:
            self.kept.append(one)


class Hand:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def conduct(strikes: Strikes, shelf: Shelf, clock: Hand, metrics: Metrics | None = None) -> UserConduct:
    return UserConduct(
        strikes,
        lambda tenant, user: (f"d:{user}", f"older:{user}"),
        read=shelf.read,
        keep=shelf.keep,
        clock=clock,
        counters=metrics or Metrics(),
        offset=8 * 3600,
    )


async def ask(who: UserConduct, user: str, said: str, tenant: str = "acme") -> list[bool]:
    """Ask one question a letter: ``x`` is illegal, ``.`` is not."""
    out = []
    for letter in said:
        done = await who.note(tenant, user, illegal=letter == "x", terms=TERMS, policy="p")
        out.append(done.suspended)
    return out


@pytest.mark.parametrize(
    ("said", "suspended"),
    [
        ("xx", False),
        ("xxx", True),
        ("xx.x", False),
        ("xx.xx", False),
        ("x.x.x.x.x", True),
        ("x.x.x.x", False),
        (".....", False),
        ("xx.xxx", True),
    ],
)
async def test_so_many_are_too_many(strikes: Callable[[], Strikes], said: str, suspended: bool) -> None:
    user, shelf = next(users), Shelf()
    one, other = conduct(strikes(), shelf, Hand()), conduct(strikes(), shelf, Hand())
    seen = [(await ask((one, other)[number % 2], user, letter))[0] for number, letter in enumerate(said)]
    assert seen == [False] * (len(said) - 1) + [suspended]
    assert len(shelf.kept) == suspended
    for who in (one, other):
        who.load()
        assert who.suspended("acme", user) == suspended
        assert not who.suspended("other", user)
        assert not who.suspended("acme", user + "0")


async def test_a_new_day_counts_anew(strikes: Callable[[], Strikes]) -> None:
    user, clock = next(users), Hand()
    who = conduct(strikes(), Shelf(), clock)
    assert await ask(who, user, "x.x.x.x.") == [False] * 8
    clock.now += DAY
    assert await ask(who, user, "x.x.x.x.") == [False] * 8
    assert await ask(who, user, "x") == [True]


async def test_a_row_goes_on_over_midnight(strikes: Callable[[], Strikes]) -> None:
    user, clock = next(users), Hand()
    who = conduct(strikes(), Shelf(), clock)
    await ask(who, user, "xx")
    clock.now += DAY
    assert await ask(who, user, "x") == [True]


async def test_the_same_name_at_two_tenants_is_two_users(strikes: Callable[[], Strikes]) -> None:
    user, who = next(users), conduct(strikes(), Shelf(), Hand())
    await ask(who, user, "xx", "one")
    assert await ask(who, user, "x", "two") == [False]


async def test_of_many_at_once_one_says_so(strikes: Callable[[], Strikes]) -> None:
    user, shelf = next(users), Shelf()
    who = conduct(strikes(), shelf, Hand())
    done = await asyncio.gather(*(ask(who, user, "x") for _ in range(5)))
    assert sum(said[0] for said in done) == 1
    assert len(shelf.kept) == 1


async def test_who_is_let_in_again_begins_anew(strikes: Callable[[], Strikes]) -> None:
    user, shelf = next(users), Shelf()
    who = conduct(strikes(), shelf, Hand())
    await ask(who, user, "xxx")
    who.load()
    shelf.kept.clear()
    who.load()
    assert not who.suspended("acme", user)
    assert await ask(who, user, "xx") == [False, False]


async def test_a_suspension_with_an_end_ends() -> None:
    clock, shelf = Hand(), Shelf()
    who = conduct(MemoryStrikes(), shelf, clock)
    for _ in range(3):
        await who.note("acme", "u", illegal=True, terms=Terms(3, 5, 3600.0), policy="p")
    for load in (False, True):
        if load:
            who.load()
        clock.now = NOON + 3599
        assert who.suspended("acme", "u")
        clock.now = NOON + 3600
        assert not who.suspended("acme", "u")


async def test_a_key_that_was_rotated_out_still_finds_who_is_suspended() -> None:
    shelf = Shelf()
    shelf.keep(Suspension("acme", "older:u", NOON, None, "p", 3, 3))
    who = conduct(MemoryStrikes(), shelf, Hand())
    who.load()
    assert who.suspended("acme", "u")


async def test_a_suspension_holds_while_the_database_is_away_and_is_kept_later() -> None:
    shelf, metrics = Shelf(), Metrics()
    who = conduct(MemoryStrikes(), shelf, Hand(), metrics)
    who.load()
    shelf.fails = True
    await ask(who, "u", "xxx")
    assert who.suspended("acme", "u")
    who.poll()
    assert who.fault == "no database"
    assert who.suspended("acme", "u")
    assert shelf.kept == []
    shelf.fails = False
    who.poll()
    assert (who.fault, len(shelf.kept)) == ("", 1)
    assert who.suspended("acme", "u")
    assert metrics.value(names.SUSPENSIONS) == 1


async def test_what_was_read_before_a_suspension_was_kept_lets_nobody_in() -> None:
    shelf, loop = Shelf(), asyncio.get_running_loop()
    who = conduct(MemoryStrikes(), shelf, Hand())
    read = shelf.read
    begun, go = asyncio.Event(), threading.Event()

    def slowly() -> list[Suspension]:
        found = read()
        loop.call_soon_threadsafe(begun.set)
        go.wait(5)
        return found

    who._read = slowly
    looking = asyncio.create_task(asyncio.to_thread(who.load))
    await begun.wait()
    await ask(who, "u", "xxx")
    go.set()
    await looking
    assert who.suspended("acme", "u")


async def test_a_lost_redis_leaves_each_process_counting_alone() -> None:
    metrics = Metrics()
    who = conduct(RedisStrikes(connect("redis://127.0.0.1:1/0")), Shelf(), Hand(), metrics)
    done = [await who.note("acme", "u", illegal=True, terms=TERMS, policy="p") for _ in range(3)]
    assert [one.suspended for one in done] == [False, False, True]
    assert not any(one.shared for one in done)
    assert metrics.value(names.CONDUCT_ALONE) == 3
    await who.aclose()
