"""The label in DOCX, XLSX and PPTX: the custom property AIGC; all other parts are copied without unpacking them."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers.markup import Element, elements, tag_text, without
from gateway.labels.carriers.stream import copy, size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label
from gateway.labels.traces import visible

_CUSTOM: Final = "docProps/custom.xml"
_TYPES: Final = "[Content_Types].xml"
_RELATIONS: Final = "_rels/.rels"
_BODY: Final = "word/document.xml"
_CORE: Final = "docProps/core.xml"
_LARGEST_PART: Final = 4 << 20
_MOST_PARTS: Final = 20_000
_PROPERTIES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_KIND: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_USER: Final = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_EMPTY: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_VALUES}"></Properties>'
).encode()
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class _Bad(Exception):
    """Why a document cannot be read, for a person."""


class Package(NamedTuple):
    """A document's parts, and where its ZIP directory begins."""

    parts: dict[str, zipfile.ZipInfo]
    directory: int


@dataclass(frozen=True, slots=True)
class Ooxml:
    """DOCX, XLSX, PPTX, their templates and macro forms; TC260-PG-20258A §6.1."""

    name: str = "ooxml"
    suffixes: tuple[str, ...] = (
        *(".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm"),
        *(".dotx", ".xltx", ".potx", ".dotm", ".xltm", ".potm", ".ppsx"),
    )
    guide: str = "TC260-PG-20258A 6.1"
    confidence: Confidence = "H"
    place: str = "docProps/custom.xml, property AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it is a ZIP, which ``read`` looks into, or what Office makes of a document under a password."""
        return head.startswith((b"PK\3\4", _OLD_OFFICE))

    def read(self, source: BinaryIO) -> Reading:
        """Look into the custom and core properties, and for visible labels in a text document."""
        try:
            package = _open(source)
            fields, traces = self._found(source, package)
        except (_Bad, ValueError) as bad:
            return Reading(faults=(str(bad),))
        return Reading(fields, traces)

    def _found(self, source: BinaryIO, package: Package) -> tuple[tuple[Field, ...], tuple[Trace, ...]]:
        fields = []
        if (custom := _part(source, package, _CUSTOM)) is not None:
            registered = _is_registered(source, package)
            for element in _elements(custom, _CUSTOM):
                name = element.attributes.get("name", "")
                if element.local == "property" and _is_label(element):
                    fields.append(Field(_CUSTOM, name, element.text.strip(), registered and _is_text(custom, element)))
        if (core := _part(source, package, _CORE)) is not None:
            fields += [
                Field(_CORE, element.local, element.text.strip(), usual=False)
                for element in _elements(core, _CORE)
                if is_like_a_label(element.text) and element.local != "coreProperties"
            ]
        traces: tuple[Trace, ...] = ()
        info = package.parts.get(_BODY)
        if info is not None and info.file_size <= _LARGEST_PART and (body := _part(source, package, _BODY)) is not None:
            lines = [element.text for element in _elements(body, _BODY) if element.local == "p"]
            traces = visible("\n".join(lines))
        return tuple(fields), traces

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Write the three small parts that name the property anew, and copy every other part as it is."""
        try:
            package = _open(source)
            if any(name.startswith("_xmlsignatures/") for name in package.parts):
                raise refuse(
                    "it is digitally signed: a label would break the signature", "label it before it is signed"
                )
            old = _part(source, package, _CUSTOM)
            new = {_CUSTOM: _with_label(old or _EMPTY, label)}
            types = _part(source, package, _TYPES)
            relations = _part(source, package, _RELATIONS)
            if types is None or relations is None:
                raise _Bad("it is no Office document: a part is missing")
            if (changed := _with_type(types)) is not None:
                new[_TYPES] = changed
            if (changed := _with_relation(relations)) is not None:
                new[_RELATIONS] = changed
        except (_Bad, ValueError) as bad:
            raise refuse(str(bad)) from None
        _rewrite(source, target, package, new)


def _open(source: BinaryIO) -> Package:
    """Read the ZIP directory; raises ``_Bad`` where two readers could see two documents in it."""
    size_of(source)
    if source.read(8) == _OLD_OFFICE:
        raise _Bad("it is under a password, or of an Office before 2007: what it holds cannot be seen")
    try:
        with zipfile.ZipFile(source) as archive:
            infos = archive.infolist()
            directory = archive.start_dir
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, EOFError):
        raise _Bad("its ZIP directory is broken or cut off") from None
    if len(infos) > _MOST_PARTS:
        raise _Bad(f"it has more than {_MOST_PARTS:,} parts")
    parts = {info.orig_filename: info for info in infos}
    if len({name.lower() for name in parts}) < len(infos):
        raise _Bad("it has two parts of one name: readers may see either")
    if any(info.flag_bits & 1 for info in infos):
        raise _Bad("it holds encrypted parts")
    if _TYPES not in parts:
        raise _Bad("it is a ZIP, but no Office document")
    source.seek(0)
    if source.read(4) != b"PK\3\4" or min(info.header_offset for info in infos) != 0:
        raise _Bad("its ZIP does not begin at the file's beginning")
    return Package(parts, directory)


def _part(source: BinaryIO, package: Package, name: str) -> bytes | None:
    """Return a part unpacked, at most 4 MiB of it; None where there is none."""
    info = package.parts.get(name)
    if info is None:
        return None
    if info.file_size > _LARGEST_PART or info.compress_size > _LARGEST_PART:
        raise _Bad(f"its part {name} has {info.file_size:,} bytes")
    try:
        source.seek(info.header_offset)
        head = source.read(30)
        names, extra = struct.unpack("<HH", head[26:30])
        if head[:4] != b"PK\3\4" or source.read(names) != info.orig_filename.encode():
            raise _Bad(f"its part {name} is not where its directory says")
        source.seek(extra, 1)
        packed = source.read(info.compress_size)
    except struct.error:
        raise _Bad(f"its part {name} is cut off") from None
    data = _unpacked(packed, info.compress_type, name)
    if zlib.crc32(data) != info.CRC:
        raise _Bad(f"the check sum of its part {name} is wrong")
    return data


def _unpacked(packed: bytes, method: int, name: str) -> bytes:
    if method == zipfile.ZIP_STORED:
        return packed
    if method != zipfile.ZIP_DEFLATED:
        raise _Bad(f"its part {name} is packed in a way that Office does not use")
    machine = zlib.decompressobj(-15)
    try:
        data = machine.decompress(packed, _LARGEST_PART)
    except zlib.error:
        raise _Bad(f"its part {name} is broken") from None
    if machine.unconsumed_tail:
        raise _Bad(f"its part {name} unpacks to more than {_LARGEST_PART >> 20} MiB")
    return data


def _elements(xml: bytes, name: str) -> list[Element]:
    try:
        return elements(xml)
    except ValueError as error:
        raise _Bad(f"its part {name} {error}") from None


def _is_label(element: Element) -> bool:
    return NAME in element.attributes.get("name", "").upper() or is_like_a_label(element.text)


def _is_text(xml: bytes, element: Element) -> bool:
    """Whether the property's value is a string, as the guide has it."""
    return bool(re.match(rb"\s*<(?:[\w.-]+:)?lpwstr[\s>/]", xml[element.inside : element.close]))


def _is_registered(source: BinaryIO, package: Package) -> bool:
    """Whether the part is named where Office looks it up."""
    relations = _part(source, package, _RELATIONS)
    return relations is not None and any(
        one.attributes.get("Type") == _KIND for one in _elements(relations, _RELATIONS)
    )


def _with_label(xml: bytes, label: AigcLabel) -> bytes:
    old = [(one.start, one.end) for one in _elements(xml, _CUSTOM) if one.local == "property" and _is_label(one)]
    body = without(xml, old)
    found = _elements(body, _CUSTOM)
    root = found[-1]
    used = [int(one.attributes["pid"]) for one in found if one.attributes.get("pid", "").isdigit()]
    item = (
        (
            f'<property xmlns="{_PROPERTIES}" xmlns:vt="{_VALUES}" fmtid="{_USER}" '
            f'pid="{max([1, *used]) + 1}" name="{NAME}"><vt:lpwstr>'
        ).encode()
        + tag_text(label.dump())
        + b"</vt:lpwstr></property>"
    )
    return _inserted(body, root, item)


def _inserted(xml: bytes, root: Element, item: bytes) -> bytes:
    """Return the document with ``item`` as the last child of its root."""
    if root.close == root.inside and xml[root.inside - 2 : root.inside] == b"/>":
        name = re.match(rb"<([^\s/>]+)", xml[root.start :])
        tail = b"</" + (name[1] if name else b"") + b">"
        return xml[: root.inside - 2] + b">" + item + tail + xml[root.inside :]
    return xml[: root.close] + item + xml[root.close :]


def _with_type(xml: bytes) -> bytes | None:
    """Return the list of content types with the part in it; None where it is there already."""
    found = _elements(xml, _TYPES)
    if any(one.attributes.get("PartName", "").lower() == f"/{_CUSTOM}".lower() for one in found):
        return None
    root = found[-1]
    prefix = _prefix(xml, root)
    return _inserted(xml, root, f'<{prefix}Override PartName="/{_CUSTOM}" ContentType="{_TYPE}"/>'.encode())


def _with_relation(xml: bytes) -> bytes | None:
    """Return the package's relations with the part in them; None where it is there already."""
    found = _elements(xml, _RELATIONS)
    if any(one.attributes.get("Type") == _KIND for one in found):
        return None
    used = {one.attributes.get("Id", "") for one in found}
    number = next(n for n in range(1, len(used) + 2) if f"rIdAIGC{n}" not in used)
    root = found[-1]
    prefix = _prefix(xml, root)
    item = f'<{prefix}Relationship Id="rIdAIGC{number}" Type="{_KIND}" Target="{_CUSTOM}"/>'
    return _inserted(xml, root, item.encode())


def _prefix(xml: bytes, root: Element) -> str:
    found = re.match(rb"<([\w.-]+:)", xml[root.start :])
    return found[1].decode() if found else ""


def _rewrite(source: BinaryIO, target: BinaryIO, package: Package, new: dict[str, bytes]) -> None:
    """Copy the ZIP with ``new`` parts in the place of the old ones; the others keep their packed bytes."""
    begin = target.tell()
    ordered = sorted(package.parts.values(), key=lambda info: info.header_offset)
    edges = [info.header_offset for info in ordered[1:]] + [package.directory]
    records = []
    for info, edge in zip(ordered, edges, strict=True):
        place = target.tell() - begin
        name = info.orig_filename
        if name in new:
            records.append(_put(target, name, new[name], place, info))
        else:
            copy(source, target, info.header_offset, edge)
            records.append(_record(info, place))
    for name, data in new.items():
        if name not in package.parts:
            records += [_put(target, name, data, target.tell() - begin, None)]
    start = target.tell() - begin
    target.writelines(records)
    size = target.tell() - begin - start
    target.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(records), len(records), size, start, 0))


def _put(target: BinaryIO, name: str, data: bytes, place: int, old: zipfile.ZipInfo | None) -> bytes:
    """Write a part; return its record for the directory."""
    machine = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = machine.compress(data) + machine.flush()
    info = zipfile.ZipInfo(name, old.date_time if old else (1980, 1, 1, 0, 0, 0))
    info.compress_type, info.CRC = zipfile.ZIP_DEFLATED, zlib.crc32(data)
    info.compress_size, info.file_size = len(packed), len(data)
    info.create_system = old.create_system if old else 0
    raw = name.encode()
    head = struct.pack(
        "<4s5H3I2H", b"PK\3\4", 20, 0, 8, *_stamp(info), info.CRC, info.compress_size, info.file_size, len(raw), 0
    )
    target.write(head + raw + packed)
    return _record(info, place)


def _record(info: zipfile.ZipInfo, place: int) -> bytes:
    """Return a directory record with the part's new place."""
    raw = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace")
    try:
        head = struct.pack(
            "<4s6H3I5H2I",
            b"PK\1\2",
            info.create_version | info.create_system << 8,
            max(info.extract_version, 20) if info.extract_version < 45 else info.extract_version,
            info.flag_bits,
            info.compress_type,
            *_stamp(info),
            info.CRC,
            info.compress_size,
            info.file_size,
            len(raw),
            len(info.extra),
            len(info.comment),
            0,
            info.internal_attr,
            info.external_attr,
            place,
        )
    except struct.error:
        raise refuse("it is too large: ZIP64 documents are not written") from None
    return head + raw + info.extra + info.comment


def _stamp(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
