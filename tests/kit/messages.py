"""Anthropic's shapes, and Anthropic's own SDK before a gateway before a scripted upstream."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient

from gateway.policy.plan import Plan
from gateway.ports import Provider, Route
from gateway.privacy.keys import Keyring
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.routing import Routing
from gateway.providers.timeouts import Timeouts
from kit.gateway import Running, parts, serving
from kit.upstream import Script, ScriptedUpstream, sse

Block = tuple[Literal["text", "thinking", "tool_use"], Sequence[str]]
"""A block and the pieces of its text; the input of a tool is JSON in pieces."""

HEAD: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
_DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
}


def text_block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def message_json(
    *blocks: dict[str, Any] | str, reason: str = "end_turn", usage: tuple[int, int] = (7, 5), **fields: Any
) -> bytes:
    """A whole message; bare texts are text blocks."""
    content = [text_block(block) if isinstance(block, str) else block for block in blocks]
    counts = {"input_tokens": usage[0], "output_tokens": usage[1]}
    ending = {"stop_reason": reason, "stop_sequence": None, "usage": counts}
    return orjson.dumps({**HEAD, "content": content, **ending, **fields})


def named(data: Mapping[str, Any]) -> bytes:
    """One event under its own name."""
    return sse(orjson.dumps(data), name=str(data["type"]))


def message_sse(
    *blocks: Block, reason: str | None = "end_turn", usage: tuple[int, int] = (7, 5), stop: bool = True
) -> list[bytes]:
    """A streamed message, one event a piece; ``reason=None`` leaves the closing delta out."""
    counts = {"input_tokens": usage[0], "output_tokens": 1}
    begun = {**HEAD, "content": [], "stop_reason": None, "stop_sequence": None, "usage": counts}
    out = [named({"type": "message_start", "message": begun}), named({"type": "ping"})]
    for index, (form, pieces) in enumerate(blocks):
        start: dict[str, Any] = {"type": form}
        start |= {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}.get(
            form, {"id": f"toolu_{index}", "name": "send", "input": {}}
        )
        out.append(named({"type": "content_block_start", "index": index, "content_block": start}))
        kind, key = _DELTAS[form]
        deltas = [{"type": kind, key: piece} for piece in pieces]
        out += [named({"type": "content_block_delta", "index": index, "delta": delta}) for delta in deltas]
        if form == "thinking":
            seal = {"type": "signature_delta", "signature": "SEAL"}
            out.append(named({"type": "content_block_delta", "index": index, "delta": seal}))
        out.append(named({"type": "content_block_stop", "index": index}))
    if reason is not None:
        ending = {"stop_reason": reason, "stop_sequence": None}
        out.append(named({"type": "message_delta", "delta": ending, "usage": {"output_tokens": usage[1]}}))
    if stop:
        out.append(named({"type": "message_stop"}))
    return out


@dataclass(frozen=True, slots=True)
class BeforeClaude:
    """What stands on the two sides of a gateway.

    Attributes:
        client: Anthropic's SDK, pointed at the gateway; retries as by default.
        gate: The gateway; its model is called ``up``.
        upstream: What lies behind it.
    """

    client: AsyncAnthropic
    gate: Running
    upstream: ScriptedUpstream

    async def ask(self, *messages: Any, **more: Any) -> Any:
        """Ask for a message; bare texts are the user's."""
        return await self.client.messages.create(**body(*messages, **more))

    async def hear(self, *messages: Any, **more: Any) -> Any:
        """Ask for a stream, read it to its end with the SDK's helper, and return the message it made."""
        async with self.client.messages.stream(**body(*messages, **more)) as stream:
            return await stream.get_final_message()

    async def events(self, *messages: Any, **more: Any) -> list[Any]:
        """Ask for a stream and return its raw events."""
        stream = await self.client.messages.create(**body(*messages, **more), stream=True)
        return [event async for event in stream]


def body(*messages: Any, model: str = "up", max_tokens: int = 100, **more: Any) -> dict[str, Any]:
    """A body; bare texts are the user's."""
    turns = [{"role": "user", "content": one} if isinstance(one, str) else one for one in messages]
    return {"model": model, "max_tokens": max_tokens, "messages": turns, **more}


def said(message: Any) -> str:
    """All text of a message."""
    return "".join(block.text for block in message.content if block.type == "text")


@contextlib.asynccontextmanager
async def before_claude(
    plan: Plan,
    *script: Script,
    wire: Literal["openai", "anthropic"] = "anthropic",
    ring: Keyring | None = None,
    provider: Provider | None = None,
    keys: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[BeforeClaude]:
    """Serve a gateway under ``plan`` before an upstream of either wire format that answers by ``script``."""
    async with ScriptedUpstream(*script) as upstream:
        waits = Timeouts(1.0, 2.0, 2.0)
        extra = {"key_header": "x-api-key"} if wire == "anthropic" else {}
        reached = provider or OpenAICompatible("up", upstream.url, "sk-upstream", timeouts=waits, **extra)
        made = parts(plan, {"up": reached}, ring=ring, keys=keys)
        routing = Routing({"up": Route("up", reached, "up", wire=wire)})
        made = replace(made, routes=routing, ports=replace(made.ports, resolve=routing.resolve))
        async with serving(made) as gate:
            plain = DefaultAsyncHttpxClient(verify=False)  # loopback: no certificates to load
            client = AsyncAnthropic(base_url=gate.url, api_key="sk-client", default_headers=headers, http_client=plain)
            async with client:
                yield BeforeClaude(client, gate, upstream)
