"""Law 8: unknown key, unknown detector, contradictory rule: file:line and a suggestion, before the port opens.

Mutants killed: opening the port before the policy compiles; a warning instead of an error; no line number.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

RULE = "- {id: r, when: {risk: pii.email}, then: mask, on_error: refuse}"
GOOD = f"""\
sluice: 1
name: mine
extends: base
request:
  rules:
    {RULE}
"""


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        (GOOD.replace("extends", "extend"), 3, "extends"),
        (GOOD + "detectors:\n  - {id: e, use: emial}\n", 8, "email"),
        (GOOD.replace("then: mask", "then: maks"), 6, "mask"),
        (GOOD.replace("pii.email", "pii.emial"), 6, "pii.email"),
        (GOOD.replace(", on_error: refuse", ""), 6, "on_error"),
        (GOOD + "    - {id: s, when: {risk: pii.email}, then: refuse, on_error: refuse}\n", 7, "mask"),
    ],
)
def test_a_wrong_policy_stops_the_start(tmp_path: Path, text: str, line: int, hint: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gateway", "serve", "--policy", str(file), "--port", str(port)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30, check=False)
    assert done.returncode == 3, done.stderr
    assert f"mine.yaml:{line}" in done.stderr
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert "listening" not in done.stdout


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SLUICE_POLICY": "bass"}, "base"),
        ({"SLUICE_UPSTRAEM": "http://x"}, "SLUICE_UPSTREAM"),
        ({"SLUICE_UPSTREAM": "127.0.0.1:11434"}, "http://"),
        ({"SLUICE_DATABASE_URL": "mongodb://x"}, "sqlite"),
        ({"SLUICE_PRODUCER": "某 公司"}, "SLUICE_PRODUCER"),
        ({"SLUICE_CONFIG": "nowhere.yaml"}, "nowhere.yaml"),
    ],
)
def test_wrong_settings_stop_the_start(tmp_path: Path, variables: dict[str, str], words: str) -> None:
    command = [sys.executable, "-m", "gateway", "serve", "--port", "0"]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=30, check=False
    )
    assert done.returncode == 3, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told_as_such(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "gateway", "serve", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30, check=False)
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
