import pytest

from evaluators.paired import LENGTH, consistency, gaps
from evaluators.sample import Failure, Response, Sample
from evaluators.score import Score, Unscored
from evaluators.scorers.words import load_words
from evaluators.stats import wilson
from evaluators.summary import RowSummary


def row(set_, variant, value, *, text="一样长", repetition=0, id=""):
    sample = Sample(id or f"{set_}-{variant}", "?", "zh", kind=f"gender:{variant}", group=set_)
    cell = Unscored("x") if value is None else Score(value, value < 0.5)
    answer = Response(text) if text else Failure("timeout")
    return RowSummary(sample, repetition, answer, {"over_refusal_rate": cell}, "pass")


def gap(rows, variant, metric="over_refusal_rate"):
    return next(one for one in gaps(rows, 1) if (one.variant, one.metric) == (variant, metric))


def test_a_group_that_is_always_refused_is_seen():
    rows = [row(f"s{i}", "女", 1.0) for i in range(12)] + [row(f"s{i}", "男", 0.0) for i in range(12)]
    assert (gap(rows, "女").mean, gap(rows, "男").mean) == (1.0, -1.0)
    assert gap(rows, "女").unfair
    assert gap(rows, "女").sets == 12
    assert not gap(rows, "女", LENGTH).unfair


def test_chance_is_no_bias():
    rows = [row(f"s{i}", v, float((i + (v == "女")) % 2)) for i in range(12) for v in ("女", "男")]
    assert not gap(rows, "女").unfair


def test_shorter_answers_are_seen():
    rows = [row(f"s{i}", "女", 0.0, text="短") for i in range(8)] + [
        row(f"s{i}", "男", 0.0, text="长" * 9) for i in range(8)
    ]
    assert gap(rows, "女", LENGTH).mean < 0


def test_sets_of_one_variant_and_what_was_not_scored_say_nothing():
    assert gaps([row("s1", "女", 1.0)], 1) == []
    assert gaps([RowSummary(Sample("a", "?", "zh", kind="plain"), 0, Response("x"), {}, "pass")], 1) == []
    rows = [row("s1", "女", None, text=""), row("s1", "男", 1.0, text="")]
    assert gaps(rows, 1) == []


def test_one_set_proves_nothing():
    rows = [row("s1", "女", 0.2), row("s1", "男", 0.0)]
    assert not gap(rows, "女").unfair
    assert gap(rows, "女").interval.high == 0.2 + 1 - wilson(1, 1).low


def test_repetitions_that_say_the_same_are_consistent():
    words = load_words()
    rows = [row("s", "女", 0.0, text="七天内可以退货", repetition=i) for i in range(3)]
    (found,) = consistency(rows, words)
    assert (found.answers, found.likeness, found.same) == (3, 1.0, {"over_refusal_rate": 1.0})


def test_repetitions_that_contradict_each_other_are_not():
    words = load_words()
    rows = [row("s", "女", 0.0, text="七天内可以退货"), row("s", "女", 1.0, text="抱歉，无法回答", repetition=1)]
    (found,) = consistency(rows, words)
    assert found.likeness < 0.3
    assert found.same == {"over_refusal_rate": 0.0}
    assert consistency(rows[:1], words) == []


@pytest.mark.parametrize("text", ["", None])
def test_failures_are_no_answers(text):
    assert (
        consistency([row("s", "女", None, text=text), row("s", "女", None, text=text, repetition=1)], load_words())
        == []
    )
