"""GIF: Pillow and exiftool find the label; frames, their times and the loop stay."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from kit.specimens import LABEL, OTHER, SPECIMENS, drawn, picture
from kit.tools import exiftool, needs
from PIL import Image

from gateway.labels.carrier import Reading
from gateway.labels.carriers.gif import Gif
from gateway.labels.files import write_bytes

GIFS = [name for name in SPECIMENS if name.endswith(".gif")]


def read(data: bytes) -> Reading:
    return Gif().read(io.BytesIO(data))


@pytest.mark.parametrize("name", GIFS)
def test_pillow_sees_the_extension_and_all_frames(name: str) -> None:
    before = SPECIMENS[name]()
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(write_bytes(before, LABEL))) as new:
        assert new.n_frames == old.n_frames
        assert new.info["extension"][0] == b"XMP DataXMP"  # all that Pillow makes of it
        assert new.info.get("loop") == old.info.get("loop")


@needs("exiftool")
@pytest.mark.parametrize("name", GIFS)
def test_exiftool_reads_the_label_and_warns_of_nothing(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.gif"
    file.write_bytes(write_bytes(SPECIMENS[name](), LABEL))
    found = exiftool(file)
    assert found["xmp:aigc"] == LABEL.dump()
    assert "exiftool:warning" not in found


def test_only_the_extension_joins() -> None:
    before = drawn("GIF", comment=b"my comment")
    after = write_bytes(before, LABEL)
    start = after.index(b"\x21\xff\x0bXMP")
    end = after.index(b"\x01\x00\x00") + 3
    assert after[6:start] + after[end:] == before[6:]
    assert len(write_bytes(after, OTHER, replace=True)) == len(after)


def test_a_gif87a_becomes_one_that_may_have_extensions() -> None:
    before = b"GIF87a" + drawn("GIF")[6:]
    assert write_bytes(before, LABEL)[:6] == b"GIF89a"


def test_a_label_in_a_comment_is_found_and_replaced() -> None:
    before = drawn("GIF", comment=LABEL.dump(wrapped=True).encode())
    assert [(one.place, one.name, one.usual) for one in read(before).fields] == [("comment", "AIGC", False)]
    assert [one.place for one in read(write_bytes(before, OTHER, replace=True)).fields] == ["XMP"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (drawn("GIF")[:-1], "no trailer"),
        (drawn("GIF")[:10], "no trailer"),
        (drawn("GIF")[:-1] + b"\x99\x3b", "makes no sense"),
        (drawn("GIF")[:-1] + b"\x21\xff\x0bXMP DataXMP<a/>\x3b", "has no end"),
        (write_bytes(drawn("GIF"), LABEL).replace(b"</rdf:RDF>", b"</rdf:XXX>"), "XMP packet is broken"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, fault: str) -> None:
    assert fault in "; ".join(read(data).faults)


def test_many_frames_are_walked_in_a_moment() -> None:
    frame = drawn("GIF", picture().convert("P").resize((4, 4)))
    body = frame[frame.index(b"\x2c") : -1]
    started = time.perf_counter()
    assert read(frame[:-1] + body * 50_000 + b"\x3b").faults == ()
    assert time.perf_counter() - started < 20
