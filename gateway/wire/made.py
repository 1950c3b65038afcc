"""Requests for something other than words (a picture, a sound): what they have in common.

The fields that the model does not read as text are named by each dialect; every other string is a
text of the user's, also in fields that OpenAI does not know: some upstream shows them to its model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError, UpstreamBroke
from gateway.exchange import Path, Question, Slot
from gateway.wire.body import parse, rewrite
from gateway.wire.chat import error_object
from gateway.wire.reading import Speaker, check_integer, strings, wrong

MOST_MADE: Final = 64 * 1024 * 1024
"""Bytes that an answer may have before its upstream counts as broken."""

_USER: Final = Speaker("user", True)


class Requests:
    """Reads and writes the requests of one endpoint.

    Args:
        name: The dialect's name.
        asked: The field that says what to make.
        silent: Fields that the model does not read as text.
        streams: Fields that ask for pieces, with the value that does.
    """

    def __init__(self, name: str, asked: str, silent: Collection[str], streams: Mapping[str, object]) -> None:
        self.name = name
        self._asked, self._silent, self._streams = asked, frozenset({"model", "user", *silent}), streams

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; raises ``RequestError`` with what and where."""
        body = parse(raw)
        for field in ("model", self._asked):
            if not isinstance(body.get(field), str) or not body[field]:
                raise wrong(field, "a non-empty string", body.get(field))
        for field, value in self._streams.items():
            if body.get(field) == value:
                text = f"{field} is not served here: a label belongs to all of what is made. Leave it out."
                raise RequestError(text, code="stream_not_served", param=field)
        check_integer("n", body.get("n"), 1, 128)
        first = Slot((self._asked,), "user", "content", body[self._asked], True)
        others = (key for key in body if key != self._asked and key not in self._silent)
        rest = [
            slot._replace(kind="content") if len(slot.path) == 1 else slot  # instructions, a negative prompt
            for key in others
            for slot in strings((key,), body[key], _USER, frozenset())
        ]
        return Question(
            dialect=self.name,
            raw=raw,
            body=body,
            model=body["model"],
            stream=False,
            slots=(first, *rest),
            plain=False,
            choices=body.get("n") or 1,
            user=body["user"] if isinstance(body.get("user"), str) else None,
            wordless=True,
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots and the model name."""
        every: dict[Path, str] = dict(changes)
        if model != question.model:
            every["model",] = model
        return rewrite(question.raw, every) if every else question.raw

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})


class Made:
    """Collects an answer that is taken whole.

    Args:
        upstream: Who sends it, for errors.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self._raw = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take bytes; raises ``UpstreamBroke`` for too many."""
        self._raw += chunk
        if len(self._raw) > MOST_MADE:
            raise self.broke(f"sent an answer of more than {MOST_MADE} bytes")

    def whole(self) -> bytes:
        """Return all of it."""
        return bytes(self._raw)

    def broke(self, what: str) -> UpstreamBroke:
        """Say what the upstream did wrong; never what it sent."""
        return UpstreamBroke(f"The upstream {self.upstream!r} {what}.", upstream=self.upstream)
