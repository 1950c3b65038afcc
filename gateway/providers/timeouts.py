"""How long to wait for an upstream."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for an upstream, in seconds.

    Attributes:
        connect: For a connection, TLS included.
        first_byte: From the request to the first byte of the answer. An answer that is not
            streamed has no byte before the model is done.
        idle: Between two pieces of an answer that has begun.
    """

    connect: float = 10.0
    first_byte: float = 300.0
    idle: float = 120.0
