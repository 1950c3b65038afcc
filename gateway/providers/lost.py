"""What LiteLLM would leave out of a chat without a word: named here, so that whoever asks hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

ANTHROPIC: Final = "anthropic/"
"""How the names of models begin that are asked in Anthropic's format."""

_PARTS: Final[Mapping[str, str]] = {"input_audio": "sounds", "video_url": "films"}


def lost_by_anthropic(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield where something stands that would not reach an Anthropic server, and what it is.

    Seen with LiteLLM 1.106: sounds vanish, JSON mode without a schema vanishes, the id of a file becomes an upload
    into a container that nobody asked for.
    """
    shape = request.get("response_format")
    if isinstance(shape, dict) and shape.get("type") == "json_object":
        yield "response_format", "json_object without a schema"
    messages = request.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        parts = message.get("content") if isinstance(message, dict) else None
        for at, part in enumerate(parts if isinstance(parts, list) else ()):
            form = str(part.get("type")) if isinstance(part, dict) else ""
            place = f"messages[{index}].content[{at}]"
            if form in _PARTS:
                yield place, _PARTS[form]
            elif form == "file" and isinstance(part.get("file"), dict) and part["file"].get("file_id"):
                yield place, "files by their id"
