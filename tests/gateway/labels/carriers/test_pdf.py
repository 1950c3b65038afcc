"""PDF: pypdf and exiftool find the label; every byte that was there stays where it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from kit.specimens import LABEL, OTHER, drawn, pdf
from kit.tools import exiftool, needs
from pypdf import PdfReader, PdfWriter

from gateway.errors import LabelError
from gateway.labels.carrier import Reading
from gateway.labels.carriers import xmp
from gateway.labels.carriers.pdf import Pdf
from gateway.labels.files import write_bytes


def read(data: bytes) -> Reading:
    return Pdf().read(io.BytesIO(data))


def saved(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_xmp(packet: bytes) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.xmp_metadata = packet
    return saved(writer)


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    return saved(writer)


@pytest.mark.parametrize("before", [pdf(), drawn("PDF"), pdf(Author="作者")])
def test_pypdf_reads_the_label_and_all_that_was_there(before: bytes) -> None:
    after = write_bytes(before, LABEL)
    assert after.startswith(before)
    old, new = PdfReader(io.BytesIO(before)), PdfReader(io.BytesIO(after), strict=True)
    had = {key: value for key, value in (old.metadata or {}).items() if key != "/Producer"}
    has = {key: value for key, value in (new.metadata or {}).items() if key not in ("/Producer", "/AIGC")}
    assert has == had
    assert new.metadata is not None
    assert new.metadata["/AIGC"] == LABEL.dump()
    assert len(new.pages) == len(old.pages)


@needs("exiftool")
def test_exiftool_reads_the_label_and_warns_of_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(write_bytes(pdf(), LABEL))
    found = exiftool(file)
    assert found["pdf:aigc"] == LABEL.dump()
    assert found["pdf:title"] == "a title"
    assert "exiftool:warning" not in found


def test_a_label_that_is_passed_on_is_the_only_one_that_readers_see() -> None:
    after = write_bytes(write_bytes(pdf(aigc=OTHER.dump()), OTHER, replace=True), LABEL, replace=True)
    assert [(one.name, one.text) for one in read(after).fields] == [("AIGC", LABEL.dump())]


def test_a_label_in_xmp_is_found_and_not_doubled() -> None:
    before = with_xmp(xmp.write(None, OTHER))
    assert [(one.place, one.usual) for one in read(before).fields] == [("XMP", True)]
    with pytest.raises(LabelError, match="in its XMP"):
        write_bytes(before, LABEL, replace=True)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (encrypted(), "encrypted"),
        (b"%PDF-1.7\n", "broken"),
        (pdf()[:200], "broken"),
        (b"%PDF-1.7\n" + bytes(1000), "broken"),
        (with_xmp(b"<a"), "XMP packet is broken"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    (told,) = read(data).faults
    assert fault in told
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL)


def test_a_bomb_in_the_metadata_is_told() -> None:
    (told,) = read(with_xmp(b" " * (80 << 20))).faults
    assert told


def test_a_generators_name_is_a_trace() -> None:
    assert [trace.kind for trace in read(pdf(Creator="Midjourney")).traces] == ["generator"]


def test_broken_files_leave_no_words_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    read(pdf()[:200])
    read(pdf().replace(b"xref", b"xxxx"))
    assert caplog.records == []
