"""Anthropic answers as frames: every text that an event or a whole message brings, and where it stands.

Each content block is a channel of its own, numbered from 1 on; number 0 is for our own words. The order of events
is checked: what does not fit is refused, so that no text slips past its block, and what may hold words but cannot
be shown to detectors is named as unread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from gateway.exchange import Channel, Delta, Kind, Usage, shown
from gateway.ports import Frame, Medium
from gateway.wire.chat_frame import broke, dump
from gateway.wire.enclosed import enclosed
from gateway.wire.sse import Event

OWN: Final = Channel(0, "content")
"""Where our own words stand: labels, notices, replies."""

_TEXTS: Final[Mapping[str, tuple[Kind, str]]] = {"text": ("content", "text"), "thinking": ("reasoning", "thinking")}
"""Blocks that hold text: what it is, and under which key."""

_CALLS: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_DELTAS: Final[Mapping[str, tuple[Kind, str]]] = {
    "text_delta": ("content", "text"),
    "thinking_delta": ("reasoning", "thinking"),
    "input_json_delta": ("arguments", "partial_json"),
}
_SILENT: Final = frozenset({"type", "id", "name", "input", "text", "thinking", "signature", "citations", "caller"})
"""Fields of blocks that are read by themselves, or that are ids, names and seals."""

_CITED: Final = ("cited_text", "document_title", "title", "source", "url")
_SEALS: Final = frozenset({"type", "encrypted_index", "file_id"})


def sse(data: Mapping[str, Any], upstream: str = "") -> bytes:
    """Write one event under the name of its type; raises ``UpstreamBroke`` if it is nested too deep."""
    return b"event: " + str(data["type"]).encode() + b"\ndata: " + dump(data, upstream) + b"\n\n"


def channel_of(form: str, index: int) -> Channel | None:
    """Return the channel of a block; None for one that holds no text that comes in pieces."""
    if form in _CALLS:
        return Channel(0, "arguments", index + 1)
    if form in _TEXTS:
        return Channel(0, _TEXTS[form][0], index + 1)
    return None


def usage_of(usage: object) -> tuple[int | None, int | None]:
    """Return the tokens of a usage object, those of caches among the input; None for what it does not say."""
    if not isinstance(usage, dict):
        return None, None
    cached = (usage.get(name) for name in ("cache_creation_input_tokens", "cache_read_input_tokens"))
    asked, said = usage.get("input_tokens"), usage.get("output_tokens")
    total = asked + sum(count for count in cached if is_count(count)) if is_count(asked) else None
    return total, said if is_count(said) else None


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a number from 0 on."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class Citations:
    """Numbers the channels of citations: each of their texts is whole at once."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, citation: Mapping[str, Any]) -> Iterator[tuple[Channel, str]]:
        """Yield a channel and a key for each text of a citation."""
        for key in _CITED:
            if isinstance(citation.get(key), str) and citation[key]:
                self._count += 1
                yield Channel(0, "name", self._count), key


def hidden(item: Mapping[str, Any], known: frozenset[str], path: str) -> Iterator[str]:
    """Yield what may hold words beside the fields that are known."""
    for key, value in item.items():
        if key not in known and value and isinstance(value, str | list | dict):
            yield f"{path}.{shown(key)}"


def unread_of(block: Mapping[str, Any], index: int) -> tuple[str, ...]:
    """Return the paths in a block that no detector can read; what its vendor sealed is for nobody's eyes."""
    form = block["type"]
    if form == "redacted_thinking":
        return tuple(hidden(block, frozenset({"type", "data"}), f"content[{index}]"))
    if channel_of(form, index) is None:
        return (f"content[{index}]",)
    return tuple(hidden(block, _SILENT, f"content[{index}]"))


def media_of(block: Mapping[str, Any], index: int) -> tuple[Medium, ...]:
    """Return the pictures and files that a block holds: what tools returned, or a picture that the model made."""
    form = block["type"]
    if form == "redacted_thinking" or channel_of(form, index) is not None:
        return ()
    found = enclosed(block)
    return tuple(medium._replace(kind="picture") if form == "image" else medium for medium in found)


def cited(citation: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """Return the paths in a citation that no detector can read."""
    return tuple(hidden(citation, _SEALS | frozenset(_CITED), path))


class EventReader:
    """Reads the events of one answer in their order.

    Attributes:
        begun: The message has begun.
        ended: Why the model stopped has been said.
        done: The terminal has come.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._citations = Citations()
        self._open: tuple[int, str] | None = None
        self._next = 0
        self._input: int | None = None
        self.begun = self.ended = self.done = False

    def read(self, raw: bytes, data: dict[str, Any], item: Event) -> list[Frame]:
        """Return the frames that an event makes; raises ``UpstreamBroke`` for one that does not fit."""
        form = data.get("type")
        if not isinstance(form, str) or not form.replace("_", "a").isalpha() or not form.isascii():
            raise self._broke("sent an event without a type")
        if item.name != form:
            raw = sse(data, self._upstream)  # clients go by the name
        if form == "ping":
            return [Frame(raw)]
        if form == "error":
            raise self._broke("reported an error in the middle of the answer")
        if not self.begun and form != "message_start":
            raise self._broke("sent an event before the message began")
        if form.startswith("content_block"):
            return list(self._content(form, raw, data))
        frames = {"message_start": self._start, "message_stop": self._stop, "message_delta": self._delta}
        if form in frames:
            return [frames[form](raw, data)]
        return [Frame(raw, data, unread=tuple(hidden(data, frozenset({"type"}), form)))]

    def _content(self, form: str, raw: bytes, data: dict[str, Any]) -> Iterator[Frame]:
        if self.ended:
            raise self._broke("sent content after the end of its message")
        if form == "content_block_start":
            yield from self._block(data, raw)
            return
        if self._open is None or data.get("index") != self._open[0]:
            raise self._broke("sent an event of a block that is not open")
        index, kind = self._open
        if form == "content_block_stop":
            self._open = None
            channel = channel_of(kind, index)
            yield Frame(raw, data, closes=(channel,) if channel else ())
        else:
            yield self._piece(raw, data, index, kind)

    def _start(self, raw: bytes, data: dict[str, Any]) -> Frame:
        message = data.get("message")
        if self.begun or not isinstance(message, dict):
            raise self._broke("sent a message_start that does not fit")
        if message.get("content"):
            raise self._broke("began a message that has content already")
        self.begun = True
        self._input, _ = usage_of(message.get("usage"))
        return Frame(raw, data, begins=True)

    def _stop(self, raw: bytes, data: dict[str, Any]) -> Frame:
        if self._open is not None or not self.ended:
            raise self._broke("ended an answer that was not finished")
        self.done = True
        return Frame(raw, data, last=True)

    def _delta(self, raw: bytes, data: dict[str, Any]) -> Frame:
        delta = data.get("delta")
        if not isinstance(delta, dict) or self.ended:
            raise self._broke("sent a message_delta that does not fit")
        reason = delta.get("stop_reason")
        asked, said = usage_of(data.get("usage"))
        self._input = asked if asked is not None else self._input
        usage = Usage(self._input or 0, said or 0) if said is not None else None
        if reason is None:
            return Frame(raw, data, usage=usage)
        if not isinstance(reason, str) or self._open is not None:
            raise self._broke("ended an answer that was not finished")
        self.ended = True
        return Frame(raw, data, ends={0: reason}, usage=usage)

    def _block(self, data: dict[str, Any], raw: bytes) -> Iterator[Frame]:
        """Read the start of a block; words that it brings already become a piece of their own."""
        block, index = data.get("content_block"), data.get("index")
        if self._open is not None or index != self._next or not is_count(index) or not isinstance(block, dict):
            raise self._broke("began a block that does not fit")
        form = block.get("type")
        if not isinstance(form, str):
            raise self._broke("began a block without a type")
        self._open, self._next = (index, form), index + 1
        words: dict[str, Any] | None = None
        notes = block.get("citations") or []
        if form in _TEXTS:
            key = _TEXTS[form][1]
            if not isinstance(block.get(key, ""), str) or not isinstance(notes, list):
                raise self._broke(f"began a block whose {key} does not fit")
            if block.get(key):
                words = {"type": f"{form}_delta", key: block[key]}
                block[key] = ""
            if notes:
                block["citations"] = []
        elif form in _CALLS and block.get("input"):
            if not isinstance(block["input"], dict):
                raise self._broke("called a tool with an input that is not an object")
            words = {"type": "input_json_delta", "partial_json": dump(block["input"], self._upstream).decode()}
            block["input"] = {}
        if words or notes:
            raw = sse(data, self._upstream)
        yield Frame(raw, data, unread=unread_of(block, index), media=media_of(block, index))
        for delta in [*([words] if words else []), *({"type": "citations_delta", "citation": note} for note in notes)]:
            more = {"type": "content_block_delta", "index": index, "delta": delta}
            yield self._piece(sse(more, self._upstream), more, index, form)

    def _piece(self, raw: bytes, data: dict[str, Any], index: int, form: str) -> Frame:
        delta = data.get("delta")
        if not isinstance(delta, dict):
            raise self._broke("sent a delta that is not an object")
        kind = str(delta.get("type"))
        channel = channel_of(form, index)
        if kind in _DELTAS:
            what, key = _DELTAS[kind]
            if channel is None or channel.kind != what or not isinstance(delta.get(key), str):
                raise self._broke(f"sent a {kind} that does not fit its block")
            unread = tuple(hidden(delta, frozenset({"type", key, "estimated_tokens"}), f"content[{index}]"))
            return Frame(raw, data, (Delta(channel, delta[key]),), ((delta, key),), bare=not unread, unread=unread)
        if kind == "signature_delta":
            return Frame(raw, data, closes=(channel,) if channel else ())  # it seals words that are complete
        citation = delta.get("citation")
        if kind == "citations_delta" and isinstance(citation, dict):
            found = list(self._citations.read(citation))
            return Frame(
                raw,
                data,
                tuple(Delta(at, citation[key]) for at, key in found),
                tuple((citation, key) for _, key in found),
                unread=cited(citation, f"content[{index}].citations"),
                closes=tuple(at for at, _ in found),
            )
        return Frame(raw, data, unread=(f"content[{index}].delta",))

    def _broke(self, what: str) -> Exception:
        return broke(self._upstream, what)
