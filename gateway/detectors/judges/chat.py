"""Asks a language model, through one of our providers, and reads what it wrote."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from gateway.detectors.judges.careful import Asked
from gateway.detectors.judges.posting import at, post
from gateway.errors import JudgeNonsense
from gateway.ports import Outside, Route

Message = Mapping[str, str]
_OPENED, _CLOSED = "<think>", "</think>"
_ENDS: Final = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eot|>", "<|end_of_text|>", "<end_of_turn>", "</s>")
"""Marks at which models end their turn; some servers hand them on."""
_MARK: Final = re.compile(
    r"<(?=[|｜][^<>|｜\s]{1,40}[|｜]>|/?think>|/?s>|(?:start_of_turn|end_of_turn|bos|eos|pad)>"
    r"|(?:BEGIN|END) [A-Z ]{1,40}>)"
)
_Candidates = Sequence[tuple[str, Any]]


async def complete(
    route: Route, outside: Outside, messages: Sequence[Message], *, tokens: int, **more: Any
) -> dict[str, Any]:
    """Ask for a chat completion and return its one choice; raises ``DetectorError``.

    Args:
        route: Which model.
        outside: Gives the call its id.
        messages: The chat.
        tokens: How many may come back at most.
        more: Further fields, or others than the usual ones; one that is None is left out of the request.
    """
    asked = {"messages": list(messages), "max_tokens": tokens}
    return await _choice(route, outside, "/chat/completions", {**asked, **more})


async def continue_text(route: Route, outside: Outside, prompt: str, *, tokens: int, **more: Any) -> dict[str, Any]:
    """Ask how a text goes on (no chat template around it) and return the one choice; raises ``DetectorError``."""
    return await _choice(route, outside, "/completions", {"prompt": prompt, "max_tokens": tokens, **more})


async def _choice(route: Route, outside: Outside, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"model": route.model, "temperature": 0, "stream": False, **asked}
    body = orjson.dumps({name: value for name, value in fields.items() if value is not None})
    said = await post(route, path, body, id=outside.ids())
    choice = at(said, "choices", 0)
    if not isinstance(choice, dict):
        raise JudgeNonsense("its answer has no choices")
    return choice


def words(choice: Mapping[str, Any], *, thinks: bool = False) -> str:
    """Return what a choice says, without what the model thought and without the mark that ends its turn.

    Args:
        choice: Of a completion.
        thinks: Whether it may be any model, whose template may have opened a thought: then only its end is written.

    Raises:
        JudgeNonsense: It says nothing.
    """
    content = at(choice, "message", "content")
    if content is None:
        content = choice.get("text")
    if not isinstance(content, str):
        raise JudgeNonsense("its answer holds no text")
    said = _without_end(_without_thought(content.strip(), thinks=thinks))
    if not said:
        raise JudgeNonsense("its answer is empty")
    return said


def _without_thought(said: str, *, thinks: bool) -> str:
    """Leave a thought away up to its last end: it may quote a text that has such marks."""
    opened = said.startswith(_OPENED) or (thinks and said.count(_CLOSED) > said.count(_OPENED))
    return said.rpartition(_CLOSED)[2].strip() if opened and _CLOSED in said else said


def _without_end(said: str) -> str:
    while ends := [end for end in _ENDS if said.endswith(end)]:
        said = said.removesuffix(ends[0]).rstrip()
    return said


def unmarked(text: str) -> str:
    """Keep a text from holding what templates mark turns and parts with: a blank makes plain text of each mark."""
    return _MARK.sub("< ", text)


def conversation(asked: Asked) -> list[Message]:
    """Return the conversation that a guard model judges the last turn of; no text in it can end its turn itself."""
    text = unmarked(asked.before + asked.text)
    if not asked.answer:
        return [{"role": "user", "content": text}]
    return [{"role": "user", "content": unmarked(asked.question)}, {"role": "assistant", "content": text}]


def probability(choice: Mapping[str, Any], said: str, other: str) -> float | None:
    """Return how likely the first word was ``said``, which it was, rather than ``other``; None if nobody tells.

    Reads the ``logprobs`` of chat completions (a list of tokens) and of completions (a mapping). What stands before
    the first word (line breaks, marks) was chosen with certainty: its rivals say nothing.
    """
    for chosen, candidates in _places(choice.get("logprobs")):
        word = chosen.strip()
        if word and not (word[0] == "<" and word[-1] == ">"):
            return _share(candidates, said, other) if word == said else None
    return None


def _share(candidates: _Candidates, said: str, other: str) -> float | None:
    chances = {said: 0.0, other: 0.0}
    for token, logprob in candidates:
        word = token.strip()
        if word not in chances:
            continue
        if isinstance(logprob, bool) or not isinstance(logprob, int | float) or math.isnan(logprob):
            return None
        chances[word] += math.exp(min(0.0, logprob))
    return chances[said] / (chances[said] + chances[other]) if chances[said] > 0 else None


def _places(logprobs: Any) -> Iterator[tuple[str, _Candidates]]:
    """Yield each token that was chosen, with what it was chosen from."""
    for place in _list(logprobs, "content"):
        yield str(at(place, "token")), [(str(at(one, "token")), at(one, "logprob")) for one in _rivals(place)]
    for token, top in zip(_list(logprobs, "tokens"), _list(logprobs, "top_logprobs"), strict=False):
        yield str(token), [(str(one), logprob) for one, logprob in top.items()] if isinstance(top, dict) else []


def _rivals(place: Any) -> list[Any]:
    return _list(place, "top_logprobs") or [place]


def _list(value: Any, key: str) -> list[Any]:
    found = at(value, key)
    return found if isinstance(found, list) else []
