"""However an Anthropic stream is cut, the client sees the same; and nothing leaves where it does not belong.

Mutants killed: held text after the end of its block; a block that ends twice or never; an event after
``message_stop``; a label in a block of its own where a text stands open; frames lost with a broken one.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.messages import body, message_json, message_sse, named
from kit.plans import LABEL, SAFE, pattern, plan, rule, side

from gateway.errors import UpstreamBroke
from gateway.exchange import Caller, Exchange
from gateway.pipeline.answer import AnswerFlow
from gateway.pipeline.declare import Declare
from gateway.pipeline.guard import Guard
from gateway.policy.plan import LabelPlan, Plan
from gateway.ports import Passage
from gateway.wire.messages import Messages

DETECTORS = {"drug": pattern("drug", "贩毒|毒品"), "number": pattern("number", "[0-9]{4,9}")}
RULES = [rule("drug", "refuse"), rule("number", "mask", keep=(1, 1))]
STREAM = plan(side({}, []), side(DETECTORS, RULES), label=LabelPlan("end", LABEL, metadata=True))
BUFFER = plan(
    side({}, []),
    side(DETECTORS, [rule("drug", "refuse", release="buffer"), RULES[1]]),
    label=LabelPlan("start", LABEL, metadata=True),
)


async def through(policy: Plan, chunks: list[bytes]) -> tuple[bytes, bool]:
    """Take the chunks of an answer through the path; return what left, and whether the upstream broke."""
    dialect = Messages()
    question = dialect.read(orjson.dumps(body("问", stream=True)))
    exchange = Exchange("ID", 0.0, policy.digest, policy.name, Caller(), question)
    codec = dialect.codec(question, stream=True, upstream="up")
    flow = AnswerFlow(codec, Guard(policy.response, "问"), Declare(policy, exchange, "maker"), policy, exchange)
    out = b""
    try:
        for chunk in [*chunks, None]:
            for frame in codec.finish() if chunk is None else codec.feed(chunk):
                out += await flow.take(frame)
                if flow.done:
                    return out + codec.end(flow.counted()), False
    except UpstreamBroke:
        out += await flow.interrupt()
        return out + codec.fail("upstream_broke", "It broke.", id="ID"), True
    return out + codec.end(flow.counted()), False


def seen(raw: bytes) -> dict[str, Any]:
    """What a client makes of a stream; checks the order of its events."""
    blocks: list[list[Any]] = []
    state, reason, open_ = "new", None, False
    for part in raw.decode().split("\n\n"):
        if not part or part.startswith(":"):
            continue
        data = json.loads(part.split("\ndata: ")[1])
        kind = data["type"]
        if kind == "ping":
            continue
        assert (state == "new") == (kind == "message_start")
        assert state != "over"
        state = "begun"
        if kind == "content_block_start":
            assert not open_
            assert data["index"] == len(blocks)
            assert reason is None
            block = data["content_block"]
            blocks.append([block["type"], block.get("text", "") or block.get("thinking", "")])
            open_ = True
        elif kind in ("content_block_delta", "content_block_stop"):
            assert open_
            assert data["index"] == len(blocks) - 1
            if kind == "content_block_stop":
                open_ = False
            else:
                texts = [value for key, value in data["delta"].items() if key not in ("type", "signature")]
                assert texts != [""]
                blocks[-1][1] += "".join(texts)
        elif kind == "message_delta":
            assert not open_
            reason = data["delta"]["stop_reason"]
        elif kind == "message_stop":
            assert not open_
            state = "over"
    assert state == "over"
    return {"blocks": [tuple(block) for block in blocks], "reason": reason}


words = st.text(alphabet="ab01贩毒品。 ", max_size=12)
blocks = st.lists(st.tuples(st.sampled_from(["text", "thinking", "tool_use"]), st.lists(words, max_size=3)), max_size=4)


def answer_of(parts: list[Any]) -> list[bytes]:
    """The events of these blocks; what a tool is given is JSON."""
    fitting = [
        (form, ['{"q": "', *pieces, '"}'] if form == "tool_use" else [piece for piece in pieces if piece])
        for form, pieces in parts
    ]
    return message_sse(*fitting)


@settings(deadline=None, max_examples=80)
@given(blocks, st.lists(st.integers(1, 60), min_size=1, max_size=40), st.sampled_from([STREAM, BUFFER]))
def test_however_the_bytes_are_cut_the_client_sees_the_same(parts: list[Any], cuts: list[int], policy: Plan) -> None:
    raw = b"".join(answer_of(parts))
    pieces, at, turn = [], 0, 0
    while at < len(raw):
        size = cuts[turn % len(cuts)]
        pieces.append(raw[at : at + size])
        at, turn = at + size, turn + 1
    one, broke_one = asyncio.run(through(policy, [raw]))
    two, broke_two = asyncio.run(through(policy, pieces))
    assert seen(one) == seen(two)
    assert (broke_one, broke_two) == (False, False)
    for _, said in seen(one)["blocks"]:  # each block is a text of its own
        assert "毒品" not in said
        assert "贩毒" not in said


@settings(deadline=None, max_examples=80)
@given(blocks, st.sampled_from([STREAM, BUFFER]))
def test_however_the_words_are_cut_the_client_reads_the_same(parts: list[Any], policy: Plan) -> None:
    joined = [(form, ["".join(pieces)]) for form, pieces in parts]
    single = [(form, list("".join(pieces))) for form, pieces in parts]
    results = [seen(asyncio.run(through(policy, answer_of(form)))[0]) for form in (parts, joined, single)]
    filled = [{**result, "blocks": [block for block in result["blocks"] if block[1]]} for result in results]
    assert filled[0] == filled[1] == filled[2]


@settings(deadline=None, max_examples=80)
@given(blocks, st.data(), st.sampled_from([STREAM, BUFFER]))
def test_events_lost_doubled_or_swapped_still_end_well(parts: list[Any], data: st.DataObject, policy: Plan) -> None:
    events = answer_of(parts)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(events) - 1))
        how = data.draw(st.sampled_from(["lose", "double", "swap", "garble"]))
        if how == "lose" and len(events) > 1:
            del events[at]
        elif how == "double":
            events.insert(at, events[at])
        elif how == "swap":
            events[at], events[-1] = events[-1], events[at]
        else:
            events[at] = events[at][: len(events[at]) // 2] + b"\n\n"
    out, broke = asyncio.run(through(policy, events))
    if out and out.startswith(b"event: message_start"):
        result = seen(out)
        assert not broke or (b"event: error" in out)
        assert all("毒品" not in said for _, said in result["blocks"])
    else:
        assert broke


def test_words_leave_as_they_come_also_in_a_second_block() -> None:
    codec_in = message_sse(("thinking", ["想"]), ("text", ["你好，", "世界"]))
    upto = codec_in.index(next(event for event in codec_in if "世界".encode() in event)) + 1
    out, broke = asyncio.run(through(STREAM, codec_in[:upto]))
    assert broke
    before_error = out.split(b"event: error")[0].decode()
    assert "你好，" in before_error
    assert "世界" in before_error

    async def first() -> bytes:
        dialect = Messages()
        question = dialect.read(orjson.dumps(body("问", stream=True)))
        exchange = Exchange("ID", 0.0, STREAM.digest, STREAM.name, Caller(), question)
        codec = dialect.codec(question, stream=True, upstream="up")
        flow = AnswerFlow(codec, Guard(STREAM.response, "问"), Declare(STREAM, exchange, "m"), STREAM, exchange)
        return b"".join([await flow.take(frame) for event in codec_in[:upto] for frame in codec.feed(event)])

    assert "你好，" in asyncio.run(first()).decode()


@pytest.mark.parametrize("policy", [STREAM, BUFFER], ids=["stream", "buffer"])
def test_what_came_before_a_broken_event_counts_however_it_was_cut(policy: Plan) -> None:
    events = [*message_sse(("text", ["你好，", "世界"]))[:5], b"event: x\ndata: {\n\n"]
    one, two = (asyncio.run(through(policy, chunks))[0] for chunks in (events, [b"".join(events)]))
    assert seen(one) == seen(two)
    assert "你好，" in one.decode()


def test_a_label_follows_the_last_words_in_their_block() -> None:
    out, _ = asyncio.run(through(STREAM, message_sse(("thinking", ["想"]), ("text", ["今天天气很好，", "适合散步。"]))))
    assert seen(out)["blocks"] == [("thinking", "想"), ("text", f"今天天气很好，适合散步。\n\n{LABEL.zh}")]


def test_texts_keep_their_places_when_all_waits() -> None:
    parts = [("text", ["一"]), ("tool_use", ["{}"]), ("text", ["二"]), ("thinking", ["三"])]
    out, _ = asyncio.run(through(BUFFER, message_sse(*parts)))  # type: ignore[arg-type]
    first = f"{LABEL.zh}\n\n一"
    assert seen(out)["blocks"] == [("text", first), ("tool_use", "{}"), ("text", "二"), ("thinking", "三")]


def test_a_refusal_when_all_waits_leaves_nothing_of_the_message() -> None:
    out, _ = asyncio.run(through(BUFFER, message_sse(("text", ["前言。"]), ("tool_use", ['{"q": "毒品"}']))))
    (block,) = seen(out)["blocks"]
    assert block[0] == "text"
    assert SAFE.zh in block[1]
    assert "前言" not in out.decode()
    assert seen(out)["reason"] == "refusal"


def test_the_start_may_bring_words_and_inputs_already() -> None:
    events = message_sse(("text", []), ("tool_use", []))
    events[2] = named(
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "号 12345"}}
    )
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"n": "12345"}}
    events[4] = named({"type": "content_block_start", "index": 1, "content_block": call})
    out, _ = asyncio.run(through(STREAM, events))
    assert seen(out)["blocks"] == [("text", "号 1***5"), ("tool_use", '{"n":"1***5"}')]


def test_a_whole_message_with_nothing_to_change_leaves_as_it_came() -> None:
    dialect = Messages()
    question = dialect.read(orjson.dumps(body("问")))
    codec = dialect.codec(question, stream=False, upstream="up")
    raw = message_json("你好", strange={"n": 1}).replace(b'"n":1', b'"n":1.50')
    assert codec.feed(raw) == []
    (frame,) = codec.finish()
    assert codec.write(frame, Passage([delta.text for delta in frame.deltas])) == raw


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"content": "x"}', b'{"content": [{"text": "x"}]}', b"\xff"])
def test_what_is_no_message_is_a_broken_upstream(raw: bytes) -> None:
    dialect = Messages()
    codec = dialect.codec(dialect.read(orjson.dumps(body("问"))), stream=False, upstream="up")
    codec.feed(raw)
    with pytest.raises(UpstreamBroke):
        codec.finish()
