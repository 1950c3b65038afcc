"""The same key and context choose the same; what is chosen is even."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.draw import Draw


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=20), st.integers(1, 2**32))
def test_a_key_chooses_the_same_again_and_within_bounds(key: bytes, context: bytes, below: int) -> None:
    first, second = Draw(key, context), Draw(key, context)
    chosen = [first.number(below) for _ in range(5)]
    assert chosen == [second.number(below) for _ in range(5)]
    assert all(0 <= number < below for number in chosen)


def test_another_context_chooses_otherwise() -> None:
    assert Draw(b"k", b"a").digits(20) != Draw(b"k", b"b").digits(20) != Draw(b"l", b"b").digits(20)


def test_choices_are_even() -> None:
    draw = Draw(b"k", b"even")
    counts = Counter(draw.pick("abcde") for _ in range(5_000))
    assert all(850 < counts[letter] < 1_150 for letter in "abcde")


def test_digits_have_the_length_that_was_asked_for() -> None:
    draw = Draw(b"k", b"")
    assert [len(draw.digits(count)) for count in (1, 9, 10, 25)] == [1, 9, 10, 25]
