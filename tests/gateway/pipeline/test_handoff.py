"""A question that a person is to answer has a ticket on disk before the client is told to wait, and no number in it.

Mutants killed: a ticket kept after the answer; a raw question; an unjudged question masked; the waiting words where
nothing was kept; a ticket for each choice; a dry run with a ticket.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.asking import Seen, post
from kit.gateway import Running, parts, serving
from kit.people import BROKEN, SILENT, People, people
from kit.plans import SAFE, pattern, plan, raising, rule, side
from kit.upstream import Answer, ScriptedUpstream, chat_json, chat_sse, whole

from gateway.answers.standards import standards
from gateway.errors import RecordError
from gateway.pipeline.handoff import passed
from gateway.policy.plan import AnswersPlan, HandoffPlan, Plan, Words
from gateway.ports import Ticket
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.telemetry import names
from gateway.verdict import Action

pytestmark = pytest.mark.anyio

BANK = "id,question,answer,handoff\ncomplaint,我要投诉你们的员工,,complaints\nrefund,怎么申请退款,点订单、再点退款。,\n"
WAIT = Words("已转人工，工单号 {ticket}，请稍候。", "A person will answer; your ticket is {ticket}.")
PHONE = pattern("pii.mobile_number", "1[0-9]{10}")
PERSON = pattern("person", "转人工|human")
ASKED = side(
    {"pii.mobile_number": PHONE, "person": PERSON},
    [rule("pii.mobile_number", "mask"), rule("person", "handoff", reply="wait")],
)
MASKED = HandoffPlan("masked", Words("现在没有人能接手。", "Nobody can take over now."))


def desk_plan(request: Any = ASKED, response: Any = None, handoff: HandoffPlan = MASKED, **more: Any) -> Plan:
    made = plan(request, response, replies={"wait": WAIT}, **more)
    find = standards(["a.csv"], lambda _: BANK.encode()).find
    return replace(made, handoff=handoff, answers=AnswersPlan(find, "refuse", waiting=WAIT))


async def ask(policy: Plan, text: str, desk: People | None, answer: Answer | None = None, **body: Any) -> Any:
    """Ask through a running gateway; return what came, the gateway, and how often the model was asked."""
    headers = body.pop("headers", {})
    async with ScriptedUpstream(answer or whole(chat_json("模型说的"))) as upstream:
        made = parts(policy, {"up": OpenAICompatible("up", upstream.url, "k")}, handoffs=desk and desk.outbox)
        if "seal" in body:
            made = replace(made, ports=replace(made.ports, seal=body.pop("seal")))
        async with serving(made) as gate:
            messages = [{"role": "user", "content": text}]
            seen = await post(gate.url, {"model": "up", "messages": messages, **body}, **headers)
            await gate.recorded(1)
            return seen, gate, len(upstream.requests)


def told(seen: Seen, gate: Running) -> str:
    """Return the ticket, which is the same everywhere."""
    ticket = seen.headers["x-sluice-handoff"]
    assert gate.records.records[0].ticket == ticket
    return ticket


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("text", "entry", "desk_name", "rule_id", "said"),
    [
        ("我要投诉你们的员工", "complaint@1", "complaints", "answers", "已转人工，工单号 {}，请稍候。"),
        ("我的手机号是13812345678，转人工", "", "", "handoff-person", "已转人工，工单号 {}，请稍候。"),
        ("call 13812345678, human please", "", "", "handoff-person", "A person will answer; your ticket is {}."),
    ],
)
async def test_the_client_has_the_waiting_words_at_once_and_a_person_the_question_without_numbers(
    tmp_path: Path, text: str, entry: str, desk_name: str, rule_id: str, said: str, *, stream: bool
) -> None:
    async with people(tmp_path) as desk:
        seen, gate, asked = await ask(desk_plan(), text, desk, stream=stream)
        ticket = told(seen, gate)
        assert (asked, seen.text(), seen.reason()) == (0, said.format(ticket), "stop")
        last = seen.chunks[-1] if stream else seen.json
        field = next(one["handoff"] for one in (seen.chunks if stream else [seen.json]) if "handoff" in one)
        assert field == {"ticket": ticket, "status": f"/v1/handoff/{ticket}"}, last
        await desk.until(ticket, "sent")
        hook = desk.told[0]
        record = gate.records.records[0]
        assert (hook["ticket"], hook["record"], hook["policy_digest"]) == (ticket, record.id, record.plan)
        assert (hook["entry"], hook["desk"], hook["rule"]) == (entry or None, desk_name or None, rule_id)
        assert "13812345678" not in str(desk.requests[0].body)
        assert hook["question"] == text.replace("13812345678", "***********")
        assert hook["question_form"] == "masked"
        assert gate.metrics.value(names.HANDOFFS) == 1


@pytest.mark.parametrize("bad", [BROKEN, SILENT, Answer((), framing="raw", then="reset")])
async def test_whatever_the_webhook_does_the_client_waits_for_nothing(tmp_path: Path, bad: Answer) -> None:
    async with people(tmp_path, bad, most=2) as desk:
        seen, gate, _ = await ask(desk_plan(), "转人工", desk)
        ticket = told(seen, gate)
        assert seen.text() == f"已转人工，工单号 {ticket}，请稍候。"
        await desk.until(ticket, "undelivered")
        assert desk.metrics.value(names.HANDOFFS_UNDELIVERED) == 1


class NowhereToKeep:
    """Tickets whose store is away."""

    async def open(self, ticket: Ticket) -> None:
        del ticket
        raise RecordError("away")


@pytest.mark.parametrize(("handoff", "words"), [(MASKED, "现在没有人能接手。"), (HandoffPlan("masked"), SAFE.zh)])
async def test_nobody_is_told_to_wait_where_no_ticket_could_be_kept(handoff: HandoffPlan, words: str) -> None:
    desk: Any = type("Desk", (), {"outbox": NowhereToKeep()})
    seen, gate, asked = await ask(desk_plan(handoff=handoff), "转人工", desk)
    assert (seen.status, asked, seen.text(), seen.reason()) == (200, 0, words, "content_filter")
    record = gate.records.records[0]
    assert (record.ticket, record.error, record.reply) == (None, "handoff_not_kept", "safe")
    assert "x-sluice-handoff" not in seen.headers
    assert gate.metrics.value(names.HANDOFFS_LOST) == 1


async def test_a_policy_that_refuses_by_errors_says_that_nobody_can_be_told() -> None:
    desk: Any = type("Desk", (), {"outbox": NowhereToKeep()})
    seen, gate, _ = await ask(desk_plan(block="error"), "转人工", desk)
    assert (seen.status, seen.json["error"]["code"]) == (503, "handoff_not_kept")
    assert gate.records.records[0].error == "handoff_not_kept"


async def test_without_a_place_for_tickets_the_words_stand_without_one() -> None:
    seen, gate, _ = await ask(desk_plan(), "转人工", None)
    assert seen.text() == "已转人工，工单号 —，请稍候。"
    assert gate.records.records[0].ticket is None
    assert "handoff" not in seen.json


async def test_what_was_not_judged_by_all_is_withheld(tmp_path: Path) -> None:
    failing = side(
        {"pii.mobile_number": raising, "person": PERSON},
        [rule("pii.mobile_number", "mask", on_error="pass"), rule("person", "handoff", reply="wait")],
    )
    async with people(tmp_path) as desk:
        seen, gate, _ = await ask(desk_plan(failing), "13812345678转人工", desk)
        await desk.until(told(seen, gate), "sent")
        assert (desk.told[0]["question"], desk.told[0]["question_form"]) == (None, "withheld")
        assert b"138" not in desk.requests[0].body


async def test_a_policy_may_withhold_every_question(tmp_path: Path) -> None:
    async with people(tmp_path) as desk:
        seen, gate, _ = await ask(desk_plan(handoff=HandoffPlan("withheld")), "13812345678转人工", desk)
        await desk.until(told(seen, gate), "sent")
        assert desk.told[0]["question"] is None


async def test_raw_words_wait_sealed(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk:
        seen, gate, _ = await ask(
            desk_plan(handoff=HandoffPlan("raw")),
            "13812345678转人工",
            desk,
            seal=lambda text, id: f"sealed:{len(text)}",
        )
        found = await desk.outbox.find(told(seen, gate))
        assert found is not None
        assert (found.ticket.form, found.ticket.question) == ("raw", "sealed:14")


async def test_a_dry_run_hands_nothing_over(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk:
        seen, gate, _ = await ask(desk_plan(), "转人工", desk, headers={"x_sluice_dry_run": "yes"})
        assert (seen.json["action"], seen.json["reply"]) == ("handoff", "handoff")
        assert gate.records.records[0].ticket is None
        assert desk.kept.latest(9) == []


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_a_rule_hands_over_has_one_ticket_for_all_its_choices(
    tmp_path: Path, *, stream: bool
) -> None:
    response = side({"doubt": pattern("doubt", "保证收益")}, [rule("doubt", "handoff", reply="wait")])
    answer = whole(chat_json("我们保证收益", n=2)) if not stream else Answer(chat_sse(["我们保证收益"]))
    answer = replace(answer, headers={"content-type": "text/event-stream"}) if stream else answer
    async with people(tmp_path) as desk:
        seen, gate, asked = await ask(
            desk_plan(response=response), "收益13812345678", desk, answer, stream=stream, n=1 if stream else 2
        )
        assert asked == 1
        record = gate.records.records[0]
        ticket = record.ticket
        assert ticket
        assert (record.reply, record.response.action) == ("handoff", "handoff")
        for choice in range(1 if stream else 2):
            assert f"工单号 {ticket}" in seen.text(choice)
        assert any(one.get("handoff", {}).get("ticket") == ticket for one in (seen.chunks if stream else [seen.json]))
        await desk.until(ticket, "sent")
        assert [one["question"] for one in desk.told] == ["收益***********"]
        assert len(desk.kept.latest(9)) == 1


@pytest.mark.parametrize(
    ("then", "out", "why"),
    [("refuse", "", "refuse-x"), ("mask", "编号**", ""), ("label", "编号内部", ""), ("handoff", "", "handoff-x")],
)
async def test_what_a_person_answers_is_judged_like_what_a_model_says(then: Action, out: str, why: str) -> None:
    more = {"notice": Words("注意", "note")} if then == "label" else {}
    response = side({"x": pattern("x", "内部")}, [rule("x", then, **more)])
    ticket = Ticket("T", "E", 0, "", "", "p", "d", "r", "", "", "zh", "masked", "问")
    assert await passed("编号内部", ticket, desk_plan(response=response)) == (out, why)
    assert await passed("没有别的", ticket, desk_plan(response=response)) == ("没有别的", "")


async def test_a_person_s_answer_that_cannot_be_judged_does_not_leave() -> None:
    ticket = Ticket("T", "E", 0, "", "", "p", "d", "r", "", "", "zh", "masked", "问")
    broken = desk_plan(response=side({"x": raising}, [rule("x", "refuse")]))
    assert await passed("好的", ticket, broken) == ("", "unjudged")
