"""Number plates."""

from __future__ import annotations

import pytest
from kit.personal import found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("车牌京A12345违章", ["京A12345"]),
        ("京Ａ·１２３４５", ["京Ａ·１２３４５"]),
        ("沪AD12345和粤B12345D", ["沪AD12345", "粤B12345D"]),
        (
            "粤Z1234港、京A1234警、沪A1234学、鲁B1234挂、使馆京A1234领",
            ["粤Z1234港", "京A1234警", "沪A1234学", "鲁B1234挂", "京A1234领"],
        ),
        ("plate 川A·8K2L6 left", ["川A·8K2L6"]),
        ("车牌号苏E99XYZ", ["苏E99XYZ"]),
        ("云A股大涨", []),
        ("新B12股", []),
        ("京A1234567", []),
        ("京I12345", []),
        ("青AABCDE", []),
        ("去云南玩，吃川菜", []),
        ("全新Y9000P到手价", []),
        ("新Y7000P发热", []),
        ("云R20000", []),
        ("黑G15000", []),
        ("全新A12345", []),
        ("车牌黑G·15000", ["黑G·15000"]),
        ("车牌：黑G15000", ["黑G15000"]),
        ("新A12345 违停", ["新A12345"]),
        ("武警WJ鲁12345", ["WJ鲁12345"]),
        ("使馆车辆使224578", ["使224578"]),
        ("促使224578人受益", []),
    ],
)
def test_plates_are_found_whole_and_nothing_else(text: str, expected: list[str]) -> None:
    assert found(text) == [(plate, "plate") for plate in expected]
