"""The seven elements of GB 45438-2025 Annex E, in order, with the characters that it allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.labels.metadata import KEYS, AigcLabel, fault_of_producer


def test_the_elements_stand_in_the_order_of_the_standard_and_nothing_else_does() -> None:
    assert list(AigcLabel.of("PRODUCER", "ID").elements().items()) == [
        ("Label", "1"),
        ("ContentProducer", "PRODUCER"),
        ("ProduceID", "ID"),
        ("ReservedCode1", ""),
        ("ContentPropagator", "PRODUCER"),
        ("PropagateID", "ID"),
        ("ReservedCode2", ""),
    ]


@pytest.mark.parametrize("code", [*range(0x80), 0x3000, 0xFF01, ord("公")])
def test_exactly_the_code_points_of_annex_e_are_allowed(code: int) -> None:
    allowed = code == 0x21 or 0x23 <= code <= 0x5B or 0x5D <= code <= 0x7E
    assert (fault_of_producer(f"A{chr(code)}Z") is None) is allowed


def test_an_empty_name_and_a_name_that_ends_in_a_line_are_told() -> None:
    assert fault_of_producer("") == "is empty"
    assert fault_of_producer("ACME\n") is not None
    assert fault_of_producer("001191110102MAD55U9H0F10002") is None
    assert "00" in (fault_of_producer("91110108MA01234567ACME00001") or "")  # a code that is wrong is no name


def test_the_label_is_one_line_of_json_in_the_order_of_the_standard() -> None:
    assert AigcLabel.of("acme", "7").dump() == (
        '{"Label":"1","ContentProducer":"acme","ProduceID":"7","ReservedCode1":"",'
        '"ContentPropagator":"acme","PropagateID":"7","ReservedCode2":""}'
    )
    assert AigcLabel.of("acme", "7").dump(wrapped=True).startswith('{"AIGC":{"Label":"1"')
    assert tuple(AigcLabel.of("acme", "7").elements()) == KEYS


def test_a_platform_writes_its_own_elements_and_keeps_the_producers() -> None:
    first = replace(AigcLabel.of("acme", "7"), reserved_code1="mine", reserved_code2="old")
    second = first.passed_on("platform", "9")
    assert second == AigcLabel("1", "acme", "7", "mine", "platform", "9", "")
    assert first.passed_on("platform", "9", "3").label == "3"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (AigcLabel.of("acme", "7"), None),
        (AigcLabel("3", "", "", "", "platform", "9"), None),
        (AigcLabel.of("", "7"), "the producer is empty"),
        (AigcLabel.of("acme", ""), "the content id is empty"),
        (AigcLabel("1", "acme", "7"), "the propagator is empty"),
        (AigcLabel("2", "", "7", "", "platform", "9"), "the producer is empty"),
        (AigcLabel("9", "acme", "7"), "1, 2 or 3"),
        (replace(AigcLabel.of("acme", "7"), reserved_code1="a b"), "reserved code"),
        (replace(AigcLabel.of("acme", "7"), reserved_code1='{"a":"b"}'), None),
        (AigcLabel.of("001191110102MAD55U9H1F10002", "7"), "check character"),
    ],
)
def test_a_label_that_must_not_be_written_says_why(label: AigcLabel, said: str | None) -> None:
    assert (label.fault() is None) if said is None else (said in (label.fault() or ""))


def test_what_was_read_is_kept_however_wrong() -> None:
    label = AigcLabel.from_elements({"Label": 1, "ReservedCode1": {"a": "某"}})
    assert (label.label, label.content_producer, label.reserved_code1) == ("1", "", '{"a": "某"}')
