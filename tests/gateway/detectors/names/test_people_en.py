"""English names of people, places and organisations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.names import people_en
from gateway.detectors.names.english import TOKEN, Token, tokens
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
        ("我的同事 Émile Òrtíz 明天到", ["Émile Òrtíz"]),
        ("How do I begin? A. by myself B. with a friend C. not at all", []),
        ("橙子：A.自己动手 B.找人帮忙 C.借一把", []),
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


def read_with(words: list[Token], at: int, size: int) -> list[object]:
    """Return every run that ends behind a place, and all that says how it is read."""
    runs = people_en._runs([word.text for word in words])
    return [
        (
            words[first:end],
            people_en._left(words, first),
            people_en._right(words, end),
            people_en._undecided(words, end, size),
        )
        for first, end in runs
        if words[end - 1].end > at
    ]


PARTS = ["国", "在", "，", " ", "\n", "Bob", "van", "of ", "x", "'s", ".", "42", "Ⓐ", "é", "Ÿ", "&"]


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.integers(0, 20))
def test_words_far_from_any_capital_do_not_matter(text: str, at: int) -> None:
    some, every = list(people_en._words(text, at)), tokens(text)
    assert read_with(some, at, len(text)) == read_with(every, at, len(text))


def test_words_far_from_any_capital_are_not_looked_at() -> None:
    text = "今天天气很好，" * 50 + "我找Bob了" + "今天天气很好，" * 50
    assert [word.text for word in people_en._words(text, 0)] == ["我", "找", "Bob", "了", "今", "天"]


def test_every_sign_that_a_name_may_begin_with_is_a_capital() -> None:
    signs = (chr(code) for codes in (range(0xD800), range(0x1F000, 0x1F300)) for code in codes)
    begins = {sign for sign in signs if TOKEN.fullmatch(sign) and sign.isupper()}
    assert begins == {sign for sign in begins if people_en._UPPER.fullmatch(sign)}
