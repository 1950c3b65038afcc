"""A load generator that is cheaper than what it measures: requests go out, times come back, nothing else is kept."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from time import perf_counter
from typing import Final, cast

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_FIRST_WORD: Final = re.compile(rb'"(?:content|delta|text)": ?"[^"]')
_END: Final = b"0\r\n\r\n"
_LOOK_BACK: Final = 16
"""Bytes in which a first word or an end may be cut in two."""
_HEAD_END: Final = b"\r\n\r\n"
_PATIENCE: Final = 15.0


class LoadError(Exception):
    """The server under test did not answer as it should."""


@dataclass(slots=True)
class Leg:
    """What one stretch of load showed.

    Attributes:
        seconds: How long it was measured.
        times: Seconds that each answer took, from the first byte sent to the last byte received.
        firsts: Seconds until the first word of each streamed answer was there.
        failed: Answers with another status than 200.
    """

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds if self.seconds else 0.0


class Reply:
    """Reads one answer as far as needed: its status, its first word, its end. Sans-I/O."""

    __slots__ = ("_buffer", "_left", "_tail", "ok", "spoke")

    def __init__(self) -> None:
        self._buffer = b""
        self._left = -1  # bytes of the body still to come; -2: ends with the last chunk
        self._tail = b""
        self.ok = False
        self.spoke = False

    def feed(self, data: bytes) -> bool:
        """Take bytes; return whether the answer is complete."""
        if self._left == -1:
            data = self._buffer + data
            at = data.find(_HEAD_END)
            if at < 0:
                self._buffer = data
                return False
            self._buffer = b""
            self.ok = data[9:12] == b"200"
            length = _LENGTH.search(data, 0, at + 2)
            self._left = int(length[1]) if length else -2
            data = data[at + 4 :]
        read = self._tail + data
        self._tail = read[-_LOOK_BACK:]
        if not self.spoke:
            self.spoke = _FIRST_WORD.search(read) is not None
        if self._left == -2:
            return read.endswith(_END)
        self._left -= len(data)
        return self._left <= 0


class _Asker(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._transport: asyncio.Transport
        self._reply = Reply()
        self._asked = self._first = 0.0
        self.answers = 0
        self.finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        reply = self._reply
        complete = reply.feed(data)
        if reply.spoke and not self._first:
            self._first = perf_counter()
        if not complete:
            return
        self.answers += 1
        if self._load.took(self, self._asked, self._first, reply.ok):
            self._ask()
        else:
            self.finished = True
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(self)

    def _ask(self) -> None:
        request = self._load.following()
        self._reply, self._first, self._asked = Reply(), 0.0, perf_counter()
        self._transport.write(request)


class _Load:
    """What the connections of one leg share: when it counts, when it ends, what was seen."""

    def __init__(self, following: Callable[[], bytes], at_once: int, begin: float, end: float, each: float) -> None:
        self.following = following
        self.leg = Leg()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open, self._begin, self._end, self._each = at_once, begin, end, each

    def took(self, asker: _Asker, asked: float, first: float, ok: bool) -> bool:
        """Note an answer; return whether to go on."""
        now = perf_counter()
        leg = self.leg
        leg.failed += not ok
        if self._begin <= now <= self._end:
            leg.times.append(now - asked)
            if first:
                leg.firsts.append(first - asked)
        return now < self._end and asker.answers < self._each

    def lost(self, asker: _Asker) -> None:
        """A connection ended: ours, or the server's doing."""
        self._open -= 1
        if self.done.done():
            return
        if not asker.finished:
            self.done.set_exception(LoadError("the server closed a connection under load"))
        elif not self._open:
            self.done.set_result(None)


async def load(
    port: int,
    following: Callable[[], bytes],
    *,
    at_once: int,
    seconds: float = inf,
    warm: float = 0.0,
    each: float = inf,
) -> Leg:
    """Keep ``at_once`` requests under way, each connection in a closed loop.

    Args:
        port: Where the server listens on 127.0.0.1.
        following: Makes the next request.
        at_once: How many connections.
        seconds: How long to measure.
        warm: Seconds before that, which do not count.
        each: How many answers each connection waits for at most.

    Raises:
        LoadError: The server closed a connection, or is silent.
    """
    loop = asyncio.get_running_loop()
    begin = perf_counter() + warm
    state = _Load(following, at_once, begin, begin + seconds, each)
    gc.collect()
    gc.disable()
    try:
        async with asyncio.timeout(warm + min(seconds, 60.0) + _PATIENCE):
            for _ in range(at_once):
                await loop.create_connection(lambda: _Asker(state), "127.0.0.1", port)
            await state.done
    except TimeoutError:
        raise LoadError("the server does not answer") from None
    except OSError as error:
        raise LoadError(f"the server does not take connections ({type(error).__name__})") from None
    finally:
        gc.enable()
    state.leg.seconds = min(seconds, perf_counter() - begin)
    return state.leg
