"""A gateway that is started is asked when it is ready; one that does not start is said to be none."""

from __future__ import annotations

import sys

import pytest

from benchmarks.conformance.started import NOT_STARTED, ask_started, free_port

SERVER = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""


def test_what_is_ready_is_asked(capfd: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    arguments = ["--case", "chat/no-json", "--upstream-port", str(free_port())]
    code = ask_started([sys.executable, "-c", SERVER, str(port)], f"http://127.0.0.1:{port}", "/", arguments, {})
    assert code == 1  # a file server is no gateway
    assert "✗ chat/no-json/whole" in capfd.readouterr().out


def test_what_ends_at_once_was_not_asked(capfd: pytest.CaptureFixture[str]) -> None:
    assert ask_started([sys.executable, "-c", "pass"], "http://127.0.0.1:1", "/", [], {}) == NOT_STARTED
    assert "did not start" in capfd.readouterr().err
