"""Variants of terms: the same for the same seed, never the term itself, each way as its name says."""

from __future__ import annotations

import pytest

from gateway.cli.variants import WAYS, variants
from gateway.detectors.lexicon import Lexicon
from gateway.detectors.wordlist import Entry, read_list, write_list
from gateway.text import TextView, fold

TERMS = [Entry("贩卖毒品", "a1.h", 0.9, source="mine", day="2026-11-25"), Entry("hack a bank", "r", 0.8)]


def made(way: str, most: int = 3, seed: int = 0) -> list[str]:
    return [entry.term for entry in variants(TERMS, [way], most=most, seed=seed)]


def test_each_way_does_what_its_name_says() -> None:
    assert made("traditional") == ["販賣毒品"]
    assert all(term.replace(term[1], "") in ("贩卖毒品", "hackabank") for term in made("separators"))
    assert "fanmaidupin" in made("pinyin")
    assert all(fold(term, "homophone") == fold("贩卖毒品", "homophone") for term in made("homophone"))
    assert all(fold(term, "split") == fold("贩卖毒品", "split") for term in made("split"))
    assert all(fold(term, "leet") == fold("hack a bank", "leet") for term in made("leet"))
    assert all(made(way) for way in WAYS)


def test_variants_are_the_same_for_the_same_seed_whatever_the_order() -> None:
    ways = list(WAYS)
    once = list(variants(TERMS, ways, seed=7))
    assert list(variants(TERMS[::-1], ways, seed=7)) == once
    assert list(variants(TERMS, ways, seed=8)) != once
    assert len({(entry.risk, entry.term) for entry in once}) == len(once)
    assert not {entry.term for entry in once} & {entry.term for entry in TERMS}
    assert all(entry.views == frozenset() and entry.weight in (0.9, 0.8) for entry in once)


def test_variants_are_a_list_that_finds_them() -> None:
    entries = list(variants(TERMS, ["homophone", "split", "pinyin"]))
    lexicon = Lexicon(read_list(write_list([e._replace(day="2026-11-25") for e in entries]).encode(), "v.csv"))
    for entry in entries:
        assert lexicon(TextView(f"说{entry.term}。")).findings


def test_a_way_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="unknown way 'morse'; there are: traditional, separators"):
        list(variants(TERMS, ["morse"]))
