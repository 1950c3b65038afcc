"""OpenAI responses before a model that speaks chat completions: the request there, the answer back.

Pure, and told by type: what a chat cannot express is refused with its place, never left out in silence, but for
earlier thoughts that no vendor sealed and hints that only a vendor's own server reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.wire.chat_said import CHAT, impossible
from gateway.wire.responses_from_chat import FromChatStream, as_response
from gateway.wire.responses_seals import unsealed

_SAME: Final = ("model", "temperature", "top_p", "parallel_tool_calls", "stream", "user")
_DROPPED: Final = (
    frozenset({"input", "instructions", "tools", "tool_choice", "text", "reasoning", "max_output_tokens", "include"})
    | {"store", "metadata", "truncation", "service_tier", "stream_options", "previous_response_id", "background"}
    | {"safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "top_logprobs"}
    | {"max_tool_calls", "conversation"}
)
"""Fields that are translated by themselves, or that only a Responses server knows."""
_ROLES: Final = {"developer": "system"}
_NAMED: Final = {
    "max_tokens": "max_output_tokens",
    "messages": "input",
    "reasoning_effort": "reasoning.effort",
    "response_format": "text.format",
    "verbosity": "text.verbosity",
}
"""What a response calls the fields of a chat."""


class OverChat:
    """Translates between the two wire formats, for ``gateway.providers.translated``."""

    path = CHAT

    def about(self, body: bytes) -> OverChat:
        """Return the translation for one request: every request has the same."""
        return self

    def alone(self, path: str, body: bytes) -> bytes | None:
        """Nothing is answered without the model."""
        return None

    def request(self, body: bytes) -> bytes:
        """Return the request as a chat; raises ``RequestError`` for what a chat cannot express."""
        asked: dict[str, Any] = orjson.loads(body)
        _refuse_unsaid(asked)
        chat: dict[str, Any] = {key: asked[key] for key in _SAME if key in asked}
        chat |= {key: value for key, value in asked.items() if key not in _DROPPED and key not in _SAME}
        chat["messages"] = list(_messages(asked))
        if asked.get("tools"):
            chat["tools"] = [_tool(at, tool) for at, tool in enumerate(asked["tools"])]
        if (choice := _choice(asked.get("tool_choice"))) is not None:
            chat["tool_choice"] = choice
        if asked.get("max_output_tokens") is not None:
            chat["max_tokens"] = asked["max_output_tokens"]
        if asked.get("service_tier") not in _USUAL:
            chat["service_tier"] = asked["service_tier"]
        reasoning = asked.get("reasoning")
        if isinstance(reasoning, dict) and reasoning.get("effort"):
            chat["reasoning_effort"] = reasoning["effort"]
        chat.update(_shape(asked.get("text")))
        if asked.get("stream"):
            chat["stream_options"] = {"include_usage": True}
        return orjson.dumps(chat)

    def whole(self, raw: bytes, upstream: str) -> bytes:
        """Return a completion as a response; raises ``UpstreamBroke`` if it is none."""
        return as_response(raw, upstream)

    def stream(self, upstream: str) -> FromChatStream:
        """Return what translates one stream."""
        return FromChatStream(upstream)

    def refusal(self, status: int, body: bytes) -> bytes:
        """Return an HTTP error's body: the envelope is the same, some fields have other names."""
        try:
            said = orjson.loads(body)
            param = _NAMED[said["error"]["param"].partition("[")[0]]
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            return body
        return orjson.dumps({**said, "error": {**said["error"], "param": param}})


# --- The request ---------------------------------------------------------------------------------


_LOGPROBS: Final = "message.output_text.logprobs"
_USUAL: Final = (None, "auto", "default")


def _refuse_unsaid(asked: Mapping[str, Any]) -> None:
    """Raise ``RequestError`` for what would change the answer, and what no chat can be told or asked for."""
    if asked.get("prompt"):
        raise impossible("prompt", "prompts that lie with the vendor")
    if asked.get("top_logprobs"):
        raise impossible("top_logprobs", "probabilities that fit into a response")
    if _LOGPROBS in (asked.get("include") or ()):
        raise impossible("include", "probabilities that fit into a response")
    if asked.get("truncation") not in (None, "disabled"):
        raise impossible("truncation", "way to leave out what is too long")


def _messages(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if asked.get("instructions"):
        yield {"role": "system", "content": asked["instructions"]}
    said = asked["input"]
    if isinstance(said, str):
        yield {"role": "user", "content": said}
        return
    calling: dict[str, Any] | None = None
    thinking: list[dict[str, Any]] = []
    for index, item in enumerate(said):
        place = f"input[{index}]"
        form = item.get("type", "message")
        if form == "reasoning":
            thinking += unsealed(item)
            continue
        if form == "function_call":
            function = {"name": item.get("name") or "", "arguments": item.get("arguments") or "{}"}
            call = {"id": item.get("call_id") or "", "type": "function", "function": function}
            if calling is None:
                calling, thinking = _assistant(None, thinking), []
            calling.setdefault("tool_calls", []).append(call)
            continue
        if calling is not None:
            yield calling
            calling = None
        if form == "message" and item.get("role") == "assistant":
            calling, thinking = _assistant(_content(item["content"], f"{place}.content"), thinking), []
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


def _assistant(content: Any, thinking: list[dict[str, Any]]) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {**message, "thinking_blocks": thinking} if thinking else message


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
