"""OpenAI speech: where a request holds text; the answer is a sound.

https://platform.openai.com/docs/api-reference/audio/createSpeech

The text was judged before it was spoken; the sound itself is not, so it counts as unjudged. There is no
voice to say a reply with: a refusal is an error, ``content_filter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.exchange import Question, Usage
from gateway.ports import AnswerCodec, Frame, Medium, Passage
from gateway.wire.made import Made, Requests

_SILENT: Final = frozenset({"voice", "response_format", "speed", "stream_format"})
_TEXT: Final = (b"{", b"[", b"<")


class Speech(Requests):
    """The dialect of ``POST /v1/audio/speech``."""

    def __init__(self) -> None:
        super().__init__("speech", "input", _SILENT, {"stream_format": "sse", "stream": True})

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for the answer."""
        return SpeechAnswer(upstream, raw=question.body.get("response_format") == "pcm")


class SpeechAnswer:
    """Reads and writes one sound, whole: a label belongs to all of it.

    Args:
        upstream: Who sends it, for errors.
        raw: Whether bare samples were asked for, which may look like anything.
    """

    def __init__(self, upstream: str, *, raw: bool = False) -> None:
        self.content_type = ""
        self._made, self._bare = Made(upstream), raw

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; the sound has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._made.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the sound as one frame; raises ``UpstreamBroke`` if it is none, but text that nobody has judged."""
        data = self._made.whole()
        if not data or (not self._bare and data[:64].lstrip().startswith(_TEXT)):
            raise self._made.broke("sent no sound")
        body = {"audio": data}
        return [Frame(data, body, unread=("audio",), last=True, media=(Medium("sound", body, "audio", "bytes"),))]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the sound, with its label where it has one."""
        sound: bytes = frame.data["audio"]
        return sound

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Nothing: no voice says words of ours; the path gives an error."""
        return b""

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing: a whole answer leaves at once or not at all."""
        return b""
