"""Bodies are read whole, in time and not beyond their limit, however they arrive.

Mutants killed: no limit by length; no limit while streaming; ``>=`` for ``>``; no time limit; the length
of digits not looked at; encodings taken by name only in lower case.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.errors import RequestError
from gateway.server.body import LEFT, read_body

MOST = 10


async def read(*pieces: bytes | float | None, **headers: str) -> bytes | RequestError:
    """Read a body that arrives in pieces; a number is a pause, None a client that leaves."""
    waiting = list(pieces)

    async def receive() -> dict[str, Any]:
        while waiting and isinstance(waiting[0], float):
            await asyncio.sleep(waiting.pop(0))  # type: ignore[arg-type]
        piece = waiting.pop(0) if waiting else None
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return await read_body({"type": "http", "headers": lines}, receive, most=MOST, seconds=0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pieces", "headers", "expected"),
    [
        ([b"0123456789"], {}, b"0123456789"),
        ([b"0123456789"], {"content_length": "10"}, b"0123456789"),
        ([bytes([48 + n]) for n in range(10)], {}, b"0123456789"),
        ([b"", b"", b"{}", b""], {}, b"{}"),
        ([b""], {}, b""),
        ([b"{}"], {"content_encoding": "identity"}, b"{}"),
        ([b"{}"], {"content_encoding": " Identity"}, b"{}"),
        ([b"{}"], {"content_encoding": ""}, b"{}"),
        (["问".encode()[:1], "问".encode()[1:]], {}, "问".encode()),
    ],
)
async def test_a_body_is_what_came_in_its_order(pieces: list[Any], headers: dict[str, str], expected: bytes) -> None:
    assert await read(*pieces, **headers) == expected


@pytest.mark.parametrize(
    ("pieces", "headers", "status", "code"),
    [
        ([b"0" * 11], {}, 413, "body_too_large"),
        ([b"0" * 6, b"0" * 5, b"0" * 1000], {}, 413, "body_too_large"),
        ([b"{}"], {"content_length": "11"}, 413, "body_too_large"),
        ([b"{}"], {"content_length": "9" * 5000}, 413, "body_too_large"),
        ([b"{}"], {"content_encoding": "gzip"}, 415, "unsupported_encoding"),
        ([b"{}"], {"content_encoding": " GZIP"}, 415, "unsupported_encoding"),
        ([b"{}"], {"content_encoding": "br, gzip"}, 415, "unsupported_encoding"),
        ([b"{", 30.0, b"}"], {}, 408, "request_timeout"),
        ([b"{", None], {}, 400, LEFT),
        ([None], {"content_length": "5"}, 400, LEFT),
    ],
)
async def test_a_body_that_cannot_be_taken_is_an_error_that_says_why(
    pieces: list[Any], headers: dict[str, str], status: int, code: str
) -> None:
    error = await read(*pieces, **headers)
    assert isinstance(error, RequestError)
    assert (error.status, error.code) == (status, code)


async def test_a_body_that_dribbles_is_over_after_its_time_though_no_pause_is_long() -> None:
    error = await read(*(piece for _ in range(100) for piece in (b"", 0.002)))
    assert isinstance(error, RequestError)
    assert error.code == "request_timeout"


async def test_a_body_that_is_too_large_is_not_read_to_its_end() -> None:
    endless = iter(range(10**9))

    async def receive() -> dict[str, Any]:
        next(endless)
        return {"type": "http.request", "body": b"0123", "more_body": True}

    error = await read_body({"type": "http", "headers": []}, receive, most=MOST, seconds=5)  # type: ignore[arg-type]
    assert isinstance(error, RequestError)
    assert next(endless) == 3
