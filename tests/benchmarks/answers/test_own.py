"""The banks written for this project are as large and as hard as they say, and no near miss has an entry."""

from __future__ import annotations

import pytest

from benchmarks.answers.own import TRADES, banks, matters


def bigrams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def test_they_are_as_large_as_asked() -> None:
    every = [one for trade in TRADES for one in matters(trade).values()]
    assert len(every) >= 300
    assert sum(len(one.others) for one in every) >= 1500
    assert sum(len(one.near) for one in every) >= 500


@pytest.mark.parametrize("trade", TRADES)
def test_every_question_stands_once_in_a_trade(trade: str) -> None:
    texts = [text for one in matters(trade).values() for text in (one.ask, *one.others, *one.near)]
    assert [text for text in texts if texts.count(text) > 1] == []


def test_paraphrases_share_little_with_their_question_and_near_misses_much() -> None:
    shared: dict[str, list[float]] = {"others": [], "near": []}
    for trade in TRADES:
        for one in matters(trade).values():
            own = bigrams(one.ask)
            for kind, values in shared.items():
                for text in getattr(one, kind):
                    other = bigrams(text)
                    values.append(len(own & other) / max(1, len(own | other)))
    means = {kind: sum(values) / len(values) for kind, values in shared.items()}
    assert means["others"] < 0.06
    assert means["near"] > 0.2


@pytest.mark.parametrize("ways", [1, 3, 5])
def test_what_the_bank_has_is_not_asked(ways: int) -> None:
    for one in banks(ways):
        known = {text for entry in one.bank.entries for text in entry.questions}
        assert not known & {text for text, _ in one.asked}
        assert all(len(entry.questions) == ways for entry in one.bank.entries)
        ids = {entry.id for entry in one.bank.entries}
        assert {id for _, id in one.asked} == {*ids, None}
