"""OpenAI chat completions: where a request holds text, and how an answer is read and written.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Kind, Path, Question, Role, Slot, dotted
from gateway.ports import AnswerCodec
from gateway.wire.body import parse, rewrite
from gateway.wire.chat_answer import ChatStream, ChatWhole
from gateway.wire.reading import DEFINER, ID, Speaker, check_boolean, check_integer, strings, turn_start, wrong

_ROLES: Final[Mapping[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_TEXT_PARTS: Final[Mapping[str, tuple[str, Kind]]] = {
    "text": ("text", "content"),
    "input_text": ("text", "content"),
    "output_text": ("text", "content"),
    "refusal": ("refusal", "refusal"),
}
_PART_KEYS: Final = {key: frozenset({"type", "cache_control", key}) for key in ("text", "refusal")}
_TEXT_KEYS: Final[Mapping[str, Kind]] = {
    "content": "content",
    "reasoning_content": "reasoning",
    "reasoning": "reasoning",
    "refusal": "refusal",
    "name": "name",
}
_CALL_KEYS: Final = frozenset({"id", "type", "index", "function", "custom"})
_FUNCTION_KEYS: Final = frozenset({"name", "arguments"})
_SILENT: Final = (
    frozenset({"model", "messages", "stream", "stream_options", "n", "stop", "user", "metadata", "store"})
    | {"service_tier", "tool_choice", "function_call", "logit_bias", "reasoning_effort", "verbosity"}
    | {"modalities", "audio", "safety_identifier", "prompt_cache_key", "prompt_cache_retention"}
)
"""Fields of a body that the model does not read as text. All others are read, also those that OpenAI does
not know (``documents``, ``chat_template_kwargs``): some upstream shows them to its model."""
_STRUCTURED: Final = ("guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs", "format")
"""What other servers call ``response_format``."""
_VOCABULARY: Final = (
    frozenset({"type", "function", "name", "description", "parameters", "properties", "required", "strict"})
    | {"json_schema", "schema", "items", "enum", "const", "default", "examples", "format", "pattern", "title"}
    | {"additionalProperties", "anyOf", "oneOf", "allOf", "not", "minimum", "maximum", "minLength", "maxLength"}
    | {"minItems", "maxItems", "nullable", "content", "text", "$defs", "$ref", "$schema", "definitions"}
    | {"grammar", "syntax", "definition", "custom"}
)
"""Keys of OpenAI's definitions and of JSON Schema; other keys are names that somebody chose, and the model reads."""
_INTEGERS: Final[Mapping[str, tuple[int, int]]] = {
    "n": (1, 128),
    "max_tokens": (1, 2**31 - 1),
    "max_completion_tokens": (1, 2**31 - 1),
}


class Chat:
    """The dialect of ``POST /v1/chat/completions``.

    Args:
        most_messages: Requests with more messages are refused (400 ``too_many_messages``).
    """

    name = "chat"

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
        for name, (low, high) in _INTEGERS.items():
            check_integer(name, body.get(name), low, high)
        options = body.get("stream_options")
        if not isinstance(options, dict | None):
            raise wrong("stream_options", "an object", options)
        usage = options.get("include_usage") if options else None
        check_boolean("stream_options.include_usage", usage)
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise wrong("messages", "a non-empty array", messages)
        if len(messages) > self._most_messages:
            message = f"messages holds {len(messages)} messages; at most {self._most_messages} are taken."
            raise RequestError(message, code="too_many_messages", param="messages")
        reading = _Reading()
        now = turn_start(messages)
        for index, item in enumerate(messages):
            reading.message(index, item, now=index >= now)
        for key, value in body.items():
            if key not in _SILENT and isinstance(value, str | list | dict):
                reading.slots.extend(strings((key,), value, DEFINER, _VOCABULARY))
        return Question(
            dialect=self.name,
            raw=raw,
            body=body,
            model=model,
            stream=bool(body.get("stream")),
            slots=tuple(reading.slots),
            unread=tuple(reading.unread),
            plain=_plain(body),
            choices=body.get("n") or 1,
            usage=bool(usage),
            user=next((body[name] for name in ("user", "safety_identifier") if isinstance(body.get(name), str)), None),
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots and the model name."""
        every: dict[Path, str] = dict(changes)
        if model != question.model:
            every["model",] = model
        return rewrite(question.raw, every) if every else question.raw

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for an answer that the upstream sends as events or as one body."""
        if question.stream:
            return ChatStream(question, upstream, whole=not stream)
        return ChatWhole(question, upstream)

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})


def error_object(status: int, code: str, message: str, *, param: str | None = None) -> dict[str, Any]:
    """Return the inside of OpenAI's error envelope."""
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    fault = "server_error" if status >= 500 else "invalid_request_error"
    return {"message": message, "type": kinds.get(status, fault), "param": param, "code": code}


def _plain(body: Mapping[str, Any]) -> bool:
    """Whether the answer is prose: no JSON mode, no structured output, by any server's name for it."""
    wanted = body.get("response_format")
    prose = wanted is None or (isinstance(wanted, dict) and wanted.get("type") == "text")
    return prose and not any(body.get(name) for name in _STRUCTURED)


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
        content = item.get("content")
        if len(item) == 2 and isinstance(content, str) and content:  # a long conversation is made of these
            self.slots.append(Slot((*at, "content"), role, "content", content, now or role == "system"))
            return
        speaker = Speaker(role, now or role == "system")
        for key, value in item.items():
            if key in _TEXT_KEYS:
                if isinstance(value, str):
                    if value:
                        self.slots.append(Slot((*at, key), role, _TEXT_KEYS[key], value, speaker.current))
                elif key == "content" and isinstance(value, list):
                    self._parts((*at, key), value, speaker)
                elif value is not None:
                    wanted = "a string or an array of parts" if key == "content" else "a string"
                    raise wrong(dotted((*at, key)), wanted, value)
            elif key != "role" and value is not None:
                self._field((*at, key), key, value, speaker)

    def _field(self, at: Path, key: str, value: object, speaker: Speaker) -> None:
        """Read a field of a message that holds no plain text."""
        if key == "tool_calls":
            self._calls(at, value, speaker)
        elif key == "function_call":
            self._function(at, value, speaker)
        elif key == "tool_call_id":
            self._id(at, value)
        elif key == "annotations":
            self.slots.extend(strings(at, value, speaker, _VOCABULARY))
        elif value and isinstance(value, str | list | dict):
            self.unread.append(dotted((*at[:-1], key)))

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

    def _parts(self, at: Path, parts: list[Any], speaker: Speaker) -> None:
        """Read content parts; texts that follow each other are one text to the model."""
        joined = False
        for number, part in enumerate(parts):
            place: Path = (*at, number)
            text: object = part  # some servers take bare strings
            what: Kind = "content"
            if isinstance(part, dict):
                form = part.get("type")
                if not isinstance(form, str):
                    raise wrong(dotted((*place, "type")), "a string", form)
                if form not in _TEXT_PARTS:
                    self.unread.append(dotted(place))
                    joined = False
                    continue
                key, what = _TEXT_PARTS[form]
                self._others(place, part, _PART_KEYS[key])
                place = (*place, key)
                text = part.get(key)
            if not isinstance(text, str):
                wanted = "a string" if isinstance(part, dict) else "an object"
                raise wrong(dotted(place), wanted, text)
            self.slots.append(Slot(place, speaker.role, what, text, speaker.current, joined))
            joined = True

    def _calls(self, at: Path, calls: object, speaker: Speaker) -> None:
        if not isinstance(calls, list):
            raise wrong(dotted(at), "an array", calls)
        for number, call in enumerate(calls):
            place = (*at, number)
            if not isinstance(call, dict):
                raise wrong(dotted(place), "an object", call)
            if "function" in call:
                self._function((*place, "function"), call["function"], speaker)
            if "custom" in call:
                self.slots.extend(strings((*place, "custom"), call["custom"], speaker, _VOCABULARY))
            self._id((*place, "id"), call.get("id"))
            self._others(place, call, _CALL_KEYS)

    def _function(self, at: Path, function: object, speaker: Speaker) -> None:
        if not isinstance(function, dict):
            raise wrong(dotted(at), "an object", function)
        arguments = function.get("arguments")
        if not isinstance(arguments, str | None):
            raise wrong(dotted((*at, "arguments")), "a string", arguments)
        if arguments:
            place = (*at, "arguments")
            self.slots.append(Slot(place, speaker.role, "arguments", arguments, speaker.current, quoted=True))
        name = function.get("name")
        if not isinstance(name, str | None):
            raise wrong(dotted((*at, "name")), "a string", name)
        if name:
            self.slots.append(Slot((*at, "name"), speaker.role, "name", name, speaker.current))
        self._others(at, function, _FUNCTION_KEYS)


def _role(at: Path, said: object) -> Role:
    if isinstance(said, str) and (role := _ROLES.get(said)):
        return role
    place = dotted((*at, "role"))
    if not isinstance(said, str):
        raise wrong(place, "a string", said)
    known = ", ".join(_ROLES)
    raise RequestError(f"{place} is none of the known roles ({known}).", code="unknown_role", param=place)
