"""Which carrier a file has shows in its bytes, whatever its name; for formats without a signature in its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.specimens import SPECIMENS, drawn

from gateway.labels.carrier import HEAD
from gateway.labels.carriers import CARRIERS, FORMS, TEXTS, carrier_of, form_of

BINARY = [
    name for name in SPECIMENS if Path(name).suffix not in (".html", ".htm", ".xhtml", ".md", ".markdown", ".json")
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("suffix", ["", ".txt", ".png", ".md"])
def test_bytes_are_surer_than_names(name: str, suffix: str) -> None:
    found = carrier_of(SPECIMENS[name]()[:HEAD], suffix)
    assert found is not None
    assert Path(name).suffix in found.suffixes


@pytest.mark.parametrize(
    ("head", "suffix", "name"),
    [
        (b"# \xe9\xa2\x98", ".md", "markdown"),
        (b"<!doctype html><p>", ".html", "html"),
        (b"<!doctype html><p>", ".md", "markdown"),  # the name decides
        (b"<!doctype html><p>", ".txt", "html"),  # it says nothing
        (b'{"AIGC": {}}', ".json", "json"),
        ("随便写 anything".encode(), ".md", "markdown"),
    ],
)
def test_of_a_text_the_name_decides_if_it_says_anything(head: bytes, suffix: str, name: str) -> None:
    found = carrier_of(head, suffix)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".docx", ".mp3"])
@pytest.mark.parametrize("head", [b"", b"<!doctype html>", "随便 text".encode()])
def test_what_is_named_like_a_binary_format_and_is_not_of_it_has_no_place_for_a_label(head: bytes, suffix: str) -> None:
    assert carrier_of(head, suffix) is None


@pytest.mark.parametrize("head", [b"", b"\0\1\2", b"MZ\x90\0"])
def test_what_nobody_knows_has_none(head: bytes) -> None:
    assert carrier_of(head) is None


def test_another_place_is_found_by_its_name_where_the_format_has_one() -> None:
    png = carrier_of(drawn("PNG"))
    assert png is not None
    assert form_of(png, "") is png
    other = form_of(png, "text")
    assert other in FORMS
    assert other is not None
    assert (other.name, getattr(other, "form", "")) == ("png", "text")
    assert form_of(other, "text") is other
    assert form_of(png, "exif") is None  # that is JPEG's
    assert form_of(png, "nowhere") is None


def test_binary_formats_are_asked_before_texts() -> None:
    names = [carrier.name for carrier in CARRIERS]
    assert set(names[-len(TEXTS) :]) == set(TEXTS)
