"""How a published layout becomes rows of ours: which column is which field, and what is said where none is found."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from evaluators.importers.records import Record
from evaluators.sample import Language
from gateway.errors import ConfigError, Where

Draft = dict[str, Any]
"""A row on its way: fields of the data set, as far as they are known."""

Shape = Callable[[Record], Iterable[Record]]
"""Takes a record apart into plain ones: those of nested files, options of a choice."""

_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_WORD: Final = re.compile("[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout by its column names.

    Attributes:
        name: The word that suites and commands use.
        summary: One line for people.
        columns: For each field of ours the columns that may hold it, the first that is there counts.
        needs: The fields that must have a column; without, the file has another layout.
        fixed: Fields that are the same in every row.
        apart: Takes a record apart first; None if it is plain.
        seeks: What it takes apart, for the message where there is nothing of it.
        finish: Puts the last hand to a draft, with its record; None if nothing is to be done.
    """

    name: str
    summary: str
    columns: Mapping[str, Sequence[str]]
    needs: tuple[str, ...] = ("question",)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    apart: Shape | None = None
    finish: Callable[[Draft, Record], None] | None = None
    seeks: str = ""


def language(text: str) -> Language:
    """Tell the language of a text by its characters and words."""
    han, latin = len(_HAN.findall(text)), len(_WORD.findall(text))
    if not han:
        return "en"
    return "zh" if latin <= 0.3 * han else "mixed"


def plain_records(layout: Layout, records: Iterable[tuple[int, Record]]) -> Iterator[tuple[int, Record]]:
    """Yield the records that rows are made of, with the place of what they stood in."""
    for number, record in records:
        if layout.apart is None:
            yield number, record
        else:
            for count, one in enumerate(layout.apart(record), 1):
                yield number or count, one


def nothing(layout: Layout, names: Iterable[str], where: Where) -> ConfigError:
    """Return the error for a file in which there is nothing to take apart."""
    found = ", ".join(repr(name) for name in list(names)[:20]) or "none"
    what = f"this is not the layout {layout.name!r}: looked for the column {layout.seeks}, found {found}"
    return ConfigError(what, where, "is this the right file, and the right format?")


def chosen(layout: Layout, names: Iterable[str], where: Where) -> dict[str, str]:
    """Return the column of each field.

    Raises:
        ConfigError: A field that is needed has none: with what was looked for, and what was found.
    """
    known = {name.strip().lower(): name for name in names}
    found: dict[str, str] = {}
    for ours, columns in layout.columns.items():
        at = next((known[column.lower()] for column in columns if column.lower() in known), None)
        if at is not None:
            found[ours] = at
    for ours in layout.needs:
        if ours not in found:
            wanted = " or ".join(repr(column) for column in layout.columns[ours])
            seen = ", ".join(repr(name) for name in list(known.values())[:20]) or "none"
            what = f"this is not the layout {layout.name!r}: looked for the column {wanted} ({ours}), found {seen}"
            raise ConfigError(what, where, f"say which it is: --column {ours}=NAME, or name another format")
    return found


def draft(layout: Layout, record: Record, columns: Mapping[str, str], fixed: Mapping[str, Any]) -> Draft:
    """Make a draft of a record."""
    made: Draft = {}
    for ours, column in columns.items():
        value = record.get(column)
        if value is None or value == "":
            continue
        made[ours] = _passages(value) if ours == "contexts" else value
    made.update(layout.fixed)
    if layout.finish is not None:
        layout.finish(made, record)
    made.update(fixed)
    for ours in ("id", "question", "reference", "answer", "kind", "risk", "system", "group"):
        if ours in made:
            made[ours] = _text(made[ours])
    return {ours: value for ours, value in made.items() if value is not None and value != ""}


def _text(value: Any) -> str:
    """Return a value as text; of several the first, lists of parts joined."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        if all(isinstance(part, list) for part in value) and value:
            return " ".join(_text(part[0]) for part in value if part)
        return _text(value[0]) if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _passages(value: Any) -> list[dict[str, str]]:
    """Return passages: a list of texts or objects, one text, or a list that was written into a cell of a table."""
    items = unlisted(value)
    made = []
    for number, item in enumerate(items, 1):
        if isinstance(item, dict):
            text = next((item[key] for key in ("text", "content", "page_content", "body") if item.get(key)), "")
            identity = str(item.get("id") or item.get("doc_id") or number)
        else:
            text, identity = str(item), str(number)
        if str(text).strip():
            made.append({"id": identity, "text": str(text)})
    return made


def unlisted(value: Any) -> list[Any]:
    """Return a list, also one that stands as text, in JSON or as Python writes it; anything else alone in one."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        for read in (json.loads, ast.literal_eval):
            try:
                found = read(value)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(found, list):
                return found
    return list(value) if isinstance(value, list | tuple) else [value]
