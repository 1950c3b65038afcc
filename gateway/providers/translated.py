"""Reach a model that speaks another wire format than the client: the request there, the answer back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final, Protocol

from gateway.errors import UpstreamRefused
from gateway.ports import Call, Provider, Upstream
from gateway.providers.completion import EVENTS, JSON

_UNKNOWN: Final = (404, 405, 501)
"""What servers answer where they do not serve a path."""


class StreamTranslation(Protocol):
    """Translates one stream, sans-I/O."""

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes as they come, return what they make; raises ``UpstreamBroke``."""
        ...

    def finish(self) -> bytes:
        """The upstream closed: return what is left."""
        ...


class Translation(Protocol):
    """Translates between two wire formats; pure."""

    path: str

    def about(self, body: bytes) -> Translation:
        """Return the translation for one request: an answer may have to repeat it."""
        ...

    def alone(self, path: str, body: bytes) -> bytes | None:
        """Return the answer to a request that the other format does not have; None for one to translate."""
        ...

    def request(self, body: bytes) -> bytes:
        """Return the request in the other format; raises ``RequestError`` for what that cannot express."""
        ...

    def whole(self, raw: bytes, upstream: str) -> bytes:
        """Return a whole answer in the client's format; raises ``UpstreamBroke``."""
        ...

    def stream(self, upstream: str) -> StreamTranslation:
        """Return what translates one stream."""
        ...

    def refusal(self, status: int, body: bytes) -> bytes:
        """Return an HTTP error's body in the client's envelope; empty if it cannot be read."""
        ...


class Translated:
    """A provider of one wire format in front of one of another. Headers of the client's format stay behind.

    Args:
        inner: Reaches the model.
        translation: Translates requests and answers.
    """

    def __init__(self, inner: Provider, translation: Translation) -> None:
        self.name = inner.name
        self._inner, self._translation = inner, translation

    async def open(self, call: Call) -> Upstream:
        """Begin an answer; raises what the inner provider raises, in the client's envelope."""
        translation = self._translation.about(call.body)
        if (body := translation.alone(call.path, call.body)) is not None:
            return _Known(body)
        body, written = translation.request(call.body), self._written(call.written)
        asked = replace(call, path=translation.path, body=body, headers={}, written=written)
        try:
            answer = await self._inner.open(asked)
        except UpstreamRefused as error:
            error.body = translation.refusal(error.status, error.body)
            raise
        return _Turned(answer, translation, self.name)

    async def aclose(self) -> None:
        """Close what the inner provider holds."""
        await self._inner.aclose()

    def _written(self, write: Callable[[str], bytes] | None) -> Callable[[str], bytes] | None:
        """Return what writes the request for another name of the model, in the other format."""
        return None if write is None else lambda model: self._translation.request(write(model))


class Counting:
    """A provider whose server may not count tokens: then they are estimated.

    Args:
        inner: Reaches the server.
        translation: Estimates.
    """

    def __init__(self, inner: Provider, translation: Translation) -> None:
        self.name = inner.name
        self._inner, self._translation = inner, translation

    async def open(self, call: Call) -> Upstream:
        """Begin an answer; raises what the inner provider raises."""
        try:
            return await self._inner.open(call)
        except UpstreamRefused as error:
            if error.status in _UNKNOWN and (body := self._translation.alone(call.path, call.body)) is not None:
                return _Known(body)
            raise

    async def aclose(self) -> None:
        """Close what the inner provider holds."""
        await self._inner.aclose()


class _Turned:
    """An answer that is translated on its way."""

    def __init__(self, answer: Upstream, translation: Translation, name: str) -> None:
        self._answer, self._translation, self._name = answer, translation, name
        self._events = answer.content_type.startswith(EVENTS)
        self.content_type = EVENTS if self._events else JSON

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the translated bytes as they come."""
        if not self._events:
            raw = b"".join([chunk async for chunk in self._answer.chunks()])
            yield self._translation.whole(raw, self._name)
            return
        stream = self._translation.stream(self._name)
        async for chunk in self._answer.chunks():
            if piece := stream.feed(chunk):
                yield piece
        if piece := stream.finish():
            yield piece

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._answer.aclose()


class _Known:
    """An answer that is there already."""

    content_type = JSON

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield it."""
        yield self._body

    async def aclose(self) -> None:
        """Nothing is held."""
