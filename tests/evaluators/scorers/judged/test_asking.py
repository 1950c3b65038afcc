import asyncio

import pytest
from kit.endpoint import ScriptedEndpoint

from evaluators.endpoint import open_endpoint
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.asking import Asking, together
from evaluators.scorers.judged.shapes import Rating
from evaluators.scorers.judged.words import judge_words


def test_no_more_questions_are_under_way_than_are_allowed():
    busy, most = 0, 0

    async def said(path, body):
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.01)
        busy -= 1
        return '{"rating": 1}'

    async def go():
        async with open_endpoint(endpoint.url, attempts=1) as opened:
            asking = Asking(opened, "j", {}, judge_words(), at_once=3)
            holes = {"question": "?", "context": "c"}
            return await together([asking.ask("relevance_first", "zh", holes, Rating) for _ in range(12)])

    with ScriptedEndpoint(said) as endpoint:
        assert len(asyncio.run(go())) == 12
    assert most == 3


def test_the_first_question_that_fails_ends_the_others():
    ended = []

    async def slow():
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("slow")
            raise

    async def bad():
        await asyncio.sleep(0)
        raise JudgeError("judge_no_json")

    with pytest.raises(JudgeError, match="judge_no_json"):
        asyncio.run(together([slow(), bad()]))
    assert ended == ["slow"]


def test_the_judge_is_asked_at_temperature_0_unless_told_otherwise():
    async def go(parameters):
        async with open_endpoint(endpoint.url, attempts=1) as opened:
            await Asking(opened, "j", parameters, judge_words()).ask("relevance_first", "en", {}, Rating)

    with ScriptedEndpoint(lambda path, body: '{"rating": 0}') as endpoint:
        asyncio.run(go({}))
        asyncio.run(go({"temperature": 0.3}))
        assert [body["temperature"] for _, body, _ in endpoint.asked] == [0, 0.3]
