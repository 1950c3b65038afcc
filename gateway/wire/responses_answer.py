"""OpenAI responses, whole and streamed: their frames in, and how changed ones leave.

Whatever a stream says twice (a text's end, a part's, an item's, the terminal's whole output) is written from what
the client has got, so a word that was masked, restored or cut is so in every copy. Parts and items begin for the
client with their first word that may leave; after the terminal nothing leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Delta, Question, Usage
from gateway.ports import Frame, Passage
from gateway.wire.chat_answer import MOST_HELD, MOST_WHOLE
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.messages_frame import sse
from gateway.wire.responses_frame import (
    OWN,
    SINGLE,
    TEXT,
    EventReader,
    Item,
    Part,
    Step,
    echo,
    hidden_in_response,
    read_whole,
    usage_of,
)
from gateway.wire.sse import Event, EventBuffer

_FILTERED: Final = {"reason": "content_filter"}


class ResponsesStream:
    """Reads and writes the events of a response.

    Attributes:
        answer: The response as the client has it, once its end is written.

    Args:
        question: What was asked.
        upstream: Name of the upstream, for errors.
        whole: The upstream sends one body although a stream was asked for.
    """

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, question: Question, upstream: str, *, whole: bool = False) -> None:
        self._question, self._upstream = question, upstream
        self._buffer = EventBuffer()
        self._body = bytearray() if whole else None
        self._reader = EventReader(upstream, question)
        self._fault: UpstreamBroke | None = None
        self._waiting: list[Step] = []
        self._ending: list[Step] = []
        self._response: dict[str, Any] = {}
        self._labels: dict[str, Any] = {}
        self._output: list[dict[str, Any]] = []
        self._item: Item | None = None
        self._part: Part | None = None
        self._count = self._sequence = 0
        self._why: str | None = None
        self._over = False
        self.answer: dict[str, Any] | None = None

    # --- In ------------------------------------------------------------------------------------

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes, return the frames that are complete; raises ``UpstreamBroke``."""
        if self._body is not None:
            self._body += chunk
            if len(self._body) > MOST_WHOLE:
                raise broke(self._upstream, f"sent an answer of more than {MOST_WHOLE} bytes")
            return []
        events = self._buffer.feed(chunk)
        if self._buffer.held > MOST_HELD:
            raise broke(self._upstream, f"sent an event of more than {MOST_HELD} bytes")
        return self._take(events)

    def finish(self) -> list[Frame]:
        """The upstream closed: return what is left; raises ``UpstreamBroke`` if it broke off."""
        if self._body is not None:
            frames = self._take([as_event(whole_of(bytes(self._body), self._upstream), self._upstream)])
        else:
            frames = self._take(self._buffer.rest())
        if self._fault is not None:
            raise self._fault
        if not self._reader.done:
            raise broke(self._upstream, "closed the stream before the answer was finished")
        return frames

    def _take(self, events: list[Event]) -> list[Frame]:
        """Return the frames of events. What came before a broken one counts, however the chunks were cut."""
        if self._fault is not None:
            raise self._fault
        frames: list[Frame] = []
        try:
            for frame in self._frames(events):
                frames.append(frame)  # noqa: PERF402 - those before an error are kept
        except UpstreamBroke as error:
            self._fault = error
            if not frames:
                raise
        return frames

    def _frames(self, events: list[Event]) -> Iterator[Frame]:
        for item in events:
            if self._reader.done:
                return  # nothing follows the terminal
            if item.data is None:
                if item.comment:
                    yield Frame(item.raw)
            elif item.data.strip() != b"[DONE]":  # some servers end every stream with it; the terminal is the end
                yield from self._reader.read(item.raw, parse(item.data, "an event", self._upstream), item.name)

    # --- Out -----------------------------------------------------------------------------------

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave in place of a frame; raises ``UpstreamBroke`` if it cannot be written."""
        self._labels.update(passage.fields)
        return b"".join(self._pieces(frame, passage))

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped, if it has not left."""
        if self._over:
            return b""
        filtered = (self._why or "content_filter") == "content_filter"
        status = "incomplete" if filtered else "completed"
        ended = {"status": status, "incomplete_details": _FILTERED if filtered else None, "usage": counts(usage)}
        return self._terminal({"type": f"response.{status}", "response": {**self._response, **ended}}, b"")

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own."""
        self._why = reason
        self._labels.update(fields)
        self._response = {**shape(self._question, id, created), "status": "in_progress", **fields}
        kinds = ("response.created", "response.in_progress")
        begun = [self._put({"type": kind, "response": self._response}) for kind in kinds]
        return b"".join([*begun, *self._speak(text), *self._leave()]) + self.end(Usage())

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of an answer that broke off in the middle; nothing, if its end has left."""
        if self._over:
            return b""
        left = b"".join(self._leave(incomplete=True))
        error = {"code": "server_error", "message": message}
        failed = {**self._response, "status": "failed", "error": error, "sluice": {"code": code, "request_id": id}}
        written = left + self._terminal({"type": "response.failed", "response": failed}, b"")
        self.answer = None  # nothing to go on from
        return written

    def _pieces(self, frame: Frame, passage: Passage) -> Iterator[bytes]:
        if passage.stops:
            yield from self._stop(frame, passage)
            return
        if not isinstance(frame, Step):  # the upstream broke off: what was held back of it
            yield from self._flush(passage.tail)
            yield frame.raw
            return
        if frame.does == "begin":
            yield self._begin(frame)
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
            yield from self._leave(incomplete=frame.data["type"] == "response.incomplete")
            yield self._terminal(frame.data, b"" if changed else frame.raw)
            return
        yield from self._step(frame, _put_back(frame, passage.tail), changed=changed)

    def _begin(self, frame: Step) -> bytes:
        """Write that the response has begun, or is in progress."""
        response = frame.data["response"]
        before = dump(response, self._upstream) if frame.raw else b""
        echo(response, self._question)
        response.update(self._labels)
        self._response = {**response}
        same = frame.raw and before == dump(response, self._upstream)
        return self._put(frame.data, frame.raw if same else b"")

    def _step(self, frame: Step, tail: list[Delta], *, changed: bool) -> Iterator[bytes]:
        """Write an event within the answer; ``tail`` is what was held back of it."""
        item, part, does = frame.item, frame.part, frame.does
        raw = frame.raw = b"" if changed else frame.raw
        if does == "item" and item is not None:
            yield from self._leave()
            item.starts = frame
            if item.type not in ("message", "reasoning", *SINGLE):
                yield from self._enter(item)
        elif does == "part" and part is not None:
            yield from self._settle()
            part.starts = frame
        elif part is not None and does in ("piece", "text-end"):
            yield from self._words(frame, part, tail)
        elif self._ending and does in ("part-end", "item-end"):
            self._ending.append(frame)
        elif does in ("part-end", "item-end"):
            yield from self._close(frame)
        else:
            yield from self._settle()
            yield self._numbered(frame, raw)

    def _words(self, frame: Step, part: Part, tail: list[Delta]) -> Iterator[bytes]:
        """Write a piece of a text, or its end, with what was held back of it before."""
        if frame.does == "piece":
            if frame.data["delta"] or not frame.bare:
                yield from self._say(part, frame.data, frame.raw)
            yield from self._held(part, tail)
            return
        yield from self._held(part, tail)
        yield from self._enter(part.item, part)
        if part.form is TEXT:
            self._ending.append(frame)  # a label may follow
        else:
            yield self._text_end(frame, part)

    def _numbered(self, frame: Step, raw: bytes) -> bytes:
        """Write an event about an item, under the item's number for the client."""
        data, item = frame.data, frame.item
        if item is not None and "output_index" in data and data["output_index"] != item.number:
            data["output_index"], raw = item.number, b""
        return self._put(data, raw)

    def _held(self, part: Part, tail: list[Delta]) -> Iterator[bytes]:
        for delta in tail:
            if delta.channel == part.channel and delta.text:
                yield from self._say(part, {"type": part.form.event + ".delta", "delta": delta.text}, b"")

    def _enter(self, item: Item, part: Part | None = None) -> Iterator[bytes]:
        """Begin, for the client, an item and a part of it that wait for their first word."""
        if item.starts is not None:
            starts, item.starts = item.starts, None
            item.number, self._count = self._count, self._count + 1
            self._item = item
            starts.data.setdefault("output_index", item.number)
            if not item.data.get("id"):
                item.data["id"], starts.raw = item.id, b""
            yield self._numbered(starts, starts.raw)
        if part is not None and part.starts is not None:
            starts, part.starts = part.starts, None
            yield self._put(self._placed(part, starts.data), starts.raw)
        if part is not None:
            self._part = part

    def _say(self, part: Part, data: dict[str, Any], raw: bytes) -> Iterator[bytes]:
        """Say words of a part."""
        yield from self._enter(part.item, part)
        part.sent.append(data["delta"])
        if not raw:
            for key in ("logprobs", "obfuscation"):  # they spell the words out a second time, or hide their length
                data.pop(key, None)
        yield self._put(self._placed(part, data), raw)

    def _placed(self, part: Part, data: dict[str, Any]) -> dict[str, Any]:
        """Say in an event whose it is, by the client's numbers."""
        item = part.item
        places: dict[str, Any] = {"item_id": item.id, "output_index": item.number}
        if part.form.number:
            places[part.form.number] = part.index
        if part.form is TEXT and not data["type"].startswith("response.content_part"):
            places["logprobs"] = data.get("logprobs") or []
        if all(data.get(key) == value for key, value in places.items()):
            return data
        data.update(places)
        data["sequence_number"] = None  # what came is not what leaves
        return data

    def _put(self, data: dict[str, Any], raw: bytes = b"") -> bytes:
        """Write an event under its number; as it came, if it has that number and nothing changed."""
        number, self._sequence = self._sequence, self._sequence + 1
        if raw and data.get("sequence_number") == number:
            return raw
        data["sequence_number"] = number
        return sse(data, self._upstream)

    # --- Ends ----------------------------------------------------------------------------------

    def _settle(self) -> Iterator[bytes]:
        """Write the ends that waited for a label: something else follows."""
        ending, self._ending = self._ending, []
        for frame in ending:
            if frame.does == "text-end" and frame.part is not None:
                yield self._text_end(frame, frame.part)
            else:
                yield from self._close(frame)

    def _text_end(self, frame: Step, part: Part) -> bytes:
        data, key, text = frame.data, part.form.key, part.text
        same = data.get(key) == text == "".join(part.heard)
        data[key], part.told = text, True
        if part.form is TEXT:
            data["logprobs"] = (data.get("logprobs") or []) if same else []
        if part.item.type == "function_call":
            data.setdefault("name", part.item.data.get("name", ""))
        self._part = None if part.form.number == "" else self._part
        return self._put(self._placed(part, data), frame.raw if same else b"")

    def _close(self, frame: Step) -> Iterator[bytes]:
        """End a part or an item, with what the client has of it."""
        item, part = frame.item, frame.part
        if item is None:
            return
        if frame.does == "part-end" and part is not None:
            self._part = None
            if item.starts is not None or part.starts is not None:
                return  # nothing of it has begun
            same = self._fill(frame.data["part"], part)
            part.written = frame.data["part"]
            yield self._put(self._placed(part, frame.data), frame.raw if same else b"")
            return
        yield from self._enter(item)
        given = frame.data["item"]
        same = self._complete(given, item)
        self._item = None
        self._output.append(given)
        if "output_index" not in frame.data:
            frame.data["output_index"] = item.number
        yield self._numbered(frame, frame.raw if same else b"")

    def _fill(self, given: dict[str, Any], part: Part) -> bool:
        """Put into a part what the client has of it; return whether it said so already."""
        text, key = part.text, part.form.key
        same = given.get(key) == text == "".join(part.heard)
        given["type"], given[key] = part.type, text
        if part.form is TEXT:
            given.setdefault("annotations", [])
            given["logprobs"] = (given.get("logprobs") or []) if same else []
        return same

    def _complete(self, given: dict[str, Any], item: Item) -> bool:
        """Put into an item what the client has of it; return whether it said so already."""
        before = dump(given, self._upstream)
        given["id"] = item.id
        if item.type in SINGLE:
            given[SINGLE[item.type].key] = item.parts[SINGLE[item.type].section, 0].text
        for section in ("summary", "content") if item.type in ("message", "reasoning") else ():
            parts = [part.written for part in item.section(section) if part.written is not None]
            if parts or section in given:
                given[section] = parts
        if item.type == "message":
            given.setdefault("role", "assistant")
        if item.type in ("message", "reasoning", *SINGLE) and given.get("status") in (None, "in_progress"):
            given["status"] = "completed"
        return before == dump(given, self._upstream)

    def _leave(self, *, incomplete: bool = False) -> Iterator[bytes]:
        """End what is open for the client, whether or not the upstream has."""
        yield from self._settle()
        item, part = self._item, self._part
        if item is None or item.starts is not None:
            return
        if part is not None and part.item is item and part.form.number:
            if not part.told:
                done = {"type": part.form.event + ".done", part.form.key: None}
                yield self._text_end(Step(b"", done, does="text-end", item=item, part=part), part)
            ended = {"type": _PART_DONE[part.form.section], "part": {"type": part.type}}
            yield from self._close(Step(b"", ended, does="part-end", item=item, part=part))
        given = {**item.data, "status": "incomplete" if incomplete else "completed"}
        ended = {"type": "response.output_item.done", "item": given}
        yield from self._close(Step(b"", ended, does="item-end", item=item))
        if item.type in SINGLE:
            self._output.pop()  # half a call is for nobody to make
        self._part = None

    def _terminal(self, data: dict[str, Any], raw: bytes) -> bytes:
        """Write the terminal: the whole output as the client has it."""
        self._over = True
        response = data["response"]
        before = dump(response, self._upstream) if raw else b""
        echo(response, self._question)
        response.update(self._labels)
        response["output"] = self._output
        response["status"] = data["type"].removeprefix("response.")
        self.answer = response if response.get("status") in ("completed", "incomplete") else None
        same = raw and before == dump(response, self._upstream)
        return self._put(data, raw if same else b"")

    # --- What waited, and words of ours ----------------------------------------------------------

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
            yield from self._step(frame, mine, changed=bool(frame.deltas))
        for channel, text in texts.items():
            if text and (part := self._reader.parts.get(channel)) is not None:
                yield from self._held(part, [Delta(channel, text)])
        if own:
            yield from self._speak(own)

    def _speak(self, text: str) -> Iterator[bytes]:
        """Say words of our own: in the text that is open, or in one of their own."""
        part = self._part
        if part is None or part.form is not TEXT or part.starts is not None:
            yield from self._leave(incomplete=True)
            number = len(self._reader.items) + self._count
            id = f"msg_{self._response.get('id', 'resp')}_{number}"
            data = {"id": id, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
            item = Item("message", number, data)
            item.starts = Step(b"", {"type": "response.output_item.added", "item": data}, does="item", item=item)
            part = item.parts["content", 0] = Part(item, TEXT, "output_text", 0, OWN)
            opening = {"type": "response.content_part.added", "part": _empty()}
            part.starts = Step(b"", opening, does="part", item=item, part=part)
        yield from self._say(part, {"type": TEXT.event + ".delta", "delta": text}, b"")

    def _stop(self, frame: Frame, passage: Passage) -> Iterator[bytes]:
        """End the answer by our decision: settled words, then the reply. What waited does not leave."""
        self._why = passage.stops[0]
        self._waiting.clear()
        if isinstance(frame, Step) and frame.does == "begin":
            yield self._begin(frame)
        settled = [Delta(delta.channel, text) for delta, text in zip(frame.deltas, passage.texts, strict=False)]
        for delta in [*settled, *passage.tail]:
            part = self._reader.parts.get(delta.channel)
            if part is not None and delta.text:
                yield from self._held(part, [delta])
        for delta in passage.tail:
            if delta.channel == OWN and delta.text:
                yield from self._speak(delta.text)
        yield from self._leave(incomplete=self._why == "content_filter")


class ResponsesWhole:
    """Reads and writes one response.

    Attributes:
        answer: The response as the client has it, once it is written.
    """

    content_type = "application/json"

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self._upstream = question, upstream
        self._body = bytearray()
        self._own: dict[str, Any] | None = None
        self.answer: dict[str, Any] | None = None

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; a whole answer has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._body += chunk
        if len(self._body) > MOST_WHOLE:
            raise broke(self._upstream, f"sent an answer of more than {MOST_WHOLE} bytes")
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        raw = bytes(self._body)
        data = whole_of(raw, self._upstream)
        found, self._own = read_whole(data, self._upstream)
        frame = found.frame(
            raw,
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
            data["incomplete_details"] = _FILTERED if filtered else None
            data["output"] = [_message(own, f"msg_{data.get('id', 'resp')}", data["status"])]
        else:
            for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
                if text != delta.text:
                    place[key] = text
                    place.pop("logprobs", None)  # they spell the words out a second time
            if own and self._own is not None:
                self._own["text"] += own
            elif own:
                data["output"].append(_message(own, f"msg_{data.get('id', 'resp')}", "completed"))
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
            "incomplete_details": _FILTERED if filtered else None,
            "output": [_message(text, f"msg_{id}", status)],
            "usage": counts(Usage()),
            **fields,
        }
        return orjson.dumps(self.answer)

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing: a whole answer leaves at once or not at all."""
        return b""


_PART_DONE: Final = {"content": "response.content_part.done", "summary": "response.reasoning_summary_part.done"}


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


def _message(text: str, id: str, status: str) -> dict[str, Any]:
    """Return words of our own as an item of a response."""
    part = {**_empty(), "text": text}
    return {"id": id, "type": "message", "status": status, "role": "assistant", "content": [part]}


def _empty() -> dict[str, Any]:
    return {"type": "output_text", "text": "", "annotations": [], "logprobs": []}


def whole_of(raw: bytes, upstream: str) -> dict[str, Any]:
    """Parse a whole response: an object whose output is items that have types; raises ``UpstreamBroke``."""
    data = parse(raw, "an answer", upstream)
    output = data.get("output")
    if not isinstance(output, list) or not all(isinstance(item, dict) and item.get("type") for item in output):
        raise broke(upstream, "sent an answer that holds no output items")
    return data


def as_event(response: dict[str, Any], upstream: str) -> Event:
    """Write a whole response as the terminal of a stream that said nothing before."""
    status = response.get("status")
    kind = f"response.{status}" if status in ("completed", "incomplete", "failed") else "response.completed"
    data = {"type": kind, "response": response}
    return Event(sse(data, upstream), dump(data, upstream), kind)


def counts(usage: Usage) -> dict[str, Any]:
    """Return the usage object of a response."""
    said: dict[str, Any] = {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input + usage.output,
    }
    return {**said, "estimated": True} if usage.estimated else said


def shape(question: Question, id: str, created: int) -> dict[str, Any]:
    """Return a response of our own, without its output."""
    body = question.body
    told = {key: body.get(key) for key in ("instructions", "max_output_tokens", "previous_response_id", "user")}
    return {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": created,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": question.model,
        **told,
        "metadata": body.get("metadata") or {},
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "store": body.get("store") is not False,
        "temperature": body.get("temperature"),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "truncation": body.get("truncation") or "disabled",
        "usage": None,
    }
