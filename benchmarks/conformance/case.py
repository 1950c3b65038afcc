"""Reads the cases: what is asked, what the model behind the gateway says, and what must be seen on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.document import Document, read_document, validate
from gateway.errors import ConfigError, Where

Dialect = Literal["chat", "completions", "embeddings", "messages", "moderations", "responses"]
CASES: Final = Path(__file__).with_name("cases")
FORM: Final = ConfigDict(extra="forbid", frozen=True)


class Two(BaseModel):
    """A text for people."""

    model_config = FORM
    zh: str
    en: str


class Tool(BaseModel):
    """A call of a tool that the model makes; its arguments are JSON in pieces."""

    model_config = FORM
    name: str = "send"
    arguments: str | tuple[str, ...]


class Break(BaseModel):
    """How an answer ends badly, and after how many of its pieces."""

    model_config = FORM
    how: Literal["close", "reset", "end", "garbage", "error"]
    after: int = Field(1, ge=0)


class Say(BaseModel):
    """What the model behind the gateway says, in whatever dialect it is asked.

    Attributes:
        text: The answer; a list is how a stream is cut.
        echo: Says the last thing it was told, in place of ``text``.
        pieces: Cuts text and arguments into pieces of so many characters.
        n: How many choices say so; further ones than the first say ``others`` where that is given.
        finish: Why it ends: ``stop``, ``length``, ``tool_calls`` or ``content_filter``.
        usage: Tokens of prompt and answer.
        status: An HTTP error in place of an answer, with ``body`` and ``retry_after``.
        breaks: How it fails on its way.
        bytes: Writes so many bytes at a time, through characters and frames alike.
        gzip: Compresses the body, asked for or not.
        comments: Puts a comment between events.
        crlf: Ends lines with CR and LF.
        extra: Fields that nobody asked for, in every body and event.
        holds: Waits with its answer until another question was answered.
        pause: Seconds between pieces.
    """

    model_config = FORM
    text: str | tuple[str, ...] | None = None
    others: str | None = None
    echo: bool = False
    pieces: int | None = Field(None, ge=1)
    reasoning: str = ""
    tools: tuple[Tool, ...] = ()
    n: int = Field(1, ge=1, le=8)
    finish: Literal["stop", "length", "tool_calls", "content_filter"] = "stop"
    usage: tuple[int, int] = (7, 5)
    status: int | None = Field(None, ge=400, le=599)
    body: str = ""
    retry_after: str | None = None
    breaks: Break | None = None
    bytes: int | None = Field(None, ge=1)
    gzip: bool = False
    comments: bool = False
    crlf: bool = False
    extra: dict[str, Any] = {}
    holds: bool = False
    pause: float = 0.0
    vectors: int = Field(1, ge=1)


class Expect(BaseModel):
    """What must be seen; what is not named is not looked at.

    Attributes:
        blocked: Whether the exchange was refused in a way that client libraries survive: HTTP 200 with the dialect's
            own reason in every choice, or HTTP 400/403 with its error envelope.
        status: HTTP statuses, any of them.
        error: The body (or the last frame) is the dialect's error envelope.
        text: What each choice says, but for a label of AI-made text.
        has: Strings that the client reads.
        lacks: Strings that the client reads nowhere: not in texts, raw bytes (escaped or not) or headers.
        finish: Why every choice ended.
        choices: How many there are.
        ended: The stream has its dialect's terminal frame once, and nothing after it.
        json_text: The text parses as JSON.
        json_arguments: The arguments of each call parse as JSON, and there is a call.
        arguments: Strings that stand in the values of the arguments.
        deltas: At least so many pieces of text came one by one.
        usage: Tokens of prompt and answer.
        unlabelled: No label of AI-made text stands in what the client reads.
        model: Whether the model was asked at all.
        model_lacks: Strings that were not sent to the model.
        model_has: Strings that were.
        verbatim: The fields of the request reached the model as they were, the model's name aside.
        left: The model noticed that the client had gone.
        asked: How often the model was asked.
        vectors: How many vectors came.
        flagged: Whether the text was flagged.
    """

    model_config = FORM
    blocked: bool | None = None
    status: tuple[int, ...] = ()
    error: bool = False
    text: str | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    finish: str | None = None
    choices: int | None = None
    ended: bool = False
    json_text: bool = False
    json_arguments: bool = False
    arguments: tuple[str, ...] = ()
    deltas: int | None = None
    usage: tuple[int, int] | None = None
    unlabelled: bool = False
    model: bool | None = None
    model_lacks: tuple[str, ...] = ()
    model_has: tuple[str, ...] = ()
    verbatim: tuple[str, ...] = ()
    left: bool = False
    asked: int | None = None
    vectors: int | None = None
    flagged: bool | None = None

    @model_validator(mode="after")
    def _looks_at_something(self) -> Expect:
        if not self.model_fields_set:
            raise ValueError("a case that expects nothing cannot fail — say what must be seen")
        return self


class Ask(BaseModel):
    """A question: the fields of the body as the dialect has them; ``model`` and ``stream`` are filled in."""

    model_config = FORM
    body: dict[str, Any]
    headers: dict[str, str] = {}
    query: str = ""
    leave_after: int | None = Field(None, ge=1, description="the client goes after so many frames")
    raw: str | None = Field(None, description="these bytes in place of the body")
    says: Say | None = None
    expect: Expect


class CaseFile(BaseModel):
    """A case as its file has it."""

    model_config = FORM
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    trap: Two
    stream: tuple[bool, ...] = (False, True)
    together: bool = False
    asks: Annotated[tuple[Ask, ...], Field(min_length=1)]


class CasesFile(BaseModel):
    """A file of cases of one dialect."""

    model_config = FORM
    dialect: Dialect
    cases: Annotated[tuple[CaseFile, ...], Field(min_length=1)]


class Case(BaseModel):
    """A case of a dialect, whole or streamed."""

    model_config = FORM
    dialect: Dialect
    stream: bool
    file: CaseFile

    @property
    def id(self) -> str:
        """Dialect, name and shape, such as ``chat/keyword-not-echoed/stream``."""
        return f"{self.dialect}/{self.file.id}/{'stream' if self.stream else 'whole'}"


def load_cases(paths: Iterable[Path] | None = None, dialects: Sequence[str] = ()) -> tuple[Case, ...]:
    """Read the cases that ship, or those of other files; of some dialects, or of all.

    Raises:
        ConfigError: A file cannot be read or is wrong, or an id is there twice: with file and line.
    """
    cases: list[Case] = []
    for path in sorted(CASES.glob("*.yaml")) if paths is None else paths:
        read, document = _read(path)
        ids = [case.id for case in read.cases]
        for at, name in enumerate(ids):
            if name in ids[:at]:
                raise ConfigError(f"the case {name!r} is here twice", document.where("cases", at), "rename one of them")
        if not dialects or read.dialect in dialects:
            cases += [
                Case(dialect=read.dialect, stream=shape, file=case) for case in read.cases for shape in case.stream
            ]
    return tuple(cases)


def _read(path: Path) -> tuple[CasesFile, Document]:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the cases: {error.strerror}", Where(str(path)), "give a YAML file") from None
    document = read_document(text, str(path))
    return validate(document, CasesFile), document
