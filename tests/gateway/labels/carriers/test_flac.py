"""FLAC: mutagen finds the label, other blocks and the sound stay, and what is broken is told."""

from __future__ import annotations

import io

import pytest
from kit.specimens import LABEL, comments, flac
from mutagen.flac import FLAC

from gateway.errors import LabelError
from gateway.labels.carriers.flac import Flac
from gateway.labels.files import write_bytes


@pytest.mark.parametrize(
    "before", [flac(), flac((4, comments("TITLE=题"))), flac((1, bytes(9)), (4, comments("TITLE=题")))]
)
def test_mutagen_reads_the_label_and_what_was_there(before: bytes) -> None:
    after = write_bytes(before, LABEL)
    had, has = FLAC(io.BytesIO(before)), FLAC(io.BytesIO(after))
    assert has.tags["aigc"] == [LABEL.dump()]
    assert {**dict(has.tags), "aigc": None} == {**dict(had.tags or {}), "aigc": None}
    assert after[-52:] == before[-52:]
    assert [one.code for one in has.metadata_blocks if one.code != 4] == [
        one.code for one in had.metadata_blocks if one.code != 4
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (flac()[:20], "cut off"),
        (flac()[:-52], "no sound"),
        (b"fLaC" + flac((1, b""))[42:], "makes no sense"),
        (flac((4, comments("a=b")[:-1])), "comments are cut off"),
        (flac((4, b"\0\0\0\0\xff\xff\xff\xff")), "comments"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    assert fault in "; ".join(Flac().read(io.BytesIO(data)).faults)
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL)
