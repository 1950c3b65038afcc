"""The record of an exchange: every field, and no word that the policy does not let us keep."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from kit.asking import chat
from kit.path import EVENTS, Said, ask, assistant, counting, ports, question
from kit.plans import LABEL, SAFE, WITHHELD, pattern, plan, raising, rule, side
from kit.upstream import chat_json, chat_sse

from gateway.errors import RequestError
from gateway.exchange import Caller, Record, Usage
from gateway.pipeline.trace import Trace
from gateway.policy.plan import LabelPlan, Plan, RecordPlan
from gateway.verdict import PASS

NUMBER = pattern("number", r"(?<![0-9])[0-9]{6}(?![0-9])")
DRUG = pattern("drug", "毒品")
SIDE = side({"number": NUMBER, "drug": DRUG}, [rule("number", "mask", keep=(1, 1)), rule("drug", "refuse")])


def keeping(text: str, request: Any = SIDE, response: Any = SIDE) -> Plan:
    return plan(request, response, record=RecordPlan(text))  # type: ignore[arg-type]


def seal(text: str, id: str) -> str:
    return f"sealed:{id}:{text[::-1]}"


async def test_the_record_says_everything_about_an_answer() -> None:
    body = chat("号码123456", model="up", stream=True, user="u-1")
    policy = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
    got = await ask(
        policy, body, Said(*chat_sse(["好"], usage=(7, 5)), content_type=EVENTS), caller=Caller("acme", "desk")
    )
    record = got.record
    assert {field.name: getattr(record, field.name) for field in fields(Record)} == {
        "id": "TEST0000000000000000000001",
        "received": 1_790_000_000.0,
        "finished": 1_790_000_000.0,
        "dialect": "chat",
        "tenant": "acme",
        "key": "desk",
        "user": "u-1",
        "model": "up",
        "upstream": "up",
        "stream": True,
        "policy": "kit",
        "plan": "0" * 64,
        "outcome": "answered",
        "status": 200,
        "request": record.request,
        "response": PASS,
        "reply": None,
        "reply_name": None,
        "label": "text-end+metadata",
        "usage": Usage(7, 5),
        "stages": record.stages,
        "overhead_ms": record.overhead_ms,
        "error": None,
        "client_gone": False,
        "text_mode": "none",
        "request_text": None,
        "response_text": None,
        "unlabelled": None,
        "region": "",
        "subjects": (),
        "sources": (),
        "grounding": {},
        "classes": {},
        "level": 0,
        "cost": None,
        "limits": (),
        "attempts": (),
        "ticket": None,
    }
    assert (record.request.action, record.request.rule) == ("mask", "mask-number")
    assert list(record.stages) == ["receive", "screen", "upstream", "relay"]
    assert record.overhead_ms > 0


async def test_and_about_a_reply() -> None:
    got = await ask(plan(SIDE), chat("毒品", model="up"))
    record = got.record
    assert (record.outcome, record.reply, record.reply_name, record.upstream) == ("replied", "safe", "safe", None)
    assert record.usage == Usage()
    assert record.request.rule == "refuse-drug"


async def test_and_about_an_answer_that_was_stopped() -> None:
    got = await ask(plan(response=SIDE), chat("你好", model="up"), Said(chat_json("毒品")))
    record = got.record
    assert (record.outcome, record.reply, record.reply_name) == ("stopped", "safe", "safe")
    assert record.response.rule == "refuse-drug"


async def test_and_about_a_request_that_was_never_read() -> None:
    error = RequestError("The body is too large.", status=413, code="body_too_large")
    record = (await ask(keeping("masked"), error)).record
    assert (record.outcome, record.status, record.error) == ("rejected", 413, "body_too_large")
    assert (record.model, record.user, record.stream, record.usage) == ("", None, False, None)
    assert (record.text_mode, record.request_text, record.response_text) == ("masked", None, None)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("mode", "asked", "said"),
    [
        ("none", None, None),
        ("masked", "user: 号码******", "回拨******吧"),
        ("encrypted", seal("user: 号码123456", "TEST" + "1".zfill(22)), seal("回拨654321吧", "TEST" + "1".zfill(22))),
    ],
)
async def test_words_are_kept_as_the_policy_says(mode: str, asked: str | None, said: str | None, stream: bool) -> None:
    pieces = chat_sse(["回拨654", "321吧"])
    provider = Said(*pieces, content_type=EVENTS) if stream else Said(chat_json("回拨654321吧"))
    body = chat("号码123456", model="up", stream=stream)
    record = (await ask(keeping(mode), body, given=ports(provider, seal=seal))).record
    assert (record.text_mode, record.request_text, record.response_text) == (mode, asked, said)


async def test_this_turn_is_kept_without_history_and_definitions() -> None:
    body = chat(
        {"role": "system", "content": "简短"},
        "旧问题",
        assistant("旧答案"),
        {"role": "user", "content": [{"type": "text", "text": "新"}, {"type": "text", "text": "问题"}]},
        model="up",
        tools=[{"type": "function", "function": {"name": "f", "description": "描述"}}],
    )
    record = (await ask(keeping("masked"), body, Said(chat_json("好")))).record
    assert record.request_text == "system: 简短\nuser: 新\nuser: 问题"


async def test_a_reply_is_kept_in_place_of_an_answer() -> None:
    record = (await ask(keeping("masked"), chat("哪有毒品", model="up"))).record
    assert (record.request_text, record.response_text) == ("user: 哪有**", SAFE.zh)


async def test_of_several_choices_each_is_kept() -> None:
    record = (await ask(keeping("masked"), chat("你好", model="up", n=2), Said(chat_json("好", n=2)))).record
    assert record.response_text == "好\n好"


async def test_what_was_never_judged_cannot_be_masked_and_is_not_kept() -> None:
    got = await ask(keeping("masked"), chat("号码123456", model="nobody"))
    assert (got.outlet.status, got.record.outcome) == (404, "rejected")
    assert got.record.request_text is None
    sealed = await ask(keeping("encrypted"), chat("号码123456", model="nobody"), given=ports(seal=seal))
    assert sealed.record.request_text == seal("user: 号码123456", sealed.record.id)


@pytest.mark.parametrize("on_error", ["refuse", "pass"])
async def test_what_a_detector_could_not_judge_cannot_be_masked_and_is_not_kept(on_error: str) -> None:
    broken = side({"x": raising, "number": NUMBER}, [rule("x", "mask", on_error=on_error), rule("number", "mask")])
    asked = await ask(keeping("masked", request=broken), chat("我的名字", model="up"), Said(chat_json("好")))
    assert (asked.record.request_text, asked.record.response_text) == (None, None)
    answer = await ask(keeping("masked", response=broken), chat("我的名字", model="up"), Said(chat_json("答案")))
    assert (answer.record.request_text, answer.record.response_text) == ("user: 我的名字", "")


async def test_without_a_key_nothing_is_kept_in_the_clear() -> None:
    record = (await ask(keeping("encrypted"), chat("你好", model="up"), Said(chat_json("好")))).record
    assert (record.request_text, record.response_text) == (None, None)


async def test_withheld_words_are_not_in_the_record_of_this_turn() -> None:
    body = chat("毒品", assistant("好"), "天气", model="up")
    provider = Said(chat_json("晴"))
    record = (await ask(keeping("masked"), body, provider)).record
    assert record.request_text == "user: 天气"
    assert WITHHELD.zh.encode() in provider.calls[0].body


def test_time_that_others_took_is_not_ours() -> None:
    trace = Trace("1", "chat", Caller(), plan(), 0.0, 100.0, waited=2.0)
    assert trace.overhead(103.0) == 1000.0


def test_a_trace_without_anything_still_makes_a_record() -> None:
    trace = Trace("1", "chat", Caller("t", "k"), plan(), 5.0, 0.0)
    record = trace.record(ports(ticker=counting()))
    assert (record.outcome, record.status, record.error) == ("error", 0, None)
    assert (record.request, record.response, record.reply) == (PASS, PASS, None)
    assert question("你好").stream is False
