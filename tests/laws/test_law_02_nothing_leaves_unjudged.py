"""Law 2: nothing leaves before every rule that could forbid it has ruled.

Mutants killed: text released before its scan settles; the last piece flushed without judging it;
``choices[1]`` not judged; reasoning or tool arguments not judged.
"""

from __future__ import annotations

import asyncio

import aiohttp
import orjson
import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import SAFE, pattern, plan, rule, side
from kit.upstream import ScriptedUpstream, chat_json, chat_sse, events, whole

from gateway.providers.openai_compatible import OpenAICompatible

SIDE = side({"drug": pattern("drug", "贩毒|毒品|drug deal")}, [rule("drug", "refuse")])
PLAN = plan(response=SIDE)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("text", ["他因贩毒被捕", "see the drug deal here", "毒品", "结尾是毒品"])
async def test_a_forbidden_word_never_leaves_in_any_shape(text: str, stream: bool) -> None:
    body = events(chat_sse(list(text))) if stream else whole(chat_json(text))
    async with ScriptedUpstream(body) as upstream:
        async with serving(parts(PLAN, {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
            seen = await post(gate.url, chat("问", model="up", stream=stream))
    assert seen.reason() == "content_filter"
    assert SAFE.zh in seen.text()
    for word in ("贩毒", "毒品", "drug deal"):
        assert word not in seen.text()
        assert word.encode() not in seen.body


async def test_a_word_that_may_still_become_forbidden_waits() -> None:
    go = asyncio.Event()
    pieces = chat_sse(["他", "因贩", "卖水果被夸"])
    async with ScriptedUpstream(events([*pieces[:3], go, *pieces[3:]])) as upstream:
        async with serving(parts(PLAN, {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
            got = b""
            async with (
                aiohttp.ClientSession() as session,
                session.post(gate.url + "/v1/chat/completions", json=chat("问", model="up", stream=True)) as response,
            ):
                while "因".encode() not in got:
                    got += await response.content.readany()
                assert "贩".encode() not in got
                go.set()
                got += await response.read()
    assert "贩".encode() in got
    assert got.endswith(b"data: [DONE]\n\n")


async def test_every_choice_every_thought_and_every_tool_argument_is_judged() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"q":"\\u6bd2\\u54c1"}'}}
    answer = {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "好"}, "finish_reason": "stop"},
            {"index": 1, "message": {"role": "assistant", "content": "毒品"}, "finish_reason": "stop"},
            {
                "index": 2,
                "message": {"role": "assistant", "content": "好", "reasoning_content": "想想毒品"},
                "finish_reason": "stop",
            },
            {
                "index": 3,
                "message": {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [call],
                },
                "finish_reason": "tool_calls",
            },
        ]
    }
    async with ScriptedUpstream(whole(orjson.dumps(answer))) as upstream:
        async with serving(parts(PLAN, {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
            seen = await post(gate.url, chat("问", model="up", n=4))
            await gate.recorded(1)
    assert [seen.reason(choice) for choice in range(4)] == ["stop", *["content_filter"] * 3]
    assert seen.text(0) == "好"
    assert "毒品".encode() not in seen.body
    assert b"\\u6bd2" not in seen.body.lower()
    hits = gate.records.records[0].response.hits
    assert [hit.slot for hit in hits] == ["choices[1].content", "choices[2].reasoning", "choices[3].arguments[0]"]
