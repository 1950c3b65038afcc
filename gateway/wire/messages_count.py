"""How many tokens a request has: the upstream's count, or an estimate that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.exchange import Question, Usage
from gateway.ports import Frame, Passage
from gateway.wire.chat_frame import broke, parse

_MOST: Final = 64 * 1024
"""Bytes that a count may have before its upstream counts as broken."""
_NOT_SAID: Final = frozenset({"role", "type", "id", "tool_use_id", "signature", "media_type"})


class Count:
    """Reads and writes one ``{"input_tokens": …}``. It holds no words: only numbers of it are passed on."""

    content_type = "application/json"

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self._upstream = question, upstream
        self._raw = b""

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; the count is its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._raw += chunk
        if len(self._raw) > _MOST:
            raise broke(self._upstream, f"sent a count of more than {_MOST} bytes")
        return []

    def finish(self) -> list[Frame]:
        """Return the count as one frame; raises ``UpstreamBroke`` if it is none."""
        data = parse(self._raw, "a count", self._upstream)
        if type(data.get("input_tokens")) is not int:
            raise broke(self._upstream, "sent a count that is no number")
        # Counting is no generation: it adds nothing to the tokens of this exchange.
        return [Frame(self._raw, data, usage=Usage(), last=True)]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the count; no label belongs to a number."""
        if frame.data is None:
            return b""
        numbers = {key: value for key, value in frame.data.items() if isinstance(value, int)}
        return orjson.dumps(numbers)

    def end(self, usage: Usage) -> bytes:
        """A count ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Answer without the model: a refused request has a size too, and nobody was asked for it."""
        return estimate("".join(slot.text for slot in self._question.slots))

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing of a count leaves before it is whole, so it cannot break off."""
        return b""


def estimate(text: str) -> bytes:
    """Return a guessed count: about three bytes of UTF-8 a token, as everywhere in Sluice."""
    return orjson.dumps({"input_tokens": -(-len(text.encode("utf-8", "replace")) // 3), "estimated": True})


def estimate_of(body: bytes) -> bytes:
    """Return a guessed count of a request that its dialect has checked: every text of it, no pictures."""
    asked = orjson.loads(body)
    texts: list[str] = []
    pending = [asked.get(key) for key in ("system", "tools", "messages")]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict) and item.get("type") != "base64":
            pending.extend(value for key, value in item.items() if key not in _NOT_SAID)
    return estimate("".join(texts))
