"""The clients: each asks, takes its answer or leaves, and asks again; what came of each question is noted."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import orjson

from benchmarks.conformance.seen import Seen, read
from benchmarks.soak.asks import FORBIDDEN, Asked

PATIENCE: Final = 90.0
"""Seconds beyond what a stream takes after which an answer that does not end is one that is stuck."""
_REMEMBERED: Final = 4
"""Turns after which a client goes on from no earlier answer: the gateway keeps only so many."""
_IDLE: Final = 2.0
"""Seconds that a connection is kept for the next question: fewer than the gateway keeps it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A question that was sent, and what came of it.

    Attributes:
        user: Who asked; no two questions share a user.
        id: The gateway's id of the exchange; empty if the client left before the head of the answer.
        left: The client left before the end of the answer.
    """

    user: str
    id: str
    left: bool


@dataclass(slots=True)
class Noted:
    """What all clients saw.

    Attributes:
        begun: Every question that was sent.
        kinds: How many of which kind: ``chat stream``, ``left``, ``refused``, ``personal``, ``broken``.
        faults: What should not be, each with its user.
        unsent: Questions that never left the client.
    """

    begun: list[Begun] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    unsent: int = 0


class Clients:
    """Asks a gateway, each question once.

    Args:
        url: The gateway's, without a path.
        noted: Where what is seen goes.
        patience: Seconds that an answer may take.

    Attributes:
        open: How many questions are under way.
    """

    def __init__(self, url: str, noted: Noted, patience: float = PATIENCE) -> None:
        self._url, self._noted, self._patience = url, noted, patience
        self.open = 0

    async def __aenter__(self) -> Clients:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_chunk_sent.append(_sent)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE),
            timeout=aiohttp.ClientTimeout(total=self._patience),
            trace_configs=[tracing],
            auto_decompress=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def keep_asking(self, following: Callable[[int], Asked], until: float, turns: float = inf) -> None:
        """Ask one question after the other.

        Args:
            following: Gives the question of each turn.
            until: The time on the monotonic clock after which none is begun.
            turns: How many are asked at most.
        """
        earlier: str | None = None
        turn, known = 0, 0
        while turn < turns and monotonic() < until:
            asked = following(turn)
            turn += 1
            if id := await self.ask(asked, earlier if turn - known <= _REMEMBERED else None):
                earlier, known = id, turn

    async def ask(self, asked: Asked, earlier: str | None = None) -> str | None:
        """Ask, and take the answer or leave.

        Args:
            asked: What.
            earlier: The id of an answer to go on from.

        Returns:
            The id of the answer, where later questions may go on from it.
        """
        self.open += 1
        sent, spoken = asyncio.Event(), asyncio.Event()
        task = asyncio.ensure_future(self._exchange(asked, earlier, sent, spoken))
        try:
            if asked.leaves is not None:
                since = asyncio.ensure_future((spoken if asked.patient else sent).wait())
                await asyncio.wait([task, since], return_when=asyncio.FIRST_COMPLETED)
                since.cancel()
                await asyncio.wait([task], timeout=asked.leaves)
                task.cancel()
            return await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
            return None
        finally:
            self.open -= 1

    async def _exchange(
        self, asked: Asked, earlier: str | None, sent: asyncio.Event, spoken: asyncio.Event
    ) -> str | None:
        noted, id, left, raw = self._noted, "", False, b""
        headers = {"content-type": "application/json", "anthropic-version": "2023-06-01"}
        asking = self._session.post(
            self._url + asked.path,
            data=orjson.dumps(asked.body(earlier)),
            headers=headers,
            trace_request_ctx=sent,
        )
        try:
            async with asking as response:
                id = response.headers.get("x-sluice-request-id", "")
                try:
                    async for piece in response.content.iter_any():
                        raw += piece
                        spoken.set()
                except asyncio.CancelledError:
                    if asked.abrupt and response.connection and response.connection.transport:
                        response.connection.transport.abort()
                    response.close()
                    raise
                return self._look(asked, read(asked.dialect, asked.stream, response.status, response.headers, raw))
        except asyncio.CancelledError:
            left = True
            raise
        except TimeoutError:
            noted.faults.append(f"{asked.user}: no end of the answer within {self._patience:.0f} s")
        except aiohttp.ClientError as error:
            what = f"after {len(raw)} bytes of the answer" if id else "before an answer"
            noted.faults.append(f"{asked.user}: the connection broke {what} ({type(error).__name__})")
        finally:
            if sent.is_set():
                noted.begun.append(Begun(asked.user, id, left))
                self._count(asked, left=left)
            else:
                noted.unsent += 1
        return None

    def _count(self, asked: Asked, *, left: bool) -> None:
        kinds = self._noted.kinds
        kinds[f"{asked.dialect} {'stream' if asked.stream else 'whole'}"] += 1
        kinds["clients that left"] += left
        kinds["questions that the policy refuses"] += asked.forbidden
        kinds["questions with personal data"] += bool(asked.private)
        kinds[f"model: {asked.model}"] += 1

    def _look(self, asked: Asked, seen: Seen) -> str | None:
        """Hold an answer that was taken whole against what it must be; return its id where it can be gone on from."""
        for fault in faults(asked, seen):
            self._noted.faults.append(f"{asked.user} ({asked.dialect}, model {asked.model}): {fault}")
        return answer_id(asked, seen)


def faults(asked: Asked, seen: Seen) -> list[str]:
    """Return what is wrong with an answer whose client stayed to its end."""
    found = []
    streamed = "text/event-stream" in seen.headers.get("content-type", "")
    if seen.status == 200 and asked.stream != streamed:
        found.append(f"stream is {asked.stream}, and the answer is {seen.headers.get('content-type')}")
    if streamed and (seen.terminals != 1 or seen.after) and not (seen.error_ends and not seen.terminals):
        found.append(f"{seen.terminals} terminal frames, and {seen.after} frames after the first of them")
    if seen.status != 200 and seen.error is None:
        found.append(f"HTTP {seen.status} without an error that can be read")
    if seen.status not in (200, 429, 500, 502, 504):
        found.append(f"HTTP {seen.status}: {(seen.error or {}).get('message')}")
    text = "".join(choice.text for choice in seen.choices.values())
    if FORBIDDEN in text:
        found.append("what the policy withholds is in the answer")
    if asked.forbidden and not any(choice.finish == "content_filter" for choice in seen.choices.values()):
        found.append("the question was not refused")
    if asked.private and asked.model == "echo" and seen.status == 200 and asked.private not in text:
        found.append("what is personal did not come back")
    return found


def answer_id(asked: Asked, seen: Seen) -> str | None:
    """Return the id of an answer that later questions may go on from."""
    if asked.dialect != "responses" or seen.status != 200 or seen.error is not None:
        return None
    return f"resp_{seen.headers['x-sluice-request-id']}"


async def _sent(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    with contextlib.suppress(AttributeError):
        context.trace_request_ctx.set()
