"""A rule can name a class of personal data, and hold only for models outside of a region."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.path import ports, question

from gateway.detectors.registry import registry
from gateway.errors import PolicyErrors
from gateway.exchange import Caller, Exchange
from gateway.pipeline.screen import examine, screen
from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.policy.plan import Plan
from gateway.privacy.classes import CLASSES, groups

HEAD = """
sluice: 1
name: t
detectors: [{id: personal, use: personal_data}, {id: email, use: email}]
replies: {safe: {zh: 不行, en: Sorry}}
withheld: {zh: 略, en: left out}
request:
  rules:
"""
CARD = "我的银行卡是6222020200112233445"
MAIL = "邮箱 zhang@example.com"


def compiled(folder: Path, *rules: str) -> Plan:
    file = folder / "t.yaml"
    file.write_text(HEAD + "".join(f"    - {rule}\n" for rule in rules), "utf-8")
    return compile_policy(load_policy(file), registry(), None, groups())


async def action(plan: Plan, text: str, region: str = "") -> str:
    return (await examine(question(text), plan, None, region)).verdict.action


def test_every_class_holds_what_the_table_says() -> None:
    named = groups()
    assert named["pipl28"] == {risk for risk, one in CLASSES.items() if one.pipl28}
    assert named["level_4"] < named["level_3"] < named["level_2"]
    assert named["direct"].isdisjoint(named["quasi"])
    assert "pii.mobile_number" in named["basic"]
    assert all(named.values())


async def test_a_rule_of_a_class_fires_on_what_is_in_it_and_nothing_else(tmp_path: Path) -> None:
    plan = compiled(tmp_path, "{id: r, when: {risk: class.pipl28}, then: refuse, on_error: refuse}")
    assert await action(plan, CARD) == "refuse"
    assert await action(plan, MAIL) == "pass"
    assert plan.request.rules[0].risks <= groups()["pipl28"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{id: r, when: {risk: class.pipl82}, then: refuse, on_error: refuse}", "did you mean 'pipl28'?"),
        (
            "{id: r, when: {risk: class.communication}, then: refuse, on_error: refuse}",
            "unknown class of personal data 'communication'",
        ),
    ],
)
def test_a_class_that_nobody_knows_is_told_with_its_line(tmp_path: Path, rule: str, said: str) -> None:
    with pytest.raises(PolicyErrors) as error:
        compiled(tmp_path, rule)
    assert said in str(error.value)
    assert "t.yaml:9" in str(error.value)


def test_a_class_that_no_detector_reports_is_told(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    rule = "    - {id: r, when: {risk: class.health}, then: refuse, on_error: refuse}\n"
    file.write_text(HEAD.replace("{id: personal, use: personal_data}, ", "") + rule, "utf-8")
    with pytest.raises(
        PolicyErrors, match="can never fire: no detector of the policy reports a risk of class 'health'"
    ):
        compile_policy(load_policy(file), registry(), None, groups())


@pytest.mark.parametrize(("region", "expected"), [("cn", "pass"), ("us", "refuse"), ("", "refuse")])
async def test_a_rule_can_hold_outside_of_a_region_only(tmp_path: Path, region: str, expected: str) -> None:
    plan = compiled(
        tmp_path,
        "{id: home, when: {risk: class.pipl28, outside: [cn]}, then: refuse, on_error: refuse}",
        "{id: always, when: {risk: pii.email}, then: mask, on_error: refuse}",
    )
    assert await action(plan, CARD, region) == expected
    assert await action(plan, MAIL, region) == "mask"


async def test_the_region_of_the_model_decides_in_the_path(tmp_path: Path) -> None:
    plan = compiled(tmp_path, "{id: r, when: {risk: class.pipl28, outside: [cn, hk]}, then: refuse, on_error: refuse}")
    for region, replied in (("cn", False), ("hk", False), ("sg", True)):
        exchange = Exchange("X", 0.0, plan.digest, plan.name, Caller(), question(CARD), region)
        assert ((await screen(exchange, plan, ports())).reply is not None) == replied


def test_answers_have_no_region(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    rule = "    - {id: r, when: {risk: pii.email, outside: [cn]}, then: mask, on_error: refuse}\n"
    file.write_text(HEAD.replace("request:", "response:") + rule, "utf-8")
    with pytest.raises(PolicyErrors, match="what a model has answered has left its region"):
        compile_policy(load_policy(file), registry(), None, groups())
