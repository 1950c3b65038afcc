"""Keeps what judges answered, by the digest of what they were asked: nobody is asked twice for the same."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Protocol


class Kept(Protocol):
    """Answers of judges by the digest of the request."""

    def get(self, key: str) -> str | None:
        """Return an answer that was kept."""
        ...

    def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        ...


class KeptInMemory:
    """Keeps the last answers, as many as were asked for; memory stays flat."""

    def __init__(self, most: int = 20_000) -> None:
        self._most, self._answers = most, OrderedDict[str, str]()

    def get(self, key: str) -> str | None:
        """Return an answer that was kept."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: str, answer: str) -> None:
        """Keep an answer; the one unused for longest goes."""
        self._answers[key] = answer
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)


class KeptOnDisk:
    """Keeps answers in a SQLite file, for later runs too; several processes may share it.

    Args:
        path: The file; made when the first answer is looked for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _table(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        table = sqlite3.connect(self._path, isolation_level=None, timeout=30.0)
        table.execute("PRAGMA journal_mode=WAL")
        table.execute("PRAGMA synchronous=NORMAL")
        table.execute("CREATE TABLE IF NOT EXISTS judged (key TEXT PRIMARY KEY, answer TEXT) WITHOUT ROWID")
        return table

    def get(self, key: str) -> str | None:
        """Return an answer that was kept."""
        row = self._table.execute("SELECT answer FROM judged WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        self._table.execute("INSERT OR REPLACE INTO judged VALUES (?, ?)", (key, answer))
