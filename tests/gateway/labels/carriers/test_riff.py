"""RIFF is walked by its sizes, and what they do not allow is told."""

from __future__ import annotations

import io
import struct

import pytest

from gateway.labels.carriers import riff


def file(*chunks: bytes, kind: bytes = b"WAVE", size: int | None = None) -> io.BytesIO:
    body = kind + b"".join(chunks)
    return io.BytesIO(b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body)


def test_chunks_of_odd_length_are_padded_and_found() -> None:
    found = riff.walk(file(riff.chunk(b"one ", b"123"), riff.chunk(b"two ", b"4567")))
    assert ([one.name for one in found.chunks], found.fault) == ([b"one ", b"two "], "")
    source = file(riff.chunk(b"one ", b"123"))
    assert riff.data(source, riff.walk(source).chunks[0]) == b"123"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (io.BytesIO(b"RIFF"), "cut off in its header"),
        (file(size=500), "cut off: it has 12 of 508 bytes"),
        (file(size=0xFFFFFFFF), "written as a stream"),
        (file(b"data" + struct.pack("<I", 99) + b"1"), "longer than the file"),
        (file(riff.chunk(b"a   ", b"") * 100_001), "more than 100,000 chunks"),
        (io.BytesIO(b"RF64" + b"\xff" * 4 + b"WAVEfmt " + bytes(20)), "no ds64"),
        (io.BytesIO(b"RF64" + b"\xff" * 4 + b"WAVEds64"), "cut off in its header"),
    ],
)
def test_what_makes_no_sense_is_told(source: io.BytesIO, said: str) -> None:
    assert said in riff.walk(source).fault


def test_a_chunk_too_long_for_metadata_is_not_read() -> None:
    source = file(riff.chunk(b"XMP ", bytes(5 << 20)))
    with pytest.raises(ValueError, match="XMP chunk has"):
        riff.data(source, riff.walk(source).chunks[0])
