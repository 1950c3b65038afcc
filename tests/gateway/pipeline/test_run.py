"""The path from the bytes that came to the record that stays, whatever happens on the way."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from typing import Any

import anyio
import orjson
import pytest
from kit.asking import chat
from kit.garbage import left_behind
from kit.path import EVENTS, Collected, Said, ask, assistant, counting, ports
from kit.plans import LABEL, SAFE, WITHHELD, pattern, plan, raising, rule, side
from kit.upstream import chat_json, chat_sse

from gateway.errors import (
    RequestError,
    UpstreamBroke,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from gateway.exchange import ANYONE, Agreement, Caller
from gateway.pipeline.run import Gone, Path
from gateway.policy.plan import LabelPlan, Plan, RecordPlan, Words
from gateway.stores.memory import MemoryRecords
from gateway.telemetry import names
from gateway.wire.images import Images

DRUG = pattern("drug", "毒品")
NUMBER = pattern("number", r"(?<![0-9])[0-9]{6}(?![0-9])")
SIDE = side({"drug": DRUG, "number": NUMBER}, [rule("drug", "refuse"), rule("number", "mask")])
ASKED = chat("你好", model="up")
BROKE = UpstreamBroke("The upstream up broke off.", upstream="up")
REFUSED = UpstreamRefused("The upstream up refused.", upstream="up", status=429, body=b'{"error":{}}')


def said(text: str) -> Said:
    return Said(chat_json(text))


@pytest.mark.parametrize(
    ("policy", "body", "provider", "status", "outcome", "error"),
    [
        (plan(), ASKED, said("好"), 200, "answered", None),
        (plan(SIDE), chat("毒品", model="up"), said("好"), 200, "replied", None),
        (plan(SIDE, block="error"), chat("毒品", model="up"), said("好"), 400, "replied", None),
        (plan(response=SIDE), ASKED, said("毒品"), 200, "stopped", None),
        (plan(response=SIDE, block="error"), ASKED, said("毒品"), 400, "stopped", None),
        (plan(), b"{", said("好"), 400, "rejected", "invalid_json"),
        (plan(), chat("你好", model="nobody"), said("好"), 404, "rejected", "model_not_found"),
        (
            plan(),
            RequestError("Too large.", status=413, code="body_too_large"),
            said(""),
            413,
            "rejected",
            "body_too_large",
        ),
        (plan(), ASKED, Said(refuses=REFUSED), 429, "upstream_error", "upstream_refused:429"),
        (
            plan(),
            ASKED,
            Said(refuses=UpstreamUnreachable("No way.", upstream="up")),
            502,
            "upstream_error",
            "upstream_unreachable",
        ),
        (plan(), ASKED, Said(UpstreamTimeout("Late.", upstream="up")), 504, "upstream_error", "upstream_timeout"),
        (plan(), ASKED, Said(b"no json"), 502, "upstream_error", "upstream_broke"),
        (plan(), ASKED, Said(b"{}"), 502, "upstream_error", "upstream_broke"),
        (plan(), ASKED, Said(refuses=ValueError("毒品")), 500, "error", "internal:ValueError"),
        (plan(), ASKED, Said(KeyError("毒品")), 500, "error", "internal:KeyError"),
    ],
)
async def test_every_way_to_end_has_its_status_and_its_record(
    policy: Any, body: Any, provider: Said, status: int, outcome: str, error: str | None
) -> None:
    got = await ask(policy, body, provider)
    assert (got.outlet.status, got.record.status) == (status, status)
    assert (got.record.outcome, got.record.error) == (outcome, error)
    assert got.outlet.finished == 1
    assert got.metrics.value(names.EXCHANGES, outcome=outcome, policy="kit") == 1
    assert provider.closed == len(provider.calls) - (status in (429, 502, 500) and provider._refuses is not None)


async def test_a_fault_of_ours_is_told_by_type_and_place_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    got = await ask(plan(), ASKED, Said(KeyError("毒品")))
    assert f"exchange {got.record.id} failed with KeyError at " in caplog.text
    assert "path.py:" in caplog.text
    assert "毒品" not in caplog.text + got.outlet.body.decode()
    assert got.record.id in got.seen.json["error"]["message"]


async def test_the_model_gets_its_own_name_and_what_a_rule_rewrote_and_nothing_else_changes() -> None:
    provider = said("好")
    body = {**chat("毒品", assistant("好"), "号码123456", model="up"), "temperature": 1.0, "x_own": {"a": [1]}}
    await ask(plan(SIDE), body, provider)
    (call,) = provider.calls
    sent = Collected(pieces=[call.body]).seen.json
    assert sent["messages"][0]["content"] == WITHHELD.zh
    assert sent["messages"][2]["content"] == "号码******"
    assert {key: sent[key] for key in ("model", "temperature", "x_own")} == {
        "model": "upstream-model",
        "temperature": 1.0,
        "x_own": {"a": [1]},
    }
    assert (call.path, call.model, call.stream) == ("/chat/completions", "upstream-model", False)


async def test_a_refused_question_never_reaches_the_model() -> None:
    provider = said("好")
    await ask(plan(SIDE), chat("毒品", model="up"), provider)
    assert provider.calls == []


async def test_an_unknown_model_is_told_before_anything_is_judged() -> None:
    looked: list[str] = []

    def looking(view: Any) -> Any:
        looked.append(view.text)
        return DRUG(view)

    await ask(plan(side({"drug": looking}, [rule("drug", "refuse")])), chat("毒品", model="nobody"))
    assert looked == []


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("then", "reason"), [("refuse", "content_filter"), ("answer", "stop"), ("handoff", "stop")])
async def test_a_reply_is_an_ordinary_answer_labelled_and_streamed_as_asked(
    stream: bool, then: str, reason: str
) -> None:
    own = Words("标准答案。", "A standard answer.")
    policy = plan(
        side({"drug": DRUG}, [rule("drug", then, reply="own")]),
        replies={"own": own},
        label=LabelPlan("end", LABEL, metadata=True),
    )
    got = await ask(policy, chat("毒品", model="up", stream=stream))
    assert got.seen.text() == f"{own.zh}\n\n{LABEL.zh}"
    assert got.seen.reason() == reason
    assert b'"aigc"' in got.outlet.body
    assert got.outlet.content_type.startswith(EVENTS if stream else "application/json")
    assert got.outlet.headers["x-sluice-label"] == got.record.label == "text-end+metadata"
    assert orjson.loads(got.outlet.headers["x-sluice-aigc"])["ProduceID"] == got.record.id


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("metadata", [True, False])
async def test_the_header_of_an_answer_holds_the_same_label_as_its_field(stream: bool, metadata: bool) -> None:
    policy = plan(label=LabelPlan("end", LABEL, metadata=metadata))
    upstream = Said(*chat_sse("好"), content_type=EVENTS) if stream else said("好")
    got = await ask(policy, chat("你好", model="up", stream=stream), upstream)
    if not metadata:
        assert "x-sluice-aigc" not in got.outlet.headers
        assert b"aigc" not in got.outlet.body
        return
    fields = [chunk["aigc"] for chunk in (got.seen.chunks if stream else [got.seen.json]) if "aigc" in chunk]
    assert [orjson.loads(got.outlet.headers["x-sluice-aigc"])] == fields


async def test_a_refusal_as_an_error_is_neither_labelled_nor_said() -> None:
    policy = plan(SIDE, block="error", label=LabelPlan("end", LABEL, metadata=True))
    got = await ask(policy, chat("毒品", model="up"))
    assert (got.outlet.status, got.record.label) == (400, "none")
    assert SAFE.zh not in got.outlet.body.decode()
    assert got.seen.json["sluice"]["stage"] == "request"


@pytest.mark.parametrize("then", ["refuse", "answer", "handoff"])
async def test_where_no_words_can_be_said_every_reply_is_an_error(then: str) -> None:
    policy = plan(
        side({"drug": DRUG}, [rule("drug", then, reply="safe")]), label=LabelPlan("end", LABEL, metadata=True)
    )
    provider, where = said("好"), Collected()
    raw = orjson.dumps({"model": "up", "prompt": "毒品"})
    await Path(Images(), "/images/generations", ports(provider)).run(raw, ANYONE, policy, where, Gone())
    assert (where.status, where.seen.json["error"]["code"]) == (400, "content_filter")
    assert provider.calls == []


@pytest.mark.parametrize("then", ["answer", "handoff"])
async def test_what_is_no_refusal_is_no_error_under_any_policy(then: str) -> None:
    policy = plan(side({"drug": DRUG}, [rule("drug", then, reply="safe")]), block="error")
    got = await ask(policy, chat("毒品", model="up"))
    assert (got.outlet.status, got.seen.text()) == (200, SAFE.zh)


async def test_an_upstream_that_sends_one_body_for_a_stream_is_streamed() -> None:
    got = await ask(plan(response=SIDE), chat("你好", model="up", stream=True), said("号码123456"))
    assert got.seen.text() == "号码******"
    assert got.outlet.content_type.startswith(EVENTS)


class TestTheRecord:
    """Is written whatever happens (law 5)."""

    async def test_without_room_the_policy_decides(self) -> None:
        for on_failure, status, code in (("refuse", 503, "record_unavailable"), ("pass", 200, None)):
            records = MemoryRecords(capacity=0)
            policy = plan(record=RecordPlan(on_failure=on_failure))  # type: ignore[arg-type]
            got = await ask(policy, ASKED, given=ports(said("好"), records=records))
            assert got.outlet.status == status
            assert records.records == []
            assert got.metrics.value(names.RECORDS_REFUSED) == 1
            if code:
                assert got.seen.json["error"]["code"] == code
                assert got.outlet.headers["retry-after"] == "5"

    async def test_a_process_that_is_told_to_stop_leaves_one(self) -> None:
        await self._cancelled(Gone(), "cancelled")

    async def test_a_client_that_leaves_leaves_one(self) -> None:
        gone = Gone()
        gone.leave()
        await self._cancelled(gone, "client_gone")

    @staticmethod
    async def _cancelled(gone: Gone, outcome: str) -> None:
        begun = anyio.Event()

        class Waiting(Said):
            async def chunks(self) -> Any:
                yield chat_sse(["好"])[0]
                begun.set()
                await anyio.sleep_forever()

        records = MemoryRecords(delay=0.01)
        provider = Waiting(content_type=EVENTS)
        async with anyio.create_task_group() as group:

            async def run() -> None:
                await ask(
                    plan(), chat("你好", model="up", stream=True), given=ports(provider, records=records), gone=gone
                )

            group.start_soon(run)
            await begun.wait()
            group.cancel_scope.cancel()
        (record,) = records.records
        assert (record.outcome, record.client_gone) == (outcome, gone.left)
        assert provider.closed == 1

    async def test_a_client_that_is_gone_before_its_request_is_read_gets_no_answer(self) -> None:
        gone = Gone()
        gone.leave()
        got = await ask(plan(), RequestError("Gone.", code="client_left"), gone=gone)
        assert (got.outlet.status, got.record.outcome, got.record.error) == (0, "client_gone", "client_left")

    async def test_an_outlet_that_breaks_leaves_one(self) -> None:
        class Broken(Collected):
            async def write(self, piece: bytes) -> None:
                raise RuntimeError

        records = MemoryRecords()
        with pytest.raises(RuntimeError):
            await ask(plan(), ASKED, given=ports(said("好"), records=records), outlet=Broken())
        assert [record.outcome for record in records.records] == ["error"]


def test_who_leaves_after_the_last_byte_leaves_in_peace() -> None:
    gone = Gone()
    gone.served = True
    assert gone.leave() is False
    assert gone.left is False
    other = Gone()
    assert other.leave() is True
    assert other.left is True


async def test_what_happened_is_counted_by_ids_only() -> None:
    broken = side({"x": raising, "number": NUMBER}, [rule("x", "mask", on_error="pass"), rule("number", "mask")])
    body = chat(
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}, "你好", model="up"
    )
    got = await ask(plan(response=replace(broken)), body, said("号码123456"))
    metrics = got.metrics
    assert metrics.value(names.ACTIONS, side="response", action="mask", rule="mask-number") == 1
    assert metrics.value(names.ACTIONS, side="request") == 0
    assert metrics.value(names.DETECTOR_ERRORS, side="response", detector="x") == 1
    assert metrics.value(names.UNJUDGED, side="request") == 1
    assert metrics.histogram(names.TOKEN_USAGE, type="input").total == 7
    assert metrics.histogram(names.TOKEN_USAGE, type="output").total == 5
    assert metrics.histogram(names.OVERHEAD).count == 1
    assert metrics.histogram(names.OPERATION_DURATION).count == 1


async def test_waiting_for_a_connection_that_fails_is_not_our_time() -> None:
    clock = counting()

    class Far(Said):
        async def open(self, call: Any) -> Any:
            for _ in range(1000):
                clock()
            raise UpstreamUnreachable("No way.", upstream="up")

    got = await ask(plan(), ASKED, given=ports(Far(), ticker=clock))
    assert got.record.overhead_ms < 20_000
    assert got.record.stages["upstream"] > 200_000


async def test_a_stream_that_breaks_has_its_usage_and_its_reply_in_the_record() -> None:
    provider = Said(*chat_sse(["你好"])[:2], BROKE, content_type=EVENTS)
    got = await ask(plan(response=SIDE), chat("你好", model="up", stream=True), provider)
    assert got.record.usage is not None
    assert got.record.usage.estimated
    stopped = Said(*chat_sse(["毒品。"])[:2], content_type=EVENTS)
    got = await ask(plan(response=SIDE), chat("你好", model="up", stream=True), stopped)
    assert (got.record.outcome, got.record.reply) == ("stopped", "safe")


async def test_what_leaves_unlabelled_is_recorded_with_its_digest_and_without_a_record_it_does_not_leave() -> None:
    policy = plan(label=LabelPlan("end", LABEL), record=RecordPlan(on_failure="pass"))
    caller = Caller(key="1a2b3c4d", unlabelled=Agreement("A-1", "2026-10-01"))
    got = await ask(policy, ASKED, Said(chat_json("世界你好")), caller=caller)
    assert got.seen.text() == "世界你好"
    assert got.seen.headers["x-sluice-label"] == "unlabelled"
    kept = got.record.unlabelled
    assert kept is not None
    assert (kept.agreement.id, kept.contents) == ("A-1", (hashlib.sha256("世界你好".encode()).hexdigest(),))
    assert (got.record.key, got.record.label) == ("1a2b3c4d", "unlabelled")
    full = ports(Said(chat_json("世界你好")), records=MemoryRecords(capacity=0))
    refused = await ask(policy, ASKED, given=full, caller=caller)
    assert refused.seen.status == 503
    labelled = await ask(policy, ASKED, given=ports(Said(chat_json("世界你好")), records=MemoryRecords(capacity=0)))
    assert labelled.seen.text() == f"世界你好\n\n{LABEL.zh}"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "policy",
    [plan(), plan(response=SIDE), plan(response=SIDE, label=LabelPlan("end", LABEL, metadata=True))],
    ids=["nothing", "guarded", "labelled"],
)
async def test_an_exchange_leaves_nothing_for_the_collector(policy: Plan, stream: bool) -> None:
    provider = Said(*chat_sse(["好", "的。", "再见"]), content_type=EVENTS) if stream else said("好的。再见")
    with left_behind() as left:
        got = await ask(policy, chat("你好", model="up", stream=stream), provider)
        assert got.record.outcome == "answered"
        provider.calls.clear()  # a test's provider keeps what it was asked, and so who asked
        del got
    assert left == set()
