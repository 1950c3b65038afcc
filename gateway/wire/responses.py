"""OpenAI responses: where a request holds text, and how an answer is read and written.

https://platform.openai.com/docs/api-reference/responses

What a request brings back from earlier (``previous_response_id``) stands in ``input`` when it comes here: see
``responses_turns``. What only the upstream could bring back, unseen by us, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Kind, Path, Question, Role, Slot, dotted
from gateway.ports import AnswerCodec
from gateway.wire.body import ABSENT, parse, rewrite
from gateway.wire.chat import error_object
from gateway.wire.reading import DEFINER, ID, Speaker, check_boolean, check_integer, strings, turn_start, wrong
from gateway.wire.responses_answer import ResponsesStream
from gateway.wire.responses_whole import ResponsesWhole

PATH: Final = "/responses"
EARLIER: Final = "previous_response_id"

_ROLES: Final[Mapping[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_SILENT: Final = (
    frozenset({"model", "input", "stream", "stream_options", "store", "metadata", "user", "tool_choice", "tools"})
    | {"parallel_tool_calls", "temperature", "top_p", "max_output_tokens", "max_tool_calls", "top_logprobs"}
    | {"truncation", "service_tier", "include", "reasoning", "background", "safety_identifier", "prompt", EARLIER}
    | {"prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "conversation"}
)
"""Fields of a body that the model does not read as text, or that are read by themselves. All others are read."""
_VOCABULARY: Final = (
    frozenset({"type", "name", "description", "parameters", "properties", "required", "strict", "format", "schema"})
    | {"items", "enum", "const", "default", "examples", "pattern", "title", "additionalProperties", "anyOf", "oneOf"}
    | {"allOf", "not", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "nullable", "$defs"}
    | {"$ref", "$schema", "definitions", "verbosity", "syntax", "definition", "text", "content", "summary", "output"}
    | {"action", "query", "queries", "url", "code", "outputs", "logs", "results", "filename", "server_label", "tools"}
    | {"arguments", "input_schema", "annotations", "approve", "reason", "error", "command", "env", "operation", "diff"}
)
"""Keys of OpenAI's items and definitions and of JSON Schema; other keys are names that somebody chose."""
_TEXT_PARTS: Final[Mapping[str, str]] = {
    "input_text": "text",
    "output_text": "text",
    "text": "text",
    "summary_text": "text",
    "reasoning_text": "text",
    "refusal": "refusal",
}
_PART_KEYS: Final = frozenset({"type", "text", "refusal", "annotations", "logprobs", "prompt_cache_breakpoint"})
_MESSAGE_KEYS: Final = frozenset({"type", "role", "content", "id", "status", "phase"})
_CALL_KEYS: Final = frozenset({"type", "id", "call_id", "name", "arguments", "input", "status", "namespace", "caller"})
_OUTPUT_KEYS: Final = frozenset({"type", "id", "call_id", "output", "status", "caller", "created_by"})
_THOUGHT_KEYS: Final = frozenset({"type", "id", "summary", "content", "status", "encrypted_content"})
_OWN_TOOLS: Final = frozenset({"function", "custom"})
"""Tools that the client runs; what those of a server bring reaches the model without passing us."""
_SECRETS: Final = frozenset({"headers", "authorization", "server_url", "connector_id"})
_UNSEEN: Final = frozenset({"image_url", "file_data", "file_url", "result", "encrypted_content", "b64_json"})
"""Keys of what no detector reads: pictures, files, what a vendor sealed."""


class Responses:
    """The dialect of ``POST /v1/responses``.

    Args:
        most_items: Requests with more input items are refused (400 ``too_many_messages``).
        keeps: Whether we keep answers for later requests, so that the upstream need not.
    """

    name = "responses"

    def __init__(self, most_items: int = 4096, *, keeps: bool = False) -> None:
        self._most_items, self._keeps = most_items, keeps

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
        for name in ("stream", "store", "background"):
            check_boolean(name, body.get(name))
        check_integer("max_output_tokens", body.get("max_output_tokens"), 1, 2**31 - 1)
        self._refuse_unseen(body)
        reading = _Reading()
        reading.instructions(body.get("instructions"))
        self._input(body.get("input"), reading)
        reading.tools(body.get("tools"))
        for key, value in body.items():
            if key not in _SILENT and key != "instructions" and isinstance(value, str | list | dict):
                reading.slots.extend(strings((key,), value, DEFINER, _VOCABULARY))
        if body.get("prompt"):
            reading.unread.append("prompt")  # the upstream keeps its words
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
            user=next((body[key] for key in ("user", "safety_identifier") if isinstance(body.get(key), str)), None),
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots, the model name and what we keep."""
        every: dict[Path, Any] = dict(changes)
        if model != question.model:
            every["model",] = model
        if EARLIER in question.body:
            every[EARLIER,] = ABSENT
        if self._keeps and question.body.get("store") is not False:
            every["store",] = False
        return rewrite(question.raw, every) if every else question.raw

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for an answer that the upstream sends as events or as one body."""
        if question.stream:
            return ResponsesStream(question, upstream, whole=not stream)
        return ResponsesWhole(question, upstream)

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})

    def _refuse_unseen(self, body: Mapping[str, Any]) -> None:
        """Refuse what would reach the model, or the client, without passing us."""
        if body.get("background"):
            text = "background is not served here: an answer is judged on its way to whoever asked. Leave it out."
            raise RequestError(text, code="background_not_served", param="background")
        if body.get("conversation") is not None:
            text = (
                "conversation is not served here: its turns lie with the model's vendor, where nobody judges them. "
                f"Send the turns in input, or name the last answer in {EARLIER}."
            )
            raise RequestError(text, code="conversation_not_served", param="conversation")
        earlier = body.get(EARLIER)
        if not isinstance(earlier, str | None):
            raise wrong(EARLIER, "a string", earlier)
        if earlier is not None and not self._keeps:
            text = (
                "This gateway keeps no earlier answers: send the turns in input, or have its operator set "
                "responses: {at: database} in sluice.yaml."
            )
            raise RequestError(text, code="previous_response_not_kept", param=EARLIER)

    def _input(self, said: object, reading: _Reading) -> None:
        if isinstance(said, str) and said:
            reading.slots.append(Slot(("input",), "user", "content", said))
            return
        if not isinstance(said, list) or not said:
            raise wrong("input", "a non-empty string or array", said)
        if len(said) > self._most_items:
            text = f"input holds {len(said)} items; at most {self._most_items} are taken."
            raise RequestError(text, code="too_many_messages", param="input")
        now = turn_start([{"role": _voice(item)} for item in said])
        for index, item in enumerate(said):
            reading.item(index, item, now=index >= now)


def _plain(body: Mapping[str, Any]) -> bool:
    """Whether the answer is prose: no JSON mode, no structured output."""
    text = body.get("text")
    shape = text.get("format") if isinstance(text, dict) else None
    prose = shape is None or (isinstance(shape, dict) and shape.get("type") == "text")
    return prose and not body.get("response_format")


def _voice(item: object) -> str:
    """Return whose an item is, for where a turn begins."""
    if not isinstance(item, dict):
        return "user"
    form = item.get("type", "message")
    if form == "message":
        return str(item.get("role"))
    said = isinstance(form, str) and (form in ("reasoning", "mcp_list_tools", "compaction") or form.endswith("_call"))
    return "assistant" if said else "user"


class _Reading:
    """Collects every text of the input, and what cannot be read."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.unread: list[str] = []

    def instructions(self, said: object) -> None:
        """Read the instructions."""
        if not isinstance(said, str | None):
            raise wrong("instructions", "a string", said)
        if said:
            self.slots.append(Slot(("instructions",), "system", "content", said))

    def tools(self, tools: object) -> None:
        """Read definitions of tools; what a server's own tools bring is for nobody's eyes."""
        if not isinstance(tools, list | None):
            raise wrong("tools", "an array", tools)
        for number, tool in enumerate(tools or ()):
            at: Path = ("tools", number)
            if not isinstance(tool, dict):
                raise wrong(dotted(at), "an object", tool)
            for key, value in tool.items():
                if key not in _SECRETS:
                    self.slots.extend(strings((*at, key), value, DEFINER, _VOCABULARY))
            if str(tool.get("type")) not in _OWN_TOOLS:
                self.unread.append(dotted(at))

    def item(self, index: int, item: object, *, now: bool) -> None:
        """Read one item; ``now`` says whether it belongs to the turn to be answered."""
        at: Path = ("input", index)
        if not isinstance(item, dict):
            raise wrong(dotted(at), "an object", item)
        form = item.get("type", "message" if "role" in item else None)
        if not isinstance(form, str):
            raise wrong(dotted((*at, "type")), "a string", form)
        if form == "message":
            self._message(at, item, now=now)
        elif form in ("function_call", "custom_tool_call"):
            self._call(at, item, Speaker("assistant", now))
        elif form in ("function_call_output", "custom_tool_call_output"):
            self._said((*at, "output"), item.get("output"), Speaker("tool", now))
            self._id((*at, "call_id"), item.get("call_id"))
            self._others(at, item, _OUTPUT_KEYS)
        elif form == "reasoning":
            self._thoughts(at, item, Speaker("assistant", now))
        elif form == "item_reference":
            text = (
                f"{dotted(at)} names an item that lies with the model's vendor, where nobody judges it. Send the item."
            )
            raise RequestError(text, code="item_reference_not_served", param=dotted(at))
        else:
            self._strange(at, item, Speaker("tool" if form != "compaction" else "assistant", now))

    def _message(self, at: Path, item: dict[str, Any], *, now: bool) -> None:
        said = item.get("role")
        place = dotted((*at, "role"))
        if not isinstance(said, str):
            raise wrong(place, "a string", said)
        if said not in _ROLES:
            text = f"{place} is none of the known roles ({', '.join(_ROLES)})."
            raise RequestError(text, code="unknown_role", param=place)
        role = _ROLES[said]
        self._said((*at, "content"), item.get("content"), Speaker(role, now or role == "system"))
        self._id((*at, "id"), item.get("id"))
        self._others(at, item, _MESSAGE_KEYS)

    def _said(self, at: Path, content: object, speaker: Speaker) -> None:
        """Read what somebody said: a text, or parts. Texts that follow each other are one text to the model."""
        if isinstance(content, str):
            if content:
                self.slots.append(Slot(at, speaker.role, "content", content, speaker.current))
            return
        if not isinstance(content, list):
            raise wrong(dotted(at), "a string or an array of parts", content)
        joined = False
        for number, part in enumerate(content):
            place: Path = (*at, number)
            if not isinstance(part, dict):
                raise wrong(dotted(place), "an object", part)
            form = part.get("type")
            if not isinstance(form, str):
                raise wrong(dotted((*place, "type")), "a string", form)
            if form not in _TEXT_PARTS:
                self.unread.append(dotted(place))
                joined = False
                continue
            key = _TEXT_PARTS[form]
            text = part.get(key)
            if not isinstance(text, str):
                raise wrong(dotted((*place, key)), "a string", text)
            kind: Kind = "refusal" if key == "refusal" else "content"
            self.slots.append(Slot((*place, key), speaker.role, kind, text, speaker.current, joined))
            if isinstance(notes := part.get("annotations"), list):
                self.slots.extend(strings((*place, "annotations"), notes, speaker, _VOCABULARY))
            self._others(place, part, _PART_KEYS)
            joined = True

    def _call(self, at: Path, item: dict[str, Any], speaker: Speaker) -> None:
        key = "arguments" if item["type"] == "function_call" else "input"
        given, name = item.get(key), item.get("name")
        if not isinstance(given, str | None):
            raise wrong(dotted((*at, key)), "a string", given)
        if not isinstance(name, str | None):
            raise wrong(dotted((*at, "name")), "a string", name)
        if given:
            quoted = key == "arguments"
            kind: Kind = "arguments" if quoted else "content"
            self.slots.append(Slot((*at, key), speaker.role, kind, given, speaker.current, quoted=quoted))
        if name:
            self.slots.append(Slot((*at, "name"), speaker.role, "name", name, speaker.current))
        for id in ("id", "call_id"):
            self._id((*at, id), item.get(id))
        self._others(at, item, _CALL_KEYS)

    def _thoughts(self, at: Path, item: dict[str, Any], speaker: Speaker) -> None:
        for key in ("summary", "content"):
            parts = item.get(key)
            if parts is None:
                continue
            if not isinstance(parts, list):
                raise wrong(dotted((*at, key)), "an array", parts)
            for number, part in enumerate(parts):
                place: Path = (*at, key, number)
                text = part.get("text") if isinstance(part, dict) else None
                if not isinstance(text, str):
                    raise wrong(dotted((*place, "text")), "a string", text)
                if text:
                    self.slots.append(Slot((*place, "text"), speaker.role, "reasoning", text, speaker.current))
                self._others(place, part, _PART_KEYS)
        if item.get("encrypted_content"):
            self.unread.append(dotted((*at, "encrypted_content")))
        self._id((*at, "id"), item.get("id"))
        self._others(at, item, _THOUGHT_KEYS)

    def _strange(self, at: Path, item: dict[str, Any], speaker: Speaker) -> None:
        """Read every text of an item of a kind that has no place of its own here; name what nobody can read."""
        pending: list[tuple[Path, Any]] = [(at, item)]
        while pending:
            place, value = pending.pop()
            if isinstance(value, str):
                if value and not (place[-1] in ("id", "call_id", "type", "status") and ID.fullmatch(value)):
                    self.slots.append(Slot(place, speaker.role, "definition", value, speaker.current))
            elif isinstance(value, list):
                pending.extend(((*place, number), inner) for number, inner in reversed(list(enumerate(value))))
            elif isinstance(value, dict):
                for number, key in enumerate(value):
                    if key not in _VOCABULARY and not ID.fullmatch(key):
                        self.slots.append(Slot((*place, number), speaker.role, "name", key, speaker.current))
                for key, inner in reversed(value.items()):
                    if key in _UNSEEN and inner:
                        self.unread.append(dotted((*place, key)))
                    else:
                        pending.append(((*place, key), inner))

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
