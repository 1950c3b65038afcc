"""Bopomofo of a syllable, and back."""

from __future__ import annotations

import pytest

from gateway.glyphs import glyphs
from gateway.glyphs.bopomofo import bopomofo, syllables


@pytest.mark.parametrize(
    ("syllable", "written"),
    [
        ("zhong", "ㄓㄨㄥ"),
        ("guo", "ㄍㄨㄛ"),
        ("you", "ㄧㄡ"),
        ("yu", "ㄩ"),
        ("zhi", "ㄓ"),
        ("wei", "ㄨㄟ"),
        ("jue", "ㄐㄩㄝ"),
        ("hng", ""),
    ],
)
def test_a_syllable_is_written(syllable: str, written: str) -> None:
    assert bopomofo(syllable) == written


def test_every_syllable_that_is_written_is_read_back() -> None:
    assert all(syllables()[bopomofo(said)] == said for said in set(glyphs("pinyin").values()) if bopomofo(said))
