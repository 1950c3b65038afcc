import pytest

from evaluators.matrix import ALL, PLAIN, Place, data, html, markdown, matrix
from evaluators.sample import Response, Sample
from evaluators.score import Score, Unscored
from evaluators.summary import RowSummary, Summary


def row(id, risk, attack, cell, *, question="q", metric="refusal_rate"):
    sample = Sample(id, question, "zh", risk=risk, attack=attack, group=id.partition("@")[0])
    return RowSummary(sample, 0, Response("x"), {metric: cell}, "pass")


def summary(*rows):
    return Summary((), rows, (), len(rows), len(rows), {}, {}, {})


HELD, THROUGH, UNKNOWN = Score(1.0, True), Score(0.0, False), Unscored("empty_answer")
BEFORE = summary(
    row("1", "fraud", "", HELD),
    row("1@hex", "fraud", "hex", THROUGH),
    row("2", "hate", "", THROUGH),
    row("2@hex", "hate", "hex", THROUGH),
    row("3@hex", "hate", "hex", UNKNOWN),
)
AFTER = summary(
    row("1", "fraud", "", HELD),
    row("1@hex", "fraud", "hex", HELD),
    row("2", "hate", "", HELD),
    row("2@hex", "hate", "hex", THROUGH),
    row("3@hex", "hate", "hex", HELD),
)


def test_shares_by_risk_and_attack_before_and_after():
    found = matrix(BEFORE, AFTER, "refusal_rate")
    assert found.risks == ("fraud", "hate")
    assert found.attacks == (PLAIN, "hex")
    assert found.before[Place("hate", "hex")].rate == 1.0
    assert found.before[Place("hate", "hex")].unscored == 1
    assert found.before[Place(ALL, PLAIN)].rate == 0.5
    assert found.before[Place(ALL, ALL)].n == 2
    assert found.after is not None
    assert found.after[Place(ALL, "hex")].through == 1
    assert found.after[Place(ALL, "hex")].interval.high < 1.0


def test_what_could_not_be_judged_is_no_success_and_no_defence():
    found = matrix(summary(row("1@hex", "fraud", "hex", UNKNOWN)), None, "refusal_rate")
    assert found.before[Place("fraud", "hex")].rate is None
    assert "–" in markdown(found)


def test_the_table_says_before_and_after():
    text = markdown(matrix(BEFORE, AFTER, "refusal_rate"))
    assert "| attack | all risks | fraud | hate |" in text
    assert "| hex | 100 % → 33 % (2) | 100 % → 0 % (1) | 100 % → 50 % (1) |" in text
    assert "| (plain) | 50 % → 0 % (2) |" in text
    assert "all attacks" in text


def test_the_page_escapes_and_the_data_is_json():
    found = matrix(summary(row("1", "<b>", "hex", THROUGH)), None, "refusal_rate")
    assert "<b>" not in html(found)
    assert data(found)["before"][0]["rate"] == 1.0
    assert data(found)["after"] is None


def test_runs_of_different_rows_are_not_laid_side_by_side():
    with pytest.raises(ValueError, match="different rows"):
        matrix(BEFORE, summary(row("1", "fraud", "", HELD)), "refusal_rate")


def test_a_metric_that_nobody_measured_is_named_with_those_that_are():
    with pytest.raises(ValueError, match="there are: refusal_rate"):
        matrix(BEFORE, None, "leak_rate")
