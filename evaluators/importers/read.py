"""Rows out of any file that is known: every record becomes a row, or is left out with its place and reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from evaluators.dataset import MAX_PROBLEMS, Row
from evaluators.importers.harnesses import INSPECT, PROMPTFOO, RAGAS
from evaluators.importers.layout import Layout, chosen, draft, language, nothing, plain_records
from evaluators.importers.public import layouts
from evaluators.importers.records import Bad, Record, read_records
from evaluators.importers.traffic import TRAFFIC
from gateway.document import suggest
from gateway.errors import ConfigError, ConfigErrors, Where

_ASKS: Final = ("question", "prompt", "query", "text", "问题", "提问", "input", "instruction", "user_input")
TABLE: Final = Layout(
    "table",
    "any table or list of objects; columns are named as in a data set, or as --column says",
    {
        "id": ("id", "编号"),
        "question": _ASKS,
        "answer": ("answer", "回答", "response", "output"),
        "reference": ("reference", "标准答案", "参考答案", "expected", "target"),
        "contexts": ("contexts", "context", "passages", "资料"),
        **{name: (name,) for name in ("relevant", "lang", "system", "should", "risk", "kind", "group", "faithful")},
    },
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is no row: the line or number where it stands, its id if it has one, and why."""

    place: int
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How a suite reads a file that is no data set of ours.

    Attributes:
        format: Its name.
        columns: For fields of ours the columns that hold them.
        fixed: Fields that are the same in every row.
        encoding: Of the text; found by itself if None.
        leave_out: Whether records that are no rows are left out; if not, they keep the suite from running.
    """

    format: str
    columns: Mapping[str, str]
    fixed: Mapping[str, Any]
    encoding: str | None
    leave_out: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file gave.

    Attributes:
        rows: As a data set has them.
        left_out: The others.
        encoding: Of the text; empty for files that are none.
        columns: Which column each field came from.
    """

    rows: tuple[dict[str, Any], ...]
    left_out: tuple[LeftOut, ...]
    encoding: str
    columns: Mapping[str, str]


def formats() -> dict[str, Layout]:
    """Return everything that can be imported, by name."""
    return {layout.name: layout for layout in (TABLE, RAGAS, PROMPTFOO, INSPECT, TRAFFIC)} | layouts()


def import_file(
    path: Path,
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    encoding: str | None = None,
    limit: int | None = None,
) -> Imported:
    """Read a file.

    Args:
        path: Where it is.
        name: Of the format; ``table`` for any table.
        columns: For fields of ours the columns that hold them, before those that the format knows.
        fixed: Fields that are the same in every row.
        encoding: Of the text; found by itself if None.
        limit: Only so many of the first rows.

    Raises:
        ConfigError: It cannot be read, has another layout, or holds no row.
    """
    known, where = formats(), Where(str(path))
    if name not in known:
        raise ConfigError(f"no format is called {name!r}", hint=suggest(name, known) or f"known: {', '.join(known)}")
    for field in (*(columns or {}), *(fixed or {})):
        if field not in Row.model_fields:
            hint = suggest(field, Row.model_fields) or f"known: {', '.join(Row.model_fields)}"
            raise ConfigError(f"rows have no field {field!r}", hint=hint)
    layout = known[name]
    if columns:
        layout = replace(layout, columns={**layout.columns, **{ours: (column,) for ours, column in columns.items()}})
    read = read_records(path, encoding)
    whole = [(number, record) for number, record in read.records if not isinstance(record, Bad)]
    bad = [LeftOut(number, "", record.why) for number, record in read.records if isinstance(record, Bad)]
    if name == "ragtruth":
        whole = list(_joined(whole, path))
    records = list(plain_records(layout, whole))
    if whole and not records:
        raise nothing(layout, dict.fromkeys(key for _, record in whole[:200] for key in record), where)
    if not records:
        raise ConfigError("the data holds no row", where, "is this the right file, and the right format?")
    needed = tuple(field for field in layout.needs if field not in (fixed or {}))
    names = dict.fromkeys(key for _, record in records[:200] for key in record)
    found = chosen(replace(layout, needs=needed), names, where)
    missing = [column for column in (columns or {}).values() if column not in names]
    if missing:
        raise ConfigError(
            f"no column is called {missing[0]!r}", where, suggest(missing[0], names) or f"there are {list(names)}"
        )
    rows, left_out = _rows(layout, records, found, fixed or {}, limit)
    return Imported(tuple(rows), tuple(sorted([*bad, *left_out], key=lambda one: one.place)), read.encoding, found)


def import_for(path: Path, reading: Reading) -> Imported:
    """Read a file as a suite says.

    Raises:
        ConfigErrors: As ``import_file`` does, and for records that are no rows where the suite does not leave them out.
    """
    read = import_file(path, reading.format, columns=reading.columns, fixed=reading.fixed, encoding=reading.encoding)
    if read.left_out and not reading.leave_out:
        hint = "mend it, or write bad_rows: leave_out into the suite"
        problems = [ConfigError(one.why, Where(str(path), one.place), hint) for one in read.left_out[:MAX_PROBLEMS]]
        raise ConfigErrors(problems)
    return read


def _rows(
    layout: Layout,
    records: list[tuple[int, Record]],
    columns: Mapping[str, str],
    fixed: Mapping[str, Any],
    limit: int | None,
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    rows: list[dict[str, Any]] = []
    left_out: list[LeftOut] = []
    seen: dict[str, int] = {}
    numbers = {id(record): count for count, (_, record) in enumerate(records, 1)}
    for place, record in records:
        if limit is not None and len(rows) >= limit:
            break
        made = draft(layout, record, columns, fixed)
        given = "id" in made
        made.setdefault("id", f"{layout.name}-{numbers[id(record)]}")
        if not made.get("question"):
            left_out.append(LeftOut(place, made["id"] if given else "", "it asks nothing: the question is empty"))
            continue
        if made["id"] in seen and not given:
            made["id"] = f"{made['id']}-{len(rows) + 1}"
        if made["id"] in seen:
            if layout.apart is None:
                why = f"the id {made['id']!r} is here twice, the first in line {seen[made['id']]}"
                left_out.append(LeftOut(place, made["id"], why))
                continue
            made["id"] = f"{made['id']}-{len(rows) + 1}"  # several rows out of one record
        made.setdefault("lang", language(made["question"]))
        why = _wrong(made)
        if why:
            left_out.append(LeftOut(place, made["id"], why))
            continue
        seen[made["id"]] = place
        rows.append(made)
    return rows, left_out


def _wrong(made: dict[str, Any]) -> str:
    """Say what keeps a draft from being a row; empty if nothing does."""
    for passages in (made.get("contexts") or [],):
        ids = [passage["id"] for passage in passages]
        if len(set(ids)) < len(ids):
            for number, passage in enumerate(passages, 1):
                passage["id"] = f"{passage['id']}-{number}"
    if made.get("faithful") is not None and "answer" not in made:
        del made["faithful"]
    try:
        Row.model_validate_json(json.dumps(made, allow_nan=False))
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg'].lower()}"
    except ValueError:
        return "it holds a number that is none (NaN)"
    return ""


def _joined(records: list[tuple[int, Record]], path: Path) -> Iterator[tuple[int, Record]]:
    """Yield RAGTruth's responses with their sources, which stand in a file beside them."""
    beside = path.with_name("source_info.jsonl")
    if all("source_info" in record for _, record in records) or not beside.exists():
        if not any("source_info" in record for _, record in records):
            raise ConfigError(
                "the sources are not here", Where(str(beside)), "put source_info.jsonl beside the responses"
            )
        yield from records
        return
    sources = {str(one.get("source_id")): one for _, one in read_records(beside).records if not isinstance(one, Bad)}
    for number, record in records:
        yield number, {**sources.get(str(record.get("source_id")), {}), **record}
