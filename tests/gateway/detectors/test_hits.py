"""What lists hit in harmless texts is counted in texts, once each."""

from __future__ import annotations

from gateway.detectors.hits import count_hits
from gateway.detectors.wordlist import Entry

ENTRIES = [Entry("毒品", "a1.h", 0.9), Entry("买", "a1.h", 0.5), Entry("dan", "r", 0.8), Entry("枪", "a1.h", 0.7)]
TEXTS = ["毒品和毒品", "dan 毒品", "买菜", "买枪", "天气"]


def test_each_text_counts_once() -> None:
    hits = count_hits(ENTRIES, TEXTS, 0.8)
    assert (hits.texts, hits.hit, hits.share()) == (5, 2, "40.00%")
    assert hits.risks == {"a1.h": 2, "r": 1}
    assert hits.terms == {"毒品": 2, "dan": 1}


def test_weak_terms_count_together_where_that_is_asked_for() -> None:
    assert count_hits(ENTRIES, TEXTS, 0.8, "sentence").hit == 3


def test_where_there_is_nothing_there_is_no_share() -> None:
    assert count_hits(ENTRIES, [], 0.8).share() == "none"
    assert count_hits([], TEXTS, 0.8).texts == 0
