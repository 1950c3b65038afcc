"""Writes the files of a data set, packed as their names say."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path


def put(folder: Path, name: str, content: str) -> None:
    """Write a file below a folder."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(path.stem, content)
    else:
        said = content.encode()
        path.write_bytes(gzip.compress(said) if path.suffix == ".gz" else said)
