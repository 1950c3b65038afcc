"""Asks an OpenAI-compatible endpoint; the gateway is one, and is asked to prove that it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evaluators.endpoint import Endpoint, EndpointError, Reply
from evaluators.pace import usage_of
from evaluators.sample import Call, Failure, Message, Response, Sample


class ChatTarget:
    """Chat completions of an OpenAI-compatible endpoint.

    Args:
        endpoint: Where to ask.
        model: The model's name there.
        parameters: Further fields of the request (temperature, max_tokens …).
        ticker: A monotonic clock in seconds.
        gateway: Whether the endpoint must say which policy judged: an answer that does not is a failure.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        parameters: Mapping[str, Any],
        ticker: Callable[[], float],
        *,
        gateway: bool = False,
    ) -> None:
        self._endpoint, self._model, self._parameters, self._ticker = endpoint, model, parameters, ticker
        self._gateway = gateway

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Ask the endpoint; ``sample`` itself is not shown to it."""
        begun = self._ticker()
        body = {**self._parameters, "model": self._model, "messages": messages, "stream": False}
        try:
            reply = await self._endpoint.post("/chat/completions", body)
            said = read_chat(reply, self._ticker() - begun)
            if self._gateway and not said.policy:
                return Failure("no_gateway", said.seconds, said.attempts)
            return said
        except EndpointError as error:
            seconds = self._ticker() - begun
            detail = error.body.get("error")
            if isinstance(detail, dict) and detail.get("code") == "content_filter":
                return Response("", "content_filter", declined=True, seconds=seconds, attempts=error.attempts)
            return Failure(error.code, seconds, error.attempts)


def read_chat(reply: Reply, seconds: float) -> Response:
    """Read the first choice of a chat completion.

    Raises:
        EndpointError: It is none (``malformed``).
    """
    try:
        choice = reply.body["choices"][0]
        message = choice["message"]
        content = message.get("content") or ""
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) for part in content)
        refusal = message.get("refusal") or ""
    except (KeyError, IndexError, TypeError, AttributeError):
        raise EndpointError("malformed", attempts=reply.attempts) from None
    if not isinstance(content, str) or not isinstance(refusal, str):
        raise EndpointError("malformed", attempts=reply.attempts)
    finish = choice.get("finish_reason")
    asked, answered = usage_of(reply.body) or (None, None)
    return Response(
        text=content or refusal,
        finish=finish if isinstance(finish, str) else None,
        declined=bool(refusal) or finish == "content_filter",
        model=str(reply.body.get("model", "")),
        policy=reply.headers.get("x-sluice-policy", ""),
        seconds=seconds,
        attempts=reply.attempts,
        calls=tuple(_calls(message)),
        input_tokens=asked,
        output_tokens=answered,
    )


def _calls(message: Mapping[str, Any]) -> Iterator[Call]:
    """Yield the calls of tools in a message; arguments that are no JSON object stand as they are, under ``""``."""
    said = message.get("tool_calls")
    for call in said if isinstance(said, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            written = function.get("arguments") or "{}"
            try:
                args = json.loads(written) if isinstance(written, str) else written
            except (ValueError, RecursionError):
                args = None
            yield {"name": function["name"], "args": args if isinstance(args, dict) else {"": str(written)}}
