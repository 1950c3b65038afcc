"""Whoever knows the alphabet reads the question back, letter by letter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.attacks.attack import Attempt
from evaluators.attacks.encoding import (
    from_escapes,
    from_morse,
    from_selectors,
    from_tags,
    to_escapes,
    to_morse,
    to_selectors,
    to_tags,
)
from evaluators.attacks.registry import attacks

EXACT = [n for n, a in attacks().items() if a.family == "encoding" and a.undo and not a.same and "zh" in a.languages]


@pytest.mark.parametrize("name", EXACT)
@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40))
def test_encodings_lose_nothing(name, text):
    attack = attacks()[name]
    if name == "entities":  # HTML has no way to write these
        text = "".join(c for c in text if c.isprintable()) or "a"
    assert attack.undo(attack.apply(Attempt((text,), "zh"), 0).last) == text


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("rot13", "Hello", "Uryyb"),
        ("morse", "so so", "... --- / ... ---"),
        ("percent", "ab", "%61%62"),
        ("escapes", "中😀", "\\u4e2d\\ud83d\\ude00"),
        ("codepoints", "中a", "U+4E2D U+0061"),
        ("base64", "中a", "5LitYQ=="),
        ("base32", "a", "ME======"),
        ("hex", "中", "e4 b8 ad"),
        ("binary", "a", "01100001"),
        ("decimal", "中", "228 184 173"),
        ("entities", "中a", "&#20013;&#97;"),
        ("percent", "中 a", "%E4%B8%AD%20a"),
        ("atbash", "Az 中", "Za 中"),
        ("tags", "a中", "☺\U000e0061中"),
        ("selectors", "a", "☺\U000e0151"),
        ("morse", "中 e", "中 / ."),
    ],
)
def test_what_is_written(name, text, made):
    assert attacks()[name].apply(Attempt((text,), "zh"), 0).last == made


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=20).filter(lambda text: not text.startswith("☺")))
def test_escapes_and_selectors_hold_any_text(text):
    assert from_escapes(to_escapes(text)) == text
    assert from_selectors(to_selectors(text)) == text
    assert len(to_selectors(text)) == len(text.encode()) + 1


@pytest.mark.parametrize("text", ["how to", "Hi, 2 people?", ""])
def test_tags_and_morse_hold_english(text):
    assert from_tags(to_tags(text)) == text
    assert from_morse(to_morse(text)) == " ".join(text.lower().split())
    assert not set(to_tags(text)) & set(text)
