"""What a chat answered, written as a response: whole, or event by event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.wire.chat_frame import dump
from gateway.wire.chat_said import (
    ChatStreamReader,
    Thought,
    ToolCall,
    first_choice,
    sealed_thoughts,
    thoughts,
    tool_calls,
    words,
)
from gateway.wire.messages_frame import is_count, sse
from gateway.wire.responses_seals import sealed


def as_response(raw: bytes, upstream: str) -> bytes:
    """Return a whole completion as a response; raises ``UpstreamBroke`` if it is none."""
    data, message, reason = first_choice(raw, upstream)
    response = _head(data)
    response["output"] = list(_items(message, response["id"], upstream))
    response.update(_ending(reason))
    return dump({**response, "usage": _usage(data.get("usage"))}, upstream)


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
    sealed_ones = list(sealed_thoughts(message))
    for at, one in enumerate(sealed_ones):
        content = [{"type": "reasoning_text", "text": one.text}] if one.text else []
        yield _item("reasoning", f"rs_{tail}_{at}", content=content, encrypted_content=sealed(one))
    if not sealed_ones and (thought := thoughts(message, upstream)):
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
        self._seal = ""
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
            self._item, self._seal = _item("reasoning", f"rs_{self._tail}_{len(self._output)}"), ""
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

    def seals(self, thought: Thought) -> Iterator[bytes]:
        """Note the seal of the thoughts that are open; what the vendor hides is an item of its own."""
        if not thought.hidden:
            self._seal = thought.seal
            return
        yield from self._leave()
        item = _item("reasoning", f"rs_{self._tail}_{len(self._output)}", encrypted_content=sealed(thought))
        yield self._event("response.output_item.added", item={**item, "status": "in_progress"}, **self._place())
        yield self._event("response.output_item.done", item=item, **self._place())
        self._output.append(item)

    def stops(self, form: str) -> bytes:
        """Write the end of the item."""
        text = "".join(self._said)
        if form == "call":
            item = {**self._item, "arguments": text}
        else:
            kind, key = _PARTS[form]
            notes: dict[str, Any] = {"annotations": [], "logprobs": []} if form == "text" else {}
            item = {**self._item, "content": [{"type": kind, key: text, **notes}]}
        if form == "thoughts" and self._seal:
            item["encrypted_content"] = sealed(Thought(text, self._seal))
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
