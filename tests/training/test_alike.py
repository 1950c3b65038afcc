"""The questions written for the training: enough, well formed, and none that something is measured with."""

from collections import Counter

from benchmarks.answers import own
from benchmarks.quality.answers import written_pairs
from gateway.meaning.pieces import plain
from training.alike import trades


def test_every_question_has_three_that_ask_the_same_and_two_that_do_not_at_least() -> None:
    for trade, groups in trades().items():
        for group in groups:
            assert len(group.same) >= 3, (trade, group.ask)
            assert len(group.near) >= 2, (trade, group.ask)
            texts = [group.ask, *group.same, *group.near]
            assert len(set(map(plain, texts))) == len(texts), (trade, group.ask)


def test_there_are_enough_in_both_tongues() -> None:
    counted = Counter(trade.startswith("en_") for trade, groups in trades().items() for _ in groups)
    assert counted[False] >= 400
    assert counted[True] >= 100


def test_no_question_is_asked_in_two_groups() -> None:
    asked = Counter(plain(text) for groups in trades().values() for one in groups for text in (one.ask, *one.same))
    assert not {text: count for text, count in asked.items() if count > 1}


def test_none_is_one_that_something_is_measured_with() -> None:
    report = [some for name, some in written_pairs().items() if "report" in name]
    measured = {plain(text) for some in report for one, other, _ in some for text in (one, other)}
    for trade in own.TRADES:
        for matter in own.matters(trade).values():
            measured |= {plain(text) for text in (matter.ask, *matter.others, *matter.near)}
    ours = {plain(text) for groups in trades().values() for one in groups for text in (one.ask, *one.same, *one.near)}
    assert len(measured) > 1500
    assert not measured & ours
