"""The three states of article 6, in their order, and what a platform writes for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.specimens import LABEL, docx, drawn, markdown

from gateway.labels.files import Report, verify, write, write_bytes
from gateway.labels.metadata import AigcLabel
from gateway.labels.propagate import find

NONE = AigcLabel("2", "", "", "", "platform", "9")


def report(folder: Path, name: str, data: bytes) -> Report:
    file = folder / name
    file.write_bytes(data)
    return verify(file)


SUSPECT = markdown(None, "AI生成\n\ntext\n")
BROKEN = markdown("AIGC: words\n")


@pytest.mark.parametrize(
    ("name", "data", "declared", "state", "label"),
    [
        ("a.png", write_bytes(drawn("PNG"), LABEL), False, "is", LABEL.passed_on("platform", "9")),
        ("a.png", write_bytes(drawn("PNG"), LABEL), True, "is", LABEL.passed_on("platform", "9")),
        ("a.png", drawn("PNG"), True, "may be", NONE),
        ("a.png", drawn("PNG"), False, "none", None),
        ("a.png", drawn("PNG")[:-12], True, "inconclusive", None),
        ("a.md", SUSPECT, False, "suspected", AigcLabel("3", "", "", "", "platform", "9")),
        ("a.md", SUSPECT, True, "may be", NONE),
        ("a.md", BROKEN, False, "suspected", AigcLabel("3", "", "", "", "platform", "9")),
        ("a.md", BROKEN, True, "may be", NONE),
        ("a.docx", docx(), False, "none", None),
    ],
)
def test_the_states_come_in_the_order_of_the_article(
    tmp_path: Path, name: str, data: bytes, declared: bool, state: str, label: AigcLabel | None
) -> None:
    found = find(report(tmp_path, name, data), "platform", "9", declared=declared)
    assert (found.state, found.label) == (state, label)
    assert found.because


@pytest.mark.parametrize(
    ("kind", "declared", "state"), [("2", False, "may be"), ("3", False, "suspected"), ("3", True, "may be")]
)
def test_what_another_platform_found_is_kept_and_a_declaration_says_more(
    tmp_path: Path, kind: str, declared: bool, state: str
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    write(file, file, AigcLabel(kind, "", "", "", "first", "1"))
    found = find(verify(file), "second", "2", declared=declared)
    assert found.state == state
    assert found.label is not None
    assert (found.label.content_producer, found.label.content_propagator) == ("", "second")


def test_a_producer_whose_name_breaks_the_charset_is_kept_as_it_is(tmp_path: Path) -> None:
    elements = {**LABEL.elements(), **dict.fromkeys(["ContentProducer", "ContentPropagator"], "Some Agent AI")}
    data = markdown("AIGC:\n" + "".join(f"  {key}: '{value}'\n" for key, value in elements.items()))
    found = find(report(tmp_path, "a.md", data), "platform", "9")
    assert found.label is not None
    file = tmp_path / "a.md"
    write(file, file, found.label, replace=True)
    again = verify(file)
    assert again.label == AigcLabel("1", "Some Agent AI", LABEL.produce_id, "", "platform", "9")
    assert again.verdict == "compliant"


def test_what_was_found_can_be_written_and_reads_back(tmp_path: Path) -> None:
    for name, data in (("a.md", SUSPECT), ("b.png", drawn("PNG"))):
        found = find(report(tmp_path, name, data), "platform", "9", declared=True)
        assert found.label is not None
        write(tmp_path / name, tmp_path / name, found.label, replace=True)
        after = verify(tmp_path / name, strict=True)
        assert (after.verdict, after.label) == ("compliant", found.label)
        assert [ruling.rule.id for ruling in after.rulings if ruling.result == "warning"] == ["unknown-producer"]
