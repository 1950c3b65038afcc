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
        ("[0.0123, 0.4567, 0.8901]", []),
        ("weights 1.2345, 2.3456", []),
        ("matrix(0.39215,439.799858)", []),
        ("均值 100.1234, 99.8765", []),
        ("5.6037, -10.1870", [("5.6037, -10.1870", "coordinates")]),
        ("邮编工作量 100080", []),
        ("zip 10000 files", []),
    ],
)
def test_places_are_announced_or_precise(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected
