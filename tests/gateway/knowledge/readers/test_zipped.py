"""A ZIP file is looked into before anything unpacks it: a bomb, a password and torn bytes are told."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.papers import word

from gateway.errors import KnowledgeError
from gateway.knowledge.readers import zipped
from gateway.knowledge.readers.zipped import checked

WORD = word()


def packed(*sizes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, size in enumerate(sizes):
            archive.writestr(f"{number}.xml", b"0" * size)
    return out.getvalue()


def test_a_document_may_be_unpacked_as_it_is() -> None:
    assert checked(WORD).getvalue() == WORD


@pytest.mark.parametrize("data", [b"", "没有 zip".encode(), WORD[: len(WORD) // 2], WORD[-200:]])
def test_torn_bytes_are_told(data: bytes) -> None:
    with pytest.raises(KnowledgeError, match="the file is damaged — open it in its program"):
        checked(data)


def test_a_file_that_unpacks_to_far_more_than_it_is_is_refused() -> None:
    most = zipped.MOST_RATIO * 64 * 1024  # small files are given the room of larger ones
    assert checked(packed(most)).getvalue()
    with pytest.raises(KnowledgeError, match=f"unpacks to {most + 1} bytes: a zip bomb"):
        checked(packed(most, 1))


@pytest.mark.parametrize(("limit", "sizes"), [("MOST_UNPACKED", (50, 50)), ("MOST_ENTRIES", (1,) * 100)])
def test_no_more_is_unpacked_and_no_more_entries_are_read_than_is_reasonable(
    monkeypatch: pytest.MonkeyPatch, limit: str, sizes: tuple[int, ...]
) -> None:
    monkeypatch.setattr(zipped, limit, 100)
    assert checked(packed(*sizes)).getvalue()
    with pytest.raises(KnowledgeError, match="a document to be split"):
        checked(packed(*sizes, 1))


def test_a_file_with_a_password_is_told() -> None:
    data = bytearray(packed(10))
    at = data.index(b"PK\x01\x02")  # the entry as the directory at the end tells it
    data[at + 8] |= 1
    with pytest.raises(KnowledgeError, match="encrypted — save it without a password"):
        checked(bytes(data))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(WORD)), st.binary(max_size=30))
def test_whatever_the_bytes_there_is_a_file_or_a_clear_error(cut: int, rubbish: bytes) -> None:
    data = WORD[:cut] + rubbish + WORD[cut:]
    try:
        assert checked(data).getvalue() == data
    except KnowledgeError as error:
        assert "—" in str(error) or "bomb" in str(error)  # noqa: PT017
