"""What a client may ask for by header: a stricter policy, or no more than a verdict; never a weaker policy.

Mutants killed: a policy that is weaker and is taken; a name that is not listed and is ignored; a dry run that asks a
model or says the words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import SAFE, pattern, plan, rule, side

from gateway.policy.plan import Plan

DETECTORS = {
    "drug": pattern("drug", "毒品"),
    "number": pattern("number", "[0-9]{6,11}"),
    "rude": pattern("rude", "笨蛋"),
}
OWN = replace(plan(side(DETECTORS, [rule("drug", "refuse"), rule("number", "mask")])), digest="1" * 64)
STRICT_RULES = [rule("drug", "refuse"), rule("number", "mask"), rule("rude", "refuse")]
STRICT = replace(plan(side(DETECTORS, STRICT_RULES)), name="strict", digest="2" * 64)
MILD = replace(plan(side(DETECTORS, [rule("drug", "label")])), name="mild", digest="3" * 64)


class Fixed:
    """A plan that never changes."""

    fault = ""

    def __init__(self, held: Plan) -> None:
        self.held = held

    def __call__(self) -> Plan:
        return self.held

    def poll(self) -> None:
        """Nothing changes."""


async def ask(text: str, **headers: str) -> tuple[Any, Any]:
    """What the client sees, and the record."""
    made = parts(OWN)
    plans = {"strict": Fixed(STRICT), "mild": Fixed(MILD)}
    async with serving(replace(made, stricter=plans)) as gate:  # type: ignore[arg-type]
        seen = await post(gate.url, chat(text), **headers)
        await gate.recorded(1)
        return seen, gate.records.records[0]


async def test_a_stricter_policy_judges_and_is_named() -> None:
    seen, record = await ask("你这个笨蛋", x_sluice_policy="strict")
    assert (seen.text(), record.policy, record.plan) == (SAFE.zh, "strict", STRICT.digest)
    assert seen.headers["x-sluice-policy"].startswith("strict@")
    seen, record = await ask("你这个笨蛋")
    assert (seen.text(), record.policy) == ("你这个笨蛋", "kit")


@pytest.mark.parametrize(
    ("name", "code"), [("mild", "policy_not_stricter"), ("none", "unknown_policy"), ("é", "unknown_policy")]
)
async def test_a_weaker_or_unknown_policy_is_an_error_and_no_model_is_asked(name: str, code: str) -> None:
    seen, record = await ask("买毒品", x_sluice_policy=name)
    assert (seen.status, seen.json["error"]["code"]) == (400, code)
    assert (record.policy, record.upstream, record.outcome) == ("kit", None, "rejected")


@pytest.mark.parametrize(
    ("text", "action", "rule_id"),
    [("买毒品", "refuse", "refuse-drug"), ("号123456", "mask", "mask-number"), ("你好", "pass", None)],
)
async def test_a_dry_run_says_what_would_be_done_and_asks_no_model(text: str, action: str, rule_id: str | None) -> None:
    seen, record = await ask(text, x_sluice_dry_run="yes")
    assert (seen.status, seen.json["action"], seen.json["rule"]) == (200, action, rule_id)
    assert "毒品" not in seen.body.decode()
    assert "123456" not in seen.body.decode()
    assert (record.upstream, record.request.action) == (None, action)
    assert seen.json["changed"] == (1 if action == "mask" else 0)


async def test_a_dry_run_under_a_stricter_policy() -> None:
    seen, _ = await ask("笨蛋", x_sluice_dry_run="yes", x_sluice_policy="strict")
    assert (seen.json["action"], seen.json["policy"][:7]) == ("refuse", "strict@")


async def test_the_header_takes_yes_or_no() -> None:
    seen, _ = await ask("你好", x_sluice_dry_run="maybe")
    assert (seen.status, seen.json["error"]["code"]) == (400, "invalid_header")
