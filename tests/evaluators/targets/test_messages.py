import asyncio

import pytest
from kit.endpoint import ScriptedEndpoint

from evaluators.pace import Meters, Purse
from evaluators.sample import Failure, Response, Sample
from evaluators.targets.asked import Asked
from evaluators.targets.messages import request
from evaluators.targets.opening import open_targets

SAMPLE = Sample("a", "你好", "zh")


def ask(said, messages, parameters=None):
    async def go(url):
        asked = Asked(False, url, "claude", "MY_KEY", parameters or {}, 5.0, 1, kind="messages")
        async with open_targets(asked, {"MY_KEY": "k1"}, Meters(Purse(), lambda: 0.0), lambda: 0.0) as targets:
            return await targets[""].ask(SAMPLE, messages)

    with ScriptedEndpoint(lambda path, body: said) as endpoint:
        response = asyncio.run(go(endpoint.url))
    return endpoint.asked[0], response


def test_anthropics_messages_are_spoken():
    said = {
        "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "…"},
            {"type": "text", "text": "您"},
            {"type": "text", "text": "好"},
        ],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 9, "output_tokens": 2},
    }
    (path, body, headers), response = ask(
        said, [{"role": "system", "content": "S"}, {"role": "user", "content": "你好"}], {"temperature": 0}
    )
    assert path == "/messages"
    assert (headers["x-api-key"], headers["anthropic-version"]) == ("k1", "2023-06-01")
    assert "authorization" not in headers
    assert body == {
        "max_tokens": 1024, "temperature": 0, "model": "claude", "stream": False, "system": "S",
        "messages": [{"role": "user", "content": "你好"}],
    }  # fmt: skip
    assert response == Response("您好", "stop", model="claude-x", input_tokens=9, output_tokens=2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"content": [], "stop_reason": "refusal"}, Response("", "content_filter", declined=True)),
        ({"content": [{"type": "text", "text": "半"}], "stop_reason": "max_tokens"}, Response("半", "length")),
        ({"content": "text"}, Failure("malformed")),
        ({"content": [{"type": "text", "text": 3}]}, Failure("malformed")),
        ((401, {}), Failure("http_401")),
    ],
)
def test_what_it_says_is_read_as_it_is_meant(said, expected):
    assert ask(said, [{"role": "user", "content": "你好"}])[1] == expected


def test_a_tools_result_becomes_blocks():
    call = {"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    body = request("m", {}, [
        {"role": "user", "content": "读"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "文"},
    ])  # fmt: skip
    assert [one["role"] for one in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"] == [{"type": "tool_use", "id": "c", "name": "read", "input": {}}]
    assert body["messages"][2]["content"] == [{"type": "tool_result", "tool_use_id": "c", "content": "文"}]
    assert body["tools"] == [{"name": "read", "input_schema": {"type": "object"}}]
