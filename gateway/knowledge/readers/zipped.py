"""Looks into a ZIP file before anything unpacks it: a small file that would become a huge one is refused."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from gateway.errors import KnowledgeError

MOST_UNPACKED: Final = 512 * 1024 * 1024
MOST_RATIO: Final = 200
MOST_ENTRIES: Final = 10_000


def checked(data: bytes) -> io.BytesIO:
    """Return the bytes as a file that may be unpacked.

    Raises:
        KnowledgeError: It is no ZIP file, encrypted, or unpacks to more than is reasonable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, OSError):
        raise KnowledgeError("the file is damaged — open it in its program and save it again") from None
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise KnowledgeError("the file is encrypted — save it without a password")
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or size > MOST_UNPACKED or size > MOST_RATIO * max(len(data), 64 * 1024):
        raise KnowledgeError(f"the file unpacks to {size} bytes: a zip bomb, or a document to be split")
    return io.BytesIO(data)
