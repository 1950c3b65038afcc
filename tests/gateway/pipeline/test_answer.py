"""One answer as a flow: frames in, through guard and declare, bytes out in their place."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import orjson
import pytest
from kit.asking import Seen
from kit.path import question
from kit.plans import LABEL, SAFE, pattern, plan, raising, rule, side, whole
from kit.upstream import chat_json, chat_sse

from gateway.exchange import ANYONE, Exchange, Question, Usage
from gateway.pipeline.answer import AnswerFlow
from gateway.pipeline.declare import Declare
from gateway.pipeline.guard import Guard
from gateway.policy.plan import LabelPlan, Plan, SidePlan, Words
from gateway.ports import AnswerCodec
from gateway.wire.chat import Chat

DRUG = pattern("drug", "毒品|drug deal")
NUMBER = pattern("number", r"(?<![0-9])[0-9]{6}(?![0-9])")
SIDE = side({"drug": DRUG, "number": NUMBER}, [rule("drug", "refuse"), rule("number", "mask")])
NOTICE = Words("（请审慎参考）", "(take care)")
LABELLED = LabelPlan("end", LABEL, metadata=True)


def flow_of(policy: Plan, asked: Question, notices: tuple[str, ...] = ()) -> tuple[AnswerFlow, AnswerCodec]:
    exchange = Exchange("01JZ", 0.0, policy.digest, policy.name, ANYONE, asked, notices=notices)
    codec = Chat().codec(asked, stream=asked.stream, upstream="up")
    guard = Guard(policy.response, asked.asked, whole=not asked.stream)
    return AnswerFlow(codec, guard, Declare(policy, exchange, "ACME"), policy, exchange), codec


async def pump(flow: AnswerFlow, codec: AnswerCodec, chunks: Iterable[bytes]) -> list[bytes]:
    """Send the chunks through until the flow is done, as the relay does."""
    out = []
    for frames in itertools.chain(map(codec.feed, chunks), [None]):
        for frame in codec.finish() if frames is None else frames:
            out.append(await flow.take(frame))
            if flow.done:
                return [*out, codec.end(flow.counted())]
    return out


async def answered(
    policy: Plan, chunks: Iterable[bytes], *, stream: bool = True, asked: str = "你好", **more: Any
) -> tuple[Seen, AnswerFlow]:
    flow, codec = flow_of(policy, question(asked, stream=stream, **more))
    body = b"".join(await pump(flow, codec, chunks))
    return Seen(200, {"content-type": codec.content_type}, body), flow


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_in_which_nothing_changes_leaves_byte_for_byte(stream: bool) -> None:
    chunks = chat_sse(["你", "好 123"]) if stream else [chat_json("你好 123")]
    seen, flow = await answered(plan(response=SIDE), chunks, stream=stream)
    if stream:
        assert seen.text() == "你好 123"
        assert seen.body.endswith(chunks[-1])
    else:
        assert seen.body == chunks[0]
    assert (flow.stopped, flow.reply) == (False, None)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_stopped_answer_ends_with_the_reply_and_is_read_no_further(stream: bool) -> None:
    chunks = chat_sse(["先说，", "买毒", "品", "后来"]) if stream else [chat_json("先说，买毒品后来")]
    seen, flow = await answered(plan(response=SIDE), chunks, stream=stream)
    assert seen.text() == (f"先说，买\n\n{SAFE.zh}" if stream else SAFE.zh)
    assert seen.reason() == "content_filter"
    assert (flow.stopped, flow.done) == (True, True)
    assert flow.reply is not None
    assert (flow.reply.kind, flow.reply.rule) == ("safe", "refuse-drug")
    if stream:
        assert seen.body.endswith(b"data: [DONE]\n\n")


async def test_without_a_word_before_it_the_reply_has_no_gap() -> None:
    seen, _ = await answered(plan(response=SIDE), chat_sse(["毒品"]))
    assert seen.text() == SAFE.zh


@pytest.mark.parametrize(("then", "reason"), [("answer", "stop"), ("handoff", "stop"), ("refuse", "content_filter")])
async def test_the_finish_reason_says_what_kind_of_reply_it_is(then: str, reason: str) -> None:
    own = Words("这是标准答案。", "A standard answer.")
    policy = plan(response=side({"drug": DRUG}, [rule("drug", then, reply="own")]), replies={"own": own})
    for stream, chunks in ((True, chat_sse(["毒品"])), (False, [chat_json("毒品")])):
        seen, _ = await answered(policy, chunks, stream=stream)
        assert (seen.text(), seen.reason()) == (own.zh, reason)


async def test_of_several_choices_each_ends_for_itself() -> None:
    one, two = chat_sse(["好的", "。"], n=2), chat_sse(["毒品", "。"], n=2)
    first = [chunk for chunk in one if b'"index":0' in chunk]
    second = [chunk for chunk in two if b'"index":1' in chunk]
    mixed = [piece for pair in zip(first, second, strict=True) for piece in pair]
    seen, flow = await answered(plan(response=SIDE), [*mixed, one[-1]], n=2)
    assert (seen.text(0), seen.reason(0)) == ("好的。", "stop")
    assert (seen.text(1), seen.reason(1)) == (SAFE.zh, "content_filter")
    assert not flow.done


async def test_a_stream_is_done_when_every_choice_is_stopped() -> None:
    chunks = chat_sse(["毒品", "更多"], n=2)
    seen, flow = await answered(plan(response=SIDE), chunks, n=2)
    assert flow.done
    assert [seen.reason(choice) for choice in range(2)] == ["content_filter"] * 2
    assert "更多" not in seen.text(0) + seen.text(1)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_failed_detector_stops_every_choice_with_the_safe_reply(stream: bool) -> None:
    broken = plan(response=side({"x": raising}, [rule("x", "mask")]))
    chunks = chat_sse(["一", "二"], n=3) if stream else [chat_json("一二", n=3)]
    seen, _ = await answered(broken, chunks, stream=stream, n=3)
    assert [seen.text(choice) for choice in range(3)] == [SAFE.zh] * 3
    assert [seen.reason(choice) for choice in range(3)] == ["content_filter"] * 3


class TestPartsThatNobodyCanRead:
    REFUSING = plan(response=SidePlan(unjudged="refuse"))
    SOUND: ClassVar = {"id": "a", "data": "SOUND"}

    @pytest.mark.parametrize("content", [None, "好"])
    @pytest.mark.parametrize("finish", ["stop", None])
    async def test_a_sound_alone_is_refused_too(self, content: str | None, finish: str | None) -> None:
        body = orjson.loads(chat_json(content, finish=finish))
        body["choices"][0]["message"]["audio"] = self.SOUND
        seen, flow = await answered(self.REFUSING, [orjson.dumps(body)], stream=False)
        assert b"SOUND" not in seen.body
        assert (seen.text(), seen.reason()) == (SAFE.zh, "content_filter")
        assert flow.guard.verdict().rule == "unjudged"

    async def test_in_a_stream_too_and_each_choice_hears_it_once(self) -> None:
        chunks = [orjson.loads(chunk[6:]) for chunk in chat_sse(["好"], n=2) if b"DONE" not in chunk]
        chunks[0]["choices"][0]["delta"] = {"audio": self.SOUND}
        chunks[1]["choices"][0]["delta"] = {"audio": self.SOUND}
        events = [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks]
        seen, flow = await answered(self.REFUSING, events, n=2)
        assert b"SOUND" not in seen.body
        assert [seen.text(choice) for choice in range(2)] == [SAFE.zh] * 2
        assert flow.done

    async def test_a_choice_that_was_stopped_before_is_not_told_again(self) -> None:
        policy = plan(response=side({"drug": DRUG}, [rule("drug", "refuse")], unjudged="refuse"))
        chunks = [orjson.loads(chunk[6:]) for chunk in chat_sse(["毒品。"], n=2) if b"DONE" not in chunk]
        spoken = [chunk for chunk in chunks if chunk["choices"][0]["index"] == 0][:2]
        later = next(chunk for chunk in chunks if chunk["choices"][0]["index"] == 1)
        later["choices"][0]["delta"] = {"audio": self.SOUND}
        events = [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in [*spoken, later]]
        seen, _ = await answered(policy, events, n=2)
        assert [seen.text(choice) for choice in range(2)] == [SAFE.zh] * 2
        assert b"SOUND" not in seen.body

    async def test_where_the_policy_lets_them_pass_they_are_told(self) -> None:
        body = orjson.loads(chat_json("好"))
        body["choices"][0]["message"]["audio"] = self.SOUND
        seen, flow = await answered(plan(response=SIDE), [orjson.dumps(body)], stream=False)
        assert b"SOUND" in seen.body
        assert flow.guard.verdict().unjudged == ("choices[0].message.audio",)


async def test_what_was_held_back_leaves_before_its_choice_ends() -> None:
    seen, _ = await answered(plan(response=SIDE), chat_sse(["他叫毒", ""]))
    assert seen.text() == "他叫毒"
    assert [chunk["choices"][0]["finish_reason"] for chunk in seen.chunks][-1] == "stop"


async def test_texts_stay_in_the_parts_in_which_they_stood() -> None:
    parts = [{"type": "text", "text": "一123456"}, {"type": "reference", "ids": [1]}, {"type": "text", "text": "二三"}]
    body = orjson.loads(chat_json("x"))
    body["choices"][0]["message"]["content"] = parts
    seen, _ = await answered(plan(response=SIDE), [orjson.dumps(body)], stream=False)
    shown = seen.json["choices"][0]["message"]["content"]
    assert shown == [{**parts[0], "text": "一******"}, *parts[1:]]
    untouched, _ = await answered(
        plan(response=side({"drug": DRUG}, [rule("drug", "refuse")])), [orjson.dumps(body)], stream=False
    )
    assert untouched.body == orjson.dumps(body)


async def test_what_was_held_from_frames_before_goes_in_front() -> None:
    held = plan(response=side({"end": whole("end", "毒")}, [rule("end", "refuse")]))
    chunks = [orjson.loads(chunk[6:]) for chunk in chat_sse(["一二", "x"]) if b"DONE" not in chunk]
    last = chunks[2]["choices"][0]
    last["delta"] = {"content": [{"type": "text", "text": "三"}, {"type": "text", "text": "四五"}]}
    last["finish_reason"] = "stop"
    events = [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks[:3]] + [b"data: [DONE]\n\n"]
    seen, _ = await answered(held, events)
    shown = [chunk["choices"][0]["delta"].get("content") for chunk in seen.chunks]
    assert [{"type": "text", "text": "一二三"}, {"type": "text", "text": "四五"}] in shown


@pytest.mark.parametrize("stream", [True, False])
async def test_label_and_metadata_join_each_choice_once(stream: bool) -> None:
    policy = plan(response=SIDE, label=LABELLED)
    chunks = chat_sse(["好"], n=2) if stream else [chat_json("好", n=2)]
    seen, _ = await answered(policy, chunks, stream=stream, n=2)
    assert [seen.text(choice) for choice in range(2)] == [f"好\n\n{LABEL.zh}"] * 2
    assert b'"aigc":{"Label":"1","ContentProducer":"ACME","ProduceID":"01JZ"' in seen.body


async def test_metadata_joins_an_answer_that_says_no_finish_reason() -> None:
    seen, _ = await answered(plan(label=LABELLED), [chat_json("好", finish=None)], stream=False)
    assert seen.json["aigc"]["ProduceID"] == "01JZ"
    assert seen.text() == f"好\n\n{LABEL.zh}"


async def test_an_upstream_that_says_twice_that_a_choice_ends_gets_one_label() -> None:
    chunks = chat_sse(["好"])
    seen, _ = await answered(plan(label=LABELLED), [*chunks[:-1], chunks[-2], chunks[-1]])
    assert seen.text() == f"好\n\n{LABEL.zh}"


async def test_a_reply_is_labelled_also_in_place_of_tool_calls() -> None:
    policy = plan(response=SIDE, label=LABELLED)
    calls = [("f", ['{"q":', '"毒品"}'])]
    seen, _ = await answered(policy, chat_sse([], tool_calls=calls, finish="tool_calls"))
    assert seen.text() == f"{SAFE.zh}\n\n{LABEL.zh}"
    body = chat_json(None, tool_calls=[("f", '{"q":"毒品"}')], finish="tool_calls")
    seen, _ = await answered(policy, [body], stream=False)
    assert seen.text() == f"{SAFE.zh}\n\n{LABEL.zh}"
    assert "tool_calls" not in seen.json["choices"][0]["message"]


@pytest.mark.parametrize("block", ["safe_reply", "error"])
async def test_under_a_policy_of_errors_a_stream_that_has_begun_just_ends(block: str) -> None:
    seen, _ = await answered(plan(response=SIDE, block=block), chat_sse(["先说，", "毒品"]))
    assert seen.text() == ("先说，\n\n" + SAFE.zh if block == "safe_reply" else "先说，")
    assert seen.reason() == "content_filter"


async def test_notices_of_both_sides_follow_the_words_each_once() -> None:
    rude = pattern("rude", "笨蛋")
    noticing = side({"rude": rude}, [rule("rude", "label", notice=NOTICE)])
    before = side({}, [rule("x", "label", id="asked", notice=Words("（问）", "(asked)")), rule("y", "mask")])
    flow, codec = flow_of(plan(before, noticing), question("你好", stream=True), notices=("asked",))
    body = b"".join(await pump(flow, codec, chat_sse(["笨蛋", "笨蛋"])))
    assert Seen(200, {"content-type": "text/event-stream"}, body).text() == f"笨蛋笨蛋\n\n（问）\n\n{NOTICE.zh}"


async def test_a_heartbeat_is_never_the_first_to_speak() -> None:
    held = plan(response=side({"end": whole("end", "毒")}, [rule("end", "refuse")]))
    flow, codec = flow_of(held, question("你好", stream=True))
    out = await pump(flow, codec, [b": ping\n\n", *chat_sse(["一"]), b": late\n\n"])
    assert out[0] == b""
    free, codec = flow_of(plan(), question("你好", stream=True))
    chunks = chat_sse(["一"])
    out = await pump(free, codec, [chunks[0], b": ping\n\n", *chunks[1:]])
    assert b": ping\n\n" in out


async def test_an_answer_that_breaks_off_gives_what_was_held_as_far_as_it_was_judged() -> None:
    flow, codec = flow_of(plan(response=SIDE, label=LABELLED), question("你好", stream=True))
    for chunk in chat_sse(["他叫毒"])[:2]:
        for frame in codec.feed(chunk):
            await flow.take(frame)
    rest = Seen(200, {"content-type": "text/event-stream"}, await flow.interrupt())
    assert rest.text() == f"毒\n\n{LABEL.zh}"
    assert rest.reason() is None


async def test_what_was_held_may_still_be_refused_when_the_answer_breaks_off() -> None:
    flow, codec = flow_of(plan(response=SIDE), question("你好", stream=True))
    for chunk in chat_sse(["买毒品"])[:2]:
        for frame in codec.feed(chunk):
            await flow.take(frame)
    rest = Seen(200, {"content-type": "text/event-stream"}, await flow.interrupt())
    assert rest.text() == f"\n\n{SAFE.zh}"
    assert rest.reason() is None  # the error that follows says how it ended


@pytest.mark.parametrize(
    ("text", "usage", "counted"),
    [
        ("你好", (7, 5), Usage(7, 5)),
        ("你好", None, Usage(2, 2, estimated=True)),
        ("Hello", None, Usage(2, 2, estimated=True)),
        ("", None, Usage(2, 0, estimated=True)),
    ],
)
async def test_tokens_are_the_upstreams_or_a_guess_that_says_so(text: str, usage: Any, counted: Usage) -> None:
    _, flow = await answered(plan(), [chat_json(text, usage=usage)], stream=False)
    assert flow.counted() == counted


@pytest.mark.parametrize("position", ["start", "end", "both"])
@pytest.mark.parametrize(
    "text", ["AI生成的图很美。", "（本内容由人工智能生成）\n\n好", "好\n\n（AI生成）", "`x` 好", "```\nx\n```"]
)
async def test_however_bytes_and_deltas_are_cut_each_choice_is_labelled_alike(position: str, text: str) -> None:
    policy = plan(label=LabelPlan(position, LABEL, metadata=True))  # type: ignore[arg-type]
    whole_seen, _ = await answered(policy, [chat_json(text, n=2)], stream=False, n=2)
    expected = whole_seen.text(0)
    assert expected.count(LABEL.zh) <= (2 if position == "both" else 1)
    cuts = [[text[:at], text[at:]] for at in range(len(text) + 1)] + [list(text)]
    for pieces in cuts:
        body = b"".join(chat_sse(pieces, n=2))
        for size in (7, 64, len(body)):
            chunks = [body[at : at + size] for at in range(0, len(body), size)]
            seen, _ = await answered(policy, chunks, n=2)
            assert [seen.text(0), seen.text(1)] == [expected, expected], (pieces, size)
