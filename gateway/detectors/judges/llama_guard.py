"""Asks Llama Guard 3 or 4, which says ``safe``, or ``unsafe`` and which of its codes S1 to S14 are violated.

The server's chat template wraps the conversation in the model's own task description (Llama Guard
model cards). Where the server gives the first token's probabilities, they are the score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.judges.careful import BEHIND, CARE, Asked, Opinions, care_of, careful
from gateway.detectors.judges.chat import complete, conversation, probability, words
from gateway.detectors.judges.mapping import RISKS, Table, opinions, reported, table_of
from gateway.detectors.judges.reaching import PLACE, label, reach
from gateway.errors import JudgeNonsense, JudgeUnasked
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Outside

NAME: Final = "llama_guard"
CATEGORIES: Final[Table] = {
    "S1": ("a1.f", "violence"),  # violent crimes
    "S2": ("a1.h",),  # non-violent crimes
    "S3": ("a1.f", "sexual"),  # sex-related crimes
    "S4": ("a1.f", "sexual"),  # sexual exploitation of children
    "S5": ("a4.c",),  # defamation
    "S6": ("a5.b",),  # specialised advice
    "S7": ("a4.e",),  # privacy
    "S8": ("a3.a",),  # intellectual property
    "S9": ("a1.d", "dangerous"),  # indiscriminate weapons
    "S10": ("a2.i", "hate"),  # hate
    "S11": ("a4.a", "self_harm"),  # suicide and self-harm
    "S12": ("a1.f", "sexual"),  # sexual content
    "S13": ("a1.g",),  # elections
    "S14": ("attack.injection",),  # abuse of a code interpreter
}
_CODES: Final = re.compile(r"S[0-9]{1,2}(?:[ \t]*,[ \t]*S[0-9]{1,2})*[ \t]*,?")
_TOKENS: Final = 64
_LIKELY: Final = 0.95


def read(said: str, table: Table, score: float) -> Opinions:
    """Return what the model's answer means.

    Args:
        said: What it wrote.
        table: The risks of each code.
        score: How sure it is, where it finds something.

    Raises:
        JudgeNonsense: The first line is neither ``safe`` nor ``unsafe``, or codes are missing, unknown or too many.
    """
    lines = [line for part in said.splitlines() if (line := part.strip())]
    if lines == ["safe"]:
        return ()
    if not lines or lines[0] != "unsafe" or len(lines) != 2 or not _CODES.fullmatch(lines[1]):
        raise JudgeNonsense("it is neither safe nor unsafe with a line of codes")
    codes = [code for part in lines[1].split(",") if (code := part.strip())]
    if any(code not in table for code in codes):
        raise JudgeNonsense("it names a code that is not known")
    return opinions((risk, score) for code in codes for risk in table[code])


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge, with what it may reach."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table, route = table_of(options, CATEGORIES), reach(options, outside)
        more: dict[str, Any] = {"logprobs": True, "top_logprobs": 5} if options.get("logprobs") else {}

        async def ask(asked: Asked) -> Opinions:
            if route is None:
                raise JudgeUnasked
            choice = await complete(route, outside, conversation(asked), tokens=_TOKENS, **more)
            sure = probability(choice, "unsafe", "safe") if more else None
            # It said what was likelier: whatever the server says of probabilities, unsafe is not nothing.
            return read(words(choice), table, _LIKELY if sure is None else max(0.5, sure))

        judge = careful(label(NAME, options), ask, care_of(options), outside)
        return BuiltDetector(reported(table), "1", judge=judge, behind=BEHIND)

    return DetectorSpec(
        name=NAME,
        summary="Asks a Llama Guard 3 or 4 model: safe, or unsafe with codes S1 to S14.",
        risks=reported(CATEGORIES),
        scope="sentence",
        build=build,
        options={
            "type": "object",
            "properties": {
                **PLACE,
                "logprobs": {
                    "type": "boolean",
                    "description": "ask for the first word's probability as the score; without it the score is 0.95",
                },
                **RISKS,
                **CARE,
            },
            "required": ["model"],
        },
    )
