"""A judge is asked within its budget, not too often at once, not when it keeps failing, and not twice the same.

Mutants killed: an error taken for "nothing found"; a verdict cached under the text alone (without question, side
or context); errors cached; no bound on the cache; the queue outside of the budget; nonsense or a bad request that
opens the breaker; pieces of a long text not judged; siblings of a failed piece left running.
"""

from __future__ import annotations

import asyncio
import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.judging import TestWorld

from gateway.detectors.judges.careful import Ask, Asked, Care, Careful, Opinion, Opinions, careful
from gateway.detectors.judges.nobody import NOBODY
from gateway.errors import (
    JudgeAway,
    JudgeNonsense,
    JudgeResting,
    JudgeTimeout,
    JudgeTooLong,
    JudgeUnasked,
)
from gateway.ports import PartlyJudgedError
from gateway.telemetry import names
from gateway.text import TextView

BAD = (Opinion("bad", 0.9),)


class Script:
    """Answers as it is told, and notes what it was asked."""

    def __init__(self, *answers: Opinions | BaseException | float) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.under_way = self.most = self.left = 0

    async def __call__(self, asked: Asked) -> Opinions:
        self.asked.append(asked)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
            if isinstance(answer, float):
                await asyncio.sleep(answer)
                return ()
            if isinstance(answer, BaseException):
                raise answer
            return answer
        except asyncio.CancelledError:
            self.left += 1
            raise
        finally:
            self.under_way -= 1


def made(ask: Ask, **care: float) -> tuple[Careful, TestWorld]:
    world = TestWorld({}, {})
    judge = careful("kind:m", ask, Care(**care), world)  # type: ignore[arg-type]
    assert isinstance(judge, Careful)
    return judge, world


async def risks(judge: Careful, text: str, **more: object) -> list[str]:
    scan = await judge(TextView(text, **more))  # type: ignore[arg-type]
    assert scan.open == len(text)
    return [finding.risk for finding in scan.findings]


async def test_what_it_sees_is_found_in_all_of_the_text() -> None:
    judge, world = made(Script(BAD))
    scan = await judge(TextView("说过。坏话", 3))
    assert [tuple(finding) for finding in scan.findings] == [(3, 5, "bad", 0.9, "kind:m")]
    assert world.metrics.value(names.JUDGE_CALLS, judge="kind:m", outcome="verdict") == 1


async def test_it_is_shown_the_question_and_what_stands_before() -> None:
    script = Script(())
    judge, _ = made(script)
    await judge(TextView("前文。后", 3, question="问", answer=True, before="更早。"))
    await judge(TextView('\\u574f\\ud83d\\ude00"', escaped=True))
    await judge(TextView("half \ud83d and whole \U0001f600"))
    assert script.asked == [
        Asked("后", "更早。前文。", "问", True),
        Asked('坏\U0001f600"'),
        Asked("half \ufffd and whole \U0001f600"),
    ]


async def test_a_verdict_is_remembered_and_what_differs_is_asked_anew() -> None:
    script = Script(BAD)
    judge, world = made(script)
    views = [
        TextView("同"),
        TextView("同", answer=True),
        TextView("同", answer=True, question="问"),
        TextView("同", answer=True, before="问"),
        TextView("前同", 1, answer=True, before="问"),
        TextView("同问"),
    ]
    for _ in range(2):
        for view in views:
            assert [f.risk for f in (await judge(view)).findings] == ["bad"]
    assert len(script.asked) == len(views)
    assert world.metrics.value(names.JUDGE_CACHED, judge="kind:m") == len(views)


async def test_that_nothing_is_wrong_is_remembered_too() -> None:
    script = Script(())
    judge, _ = made(script)
    assert [await risks(judge, "好"), await risks(judge, "好")] == [[], []]
    assert len(script.asked) == 1


async def test_the_memory_is_bounded_and_the_least_recently_used_goes_first() -> None:
    script = Script(())
    judge, _ = made(script, remember=2)
    for text in ("一", "二", "一", "三", "一", "二"):
        await risks(judge, text)
    assert [asked.text for asked in script.asked] == ["一", "二", "三", "二"]
    assert len(judge._patience.known) == 2


async def test_nothing_is_remembered_where_the_policy_says_so() -> None:
    script = Script(())
    judge, _ = made(script, remember=0)
    await risks(judge, "一")
    await risks(judge, "一")
    assert len(script.asked) == 2


async def test_the_text_itself_is_not_kept() -> None:
    judge, _ = made(Script(BAD))
    await risks(judge, "金丝雀在此" + "".join(map(str, range(50))))
    gc.collect()
    assert not [one for one in gc.get_referents(judge._patience.known) if isinstance(one, str) and "金丝雀" in one]
    assert all(isinstance(key, bytes) and len(key) == 32 for key in judge._patience.known)


@pytest.mark.parametrize("error", [JudgeNonsense("x"), JudgeAway("x"), JudgeTimeout("x"), ValueError("x")])
async def test_an_error_is_raised_and_never_remembered(error: Exception) -> None:
    script = Script(error, BAD)
    judge, _ = made(script)
    with pytest.raises(type(error)):
        await risks(judge, "一")
    assert await risks(judge, "一") == ["bad"]


async def test_a_judge_that_hangs_is_given_up_after_its_budget() -> None:
    script = Script(30.0)
    judge, world = made(script, timeout=0.02)
    with pytest.raises(JudgeTimeout, match=r"no verdict within 0\.02 s"):
        await risks(judge, "一")
    assert script.left == 1
    assert world.metrics.value(names.JUDGE_CALLS, outcome="timeout") == 1
    assert world.metrics.histogram(names.JUDGE_DURATION, judge="kind:m").count == 1


async def test_waiting_for_a_free_place_counts_in_the_budget() -> None:
    script = Script(30.0)
    judge, _ = made(script, timeout=0.05, at_once=1)
    told = await asyncio.gather(*(risks(judge, text) for text in "一二三"), return_exceptions=True)
    assert [type(one) for one in told] == [JudgeTimeout] * 3
    assert len(script.asked) == 1


async def test_no_more_than_so_many_questions_are_under_way() -> None:
    script = Script(0.001)
    judge, _ = made(script, at_once=3)
    await asyncio.gather(*(risks(judge, str(text)) for text in range(20)))
    assert (len(script.asked), script.most) == (20, 3)


async def test_after_failures_in_a_row_nobody_asks_until_a_probe_succeeds() -> None:
    script = Script(JudgeAway("HTTP 500"), JudgeTimeout("late"), BAD)
    judge, world = made(script, failures=2, seconds=30)
    for number, error in enumerate((JudgeAway, JudgeTimeout, JudgeResting, JudgeResting)):
        with pytest.raises(error):
            await risks(judge, str(number))
    assert len(script.asked) == 2
    assert world.resting() == 1
    world.later = 31
    assert await risks(judge, "probe") == ["bad"]
    assert world.resting() == 0
    count = world.metrics.value
    assert [count(names.JUDGE_BREAKER, state=state) for state in ("open", "half_open", "closed")] == [1, 1, 1]
    assert count(names.JUDGE_CALLS, outcome="resting") == 2


async def test_what_is_remembered_is_known_also_while_it_rests() -> None:
    judge, _ = made(Script(BAD, JudgeAway("x")), failures=1)
    assert await risks(judge, "一") == ["bad"]
    with pytest.raises(JudgeAway):
        await risks(judge, "二")
    with pytest.raises(JudgeResting):
        await risks(judge, "三")
    assert await risks(judge, "一") == ["bad"]


@pytest.mark.parametrize("error", [JudgeNonsense("x"), JudgeAway("HTTP 400", counts=False), ValueError("ours")])
async def test_texts_that_make_a_judge_fail_do_not_switch_it_off(error: Exception) -> None:
    judge, world = made(Script(*[error] * 9, BAD), failures=2)
    for number in range(9):
        with pytest.raises(type(error)):
            await risks(judge, str(number))
    assert await risks(judge, "after") == ["bad"]
    assert world.resting() == 0


async def test_a_probe_that_its_client_gave_up_does_not_leave_the_breaker_half_open() -> None:
    script = Script(JudgeAway("x"), 30.0, BAD)
    judge, world = made(script, failures=1, seconds=5)
    with pytest.raises(JudgeAway):
        await risks(judge, "一")
    world.later = 6
    probe = asyncio.create_task(risks(judge, "二"))
    await asyncio.sleep(0.01)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert world.metrics.value(names.JUDGE_CALLS, outcome="given_up") == 1
    assert await risks(judge, "三") == ["bad"]


async def test_a_long_text_is_judged_piece_by_piece_all_of_it() -> None:
    class Finds(Script):
        async def __call__(self, asked: Asked) -> Opinions:
            self.asked.append(asked)
            return BAD if "坏" in asked.text else ()

    script = Finds()
    judge, _ = made(script, longest=100)
    text = "好的。" * 60 + "坏的。" + "没有标点" * 60
    scan = await judge(TextView(text))
    assert "".join(asked.text for asked in script.asked) == text
    assert all(len(asked.text) <= 100 for asked in script.asked)
    assert script.asked[1].before.endswith(script.asked[0].text)
    (found,) = scan.findings
    assert found.start <= 180 < found.end


async def test_where_one_piece_fails_the_others_are_given_up() -> None:
    script = Script(JudgeNonsense("x"), 30.0)
    judge, _ = made(script, longest=100)
    with pytest.raises(JudgeNonsense):
        await risks(judge, "字" * 400)
    assert script.left >= 1
    assert script.under_way == 0


async def test_too_long_a_text_is_an_error_and_not_half_a_verdict() -> None:
    script = Script(())
    judge, world = made(script, longest=100)
    with pytest.raises(JudgeTooLong):
        await risks(judge, "字" * 6_500)
    assert script.asked == []
    assert world.metrics.value(names.JUDGE_CALLS, outcome="too_long") == 1


@settings(max_examples=100, deadline=None)
@given(st.text("字。. \n", max_size=900), st.integers(0, 20))
def test_pieces_make_up_the_text_whatever_it_is(text: str, start: int) -> None:
    script = Script(())
    judge, _ = made(script, longest=100)
    start = min(start, len(text))
    asyncio.run(judge(TextView(text, start)))
    assert "".join(asked.text for asked in script.asked) == text[start:]


async def test_where_nobody_may_be_asked_it_says_so() -> None:
    script = Script(())
    with pytest.raises(JudgeUnasked):
        await careful("kind:m", script, Care(), NOBODY)(TextView("一"))
    assert script.asked == []


async def test_what_was_found_in_a_piece_is_not_lost_where_another_could_not_be_judged() -> None:
    judge, _ = made(Script(BAD, JudgeAway("gone")), longest=10)
    with pytest.raises(PartlyJudgedError) as told:
        await judge(TextView("第一句坏话在这里。第二句好话在这里。"))
    assert isinstance(told.value.reason, JudgeAway)
    assert [(f.start, f.end, f.risk) for f in told.value.findings] == [(0, 9, "bad")]
    judge, _ = made(Script((), JudgeAway("gone")), longest=10)
    with pytest.raises(JudgeAway):
        await judge(TextView("第一句好话在这里。第二句好话在这里。"))


async def test_many_who_wait_for_a_place_do_not_let_a_healthy_judge_rest() -> None:
    judge, world = made(Script(0.06), timeout=0.1, at_once=1, failures=2)
    told = await asyncio.gather(*(judge(TextView(f"第{n}问")) for n in range(8)), return_exceptions=True)
    assert any(isinstance(one, JudgeTimeout) for one in told)
    assert world.resting() == 0
    assert (await judge(TextView("再问"))).findings == ()
