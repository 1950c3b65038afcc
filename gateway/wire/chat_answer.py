"""OpenAI chat answers, whole and streamed: which texts they bring, and how changed ones leave.

Both codecs read the same shape (a ``message``, or the ``delta`` of one) with the same code; a
whole answer is a stream of one frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Delta, Question, Usage
from gateway.ports import Frame, Passage
from gateway.wire.sse import DONE, Event, EventBuffer, event

MOST_HELD: Final = 8 * 1024 * 1024
"""Bytes that one event may have before its upstream counts as broken."""

_TEXT_KEYS: Final = {
    "content": "content",
    "reasoning_content": "reasoning",
    "reasoning": "reasoning",
    "refusal": "refusal",
}
_OTHER_KEYS: Final = frozenset({"role", "tool_calls", "function_call"})
_SHAPE: Final = ("id", "object", "created", "model", "system_fingerprint")
_ERRORS: Final = {"type": "server_error", "param": None}


class _Reading:
    """What was found in one frame, collected choice by choice."""

    __slots__ = ("bare", "deltas", "ends", "places", "unread")

    def __init__(self) -> None:
        self.deltas: list[Delta] = []
        self.places: list[tuple[dict[str, Any], str]] = []
        self.ends: dict[int, str] = {}
        self.unread: list[str] = []
        self.bare = True

    def choice(self, choice: dict[str, Any], key: str) -> None:
        number = choice.get("index")
        number = number if isinstance(number, int) else 0
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self.ends[number] = reason
            self.bare = False
        piece = choice.get(key)
        if isinstance(piece, dict):
            self._message(number, piece, f"choices[{number}].{key}")

    def _message(self, number: int, piece: dict[str, Any], path: str) -> None:
        for key, value in piece.items():
            if key in _TEXT_KEYS:
                if isinstance(value, str):
                    self._text(Channel(number, _TEXT_KEYS[key]), piece, key)  # type: ignore[arg-type]
                elif isinstance(value, list):
                    self._parts(number, value, f"{path}.{key}")
            elif key == "tool_calls" and isinstance(value, list):
                self._calls(number, value)
            elif key == "function_call" and isinstance(value, dict):
                self.bare = False
                if isinstance(value.get("arguments"), str):
                    self._text(Channel(number, "arguments", -1), value, "arguments")
            elif value is not None:
                self.bare = False
                if key not in _OTHER_KEYS and isinstance(value, str | list | dict) and value:
                    self.unread.append(f"{path}.{key}")

    def _parts(self, number: int, parts: list[Any], path: str) -> None:
        self.bare = False
        for at, part in enumerate(parts):
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                self._text(Channel(number, "content"), part, "text")
            else:
                self.unread.append(f"{path}[{at}]")

    def _calls(self, number: int, calls: list[Any]) -> None:
        for at, call in enumerate(calls):
            if not isinstance(call, dict):
                continue
            index = call.get("index", at)
            function = call.get("function")
            if call.get("id") or (isinstance(function, dict) and function.get("name")):
                self.bare = False
            if isinstance(function, dict) and isinstance(function.get("arguments"), str):
                channel = Channel(number, "arguments", index if isinstance(index, int) else at)
                self._text(channel, function, "arguments")
            elif "custom" in call:
                self.bare = False
                self.unread.append(f"choices[{number}].tool_calls[{at}].custom")

    def _text(self, channel: Channel, place: dict[str, Any], key: str) -> None:
        self.deltas.append(Delta(channel, place[key]))
        self.places.append((place, key))


def _read(raw: bytes, data: dict[str, Any], key: str) -> Frame:
    """Find the texts of a chunk (``key`` is ``delta``) or of a whole answer (``message``)."""
    reading = _Reading()
    choices = data.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            reading.choice(choice, key)
    usage = data.get("usage")
    return Frame(
        raw,
        data,
        tuple(reading.deltas),
        tuple(reading.places),
        reading.ends,
        reading.bare and not usage and bool(reading.deltas),
        _usage(usage) if isinstance(usage, dict) else None,
        tuple(reading.unread),
    )


def _usage(usage: Mapping[str, Any]) -> Usage:
    asked, said = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(asked if isinstance(asked, int) else 0, said if isinstance(said, int) else 0)


def _place_texts(frame: Frame, passage: Passage) -> set[int]:
    """Write the settled texts into the frame's data; return the choices in which one changed."""
    changed: set[int] = set()
    for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
        if text != delta.text:
            place[key] = text
            changed.add(delta.channel.choice)
    return changed


def _index(choice: object) -> int:
    number = choice.get("index") if isinstance(choice, dict) else 0
    return number if isinstance(number, int) else 0


class ChatStream:
    """Reads and writes ``chat.completion.chunk`` events.

    Args:
        question: What was asked.
        upstream: Name of the upstream, for errors.
        whole: The upstream sends one body although a stream was asked for.
    """

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, question: Question, upstream: str, *, whole: bool = False) -> None:
        self._question, self._upstream, self._whole = question, upstream, whole
        self._buffer = EventBuffer()
        self._body: list[bytes] = []
        self._shape: dict[str, Any] = {"object": "chat.completion.chunk", "model": question.model}
        self._reasoning = "reasoning_content"
        self._begun: set[int] = set()
        self._ended: set[int] = set()
        self._done = False

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes, return the frames that are complete; raises ``UpstreamBroke``."""
        if self._whole:
            self._body.append(chunk)
            return []
        events = self._buffer.feed(chunk)
        if len(self._buffer.held) > MOST_HELD:
            raise self._broke(f"sent an event of more than {MOST_HELD} bytes")
        return [frame for item in events if (frame := self._frame(item))]

    def finish(self) -> list[Frame]:
        """The upstream closed: return what is left; raises ``UpstreamBroke`` if it broke off."""
        rest = _as_events(b"".join(self._body), self._broke) if self._whole else self._buffer.rest()
        frames = [frame for item in rest if (frame := self._frame(item))]
        if self._done:
            return frames
        if not self._begun or self._begun - self._ended:
            raise self._broke("closed the stream before the answer was finished")
        self._done = True
        return [*frames, Frame(DONE, last=True)]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave in place of a frame."""
        if frame.data is None:
            return b"".join(self._say(delta) for delta in passage.tail) + frame.raw
        data: dict[str, Any] = frame.data
        changed = _place_texts(frame, passage)
        muted = bool(passage.mute) and any(_index(choice) in passage.mute for choice in data.get("choices") or ())
        own = passage.tail or passage.stops
        if not (changed or own or muted or passage.fields):
            return frame.raw
        if frame.bare and not own and not passage.fields and not any(passage.texts):
            return b""
        # Log probabilities spell the words out: they may not leave where the words changed.
        choices = [
            {**choice, "logprobs": None} if _index(choice) in changed else choice
            for choice in data.get("choices") or ()
            if _index(choice) not in passage.mute
        ]
        if not own:
            if not choices and muted and not frame.usage:
                return b""
            return event(orjson.dumps({**data, "choices": choices, **passage.fields}))
        return b"".join(self._split(data, choices, frame, passage))

    def _split(
        self, data: dict[str, Any], choices: list[dict[str, Any]], frame: Frame, passage: Passage
    ) -> Iterator[bytes]:
        """Write a frame in two: its own words, then ours, then the ends of its choices."""
        said = []
        for choice in choices:
            delta = choice.get("delta") or {}
            if _index(choice) in passage.stops:  # of a choice that stops here only words may still leave
                delta = {key: value for key, value in delta.items() if key in (*_TEXT_KEYS, "role")}
            if any(value not in ("", None) for value in delta.values()):
                said.append({**choice, "delta": delta, "finish_reason": None})
        ends = {choice: why for choice, why in frame.ends.items() if choice not in passage.mute} | passage.stops
        fields = passage.fields
        if said:
            yield event(orjson.dumps({key: said if key == "choices" else data[key] for key in data if key != "usage"}))
        for at, delta in enumerate(passage.tail):
            alone = not ends and at == len(passage.tail) - 1
            yield self._say(delta, fields if alone else {})
        if ends or frame.usage:
            finished = [{"index": choice, "delta": {}, "finish_reason": why} for choice, why in ends.items()]
            yield event(orjson.dumps({**data, "choices": finished, **fields}))

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped: usage if asked for, and the terminal."""
        return self._usage(usage) + DONE

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        self._shape = {**self._shape, "id": f"chatcmpl-{id}", "created": created}
        first = {"role": "assistant", "content": text}
        last = {**self._shape, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}], **fields}
        said = {**self._shape, "choices": [{"index": 0, "delta": first, "finish_reason": None}]}
        return event(orjson.dumps(said)) + event(orjson.dumps(last)) + self._usage(Usage()) + DONE

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of an answer that broke off in the middle."""
        error = {"error": {**_ERRORS, "message": message, "code": code}, "sluice": {"request_id": id}}
        return event(orjson.dumps(error)) + DONE

    def _frame(self, item: Event) -> Frame | None:
        if self._done:
            return None  # nothing follows the terminal
        if item.data is None:
            return Frame(item.raw)
        if item.data.strip() == b"[DONE]":
            self._done = True
            return Frame(item.raw, last=True)
        try:
            data = orjson.loads(item.data)
        except orjson.JSONDecodeError:
            raise self._broke("sent an event that is not JSON") from None
        if not isinstance(data, dict):
            raise self._broke("sent an event that is not an object")
        if data.get("error") and not data.get("choices"):
            raise self._broke("reported an error in the middle of the answer")
        self._shape.update((key, data[key]) for key in _SHAPE if key in data)
        frame = _read(item.raw, data, "delta")
        for choice in data.get("choices") or ():
            self._begun.add(_index(choice))
        for (_, key), delta in zip(frame.places, frame.deltas, strict=True):
            if delta.channel.kind == "reasoning":
                self._reasoning = key
        self._ended.update(frame.ends)
        return frame

    def _say(self, delta: Delta, fields: Mapping[str, Any] | None = None) -> bytes:
        """Write words of our own, in the shape of the upstream's chunks."""
        channel, text = delta
        if channel.kind == "arguments":
            arguments = {"arguments": text}
            piece: dict[str, Any] = {"tool_calls": [{"index": channel.call, "function": arguments}]}
            if channel.call < 0:
                piece = {"function_call": arguments}
        else:
            piece = {self._reasoning if channel.kind == "reasoning" else channel.kind: text}
        choice = {"index": channel.choice, "delta": piece, "finish_reason": None}
        return event(orjson.dumps({**self._shape, "choices": [choice], **(fields or {})}))

    def _usage(self, usage: Usage) -> bytes:
        if not self._question.usage:
            return b""
        return event(orjson.dumps({**self._shape, "choices": [], "usage": _usage_object(usage)}))

    def _broke(self, what: str) -> UpstreamBroke:
        return UpstreamBroke(f"The upstream {self._upstream} {what}.", upstream=self._upstream)


class ChatWhole:
    """Reads and writes one ``chat.completion``."""

    content_type = "application/json"

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self._upstream = question, upstream
        self._body: list[bytes] = []

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; a whole answer has its one frame at the end."""
        self._body.append(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        raw = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        frame = _read(raw, _answer(raw, self._broke), "message")
        frame.last, frame.bare = True, False
        return [frame]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the answer, as it came if nothing changed."""
        changed = _place_texts(frame, passage)
        if not (changed or passage.tail or passage.stops or passage.fields):
            return frame.raw
        tails: dict[int, list[Delta]] = {}
        for delta in passage.tail:
            tails.setdefault(delta.channel.choice, []).append(delta)
        places = {delta.channel: place for delta, place in zip(frame.deltas, frame.places, strict=True)}
        for choice in frame.data["choices"]:
            number = _index(choice)
            if number in changed or number in passage.stops:
                choice["logprobs"] = None
            if number in passage.stops:
                said = "".join(delta.text for delta in tails.pop(number, ()))
                choice["message"] = {"role": "assistant", "content": said}
                choice["finish_reason"] = passage.stops[number]
            for delta in tails.pop(number, ()):
                place, key = places.get(delta.channel) or (choice["message"], delta.channel.kind)
                place[key] = (place.get(key) or "") + delta.text
        frame.data.update(passage.fields)
        return orjson.dumps(frame.data)

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        message = {"role": "assistant", "content": text, "refusal": None}
        answer = {
            "id": f"chatcmpl-{id}",
            "object": "chat.completion",
            "created": created,
            "model": self._question.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
            "usage": _usage_object(Usage()),
        }
        return orjson.dumps({**answer, **fields})

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write an error: nothing of a whole answer has left before."""
        return orjson.dumps({"error": {**_ERRORS, "message": message, "code": code}, "sluice": {"request_id": id}})

    def _broke(self, what: str) -> UpstreamBroke:
        return UpstreamBroke(f"The upstream {self._upstream} {what}.", upstream=self._upstream)


def _usage_object(usage: Usage) -> dict[str, Any]:
    counts = {"prompt_tokens": usage.input, "completion_tokens": usage.output}
    total: dict[str, Any] = {**counts, "total_tokens": usage.input + usage.output}
    return {**total, "estimated": True} if usage.estimated else total


def _answer(raw: bytes, broke: Any) -> dict[str, Any]:
    """Parse a whole answer: an object with choices."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise broke("sent an answer that is not JSON") from None
    choices = data.get("choices") if isinstance(data, dict) else None
    if not isinstance(choices, list) or not all(
        isinstance(choice, dict) and isinstance(choice.get("message"), dict) for choice in choices
    ):
        raise broke("sent an answer that holds no choices with messages")
    return data  # type: ignore[no-any-return]


def _as_events(raw: bytes, broke: Any) -> list[Event]:
    """Write a whole answer as the events of a stream, for a client that asked for one."""
    data = _answer(raw, broke)
    rest = {key: value for key, value in data.items() if key not in ("choices", "usage")}
    rest["object"] = "chat.completion.chunk"
    events = []
    for choice in data["choices"]:
        head = {key: value for key, value in choice.items() if key not in ("message", "finish_reason")}
        delta = dict(choice["message"])
        if isinstance(delta.get("tool_calls"), list):
            delta["tool_calls"] = [{"index": at, **call} for at, call in enumerate(delta["tool_calls"])]
        events.append({**rest, "choices": [{**head, "delta": delta, "finish_reason": None}]})
        reason = choice.get("finish_reason") or "stop"
        events.append({**rest, "choices": [{"index": _index(choice), "delta": {}, "finish_reason": reason}]})
    if data.get("usage"):
        events.append({**rest, "choices": [], "usage": data["usage"]})
    whole = [event(orjson.dumps(item)) for item in events] + [DONE]
    return [Event(item, item[6:-2], "") for item in whole]
