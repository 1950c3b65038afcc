"""OpenAI responses before a model that speaks chat completions: the request there, the answer back.

Pure, and told by type: what a chat cannot express is refused with its place, never left out in silence, but for
thoughts of earlier turns and hints that only a vendor's own server reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError, UpstreamBroke
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.messages_frame import is_count, sse
from gateway.wire.sse import Event, EventBuffer

CHAT: Final = "/chat/completions"
_SAME: Final = ("model", "temperature", "top_p", "parallel_tool_calls", "stream", "user")
_DROPPED: Final = (
    frozenset({"input", "instructions", "tools", "tool_choice", "text", "reasoning", "max_output_tokens", "include"})
    | {"store", "metadata", "truncation", "service_tier", "stream_options", "previous_response_id", "background"}
    | {"safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "top_logprobs"}
    | {"max_tool_calls", "conversation"}
)
"""Fields that are translated by themselves, or that only a Responses server knows."""
_ROLES: Final = {"developer": "system"}
_MOST_HELD: Final = 8 * 1024 * 1024
_THOUGHTS: Final = ("reasoning_content", "reasoning")


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
            raise _impossible("prompt", "prompts that lie with the vendor")
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
        data = parse(raw, "an answer", upstream)
        choices = data.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise broke(upstream, "sent an answer that holds no choices with messages")
        response = _head(data)
        response["output"] = list(_items(message, response["id"], upstream))
        response.update(_ending(choice.get("finish_reason") or "stop"))
        return dump({**response, "usage": _usage(data.get("usage"))}, upstream)

    def stream(self, upstream: str) -> FromChatStream:
        """Return what translates one stream."""
        return FromChatStream(upstream)

    def refusal(self, status: int, body: bytes) -> bytes:
        """Return an HTTP error's body: the envelope is the same."""
        return body


# --- The request ---------------------------------------------------------------------------------


def _impossible(param: str, what: str) -> RequestError:
    message = f"{param}: this model speaks OpenAI's chat format, which has no {what}; leave it out, or ask another."
    return RequestError(message, code="not_supported_by_model", param=param)


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
            raise _impossible(place, f"item of type {form}" if form.isidentifier() else "such item")
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
    raise _impossible(place, f"part of type {form} as it stands" if form.isidentifier() else "such part")


def _tool(at: int, tool: Mapping[str, Any]) -> dict[str, Any]:
    form = tool.get("type")
    if form == "function":
        function = {
            key: tool[key] for key in ("name", "description", "parameters", "strict") if tool.get(key) is not None
        }
        return {"type": "function", "function": function}
    raise _impossible(f"tools[{at}]", "tools that the server runs, nor custom ones")


def _choice(choice: object) -> Any:
    if choice is None or isinstance(choice, str):
        return choice
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    raise _impossible("tool_choice", "such choice")


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


def _items(message: Mapping[str, Any], id: str, upstream: str) -> Iterator[dict[str, Any]]:
    tail = id.removeprefix("resp_")
    if thoughts := _thoughts(message, upstream):
        yield _item("reasoning", f"rs_{tail}", content=[{"type": "reasoning_text", "text": thoughts}])
    parts = []
    if text := _words(message.get("content"), upstream):
        parts.append({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
    if refusal := _words(message.get("refusal"), upstream):
        parts.append({"type": "refusal", "refusal": refusal})
    if parts or not message.get("tool_calls"):
        yield _item("message", f"msg_{tail}", content=parts)
    for at, (call, function) in enumerate(_calls(message.get("tool_calls"), upstream)):
        arguments = function.get("arguments") or ""
        yield _call(call, function, f"fc_{tail}_{at}", upstream, arguments=arguments, status="completed")


def _item(form: str, id: str, **more: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"type": form, "id": id, "status": "completed", **more}
    return {**item, "role": "assistant"} if form == "message" else {"summary": [], **item}


def _calls(calls: object, upstream: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    if not isinstance(calls, list | None):
        raise broke(upstream, "sent tool calls that are not an array")
    for call in calls or ():
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("arguments", ""), str | None):
            raise broke(upstream, "sent a tool call that is none")
        yield call, function


def _call(call: Mapping[str, Any], function: Mapping[str, Any], id: str, upstream: str, **more: Any) -> dict[str, Any]:
    if not isinstance(function.get("name"), str) or not function["name"]:
        raise broke(upstream, "called a tool without a name")
    named = call["id"] if isinstance(call.get("id"), str) and call["id"] else id
    return {"type": "function_call", "id": id, "call_id": named, "name": function["name"], **more}


class FromChatStream:
    """Writes the events of a response from those of a chat. Sans-I/O; one choice, item after item."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._buffer = EventBuffer()
        self._response: dict[str, Any] | None = None
        self._tail = ""
        self._open: tuple[str, int] | None = None
        self._item: dict[str, Any] = {}
        self._said: list[str] = []
        self._output: list[dict[str, Any]] = []
        self._calls: set[int] = set()
        self._reason: str | None = None
        self._usage: object = None
        self._over = False
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
            yield b": keep-alive\n\n"
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
        if self._response is None:
            self._response = _head(data)
            self._tail = self._response["id"].removeprefix("resp_")
            for kind in ("response.created", "response.in_progress"):
                yield self._event(kind, response=self._response)
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
                yield from self._enter(("reasoning_text", 0), _item("reasoning", f"rs_{self._tail}"))
                yield self._piece("response.reasoning_text.delta", thoughts, content_index=0)
            if text := _words(delta.get("content"), self._upstream):
                yield from self._enter(("output_text", 0), _item("message", f"msg_{self._tail}", content=[]))
                yield self._piece("response.output_text.delta", text, content_index=0, logprobs=[])
            if refusal := _words(delta.get("refusal"), self._upstream):
                yield from self._enter(("refusal", 0), _item("message", f"msg_{self._tail}_r", content=[]))
                yield self._piece("response.refusal.delta", refusal, content_index=0)
            for at, (call, function) in enumerate(_calls(delta.get("tool_calls"), self._upstream)):
                number = call.get("index")
                yield from self._called(number if is_count(number) else at, call, function)
        if choice.get("finish_reason"):
            self._reason = str(choice["finish_reason"])

    def _called(self, at: int, call: Mapping[str, Any], function: Mapping[str, Any]) -> Iterator[bytes]:
        if at not in self._calls:
            self._calls.add(at)
            item = _call(call, function, f"fc_{self._tail}_{at}", self._upstream, arguments="", status="in_progress")
            yield from self._enter(("arguments", at), item)
        elif self._open != ("arguments", at):
            raise broke(self._upstream, "went on with a tool call after another one had begun")
        if function.get("arguments"):
            yield self._piece("response.function_call_arguments.delta", function["arguments"])

    def _enter(self, part: tuple[str, int], item: dict[str, Any]) -> Iterator[bytes]:
        if self._open == part:
            return
        yield from self._leave()
        self._open, self._item, self._said = part, item, []
        yield self._event("response.output_item.added", item={**item, "status": "in_progress"}, **self._place())

    def _leave(self) -> Iterator[bytes]:
        """End the item that is open."""
        if self._open is None:
            return
        form, text, item = self._open[0], "".join(self._said), self._item
        if form == "arguments":
            item = {**item, "arguments": text}
        elif form == "refusal":
            item = {**item, "content": [{"type": form, "refusal": text}]}
        else:
            notes: dict[str, Any] = {"annotations": [], "logprobs": []} if form == "output_text" else {}
            item = {**item, "content": [{"type": form, "text": text, **notes}]}
        item = {**item, "status": "completed"}
        yield self._event("response.output_item.done", item=item, **self._place())
        self._output.append(item)
        self._open = None

    def _piece(self, kind: str, text: str, **more: Any) -> bytes:
        self._said.append(text)
        return self._event(kind, delta=text, item_id=self._item["id"], **self._place(), **more)

    def _place(self) -> dict[str, Any]:
        return {"output_index": len(self._output)}

    def _event(self, kind: str, **data: Any) -> bytes:
        return sse({"type": kind, **data}, self._upstream)

    def _end(self) -> Iterator[bytes]:
        """Write the end, if the model has said that it is one."""
        if self._over or self._reason is None or self._response is None:
            return
        self._over = True
        yield from self._leave()
        ended = {**self._response, **_ending(self._reason), "output": self._output, "usage": _usage(self._usage)}
        yield self._event(f"response.{ended['status']}", response=ended)
