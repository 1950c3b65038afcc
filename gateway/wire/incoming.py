"""Take an answer as it comes, whole or event by event; one that is too large counts as broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from gateway.errors import UpstreamBroke
from gateway.wire.chat_frame import broke, parse
from gateway.wire.sse import Event, EventBuffer

MOST_HELD: Final = 8 * 1024 * 1024
"""Bytes that one event may have before its upstream counts as broken."""

MOST_WHOLE: Final = 64 * 1024 * 1024
"""Bytes that a whole answer may have before its upstream counts as broken."""

T = TypeVar("T")
Take = Callable[[Event], Iterable[T]]
"""Makes things of one event; raises ``UpstreamBroke`` for one that does not fit."""


class EventFlow:
    """Takes the events of a stream, one by one. Sans-I/O.

    What came before a broken event counts, however the network cut the bytes: it is given back, and the fault is
    raised with the next call. Who makes something of the events is told with every call and not kept: an answer
    goes without the garbage collector.

    Args:
        upstream: Who sends it, for errors.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._buffer = EventBuffer()
        self._fault: UpstreamBroke | None = None

    @property
    def broken(self) -> bool:
        """Whether an event did not fit."""
        return self._fault is not None

    def feed(self, chunk: bytes, take: Take[T]) -> list[T]:
        """Take bytes, return what the complete events make; raises ``UpstreamBroke``."""
        events = self._buffer.feed(chunk)
        if self._buffer.held > MOST_HELD:
            raise broke(self._upstream, f"sent an event of more than {MOST_HELD} bytes")
        return self.make(events, take)

    def rest(self, take: Take[T]) -> list[T]:
        """The upstream closed: return what is left; raises ``UpstreamBroke``."""
        return self.make(self._buffer.rest(), take)

    def make(self, events: Iterable[Event], take: Take[T]) -> list[T]:
        """Return what events make; raises ``UpstreamBroke``."""
        self.check()
        made: list[T] = []
        try:
            for event in events:
                made.extend(take(event))
        except UpstreamBroke as error:
            self._fault = error
            if not made:
                raise
        return made

    def check(self) -> None:
        """Raise ``UpstreamBroke`` if an event did not fit."""
        if self._fault is not None:
            raise self._fault


class WholeBody:
    """Collects an answer that comes as one body.

    Args:
        upstream: Who sends it, for errors.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._raw = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take bytes; raises ``UpstreamBroke`` for too many."""
        self._raw += chunk
        if len(self._raw) > MOST_WHOLE:
            raise broke(self._upstream, f"sent an answer of more than {MOST_WHOLE} bytes")

    def raw(self) -> bytes:
        """Return all of it."""
        return bytes(self._raw)

    def object(self) -> dict[str, Any]:
        """Return the object that it is; raises ``UpstreamBroke`` if it is none."""
        return parse(self.raw(), "an answer", self._upstream)
