"""Street addresses in English texts."""

from __future__ import annotations

import pytest

from gateway.detectors.names.street import street_addresses
from gateway.text import TextView

FIND = street_addresses()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live at 123 Main Street, come by", ["123 Main Street"]),
        ("Send it to 42 W. Oak Tree Ave, Apt 4B.", ["42 W. Oak Tree Ave, Apt 4B"]),
        ("1600 Pine Rd, Springfield, IL 62704", ["1600 Pine Rd, Springfield, IL 62704"]),
        ("我住在 221B Baker Street", ["221B Baker Street"]),
        ("In 2019 we went to the beach", []),
        ("3 apples and 4 pears", []),
    ],
)
def test_a_number_and_a_street(text: str, expected: list[str]) -> None:
    assert [text[f.start : f.end] for f in FIND(TextView(text)).findings] == expected
