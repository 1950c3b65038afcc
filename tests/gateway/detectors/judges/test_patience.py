"""A question is asked within its budget, and once; what a judge says of a key is remembered, the oldest forgotten.

Mutants killed: no limit on what is remembered; an error that is remembered; a breaker that nonsense opens; equal
questions at once are asked each; who gives up takes the verdict from those who wait; nobody waits and it is asked on.
"""

from __future__ import annotations

import asyncio

import pytest
from kit.judging import reaching

from gateway.detectors.judges.patience import Care, Patience
from gateway.errors import DetectorError, JudgeAway, JudgeNonsense

pytestmark = pytest.mark.anyio


async def test_what_was_said_is_remembered_up_to_a_number() -> None:
    asked: list[str] = []

    async def ask(what: str) -> str:
        asked.append(what)
        return what.upper()

    async with reaching() as world:
        patience: Patience[str] = Patience("kit", Care(remember=2), world)
        for what in ("a", "b", "a", "c", "a", "b"):
            assert await patience(what.encode(), lambda what=what: ask(what)) == what.upper()  # type: ignore[misc]
    assert asked == ["a", "b", "c", "b"]


class Slow:
    """A judge that says something when it is told to."""

    def __init__(self) -> None:
        self.asked, self.given_up = 0, 0
        self.says: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def put_to(self, patience: Patience[str], times: int) -> list[asyncio.Future[str]]:
        """Ask the same so many times at once; return when all wait."""
        several = [asyncio.ensure_future(patience(b"k", self)) for _ in range(times)]
        await asyncio.sleep(0.01)
        return several

    async def __call__(self) -> str:
        self.asked += 1
        try:
            return await asyncio.shield(self.says)
        except asyncio.CancelledError:
            self.given_up += 1
            await asyncio.sleep(0.02)  # to close a connection takes a while
            raise


async def test_equal_questions_at_once_are_asked_once_and_who_gives_up_harms_nobody() -> None:
    async with reaching() as world:
        patience: Patience[str] = Patience("kit", Care(), world)
        slow = Slow()
        several = await slow.put_to(patience, 10)
        several[0].cancel()
        await asyncio.sleep(0.01)
        slow.says.set_result("fine")
        assert await asyncio.gather(*several[1:]) == ["fine"] * 9
        assert several[0].cancelled()
        assert (slow.asked, slow.given_up) == (1, 0)
        assert await patience(b"k", slow) == "fine"
        assert slow.asked == 1


async def test_an_error_reaches_all_who_wait_and_the_next_one_asks_again() -> None:
    async with reaching() as world:
        patience: Patience[str] = Patience("kit", Care(), world)
        slow = Slow()
        several = await slow.put_to(patience, 3)
        slow.says.set_exception(JudgeNonsense("x"))
        came = await asyncio.gather(*several, return_exceptions=True)
        assert [type(one) for one in came] == [JudgeNonsense] * 3
        with pytest.raises(JudgeNonsense):
            await patience(b"k", slow)
        assert slow.asked == 2


async def test_where_nobody_waits_any_more_the_question_is_given_up() -> None:
    async with reaching() as world:
        patience: Patience[str] = Patience("kit", Care(), world)
        slow = Slow()
        several = await slow.put_to(patience, 2)
        for one in several:
            one.cancel()
        await asyncio.gather(*several, return_exceptions=True)
        again = asyncio.ensure_future(patience(b"k", slow))  # what is being given up is no longer waited for
        await asyncio.sleep(0.01)
        assert (slow.asked, slow.given_up) == (2, 1)
        await asyncio.sleep(0.05)
        third = asyncio.ensure_future(patience(b"k", slow))
        await asyncio.sleep(0.01)
        slow.says.set_result("late")
        assert await asyncio.gather(again, third) == ["late", "late"]
        assert slow.asked == 2


@pytest.mark.parametrize(
    ("error", "rests"), [(JudgeAway("x"), True), (JudgeNonsense("x"), False), (JudgeAway("x", counts=False), False)]
)
async def test_only_what_says_something_of_the_judge_lets_it_rest(error: Exception, rests: bool) -> None:
    async def fail() -> str:
        raise error

    async with reaching() as world:
        patience: Patience[str] = Patience("kit", Care(failures=2), world)
        for _ in range(3):
            with pytest.raises(type(error) if not rests else Exception):
                await patience(b"k", fail)
        assert (world.resting() == 1) is rests


async def test_why_a_judge_fails_is_in_the_log_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> str:
        raise JudgeAway("Upstream 'judge': refuses our key (HTTP 401)")

    async with reaching() as world:
        patience: Patience[str] = Patience("json_judge:m", Care(failures=2), world)
        for _ in range(4):
            with pytest.raises(DetectorError):
                await patience(b"k", fail)
    assert caplog.messages == [
        "judge json_judge:m could not judge: Upstream 'judge': refuses our key (HTTP 401) (away)"
    ]
