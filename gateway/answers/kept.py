"""Keeps the vectors of ways of asking in a file, by model and by digest of the text: never the text itself.

It is a convenience: whatever is lost is asked for again. Several processes may use one file.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from gateway.answers.stock import Floats
from gateway.errors import EndpointError

_TOGETHER: Final = 500
_BUSY: Final = 10.0
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS vector (model TEXT NOT NULL, digest BLOB NOT NULL, size INTEGER NOT NULL, "
    "numbers BLOB NOT NULL, PRIMARY KEY (model, digest)) WITHOUT ROWID"
)


def digest(text: str) -> bytes:
    """Return what stands for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class KeptVectors:
    """The vectors in a file; opened only while it is read or written.

    Args:
        file: An SQLite file; made, with its folder, when there is something to keep.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def get(self, model: str, digests: Sequence[bytes]) -> dict[bytes, Floats]:
        """Return what is kept of a model, by digest; raises ``EndpointError`` for a file that cannot be read."""
        if not self.file.exists():
            return {}
        found: dict[bytes, Floats] = {}
        with self._open() as opened:
            for at in range(0, len(digests), _TOGETHER):
                some = digests[at : at + _TOGETHER]
                holes = ",".join("?" * len(some))
                asked = f"SELECT digest, size, numbers FROM vector WHERE model = ? AND digest IN ({holes})"  # noqa: S608
                for key, size, numbers in opened.execute(asked, (model, *some)):
                    row = np.frombuffer(numbers, "<f4")
                    if len(row) == size and np.isfinite(row).all():  # what was cut off is asked for again
                        found[key] = row.astype(np.float32)
        return found

    def put(self, model: str, rows: Mapping[bytes, Floats]) -> None:
        """Keep vectors; raises ``EndpointError`` if they cannot be kept."""
        kept = [(model, key, len(row), row.astype("<f4").tobytes()) for key, row in rows.items()]
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EndpointError(f"{self.file}: vectors cannot be kept there ({error.strerror})") from None
        with self._open() as opened:
            opened.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?, ?)", kept)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.file, timeout=_BUSY)) as opened, opened:
                opened.execute("PRAGMA journal_mode=WAL")
                opened.execute(_TABLE)
                yield opened
        except sqlite3.Error as error:
            what = f"{self.file}: vectors cannot be kept there ({error})"
            raise EndpointError(f"{what} — it must be a file of its own that this process may write") from None
