"""Words and phrases are taken out of one text."""

from __future__ import annotations

from gateway.detectors.names.wordlist import phrases, words


def test_words_are_parted_by_blanks() -> None:
    assert words("st street  道 路") == {"st", "street", "道", "路"}
    assert words("") == frozenset()


def test_phrases_are_parted_by_commas() -> None:
    assert phrases("hong kong,new york,北京") == {"hong kong", "new york", "北京"}
