"""OpenAI's legacy completions: where a request holds text, and how an answer is read and written.

https://platform.openai.com/docs/api-reference/completions

An answer is read as a chat's: each choice's ``text`` is the content of a message. Prompts that come as tokens cannot
be judged: each is named as unread, and the policy says what that means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path, Question, Slot, dotted
from gateway.ports import AnswerCodec
from gateway.wire.body import parse, rewrite
from gateway.wire.chat import error_object
from gateway.wire.chat_answer import ChatStream, ChatWhole
from gateway.wire.chat_frame import broke
from gateway.wire.embeddings import texts_or_tokens
from gateway.wire.reading import Speaker, check_boolean, check_integer, strings, wrong

PATH: Final = "/completions"
_MOST_CHOICES: Final = 1024
_SILENT: Final = frozenset(
    {"model", "prompt", "suffix", "stream", "stream_options", "n", "best_of", "echo", "stop", "user", "seed"}
) | {"logprobs", "logit_bias", "max_tokens", "temperature", "top_p", "presence_penalty", "frequency_penalty"}
_STRUCTURED: Final = ("response_format", "guided_json", "guided_regex", "guided_choice", "guided_grammar")
_USER: Final = Speaker("user", True)


class Completions:
    """The dialect of ``POST /v1/completions``.

    Args:
        most_prompts: Requests with more prompts are refused (400 ``too_many_inputs``).
    """

    name = "completions"

    def __init__(self, most_prompts: int = 4096) -> None:
        self._most_prompts = most_prompts

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; raises ``RequestError`` with what and where."""
        body = parse(raw)
        if not isinstance(body.get("model"), str) or not body["model"]:
            raise wrong("model", "a non-empty string", body.get("model"))
        for name in ("stream", "echo"):
            check_boolean(name, body.get(name))
        check_integer("n", body.get("n"), 1, 128)
        check_integer("max_tokens", body.get("max_tokens"), 0, 2**31 - 1)
        options = body.get("stream_options")
        if not isinstance(options, dict | None):
            raise wrong("stream_options", "an object", options)
        usage = options.get("include_usage") if options else None
        check_boolean("stream_options.include_usage", usage)
        suffix = body.get("suffix")
        if not isinstance(suffix, str | None):
            raise wrong("suffix", "a string", suffix)
        prompts = list(texts_or_tokens("prompt", body.get("prompt"), self._most_prompts))
        choices = len(prompts) * (body.get("n") or 1)
        if choices > _MOST_CHOICES:
            text = f"prompt and n ask for {choices} answers; at most {_MOST_CHOICES} are taken."
            raise RequestError(text, code="too_many_inputs", param="prompt")
        slots = [Slot(at, "user", "content", text) for at, text in prompts if text]
        if suffix:
            slots.append(Slot(("suffix",), "user", "content", suffix))
        for key, value in body.items():
            if key not in _SILENT:
                slots.extend(strings((key,), value, _USER, frozenset()))
        return Question(
            dialect=self.name,
            raw=raw,
            body=body,
            model=body["model"],
            stream=bool(body.get("stream")),
            slots=tuple(slots),
            unread=tuple(dotted(at) for at, text in prompts if text is None),
            plain=not suffix and not any(body.get(name) for name in _STRUCTURED),
            choices=choices,
            usage=bool(usage),
            user=body["user"] if isinstance(body.get("user"), str) else None,
        )

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots and the model name."""
        every: dict[Path, str] = dict(changes)
        if model != question.model:
            every["model",] = model
        return rewrite(question.raw, every) if every else question.raw

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for an answer that the upstream sends as events or as one body."""
        if question.stream:
            return CompletionsStream(question, upstream, whole=not stream)
        return CompletionsWhole(question, upstream)

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})


class CompletionsStream(ChatStream):
    """Reads and writes streamed completions, as chunks of a chat whose deltas are their texts."""

    thing, prefix = "text_completion", "cmpl-"

    def as_chat(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        """Return a chunk or an answer as a chat's."""
        return _as_chat(data, key, self.upstream)

    def as_said(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return it as a completion again."""
        return _as_completion(data, key)


class CompletionsWhole(ChatWhole):
    """Reads and writes one completion, as a chat whose messages are its texts."""

    thing, prefix = "text_completion", "cmpl-"

    def as_chat(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        """Return an answer as a chat's."""
        return _as_chat(data, key, self.upstream)

    def as_said(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return it as a completion again."""
        return _as_completion(data, key)


def _as_chat(data: dict[str, Any], key: str, upstream: str) -> dict[str, Any]:
    choices = data.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue  # what is no choice is refused where choices are read
        text = choice.pop("text", None)
        if not isinstance(text, str | None) or key in choice:
            raise broke(upstream, "sent a choice whose text is none")
        choice[key] = {"content": text or ""}
    return data


def _as_completion(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    choices = []
    for choice in data.get("choices") or ():
        said = choice.get(key) or {}
        rest = {name: value for name, value in choice.items() if name != key}
        texts = (said.get(name) for name in ("content", "refusal"))
        choices.append({"text": "".join(text for text in texts if text), "logprobs": None, **rest})
    return {**data, "choices": choices}
