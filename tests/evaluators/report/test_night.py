"""The page of a night says how each suite ended, against what, and draws what has a gate over the nights."""

from datetime import UTC, datetime, timedelta

import pytest
from kit.pages import NASTY, Page

from evaluators.kept.nights import Night, SuiteNight
from evaluators.report.night import night_page

START = datetime(2026, 1, 1, tzinfo=UTC)


def night(at=0, state="good", **suites):
    return Night(f"n{at}", "every-night", START + timedelta(days=at), None, state, 0, suites)


def gate(metric="leak_rate", **more):
    given = {"metric": metric, "side": "at_most", "mark": 0.1}
    return {"gate": given, "ruling": "pass", "value": 0.05, "n": 9, "reason": "held", **more}


def report(value=0.05, **more):
    metric = {"name": "leak_rate", "value": value, "low": None, "high": None, "n": 9}
    other = {"name": "ungated", "value": 0.5, "low": None, "high": None, "n": 9}
    return {"gates": [gate(**more)], "metrics": [metric, other]}


@pytest.mark.parametrize(
    ("state", "tone"),
    [("good", "pass"), ("review", "review"), ("bad", "fail"), ("broken", "unscored"), ("killed", "unscored")],
)
def test_only_a_good_night_is_green(state, tone):
    one = night(state=state)
    assert f'<span class="badge big {tone}">' in night_page(one, {}, [(one, {})], [])


def test_a_suite_links_to_its_run_and_says_what_it_was_held_against():
    one = night(a=SuiteNight("run-a", "", 1, "base-1"), b=SuiteNight("", "", None, "", "could not be reached"))
    page = Page(night_page(one, {"a": report()}, [(one, {"a": report()})], []))
    assert [a["href"] for tag, a in page.tags if tag == "a"] == ["run-a/report.html"]
    for words in ("base-1", "could not be reached", "5.0 %"):
        assert words in page.text


def test_only_what_has_a_gate_is_drawn_and_a_night_without_it_is_a_gap():
    past = [(night(at, a=SuiteNight("r", "", 0)), {"a": report(0.1 * at)} if at != 1 else {}) for at in range(3)]
    drawn = night_page(past[-1][0], past[-1][1], past, [])
    assert drawn.count('aria-label="leak_rate"') == 1
    assert 'aria-label="ungated"' not in drawn
    assert drawn.count('class="thread"') == 0  # the night between is missing
    assert "20.0 %" in drawn


def test_notes_and_names_are_text():
    one = night(**{"<b>suite": SuiteNight("", "", None, "", NASTY)})
    drawn = night_page(one, {}, [(one, {})], [NASTY])
    assert NASTY not in drawn
    assert "<b>suite" not in drawn
