"""Each vendor that LiteLLM is there for gets a request of its own format, with our key where it wants it.

The servers are ours: what is checked is what LiteLLM sends to an address that it is given and what it makes of an
answer in the vendor's format, not whether a vendor takes it today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from kit.messages import message_json
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway.ports import Call
from gateway.providers.litellm import LiteLLM
from gateway.providers.timeouts import Timeouts

pytestmark = pytest.mark.anyio

KEY = "sk-our-own-secret"
PATIENT = Timeouts(connect=60.0, first_byte=120.0, idle=60.0)  # the first call of a vendor imports for seconds

GEMINI = orjson.dumps(
    {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "好"}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
        "modelVersion": "gemini-x",
    }
)
CONVERSE = orjson.dumps(
    {
        "output": {"message": {"role": "assistant", "content": [{"text": "好"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
        "metrics": {"latencyMs": 1},
    }
)
CHAT = chat_json("好", usage=(3, 2))


def chats(said: Any) -> list[str]:
    return [message["content"] for message in said["messages"]]


def anthropics(said: Any) -> list[str]:
    system = said["system"]
    return [system if isinstance(system, str) else system[0]["text"], said["messages"][0]["content"][0]["text"]]


def geminis(said: Any) -> list[str]:
    system = said.get("system_instruction", said.get("systemInstruction"))
    parts = [*(system["parts"] if system else []), *said["contents"][0]["parts"]]
    return [part["text"] for part in parts]


def converses(said: Any) -> list[str]:
    return [said["system"][0]["text"], said["messages"][0]["content"][0]["text"]]


@dataclass(frozen=True, slots=True)
class Vendor:
    """What a vendor's server sees and says.

    Attributes:
        model: LiteLLM's name of the model.
        path: Where it asks.
        key: The header with our key, and what it holds.
        texts: Finds the texts of a request.
        answer: What the server says.
        named: The model's name in the body; None where it stands in the path.
        options: What LiteLLM needs to know besides.
    """

    model: str
    path: str
    key: tuple[str, str] = ("authorization", f"Bearer {KEY}")
    texts: Any = chats
    answer: bytes = CHAT
    named: str | None = "m-1"
    options: dict[str, str] = field(default_factory=dict)


VENDORS = [
    Vendor("anthropic/m-1", "/v1/messages", ("x-api-key", KEY), anthropics, message_json("好", usage=(3, 2))),
    Vendor("gemini/m-1", "/models/m-1:generateContent", ("x-goog-api-key", KEY), geminis, GEMINI, None),
    Vendor(
        "bedrock/converse/anthropic.m-1",
        "/model/anthropic.m-1/converse",
        texts=converses,
        answer=CONVERSE,
        named=None,
        options={"aws_region_name": "us-east-1"},
    ),
    Vendor(
        "azure/m-1",
        "/openai/deployments/m-1/chat/completions?api-version=2024-10-21",
        ("api-key", KEY),
        options={"api_version": "2024-10-21"},
    ),
    Vendor("dashscope/m-1", "/chat/completions"),
    Vendor("zai/m-1", "/chat/completions"),
    Vendor("moonshot/m-1", "/chat/completions"),
    Vendor("volcengine/m-1", "/chat/completions"),
    Vendor("deepseek/m-1", "/chat/completions"),
    Vendor("minimax/m-1", "/v1/chat/completions"),
]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.model)
async def test_a_vendor_is_asked_in_its_own_format(vendor: Vendor) -> None:
    messages = [{"role": "system", "content": "简短 short"}, {"role": "user", "content": "你好"}]
    body = {"model": vendor.model, "messages": messages, "max_tokens": 9}
    call = Call("1", "/chat/completions", vendor.model, orjson.dumps(body), False)
    async with ScriptedUpstream(whole(vendor.answer)) as upstream:
        provider = LiteLLM(
            "any", KEY, base_url=upstream.url.removesuffix("/v1"), timeouts=PATIENT, options=vendor.options
        )
        answer = await provider.open(call)
        said = orjson.loads(b"".join([chunk async for chunk in answer.chunks()]))
    (request,) = upstream.requests
    assert request.path == vendor.path
    assert request.headers[vendor.key[0]] == vendor.key[1]
    assert request.json.get("model") == vendor.named
    assert vendor.texts(request.json) == ["简短 short", "你好"]
    assert 9 in _numbers(request.json)
    assert said["choices"][0]["message"]["content"] == "好"
    assert said["choices"][0]["finish_reason"] == "stop"
    assert (said["usage"]["prompt_tokens"], said["usage"]["completion_tokens"]) == (3, 2)


def _numbers(said: Any) -> list[int]:
    """Every number in a body: vendors call the most tokens of an answer by different names."""
    if isinstance(said, dict):
        return [number for item in said.values() for number in _numbers(item)]
    if isinstance(said, list):
        return [number for item in said for number in _numbers(item)]
    return [said] if isinstance(said, int) else []
