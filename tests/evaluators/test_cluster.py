"""A run on a real scheduler with two real workers, one of which is killed in the middle."""

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

from evaluators.cluster import AT_ONCE, execute_on
from evaluators.run import Key, Manifest, create, digest_of, load_state, open_run
from evaluators.sample import Response
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers, load_suite
from evaluators.summary import summarise
from evaluators.targets.asked import Asked
from gateway.errors import ConfigError

pytest.importorskip("distributed")
ROWS = 60
SUITE = "name: small\nsummary: {zh: 小, en: small}\ndata: data.jsonl\nscorers: [{use: refusal}]\n"


def started(*arguments, key=""):
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "WORKER_KEY": key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path):
    """Yield the scheduler's address and the processes of two workers."""
    place = tmp_path / "scheduler.json"
    scheduler = started("scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", place)
    workers = []
    try:
        for _ in range(600):
            if place.exists() and place.read_text().endswith("}"):
                break
            time.sleep(0.1)
        flags = ("--no-nanny", "--no-dashboard", "--nthreads", 1, "--local-directory", tmp_path)
        workers = [started("worker", "--scheduler-file", place, *flags, key=key) for key in ("first", "second")]
        yield json.loads(place.read_text())["address"], workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def new_run(tmp_path, url):
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "suite.yaml").write_text(SUITE)
    lines = [{"id": f"r{i}", "question": f"第{i}个问题？", "lang": "zh", "should": "answer"} for i in range(ROWS)]
    (tmp_path / "suite" / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    suite = load_suite(tmp_path / "suite")
    asked = Asked(False, url, "m", "WORKER_KEY", {}, 30.0, 1)
    manifest = Manifest("small-1", "small", "", asked, None, None, 1, 1, None, suite.digest, digest_of(suite.data))
    return create(tmp_path / "runs", suite, manifest)


def test_a_worker_that_is_killed_costs_only_the_rows_that_it_had_not_finished(tmp_path, cluster):
    address, workers = cluster
    killed = threading.Event()

    def answer(path, body):
        by = [headers["authorization"] for _, _, headers in endpoint.asked].count("Bearer first")
        if by == 2 * AT_ONCE and not killed.is_set():  # some of its chunk are finished, some are under way
            workers[0].send_signal(signal.SIGKILL)
            killed.set()
        time.sleep(0.01)
        return f"回答：{body['messages'][-1]['content']}"

    with ScriptedEndpoint(answer) as endpoint:
        run = new_run(tmp_path, endpoint.url)
        scorers = build_scorers(run.suite, Surroundings())
        state, done = load_state(run), []
        from distributed import Client

        with Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=120)
        execute_on(address, run, state, scorers, ask=True, done=done.append)
        asked = Counter(endpoint.questions())
    assert killed.is_set()
    assert workers[0].wait(10) == -signal.SIGKILL
    assert set(done) == {Key(f"r{i}", 0) for i in range(ROWS)}
    assert len(done) == ROWS
    again = {question: count for question, count in asked.items() if count > 1}
    assert set(asked) == {f"第{i}个问题？" for i in range(ROWS)}
    assert len(again) <= AT_ONCE + 2  # what was under way on the worker that was lost, or not yet told
    read = load_state(open_run(run.path))
    assert read.answers == state.answers
    assert all(isinstance(said, Response) and said.text.startswith("回答：第") for said in read.answers.values())
    lines = (run.path / "answers.jsonl").read_text().splitlines()
    assert len(lines) == ROWS
    summary = summarise(run, read, scorers)
    assert (summary.answered, summary.unscored_share) == (ROWS, 0)


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    run = new_run(tmp_path, "http://127.0.0.1:1/v1")
    with pytest.raises(ConfigError, match="no Dask scheduler answers"):
        execute_on("tcp://127.0.0.1:1", run, load_state(run), (), ask=True, done=lambda key: None, patience_s=1)
