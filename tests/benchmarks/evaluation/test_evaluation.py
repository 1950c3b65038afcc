"""``make eval`` in a small form: real servers on real ports, started, asked and stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.conformance.started import free_port
from benchmarks.evaluation.plan import PLAN
from benchmarks.evaluation.servers import ROOT, NotStarted, Server, python, running

COMMAND = [sys.executable, "-m", "benchmarks.evaluation"]


def living_in(folder):
    """Return the processes whose working folder is below a folder (Linux says so)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").resolve().is_relative_to(folder):
                found.append(process.name)
    return found


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_every_suite_that_ships_is_in_the_plan():
    found = {path.parent.relative_to(ROOT / "benchmarks").as_posix() for path in ROOT.glob("benchmarks/*/*/suite.yaml")}
    assert found == {entry.suite for entry in PLAN}


def test_a_small_evaluation_asks_both_ways_and_leaves_nothing_running(tmp_path):
    done = subprocess.run(
        [*COMMAND, "--only", "privacy/round-trip", "--limit", "3", "--out", str(tmp_path)],
        capture_output=True, text=True, env=environment(), timeout=120, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "往返还原 round trip" in done.stdout
    assert "4 个本人信息中有 0 个原样到达模型" in done.stdout
    assert "only the first rows were asked: privacy/round-trip (3)" in done.stdout
    page = (tmp_path / "index.html").read_text("utf-8")
    assert page.count('<a href="runs/privacy-round-trip-') == 2
    assert "http" not in page.replace("http-equiv", "")
    assert living_in(tmp_path) == []


def test_a_server_that_does_not_start_is_named_with_its_log(tmp_path):
    good = Server("model", python("benchmarks.evaluation.model", "--port", str(port := free_port())), port, {})
    bad = Server("broken", python("no.such.module"), free_port(), {})
    with pytest.raises(NotStarted, match=r"broken did not start; what it said is in .*log\.txt"):
        with running([good, bad], tmp_path):
            raise AssertionError("it must not get here")
    assert "No module named" in (tmp_path / "broken" / "log.txt").read_text()
    assert living_in(tmp_path) == []


def test_servers_are_stopped_when_the_evaluation_is_told_to_stop(tmp_path):
    script = (
        "import sys, time, signal\n"
        "from pathlib import Path\n"
        "from benchmarks.evaluation.__main__ import _leave\n"
        "from benchmarks.evaluation.servers import Server, python, running\n"
        "signal.signal(signal.SIGTERM, _leave)\n"
        "port = int(sys.argv[1])\n"
        "server = Server('model', python('benchmarks.evaluation.model', '--port', str(port)), port, {})\n"
        "with running([server], Path(sys.argv[2])):\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", script, str(port), str(tmp_path)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "up\n"
        assert len(living_in(tmp_path)) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) != 0
    assert living_in(tmp_path) == []
