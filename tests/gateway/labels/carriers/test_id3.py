"""ID3v2 tags of every version keep their frames and get one more."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, OTHER, id3, mp3
from mutagen.id3 import ID3

from gateway.labels.carriers import id3 as ours


def parsed(data: bytes) -> ours.Tag:
    return ours.parse(data[: ours.size_of_tag(data[:10])])


@pytest.mark.parametrize("version", [3, 4])
def test_mutagen_reads_the_frame_and_those_that_were_there(version: int) -> None:
    before = id3(version, ("TIT2", "题".encode()), ("TPE1", b"somebody"))
    after = ours.write(parsed(before), LABEL) + mp3()
    tags = ID3(io.BytesIO(after))
    assert tags.version[1] == version
    assert {key: str(value) for key, value in tags.items()} == {
        "TIT2": "题",
        "TPE1": "somebody",
        "TXXX:AIGC": LABEL.dump(),
    }
    again = ours.write(parsed(after), OTHER) + mp3()
    assert str(ID3(io.BytesIO(again))["TXXX:AIGC"]) == OTHER.dump()
    assert ours.read(parsed(ours.write(parsed(after), None) + mp3())) == ([], [])


def test_a_tag_of_version_2_keeps_its_short_frames() -> None:
    frame = b"TT2" + (8).to_bytes(3, "big") + b"\0a title"
    tag = b"ID3\2\0\0" + bytes([0, 0, 0, len(frame)]) + frame
    after = ours.write(parsed(tag), LABEL)
    assert frame in after
    assert [field.text for field in ours.read(parsed(after))[0]] == [LABEL.dump()]
    assert str(ID3(io.BytesIO(after + mp3()))["TXXX:AIGC"]) == LABEL.dump()


def test_an_unsynchronised_tag_is_read() -> None:
    frame = b"TXXX" + (9).to_bytes(4, "big") + b"\0\0" + b"\1\xff\xfea\0\0\0\xff\xfe"
    body = frame.replace(b"\xff", b"\xff\0")
    tag = parsed(b"ID3\3\0\x80" + bytes([0, 0, 0, len(body)]) + body)
    assert (tag.fault, tag.frames[0].data) == ("", b"\1\xff\xfea\0\0\0\xff\xfe")


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (b"ID3\7\0\0\0\0\0\1\0", "unknown version"),
        (b"ID3\3\0\0\0\0\0\x7f\0", "cut off in its ID3 tag"),
        (b"ID3\3\0\0\0\0\0\x0cTIT2\0\0\0\x63\0\0aa", "longer than the tag"),
        (b"ID3\3\0\0\0\0\0\x0btit2\0\0\0\1\0\0a", "makes no sense"),
        (b"ID3\2\0\x40\0\0\0\x0btit2\0\0\0\1\0\0a", "compressed"),
    ],
)
def test_what_makes_no_sense_is_told(tag: bytes, said: str) -> None:
    assert said in ours.parse(tag).fault


FRAMES = st.lists(
    st.tuples(
        st.sampled_from([b"TIT2", b"TXXX", b"COMM", b"PRIV"]),
        st.one_of(st.binary(max_size=15), st.just(b"\0AIGC\0words")),
    ),
    max_size=4,
).map(lambda frames: b"".join(name + len(data).to_bytes(4, "big") + b"\0\0" + data for name, data in frames))


@given(st.one_of(st.binary(max_size=100), FRAMES), st.integers(2, 4), st.integers(0, 255))
def test_whatever_is_in_the_tag_its_frames_stay_and_the_label_is_read_back_or_a_fault_is_named(
    body: bytes, version: int, flags: int
) -> None:
    tag = parsed(b"ID3" + bytes([version, 0, flags, 0, 0, 0, len(body)]) + body + bytes(10))
    if tag.fault:
        assert "ID3 tag" in tag.fault
        return
    before, _ = ours.read(tag)
    after = parsed(ours.write(tag, LABEL))
    assert after.fault == ""
    fields, _ = ours.read(after)
    assert [field.text for field in fields] == [LABEL.dump()]
    kept = [frame.raw for frame in after.frames][:-1]
    assert len(kept) == len(tag.frames) - len(before)
    assert kept == [frame.raw for frame in tag.frames if frame.raw in kept]
