"""The demonstration model: it says the last user message back; a picture or a sound it makes by formula."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway.errors import UpstreamRefused
from gateway.ports import Call, Clock
from gateway.providers import demonstration
from gateway.providers.completion import EVENTS, JSON, Choice, Head, asked, events, tokens, usage, whole

PATH = "/chat/completions"
_IMAGES = "/images/generations"
_SPEECH = "/audio/speech"
_EMBEDDINGS = "/embeddings"


class Echo:
    """Answers a chat with its last user message, token by token where a stream is asked for.

    The same call gives the same bytes but for ``created``. ``n`` and ``max_tokens`` are honoured. A request for
    pictures gets fields of colours, one for speech a tone of a second, as WAV whatever format is asked for, one for
    embeddings vectors of the letters.

    Args:
        name: The configured name, for messages.
        clock: Gives the time of ``created``.
        delay: Seconds before every token, as a model would take; a whole answer takes them all.
    """

    def __init__(self, name: str, *, clock: Clock, delay: float = 0.0) -> None:
        self.name = name
        self._clock = clock
        self._delay = delay

    async def open(self, call: Call) -> Said:
        """Begin to say the question back.

        Raises:
            UpstreamRefused: 404 for anything but a chat, pictures, speech and embeddings.
        """
        if call.path == _IMAGES:
            made = await asyncio.to_thread(demonstration.images, call.body, int(self._clock()))
            return Said(JSON, [made], self._delay)
        if call.path == _SPEECH:
            return Said("audio/wav", [await asyncio.to_thread(demonstration.speech, call.body)], self._delay)
        if call.path == _EMBEDDINGS:
            return Said(JSON, [await asyncio.to_thread(demonstration.vectors, call.body)], self._delay)
        if call.path != PATH:
            raise not_served(self.name, call.path)
        question = asked(call.body)
        words = tokens(question.text)
        kept = words if question.most is None else words[: question.most]
        choice = Choice(tuple(kept), finish="stop" if kept == words else "length")
        choices = [choice] * question.n
        head = Head(f"chatcmpl-{call.id}", int(self._clock()), call.model)
        counts = usage(question.prompt, len(kept) * question.n)
        if call.stream:
            return Said(EVENTS, list(events(head, choices, counts if question.usage else None)), self._delay)
        return Said(JSON, [whole(head, choices, counts)], self._delay * len(kept))

    async def aclose(self) -> None:
        """Nothing is open."""


class Said:
    """An answer whose bytes are known from the start."""

    def __init__(self, content_type: str, pieces: list[bytes], delay: float) -> None:
        self.content_type = content_type
        self._pieces = pieces
        self._delay = delay

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces, each after its delay."""
        for piece in self._pieces:
            # Without a delay too: others get their turn between two pieces, as with a real model.
            await asyncio.sleep(self._delay)
            yield piece

    async def aclose(self) -> None:
        """Nothing is held."""


def not_served(name: str, path: str) -> UpstreamRefused:
    """Say that this provider does not serve a path, and what to do."""
    message = f"Upstream {name!r}: does not serve {path}; ask another model."
    return UpstreamRefused(message, upstream=name, status=404)
