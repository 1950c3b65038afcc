"""Postcodes and coordinates."""

from __future__ import annotations

import pytest
from kit.personal import found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("邮编100080", [("100080", "postcode")]),
        ("zip code: 94105-1234", [("94105-1234", "postcode")]),
        ("一共100080元", []),
        ("坐标39.9042,116.4074", [("39.9042,116.4074", "coordinates")]),
        ("34.0522, -118.2437", [("34.0522, -118.2437", "coordinates")]),
        ("东经116°23'17\"", [("116°23'17\"", "coordinates")]),
        ("latitude 39.9042", [("39.9042", "coordinates")]),
        ("39.90", []),
        ("价格从 12.50, 13.50 起", []),
        ("圆周率3.14159265", []),
        ("气温 36.5 度", []),
    ],
)
def test_places_are_announced_or_precise(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected
