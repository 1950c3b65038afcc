"""Forms with files (``multipart/form-data``): read strictly, written anew, so that the upstream reads what we read.

What a client calls its files is for nobody: of a name only its ending goes on, by which formats are known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from multipart import MultipartError, PushMultipartParser

from gateway.errors import RequestError
from gateway.exchange import Path, shown

_BOUNDARY: Final = re.compile(rb"--([0-9A-Za-z'()+_,./:=?-]{1,70})\r\n")
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}(\[\])?")
_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")
_MOST: Final = 128


class Field(NamedTuple):
    """One field of a form.

    Attributes:
        name: What it is called; a name that ends in ``[]`` may stand several times.
        value: Its bytes.
        ending: The ending of the file's name, with its dot; empty where it has none.
        type: The file's type as the client says; empty where it does not.
        is_file: Whether it is a file.
    """

    name: str
    value: bytes
    ending: str = ""
    type: str = ""
    is_file: bool = False


class Form(NamedTuple):
    """A form.

    Attributes:
        fields: Its fields, in order.
        boundary: What stands between them.
    """

    fields: tuple[Field, ...]
    boundary: str

    @property
    def content_type(self) -> str:
        """The header that goes with it."""
        return f"multipart/form-data; boundary={self.boundary}"

    def texts(self) -> dict[str, Any]:
        """Return every text by name, those that may stand several times as a list; raises ``RequestError``."""
        found: dict[str, Any] = {}
        for field in self.fields:
            if field.is_file:
                continue
            try:
                text = field.value.decode()
            except UnicodeDecodeError:
                raise _wrong(f"The field {shown(field.name)} is not UTF-8.", field.name) from None
            if field.name.endswith("[]"):
                found.setdefault(field.name, []).append(text)
            elif field.name in found:
                message = f"The form has {shown(field.name)} twice; which one counts depends on who reads it."
                raise _wrong(message, field.name)
            else:
                found[field.name] = text
        return found


def parse(raw: bytes) -> Form:
    """Read a form; raises ``RequestError`` 400 ``invalid_form`` with what is wrong."""
    match = _BOUNDARY.match(raw)
    if match is None:
        raise _wrong("The body must be a form (multipart/form-data) that begins with its boundary.")
    boundary = match[1].decode()
    fields: list[Field] = []
    try:
        with PushMultipartParser(boundary, strict=True, max_segment_count=_MOST) as parser:
            segment: Any = None
            value = bytearray()
            for event in (*parser.parse(raw), *parser.parse(b"")):
                if event is None:
                    fields.append(_field(segment, bytes(value)))
                elif isinstance(event, bytearray | bytes | memoryview):
                    value += event
                else:
                    segment, value = event, bytearray()
    except MultipartError:
        raise _wrong("The body is no well-formed form (multipart/form-data).") from None
    return Form(tuple(fields), boundary)


def write(form: Form, changes: Mapping[Path, str]) -> bytes:
    """Write a form anew, with the texts at some paths changed."""
    out = bytearray()
    seen: dict[str, int] = {}
    for field in form.fields:
        number = seen[field.name] = seen.get(field.name, -1) + 1
        path: Path = (field.name, number) if field.name.endswith("[]") else (field.name,)
        value = changes[path].encode() if path in changes and not field.is_file else field.value
        head = f'Content-Disposition: form-data; name="{field.name}"'
        if field.is_file:
            head += f'; filename="file{field.ending}"'
            head += f"\r\nContent-Type: {field.type or 'application/octet-stream'}"
        out += f"--{form.boundary}\r\n{head}\r\n\r\n".encode() + value + b"\r\n"
    return bytes(out + f"--{form.boundary}--\r\n".encode())


def _field(segment: Any, value: bytes) -> Field:
    if not segment.name or not _NAME.fullmatch(segment.name):
        raise _wrong("A field of the form has a name that is none.")
    if segment.filename is None:
        return Field(segment.name, value)
    ending = _ENDING.search(segment.filename)
    kind = segment.content_type or ""
    return Field(segment.name, value, ending[0] if ending else "", kind if _TYPE.fullmatch(kind) else "", True)


def _wrong(message: str, param: str | None = None) -> RequestError:
    return RequestError(message, code="invalid_form", param=shown(param) if param else None)
