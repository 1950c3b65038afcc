"""Identifiers of English texts."""

from __future__ import annotations

import pytest
from kit.personal import found, score

from gateway.detectors.personal.english import has_iban_check


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane's SSN is 521-44-9382.", [("521-44-9382", "us_ssn")]),
        ("521-44-9382", [("521-44-9382", "us_ssn")]),
        ("social security number 521449382", [("521449382", "us_ssn")]),
        ("社保号码 000-12-3456", []),
        ("order 521-44-9382", []),
        ("521449382", []),
        ("体检 175 68 1200", []),
        ("rows: 521 44 9382", []),
        ("SSN 521 44 9382", [("521 44 9382", "us_ssn")]),
        ("IBAN GB29 NWBK 6016 1331 9268 19", [("GB29 NWBK 6016 1331 9268 19", "iban")]),
        ("转到DE89370400440532013000谢谢", [("DE89370400440532013000", "iban")]),
        ("DE89370400440532013001", []),
        ("national insurance number AB 12 34 56 C", [("AB 12 34 56 C", "uk_nino")]),
    ],
)
def test_they_are_checked_or_announced(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_a_slip_in_an_announced_one_is_less_sure() -> None:
    assert score("SSN 900-12-3456") == 0.6
    assert score("IBAN GB29 NWBK 6016 1331 9268 18") == 0.6
    assert has_iban_check("gb29nwbk60161331926819")
