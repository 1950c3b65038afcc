"""Anthropic messages before a model that speaks OpenAI's chat completions: the request there, the answer back.

Pure, and told by type: what a chat cannot express is refused with its place, never left out in silence, but for
thoughts of earlier turns and hints on caching, which no such server takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.wire.chat_frame import broke, dump
from gateway.wire.chat_said import (
    CHAT,
    ChatStreamReader,
    ToolCall,
    first_choice,
    impossible,
    thoughts,
    tool_calls,
    words,
)
from gateway.wire.messages_count import estimate_of
from gateway.wire.messages_error import error_object
from gateway.wire.messages_frame import is_count, sse

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
_UNSAID: Final = ("thinking", "redacted_thinking")


class OverChat:
    """Translates between the two wire formats, for ``gateway.providers.translated``."""

    path = CHAT

    def about(self, body: bytes) -> OverChat:
        """Return the translation for one request: every request has the same."""
        return self

    def alone(self, path: str, body: bytes) -> bytes | None:
        """Return the answer to a request that no chat server can take; None for one to translate."""
        return estimate_of(body) if path == _COUNT else None

    def request(self, body: bytes) -> bytes:
        """Return the request as a chat; raises ``RequestError`` for what a chat cannot express."""
        asked: dict[str, Any] = orjson.loads(body)
        for name in _IMPOSSIBLE:
            if asked.get(name):
                raise impossible(name, name)
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
        data, message, reason = first_choice(raw, upstream)
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
            raise impossible(where, f"block of type {form}" if form.isidentifier() else "such block")


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
    raise impossible(f"{where}.source", "such source")


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _content(parts: list[dict[str, Any]]) -> Any:
    """Return one text as a string, which every server takes."""
    if not parts:
        return ""
    return parts[0]["text"] if len(parts) == 1 and parts[0]["type"] == "text" else parts


def _tool(at: int, tool: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(tool, dict) or tool.get("type", "custom") not in ("custom", None):
        raise impossible(f"tools[{at}]", "tools that the server runs")
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


def _blocks(message: Mapping[str, Any], upstream: str, *, cut: bool) -> Iterator[dict[str, Any]]:
    if thought := thoughts(message, upstream):
        yield {"type": "thinking", "thinking": thought, "signature": ""}
    if text := words(message.get("content"), upstream) + words(message.get("refusal"), upstream):
        yield {"type": "text", "text": text}
    for call in tool_calls(message, upstream):
        try:
            given = orjson.loads(call.arguments or "{}")
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict):
            if not cut:
                raise broke(upstream, "called a tool with arguments that are no JSON object")
            given = {}  # it had no room left to say them
        yield {**_call(call.checked(upstream)), "input": given}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id or f"toolu_{call.number}", "name": call.name, "input": {}}


_STARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "thoughts": {"type": "thinking", "thinking": "", "signature": ""},
    "text": {"type": "text", "text": ""},
}
_PIECES: Final[Mapping[str, tuple[str, str]]] = {
    "thoughts": ("thinking_delta", "thinking"),
    "text": ("text_delta", "text"),
    "call": ("input_json_delta", "partial_json"),
}
"""For each part of a chat the type of a message's delta, and the key of its text."""


class FromChatStream(ChatStreamReader):
    """Writes the events of a message from those of a chat. Sans-I/O; one choice, block after block."""

    alive = sse({"type": "ping"})
    refuses_in = "text"

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self._count = 0

    def begins(self, data: Mapping[str, Any]) -> Iterator[bytes]:
        """Write that the message has begun."""
        usage = {"input_tokens": 0, "output_tokens": 0}
        head = {**_head(data), "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        yield sse({"type": "message_start", "message": head}, self.upstream)

    def starts(self, form: str, call: ToolCall | None) -> bytes:
        """Write the beginning of a block."""
        block = _STARTS[form] if call is None else _call(call)
        self._count += 1
        return self._event("content_block_start", content_block=block)

    def says(self, form: str, text: str) -> bytes:
        """Write a piece of the block."""
        kind, key = _PIECES[form]
        return self._event("content_block_delta", delta={"type": kind, key: text})

    def stops(self, form: str) -> bytes:
        """Write the end of the block."""
        return self._event("content_block_stop")

    def ends(self, reason: str) -> Iterator[bytes]:
        """Write the end of the message."""
        why = "refusal" if self.refused else _reason(reason, {})
        closing: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": why, "stop_sequence": None}}
        closing["usage"] = _usage(self.usage) if self.usage else {}
        yield sse(closing)
        yield sse({"type": "message_stop"})

    def _event(self, kind: str, **data: Any) -> bytes:
        return sse({"type": kind, "index": self._count - 1, **data}, self.upstream)
