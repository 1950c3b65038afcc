"""Asks an endpoint that speaks OpenAI's ``/moderations``: a score for each of its categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.detectors.judges.careful import BEHIND, CARE, Asked, Opinions, care_of, careful
from gateway.detectors.judges.mapping import RISKS, Table, opinions, reported, table_of
from gateway.detectors.judges.posting import at, post
from gateway.detectors.judges.reaching import PLACE, label, reach
from gateway.errors import JudgeNonsense, JudgeUnasked
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Outside

NAME: Final = "openai_moderation"
CATEGORIES: Final[Table] = {
    "harassment": ("abuse",),
    "harassment/threatening": ("abuse", "violence"),
    "hate": ("a2.i", "hate"),
    "hate/threatening": ("a2.i", "hate", "violence"),
    "illicit": ("a1.h", "dangerous"),
    "illicit/violent": ("a1.h", "dangerous"),
    "self-harm": ("a4.a", "self_harm"),
    "self-harm/instructions": ("a4.a", "self_harm"),
    "self-harm/intent": ("a4.a", "self_harm"),
    "sexual": ("a1.f", "sexual"),
    "sexual/minors": ("a1.f", "sexual"),
    "violence": ("a1.f", "violence"),
    "violence/graphic": ("a1.f", "violence"),
}
_FAINT: Final = 0.01
_FLAGGED: Final = 0.5


def read(said: Any, table: Table) -> Opinions:
    """Return what the endpoint's answer means.

    A category that is flagged has at least a score of 0.5, whatever its own threshold.

    Raises:
        JudgeNonsense: It is no result, says nothing of any category that is known, or flags one that is not known.
    """
    results = at(said, "results")
    result = results[0] if isinstance(results, list) and len(results) == 1 else None
    flagged, flags, scores = at(result, "flagged"), at(result, "categories"), at(result, "category_scores")
    if not isinstance(flagged, bool) or not isinstance(flags, dict) or not isinstance(scores, dict) or not scores:
        raise JudgeNonsense("it is no moderation result")
    if any(flag is not None and not isinstance(flag, bool) for flag in flags.values()):  # older models have null
        raise JudgeNonsense("it flags with something else than true and false")
    raised = {name for name, flag in flags.items() if flag}
    if flagged and not raised:
        raise JudgeNonsense("it flags a text without a category")
    if unknown := raised - table.keys():
        raise JudgeNonsense(f"it flags {len(unknown)} categories that are not known")
    if not any(name in table and (name in raised or scores.get(name) is not None) for name in {*flags, *scores}):
        raise JudgeNonsense("it says nothing of a category that is known")
    return opinions(_scored(scores, raised, table))


def _scored(scores: Mapping[str, Any], raised: set[str], table: Table) -> Iterator[tuple[str, float]]:
    for name in {*scores, *raised}:
        score = scores.get(name)
        if score is None:  # older models have no score for newer categories
            score = 0.0
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            raise JudgeNonsense("it gives a score that is not between 0 and 1")
        sure = max(float(score), _FLAGGED) if name in raised else float(score)
        if sure >= _FAINT:
            for risk in table.get(name, ()):
                yield risk, sure


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge, with what it may reach."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table, route = table_of(options, CATEGORIES, fixed=False), reach(options, outside)

        async def ask(asked: Asked) -> Opinions:
            if route is None:
                raise JudgeUnasked
            body = orjson.dumps({"model": route.model, "input": asked.before + asked.text})
            return read(await post(route, "/moderations", body, id=outside.ids()), table)

        judge = careful(label(NAME, options), ask, care_of(options), outside)
        return BuiltDetector(reported(table), "1", judge=judge, behind=BEHIND)

    return DetectorSpec(
        name=NAME,
        summary="Asks an endpoint that speaks OpenAI's /moderations.",
        risks=reported(CATEGORIES),
        scope="sentence",
        build=build,
        options={"type": "object", "properties": {**PLACE, **RISKS, **CARE}, "required": ["model"]},
    )
