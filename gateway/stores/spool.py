"""A folder that keeps records while the store cannot: written whole and flushed to the disk, or not at all.

Each batch is one JSONL file, named by its digest: setting the same batch aside twice leaves one
file, and a half-written file never has a name that is read. Stores take a record they already have
without doubling it, so two workers may replay the same file at once: no locks.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import get_ident
from typing import Final

from gateway.errors import RecordError
from gateway.exchange import Record
from gateway.stores.plain import dumps, record_of

_KEPT: Final = ".jsonl"
_REFUSED: Final = ".refused"
_BROKEN: Final = ".broken"


class Spool:
    """Records set aside in ``folder``, which is made when first needed.

    Only its owner may read it: records say who asked what and when.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, records: Sequence[Record]) -> None:
        """Keep records until they are replayed; raises ``RecordError``."""
        self._write(records, _KEPT)

    def refuse(self, records: Sequence[Record]) -> None:
        """Keep records that the store will never take, for a person to look at; raises ``RecordError``."""
        self._write(records, _REFUSED)

    def files(self) -> list[Path]:
        """Return the files that wait to be replayed."""
        return sorted(self._folder.glob(f"*{_KEPT}"))

    def read(self, file: Path) -> list[Record]:
        """Return the records of a file; none if another worker was faster.

        Raises:
            RecordError: The file is not what was written. It was renamed to ``….broken``, so
                that it is neither read again nor lost.
        """
        try:
            return [record_of(line) for line in file.read_bytes().splitlines()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RecordError(f"cannot read {file}: {_reason(error)}") from None
        except ValueError:
            with contextlib.suppress(OSError):
                file.rename(file.with_suffix(_BROKEN))
            what = f"{file} does not hold whole records any more and was renamed to end in {_BROKEN}"
            raise RecordError(what) from None

    def forget(self, file: Path) -> None:
        """Remove a file whose records are in the store."""
        with contextlib.suppress(OSError):  # replayed once more at the next start, to no effect
            file.unlink(missing_ok=True)

    def _write(self, records: Sequence[Record], suffix: str) -> None:
        lines = b"".join(dumps(record) + b"\n" for record in records)
        name = hashlib.sha256(lines).hexdigest()[:32]
        # Two threads or processes may hold the same batch, so each has a passing name of its own.
        passing = self._folder / f"{name}.{os.getpid()}.{get_ident()}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
            passing.replace(self._folder / f"{name}{suffix}")
            self._flush_names()
        except OSError as error:
            with contextlib.suppress(OSError):
                passing.unlink(missing_ok=True)
            raise RecordError(f"cannot write to the spool {self._folder}: {_reason(error)}") from None

    def _flush_names(self) -> None:
        """Make the new name itself outlive a power failure."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _reason(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
