from __future__ import annotations

import re
import time

import orjson
import pytest
from kit.chat import chunk_texts, read, stream_chunks
from openai.types.chat import ChatCompletion

from gateway.errors import UpstreamRefused
from gateway.ports import Call
from gateway.providers.echo import Echo

pytestmark = pytest.mark.anyio


def call(text: object, **fields: object) -> Call:
    messages = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "早先的话"},
        {"role": "assistant", "content": "ok"},
        {"role": "user", "content": text},
    ]
    body = orjson.dumps({"model": "echo-1", "messages": messages, **fields})
    return Call("01J", "/chat/completions", "echo-1", body, bool(fields.get("stream")))


ECHO = Echo("demo", clock=lambda: 1_700_000_000.9)

TEXTS = [
    ("你好，世界。", ["你", "好", "，", "世", "界", "。"]),
    ("hello big world", ["hello ", "big ", "world"]),
    ("请call我 now。OK", ["请", "call", "我", " ", "now", "。", "OK"]),
    ("don't 🙂 é\n\n二", ["don't ", "🙂 ", "é\n\n", "二"]),
    ("", []),
    ("   ", ["   "]),
]


@pytest.mark.parametrize(("text", "cut"), TEXTS)
async def test_a_whole_answer_says_the_last_user_message(text: str, cut: list[str]) -> None:
    answer = ChatCompletion.model_validate_json(b"".join(await read(ECHO, call(text))), strict=True)
    assert answer.choices[0].message.content == text
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.id, answer.created, answer.model) == ("chatcmpl-01J", 1_700_000_000, "echo-1")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (2 + 4 + 1 + len(cut), len(cut))
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@pytest.mark.parametrize(("text", "cut"), TEXTS)
async def test_a_stream_says_it_token_by_token(text: str, cut: list[str]) -> None:
    events = await read(ECHO, call(text, stream=True))
    chunks = stream_chunks(events)
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", *cut, None]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(cut) + 1) + ["stop"]
    assert {chunk.id for chunk in chunks} == {"chatcmpl-01J"}
    assert events[-1] == b"data: [DONE]\n\n"


async def test_the_parts_of_a_message_are_said_as_one() -> None:
    parts = [{"type": "text", "text": "看图"}, {"type": "image_url", "image_url": {"url": "x"}}, "说话"]
    assert chunk_texts(await read(ECHO, call(parts, stream=True))) == {0: "看图说话"}


async def test_every_choice_is_answered() -> None:
    whole = ChatCompletion.model_validate_json(b"".join(await read(ECHO, call("你好", n=3))))
    assert [choice.message.content for choice in whole.choices] == ["你好"] * 3
    assert [choice.index for choice in whole.choices] == [0, 1, 2]
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 6
    assert chunk_texts(await read(ECHO, call("你好", n=3, stream=True))) == {0: "你好", 1: "你好", 2: "你好"}


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize(("most", "said", "finish"), [(2, "你好", "length"), (3, "你好there", "stop")])
async def test_the_token_limit_is_honoured(limit: str, most: int, said: str, finish: str) -> None:
    text = "你好there"
    whole = ChatCompletion.model_validate_json(b"".join(await read(ECHO, call(text, **{limit: most}))))
    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == (said, finish)
    events = await read(ECHO, call(text, stream=True, **{limit: most}))
    assert chunk_texts(events) == {0: said}
    assert stream_chunks(events)[-1].choices[0].finish_reason == finish


async def test_usage_ends_a_stream_only_if_asked_for() -> None:
    without = stream_chunks(await read(ECHO, call("你好", stream=True)))
    asked = stream_chunks(await read(ECHO, call("你好", stream=True, stream_options={"include_usage": True})))
    assert all(chunk.usage is None and chunk.choices for chunk in without)
    assert asked[-1].choices == []
    assert asked[-1].usage is not None
    assert asked[-1].usage.completion_tokens == 2


async def test_a_question_without_a_user_message_gets_an_empty_answer() -> None:
    body = orjson.dumps({"model": "m", "messages": [{"role": "system", "content": "守则"}]})
    answer = await read(ECHO, Call("1", "/chat/completions", "m", body, False))
    assert orjson.loads(answer[0])["choices"][0]["message"]["content"] == ""


async def test_other_paths_are_refused() -> None:
    with pytest.raises(UpstreamRefused, match=re.escape("'demo': does not serve /moderations; ask")) as caught:
        await ECHO.open(Call("1", "/moderations", "m", b"{}", False))
    assert caught.value.status == 404


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_takes_as_long_as_its_tokens(stream: bool) -> None:
    begun = time.monotonic()
    await read(Echo("slow", clock=time.time, delay=0.01), call("你好吗", stream=stream))
    assert time.monotonic() - begun >= 0.03
