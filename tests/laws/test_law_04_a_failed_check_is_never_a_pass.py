"""Law 4: a detector that fails does what its rules' ``on_error`` say, and is told everywhere.

Mutants killed: ``except: pass`` around a detector; errors left out of the verdict; a default for ``on_error``.
"""

from __future__ import annotations

import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import SAFE, plan, raising, rule, side

from gateway.policy.schema import RuleEntry
from gateway.telemetry import names


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("where", ["request", "response"])
async def test_a_rule_that_says_refuse_refuses_when_its_detector_fails(where: str, stream: bool) -> None:
    broken = side({"x": raising}, [rule("x", "mask", on_error="refuse")])
    async with serving(parts(plan(**{where: broken}))) as gate:
        seen = await post(gate.url, chat("你好", stream=stream))
        await gate.recorded(1)
    assert seen.reason() == "content_filter"
    assert SAFE.zh in seen.text()
    assert "你好" not in seen.text()
    verdict = getattr(gate.records.records[0], where)
    assert verdict.errors == ("x: RuntimeError",)
    assert verdict.action == "refuse"
    assert gate.metrics.value(names.DETECTOR_ERRORS, side=where, detector="x") == 1


@pytest.mark.parametrize("where", ["request", "response"])
async def test_a_rule_that_says_pass_passes_and_says_what_was_not_judged(where: str) -> None:
    broken = side({"x": raising}, [rule("x", "refuse", on_error="pass")])
    async with serving(parts(plan(**{where: broken}))) as gate:
        seen = await post(gate.url, chat("你好"))
        await gate.recorded(1)
    assert seen.text() == "你好"
    assert seen.headers["x-sluice-unjudged"] == "1"
    verdict = getattr(gate.records.records[0], where)
    assert verdict.errors == ("x: RuntimeError",)
    assert verdict.action == "pass"
    assert gate.metrics.value(names.DETECTOR_ERRORS, side=where, detector="x") == 1


def test_on_error_has_no_default() -> None:
    assert RuleEntry.model_fields["on_error"].is_required()


async def test_a_picture_that_nobody_can_judge_is_said_to_be_unjudged_or_refused() -> None:
    picture = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}
    for unjudged, reason in (("pass", "stop"), ("refuse", "content_filter")):
        request = side({"x": lambda view: (_ for _ in ()).throw(AssertionError)}, [], unjudged=unjudged)
        async with serving(parts(plan(request=request))) as gate:
            seen = await post(gate.url, chat(picture, "看图"))
            await gate.recorded(1)
        assert seen.reason() == reason
        assert seen.headers["x-sluice-unjudged"] == "2"
        assert gate.records.records[0].request.unjudged == ("messages[0].content[0]",)
        assert gate.metrics.value(names.UNJUDGED, side="request") == 1
