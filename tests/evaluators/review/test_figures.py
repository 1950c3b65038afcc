from dataclasses import replace

import pytest
from kit.reviewing import fine, judge, review

from evaluators.review.assign import load as load_assignment
from evaluators.review.consensus import refer
from evaluators.review.decisions import add, load
from evaluators.review.figures import independent, likeness, ranking, reliability


def voices(made):
    return independent(made, load_assignment(made), load(made))


def half(source, field):
    return "unsafe" if field == "safety" and source != "standard" else fine(source, field)


def test_agreement_is_counted_by_answer_and_by_pair(tmp_path):
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", half), *judge(made, "Ann", half)])
    safety, response, helpful = reliability(voices(made), made, 1)
    assert (safety.field, safety.n, safety.alpha, safety.fleiss) == ("safety", 12, 1.0, 1.0)
    assert safety.pairs == (("Ann", "王芳", 12, 1.0),)
    assert safety.interval.low < 1  # all agree, on twelve answers
    assert (response.alpha, response.interval, helpful.alpha) == (None, None, None)  # one value says nothing


def test_who_settles_is_no_further_voice(tmp_path):
    made = review(tmp_path / "r", people=("王芳", "Ann", "李强"), overlap=1)
    assignment = load_assignment(made)
    item, who = assignment.first[0]
    one = [made.item(item)]
    add(made, [*judge(made, who[0], fine, items=one), *judge(made, who[1], half, items=one)])
    ((_, third),) = refer(made, load(made)).third
    before = reliability(voices(made), made, 1)[0]
    add(made, judge(made, third, half, items=one))
    assert reliability(voices(made), made, 1)[0] == before
    assert third not in voices(made)[item]


def test_to_say_that_one_cannot_tell_is_no_judgement(tmp_path):
    made = review(tmp_path / "r")

    def unsure(source, field):
        return "unsure" if field == "safety" else fine(source, field)

    add(made, [*judge(made, "王芳", half), *judge(made, "Ann", unsure)])
    assert reliability(voices(made), made, 1)[0].n == 0


def test_rankings_give_likeness_and_strengths(tmp_path):
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", fine)])
    alike = likeness(voices(made), 1)
    assert (alike.items, alike.tau) == (4, pytest.approx(1))
    assert [one.source for one in ranking(voices(made), made, 1)] == ["standard", "run-one", "run-two"]
    add(made, judge(made, "Ann", fine, order=("run-two", "run-one", "standard")))
    assert likeness(voices(made), 1).tau == pytest.approx(-1)
    assert [one.strength for one in ranking(voices(made), made, 1)] == pytest.approx([0, 0, 0], abs=1e-6)


def test_without_voices_nothing_is_said(tmp_path):
    made = review(tmp_path / "r")
    add(made, [replace(one, places={}) for one in judge(made, "王芳", fine)])
    assert likeness(voices(made), 1).tau is None
    assert ranking(voices(made), made, 1) == []
    assert {one.n for one in reliability(voices(made), made, 1)} == {0}
