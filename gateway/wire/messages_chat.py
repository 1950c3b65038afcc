"""Anthropic messages before a model that speaks OpenAI's chat completions: the request there, the answer back.

Pure, and told by type: what a chat cannot express is refused with its place, never left out in silence, but for
thoughts of earlier turns and hints on caching, which no such server takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError, UpstreamBroke
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.messages_count import estimate_of
from gateway.wire.messages_error import error_object
from gateway.wire.messages_frame import is_count, sse
from gateway.wire.sse import Event, EventBuffer

CHAT: Final = "/chat/completions"
_COUNT: Final = "/messages/count_tokens"
_SAME: Final = ("model", "max_tokens", "temperature", "top_p", "top_k", "stream")
_DROPPED: Final = frozenset(
    {"messages", "system", "tools", "tool_choice", "stop_sequences", "metadata", "thinking", "service_tier"}
) | {"output_config", "output_format", "context_management", "cache_control", "inference_geo"}
"""Fields that are translated by themselves, or that only an Anthropic server knows."""
_IMPOSSIBLE: Final = ("mcp_servers", "container")
_CHOICES: Final[Mapping[str, str]] = {"auto": "auto", "any": "required", "none": "none"}
_REASONS: Final[Mapping[str, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_MOST_HELD: Final = 8 * 1024 * 1024
"""Bytes that one event may have before its upstream counts as broken."""

_THOUGHTS: Final = ("reasoning_content", "reasoning")
_UNSAID: Final = ("thinking", "redacted_thinking")


class OverChat:
    """Translates between the two wire formats, for ``gateway.providers.translated``."""

    path = CHAT

    def alone(self, path: str, body: bytes) -> bytes | None:
        """Return the answer to a request that no chat server can take; None for one to translate."""
        return estimate_of(body) if path == _COUNT else None

    def request(self, body: bytes) -> bytes:
        """Return the request as a chat; raises ``RequestError`` for what a chat cannot express."""
        asked: dict[str, Any] = orjson.loads(body)
        for name in _IMPOSSIBLE:
            if asked.get(name):
                raise _impossible(name, name)
        chat = {key: value for key, value in asked.items() if key not in _DROPPED}
        chat = {**{key: chat.pop(key) for key in _SAME if key in chat}, **chat}
        chat["messages"] = list(_messages(asked))
        if asked.get("tools"):
            chat["tools"] = [_tool(at, tool) for at, tool in enumerate(asked["tools"])]
        chat.update(_choice(asked.get("tool_choice")))
        if asked.get("stop_sequences"):
            chat["stop"] = asked["stop_sequences"]
        if user := (asked.get("metadata") or {}).get("user_id"):
            chat["user"] = user
        chat.update(_shape(asked))
        if asked.get("stream"):
            chat["stream_options"] = {"include_usage": True}
        return orjson.dumps(chat)

    def whole(self, raw: bytes, upstream: str) -> bytes:
        """Return a completion as a message; raises ``UpstreamBroke`` if it is none."""
        data = parse(raw, "an answer", upstream)
        choices = data.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise broke(upstream, "sent an answer that holds no choices with messages")
        reason = choice.get("finish_reason") or "stop"
        content = list(_blocks(message, upstream, cut=reason == "length"))
        said = {**_head(data), "content": content, "stop_reason": _reason(reason, message), "stop_sequence": None}
        return dump({**said, "usage": _usage(data.get("usage"))}, upstream)

    def stream(self, upstream: str) -> FromChatStream:
        """Return what translates one stream."""
        return FromChatStream(upstream)

    def refusal(self, status: int, body: bytes) -> bytes:
        """Return an HTTP error's body in Anthropic's envelope, where it can be read."""
        try:
            error = orjson.loads(body)["error"]
            message = error if isinstance(error, str) else error["message"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return b""
        return orjson.dumps(error_object(status, message)) if isinstance(message, str) else b""


# --- The request ---------------------------------------------------------------------------------


def _impossible(param: str, what: str) -> RequestError:
    message = f"{param}: this model speaks OpenAI's chat format, which has no {what}; leave it out, or ask another."
    return RequestError(message, code="not_supported_by_model", param=param)


def _messages(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if system := asked.get("system"):
        yield {"role": "system", "content": _content(list(_parts(system, "system")))}
    for index, message in enumerate(asked["messages"]):
        place = f"messages[{index}].content"
        content, role = message["content"], message["role"]
        if isinstance(content, str):
            yield {"role": role, "content": content}
        elif role == "assistant":
            yield _assistant(content, place)
        else:
            yield from _user(role, content, place)


def _user(role: str, blocks: list[dict[str, Any]], place: str) -> Iterator[dict[str, Any]]:
    """Write a turn of the user: what tools said first, for it answers the calls before it."""
    parts: list[dict[str, Any]] = []
    for at, block in enumerate(blocks):
        where = f"{place}[{at}]"
        if block["type"] != "tool_result":
            parts += _parts([block], place, at)
            continue
        said = list(_parts(block.get("content") or "", f"{where}.content"))
        texts = [part for part in said if part["type"] == "text"]
        parts += [part for part in said if part["type"] != "text"]  # a tool's message can hold no picture
        yield {"role": "tool", "tool_call_id": block.get("tool_use_id") or "", "content": _content(texts)}
    if parts:
        yield {"role": role, "content": _content(parts)}


def _assistant(blocks: list[dict[str, Any]], place: str) -> dict[str, Any]:
    calls: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for at, block in enumerate(blocks):
        if block["type"] == "tool_use":
            arguments = orjson.dumps(block.get("input") or {}).decode()
            function = {"name": block.get("name") or "", "arguments": arguments}
            calls.append({"id": block.get("id") or "", "type": "function", "function": function})
        elif block["type"] not in _UNSAID:
            parts += _parts([block], place, at)
    message: dict[str, Any] = {"role": "assistant", "content": _content(parts) if parts else None}
    return {**message, "tool_calls": calls} if calls else {**message, "content": message["content"] or ""}


def _parts(content: Any, place: str, first: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(content, str):
        yield _text(content)
        return
    for at, block in enumerate(content, first):
        where = f"{place}[{at}]"
        form = block["type"]
        if form == "text":
            yield _text(block["text"])
        elif form == "image":
            yield {"type": "image_url", "image_url": {"url": _address(block.get("source"), where)}}
        elif form == "document":
            yield from _document(block, where)
        elif form == "search_result":
            yield _text("\n".join(block[key] for key in ("title", "source") if block.get(key)) + "\n")
            yield from _parts(block.get("content") or [], f"{where}.content")
        else:
            raise _impossible(where, f"block of type {form}" if form.isidentifier() else "such block")


def _document(block: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    source = block["source"]
    heads = [block[key] for key in ("title", "context") if block.get(key)]
    if source.get("type") == "text" and isinstance(source.get("data"), str):
        yield _text("\n".join([*heads, source["data"]]))
    elif source.get("type") == "content":
        yield from (_text(f"{head}\n") for head in heads)
        yield from _parts(source.get("content") or "", f"{where}.source.content")
    else:
        address = _address(source, where)
        yield {"type": "file", "file": {"filename": block.get("title") or "document", "file_data": address}}


def _address(source: object, where: str) -> str:
    if isinstance(source, dict):
        if source.get("type") == "base64":
            return f"data:{source.get('media_type')};base64,{source.get('data')}"
        if source.get("type") == "url" and isinstance(source.get("url"), str):
            return str(source["url"])
    raise _impossible(f"{where}.source", "such source")


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _content(parts: list[dict[str, Any]]) -> Any:
    """Return one text as a string, which every server takes."""
    if not parts:
        return ""
    return parts[0]["text"] if len(parts) == 1 and parts[0]["type"] == "text" else parts


def _tool(at: int, tool: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(tool, dict) or tool.get("type", "custom") not in ("custom", None):
        raise _impossible(f"tools[{at}]", "tools that the server runs")
    function = {key: tool[key] for key in ("name", "description", "strict") if key in tool}
    return {"type": "function", "function": {**function, "parameters": tool.get("input_schema") or {"type": "object"}}}


def _choice(choice: object) -> dict[str, Any]:
    if not isinstance(choice, dict):
        return {}
    said: dict[str, Any] = {"parallel_tool_calls": False} if choice.get("disable_parallel_tool_use") else {}
    kind = str(choice.get("type"))
    if kind == "tool":
        said["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    elif kind in _CHOICES:
        said["tool_choice"] = _CHOICES[kind]
    return said


def _shape(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked of the answer's shape and of the effort."""
    config = asked.get("output_config")
    config = config if isinstance(config, dict) else {}
    shape = config.get("format") or asked.get("output_format")
    said: dict[str, Any] = {}
    if isinstance(shape, dict) and shape.get("type") == "json_schema":
        schema = {"name": "answer", "schema": shape.get("schema"), "strict": True}
        said["response_format"] = {"type": "json_schema", "json_schema": schema}
    if isinstance(config.get("effort"), str):
        said["reasoning_effort"] = config["effort"]
    return said


# --- The answer ----------------------------------------------------------------------------------


def _head(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": data["id"] if isinstance(data.get("id"), str) else "msg",
        "type": "message",
        "role": "assistant",
        "model": data["model"] if isinstance(data.get("model"), str) else "",
    }


def _usage(usage: object) -> dict[str, Any]:
    given = usage if isinstance(usage, dict) else {}
    asked, said = given.get("prompt_tokens"), given.get("completion_tokens")
    details = given.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    read = cached if is_count(cached) else 0
    total = asked if is_count(asked) else 0
    counts = {"input_tokens": max(0, total - read), "output_tokens": said if is_count(said) else 0}
    return {**counts, "cache_read_input_tokens": read} if read else counts


def _reason(reason: object, message: Mapping[str, Any]) -> str:
    if message.get("refusal"):
        return "refusal"
    return _REASONS.get(reason, "end_turn") if isinstance(reason, str) else "end_turn"


def _words(value: object, upstream: str) -> str:
    """Return the text of a field: a string, or the texts among its parts."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        texts = [part.get("text") or part.get("refusal") or "" if isinstance(part, dict) else part for part in value]
        if all(isinstance(text, str) for text in texts):
            return "".join(texts)
    raise broke(upstream, "sent content that is neither a string nor an array of parts")


def _thoughts(message: Mapping[str, Any], upstream: str) -> str:
    return next((said for key in _THOUGHTS if (said := _words(message.get(key), upstream))), "")


def _blocks(message: Mapping[str, Any], upstream: str, *, cut: bool) -> Iterator[dict[str, Any]]:
    if thoughts := _thoughts(message, upstream):
        yield {"type": "thinking", "thinking": thoughts, "signature": ""}
    if text := _words(message.get("content"), upstream) + _words(message.get("refusal"), upstream):
        yield {"type": "text", "text": text}
    for at, (call, function) in enumerate(_calls(message.get("tool_calls"), upstream)):
        try:
            given = orjson.loads(function.get("arguments") or "{}")
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict):
            if not cut:
                raise broke(upstream, "called a tool with arguments that are no JSON object")
            given = {}  # it had no room left to say them
        yield {**_call(at, call, function, upstream), "input": given}


def _calls(calls: object, upstream: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("arguments", ""), str | None):
            raise broke(upstream, "sent a tool call that is none")
        yield call, function


def _call(at: int, call: Mapping[str, Any], function: Mapping[str, Any], upstream: str) -> dict[str, Any]:
    if not isinstance(function.get("name"), str) or not function["name"]:
        raise broke(upstream, "called a tool without a name")
    id = call["id"] if isinstance(call.get("id"), str) and call["id"] else f"toolu_{at}"
    return {"type": "tool_use", "id": id, "name": function["name"], "input": {}}


class FromChatStream:
    """Writes the events of a message from those of a chat. Sans-I/O; one choice, block after block."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._buffer = EventBuffer()
        self._block: tuple[str, int] | None = None
        self._count = 0
        self._calls: set[int] = set()
        self._refused = False
        self._reason: str | None = None
        self._usage: object = None
        self._begun = self._over = False
        self._fault: UpstreamBroke | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes as they come, return the events that they make; raises ``UpstreamBroke``."""
        made = self._make(self._buffer.feed(chunk))
        if self._buffer.held > _MOST_HELD:
            raise broke(self._upstream, f"sent an event of more than {_MOST_HELD} bytes")
        return made

    def finish(self) -> bytes:
        """The upstream closed: return what is left. An answer without an end gets none here."""
        made = self._make(self._buffer.rest())
        return made if self._fault is not None else made + b"".join(self._end())

    def _make(self, events: Iterable[Event]) -> bytes:
        """Return what events make. What came before a broken one counts, however the chunks were cut."""
        if self._fault is not None:
            raise self._fault
        made = b""
        try:
            for item in events:
                for piece in self._take(item.data):
                    made += piece
        except UpstreamBroke as error:
            if not made:
                raise
            self._fault = error
        return made

    def _take(self, raw: bytes | None) -> Iterator[bytes]:
        if self._over:
            return
        if raw is None:
            yield sse({"type": "ping"})
            return
        if raw.strip() == b"[DONE]":
            yield from self._end()
            return
        data = parse(raw, "an event", self._upstream)
        choices = data.get("choices")
        if data.get("error") and not choices:
            raise broke(self._upstream, "reported an error in the middle of the answer")
        if data.get("usage"):
            self._usage = data["usage"]
        if not isinstance(choices, list | None):
            raise broke(self._upstream, "sent choices that are not an array")
        if not self._begun:
            self._begun = True
            usage = {"input_tokens": 0, "output_tokens": 0}
            head = {**_head(data), "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
            yield sse({"type": "message_start", "message": head}, self._upstream)
        for choice in choices or ():
            if not isinstance(choice, dict):
                raise broke(self._upstream, "sent a choice that is not an object")
            if choice.get("index") in (0, None):
                yield from self._choice(choice)

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[bytes]:
        delta = choice.get("delta")
        if not isinstance(delta, dict | None):
            raise broke(self._upstream, "sent a delta that is not an object")
        if delta:
            if thoughts := _thoughts(delta, self._upstream):
                start = {"type": "thinking", "thinking": "", "signature": ""}
                yield from self._enter(("thinking", 0), start)
                yield self._delta("thinking_delta", "thinking", thoughts)
            refusal = _words(delta.get("refusal"), self._upstream)
            self._refused = self._refused or bool(refusal)
            if text := _words(delta.get("content"), self._upstream) + refusal:
                yield from self._enter(("text", 0), {"type": "text", "text": ""})
                yield self._delta("text_delta", "text", text)
            for at, (call, function) in enumerate(_calls(delta.get("tool_calls"), self._upstream)):
                yield from self._called(call.get("index") if is_count(call.get("index")) else at, call, function)
        if choice.get("finish_reason"):
            self._reason = str(choice["finish_reason"])

    def _called(self, number: object, call: Mapping[str, Any], function: Mapping[str, Any]) -> Iterator[bytes]:
        at = number if is_count(number) else 0
        if at not in self._calls:
            self._calls.add(at)
            yield from self._enter(("tool_use", at), _call(at, call, function, self._upstream))
        elif self._block != ("tool_use", at):
            raise broke(self._upstream, "went on with a tool call after another one had begun")
        if function.get("arguments"):
            yield self._delta("input_json_delta", "partial_json", function["arguments"])

    def _enter(self, block: tuple[str, int], start: Mapping[str, Any]) -> Iterator[bytes]:
        if self._block == block:
            return
        yield from self._leave()
        self._block = block
        yield sse({"type": "content_block_start", "index": self._count, "content_block": start}, self._upstream)
        self._count += 1

    def _leave(self) -> Iterator[bytes]:
        if self._block is not None:
            yield sse({"type": "content_block_stop", "index": self._count - 1})
        self._block = None

    def _delta(self, form: str, key: str, text: str) -> bytes:
        return sse(
            {"type": "content_block_delta", "index": self._count - 1, "delta": {"type": form, key: text}},
            self._upstream,
        )

    def _end(self) -> Iterator[bytes]:
        """Write the end, if the model has said that it is one."""
        if self._over or self._reason is None:
            return
        self._over = True
        yield from self._leave()
        reason = "refusal" if self._refused else _reason(self._reason, {})
        delta = {"stop_reason": reason, "stop_sequence": None}
        closing: dict[str, Any] = {"type": "message_delta", "delta": delta}
        closing["usage"] = _usage(self._usage) if self._usage else {}
        yield sse(closing)
        yield sse({"type": "message_stop"})
