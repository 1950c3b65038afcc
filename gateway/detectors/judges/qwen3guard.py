"""Asks Qwen3Guard-Gen, which says how safe a conversation's last turn is, and why not.

The server's chat template wraps the conversation; the answer has one line each for ``Safety``
(Safe, Controversial, Unsafe), ``Categories`` and, for answers, ``Refusal`` (Qwen3Guard model card).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.judges.careful import BEHIND, CARE, Asked, Opinions, care_of, careful
from gateway.detectors.judges.chat import complete, conversation, words
from gateway.detectors.judges.mapping import RISKS, Table, opinions, reported, table_of
from gateway.detectors.judges.reaching import PLACE, label, reach
from gateway.errors import JudgeNonsense, JudgeUnasked
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Outside

NAME: Final = "qwen3guard"
CATEGORIES: Final[Table] = {
    "Violent": ("a1.f", "violence"),
    "Non-violent Illegal Acts": ("a1.h",),
    "Sexual Content or Sexual Acts": ("a1.f", "sexual"),
    "PII": ("a4.f",),
    "Suicide & Self-Harm": ("a4.a", "self_harm"),
    "Unethical Acts": ("a2.i", "abuse", "hate"),
    "Politically Sensitive Topics": ("a1.b", "a1.g"),
    "Copyright Violation": ("a3.a",),
    "Jailbreak": ("attack.jailbreak",),
}
_SAFETY: Final = frozenset({"Safe", "Controversial", "Unsafe"})
_REFUSAL: Final = frozenset({"Yes", "No"})
_LINES: Final = frozenset({"Safety", "Categories", "Refusal"})
_NONE: Final = "None"
_TOKENS: Final = 128


def read(said: str, table: Table, unsafe: float, controversial: float) -> Opinions:
    """Return what the model's answer means.

    Args:
        said: What it wrote.
        table: The risks of each category.
        unsafe: The score of what it calls unsafe,
        controversial: and of what it calls controversial.

    Raises:
        JudgeNonsense: It is not these lines and nothing else, says safe of a category, or does not say which is unsafe.
    """
    lines = _lines(said)
    safety = lines.get("Safety")
    if safety not in _SAFETY or "Categories" not in lines or lines.get("Refusal", "No") not in _REFUSAL:
        raise JudgeNonsense("its lines do not say how safe it is and in which categories")
    if safety == "Safe":
        if lines["Categories"] != _NONE:
            raise JudgeNonsense("safe, but of a category")
        return ()
    named = [name for part in lines["Categories"].split(",") if (name := part.strip()) and name != _NONE]
    if not named or any(name not in table for name in named):
        raise JudgeNonsense(f"{safety.lower()}, but without a category that is known")
    score = unsafe if safety == "Unsafe" else controversial
    return opinions((risk, score) for name in named for risk in table[name])


def _lines(said: str) -> dict[str, str]:
    """Return what each line says; lines that merely stand in prose are no verdict."""
    lines: dict[str, str] = {}
    for line in filter(None, map(str.strip, said.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or name not in _LINES:
            raise JudgeNonsense("a line of its answer is none of a verdict")
        if name in lines:
            raise JudgeNonsense(f"two lines say {name}")
        lines[name] = value.strip()
    return lines


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge, with what it may reach."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table, route = table_of(options, CATEGORIES), reach(options, outside)
        scores = float(options.get("unsafe", 0.95)), float(options.get("controversial", 0.5))

        async def ask(asked: Asked) -> Opinions:
            if route is None:
                raise JudgeUnasked
            choice = await complete(route, outside, conversation(asked), tokens=_TOKENS)
            return read(words(choice), table, *scores)

        judge = careful(label(NAME, options), ask, care_of(options), outside)
        return BuiltDetector(reported(table), "1", judge=judge, behind=BEHIND)

    return DetectorSpec(
        name=NAME,
        summary="Asks a Qwen3Guard-Gen model: safe, controversial or unsafe, in nine categories.",
        risks=reported(CATEGORIES),
        scope="sentence",
        build=build,
        options={
            "type": "object",
            "properties": {
                **PLACE,
                "unsafe": {
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "maximum": 1,
                    "description": "the score of what it calls unsafe; 0.95 if left out",
                },
                "controversial": {
                    "type": "number",
                    "minimum": 0,
                    "maximum": 1,
                    "description": "the score of what it calls controversial; 0.5 if left out, 0 to let it pass",
                },
                **RISKS,
                **CARE,
            },
            "required": ["model"],
        },
    )
