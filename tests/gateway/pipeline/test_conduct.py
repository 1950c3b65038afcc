"""A user who keeps asking what is not allowed is suspended; their neighbours are not, and the record says so."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import orjson
import pytest
from kit.asking import chat
from kit.path import Asked, Collected, Said, ask, assistant, ports
from kit.plans import pattern, plan, rule, side
from kit.upstream import chat_json

from gateway.exchange import Caller
from gateway.limits.conduct import UserConduct
from gateway.limits.strikes import MemoryStrikes
from gateway.pipeline.conduct import is_illegal
from gateway.pipeline.run import Gone, Path
from gateway.policy.plan import MisusePlan, Plan, Words
from gateway.ports import Ports, Suspension, Terms
from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics
from gateway.verdict import Hit, Verdict
from gateway.wire.messages import CountTokens, Messages

SIDE = side(
    {"drug": pattern("drug", "毒品"), "shop": pattern("shop", "购物"), "rude": pattern("rude", "笨蛋")},
    [rule("drug", "refuse"), rule("shop", "answer", reply="shop"), rule("rude", "refuse")],
)
TOLD = Words("您的服务已暂停，请联系客服。", "Your service is suspended; please contact us.")
WORDS = {"suspended": TOLD, "shop": Words("请看商城。", "See the shop.")}
MISUSE = MisusePlan(frozenset({"refuse-drug"}), Terms(3, 5, None), "suspended")


def policy(**more: Any) -> Plan:
    return replace(plan(SIDE, replies=WORDS, **more), misuse=MISUSE)


class Kept:
    def __init__(self) -> None:
        self.all: list[Suspension] = []

    def conduct(self) -> UserConduct:
        return UserConduct(
            MemoryStrikes(),
            lambda tenant, user: (f"digest-of-{user}",),
            read=lambda: list(self.all),
            keep=self.all.append,
            clock=time.time,
            counters=Metrics(),
        )


def given() -> tuple[Ports, Said, Kept]:
    kept, provider = Kept(), Said(chat_json("好"))
    return ports(provider, conduct=kept.conduct()), provider, kept


async def say(made: Ports, text: str, *, user: str | None = "u-1", by: Plan | None = None, **more: Any) -> Asked:
    body = chat(text, model="up", **({"user": user} if user else {}), **more)
    return await ask(by or policy(), body, given=made, caller=Caller("acme", "k1"))


async def test_after_three_in_a_row_a_user_is_told_so_and_no_model_is_asked() -> None:
    made, provider, kept = given()
    for number in (1, 2, 3):
        got = await say(made, "毒品")
        assert got.records[-1].limits[0] == f"user.illegal.{number}.{number}"
    assert got.records[-1].limits == ("user.illegal.3.3", "user.suspended")
    assert got.records[-1].reply_name == "safe"
    assert [one.digest for one in kept.all] == ["digest-of-u-1"]
    got = await say(made, "你好")
    assert (got.outlet.status, got.seen.text()) == (200, TOLD.zh)
    record = got.records[-1]
    assert (record.outcome, record.reply, record.reply_name) == ("replied", "safe", "suspended")
    assert record.limits == ("user.refused",)
    assert got.metrics.value(names.SUSPENDED, policy="kit") == 1
    assert provider.calls == []
    assert (await say(made, "hello")).seen.text() == TOLD.en


async def test_the_others_of_the_tenant_go_on() -> None:
    made, provider, _ = given()
    for _ in range(3):
        await say(made, "毒品")
    assert (await say(made, "你好", user="u-2")).seen.text() == "好"
    assert (await say(made, "你好", user=None)).seen.text() == "好"
    assert len(provider.calls) == 2


async def test_a_harmless_question_ends_the_row_but_not_the_day() -> None:
    made, _, kept = given()
    for text in ("毒品", "毒品", "你好", "毒品", "毒品", "你好"):
        got = await say(made, text)
    assert kept.all == []
    got = await say(made, "毒品")
    assert got.records[-1].limits == ("user.illegal.1.5", "user.suspended")


@pytest.mark.parametrize("text", ["笨蛋", "购物", "你好"])
async def test_only_the_rules_that_the_policy_names_count(text: str) -> None:
    made, _, kept = given()
    for _ in range(6):
        got = await say(made, text)
    assert kept.all == []
    assert got.records[-1].limits == ()


async def test_an_old_turn_is_counted_once() -> None:
    made, _, kept = given()
    await say(made, "毒品")
    for _ in range(4):
        body = chat("毒品", assistant("抱歉"), "你好", model="up", user="u-1")
        got = await ask(policy(), body, given=made, caller=Caller("acme"))
        assert got.records[-1].limits == ()
    assert kept.all == []


async def test_who_names_no_user_is_not_counted() -> None:
    made, _, kept = given()
    for _ in range(6):
        got = await say(made, "毒品", user=None)
        assert got.records[-1].limits == ()
    assert kept.all == []


async def test_a_policy_without_the_measure_counts_nobody() -> None:
    made, _, kept = given()
    for _ in range(6):
        await say(made, "毒品", by=plan(SIDE, replies=WORDS))
    assert kept.all == []


@pytest.mark.parametrize(
    ("body", "header"),
    [({"user": "u-9"}, ""), ({"safety_identifier": "u-9"}, ""), ({}, "u-9"), ({"user": "other"}, "u-9")],
)
async def test_a_user_is_named_in_the_body_or_by_a_header(body: dict[str, str], header: str) -> None:
    made, _, kept = given()
    for _ in range(3):
        await ask(policy(), chat("毒品", model="up", **body), given=made, caller=Caller("acme", "k1", user=header))
    assert [(one.tenant, one.digest) for one in kept.all] == [("acme", "digest-of-u-9")]


async def test_a_policy_that_refuses_by_errors_says_it_by_one() -> None:
    made, _, _ = given()
    for _ in range(3):
        await say(made, "毒品", by=policy(block="error"))
    got = await say(made, "你好", by=policy(block="error"))
    error = orjson.loads(got.outlet.body)["error"]
    assert (got.outlet.status, error["code"], error["message"]) == (403, "user_suspended", TOLD.zh)
    assert (got.records[-1].outcome, got.records[-1].reply_name) == ("replied", "suspended")


async def test_counting_tokens_is_no_question() -> None:
    made, _, kept = given()
    made = replace(made, resolve=ports(Said(b'{"input_tokens": 7}')).resolve)
    said = {"model": "up", "metadata": {"user_id": "u-1"}, "messages": [{"role": "user", "content": "毒品"}]}
    for _ in range(4):
        path = Path(CountTokens(), "/messages/count_tokens", made)
        await path.run(orjson.dumps(said), Caller("acme"), policy(), Collected(), Gone())
    assert kept.all == []
    for _ in range(3):
        path = Path(Messages(), "/messages", made)
        await path.run(orjson.dumps({**said, "max_tokens": 9}), Caller("acme"), policy(), Collected(), Gone())
    assert [one.digest for one in kept.all] == ["digest-of-u-1"]


@pytest.mark.parametrize(
    ("hits", "counts"),
    [
        ([("refuse-drug", "messages/0/content")], True),
        ([("refuse-drug", "")], False),  # a detector could not judge
        ([("refuse-drug", ""), ("refuse-drug", "messages/0/content")], True),
        ([("refuse-rude", "messages/0/content"), ("refuse-drug", "")], False),
    ],
)
def test_what_nobody_could_judge_is_no_misuse(hits: list[tuple[str, str]], counts: bool) -> None:
    fired = tuple(Hit(rule, "refuse", "drug", 0.0, "d", slot, 0, 0) for rule, slot in hits)
    assert is_illegal(Verdict("refuse", fired), MISUSE) is counts
