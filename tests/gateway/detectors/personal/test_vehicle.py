"""Vehicle identification numbers and driving licences."""

from __future__ import annotations

import pytest
from kit.personal import found

from gateway.detectors.personal.vehicle import has_vin_check


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("车架号LSVAU2180N2183294", [("LSVAU2180N2183294", "vin")]),
        ("1HGCM82633A004352", [("1HGCM82633A004352", "vin")]),
        ("VIN: 1HGCM82633A004353.", [("1HGCM82633A004353", "vin")]),
        ("1HGCM82633A004353", []),
        ("serial 1HGCM82633A004352", []),
        ("1HGCM82633A0043521", []),
        ("internationalize", []),
        ("驾驶证档案编号110012345678", [("110012345678", "driving_licence")]),
        ("driver's license: D1234567", [("D1234567", "driving_licence")]),
        ("单号110012345678", []),
    ],
)
def test_a_check_digit_or_words_tell_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_one_of_eleven_ninth_characters_is_right() -> None:
    assert sum(has_vin_check(f"1hgcm826{ninth}3a00435{last}") for ninth in "0123456789x" for last in "0123456789") == 10
