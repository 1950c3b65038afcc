"""Reach models that do not speak OpenAI's wire format, through LiteLLM, which is loaded at first use.

LiteLLM is told to touch no network but the model's own: no price map, no tokenizer downloads, no
fetching of pictures that a client names, no callbacks, no retries, no logs (they hold texts).
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final, Literal

import orjson

from gateway.errors import UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamTimeout, UpstreamUnreachable
from gateway.ports import Call
from gateway.providers.completion import DONE, EVENTS, JSON
from gateway.providers.embedded import embeddings
from gateway.providers.lost import ANTHROPIC, lost_by_anthropic
from gateway.providers.timeouts import Timeouts

_CHAT: Final = "/chat/completions"
_EMBEDDINGS: Final = "/embeddings"
_SPEECH: Final = "/audio/speech"
_EMBEDDING_FIELDS: Final = frozenset({"input", "dimensions", "user"})
_SPEECH_FIELDS: Final = frozenset({"input", "voice", "response_format", "speed", "instructions"})
_SOUNDS: Final[Mapping[str, str]] = {
    "mp3": "audio/mpeg", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav",
}  # fmt: skip
_SWITCHES: Final[Mapping[str, str]] = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "HF_HUB_OFFLINE": "1",
    "MAX_IMAGE_URL_DOWNLOAD_SIZE_MB": "0",
}
_LOGGERS: Final = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
# What a client may set by name. LiteLLM takes its own settings (addresses, keys, callbacks) from the
# same place, so no other field is handed over as a name.
_FIELDS: Final = frozenset(
    {
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "messages", "modalities", "n", "parallel_tool_calls", "prediction", "presence_penalty",
        "reasoning_effort", "response_format", "seed", "service_tier", "stop", "stream_options", "temperature",
        "thinking", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
    }
)  # fmt: skip
# Fields of vendors that do not speak OpenAI's wire format.
_VENDOR_FIELDS: Final = frozenset({"top_k"})
_UNSUPPORTED: Final = re.compile(r"does not support parameters: \['(\w+)'")
_UNMAPPED: Final = ("Unmapped LLM provider", "Unable to map the custom llm provider")
_LONGEST_MESSAGE: Final = 2000
_SHORTEST_SECRET: Final = 8  # shorter keys are no secrets, but parts of words


class LiteLLM:
    """A provider for everything that LiteLLM can reach; models are named its way (``anthropic/…``).

    Args:
        name: The configured name, for messages.
        key: The API key; None leaves it to the environment variables that LiteLLM knows.
        base_url: The server's address, or None for the vendor's own.
        timeouts: How long to wait for what.
        options: Further settings of LiteLLM, such as ``api_version`` or ``aws_region_name``.
        prefix: Stands before every model's name, such as ``anthropic/``.
    """

    def __init__(
        self,
        name: str,
        key: str | None = None,
        *,
        base_url: str | None = None,
        timeouts: Timeouts | None = None,
        options: Mapping[str, Any] | None = None,
        prefix: str = "",
    ) -> None:
        self.name, self._prefix = name, prefix
        self._key = (key or "").strip()
        self._timeouts = timeouts or Timeouts()
        self._settings = {
            **(options or {}),
            **({"api_key": self._key} if self._key else {}),
            **({"api_base": base_url} if base_url else {}),
            "num_retries": 0,
            "max_retries": 0,
            "no-log": True,
        }

    @staticmethod
    def prepare() -> None:
        """Load LiteLLM now, which takes seconds: for who cannot wait for it at the first call."""
        _load()

    async def open(self, call: Call) -> _Whole | _Stream:
        """Ask the model.

        Raises:
            UpstreamUnreachable: No connection.
            UpstreamTimeout: No answer in time.
            UpstreamRefused: An HTTP error status, in OpenAI's envelope; 404 for anything but a chat,
                embeddings and speech, and where the vendor has no such models; 400 for a field that it does not have.
            UpstreamBroke: An answer that cannot be read.
        """
        if call.path not in (_CHAT, _EMBEDDINGS, _SPEECH):
            raise self._not_served(call.path)
        # Loading takes seconds: in a thread, so that other exchanges go on.
        litellm = await asyncio.to_thread(_load)
        limits = self._timeouts
        try:
            async with asyncio.timeout(limits.connect + limits.first_byte):
                return await self._asked(call, litellm)
        except UpstreamRefused:
            raise
        except Exception as error:  # LiteLLM raises whatever its many adapters raise
            if call.path != _CHAT and _unmapped(error):
                raise self._not_served(call.path) from None
            raise self._unanswered(error) from None

    async def _asked(self, call: Call, litellm: Any) -> _Whole | _Stream:
        """Ask in LiteLLM's way of asking for this; raises whatever its many adapters raise."""
        if call.path == _CHAT:
            answer = await litellm.acompletion(**self._arguments(call, litellm))
            return _Stream(self.name, answer, self._timeouts) if call.stream else _Whole(orjson.dumps(_body(answer)))
        request: dict[str, Any] = orjson.loads(call.body)
        if call.path == _SPEECH:
            sound = await litellm.aspeech(**self._others(call, request, _SPEECH_FIELDS))
            kind = _SOUNDS.get(request.get("response_format") or "mp3", "application/octet-stream")
            return _Whole(sound.content, kind)
        # Not every vendor knows base64, which is what OpenAI's SDK asks for: it is ours to write.
        answer = await litellm.aembedding(**self._others(call, request, _EMBEDDING_FIELDS | {"encoding_format"}))
        found = answer.model_dump()
        count = (found.get("usage") or {}).get("prompt_tokens") or 0
        rows = [row["embedding"] for row in found["data"]]
        return _Whole(embeddings(found.get("model") or call.model, rows, count, request.get("encoding_format")))

    def _others(self, call: Call, request: Mapping[str, Any], taken: frozenset[str]) -> dict[str, Any]:
        """Return the arguments for what is no chat; raises for a field that is not handed over."""
        if unknown := sorted(request.keys() - taken - {"model"}):
            raise self._not_taken(unknown[0], f"the field {unknown[0]}")
        fields = {name: value for name, value in request.items() if value is not None and name != "encoding_format"}
        return {**fields, **self._settings, "model": self._prefix + call.model, "timeout": self._wait()}

    def _wait(self) -> Any:
        limits = self._timeouts
        return importlib.import_module("httpx").Timeout(limits.first_byte, connect=limits.connect)

    async def aclose(self) -> None:
        """Nothing is ours: LiteLLM shares its connections in the process and closes them at its end."""

    def _arguments(self, call: Call, litellm: Any) -> dict[str, Any]:
        request: dict[str, Any] = orjson.loads(call.body)
        known = {name: value for name, value in request.items() if name in _FIELDS and value is not None}
        rest = {name: value for name, value in request.items() if name not in {*_FIELDS, "model", "stream"}}
        model = self._prefix + call.model
        if model.startswith(ANTHROPIC) and (lost := next(lost_by_anthropic(request), None)):
            raise self._not_taken(*lost)
        return {
            **known,
            **(self._further(model, rest, litellm) if rest else {}),
            **self._settings,
            # Its own tools over MCP need a package that is not here, and would reach servers that we do not know.
            "_skip_mcp_handler": True,
            "model": model,
            "stream": call.stream,
            "timeout": self._wait(),
        }

    def _further(self, model: str, fields: dict[str, Any], litellm: Any) -> dict[str, Any]:
        """Return how to hand over fields that are not OpenAI's; raises if there is no safe way."""
        vendor = litellm.get_llm_provider(model=model, api_base=self._settings.get("api_base"))[1]
        if vendor in ("openai", "azure", *litellm.openai_compatible_providers):
            return {"extra_body": fields}
        if unknown := sorted(fields.keys() - _VENDOR_FIELDS):
            raise self._not_taken(unknown[0], f"the field {unknown[0]}")
        return fields

    def _not_served(self, path: str) -> UpstreamRefused:
        """Say that the model's vendor has nothing of the kind, and what to do."""
        message = f"Upstream {self.name!r}: does not serve {path}; ask another model."
        return UpstreamRefused(message, upstream=self.name, status=404)

    def _not_taken(self, param: str, what: str) -> UpstreamRefused:
        """Say what of a request the model's vendor does not have."""
        inside = {
            "message": f"This model does not take {what}; leave it out, or ask another.",
            "type": "invalid_request_error",
            "param": param,
            "code": "unsupported_parameter",
        }
        where = f"Upstream {self.name!r}: does not take a part of the request."
        return UpstreamRefused(where, upstream=self.name, status=400, body=orjson.dumps({"error": inside}))

    def _unanswered(self, error: Exception) -> UpstreamError:
        """Say why there is no answer; LiteLLM's own classes call a refused connection a 500."""
        where = f"Upstream {self.name!r}"
        if isinstance(error, _load().UnsupportedParamsError) and (named := _UNSUPPORTED.search(str(error))):
            return self._not_taken(named[1], f"the field {named[1]}")
        kind = _kind(error)
        if kind == "unreachable":
            return UpstreamUnreachable(f"{where}: cannot connect.", upstream=self.name)
        if kind == "timeout":
            return UpstreamTimeout(f"{where}: no answer in time.", upstream=self.name)
        status = getattr(error, "status_code", None)
        invented = isinstance(status, int) and status >= 500 and not _has_status(error)
        if kind == "broken" or invented or not isinstance(status, int) or not 400 <= status < 600:
            message = f"{where}: its answer cannot be read ({type(error).__name__})."
            return UpstreamBroke(message, upstream=self.name)
        if status == 401:
            # It is our key that it refuses, not the client's: a 401 would blame the wrong one.
            message = f"{where}: refuses our key (HTTP 401); check the key in the settings."
            return UpstreamRefused(message, upstream=self.name, status=502)
        return UpstreamRefused(
            f"{where}: answered with HTTP {status}.",
            upstream=self.name,
            status=status,
            body=self._envelope(error, status),
            retry_after=_retry_after(error),
        )

    def _envelope(self, error: Exception, status: int) -> bytes:
        said = str(error).partition("\nTraceback")[0].partition("Exception - ")
        text = (said[2] or said[0])[:_LONGEST_MESSAGE]
        if len(self._key) >= _SHORTEST_SECRET:
            text = text.replace(self._key, "***")
        code = getattr(error, "code", None)
        if isinstance(error, _load().ContentPolicyViolationError):
            code = "content_filter"
        kind = "rate_limit_error" if status == 429 else "server_error" if status >= 500 else "invalid_request_error"
        inside = {"message": text, "type": kind, "param": None, "code": code if isinstance(code, str) else None}
        return orjson.dumps({"error": inside})


class _Whole:
    """An answer that came as one."""

    def __init__(self, body: bytes, content_type: str = JSON) -> None:
        self.content_type = content_type
        self._body = body

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer."""
        yield self._body

    async def aclose(self) -> None:
        """Nothing is held."""


class _Stream:
    """An answer that comes in pieces."""

    content_type = EVENTS

    def __init__(self, name: str, stream: Any, limits: Timeouts) -> None:
        self._name = name
        self._limits = limits
        self._stream = stream

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces as OpenAI's events, and the terminal."""
        wait = self._limits.first_byte
        while True:
            # No name here holds the stream: with some vendors only forgetting it closes the connection.
            try:
                async with asyncio.timeout(wait):
                    chunk = await anext(self._stream, None)
            except Exception as error:  # LiteLLM raises whatever its many adapters raise
                raise self._broken(error) from None
            if chunk is None:
                break
            wait = self._limits.idle
            piece = _chunk(chunk)
            finishes = any(choice["finish_reason"] for choice in piece["choices"])
            if finishes and getattr(self._stream, "received_finish_reason", True) is None:
                # LiteLLM makes a "stop" up where the upstream just ended.
                message = f"Upstream {self._name!r}: its answer ended without a finish reason."
                raise UpstreamBroke(message, upstream=self._name)
            yield b"data: " + orjson.dumps(piece) + b"\n\n"
        yield DONE

    async def aclose(self) -> None:
        """Close the connection; in mid-answer too."""
        stream, self._stream = self._stream, _Nothing()
        if not isinstance(stream, _Nothing):
            await stream.aclose()

    def _broken(self, error: Exception) -> UpstreamError:
        if _kind(error) == "timeout":
            message = f"Upstream {self._name!r}: no further piece of its answer in time."
            return UpstreamTimeout(message, upstream=self._name)
        message = f"Upstream {self._name!r}: its answer broke off ({type(error).__name__})."
        return UpstreamBroke(message, upstream=self._name)


class _Nothing:
    """Stands where a stream was let go of."""

    def __aiter__(self) -> _Nothing:
        return self

    async def __anext__(self) -> None:
        raise StopAsyncIteration


def _load() -> Any:
    """Import LiteLLM, silent and offline."""
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.disable_streaming_logging = True
    litellm.turn_off_message_logging = True
    for name in _LOGGERS:
        logging.getLogger(name).disabled = True
    return litellm


def _kind(error: BaseException) -> Literal["unreachable", "timeout", "broken"] | None:
    """Say what happened on the wire, from the causes of an error; None if the model's server said it."""
    litellm, httpx = _load(), importlib.import_module("httpx")
    chain = list(_causes(error))

    def has(*types: type[BaseException]) -> bool:
        return any(isinstance(cause, types) for cause in chain)

    if has(TimeoutError, httpx.TimeoutException, litellm.Timeout):
        return "timeout"
    if has(httpx.ConnectError, ConnectionRefusedError):
        return "unreachable"
    return "broken" if has(httpx.TransportError, litellm.APIConnectionError) else None


def _unmapped(error: BaseException) -> bool:
    """Whether LiteLLM has no adapter of the vendor for what was asked."""
    return any(said in str(cause) for cause in _causes(error) for said in _UNMAPPED)


def _has_status(error: BaseException) -> bool:
    """Whether an HTTP status came from the server; LiteLLM gives everything one, 500 if in doubt."""
    http_error: type[BaseException] = importlib.import_module("httpx").HTTPStatusError
    return any(isinstance(cause, http_error) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _retry_after(error: Exception) -> str | None:
    """Find the upstream's header; LiteLLM keeps it with one of the causes, in one of two places."""
    for cause in _causes(error):
        for headers in (
            getattr(cause, "litellm_response_headers", None),
            getattr(getattr(cause, "response", None), "headers", None),
        ):
            if headers and headers.get("retry-after"):
                return str(headers["retry-after"])
    return None


def _body(answer: Any) -> dict[str, Any]:
    """Return a whole answer in OpenAI's shape: without LiteLLM's many nulls, with the ones that belong."""
    body: dict[str, Any] = answer.model_dump(exclude_none=True)
    for choice in body["choices"]:
        choice["message"].setdefault("content", None)
        _mend(choice, choice["message"])
    return body


def _chunk(chunk: Any) -> dict[str, Any]:
    """Return a piece of an answer in OpenAI's shape."""
    body: dict[str, Any] = chunk.model_dump(exclude_none=True)
    for choice in body["choices"]:
        _mend(choice, choice["delta"])
    if "usage" in body and not any(choice["delta"] or choice["finish_reason"] for choice in body["choices"]):
        body["choices"] = []
    return body


def _mend(choice: dict[str, Any], said: dict[str, Any]) -> None:
    choice.setdefault("finish_reason", None)
    choice.setdefault("logprobs", None)
    for holder in (choice, said):
        extras = holder.get("provider_specific_fields")
        if isinstance(extras, dict) and not any(value is not None for value in extras.values()):
            del holder["provider_specific_fields"]
