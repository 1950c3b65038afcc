"""An endpoint that speaks OpenAI's ``/moderations``, over a real port."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kit.judging import build, opinions, reaching
from kit.upstream import Answer, ScriptedUpstream, whole
from openai.types import Moderation

from gateway.detectors.judges.openai_moderation import CATEGORIES
from gateway.errors import JudgeNonsense

CLEAR = dict.fromkeys(CATEGORIES, 0.0001)


def moderated(flagged: Any = None, flags: Any = None, scores: Any = None, **more: Any) -> Answer:
    flags = dict.fromkeys(CATEGORIES, False) | (flags or {}) if not isinstance(flags, list) else flags
    scores = CLEAR | (scores or {}) if not isinstance(scores, list) else scores
    raised = any(flags.values()) if isinstance(flags, dict) else False
    result = {"flagged": raised if flagged is None else flagged, "categories": flags, "category_scores": scores}
    return whole(orjson.dumps({"id": "modr-1", "model": "omni", "results": [{**result, **more}]}))


async def judged(answer: Answer, **more: Any) -> dict[str, float]:
    async with ScriptedUpstream(answer) as server, reaching() as world:
        return await opinions(build("openai_moderation", world, model="omni", base_url=server.url, **more), "text")


def test_the_categories_are_those_of_openais_own_types() -> None:
    fields = Moderation.model_fields["categories"].annotation.model_fields  # type: ignore[union-attr]
    assert {field.alias or name for name, field in fields.items()} == set(CATEGORIES)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (moderated(), {}),
        (moderated(scores={"hate": 0.3}), {"a2.i": 0.3, "hate": 0.3}),
        (moderated(flags={"violence": True}, scores={"violence": 0.9}), {"a1.f": 0.9, "violence": 0.9}),
        (moderated(flags={"harassment": True}, scores={"harassment": 0.2}), {"abuse": 0.5}),
        (moderated(flags={"illicit": True}, scores={"illicit": None}), {"a1.h": 0.5, "dangerous": 0.5}),
        (
            moderated(scores={"sexual": 0.4, "violence": 0.7, "self-harm/intent": 1}),
            {"a1.f": 0.7, "sexual": 0.4, "violence": 0.7, "a4.a": 1.0, "self_harm": 1.0},
        ),
        (moderated(flags={"illicit": None}, scores={"brand-new": 0.9}), {}),
        (moderated(categories={"hate": False}, category_scores={"hate": 0.2}), {"a2.i": 0.2, "hate": 0.2}),
        (moderated(category_scores={"hate": 0.0, "新类别": 0.99}), {}),  # one that is known was looked for
        (
            moderated(flagged=True, categories={"hate": True}, category_scores={"hate": None}),
            {"a2.i": 0.5, "hate": 0.5},
        ),
    ],
)
async def test_scores_become_risks(answer: Answer, expected: dict[str, float]) -> None:
    assert await judged(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        moderated(flagged=True),
        moderated(flagged="no"),
        moderated(flags={"brand-new": True}),
        moderated(flags=[]),
        moderated(scores=[]),
        moderated(category_scores={}),
        moderated(scores={"hate": 1.1}),
        moderated(scores={"hate": -0.1}),
        moderated(scores={"hate": "high"}),
        moderated(scores={"hate": True}),
        moderated(flagged=False, categories={"toxic": False}, category_scores={"toxic": 0.99}),
        moderated(flagged=False, categories={"有害": False}, category_scores={"有害": 0.99}),
        moderated(flagged=False, categories={}, category_scores={"toxic": 0.0}),
        moderated(flagged=False, flags={"violence": "true"}),
        moderated(flagged=False, flags={"violence": 1}),
        moderated(flagged=False, flags={"violence": 0}),
        moderated(flagged=False, categories=dict.fromkeys(CATEGORIES), category_scores=dict.fromkeys(CATEGORIES)),
        moderated(flagged=False, categories={"hate": False}, category_scores={"hate": None, "brand-new": 0.1}),
        whole(b'{"results": []}'),
        whole(b'{"results": [{}, {}]}'),
        whole(b'{"results": {"flagged": false}}'),
        whole(b'{"choices": [{"message": {"content": "safe"}}]}'),
    ],
)
async def test_what_is_no_result_is_an_error(answer: Answer) -> None:
    with pytest.raises(JudgeNonsense):
        await judged(answer)


async def test_other_vendors_categories_can_be_mapped() -> None:
    flags, scores = {"jailbreaking": True, "hate": False}, {"jailbreaking": 0.8, "hate": 0.1}
    answer = moderated(categories=flags, category_scores=scores, flagged=True)
    assert await judged(answer, risks={"jailbreaking": "attack.jailbreak", "hate": []}) == {"attack.jailbreak": 0.8}


async def test_categories_that_only_the_policy_knows_are_enough() -> None:
    answer = moderated(categories={"toxic": False}, category_scores={"toxic": 0.7}, flagged=False)
    assert await judged(answer, risks={"toxic": "abuse"}) == {"abuse": 0.7}
    assert await judged(answer, risks={"toxic": []}) == {}


async def test_the_text_is_sent_with_what_stands_before_it() -> None:
    async with ScriptedUpstream(moderated()) as server, reaching() as world:
        judge = build("openai_moderation", world, model="omni", base_url=server.url)
        await opinions(judge, "后。", "问", before="前。")
    (request,) = server.requests
    assert (request.path, request.json) == ("/v1/moderations", {"model": "omni", "input": "前。后。"})
