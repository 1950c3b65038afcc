"""OpenAI responses before a model that speaks chat completions: the request there, the answer back.

Pure, and told by type: what a chat cannot express is refused with its place, never left out in silence, but for
thoughts of earlier turns and hints that only a vendor's own server reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.wire.chat_frame import dump
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
from gateway.wire.messages_frame import is_count, sse

_SAME: Final = ("model", "temperature", "top_p", "parallel_tool_calls", "stream", "user")
_DROPPED: Final = (
    frozenset({"input", "instructions", "tools", "tool_choice", "text", "reasoning", "max_output_tokens", "include"})
    | {"store", "metadata", "truncation", "service_tier", "stream_options", "previous_response_id", "background"}
    | {"safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "top_logprobs"}
    | {"max_tool_calls", "conversation"}
)
"""Fields that are translated by themselves, or that only a Responses server knows."""
_ROLES: Final = {"developer": "system"}


class OverChat:
    """Translates between the two wire formats, for ``gateway.providers.translated``."""

    path = CHAT

    def alone(self, path: str, body: bytes) -> bytes | None:
        """Nothing is answered without the model."""
        return None

    def request(self, body: bytes) -> bytes:
        """Return the request as a chat; raises ``RequestError`` for what a chat cannot express."""
        asked: dict[str, Any] = orjson.loads(body)
        if asked.get("prompt"):
            raise impossible("prompt", "prompts that lie with the vendor")
        chat: dict[str, Any] = {key: asked[key] for key in _SAME if key in asked}
        chat |= {key: value for key, value in asked.items() if key not in _DROPPED and key not in _SAME}
        chat["messages"] = list(_messages(asked))
        if asked.get("tools"):
            chat["tools"] = [_tool(at, tool) for at, tool in enumerate(asked["tools"])]
        if (choice := _choice(asked.get("tool_choice"))) is not None:
            chat["tool_choice"] = choice
        if asked.get("max_output_tokens") is not None:
            chat["max_tokens"] = asked["max_output_tokens"]
        reasoning = asked.get("reasoning")
        if isinstance(reasoning, dict) and reasoning.get("effort"):
            chat["reasoning_effort"] = reasoning["effort"]
        chat.update(_shape(asked.get("text")))
        if asked.get("stream"):
            chat["stream_options"] = {"include_usage": True}
        return orjson.dumps(chat)

    def whole(self, raw: bytes, upstream: str) -> bytes:
        """Return a completion as a response; raises ``UpstreamBroke`` if it is none."""
        data, message, reason = first_choice(raw, upstream)
        response = _head(data)
        response["output"] = list(_items(message, response["id"], upstream))
        response.update(_ending(reason))
        return dump({**response, "usage": _usage(data.get("usage"))}, upstream)

    def stream(self, upstream: str) -> FromChatStream:
        """Return what translates one stream."""
        return FromChatStream(upstream)

    def refusal(self, status: int, body: bytes) -> bytes:
        """Return an HTTP error's body: the envelope is the same."""
        return body


# --- The request ---------------------------------------------------------------------------------


def _messages(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if asked.get("instructions"):
        yield {"role": "system", "content": asked["instructions"]}
    said = asked["input"]
    if isinstance(said, str):
        yield {"role": "user", "content": said}
        return
    calling: dict[str, Any] | None = None
    for index, item in enumerate(said):
        place = f"input[{index}]"
        form = item.get("type", "message")
        if form == "reasoning":
            continue
        if form == "function_call":
            function = {"name": item.get("name") or "", "arguments": item.get("arguments") or "{}"}
            call = {"id": item.get("call_id") or "", "type": "function", "function": function}
            if calling is None:
                calling = {"role": "assistant", "content": None}
            calling.setdefault("tool_calls", []).append(call)
            continue
        if calling is not None:
            yield calling
            calling = None
        if form == "message" and item.get("role") == "assistant":
            calling = {"role": "assistant", "content": _content(item["content"], f"{place}.content")}
        elif form == "message":
            role = _ROLES.get(item["role"], item["role"])
            yield {"role": role, "content": _content(item["content"], f"{place}.content")}
        elif form == "function_call_output":
            output = _content(item["output"], f"{place}.output")
            yield {"role": "tool", "tool_call_id": item.get("call_id") or "", "content": output}
        else:
            raise impossible(place, f"item of type {form}" if form.isidentifier() else "such item")
    if calling is not None:
        yield calling


def _content(content: Any, place: str) -> Any:
    """Return a content: one text as a string, which every server takes."""
    if isinstance(content, str):
        return content
    parts = [_part(part, f"{place}[{at}]") for at, part in enumerate(content)]
    if all(part["type"] == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    return parts


def _part(part: dict[str, Any], place: str) -> dict[str, Any]:
    form = part["type"]
    if form in ("input_text", "output_text", "text"):
        return {"type": "text", "text": part["text"]}
    if form == "refusal":
        return {"type": "text", "text": part["refusal"]}
    if form == "input_image" and isinstance(part.get("image_url"), str):
        detail = {"detail": part["detail"]} if part.get("detail") else {}
        return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}
    if form == "input_file" and (part.get("file_data") or part.get("file_id")):
        return {"type": "file", "file": {key: part[key] for key in ("file_data", "file_id", "filename") if key in part}}
    if form == "input_audio" and isinstance(part.get("input_audio"), dict):
        return {"type": "input_audio", "input_audio": part["input_audio"]}
    raise impossible(place, f"part of type {form} as it stands" if form.isidentifier() else "such part")


def _tool(at: int, tool: Mapping[str, Any]) -> dict[str, Any]:
    form = tool.get("type")
    if form == "function":
        function = {
            key: tool[key] for key in ("name", "description", "parameters", "strict") if tool.get(key) is not None
        }
        return {"type": "function", "function": function}
    raise impossible(f"tools[{at}]", "tools that the server runs, nor custom ones")


def _choice(choice: object) -> Any:
    if choice is None or isinstance(choice, str):
        return choice
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    raise impossible("tool_choice", "such choice")


def _shape(text: object) -> dict[str, Any]:
    """Return what is asked of the answer's shape."""
    given = text if isinstance(text, dict) else {}
    said: dict[str, Any] = {"verbosity": given["verbosity"]} if given.get("verbosity") else {}
    shape = given.get("format")
    if not isinstance(shape, dict) or shape.get("type") == "text":
        return said
    if shape.get("type") == "json_schema":
        schema = {key: shape[key] for key in ("name", "description", "schema", "strict") if key in shape}
        return {**said, "response_format": {"type": "json_schema", "json_schema": schema}}
    return {**said, "response_format": shape}


# --- The answer ----------------------------------------------------------------------------------


def _head(data: Mapping[str, Any]) -> dict[str, Any]:
    id = data["id"].removeprefix("chatcmpl-") if isinstance(data.get("id"), str) else "0"
    created = data.get("created")
    return {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": created if is_count(created) else 0,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": data["model"] if isinstance(data.get("model"), str) else "",
        "output": [],
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }


def _ending(reason: object) -> dict[str, Any]:
    """Return how a response ended that a chat ended for this reason."""
    why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(str(reason))
    return {"status": "incomplete", "incomplete_details": {"reason": why}} if why else {"status": "completed"}


def _usage(usage: object) -> dict[str, Any] | None:
    if not isinstance(usage, dict):
        return None
    asked, said = (usage.get(key) if is_count(usage.get(key)) else 0 for key in ("prompt_tokens", "completion_tokens"))
    inner = [usage.get(key) for key in ("prompt_tokens_details", "completion_tokens_details")]
    cached, thought = (
        details[key] if isinstance(details, dict) and is_count(details.get(key)) else 0
        for details, key in zip(inner, ("cached_tokens", "reasoning_tokens"), strict=True)
    )
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": (asked or 0) + (said or 0),
    }


def _items(message: Mapping[str, Any], id: str, upstream: str) -> Iterator[dict[str, Any]]:
    tail = id.removeprefix("resp_")
    if thought := thoughts(message, upstream):
        yield _item("reasoning", f"rs_{tail}", content=[{"type": "reasoning_text", "text": thought}])
    parts = []
    if text := words(message.get("content"), upstream):
        parts.append({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
    if refusal := words(message.get("refusal"), upstream):
        parts.append({"type": "refusal", "refusal": refusal})
    if parts or not message.get("tool_calls"):
        yield _item("message", f"msg_{tail}", content=parts)
    for call in tool_calls(message, upstream):
        yield {**_call(call.checked(upstream), tail), "arguments": call.arguments, "status": "completed"}


def _item(form: str, id: str, **more: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"type": form, "id": id, "status": "completed", **more}
    return {**item, "role": "assistant"} if form == "message" else {"summary": [], **item}


def _call(call: ToolCall, tail: str) -> dict[str, Any]:
    id = f"fc_{tail}_{call.number}"
    return {"type": "function_call", "id": id, "call_id": call.id or id, "name": call.name}


_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "thoughts": ("reasoning_text", "text"),
    "text": ("output_text", "text"),
    "refusal": ("refusal", "refusal"),
}
"""For each part of a chat the type of a response's, and the key of its text."""


class FromChatStream(ChatStreamReader):
    """Writes the events of a response from those of a chat. Sans-I/O; one choice, item after item."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self._response: dict[str, Any] = {}
        self._tail = ""
        self._item: dict[str, Any] = {}
        self._said: list[str] = []
        self._output: list[dict[str, Any]] = []

    def begins(self, data: Mapping[str, Any]) -> Iterator[bytes]:
        """Write that the response has begun."""
        self._response = _head(data)
        self._tail = self._response["id"].removeprefix("resp_")
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self._response)

    def starts(self, form: str, call: ToolCall | None) -> bytes:
        """Write the beginning of an item."""
        if call is not None:
            self._item = {**_call(call, self._tail), "arguments": ""}
        elif form == "thoughts":
            self._item = _item("reasoning", f"rs_{self._tail}")
        else:
            id = f"msg_{self._tail}_r" if form == "refusal" else f"msg_{self._tail}"
            self._item = _item("message", id, content=[])
        self._said = []
        return self._event("response.output_item.added", item={**self._item, "status": "in_progress"}, **self._place())

    def says(self, form: str, text: str) -> bytes:
        """Write a piece of the item's text."""
        self._said.append(text)
        place = {"delta": text, "item_id": self._item["id"], **self._place()}
        if form == "call":
            return self._event("response.function_call_arguments.delta", **place)
        notes: dict[str, Any] = {"logprobs": []} if form == "text" else {}
        return self._event(f"response.{_PARTS[form][0]}.delta", **place, content_index=0, **notes)

    def stops(self, form: str) -> bytes:
        """Write the end of the item."""
        text = "".join(self._said)
        if form == "call":
            item = {**self._item, "arguments": text}
        else:
            kind, key = _PARTS[form]
            notes: dict[str, Any] = {"annotations": [], "logprobs": []} if form == "text" else {}
            item = {**self._item, "content": [{"type": kind, key: text, **notes}]}
        item = {**item, "status": "completed"}
        written = self._event("response.output_item.done", item=item, **self._place())
        self._output.append(item)
        return written

    def ends(self, reason: str) -> Iterator[bytes]:
        """Write the end of the response."""
        ended = {**self._response, **_ending(reason), "output": self._output, "usage": _usage(self.usage)}
        yield self._event(f"response.{ended['status']}", response=ended)

    def _place(self) -> dict[str, Any]:
        return {"output_index": len(self._output)}

    def _event(self, kind: str, **data: Any) -> bytes:
        return sse({"type": kind, **data}, self.upstream)
