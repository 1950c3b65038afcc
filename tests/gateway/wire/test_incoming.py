"""An answer as it comes: what came before a broken event counts, however it was cut, and nothing grows without end.

Mutants killed: a fault that swallows the frames before it; a fault that nobody hears of; a limit that counts what
was given back already; a whole body without a limit.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.errors import UpstreamBroke
from gateway.wire import incoming
from gateway.wire.chat_frame import broke
from gateway.wire.incoming import EventFlow, WholeBody
from gateway.wire.sse import Event

STREAM = b"data: 1\n\ndata: 2\n\ndata: bad\n\ndata: 3\n\n"


def numbers(item: Event) -> Iterator[int]:
    """Make each number twice; what is no number does not fit, but its first half counts."""
    if item.data == b"bad":
        yield 0
        raise broke("up", "sent what is no number")
    yield from [int(item.data or b"")] * 2


@pytest.mark.parametrize("cut", range(1, len(STREAM)))
def test_what_came_before_a_broken_event_counts_however_it_was_cut(cut: int) -> None:
    flow, made, raised = EventFlow("up"), [], 0
    for chunk in (STREAM[:cut], STREAM[cut:]):
        try:
            made += flow.feed(chunk, numbers)
        except UpstreamBroke:
            raised += 1
    assert made == [1, 1, 2, 2, 0]
    assert flow.broken
    with pytest.raises(UpstreamBroke, match="no number"):
        flow.check()
    with pytest.raises(UpstreamBroke, match="no number"):
        flow.rest(numbers)


def test_a_broken_event_that_made_nothing_is_raised_at_once() -> None:
    with pytest.raises(UpstreamBroke):
        EventFlow("up").feed(b"data: 1\n\n", _refusing)


def _refusing(item: Event) -> Iterator[int]:
    raise broke("up", "sent nothing that fits")
    yield 0


def test_an_event_that_lacks_only_its_blank_line_is_the_rest() -> None:
    flow = EventFlow("up")
    assert flow.feed(b"data: 1\n\ndata: 2\n", numbers) == [1, 1]
    assert flow.rest(numbers) == [2, 2]
    flow.check()


def test_an_event_without_end_broke_and_what_left_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_HELD", 100)
    flow = EventFlow("up")
    assert len(flow.feed(b"data: 1\n\n" * 40, numbers)) == 80
    flow.feed(b"data: " + b"1" * 94, numbers)
    with pytest.raises(UpstreamBroke, match="up sent an event of more than 100 bytes"):
        flow.feed(b"1", numbers)


def test_a_whole_body_has_a_limit_and_is_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_WHOLE", 10)
    body = WholeBody("up")
    body.feed(b'{"a"')
    body.feed(b": 1}")
    assert (body.raw(), body.object()) == (b'{"a": 1}', {"a": 1})
    body.feed(b"  ")
    with pytest.raises(UpstreamBroke, match="more than 10 bytes"):
        body.feed(b" ")


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b"\xff"])
def test_what_is_no_object_broke(raw: bytes) -> None:
    body = WholeBody("up")
    body.feed(raw)
    with pytest.raises(UpstreamBroke, match="sent an answer that is not"):
        body.object()
