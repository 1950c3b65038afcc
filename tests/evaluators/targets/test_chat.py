import asyncio

import pytest
from kit.endpoint import ScriptedEndpoint, completion

from evaluators.endpoint import open_endpoint
from evaluators.sample import Failure, Response, Sample
from evaluators.targets import ChatTarget, RecordedTarget

SAMPLE = Sample("a", "你好", "zh", answer="已记录")
MESSAGES = [{"role": "user", "content": "你好"}]


def ask(url, *, key="", seconds=10.0, attempts=3, waits=None):
    async def sleep(pause):
        if waits is not None:
            waits.append(pause)

    async def go():
        async with open_endpoint(url, key=key, seconds=seconds, attempts=attempts, sleep=sleep) as endpoint:
            return await ChatTarget(endpoint, "m1", {"temperature": 0}, lambda: 0.0).ask(SAMPLE, MESSAGES)

    return asyncio.run(go())


def test_an_answer_comes_with_what_the_report_needs():
    with ScriptedEndpoint(
        lambda path, body: completion("您好", model="echo-1"), {"x-sluice-policy": "base@ab12"}
    ) as endpoint:
        said = ask(endpoint.url, key="k1")
    assert said == Response("您好", "stop", model="echo-1", policy="base@ab12")
    (path, body, headers) = endpoint.asked[0]
    assert path == "/chat/completions"
    assert body == {"temperature": 0, "model": "m1", "messages": MESSAGES, "stream": False}
    assert headers["authorization"] == "Bearer k1"


@pytest.mark.parametrize(
    ("made", "calls"),
    [
        ([{"function": {"name": "f", "arguments": '{"城市": "北京"}'}}], ({"name": "f", "args": {"城市": "北京"}},)),
        ([{"function": {"name": "f", "arguments": "{"}}, 7, {}], ({"name": "f", "args": {"": "{"}},)),
        ([{"function": {"name": "f", "arguments": "[1]"}}], ({"name": "f", "args": {"": "[1]"}},)),
        ([{"function": {"name": "f"}}], ({"name": "f", "args": {}},)),
        ("x", ()),
        (None, ()),
    ],
)
def test_calls_of_tools_come_with_the_answer(made, calls):
    with ScriptedEndpoint(lambda path, body: completion(None, finish="tool_calls", tool_calls=made)) as endpoint:
        assert ask(endpoint.url).calls == calls


def test_recorded_calls_come_with_a_recorded_answer():
    call = {"name": "f", "args": {}}
    said = asyncio.run(RecordedTarget().ask(Sample("a", "?", "zh", answer="好", called=(call,)), MESSAGES))
    assert said.calls == (call,)


def test_no_key_sends_no_authorization():
    with ScriptedEndpoint(lambda path, body: "好") as endpoint:
        ask(endpoint.url)
    assert "authorization" not in endpoint.asked[0][2]


@pytest.mark.parametrize(
    ("body", "text", "declined"),
    [
        (completion("抱歉", finish="content_filter"), "抱歉", True),
        (completion(None, refusal="I can't."), "I can't.", True),
        (completion(None), "", False),
        ((400, {"error": {"code": "content_filter", "message": "…"}}), "", True),
    ],
)
def test_the_wire_can_say_that_the_target_declined(body, text, declined):
    with ScriptedEndpoint(lambda path, _: body) as endpoint:
        said = ask(endpoint.url)
    assert isinstance(said, Response)
    assert (said.text, said.declined) == (text, declined)


@pytest.mark.parametrize(
    ("body", "code", "times"),
    [
        ((401, {"error": {}}), "http_401", 1),
        ((400, {"error": {"code": "other"}}), "http_400", 1),
        ((429, {}), "http_429", 3),
        ((500, {}), "http_500", 3),
        ((307, {"location": "/v1/elsewhere"}), "http_307", 1),
        ({"choices": []}, "malformed", 1),
        ({"choices": [{"message": {"content": 7}}]}, "malformed", 1),
    ],
)
def test_a_failure_is_a_value_with_a_stable_code(body, code, times):
    with ScriptedEndpoint(lambda path, _: body) as endpoint:
        said = ask(endpoint.url)
    assert said == Failure(code, 0.0, times)
    assert len(endpoint.asked) == times


def test_what_passes_is_asked_again_after_growing_pauses():
    answers = iter([(503, {}), (429, {"retry-after": "7"}), completion("好")])
    waits: list[float] = []
    with ScriptedEndpoint(lambda path, body: next(answers)) as endpoint:
        said = ask(endpoint.url, waits=waits)
    assert said == Response("好", "stop", model="m", attempts=3)
    assert waits == [0.5, 7.0]


def test_a_pause_that_the_endpoint_asks_for_has_a_limit():
    answers = iter([(429, {"retry-after": "86400"}), completion("好")])
    waits: list[float] = []
    with ScriptedEndpoint(lambda path, body: next(answers)) as endpoint:
        ask(endpoint.url, waits=waits)
    assert waits == [30.0]


def test_nobody_there_is_unreachable():
    with ScriptedEndpoint(lambda path, body: "") as endpoint:
        url = endpoint.url
    assert ask(url, attempts=2) == Failure("unreachable", 0.0, 2)


def test_an_answer_that_does_not_come_is_a_timeout():
    async def never(path, body):
        await asyncio.sleep(30)

    with ScriptedEndpoint(never) as endpoint:
        assert ask(endpoint.url, seconds=0.05, attempts=1) == Failure("timeout", 0.0, 1)


def test_recorded_answers_need_no_endpoint():
    target = RecordedTarget()
    assert asyncio.run(target.ask(SAMPLE, MESSAGES)) == Response("已记录", "stop")
    assert asyncio.run(target.ask(Sample("b", "?", "zh"), MESSAGES)) == Failure("no_recorded_answer")
