"""Reads a data set from JSON lines; a row that is wrong is named with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluators.sample import Language, Passage, Sample, Should
from gateway.document import suggest
from gateway.errors import ConfigError, ConfigErrors, Where

Word = Annotated[str, Field(min_length=1, max_length=200)]
MAX_PROBLEMS = 20
"""A file that is wrong in every line is wrong in one way: more messages would not help."""


class PassageRow(BaseModel):
    """A passage as a row writes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Word
    text: Annotated[str, Field(min_length=1)]


class CallRow(BaseModel):
    """A call of a tool as a row writes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Word
    args: dict[str, Any] = Field(default_factory=dict)


class Row(BaseModel):
    """A line of a data set; ``Sample`` says what the fields mean."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Word
    question: Annotated[str, Field(min_length=1)]
    lang: Language
    system: str = ""
    contexts: tuple[PassageRow, ...] = ()
    relevant: tuple[Word, ...] | None = None
    reference: str | None = None
    should: Should | None = None
    risk: str = ""
    kind: str = ""
    secrets: tuple[Annotated[str, Field(min_length=3)], ...] = ()
    allowed: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    answer: str | None = None
    faithful: bool | None = None
    error: str = ""
    group: str = ""
    topics: tuple[Word, ...] = ()
    calls: tuple[CallRow, ...] | None = None
    called: tuple[CallRow, ...] = ()

    def sample(self) -> Sample:
        """Return the row as scorers read it."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        fields["contexts"] = tuple(Passage(passage.id, passage.text) for passage in self.contexts)
        fields["calls"] = None if self.calls is None else tuple(call.model_dump() for call in self.calls)
        fields["called"] = tuple(call.model_dump() for call in self.called)
        return Sample(**fields)


def read_dataset(path: Path) -> tuple[Sample, ...]:
    """Read every row of a JSON lines file (UTF-8; blank lines are passed over).

    Raises:
        ConfigErrors: The file cannot be read, holds no row, or rows are wrong: no JSON object, an
            unknown or missing key, an id that was there before, a passage twice.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except OSError as error:
        hint = "the suite's key 'data' names it, relative to the suite"
        raise ConfigErrors([ConfigError(f"cannot read the data: {error.strerror}", Where(str(path)), hint)]) from None
    except UnicodeDecodeError:
        raise ConfigErrors([ConfigError("the data is not UTF-8", Where(str(path)), "save it as UTF-8")]) from None
    samples: list[Sample] = []
    problems: list[ConfigError] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = Where(str(path), number)
        row = _row(line, where, problems)
        if row is None:
            continue
        if row.id in seen:
            problems.append(
                ConfigError(f"the id {row.id!r} is here twice", where, f"the first is in line {seen[row.id]}")
            )
        seen.setdefault(row.id, number)
        problems += _misfits(row, where)
        samples.append(row.sample())
    if not samples and not problems:
        problems.append(ConfigError("the data holds no row", Where(str(path)), "write one JSON object per line"))
    if problems:
        raise ConfigErrors(problems[:MAX_PROBLEMS])
    return tuple(samples)


def _row(line: str, where: Where, problems: list[ConfigError]) -> Row | None:
    try:
        value = json.loads(line, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        problems.append(
            ConfigError(
                f"not JSON: {error.msg}", Where(where.file, where.line, error.colno), "one JSON object per line"
            )
        )
        return None
    except ValueError as error:
        problems.append(ConfigError(str(error), where, "write it once"))
        return None
    try:
        return Row.model_validate_json(json.dumps(value))
    except ValidationError as error:
        problems.extend(_problem(detail, where) for detail in error.errors(include_url=False, include_input=False))
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the key {name!r} is here twice")
    return dict(pairs)


def _problem(detail: Any, where: Where) -> ConfigError:
    place = ".".join(str(part) for part in detail["loc"]) or "the row"
    if detail["type"] == "extra_forbidden":
        hint = suggest(str(detail["loc"][-1]), Row.model_fields) or f"known keys: {', '.join(Row.model_fields)}"
        return ConfigError(f"unknown key {place!r}", where, hint)
    if detail["type"] == "missing":
        return ConfigError(f"the key {place!r} is missing", where, "add it")
    return ConfigError(f"{place!r}: {detail['msg'].lower()}", where)


def _misfits(row: Row, where: Where) -> list[ConfigError]:
    problems = []
    ids = [passage.id for passage in row.contexts]
    if len(set(ids)) < len(ids):
        problems.append(ConfigError("two passages have the same id", where, "a ranking holds each passage once"))
    if row.faithful is not None and row.answer is None:
        problems.append(ConfigError("'faithful' judges an answer that is not there", where, "add 'answer'"))
    if row.error and row.faithful is not False:
        problems.append(
            ConfigError("'error' names what was planted in an unfaithful answer", where, "add 'faithful': false")
        )
    return problems
