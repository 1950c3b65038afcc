"""A gateway before a scripted upstream, and OpenAI's own SDK before the gateway."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from gateway.policy.plan import Plan
from gateway.privacy.keys import Keyring
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.timeouts import Timeouts
from kit.gateway import Running, parts, serving
from kit.upstream import Script, ScriptedUpstream


@dataclass(frozen=True, slots=True)
class Between:
    """What stands on the two sides of a gateway.

    Attributes:
        client: OpenAI's SDK, pointed at the gateway; retries as by default.
        gate: The gateway; its model is called ``up``.
        upstream: What lies behind it.
    """

    client: AsyncOpenAI
    gate: Running
    upstream: ScriptedUpstream

    async def ask(self, *messages: Any, **more: Any) -> Any:
        """Ask for a completion; bare texts are the user's."""
        return await self.client.chat.completions.create(model="up", messages=turns(*messages), **more)

    async def hear(self, *messages: Any, **more: Any) -> Heard:
        """Ask for a stream and read it to its end."""
        return await Heard.of(await self.ask(*messages, stream=True, **more))


class Heard:
    """A stream, read to its end.

    Attributes:
        chunks: Every chunk.
    """

    def __init__(self, chunks: list[ChatCompletionChunk]) -> None:
        self.chunks = chunks

    @classmethod
    async def of(cls, stream: AsyncStream[ChatCompletionChunk]) -> Heard:
        """Read ``stream`` to its end."""
        return cls([chunk async for chunk in stream])

    def text(self, choice: int = 0) -> str:
        """All content of one choice."""
        return self._joined(choice, lambda delta: delta.content)

    def reasoning(self, choice: int = 0) -> str:
        """All reasoning of one choice."""
        return self._joined(choice, lambda delta: getattr(delta, "reasoning_content", None))

    def arguments(self, call: int = 0, choice: int = 0) -> str:
        """All arguments of one tool call."""
        return "".join(
            (item.function.arguments or "")
            for chunk in self.chunks
            for one in chunk.choices
            if one.index == choice
            for item in one.delta.tool_calls or ()
            if item.index == call and item.function
        )

    def reasons(self, choice: int = 0) -> list[str]:
        """Every finish reason of one choice."""
        return [
            one.finish_reason
            for chunk in self.chunks
            for one in chunk.choices
            if one.index == choice and one.finish_reason
        ]

    def _joined(self, choice: int, read: Callable[[Any], str | None]) -> str:
        return "".join(read(one.delta) or "" for chunk in self.chunks for one in chunk.choices if one.index == choice)


def turns(*messages: Any) -> list[Any]:
    """Messages; bare texts are the user's."""
    return [{"role": "user", "content": one} if isinstance(one, str) else one for one in messages]


@contextlib.asynccontextmanager
async def between(
    plan: Plan, *script: Script, headers: Mapping[str, str] | None = None, ring: Keyring | None = None
) -> AsyncIterator[Between]:
    """Serve a gateway under ``plan`` before an upstream that answers by ``script``."""
    async with ScriptedUpstream(*script) as upstream:
        provider = OpenAICompatible("up", upstream.url, "sk-upstream", timeouts=Timeouts(1.0, 2.0, 2.0))
        async with serving(parts(plan, {"up": provider}, ring=ring)) as gate:
            client = AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk-client", default_headers=headers)
            async with client:
                yield Between(client, gate, upstream)
