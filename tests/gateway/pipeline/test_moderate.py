"""Texts are judged for whoever asks for a verdict and nothing else: by the rules for questions, without a model."""

from __future__ import annotations

import openai
import pytest
from kit.plans import plan, raising, rule, side
from kit.responses import before_openai
from kit.upstream import whole
from kit.verdicts import PLAN, ask


async def test_each_input_of_a_list_has_its_own_verdict() -> None:
    body = await ask(["天气", "黄片", "porn"], model="omni-moderation-latest")
    assert [result["flagged"] for result in body["results"]] == [False, True, True]
    assert body["model"] == "omni-moderation-latest"


async def test_a_detector_that_fails_is_never_a_pass() -> None:
    broken = side({"sexual": raising}, [rule("sexual", "refuse")])
    (result,) = (await ask("天气", plan(broken)))["results"]
    assert (result["flagged"], result["categories"]["unjudged"]) == (True, True)
    assert result["sluice"]["errors"] == ["sexual: RuntimeError"]


async def test_openais_own_client_reads_the_verdicts_and_no_model_is_asked() -> None:
    async with before_openai(PLAN, whole(b"never"), keys=("one",)) as here:
        made = await here.client.moderations.create(input=["黄片", "天气"])
        with pytest.raises(openai.BadRequestError):
            await here.client.moderations.create(input=[])
        assert here.upstream.requests == []
    assert [result.flagged for result in made.results] == [True, False]
    assert (made.results[0].categories.sexual, made.results[0].categories.violence) == (True, False)
    assert made.results[0].category_scores.sexual == 1.0
