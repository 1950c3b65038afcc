"""OpenAI image generation: where a request holds text, and where an answer holds pictures.

https://platform.openai.com/docs/api-reference/images/create

No picture is judged, so each counts as unjudged; what the upstream says that it drew
(``revised_prompt``) is judged like an answer. There is no picture to say a reply with: a refusal is an
error, ``content_filter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.exchange import Channel, Delta, Question, Usage, shown
from gateway.ports import AnswerCodec, Frame, Medium, Passage
from gateway.wire.made import Made, Requests

_SILENT: Final = (
    frozenset({"n", "size", "quality", "response_format", "background", "moderation", "output_format", "style"})
    | {"output_compression", "partial_images", "stream"}
)  # fmt: skip
_FORMS: Final[Mapping[str, str]] = {"b64_json": "base64", "url": "url"}


class Images(Requests):
    """The dialect of ``POST /v1/images/generations``."""

    def __init__(self) -> None:
        super().__init__("images", "prompt", _SILENT, {"stream": True})

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for the answer."""
        return ImagesAnswer(upstream)


class ImagesAnswer:
    """Reads and writes one answer: ``data``, an array of pictures in base64 or behind URLs."""

    def __init__(self, upstream: str) -> None:
        self.content_type = "application/json"
        self._made = Made(upstream)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; the answer has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._made.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the answer as one frame; raises ``UpstreamBroke`` if it is none."""
        raw = self._made.whole()
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise self._made.broke("sent an answer that is not JSON") from None
        rows = body.get("data") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise self._made.broke("sent an answer that holds no pictures (data, an array of objects)")
        deltas: list[Delta] = []
        places: list[tuple[dict[str, Any], str]] = []
        media: list[Medium] = []
        unread: list[str] = []
        for number, row in enumerate(rows):
            found = [
                Medium("picture", row, key, "base64" if key == "b64_json" else "url", number)
                for key in _FORMS
                if isinstance(row.get(key), str) and row[key]
            ]
            if not found:
                raise self._made.broke("sent a picture that is neither in b64_json nor behind a url")
            media += found
            for key, value in row.items():
                if key == "revised_prompt" and isinstance(value, str):
                    deltas.append(Delta(Channel(number, "content"), value))
                    places.append((row, key))
                elif value and isinstance(value, str | list | dict):
                    unread.append(f"data[{number}].{shown(key)}")
        usage = body.get("usage")
        return [
            Frame(
                raw,
                body,
                tuple(deltas),
                tuple(places),
                usage=_usage(usage) if isinstance(usage, dict) else None,
                unread=tuple(unread),
                last=True,
                media=tuple(media),
            )
        ]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the answer, as it came if nothing changed."""
        changed = False
        for (place, key), text in zip(frame.places, passage.texts, strict=True):
            changed = changed or place[key] != text
            place[key] = text
        if not (changed or passage.fields or passage.relabelled):
            return frame.raw
        try:
            return orjson.dumps({**frame.data, **passage.fields})
        except orjson.JSONEncodeError:
            raise self._made.broke("sent an answer that is nested too deep") from None

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Nothing: no picture says words of ours; the path gives an error."""
        return b""

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing: a whole answer leaves at once or not at all."""
        return b""


def _usage(usage: Mapping[str, Any]) -> Usage:
    counts = [usage.get(key) for key in ("input_tokens", "output_tokens")]
    asked, said = (count if isinstance(count, int) and count >= 0 else 0 for count in counts)
    return Usage(asked, said)
