"""Anthropic answers, whole and streamed: their frames in, and how changed ones leave.

A frame in which nothing changed leaves as the bytes it came in. A block begins for the client with its first
word that may leave, and ends after its last; after the terminal nothing leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.exchange import Channel, Delta, Question, Usage
from gateway.ports import Frame, Medium, Passage
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.incoming import EventFlow, WholeBody
from gateway.wire.messages_frame import (
    OWN,
    Citations,
    EventReader,
    channel_of,
    cited,
    media_of,
    sse,
    unread_of,
    usage_of,
)
from gateway.wire.sse import Event

_PIECES: Final = {
    "content": ("text_delta", "text"),
    "reasoning": ("thinking_delta", "thinking"),
    "arguments": ("input_json_delta", "partial_json"),
}
_STOP: Final = {"type": "message_stop"}


class _Open:
    """A block that the client sees: its number there, its channel, and how it ends."""

    __slots__ = ("channel", "ending", "index")

    def __init__(self, index: int, channel: Channel | None) -> None:
        self.index, self.channel = index, channel
        self.ending = False


class MessagesStream:
    """Reads and writes the events of a message.

    Args:
        question: What was asked.
        upstream: Name of the upstream, for errors.
        whole: The upstream sends one body although a stream was asked for.
    """

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, question: Question, upstream: str, *, whole: bool = False) -> None:
        self._question, self._upstream = question, upstream
        self._flow = EventFlow(upstream)
        self._body = WholeBody(upstream) if whole else None
        self._reader = EventReader(upstream)
        self._waiting: list[Frame] = []
        self._start: tuple[bytes, dict[str, Any]] | None = None
        self._open: _Open | None = None
        self._count = 0
        self._said: dict[str, Any] = {}
        self._why: str | None = None
        self._over = False

    # --- In ------------------------------------------------------------------------------------

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes, return the frames that are complete; raises ``UpstreamBroke``."""
        if self._body is not None:
            self._body.feed(chunk)
            return []
        return self._flow.feed(chunk, self._frames)

    def finish(self) -> list[Frame]:
        """The upstream closed: return what is left; raises ``UpstreamBroke`` if it broke off."""
        if self._body is None:
            frames = self._flow.rest(self._frames)
        else:
            events = _as_events(_message(self._body, self._upstream))
            frames = self._flow.make([_event(data, self._upstream) for data in events], self._frames)
        self._flow.check()  # nobody asks again: what else is broken would end without its end
        if not self._reader.done:
            if not self._reader.ended:
                raise broke(self._upstream, "closed the stream before the answer was finished")
            frames.append(Frame(sse(_STOP), dict(_STOP), last=True))
        return frames

    def _frames(self, item: Event) -> Iterable[Frame]:
        """Return the frames of an event; raises ``UpstreamBroke`` for one that does not fit."""
        if self._reader.done:
            return ()  # nothing follows the terminal
        if item.data is None:
            return (Frame(item.raw),) if item.comment else ()
        return self._reader.read(item.raw, parse(item.data, "an event", self._upstream), item)

    # --- Out -----------------------------------------------------------------------------------

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave in place of a frame; raises ``UpstreamBroke`` if it cannot be written."""
        return b"".join(self._pieces(frame, passage))

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped, if it has not left."""
        if self._over:
            return b""
        self._over = True
        counts: dict[str, Any] = {"output_tokens": usage.output}
        if usage.estimated:
            counts["estimated"] = True
        closing = {"type": "message_delta", "delta": _reasons(self._why or "content_filter"), "usage": counts}
        return b"".join(self._close()) + sse(closing) + sse(_STOP)

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        self._over = True
        message = {**_shape(self._question, f"msg_{id}"), "content": [], **fields}
        begun = sse({"type": "message_start", "message": message})
        words = b"".join([*self._speak(text), *self._close()])
        closing = {"type": "message_delta", "delta": _reasons(reason), "usage": {"output_tokens": 0}}
        return begun + words + sse(closing) + sse(_STOP)

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of an answer that broke off in the middle; nothing, if its end has left."""
        if self._over:
            return b""
        self._over = True
        return b"".join(self._close()) + sse(_failure(code, message, id)) + sse(_STOP)

    def _pieces(self, frame: Frame, passage: Passage) -> Iterator[bytes]:
        if passage.relabelled:
            frame.raw = sse(frame.data, self._upstream)
        if passage.stops:
            yield from self._stop(frame, passage)
            return
        if frame.data is None:  # the upstream broke off: what was held back of it
            yield from self._flush(passage.tail)
            yield frame.raw
            return
        form = frame.data["type"]
        held = self._waiting or not passage.closed.issuperset(frame.closes)
        if held and not (frame.ends or frame.last):
            # Nothing may leave before all of the message was judged: what is no text waits with it.
            if not frame.bare or any(passage.texts):
                self._waiting.append(frame)
            return
        if form == "message_start":
            yield self._begin(frame, passage)
            return
        if frame.ends or frame.last:
            yield from self._flush(passage.tail)
            yield from self._close()
            self._over = self._over or frame.last
            fields = {key: value for key, value in passage.fields.items() if self._said.get(key) != value}
            self._said.update(fields)
            yield sse({**frame.data, **fields}, self._upstream) if fields else frame.raw
            return
        for (place, key), text in zip(frame.places, passage.texts, strict=True):
            place[key] = text
        changed = any(text != delta.text for delta, text in zip(frame.deltas, passage.texts, strict=True))
        yield from self._event(frame, changed, passage.tail)

    def _begin(self, frame: Frame, passage: Passage) -> bytes:
        self._said.update(passage.fields)
        if not passage.fields:
            return frame.raw
        return sse({**frame.data, "message": {**frame.data["message"], **passage.fields}}, self._upstream)

    def _event(self, frame: Frame, changed: bool, tail: list[Delta]) -> Iterator[bytes]:
        """Write an event of a block; ``tail`` is what was held back of it."""
        data: dict[str, Any] = frame.data
        form = data["type"]
        if form == "content_block_start":
            yield from self._close()
            self._start = frame.raw, data
            return
        if form not in ("content_block_delta", "content_block_stop"):
            yield from self._close(ending=True)
            yield frame.raw
            return
        if frame.bare and not any(place[key] for place, key in frame.places) and not tail:
            return
        yield from self._enter()
        current = self._open
        if current is None:
            return  # its block was left out
        if form == "content_block_stop":
            yield from self._held(current, tail)
            current.ending = True
            if current.channel is None or current.channel.kind != "content":
                yield from self._close()
            return
        if not frame.deltas:  # a seal, after the words that it seals
            yield from self._held(current, tail)
        if changed or data["index"] != current.index:
            yield sse({**data, "index": current.index}, self._upstream)
        else:
            yield frame.raw
        if frame.deltas:
            yield from self._held(current, tail)

    def _held(self, current: _Open, tail: list[Delta]) -> Iterator[bytes]:
        for delta in tail:
            if delta.channel == current.channel and delta.text:
                yield _say(current.index, delta)

    def _enter(self) -> Iterator[bytes]:
        """Begin the block that waits for its first word."""
        if self._start is None:
            return
        (raw, data), self._start = self._start, None
        self._open = _Open(self._count, channel_of(data["content_block"]["type"], data["index"]))
        self._count += 1
        yield raw if data["index"] == self._open.index else sse({**data, "index": self._open.index}, self._upstream)

    def _close(self, *, ending: bool = False) -> Iterator[bytes]:
        """End the block that is open; with ``ending`` only if its end has come."""
        if self._open is not None and (self._open.ending or not ending):
            yield sse({"type": "content_block_stop", "index": self._open.index})
            self._open = None

    def _speak(self, text: str) -> Iterator[bytes]:
        """Say words of our own: in the text that is open, or in one of their own."""
        current = self._open
        if current is None or current.channel is None or current.channel.kind != "content":
            yield from self._close()
            current = self._open = _Open(self._count, OWN)
            self._count += 1
            block = {"type": "text", "text": ""}
            yield sse({"type": "content_block_start", "index": current.index, "content_block": block})
        yield _say(current.index, Delta(OWN, text))

    def _flush(self, tail: list[Delta]) -> Iterator[bytes]:
        """Write everything that waited for the end of the message, then what of our own follows it."""
        texts: dict[Channel, str] = {}
        for delta in tail:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
        own = texts.pop(OWN, "")
        waiting, self._waiting = self._waiting, []
        for frame in waiting:
            yield from self._late(frame, texts)
        yield from self._rest(texts)
        if own:
            yield from self._speak(own)

    def _late(self, frame: Frame, texts: dict[Channel, str]) -> Iterator[bytes]:
        """Write a frame that waited, the words of its block before it."""
        if frame.data["type"] != "content_block_start":
            yield from self._rest(texts)
        for (place, key), delta in zip(frame.places, frame.deltas, strict=True):
            place[key] = texts.pop(delta.channel, "")
        yield from self._event(frame, bool(frame.deltas), [])

    def _rest(self, texts: dict[Channel, str]) -> Iterator[bytes]:
        """Say what is left of the block that is open, or that would begin now."""
        start = self._start
        if start is not None:
            channel = channel_of(start[1]["content_block"]["type"], start[1]["index"])
        else:
            channel = self._open.channel if self._open else None
        if channel is not None and (text := texts.pop(channel, "")):
            yield from self._enter()
            if self._open is not None:
                yield _say(self._open.index, Delta(channel, text))

    def _stop(self, frame: Frame, passage: Passage) -> Iterator[bytes]:
        """End the message by our decision: settled words, then the reply. What waited does not leave."""
        self._why = passage.stops[0]
        self._waiting.clear()
        if frame.begins:
            yield self._begin(frame, passage)
        settled = [Delta(delta.channel, text) for delta, text in zip(frame.deltas, passage.texts, strict=False)]
        said = [delta for delta in [*settled, *passage.tail] if delta.text and delta.channel != OWN]
        texts: dict[Channel, str] = {}
        for delta in said:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
        yield from self._rest(texts)
        self._start = None
        for delta in passage.tail:
            if delta.channel == OWN:
                yield from self._speak(delta.text)
        yield from self._close()


class MessagesWhole:
    """Reads and writes one message."""

    content_type = "application/json"

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self._upstream = question, upstream
        self._body = WholeBody(upstream)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; a whole answer has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._body.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        data = _message(self._body, self._upstream)
        deltas: list[Delta] = []
        places: list[tuple[dict[str, Any], str]] = []
        unread: list[str] = []
        media: list[Medium] = []
        citations = Citations()
        for index, block in enumerate(data["content"]):
            unread += unread_of(block, index)
            media += media_of(block, index)
            channel = channel_of(block["type"], index)
            if channel is not None:
                key = "input" if channel.kind == "arguments" else block["type"]
                value = block.get(key)
                text = dump(value, self._upstream).decode() if isinstance(value, dict) and value else value or ""
                if not isinstance(text, str):
                    raise broke(self._upstream, f"sent a block whose {key} does not fit")
                if text:
                    deltas.append(Delta(channel, text))
                    places.append((block, key))
            for note in block.get("citations") or ():
                unread += cited(note, f"content[{index}].citations")
                for at, key in citations.read(note):
                    deltas.append(Delta(at, note[key]))
                    places.append((note, key))
        asked, said = usage_of(data.get("usage"))
        usage = Usage(asked or 0, said or 0) if asked is not None or said is not None else None
        ends = {0: str(data.get("stop_reason") or "end_turn")}
        return [
            Frame(
                self._body.raw(),
                data,
                tuple(deltas),
                tuple(places),
                ends,
                usage=usage,
                unread=tuple(unread),
                last=True,
                media=tuple(media),
            )
        ]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the answer, as it came if nothing changed; raises ``UpstreamBroke`` if it cannot be written."""
        data: dict[str, Any] = frame.data
        own = "".join(delta.text for delta in passage.tail)
        if passage.stops:
            data["content"] = [{"type": "text", "text": own}]
            data.update(_reasons(passage.stops[0]))
        else:
            changed = False
            for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
                if text != delta.text:
                    place[key] = _object(text) if key == "input" else text
                    changed = True
            if not (changed or own or passage.fields or passage.relabelled):
                return frame.raw
            content: list[dict[str, Any]] = data["content"]
            if own and content and content[-1]["type"] == "text":
                content[-1]["text"] += own
            elif own:
                content.append({"type": "text", "text": own})
        data.update(passage.fields)
        return dump(data, self._upstream)

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        message = {**_shape(self._question, f"msg_{id}"), "content": [{"type": "text", "text": text}]}
        return orjson.dumps({**message, **_reasons(reason), **fields})

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write an error: nothing of a whole answer has left before."""
        return orjson.dumps(_failure(code, message, id))


def _reasons(reason: str) -> dict[str, Any]:
    """Return how a message ended that we ended."""
    if reason != "content_filter":
        return {"stop_reason": "end_turn", "stop_sequence": None}
    details = {"type": "refusal", "category": None, "explanation": None}
    return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}


def _shape(question: Question, id: str) -> dict[str, Any]:
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": question.model,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def _say(index: int, delta: Delta) -> bytes:
    form, key = _PIECES[delta.channel.kind]
    return sse({"type": "content_block_delta", "index": index, "delta": {"type": form, key: delta.text}})


def _failure(code: str, message: str, id: str) -> dict[str, Any]:
    kind = "timeout_error" if code == "upstream_timeout" else "api_error"
    fault = {"type": "error", "error": {"type": kind, "message": message}}
    return {**fault, "request_id": id, "sluice": {"code": code, "request_id": id}}


def _object(text: str) -> Any:
    """Return changed arguments as they go into a message; an empty object for what is none any more."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _message(body: WholeBody, upstream: str) -> dict[str, Any]:
    """Parse a whole answer: an object whose content is blocks that have types."""
    data = body.object()
    content = data.get("content")
    if not isinstance(content, list) or not all(_is_block(block) for block in content):
        raise broke(upstream, "sent an answer that holds no content blocks")
    return data


def _is_block(block: object) -> bool:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    notes = block.get("citations") or []
    return isinstance(notes, list) and all(isinstance(note, dict) for note in notes)


def _event(data: Mapping[str, Any], upstream: str) -> Event:
    return Event(sse(data, upstream), dump(data, upstream), str(data["type"]))


def _as_events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Write a whole answer as the events of a stream, for a client that asked for one."""
    reasons = {key: message.get(key) for key in ("stop_reason", "stop_sequence", "stop_details") if key in message}
    usage = message.get("usage") or {"output_tokens": 0}
    yield {"type": "message_start", "message": {**message, "content": [], **dict.fromkeys(reasons)}}
    for index, block in enumerate(message["content"]):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        if block.get("type") == "thinking" and isinstance(block.get("signature"), str):
            seal = {"type": "signature_delta", "signature": block["signature"]}
            yield {"type": "content_block_delta", "index": index, "delta": seal}
        yield {"type": "content_block_stop", "index": index}
    reasons["stop_reason"] = reasons.get("stop_reason") or "end_turn"
    yield {"type": "message_delta", "delta": reasons, "usage": usage}
    yield _STOP
