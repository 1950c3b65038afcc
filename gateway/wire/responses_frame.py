"""OpenAI responses as frames: every text that an event or a whole response brings, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.exchange import Channel, Delta, Usage, shown
from gateway.ports import Medium
from gateway.wire.chat_frame import broke
from gateway.wire.messages_frame import is_count
from gateway.wire.responses_parts import PARTS, SECTIONS, SINGLE, TEXT, Form, Step

PART_KEYS: Final = frozenset({"type", "text", "refusal", "annotations", "logprobs"})
ITEM_KEYS: Final = frozenset({"type", "id", "status", "role", "content", "phase", "summary", "encrypted_content"})
CALL_KEYS: Final = frozenset({"type", "id", "status", "call_id", "name", "namespace", "caller", "arguments", "input"})
SEALS: Final = frozenset({"id", "call_id", "type", "status", "encrypted_content", "file_id", "container_id", "role"})
"""Keys of strings that say nothing: ids, words of the format, what a vendor sealed."""
_PICTURES: Final = frozenset({"result", "partial_image_b64"})
_UNSEEN: Final = frozenset({"image_url", "file_data", "screenshot", "image"})
_RESPONSE_KEYS: Final = (
    frozenset(
        {"id", "object", "created_at", "completed_at", "status", "error", "incomplete_details", "model", "output"}
    )
    | {"instructions", "tools", "metadata", "user", "safety_identifier", "prompt_cache_key", "previous_response_id"}
    | {"prompt", "text", "tool_choice", "reasoning", "usage", "truncation", "service_tier", "billing", "moderation"}
    | {"conversation", "prompt_cache_retention", "prompt_cache_options", "output_text", "aigc", "aigc_hint"}
)


def usage_of(usage: object) -> Usage | None:
    """Return the tokens of a usage object, if it is one."""
    if not isinstance(usage, dict):
        return None
    asked, said = usage.get("input_tokens"), usage.get("output_tokens")
    return Usage(asked if is_count(asked) else 0, said if is_count(said) else 0)


def hidden(item: Mapping[str, Any], known: frozenset[str], path: str) -> Iterator[str]:
    """Yield what may hold words beside the fields that are known."""
    for key, value in item.items():
        if key not in known and value and isinstance(value, str | list | dict):
            yield f"{path}.{shown(key)}" if path else shown(key)


def hidden_in_response(response: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what may hold words in a response, beside its output and what it repeats of the request."""
    return tuple(hidden(response, _RESPONSE_KEYS, ""))


class Found:
    """What is found in one event: texts with their places, pictures, and what nobody can read.

    Args:
        channels: Gives a new channel for a text that is whole at once.
    """

    def __init__(self, channels: Iterator[int]) -> None:
        self._channels = channels
        self.deltas: list[Delta] = []
        self.places: list[tuple[dict[str, Any], str]] = []
        self.media: list[Medium] = []
        self.unread: list[str] = []

    def text(self, place: dict[str, Any], key: str) -> None:
        """Note a text that is whole."""
        self.deltas.append(Delta(Channel(0, "name", next(self._channels)), place[key]))
        self.places.append((place, key))

    def strings(self, holder: dict[str, Any], key: str, path: str) -> None:
        """Note every string below a key; bare strings of a list have no place of their own and are named unread."""
        pending: list[tuple[dict[str, Any], str, str]] = [(holder, key, path)]
        while pending:
            place, name, at = pending.pop()
            value = place[name]
            if name in SEALS or not value:
                continue
            if name in _UNSEEN:
                self.unread.append(at)
            elif name in _PICTURES and isinstance(value, str):
                self.media.append(Medium("picture", place, name, "base64"))
                self.unread.append(at)
            elif isinstance(value, str):
                self.text(place, name)
            elif isinstance(value, dict):
                pending.extend((value, inner, f"{at}.{shown(inner)}") for inner in reversed(value))
            elif isinstance(value, list):
                for number, inner in reversed(list(enumerate(value))):
                    if isinstance(inner, dict):
                        pending.extend((inner, one, f"{at}[{number}].{shown(one)}") for one in reversed(inner))
                    elif inner and isinstance(inner, str | list):
                        self.unread.append(f"{at}[{number}]")

    def part(self, form: Form, place: dict[str, Any]) -> None:
        """Note the text of a part."""
        if place.get(form.key):
            self.deltas.append(Delta(Channel(0, form.kind, next(self._channels)), place[form.key]))
            self.places.append((place, form.key))

    def frame(self, raw: bytes, data: dict[str, Any], **more: Any) -> Step:
        """Return the frame of an event in which all this stands."""
        return Step(
            raw,
            data,
            tuple(self.deltas),
            tuple(self.places),
            closes=tuple(delta.channel for delta in self.deltas),
            unread=(*self.unread, *more.pop("unread", ())),
            media=tuple(self.media),
            **more,
        )


def read_whole(response: dict[str, Any], upstream: str) -> tuple[Found, dict[str, Any] | None]:
    """Find every text of a whole response; return it, and the last part in which words of ours may stand.

    Raises:
        UpstreamBroke: The shape is not that of a response.
    """
    found = Found(iter(range(1, 1_000_000_000)))
    own: dict[str, Any] | None = None
    for index, item in enumerate(response["output"]):
        path, type = f"output[{index}]", item["type"]
        own = own if type == "reasoning" else None
        for section in SECTIONS.get(type, ()):
            parts = item.get(section) or []
            if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
                raise broke(upstream, "sent an item whose parts are no array of objects")
            for at, part in enumerate(parts):
                form = PARTS.get((section, str(part.get("type"))))
                if form is None or not isinstance(part.get(form.key, ""), str):
                    raise broke(upstream, "sent a part that does not fit its item")
                found.part(form, part)
                if part.get("annotations"):
                    found.strings(part, "annotations", f"{path}.{section}[{at}].annotations")
                found.unread.extend(hidden(part, PART_KEYS, f"{path}.{section}[{at}]"))
                own = part if form is TEXT else None
        if type in SECTIONS:
            found.unread.extend(hidden(item, ITEM_KEYS, path))
            continue
        known = SEALS
        if type in SINGLE:
            form = SINGLE[type]
            if not isinstance(item.get(form.key, ""), str | None):
                raise broke(upstream, f"called a tool with {form.key} that are no text")
            found.part(form, item)
            known = CALL_KEYS | {form.key}
        for key in item:
            if key not in known:
                found.strings(item, key, f"{path}.{shown(key)}")
    if isinstance(response.get("error"), dict):
        found.strings(response, "error", "error")
    return found, own
