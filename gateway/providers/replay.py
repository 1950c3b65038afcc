"""Answers from a script: for tests, demonstrations and documentation, good answers and broken ones.

A script is a YAML list of rows, or a JSONL file with a row a line. The first row whose ``match``
is part of the last user message answers; ``"*"`` matches every message::

    - match: 你好
      answer: 你好！有什么可以帮您？
    - match: weather
      answer:
        reasoning: The tool knows.
        tool_calls: [{name: weather, arguments: '{"city": "Paris"}'}]
      pieces: chars
    - match: two ways
      choices: [{content: One way}, {content: Another, finish_reason: length}]
    - match: "*"
      answer: It breaks off before this is said
      pieces: [It breaks off, " before this is said"]
      fail: {how: close, after: 1}

``answer``
    A text, or ``content``, ``reasoning``, ``tool_calls`` (``name`` and ``arguments``, a JSON text)
    and ``finish_reason`` (default ``stop``, and ``tool_calls`` where tools are called).
``choices``
    Several answers, in place of ``answer``. Without it ``n`` repeats the one answer.
``pieces``
    How a stream is cut: the pieces of the content as a list that joins to the whole, a number of
    characters for every piece of every text, or ``chars`` for one. Default: uncut.
``usage``
    ``[prompt, completion]`` tokens; default: counted simply.
``fail``
    ``how`` it fails, and ``after`` how many pieces of each choice. 0 is before anything is said.
    A whole answer counts as two pieces, its halves. At the latest it fails before its last event.

    =========== ==================================================================================
    unreachable no connection (502); before the answer, whatever ``after`` says
    status      an HTTP error with ``status`` (default 503), ``body``, ``retry_after``; so too
    timeout     no piece in time (504)
    close       the connection breaks off
    end         a proper end, but without the rest: no finish reason, no ``[DONE]``
    stall       nothing more, for ever
    garbage     something that is no JSON, then the rest
    =========== ==================================================================================
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from gateway.document import Document, Place, read_document, validate
from gateway.errors import (
    ConfigError,
    ConfigErrors,
    UpstreamBroke,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    Where,
)
from gateway.ports import Call, Clock
from gateway.providers.completion import EVENTS, JSON, Asked, Choice, Head, asked, events, tokens, usage, whole
from gateway.providers.completion import ToolCall as Called
from gateway.providers.echo import PATH, not_served

_GARBAGE: Final = b'data: {"choices": [{"delta": {"content":\n\n'


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolCall(_Shape):
    """A call of a tool."""

    name: str
    arguments: str = Field("{}", description="the arguments as JSON text")


class Answer(_Shape):
    """What one choice says."""

    content: str | None = None
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None


class Failure(_Shape):
    """How an answer fails."""

    how: Literal["unreachable", "status", "timeout", "close", "end", "stall", "garbage"]
    after: int = Field(0, ge=0, description="how many pieces of each choice come first")
    status: int = Field(503, ge=400, le=599)
    body: str = ""
    retry_after: str | None = None


class Row(_Shape):
    """One row of a script: which question, which answer."""

    match: str = Field(min_length=1, description='part of the last user message, or "*" for any')
    answer: str | Answer | None = None
    choices: tuple[Answer, ...] = ()
    pieces: int | Literal["chars"] | tuple[str, ...] | None = Field(
        None, description="a list of texts, a number of characters, or chars"
    )
    usage: tuple[int, int] | None = Field(None, description="prompt and completion tokens")
    fail: Failure | None = None

    @model_validator(mode="after")
    def _fits(self) -> Row:
        if self.answer is None and not self.choices and self.fail is None:
            raise ValueError("a row has either an answer or choices — write one of the two")
        if self.answer is not None and self.choices:
            raise ValueError("a row has either an answer or choices — remove one of the two")
        if isinstance(self.pieces, int) and self.pieces < 1:
            raise ValueError("a piece has at least one character — write 1 or more")
        if isinstance(self.pieces, tuple):
            contents = [said.content or "" for said in self.said()]
            if any("".join(self.pieces) != content for content in contents):
                raise ValueError("the pieces do not join to the content — they are the content, cut")
        return self

    def said(self) -> tuple[Answer, ...]:
        """Return the choices, also where the row has but one answer."""
        if self.choices:
            return self.choices
        return (self.answer if isinstance(self.answer, Answer) else Answer(content=self.answer or ""),)


class Script(RootModel[tuple[Row, ...]]):
    """A whole script."""


def read_script(raw: bytes, file: str) -> tuple[Row, ...]:
    """Read a script.

    Args:
        raw: The content.
        file: Its name, for messages; one that ends in ``.jsonl`` has a row a line.

    Raises:
        ConfigErrors: Everything that is wrong, with file and line.
    """
    return validate(_lines(raw, file) if file.endswith(".jsonl") else read_document(raw, file), Script).root


def _lines(raw: bytes, file: str) -> Document:
    rows: list[object] = []
    places: dict[Place, Where] = {(): Where(file, 1)}
    wrong: list[ConfigError] = []
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        places[len(rows),] = Where(file, number)
        try:
            rows.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            rows.append(None)
            wrong.append(ConfigError(f"the line is not JSON: {error.msg}", Where(file, number, error.colno)))
    if wrong:
        raise ConfigErrors(wrong)
    return Document(file, rows, places)


class Replay:
    """Answers chats from a script. The same call gives the same bytes but for ``created``.

    Args:
        name: The configured name, for messages.
        rows: The script, from ``read_script``.
        clock: Gives the time of ``created``.
    """

    def __init__(self, name: str, rows: Sequence[Row], *, clock: Clock) -> None:
        self.name = name
        self._rows = tuple(rows)
        self._clock = clock

    async def open(self, call: Call) -> _Replayed:
        """Begin the scripted answer.

        Raises:
            UpstreamRefused: 404 for a question without a row and for anything but a chat; what a
                row says.
            UpstreamUnreachable: If a row says so.
            UpstreamTimeout: If a row says so.
        """
        if call.path != PATH:
            raise not_served(self.name, call.path)
        question = asked(call.body)
        row = next((row for row in self._rows if row.match == "*" or row.match in question.text), None)
        if row is None:
            message = f"Upstream {self.name!r}: no row of its script matches this question; add one, or a '*' row."
            raise UpstreamRefused(message, upstream=self.name, status=404)
        if row.fail:
            self._fail_early(row.fail)
        choices = _choices(row, question)
        pieces = self._pieces(call, question, row, choices)
        if row.fail is None:
            before = len(pieces)
        elif call.stream:
            before = min(len(choices) * (1 + row.fail.after) if row.fail.after else 0, len(pieces) - 1)
        else:
            before = min(row.fail.after, 1)
        return _Replayed(self.name, EVENTS if call.stream else JSON, pieces, before, row.fail)

    async def aclose(self) -> None:
        """Nothing is open."""

    def _fail_early(self, fail: Failure) -> None:
        if fail.how == "unreachable":
            raise UpstreamUnreachable(f"Upstream {self.name!r}: cannot connect (scripted).", upstream=self.name)
        if fail.how == "status":
            raise UpstreamRefused(
                f"Upstream {self.name!r}: answered with HTTP {fail.status}.",
                upstream=self.name,
                status=fail.status,
                body=fail.body.encode(),
                retry_after=fail.retry_after,
            )
        if fail.how == "timeout" and not fail.after:
            raise UpstreamTimeout(f"Upstream {self.name!r}: no answer in time (scripted).", upstream=self.name)

    def _pieces(self, call: Call, question: Asked, row: Row, choices: list[Choice]) -> list[bytes]:
        head = Head(f"chatcmpl-{call.id}", int(self._clock()), call.model)
        said = sum(len(tokens("".join((*choice.reasoning, *(choice.content or ()))))) for choice in choices)
        counts = usage(*row.usage) if row.usage else usage(question.prompt, said)
        if call.stream:
            return list(events(head, choices, counts if question.usage else None))
        body = whole(head, choices, counts)
        return [body[: len(body) // 2], body[len(body) // 2 :]] if row.fail else [body]


class _Replayed:
    """A scripted answer: so many pieces, then the failure, if there is one."""

    def __init__(self, name: str, content_type: str, pieces: list[bytes], before: int, fail: Failure | None) -> None:
        self.content_type = content_type
        self._name = name
        self._pieces = pieces
        self._before = before
        self._fail = fail

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces until the failure."""
        for piece in self._pieces[: self._before]:
            await asyncio.sleep(0)
            yield piece
        how = self._fail.how if self._fail else None
        if how == "close":
            raise UpstreamBroke(f"Upstream {self._name!r}: its answer broke off (scripted).", upstream=self._name)
        if how == "timeout":
            raise UpstreamTimeout(f"Upstream {self._name!r}: no further piece in time (scripted).", upstream=self._name)
        if how == "stall":
            await asyncio.Event().wait()
        if how == "garbage":
            yield _GARBAGE
            for piece in self._pieces[self._before :]:
                await asyncio.sleep(0)
                yield piece

    async def aclose(self) -> None:
        """Nothing is held."""


def _choices(row: Row, question: Asked) -> list[Choice]:
    said = row.choices or row.said() * question.n
    return [_choice(answer, row) for answer in said]


def _choice(answer: Answer, row: Row) -> Choice:
    size = 1 if row.pieces == "chars" else row.pieces if isinstance(row.pieces, int) else None
    content = row.pieces if isinstance(row.pieces, tuple) else _cut(answer.content or "", size)
    return Choice(
        content=None if answer.content is None else content,
        reasoning=_cut(answer.reasoning, size),
        tool_calls=tuple(Called(tool.name, _cut(tool.arguments, size)) for tool in answer.tool_calls),
        finish=answer.finish_reason or ("tool_calls" if answer.tool_calls else "stop"),
    )


def _cut(text: str, size: int | None) -> tuple[str, ...]:
    step = size or len(text) or 1
    return tuple(text[at : at + step] for at in range(0, len(text), step))
