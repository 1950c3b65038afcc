"""Databases of records for tests: opened, looked into past the store, and used by other processes."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine

from gateway.stores.sql import SqlStore

Found = TypeVar("Found")

TESTS = Path(__file__).parents[1]
"""Where ``kit`` lies, for the path of another process."""


def opened(url: str, busy: float = 5.0) -> SqlStore:
    """A store that is open."""
    store = SqlStore(url, time.time, busy)
    store.open()
    return store


def connected(url: str, work: Callable[[Connection], Found]) -> Found:
    """Do something in a transaction, past the store."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process that runs some code from the root of the project."""
    return subprocess.Popen(
        [sys.executable, *arguments, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=TESTS.parent,
    )
