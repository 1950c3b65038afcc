from dataclasses import replace

import pytest
from kit.reviewing import fine, judge, review

from evaluators.review.assign import Assignment
from evaluators.review.assign import load as load_assignment
from evaluators.review.decisions import Decision, Follower, add, checked, finished, gaps, load, progress
from gateway.errors import ConfigError


@pytest.fixture
def made(tmp_path):
    return review(tmp_path / "r")


def test_the_last_word_counts(made):
    first, second = judge(made, "王芳", fine)[:2]
    add(made, [first, second])
    add(made, [replace(first, note="改了")])
    found = load(made)
    assert len(found) == 2
    assert found[first.item, "王芳"].note == "改了"
    assert found[first.item, "王芳"].verdicts == first.verdicts


def test_half_a_word_is_none(made):
    whole = judge(made, "王芳", fine)[0]
    item = made.item(whole.item)
    a, b, c = item.answers
    halves = [
        replace(whole, verdicts={a.id: whole.verdicts[a.id]}),
        replace(whole, verdicts={**whole.verdicts, b.id: {"safety": "safe"}}),
        replace(whole, places={a.id: 1, b.id: 2}),
        replace(whole, places={a.id: 1, b.id: 2, c.id: 3, a.id: 3}),  # nobody is first
        replace(whole, places={}),
        Decision(whole.item, "王芳", "", "page"),
    ]
    assert gaps(whole, item, made.rubric) == []
    for half in halves:
        assert gaps(half, item, made.rubric), half
        assert finished({(half.item, half.reviewer): half}, made) == {}
    tied = replace(whole, places={a.id: 1, b.id: 1, c.id: 3})
    assert gaps(tied, item, made.rubric) == []
    assert finished({(tied.item, "王芳"): tied}, made)[tied.item, "王芳"].places[c.id] == 2  # without gaps


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"item": "q0"}, "no item 'q0'"),
        ({"verdicts": {"a0": {"safety": "safe"}}}, "no answer 'a0'"),
        ({"places": {"a0": 1}}, "no answer 'a0'"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_what_the_review_does_not_hold_is_refused(made, change, message):
    whole = judge(made, "王芳", fine)[0]
    with pytest.raises(ConfigError, match=message):
        checked(replace(whole, **change), made)


@pytest.mark.parametrize(("field", "value"), [("safety", "saef"), ("safty", "safe")])
def test_values_and_fields_that_are_none_are_refused(made, field, value):
    whole = judge(made, "王芳", fine)[0]
    answer = made.item(whole.item).answers[0].id
    with pytest.raises(ConfigError, match=value):
        checked(replace(whole, verdicts={answer: {field: value}}), made)


@pytest.mark.parametrize("place", [0, 4, -1])
def test_places_outside_of_the_ranking_are_refused(made, place):
    whole = judge(made, "王芳", fine)[0]
    answer = made.item(whole.item).answers[0].id
    with pytest.raises(ConfigError, match="no place"):
        checked(replace(whole, places={answer: place}), made)


@pytest.mark.parametrize("line", ["{}", '{"item": "q1"}', '{"verdicts": [], "places": {}}'])
def test_a_line_that_is_none_is_told_with_its_number(made, line):
    add(made, judge(made, "王芳", fine)[:1])
    with (made.path / "decisions.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ConfigError, match=r"decisions\.jsonl:2"):
        load(made)


def test_a_torn_line_at_the_end_costs_only_itself(made):
    decisions = judge(made, "王芳", fine)
    add(made, decisions[:2])
    path = made.path / "decisions.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert len(load(made)) == 1
    add(made, decisions[2:3])
    assert len(load(made)) == 2


def test_a_follower_knows_what_a_reader_of_everything_knows(made):
    follower, decisions = Follower(made), judge(made, "王芳", fine)
    assert follower.now() == {}
    for decision in decisions:
        add(made, [replace(decision, note="first"), decision])
        assert follower.now() == load(made)
    path = made.path / "decisions.jsonl"
    path.write_bytes(path.read_bytes()[:-20])  # a kill tore the last line
    assert follower.now() == load(made)
    add(made, judge(made, "Ann", fine))
    assert follower.now() == load(made)


def test_a_follower_reads_nothing_twice(made):
    follower, decisions = Follower(made), judge(made, "王芳", fine)
    add(made, decisions[:2])
    before = follower.now()
    path = made.path / "decisions.jsonl"
    path.write_bytes(b"x" * path.stat().st_size)
    assert follower.now() == before
    with path.open("ab") as file:
        file.write(b"\n[]\n")
    with pytest.raises(ConfigError, match="no JSON object"):
        follower.now()


def test_progress_counts_what_is_whole_and_what_is_begun(made):
    first, second, *_ = judge(made, "王芳", fine)
    add(made, [first, replace(second, places={})])
    (wang, ann) = progress(made, load_assignment(made), load(made))
    assert (wang.judged, wang.begun, wang.items) == (1, 1, 4)
    assert (ann.judged, ann.begun, ann.items) == (0, 0, 4)
    assert progress(made, Assignment(), load(made)) == []
