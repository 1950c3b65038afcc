"""Small files of every format that can carry a label, made here: none is a blob in the repository."""

from __future__ import annotations

import io
import json
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
