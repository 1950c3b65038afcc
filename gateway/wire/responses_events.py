"""The events of OpenAI's responses, read in their order.

Whatever a server leaves out (a part's beginning, an item's end, all events but the last) is made up for, so that
what comes out has one order: an item begins, its parts begin, say their words and end, the item ends. What
contradicts that order is refused.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Delta, shown
from gateway.wire.chat_frame import broke
from gateway.wire.messages_frame import is_count
from gateway.wire.responses_frame import (
    CALL_KEYS,
    ITEM_KEYS,
    PART_KEYS,
    SEALS,
    Found,
    hidden,
    hidden_in_response,
    usage_of,
)
from gateway.wire.responses_parts import ADDED, ENDED, PARTS, SECTIONS, SINGLE, TEXT, Form, Item, Part, Step

_TYPES: Final = {form.event: type for (_, type), form in PARTS.items()}
_EVENTS: Final[Mapping[str, tuple[Form, bool]]] = {
    form.event + end: (form, end == ".delta")
    for form in (*PARTS.values(), *SINGLE.values())
    for end in (".delta", ".done")
}
_PART_EVENTS: Final = {
    **{event: (section, True) for section, event in ADDED.items()},
    **{event: (section, False) for section, event in ENDED.items()},
}
BEGINNINGS: Final = frozenset({"response.created", "response.queued", "response.in_progress"})
ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
_MARKS: Final = frozenset(
    {"type", "sequence_number", "item_id", "output_index", "content_index", "summary_index", "annotation_index"}
) | {"obfuscation", "logprobs", "partial_image_index", "name"}


class EventReader:
    """Reads the events of one answer, in their order.

    Attributes:
        parts: Every text that came in pieces, by its channel.
        items: Every item of the output, in order.
        begun: The response has begun.
        done: Its terminal has come.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._channels = iter(range(1, 1_000_000_000))
        self.parts: dict[Channel, Part] = {}
        self.items: list[Item] = []
        self.begun = self.done = False

    @property
    def _open(self) -> Item | None:
        return self.items[-1] if self.items and not self.items[-1].done else None

    def read(self, raw: bytes, data: dict[str, Any], name: str) -> Iterator[Step]:
        """Yield the frames that an event makes; raises ``UpstreamBroke`` for one that does not fit."""
        form = data.get("type")
        if form is None and name:
            form = data["type"] = name
        if not isinstance(form, str) or not form.isascii() or not form.replace("_", "a").replace(".", "a").isalnum():
            raise self._broke("sent an event without a type")
        if form == "error":
            raise self._broke("reported an error in the middle of the answer")
        if name != form:
            raw = b""  # clients go by the name
        if form in BEGINNINGS:
            yield self._begin(raw, data, form)
            return
        if not self.begun:
            if not form.startswith("response."):
                raise self._broke("sent an event that is none of a response")
            yield from self._made_beginning(data)
        if form in ENDS:
            yield from self._end(raw, data, form)
        else:
            yield from self._within(raw, data, form)

    def _within(self, raw: bytes, data: dict[str, Any], form: str) -> Iterator[Step]:
        """Read an event between the beginning and the end."""
        if form == "response.output_item.added":
            yield from self._added(raw, data)
        elif form == "response.output_item.done":
            item = self._current(data)
            given = data.get("item")
            if not isinstance(given, dict) or given.get("type") != item.type:
                raise self._broke("ended an item that is another one than began")
            yield from self._item_done(item, raw, data)
        elif form in _EVENTS:
            yield from self._said(*_EVENTS[form], raw, data)
        elif form in _PART_EVENTS:
            yield from self._part(*_PART_EVENTS[form], raw, data)
        else:
            yield self._other(raw, data, form)

    # --- The response --------------------------------------------------------------------------

    def _begin(self, raw: bytes, data: dict[str, Any], form: str) -> Step:
        response = self._response(data)
        if self.items or (self.begun and form == "response.created"):
            raise self._broke(f"sent a {form} after its answer had begun")
        if response.get("output"):
            response["output"] = []  # it comes in events of its own
            raw = b""
        begins, self.begun = not self.begun, True
        if begins and form != "response.created":
            data["type"], raw = "response.created", b""
        return Step(raw, data, begins=begins, unread=hidden_in_response(response), does="begin")

    def _made_beginning(self, data: Mapping[str, Any]) -> Iterator[Step]:
        """Begin a response whose server said nothing before its first item."""
        last = data.get("response")
        known = last if isinstance(last, dict) else {}
        response = {**known, "status": "in_progress", "output": [], "usage": None, "error": None}
        response.pop("completed_at", None)
        response["incomplete_details"] = None
        if not response.get("id"):
            response["id"] = "resp"
        self.begun = True
        yield Step(b"", {"type": "response.created", "response": response}, begins=True, does="begin")

    def _end(self, raw: bytes, data: dict[str, Any], form: str) -> Iterator[Step]:
        response = self._response(data)
        output = response.get("output") or []
        if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
            raise self._broke("ended with an output that is no array of items")
        if (item := self._open) is not None:
            given = output[item.index] if item.index < len(output) else {}
            same = given if given.get("type") == item.type else {**item.data}
            yield from self._item_done(item, b"", {"type": "response.output_item.done", "item": same})
        for given in output[len(self.items) :]:
            started = {"type": "response.output_item.added", "item": {**given}}
            yield from self._added(b"", started)
            yield from self._item_done(self.items[-1], b"", {"type": "response.output_item.done", "item": given})
        found = Found(self._channels)
        if isinstance(response.get("error"), dict):
            found.strings(response, "error", "error")
        self.done = True
        yield found.frame(
            raw,
            data,
            ends={0: form},
            usage=usage_of(response.get("usage")),
            unread=hidden_in_response(response),
            last=True,
            does="end",
        )

    def _response(self, data: Mapping[str, Any]) -> dict[str, Any]:
        response = data.get("response")
        if not isinstance(response, dict):
            raise self._broke("sent a response that is not an object")
        return response

    # --- Items ---------------------------------------------------------------------------------

    def _added(self, raw: bytes, data: dict[str, Any]) -> Iterator[Step]:
        """Begin an item; words that it brings already become pieces of their own."""
        given = data.get("item")
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            raise self._broke("began an item without a type")
        if (before := self._open) is not None:
            ended = {"type": "response.output_item.done", "item": {**before.data}}
            yield from self._item_done(before, b"", ended)
        item = Item(given["type"], len(self.items), given)
        self.items.append(item)
        if item.type in SECTIONS:
            brought = {name: given.get(name) for name in SECTIONS[item.type]}
            if any(brought.values()):
                given.update((name, []) for name, parts in brought.items() if parts)
                given["status"], raw = "in_progress", b""
            unread = tuple(hidden(given, ITEM_KEYS, f"output[{item.index}]"))
            yield Step(raw, data, unread=unread, does="item", item=item)
            for name, parts in brought.items():
                for at, one in enumerate(self._list(parts)):
                    yield from self._part_begins(item, (name, at), {"type": ADDED[name], "part": {**one}})
        elif item.type in SINGLE:
            form = SINGLE[item.type]
            words = given.get(form.key)
            if not isinstance(words, str | None):
                raise self._broke(f"called a tool with {form.key} that are no text")
            if words:
                given[form.key], raw = "", b""
            yield self._generic(raw, data, item, CALL_KEYS | {form.key}, "item")
            part = self._new_part(item, form, item.type, 0)
            if words:
                yield self._piece(part, words)
        else:
            yield self._generic(raw, data, item, SEALS, "item")

    def _item_done(self, item: Item, raw: bytes, data: dict[str, Any]) -> Iterator[Step]:
        """End an item; what its last copy says and nobody said before is said first."""
        given = data["item"]
        path = f"output[{item.index}]"
        for name in SECTIONS.get(item.type, ()):
            for at, part in enumerate(self._list(given.get(name))):
                known = item.parts.get((name, at))
                if known is None:
                    started = {"type": ADDED[name], "part": {**part}}
                    yield from self._part_begins(item, (name, at), started)
                    known = item.parts.get((name, at))
                if known is not None:
                    yield from self._finish(known, part.get(known.form.key))
                    yield from self._part_ends(known, b"", {"type": ENDED[name], "part": {**part}})
            for known in item.section(name):
                yield from self._finish(known, None)
                said = {"type": known.type, known.form.key: "".join(known.heard)}
                yield from self._part_ends(known, b"", {"type": ENDED[name], "part": said})
        if item.type in SINGLE:
            form = SINGLE[item.type]
            yield from self._finish(item.parts[form.section, 0], given.get(form.key))
            item.done = True
            yield self._generic(raw, data, item, CALL_KEYS | {form.key}, "item-end")
            return
        item.done = True
        if item.type in SECTIONS:
            yield Step(raw, data, unread=tuple(hidden(given, ITEM_KEYS, path)), does="item-end", item=item)
        else:
            yield self._generic(raw, data, item, SEALS, "item-end")

    def _generic(
        self, raw: bytes, data: dict[str, Any], item: Item, known: frozenset[str], does: Literal["item", "item-end"]
    ) -> Step:
        """Read every text of an item that no event brings in pieces."""
        found = Found(self._channels)
        given: dict[str, Any] = data["item"]
        for key in given:
            if key not in known:
                found.strings(given, key, f"output[{item.index}].{shown(key)}")
        return found.frame(raw, data, does=does, item=item)

    def _current(self, data: Mapping[str, Any]) -> Item:
        """Return the item that is open, if the event is about it."""
        item = self._open
        number = data.get("output_index")
        if item is None or (number is not None and number != item.index):
            raise self._broke("sent an event of an item that is not open")
        return item

    # --- Parts ---------------------------------------------------------------------------------

    def _part(self, section: str, begins: bool, raw: bytes, data: dict[str, Any]) -> Iterator[Step]:
        item = self._current(data)
        part = data.get("part")
        if not isinstance(part, dict) or section not in SECTIONS.get(item.type, ()):
            raise self._broke("sent a part that does not fit its item")
        at = self._number(item, section, data)
        if begins:
            yield from self._part_begins(item, (section, at), data, raw)
            return
        known = item.parts.get((section, at))
        if known is None:
            yield from self._part_begins(item, (section, at), {"type": ADDED[section], "part": {**part}})
            known = item.parts.get((section, at))
        if known is not None:
            yield from self._finish(known, part.get(known.form.key))
            yield from self._part_ends(known, raw, data)

    def _part_begins(
        self, item: Item, place: tuple[str, int], data: dict[str, Any], raw: bytes = b""
    ) -> Iterator[Step]:
        """Begin a part; words that it brings already become a piece of their own."""
        (section, at), part = place, data["part"]
        type = part.get("type")
        form = PARTS.get((section, type)) if isinstance(type, str) else None
        if form is None or at != len(item.section(section)):
            raise self._broke("began a part that does not fit")
        for before in item.parts.values():
            yield from self._finish(before, None)
            said = {"type": before.type, before.form.key: "".join(before.heard)}
            yield from self._part_ends(before, b"", {"type": ENDED[before.form.section], "part": said})
        words = part.get(form.key)
        if not isinstance(words, str | None):
            raise self._broke("began a part whose text is none")
        if words or part.get("annotations") or part.get("logprobs"):
            raw = b""
        if not raw:
            notes: dict[str, Any] = {"annotations": [], "logprobs": []} if form is TEXT else {}
            data["part"] = {"type": type, form.key: "", **notes}
        new = self._new_part(item, form, str(type), at)
        unread = tuple(hidden(part, PART_KEYS, f"output[{item.index}].{section}[{at}]"))
        yield Step(raw, data, unread=unread, does="part", item=item, part=new)
        if words:
            yield self._piece(new, words)

    def _part_ends(self, part: Part, raw: bytes, data: dict[str, Any]) -> Iterator[Step]:
        """End a part, once; what is noted of it is read again, for nobody says that it is the same."""
        if part.closed:
            return
        part.closed = True
        given = data["part"]
        path = f"output[{part.item.index}].{part.form.section}[{part.index}]"
        found = Found(self._channels)
        if given.get("annotations"):
            found.strings(given, "annotations", f"{path}.annotations")
        unread = tuple(hidden(given, PART_KEYS, path))
        yield found.frame(raw, data, unread=unread, does="part-end", item=part.item, part=part)

    def _said(self, form: Form, is_piece: bool, raw: bytes, data: dict[str, Any]) -> Iterator[Step]:
        """Read a piece of a text, or its end."""
        item = self._current(data)
        single = SINGLE.get(item.type)
        if form.number:
            if form.section not in SECTIONS.get(item.type, ()):
                raise self._broke(f"sent a {form.event} that does not fit its item")
            at = self._number(item, form.section, data)
            if (form.section, at) not in item.parts:
                opening = {"type": _TYPES[form.event], form.key: ""}
                started: dict[str, Any] = {"type": ADDED[form.section], "part": opening}
                yield from self._part_begins(item, (form.section, at), started)
            part = item.parts[form.section, at]
        elif single is form:
            part = item.parts[form.section, 0]
        else:
            raise self._broke(f"sent a {form.event} that does not fit its item")
        words = data.get("delta" if is_piece else form.key)
        if part.ended and not is_piece:
            return  # it was ended before, by what followed it
        if part.form is not form or part.ended or not isinstance(words, str):
            raise self._broke(f"sent a {form.event} that does not fit its part")
        if not is_piece:
            yield from self._finish(part, words, raw, data)
            return
        unread = tuple(hidden(data, _MARKS | {"delta"}, f"output[{item.index}].{form.section}"))
        part.heard.append(words)
        yield self._step(part, raw, data, words, unread)

    def _finish(
        self, part: Part, words: object, raw: bytes = b"", data: dict[str, Any] | None = None
    ) -> Iterator[Step]:
        """End the text of a part, once; what its last copy has beyond what was said is said first."""
        if part.ended:
            return
        heard = "".join(part.heard)
        if isinstance(words, str) and len(words) > len(heard) and words.startswith(heard):
            yield self._piece(part, words[len(heard) :])
        part.ended = True
        given = data or {"type": part.form.event + ".done"}
        unread = tuple(hidden(given, _MARKS | {part.form.key}, f"output[{part.item.index}].{part.form.section}"))
        yield Step(raw, given, closes=(part.channel,), unread=unread, does="text-end", item=part.item, part=part)

    def _piece(self, part: Part, words: str) -> Step:
        """Return the frame of words that no event of their own brought."""
        part.heard.append(words)
        data = {"type": part.form.event + ".delta", "delta": words}
        return self._step(part, b"", data, words)

    def _step(self, part: Part, raw: bytes, data: dict[str, Any], words: str, unread: tuple[str, ...] = ()) -> Step:
        deltas, places = (Delta(part.channel, words),), ((data, "delta"),)
        about = part.item
        return Step(raw, data, deltas, places, bare=not unread, unread=unread, does="piece", item=about, part=part)

    def _new_part(self, item: Item, form: Form, type: str, at: int) -> Part:
        part = Part(weakref.ref(item), form, type, at, Channel(0, form.kind, next(self._channels)))
        item.parts[form.section, at] = part
        self.parts[part.channel] = part
        return part

    def _number(self, item: Item, section: str, data: Mapping[str, Any]) -> int:
        """Return which part of a section an event is about; without a number, the last one."""
        at = data.get("summary_index" if section == "summary" else "content_index")
        if at is None:
            return max(0, len(item.section(section)) - 1)
        if not is_count(at) or at > len(item.section(section)):
            raise self._broke("sent an event of a part that is not open")
        return at

    # --- Anything else -------------------------------------------------------------------------

    def _other(self, raw: bytes, data: dict[str, Any], form: str) -> Step:
        """Read an event that tells how far a tool has come, or one that nobody knows."""
        found = Found(self._channels)
        for key in list(data):
            if key not in _MARKS:
                found.strings(data, key, f"{form}.{shown(key)}")
        item = self._open
        return found.frame(raw, data, item=item)

    def _list(self, parts: object) -> list[dict[str, Any]]:
        if parts is None:
            return []
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise self._broke("sent an item whose parts are no array of objects")
        return parts

    def _broke(self, what: str) -> UpstreamBroke:
        return broke(self._upstream, what)
