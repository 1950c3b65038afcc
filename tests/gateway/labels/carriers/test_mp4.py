"""MP4 and MOV: ffprobe and exiftool find the label, and every sample is still where its address says."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import pytest
from kit.specimens import ITUNES, LABEL, OTHER, box, film
from kit.tools import exiftool, ffmpeg, ffprobe, needs

from gateway.errors import LabelError
from gateway.labels.carriers.mp4 import Mp4
from gateway.labels.files import write, write_bytes


def read(data: bytes) -> list[tuple[str, str]]:
    return [(one.place, one.text) for one in Mp4().read(io.BytesIO(data)).fields]


def samples(data: bytes) -> list[bytes]:
    """The samples as their addresses find them."""
    kind = b"stco" if b"stco" in data else b"co64"
    at = data.index(kind) + 12
    form = ">II" if kind == b"stco" else ">QQ"
    return [data[place : place + 4] for place in struct.unpack(form, data[at : at + struct.calcsize(form)])]


FILMS = [
    film(),
    film(last=True),
    film(ITUNES),
    film(table=b"co64"),
    film(box(b"udta", b"\0\0\0\0")),
    film(box(b"free", bytes(9))),
]


@pytest.mark.parametrize("before", FILMS)
def test_the_addresses_of_all_samples_stay_right(before: bytes) -> None:
    assert samples(before) == [b"ABCD", b"EFGH"]
    after = write_bytes(before, LABEL)
    assert samples(after) == [b"ABCD", b"EFGH"]
    assert samples(write_bytes(after, LABEL.passed_on("platform", "1"), replace=True)) == [b"ABCD", b"EFGH"]


def test_a_list_of_itunes_stays_and_the_label_goes_to_the_other_place() -> None:
    after = write_bytes(film(ITUNES), LABEL)
    assert ITUNES in after
    assert read(after) == [("moov.meta", LABEL.dump())]
    assert read(write_bytes(film(), LABEL)) == [("moov.udta.meta", LABEL.dump())]


def test_keys_that_are_there_stay() -> None:
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), struct.pack(">I", 16), b"mdtacom.a.b\0")
    item = box(b"\0\0\0\1", box(b"data", struct.pack(">II", 1, 0), b"words"))
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(8), b"mdta", bytes(13)), keys, box(b"ilst", item))
    after = write_bytes(film(box(b"udta", meta)), LABEL)
    assert item in after
    assert b"mdtacom.a.b\0" in after
    assert len(read(write_bytes(after, OTHER, replace=True))) == 1


def test_labels_in_other_places_are_found_and_taken_out() -> None:
    free = box(
        b"----",
        box(b"mean", bytes(4), b"com.apple.iTunes"),
        box(b"name", bytes(4), b"AIGC"),
        box(b"data", struct.pack(">II", 1, 0), LABEL.dump().encode()),
    )
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(8), b"mdir", bytes(13)), box(b"ilst", free))
    before = film(box(b"udta", meta, box(b"AIGC", LABEL.dump().encode())))
    assert [place for place, _ in read(before)] == ["moov.udta.meta", "moov.udta"]
    assert read(write_bytes(before, OTHER, replace=True)) == [("moov.meta", OTHER.dump())]


def test_a_picture_in_the_same_boxes_is_no_film() -> None:
    assert not Mp4().sniff(box(b"ftyp", b"heic", bytes(4)))
    assert Mp4().sniff(film()[:64])


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (film()[:-1], "cut off"),
        (film()[:20], "cut off"),
        (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x"), "no index"),
        (film() + film()[24:], "two indexes"),
        (film(box(b"cmov", b"")), "compressed"),
        (film(struct.pack(">I4s", 99, b"udta")), "longer than what holds it"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    assert fault in "; ".join(Mp4().read(io.BytesIO(data)).faults)
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL)


def test_addresses_that_cannot_be_moved_are_told() -> None:
    with pytest.raises(LabelError, match="cannot be moved"):
        write_bytes(film() + box(b"meta", bytes(30)), LABEL)
    with pytest.raises(LabelError, match="too large for its own addresses"):
        write_bytes(film().replace(struct.pack(">I", film().index(b"ABCD")), b"\xff\xff\xff\xf0"), LABEL)


@needs("ffmpeg", "ffprobe", "exiftool")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", []),
        ("a.mov", []),
        ("a.mp4", ["-movflags", "faststart"]),
        ("a.mp4", ["-movflags", "frag_keyframe+empty_moov"]),
        ("a.mp4", ["-movflags", "use_metadata_tags", "-metadata", "foo=bar"]),
    ],
)
def test_real_films_play_the_same_and_other_programs_read_the_label(
    tmp_path: Path, name: str, options: list[str]
) -> None:
    file = tmp_path / name
    source = ["-f", "lavfi", "-i", "testsrc=d=0.3:s=32x32:r=10"]
    ffmpeg(*source, *options, file)

    def frames() -> bytes:
        return subprocess.run(
            ["ffmpeg", "-v", "error", "-i", file, "-map", "0", "-c", "copy", "-f", "streamhash", "-"],
            capture_output=True,
            check=True,
        ).stdout

    before, tags = frames(), ffprobe(file)
    for label in (LABEL, LABEL.passed_on("platform", "1")):
        write(file, file, label, replace=True)
        found = ffprobe(file)
        assert found.pop("AIGC") == label.dump()
        assert found == tags
        assert frames() == before
    found = exiftool(file)
    assert next(value for key, value in found.items() if key.endswith(":aigc")) == label.dump()
    assert "exiftool:warning" not in found
