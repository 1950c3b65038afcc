"""Asks a language model, through one of our providers, and reads what it wrote."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from gateway.detectors.judges.careful import Asked
from gateway.detectors.judges.posting import at, post
from gateway.errors import JudgeNonsense
from gateway.ports import Outside, Route

Message = Mapping[str, str]
_THOUGHT: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


async def complete(
    route: Route, outside: Outside, messages: Sequence[Message], *, tokens: int, **more: Any
) -> dict[str, Any]:
    """Ask for a chat completion and return its one choice; raises ``DetectorError``."""
    asked = {"messages": list(messages), "max_tokens": tokens}
    return await _choice(route, outside, "/chat/completions", {**asked, **more})


async def continue_text(route: Route, outside: Outside, prompt: str, *, tokens: int, **more: Any) -> dict[str, Any]:
    """Ask how a text goes on (no chat template around it) and return the one choice; raises ``DetectorError``."""
    return await _choice(route, outside, "/completions", {"prompt": prompt, "max_tokens": tokens, **more})


async def _choice(route: Route, outside: Outside, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    body = orjson.dumps({"model": route.model, "temperature": 0, "stream": False, **asked})
    said = await post(route, path, body, id=outside.ids())
    choice = at(said, "choices", 0)
    if not isinstance(choice, dict):
        raise JudgeNonsense("its answer has no choices")
    return choice


def words(choice: Mapping[str, Any]) -> str:
    """Return what a choice says, without what the model thought; raises ``JudgeNonsense`` if it says nothing."""
    content = at(choice, "message", "content")
    if content is None:
        content = choice.get("text")
    if not isinstance(content, str):
        raise JudgeNonsense("its answer holds no text")
    said = _THOUGHT.sub("", content).strip()
    if not said:
        raise JudgeNonsense("its answer is empty")
    return said


def conversation(asked: Asked) -> list[Message]:
    """Return the conversation that a guard model judges the last turn of."""
    text = asked.before + asked.text
    if not asked.answer:
        return [{"role": "user", "content": text}]
    return [{"role": "user", "content": asked.question}, {"role": "assistant", "content": text}]


def probability(choice: Mapping[str, Any], yes: str, no: str) -> float | None:
    """Return how likely the first word was ``yes`` rather than ``no``; None if the server does not say.

    Reads the ``logprobs`` of chat completions (a list of tokens) and of completions (a mapping).
    """
    chances = {yes: 0.0, no: 0.0}
    for token, logprob in _first_tokens(choice, yes, no):
        word = token.strip()
        if word in chances and isinstance(logprob, int | float) and not math.isnan(logprob):
            chances[word] += math.exp(min(0.0, logprob))
    total = chances[yes] + chances[no]
    return chances[yes] / total if total > 0 else None


def _first_tokens(choice: Mapping[str, Any], *wanted: str) -> Iterable[tuple[str, Any]]:
    """Yield the candidates for the first token that is one of the words that are wanted."""
    logprobs = choice.get("logprobs")
    for place in at(logprobs, "content") or ():
        candidates = [(str(at(one, "token")), at(one, "logprob")) for one in at(place, "top_logprobs") or (place,)]
        if any(token.strip() in wanted for token, _ in candidates):
            return candidates
    for place in at(logprobs, "top_logprobs") or ():
        if isinstance(place, dict) and any(str(token).strip() in wanted for token in place):
            return [(str(token), logprob) for token, logprob in place.items()]
    return ()
