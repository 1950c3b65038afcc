"""Processes that listen on a port: started together, waited for, and always stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GRACE = 10.0


class NotStarted(Exception):
    """A server did not get ready; the message says which, and where its own messages are."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process to be started.

    Attributes:
        name: For messages, and for its log.
        command: What starts it.
        port: Where it listens on 127.0.0.1.
        variables: Of its environment, besides what is in ours and no setting of the gateway.
        settings: The text of ``sluice.yaml`` in its folder; empty for none.
    """

    name: str
    command: Sequence[str]
    port: int
    variables: Mapping[str, str]
    settings: str = ""

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self.port}/v1"


@contextmanager
def running(servers: Sequence[Server], folder: Path, seconds: float = 120.0) -> Iterator[None]:
    """Run servers; each in a folder of its own below ``folder``, with its messages in ``log.txt`` there.

    Raises:
        NotStarted: One of them ended or was not ready in time.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    path = os.pathsep.join([str(ROOT), *filter(None, [inherited.get("PYTHONPATH")])])
    started: list[subprocess.Popen[bytes]] = []
    try:
        for server in servers:
            home = folder / server.name
            home.mkdir(parents=True, exist_ok=True)
            (home / "sluice.yaml").unlink(missing_ok=True)
            if server.settings:
                (home / "sluice.yaml").write_text(server.settings, "utf-8")
            with (home / "log.txt").open("wb") as log:
                environment = {**inherited, "PYTHONPATH": path, **server.variables}
                started.append(
                    subprocess.Popen(server.command, cwd=home, env=environment, stdout=log, stderr=subprocess.STDOUT)
                )
        deadline = time.monotonic() + seconds
        for server, process in zip(servers, started, strict=True):
            if not _ready(f"http://127.0.0.1:{server.port}/readyz", process, deadline):
                raise NotStarted(f"{server.name} did not start; what it said is in {folder / server.name / 'log.txt'}")
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(url: str, process: subprocess.Popen[bytes], deadline: float) -> bool:
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    return False


def python(*arguments: str) -> list[str]:
    """Return the command that runs a module of this checkout with this Python."""
    return [sys.executable, "-m", *arguments]
