"""The seven elements of GB 45438-2025 Annex E, in order, with the characters that it allows."""

from __future__ import annotations

import pytest

from gateway.labels.metadata import aigc, fault_of_producer


def test_the_elements_stand_in_the_order_of_the_standard_and_nothing_else_does() -> None:
    assert list(aigc("PRODUCER", "ID").items()) == [
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
    assert fault_of_producer("91110108MA01234567ACME00001") is None
