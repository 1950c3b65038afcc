"""OpenAI embeddings: where a request holds text; the answer is numbers.

https://platform.openai.com/docs/api-reference/embeddings

Inputs that come as tokens cannot be judged: each is named as unread, and the policy says what that means. There is
no number to say a reply with: a refusal is an error, ``content_filter``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path, Question, Slot, Usage, dotted, shown
from gateway.ports import AnswerCodec, Frame, Passage
from gateway.wire.body import parse, rewrite
from gateway.wire.chat import error_object
from gateway.wire.made import Made
from gateway.wire.messages_frame import is_count
from gateway.wire.reading import Speaker, strings, wrong

PATH: Final = "/embeddings"
_SILENT: Final = frozenset({"model", "input", "encoding_format", "dimensions", "user", "input_type", "truncate"})
_ROW: Final = frozenset({"object", "index", "embedding"})
_KNOWN: Final = frozenset({"object", "data", "model", "usage", "id", "created"})
_USER: Final = Speaker("user", True)


def texts_or_tokens(name: str, value: object, most: int) -> Iterator[tuple[Path, str | None]]:
    """Yield the path of each input and its text, or None where it is tokens.

    Args:
        name: The field.
        value: A text, texts, tokens, or arrays of tokens.
        most: How many inputs are taken.

    Raises:
        RequestError: It is nothing of the kind.
    """
    if isinstance(value, str) and value:
        yield (name,), value
        return
    if not isinstance(value, list) or not value:
        raise wrong(name, "a non-empty string, or an array of strings or of tokens", value)
    if all(is_count(item) for item in value):
        yield (name,), None
        return
    if len(value) > most:
        text = f"{name} holds {len(value)} inputs; at most {most} are taken."
        raise RequestError(text, code="too_many_inputs", param=name)
    for number, item in enumerate(value):
        at: Path = (name, number)
        if isinstance(item, str):
            yield at, item
        elif isinstance(item, list) and item and all(is_count(token) for token in item):
            yield at, None
        else:
            raise wrong(dotted(at), "a string or an array of tokens", item)


class Embeddings:
    """The dialect of ``POST /v1/embeddings``.

    Args:
        most_inputs: Requests with more inputs are refused (400 ``too_many_inputs``).
    """

    name = "embeddings"

    def __init__(self, most_inputs: int = 4096) -> None:
        self._most_inputs = most_inputs

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; raises ``RequestError`` with what and where."""
        body = parse(raw)
        if not isinstance(body.get("model"), str) or not body["model"]:
            raise wrong("model", "a non-empty string", body.get("model"))
        slots: list[Slot] = []
        unread: list[str] = []
        for at, text in texts_or_tokens("input", body.get("input"), self._most_inputs):
            if text is None:
                unread.append(dotted(at))
            elif text:
                slots.append(Slot(at, "user", "content", text))
        for key, value in body.items():
            if key not in _SILENT:  # an instruction for the model, where a server takes one
                slots.extend(strings((key,), value, _USER, frozenset()))
        return Question(
            dialect=self.name,
            raw=raw,
            body=body,
            model=body["model"],
            stream=False,
            slots=tuple(slots),
            unread=tuple(unread),
            plain=False,
            user=body["user"] if isinstance(body.get("user"), str) else None,
            wordless=True,
            lasting=True,
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots and the model name."""
        every: dict[Path, str] = dict(changes)
        if model != question.model:
            every["model",] = model
        return rewrite(question.raw, every) if every else question.raw

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for the answer."""
        return EmbeddingsAnswer(upstream)

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})


class EmbeddingsAnswer:
    """Reads one answer and hands it on as it came: numbers say nothing that could be hidden."""

    content_type = "application/json"

    def __init__(self, upstream: str) -> None:
        self._made = Made(upstream)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; the answer has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._made.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        raw = self._made.whole()
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise self._made.broke("sent an answer that is not JSON") from None
        rows = body.get("data") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not rows or not all(_is_row(row) for row in rows):
            raise self._made.broke("sent an answer that holds no embeddings (data, an array of objects)")
        unread = [shown(key) for key, value in body.items() if key not in _KNOWN and _may_say(value)]
        unread += [
            f"data[{number}].{shown(key)}"
            for number, row in enumerate(rows)
            if not _ROW.issuperset(row)
            for key, value in row.items()
            if key not in _ROW and _may_say(value)
        ]
        usage = body.get("usage")
        asked = usage.get("prompt_tokens") if isinstance(usage, dict) else None
        return [Frame(raw, body, usage=Usage(asked) if is_count(asked) else None, unread=tuple(unread), last=True)]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the answer as it came."""
        return frame.raw

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Nothing: no number says words of ours; the path gives an error."""
        return b""

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing: a whole answer leaves at once or not at all."""
        return b""


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("embedding"), list | str)


def _may_say(value: object) -> bool:
    return bool(value) and isinstance(value, str | list | dict)
