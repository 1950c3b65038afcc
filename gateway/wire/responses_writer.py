"""What a client has of a streamed response, and how it gets more of it.

Whatever a stream says twice (a text's end, a part's, an item's, the terminal's whole output) is written from what
the client has got, so a word that was masked, restored or cut is so in every copy. Items and parts begin for the
client with their first word that may leave; after the terminal nothing leaves.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.exchange import Delta, Question, Usage
from gateway.wire.chat_frame import dump
from gateway.wire.messages_frame import sse
from gateway.wire.responses_own import FILTERED, counts, echo, empty_part, shape
from gateway.wire.responses_parts import ENDED, OWN, SINGLE, TEXT, Item, Opening, Part, Step
from gateway.wire.responses_seals import drop_broken_seal


class ResponseWriter:
    """Writes the events of one response.

    Attributes:
        labels: Fields that the response gets besides its own.
        answer: The response as the client has it, once its end is written.
        over: Whether its end is written.

    Args:
        question: What was asked.
        upstream: Name of the upstream, for errors.
    """

    def __init__(self, question: Question, upstream: str) -> None:
        self._question, self._upstream = question, upstream
        self._ending: list[Step] = []
        self._response: dict[str, Any] = {}
        self._output: list[dict[str, Any]] = []
        self._item: Item | None = None
        self._part: Part | None = None
        self._count = self._sequence = 0
        self.labels: dict[str, Any] = {}
        self.over = False
        self.answer: dict[str, Any] | None = None

    # --- Beginnings and ends of the response -----------------------------------------------------

    def begin(self, frame: Step) -> bytes:
        """Write that the response has begun, or is in progress."""
        response = frame.data["response"]
        before = dump(response, self._upstream) if frame.raw else b""
        echo(response, self._question)
        response.update(self.labels)
        self._response = {**response}
        same = frame.raw and before == dump(response, self._upstream)
        return self._put(frame.data, frame.raw if same else b"")

    def begin_own(self, fields: Mapping[str, Any], *, id: str, created: int) -> Iterator[bytes]:
        """Write that a response of our own has begun."""
        self.labels.update(fields)
        self._response = {**shape(self._question, id, created), "status": "in_progress", **fields}
        for kind in ("response.created", "response.in_progress"):
            yield self._put({"type": kind, "response": self._response})

    def end_own(self, usage: Usage, *, filtered: bool) -> bytes:
        """Write the end of a response that we ended."""
        status = "incomplete" if filtered else "completed"
        ended = {"status": status, "incomplete_details": FILTERED if filtered else None, "usage": counts(usage)}
        return self.terminal({"type": f"response.{status}", "response": {**self._response, **ended}})

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of a response that broke off."""
        left = b"".join(self.leave(incomplete=True))
        error = {"code": "server_error", "message": message}
        failed = {**self._response, "status": "failed", "error": error, "sluice": {"code": code, "request_id": id}}
        written = left + self.terminal({"type": "response.failed", "response": failed})
        self.answer = None  # nothing to go on from
        return written

    def terminal(self, data: dict[str, Any], raw: bytes = b"") -> bytes:
        """Write the terminal: the whole output as the client has it."""
        self.over = True
        response = data["response"]
        before = dump(response, self._upstream) if raw else b""
        echo(response, self._question)
        response.update(self.labels)
        response["output"] = self._output
        response["status"] = data["type"].removeprefix("response.")
        self.answer = response if response.get("status") in ("completed", "incomplete") else None
        same = raw and before == dump(response, self._upstream)
        return self._put(data, raw if same else b"")

    # --- Within it -------------------------------------------------------------------------------

    def step(self, frame: Step, tail: list[Delta], *, changed: bool) -> Iterator[bytes]:
        """Write an event within the answer; ``tail`` is what was held back of it."""
        item, part, does = frame.item, frame.part, frame.does
        raw = frame.raw = b"" if changed else frame.raw
        if does == "item" and item is not None:
            yield from self.leave()
            item.starts = Opening(raw, frame.data)
            if item.type not in ("message", "reasoning", *SINGLE):
                yield from self._enter(item)
        elif does == "part" and part is not None:
            yield from self._settle()
            part.starts = Opening(raw, frame.data)
        elif part is not None and does in ("piece", "text-end"):
            yield from self._words(frame, part, tail)
        elif self._ending and does in ("part-end", "item-end"):
            self._ending.append(frame)
        elif does in ("part-end", "item-end"):
            yield from self._close(frame)
        else:
            yield from self._settle()
            yield self._numbered(item, raw, frame.data)

    def _words(self, frame: Step, part: Part, tail: list[Delta]) -> Iterator[bytes]:
        """Write a piece of a text, or its end, with what was held back of it before."""
        if frame.does == "piece":
            if frame.data["delta"] or not frame.bare:
                yield from self._say(part, frame.data, frame.raw)
            yield from self.held(part, tail)
            return
        yield from self.held(part, tail)
        yield from self._enter(part.item, part)
        if part.form is TEXT:
            self._ending.append(frame)  # a label may follow
        else:
            yield self._text_end(frame, part)

    def _numbered(self, item: Item | None, raw: bytes, data: dict[str, Any]) -> bytes:
        """Write an event about an item, under the item's number for the client."""
        if item is not None and "output_index" in data and data["output_index"] != item.number:
            data["output_index"], raw = item.number, b""
        return self._put(data, raw)

    def held(self, part: Part, tail: Sequence[Delta]) -> Iterator[bytes]:
        """Say of what was held back what belongs to a part."""
        for delta in tail:
            if delta.channel == part.channel and delta.text:
                yield from self._say(part, {"type": part.form.event + ".delta", "delta": delta.text}, b"")

    def _enter(self, item: Item, part: Part | None = None) -> Iterator[bytes]:
        """Begin, for the client, an item and a part of it that wait for their first word."""
        if item.starts is not None:
            (raw, data), item.starts = item.starts, None
            item.number, self._count = self._count, self._count + 1
            self._item = item
            data.setdefault("output_index", item.number)
            if not item.data.get("id"):
                item.data["id"], raw = item.id, b""
            yield self._numbered(item, raw, data)
        if part is not None and part.starts is not None:
            (raw, data), part.starts = part.starts, None
            yield self._put(self._placed(part, data), raw)
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
        yield self._numbered(item, frame.raw if same else b"", frame.data)

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
        drop_broken_seal(given)
        if item.type in ("message", "reasoning", *SINGLE) and given.get("status") in (None, "in_progress"):
            given["status"] = "completed"
        return before == dump(given, self._upstream)

    def leave(self, *, incomplete: bool = False) -> Iterator[bytes]:
        """End what is open for the client, whether or not the upstream has."""
        yield from self._settle()
        item, part = self._item, self._part
        if item is None or item.starts is not None:
            return
        if part is not None and part.item is item and part.form.number:
            if not part.told:
                done = {"type": part.form.event + ".done", part.form.key: None}
                yield self._text_end(Step(b"", done, does="text-end", item=item, part=part), part)
            ended = {"type": ENDED[part.form.section], "part": {"type": part.type}}
            yield from self._close(Step(b"", ended, does="part-end", item=item, part=part))
        given = {**item.data, "status": "incomplete" if incomplete else "completed"}
        ended = {"type": "response.output_item.done", "item": given}
        yield from self._close(Step(b"", ended, does="item-end", item=item))
        if item.type in SINGLE:
            self._output.pop()  # half a call is for nobody to make
        self._part = None

    def speak(self, text: str) -> Iterator[bytes]:
        """Say words of our own: in the text that is open, or in one of their own."""
        part = self._part
        if part is None or part.form is not TEXT or part.starts is not None:
            yield from self.leave(incomplete=True)
            # By what the client has, never by what was heard: that is as far ahead as the network's chunks are long.
            number = self._count
            id = f"msg_{self._response.get('id', 'resp')}_own_{number}"
            data = {"id": id, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
            item = Item("message", number, data)
            item.starts = Opening(b"", {"type": "response.output_item.added", "item": data})
            part = item.parts["content", 0] = Part(weakref.ref(item), TEXT, "output_text", 0, OWN)
            opening = {"type": "response.content_part.added", "part": empty_part()}
            part.starts = Opening(b"", opening)
        yield from self._say(part, {"type": TEXT.event + ".delta", "delta": text}, b"")
