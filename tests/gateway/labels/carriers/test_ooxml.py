"""DOCX, XLSX, PPTX: Office libraries open what was written, other parts keep their packed bytes."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable

import pytest
from kit.specimens import LABEL, OTHER, docx, pptx, saved, unzipped, xlsx, zipped

from gateway.errors import LabelError
from gateway.labels.carrier import Reading
from gateway.labels.carriers.ooxml import Ooxml
from gateway.labels.files import write_bytes

CUSTOM = "docProps/custom.xml"


def read(data: bytes) -> Reading:
    return Ooxml().read(io.BytesIO(data))


def changed(data: bytes, **parts: Callable[[bytes], bytes] | bytes | None) -> bytes:
    """The document with parts changed; ``_`` stands for what a keyword may not hold."""
    names = {
        "types": "[Content_Types].xml",
        "relations": "_rels/.rels",
        "custom": CUSTOM,
        "document": "word/document.xml",
    }
    found = unzipped(data)
    for key, change in parts.items():
        name = names.get(key, key)
        if change is None:
            del found[name]
        else:
            found[name] = change if isinstance(change, bytes) else change(found[name])
    return zipped(found)


def raw(data: bytes) -> dict[str, bytes]:
    """Every part as it is packed."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            start = info.header_offset
            begin = (
                start
                + 30
                + int.from_bytes(data[start + 26 : start + 28], "little")
                + int.from_bytes(data[start + 28 : start + 30], "little")
            )
            found[info.filename] = data[begin : begin + info.compress_size]
    return found


def with_properties() -> bytes:
    """A table with custom properties of its user."""
    import openpyxl
    from openpyxl.packaging.custom import IntProperty, StringProperty

    book = openpyxl.Workbook()
    book.custom_doc_props.append(StringProperty(name="Client", value="客户"))
    book.custom_doc_props.append(IntProperty(name="Pages", value=7))
    return saved(book)


def test_openpyxl_reads_the_property_and_those_that_were_there() -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(write_bytes(with_properties(), LABEL)))
    assert {one.name: one.value for one in book.custom_doc_props.props} == {
        "Client": "客户",
        "Pages": 7,
        "AIGC": LABEL.dump(),
    }


def test_the_property_gets_a_number_of_its_own() -> None:
    xml = unzipped(write_bytes(with_properties(), LABEL))[CUSTOM].decode()
    assert len(set(__import__("re").findall(r'pid="(\d+)"', xml))) == 3


@pytest.mark.parametrize("make", [docx, xlsx, pptx, with_properties])
def test_all_parts_but_three_keep_their_packed_bytes(make: Callable[[], bytes]) -> None:
    document = make()  # once: openpyxl stamps the second in which it saves
    before, after = raw(document), raw(write_bytes(document, LABEL))
    ours = {CUSTOM, "[Content_Types].xml", "_rels/.rels"}
    assert {name: data for name, data in after.items() if name not in ours} == {
        name: data for name, data in before.items() if name not in ours
    }
    with zipfile.ZipFile(io.BytesIO(write_bytes(make(), LABEL))) as archive:
        assert archive.testzip() is None


def test_the_libraries_of_the_formats_open_what_was_written() -> None:
    import docx as words
    import openpyxl
    import pptx as slides

    text = words.Document(io.BytesIO(write_bytes(docx(), LABEL)))
    assert (text.paragraphs[0].text, text.core_properties.title) == ("第一段 first paragraph", "a title")
    part = next(one for one in text.part.package.iter_parts() if str(one.partname) == f"/{CUSTOM}")
    assert part.content_type.endswith("custom-properties+xml")
    assert openpyxl.load_workbook(io.BytesIO(write_bytes(xlsx(), LABEL))).active["A1"].value == "数字 number"
    assert len(slides.Presentation(io.BytesIO(write_bytes(pptx(), LABEL))).slides) == 1


def test_a_second_label_is_found_in_another_property_and_in_the_core() -> None:
    labelled = write_bytes(docx(), LABEL)
    twice = changed(
        labelled,
        custom=lambda xml: xml.replace(
            b"</Properties>",
            xml[xml.index(b"<property") : xml.index(b"</Properties>")].replace(b'name="AIGC"', b'name="Note"')
            + b"</Properties>",
        ),
    )
    assert [one.name for one in read(twice).fields] == ["AIGC", "Note"]
    assert [one.name for one in read(write_bytes(twice, OTHER, replace=True)).fields] == ["AIGC"]


def test_a_property_that_office_would_not_find_is_in_an_unusual_place() -> None:
    labelled = write_bytes(docx(), LABEL)
    lost = changed(labelled, relations=lambda xml: xml.replace(b"/custom-properties", b"/other"))
    number = changed(labelled, custom=lambda xml: xml.replace(b"vt:lpwstr", b"vt:lpstr"))
    assert [one.usual for data in (lost, number) for one in read(data).fields] == [False, False]


def test_a_visible_label_in_a_text_is_a_trace() -> None:
    import docx as words

    document = words.Document()
    document.add_paragraph("本内容由人工智能生成")
    document.add_paragraph("text")
    assert [trace.kind for trace in read(saved(document)).traces] == ["visible-text"]


BOMB = b"<!DOCTYPE a [<!ENTITY b 'bb'>]><Properties>&b;</Properties>"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (docx()[:-30], "directory is broken"),
        (docx()[:500], "directory is broken"),
        (b"PK\3\4" + docx(), "does not begin"),
        (zipped({"a.txt": b"x"}), "no Office document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "under a password"),
        (changed(docx(), custom=BOMB), "has a DOCTYPE"),
        (changed(docx(), custom=b"<Properties>"), "is broken"),
        (changed(docx(), custom=b"<a/>" + bytes(5 << 20)), "has 5,242,884 bytes"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    (told,) = read(data).faults
    assert fault in told
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL, replace=True)


def test_a_part_that_lies_about_its_size_is_not_unpacked() -> None:
    data = bytearray(changed(write_bytes(docx(), LABEL), custom=b" " * (64 << 20)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo(CUSTOM)
    size = info.file_size.to_bytes(4, "little")
    at = data.rindex(size)
    data[at : at + 4] = (1000).to_bytes(4, "little")
    (told,) = read(bytes(data)).faults
    assert "unpacks to more than 4 MiB" in told


def test_parts_of_one_name_and_encrypted_parts_are_told() -> None:
    data = docx()
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("word/document.xml", b"<other/>")
    assert "two parts of one name" in read(out.getvalue()).faults[0]
    locked = bytearray(data)
    at = locked.rindex(b"PK\1\2")
    locked[at + 8] |= 1
    assert "encrypted parts" in read(bytes(locked)).faults[0]


def test_a_signed_document_is_not_broken() -> None:
    signed = changed(docx(), **{"_xmlsignatures/origin.sigs": b""})
    assert read(signed).faults == ()
    with pytest.raises(LabelError, match="digitally signed"):
        write_bytes(signed, LABEL)


def test_a_large_document_is_copied_and_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = unzipped(docx())
    large = zipped({**found, "word/media/image1.png": os.urandom(3_000_000)})
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    after = write_bytes(large, LABEL)
    assert 0 < len(after) - len(large) < 1500
