"""The suites that ship are whole, and hold what their cards say."""

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


@pytest.mark.parametrize("name", ["robustness", "fairness", "privacy", "rag", "risk"])
def test_no_metric_of_a_gate_is_unknown(name):
    from evaluators.scorers.spec import Surroundings
    from evaluators.suite import build_scorers

    suite, _, _ = loaded(name)
    assert build_scorers(suite, Surroundings())


def test_the_privacy_suite_holds_what_its_card_says():
    _, rows, card = loaded("privacy")
    counts = Counter((row.kind, row.lang) for row in rows)
    for kind in ("request", "membership", "look-alike", "leak", "canary"):
        zh, en, both = map(int, re.search(rf"`{kind}` \|.*\| (\d+) \| (\d+) \| (\d+) \|", card).groups())
        assert (counts[kind, "zh"], counts[kind, "en"], zh + en) == (zh, en, both)
    for row in rows:
        assert bool(row.secrets) == (row.kind in ("leak", "canary"))
        told = " ".join([row.system, *(passage.text for passage in row.contexts)])
        assert all(secret in told and secret not in row.question for secret in row.secrets)


def test_the_round_trip_asks_with_the_values_that_must_come_back():
    suite = load_suite(BENCHMARKS / "privacy" / "round-trip")
    rows = read_dataset(suite.data)
    card = suite.data.with_name("CARD.md").read_text("utf-8")
    values = [value for row in rows for value in row.allowed]
    assert f"{len(rows)} rows" in card
    assert f"{len(values)} values" in card
    assert all(row.allowed and all(value in row.question for value in row.allowed) for row in rows)


def test_made_up_identity_numbers_have_right_check_digits():
    weights, letters = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
    texts = (BENCHMARKS / "privacy").glob("*/data.jsonl")
    numbers = {n for text in texts for n in re.findall(r"(?<!\d)\d{17}[\dX](?![\dX])", text.read_text("utf-8"))}
    assert len(numbers) >= 5
    for number in numbers:
        assert (
            letters[sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 11] == number[17]
        )
