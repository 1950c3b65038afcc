"""What an answer cost is told: in a header, or in a comment before a stream's end, which real SDKs pass over.

Mutants killed: a comment after the end; one in a stream whose model has no price; a cost of the wrong tokens; a
record without it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import anthropic
import pytest
from kit.asking import post
from kit.gateway import Running, parts, serving
from kit.messages import message_json, message_sse, text_block
from kit.plans import SAFE, pattern, plan, rule, side
from kit.responses import response_json, response_sse
from kit.upstream import Answer, Received, ScriptedUpstream, chat_json, chat_sse, events, whole
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from gateway.exchange import Cost
from gateway.policy.plan import Plan
from gateway.ports import Price, Route
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.routing import Routing

PRICE = Price(1.0, 10.0)
TOLD = b": x-sluice-tokens: 7+5\n: x-sluice-cost: 0.000057 CNY\n\n"
REFUSING = plan(response=side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse")]))


def answering(text: str) -> Any:
    """A server that speaks every format, and counts 7 tokens and 5."""

    def answer(request: Received) -> Answer:
        streamed, pieces = request.json.get("stream"), list(text)
        if request.path.endswith("/messages"):
            return events(message_sse(("text", pieces))) if streamed else whole(message_json(text_block(text)))
        if request.path.endswith("/responses"):
            return events(response_sse(("text", pieces))) if streamed else whole(response_json(("text", text)))
        return events(chat_sse(pieces, usage=(7, 5))) if streamed else whole(chat_json(text, usage=(7, 5)))

    return answer


@contextlib.asynccontextmanager
async def priced(text: str, price: Price | None = PRICE, policy: Plan | None = None) -> AsyncIterator[Running]:
    """A gateway before models of both formats: ``up`` and ``claude``."""
    async with ScriptedUpstream(answering(text)) as upstream:
        made = parts(policy or plan(), producer=None)
        names: dict[str, Any] = {"up": "openai", "claude": "anthropic"}
        prices = {name: {name: price} if price else {} for name in names}
        routes = {
            name: Route(name, OpenAICompatible(name, upstream.url, "sk"), name, wire=wire, prices=prices[name])
            for name, wire in names.items()
        }
        routing = Routing(routes)
        ports = replace(made.ports, resolve=routing.resolve, currency="CNY")
        async with serving(replace(made, routes=routing, ports=ports)) as gate:
            yield gate


ASKED: list[tuple[str, dict[str, Any], bytes]] = [
    ("/v1/chat/completions", {"model": "up", "messages": [{"role": "user", "content": "问"}]}, b"data: [DONE]\n\n"),
    ("/v1/responses", {"model": "up", "input": "问"}, b"event: response.completed\n"),
    (
        "/v1/messages",
        {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "问"}]},
        b"event: message_stop\n",
    ),
]
PATHS = [path for path, _, _ in ASKED]


@pytest.mark.parametrize(("path", "body", "end"), ASKED, ids=PATHS)
async def test_a_stream_says_what_it_cost_before_its_last_event(path: str, body: dict[str, Any], end: bytes) -> None:
    async with priced("你好") as gate:
        one = await post(gate.url, body, path=path)
        two = await post(gate.url, {**body, "stream": True}, path=path)
        await gate.recorded(2)
    assert one.headers["x-sluice-cost"] == "0.000057 CNY"
    assert b"x-sluice-cost" not in one.body
    assert "x-sluice-cost" not in two.headers
    assert (two.body.count(TOLD), two.body.count(b"x-sluice")) == (1, 2)
    assert two.body.partition(TOLD)[2].rpartition(end)[1]
    assert [record.cost for record in gate.records.records] == [Cost(57, "CNY")] * 2


@pytest.mark.parametrize(("path", "body", "end"), ASKED, ids=PATHS)
async def test_a_stream_of_a_model_without_a_price_says_nothing(path: str, body: dict[str, Any], end: bytes) -> None:
    async with priced("你好", price=None) as gate:
        seen = await post(gate.url, {**body, "stream": True}, path=path)
    assert end in seen.body
    assert b"x-sluice" not in seen.body


async def test_a_stream_that_we_stop_says_what_it_cost_until_then() -> None:
    async with priced("买毒品", policy=REFUSING) as gate:
        path, body, _ = ASKED[0]
        seen = await post(gate.url, {**body, "stream": True}, path=path)
        await gate.recorded(1)
    cost = gate.records.records[0].cost
    assert cost is not None
    assert f": x-sluice-cost: {cost}\n\n".encode() in seen.body
    assert seen.body.endswith(b"data: [DONE]\n\n")
    assert seen.text().endswith(SAFE.zh)


async def test_sdks_pass_over_it() -> None:
    plain = DefaultAsyncHttpxClient(verify=False)  # loopback: no certificates to load
    messages: Any = [{"role": "user", "content": "问"}]
    async with (
        priced("你好") as gate,
        AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk", http_client=plain) as client,
    ):
        async with client.chat.completions.stream(model="up", messages=messages) as chat:
            said = (await chat.get_final_completion()).choices[0].message.content
        async with client.responses.stream(model="up", input="问") as response:
            answered = (await response.get_final_response()).output_text
        async with anthropic.AsyncAnthropic(
            base_url=gate.url, api_key="sk", http_client=anthropic.DefaultAsyncHttpxClient(verify=False)
        ) as it:
            async with it.messages.stream(model="claude", max_tokens=9, messages=messages) as message:
                told = await message.get_final_text()
    assert said == answered == told == "你好"
