"""WAV: the chunk joins at the end, samples and lists stay, and other places are looked into."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from kit.specimens import LABEL, OTHER, id3, mp3, wav

from gateway.labels.carriers import riff
from gateway.labels.carriers.wav import Wav
from gateway.labels.files import write_bytes


def chunks(data: bytes) -> list[bytes]:
    return [one.name for one in riff.walk(io.BytesIO(data)).chunks]


def test_the_chunk_is_the_inner_object_and_the_samples_are_the_same() -> None:
    after = write_bytes(wav(), LABEL)
    assert after[: len(wav())][8:] == wav()[8:]
    assert after[len(wav()) :].rstrip(b"\0") == b"AIGC" + struct.pack("<I", len(LABEL.dump())) + LABEL.dump().encode()
    with wave.open(io.BytesIO(after)) as sound:
        assert sound.readframes(999) == bytes(range(200))


def test_labels_in_other_places_are_found_and_taken_out() -> None:
    info = riff.chunk(b"LIST", b"INFO" + riff.chunk(b"INAM", b"a name\0") + riff.chunk(b"AIGC", LABEL.dump().encode()))
    tag = id3(3, ("TIT2", b"a"))[: -len(mp3())]
    before = wav(info, riff.chunk(b"id3 ", tag), riff.chunk(b"aigc", LABEL.dump().encode()))
    reading = Wav().read(io.BytesIO(before))
    assert [(one.place, one.usual) for one in reading.fields] == [("LIST INFO AIGC", False), ("chunk aigc", False)]
    after = write_bytes(before, OTHER, replace=True)
    assert [one.text for one in Wav().read(io.BytesIO(after)).fields] == [OTHER.dump()]
    assert b"a name" in after
    assert chunks(after) == [b"fmt ", b"data", b"LIST", b"id3 ", b"AIGC"]


def test_an_rf64_file_keeps_its_long_size() -> None:
    plain = wav()
    body = b"ds64" + struct.pack("<IQQQI", 28, len(plain) + 28, 200, 100, 0) + plain[12:]
    before = b"RF64\xff\xff\xff\xffWAVE" + body.replace(b"data" + struct.pack("<I", 200), b"data\xff\xff\xff\xff")
    after = write_bytes(before, LABEL)
    assert after[4:8] == b"\xff" * 4
    assert struct.unpack("<Q", after[20:28])[0] == len(after) - 8


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (wav()[:-1], "cut off"),
        (wav(riff.chunk(b"id3 ", b"words")), "no tag"),
        (wav(riff.chunk(b"AIGC", bytes(5 << 20))), "AIGC chunk has"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, fault: str) -> None:
    assert fault in "; ".join(Wav().read(io.BytesIO(data)).faults)
