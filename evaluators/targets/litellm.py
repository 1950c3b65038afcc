"""Asks any vendor that LiteLLM knows; it is loaded at first use, and told to touch no network but the vendor's."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from evaluators.endpoint import EndpointError, Reply
from evaluators.pace import Meter, OverBudget, Sleep, guess_tokens, usage_of
from evaluators.sample import Failure, Message, Response, Sample
from evaluators.targets.chat import read_chat

_SWITCHES: Final = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "HF_HUB_OFFLINE": "1",
}
_WORTH_RETRYING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class LiteLLMTarget:
    """A model behind LiteLLM.

    Args:
        model: Named LiteLLM's way, such as ``anthropic/claude-sonnet-4-5``.
        key: The vendor's key; empty leaves it to the environment variables that LiteLLM knows.
        base_url: The vendor's address; empty for its own.
        parameters: Further fields of the request.
        seconds: For one attempt.
        attempts: How often one question is asked at most.
        ticker: A monotonic clock in seconds.
        meter: Spaces calls out and counts them.
        sleep: Waits between attempts.
    """

    def __init__(
        self,
        model: str,
        *,
        key: str,
        base_url: str,
        parameters: Mapping[str, Any],
        seconds: float,
        attempts: int,
        ticker: Callable[[], float],
        meter: Meter | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._model, self._parameters, self._attempts, self._ticker = model, parameters, attempts, ticker
        self._meter, self._sleep = meter, sleep
        self._settings = {
            **({"api_key": key} if key else {}),
            **({"api_base": base_url} if base_url else {}),
            "timeout": seconds,
            "num_retries": 0,
            "max_retries": 0,
            "no-log": True,
        }

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Ask the vendor; ``sample`` itself is not shown to it."""
        begun, attempt = self._ticker(), 0
        while True:
            attempt += 1
            try:
                reply = await self._once(messages, attempt)
                return read_chat(reply, self._ticker() - begun)
            except EndpointError as error:
                status = int(error.code[5:]) if error.code.startswith("http_") else 0
                if status == 429 and self._meter is not None and self._meter.pace.busy(0.0):
                    attempt -= 1
                    continue
                passing = status in _WORTH_RETRYING or error.code in ("unreachable", "timeout")
                if not passing or attempt >= self._attempts or (status == 429 and self._meter is not None):
                    return Failure(error.code, self._ticker() - begun, attempt)
            await self._sleep(min(30.0, 0.5 * 2 ** (attempt - 1)))

    async def _once(self, messages: list[Message], attempt: int) -> Reply:
        litellm = await asyncio.to_thread(_load)
        written = json.dumps(messages, ensure_ascii=False)
        begun = used = None
        if self._meter is not None:
            try:
                begun = await self._meter.begin(written, self._parameters.get("max_tokens"))
            except OverBudget:
                raise EndpointError("budget") from None
        try:
            answer = await litellm.acompletion(
                **{**self._parameters, **self._settings, "model": self._model, "messages": messages, "stream": False}
            )
            body = answer.model_dump()
            used = usage_of(body) or (guess_tokens(written), guess_tokens(str(body.get("choices"))))
        except Exception as error:  # LiteLLM raises whatever its many adapters raise
            raise EndpointError(_code(error)) from None
        finally:
            if self._meter is not None and begun is not None:
                self._meter.end(begun, used)
        return Reply(body, {}, attempt)


def _code(error: Exception) -> str:
    """Name what went wrong; LiteLLM calls a refused connection a 500."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    names = {kind.__name__ for one in causes for kind in type(one).__mro__}
    if names & {"Timeout", "TimeoutError", "TimeoutException", "APITimeoutError"}:
        return "timeout"
    if names & {"ConnectError", "ClientConnectorError", "APIConnectionError", "ConnectionRefusedError"}:
        return "unreachable"
    status = getattr(error, "status_code", None)
    return f"http_{status}" if isinstance(status, int) else "litellm_error"


def _load() -> Any:
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.drop_params = False
    litellm.telemetry = False
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):  # their lines hold texts
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm
