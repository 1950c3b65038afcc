"""Read a request's body: all of it, in time, and not more than allowed."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Receive, Scope

from gateway.errors import RequestError

LEFT: Final = "client_left"
"""Code of the error that nobody reads: the client left before its request was complete."""

_DIGITS: Final = 18


async def read_body(scope: Scope, receive: Receive, *, most: int, seconds: float) -> bytes | RequestError:
    """Return the body, or why there is none.

    Args:
        scope: The request's ASGI scope.
        receive: Gives the body's messages.
        most: Bytes that it may have; more is 413.
        seconds: Time that it may take; longer is 408.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and (len(value) > _DIGITS or int(value) > most):
            return _too_large(most)
        if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            text = "Compressed request bodies are not taken; send the JSON as it is."
            return RequestError(text, status=415, code="unsupported_encoding")
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return RequestError("The client left before its request was complete.", code=LEFT)
                chunk: bytes = message.get("body", b"")
                size += len(chunk)
                if size > most:
                    return _too_large(most)
                chunks.append(chunk)
                if not message.get("more_body"):
                    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
    except TimeoutError:
        text = f"The body did not arrive within {seconds:g} seconds."
        return RequestError(text, status=408, code="request_timeout")


def _too_large(most: int) -> RequestError:
    return RequestError(f"The body is larger than {most} bytes.", status=413, code="body_too_large")
