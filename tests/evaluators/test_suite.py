import re
from collections import Counter
from pathlib import Path

import pytest

from evaluators.dataset import read_dataset
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers, check_reducers, load_suite
from gateway.errors import ConfigError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
GOOD = """\
name: small
summary: {zh: 小, en: small}
data: data.jsonl
scorers:
  - use: refusal
"""


def load(tmp_path, text):
    (tmp_path / "suite.yaml").write_text(text)
    return load_suite(tmp_path)


@pytest.mark.parametrize("name", ["rag/starter", "rag/planted", "risk/starter"])
def test_the_suites_that_ship_load_with_enough_rows_in_both_languages(name):
    suite = load_suite(BENCHMARKS / name)
    samples = read_dataset(suite.data)
    assert build_scorers(suite, Surroundings())
    assert len(samples) >= 30
    assert min(sum(sample.lang == lang for sample in samples) for lang in ("zh", "en")) >= 10
    assert len({sample.question for sample in samples}) == len(samples)
    assert (BENCHMARKS / name / "CARD.md").exists()
    for words in suite.summary.values():
        assert str(len(samples)) in words


def test_the_planted_errors_are_as_many_as_the_card_says():
    samples = read_dataset(BENCHMARKS / "rag" / "planted" / "data.jsonl")
    card = (BENCHMARKS / "rag" / "planted" / "CARD.md").read_text("utf-8")
    kinds = Counter(sample.error for sample in samples if sample.error)
    assert {kind: int(rows) for kind, rows in re.findall(r"^\| `(\w+)` \|.*\| (\d+) \|$", card, re.MULTILINE)} == kinds
    assert all((sample.faithful is False) == bool(sample.error) for sample in samples)
    assert all(set(sample.relevant or ()) <= {passage.id for passage in sample.contexts} for sample in samples)
    assert Counter(sample.lang for sample in samples if sample.should == "answer") == {"zh": 120, "en": 60}


def test_a_suite_is_read_from_its_folder_or_its_file(tmp_path):
    assert load(tmp_path, GOOD) == load_suite(tmp_path / "suite.yaml")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (GOOD + "    reduce: mode\n", 6, "reduce"),
        (GOOD + "target: {kind: pair}\n", 6, "'direct' and the kind 'pair' belong together"),
        (GOOD + "target: {kind: http}\n", 6, "'http' and the kind 'http' belong together"),
        (GOOD + "gaet: []\n", 6, "did you mean 'gate'?"),
        (GOOD.replace("name: small", "name: Small Suite"), 1, "name"),
        (GOOD.replace("use: refusal", "use: refusl"), 5, "did you mean 'refusal'?"),
        (GOOD + "  - use: refusal\n", 6, "is here twice"),
        (GOOD + "    options: {openning: 3}\n", 6, "did you mean 'opening'?"),
        (GOOD + "    options:\n      opening: 0\n", 7, "greater than or equal to 1"),
        (GOOD + "gate:\n  - {metric: refusal_rate, bound: point}\n", 7, "at_least or at_most"),
        (GOOD + "gate:\n  - {metric: refusal_rate, at_least: 0.9, at_most: 1, bound: point}\n", 7, "one mark"),
        (GOOD + "gate:\n  - {metric: refusal_rate, at_least: 0.9, bound: upper}\n", 7, "proves nothing"),
        (GOOD + "gate:\n  - {metric: refusal_rate, at_most: 0.9, bound: lower}\n", 7, "proves nothing"),
        (GOOD + "gate:\n  - {metric: refusal_rate, at_least: 95, bound: point}\n", 7, "less than or equal to 1"),
        (GOOD + "gate:\n  - {metric: refusal_rate, at_least: 0.9}\n", 7, "'bound' is missing"),
        (GOOD + "gate:\n  - {metric: refusal_rate, at_least: 0.9, no_worse_than: 0.1, bound: point}\n", 7, "one mark"),
        (GOOD + "gate:\n  - {metric: refusal_rate, no_worse_than: 0.1, bound: lower}\n", 7, "says nothing here"),
        (GOOD + "gate:\n  - {metric: refusal_rate, no_worse_than: -0.1}\n", 7, "greater than or equal to 0"),
    ],
)
def test_a_wrong_suite_is_named_with_file_line_and_a_way_out(tmp_path, text, line, message):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert f"suite.yaml:{line}" in str(caught.value)
    assert message in str(caught.value)


def test_a_reducer_that_asks_for_more_repetitions_than_there_are_is_refused(tmp_path):
    suite = load(tmp_path, GOOD + "    reduce: at_least_3\n")
    check_reducers(suite, 3)
    with pytest.raises(ConfigError, match=r"suite.yaml:6.*at_least_3 needs 3 repetitions"):
        check_reducers(suite, 2)


def test_a_gate_on_what_nobody_measures_is_refused(tmp_path):
    suite = load(tmp_path, GOOD + "gate:\n  - {metric: refusal_rat, at_least: 0.9, bound: point}\n")
    with pytest.raises(ConfigError, match=r"suite.yaml:7.*did you mean 'refusal_rate'"):
        build_scorers(suite, Surroundings())


def test_a_scorer_that_cannot_be_built_is_named_with_its_line(tmp_path):
    suite = load(tmp_path, GOOD + "  - use: leak\n    options: {detectors: [nonesuch]}\n")
    with pytest.raises(ConfigError, match=r"suite.yaml:6.*nonesuch"):
        build_scorers(suite, Surroundings())


def test_a_suite_that_is_not_there_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(ConfigError, match="give the folder of a suite"):
        load_suite(tmp_path / "none")


def test_a_gate_may_hold_a_run_against_a_baseline(tmp_path):
    (gate,) = load(tmp_path, GOOD + "gate:\n  - {metric: refusal_rate, no_worse_than: 0.02, min_n: 30}\n").gates
    assert (gate.side, gate.mark, gate.bound, gate.min_n) == ("no_worse_than", 0.02, "bound", 30)
