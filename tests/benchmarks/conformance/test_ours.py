"""Every case passes against our gateway, and those that guard something fail where nothing is guarded."""

from __future__ import annotations

from pathlib import Path

from kit.gateway import parts, serving

from benchmarks.conformance.case import load_cases
from benchmarks.conformance.run import Gateway, Outcome, run
from benchmarks.conformance.upstream import Upstream
from gateway.policy.plan import Plan
from gateway.privacy.keys import Keyring
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.wiring import load_plan

HERE = Path(__file__).parents[3] / "benchmarks" / "conformance"
CASES = load_cases()


async def outcomes(plan: Plan) -> list[Outcome]:
    async with Upstream() as upstream:
        made = parts(
            plan, {"scripted": OpenAICompatible("scripted", upstream.url, "k")}, ring=Keyring(b"conformance" * 3)
        )
        async with serving(made) as gate:
            return await run(CASES, Gateway(gate.url, "scripted", seconds=60), upstream)


def test_there_are_eighty_cases_and_more() -> None:
    assert len({(case.dialect, case.file.id) for case in CASES}) >= 80


async def test_our_gateway_passes_every_case() -> None:
    failed = {one.case.id: one.problems for one in await outcomes(load_plan(str(HERE / "policy.yaml"))) if one.problems}
    assert not failed


async def test_a_gateway_that_guards_nothing_fails_every_case_that_is_about_guarding() -> None:
    guarded = {
        case.id
        for case in CASES
        if any(
            ask.expect.blocked or (ask.expect.model is False and "blocked" in ask.expect.model_fields_set)
            for ask in case.file.asks
        )
    }
    failed = {one.case.id for one in await outcomes(load_plan("empty")) if one.problems}
    assert guarded - failed == set()
    assert len(guarded) > 50
    assert len(failed) < len(CASES)  # plain answers and broken models need no guard
