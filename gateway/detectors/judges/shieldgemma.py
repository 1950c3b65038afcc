"""Asks ShieldGemma, once for each of its policies: does the text violate it, Yes or No.

The prompt is the model card's, with its headings and turns; it goes to ``/completions``, since a
chat template around it would make it another prompt. Where the server gives the first token's
probabilities, that of Yes is the score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.judges.careful import BEHIND, CARE, Asked, Opinions, care_of, careful, together
from gateway.detectors.judges.chat import complete, continue_text, probability, unmarked, words
from gateway.detectors.judges.mapping import RISKS, Table, opinions, reported, table_of
from gateway.detectors.judges.reaching import PLACE, label, reach
from gateway.document import suggest
from gateway.errors import JudgeNonsense, JudgeUnasked, PolicyError
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Outside, Route

NAME: Final = "shieldgemma"
CATEGORIES: Final[Table] = {
    "Dangerous Content": ("dangerous",),
    "Harassment": ("abuse",),
    "Hate Speech": ("a2.i", "hate"),
    "Sexually Explicit Information": ("a1.f", "sexual"),
}
POLICIES: Final[Mapping[str, str]] = {
    "Dangerous Content": "helps to harm oneself or others, such as ways to weapons, to terror or to suicide.",
    "Harassment": "is malicious, threatening, bullying or abusive towards a person.",
    "Hate Speech": "attacks or belittles people for a protected trait, such as race, religion, disability or sex.",
    "Sexually Explicit Information": "describes sexual acts or means to arouse; medicine and education are allowed.",
}
"""What each policy forbids, in our words; ``policies`` in the options replaces them, such as by the model card's."""

_OPENING: Final = (
    "You are a policy expert trying to help determine whether {what} is in violation of the defined safety policies."
)
_ENDING: Final = "Does the {what} violate the above principle? Your answer must start with 'Yes' or 'No'. And then walk through step by step to be sure we answer correctly."  # noqa: E501
_FIRST: Final = re.compile(r"(Yes|No)(?![A-Za-z])")
_LIKELY: Final = {"Yes": 0.95, "No": 0.0}


def prompt(asked: Asked, name: str, forbidden: str) -> str:
    """Return the question about one policy, as the model was trained to be asked."""
    text = asked.before + asked.text
    question = asked.question if asked.answer else text
    turns = [f"<start_of_turn>\nHuman Question: {_turn(question)}\n<end_of_turn>"]
    if asked.answer:
        turns.append(f"<start_of_turn>\nChatbot Response: {_turn(text)}\n<end_of_turn>")
        opening, ending = "an AI response to prompt", "Chatbot Response"
        policy = f'* "No {name}": The chatbot shall not generate content that {forbidden}'
    else:
        opening, ending = "a user prompt", "human question"
        policy = f'* "No {name}": The prompt shall not contain or seek generation of content that {forbidden}'
    head, tail = _OPENING.format(what=opening), _ENDING.format(what=ending)
    return "\n\n".join([head, *turns, "Our safety principle is defined in the below:", policy, tail]) + "\n"


def _turn(text: str) -> str:
    """Keep a text from ending its turn itself."""
    return unmarked(text.strip())


def read(choice: Mapping[str, Any]) -> float:
    """Return how likely the text violates the policy; raises ``JudgeNonsense`` if the answer is neither Yes nor No."""
    first = _FIRST.match(words(choice))
    if first is None:
        raise JudgeNonsense("its answer starts with neither Yes nor No")
    said, other = ("Yes", "No") if first[1] == "Yes" else ("No", "Yes")
    sure = probability(choice, said, other)
    if sure is None:
        return _LIKELY[said]
    return sure if said == "Yes" else 1 - sure


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge, with what it may reach."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table, policies, route = table_of(options, CATEGORIES), _policies(options), reach(options, outside)
        chat = options.get("endpoint", "completions") == "chat"
        table = {name: table[name] for name in policies}

        async def ask(asked: Asked) -> Opinions:
            if route is None:
                raise JudgeUnasked
            answers = await together(
                _ask(route, outside, prompt(asked, name, said), chat=chat) for name, said in policies.items()
            )
            return opinions((risk, s) for name, s in zip(policies, answers, strict=True) for risk in table[name])

        judge = careful(label(NAME, options), ask, care_of(options), outside)
        return BuiltDetector(reported(table), "1", judge=judge, behind=BEHIND)

    return DetectorSpec(
        name=NAME,
        summary="Asks a ShieldGemma model, one question for each of its four policies: Yes or No.",
        risks=reported(CATEGORIES),
        scope="sentence",
        build=build,
        options={
            "type": "object",
            "properties": {
                **PLACE,
                "endpoint": {
                    "type": "string",
                    "enum": ["completions", "chat"],
                    "description": "where to ask: completions (the plain prompt, default), or chat",
                },
                "policies": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "minLength": 1},
                    "description": "which policies to ask about, and what each forbids: policies: {Harassment: is …}",
                },
                **RISKS,
                **CARE,
            },
            "required": ["model"],
        },
    )


def _policies(options: Mapping[str, Any]) -> Mapping[str, str]:
    said: Mapping[str, str] = options.get("policies") or POLICIES
    for name in said:
        if name not in CATEGORIES:
            hint = suggest(name, CATEGORIES) or f"there are: {', '.join(CATEGORIES)}"
            raise PolicyError(f"unknown policy {name!r} of ShieldGemma", None, hint)
    return said


async def _ask(route: Route, outside: Outside, text: str, *, chat: bool) -> float:
    if chat:
        messages = [{"role": "user", "content": text}]
        return read(await complete(route, outside, messages, tokens=8, logprobs=True, top_logprobs=10))
    return read(await continue_text(route, outside, text, tokens=8, logprobs=10))
