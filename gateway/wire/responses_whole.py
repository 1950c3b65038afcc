"""OpenAI responses that come as one body: their texts in, and how a changed one leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.exchange import Question, Usage
from gateway.ports import Frame, Passage
from gateway.wire.chat_frame import broke, dump
from gateway.wire.incoming import WholeBody
from gateway.wire.responses_frame import hidden_in_response, read_whole, usage_of
from gateway.wire.responses_own import FILTERED, counts, echo, own_message, shape
from gateway.wire.responses_seals import drop_broken_seal


class ResponsesWhole:
    """Reads and writes one response.

    Attributes:
        answer: The response as the client has it, once it is written.
    """

    content_type = "application/json"

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self._upstream = question, upstream
        self._body = WholeBody(upstream)
        self._own: dict[str, Any] | None = None
        self.answer: dict[str, Any] | None = None

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; a whole answer has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._body.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        data = whole_of(self._body, self._upstream)
        found, self._own = read_whole(data, self._upstream)
        frame = found.frame(
            self._body.raw(),
            data,
            ends={0: str(data.get("status"))},
            usage=usage_of(data.get("usage")),
            unread=hidden_in_response(data),
            last=True,
        )
        return [frame]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the answer, as it came if nothing changed; raises ``UpstreamBroke`` if it cannot be written."""
        data: dict[str, Any] = frame.data
        own = "".join(delta.text for delta in passage.tail)
        before = dump(data, self._upstream)
        if passage.stops:
            filtered = passage.stops[0] == "content_filter"
            data["status"] = "incomplete" if filtered else "completed"
            data["incomplete_details"] = FILTERED if filtered else None
            data["output"] = [own_message(own, f"msg_{data.get('id', 'resp')}", data["status"])]
        else:
            for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
                if text != delta.text:
                    place[key] = text
                    place.pop("logprobs", None)  # they spell the words out a second time
            for item in data["output"]:
                drop_broken_seal(item)
            if own and self._own is not None:
                self._own["text"] += own
            elif own:
                data["output"].append(own_message(own, f"msg_{data.get('id', 'resp')}", "completed"))
        echo(data, self._question)
        data.update(passage.fields)
        self.answer = data
        after = dump(data, self._upstream)
        return frame.raw if before == after and not passage.relabelled else after

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        filtered = reason == "content_filter"
        status = "incomplete" if filtered else "completed"
        self.answer = {
            **shape(self._question, id, created),
            "status": status,
            "incomplete_details": FILTERED if filtered else None,
            "output": [own_message(text, f"msg_{id}", status)],
            "usage": counts(Usage()),
            **fields,
        }
        return orjson.dumps(self.answer)

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing: a whole answer leaves at once or not at all."""
        return b""


def whole_of(body: WholeBody, upstream: str) -> dict[str, Any]:
    """Parse a whole response: an object whose output is items that have types; raises ``UpstreamBroke``."""
    data = body.object()
    output = data.get("output")
    if not isinstance(output, list) or not all(isinstance(item, dict) and item.get("type") for item in output):
        raise broke(upstream, "sent an answer that holds no output items")
    return data
