"""OpenAI's legacy completions before a model that speaks chat completions: the request there, the answer back.

The prompt is what the user says, and the answer is the completion: a chat model answers a text rather than going on
with it. Pure; what a chat cannot express is refused with its place. Thoughts have no place in a completion: they stay
with us.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.wire.chat_frame import broke, dump, parse
from gateway.wire.chat_said import CHAT, impossible, words
from gateway.wire.incoming import EventFlow
from gateway.wire.sse import DONE, Event, event

_DROPPED: Final = frozenset({"prompt", "suffix", "echo", "best_of", "logprobs"})
"""Fields that are translated by themselves, or refused."""

_CHOICE: Final = frozenset({"index", "finish_reason", "content_filter_results"})
_REASONS: Final = {"tool_calls": "stop", "function_call": "stop"}


class OverChat:
    """Translates between the two wire formats, for ``gateway.providers.translated``.

    Args:
        said: What stands before each answer: the prompt, where the client asked for its echo.
    """

    path = CHAT

    def __init__(self, said: str = "") -> None:
        self._said = said

    def about(self, body: bytes) -> OverChat:
        """Return the translation for one request: the prompt may stand before its answer."""
        asked: dict[str, Any] = orjson.loads(body)
        return OverChat(_prompt(asked)) if asked.get("echo") else self

    def alone(self, path: str, body: bytes) -> bytes | None:
        """Nothing is answered without the model."""
        return None

    def request(self, body: bytes) -> bytes:
        """Return the request as a chat; raises ``RequestError`` for what a chat cannot express."""
        asked: dict[str, Any] = orjson.loads(body)
        if asked.get("suffix"):
            raise impossible("suffix", "text that follows the answer")
        if asked.get("logprobs") is not None and asked["logprobs"] is not False:  # 0 asks for those of what is said
            raise impossible("logprobs", "probabilities that fit into a completion")
        if asked.get("best_of") not in (None, asked.get("n") or 1):
            raise impossible("best_of", "choice among more answers than are given")
        if asked.get("max_tokens") == 0:
            raise impossible("max_tokens", "answer of no tokens")
        chat = {key: value for key, value in asked.items() if key not in _DROPPED}
        return orjson.dumps({**chat, "messages": [{"role": "user", "content": _prompt(asked)}]})

    def whole(self, raw: bytes, upstream: str) -> bytes:
        """Return a chat's answer as a completion; raises ``UpstreamBroke`` if it is none."""
        data = parse(raw, "an answer", upstream)
        choices = data.get("choices")
        if not isinstance(choices, list) or not choices:
            raise broke(upstream, "sent an answer that holds no choices with messages")
        made = []
        for choice in choices:
            if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
                raise broke(upstream, "sent an answer that holds no choices with messages")
            made.append(_choice(choice, self._said + _text(choice["message"], upstream)))
        return dump(_completion(data, made), upstream)

    def stream(self, upstream: str) -> FromChatStream:
        """Return what translates one stream."""
        return FromChatStream(upstream, self._said)

    def refusal(self, status: int, body: bytes) -> bytes:
        """Return an HTTP error's body: the envelope is the same."""
        return body


class FromChatStream:
    """Writes the events of a completion from those of a chat, choice by choice. Sans-I/O.

    Args:
        upstream: Who sends it, for errors.
        said: What stands before each choice.
    """

    def __init__(self, upstream: str, said: str = "") -> None:
        self._upstream, self._said = upstream, said
        self._flow = EventFlow(upstream)
        self._begun: set[object] = set()

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes as they come, return the events that they make; raises ``UpstreamBroke``."""
        return b"".join(self._flow.feed(chunk, self._take))

    def finish(self) -> bytes:
        """The upstream closed: return what is left."""
        return b"".join(self._flow.rest(self._take))

    def _take(self, item: Event) -> Iterator[bytes]:
        if item.data is None:
            yield item.raw
            return
        if item.data.strip() == b"[DONE]":
            yield DONE
            return
        data = parse(item.data, "an event", self._upstream)
        choices = data.get("choices")
        if data.get("error") and not choices:
            raise broke(self._upstream, "reported an error in the middle of the answer")
        if not isinstance(choices, list | None):
            raise broke(self._upstream, "sent choices that are not an array")
        made = [self._piece(choice) for choice in choices or ()]
        yield event(dump(_completion(data, made), self._upstream))

    def _piece(self, choice: object) -> dict[str, Any]:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(delta, dict | None):
            raise broke(self._upstream, "sent a choice that is not an object")
        text, number = _text(delta or {}, self._upstream), choice.get("index")
        if self._said and number not in self._begun:
            self._begun.add(number)
            text = self._said + text
        return _choice(choice, text)


def _prompt(asked: Mapping[str, Any]) -> str:
    """Return the one prompt, a text; raises ``RequestError`` for more of them, and for tokens."""
    prompt = asked["prompt"]
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str):
        prompt = prompt[0]
    if isinstance(prompt, str):
        return prompt
    if any(isinstance(one, str) for one in prompt):
        message = "prompt: this model speaks OpenAI's chat format, which takes one prompt at a time; send one each."
        raise RequestError(message, code="not_supported_by_model", param="prompt")
    raise impossible("prompt", "prompts that are tokens")


def _text(message: Mapping[str, Any], upstream: str) -> str:
    return words(message.get("content"), upstream) + words(message.get("refusal"), upstream)


def _choice(choice: Mapping[str, Any], text: str) -> dict[str, Any]:
    kept = {key: value for key, value in choice.items() if key in _CHOICE}
    reason = choice.get("finish_reason")
    return {**kept, "text": text, "logprobs": None, "finish_reason": _REASONS.get(str(reason), reason)}


def _completion(data: Mapping[str, Any], choices: list[dict[str, Any]]) -> dict[str, Any]:
    id = data.get("id")
    named = {"id": f"cmpl-{id.removeprefix('chatcmpl-')}"} if isinstance(id, str) else {}
    return {**data, **named, "object": "text_completion", "choices": choices}
