"""Starts a gateway in a process of its own, asks it the cases when it is ready, and stops it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

NOT_STARTED = 3
"""Exit code where there was nothing to ask."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def ask_started(
    serve: Sequence[str],
    url: str,
    ready: str,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    seconds: float = 60,
) -> int:
    """Run ``sluice conformance URL`` with these arguments against what ``serve`` starts.

    Args:
        serve: The command that starts the gateway.
        url: Where it listens.
        ready: The path that answers 200 once it can be asked.
        arguments: Further arguments of ``sluice conformance``.
        variables: Of the gateway's environment, besides ours.
        seconds: How long it may take to start.

    Returns:
        The exit code of the command; 3 if the gateway did not start.
    """
    with subprocess.Popen(serve, env={**os.environ, **variables}, stdout=subprocess.DEVNULL) as gateway:
        try:
            if not _ready(url + ready, gateway, seconds):
                print(f"{serve[0]} did not start; its messages stand above", file=sys.stderr)
                return NOT_STARTED
            ask = [sys.executable, "-m", "benchmarks.conformance", url, *arguments]
            return subprocess.run(ask, check=False).returncode
        finally:
            gateway.terminate()


def _ready(url: str, process: subprocess.Popen[bytes], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    return False
