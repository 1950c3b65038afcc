"""A document is told from another by all of its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError

import pytest

from gateway.knowledge.document import Document, Section, digest_of


@pytest.mark.parametrize("data", [b"", "七天内可退。".encode(), b"seven days\0"])
def test_a_digest_is_sha256_in_hex(data: bytes) -> None:
    assert digest_of(data) == hashlib.sha256(data).hexdigest()
    assert digest_of(data) != digest_of(data + b"\n")


def test_a_document_that_was_read_is_not_changed() -> None:
    document = Document("a.md", "甲", (Section("七天内可退。"),))
    with pytest.raises(FrozenInstanceError):
        document.sections[0].text = "八天内可退。"  # type: ignore[misc]
