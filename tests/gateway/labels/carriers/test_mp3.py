"""MP3: mutagen finds the label, the sound's frames stay, and what is broken is told."""

from __future__ import annotations

import io

import pytest
from kit.specimens import LABEL, flac, id3, mp3
from mutagen.mp3 import MP3

from gateway.errors import LabelError
from gateway.labels.carriers.mp3 import Mp3
from gateway.labels.files import write_bytes


@pytest.mark.parametrize("before", [mp3(), id3(3, ("TIT2", b"a")), id3(4, ("TIT2", b"a"))])
def test_mutagen_reads_the_label_and_the_sound_is_the_same(before: bytes) -> None:
    after = write_bytes(before, LABEL)
    assert str(MP3(io.BytesIO(after)).tags["TXXX:AIGC"]) == LABEL.dump()
    assert after.endswith(mp3())


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (id3(3, ("TIT2", b"a"))[:50], "cut off"),
        (id3(3, ("TIT2", b"a"))[: -len(mp3())], "no sound"),
        (id3(3, ("TIT2", b"a"))[: -len(mp3())] + flac(), "a FLAC behind"),
        (id3(3, ("TIT2", b"a"))[: -len(mp3())] + id3(3, ("TIT2", b"b")), "two ID3 tags"),
        (b"ID3\3\0\0\x7f\x7f\x7f\x7f", "ID3 tag has"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    assert fault in "; ".join(Mp3().read(io.BytesIO(data)).faults)
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL)
