"""Reads what a gateway's client sees, in each dialect, whole or streamed, into one shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

_PATHS: Final = {
    "chat": "/chat/completions",
    "completions": "/completions",
    "embeddings": "/embeddings",
    "messages": "/messages",
    "moderations": "/moderations",
    "responses": "/responses",
}
_LABEL: Final = re.compile(r"\s*[（(\[][^（()）\[\]]*(?:人工智能|(?<![A-Za-z])AI(?![A-Za-z]))[^（()）\[\]]*[）)\]]\s*")
"""A label of AI-made text in brackets, at either end."""


def path_of(dialect: str) -> str:
    """Return the path below ``/v1`` at which a dialect is spoken."""
    return _PATHS[dialect]


@dataclass(slots=True)
class Choice:
    """What one choice said.

    Attributes:
        text: Its words.
        reasoning: What it thought.
        arguments: The arguments of each call of a tool, as JSON text.
        finish: Why it ended, in OpenAI's words, or None.
    """

    text: str = ""
    reasoning: str = ""
    arguments: dict[int, str] = field(default_factory=dict)
    finish: str | None = None

    @property
    def unlabelled(self) -> str:
        """The words without a label of AI-made text at either end."""
        text = self.text
        if before := _LABEL.match(text):
            text = text[before.end() :]
        if (found := list(_LABEL.finditer(text))) and found[-1].end() == len(text):
            text = text[: found[-1].start()]
        return text

    @property
    def labelled(self) -> bool:
        """Whether a label of AI-made text stands at either end."""
        return self.unlabelled != self.text


@dataclass(slots=True)
class Seen:
    """What a client saw.

    Attributes:
        status: The HTTP status.
        headers: Names in lower case.
        raw: The body, as it came.
        choices: By index.
        deltas: How many pieces of text came.
        terminals: How many terminal frames.
        after: How many frames came after the first of them.
        frames: How many frames came.
        error: The error object of the body or of a frame.
        error_ends: Whether a frame said so in a dialect where that may be the last one.
        usage: Tokens of prompt and answer, or None.
        vectors: How many vectors.
        flagged: Whether any text was flagged, or None.
    """

    status: int
    headers: Mapping[str, str]
    raw: bytes
    choices: dict[int, Choice] = field(default_factory=dict)
    deltas: int = 0
    terminals: int = 0
    after: int = 0
    frames: int = 0
    error: Mapping[str, Any] | None = None
    error_ends: bool = False
    usage: tuple[int, int] | None = None
    vectors: int = 0
    flagged: bool | None = None

    def choice(self, index: int = 0) -> Choice:
        """Return a choice, made if it is new."""
        return self.choices.setdefault(index, Choice())


def read(dialect: str, stream: bool, status: int, headers: Mapping[str, str], raw: bytes) -> Seen:
    """Read a response; what is no JSON or no event is left in ``raw`` alone."""
    seen = Seen(status, {name.lower(): value for name, value in headers.items()}, raw)
    if stream and "text/event-stream" in seen.headers.get("content-type", ""):
        for data in _events(raw):
            _frame(dialect, data, seen)
    else:
        body = _json(raw)
        if isinstance(body, dict):
            _whole(dialect, body, seen)
    return seen


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _events(raw: bytes) -> list[bytes]:
    lines, found, data = raw.replace(b"\r\n", b"\n").split(b"\n"), [], []
    for line in lines:
        if line.startswith(b"data:"):
            data.append(line[5:].lstrip(b" "))
        elif not line and data:
            found.append(b"\n".join(data))
            data = []
    return found  # data without an empty line after it is no event


def _frame(dialect: str, data: bytes, seen: Seen) -> None:
    seen.frames += 1
    if seen.terminals:
        seen.after += 1
    if data == b"[DONE]":
        seen.terminals += 1
        return
    body = _json(data)
    if not isinstance(body, dict):
        seen.error = seen.error or {"message": "a frame that is no JSON"}
        return
    if isinstance(body.get("error"), dict):
        seen.error = body["error"]
        seen.error_ends = dialect in ("messages", "responses")
        return
    _READERS[dialect](body, seen)


def _usage(body: Mapping[str, Any], seen: Seen, ours: str, theirs: str) -> None:
    usage = body.get("usage")
    if isinstance(usage, dict) and isinstance(usage.get(theirs), int):
        first = usage.get(ours, seen.usage[0] if seen.usage else 0)
        seen.usage = (first, usage[theirs])


def _say(seen: Seen, index: int, text: Any) -> None:
    if isinstance(text, str) and text:
        seen.choice(index).text += text
        seen.deltas += 1


def _chat(body: Mapping[str, Any], seen: Seen) -> None:
    _usage(body, seen, "prompt_tokens", "completion_tokens")
    for one in body.get("choices") or []:
        index, delta = one.get("index", 0), one.get("delta") or {}
        choice = seen.choice(index)
        _say(seen, index, delta.get("content"))
        _say(seen, index, delta.get("refusal"))
        choice.reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
        for call in delta.get("tool_calls") or []:
            at = call.get("index", 0)
            given = (call.get("function") or {}).get("arguments") or ""
            choice.arguments[at] = choice.arguments.get(at, "") + given
        choice.finish = one.get("finish_reason") or choice.finish


def _completions(body: Mapping[str, Any], seen: Seen) -> None:
    _usage(body, seen, "prompt_tokens", "completion_tokens")
    for one in body.get("choices") or []:
        _say(seen, one.get("index", 0), one.get("text"))
        choice = seen.choice(one.get("index", 0))
        choice.finish = one.get("finish_reason") or choice.finish


_REASONS: Final = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter"}


def _messages(body: Mapping[str, Any], seen: Seen) -> None:
    kind, delta = body.get("type"), body.get("delta") or {}
    choice = seen.choice()
    if kind == "message_start":
        _usage(body.get("message") or {}, seen, "input_tokens", "output_tokens")
    elif kind == "content_block_delta":
        _say(seen, 0, delta.get("text"))
        choice.reasoning += delta.get("thinking") or ""
        if "partial_json" in delta:
            at = body.get("index", 0)
            choice.arguments[at] = choice.arguments.get(at, "") + delta["partial_json"]
    elif kind == "message_delta":
        _usage(body, seen, "input_tokens", "output_tokens")
        reason = delta.get("stop_reason")
        choice.finish = _REASONS.get(reason, reason) or choice.finish
    elif kind == "message_stop":
        seen.terminals += 1


def _responses(body: Mapping[str, Any], seen: Seen) -> None:
    kind, choice = str(body.get("type")), seen.choice()
    if kind in ("response.output_text.delta", "response.refusal.delta"):
        _say(seen, 0, body.get("delta"))
    elif kind.startswith("response.reasoning") and kind.endswith(".delta"):
        choice.reasoning += body.get("delta") or ""
    elif kind == "response.function_call_arguments.delta":
        at = body.get("output_index", 0)
        choice.arguments[at] = choice.arguments.get(at, "") + (body.get("delta") or "")
    elif kind in ("response.completed", "response.incomplete", "response.failed"):
        seen.terminals += 1
        _ended(body.get("response") or {}, seen)


def _ended(response: Mapping[str, Any], seen: Seen) -> None:
    _usage(response, seen, "input_tokens", "output_tokens")
    if isinstance(response.get("error"), dict):
        seen.error = response["error"]
    why = (response.get("incomplete_details") or {}).get("reason")
    reasons = {"content_filter": "content_filter", "max_output_tokens": "length"}
    calls = any(item.get("type") == "function_call" for item in response.get("output") or [])
    ended = "tool_calls" if calls else "stop"
    seen.choice().finish = reasons.get(why or "", why) if response.get("status") == "incomplete" else ended
    if response.get("status") == "failed":
        seen.choice().finish = "error"


def _nothing(body: Mapping[str, Any], seen: Seen) -> None:
    del body, seen


_READERS: Final = {
    "chat": _chat,
    "completions": _completions,
    "embeddings": _nothing,
    "messages": _messages,
    "moderations": _nothing,
    "responses": _responses,
}


def _whole(dialect: str, body: Mapping[str, Any], seen: Seen) -> None:
    if isinstance(body.get("error"), dict):
        seen.error = body["error"]
        return
    if dialect in ("chat", "completions"):
        _usage(body, seen, "prompt_tokens", "completion_tokens")
        for one in body.get("choices") or []:
            message, choice = one.get("message") or {}, seen.choice(one.get("index", 0))
            choice.text = (message.get("content") or message.get("refusal") or one.get("text")) or ""
            choice.reasoning = message.get("reasoning_content") or message.get("reasoning") or ""
            for at, call in enumerate(message.get("tool_calls") or []):
                choice.arguments[at] = (call.get("function") or {}).get("arguments") or ""
            choice.finish = one.get("finish_reason")
    elif dialect == "messages":
        _usage(body, seen, "input_tokens", "output_tokens")
        choice = seen.choice()
        for at, block in enumerate(body.get("content") or []):
            choice.text += block.get("text") or ""
            choice.reasoning += block.get("thinking") or ""
            if block.get("type") == "tool_use":
                choice.arguments[at] = orjson.dumps(block.get("input")).decode()
        choice.finish = _REASONS.get(str(body.get("stop_reason")), body.get("stop_reason"))
    elif dialect == "responses":
        choice = seen.choice()
        for at, item in enumerate(body.get("output") or []):
            for part in item.get("content") or []:
                choice.text += part.get("text") or part.get("refusal") or ""
            for part in item.get("summary") or []:
                choice.reasoning += part.get("text") or ""
            if item.get("type") == "function_call":
                choice.arguments[at] = item.get("arguments") or ""
        _ended(body, seen)
    elif dialect == "embeddings":
        seen.vectors = len(body.get("data") or [])
    else:
        results = body.get("results") or []
        seen.flagged = any(result.get("flagged") for result in results) if results else None
