"""A question is asked within its budget, and once; what a judge says of a key is remembered, the oldest forgotten.

Mutants killed: no limit on what is remembered; an error that is remembered; a breaker that nonsense opens.
"""

from __future__ import annotations

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
