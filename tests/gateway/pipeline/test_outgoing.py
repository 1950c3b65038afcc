"""Status, headers, errors and proper ends."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kit.path import Collected, counting, question
from kit.plans import pattern, plan, rule, side

from gateway.errors import UpstreamRefused
from gateway.exchange import ANYONE, Exchange
from gateway.labels.metadata import AigcLabel
from gateway.pipeline.guard import Guard
from gateway.pipeline.outgoing import Outgoing
from gateway.pipeline.trace import Trace
from gateway.verdict import Hit, Verdict
from gateway.wire.chat import Chat


def outgoing(**more: Any) -> tuple[Outgoing, Collected, Trace]:
    trace = Trace("01JZ", "chat", ANYONE, plan(), 0.0, 0.0, **more)
    outlet = Collected()
    return Outgoing(trace, Chat(), outlet, counting()), outlet, trace


async def test_the_headers_tell_id_policy_verdict_what_was_not_judged_label_and_time() -> None:
    out, outlet, trace = outgoing(label="text-end+metadata", waited=0.0)
    asked = Verdict("mask", errors=("x: ValueError",), unjudged=("messages[0].content[1]",))
    trace.exchange = Exchange("01JZ", 0.0, "", "", ANYONE, question("你好"), request=asked)
    trace.guard = Guard(side({"d": pattern("d", "毒")}, [rule("d", "refuse")], unjudged="refuse"))
    trace.guard.unread(["choices[0].message.audio"])
    await out.start(200, "application/json", {"x-more": "1"})
    assert outlet.headers == {
        "x-sluice-request-id": "01JZ",
        "x-sluice-policy": "kit@000000000000",
        "x-sluice-verdict": "refuse",
        "x-sluice-unjudged": "3",
        "x-sluice-label": "text-end+metadata",
        "x-sluice-overhead-ms": "0.00",
        "x-more": "1",
    }
    assert (outlet.status, trace.status, out.started) == (200, 200, True)


async def test_the_metadata_label_of_an_answer_is_in_a_header_and_in_none_of_an_error() -> None:
    label = AigcLabel.of("sluice-test", "01JZ")
    out, outlet, _ = outgoing(label="metadata", aigc=label)
    await out.start(200, "text/event-stream")
    assert orjson.loads(outlet.headers["x-sluice-aigc"]) == label.elements()
    out, outlet, trace = outgoing(label="metadata", aigc=label)
    await out.error(502, "upstream_broke", "It broke.")
    assert "x-sluice-aigc" not in outlet.headers
    assert trace.aigc is None


async def test_before_anything_was_judged_the_verdict_is_pass() -> None:
    out, outlet, _ = outgoing()
    await out.start(200, "application/json")
    assert (outlet.headers["x-sluice-verdict"], outlet.headers["x-sluice-unjudged"]) == ("pass", "0")


async def test_waiting_for_the_client_is_not_our_time_also_when_it_leaves() -> None:
    out, _, trace = outgoing()
    await out.start(200, "text/event-stream")
    await out.write(b"x")
    assert trace.waited == 0.25

    class Left(Collected):
        async def write(self, piece: bytes) -> None:
            raise ConnectionResetError

    trace = Trace("01JZ", "chat", ANYONE, plan(), 0.0, 0.0)
    out = Outgoing(trace, Chat(), Left(), counting())
    with pytest.raises(ConnectionResetError):
        await out.write(b"x")
    assert trace.waited == 0.25


async def test_an_error_is_in_the_clients_envelope_and_never_labelled() -> None:
    out, outlet, trace = outgoing(label="text-end")
    await out.error(404, "model_not_found", "There is no such model.", param="model")
    assert outlet.seen.json == {
        "error": {
            "message": "There is no such model.",
            "type": "not_found_error",
            "param": "model",
            "code": "model_not_found",
        },
        "sluice": {"request_id": "01JZ"},
    }
    assert (outlet.status, outlet.finished, trace.label) == (404, 1, "none")
    assert "retry-after" not in outlet.headers
    assert outlet.headers["x-sluice-label"] == "none"


async def test_who_is_to_come_again_is_told_when() -> None:
    out, outlet, _ = outgoing()
    await out.error(503, "record_unavailable", "Not now.")
    assert outlet.headers["retry-after"] == "5"


async def test_a_block_tells_rule_risk_and_policy_but_no_words() -> None:
    out, outlet, _ = outgoing()
    hits = (
        Hit("mask-number", "mask", "number", 1.0, "n", "messages[0].content", 0, 6),
        Hit("refuse-drug", "refuse", "drug", 1.0, "d", "messages[0].content", 7, 9),
    )
    await out.blocked("request", Verdict("refuse", hits, rule="refuse-drug"))
    assert outlet.status == 400
    assert outlet.seen.json["error"]["code"] == "content_filter"
    assert outlet.seen.json["sluice"] == {
        "request_id": "01JZ",
        "stage": "request",
        "rule": "refuse-drug",
        "risk": "drug",
        "policy": "kit",
        "digest": "0" * 64,
    }


async def test_what_broke_before_anything_was_sent_is_an_error_and_after_that_an_end() -> None:
    out, outlet, _ = outgoing()
    await out.broke(502, "upstream_broke", "It broke.", None)
    assert (outlet.status, outlet.seen.json["error"]["code"], outlet.finished) == (502, "upstream_broke", 1)

    out, outlet, _ = outgoing()
    codec = Chat().codec(question("你好", stream=True), stream=True, upstream="up")
    await out.start(200, codec.content_type)
    await out.write(b"data: {}\n\n")
    await out.broke(502, "upstream_broke", "It broke.", codec)
    assert outlet.body.endswith(b"data: [DONE]\n\n")
    assert outlet.seen.chunks[-1]["error"]["code"] == "upstream_broke"
    assert (outlet.status, outlet.finished) == (200, 1)


async def test_after_the_end_nothing_follows() -> None:
    out, outlet, _ = outgoing()
    codec = Chat().codec(question("你好"), stream=False, upstream="up")
    await out.whole(b"{}", "application/json")
    await out.broke(500, "internal_error", "It broke.", codec)
    assert (outlet.body, outlet.finished) == (b"{}", 1)


def refused(status: int = 429, body: bytes = b'{"error":{"message":"slow down"}}') -> UpstreamRefused:
    return UpstreamRefused("The upstream up refused.", upstream="up", status=status, body=body, retry_after="7")


async def test_an_upstreams_refusal_is_passed_on_as_it_is() -> None:
    out, outlet, _ = outgoing()
    await out.refused(refused(), None)
    assert (outlet.status, outlet.body, outlet.headers["retry-after"]) == (429, refused().body, "7")
    assert outlet.content_type == "application/json"


async def test_a_refusal_that_is_no_json_becomes_an_error_of_ours() -> None:
    out, outlet, _ = outgoing()
    await out.refused(refused(body=b"<html>slow down</html>"), None)
    assert (outlet.status, outlet.seen.json["error"]["code"]) == (429, "upstream_refused")
    assert outlet.headers["retry-after"] == "7"
    assert b"slow" not in outlet.body


async def test_a_refusal_in_mid_answer_ends_it() -> None:
    out, outlet, _ = outgoing()
    codec = Chat().codec(question("你好", stream=True), stream=True, upstream="up")
    await out.start(200, codec.content_type)
    await out.refused(refused(), codec)
    assert outlet.body.endswith(b"data: [DONE]\n\n")
    assert b"slow" not in outlet.body
