"""A C2PA manifest says "made by a trained model", is whole, and shows every later change; keys are made here."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from kit import certificates
from kit.specimens import LABEL, docx, drawn, frames, pdf

from gateway.errors import LabelError
from gateway.labels import manifest
from gateway.labels.files import verify, write_bytes
from gateway.labels.manifest import Credentials, check, seal

pytest.importorskip("c2pa", reason="the extra labels-c2pa is not installed")

FILES = [drawn(form) for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF")] + [pdf()]
IDS = ["png", "jpeg", "webp", "gif", "tiff", "pdf"]


@pytest.fixture(scope="module")
def credentials() -> Credentials:
    """A certificate of a test authority, good for a day."""
    return certificates.credentials()


@pytest.mark.parametrize("data", FILES, ids=IDS)
def test_a_labelled_file_is_sealed_and_keeps_its_label(tmp_path: Path, credentials: Credentials, data: bytes) -> None:
    labelled = write_bytes(data, LABEL)
    assert check(labelled).state == "none"
    sealed = seal(labelled, credentials)
    found = check(sealed)
    assert (found.state, found.made_by_ai) == ("valid", True)
    assert found.codes == ("signingCredential.untrusted",)  # a test authority is on nobody's list
    file = tmp_path / "sealed"
    file.write_bytes(sealed)
    report = verify(file, strict=True)
    assert (report.verdict, report.label) == ("compliant", LABEL)
    assert [trace.kind for trace in report.traces] == ["c2pa"]


@pytest.mark.parametrize("data", FILES[:4], ids=IDS[:4])
def test_the_pixels_are_the_same(credentials: Credentials, data: bytes) -> None:
    assert frames(seal(data, credentials)) == frames(data)


@pytest.mark.parametrize("data", FILES, ids=IDS)
def test_every_later_change_shows(credentials: Credentials, data: bytes) -> None:
    sealed = bytearray(seal(data, credentials))
    sealed[len(sealed) // 2] ^= 1
    assert check(bytes(sealed)).state in ("invalid", "none")


@pytest.mark.parametrize("data", FILES, ids=IDS)
def test_a_label_that_comes_later_is_refused_and_if_passed_on_breaks_the_seal(
    credentials: Credentials, data: bytes
) -> None:
    sealed = seal(data, credentials)
    with pytest.raises(LabelError, match="C2PA manifest"):
        write_bytes(sealed, LABEL)
    with pytest.raises(LabelError, match="already"):
        seal(sealed, credentials)
    try:
        passed = write_bytes(sealed, LABEL, replace=True)
    except LabelError:
        return
    assert check(passed).state != "valid" or data.startswith(b"%PDF")


@pytest.mark.parametrize("data", [docx(), b"words", b""])
def test_what_takes_no_manifest_is_told(credentials: Credentials, data: bytes) -> None:
    with pytest.raises(LabelError, match="pictures and PDF only"):
        seal(data, credentials)


def test_keys_of_no_use_are_told_and_not_shown() -> None:
    with pytest.raises(LabelError, match="could not sign"):
        seal(drawn("PNG"), Credentials(b"words", b"secret words"))
    assert "secret" not in repr(Credentials(b"", b"secret words"))


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(LabelError, match="labels-c2pa"):
        check(drawn("PNG"))


def test_a_file_is_sealed_in_place_or_left_as_it_was(tmp_path: Path, credentials: Credentials) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    manifest.seal_file(file, file, credentials)
    assert check(file.read_bytes()).state == "valid"
    before = file.read_bytes()
    with pytest.raises(LabelError, match="already"):
        manifest.seal_file(file, file, credentials)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
    assert io.BytesIO(before).read(4) == b"\x89PNG"
