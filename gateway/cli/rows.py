"""Reads rows of JSON that a command is given, and says of a row that is none what is wrong with it and where."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO, Any, Final

import orjson

HALF: Final = "the row holds what is no text: half a surrogate pair"


class RowError(Exception):
    """A row of the input that cannot be judged; says what is wrong with it, not what it says."""


def lines_of(jsonl: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the lines of a file that are not empty, with where each stands; shows a person how far it is."""
    from tqdm import tqdm  # noqa: PLC0415

    name = getattr(jsonl, "name", "<stdin>")
    # The bar shows only where a person watches, and only when it takes long enough to wonder.
    for number, line in enumerate(tqdm(jsonl, unit=" rows", delay=2, disable=None, file=sys.stderr), 1):
        row = line.removeprefix(BOM_UTF8) if number == 1 else line
        if row.strip():
            yield f"{name}:{number}", row


def parsed(line: bytes) -> Any:
    """Return what a line says as JSON; raises ``RowError``."""
    try:
        if "\0" not in line.decode("utf-8"):  # UTF-16 shows itself by these
            return orjson.loads(line.rstrip(b"\r\n"))  # columns are counted within the line
    except UnicodeDecodeError:
        pass
    except orjson.JSONDecodeError as error:
        if "surrogate" in error.msg:
            raise RowError(HALF) from None
        raise RowError(f"the line is not JSON (column {error.colno}): write one object a line") from None
    raise RowError("the line is not UTF-8: save the file as UTF-8")
