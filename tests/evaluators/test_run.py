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

import pytest
from kit.endpoint import ScriptedEndpoint
from kit.runs import answer, go, new_run, suite_in

from evaluators.run import load_state, open_run, set_scores_aside
from gateway.errors import ConfigError

# What is started in the background of a shell ignores interrupts, and so would this.
MAIN = """
import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from evaluators.cli import eval_command; eval_command()
"""


def test_a_run_on_disk_says_the_same_as_the_one_in_memory(tmp_path):
    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        state, _ = go(run)
    reread = load_state(open_run(run.path))
    assert reread.answers == state.answers
    assert reread.cells == state.cells


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
