"""Records out of a file, each with its place: CSV, TSV, XLSX, Parquet, JSON, JSON lines, YAML; any usual encoding."""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from gateway.document.sheets import workbook
from gateway.errors import ConfigError, Where

_LARGEST: Final = 2 * 1024**3
_LONGEST_CELL: Final = 64 * 1024**2
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A place that holds no record; ``why`` says what it holds instead."""

    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds.

    Attributes:
        records: With the line or number of each, from 1; the whole document under 0 where it is no list.
        encoding: As it was told or found; empty for files that are no text.
    """

    records: tuple[tuple[int, Record | Bad], ...]
    encoding: str = ""


def read_records(path: Path, encoding: str | None = None) -> Read:
    """Read a file by the ending of its name.

    Args:
        path: ``.csv``, ``.tsv``, ``.xlsx``, ``.parquet``, ``.json``, ``.jsonl``, ``.ndjson``, ``.yaml`` or ``.yml``;
            also compressed, with ``.gz`` behind that.
        encoding: Of a text; found by itself if None: a mark of byte order, UTF-8, GB18030, or lines of either.

    Raises:
        ConfigError: It cannot be read, is no such file, or is in neither encoding; with the line where that shows.
    """
    where = Where(str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the data: {error.strerror}", where, "give the path of a file") from None
    ending = path.suffix.lower()
    if ending == ".gz":
        content, ending = _unpacked(content, where), Path(path.stem).suffix.lower()
    if ending == ".xlsx":
        return Read(tuple(_table(workbook(content, str(path)))))
    if ending == ".parquet":
        return Read(tuple(enumerate(_parquet(content, where), 1)))
    readers = {
        ".csv": _csv,
        ".tsv": _csv,
        ".json": _json,
        ".jsonl": _lines,
        ".ndjson": _lines,
        ".yaml": _yaml,
        ".yml": _yaml,
    }
    if ending not in readers:
        hint = f"known: {', '.join([*readers, '.xlsx', '.parquet'])}, also with .gz"
        raise ConfigError(f"nothing reads files that end in {ending!r}", where, hint)
    text, found = decode(content, where, encoding)
    return Read(tuple(readers[ending](text, where, ending)), found)


def decode(content: bytes, where: Where, encoding: str | None = None) -> tuple[str, str]:
    """Return a text and its encoding; NUL characters, which some published tables hold, are dropped."""
    if encoding is not None:
        try:
            return content.decode(encoding).replace("\0", ""), encoding
        except (LookupError, UnicodeError):
            raise ConfigError(f"the data is not {encoding}", where, "leave the encoding out, or name another") from None
    for mark, name in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(name).replace("\0", ""), name.removesuffix("-sig")
            except UnicodeError:
                break
    content = content.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _mixed(content, where)


def _mixed(content: bytes, where: Where) -> tuple[str, str]:
    """Read each line as UTF-8 if it is that, else as GB18030: some files were put together from both."""
    lines, seen = [], set()
    for number, line in enumerate(content.split(b"\n"), 1):
        for name in ("utf-8", "gb18030"):
            try:
                lines.append(line.decode(name))
            except UnicodeDecodeError:
                continue
            if not line.isascii():
                seen.add(name)
            break
        else:
            hint = "save the file as UTF-8, or name its encoding"
            raise ConfigError("the line is neither UTF-8 nor GB18030", Where(where.file, number), hint)
    return "\n".join(lines), " and ".join(sorted(seen, reverse=True))


def _unpacked(content: bytes, where: Where) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(_LARGEST + 1)
    except (OSError, EOFError):
        raise ConfigError("the file is not gzip", where, "unpack it") from None
    if len(unpacked) > _LARGEST:
        raise ConfigError("the file is too large once unpacked", where, "cut it into several files")
    return unpacked


def _csv(text: str, where: Where, ending: str) -> Iterator[tuple[int, Record | Bad]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if ending == ".tsv" else ",")
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from _table((rows.line_num, row) for row in rows)
    except csv.Error as error:
        raise ConfigError(
            f"the line is not CSV: {error}", Where(where.file, rows.line_num), "mend its quotes"
        ) from None
    finally:
        csv.field_size_limit(before)


def _table(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Record | Bad]]:
    header: list[str] = []
    for number, cells in rows:
        if not any(str(cell).strip() for cell in cells):
            continue
        if not header:
            header = [str(cell).strip() for cell in cells]
        elif len(cells) > len(header) and any(str(cell).strip() for cell in cells[len(header) :]):
            yield number, Bad(f"it has {len(cells)} cells, and the header names {len(header)}")
        else:
            yield number, {name: cell for name, cell in zip(header, cells, strict=False) if name}


def _parquet(content: bytes, where: Where) -> Iterator[Record]:
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        hint = "pip install 'sluice-gateway[parquet]', or save the file as CSV"
        raise ConfigError("reading Parquet needs the extra 'parquet'", where, hint) from None
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        for batch in file.iter_batches(1000):
            yield from batch.to_pylist()
    except Exception as error:
        # Whatever the library makes of a damaged file, its message may hold what stands in it.
        what = f"the Parquet file cannot be read ({type(error).__name__})"
        raise ConfigError(what, where, "write it again, or save it as CSV") from None


def _json(text: str, where: Where, ending: str) -> Iterator[tuple[int, Record | Bad]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if "\n" in text.strip() and str(error).startswith("Extra data"):
            yield from _lines(text, where, ending)
            return
        line = getattr(error, "lineno", None)
        raise ConfigError(
            "the data is not JSON", Where(where.file, line), "one list of objects, or one a line"
        ) from None
    yield from _listed(value)


def _listed(value: Any) -> Iterator[tuple[int, Record | Bad]]:
    if not isinstance(value, list):
        yield 0, value if isinstance(value, dict) else Bad("it is no object")
        return
    for number, item in enumerate(value, 1):
        if isinstance(item, str):
            yield number, {"text": item}
        else:
            yield number, item if isinstance(item, dict) else Bad("it is no object")


def _lines(text: str, where: Where, ending: str) -> Iterator[tuple[int, Record | Bad]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield number, Bad("it is not JSON")
            continue
        yield number, value if isinstance(value, dict) else Bad("it is no object")


def _yaml(text: str, where: Where, ending: str) -> Iterator[tuple[int, Record | Bad]]:
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise ConfigError("the data is not YAML", Where(where.file, line), "mend it") from None
    yield from _listed(value)
