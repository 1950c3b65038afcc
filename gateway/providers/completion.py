"""Chat completions of our own making, in OpenAI's shapes: one body, or a stream of events.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import regex

DONE: Final = b"data: [DONE]\n\n"
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
_TOKEN: Final = regex.compile(r"[\p{Han}\u3000-\u303f\uff00-\uffef]|[^\s\p{Han}\u3000-\u303f\uff00-\uffef]+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Head:
    """What every chunk of one completion says alike; ``created`` is in seconds since the epoch."""

    id: str
    created: int
    model: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool; ``arguments`` is JSON in pieces."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice, each text in the pieces in which it is streamed."""

    content: tuple[str, ...] | None
    reasoning: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = "stop"


def tokens(text: str) -> list[str]:
    """Cut a text into tokens: one Han character or wide sign, or one other word with its space."""
    return [match[0] for match in _TOKEN.finditer(text)]


def usage(prompt: int, completion: int) -> dict[str, int]:
    """Return OpenAI's usage object."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def whole(head: Head, choices: Sequence[Choice], counts: Mapping[str, int]) -> bytes:
    """Write a completion as one body."""
    return orjson.dumps(
        {
            "id": head.id,
            "object": "chat.completion",
            "created": head.created,
            "model": head.model,
            "choices": [
                {"index": index, "message": _message(choice), "logprobs": None, "finish_reason": choice.finish}
                for index, choice in enumerate(choices)
            ],
            "usage": counts,
        }
    )


def events(head: Head, choices: Sequence[Choice], counts: Mapping[str, int] | None) -> Iterator[bytes]:
    """Write a completion as events: role, pieces, finish for all choices in turn, usage, terminal.

    Args:
        head: What all chunks say.
        choices: What to say.
        counts: The usage, if the client asked for it.
    """
    pieces = [list(_deltas(choice)) for choice in choices]
    for turn in range(max(map(len, pieces), default=0)):
        for index, deltas in enumerate(pieces):
            if turn < len(deltas):
                yield _chunk(head, [_part(index, deltas[turn])], counts is not None)
    for index, choice in enumerate(choices):
        yield _chunk(head, [_part(index, {}, choice.finish)], counts is not None)
    if counts is not None:
        yield _chunk(head, [], True, counts)
    yield DONE


def _message(choice: Choice) -> dict[str, Any]:
    content = None if choice.content is None else "".join(choice.content)
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None}
    if choice.reasoning:
        message["reasoning_content"] = "".join(choice.reasoning)
    if choice.tool_calls:
        message["tool_calls"] = [
            _tool_call(number, tool.name, "".join(tool.arguments)) for number, tool in enumerate(choice.tool_calls)
        ]
    return message


def _deltas(choice: Choice) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": None if choice.content is None else ""}
    for piece in choice.reasoning:
        yield {"reasoning_content": piece}
    for piece in choice.content or ():
        yield {"content": piece}
    for number, tool in enumerate(choice.tool_calls):
        yield {"tool_calls": [{"index": number, **_tool_call(number, tool.name, "")}]}
        for piece in tool.arguments:
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}


def _tool_call(number: int, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def _part(index: int, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def _chunk(
    head: Head, choices: list[dict[str, Any]], with_usage: bool, counts: Mapping[str, int] | None = None
) -> bytes:
    body: dict[str, Any] = {
        "id": head.id,
        "object": "chat.completion.chunk",
        "created": head.created,
        "model": head.model,
        "choices": choices,
    }
    if with_usage:
        body["usage"] = counts
    return b"data: " + orjson.dumps(body) + b"\n\n"


# --- Reading the question ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What a chat request asks of a provider that makes its answers up.

    Attributes:
        text: The last user message's text.
        prompt: Tokens in all messages.
        n: How many choices.
        most: How many tokens at most, or None.
        usage: Whether a stream is to tell its usage.
    """

    text: str
    prompt: int
    n: int
    most: int | None
    usage: bool


def asked(body: bytes) -> Asked:
    """Read a chat request that its dialect has checked."""
    request = orjson.loads(body)
    messages = request.get("messages") or []
    texts = [(message.get("role"), _text(message.get("content"))) for message in messages]
    options = request.get("stream_options") or {}
    return Asked(
        text=next((text for role, text in reversed(texts) if role == "user"), ""),
        prompt=sum(len(tokens(text)) for _, text in texts),
        n=request.get("n") or 1,
        most=request.get("max_completion_tokens") or request.get("max_tokens"),
        usage=bool(options.get("include_usage")),
    )


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") if isinstance(part, dict) else str(part) for part in content)
    return ""
