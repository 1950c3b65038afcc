"""The gravest suite decides a night, and what could not be run is never good."""

import json
from datetime import UTC, datetime

import pytest

from evaluators.kept.nights import Night, SuiteNight
from evaluators.nightly.outcome import body_of, sound, state_of, worst


def night(**codes):
    suites = {
        name: SuiteNight(run=f"runs/{name}", code=code, baseline=baseline) for name, (code, baseline) in codes.items()
    }
    started = datetime(2026, 1, 2, 3, tzinfo=UTC)
    return Night("n1", "plan", started, None, "running", None, suites)


@pytest.mark.parametrize(
    ("codes", "gravest"),
    [([0, 0], 0), ([0, 3], 3), ([3, 4], 4), ([4, 2], 2), ([2, 1], 1), ([1, 130], 130), ([0, 77], 2), ([], 2)],
)
def test_the_gravest_suite_decides_and_no_suite_is_no_pass(codes, gravest):
    assert worst(codes) == gravest


@pytest.mark.parametrize(
    ("gates", "is_sound"),
    [
        ([], True),
        ([("pass", "held")], True),
        ([("pass", "held"), ("unscored", "no_baseline")], True),
        ([("fail", "below"), ("unscored", "no_baseline")], False),
        ([("unscored", "too_many")], False),
    ],
)
def test_a_run_is_sound_where_it_lacks_nothing_but_a_baseline(gates, is_sound):
    assert sound([{"ruling": ruling, "reason": reason} for ruling, reason in gates]) is is_sound


@pytest.mark.parametrize(
    ("suites", "first", "state"),
    [
        ({"a": (0, "b1"), "b": (0, "b2")}, (), "good"),
        ({"a": (3, "")}, ("a",), "good"),  # the first night, to be held against later
        ({"a": (3, "")}, (), "review"),
        ({"a": (3, "b1")}, ("a",), "review"),
        ({"a": (0, "b1"), "b": (1, "b2")}, (), "bad"),
        ({"a": (4, "")}, ("a",), "bad"),
        ({"a": (None, "")}, ("a",), "broken"),
        ({"a": (130, "")}, (), "killed"),
        ({}, (), "broken"),
    ],
)
def test_only_a_night_in_which_every_suite_passed_is_good(suites, first, state):
    assert state_of(night(**suites), first) == state


def test_a_webhook_hears_names_numbers_and_reasons():
    gate = {"gate": {"metric": "leak_rate"}, "ruling": "fail", "reason": "above", "value": 0.2, "n": 9, "text": "密"}
    whole = {**gate, "gate": None}
    body = body_of(night(a=(1, "b1"), b=(None, "")), {"a": [gate, whole]})
    assert json.loads(json.dumps(body))["suites"] == [
        {"suite": "a", "exit_code": 1, "run": "runs/a", "baseline": "b1", "gates": [
            {"metric": "leak_rate", "ruling": "fail", "reason": "above", "value": 0.2, "n": 9},
            {"metric": None, "ruling": "fail", "reason": "above", "value": 0.2, "n": 9}]},
        {"suite": "b", "exit_code": None, "run": "runs/b", "baseline": None, "gates": []},
    ]  # fmt: skip
    assert (body["started"], body["ended"]) == ("2026-01-02T03:00:00+00:00", None)
    assert "密" not in str(body)
