"""Banks as YAML, for git: all that an entry can say, with its history; what is written reads back the same."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.answers.bank import Bank, Thresholds
from gateway.answers.entry import Entry, Event, Keywords, State
from gateway.document import MAX_BYTES, read_document, validate
from gateway.errors import PolicyError, Where

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="a date such as 2026-11-26")]
Share = Annotated[float, Field(ge=0, le=1, description="0 to 1")]


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


def from_yaml(content: bytes, name: str) -> Bank:
    """Read a bank; raises ``ConfigError`` for what cannot be one, with file and line."""
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
