"""Whatever a server does, a judge gives a verdict or an error of a kind that says what happened."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from kit.judging import build, opinions, reaching, says
from kit.upstream import Answer, ScriptedUpstream, chat_json, hangup, raw, redirect, silence, whole

from gateway.detectors.judges.posting import at
from gateway.errors import JudgeAway, JudgeNonsense, JudgeTimeout

GOOD = says("safe")


@pytest.mark.parametrize(
    ("answer", "error", "counts"),
    [
        (whole(b"{}", status=500), JudgeAway, True),
        (whole(b"{}", status=503, retry_after="1"), JudgeAway, True),
        (whole(b"{}", status=429), JudgeAway, True),
        (whole(b"{}", status=401), JudgeAway, True),
        (whole(b"{}", status=404), JudgeAway, True),
        (whole(b"{}", status=400), JudgeAway, False),
        (whole(b"{}", status=413), JudgeAway, False),
        (whole(b"{}", status=422), JudgeAway, False),
        (redirect("http://127.0.0.1:1/"), JudgeAway, True),
        (hangup(), JudgeAway, True),
        (raw(b"not http at all\r\n\r\n"), JudgeAway, True),
        (Answer([chat_json("safe")[:40]], headers={"content-type": "application/json"}, then="close"), JudgeAway, True),
        (Answer([chat_json("safe")[:40]], headers={"content-type": "application/json"}, then="reset"), JudgeAway, True),
        (whole(b'"' + b"x" * 1_100_000 + b'"'), JudgeAway, True),
        (silence(), JudgeTimeout, True),
        (
            Answer([chat_json("safe")[:40]], headers={"content-type": "application/json"}, then="stall"),
            JudgeTimeout,
            True,
        ),
        (whole(b""), JudgeNonsense, None),
        (whole(b"<html>busy</html>"), JudgeNonsense, None),
        (whole(b"[]"), JudgeNonsense, None),
        (whole(b'{"choices": []}'), JudgeNonsense, None),
        (whole(b'{"choices": [7]}'), JudgeNonsense, None),
        (whole(b'{"choices": [{"message": {"content": ["safe"]}}]}'), JudgeNonsense, None),
        (whole(b'{"error": {"message": "model not loaded"}}'), JudgeNonsense, None),
        (whole(b"\xff\xfe{}"), JudgeNonsense, None),
    ],
)
async def test_a_server_that_misbehaves_is_an_error(
    answer: Answer, error: type[Exception], counts: bool | None
) -> None:
    async with ScriptedUpstream(answer) as server, reaching() as world:
        judge = build("llama_guard", world, model="g", base_url=server.url, timeout=0.3)
        with pytest.raises(error) as told:
            await opinions(judge, "text")
        if isinstance(told.value, JudgeAway):
            assert told.value.counts is counts
        server.then(GOOD)
        assert await opinions(judge, "text") == {}


async def test_nobody_listening_is_away() -> None:
    async with reaching() as world:
        with pytest.raises(JudgeAway, match="Upstream 'judge': cannot connect"):
            await opinions(build("llama_guard", world, model="g", base_url="http://127.0.0.1:1/v1"), "text")


async def test_an_answer_without_an_end_is_not_read_to_the_end() -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(60):
            sent += 1
            yield b" " * 1_000_000

    json = {"content-type": "application/json"}
    async with ScriptedUpstream(Answer(endless(), headers=json)) as server, reaching() as world:
        with pytest.raises(JudgeAway):
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "text")
    assert sent < 30


async def test_an_answer_that_swells_when_it_is_unpacked_is_not_unpacked_to_the_end() -> None:
    packed = gzip.compress(b'"' + b"x" * 50_000_000 + b'"')
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    async with ScriptedUpstream(Answer([packed], headers=headers)) as server, reaching() as world:
        with pytest.raises(JudgeAway):
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "text")


async def test_a_judge_that_is_given_up_is_let_go() -> None:
    async with ScriptedUpstream(silence()) as server, reaching() as world:
        with pytest.raises(JudgeTimeout):
            await opinions(build("llama_guard", world, model="g", base_url=server.url, timeout=0.05), "text")
        await server.left.wait()


async def test_no_message_holds_the_text_or_what_the_server_said() -> None:
    said = whole(b'{"error": "canary-answer"}', status=500)
    async with ScriptedUpstream(said) as server, reaching() as world:
        with pytest.raises(JudgeAway) as told:
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "canary-text")
    assert str(told.value) == "Upstream 'judge': answered with HTTP 500."


async def test_a_key_that_is_refused_is_said_to_be_so() -> None:
    async with ScriptedUpstream(whole(b"{}", status=401)) as server, reaching() as world:
        with pytest.raises(JudgeAway, match="refuses our key"):
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "text")


@pytest.mark.parametrize(
    ("path", "found"),
    [(("a", 0, "b"), 1), (("a", -1, "b"), 1), (("a", 1), None), (("b",), None), (("a", "b"), None), ((0,), None)],
)
def test_what_is_not_there_is_nothing(path: Any, found: Any) -> None:
    assert at({"a": [{"b": 1}]}, *path) == found
