"""Matroska and WebM: ffprobe finds the label through the index, and clusters stay where they are."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from kit.specimens import LABEL, OTHER, ebml, mkv
from kit.tools import ffmpeg, ffprobe, needs

from gateway.errors import LabelError
from gateway.labels.carriers.mkv import Mkv
from gateway.labels.files import write, write_bytes


def read(data: bytes) -> list[tuple[str, str]]:
    return [(one.name, one.text) for one in Mkv().read(io.BytesIO(data)).fields]


def simple(name: str, text: str, inner: bytes = b"") -> bytes:
    return ebml(0x67C8, ebml(0x45A3, name.encode()) + ebml(0x4487, text.encode()) + inner)


def tags(*items: bytes) -> bytes:
    return ebml(0x1254C367, ebml(0x7373, ebml(0x63C0, b"") + b"".join(items)))


@pytest.mark.parametrize("room", [60, 8, 2, 0])
def test_the_cluster_stays_where_it_is_however_little_room_the_index_has(room: int) -> None:
    before = mkv(room=room)
    after = write_bytes(before, LABEL)
    assert after.index(b"words") == before.index(b"words")
    assert read(after) == [("AIGC", LABEL.dump())]
    again = write_bytes(after, OTHER, replace=True)
    assert again.index(b"words") == before.index(b"words")
    assert read(again) == [("AIGC", OTHER.dump())]


def test_without_an_index_the_tags_come_before_the_cluster() -> None:
    after = write_bytes(mkv(index=False), LABEL)
    assert after.index(b"AIGC") < after.index(b"words")


def test_other_tags_stay_and_a_label_among_them_goes() -> None:
    before = mkv(tags=tags(simple("TITLE", "a title"), simple("AIGC", LABEL.dump())))
    assert len(read(before)) == 1
    after = write_bytes(before, OTHER, replace=True)
    assert read(after) == [("AIGC", OTHER.dump())]
    assert b"a title" in after
    assert LABEL.produce_id.encode() not in after


def test_a_nested_label_and_one_of_another_name_are_found() -> None:
    nested = mkv(tags=tags(simple("TITLE", "x", simple("aigc", LABEL.dump()))))
    assert read(nested) == [("aigc", LABEL.dump())]
    assert read(mkv(tags=tags(simple("NOTE", LABEL.dump())))) == [("NOTE", LABEL.dump())]
    with pytest.raises(LabelError, match="nested in another tag"):
        write_bytes(nested, OTHER, replace=True)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (mkv()[:-1], "cut off"),
        (mkv()[:22], "cut off|makes no sense|no segment"),
        (mkv() + b"junk", "something follows"),
        (mkv(tags=ebml(0x1254C367, b"\x73\x73\x4f\xff")), "longer than what holds it"),
        (mkv(tags=ebml(0x1254C367, bytes(5 << 20))), "metadata has"),
        (mkv(tags=ebml(0x1254C367, b"\0\0")), "makes no sense"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    import re

    assert re.search(fault, "; ".join(Mkv().read(io.BytesIO(data)).faults))
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL)


@needs("ffmpeg", "ffprobe")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mkv", []),
        ("a.mkv", ["-metadata", "title=题"]),
        ("a.mkv", ["-live", "1"]),
        ("a.webm", ["-c:v", "libvpx"]),
    ],
)
def test_real_films_play_the_same_and_ffprobe_reads_the_label(tmp_path: Path, name: str, options: list[str]) -> None:
    file = tmp_path / name
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=0.3:s=32x32:r=10", *options, file)

    def frames() -> bytes:
        return subprocess.run(
            ["ffmpeg", "-v", "error", "-i", file, "-map", "0", "-c", "copy", "-f", "streamhash", "-"],
            capture_output=True,
            check=True,
        ).stdout

    before, had = frames(), ffprobe(file)
    for label in (LABEL, LABEL.passed_on("platform", "1")):
        write(file, file, label, replace=True)
        found = ffprobe(file)
        assert found.pop("AIGC") == label.dump()
        assert {key: found[key] for key in had} == had
        assert frames() == before
