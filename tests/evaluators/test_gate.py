import pytest

from evaluators.gate import GateResult, exit_code, rule
from evaluators.score import Metric
from evaluators.stats import interval
from evaluators.suite import Gate
from evaluators.summary import MetricSummary


def metric(good, n, unscored=0):
    clusters = tuple((1.0,) if i < good else (0.0,) for i in range(n))
    value = good / n if n else None
    known = Metric("m", "high", "rate")
    span = interval(clusters, "rate", 1) if n else None
    return MetricSummary(
        known, {"pass": good, "fail": n - good, "unscored": unscored}, {}, clusters, value, span, None, None
    )


def gate(side="at_least", mark=0.95, bound="bound", min_n=1, max_unscored=0.05):
    return Gate("m", mark, side, bound, 0.95, min_n, max_unscored)


@pytest.mark.parametrize(
    ("asked", "got", "ruling", "reason"),
    [
        (gate(), metric(292, 300), "pass", "reached"),
        (gate(), metric(291, 300), "review", "unproven"),
        (gate(), metric(284, 300), "fail", "missed"),
        (gate(bound="point"), metric(285, 300), "pass", "reached"),
        (gate(bound="point"), metric(284, 300), "fail", "missed"),
        (gate("at_most", 0.05), metric(8, 300), "pass", "reached"),
        (gate("at_most", 0.05), metric(9, 300), "review", "unproven"),
        (gate("at_most", 0.05), metric(16, 300), "fail", "missed"),
        (gate("at_most", 0.0, "point"), metric(0, 5), "pass", "reached"),
        (gate("at_most", 0.0, "point"), metric(1, 5), "fail", "missed"),
        (gate(bound="point", min_n=301), metric(300, 300), "review", "few_rows"),
        (gate(bound="point", min_n=301), metric(0, 300), "fail", "missed"),
        (gate(bound="point"), metric(90, 90, unscored=10), "unscored", "unscored"),
        (gate(bound="point"), metric(95, 95, unscored=5), "pass", "reached"),
        (gate(bound="point"), metric(0, 0, unscored=5), "unscored", "unscored"),
        (gate(bound="point"), metric(0, 0), "review", "no_score"),
        (gate(bound="point"), None, "review", "no_score"),
    ],
)
def test_a_gate_rules(asked, got, ruling, reason):
    result = rule(asked, got, seed=1)
    assert (result.ruling, result.reason) == (ruling, reason)


@pytest.mark.parametrize(
    ("rulings", "code"),
    [
        ([], 0),
        (["pass"], 0),
        (["pass", "fail"], 1),
        (["pass", "review"], 3),
        (["pass", "unscored"], 4),
        (["review", "unscored"], 4),
        (["review", "unscored", "fail"], 1),
    ],
)
def test_the_gravest_ruling_is_the_exit_code(rulings, code):
    assert exit_code([GateResult(gate(), ruling, "") for ruling in rulings]) == code
