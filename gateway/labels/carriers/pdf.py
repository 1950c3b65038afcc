"""The label in PDF: the key ``/AIGC`` of the document information, added by an update at the file's end."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from gateway.errors import LabelError
from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers import xmp
from gateway.labels.carriers.stream import LARGEST_FIELD, size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label

if TYPE_CHECKING:
    from pypdf import PdfReader

LARGEST: Final = 256 << 20
_MOST_KEYS: Final = 500


@dataclass(frozen=True, slots=True)
class Pdf:
    """PDF, TC260-PG-20258A §6.3; read and written with pypdf, which is imported when the first PDF comes."""

    name: str = "pdf"
    suffixes: tuple[str, ...] = (".pdf",)
    guide: str = "TC260-PG-20258A 6.3"
    confidence: Confidence = "H"
    place: str = "Info dictionary, /AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with the signature."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-")

    def read(self, source: BinaryIO) -> Reading:
        """Look into the document information and the XMP of the catalogue."""
        with _quiet():
            try:
                reader = _open(source)
                fields, traces = _found(reader)
            except LabelError as error:
                return Reading(faults=(str(error),))
            except Exception as error:
                return Reading(faults=(f"its structure is broken ({type(error).__name__})",))
        return Reading(tuple(fields), tuple(traces), (), _end(source))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Append an update: every byte that was there stays where it is."""
        from pypdf import PdfWriter  # noqa: PLC0415
        from pypdf.generic import NameObject, TextStringObject  # noqa: PLC0415

        with _quiet():
            try:
                reader = _open(source)
                fields, _ = _found(reader)
                if any(field.place != "Info" for field in fields):
                    raise refuse("it has a label in its XMP, which would become a second one")
                source.seek(0)
                writer = PdfWriter(io.BytesIO(source.read()), incremental=True)
                info = writer._info if writer._info is not None else {}
                for name in [key for key in info if _is_label(str(key), str(info[key]))]:
                    del info[name]
                writer.add_metadata({NameObject(f"/{NAME}"): TextStringObject(label.dump())})
                writer.write(target)
            except LabelError:
                raise
            except Exception as error:
                raise refuse(f"its structure is broken ({type(error).__name__})") from None


def _open(source: BinaryIO) -> PdfReader:
    from pypdf import PdfReader  # noqa: PLC0415

    if size_of(source) > LARGEST:
        raise refuse(f"a PDF of more than {LARGEST >> 20} MiB is not read")
    reader = PdfReader(source, strict=False)
    if reader.is_encrypted:
        raise refuse("it is encrypted: what it holds cannot be seen")
    return reader


def _found(reader: PdfReader) -> tuple[list[Field], list[Trace]]:
    fields: list[Field] = []
    traces: list[Trace] = []
    info = reader.trailer.get("/Info")
    info = info.get_object() if info is not None else {}
    for number, (key, value) in enumerate(dict(info).items()):
        if number > _MOST_KEYS:
            raise refuse(f"its document information has more than {_MOST_KEYS} keys")
        name, text = str(key).removeprefix("/"), _text(value)
        if _is_label(name, text):
            fields.append(Field("Info", name, text, name == NAME))
        elif name in ("Producer", "Creator") and (maker := xmp.generator(text)):
            traces.append(Trace("generator", f"Info {name}: {maker}"))
    catalogue: Any = reader.trailer["/Root"].get_object()
    files = catalogue.get("/AF")
    parts = list(files.get_object() if files is not None else [])[:_MOST_KEYS]
    sealed = any(str(one.get_object().get("/AFRelationship")) == "/C2PA_Manifest" for one in parts)
    traces += [Trace("c2pa", "associated file C2PA_Manifest")] if sealed else []
    stream = catalogue.get("/Metadata")
    if stream is not None:
        data = stream.get_object().get_data()
        if len(data) > LARGEST_FIELD:
            raise refuse(f"its XMP packet has {len(data):,} bytes")
        try:
            packet = xmp.read(data)
        except ValueError as error:
            raise refuse(f"its XMP packet {error}") from None
        fields += packet.fields
        traces += packet.traces
    if not len(reader.pages):
        raise refuse("it has no pages")
    return fields, traces


def _text(value: Any) -> str:
    return str(value.get_object() if hasattr(value, "get_object") else value)


def _is_label(name: str, text: str) -> bool:
    return NAME in name.upper() or is_like_a_label(text)


def _end(source: BinaryIO) -> int | None:
    """Return where the last ``%%EOF`` ends, with the line end behind it."""
    size = size_of(source)
    source.seek(max(0, size - 65536))
    tail = source.read()
    found = tail.rfind(b"%%EOF")
    if found < 0:
        return None
    at = found + 5
    while at < len(tail) and tail[at : at + 1] in (b"\r", b"\n", b" ", b"\0", b"\t"):
        at += 1
    return size - len(tail) + at


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pypdf's remarks on broken files out of the log: what matters of them is in our own words."""
    log = logging.getLogger("pypdf")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)
