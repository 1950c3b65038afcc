from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.databases import opened

from gateway.stores.sql import SqlStore


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.db"
    return str(request.getfixturevalue("server").database())


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """A store of records in an empty database of each kind."""
    store = opened(url)
    yield store
    store.close()
