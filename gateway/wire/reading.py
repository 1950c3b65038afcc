"""What every dialect does alike when it reads a request: whose turn it is, checks of types, texts in definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from gateway.errors import RequestError
from gateway.exchange import Path, Role, Slot
from gateway.wire.body import kind as json_kind

ID: Final = re.compile(r"[!-~]*")
"""What an id looks like; anything else in its place might be text."""


class Speaker(NamedTuple):
    """Who speaks, and whether now or in an earlier turn."""

    role: Role
    current: bool


DEFINER: Final = Speaker("system", True)


def turn_start(messages: Sequence[object]) -> int:
    """Return the index of the first message of the turn that is to be answered now.

    A turn begins after the last word of the assistant that somebody else answered; so an
    assistant message at the very end (a prefill) belongs to the turn.
    """
    end = len(messages)
    while end > 0 and _says_assistant(messages[end - 1]):
        end -= 1
    while end > 0 and not _says_assistant(messages[end - 1]):
        end -= 1
    return end


def _says_assistant(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant"


def strings(at: Path, value: object, speaker: Speaker, vocabulary: frozenset[str]) -> Iterator[Slot]:
    """Yield every string below ``value``: descriptions, enumerations, examples reach the model too.

    A key is a name with the path of its object and its number there, for ``rewrite``; keys of the vocabulary are
    the format's own.
    """
    pending: list[tuple[Path, object]] = [(at, value)]
    while pending:
        place, item = pending.pop()
        if isinstance(item, dict):
            pending.extend(((*place, key), inner) for key, inner in reversed(item.items()))
            for number, key in enumerate(item):
                if key not in vocabulary:
                    yield Slot((*place, number), speaker.role, "name", key, speaker.current)
        elif isinstance(item, list):
            pending.extend(((*place, number), inner) for number, inner in reversed(list(enumerate(item))))
        elif isinstance(item, str) and item:
            yield Slot(place, speaker.role, "definition", item, speaker.current)


def check_boolean(name: str, value: object) -> None:
    """Raise ``RequestError`` for what is neither a boolean nor absent."""
    if not isinstance(value, bool | None):
        raise wrong(name, "a boolean", value)


def check_integer(name: str, value: object, low: int, high: int) -> None:
    """Raise ``RequestError`` for what is neither an integer from ``low`` to ``high`` nor absent."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(name, "an integer", value)
    if not low <= value <= high:
        raise RequestError(f"{name} must be between {low} and {high}.", code="out_of_range", param=name)


def wrong(param: str, expected: str, got: object) -> RequestError:
    """Say what was expected where; never what stood there."""
    found = "nothing" if got is None else "an empty one" if got in ("", []) else json_kind(got)
    return RequestError(f"{param} must be {expected}, got {found}.", code="invalid_type", param=param)
