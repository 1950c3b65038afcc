"""Append-only JSON lines that survive a kill at any moment.

A line is in the file whole or not at all: what a kill tore off is cut away when the file is opened
again. A line that is broken anywhere but at the end is an error, for nothing of ours writes one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gateway.errors import ConfigError, Where


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a journal; an empty list if there is no file yet.

    A torn last line is left out.

    Raises:
        ConfigError: A line before the last is no JSON object.
    """
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    lines = []
    for number, line in enumerate(whole.split(b"\n") if whole else [], 1):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            raise ConfigError(
                "this line of the journal is no JSON object",
                Where(str(path), number),
                "take the line out by hand; what it held will be asked or scored again",
            )
        lines.append(entry)
    return lines


class Journal:
    """Appends lines to one file; use it as a context manager.

    Args:
        path: The file; it is made if it is not there.
        durable: Whether a line is on the disk (``fsync``) when ``append`` returns; if not, it is
            with the operating system, which a killed process does not undo but a power cut may.
    """

    def __init__(self, path: Path, *, durable: bool) -> None:
        self._path, self._durable = path, durable
        self._file = -1

    def __enter__(self) -> Self:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        os.ftruncate(self._file, _whole(self._path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.fsync(self._file)
        os.close(self._file)

    def append(self, entry: dict[str, Any]) -> None:
        """Add one line, in one write."""
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
        left = memoryview(line.encode("utf-8", "backslashreplace"))
        while left:
            left = left[os.write(self._file, left) :]
        if self._durable:
            os.fsync(self._file)


def _whole(path: Path) -> int:
    """Return the length of the file up to its last whole line, in bytes."""
    content = path.read_bytes()
    return content.rfind(b"\n") + 1
