"""Anthropic messages: where a request holds text, and how an answer is read and written.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path, Question, Role, Slot, dotted
from gateway.ports import AnswerCodec
from gateway.wire.body import parse, rewrite
from gateway.wire.messages_answer import MessagesStream, MessagesWhole
from gateway.wire.messages_count import Count
from gateway.wire.messages_error import error_object
from gateway.wire.reading import DEFINER, ID, Speaker, check_boolean, check_integer, strings, turn_start, wrong

PATH: Final = "/messages"
COUNT: Final = "/messages/count_tokens"

_MOST_TOKENS: Final = 2**31 - 1
_ROLES: Final[Mapping[str, Role]] = {"user": "user", "assistant": "assistant", "system": "system"}
_SILENT: Final = frozenset(
    {"model", "messages", "system", "max_tokens", "metadata", "stop_sequences", "stream", "temperature"}
) | {"top_k", "top_p", "tool_choice", "thinking", "service_tier", "container", "inference_geo", "mcp_servers"}
"""Fields of a body that the model does not read as text, or that are read by themselves. All others are read."""
_VOCABULARY: Final = (
    frozenset({"type", "name", "description", "input_schema", "cache_control", "ttl", "properties", "required"})
    | {"items", "enum", "const", "default", "examples", "format", "pattern", "title", "additionalProperties", "anyOf"}
    | {"oneOf", "allOf", "not", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "nullable"}
    | {"$defs", "$ref", "$schema", "definitions", "schema", "strict", "effort", "cited_text", "document_title"}
    | {"document_index", "start_char_index", "end_char_index", "file_id", "source", "url", "input_examples"}
)
"""Keys of Anthropic's definitions and of JSON Schema; other keys are names that somebody chose, and the model reads."""
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "text": frozenset({"type", "text", "citations", "cache_control"}),
    "thinking": frozenset({"type", "thinking", "signature", "cache_control"}),
    "tool_use": frozenset({"type", "id", "name", "input", "cache_control", "caller"}),
    "tool_result": frozenset({"type", "tool_use_id", "content", "is_error", "cache_control"}),
    "search_result": frozenset({"type", "source", "title", "content", "citations", "cache_control"}),
    "document": frozenset({"type", "source", "title", "context", "citations", "cache_control"}),
}
_CALLS: Final = ("tool_use", "server_tool_use", "mcp_tool_use")
_RESULTS: Final = ("tool_result", "mcp_tool_result")


class Messages:
    """The dialect of ``POST /v1/messages``.

    Args:
        most_messages: Requests with more messages are refused (400 ``too_many_messages``).
    """

    name = "messages"
    _needs_limit = True

    def __init__(self, most_messages: int = 4096) -> None:
        self._most_messages = most_messages

    def read(self, raw: bytes) -> Question:
        """Parse and check a request.

        Only what Sluice itself relies on is checked; everything else is the upstream's business.

        Raises:
            RequestError: With what is wrong and where.
        """
        body = parse(raw)
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise wrong("model", "a non-empty string", model)
        check_boolean("stream", body.get("stream"))
        if self._needs_limit and body.get("max_tokens") is None:
            raise wrong("max_tokens", "an integer", None)
        check_integer("max_tokens", body.get("max_tokens"), 1, _MOST_TOKENS)
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise wrong("messages", "a non-empty array", messages)
        if len(messages) > self._most_messages:
            message = f"messages holds {len(messages)} messages; at most {self._most_messages} are taken."
            raise RequestError(message, code="too_many_messages", param="messages")
        if not isinstance(body.get("tools"), list | None):
            raise wrong("tools", "an array", body["tools"])
        reading = _Reading()
        if (system := body.get("system")) is not None:
            reading.said(("system",), system, DEFINER)
        now = turn_start(messages)
        for index, item in enumerate(messages):
            reading.message(index, item, now=index >= now)
        for key, value in body.items():
            if key not in _SILENT and isinstance(value, str | list | dict):
                reading.slots.extend(strings((key,), value, DEFINER, _VOCABULARY))
        if body.get("mcp_servers"):
            reading.unread.append("mcp_servers")  # what its tools say reaches the model without passing us
        return Question(
            dialect=self.name,
            raw=raw,
            body=body,
            model=model,
            stream=bool(body.get("stream")),
            slots=tuple(reading.slots),
            unread=tuple(reading.unread),
            plain=_plain(body),
            usage=True,
            user=_user(body.get("metadata")),
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots and the model name."""
        every: dict[Path, Any] = dict(changes)
        if every:
            quoted = {slot.path for slot in question.slots if slot.quoted}
            for path in quoted.intersection(every):
                every[path] = _object(every[path])
        if model != question.model:
            every["model",] = model
        return rewrite(question.raw, every) if every else question.raw

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for an answer that the upstream sends as events or as one body."""
        if question.stream:
            return MessagesStream(question, upstream, whole=not stream)
        return MessagesWhole(question, upstream)

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in Anthropic's envelope; what else is known of it stands beside, under our name."""
        own = {"code": code, "param": param, **extra.get("sluice", {})}
        return orjson.dumps({**error_object(status, message), "request_id": own.get("request_id"), "sluice": own})


class CountTokens(Messages):
    """The dialect of ``POST /v1/messages/count_tokens``: the same request, but what is asked for is a number."""

    _needs_limit = False

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; it is no question: the same text comes again as one."""
        return replace(super().read(raw), dialect="count_tokens")

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for a count."""
        return Count(question, upstream)


def _plain(body: Mapping[str, Any]) -> bool:
    """Whether the answer is prose: no structured output."""
    config = body.get("output_config")
    return not (body.get("output_format") or (isinstance(config, dict) and config.get("format")))


def _user(metadata: object) -> str | None:
    if not isinstance(metadata, dict | None):
        raise wrong("metadata", "an object", metadata)
    user = metadata.get("user_id") if metadata else None
    if not isinstance(user, str | None):
        raise wrong("metadata.user_id", "a string", user)
    return user


def _object(text: str) -> Any:
    """Return changed arguments as they go into the body; an empty object for what is none any more."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return orjson.Fragment(text) if isinstance(said, dict) else {}


class _Reading:
    """Collects every text of the messages, and what cannot be read."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.unread: list[str] = []

    def message(self, index: int, item: object, *, now: bool) -> None:
        """Read one message; ``now`` says whether it belongs to the turn to be answered."""
        at: Path = ("messages", index)
        if not isinstance(item, dict):
            raise wrong(dotted(at), "an object", item)
        role = _role(at, item.get("role"))
        speaker = Speaker(role, now or role == "system")
        self.said((*at, "content"), item.get("content"), speaker)
        self._others(at, item, frozenset({"role", "content"}))

    def said(self, at: Path, content: object, speaker: Speaker) -> None:
        """Read what somebody said: a text, or blocks. Texts that follow each other are one text to the model."""
        if isinstance(content, str):
            if content:
                self._text(at, content, speaker)
            return
        if not isinstance(content, list):
            raise wrong(dotted(at), "a string or an array of blocks", content)
        joined = False
        for number, block in enumerate(content):
            place: Path = (*at, number)
            if not isinstance(block, dict):
                raise wrong(dotted(place), "an object", block)
            form = block.get("type")
            if not isinstance(form, str):
                raise wrong(dotted((*place, "type")), "a string", form)
            if form == "text":
                text = block.get("text")
                if not isinstance(text, str):
                    raise wrong(dotted((*place, "text")), "a string", text)
                self._text((*place, "text"), text, speaker, joined=joined)
                self._noted((*place, "citations"), block.get("citations"), speaker)
                self._others(place, block, _KNOWN["text"])
                joined = True
                continue
            joined = False
            if form in _BLOCKS:
                _BLOCKS[form](self, place, block, speaker)
            else:
                self.unread.append(dotted(place))

    def _text(self, at: Path, text: str, speaker: Speaker, *, joined: bool = False) -> None:
        self.slots.append(Slot(at, speaker.role, "content", text, speaker.current, joined))

    def _thinking(self, at: Path, block: dict[str, Any], speaker: Speaker) -> None:
        text = block.get("thinking")
        if not isinstance(text, str):
            raise wrong(dotted((*at, "thinking")), "a string", text)
        if text:
            self.slots.append(Slot((*at, "thinking"), speaker.role, "reasoning", text, speaker.current))
        self._id((*at, "signature"), block.get("signature"))
        self._others(at, block, _KNOWN["thinking"])

    def _call(self, at: Path, block: dict[str, Any], speaker: Speaker) -> None:
        """Read a call of a tool. Its input is judged as what it is to the model, a JSON text."""
        name, given = block.get("name"), block.get("input")
        if not isinstance(name, str | None):
            raise wrong(dotted((*at, "name")), "a string", name)
        if not isinstance(given, dict | None):
            raise wrong(dotted((*at, "input")), "an object", given)
        if given:
            text = orjson.dumps(given).decode()
            place = (*at, "input")
            self.slots.append(Slot(place, speaker.role, "arguments", text, speaker.current, quoted=True))
        if name:
            self.slots.append(Slot((*at, "name"), speaker.role, "name", name, speaker.current))
        self._id((*at, "id"), block.get("id"))
        self._others(at, block, _KNOWN["tool_use"])

    def _result(self, at: Path, block: dict[str, Any], speaker: Speaker) -> None:
        """Read what a tool said."""
        if (content := block.get("content")) is not None:
            self.said((*at, "content"), content, Speaker("tool", speaker.current))
        self._id((*at, "tool_use_id"), block.get("tool_use_id"))
        self._others(at, block, _KNOWN["tool_result"])

    def _search_result(self, at: Path, block: dict[str, Any], speaker: Speaker) -> None:
        speaker = Speaker("tool", speaker.current)
        self._named(at, block, ("source", "title"), speaker)
        if (content := block.get("content")) is not None:
            self.said((*at, "content"), content, speaker)
        self._others(at, block, _KNOWN["search_result"])

    def _document(self, at: Path, block: dict[str, Any], speaker: Speaker) -> None:
        """Read a document if it is text; a file or a picture of one is not."""
        self._named(at, block, ("title", "context"), speaker)
        source = block.get("source")
        place = (*at, "source")
        if not isinstance(source, dict):
            raise wrong(dotted(place), "an object", source)
        form = source.get("type")
        if form == "text" and isinstance(source.get("data"), str):
            self._text((*place, "data"), source["data"], speaker)
            self._others(place, source, frozenset({"type", "data", "media_type"}))
        elif form == "content":
            self.said((*place, "content"), source.get("content"), speaker)
            self._others(place, source, frozenset({"type", "content"}))
        else:
            self.unread.append(dotted(at))
        self._others(at, block, _KNOWN["document"])

    def _named(self, at: Path, block: dict[str, Any], keys: tuple[str, ...], speaker: Speaker) -> None:
        for key in keys:
            value = block.get(key)
            if not isinstance(value, str | None):
                raise wrong(dotted((*at, key)), "a string", value)
            if value:
                self._text((*at, key), value, speaker)

    def _noted(self, at: Path, value: object, speaker: Speaker) -> None:
        if isinstance(value, str | list | dict):
            self.slots.extend(strings(at, value, speaker, _VOCABULARY))

    def _id(self, at: Path, value: object) -> None:
        """Note text in the place of an id: some templates show ids to the model."""
        if isinstance(value, list | dict) or (isinstance(value, str) and not ID.fullmatch(value)):
            self.unread.append(dotted(at))

    def _others(self, at: Path, item: Mapping[str, Any], known: frozenset[str]) -> None:
        """Note what may hold words beside the fields that are known."""
        if known.issuperset(item):
            return
        for key, value in item.items():
            if key not in known and value and isinstance(value, str | list | dict):
                self.unread.append(dotted((*at, key)))


# Of the class and not of each reading: a table of its own methods would keep it until the collector looks.
_BLOCKS: Final[Mapping[str, Callable[[_Reading, Path, dict[str, Any], Speaker], None]]] = {
    "thinking": _Reading._thinking,
    "search_result": _Reading._search_result,
    "document": _Reading._document,
    **dict.fromkeys(_CALLS, _Reading._call),
    **dict.fromkeys(_RESULTS, _Reading._result),
}


def _role(at: Path, said: object) -> Role:
    if isinstance(said, str) and (role := _ROLES.get(said)):
        return role
    place = dotted((*at, "role"))
    if not isinstance(said, str):
        raise wrong(place, "a string", said)
    known = ", ".join(_ROLES)
    raise RequestError(f"{place} is none of the known roles ({known}).", code="unknown_role", param=place)
