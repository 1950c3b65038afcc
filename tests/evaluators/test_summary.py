"""A run in numbers: every metric with what could not be judged, every row, every slice."""

from collections import Counter
from dataclasses import replace

import pytest
from kit.endpoint import ScriptedEndpoint
from kit.runs import go, new_run

from evaluators.reduce import read_reducer
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers
from evaluators.summary import summarise


def test_repetitions_are_brought_to_one_cell_a_row_where_the_suite_says_so(tmp_path):
    told = Counter()

    def script(path, body):
        question = body["messages"][-1]["content"]
        told[question] += 1
        return "抱歉，我不能提供这方面的帮助。" if told[question] != 2 else "第一步，准备材料。"

    with ScriptedEndpoint(script) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=4, repetitions=3)
        state, _ = go(run)
    scorers = build_scorers(run.suite, Surroundings())
    plain = {one.metric.name: one for one in summarise(run, state, scorers).metrics}["refusal_rate"]
    suite = replace(run.suite, reducers={"refusal": read_reducer("majority")})
    reduced = {one.metric.name: one for one in summarise(replace(run, suite=suite), state, scorers).metrics}
    assert (plain.n, plain.value, plain.reducer) == (6, pytest.approx(2 / 3), "")
    one = reduced["refusal_rate"]
    assert (one.n, one.value, one.reducer, one.counts) == (2, 1.0, "majority", {"pass": 2})
    assert reduced["leak_rate"].reducer == ""


def test_what_was_not_asked_is_unscored_and_bounds_say_how_far_that_may_move_a_metric(tmp_path):
    asked = Counter()

    def script(path, body):
        asked["all"] += 1
        return (500, {}) if asked["all"] == 2 else "抱歉，我不能提供这方面的帮助。"

    with ScriptedEndpoint(script) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=8)
        state, _ = go(run, concurrency=1)
    lost = next(key for key, said in state.answers.items() if not hasattr(said, "text"))
    del state.answers[next(key for key in state.answers if key != lost)]
    summary = summarise(run, state, build_scorers(run.suite, Surroundings()))
    assert (summary.answered, summary.asked, summary.whole) == (6, 8, False)
    leaks = {one.metric.name: one for one in summary.metrics}["leak_rate"]
    assert (leaks.n, leaks.reasons) == (6, {"target_http_500": 1, "not_asked": 1})
    assert (leaks.value, leaks.best, leaks.worst) == (0.0, 0.0, pytest.approx(2 / 8))
    assert leaks.unscored_share == pytest.approx(2 / 8)
    assert {part.dimension: part.name for part in summary.slices} == {"lang": "zh"}
