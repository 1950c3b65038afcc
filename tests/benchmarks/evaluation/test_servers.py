"""Servers are started, named where they do not start, and stopped."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from kit.evaluation import environment, living_in

from benchmarks.conformance.started import free_port
from benchmarks.evaluation.servers import NotStarted, Server, python, running


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
