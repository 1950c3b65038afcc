"""Directories of TIFF and EXIF are read in both byte orders and grow at the file's end only."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, drawn, picture
from PIL import Image

from gateway.errors import LabelError
from gateway.labels.carriers import ifd


def stream(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)


@pytest.mark.parametrize("big", [False, True])
def test_an_entry_joins_the_first_directory_and_nothing_moves(big: bool) -> None:
    before = drawn("TIFF", big_tiff=big)
    target = stream(before)
    ifd.write(stream(before), target, {0x010E: (2, b"words that are long enough\0")})
    after = target.getvalue()
    place = 16 if big else 8
    assert after[place : len(before)] == before[place:]
    with Image.open(stream(after)) as image:
        assert image.tag_v2[0x010E] == "words that are long enough"
        assert image.tobytes() == picture().tobytes()


def test_a_value_of_four_bytes_stands_in_the_entry_itself() -> None:
    before = drawn("TIFF")
    target = stream(before)
    ifd.write(stream(before), target, {0x010E: (2, b"abc\0")})
    with Image.open(target) as image:
        assert image.tag_v2[0x010E] == "abc"


def test_an_entry_is_taken_away_and_its_bytes_are_gone() -> None:
    tags = Image.Exif()
    tags[0x010E] = LABEL.dump()
    before = drawn("TIFF", exif=tags)
    top, inner = ifd.labels_in(stream(before))
    assert (set(top), set(inner)) == ({0x010E}, set())
    target = stream(before)
    ifd.write(stream(before), target, top, inner)
    assert LABEL.produce_id.encode() not in target.getvalue()
    assert ifd.read(target).fields == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "header"),
        (b"XX*\0\0\0\0\0", "no TIFF"),
        (b"II\7\0\0\0\0\0", "header"),
        (b"II*\0\xff\xff\xff\xff", "cut off"),
        (b"II*\0\x08\0\0\0" + struct.pack("<H", 5000), "too many"),
        (b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x010E, 2, 50, 9999, 0), "cut off in a value"),
        (b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x010E, 2, 5 << 20, 0, 0), "metadata field of"),
        (b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 9999, 0), "cut off in a directory"),
        (b"II+\0\x08\0\0\0" + b"\xff" * 8, "cut off in a directory"),
    ],
)
def test_what_makes_no_sense_is_told_and_not_written(data: bytes, said: str) -> None:
    assert said in "; ".join(ifd.read(stream(data)).faults)
    with pytest.raises(LabelError, match=said):
        ifd.labels_in(stream(data))


@given(st.binary(max_size=200))
def test_whatever_follows_the_header_there_is_an_answer(data: bytes) -> None:
    ifd.read(stream(b"II*\0\x08\0\0\0" + data))
    ifd.read(stream(b"MM\0+\0\x08\0\0" + data))
