"""The head of a page says at one look whether a run passed, and whom it asked."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from kit.pages import Page

from evaluators.report.gates import head, ruled, target
from evaluators.report.words import labels


def gate(**more):
    given = {"metric": "leak_rate", "side": "at_most", "mark": 0.1, "bound": "bound"}
    return SimpleNamespace(**{**given, **more})


def result(ruling="pass", one=None, **more):
    given = {"gate": one, "ruling": ruling, "value": 0.05, "bound": 0.09, "p": None, "n": 20, "reason": "held"}
    return SimpleNamespace(**{**given, **more})


def test_a_gate_says_what_it_asks_for_and_what_came_of_it():
    page = Page(ruled([result(one=gate()), result("fail", gate(side="no_worse_than"), value=-0.2, p=0.01)], labels()))
    assert "leak_rate" in page.text
    assert "10.0 %" in page.text
    assert "5.0 %" in page.text
    assert "-20.0" in page.text
    assert "p 0.010" in page.text
    assert [a["class"] for tag, a in page.tags if tag == "li"] == ["gate pass", "gate fail"]


def test_what_could_not_be_measured_is_a_dash_and_no_number():
    page = Page(ruled([result("unscored", value=None, bound=None)], labels()))
    assert "–" in page.text
    assert "0.0 %" not in page.text


def test_without_gates_nothing_is_said_to_have_passed():
    assert ruled([], labels()) == f"<p>{labels()('verdict_none')}</p>"


@pytest.mark.parametrize(("code", "tone"), [(0, "pass"), (1, "fail"), (3, "review"), (4, "unscored")])
def test_the_head_has_the_colour_of_the_exit_code(built, code, tone):
    run, summary, gates, _ = built
    assert f'badge big {tone}"' in head(run, summary, gates, code, labels())
    assert 'badge big skipped"' in head(run, summary, (), 0, labels())


def test_whom_a_run_asked_is_text_and_no_key(built):
    run, *_ = built
    assert target(run, labels()) == "<code>echo @ http://127.0.0.1:8080/v1</code>"
    recorded = replace(run, manifest=replace(run.manifest, asked=replace(run.manifest.asked, recorded=True)))
    assert "127.0.0.1" not in target(recorded, labels())
