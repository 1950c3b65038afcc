"""Reads the files of data sets, whatever they are packed in and however their text is encoded."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class DataError(Exception):
    """The data folder is not what it should be: says which file, and what to do."""


def decoded(content: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark, or else GB18030; NULs fall out."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    return text.replace("\0", "")


def unpacked(path: Path) -> bytes:
    """Return what a file holds, unpacked if it is packed; raises ``DataError``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        hint = "give the folder that holds one folder for each data set"
        raise DataError(f"cannot read {path}: {error.strerror} — {hint}") from None
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(archive.namelist()[0])
    return content


def table(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Read a CSV file with a head; cells that are missing are empty."""
    csv.field_size_limit(1 << 30)
    text = io.StringIO(decoded(unpacked(path)), newline="")
    for row in csv.DictReader(text, delimiter=delimiter):
        yield {key: value or "" for key, value in row.items() if isinstance(key, str)}


def objects(path: Path) -> Iterator[Any]:
    """Read a JSON array or object, or a file with a JSON value on each line."""
    text = decoded(unpacked(path))
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        try:
            yield from [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError as error:
            raise DataError(f"{path} is no JSON: {error}") from None
        return
    yield from whole if isinstance(whole, list) else [whole]
