"""JPEG: Pillow and exiftool find the label, other segments stay, and what is broken is told."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import pytest
from kit.specimens import LABEL, OTHER, drawn, picture
from kit.tools import exiftool, needs
from PIL import Image

from gateway.errors import LabelError
from gateway.labels.carrier import Reading
from gateway.labels.carriers.jpeg import Jpeg
from gateway.labels.files import write_bytes


def read(data: bytes) -> Reading:
    return Jpeg().read(io.BytesIO(data))


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def with_segments(*segments: bytes) -> bytes:
    """The picture with segments behind its JFIF header."""
    data = drawn("JPEG")
    return data[:20] + b"".join(segments) + data[20:]


def exif(**more: str) -> Image.Exif:
    found = Image.Exif()
    found[0x010E] = more.get("description", "a description")
    found[0x0131] = more.get("software", "GIMP")
    found.get_ifd(0x8769)[0x9003] = "2025:09:01 00:00:00"
    if "comment" in more:
        found.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + more["comment"].encode()
    return found


def scans(data: bytes) -> bytes:
    """What follows the metadata: tables, frame and scans."""
    return data[data.index(b"\xff\xdb") :]


@pytest.mark.parametrize("form", ["", "exif"])
@pytest.mark.parametrize("before", [drawn("JPEG"), drawn("JPEG", exif=exif()), drawn("JPEG", comment=b"hi")])
def test_pillow_reads_the_label_and_all_that_was_there(form: str, before: bytes) -> None:
    after = write_bytes(before, LABEL, form=form)
    assert scans(after) == scans(before)
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
        had, has = dict(old.getexif()), dict(new.getexif())
        if form:
            comment = new.getexif().get_ifd(0x8769)[0x9286]
            assert comment[:8] == b"ASCII\0\0\0"
            assert json.loads(comment[8:]) == {"AIGC": LABEL.elements()}
            has.pop(0x8769, None)
            had.pop(0x8769, None)
        else:
            assert LABEL.dump().encode() in new.info["xmp"]
        assert has == had
        assert new.getexif().get_ifd(0x8769).get(0x9003) == old.getexif().get_ifd(0x8769).get(0x9003)
        assert new.info.get("comment") == old.info.get("comment")


@needs("exiftool")
@pytest.mark.parametrize(("form", "tag"), [("", "xmp:aigc"), ("exif", "exif:usercomment")])
def test_exiftool_reads_the_label_and_warns_of_nothing(tmp_path: Path, form: str, tag: str) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(write_bytes(drawn("JPEG", exif=exif()), LABEL, form=form))
    found = exiftool(file)
    value = found[tag]
    value = json.loads(value) if isinstance(value, str) else value
    assert value == (LABEL.elements() if not form else {"AIGC": LABEL.elements()})
    assert found["exif:imagedescription"] == "a description"
    assert found["exif:datetimeoriginal"].startswith("2025")
    assert "exiftool:warning" not in found


def test_a_label_in_exif_of_either_byte_order_is_read_and_taken_out() -> None:
    for order in ("<", ">"):
        mark = b"II" if order == "<" else b"MM"
        text = b"ASCII\0\0\0" + LABEL.dump(wrapped=True).encode()
        blob = mark + struct.pack(order + "HIHHHIII", 42, 8, 1, 0x8769, 4, 1, 26, 0)
        blob += struct.pack(order + "HHHIII", 1, 0x9286, 7, len(text), 44, 0) + text
        before = with_segments(segment(0xE1, b"Exif\0\0" + blob))
        (field,) = read(before).fields
        assert (field.place, field.name, field.usual) == ("EXIF UserComment", "AIGC", True)
        after = write_bytes(before, OTHER, replace=True)
        assert [one.place for one in read(after).fields] == ["XMP"]
        assert LABEL.produce_id.encode() not in after


def test_a_comment_in_unicode_is_read() -> None:
    for code in ("utf-16-le", "utf-16-be"):
        found = exif()
        found.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + LABEL.dump(wrapped=True).encode(code)
        (field,) = read(drawn("JPEG", exif=found)).fields
        assert field.text == LABEL.dump(wrapped=True)


def test_a_users_own_comment_is_not_written_over() -> None:
    before = drawn("JPEG", exif=exif(comment="my holiday"))
    with pytest.raises(LabelError, match="says something else already"):
        write_bytes(before, LABEL, form="exif")
    assert b"my holiday" in write_bytes(before, LABEL)


def test_labels_in_xmp_exif_and_comment_are_all_found_and_one_is_left() -> None:
    before = write_bytes(drawn("JPEG", exif=exif(comment=LABEL.dump(wrapped=True))), OTHER, replace=True)
    assert len(read(before).fields) == 1
    both = before[:20] + segment(0xE1, b"Exif\0\0" + exif(comment=LABEL.dump(wrapped=True)).tobytes()[6:])
    both += segment(0xFE, LABEL.dump().encode()) + before[20:]
    assert [one.place for one in read(both).fields] == ["EXIF UserComment", "COM", "XMP"]


def test_extended_xmp_is_read() -> None:
    from gateway.labels.carriers import xmp

    body = xmp.write(None, LABEL)
    half = len(body) // 2
    parts = [
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", len(body), at) + piece)
        for at, piece in ((half, body[half:]), (0, body[:half]))
    ]
    before = with_segments(*parts)
    assert [one.name for one in read(before).fields] == ["AIGC"]
    with pytest.raises(LabelError, match="extended XMP"):
        write_bytes(before, OTHER, replace=True)


def test_the_second_schema_of_a_big_platform_is_a_trace() -> None:
    text = json.dumps({"ServiceProvider": "x", "ServiceUser": "y", "Time": "z", "ContentId": "1"})
    reading = read(drawn("JPEG", exif=exif(description=text)))
    assert (reading.fields, [trace.kind for trace in reading.traces]) == ((), ["foreign-schema"])


def test_a_picture_in_a_picture_ends_where_the_first_ends() -> None:
    """Phones append a second picture (MPF): it is no second format, but it is behind the end."""
    before = drawn("JPEG")
    assert read(before + drawn("JPEG", picture().rotate(9))).end == len(before)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\xff\xd8\xff", "cut off"),
        (b"\xff\xd8\xff\xd9", "no picture"),
        (drawn("JPEG")[:-2], "no EOI"),
        (drawn("JPEG")[:300], "cut off in the segment"),
        (drawn("JPEG")[:20] + b"\0\0\0\0", "makes no sense"),
        (with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<a")), "XMP packet is broken"),
        (with_segments(segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f")), "EXIF: it is cut off"),
        (with_segments(segment(0xE1, b"Exif\0\0XX")), "EXIF: it"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, fault: str) -> None:
    assert fault in "; ".join(read(data).faults)


def test_metadata_that_fills_a_segment_leaves_no_room() -> None:
    from gateway.labels.carriers import xmp

    full = (
        xmp.write(None, LABEL)
        .replace(LABEL.dump().encode(), b"{}")
        .replace(b"<rdf:Description", b'<rdf:Description xmlns:a="b" a:long="' + b"x" * 64_900 + b'"')
    )
    with pytest.raises(LabelError, match="do not fit"):
        write_bytes(with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + full)), LABEL, replace=True)
