"""What was heard, written down: OpenAI's transcriptions and translations, whole and streamed.

Each format is one text to the detectors: the words of ``json``, the lines of ``text``, ``srt`` and ``vtt`` without
their times, the segments of ``verbose_json`` and ``diarized_json`` as one running text beside it. Single words with
their times stay only where nothing was changed: they spell the text out a second time. A transcript is what people
said, so it carries no label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.exchange import Channel, Delta, Usage, shown
from gateway.ports import Frame, Passage
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.incoming import EventFlow
from gateway.wire.made import Made
from gateway.wire.messages_frame import is_count
from gateway.wire.sse import DONE, Event, event

_TEXT: Final = Channel(0, "content")
_SEGMENTS: Final = Channel(0, "name", 1)
_SPEAKERS: Final = 2
"""The channel of the first speaker: each name stands by itself, for it may be a person's."""

_PLAIN: Final = frozenset({"text", "srt", "vtt"})
_KNOWN: Final = frozenset({"text", "task", "language", "duration", "segments", "words", "usage", "logprobs", "type"})
_SEGMENT: Final = frozenset({"id", "type", "text", "speaker", "tokens", "start", "end"})
_WORD: Final = re.compile(r"\w")
_MORE: Final[Mapping[str, Mapping[str, Any]]] = {
    "verbose_json": {"segments": [], "words": []},
    "diarized_json": {"task": "transcribe", "duration": 0.0, "segments": []},
}
"""What a transcript of ours has besides its text, by format."""

_MARKS: Final = ("NOTE", "STYLE", "WEBVTT", "REGION")


class TranscriptWhole:
    """Reads and writes one transcript.

    Args:
        upstream: Who sends it, for errors.
        form: The format that was asked for.
    """

    def __init__(self, upstream: str, form: str) -> None:
        self.content_type = "" if form in _PLAIN else "application/json"
        self._upstream, self._form = upstream, form
        self._made = Made(upstream)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes; the transcript has its one frame at the end. Raises ``UpstreamBroke`` for too many."""
        self._made.feed(chunk)
        return []

    def finish(self) -> list[Frame]:
        """Return the transcript as one frame; raises ``UpstreamBroke`` if it is none."""
        raw = self._made.whole()
        return [self._lines(raw) if self._form in _PLAIN else self._object(raw)]

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write the transcript, as it came if nothing changed."""
        tail = "".join(delta.text for delta in passage.tail)
        if passage.stops:
            return self._said(tail)
        changed = False
        for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=True):
            if text != delta.text:
                place[key], changed = text, True
        if not changed:
            return frame.raw
        if self._form in _PLAIN:
            return "".join(line["text"] for line in frame.data["lines"]).encode()
        for key in ("words", "logprobs"):
            if frame.data.get(key):
                frame.data[key] = []
        for segment in frame.data.get("segments") or ():
            segment.pop("tokens", None)
            segment.pop("words", None)
        return dump(frame.data, self._upstream)

    def end(self, usage: Usage) -> bytes:
        """A whole answer ends with itself."""
        return b""

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write words of our own in the format that was asked for."""
        self.content_type = self.content_type or "text/plain; charset=utf-8"
        return self._said(text)

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Nothing: a whole answer leaves at once or not at all."""
        return b""

    def _said(self, text: str) -> bytes:
        if self._form == "text":
            return text.encode() + b"\n"
        if self._form == "srt":
            return b"1\n00:00:00,000 --> 00:00:05,000\n" + text.encode() + b"\n\n"
        if self._form == "vtt":
            return b"WEBVTT\n\n00:00:00.000 --> 00:00:05.000\n" + text.encode() + b"\n\n"
        return orjson.dumps({"text": text, **_MORE.get(self._form, {})})

    def _lines(self, raw: bytes) -> Frame:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise self._made.broke("sent a transcript that is not UTF-8") from None
        if text.lstrip().startswith("{"):
            raise self._made.broke("sent a transcript in another format than was asked for")
        lines = [{"text": line} for line in text.splitlines(keepends=True)]
        said = [line for line, words in zip(lines, _spoken(lines, self._form), strict=True) if words]
        deltas = tuple(Delta(_TEXT, line["text"]) for line in said)
        return Frame(raw, {"lines": lines}, deltas, tuple((line, "text") for line in said), ends={0: "stop"}, last=True)

    def _object(self, raw: bytes) -> Frame:
        data = parse(raw, "a transcript", self._upstream)
        segments = data.get("segments") or []
        if not isinstance(data.get("text"), str) or not isinstance(segments, list):
            raise self._made.broke("sent a transcript without a text")
        deltas, places = [Delta(_TEXT, data["text"])], [(data, "text")]
        unread = [shown(key) for key, value in data.items() if key not in _KNOWN and _may_say(value)]
        for number, segment in enumerate(segments):
            if not _is_segment(segment):
                raise self._made.broke("sent a segment that is none")
            for channel, key in ((_SEGMENTS, "text"), (Channel(0, "name", _SPEAKERS + number), "speaker")):
                if segment.get(key):
                    deltas.append(Delta(channel, segment[key]))
                    places.append((segment, key))
            unread += [
                f"segments[{number}].{shown(key)}"
                for key, value in segment.items()
                if key not in _SEGMENT and _may_say(value)
            ]
        if data.get("words") and not _spells(data["words"], data["text"]):
            unread.append("words")
        ends = {0: "stop"}
        return Frame(raw, data, tuple(deltas), tuple(places), ends, usage=_usage(data), unread=tuple(unread), last=True)


class TranscriptStream:
    """Reads and writes the events of a transcript.

    Args:
        upstream: Who sends it, for errors.
        whole: The upstream sends one body although a stream was asked for.
    """

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, upstream: str, *, whole: bool = False) -> None:
        self._upstream = upstream
        self._flow = EventFlow(upstream)
        self._made = Made(upstream) if whole else None
        self._heard: list[str] = []
        self._sent: list[str] = []
        self._done = self._over = False

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes, return the frames that are complete; raises ``UpstreamBroke``."""
        if self._made is not None:
            self._made.feed(chunk)
            return []
        return self._flow.feed(chunk, self._frames)

    def finish(self) -> list[Frame]:
        """The upstream closed: return what is left; raises ``UpstreamBroke`` if it broke off."""
        if self._made is not None:
            data = parse(self._made.whole(), "a transcript", self._upstream)
            if not isinstance(data.get("text"), str):
                raise broke(self._upstream, "sent a transcript without a text")
            return [frame for one in _as_events(data) for frame in self._frames(Event(event(one), one, ""))]
        frames = self._flow.rest(self._frames)
        self._flow.check()
        if not self._done:
            raise broke(self._upstream, "closed the stream before the transcript was finished")
        return frames

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave in place of a frame."""
        changed = False
        for (place, key), delta, text in zip(frame.places, frame.deltas, passage.texts, strict=False):
            if text != delta.text:
                place[key], changed = text, True
            if delta.channel == _TEXT:
                self._sent.append(text)
        own = b""
        if frame.bare and any(passage.texts):
            if changed:
                frame.data.pop("logprobs", None)
            own = event(dump(frame.data, self._upstream)) if changed or not frame.raw else frame.raw
        ours = b"".join(self._say(delta.text) for delta in passage.tail if delta.channel == _TEXT and delta.text)
        if frame.bare or passage.stops or frame.data is None:
            return own + ours + (frame.raw if frame.data is None else b"")
        return ours + (self._last(frame) if frame.last else self._segment(frame, changed=changed))

    def _segment(self, frame: Frame, *, changed: bool) -> bytes:
        """Write a segment; one that waits for the end is left out: its text is said there once."""
        if frame.deltas and not frame.data["text"]:
            return b""
        return event(dump(frame.data, self._upstream)) if changed else frame.raw

    def _last(self, frame: Frame) -> bytes:
        """Write the terminal, with the text that the client has."""
        self._over = True
        text = "".join(self._sent)
        if frame.data.get("text") == text:
            return frame.raw
        frame.data.pop("logprobs", None)
        return event(dump({**frame.data, "text": text}, self._upstream))

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped, if it has not left."""
        if self._over:
            return b""
        self._over = True
        return event(orjson.dumps({"type": "transcript.text.done", "text": "".join(self._sent)}))

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write words of our own."""
        return self._say(text) + self.end(Usage())

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of a transcript that broke off; nothing, if its end has left."""
        if self._over:
            return b""
        self._over = True
        error = {"type": "server_error", "param": None, "message": message, "code": code}
        return event(orjson.dumps({"error": error, "sluice": {"request_id": id}})) + DONE

    def _say(self, text: str) -> bytes:
        self._sent.append(text)
        return event(orjson.dumps({"type": "transcript.text.delta", "delta": text}))

    def _frames(self, item: Event) -> Iterator[Frame]:
        if self._done or (item.data is not None and item.data.strip() == b"[DONE]"):
            return
        if item.data is None:
            if item.comment:
                yield Frame(item.raw)
            return
        data = parse(item.data, "an event", self._upstream)
        form = data.get("type")
        if data.get("error") or form == "error":
            raise broke(self._upstream, "reported an error in the middle of the transcript")
        if form == "transcript.text.delta" and isinstance(data.get("delta"), str):
            self._heard.append(data["delta"])
            yield Frame(item.raw, data, (Delta(_TEXT, data["delta"]),), ((data, "delta"),), bare=True)
        elif form == "transcript.text.segment" and isinstance(data.get("text"), str) and _is_segment(data):
            found = {"text": _SEGMENTS} | ({"speaker": Channel(0, "name", _SPEAKERS)} if data.get("speaker") else {})
            yield Frame(
                item.raw,
                data,
                tuple(Delta(channel, data[key]) for key, channel in found.items()),
                tuple((data, key) for key in found),
                unread=tuple(shown(key) for key, value in data.items() if key not in _SEGMENT and _may_say(value)),
                closes=tuple(found.values()),
            )
        elif form == "transcript.text.done" and isinstance(data.get("text"), str):
            heard = "".join(self._heard)
            if data["text"].startswith(heard) and len(data["text"]) > len(heard):
                more = {"type": "transcript.text.delta", "delta": data["text"][len(heard) :]}
                yield Frame(b"", more, (Delta(_TEXT, more["delta"]),), ((more, "delta"),), bare=True)
            self._done = True
            unread = tuple(shown(key) for key, value in data.items() if key not in _KNOWN and _may_say(value))
            yield Frame(item.raw, data, ends={0: "stop"}, usage=_usage(data), unread=unread, last=True)
        else:
            raise broke(self._upstream, "sent an event that is none of a transcript")


def _is_segment(segment: object) -> bool:
    """Whether it is a segment: what it says and who says it are texts."""
    return isinstance(segment, dict) and all(isinstance(segment.get(key, ""), str) for key in ("text", "speaker"))


def _as_events(transcript: Mapping[str, Any]) -> Iterator[bytes]:
    """Write a whole transcript as the events of a stream: who said what, then all of it."""
    for segment in transcript.get("segments") or ():
        if isinstance(segment, dict) and segment.get("speaker"):
            yield orjson.dumps({**segment, "type": "transcript.text.segment"})
    yield orjson.dumps({"type": "transcript.text.done", "text": transcript["text"]})


def _spoken(lines: list[dict[str, str]], form: str) -> Iterator[bool]:
    """Yield for each line of a transcript whether it holds words: no times, no numbers of captions, no marks."""
    for at, line in enumerate(lines):
        text = line["text"].strip()
        after = lines[at + 1]["text"] if at + 1 < len(lines) else ""
        times = form != "text" and ("-->" in text or "-->" in after or text.startswith(_MARKS))
        yield bool(text) and not (times and (_is_time(text) or text.isdecimal() or text == "WEBVTT"))


def _is_time(text: str) -> bool:
    """Whether a line is nothing but the times of a caption."""
    return bool(re.fullmatch(r"[\d:.,]+ +--> +[\d:.,]+( +[a-z]+:[\w%,.-]+)*", text))


def _spells(words: object, text: str) -> bool:
    """Whether single words say what the text says, and nothing else."""
    if not isinstance(words, list) or not all(
        isinstance(word, dict) and isinstance(word.get("word"), str) for word in words
    ):
        return False
    said = "".join(_WORD.findall("".join(word["word"] for word in words)))
    return said == "".join(_WORD.findall(text))


def _usage(data: Mapping[str, Any]) -> Usage | None:
    usage = data.get("usage")
    if not isinstance(usage, dict):
        return None
    asked, said = usage.get("input_tokens"), usage.get("output_tokens")
    return Usage(asked if is_count(asked) else 0, said if is_count(said) else 0)


def _may_say(value: object) -> bool:
    return bool(value) and isinstance(value, str | list | dict)
