"""Small files of every format that can carry a label, made here: none is a blob in the repository."""

from __future__ import annotations

import io
import json
import struct
import wave
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image

from gateway.labels.metadata import AigcLabel

CODE = "001191110102MAD55U9H0F10002"
LABEL = AigcLabel.of(CODE, "exchange-1")
OTHER = AigcLabel.of(CODE, "exchange-2")


@cache
def picture() -> Image.Image:
    """A picture whose pixels would show any change."""
    return Image.linear_gradient("L").resize((97, 61)).convert("RGB")


def drawn(form: str, image: Image.Image | None = None, **more: Any) -> bytes:
    """The picture in one of Pillow's formats."""
    out = io.BytesIO()
    (image or picture()).save(out, form, **more)
    return out.getvalue()


def docx() -> bytes:
    import docx as library

    document = library.Document()
    document.add_paragraph("第一段 first paragraph")
    document.core_properties.title = "a title"
    return saved(document)


def xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "数字 number"
    return saved(book)


def pptx() -> bytes:
    import pptx as library

    show = library.Presentation()
    show.slides.add_slide(show.slide_layouts[6])
    return saved(show)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(**information: str) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 100)
    writer.add_metadata({f"/{key}": value for key, value in ({"Title": "a title"} | information).items()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def markdown(front: str | None = None, body: str = "# 标题 heading\n\ntext\n") -> bytes:
    return (body if front is None else f"---\n{front}---\n{body}").encode()


def html() -> bytes:
    return "<!doctype html>\n<html><head><meta charset=utf-8><title>题</title></head><body>文</body></html>\n".encode()


def answer() -> bytes:
    return json.dumps({"id": "exchange-1", "choices": [{"message": {"content": "好"}}]}, indent=1).encode()


def wav(*chunks: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(range(200)))
    data = out.getvalue() + b"".join(chunks)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def mp3(tag: bytes = b"") -> bytes:
    """Frames of 128 kbit/s with nothing in them."""
    return tag + (b"\xff\xfb\x90\x64" + bytes(413)) * 8


def id3(version: int, *frames: tuple[str, bytes]) -> bytes:
    """A tag as another writer would make it."""
    out = io.BytesIO(mp3())
    from mutagen.id3 import ID3, Frames

    tags = ID3()
    for name, text in frames:
        tags.add(Frames[name](encoding=1, text=[text.decode()]))
    tags.save(out, v2_version=version)
    return out.getvalue()


def flac(*blocks: tuple[int, bytes]) -> bytes:
    """Metadata blocks and the beginning of a frame; the sound is not decoded here."""
    information = (
        struct.pack(">HH", 4096, 4096) + bytes(6) + (8000 << 44 | 15 << 36 | 100).to_bytes(8, "big") + bytes(16)
    )
    every = [(0, information), *blocks]
    heads = [
        bytes([kind | (0x80 if n == len(every) else 0)]) + len(data).to_bytes(3, "big") + data
        for n, (kind, data) in enumerate(every, 1)
    ]
    return b"fLaC" + b"".join(heads) + b"\xff\xf8" + bytes(range(50))


def comments(*items: str) -> bytes:
    """A block of Vorbis comments."""
    raw = [b"vendor", *(item.encode() for item in items)]
    packed = [struct.pack("<I", len(one)) + one for one in raw]
    return packed[0] + struct.pack("<I", len(items)) + b"".join(packed[1:])


def opus(*items: str, padding: int = 0) -> bytes:
    """An Ogg file with pages that mutagen makes."""
    from mutagen.ogg import OggPage

    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    pages = []
    for number, (packets, granule) in enumerate(
        [
            ([head], 0),
            ([b"OpusTags" + comments(*items) + bytes(padding)], 0),
            ([b"\xfc" * 9], 960),
            ([b"\xfc" * 700], 1920),
        ]
    ):
        made = OggPage.from_packets(packets, sequence=0)
        for page in made:
            page.serial, page.sequence, page.position = 7, len(pages), granule
            page.first = not pages
            page.last = number == 3
            pages.append(page)
    return b"".join(page.write() for page in pages)


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def film(*more: bytes, last: bool = False, table: bytes = b"stco") -> bytes:
    """Boxes of a film with two samples of four bytes and their addresses; ``more`` joins the index."""
    kind = box(b"ftyp", b"isom", bytes(4), b"isommp42")
    samples = box(b"mdat", b"ABCDEFGH")
    form = ">II" if table == b"stco" else ">QQ"

    def index(place: int) -> bytes:
        addresses = struct.pack(form, place, place + 4)
        tables = box(b"stbl", box(table, bytes(4), struct.pack(">I", 2), addresses))
        return box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"mdia", box(b"minf", tables))), *more)

    if last:
        return kind + samples + index(len(kind) + 8)
    return kind + index(len(kind) + len(index(0)) + 8) + samples


ITUNES = box(
    b"udta",
    box(
        b"meta",
        bytes(4),
        box(b"hdlr", bytes(8), b"mdir", b"appl", bytes(9)),
        box(b"ilst", box(b"\xa9nam", box(b"data", struct.pack(">II", 1, 0), b"a title"))),
    ),
)


def ebml(name: int, data: bytes) -> bytes:
    """An element; sizes always in four bytes."""
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (len(data) | 1 << 28).to_bytes(4, "big") + data


def mkv(*, index: bool = True, tags: bytes = b"", room: int = 60) -> bytes:
    """A segment with an index, room behind it, information, a cluster and, in the middle, tags."""
    seek = ebml(0x4DBB, ebml(0x53AB, b"\x15\x49\xa9\x66") + ebml(0x53AC, b"\0\0"))
    head = ebml(0x114D9B74, seek) + (ebml(0xEC, bytes(room)) if room else b"") if index else b""
    information = ebml(0x1549A966, ebml(0x4D80, b"kit") + ebml(0x5741, b"kit"))
    cluster = ebml(0x1F43B675, ebml(0xE7, b"\0") + ebml(0xA3, b"\x81\0\0\x80words"))
    body = head + information + tags + cluster
    return ebml(0x1A45DFA3, ebml(0x4282, b"matroska")) + ebml(0x18538067, body)


SPECIMENS: dict[str, Callable[[], bytes]] = {
    "picture.png": lambda: drawn("PNG"),
    "palette.png": lambda: drawn("PNG", picture().convert("P")),
    "picture.jpg": lambda: drawn("JPEG", quality=80),
    "progressive.jpg": lambda: drawn("JPEG", progressive=True),
    "grey.jpg": lambda: drawn("JPEG", picture().convert("L")),
    "lossy.webp": lambda: drawn("WEBP"),
    "lossless.webp": lambda: drawn("WEBP", lossless=True),
    "alpha.webp": lambda: drawn("WEBP", picture().convert("RGBA"), lossless=True),
    "moving.webp": lambda: drawn("WEBP", save_all=True, append_images=[picture().rotate(9)]),
    "picture.gif": lambda: drawn("GIF"),
    "moving.gif": lambda: drawn("GIF", save_all=True, append_images=[picture().rotate(9)], loop=0),
    "picture.tiff": lambda: drawn("TIFF"),
    "pages.tif": lambda: drawn("TIFF", save_all=True, append_images=[picture().rotate(9)], compression="tiff_lzw"),
    "big.tiff": lambda: drawn("TIFF", big_tiff=True),
    "page.pdf": pdf,
    "scan.pdf": lambda: drawn("PDF"),
    "text.docx": docx,
    "table.xlsx": xlsx,
    "slides.pptx": pptx,
    "plain.md": markdown,
    "front.md": lambda: markdown("title: 题\ntags: [a, b]\n"),
    "sound.wav": wav,
    "sound.mp3": mp3,
    "tagged3.mp3": lambda: id3(3, ("TIT2", "题".encode())),
    "tagged4.mp3": lambda: id3(4, ("TIT2", "题".encode())),
    "sound.flac": lambda: flac((4, comments("TITLE=题")), (1, bytes(30))),
    "bare.flac": flac,
    "sound.opus": lambda: opus("TITLE=题"),
    "first.mp4": film,
    "last.mp4": lambda: film(last=True),
    "itunes.m4a": lambda: film(ITUNES),
    "long.mov": lambda: film(table=b"co64"),
    "film.mkv": mkv,
    "live.webm": lambda: mkv(index=False),
    "page.html": html,
    "answer.json": answer,
}
"""By file name; every one is without a label."""


def frames(data: bytes) -> list[bytes]:
    """The pixels of a picture, frame by frame."""
    found = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(image.convert("RGBA").tobytes())
    return found
