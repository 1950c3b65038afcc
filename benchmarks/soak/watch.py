"""Looks at a process from outside while it runs: its memory, its sockets, its connections."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LISTENS: Final = "0A"
_WAITS: Final = "06"
"""TIME_WAIT: the kernel remembers a connection that is closed; nobody holds it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How a process stood.

    Attributes:
        at: Seconds since the beginning.
        rss: Resident memory, in MB (10**6 bytes).
        sockets: Open sockets.
        clients: Connections to its port.
        upstream: Connections to the model.
        under_way: Questions that clients had asked and were not through with.
        done: Questions that were asked so far.
    """

    at: float
    rss: float
    sockets: int
    clients: int
    upstream: int
    under_way: int
    done: int


def sockets(pid: int) -> int:
    """Return how many sockets a process has open; 0 if it is gone."""
    count = 0
    with contextlib.suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed since it was listed
                count += str(file.readlink()).startswith("socket:")
    return count


def connections(*ports: int, table: str = "/proc/net/tcp") -> list[int]:
    """Return for each port of 127.0.0.1 how many connections to it somebody holds, at the side that listens."""
    counts = dict.fromkeys(ports, 0)
    for line in Path(table).read_text().splitlines()[1:]:
        parts = line.split()
        port = int(parts[1].rpartition(":")[2], 16)
        if port in counts and parts[3] not in (_LISTENS, _WAITS):
            counts[port] += 1
    return list(counts.values())


def gauge(metrics: str, name: str) -> float | None:
    """Return a gauge of Prometheus' text format, or None if it is not there."""
    found = re.search(rf"^{name} (\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else None
