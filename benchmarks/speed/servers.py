"""Starts what is measured, each in a process of its own on its own processor, and reads what it costs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.speed.texts import CLAUDE

ROOT: Final = Path(__file__).resolve().parents[2]
_URL: Final = re.compile(r"http://127\.0\.0\.1:(\d+)")
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 30.0

_NGINX: Final = """\
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_buffer_size 256k; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream model {{ server {upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://model; proxy_http_version 1.1; proxy_set_header connection ""; proxy_buffering off;
    }}
  }}
}}
"""


class ServerError(Exception):
    """A server did not start; the message says which, and its last words."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server under test.

    Attributes:
        port: Where it listens on 127.0.0.1.
        pid: Its process; 0 if it is none of ours.
    """

    port: int
    pid: int = 0

    def cpu(self) -> float:
        """Return the processor seconds that it has used, in all its processes and threads."""
        return sum(_cpu(pid) for pid in self._family())

    def memory(self) -> float:
        """Return the resident memory of all its processes, in MB (10**6 bytes)."""
        return sum(_resident(pid) for pid in self._family()) / 1e6

    def _family(self) -> list[int]:
        if not self.pid:
            return []
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
            return [self.pid, *map(int, listed.split())]
        return [self.pid]


def _cpu(pid: int) -> float:
    total = 0.0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
    return total


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


@dataclass(frozen=True, slots=True)
class Places:
    """Which processors are used; both None where there is only one.

    Attributes:
        ours: The load generator and the upstream.
        theirs: The server under test.
    """

    ours: int | None
    theirs: int | None

    def describe(self) -> str:
        """Say where what runs."""
        if self.ours is None:
            return "everything shares one processor: the numbers are lower than they could be"
        return f"server under test alone on processor {self.theirs}; load generator and upstream share {self.ours}"


def places() -> Places:
    """Choose the processors: the first and the last of those that we may use."""
    free = sorted(os.sched_getaffinity(0))
    return Places(free[0], free[-1]) if len(free) > 1 else Places(None, None)


def pin(processor: int | None, pid: int = 0) -> None:
    """Keep a process (0: this one) on one processor."""
    if processor is not None:
        os.sched_setaffinity(pid, {processor})


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without settings of Sluice but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLUICE_", "OTEL_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


@contextlib.contextmanager
def started(
    name: str, command: Sequence[str], *, folder: Path, processor: int | None, port: int | None = None, **env: str
) -> Iterator[Server]:
    """Run a server while the block runs; it says its address on standard output, unless ``port`` is given.

    Args:
        name: For messages, and of its own folder inside ``folder``, where it runs.
        command: How to start it.
        folder: A temporary folder.
        processor: Where to keep it; None for anywhere.
        port: Where it listens, if that is known.
        env: Further environment variables.

    Raises:
        ServerError: It ended, or cannot be reached.
    """
    home = folder / name
    home.mkdir()
    with (home / "stdout").open("wb") as out, (home / "stderr").open("wb") as err:
        process = subprocess.Popen(command, cwd=home, env=environment(**env), stdout=out, stderr=err)
    try:
        pin(processor, process.pid)
        deadline = time.monotonic() + _START_SECONDS
        while not (bound := port or _said_port(home)) or not _listens(bound):
            if process.poll() is not None or time.monotonic() > deadline:
                why = (home / "stderr").read_text(errors="replace").strip().splitlines()
                raise ServerError(f"{name} did not start: {why[-1] if why else 'it said nothing'}")
            time.sleep(0.02)
        yield Server(bound, process.pid)
    finally:
        _stop(process)


def _said_port(home: Path) -> int | None:
    found = _URL.search((home / "stdout").read_text(errors="replace"))
    return int(found[1]) if found else None


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, as an operator would: what it holds is written down."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def upstream(folder: Path, processor: int | None) -> contextlib.AbstractContextManager[Server]:
    """Start the model server."""
    command = [sys.executable, "-m", "benchmarks.speed.upstream"]
    return started("upstream", command, folder=folder, processor=processor)


def bare(folder: Path, processor: int | None, model: Server) -> contextlib.AbstractContextManager[Server]:
    """Start the bare proxy."""
    command = [sys.executable, "-m", "benchmarks.speed.bare", f"http://127.0.0.1:{model.port}"]
    return started("bare", command, folder=folder, processor=processor)


def gateway(
    folder: Path, processor: int | None, model: Server, policy: str
) -> contextlib.AbstractContextManager[Server]:
    """Start the gateway as an operator would: one worker, records in SQLite, labels on."""
    place = {"provider": "openai_compatible", "base_url": f"http://127.0.0.1:{model.port}/v1"}
    settings = folder / f"{policy}.yaml"
    settings.write_text(json.dumps({"models": {"*": place, CLAUDE: {**place, "wire": "anthropic"}}}))  # JSON is YAML
    return started(
        policy,
        [sys.executable, "-m", "gateway", "serve", "--port", "0", "--workers", "1"],
        folder=folder,
        processor=processor,
        SLUICE_POLICY=policy,
        SLUICE_CONFIG=str(settings),
        SLUICE_DATABASE_URL=f"sqlite:///{database(folder, policy)}",
        SLUICE_PRODUCER="sluice-benchmark",
    )


def database(folder: Path, policy: str) -> Path:
    """Return where the gateway with this policy keeps its records."""
    return folder / policy / "records.db"


def nginx_binary() -> str | None:
    """Return where nginx is, if it is installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def nginx(folder: Path, processor: int | None, model: Server) -> contextlib.AbstractContextManager[Server]:
    """Start nginx as a proxy of one worker; only where ``nginx_binary`` found it."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder / "nginx", upstream=f"127.0.0.1:{model.port}", port=port))
    command = [nginx_binary() or "nginx", "-p", str(folder / "nginx"), "-c", str(config), "-e", "stderr"]
    return started("nginx", command, folder=folder, processor=processor, port=port)
