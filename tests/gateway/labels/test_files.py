"""Whatever the format: one label goes in, the same comes out, and a failure leaves the file as it was."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from kit.specimens import CODE, LABEL, OTHER, SPECIMENS, drawn, frames

from gateway.errors import LabelError
from gateway.labels import files
from gateway.labels.carrier import Carrier
from gateway.labels.carriers import CARRIERS, FORMS
from gateway.labels.files import verify, write, write_bytes
from gateway.labels.metadata import AigcLabel

PICTURES = [name for name in SPECIMENS if name.endswith((".png", ".jpg", ".webp", ".gif", ".tiff", ".tif"))]
# Formats that do not say how long they are, or in which a part is whole too: a cut cannot be told for sure.
OPEN_ENDED = (*(".md", ".html", ".json", ".pdf", ".tif", ".tiff"), *(".mp3", ".flac", ".opus", ".mp4", ".m4a", ".mov"))
FORMED = [("picture.png", "text"), ("picture.jpg", "exif")]


@pytest.fixture
def specimen(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    file = tmp_path / request.param
    file.write_bytes(SPECIMENS[request.param]())
    return file


every = pytest.mark.parametrize("specimen", SPECIMENS, indirect=True)


@every
def test_a_file_without_a_label_has_none(specimen: Path) -> None:
    report = verify(specimen)
    assert (report.verdict, report.label) == ("not found", None)
    assert {ruling.result for ruling in report.rulings} == {"ok"}


@every
def test_a_label_that_was_written_is_found_and_compliant_in_strict_mode(specimen: Path) -> None:
    carrier = write(specimen, specimen, LABEL)
    report = verify(specimen, strict=True)
    assert (report.verdict, report.label, report.carrier) == ("compliant", LABEL, carrier.name)
    assert {ruling.result for ruling in report.rulings} == {"ok"}


@every
def test_a_label_that_is_passed_on_takes_the_place_of_the_first(specimen: Path) -> None:
    write(specimen, specimen, LABEL)
    passed = LABEL.passed_on("platform", "77")
    write(specimen, specimen, passed, replace=True)
    report = verify(specimen, strict=True)
    assert (report.verdict, report.label) == ("compliant", passed)


@pytest.mark.parametrize(("name", "form"), FORMED)
def test_the_second_place_of_a_format_does_as_well_and_moves_back(tmp_path: Path, name: str, form: str) -> None:
    file = tmp_path / name
    file.write_bytes(SPECIMENS[name]())
    before = frames(file.read_bytes())
    for place, label in ((form, LABEL), ("", LABEL.passed_on("p", "2")), (form, LABEL.passed_on("q", "3"))):
        write(file, file, label, form=place, replace=True)
        report = verify(file, strict=True)
        assert (report.verdict, report.label) == ("compliant", label)
        assert (report.place == "XMP") is (place == "")
    assert frames(file.read_bytes()) == before


@pytest.mark.parametrize("name", PICTURES)
def test_the_pixels_are_the_same_to_the_last_bit(name: str) -> None:
    before = SPECIMENS[name]()
    after = write_bytes(before, LABEL, name=name)
    assert frames(after) == frames(before)
    assert len(after) - len(before) < 1500


@every
def test_a_label_of_somebody_else_is_not_written_over(specimen: Path) -> None:
    write(specimen, specimen, LABEL)
    before = specimen.read_bytes()
    with pytest.raises(LabelError, match="carries a label already"):
        write(specimen, specimen, OTHER)
    write(specimen, specimen, LABEL)  # the same label again is no change of what it says
    assert verify(specimen, strict=True).verdict == "compliant"
    assert len(specimen.read_bytes()) <= len(before) + 1500


@every
def test_every_cut_of_a_labelled_file_is_judged_and_never_raises(specimen: Path) -> None:
    write(specimen, specimen, LABEL)
    whole = specimen.read_bytes()
    cuts = sorted({*range(min(len(whole), 64)), *range(64, len(whole), max(1, len(whole) // 40))})
    for cut in cuts:
        specimen.write_bytes(whole[:cut])
        report = verify(specimen)
        assert report.verdict in ("inconclusive", "not found", "non-compliant", "compliant")
        if specimen.suffix not in OPEN_ENDED:
            assert report.verdict == "inconclusive", cut


@every
def test_every_flipped_byte_is_judged_and_never_raises(specimen: Path) -> None:
    write(specimen, specimen, LABEL)
    whole = bytearray(specimen.read_bytes())
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        whole[place] ^= 0xFF
        specimen.write_bytes(whole)
        verify(specimen)
        with contextlib.suppress(LabelError):
            write(specimen, specimen.with_name(f"out{specimen.suffix}"), OTHER, replace=True)
        whole[place] ^= 0xFF


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.png", b"", "is empty"),
        ("words.txt", b"words", r"no place for a label is known in files of this kind \(.txt\)"),
        ("noise", bytes(range(256)), "no suffix"),
        ("text.png", b"words", "the file is no png"),
        ("half.png", SPECIMENS["picture.png"]()[:-20], "cut off"),
        ("zip.docx", b"PK\3\4" + b"\0" * 40, "ZIP directory"),
    ],
)
def test_what_cannot_carry_a_label_is_told_and_untouched(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(LabelError, match=said):
        write(file, file, LABEL)
    assert file.read_bytes() == data
    assert list(tmp_path.iterdir()) == [file]
    assert verify(file).verdict == "inconclusive"


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.png"
    os.mkfifo(fifo)
    for path, said in ((tmp_path / "gone.png", "No such file"), (tmp_path, "regular"), (fifo, "regular")):
        report = verify(path)
        assert report.verdict == "inconclusive"
        assert said in report.rulings[0].what
        with pytest.raises(LabelError, match=said):
            write(path, path, LABEL)


def test_a_label_that_breaks_the_standard_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    for label in (
        AigcLabel.of("a b", "1"),
        AigcLabel.of("", "1"),
        replace(LABEL, label="4"),
        replace(LABEL, content_producer=CODE[:-1]),
    ):
        with pytest.raises(LabelError, match="Annex E"):
            write(file, file, label)
    assert file.read_bytes() == drawn("PNG")


def test_a_failure_while_writing_leaves_both_files_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a.png", tmp_path / "b.png"
    source.write_bytes(drawn("PNG"))
    target.write_bytes(b"mine")

    def fails(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(LabelError, match="No space left"):
        write(source, target, LABEL)
    assert (source.read_bytes(), target.read_bytes()) == (drawn("PNG"), b"mine")
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_what_does_not_read_back_takes_nobodys_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    png = type(CARRIERS[0])
    real = png.write
    monkeypatch.setattr(png, "write", lambda self, source, target, label: real(self, source, target, OTHER))
    with pytest.raises(LabelError, match="does not read back"):
        write(file, file, LABEL)
    with pytest.raises(LabelError, match="does not read back"):
        write_bytes(file.read_bytes(), LABEL)
    assert file.read_bytes() == drawn("PNG")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file that even its owner may not write; root ignores modes")
def test_root_writes_what_is_marked_read_only_as_root_does(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    file.chmod(0o444)
    write(file, file, LABEL)
    assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_a_read_only_target_is_told_and_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    # Root may write anywhere; so the answer that others get is put in.
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    with pytest.raises(LabelError, match="read-only"):
        write(file, file, LABEL)
    assert file.read_bytes() == drawn("PNG")


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    file.chmod(0o640)
    write(file, file, LABEL)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_file_of_two_formats_is_not_judged_and_not_written(tmp_path: Path) -> None:
    docx = SPECIMENS["text.docx"]()
    labelled = write_bytes(drawn("PNG"), LABEL)
    for tail, said in (
        (docx, "ooxml follows"),
        (b"x" * 50 + docx, "ZIP follows"),
        (SPECIMENS["page.pdf"](), "PDF begins"),
    ):
        file = tmp_path / "two.png"
        file.write_bytes(labelled + tail)
        report = verify(file)
        assert report.verdict == "inconclusive"
        assert any(said in ruling.what for ruling in report.rulings), tail[:9]
        with pytest.raises(LabelError, match="two formats"):
            write(file, file, LABEL, replace=True)


def test_junk_behind_the_end_is_a_warning_and_stays_where_it_is() -> None:
    after = write_bytes(drawn("PNG") + b"junk", LABEL)
    assert after.endswith(b"IEND\xaeB`\x82junk")


def test_a_wrong_name_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(write_bytes(drawn("PNG"), LABEL))
    report = verify(file, strict=True)
    assert report.verdict == "compliant"
    assert [ruling.rule.id for ruling in report.rulings if ruling.result == "warning"] == ["extension"]


@pytest.mark.parametrize("carrier", [*CARRIERS, *FORMS], ids=lambda one: f"{one.name}-{getattr(one, 'form', '')}")
def test_every_carrier_says_where_it_writes_and_who_says_so(carrier: Carrier) -> None:
    assert isinstance(carrier, Carrier)
    assert carrier.suffixes
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in carrier.suffixes)
    assert carrier.guide.startswith(("TC260-PG-", "our convention"))
    assert (carrier.confidence == "L") is (carrier.guide == "our convention")


def test_no_two_carriers_claim_one_suffix_and_every_suffix_has_a_specimen() -> None:
    claimed = [suffix for carrier in CARRIERS for suffix in carrier.suffixes]
    assert len(claimed) == len(set(claimed))
    made = {Path(name).suffix for name in SPECIMENS}
    assert [carrier.name for carrier in CARRIERS if not made & set(carrier.suffixes)] == []
