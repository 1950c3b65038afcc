"""Reads and writes answer banks: YAML for git, CSV and XLSX for people, with every fault at its row and column."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, Literal

import re2
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.answers.entry import STATES, Entry, Event, Keywords, State
from gateway.document import MAX_BYTES, read_document, suggest, validate
from gateway.document.sheets import MOST_COLUMNS, cells, decoded, workbook
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where

KINDS: Final = (".yaml", ".yml", ".csv", ".xlsx")
_ID: Final = re.compile(r"[^\s|;,]{1,80}\Z")
_LONGEST_QUESTION: Final = 500
_LONGEST_ANSWER: Final = 8000
_SPLIT: Final = re.compile(r"[|｜\n]")
_VERSION: Final = re.compile(r"[1-9][0-9]{0,5}(\.0)?\Z")

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="a date such as 2026-11-26")]
Share = Annotated[float, Field(ge=0, le=1, description="0 to 1")]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on an entry answers, and from which on it asks back."""

    answer: float
    ask: float


@dataclass(frozen=True, slots=True)
class Bank:
    """Entries that belong together.

    Attributes:
        name: For people.
        entries: In the order of the file.
        file: Where they were read from.
        thresholds: Of this set of entries; None for the matcher's own.
        version: A digest of all that can change an answer.
    """

    name: str
    entries: tuple[Entry, ...]
    file: str = ""
    thresholds: Thresholds | None = None

    @property
    def version(self) -> str:
        """A digest of all that can change an answer."""
        parts = [f"{entry.name} {entry.state} {entry.digest}" for entry in self.entries]
        return hashlib.sha256("\n".join([*parts, str(self.thresholds)]).encode()).hexdigest()[:16]


# --- YAML ----------------------------------------------------------------------------------------


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]


class _Words(_Shape):
    all: Texts = Field(default=(), description="words that must all be there")
    any: Texts = Field(default=(), description="words of which one must be there")
    none: Texts = Field(default=(), description="words of which none may be there")


class _Answer(_Shape):
    zh: str = Field(default="", description="the answer in Chinese")
    en: str = Field(default="", description="the answer in English")


class _Valid(_Shape):
    first: Day = Field(default="", alias="from", description="the first day, such as 2026-11-26")
    last: Day = Field(default="", alias="to", description="the last day")


class _Tests(_Shape):
    right: Texts = Field(default=(), description="questions that it answers")
    wrong: Texts = Field(default=(), description="questions that it must not answer")


class _Event(_Shape):
    version: int = Field(ge=1, description="the version from then on")
    at: Day = Field(description="the day")
    by: str = Field(description="who did it")
    what: str = Field(description="what was done")
    digest: str = Field(default="", description="of what it said from then on")


class EntryShape(_Shape):
    """An entry, as people write it."""

    id: str = Field(min_length=1, max_length=80, description="names the entry")
    questions: Texts = Field(default=(), description="ways of asking it")
    answer: _Answer = Field(default=_Answer(), description="the answer: {zh: …, en: …}")
    patterns: Texts = Field(default=(), description="regular expressions that fit a question")
    keywords: _Words = Field(default=_Words(), description="words of a question: {all: […], any: […], none: […]}")
    tests: _Tests = Field(default=_Tests(), description="questions to try: {yes: […], no: […]}")
    risks: Texts = Field(default=(), description="what the question is about")
    tenant: str = Field(default="", description="for whose callers; all if left out")
    author: str = Field(default="", description="who wrote it")
    approver: str = Field(default="", description="who approved it")
    version: int = Field(default=1, ge=1, description="counts up with each change")
    state: State = Field(default="draft", description="draft, approved or retired")
    valid: _Valid = Field(default=_Valid(), description="when it may answer: {from: 2026-01-01, to: 2026-12-31}")
    sources: Texts = Field(default=(), description="where the answer can be read")
    handoff: str = Field(default="", description="who takes over instead of an answer")
    history: tuple[_Event, ...] = Field(default=(), description="what happened to it")


class _Thresholds(_Shape):
    answer: Share = Field(description="answers from this score on")
    ask: Share = Field(description="asks back from this score on")


class BankShape(_Shape):
    """A bank, as people write it."""

    answers: Literal[1] = Field(description="the version of this format: answers: 1")
    name: str = Field(default="", description="the bank's name, for people")
    thresholds: _Thresholds | None = Field(default=None, description="{answer: 0.8, ask: 0.5}")
    entries: tuple[EntryShape, ...] = Field(description="the entries")


def read_bank(content: bytes, name: str) -> Bank:
    """Read a bank and check that every entry can do its work.

    Args:
        content: The file: YAML, or CSV or XLSX with a header. A table without a column of states holds approved
            entries; several rows of one id are ways of asking the same.
        name: Its name; the ending says what it is.

    Raises:
        PolicyErrors: All that is wrong, with file and line, or row and column.
    """
    kind = PurePath(name).suffix.lower()
    if kind not in KINDS:
        what = f"cannot tell from the ending {kind!r} what kind of file this is"
        raise PolicyErrors([PolicyError(what, Where(name), "use .yaml, .csv or .xlsx")])
    try:
        bank = _from_yaml(content, name) if kind in (".yaml", ".yml") else _from_table(content, name, kind)
    except ConfigError as error:
        raise PolicyErrors(error.problems) from None
    problems = list(_faults(bank))
    if problems:
        raise PolicyErrors(problems)
    return bank


def _from_yaml(content: bytes, name: str) -> Bank:
    if len(content) > MAX_BYTES:
        what = f"the bank has {len(content):,} bytes; YAML of at most {MAX_BYTES:,} is read"
        raise PolicyError(what, Where(name), "keep large banks as .csv or .xlsx, or cut it into several")
    document = read_document(content, name)
    shape = validate(document, BankShape)
    entries = []
    for index, said in enumerate(shape.entries):
        line = document.where("entries", index).line or 0
        entries.append(
            Entry(
                id=said.id,
                questions=said.questions,
                zh=said.answer.zh,
                en=said.answer.en,
                patterns=said.patterns,
                keywords=Keywords(said.keywords.all, said.keywords.any, said.keywords.none),
                yes=said.tests.right,
                no=said.tests.wrong,
                risks=said.risks,
                tenant=said.tenant,
                author=said.author,
                approver=said.approver,
                version=said.version,
                state=said.state,
                valid_from=said.valid.first,
                valid_to=said.valid.last,
                sources=said.sources,
                handoff=said.handoff,
                row=line,
                history=tuple(Event(one.version, one.at, one.by, one.what, one.digest) for one in said.history),
            )
        )
    own = shape.thresholds
    return Bank(shape.name, tuple(entries), name, Thresholds(own.answer, own.ask) if own else None)


# --- Tables --------------------------------------------------------------------------------------

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


def _from_table(content: bytes, name: str, kind: str) -> Bank:
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
            if said.get(column) and not _is_day(said[column]):
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


def _is_day(said: str) -> bool:
    try:
        return len(said) == 10 and bool(date.fromisoformat(said))
    except ValueError:
        return False


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


# --- What every bank must be ---------------------------------------------------------------------


def _faults(bank: Bank) -> Iterator[ConfigError]:
    """Yield what keeps entries from doing their work."""
    counted = Counter(entry.id for entry in bank.entries)
    limits = bank.thresholds
    if limits is not None and limits.ask > limits.answer:
        yield PolicyError("ask is above answer: nothing would be asked back", Where(bank.file), "let ask be lower")
    repeated: set[str] = set()
    for entry in bank.entries:
        where = Where(bank.file, entry.row)
        if counted[entry.id] > 1:
            if entry.id in repeated:
                yield PolicyError(f"the id {entry.id!r} is here twice", where, "rename one")
            repeated.add(entry.id)
        for what, hint in _faults_of(entry):
            yield PolicyError(f"entry {entry.id!r}: {what}", where, hint)


def _faults_of(entry: Entry) -> Iterator[tuple[str, str]]:
    if not _ID.match(entry.id):
        yield "its id holds spaces or one of | ; ,", "use letters, digits and hyphens"
    if not (entry.questions or entry.patterns or entry.keywords.all or entry.keywords.any):
        yield "nothing leads to it", "give it a question, a pattern or keywords"
    if not (entry.zh or entry.en or entry.handoff):
        yield "it has no answer", "write one in zh or en, or name who takes over: handoff"
    if any(len(question) > _LONGEST_QUESTION for question in entry.questions):
        yield f"a question has more than {_LONGEST_QUESTION} characters", "shorten it"
    if max(len(entry.zh), len(entry.en)) > _LONGEST_ANSWER:
        yield f"an answer has more than {_LONGEST_ANSWER} characters", "shorten it"
    if entry.approver and entry.approver == entry.author:
        yield "its author approved it", "let somebody else approve it"
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        yield f"it ends ({entry.valid_to}) before it begins ({entry.valid_from})", "swap the two"
    for day in (entry.valid_from, entry.valid_to):
        if day and not _is_day(day):
            yield f"there is no day {day}", "write a date of the calendar"
    for pattern in entry.patterns:
        try:
            fits_all = compiled(pattern).search("") is not None
        except PolicyError as error:
            yield error.what, error.hint
            continue
        if fits_all:
            yield f"the pattern {pattern!r} fits every question", "let it need a word"


def compiled(pattern: str) -> Any:
    """Return a pattern, compiled; raises ``PolicyError`` for one that runs in no linear time, or is none."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise PolicyError(f"the pattern {pattern!r} is none: {reason}", None, "see RE2's syntax") from None


def read_file(path: Path) -> Bank:
    """Read a bank; raises ``ConfigError``, also for a file that cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the file: {error.strerror}", Where(str(path)), "check the path") from None
    return read_bank(content, str(path))


# --- Writing -------------------------------------------------------------------------------------


def write_yaml(bank: Bank) -> str:
    """Write a bank as YAML that ``read_bank`` reads back the same."""
    head: dict[str, Any] = {"answers": 1}
    if bank.name:
        head["name"] = bank.name
    if bank.thresholds:
        head["thresholds"] = {"answer": bank.thresholds.answer, "ask": bank.thresholds.ask}
    head["entries"] = [_said(entry) for entry in bank.entries]
    return yaml.dump(head, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)


class _Plain(yaml.SafeDumper):
    """Writes dates and words that look like something else as text, in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything where it stands."""
        del data
        return True


def _said(entry: Entry) -> dict[str, Any]:
    valid = {key: day for key, day in (("from", entry.valid_from), ("to", entry.valid_to)) if day}
    words = {key: list(getattr(entry.keywords, key)) for key in ("all", "any", "none") if getattr(entry.keywords, key)}
    said: dict[str, Any] = {
        "id": entry.id,
        "state": entry.state,
        "version": entry.version,
        "questions": list(entry.questions),
        "patterns": list(entry.patterns),
        "keywords": words,
        "answer": {key: text for key, text in (("zh", entry.zh), ("en", entry.en)) if text},
        "tests": {key: list(some) for key, some in (("right", entry.yes), ("wrong", entry.no)) if some},
        "risks": list(entry.risks),
        "tenant": entry.tenant,
        "author": entry.author,
        "approver": entry.approver,
        "valid": valid,
        "sources": list(entry.sources),
        "handoff": entry.handoff,
        "history": [
            {key: getattr(one, key) for key in ("version", "at", "by", "what", "digest") if getattr(one, key)}
            for one in entry.history
        ],
    }
    return {key: value for key, value in said.items() if value}


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


# --- Changes -------------------------------------------------------------------------------------


def merged(old: Bank, new: Bank, *, by: str, day: str) -> Bank:
    """Lay new entries over a bank: what changed is a draft again, of the next version, with its history.

    Args:
        old: The bank.
        new: What was brought; entries that it lacks stay as they are.
        by: Who brings it.
        day: Today.
    """
    known = {entry.id: entry for entry in old.entries}
    for entry in new.entries:
        before = known.get(entry.id)
        if before is None:
            known[entry.id] = _noted(replace(entry, version=1), by, day, "created")
        elif before.digest != entry.digest:
            changed = replace(
                entry, version=before.version + 1, state="draft", author=by, approver="", history=before.history
            )
            known[entry.id] = _noted(changed, by, day, "changed")
    return replace(old, entries=tuple(known.values()))


def set_state(bank: Bank, id: str, state: Literal["approved", "retired"], *, by: str, day: str) -> Bank:
    """Approve or retire an entry; raises ``PolicyError`` if there is none, or its author would approve it."""
    entry = next((one for one in bank.entries if one.id == id), None)
    if entry is None:
        hint = suggest(id, [one.id for one in bank.entries]) or "see the ids in the bank"
        raise PolicyError(f"there is no entry {id!r}", Where(bank.file), hint)
    if state == "approved" and entry.author == by:
        raise PolicyError(f"{by} wrote {id!r}", Where(bank.file, entry.row), "let somebody else approve it")
    changed = replace(entry, state=state, approver=by if state == "approved" else entry.approver)
    noted = _noted(changed, by, day, state)
    return replace(bank, entries=tuple(noted if one.id == id else one for one in bank.entries))


def _noted(entry: Entry, by: str, day: str, what: str) -> Entry:
    return replace(entry, history=(*entry.history, Event(entry.version, day, by, what, entry.digest)))
