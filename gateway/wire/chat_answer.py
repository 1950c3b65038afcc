"""OpenAI chat answers, whole and streamed: their frames in, and how changed ones leave.

Both codecs read the same shape (a ``message``, or the ``delta`` of one) with the same code; a
whole answer is a stream of one frame. A frame in which nothing changed leaves as the bytes it came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.exchange import Delta, Question, Usage
from gateway.ports import Frame, Passage
from gateway.wire.chat_frame import FUNCTION_CALL, PART_KEYS, TEXT_KEYS, broke, dump, parse, read
from gateway.wire.incoming import EventFlow, WholeBody
from gateway.wire.sse import DONE, Event, event

_SHAPE: Final = ("id", "object", "created", "model", "system_fingerprint")
_ERRORS: Final = {"type": "server_error", "param": None}
_NAMES: Final = {channel: key for key, channel in TEXT_KEYS.items()}


class ChatStream:
    """Reads and writes ``chat.completion.chunk`` events.

    Args:
        question: What was asked.
        upstream: Name of the upstream, for errors.
        whole: The upstream sends one body although a stream was asked for.
    """

    content_type = "text/event-stream; charset=utf-8"
    thing, prefix = "chat.completion.chunk", "chatcmpl-"

    def __init__(self, question: Question, upstream: str, *, whole: bool = False) -> None:
        self._question, self.upstream = question, upstream
        self._flow = EventFlow(upstream)
        self._body = WholeBody(upstream) if whole else None
        self._shape: dict[str, Any] = {"object": self.thing, "model": question.model}
        self._begun: set[int] = set()
        self._ended: set[int] = set()
        self._done = False
        self._over = False

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes, return the frames that are complete; raises ``UpstreamBroke``."""
        if self._body is not None:
            self._body.feed(chunk)
            return []
        return self._flow.feed(chunk, self._frame)

    def finish(self) -> list[Frame]:
        """The upstream closed: return what is left; raises ``UpstreamBroke`` if it broke off."""
        if self._body is None:
            frames = self._flow.rest(self._frame)
        else:
            frames = self._flow.make(self._whole(self._body), self._frame)
        self._flow.check()
        if self._done:
            return frames
        if not self._begun or self._begun - self._ended:
            raise broke(self.upstream, "closed the stream before the answer was finished")
        self._done = True
        return [*frames, Frame(DONE, last=True)]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave in place of a frame; raises ``UpstreamBroke`` if it cannot be written."""
        self._over = self._over or frame.last
        own = bool(passage.tail or passage.stops)
        if frame.data is None:
            return b"".join(self._split(dict(self._shape), [], frame, passage)) + frame.raw if own else frame.raw
        data: dict[str, Any] = frame.data
        changed = _place_texts(frame, passage)
        mute = passage.mute
        muted = bool(mute) and any(choice["index"] in mute for choice in data["choices"])
        if not (changed or own or muted or passage.fields or passage.relabelled):
            return frame.raw
        if frame.bare and not own and not passage.fields and not any(passage.texts):
            return b""
        choices = [choice for choice in data["choices"] if choice["index"] not in mute]
        for choice in choices:
            if choice["index"] in changed or choice["index"] in passage.stops:
                _hush(choice)
        if own:
            return b"".join(self._split(data, choices, frame, passage))
        choices = [choice for choice in choices if choice["index"] not in changed or _says(choice)]
        if not choices and data["choices"] and not data.get("usage") and (muted or not passage.fields):
            return b""
        return self._event({**data, "choices": choices, **passage.fields})

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped: usage if asked for, and the terminal, if that has not left."""
        if self._over:
            return b""
        self._over = True
        return self._usage(usage) + DONE

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own, as each of the choices that were asked for."""
        self._over = True
        self._shape = {**self._shape, "id": f"{self.prefix}{id}", "created": created}
        words = {"role": "assistant", "content": text}
        written = []
        for index in range(self._question.choices):
            said = {"index": index, "delta": words, "finish_reason": None}
            last = {"index": index, "delta": {}, "finish_reason": reason}
            written.append(self._event({**self._shape, "choices": [said]}))
            written.append(self._event({**self._shape, "choices": [last], **fields}))
        return b"".join(written) + self._usage(Usage()) + DONE

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of an answer that broke off in the middle; nothing, if its end has left."""
        if self._over:
            return b""
        self._over = True
        return event(_failure(code, message, id)) + DONE

    def _frame(self, item: Event) -> tuple[Frame, ...]:
        """Return the frame of an event, if it has one; raises ``UpstreamBroke`` for one that does not fit."""
        if self._done:
            return ()  # nothing follows the terminal
        if item.data is None:
            return (Frame(item.raw),) if item.comment else ()  # what is no field of an event is for nobody
        if item.data.strip() == b"[DONE]":
            self._done = True
            return (Frame(item.raw, last=True),)
        data = parse(item.data, "an event", self.upstream)
        if data.get("error") and not data.get("choices"):
            raise broke(self.upstream, "reported an error in the middle of the answer")
        data = self.as_chat(data, "delta")
        frame = read(item.raw, data, "delta", self.upstream, self._begun, pieces=self._body is None)
        if data.get("id") != self._shape.get("id"):
            self._shape.update((key, data[key]) for key in _SHAPE if type(data.get(key)) in (str, int))
        self._begun.update([choice["index"] for choice in data["choices"]])
        if frame.ends:
            self._ended.update(frame.ends)
        return (frame,)

    def _split(
        self, data: dict[str, Any], choices: list[dict[str, Any]], frame: Frame, passage: Passage
    ) -> Iterator[bytes]:
        """Write a frame in pieces: its own words, then ours, then the ends of its choices."""
        said = []
        ends = []
        for choice in choices:
            number = choice["index"]
            if number in passage.stops:
                delta = choice.get("delta") or {}
                speaking: dict[str, Any] = {"index": number, "delta": _words(delta), "finish_reason": None}
            else:
                speaking = {**choice, "finish_reason": None}
                if number in frame.ends:
                    ends.append({**choice, "delta": {}, **({"logprobs": None} if choice.get("logprobs") else {})})
            if _says(speaking):
                said.append(speaking)
        ends += [{"index": number, "delta": {}, "finish_reason": why} for number, why in passage.stops.items()]
        if said:
            yield self._event({**{key: data[key] for key in data if key != "usage"}, "choices": said})
        closing = bool(ends or data.get("usage"))
        for at, words in enumerate(passage.tail, 1):
            alone = not closing and at == len(passage.tail)
            yield self._say(words, passage.fields if alone else {})
        if closing:
            yield self._event({**data, "choices": ends, **passage.fields})

    def _event(self, data: Mapping[str, Any]) -> bytes:
        return event(dump(self.as_said(data, "delta"), self.upstream))

    def as_chat(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        """Return what came as a chat's; ``key`` is where a choice of a chat holds its message."""
        return data

    def as_said(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return a chat's as it leaves."""
        return data

    def _whole(self, body: WholeBody) -> list[Event]:
        """Return a whole answer as the events of a stream."""
        answer = checked(self.as_chat(body.object(), "message"), self.upstream)
        return [
            Event(item, item[6:-2], "")
            for item in [*(self._event(chunk) for chunk in _as_chunks(answer, self.thing)), DONE]
        ]

    def _say(self, delta: Delta, fields: Mapping[str, Any]) -> bytes:
        """Write words of our own, in the shape of the upstream's chunks."""
        choice = {"index": delta.channel.choice, "delta": _message(delta), "finish_reason": None}
        return self._event({**self._shape, "choices": [choice], **fields})

    def _usage(self, usage: Usage) -> bytes:
        if not self._question.usage:
            return b""
        return self._event({**self._shape, "choices": [], "usage": _usage_object(usage)})


class ChatWhole:
    """Reads and writes one ``chat.completion``."""

    content_type = "application/json"
    thing, prefix = "chat.completion", "chatcmpl-"

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self.upstream = question, upstream
        self._body = WholeBody(upstream)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; a whole answer has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._body.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        answer = checked(self.as_chat(self._body.object(), "message"), self.upstream)
        frame = read(self._body.raw(), answer, "message", self.upstream)
        frame.last, frame.bare = True, False
        return [frame]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the answer, as it came if nothing changed; raises ``UpstreamBroke`` if it cannot be written.

        No choice of its one frame can be mute.
        """
        changed = _place_texts(frame, passage)
        if not (changed or passage.tail or passage.stops or passage.fields or passage.relabelled):
            return frame.raw
        places = {delta.channel: place for delta, place in zip(frame.deltas, frame.places, strict=True)}
        for choice in frame.data["choices"]:
            number = choice["index"]
            ours = [delta for delta in passage.tail if delta.channel.choice == number]
            if number in changed:
                _hush(choice)
            if number in passage.stops:
                message = {"role": "assistant", "content": "".join(delta.text for delta in ours)}
                choice.clear()
                choice.update(index=number, message=message, logprobs=None, finish_reason=passage.stops[number])
                continue
            for delta in ours:
                _append(choice["message"], delta, places.get(delta.channel))
        frame.data.update(passage.fields)
        return dump(self.as_said(frame.data, "message"), self.upstream)

    def as_chat(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        """Return what came as a chat's; ``key`` is where a choice of a chat holds its message."""
        return data

    def as_said(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return a chat's as it leaves."""
        return data

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own, as each of the choices that were asked for."""
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"message": message, "logprobs": None, "finish_reason": reason}
        answer = {
            "id": f"{self.prefix}{id}",
            "object": self.thing,
            "created": created,
            "model": self._question.model,
            "choices": [{"index": index, **choice} for index in range(self._question.choices)],
            "usage": _usage_object(Usage()),
        }
        return orjson.dumps(self.as_said({**answer, **fields}, "message"))

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write an error: nothing of a whole answer has left before."""
        return _failure(code, message, id)


def checked(data: dict[str, Any], upstream: str) -> dict[str, Any]:
    """Return an answer; raises ``UpstreamBroke`` for one that holds no choices with messages."""
    choices = data.get("choices")
    if not isinstance(choices, list) or not all(
        isinstance(choice, dict) and isinstance(choice.get("message"), dict) for choice in choices
    ):
        raise broke(upstream, "sent an answer that holds no choices with messages")
    return data


def _place_texts(frame: Frame, passage: Passage) -> set[int]:
    """Write the settled texts into the frame's data; return the choices in which one changed."""
    changed: set[int] = set()
    for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
        if text != delta.text:
            place[key] = text
            changed.add(delta.channel.choice)
    return changed


def _hush(choice: dict[str, Any]) -> None:
    """Take out what spells the words out a second time: it may not leave where they changed."""
    for key in ("logprobs", "token_ids"):
        if choice.get(key):
            choice[key] = None


def _says(choice: Mapping[str, Any]) -> bool:
    """Whether a choice of a chunk holds more than empty texts."""
    delta = choice.get("delta") or {}
    return bool(choice.get("finish_reason")) or any(
        value and (key != "tool_calls" or any(call.get("id") or _speaks(call.get("function")) for call in value))
        for key, value in delta.items()
    )


def _speaks(function: Mapping[str, Any] | None) -> bool:
    return bool(function and (function.get("name") or function.get("arguments")))


def _words(delta: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a delta what may leave although its choice stops here: settled words, and no half call.

    Arguments go on if their call began before; a call that would begin here does not.
    """
    words: dict[str, Any] = {}
    for key, value in delta.items():
        if (key == "role" or key in TEXT_KEYS) and isinstance(value, str):
            words[key] = value
        elif key in TEXT_KEYS and value:
            words[key] = _parts(value)
        elif key == "tool_calls" and value:
            calls = [
                {"index": call.get("index", at), "function": {"arguments": call["function"]["arguments"]}}
                for at, call in enumerate(value)
                if not call.get("id") and _goes_on(call.get("function"))
            ]
            words |= {key: calls} if calls else {}
        elif key == "function_call" and _goes_on(value):
            words[key] = {"arguments": value["arguments"]}
    return words


def _goes_on(function: Mapping[str, Any] | None) -> bool:
    """Whether a call that began before says more."""
    return bool(function and function.get("arguments") and not function.get("name"))


def _parts(parts: list[Any]) -> list[dict[str, Any]]:
    """Return the texts among content parts, and nothing beside them."""
    said: list[dict[str, Any]] = []
    for part in parts:
        if not isinstance(part, dict):
            continue
        said += [{"type": key, key: part[key]} for key in PART_KEYS if isinstance(part.get(key), str) and part[key]]
        if isinstance(part.get("thinking"), list) and (thoughts := _parts(part["thinking"])):
            said.append({"type": "thinking", "thinking": thoughts})
    return said


def _message(delta: Delta) -> dict[str, Any]:
    """Return the ``delta`` of a chunk that says a text on its channel."""
    (_, kind, call), text = delta
    if kind != "arguments":
        return {_NAMES[kind, call]: text}
    if call == FUNCTION_CALL:
        return {"function_call": {"arguments": text}}
    return {"tool_calls": [{"index": call, "function": {"arguments": text}}]}


def _append(message: dict[str, Any], delta: Delta, place: tuple[dict[str, Any], str] | None) -> None:
    """Say a text at the end of a message: where its channel speaks already, or in a field of its own."""
    if place is not None:
        item, key = place
        item[key] += delta.text
        return
    for key, said in _message(delta).items():
        before = message.get(key)
        if isinstance(before, list):
            before.extend([{"type": "text", "text": said}] if isinstance(said, str) else said)
        else:
            message[key] = said


def _usage_object(usage: Usage) -> dict[str, Any]:
    counts = {"prompt_tokens": usage.input, "completion_tokens": usage.output}
    total: dict[str, Any] = {**counts, "total_tokens": usage.input + usage.output}
    return {**total, "estimated": True} if usage.estimated else total


def _failure(code: str, message: str, id: str) -> bytes:
    return orjson.dumps({"error": {**_ERRORS, "message": message, "code": code}, "sluice": {"request_id": id}})


def _as_chunks(answer: dict[str, Any], thing: str) -> list[dict[str, Any]]:
    """Return a whole answer as the chunks of a stream, for a client that asked for one."""
    rest = {key: value for key, value in answer.items() if key not in ("choices", "usage")}
    rest["object"] = thing
    chunks = []
    for at, choice in enumerate(answer["choices"]):
        number = {"index": choice["index"] if choice.get("index") is not None else at}
        head = {key: value for key, value in choice.items() if key not in ("message", "finish_reason")}
        delta = dict(choice["message"])
        if isinstance(delta.get("tool_calls"), list):
            delta["tool_calls"] = [
                {"index": place, **call} if isinstance(call, dict) else call
                for place, call in enumerate(delta["tool_calls"])
            ]
        reason = choice.get("finish_reason") or "stop"
        chunks.append({**rest, "choices": [{**head, **number, "delta": delta, "finish_reason": None}]})
        chunks.append({**rest, "choices": [{**number, "delta": {}, "finish_reason": reason}]})
    if answer.get("usage"):
        chunks.append({**rest, "choices": [], "usage": answer["usage"]})
    return chunks
