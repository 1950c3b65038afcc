"""Banks as CSV and XLSX, for people: a row for each way of asking, every fault at its row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from gateway.answers.bank import Bank
from gateway.answers.entry import STATES, Entry, Keywords, State, is_day
from gateway.document import suggest
from gateway.document.sheets import MOST_COLUMNS, cells, decoded, workbook
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where

_SPLIT: Final = re.compile(r"[|｜\n]")
_VERSION: Final = re.compile(r"[1-9][0-9]{0,5}(\.0)?\Z")
_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("id", "编号", "条目", "entry"), "id"),
    **dict.fromkeys(("question", "questions", "问题", "问法", "提问", "标准问题", "相似问法"), "questions"),
    **dict.fromkeys(("answer", "answer_zh", "答案", "回答", "标准答案", "中文答案"), "answer"),
    **dict.fromkeys(("answer_en", "英文答案"), "answer_en"),
    **dict.fromkeys(("patterns", "pattern", "规则", "正则"), "patterns"),
    **dict.fromkeys(("keywords_all", "全部关键词"), "keywords_all"),
    **dict.fromkeys(("keywords_any", "任一关键词", "关键词"), "keywords_any"),
    **dict.fromkeys(("keywords_none", "排除关键词"), "keywords_none"),
    **dict.fromkeys(("right", "yes", "正例"), "yes"),
    **dict.fromkeys(("wrong", "no", "反例"), "no"),
    **dict.fromkeys(("risks", "risk", "风险"), "risks"),
    **dict.fromkeys(("tenant", "租户"), "tenant"),
    **dict.fromkeys(("author", "作者"), "author"),
    **dict.fromkeys(("approver", "审批人"), "approver"),
    **dict.fromkeys(("version", "版本"), "version"),
    **dict.fromkeys(("state", "状态"), "state"),
    **dict.fromkeys(("valid_from", "生效日期"), "valid_from"),
    **dict.fromkeys(("valid_to", "失效日期"), "valid_to"),
    **dict.fromkeys(("sources", "source", "来源", "依据"), "sources"),
    **dict.fromkeys(("handoff", "转人工"), "handoff"),
}
COLUMNS: Final = tuple(dict.fromkeys(_NAMES.values()))
_STATE_NAMES: Final[Mapping[str, State]] = {
    **{state: state for state in STATES},
    "草稿": "draft",
    "待审": "draft",
    "已批准": "approved",
    "生效": "approved",
    "已停用": "retired",
    "停用": "retired",
}
_MANY: Final = (
    "questions",
    "patterns",
    "keywords_all",
    "keywords_any",
    "keywords_none",
    "yes",
    "no",
    "risks",
    "sources",
)


def from_table(content: bytes, name: str, kind: str) -> Bank:
    """Read a bank; raises ``ConfigError`` for what cannot be one, with row and column.

    Args:
        content: The file.
        name: Its name.
        kind: ``.csv`` or ``.xlsx``.
    """
    rows = workbook(content, name) if kind == ".xlsx" else cells(decoded(content, name)[0], name)
    table = _Table(name, _header(next(rows, (1, ()))[1], name))
    try:
        for number, row in rows:
            if any(map(str.strip, row)):
                table.take(number, row)
    except PolicyError as error:
        table.problems.append(error)
    if not table.entries and not table.problems:
        table.problems.append(PolicyError("the file has no entries", Where(name), "write a row for each way of asking"))
    if table.problems:
        raise PolicyErrors(table.problems)
    return Bank(PurePath(name).stem, tuple(_entry(said) for said in table.entries.values()), name)


def _header(row: Sequence[str], name: str) -> Mapping[str, int]:
    places: dict[str, int] = {}
    for at, cell in enumerate(row[:MOST_COLUMNS]):
        column = _NAMES.get(cell.strip().lower().lstrip("\ufeff"))
        if column is not None:
            places.setdefault(column, at)
    missing = [column for column in ("id", "questions", "answer") if column not in places]
    if missing and not (missing == ["answer"] and ("answer_en" in places or "handoff" in places)):
        said = "question" if missing[0] == "questions" else missing[0]
        near = next((hint for cell in row if (hint := suggest(cell.strip().lower(), _NAMES))), "")
        hint = near or "name the columns in the first row: id, question, answer"
        raise PolicyError(f"the first row names no column {said!r}", Where(name, 1), hint)
    return places


class _Table:
    """The entries of a table as its rows come, and what is wrong with them."""

    def __init__(self, name: str, places: Mapping[str, int]) -> None:
        self._name, self._places = name, places
        self.entries: dict[str, dict[str, Any]] = {}
        self.problems: list[ConfigError] = []

    def take(self, number: int, row: Sequence[str]) -> None:
        """Take one row: a new entry, or another way of asking one that was there before."""
        said = {column: row[at].strip() if at < len(row) else "" for column, at in self._places.items()}
        if not said["id"]:
            self._wrong(number, "id", "the row has no id", "give every row the id of its entry")
            return
        known = self.entries.get(said["id"])
        new = self._read(number, said, first=known is None)
        if known is None:
            self.entries[said["id"]] = new
            return
        for column, value in new.items():
            if column == "row" or not value:
                continue
            if column in _MANY:
                known[column] = tuple(dict.fromkeys((*known.get(column, ()), *value)))
            elif known.get(column) and known[column] != value:
                what = f"row {known['row']} says something else for the entry {said['id']!r}"
                self._wrong(number, column, what, "say it once, or give the row another id")
            else:
                known[column] = value

    def _read(self, number: int, said: Mapping[str, str], *, first: bool) -> dict[str, Any]:
        new: dict[str, Any] = {"row": number}
        for column, text in said.items():
            new[column] = _list(text, column) if column in _MANY else text
        new["questions"] = (said["questions"],) if said["questions"] else ()  # a question may hold a bar
        if "state" in said:
            new["state"] = self._state(number, said["state"]) if said["state"] or first else ""
        if said.get("version") and not _VERSION.match(said["version"]):
            self._wrong(number, "version", f"{said['version']!r} is no version", "write a whole number from 1")
            new["version"] = ""
        for column in ("valid_from", "valid_to"):
            if said.get(column) and not is_day(said[column]):
                self._wrong(number, column, f"{said[column]!r} is no date", "write it as 2026-11-26")
        return new

    def _state(self, number: int, said: str) -> State:
        state = _STATE_NAMES.get(said.lower()) if said else "draft"
        if state is None:
            hint = suggest(said.lower(), _STATE_NAMES) or "write draft, approved or retired"
            self._wrong(number, "state", f"there is no state {said!r}", hint)
        return state or "draft"

    def _wrong(self, number: int, column: str, what: str, hint: str) -> None:
        at = self._places.get(column)
        where = Where(self._name, number, None if at is None else at + 1)
        self.problems.append(PolicyError(f"column {column}: {what}", where, hint))


def _list(text: str, column: str) -> tuple[str, ...]:
    """Cut a cell at its line ends, and at bars where these are no part of what it holds."""
    parts = text.splitlines() if column == "patterns" else _SPLIT.split(text)
    return tuple(part for one in parts if (part := one.strip()))


def _entry(said: Mapping[str, Any]) -> Entry:
    def words(column: str) -> tuple[str, ...]:
        found = said.get(column, ())
        return found if isinstance(found, tuple) else ()

    return Entry(
        id=said["id"],
        questions=words("questions"),
        zh=said.get("answer", ""),
        en=said.get("answer_en", ""),
        patterns=words("patterns"),
        keywords=Keywords(words("keywords_all"), words("keywords_any"), words("keywords_none")),
        yes=words("yes"),
        no=words("no"),
        risks=words("risks"),
        tenant=said.get("tenant", ""),
        author=said.get("author", ""),
        approver=said.get("approver", ""),
        version=int(float(said.get("version") or 1)),
        state=said.get("state") or "approved",
        valid_from=said.get("valid_from", ""),
        valid_to=said.get("valid_to", ""),
        sources=words("sources"),
        handoff=said.get("handoff", ""),
        row=said["row"],
    )


def table_of(bank: Bank) -> list[list[str]]:
    """Return a bank as rows with a header: a row for each way of asking, all else in an entry's first."""
    rows: list[list[str]] = [["question" if column == "questions" else column for column in COLUMNS]]
    for entry in bank.entries:
        words = entry.keywords
        full = {
            "id": entry.id,
            "answer": entry.zh,
            "answer_en": entry.en,
            "patterns": "\n".join(entry.patterns),
            "keywords_all": "|".join(words.all),
            "keywords_any": "|".join(words.any),
            "keywords_none": "|".join(words.none),
            "yes": "|".join(entry.yes),
            "no": "|".join(entry.no),
            "risks": "|".join(entry.risks),
            "tenant": entry.tenant,
            "author": entry.author,
            "approver": entry.approver,
            "version": str(entry.version),
            "state": entry.state,
            "valid_from": entry.valid_from,
            "valid_to": entry.valid_to,
            "sources": "|".join(entry.sources),
            "handoff": entry.handoff,
        }
        for at, question in enumerate(entry.questions or ("",)):
            said = {**(full if at == 0 else {"id": entry.id}), "questions": question}
            rows.append([said.get(column, "") for column in COLUMNS])
    return rows


def write_csv(bank: Bank) -> str:
    """Write a bank as CSV that ``read_bank`` reads back the same, but for its history and thresholds."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(table_of(bank))
    return file.getvalue()
