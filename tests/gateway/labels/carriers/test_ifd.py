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


def test_a_replaced_value_that_lies_on_the_header_spoils_nothing() -> None:
    """Found by the test below: a comment of a type that does not exist, whose value is said to stand at 0."""
    before = little([(0x9286, 0, 5, 0)], b"")
    target = stream(before)
    ifd.write(stream(before), target, {0x9286: ifd.comment(LABEL)})
    assert target.getvalue()[:4] == b"II*\0"
    assert [field.text for field in ifd.read(target).fields] == [LABEL.dump(wrapped=True)]


@pytest.mark.parametrize("kept", [(0x010E, 2, 20, 46), (0x0131, 2, 12, 50), (0x010E, 2, 20, 42)])
def test_a_replaced_value_that_lies_on_another_leaves_that_as_it_was(kept: tuple[int, int, int, int]) -> None:
    words = b"words of this picture, and of that"
    before = little([kept, (0x9286, 7, 24, 44)], b"...." + words)
    target = stream(before)
    ifd.write(stream(before), target, {0x9286: ifd.comment(LABEL)})
    _, _, size, place = kept
    after = target.getvalue()
    assert after[place : place + size] == before[place : place + size]
    dead = {*range(44, 68)} - {*range(place, place + size)}
    assert {after[at] for at in dead} <= {0}


def test_an_exif_directory_that_a_replaced_value_lies_on_is_still_there() -> None:
    inner = struct.pack("<HHHII", 1, 0x8298, 2, 4, int.from_bytes(b"mine", "little")) + b"\0\0\0\0"
    before = little([(0x8769, 4, 1, 38), (0x9286, 7, 24, 30)], inner + b"." * 40)
    target = stream(before)
    ifd.write(stream(before), target, {0x9286: ifd.comment(LABEL)})
    assert target.getvalue()[38 : 38 + len(inner)] == inner


ENTRIES = st.tuples(
    st.sampled_from([0x010E, 0x0131, 0x02BC, 0x8769, 0x9286, 0xCD41, 7]),
    st.integers(0, 13),
    st.integers(0, 40),
    st.integers(0, 220),
)


def little(entries: list[tuple[int, int, int, int]], rest: bytes) -> bytes:
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + b"\0\0\0\0" + rest


@given(
    st.one_of(
        st.builds(lambda data: b"II*\0\x08\0\0\0" + data, st.binary(max_size=200)),
        st.builds(lambda data: b"MM\0+\0\x08\0\0" + data, st.binary(max_size=200)),
        st.builds(little, st.lists(ENTRIES, max_size=4), st.binary(max_size=200)),
    )
)
def test_whatever_follows_the_header_the_label_is_read_back_and_nothing_else_changed_or_a_fault_is_named(
    data: bytes,
) -> None:
    found = ifd.read(stream(data))
    assert all(len(fault) > 5 for fault in found.faults)
    target = stream(data)
    try:
        ifd.write(stream(data), target, {0x9286: ifd.comment(LABEL)})
    except LabelError:
        assert found.faults, "only what has a fault is refused"
        return
    after = ifd.read(target)
    if not found.faults:
        assert after.faults == ()
    mine = LABEL.dump(wrapped=True)
    assert [field.text for field in after.fields if field.name == "AIGC"].count(mine) == 1 or after.faults
    form, first = ifd.form_of(stream(data))
    if 0x9286 not in {entry.tag for entry in ifd.directory(stream(data), form, first).entries}:
        start = 16 if data[2:4] == b"\0+" else 8
        assert target.getvalue()[start : len(data)] == data[start:]
