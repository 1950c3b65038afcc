from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest
from kit.reviewing import fine, judge, review, rows

from evaluators.agreement import Agreement
from evaluators.review.decisions import add, minutes
from evaluators.review.people import FILE, GOOD, agreeing, beside, decode, encode, gather, load
from evaluators.run import Key, State
from evaluators.sample import Response
from evaluators.score import Score, Unscored
from gateway.errors import ConfigError

MACHINE = {"row0": 1.0, "row1": 0.0, "row2": 0.5, "row3": 0.0}


def run_of(name, path="run"):
    manifest = SimpleNamespace(id=f"id-{name}", data_digest="d" * 64, suite_digest="s" * 64)
    return SimpleNamespace(path=path, manifest=manifest)


def state_of(given):
    return State(answers={Key(row.sample.id, row.repetition): row.answer for row in given})


def refusing(source, field):
    return "refused" if field == "response" and source == "run-one" else fine(source, field)


@pytest.fixture
def given():
    cells = {id: {"refused": Score(value, value < 1), "own": Score(value, value < 1)} for id, value in MACHINE.items()}
    return [replace(row, cells=cells[row.sample.id]) for row in rows("run-one")]


@pytest.fixture
def people(tmp_path, given):
    made = review(tmp_path / "r", {"run-one": given, "run-two": rows("run-two")})
    add(made, [*judge(made, "王芳", refusing), *judge(made, "Ann", refusing)])
    return gather(run_of("run-one"), state_of(given), minutes(made), "2026-01-03")


def test_people_and_machine_stand_side_by_side(people, given):
    assert {(one.row, one.values["response"]) for one in people.rows} == {(id, "refused") for id in MACHINE}
    held = {one.metric: one for one in beside(people, given)}
    assert held["refused"].against == "response = refused"
    assert held["refused"].table == Agreement(both=2, missed=2, invented=0, neither=0)
    assert held["own"].against == GOOD  # the rubric says nothing of it: its pass beside people's good
    assert held["own"].table == Agreement(both=3, missed=1, invented=0, neither=0)


def test_parts_of_a_metric_are_not_held_against_people(people, given):
    parts = [replace(row, cells={"leak_rate/email": Score(0.0, True), "refused": Score(0.0, True)}) for row in given]
    assert [one.metric for one in beside(people, parts)] == ["refused"]


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [((4, 0, 0, 0), None), ((0, 0, 0, 4), None), ((0, 4, 0, 0), None), ((2, 2, 0, 0), 0.0), ((2, 0, 0, 2), 1.0)],
)
def test_where_both_say_one_thing_there_is_no_kappa(counts, kappa):
    assert agreeing(Agreement(*counts)) == kappa


def test_rows_by_chance_are_counted_apart(tmp_path, given):
    given[0] = replace(given[0], cells={"refused": Score(1.0, False), "rubric": Unscored("judge_unsure")})
    made = review(tmp_path / "r", {"run-one": given})
    add(made, judge(made, "王芳", refusing, order=("standard", "run-one")))
    people = gather(run_of("run-one"), state_of(given), minutes(made), "2026-01-03")
    chance = {one.row for one in people.rows if one.chance}
    assert chance == {behind.row for behind in made.behind.values() if behind.drawn == "random"}
    (refused,) = [one for one in beside(people, given) if one.metric == "refused"]
    assert refused.table.n == 4
    assert refused.chance.n == len(chance)


def test_what_is_unscored_is_not_held_against_anybody(people, given):
    unscored = [replace(row, cells={"refused": Unscored("timeout")}) for row in given]
    assert beside(people, unscored) == []
    assert beside(people, []) == []


def test_the_file_is_read_back(people, tmp_path):
    import json

    (tmp_path / FILE).write_text(json.dumps(encode(people)), "utf-8")
    assert load(tmp_path) == people
    assert load(tmp_path / "nowhere") is None
    assert decode(encode(people)) == people
    assert "王芳" not in str(asdict(people))
    for wrong in ("{", "[]", '{"format": 2}', '{"format": 1}'):
        (tmp_path / FILE).write_text(wrong)
        with pytest.raises(ConfigError, match="eval review merge"):
            load(tmp_path)


def test_a_review_of_another_run_is_refused(tmp_path, given):
    made = review(tmp_path / "r", {"run-one": given})
    add(made, judge(made, "王芳", fine, order=("standard", "run-one")))
    said = minutes(made)
    with pytest.raises(ConfigError, match=r"not drawn from the run 'id-other'.*id-run-one"):
        gather(run_of("other"), state_of(given), said, "")
    other = run_of("run-one")
    other.manifest.data_digest = "e" * 64
    with pytest.raises(ConfigError, match="data of this run is not that of the review"):
        gather(other, state_of(given), said, "")
    changed = [replace(row, answer=Response("another")) for row in given]
    with pytest.raises(ConfigError, match=r"'row[0-3]'.* is not the one that people saw"):
        gather(run_of("run-one"), state_of(changed), said, "")


def test_what_is_open_or_disputed_is_no_verdict(tmp_path, given):
    made = review(tmp_path / "r", {"run-one": given})
    order = ("standard", "run-one")
    halves = [replace(one, places={}) for one in judge(made, "王芳", fine, order=order)]
    add(made, halves)
    assert gather(run_of("run-one"), state_of(given), minutes(made), "").rows == ()
    add(made, [*judge(made, "王芳", fine, order=order), *judge(made, "Ann", refusing, order=order)])
    people = gather(run_of("run-one"), state_of(given), minutes(made), "")
    assert people.disputed == 4
    assert all("response" not in one.values for one in people.rows)
    assert [one.metric for one in beside(people, given)] == ["own"]
