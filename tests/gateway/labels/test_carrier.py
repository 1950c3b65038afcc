"""What cannot be given a label is an error that says what to do; a reading that found nothing says nothing else."""

from __future__ import annotations

import pytest

from gateway.errors import LabelError
from gateway.labels.carrier import HEAD, Reading, refuse
from gateway.labels.carriers import CARRIERS, FORMS


@pytest.mark.parametrize(
    ("what", "hint", "said"),
    [("the file is encrypted", "save it without", "the file is encrypted — save it without"), ("torn", "", "torn")],
)
def test_a_refusal_says_what_and_what_to_do(what: str, hint: str, said: str) -> None:
    error = refuse(what, hint)
    assert isinstance(error, LabelError)
    assert str(error) == said


def test_a_reading_of_nothing_has_no_field_no_trace_and_no_fault() -> None:
    assert Reading() == Reading((), (), (), None)


@pytest.mark.parametrize("carrier", [*CARRIERS, *FORMS], ids=lambda one: f"{one.name}-{getattr(one, 'form', '')}")
@pytest.mark.parametrize("head", [b"", b"\0", bytes(HEAD), b"\xff" * HEAD, "随便 words".encode()])
def test_no_carrier_takes_what_has_no_format_for_its_own(carrier: object, head: bytes) -> None:
    assert carrier.name in ("markdown", "html", "json") or not carrier.sniff(head)  # type: ignore[attr-defined]
