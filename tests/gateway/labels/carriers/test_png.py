"""PNG: Pillow and exiftool find the label, other chunks stay, and what is broken is told."""

from __future__ import annotations

import io
import json
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from kit.specimens import LABEL, OTHER, drawn, picture
from kit.tools import exiftool, needs
from PIL import Image, PngImagePlugin

from gateway.labels.carrier import Reading
from gateway.labels.carriers.png import Png
from gateway.labels.files import write as write_file
from gateway.labels.files import write_bytes


def read(data: bytes) -> Reading:
    return Png().read(io.BytesIO(data))


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


def with_chunks(*chunks: bytes) -> bytes:
    """The picture with chunks behind its header."""
    data = drawn("PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def kinds(data: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        found.append(data[place : place + 12 + length])
        place += 12 + length
    return found


@pytest.mark.parametrize("form", ["", "text"])
def test_pillow_reads_the_label(form: str) -> None:
    with Image.open(io.BytesIO(write_bytes(drawn("PNG"), LABEL, form=form))) as image:
        image.load()
        if form:
            assert json.loads(image.text["AIGC"]) == {"AIGC": LABEL.elements()}
        else:
            assert LABEL.dump() in image.info["XML:com.adobe.xmp"]


@needs("exiftool")
@pytest.mark.parametrize(("form", "tag"), [("", "xmp:aigc"), ("text", "png:aigc")])
def test_exiftool_reads_the_label_and_warns_of_nothing(tmp_path: Path, form: str, tag: str) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(write_bytes(drawn("PNG"), LABEL, form=form))
    found = exiftool(file)
    value = found[tag]
    value = json.loads(value) if isinstance(value, str) else value
    assert value == (LABEL.elements() if not form else {"AIGC": LABEL.elements()})
    assert "exiftool:warning" not in found


def test_every_other_chunk_stays_byte_for_byte_and_in_order() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "注 comment")
    texts.add_itxt("Title", "题", zip=True)
    texts.add_text("AIGC", LABEL.dump(wrapped=True))
    exif = Image.Exif()
    exif[0x010E] = "a description"
    before = drawn("PNG", pnginfo=texts, exif=exif, dpi=(72, 72), icc_profile=b"profile")
    after = write_bytes(before, OTHER, replace=True)
    kept = [one for one in kinds(before) if b"AIGC" not in one]
    assert [one for one in kinds(after) if b"TC260" not in one] == kept
    assert [one[4:8] for one in kinds(after)][:2] == [b"IHDR", b"iTXt"]


def test_an_xmp_packet_that_is_there_keeps_all_that_it_says() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="uuid:1" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="题"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    before = with_chunks(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet.encode()))
    after = write_bytes(before, LABEL)
    (text,) = [one for one in kinds(after) if b"adobe.xmp" in one]
    assert 'dc:title="题"'.encode() in text
    assert b'rdf:about="uuid:1" xmlns:TC260' in text


def test_a_compressed_packet_and_compressed_texts_are_read() -> None:
    before = with_chunks(
        chunk(b"zTXt", b"AIGC\0\0" + zlib.compress(LABEL.dump().encode())),
        chunk(b"iTXt", b"aigc\0\1\0\0\0" + zlib.compress(OTHER.dump().encode())),
    )
    assert [(one.place, one.name, one.usual) for one in read(before).fields] == [
        ("zTXt AIGC", "AIGC", True),
        ("iTXt aigc", "aigc", False),
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (drawn("PNG")[:8], "cut off"),
        (drawn("PNG")[:40], "cut off"),
        (drawn("PNG")[:-12], "cut off"),
        (drawn("PNG")[:8] + drawn("PNG")[33:], "makes no sense"),
        (with_chunks(struct.pack(">I4s", 0x80000000, b"tEXt")), "makes no sense"),
        (with_chunks(chunk(b"tEXt", b"AIGC\0{}", crc=1)), "check sum of a tEXt"),
        (with_chunks(chunk(b"zTXt", b"AIGC\0\0" + b"nonsense")), "compressed text chunk is broken"),
        (with_chunks(chunk(b"zTXt", b"AIGC\0\0" + zlib.compress(b"\0" * (64 << 20)))), "more than 1,048,576 bytes"),
        (with_chunks(chunk(b"tEXt", b"AIGC\0" + b"x" * (5 << 20))), "a tEXt chunk has"),
        (with_chunks(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<a>")), "XMP packet is broken"),
        (with_chunks(chunk(b"eXIf", b"MM\0*\0\0\0\x99")), "EXIF: it is cut off"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, fault: str) -> None:
    assert fault in "; ".join(read(data).faults)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"parameters\0a cat\nNegative prompt: dog", "generator"),
        (b"prompt\0{}", "generator"),
        (b"Software\0ComfyUI", "generator"),
        (b"Software\0GIMP", None),
        (b"Comment\0a cat made by hand", None),
    ],
)
def test_traces_of_a_generator_are_seen(text: bytes, kind: str | None) -> None:
    assert [trace.kind for trace in read(with_chunks(chunk(b"tEXt", text))).traces] == ([kind] if kind else [])


def test_a_manifest_of_c2pa_is_a_trace() -> None:
    assert [trace.kind for trace in read(with_chunks(chunk(b"caBX", b"jumb"))).traces] == ["c2pa"]


def test_a_megabyte_of_chunks_is_walked_in_a_moment() -> None:
    started = time.perf_counter()
    assert read(with_chunks(chunk(b"tEXt", b"a\0b") * 60_000)).faults == ()
    assert time.perf_counter() - started < 20


def test_a_picture_of_two_megapixels_needs_no_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes it fast: not one pixel is unpacked, and one copy is made."""
    file = tmp_path / "a.png"
    noise = Image.frombytes("RGB", (1920, 1080), os.urandom(1920 * 1080 * 3))
    noise.save(file, compress_level=1)
    unpacked: list[Any] = []
    monkeypatch.setattr(zlib, "decompressobj", lambda *a: unpacked.append(a))
    write_file(file, file, LABEL)
    assert unpacked == []


def test_characters_beyond_latin_go_into_xmp_only() -> None:
    from dataclasses import replace

    from gateway.errors import LabelError

    foreign = replace(LABEL, content_producer="某公司")
    with pytest.raises(LabelError, match="write it as XMP"):
        write_bytes(drawn("PNG", picture()), foreign, form="text", replace=True)
    assert "某公司".encode() in write_bytes(drawn("PNG"), foreign, replace=True)
