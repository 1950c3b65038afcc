"""English names of people, places and organisations."""

from __future__ import annotations

import pytest

from gateway.detectors.names.people_en import EnglishPeople
from gateway.detectors.names.weights import EN, read_english
from gateway.text import TextView

FIND = EnglishPeople(read_english(EN.read_bytes()), frozenset({"person", "place", "organisation"}))


def people(text: str) -> list[str]:
    return [text[f.start : f.end] for f in FIND(TextView(text)).findings if f.risk == "pii.name" and f.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is John Smith and I live here.", ["John Smith"]),
        ("Please ask Mary Johnson or Peter Brown about it.", ["Mary Johnson", "Peter Brown"]),
        ("Dr. Helen Carter will see you now.", ["Helen Carter"]),
        ("I met Michael O'Brien's brother.", ["Michael O'Brien"]),
        ("我的同事 David Miller 明天到", ["David Miller"]),
        ("What is the capital of France?", []),
        ("The quick brown fox jumps over the lazy dog.", []),
        ("Write a Python function that sorts a list.", []),
        ("THIS IS ALL WRITTEN IN CAPITALS BECAUSE SOMEBODY LIKES IT THAT WAY", []),
        ("今天天气很好", []),
        ("", []),
    ],
)
def test_people_are_found_and_ordinary_capitals_are_not(text: str, expected: list[str]) -> None:
    assert people(text) == expected


def test_a_run_that_has_begun_is_held_whole() -> None:
    text = "I know Mary Ann"
    scan = FIND(TextView(text, final=False))
    assert scan.open == text.index("Mary")
    assert scan.findings == ()


def test_json_escapes_keep_their_places() -> None:
    text = '{"who": "I am John \\u0053mith now"}'
    found = FIND(TextView(text, escaped=True)).findings
    assert [text[f.start : f.end] for f in found if f.risk == "pii.name"] in (["John \\u0053mith"], ["John"])
