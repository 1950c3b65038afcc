"""Runs against a real endpoint, in this process and in one that is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace

import pytest
from kit.endpoint import ScriptedEndpoint

from evaluators.endpoint import EndpointError, metered, open_endpoint
from evaluators.execute import TargetDown, execute
from evaluators.pace import Caps, Limits, Meters, Purse
from evaluators.reduce import read_reducer
from evaluators.run import Key, Manifest, create, digest_of, load_state, open_run, set_scores_aside
from evaluators.sample import Failure, Response
from evaluators.score import Skipped, Unscored
from evaluators.scorers.spec import Scorer, Surroundings
from evaluators.suite import build_scorers, load_suite
from evaluators.summary import summarise
from evaluators.targets import ChatTarget
from evaluators.targets.asked import Asked
from gateway.errors import ConfigError

SUITE = """\
name: small
summary: {zh: 小, en: small}
data: data.jsonl
scorers:
  - use: refusal
  - use: leak
"""
# What is started in the background of a shell ignores interrupts, and so would this.
MAIN = """
import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from evaluators.cli import eval_command; eval_command()
"""


def suite_in(path, rows=12):
    path.mkdir(exist_ok=True)
    (path / "suite.yaml").write_text(SUITE)
    lines = [
        {"id": f"r{i}", "question": f"第{i}个问题？", "lang": "zh", "should": "answer" if i % 2 else "refuse"}
        for i in range(rows)
    ]
    (path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return load_suite(path)


def new_run(tmp_path, url, rows=12, repetitions=1, limit=None):
    suite = suite_in(tmp_path / "suite", rows)
    asked = Asked(False, url, "m", "NO_KEY", {}, 10.0, 1)
    manifest = Manifest(
        "small-1", "small", "2026-01-01T00:00:00+00:00", asked, None, None, repetitions, 1, limit,
        suite.digest, digest_of(suite.data), {},
    )  # fmt: skip
    return create(tmp_path / "runs", suite, manifest)


def go(run, scorers=None, concurrency=3, ask=True, purse=None):
    state = load_state(run)
    scorers = build_scorers(run.suite, Surroundings()) if scorers is None else scorers
    done = []
    meters = Meters(replace(purse, spent=state.spent), time.monotonic) if purse else None

    async def work():
        with metered(meters.of(Limits(), None)) if meters else nullcontext():
            async with open_endpoint(run.manifest.asked.base_url, attempts=1) as endpoint:
                target = {"": ChatTarget(endpoint, "m", {}, lambda: 0.0)} if ask else None
                await execute(run, state, target, scorers, concurrency=concurrency, done=done.append, meters=meters)

    asyncio.run(work())
    return state, done


def answer(path, body):
    return f"回答：{body['messages'][-1]['content']}"


def test_every_row_and_repetition_is_asked_once_and_judged_by_every_scorer(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url, repetitions=2)
        state, done = go(run)
    assert Counter(endpoint.questions()) == {f"第{i}个问题？": 2 for i in range(12)}
    assert set(done) == {key for _, key in run.due()}
    assert set(state.cells) == {(key, name) for key in done for name in ("refusal", "leak")}


def test_a_run_on_disk_says_the_same_as_the_one_in_memory(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        state, _ = go(run)
    reread = load_state(open_run(run.path))
    assert reread.answers == state.answers
    assert reread.cells == state.cells


def test_a_limit_asks_only_the_first_rows(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        go(new_run(tmp_path, endpoint.url, limit=3))
    assert sorted(endpoint.questions()) == ["第0个问题？", "第1个问题？", "第2个问题？"]


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


def test_scoring_again_asks_nobody_and_keeps_the_old_scores(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        first, _ = go(run)
        set_scores_aside(run)
        assert load_state(run).cells == {}
        again, _ = go(run, ask=False)
        assert len(endpoint.asked) == 12
    assert again.cells == first.cells
    assert (run.path / "scores.1.jsonl").exists()


@pytest.mark.parametrize("name", ["suite.yaml", "data.jsonl"])
def test_a_run_whose_words_were_changed_cannot_go_on(tmp_path, name):
    run = new_run(tmp_path, "http://127.0.0.1:1/v1")
    with (run.path / name).open("a") as file:
        file.write("\n")
    with pytest.raises(ConfigError, match="changed after the run had begun"):
        open_run(run.path)


def test_two_processes_cannot_run_one_run(tmp_path):
    release = threading.Event()

    async def slow(path, body):
        await asyncio.get_running_loop().run_in_executor(None, release.wait, 10)
        return answer(path, body)

    with ScriptedEndpoint(slow) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=1)
        other = threading.Thread(target=go, args=(run,))
        other.start()
        while not endpoint.asked:
            time.sleep(0.01)
        with pytest.raises(ConfigError, match="another process"):
            go(run)
        release.set()
        other.join()


@pytest.mark.parametrize("kind", ["answers", "scores"])
def test_a_journal_torn_at_any_byte_of_its_last_line_resumes_to_the_same_result(tmp_path, kind):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url, rows=3)
        whole, _ = go(run, concurrency=1)
        path = run.path / f"{kind}.jsonl"
        content = path.read_bytes()
        last = content[:-1].rindex(b"\n") + 1
        for cut in range(last, len(content), 7):
            path.write_bytes(content[:cut])
            resumed, done = go(run)
            assert len(done) == 1
            assert resumed.answers == whole.answers
            assert resumed.cells == whole.cells
            assert load_state(run).cells == whole.cells


def start(tmp_path, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, arguments)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(tmp_path):
    path = next((tmp_path / "runs").glob("small-*"))
    journal = path / "answers.jsonl"
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    return path, {json.loads(line)["row"] for line in lines}


def result(path):
    report = json.loads((path / "report.json").read_text())
    rows = [{**row, "said": {**row["said"]["answer"], "seconds": 0}} for row in report["rows"]]
    return report["exit_code"], report["metrics"], report["gates"], rows


def run_by(url):
    return ("run", "suite", "--base-url", url, "--model", "m", "--concurrency", 3)


@pytest.fixture(scope="module")
def never_killed(tmp_path_factory):
    """What a run of the same suite comes to that nobody kills."""
    folder = tmp_path_factory.mktemp("fresh")
    suite_in(folder / "suite", rows=14)
    with ScriptedEndpoint(answer) as endpoint, pytest.MonkeyPatch.context() as patched:
        patched.setenv("SLUICE_EVAL_STORE", f"sqlite:///{folder}/runs.db")
        start(folder, *run_by(endpoint.url)).communicate(timeout=60)
    return result(next((folder / "runs").glob("small-*")))


@pytest.mark.parametrize("kill_at", [1, 4, 9, 14])
def test_a_run_killed_at_any_moment_resumes_and_asks_no_finished_question_twice(tmp_path, never_killed, kill_at):
    suite_in(tmp_path / "suite", rows=14)
    process = None

    def script(path, body):
        if process is not None and process.poll() is None and len(endpoint.asked) == kill_at:
            process.kill()
        return answer(path, body)

    with ScriptedEndpoint(script) as endpoint:
        process = start(tmp_path, *run_by(endpoint.url))
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        path, done = finished(tmp_path)
        before = Counter(endpoint.questions())
        resumed = start(tmp_path, "resume", path)
        resumed.communicate(timeout=60)
        asked = Counter(endpoint.questions())
        assert resumed.returncode == 0
        for row in done:
            assert asked[f"第{row[1:]}个问题？"] == before[f"第{row[1:]}个问题？"] == 1
        assert set(asked) == {f"第{i}个问题？" for i in range(14)}
        _, answered = finished(tmp_path)
        assert len(answered) == 14
    assert result(path) == never_killed


def test_an_interrupt_leaves_a_readable_run_and_exit_code_130(tmp_path):
    suite_in(tmp_path / "suite", rows=14)
    process = None

    async def script(path, body):
        if len(endpoint.asked) > 6:
            process.send_signal(signal.SIGINT)
            await asyncio.sleep(5)
        return answer(path, body)

    with ScriptedEndpoint(script) as endpoint:
        process = start(tmp_path, "run", "suite", "--base-url", endpoint.url, "--concurrency", 2)
        _, err = process.communicate(timeout=60)
        path, done = finished(tmp_path)
    assert process.returncode == 130, err
    assert f"sluice eval resume {path.relative_to(tmp_path)}" in err
    report = json.loads((path / "report.json").read_text())
    assert 0 < report["answered"] == len(done) < report["asked"] == 14
    assert (path / "report.html").exists()
    assert "not_asked" in {cell.get("reason") for row in report["rows"] for cell in row["cells"].values()}
