"""Forms are read strictly and written anew: the upstream reads what we read, and nothing that a client calls its files.

Mutants killed: a field that stands twice; a name of a file that goes on; text that is no UTF-8; a form that is
handed on as it came.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from kit.fuzz import damaged, quick

from gateway.errors import RequestError
from gateway.wire import forms


def form(*fields: tuple[str, str | None, bytes], boundary: str = "b0") -> bytes:
    """A form: name, file name, value."""
    out = b""
    for name, file, value in fields:
        head = f'form-data; name="{name}"' + (f'; filename="{file}"\r\nContent-Type: audio/wav' if file else "")
        out += f"--{boundary}\r\nContent-Disposition: {head}\r\n\r\n".encode() + value + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


GOOD = form(
    ("model", None, b"m"), ("file", "张三的病历.wav", b"RIFF\r\n--b\x00"), ("t[]", None, b"a"), ("t[]", None, b"b")
)


def test_a_form_is_read_and_written_anew() -> None:
    read = forms.parse(GOOD)
    assert read.texts() == {"model": "m", "t[]": ["a", "b"]}
    written = forms.write(read, {("model",): "other", ("t[]", 1): "c"})
    again = forms.parse(written)
    assert again.texts() == {"model": "other", "t[]": ["a", "c"]}
    assert again.fields[1].value == b"RIFF\r\n--b\x00"
    assert "张三".encode() not in written
    assert b'filename="file.wav"' in written


BAD = [
    b"",
    b"{}",
    b"--b0\r\n",
    GOOD[:-10],
    form(("model", None, b"m"), ("model", None, b"n")),
    form(("model", None, b"\xff")),
    form(("", None, b"m")),
    b"--b0\r\nContent-Type: text/plain\r\n\r\nx\r\n--b0--\r\n",
    b"--" + b"x" * 100 + b"\r\n\r\n",
    form(*[(f"f{at}", None, b"") for at in range(200)]),
]


@pytest.mark.parametrize("raw", BAD)
def test_what_is_no_form_is_told(raw: bytes) -> None:
    with pytest.raises(RequestError) as raised:
        forms.parse(raw).texts()
    assert raised.value.code == "invalid_form"


@quick
@given(damaged(GOOD))
def test_any_damage_is_a_form_or_told(raw: bytes) -> None:
    try:
        read = forms.parse(raw)
        texts = read.texts()
    except RequestError:
        return
    assert forms.parse(forms.write(read, {})).texts() == texts
