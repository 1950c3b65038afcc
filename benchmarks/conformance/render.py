"""Puts what a case says into the dialect that the model was asked in, whole or as a stream's frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from benchmarks.conformance.case import Say, Tool

Frames = Iterator[tuple[bytes, bool]]
"""Frames of a stream, each with whether it says something."""

_ANTHROPIC_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def whole(path: str, asked: Mapping[str, Any], says: Say) -> bytes:
    """Return a whole answer's body."""
    if path.endswith("/messages"):
        return _dump(_message(asked, says))
    if path.endswith("/responses"):
        return _dump(_response(asked, says, "completed"))
    if path.endswith("/chat/completions"):
        return _dump(_chat(asked, says))
    if path.endswith("/completions"):
        return _dump(_completion(asked, says))
    if path.endswith("/embeddings"):
        return _dump(_embeddings(asked, says))
    return _dump({"error": {"message": f"the scripted model does not speak {path}", "type": "invalid_request_error"}})


def stream(path: str, asked: Mapping[str, Any], says: Say) -> Frames:
    """Yield the frames of a streamed answer."""
    if path.endswith("/messages"):
        yield from _message_frames(asked, says)
    elif path.endswith("/responses"):
        yield from _response_frames(asked, says)
    elif path.endswith("/chat/completions"):
        yield from _chat_frames(asked, says)
    else:
        yield from _completion_frames(asked, says)


def last_words(asked: Mapping[str, Any]) -> str:
    """Return what the request says last, in any dialect."""
    for key in ("messages", "input", "prompt"):
        value = asked.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and value:
            return _words(value[-1])
    return ""


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_words(part) for part in value)
    if isinstance(value, dict):
        return _words(value.get("content", value.get("text", value.get("output", ""))))
    return ""


def _text(asked: Mapping[str, Any], says: Say, index: int = 0) -> str:
    if index and says.others is not None:
        return says.others
    if says.echo:
        return last_words(asked)
    return "".join(says.text) if says.text is not None else ("" if says.tools else "好的。")


def _pieces(asked: Mapping[str, Any], says: Say, index: int = 0) -> list[str]:
    if isinstance(says.text, tuple) and not (index and says.others is not None):
        return list(says.text)
    return cut(_text(asked, says, index), says.pieces)


def cut(text: str, size: int | None) -> list[str]:
    """Cut a text into pieces of so many characters; None leaves it whole."""
    if size is None or not text:
        return [text] if text else []
    return [text[at : at + size] for at in range(0, len(text), size)]


def _arguments(tool: Tool, says: Say) -> list[str]:
    return list(tool.arguments) if isinstance(tool.arguments, tuple) else cut(tool.arguments, says.pieces)


def _finish(says: Say) -> str:
    return "tool_calls" if says.tools and says.finish == "stop" else says.finish


def _dump(value: Any) -> bytes:
    return orjson.dumps(value)


def _data(value: Any) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"


def _named(value: Mapping[str, Any]) -> bytes:
    return b"event: " + str(value["type"]).encode() + b"\n" + _data(value)


# --- chat ----------------------------------------------------------------------------------------


def _chat_usage(says: Say) -> dict[str, int]:
    return {"prompt_tokens": says.usage[0], "completion_tokens": says.usage[1], "total_tokens": sum(says.usage)}


def _chat(asked: Mapping[str, Any], says: Say) -> dict[str, Any]:
    choices = []
    for index in range(max(says.n, int(asked.get("n") or 1))):
        message: dict[str, Any] = {"role": "assistant", "content": _text(asked, says, index) or None}
        if says.reasoning:
            message["reasoning_content"] = says.reasoning
        if says.tools:
            message["tool_calls"] = [
                {
                    "id": f"call_{at}",
                    "type": "function",
                    "function": {"name": t.name, "arguments": "".join(t.arguments)},
                }
                for at, t in enumerate(says.tools)
            ]
        choices.append({"index": index, "message": message, "logprobs": None, "finish_reason": _finish(says)})
    head = {"id": "chatcmpl-script", "object": "chat.completion", "created": 1_700_000_000, "model": "m"}
    return {**head, "choices": choices, "usage": _chat_usage(says), **says.extra}


def _chat_frames(asked: Mapping[str, Any], says: Say) -> Frames:
    head = {"id": "chatcmpl-script", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m"}
    head |= {"system_fingerprint": "fp_script", **says.extra}
    count = max(says.n, int(asked.get("n") or 1))

    def frame(index: int, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**head, "choices": [choice]})

    for index in range(count):
        yield frame(index, {"role": "assistant", "content": ""}), False
    for piece in cut(says.reasoning, says.pieces):
        for index in range(count):
            yield frame(index, {"reasoning_content": piece}), True
    every = [_pieces(asked, says, index) for index in range(count)]
    for at in range(max(map(len, every), default=0)):
        for index, pieces in enumerate(every):
            if at < len(pieces):
                yield frame(index, {"content": pieces[at]}), True
    for at, tool in enumerate(says.tools):
        begun = {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": tool.name, "arguments": ""}}
        for index in range(count):
            yield frame(index, {"tool_calls": [begun]}), False
        for piece in _arguments(tool, says):
            for index in range(count):
                yield frame(index, {"tool_calls": [{"index": at, "function": {"arguments": piece}}]}), True
    for index in range(count):
        yield frame(index, {}, _finish(says)), False
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield _data({**head, "choices": [], "usage": _chat_usage(says)}), False
    yield b"data: [DONE]\n\n", False


# --- completions and embeddings ------------------------------------------------------------------


def _completion(asked: Mapping[str, Any], says: Say) -> dict[str, Any]:
    count = max(says.n, int(asked.get("n") or 1))
    choices = [
        {"index": index, "text": _text(asked, says, index), "logprobs": None, "finish_reason": _finish(says)}
        for index in range(count)
    ]
    head = {"id": "cmpl-script", "object": "text_completion", "created": 1_700_000_000, "model": "m"}
    return {**head, "choices": choices, "usage": _chat_usage(says), **says.extra}


def _completion_frames(asked: Mapping[str, Any], says: Say) -> Frames:
    head = {"id": "cmpl-script", "object": "text_completion", "created": 1_700_000_000, "model": "m", **says.extra}
    for index in range(max(says.n, int(asked.get("n") or 1))):
        for piece in _pieces(asked, says, index):
            choice = {"index": index, "text": piece, "logprobs": None, "finish_reason": None}
            yield _data({**head, "choices": [choice]}), True
        closing = {"index": index, "text": "", "logprobs": None, "finish_reason": _finish(says)}
        yield _data({**head, "choices": [closing]}), False
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield _data({**head, "choices": [], "usage": _chat_usage(says)}), False
    yield b"data: [DONE]\n\n", False


def _embeddings(asked: Mapping[str, Any], says: Say) -> dict[str, Any]:
    given = asked.get("input")
    count = len(given) if isinstance(given, list) and not all(isinstance(item, int) for item in given) else 1
    data = [{"object": "embedding", "index": at, "embedding": [0.25, -0.5, 0.75]} for at in range(count)]
    usage = {"prompt_tokens": says.usage[0], "total_tokens": says.usage[0]}
    return {"object": "list", "data": data, "model": "m", "usage": usage, **says.extra}


# --- Anthropic messages --------------------------------------------------------------------------


def _message(asked: Mapping[str, Any], says: Say) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    if says.reasoning:
        blocks.append({"type": "thinking", "thinking": says.reasoning, "signature": "c2NyaXB0"})
    if text := _text(asked, says):
        blocks.append({"type": "text", "text": text})
    for at, tool in enumerate(says.tools):
        given = orjson.loads("".join(tool.arguments))
        blocks.append({"type": "tool_use", "id": f"toolu_{at}", "name": tool.name, "input": given})
    head = {"id": "msg_script", "type": "message", "role": "assistant", "model": "m"}
    usage = {"input_tokens": says.usage[0], "output_tokens": says.usage[1]}
    reason = _ANTHROPIC_REASONS[_finish(says)]
    return {**head, "content": blocks, "stop_reason": reason, "stop_sequence": None, "usage": usage, **says.extra}


def _message_frames(asked: Mapping[str, Any], says: Say) -> Frames:
    usage = {"input_tokens": says.usage[0], "output_tokens": 1}
    head = {"id": "msg_script", "type": "message", "role": "assistant", "model": "m", "content": []}
    begun = {**head, "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield _named({"type": "message_start", "message": begun, **says.extra}), False
    yield _named({"type": "ping"}), False
    blocks: list[tuple[dict[str, Any], str, str, Sequence[str]]] = []
    if says.reasoning:
        empty = {"type": "thinking", "thinking": "", "signature": ""}
        blocks.append((empty, "thinking_delta", "thinking", cut(says.reasoning, says.pieces)))
    if pieces := _pieces(asked, says):
        blocks.append(({"type": "text", "text": ""}, "text_delta", "text", pieces))
    for at, tool in enumerate(says.tools):
        empty = {"type": "tool_use", "id": f"toolu_{at}", "name": tool.name, "input": {}}
        blocks.append((empty, "input_json_delta", "partial_json", _arguments(tool, says)))
    for index, (empty, kind, key, parts) in enumerate(blocks):
        yield _named({"type": "content_block_start", "index": index, "content_block": empty}), False
        for part in parts:
            delta = {"type": kind, key: part}
            yield _named({"type": "content_block_delta", "index": index, "delta": delta, **says.extra}), True
        yield _named({"type": "content_block_stop", "index": index}), False
    ending = {"stop_reason": _ANTHROPIC_REASONS[_finish(says)], "stop_sequence": None}
    yield _named({"type": "message_delta", "delta": ending, "usage": {"output_tokens": says.usage[1]}}), False
    yield _named({"type": "message_stop"}), False


# --- Responses -----------------------------------------------------------------------------------


def _items(asked: Mapping[str, Any], says: Say) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if says.reasoning:
        summary = [{"type": "summary_text", "text": says.reasoning}]
        items.append({"type": "reasoning", "id": "rs_script", "summary": summary})
    if text := _text(asked, says):
        part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        message = {"type": "message", "id": "msg_script", "status": "completed", "role": "assistant"}
        items.append({**message, "content": [part]})
    for at, tool in enumerate(says.tools):
        call = {"type": "function_call", "id": f"fc_{at}", "call_id": f"call_{at}", "name": tool.name}
        items.append({**call, "arguments": "".join(tool.arguments), "status": "completed"})
    return items


def _response(asked: Mapping[str, Any], says: Say, status: str, items: list[Any] | None = None) -> dict[str, Any]:
    usage: dict[str, Any] = {"input_tokens": says.usage[0], "output_tokens": says.usage[1]}
    usage |= {"total_tokens": sum(says.usage), "input_tokens_details": {"cached_tokens": 0}}
    usage |= {"output_tokens_details": {"reasoning_tokens": 0}}
    cut_off = says.finish in ("length", "content_filter") and status == "completed"
    why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(says.finish)
    return {
        "id": "resp_script", "object": "response", "created_at": 1_700_000_000, "model": "m", "error": None,
        "status": "incomplete" if cut_off else status,
        "incomplete_details": {"reason": why} if cut_off else None,
        "output": _items(asked, says) if items is None else items,
        "instructions": asked.get("instructions"), "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0,
        "tool_choice": "auto", "tools": asked.get("tools") or [], "top_p": 1.0,
        "previous_response_id": asked.get("previous_response_id"),
        "usage": usage if status == "completed" else None, **says.extra,
    }  # fmt: skip


def _response_frames(asked: Mapping[str, Any], says: Say) -> Frames:
    number = iter(range(1_000_000))

    def frame(kind: str, **fields: Any) -> bytes:
        return _named({"type": kind, "sequence_number": next(number), **fields})

    yield frame("response.created", response=_response(asked, says, "in_progress", [])), False
    yield frame("response.in_progress", response=_response(asked, says, "in_progress", [])), False
    done = _items(asked, says)
    for index, item in enumerate(done):
        at: dict[str, Any] = {"item_id": item["id"], "output_index": index}
        if item["type"] == "message":
            empty = {**item, "status": "in_progress", "content": []}
            part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            yield frame("response.output_item.added", output_index=index, item=empty), False
            yield frame("response.content_part.added", **at, content_index=0, part=part), False
            for piece in _pieces(asked, says):
                yield frame("response.output_text.delta", **at, content_index=0, delta=piece, logprobs=[]), True
            said = item["content"][0]["text"]
            yield frame("response.output_text.done", **at, content_index=0, text=said, logprobs=[]), False
            yield frame("response.content_part.done", **at, content_index=0, part=item["content"][0]), False
        elif item["type"] == "function_call":
            empty = {**item, "status": "in_progress", "arguments": ""}
            yield frame("response.output_item.added", output_index=index, item=empty), False
            tool = says.tools[int(str(item["id"]).removeprefix("fc_"))]
            for piece in _arguments(tool, says):
                yield frame("response.function_call_arguments.delta", **at, delta=piece), True
            yield frame("response.function_call_arguments.done", **at, arguments=item["arguments"]), False
        else:
            yield frame("response.output_item.added", output_index=index, item={**item, "summary": []}), False
            part = {"type": "summary_text", "text": ""}
            yield frame("response.reasoning_summary_part.added", **at, summary_index=0, part=part), False
            for piece in cut(says.reasoning, says.pieces):
                yield frame("response.reasoning_summary_text.delta", **at, summary_index=0, delta=piece), True
            said = {"type": "summary_text", "text": says.reasoning}
            yield frame("response.reasoning_summary_text.done", **at, summary_index=0, text=says.reasoning), False
            yield frame("response.reasoning_summary_part.done", **at, summary_index=0, part=said), False
        yield frame("response.output_item.done", output_index=index, item=item), False
    end = "response.incomplete" if says.finish in ("length", "content_filter") else "response.completed"
    yield frame(end, response=_response(asked, says, "completed")), False
