"""OpenAI responses that come event by event: their frames in, and what may leave in place of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.exchange import Channel, Delta, Question, Usage
from gateway.ports import Frame, Passage
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.incoming import EventFlow, WholeBody
from gateway.wire.messages_frame import sse
from gateway.wire.responses_events import EventReader
from gateway.wire.responses_parts import OWN, Step
from gateway.wire.responses_whole import whole_of
from gateway.wire.responses_writer import ResponseWriter
from gateway.wire.sse import Event


class ResponsesStream:
    """Reads and writes the events of a response.

    Args:
        question: What was asked.
        upstream: Name of the upstream, for errors.
        whole: The upstream sends one body although a stream was asked for.
    """

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, question: Question, upstream: str, *, whole: bool = False) -> None:
        self._upstream = upstream
        self._flow = EventFlow(upstream)
        self._body = WholeBody(upstream) if whole else None
        self._reader = EventReader(upstream)
        self._writer = ResponseWriter(question, upstream)
        self._waiting: list[Step] = []
        self._why: str | None = None

    @property
    def answer(self) -> dict[str, Any] | None:
        """The response as the client has it, once its end is written."""
        return self._writer.answer

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
            frames = self._flow.make([_as_event(whole_of(self._body, self._upstream), self._upstream)], self._frames)
        self._flow.check()
        if not self._reader.done:
            raise broke(self._upstream, "closed the stream before the answer was finished")
        return frames

    def _frames(self, item: Event) -> Iterable[Frame]:
        """Return the frames of an event; raises ``UpstreamBroke`` for one that does not fit."""
        if self._reader.done:
            return ()  # nothing follows the terminal
        if item.data is None:
            return (Frame(item.raw),) if item.comment else ()
        if item.data.strip() == b"[DONE]":
            return ()  # some servers end every stream with it; the terminal is the end
        return self._reader.read(item.raw, parse(item.data, "an event", self._upstream), item.name)

    # --- Out -----------------------------------------------------------------------------------

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave in place of a frame; raises ``UpstreamBroke`` if it cannot be written."""
        self._writer.labels.update(passage.fields)
        return b"".join(self._pieces(frame, passage))

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped, if it has not left."""
        if self._writer.over:
            return b""
        return self._writer.end_own(usage, filtered=(self._why or "content_filter") == "content_filter")

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        self._why, writer = reason, self._writer
        begun = b"".join(writer.begin_own(fields, id=id, created=created))
        return begun + b"".join([*writer.speak(text), *writer.leave()]) + self.end(Usage())

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of an answer that broke off in the middle; nothing, if its end has left."""
        return b"" if self._writer.over else self._writer.fail(code, message, id=id)

    def _pieces(self, frame: Frame, passage: Passage) -> Iterator[bytes]:
        if passage.stops:
            yield from self._stop(frame, passage)
            return
        if not isinstance(frame, Step):  # the upstream broke off: what was held back of it
            yield from self._flush(passage.tail)
            yield frame.raw
            return
        if frame.does == "begin":
            yield self._writer.begin(frame)
            return
        if not frame.last and (self._waiting or not passage.closed.issuperset(frame.closes)):
            # Nothing may leave before all of the answer was judged: what is no text waits with it.
            if not frame.bare or any(passage.texts):
                self._waiting.append(frame)
            return
        changed = passage.relabelled
        for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
            if text != delta.text:
                place[key], changed = text, True
        if frame.last:
            yield from self._flush(_put_back(frame, passage.tail))
            yield from self._writer.leave(incomplete=frame.data["type"] == "response.incomplete")
            yield self._writer.terminal(frame.data, b"" if changed else frame.raw)
            return
        yield from self._writer.step(frame, _put_back(frame, passage.tail), changed=changed)

    def _flush(self, tail: list[Delta]) -> Iterator[bytes]:
        """Write everything that waited for the end of the answer, then what of our own follows it."""
        texts: dict[Channel, str] = {}
        for delta in tail:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
        own = texts.pop(OWN, "")
        waiting, self._waiting = self._waiting, []
        for frame in waiting:
            for (place, key), delta in zip(frame.places, frame.deltas, strict=True):
                place[key] = texts.pop(delta.channel, "")
            mine = [Delta(channel, texts.pop(channel, "")) for channel in frame.closes if channel in texts]
            yield from self._writer.step(frame, mine, changed=bool(frame.deltas))
        for channel, text in texts.items():
            if text and (part := self._reader.parts.get(channel)) is not None:
                yield from self._writer.held(part, [Delta(channel, text)])
        if own:
            yield from self._writer.speak(own)

    def _stop(self, frame: Frame, passage: Passage) -> Iterator[bytes]:
        """End the answer by our decision: settled words, then the reply. What waited does not leave."""
        self._why = passage.stops[0]
        self._waiting.clear()
        if isinstance(frame, Step) and frame.does == "begin":
            yield self._writer.begin(frame)
        settled = [Delta(delta.channel, text) for delta, text in zip(frame.deltas, passage.texts, strict=False)]
        for delta in [*settled, *passage.tail]:
            part = self._reader.parts.get(delta.channel)
            if part is not None and delta.text:
                yield from self._writer.held(part, [delta])
        for delta in passage.tail:
            if delta.channel == OWN and delta.text:
                yield from self._writer.speak(delta.text)
        yield from self._writer.leave(incomplete=self._why == "content_filter")


def _put_back(frame: Step, tail: list[Delta]) -> list[Delta]:
    """Put what was held back of a frame's own texts where it stood; return the rest."""
    if frame.does == "piece":
        return tail
    places = {delta.channel: place for delta, place in zip(frame.deltas, frame.places, strict=True)}
    rest = []
    for delta in tail:
        if delta.channel in places:
            place, key = places[delta.channel]
            place[key] += delta.text
        else:
            rest.append(delta)
    return rest


def _as_event(response: dict[str, Any], upstream: str) -> Event:
    """Write a whole response as the terminal of a stream that said nothing before."""
    status = response.get("status")
    kind = f"response.{status}" if status in ("completed", "incomplete", "failed") else "response.completed"
    data = {"type": kind, "response": response}
    return Event(sse(data, upstream), dump(data, upstream), kind)
