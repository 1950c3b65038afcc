"""What must be answered gets its approved words without the model, beats a refusal, and is declared and recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kit.asking import Seen, post
from kit.gateway import Running, parts, serving
from kit.plans import LABEL, pattern, plan, rule, side
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway.answers.standards import standards
from gateway.policy.plan import AnswersPlan, LabelPlan, Plan, RecordPlan, Words
from gateway.ports import Standing
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.telemetry import names

BANK = """id,question,answer,answer_en,handoff
refund,怎么申请退款,点订单，再点退款。,,
exchange,怎么申请换货,点订单，再点换货。,,
pin,how do i change my pin,,Open settings.,
complaint,我要投诉你们的员工,,,desk
""".replace("点订单，再点退款。", "点订单、再点退款。")


def find(bank: str = BANK) -> Any:
    return standards(["a.csv"], lambda _: bank.encode()).find


def with_answers(policy: Plan | None = None, **more: Any) -> Plan:
    wanted = AnswersPlan(find(), "refuse", waiting=Words("请稍候，已转人工。", "A person will answer."))
    return replace(policy or plan(label=LabelPlan("end", LABEL)), answers=replace(wanted, **more))


async def ask(policy: Plan, *texts: str, stream: bool = False) -> tuple[Seen, int, Running]:
    """Ask through a running gateway; return what came, how often the model was asked, and the gateway."""
    async with ScriptedUpstream(whole(chat_json("模型说的"))) as upstream:
        async with serving(parts(policy, {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
            turns: list[dict[str, str]] = []
            for text in texts[:-1]:
                turns += [{"role": "user", "content": text}, {"role": "assistant", "content": "好的"}]
            turns.append({"role": "user", "content": texts[-1]})
            seen = await post(gate.url, {"model": "up", "messages": turns, "stream": stream})
            await gate.recorded(1)
            return seen, len(upstream.requests), gate


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("question", "answer", "name"),
    [
        ("请问如何申请退款？", "点订单、再点退款。", "refund@1"),
        ("How do I change my PIN?", "Open settings.", "pin@1"),
    ],
)
async def test_a_standard_answer_is_given_without_the_model(
    question: str, answer: str, name: str, *, stream: bool
) -> None:
    seen, asked, gate = await ask(with_answers(), question, stream=stream)
    assert asked == 0
    assert seen.text().startswith(answer)
    assert seen.text() != answer  # the label follows, like after any other answer
    assert seen.reason() == "stop"
    record = gate.records.records[0]
    assert (record.outcome, record.reply, record.reply_name) == ("replied", "standard", name)
    assert (record.request.action, record.request.rule) == ("answer", "answers")
    assert question not in repr(record)


async def test_other_questions_go_to_the_model() -> None:
    seen, asked, gate = await ask(with_answers(), "今天天气怎么样")
    assert (asked, seen.text().startswith("模型说的")) == (1, True)
    assert gate.records.records[0].reply is None


async def test_a_follow_up_is_answered_with_the_turn_before() -> None:
    seen, asked, _ = await ask(with_answers(), "怎么申请退款", "那换货呢？")
    assert asked == 0 or "换货" in seen.text()


RISKY = plan(side({"x": pattern("x", "退款")}, [rule("x", "refuse")]))
PERSON = plan(
    side({"x": pattern("x", "退款")}, [rule("x", "handoff", reply="person")]),
    replies={"person": Words("找人", "person")},
)


async def test_an_approved_answer_beats_a_refusal_and_a_person_beats_both() -> None:
    seen, asked, gate = await ask(with_answers(RISKY), "怎么申请退款")
    assert (asked, seen.text()) == (0, "点订单、再点退款。")
    assert [hit.rule for hit in gate.records.records[0].request.hits] == ["refuse-x", "answers"]
    seen, asked, gate = await ask(with_answers(PERSON), "怎么申请退款")
    assert (asked, seen.text(), gate.records.records[0].reply) == (0, "找人", "handoff")


ASK = Words("您是想问：{questions}？", "Did you mean: {questions}?")


async def test_where_it_is_not_sure_it_asks_back_but_never_instead_of_a_refusal() -> None:
    question = "退款怎么弄啊我不太会用"
    standing = await find()(question, (), "", "2026-11-26")
    assert standing.decision == "ask", standing
    seen, asked, gate = await ask(with_answers(ask=ASK), question)
    assert asked == 0
    assert seen.text().startswith("您是想问：怎么申请退款 / ")
    assert gate.records.records[0].reply_name == "ask-back:refund@1"
    seen, asked, gate = await ask(with_answers(RISKY, ask=ASK), question)
    assert gate.records.records[0].request.action == "refuse"
    seen, asked, _ = await ask(with_answers(), question)
    assert asked == 1  # without words to ask back with, the model answers


async def test_an_entry_may_hand_over_to_a_person() -> None:
    seen, asked, gate = await ask(with_answers(), "我要投诉你们的员工")
    assert asked == 0
    assert seen.text().startswith("请稍候，已转人工。")
    assert (gate.records.records[0].reply, gate.records.records[0].request.action) == ("handoff", "handoff")


def broken(*_: Any) -> Any:
    raise RuntimeError("the question stands here")


@pytest.mark.parametrize(("on_error", "asked", "action"), [("refuse", 0, "refuse"), ("pass", 1, "pass")])
async def test_that_no_answer_can_be_looked_for_is_never_silent(on_error: Any, asked: int, action: str) -> None:
    _, times, gate = await ask(with_answers(find=broken, on_error=on_error), "怎么申请退款")
    assert times == asked
    record = gate.records.records[0]
    assert record.request.errors == ("answers: RuntimeError",)
    assert record.request.action == action


async def test_where_a_model_could_not_say_what_is_meant_the_record_and_the_header_say_so() -> None:
    for decision, replied in (("answer", True), ("pass", False)):

        async def find(*_: object, decision: Any = decision) -> Standing:
            return Standing(decision, "refund@1", 0.95, "点订单。", fault="EndpointError")

        kept = replace(plan(), record=RecordPlan(text="masked"))
        seen, asked, gate = await ask(with_answers(kept, find=find), "退款怎么弄")
        record = gate.records.records[0]
        assert record.request_text == "user: 退款怎么弄"  # all detectors have judged it
        assert record.request.errors == ("answers: EndpointError",)
        assert seen.headers["x-sluice-unjudged"] == "1"
        assert (asked == 0, record.request.action == "answer") == (replied, replied)
        assert gate.metrics.value(names.DETECTOR_ERRORS, side="request", detector="answers") == 1
