"""Chunks of a chat answer as OpenAI writes them, and the frames that a stream of them makes."""

from __future__ import annotations

from typing import Any

import orjson

from gateway.exchange import Question
from gateway.ports import Frame
from gateway.wire.chat_answer import ChatStream
from kit.upstream import sse

HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m"}


def question(*, stream: bool = True, usage: bool = False) -> Question:
    """What was asked."""
    return Question("chat", b"{}", {}, "asked-model", stream, (), usage=usage)


def chunk(*choices: dict[str, Any], **fields: Any) -> bytes:
    """One event."""
    return sse(orjson.dumps({**HEAD, "choices": list(choices), **fields}))


def choice(delta: Any, index: int = 0, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """One choice of a chunk."""
    return {"index": index, "delta": delta, "finish_reason": finish, **fields}


def frames(*pieces: bytes) -> list[Frame]:
    """The frames that bytes make."""
    codec = ChatStream(question(), "up")
    return [frame for piece in pieces for frame in codec.feed(piece)]
