"""Requests that come as forms: a prompt beside files that nobody judges. Pictures to change, sounds to write down.

Every text of a form is a slot but for the fields that each dialect names; every file is unread.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path, Question, Slot, dotted
from gateway.ports import AnswerCodec
from gateway.wire import forms
from gateway.wire.chat import error_object
from gateway.wire.images import ImagesAnswer
from gateway.wire.reading import wrong
from gateway.wire.transcript import TranscriptStream, TranscriptWhole

EDITS: Final = "/images/edits"
VARIATIONS: Final = "/images/variations"
TRANSCRIPTIONS: Final = "/audio/transcriptions"
TRANSLATIONS: Final = "/audio/translations"
_COUNT: Final = re.compile(r"[0-9]{1,3}")
_DRAWN: Final = frozenset({"n", "size", "quality", "response_format", "background", "output_format", "stream"}) | {
    "output_compression", "partial_images", "input_fidelity", "moderation", "style",
}  # fmt: skip
_WRITTEN: Final = frozenset({"response_format", "temperature", "language", "stream", "chunking_strategy"}) | {
    "timestamp_granularities[]", "include[]", "known_speaker_references[]",
}  # fmt: skip


class Formed:
    """Reads and writes the requests of one endpoint that takes forms.

    Args:
        name: The dialect's name.
        needed: Fields that have to be there, files and texts.
        silent: Texts that the model does not read as text.
    """

    def __init__(self, name: str, needed: Collection[str], silent: Collection[str]) -> None:
        self.name = name
        self._needed, self._silent = tuple(needed), frozenset({"model", "user", *silent})

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; raises ``RequestError`` with what and where."""
        form = forms.parse(raw)
        texts = form.texts()
        files = [field.name for field in form.fields if field.is_file]
        if not texts.get("model"):
            raise wrong("model", "a non-empty string", texts.get("model"))
        for name in self._needed:
            if not texts.get(name) and name not in files and f"{name}[]" not in files:
                raise wrong(name, "a field of the form", None)
        slots: list[Slot] = []
        for name, said in texts.items():
            if name in self._silent:
                continue
            for number, text in enumerate(said if isinstance(said, list) else [said]):
                at: Path = (name, number) if isinstance(said, list) else (name,)
                if text:
                    slots.append(Slot(at, "user", "content", text))
        unread = [*dict.fromkeys(files), *(name for name in ("known_speaker_references[]",) if name in texts)]
        return self._question(
            Question(
                dialect=self.name,
                raw=raw,
                body=texts,
                model=texts["model"],
                stream=False,
                slots=tuple(slots),
                unread=tuple(dotted((name.removesuffix("[]"),)) for name in unread),
                plain=False,
                user=texts.get("user"),
                content_type=form.content_type,
            )
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the form for the upstream, written anew: with changed texts and the model name."""
        return forms.write(forms.parse(question.raw), {**changes, ("model",): model})

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for the answer."""
        raise NotImplementedError

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})

    def _question(self, question: Question) -> Question:
        """Check what is particular to this endpoint."""
        return question


class PictureForms(Formed):
    """The dialect of ``POST /v1/images/edits`` and ``/v1/images/variations``.

    Args:
        edits: Whether a prompt says what to change.
    """

    def __init__(self, *, edits: bool) -> None:
        super().__init__("images", ("image", "prompt") if edits else ("image",), _DRAWN)

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for the pictures."""
        return ImagesAnswer(upstream)

    def _question(self, question: Question) -> Question:
        said = question.body
        if _is_true(said.get("stream")):
            text = "stream is not served here: a label belongs to all of what is made. Leave it out."
            raise RequestError(text, code="stream_not_served", param="stream")
        count = said.get("n") or "1"
        if not _COUNT.fullmatch(count) or not 1 <= int(count) <= 128:
            raise RequestError("n must be between 1 and 128.", code="out_of_range", param="n")
        return replace(question, wordless=True, choices=int(count))


class SpeechForms(Formed):
    """The dialect of ``POST /v1/audio/transcriptions`` and ``/v1/audio/translations``.

    The sound is not judged; the prompt and what is written down are.
    """

    def __init__(self) -> None:
        super().__init__("transcriptions", ("file",), _WRITTEN)

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for what is written down."""
        if question.stream:
            return TranscriptStream(upstream, whole=not stream)
        return TranscriptWhole(upstream, question.body.get("response_format") or "json")

    def _question(self, question: Question) -> Question:
        return replace(question, stream=_is_true(question.body.get("stream")))


def _is_true(said: object) -> bool:
    return isinstance(said, str) and said.strip().lower() in ("true", "1", "yes", "on")
