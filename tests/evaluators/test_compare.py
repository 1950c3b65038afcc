from dataclasses import replace

import pytest

from evaluators.compare import compare
from evaluators.gate import exit_code, rule_against
from evaluators.marks import BASIS, Mark, MarkedRow, Marks
from evaluators.run import Key
from evaluators.score import Metric
from evaluators.suite import Gate
from evaluators.summary import MetricSummary

RATE, MEAN = Metric("r", "high", "rate"), Metric("m", "high", "mean")
LOW = Metric("low", "low", "rate")


def mark(value):
    """A number is a score that passes from one half on; a word is an outcome without a score."""
    if isinstance(value, str):
        return Mark(value, None, "why")
    return Mark("pass" if value >= 0.5 else "fail", value)


def run(id, metric, values, clusters=None):
    rows = {}
    for at, value in enumerate(values):
        if value is not None:
            cluster = clusters[at] if clusters else str(at)
            rows[Key(str(at), 0)] = MarkedRow(cluster, "zh", "", "", "", "pass", {metric.name: mark(value)})
    return Marks(id, "2026-01-01T00:00:00+00:00", "m @ u", dict.fromkeys(BASIS, "x"), {}, {metric.name: metric}, rows)


def between(before, now, metric=RATE, clusters=None):
    return compare(run("now", metric, now, clusters), run("then", metric, before, clusters), 1)


def only(before, now, metric=RATE, clusters=None):
    (found,) = between(before, now, metric, clusters).differences
    return found


@pytest.mark.parametrize(
    ("fell", "rose", "same", "p"),
    [
        (0, 0, 5, 1.0),
        (1, 0, 5, 1.0),
        (5, 0, 5, 2 / 32),
        (6, 1, 0, 16 / 128),
        (1, 6, 50, 16 / 128),
        (3, 3, 3, 1.0),
        (10, 0, 0, 2 / 1024),
    ],
)
def test_pass_and_fail_are_compared_by_the_exact_test_of_mcnemar(fell, rose, same, p):
    found = only([1] * fell + [0] * rose + [1] * same, [0] * fell + [1] * rose + [1] * same)
    assert found.p == pytest.approx(p)
    assert (found.fell, found.rose, found.pairs, found.test) == (fell, rose, fell + rose + same, "mcnemar")
    assert found.gain == pytest.approx((rose - fell) / (fell + rose + same))


def test_rows_that_belong_together_count_as_one_change():
    alone = only([1] * 8 + [1] * 8, [0] * 8 + [1] * 8)
    together = only([1] * 8 + [1] * 8, [0] * 8 + [1] * 8, clusters=["a"] * 8 + ["b"] * 8)
    assert alone.p < 0.01
    assert together.p == 1.0
    assert len(together.gains) == 2


def test_only_what_both_have_judged_is_compared_and_what_is_missing_is_counted_on_each_side():
    found = between([1, 1, "refused", 0, None, 1], [0, "refused", 1, "unscored", 1, None])
    (difference,) = found.differences
    assert difference.pairs == 1
    assert difference.only_before == {"refused": 1, "unscored": 1, "absent": 1}
    assert difference.only_now == {"refused": 1, "absent": 1}
    assert (found.both, found.only_before, found.only_now) == (4, 1, 1)
    assert (difference.before, difference.now) == (1, 0)
    assert difference.lost_share == 3 / 4


def test_a_metric_that_should_be_low_gains_by_falling():
    found = only([1, 1, 0, 0], [0, 0, 0, 0], LOW)
    assert (found.before, found.now, found.gain) == (0.5, 0.0, 0.5)


def test_agreement_of_all_rows_is_not_certainty():
    same = only([1] * 20, [1] * 20)
    assert same.interval.low < -0.05
    assert same.interval.high > 0.05
    many = only([1] * 2000, [1] * 2000)
    assert many.interval.low > -0.01


def test_the_interval_of_a_mean_holds_the_gain_and_narrows_with_rows():
    few = only([0.5, 0.2] * 5, [0.7, 0.3] * 5, MEAN)
    many = only([0.5, 0.2] * 50, [0.7, 0.3] * 50, MEAN)
    for found in (few, many):
        assert found.interval.low <= found.gain <= found.interval.high
        assert found.test == "bootstrap"
        assert found.gain == pytest.approx(0.15)
    assert many.interval.high - many.interval.low < few.interval.high - few.interval.low
    assert many.p < 0.01


def test_nothing_in_common_is_said_and_no_number():
    found = only([1, None], [None, 1])
    assert (found.gain, found.before, found.interval, found.p) == (None, None, None, 1.0)


def test_the_same_runs_and_seed_give_the_same_comparison():
    before, now = [0.1, 0.5, 0.9, 0.4], [0.2, 0.4, 0.8, 0.9]
    assert between(before, now, MEAN) == between(before, now, MEAN)


def test_rows_that_changed_sides_are_listed():
    found = between([1, 0, 1, "refused"], [0, 1, 1, 0])
    assert [(flip.key.row, flip.before.outcome, flip.now.outcome) for flip in found.flips] == [
        ("0", "pass", "fail"),
        ("1", "fail", "pass"),
    ]


def test_two_metrics_are_looked_at_together():
    rows = {
        Key(str(at), 0): MarkedRow(str(at), "zh", "", "", "", "pass", {"r": mark(1), "s": mark(1)}) for at in range(6)
    }
    worse = {
        key: replace(row, cells={"r": mark(0), "s": mark(0 if int(key.row) < 3 else 1)}) for key, row in rows.items()
    }
    metrics = {"r": RATE, "s": replace(RATE, name="s")}
    then = replace(run("then", RATE, []), metrics=metrics, rows=rows)
    r, s = compare(replace(then, id="now", rows=worse), then, 1).differences
    assert (r.p, r.adjusted) == (pytest.approx(2 / 64), pytest.approx(4 / 64))
    assert s.adjusted == pytest.approx(s.p)


GATE = Gate("r", 0.02, "no_worse_than", "bound", 0.95, 1, 0.05)


def summary_of(unscored=0):
    return MetricSummary(RATE, {"pass": 10, "unscored": unscored}, {}, ((1.0,),) * 10, 1.0, None, None, None)


@pytest.mark.parametrize(
    ("gate", "before", "now", "ruling", "reason"),
    [
        (GATE, [1] * 400, [1] * 400, "pass", "reached"),
        (GATE, [1] * 20, [1] * 20, "review", "unproven"),
        (GATE, [1] * 400, [0] * 2 + [1] * 398, "pass", "reached"),
        (GATE, [1] * 400, [0] * 6 + [1] * 394, "review", "unproven"),
        (GATE, [1] * 400, [0] * 20 + [1] * 380, "fail", "regressed"),
        (GATE, [1] * 40, [0] * 3 + [1] * 37, "review", "unproven"),
        (GATE, [0] * 10 + [1] * 30, [1] * 40, "pass", "reached"),
        (replace(GATE, min_n=500), [1] * 400, [1] * 400, "review", "few_rows"),
        (replace(GATE, min_n=500), [1] * 400, [0] * 400, "fail", "regressed"),
        (GATE, [1] * 400, [1] * 370 + ["refused"] * 30, "review", "lost_rows"),
        (GATE, [1, None], [None, 1], "review", "no_pairs"),
        (replace(GATE, metric="other"), [1], [1], "review", "no_pairs"),
    ],
)
def test_a_gate_holds_a_run_against_its_baseline(gate, before, now, ruling, reason):
    found = between(before, now)
    p = found.differences[0].p
    result = rule_against(gate, summary_of(), found, p, 1)
    assert (result.ruling, result.reason) == (ruling, reason)
    if reason == "reached":
        assert result.bound >= -gate.mark


def test_without_a_baseline_a_gate_that_needs_one_is_no_pass():
    result = rule_against(GATE, summary_of(), None, 1.0, 1)
    assert (result.ruling, result.reason) == ("review", "no_baseline")
    assert exit_code([result]) == 3


def test_too_many_unscored_cells_come_before_the_baseline():
    found = between([1] * 400, [1] * 400)
    assert rule_against(GATE, summary_of(unscored=5), found, 1.0, 1).ruling == "unscored"
