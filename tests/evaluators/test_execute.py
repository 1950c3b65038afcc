"""Every row is asked and judged once; what fails is unscored, and a budget that is spent stops it."""

import asyncio
import threading
from collections import Counter
from dataclasses import replace

import pytest
from kit.endpoint import ScriptedEndpoint
from kit.runs import answer, go, new_run

from evaluators.endpoint import EndpointError, open_endpoint
from evaluators.execute import TargetDown, execute
from evaluators.pace import Caps, Purse
from evaluators.run import Key, load_state
from evaluators.sample import Failure, Response
from evaluators.score import Skipped, Unscored
from evaluators.scorers.spec import Scorer, Surroundings
from evaluators.suite import build_scorers
from evaluators.summary import summarise
from evaluators.targets import ChatTarget


def test_every_row_and_repetition_is_asked_once_and_judged_by_every_scorer(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url, repetitions=2)
        state, done = go(run)
    assert Counter(endpoint.questions()) == {f"第{i}个问题？": 2 for i in range(12)}
    assert set(done) == {key for _, key in run.due()}
    assert set(state.cells) == {(key, name) for key in done for name in ("refusal", "leak")}


def test_a_limit_asks_only_the_first_rows(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        go(new_run(tmp_path, endpoint.url, limit=3))
    assert sorted(endpoint.questions()) == ["第0个问题？", "第1个问题？", "第2个问题？"]


def test_an_answer_is_on_disk_before_a_scorer_sees_it(tmp_path):
    seen = []

    def score(sample, response):
        written = (run.path / "answers.jsonl").read_text()
        seen.append(response.text in written)
        return {}

    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        go(run, [Scorer("looks", (), lambda sample: (), score)])
    assert seen == [True] * 12


def test_a_failure_is_unscored_with_its_code_and_asked_again_on_resuming(tmp_path):
    broken = threading.Event()
    broken.set()

    def script(path, body):
        return (500, {}) if broken.is_set() and "第1个" in body["messages"][-1]["content"] else answer(path, body)

    with ScriptedEndpoint(script) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        state, _ = go(run)
        assert state.answers[Key("r1", 0)] == Failure("http_500")
        scorers = build_scorers(run.suite, Surroundings())
        row = summarise(run, state, scorers).rows[1]
        assert row.outcome == "unscored"
        assert set(row.cells) == set(scorers[0].applies(row.sample)) | set(scorers[1].applies(row.sample))
        assert all(cell == Unscored("target_http_500") for cell in row.cells.values())
        broken.clear()
        state, done = go(run)
        assert done == [Key("r1", 0)]
        assert isinstance(state.answers[Key("r1", 0)], Response)


def test_a_run_whose_budget_is_spent_is_readable_and_goes_on_with_more(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        state, done = go(run, purse=Purse(Caps(calls=5)))
        assert (len(done), len(endpoint.asked), state.stopped, state.spent.calls) == (5, 5, "budget", 5)
        read = load_state(run)
        assert (read.stopped, read.spent) == ("budget", state.spent)
        summary = summarise(run, read, build_scorers(run.suite, Surroundings()))
        assert (summary.answered, summary.unscored_share) == (5, 0)
        left = [row for row in summary.rows if row.answer is None]
        assert len(left) == 7
        assert {cell for row in left for cell in row.cells.values()} == {Skipped("budget")}
        again, done = go(run, purse=Purse(Caps(calls=5)))
        assert (done, len(endpoint.asked), again.stopped) == ([], 5, "budget")
        whole, done = go(run, purse=Purse(Caps(calls=12)))
    assert (len(done), len(endpoint.asked), whole.stopped, whole.spent.calls) == (7, 12, "", 12)
    assert load_state(run).stopped == ""


def test_judgements_that_the_budget_cuts_off_are_made_later(tmp_path):
    from contextlib import asynccontextmanager

    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=4)

        @asynccontextmanager
        async def opened():
            async with open_endpoint(endpoint.url, attempts=1) as judge:

                async def judged(sample, response):
                    try:
                        await judge.post("/chat/completions", {"model": "j", "messages": [{"content": "判"}]})
                    except EndpointError as error:
                        return {"m": Unscored(f"judge_{error.code}")}
                    return {"m": Unscored("fine")}

                yield judged

        scorer = Scorer("asks", (), lambda sample: ("m",), judge=opened)
        state, _ = go(run, [scorer], concurrency=1, purse=Purse(Caps(calls=3)))
        assert len(endpoint.asked) == 3  # one row answered and judged, one answered
        assert (len(state.answers), len(state.cells)) == (2, 1)
        state, _ = go(run, [scorer], concurrency=1, purse=Purse(Caps(calls=100)))
    assert Counter(endpoint.questions()) == {
        "第0个问题？": 1,
        "第1个问题？": 1,
        "第2个问题？": 1,
        "第3个问题？": 1,
        "判": 4,
    }
    assert set(map(str, state.cells.values())) == {str({"m": Unscored("fine")})}


def test_a_pair_keeps_both_answers_and_their_scores_side_by_side(tmp_path):
    with (
        ScriptedEndpoint(answer) as behind,
        ScriptedEndpoint(lambda path, body: "抱歉，我不能提供这方面的帮助。") as front,
    ):
        run = new_run(tmp_path, front.url, rows=4)
        asked = replace(run.manifest.asked, direct=replace(run.manifest.asked, base_url=behind.url))
        run = replace(run, manifest=replace(run.manifest, asked=asked))
        state, scorers = load_state(run), build_scorers(run.suite, Surroundings())

        async def work():
            async with open_endpoint(front.url) as one, open_endpoint(behind.url) as other:
                targets = {
                    "direct": ChatTarget(other, "m", {}, lambda: 0.0),
                    "gateway": ChatTarget(one, "m", {}, lambda: 0.0),
                }
                await execute(run, state, targets, scorers, concurrency=2, done=lambda key: None)

        asyncio.run(work())
    assert len(behind.asked) == len(front.asked) == 4
    assert load_state(run).answers == state.answers
    assert {key.way for key in state.answers} == {"direct", "gateway"}
    summary = summarise(run, state, scorers)
    values = {one.metric.name: one.value for one in summary.metrics}
    assert values["refusal_rate:direct"] == 0
    assert values["refusal_rate:gateway"] == 1
    assert [(row.sample.id, row.way) for row in summary.rows[:2]] == [("r0", "direct"), ("r0", "gateway")]
    assert {part.name: part.counts for part in summary.slices if part.dimension == "way"} == {
        "direct": {"fail": 2, "pass": 2},
        "gateway": {"pass": 2, "fail": 2},
    }


def test_an_answer_of_a_megabyte_is_kept_and_judged(tmp_path):
    with ScriptedEndpoint(lambda path, body: "整机保修两年。" * 150_000) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=2)
        state, done = go(run)
    assert len(done) == 2
    assert load_state(run).answers == state.answers
    assert len(state.answers[Key("r0", 0)].text) == 1_050_000
    assert all(
        row.outcome in ("pass", "fail") for row in summarise(run, state, build_scorers(run.suite, Surroundings())).rows
    )


def test_a_scorer_that_breaks_leaves_cells_unscored_and_the_run_goes_on(tmp_path):
    def score(sample, response):
        raise KeyError(response.text)

    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        state, done = go(run, [Scorer("broken", (), lambda sample: ("m",), score)])
    assert len(done) == 12
    assert all(cells == {"m": Unscored("scorer_error", {"error": "KeyError"})} for cells in state.cells.values())
    assert "回答" not in (run.path / "scores.jsonl").read_text()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_target_that_answers_nobody_ends_the_run_early(tmp_path, status):
    with ScriptedEndpoint(lambda path, body: (status, {})) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=40)
        with pytest.raises(TargetDown, match=f"http_{status}"):
            go(run)
    assert len(endpoint.asked) < 12
