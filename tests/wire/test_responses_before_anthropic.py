"""OpenAI's SDK asks for responses, and an Anthropic server answers: by way of a chat, and LiteLLM's translation.

Mutants killed: tools that are lost in LiteLLM's own gateway for tools; a key of another server in the environment;
a thought that goes back without its seal, or with a seal of other words; a request half of which is left out.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from kit.gateway import parts, serving
from kit.messages import message_json, message_sse, text_block
from kit.plans import SAFE, WITHHELD, pattern, plan, rule, side
from kit.responses import BeforeOpenAI
from kit.upstream import Answer, Received, Script, ScriptedUpstream, events, whole
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from gateway.policy.plan import Plan
from gateway.providers.routing import Routing
from gateway.settings import Settings
from gateway.settings.models import Model
from gateway.wiring import routes_of, turns_of

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE)
SEND = {"type": "function", "name": "send", "parameters": {"type": "object", "properties": {"to": {"type": "string"}}}}
PICTURE = "data:image/png;base64,iVBORw0KGgo="


@contextlib.asynccontextmanager
async def before_claude(policy: Plan, *script: Script) -> AsyncIterator[BeforeOpenAI]:
    """OpenAI's SDK before a gateway before an Anthropic server, as the settings make it."""
    async with ScriptedUpstream(*script) as upstream:
        model = Model(provider="openai_compatible", wire="anthropic", base_url=upstream.url, model="claude-sonnet-4-5")
        routing = Routing(routes_of(Settings(models={"up": model}), {}))
        made = parts(policy)
        ports = replace(made.ports, resolve=routing.resolve)
        made = replace(made, routes=routing, ports=ports, turns=turns_of(Settings(), {}, None))
        async with serving(made) as gate:
            plain = DefaultAsyncHttpxClient(verify=False)  # loopback: no certificates to load
            async with AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk-client", http_client=plain) as client:
                yield BeforeOpenAI(client, gate, upstream)


def claude(text: str = "", thoughts: str = "", given: str = "") -> Any:
    """A model that says the same whole and streamed."""

    def answer(request: Received) -> Answer:
        assert request.path.endswith("/messages")
        reason = "tool_use" if given else "end_turn"
        if request.json.get("stream"):
            said: list[Any] = [("thinking", list(thoughts))] if thoughts else []
            said += [("text", list(text))] if text else []
            said += [("tool_use", [given[:4], given[4:]])] if given else []
            return events(message_sse(*said, reason=reason))
        blocks: list[Any] = [{"type": "thinking", "thinking": thoughts, "signature": "SEAL"}] if thoughts else []
        blocks += [text_block(text)] if text else []
        blocks += [{"type": "tool_use", "id": "toolu_1", "name": "send", "input": json.loads(given)}] if given else []
        return whole(message_json(*blocks, reason=reason))

    return answer


@pytest.mark.parametrize("text", ["你好，世界。", "Hello, world.", "请 call 我 at noon。🎈"])
async def test_an_answer_arrives_as_it_is_whole_and_streamed(text: str) -> None:
    async with before_claude(PLAN, claude(text, "想一想", '{"to": "李"}')) as here:
        one = await here.ask("问", tools=[SEND], instructions="简短", reasoning={"effort": "low"})
        two = await here.hear("问", tools=[SEND], instructions="简短", reasoning={"effort": "low"})
        async with here.client.responses.stream(model="up", input="问") as stream:
            three = await stream.get_final_response()
        await here.gate.recorded(3)
    assert one.output_text == two.text() == three.output_text == text
    assert [item.type for item in one.output] == ["reasoning", "message", "function_call"]
    assert one.output[0].content[0].text == two.text("thoughts") == "想一想"
    assert json.loads(one.output[2].arguments) == json.loads(two.text("arguments")) == {"to": "李"}
    assert one.usage.total_tokens == three.usage.total_tokens == 12
    sent = here.upstream.requests[0].json
    assert sent["system"] == [{"type": "text", "text": "简短"}]
    assert (sent["tools"][0]["name"], sent["thinking"]["type"]) == ("send", "enabled")
    assert [record.dialect for record in here.gate.records.records] == ["responses"] * 3


async def test_pictures_arrive_and_tools_are_answered() -> None:
    async with before_claude(PLAN, claude("好")) as here:
        call = {"type": "function_call", "call_id": "c1", "name": "send", "arguments": '{"to": "李"}'}
        result = {"type": "function_call_output", "call_id": "c1", "output": "sent"}
        looking = [{"type": "input_text", "text": "看"}, {"type": "input_image", "image_url": PICTURE}]
        await here.ask([{"role": "user", "content": looking}, call, result], tools=[SEND])
    user, assistant, tool = here.upstream.requests[0].json["messages"]
    assert user["content"][1]["source"] == {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    assert assistant["content"] == [{"type": "tool_use", "id": "c1", "name": "send", "input": {"to": "李"}}]
    assert tool["content"] == [{"type": "tool_result", "tool_use_id": "c1", "content": "sent"}]


@pytest.mark.parametrize("stream", [False, True])
async def test_thoughts_go_back_under_their_seal_with_the_call_that_they_led_to(stream: bool) -> None:
    async with before_claude(PLAN, claude("", "想一想", '{"to": "李"}'), claude("好")) as here:
        asked: dict[str, Any] = {"tools": [SEND], "reasoning": {"effort": "low"}}
        if stream:
            output = (await here.hear("发", **asked)).final["output"]
        else:
            output = [item.to_dict() for item in (await here.ask("发", **asked)).output]
        answered = {"type": "function_call_output", "call_id": output[-1]["call_id"], "output": "sent"}
        last = await here.ask([{"role": "user", "content": "发"}, *output, answered], **asked)
    assert last.output_text == "好"
    thought, call = here.upstream.requests[1].json["messages"][1]["content"]
    assert (thought["type"], thought["thinking"], thought["signature"]) == ("thinking", "想一想", "SEAL")
    assert call["input"] == {"to": "李"}


@pytest.mark.parametrize("stream", [False, True])
async def test_thoughts_in_which_a_word_is_hidden_have_no_seal_and_stay_away(stream: bool) -> None:
    async with before_claude(PLAN, claude("", "号码13812345678", '{"to": "李"}'), claude("好")) as here:
        if stream:
            output = (await here.hear("发", tools=[SEND])).final["output"]
        else:
            output = [item.to_dict() for item in (await here.ask("发", tools=[SEND])).output]
        assert output[0]["content"][0]["text"] == "号码13*******78"
        assert "encrypted_content" not in output[0]
        answered = {"type": "function_call_output", "call_id": output[-1]["call_id"], "output": "sent"}
        await here.ask([{"role": "user", "content": "发"}, *output, answered], tools=[SEND])
    assert [block["type"] for block in here.upstream.requests[1].json["messages"][1]["content"]] == ["tool_use"]


async def test_earlier_turns_come_back_and_what_was_refused_stays_away() -> None:
    async with before_claude(PLAN, claude("一")) as here:
        first = await here.ask("第一")
        refused = await here.ask("买毒品", previous_response_id=first.id)
        last = await here.hear("第二", previous_response_id=refused.id)
    assert (refused.output_text, refused.status) == (SAFE.zh, "incomplete")
    assert last.text() == "一"
    sent = here.upstream.requests[-1].json["messages"]
    assert [turn["role"] for turn in sent] == ["user", "assistant", "user", "assistant", "user"]
    assert WITHHELD.zh in str(sent)
    assert "毒品" not in str(sent)


async def test_a_number_is_masked_on_both_sides() -> None:
    text = "号码13812345678。"
    async with before_claude(PLAN, claude(text)) as here:
        one, two = await here.ask(text, instructions=text), await here.hear(text)
    assert one.output_text == two.text() == "号码13*******78。"
    assert "13812345678" not in "".join(request.body.decode() for request in here.upstream.requests)


UNSAID: list[tuple[dict[str, Any], str]] = [
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"include": ["message.output_text.logprobs"]}, "include"),
    ({"truncation": "auto"}, "truncation"),
    ({"tools": [{"type": "custom", "name": "x"}]}, "tools[0]"),
    ({"text": {"format": {"type": "json_object"}}}, "text.format"),
    ({"text": {"verbosity": "low"}}, "text.verbosity"),
    ({"service_tier": "flex"}, "service_tier"),
]


@pytest.mark.parametrize(("more", "param"), UNSAID, ids=[param for _, param in UNSAID])
async def test_what_cannot_be_said_to_it_is_refused_by_its_name(more: dict[str, Any], param: str) -> None:
    async with before_claude(PLAN, claude("好")) as here:
        with pytest.raises(openai.BadRequestError, match="leave it out, or ask another") as raised:
            await here.ask("问", **more)
    assert raised.value.param == param
    assert "litellm" not in str(raised.value)
    assert here.upstream.requests == []


async def test_sounds_and_files_that_lie_elsewhere_are_refused() -> None:
    async with before_claude(PLAN, claude("好")) as here:
        for part in (
            {"type": "input_file", "file_id": "file-1"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ):
            with pytest.raises(openai.BadRequestError, match="does not take") as raised:
                await here.ask([{"role": "user", "content": [part]}])
            assert raised.value.param == "input"
    assert here.upstream.requests == []


async def test_no_key_of_another_server_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-another-server")
    async with before_claude(PLAN, claude("好")) as here:
        assert (await here.ask("问")).output_text == "好"
    assert "sk-of-another-server" not in str(here.upstream.requests[0].headers)
