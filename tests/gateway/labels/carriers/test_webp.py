"""WebP: Pillow and exiftool find the label; the picture's chunks stay as they are."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from kit.specimens import LABEL, OTHER, SPECIMENS, drawn
from kit.tools import exiftool, needs
from PIL import Image

from gateway.labels.carrier import Reading
from gateway.labels.carriers import riff
from gateway.labels.carriers.webp import Webp
from gateway.labels.files import write_bytes

WEBPS = [name for name in SPECIMENS if name.endswith(".webp")]


def read(data: bytes) -> Reading:
    return Webp().read(io.BytesIO(data))


def chunks(data: bytes) -> dict[bytes, bytes]:
    source = io.BytesIO(data)
    return {one.name: riff.data(source, one) for one in riff.walk(source).chunks}


@pytest.mark.parametrize("name", WEBPS)
def test_pillow_reads_the_label_and_the_size_is_right(name: str) -> None:
    before = SPECIMENS[name]()
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(write_bytes(before, LABEL))) as new:
        assert LABEL.dump().encode() in new.info["xmp"]
        assert (new.size, new.mode, new.n_frames) == (old.size, old.mode, old.n_frames)


@pytest.mark.parametrize("name", WEBPS)
def test_the_pictures_chunks_are_the_same(name: str) -> None:
    before, after = chunks(SPECIMENS[name]()), chunks(write_bytes(SPECIMENS[name](), LABEL))
    for kind in (b"VP8 ", b"VP8L", b"ANMF", b"ANIM", b"ALPH"):
        assert after.get(kind) == before.get(kind)
    assert after[b"VP8X"][0] & 0x04


@needs("exiftool")
@pytest.mark.parametrize("name", WEBPS)
def test_exiftool_reads_the_label_and_warns_of_nothing(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.webp"
    file.write_bytes(write_bytes(SPECIMENS[name](), LABEL))
    found = exiftool(file)
    assert found["xmp:aigc"] == LABEL.dump()
    assert "exiftool:warning" not in found


def test_exif_stays_but_for_a_label_in_it() -> None:
    tags = Image.Exif()
    tags[0x010E] = "a description"
    tags.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + LABEL.dump(wrapped=True).encode()
    before = drawn("WEBP", exif=tags, lossless=True)
    assert [one.place for one in read(before).fields] == ["EXIF UserComment"]
    after = write_bytes(before, OTHER, replace=True)
    with Image.open(io.BytesIO(after)) as image:
        assert image.getexif()[0x010E] == "a description"
        assert 0x9286 not in image.getexif().get_ifd(0x8769)
    assert [json.loads(one.text) for one in read(after).fields] == [OTHER.elements()]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (drawn("WEBP")[:-3], "cut off"),
        (drawn("WEBP")[:9], "cut off"),
        (drawn("WEBP", xmp=b"<a"), "XMP packet"),
        (drawn("WEBP", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"), "EXIF: it is cut off"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, fault: str) -> None:
    faults = "; ".join(read(data).faults).replace("its XMP is", "its XMP packet is")
    assert fault in faults
