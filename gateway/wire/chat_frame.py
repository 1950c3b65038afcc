"""OpenAI chat answers as frames: every text that a chunk or a whole completion brings, and where it stands.

The shape of an answer is checked as far as texts may hide in it: what is no array, object or string
where one belongs is refused, and what stands beside the known fields is named as unread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeGuard

import orjson

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Delta, Kind, Usage, shown
from gateway.ports import Frame, Medium
from gateway.wire.enclosed import enclosed

TEXT_KEYS: Final[Mapping[str, tuple[Kind, int]]] = {
    "content": ("content", 0),
    "reasoning_content": ("reasoning", 0),
    "reasoning": ("reasoning", 1),
    "refusal": ("refusal", 0),
}
"""Where a message holds text: kind and number of the channel. Some servers say the same thoughts under
both names; they are two channels, for one made of both would be no text at all."""

PART_KEYS: Final = ("text", "refusal")
"""Where a content part holds text; ``thinking`` holds parts of its own (Mistral)."""

FUNCTION_CALL: Final = -1
"""The number of the one call that the legacy ``function_call`` makes."""

_CHOICE_KEYS: Final = (
    frozenset({"index", "finish_reason", "logprobs", "content_filter_results", "content_filter_result"})
    | {"content_filter_offsets", "stop_reason", "native_finish_reason", "matched_stop", "token_ids"}
    | {"routed_experts", "seed", "error", "provider_specific_fields"}
)
_CALL_KEYS: Final = frozenset({"id", "type", "index", "function", "extra_content", "provider_specific_fields"})
_FUNCTION_KEYS: Final = frozenset({"name", "arguments"})


def broke(upstream: str, what: str) -> UpstreamBroke:
    """Say what an upstream did wrong; never what it said."""
    return UpstreamBroke(f"The upstream {upstream} {what}.", upstream=upstream)


def parse(raw: bytes, thing: str, upstream: str) -> dict[str, Any]:
    """Parse a chunk or a completion, an object; raises ``UpstreamBroke``."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise broke(upstream, f"sent {thing} that is not JSON") from None
    if not isinstance(data, dict):
        raise broke(upstream, f"sent {thing} that is not a JSON object")
    return data


def dump(data: Mapping[str, Any], upstream: str) -> bytes:
    """Write a chunk or a completion; raises ``UpstreamBroke`` if it is nested deeper than can be written."""
    try:
        return orjson.dumps(data)
    except orjson.JSONEncodeError:
        raise broke(upstream, "sent an answer that is nested too deep") from None


def read(
    raw: bytes, data: dict[str, Any], key: str, upstream: str, begun: Collection[int] = (), *, pieces: bool = False
) -> Frame:
    """Find the texts of a chunk (``key`` is ``delta``) or of a whole answer (``message``).

    Afterwards every choice in ``data`` has an ``index``.

    Args:
        raw: The bytes that may leave if nothing changes.
        data: What they say.
        key: Where a choice holds its message.
        upstream: Who sent it, for errors.
        begun: Choices whose role was said before.
        pieces: Whether a sound comes in pieces.

    Raises:
        UpstreamBroke: The shape is not that of an answer.
    """
    choices = data.get("choices")
    if choices is None:
        choices = data["choices"] = []
    if not isinstance(choices, list):
        raise broke(upstream, "sent choices that are not an array")
    reading = _Reading(upstream, begun, pieces=pieces)
    for at, choice in enumerate(choices):
        reading.choice(at, choice, key)
    usage = data.get("usage")
    return Frame(
        raw,
        data,
        tuple(reading.deltas),
        tuple(reading.places),
        reading.ends,
        reading.bare and not usage and bool(reading.deltas),
        _usage(usage) if isinstance(usage, dict) and usage else None,
        tuple(reading.unread),
        media=tuple(reading.media),
    )


class _Reading:
    """What was found in one frame, collected choice by choice."""

    __slots__ = ("_begun", "_pieces", "_upstream", "bare", "deltas", "ends", "media", "places", "unread")

    def __init__(self, upstream: str, begun: Collection[int], *, pieces: bool) -> None:
        self._upstream, self._begun, self._pieces = upstream, begun, pieces
        self.deltas: list[Delta] = []
        self.places: list[tuple[dict[str, Any], str]] = []
        self.ends: dict[int, str] = {}
        self.unread: list[str] = []
        self.media: list[Medium] = []
        self.bare = True

    def choice(self, at: int, choice: object, key: str) -> None:
        if not isinstance(choice, dict):
            raise broke(self._upstream, "sent a choice that is not an object")
        number = choice.get("index")
        if number is None:
            number = choice["index"] = at
        if not _is_count(number):
            raise broke(self._upstream, "sent a choice whose index is not a number from 0 on")
        if reason := choice.get("finish_reason"):
            if not isinstance(reason, str):
                raise broke(self._upstream, "sent a finish reason that is not a string")
            self.ends[number] = reason
            self.bare = False
        if (piece := choice.get(key)) is not None:
            if not isinstance(piece, dict):
                raise broke(self._upstream, f"sent a {key} that is not an object")
            self._message(number, piece, key)
        for other, value in choice.items():
            if value and other != key and other not in _CHOICE_KEYS and isinstance(value, str | list | dict):
                self._hidden(f"choices[{number}].{shown(other)}")
                self.media += enclosed(choice, number, only=(other,))

    def _message(self, number: int, piece: dict[str, Any], path: str) -> None:
        for key, value in piece.items():
            if value is None:
                continue
            if key in TEXT_KEYS:
                kind, call = TEXT_KEYS[key]
                channel = Channel(number, kind, call)
                if isinstance(value, str):
                    self._text(channel, piece, key)
                elif isinstance(value, list):
                    self._parts(channel, value, f"choices[{number}].{path}.{key}")
                else:
                    raise broke(self._upstream, f"sent {key} that is neither a string nor an array of parts")
            elif key == "tool_calls":
                self._calls(number, value)
            elif key == "function_call":
                self._function(Channel(number, "arguments", FUNCTION_CALL), value, f"choices[{number}].function_call")
            elif key == "role" and isinstance(value, str):
                self.bare = self.bare and number in self._begun  # some servers repeat it in every chunk
            elif value:
                self.bare = False
                self._other(number, piece, key, path)

    def _other(self, number: int, piece: dict[str, Any], key: str, path: str) -> None:
        """Note what a message brings beside texts and calls: for detectors unread, for labels pictures and files."""
        value = piece[key]
        if isinstance(value, str | list | dict):
            self._hidden(f"choices[{number}].{path}.{shown(key)}")
        if key == "images" and isinstance(value, list):
            self._pictures(number, value)
        elif key == "audio" and isinstance(value, dict):
            self._audio(number, value)
        else:
            self.media += enclosed(piece, number, only=(key,))

    def _parts(self, channel: Channel, parts: list[Any], path: str, *, inner: bool = False) -> None:
        self.bare = False
        self._pictures(channel.choice, parts)
        for at, part in enumerate(parts):
            said = False
            if isinstance(part, dict):
                for key in PART_KEYS:
                    if isinstance(part.get(key), str):
                        self._text(channel, part, key)
                        said = True
                if isinstance(part.get("thinking"), list) and not inner:
                    thoughts = Channel(channel.choice, "reasoning")
                    self._parts(thoughts, part["thinking"], f"{path}[{at}].thinking", inner=True)
                    said = True
            if not said or any(
                value and key not in ("type", *PART_KEYS, "thinking") and isinstance(value, str | list | dict)
                for key, value in part.items()
            ):
                self._hidden(f"{path}[{at}]")

    def _pictures(self, choice: int, parts: list[Any]) -> None:
        """Note every picture among parts (``image_url``: an object with a ``url``, or the bare URL), and every file."""
        for at, part in enumerate(parts):
            if isinstance(part, str):
                self.media += [Medium("picture", parts, at, "url", choice)] if part.startswith("data:") else []
            if not isinstance(part, dict):
                continue
            holder, key = part, "image_url"
            if isinstance(part.get(key), dict):
                holder, key = part[key], "url"
            if isinstance(holder.get(key), str):
                self.media.append(Medium("picture", holder, key, "url", choice))
            self.media += enclosed(part, choice, only=part.keys() - {"image_url", "thinking"})

    def _audio(self, choice: int, audio: dict[str, Any]) -> None:
        """Note what the model says in a voice of its own: whole, or samples in pieces."""
        if isinstance(audio.get("data"), str) and audio["data"]:
            self.media.append(Medium("sound", audio, "data", "samples" if self._pieces else "base64", choice))

    def _calls(self, number: int, calls: object) -> None:
        if not isinstance(calls, list):
            raise broke(self._upstream, "sent tool calls that are not an array")
        for at, call in enumerate(calls):
            if not isinstance(call, dict):
                raise broke(self._upstream, "sent a tool call that is not an object")
            index = call.get("index")
            if call.get("id"):
                self.bare = False
            path = f"choices[{number}].tool_calls[{at}]"
            if (function := call.get("function")) is not None:
                self._function(Channel(number, "arguments", index if _is_count(index) else at), function, path)
            self._others(call, _CALL_KEYS, path, number)

    def _function(self, channel: Channel, function: object, path: str) -> None:
        if not isinstance(function, dict):
            raise broke(self._upstream, "sent a tool call whose function is not an object")
        if function.get("name") or channel.call == FUNCTION_CALL:
            self.bare = False
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            self._text(channel, function, "arguments")
        elif arguments is not None:
            raise broke(self._upstream, "sent tool-call arguments that are not a string")
        self._others(function, _FUNCTION_KEYS, f"{path}.function", channel.choice)

    def _others(self, item: Mapping[str, Any], known: frozenset[str], path: str, choice: int) -> None:
        """Note what may hold words beside the fields that are known."""
        for key, value in item.items():
            if key not in known and value and isinstance(value, str | list | dict):
                self._hidden(f"{path}.{shown(key)}")
                self.media += enclosed(item, choice, only=(key,))

    def _hidden(self, path: str) -> None:
        self.bare = False
        self.unread.append(path)

    def _text(self, channel: Channel, place: dict[str, Any], key: str) -> None:
        self.deltas.append(Delta(channel, place[key]))
        self.places.append((place, key))


def _usage(usage: Mapping[str, Any]) -> Usage:
    asked, said = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(asked if _is_count(asked) else 0, said if _is_count(said) else 0)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
