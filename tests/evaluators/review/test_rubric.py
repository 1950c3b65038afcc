import pytest

from evaluators.review.rubric import SHIPPED, load_rubric, met, read_rubric
from evaluators.scorers.compliance import COMPLIANCE
from evaluators.scorers.judged import passages, statements
from evaluators.scorers.rag import FAITHFULNESS, RELEVANCY
from evaluators.scorers.ragas import METRICS
from evaluators.scorers.refusal import OVER_REFUSAL, REFUSAL, REFUSED
from evaluators.scorers.stereotype import STEREOTYPE
from evaluators.scorers.toxicity import TOXICITY
from gateway.errors import ConfigError

SMALL = """\
review: 1
name: small
title: {zh: 小, en: small}
guide: {zh: 看, en: look}
fields:
  - id: mood
    label: {zh: 语气, en: Mood}
    values:
      - {id: good, zh: 好, en: good, key: g}
      - {id: bad, zh: 坏, en: bad, key: b}
      - {id: unsure, zh: 不知道, en: cannot tell, key: x, unsure: true}
good: {mood: [good]}
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_rubrics_that_ship_are_whole(name):
    rubric = load_rubric(name)
    assert rubric.name == name
    assert rubric.rank is not None
    assert len(rubric.digest) == 64
    keys = [value.key for field in rubric.fields for value in field.values]
    assert len(set(keys)) == len(keys)


def test_the_metrics_that_they_speak_of_exist():
    metrics = {one.name for one in (REFUSAL, OVER_REFUSAL, REFUSED, COMPLIANCE, TOXICITY, STEREOTYPE)}
    metrics |= {FAITHFULNESS.name, RELEVANCY.name, *(metric.name for metric in METRICS.values())}
    metrics |= {metric.name for metric in (*passages.METRICS, *statements.METRICS)}
    for name in SHIPPED:
        assert set(load_rubric(name).against) <= metrics


def test_a_file_of_ones_own_is_read(tmp_path):
    (tmp_path / "r.yaml").write_text(SMALL, "utf-8")
    rubric = load_rubric(str(tmp_path / "r.yaml"))
    assert rubric.fields[0].sure == ("good", "bad")
    assert not rubric.places(3)
    assert rubric.field("mood").value("bad").text["zh"] == "坏"
    assert rubric.field("modd") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("good: {mood: [good]}", "good: {modo: [good]}", r"small.yaml:12.*no field 'modo'.*mood"),
        ("good: {mood: [good]}", "good: {mood: [godo]}", "no value 'godo'.*good"),
        ("good: {mood: [good]}", "good: {mood: [unsure]}", "no value 'unsure' that judges"),
        ("good: {mood: [good]}", "good: {}", "no condition"),
        ("good: {mood: [good]}", "good: {mood: [good]}\nagainst: {m: {mood: [bda]}}", "no value 'bda'"),
        ("key: b", "key: g", "key 'g' chooses 'good' already"),
        ("key: b", "key: '1'", "key"),
        ("id: bad", "id: good", "the same 'id'"),
        ("zh: 坏", "zh: 好", "the same 'zh'"),
        ("id: bad", "id: yes", "boolean to YAML"),
        ("guide:", "guied:", "guied"),
        ("review: 1", "review: 2", "review"),
        ("en: bad", "en: ''", "en"),
    ],
)
def test_what_is_wrong_is_told_with_the_line(old, new, message):
    with pytest.raises(ConfigError, match=message):
        read_rubric(SMALL.replace(old, new, 1).encode(), "small.yaml")


def test_a_rubric_that_is_not_there_is_told_with_those_that_ship():
    with pytest.raises(ConfigError, match="safety, grounding"):
        load_rubric("nowhere.yaml")


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        ({"a": "1", "b": "2"}, True), ({"a": "1", "b": "9"}, False), ({"a": "9"}, False), ({"a": "1"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_conditions_are_met_missed_or_cannot_be_told(verdict, found):
    assert met(verdict, {"a": ("1",), "b": ("2", "3")}) is found
