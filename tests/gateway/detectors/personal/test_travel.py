"""Passports and permits to travel."""

from __future__ import annotations

import pytest
from kit.personal import found, score


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("护照号E12345678", [("E12345678", "passport")]),
        ("护照：EA1234567，有效期", [("EA1234567", "passport")]),
        ("passport number: XG9382049.", [("XG9382049", "passport")]),
        ("因私护照G87654321", [("G87654321", "passport")]),
        ("passport no 512345678", [("512345678", "passport")]),
        ("回乡证号H12345678", [("H12345678", "travel_permit")]),
        ("港澳居民来往内地通行证M1234567801", [("M1234567801", "travel_permit")]),
        ("台胞证12345678", [("12345678", "travel_permit")]),
        ("往来港澳通行证CA1234567", [("CA1234567", "travel_permit")]),
        ("往来台湾通行证L12345678", [("L12345678", "travel_permit")]),
        ('{"passportNo": "G12345678"}', [("G12345678", "passport")]),
        ("passport_no=533380006", [("533380006", "passport")]),
        ("护照EJ1234567，签证号12345678", [("EJ1234567", "passport"), ("12345678", "passport")]),
        ("护照办理数量 12345678 本", []),
        ("零件E12345678", []),
        ("订单号E12345678", []),
        ("房间号H12345678", []),
        ("护照办理需要 7 个工作日", []),
    ],
)
def test_what_words_before_announce_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_without_words_the_shape_alone_says_little() -> None:
    assert score("拿着E12345678去") == score("拿着H12345678去") == 0.4
