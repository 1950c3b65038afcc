"""Asks an endpoint that speaks Anthropic's messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from evaluators.endpoint import Endpoint, EndpointError, Reply
from evaluators.pace import usage_of
from evaluators.sample import Failure, Message, Response, Sample

VERSION: Final = "2023-06-01"
"""The header ``anthropic-version``; https://docs.anthropic.com/en/api/versioning"""

_ANSWER_TOKENS: Final = 1024
_FINISH: Final = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "refusal": "content_filter"}


class MessagesTarget:
    """Anthropic's messages.

    Args:
        endpoint: Where to ask.
        model: The model's name there.
        parameters: Further fields of the request; ``max_tokens`` is 1,024 if not among them.
        ticker: A monotonic clock in seconds.
    """

    def __init__(
        self, endpoint: Endpoint, model: str, parameters: Mapping[str, Any], ticker: Callable[[], float]
    ) -> None:
        self._endpoint, self._model, self._parameters, self._ticker = endpoint, model, parameters, ticker

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Ask the endpoint; ``sample`` itself is not shown to it."""
        begun = self._ticker()
        try:
            reply = await self._endpoint.post("/messages", request(self._model, self._parameters, messages))
            return read_messages(reply, self._ticker() - begun)
        except EndpointError as error:
            return Failure(error.code, self._ticker() - begun, error.attempts)


def request(model: str, parameters: Mapping[str, Any], messages: list[Message]) -> dict[str, Any]:
    """Return chat messages as a request: system prompts go to their own field, tools become blocks."""
    system = "\n\n".join(str(one["content"]) for one in messages if one["role"] == "system")
    turns, tools = [], []
    for one in messages:
        if one["role"] == "tool":
            block = {"type": "tool_result", "tool_use_id": one["tool_call_id"], "content": one["content"]}
            turns.append({"role": "user", "content": [block]})
        elif one.get("tool_calls"):
            calls = one["tool_calls"]
            names = [call["function"]["name"] for call in calls]
            blocks = [
                {"type": "tool_use", "id": call["id"], "name": call["function"]["name"], "input": {}} for call in calls
            ]
            tools += [{"name": name, "input_schema": {"type": "object"}} for name in names]
            turns.append({"role": "assistant", "content": blocks})
        elif one["role"] != "system":
            turns.append({"role": one["role"], "content": one["content"]})
    body = {"max_tokens": _ANSWER_TOKENS, **parameters, "model": model, "messages": turns, "stream": False}
    return {**body, **({"system": system} if system else {}), **({"tools": tools} if tools else {})}


def read_messages(reply: Reply, seconds: float) -> Response:
    """Read an answer: the texts of its blocks.

    Raises:
        EndpointError: It is none (``malformed``).
    """
    blocks, stop = reply.body.get("content"), reply.body.get("stop_reason")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise EndpointError("malformed", attempts=reply.attempts)
    texts = [block.get("text", "") for block in blocks if block.get("type") == "text"]
    if not all(isinstance(text, str) for text in texts):
        raise EndpointError("malformed", attempts=reply.attempts)
    asked, answered = usage_of(reply.body) or (None, None)
    return Response(
        text="".join(texts),
        finish=_FINISH.get(stop, stop) if isinstance(stop, str) else None,
        declined=stop == "refusal",
        model=str(reply.body.get("model", "")),
        policy=reply.headers.get("x-sluice-policy", ""),
        seconds=seconds,
        attempts=reply.attempts,
        input_tokens=asked,
        output_tokens=answered,
    )
