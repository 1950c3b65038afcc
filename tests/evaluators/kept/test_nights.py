from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evaluators.kept.nights import Night, Nights, SuiteNight

FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)


def night(number, state="good", suites=None, plan="house"):
    return Night(f"n{number}", plan, FIRST + timedelta(days=number), None, state, None, suites or {})


@pytest.fixture
def nights(store):
    return Nights(store, "house")


def test_a_night_comes_back_as_it_was(nights):
    begun = night(1, "running")
    nights.begin(begun)
    assert nights.running() == begun
    ended = replace(
        begun,
        ended=FIRST + timedelta(days=1, hours=1),
        state="bad",
        exit_code=1,
        suites={"risk": SuiteNight("run-1", "runs/run-1", 1, "run-0"), "rag": SuiteNight(code=2, why="目标不可达")},
    )
    nights.note(ended)
    assert nights.all() == [ended]
    assert nights.running() is None


def test_only_a_good_night_is_something_to_be_held_against(nights):
    states = ["good", "review", "bad", "broken", "killed", "running"]
    for number, state in enumerate(states):
        nights.begin(night(number, state, {"risk": SuiteNight(f"run-{number}")}))
    assert nights.good("risk").run == "run-0"
    nights.begin(night(9, "good", {"risk": SuiteNight("run-9")}))
    assert nights.good("risk").run == "run-9"
    assert nights.good("rag") is None


def test_a_suite_that_the_last_good_night_lacks_is_held_against_the_one_before(nights):
    nights.begin(night(1, "good", {"risk": SuiteNight("run-1"), "rag": SuiteNight("run-1b")}))
    nights.begin(night(2, "good", {"risk": SuiteNight("run-2"), "rag": SuiteNight(why="not run")}))
    assert nights.good("rag").run == "run-1b"


def test_plans_do_not_see_each_other_and_what_is_forgotten_is_gone(store, nights):
    nights.begin(night(1))
    Nights(store, "other").begin(night(2, plan="other"))
    assert [one.id for one in nights.all()] == ["n1"]
    nights.forget(["n1"])
    assert nights.all() == []
    assert [one.id for one in Nights(store, "other").all()] == ["n2"]
