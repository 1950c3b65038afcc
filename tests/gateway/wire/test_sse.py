"""Events are the same however the network cut them, and cost no more than their bytes.

Mutants that these tests kill (each was tried by hand): the blank line sought only in what is new; a CR at the end of
what came taken for a whole line end; no blank line of LF and CR, or of two CRs; the held bytes copied for every chunk;
the byte order mark left in; all spaces after a colon taken away; a stream's end stripped of spaces; one comment line
that makes an event a comment; a fast path for events of more lines, of other fields or with CRs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.wire.sse import DONE, Event, EventBuffer, event, parse_event


def collect(pieces: Iterable[bytes], *, rest: bool = False) -> list[Event]:
    buffer = EventBuffer()
    events = [item for piece in pieces for item in buffer.feed(piece)]
    return events + (buffer.rest() if rest else [])


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def single(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


STREAMS = {
    "line feeds": 'data: {"text":"你好"}\n\ndata: plain\n\ndata: [DONE]\n\n'.encode(),
    "carriage return and line feed": 'data: 今天\r\n\r\ndata: {"a":"mixed 中文"}\r\n\r\n: ping\r\n\r\n'.encode(),
    "bare carriage returns": "data: 一\r\rdata: two\r\r".encode(),
    "mixed line ends": b"data: a\n\r\ndata: b\r\n\ndata: c\n\ndata: d\r\rdata: e\r\n\r\n",
    "line feed before carriage return": b"data: a\n\rdata: b\r\n\rdata: c\n\n",
    "comments": b": ping\n\n:\n\ndata: x\n\n: a\n: b\n\n",
    "several data lines": "data: 第一行\ndata: second\ndata:third\n\n".encode(),
    "event names and ids": "event: message_start\ndata: {}\nid: 1\n\nevent: 名\r\ndata: x\r\n\r\n".encode(),
    "no space after the colon": b"data:x\n\ndata\n\ndata:  two spaces\n\n",
    "long characters": "data: 🀄️𠀀é\n\ndata: 龘\r\n\r\n".encode(),
    "blank lines in front": b"\n\n\ndata: x\n\n\n\ndata: y\n\n",
    "three carriage returns and a line feed": b"data: x\r\r\n\ndata: y\r\r\r\n",
    "byte order mark": "\ufeffdata: 甲\n\ndata: b\n\n".encode(),
}


@pytest.mark.parametrize("name", STREAMS)
def test_every_two_way_cut_and_single_bytes_give_the_same_events(name: str) -> None:
    stream = STREAMS[name]
    expected = collect([stream])
    assert expected
    for at in range(len(stream) + 1):
        assert collect([stream[:at], stream[at:]]) == expected, at
    assert collect(single(stream)) == expected


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([b"data: ", b"data:", b"\n", b"\r", b"\r\n", b"x", "中".encode(), b": c"]), max_size=30),
    st.lists(st.integers(0, 80), max_size=10),
)
def test_random_cuts_of_random_lines_give_the_same_events(parts: list[bytes], places: list[int]) -> None:
    stream = b"".join(parts)
    assert collect(cut(stream, places), rest=True) == collect([stream], rest=True)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text("ab中𠀀:\u2028 ", max_size=12), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_what_was_written_is_read_and_no_byte_is_lost(texts: list[str], end: str, places: list[int]) -> None:
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    events = collect(cut(stream, places), rest=True)
    assert [item.data.decode() for item in events if item.data is not None] == texts
    assert b"".join(item.raw for item in events).rstrip(b"\r\n") == stream.rstrip(b"\r\n")


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\rdata: b\r\n\rdata: c\n\n", [b"a", b"b", b"c"]),
        (b"data: a\n\r\ndata: b\r\n\ndata: c\r\r", [b"a", b"b", b"c"]),
        (b"data: a\ndata: b\r\ndata: c\rdata: d\n\n", [b"a\nb\nc\nd"]),
        (b"data: a\r\n", []),
        (b"data: a\n\r", []),
    ],
)
def test_a_blank_line_is_two_line_ends_of_any_kind(stream: bytes, data: list[bytes]) -> None:
    assert [item.data for item in collect([stream])] == data


@pytest.mark.parametrize("name", STREAMS)
def test_the_raw_bytes_of_all_events_are_the_stream(name: str) -> None:
    stream = STREAMS[name]
    buffer = EventBuffer()
    raw = b"".join(item.raw for piece in single(stream) for item in buffer.feed(piece))
    assert stream.startswith(raw)
    assert stream[len(raw) :].strip(b"\r\n") == b""


@pytest.mark.parametrize(
    ("raw", "data", "name"),
    [
        (b"data: x\n\n", b"x", ""),
        ("data: 你好\n\n".encode(), "你好".encode(), ""),
        (b"data:x\n\n", b"x", ""),
        (b"data:  x\n\n", b" x", ""),
        (b"data\n\n", b"", ""),
        (b"data: a\ndata: b\n\n", b"a\nb", ""),
        (b"data: a\rdata: b\r\r", b"a\nb", ""),
        (b"data: a\rdata: b\n\n", b"a\nb", ""),
        (b"data: a\r\ndata: b\r\n\r\n", b"a\nb", ""),
        (b"event: stop\ndata: x\n\n", b"x", "stop"),
        (b"event: stop\n\n", None, "stop"),
        (b": ping\n\n", None, ""),
        (b"id: 7\nretry: 10\n\n", None, ""),
        (b"\ndata: x\n\n", b"x", ""),
        (b"\xef\xbb\xbfdata: x\n\n", b"x", ""),
        (b"event: \xff\ndata: x\n\n", b"x", "\ufffd"),
        (b"datax: y\n\n", None, ""),
        (b"DATA: y\n\n", None, ""),
    ],
)
def test_the_fields_of_an_event_are_read_as_the_standard_says(raw: bytes, data: bytes | None, name: str) -> None:
    assert parse_event(raw) == Event(raw, data, name)


def by_the_line(raw: bytes) -> Event:
    """Read the fields one by one, as the standard says."""
    lines = [line.partition(b":") for line in re.split(rb"\r\n|\n|\r", raw)]
    fields = [(field, value.removeprefix(b" ")) for field, _, value in lines]
    data = [value for field, value in fields if field == b"data"]
    name = [value for field, value in fields if field == b"event"]
    return Event(raw, b"\n".join(data) if data else None, name[-1].decode("utf-8", "replace") if name else "")


PARTS = [
    b"event: ",
    b"event:",
    b"data: ",
    b"data:",
    b"data",
    b"id: 1",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\r",
    b" ",
    b"{}",
    b"\xe5\x90",
    b": x",
]


@example([b"event: ", b"\n", b"data: ", b"\n", b"id: 1", b"\n"])
@given(st.lists(st.sampled_from(PARTS), max_size=9))
def test_the_fast_ways_read_what_the_standard_says(parts: list[bytes]) -> None:
    raw = b"".join(parts)
    assert parse_event(raw) == by_the_line(raw)
    named = b"event: a\n" + raw + b"\n\n"
    assert parse_event(named) == by_the_line(named)


@pytest.mark.parametrize(
    ("raw", "comment"),
    [
        (b": ping\n\n", True),
        (b":\r\n\r\n", True),
        (b": a\n: b\n\n", True),
        (b": a\nwords\n\n", False),
        (b'{"choices":[]}\n\n', False),
        (b"event: x\n\n", False),
    ],
)
def test_only_lines_that_begin_with_a_colon_are_a_comment(raw: bytes, comment: bool) -> None:
    assert parse_event(raw).comment is comment


@pytest.mark.parametrize("tail", [b"data: [DONE]", b"data: [DONE]\n", b"data: [DONE]\r\n\r", b"\n\ndata: [DONE]\r"])
def test_a_last_event_without_its_blank_line_is_given_at_the_end(tail: bytes) -> None:
    buffer = EventBuffer()
    (first,) = buffer.feed(b"data: x\n\n" + tail.lstrip(b"\n"))
    assert first.data == b"x"
    assert [item.data for item in buffer.rest()] == [b"[DONE]"]
    assert buffer.rest() == []


def test_spaces_at_the_end_of_a_stream_belong_to_its_last_event() -> None:
    assert [item.data for item in collect([b"data: x "], rest=True)] == [b"x "]


def test_nothing_is_left_of_a_stream_that_ended_well() -> None:
    buffer = EventBuffer()
    buffer.feed(b"data: x\n\n\n")
    assert buffer.rest() == []
    assert buffer.held == 0


def test_what_is_held_can_be_counted() -> None:
    buffer = EventBuffer()
    assert buffer.feed("data: 你".encode()) == []
    assert buffer.held == 9
    assert [item.data for item in buffer.feed("好\n\ndata: n".encode())] == ["你好".encode()]
    assert buffer.held == len(b"data: n")


def test_an_event_is_written_as_it_is_read() -> None:
    data = '{"text":"水闸 Sluice"}'.encode()
    assert collect([event(data) + DONE]) == [Event(b"data: " + data + b"\n\n", data, ""), Event(DONE, b"[DONE]", "")]


def test_an_event_in_single_bytes_costs_work_in_proportion_to_its_length() -> None:
    """Counts what is copied, not time: what is held grows by more than what comes, so it is seldom copied."""
    stream = b"data: " + b"x" * 1_000_000 + b"\n\n"
    buffer = EventBuffer()
    moved, before = 0, 0
    events: list[Event] = []
    for at in range(len(stream)):
        events += buffer.feed(stream[at : at + 1])
        size = sys.getsizeof(buffer._held)
        moved += before if size != before else 0
        before = size
    assert [len(item.data or b"") for item in events] == [1_000_000]
    assert moved < 40 * len(stream)
