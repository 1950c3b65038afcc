"""Responses of our own making: what stands in them, what they repeat of their request, words of ours as an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.exchange import Question, Usage

FILTERED: Final = {"reason": "content_filter"}
"""Why a response is incomplete that we ended."""

_ECHOED: Final[Mapping[str, Any]] = {
    "instructions": None,
    "tools": [],
    "metadata": {},
    "user": None,
    "safety_identifier": None,
    "prompt_cache_key": None,
    "previous_response_id": None,
    "prompt": None,
    "conversation": None,
}
"""What a response repeats of its request, and what stands there if the client said nothing."""
_ECHOED_IF_SAID: Final = ("text", "tool_choice", "reasoning", "store")


def echo(response: dict[str, Any], question: Question) -> None:
    """Put in what the client itself said, where a response repeats its request.

    The upstream was told something else (masked, replaced), and what it adds of its own is for nobody.
    """
    body = question.body
    if question.answer_id and "id" in response:
        response["id"] = question.answer_id
    for key, default in _ECHOED.items():
        if key in response:
            response[key] = body.get(key, default)
    for key in _ECHOED_IF_SAID:
        if key in response and body.get(key) is not None:
            response[key] = body[key]


def counts(usage: Usage) -> dict[str, Any]:
    """Return the usage object of a response."""
    said: dict[str, Any] = {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input + usage.output,
    }
    return {**said, "estimated": True} if usage.estimated else said


def shape(question: Question, id: str, created: int) -> dict[str, Any]:
    """Return a response of our own, without its output."""
    body = question.body
    told = {key: body.get(key) for key in ("instructions", "max_output_tokens", "previous_response_id", "user")}
    return {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": created,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": question.model,
        **told,
        "metadata": body.get("metadata") or {},
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "store": body.get("store") is not False,
        "temperature": body.get("temperature"),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "truncation": body.get("truncation") or "disabled",
        "usage": None,
    }


def own_message(text: str, id: str, status: str) -> dict[str, Any]:
    """Return words of our own as an item of a response."""
    part = {**empty_part(), "text": text}
    return {"id": id, "type": "message", "status": status, "role": "assistant", "content": [part]}


def empty_part() -> dict[str, Any]:
    """Return a text that says nothing yet."""
    return {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
