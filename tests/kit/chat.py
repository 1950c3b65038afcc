"""Reads what a provider answers, with OpenAI's own types as the judge of the shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from openai.types.chat import ChatCompletionChunk

from gateway.ports import Call, Provider

DONE = b"data: [DONE]\n\n"


async def read(provider: Provider, call: Call) -> list[bytes]:
    """Ask, read to the end, and let go."""
    answer = await provider.open(call)
    try:
        return [chunk async for chunk in answer.chunks()]
    finally:
        await answer.aclose()


def stream_chunks(pieces: Iterable[bytes]) -> list[ChatCompletionChunk]:
    """Parse a stream strictly: nothing but ``data:`` events, and exactly one terminal at the end."""
    stream = b"".join(pieces)
    assert stream.endswith(DONE)
    events = stream.removesuffix(DONE).split(b"\n\n")[:-1]
    return [ChatCompletionChunk.model_validate_json(event.removeprefix(b"data: "), strict=True) for event in events]


def chunk_texts(pieces: Iterable[bytes]) -> dict[int, str]:
    """Return what each choice of a stream says."""
    said: dict[int, str] = defaultdict(str)
    for chunk in stream_chunks(pieces):
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    return dict(said)
