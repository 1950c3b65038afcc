"""The measured knowledge base is one: its passages come in, are found, and its promises are told kept or missed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed import knowledge


def test_passages_are_as_many_as_asked_and_none_is_like_another() -> None:
    texts = [section.text for one in knowledge.documents(700) for section in one.sections]
    assert len(texts) == len(set(texts)) == 700
    assert [len(one.sections) for one in knowledge.documents(700)] == [500, 200]


def test_what_is_promised_is_measured(tmp_path: Path) -> None:
    promised, told = knowledge.measured(tmp_path, 60, 5, screened=False)
    assert [target.limit for target in promised] == [300 * 60 / 100_000, 20.0]
    assert all(target.value > 0 for target in promised)
    assert "one document more is found after" in told[1]
    assert "not screened" in told[2]
