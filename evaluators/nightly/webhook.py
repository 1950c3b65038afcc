"""Tells somebody over HTTP how a night ended: signed, and tried again where trying again can help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from gateway.handoff.signature import signed

Sleep = Callable[[float], Awaitable[None]]

_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST: Final = 30.0


async def tell(
    url: str,
    secret: bytes,
    id: str,
    body: bytes,
    *,
    attempts: int,
    seconds: float,
    clock: Callable[[], float],
    sleep: Sleep = asyncio.sleep,
) -> str:
    """Post a message; return why it was not taken, as a code, or an empty string.

    Args:
        url: Where to.
        secret: Shared with whoever listens there.
        id: Of the message; the same in every attempt, so that the other side can tell.
        body: JSON.
        attempts: How often at most.
        seconds: For one attempt.
        clock: Seconds since the epoch: the time is signed too, anew in each attempt.
        sleep: Waits between attempts.
    """
    fault = ""
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(trust_env=False, timeout=timeout) as session:
        for attempt in range(attempts):
            if attempt:
                await sleep(min(_LONGEST, 2.0 ** (attempt - 1)))
            headers = {"content-type": "application/json", **signed(secret, id, int(clock()), body)}
            try:
                async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                    status = answer.status
            except TimeoutError:
                fault = "timeout"
                continue
            except (aiohttp.ClientError, OSError):
                fault = "unreachable"
                continue
            if 200 <= status < 300:
                return ""
            fault = f"http_{status}"
            if status not in _PASSING:
                return fault
    return fault
