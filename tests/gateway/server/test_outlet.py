"""What the outlet sends is one well-formed response, and a client that is gone is found out.

Mutants killed: no length for a whole answer; the head of a stream held back; ``served`` set after the last
byte instead of before; a header value of several lines.
"""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from gateway.pipeline.run import Gone
from gateway.server.outlet import HttpOutlet


class Wire:
    """Collects messages; breaks at the one of that number."""

    def __init__(self, breaks: int | None = None) -> None:
        self.sent: list[Any] = []
        self._breaks = breaks

    async def send(self, message: Any) -> None:
        if len(self.sent) == self._breaks:
            raise OSError("gone")
        self.sent.append(message)


def header(wire: Wire, name: bytes) -> list[bytes]:
    return [value for key, value in wire.sent[0]["headers"] if key == name]


async def test_a_whole_answer_leaves_in_one_go_with_its_length() -> None:
    wire = Wire()
    with anyio.CancelScope() as scope:
        outlet = HttpOutlet(wire.send, Gone(), scope)
        await outlet.start(200, "application/json", {})
        await outlet.write("{“".encode())
        assert wire.sent == []
        await outlet.write(b"}")
        await outlet.finish()
    assert [message["type"] for message in wire.sent] == ["http.response.start", "http.response.body"]
    assert header(wire, b"content-length") == [b"5"]
    assert wire.sent[1]["body"] == "{“}".encode()
    assert not wire.sent[1].get("more_body")


async def test_a_stream_leaves_piece_by_piece_and_is_never_buffered_by_proxies() -> None:
    wire = Wire()
    with anyio.CancelScope() as scope:
        outlet = HttpOutlet(wire.send, Gone(), scope)
        await outlet.start(200, "text/event-stream; charset=utf-8", {})
        assert len(wire.sent) == 1
        await outlet.write(b"data: 1\n\n")
        assert len(wire.sent) == 2
        await outlet.finish()
    assert header(wire, b"content-length") == []
    assert header(wire, b"x-accel-buffering") == [b"no"]
    assert header(wire, b"cache-control") == [b"no-cache"]
    assert [message.get("more_body", False) for message in wire.sent[1:]] == [True, False]


@pytest.mark.parametrize(
    ("value", "line"),
    [("kit@0", b"kit@0"), ("策略@0", b"??@0"), ("a\r\nset-cookie: x", b"a??set-cookie: x"), ("a\x00b\x7f", b"a?b?")],
)
async def test_a_header_is_one_line_whatever_is_put_into_it(value: str, line: bytes) -> None:
    wire = Wire()
    with anyio.CancelScope() as scope:
        outlet = HttpOutlet(wire.send, Gone(), scope)
        await outlet.start(200, "text/event-stream", {"x-value": value})
    assert header(wire, b"x-value") == [line]


@pytest.mark.parametrize(
    ("status", "name", "value"),
    [(401, b"www-authenticate", b"Bearer"), (405, b"allow", b"POST"), (408, b"connection", b"close")],
)
async def test_statuses_come_with_the_headers_that_they_need(status: int, name: bytes, value: bytes) -> None:
    wire = Wire()
    with anyio.CancelScope() as scope:
        outlet = HttpOutlet(wire.send, Gone(), scope)
        await outlet.start(status, "application/json", {})
        await outlet.finish()
    assert header(wire, name) == [value]


@pytest.mark.parametrize(("kind", "breaks"), [("application/json", 0), ("text/event-stream", 0)])
async def test_a_client_that_is_gone_before_the_end_ends_the_work(kind: str, breaks: int) -> None:
    wire, gone, after = Wire(breaks), Gone(), False
    with anyio.CancelScope() as scope:
        outlet = HttpOutlet(wire.send, gone, scope)
        await outlet.start(200, kind, {})
        await outlet.write(b"data: 1\n\n")
        await outlet.finish()
        after = True
    assert (gone.left, after, scope.cancelled_caught) == (True, False, True)


@pytest.mark.parametrize(("kind", "breaks"), [("application/json", 1), ("text/event-stream", 2)])
async def test_a_client_that_is_gone_at_the_last_byte_was_served(kind: str, breaks: int) -> None:
    wire, gone = Wire(breaks), Gone()
    with anyio.CancelScope() as scope:
        outlet = HttpOutlet(wire.send, gone, scope)
        await outlet.start(200, kind, {})
        await outlet.write(b"data: 1\n\n")
        await outlet.finish()
    assert (gone.left, gone.served, scope.cancel_called) == (False, True, False)
