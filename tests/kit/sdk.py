"""What OpenAI's own SDK makes of the bytes of an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from openai._streaming import SSEDecoder
from openai.types.chat import ChatCompletion, ChatCompletionChunk


@dataclass(slots=True)
class Heard:
    """A streamed answer as a client sees it.

    Attributes:
        chunks: Every chunk, parsed by the SDK's own types.
        errors: Error objects in the stream; the SDK raises on the first.
        done: How many terminals there are.
        after: Events after the first terminal.
    """

    chunks: list[ChatCompletionChunk] = field(default_factory=list)
    raw: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    done: int = 0
    after: int = 0

    def text(self, choice: int = 0, key: str = "content") -> str:
        """All text of one choice under one key of its deltas."""
        return "".join(
            item["delta"].get(key) or "" for one in self.raw for item in one["choices"] if item["index"] == choice
        )

    def arguments(self, choice: int = 0, call: int = 0) -> str:
        """All arguments of one tool call."""
        return "".join(
            (entry.get("function") or {}).get("arguments") or ""
            for one in self.raw
            for item in one["choices"]
            if item["index"] == choice
            for entry in item["delta"].get("tool_calls") or ()
            if entry["index"] == call
        )

    def reasons(self, choice: int = 0) -> list[str]:
        """Every finish reason that one choice was given."""
        return [
            item["finish_reason"]
            for one in self.raw
            for item in one["choices"]
            if item["index"] == choice and item.get("finish_reason")
        ]


def hear(stream: bytes, *, typed: bool = True) -> Heard:
    """Decode a stream with the SDK's decoder, and its types unless the upstream's own shape has none there."""
    heard = Heard()
    for event in SSEDecoder().iter_bytes(iter([stream])):
        if heard.done:
            heard.after += 1
        if event.data.startswith("[DONE]"):
            heard.done += 1
            continue
        data = json.loads(event.data)
        if "error" in data:
            heard.errors.append(data["error"])
            continue
        heard.raw.append(data)
        if typed:
            heard.chunks.append(ChatCompletionChunk.model_validate(data))
    return heard


def completion(body: bytes) -> ChatCompletion:
    """Parse a whole answer with the SDK's types."""
    return ChatCompletion.model_validate(json.loads(body))
