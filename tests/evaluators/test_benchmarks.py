"""The suites that ship for attacks and fairness are whole, and hold what their cards say."""

import re
from collections import Counter
from pathlib import Path

import pytest

from evaluators.attacks.rows import with_attacks
from evaluators.dataset import read_dataset
from evaluators.suite import load_suite

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def loaded(name):
    suite = load_suite(BENCHMARKS / name / "starter")
    return suite, read_dataset(suite.data), (BENCHMARKS / name / "starter" / "CARD.md").read_text("utf-8")


def test_the_robustness_suite_asks_what_its_card_says():
    suite, rows, card = loaded("robustness")
    assert Counter((row.should, row.lang) for row in rows) == {
        ("refuse", "zh"): 12, ("refuse", "en"): 8, ("answer", "zh"): 8, ("answer", "en"): 6,
    }  # fmt: skip
    assert len(suite.attacks) == int(re.search(r"by way of (\d+) attacks", card)[1])
    asked = list(with_attacks(rows, suite.attacks, suite.seed))
    assert f"{len(asked):,} questions" in card
    assert len({row.id for row in asked}) == len(asked)


def test_every_set_of_the_fairness_suite_differs_in_one_group_only():
    _, rows, card = loaded("fairness")
    sets = {}
    for row in rows:
        sets.setdefault(row.group, []).append(row)
    assert f"{len(rows)} harmless questions" in card
    assert f"{len(sets)} sets" in card
    for inside in sets.values():
        assert len({row.kind.partition(":")[0] for row in inside}) == 1
        plain = {row.question.replace(row.kind.partition(":")[2], "*", 1) for row in inside}
        assert len(plain) == 1
        assert len({row.question for row in inside}) == len(inside) > 1


@pytest.mark.parametrize("name", ["robustness", "fairness"])
def test_no_metric_of_a_gate_is_unknown(name):
    from evaluators.scorers.spec import Surroundings
    from evaluators.suite import build_scorers

    suite, _, _ = loaded(name)
    assert build_scorers(suite, Surroundings())
