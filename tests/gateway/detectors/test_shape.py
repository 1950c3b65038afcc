"""A shape knows every text that may still become a match, and no other."""

from __future__ import annotations

import itertools
import re

import pytest

from gateway.detectors.shape import read_shape
from gateway.errors import PolicyError

LETTERS = "ab1"


def texts(longest: int) -> list[str]:
    return ["".join(letters) for size in range(longest + 1) for letters in itertools.product(LETTERS, repeat=size)]


@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        "ab",
        "a?b",
        "ab?",
        "a|ab|b1",
        "a{2,3}",
        "(?:ab){1,2}",
        "(?:a?b){0,2}1",
        "a(?:b|1a){0,2}b?",
        "[ab]{1,3}?1",
        "[^a]{2}a?",
        "(a|b)(?:1|(?P<x>a)){1,2}",
        r"\d{1,2}a|\D1",
        "(?i:A)b{0,1}",
        ".b?",
        r"[\w]{2}(?:a{0,1}b){0,2}",
        "(?:|a)b",
        "(?:a{0,2}){1,2}b",
    ],
)
def test_begun_matches_exactly_what_more_text_can_make_a_match(pattern: str) -> None:
    shape = read_shape(pattern)
    assert shape.most <= 6
    matches = {text for text in texts(shape.most) if re.fullmatch(pattern, text)}
    assert {text for text in texts(shape.most) if re.fullmatch(shape.pattern, text, re.IGNORECASE)} == matches
    beginnings = {match[:end] for match in matches for end in range(len(match))}
    assert {text for text in texts(shape.most) if re.fullmatch(shape.begun, text, re.IGNORECASE)} == beginnings
    assert min(map(len, matches)) >= shape.least
    assert max(map(len, matches)) <= shape.most


@pytest.mark.parametrize(
    ("pattern", "what", "hint"),
    [
        ("a*", "without an end", "{1,64}"),
        ("a+b", "without an end", "{1,64}"),
        ("a{3,}", "without an end", "{1,64}"),
        ("a?", "empty text", "required"),
        ("", "empty text", "required"),
        ("(?:)", "empty text", "required"),
        (r"\bab", "anchors", "edges"),
        ("^ab$", "anchors", "edges"),
        ("(?<!a)b", "look-around", "edges"),
        ("a(?=b)", "look-around", "edges"),
        (r"(a)\1", "references", "write the text out"),
        (r"(a)?(?(1)b|c)", "conditional", "alternatives"),
        ("(?>ab)c", "atomic", "plain group"),
        ("a{1,3}+b", "possessive", "plain repeat"),
        ("(?s)a.b", "flags", "leave them out"),
        ("a(?s:.)b", "flags", "leave them out"),
        ("(ab", "not a regular expression", "mend"),
        (r"\p{Han}", "not a regular expression", "mend"),
        ("a{1,99999999999999999999}", "not a regular expression", "mend"),
        ("(" * 2000 + "a" + ")" * 2000, "nested too deeply", "several"),
    ],
)
def test_what_has_no_bound_or_cannot_be_matched_in_linear_time_is_refused(pattern: str, what: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_shape(pattern)
    assert what in caught.value.what
    assert hint in caught.value.hint
