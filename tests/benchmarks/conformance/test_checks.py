"""Each expectation fails on what it is there to catch, and only on that."""

from __future__ import annotations

import orjson
import pytest

from benchmarks.conformance.case import Ask, Expect
from benchmarks.conformance.checks import FORBIDDEN, differences
from benchmarks.conformance.seen import Choice, Seen
from benchmarks.conformance.upstream import Sent

JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}


def said(text="好", finish="stop", status=200, headers=JSON, **more) -> Seen:
    return Seen(status, headers, text.encode(), {0: Choice(text, finish=finish)}, **more)


def sent(body) -> Sent:
    return Sent("/v1/chat/completions", {}, orjson.dumps(body))


ERROR = Seen(400, JSON, b"", error={"message": "no"})
HELLO = sent({"messages": [{"content": "你好"}]})
ESCAPED = Sent("/", {}, b'{"a": "\\u8bcd"}')
TWO = Seen(200, JSON, b"", {0: Choice("a", finish="stop"), 1: Choice("b", finish="content_filter")})

GOOD = [
    ({"blocked": True}, said(finish="content_filter"), ()),
    ({"blocked": True}, ERROR, ()),
    ({"blocked": False}, said(), ()),
    ({"status": [200, 400]}, ERROR, ()),
    ({"error": True}, ERROR, ()),
    ({"text": "好"}, said("好（本内容由人工智能生成）"), ()),
    ({"text": "好"}, said("(AI-generated content) 好"), ()),
    ({"text": "用（括号）好"}, said("用（括号）好"), ()),
    ({"has": ["好"]}, said("很好"), ()),
    ({"lacks": ["词"]}, said("很好"), ()),
    ({"finish": "length"}, said(finish="length"), ()),
    ({"choices": 2}, TWO, ()),
    ({"ended": True}, said(headers=EVENTS, terminals=1), ()),
    ({"ended": True}, said(), ()),
    ({"ended": True}, said(headers=EVENTS, error_ends=True), ()),
    ({"json_text": True}, said('{"a":1}'), ()),
    ({"json_arguments": True}, Seen(200, JSON, b"", {0: Choice(arguments={0: '{"a":1}'})}), ()),
    ({"arguments": ["茶"]}, Seen(200, JSON, b"", {0: Choice(arguments={0: '{"a":"\\u8336"}'})}), ()),
    ({"deltas": 2}, said(deltas=2), ()),
    ({"usage": [1, 2]}, said(usage=(1, 2)), ()),
    ({"unlabelled": True}, said("好"), ()),
    ({"model": False}, said(), ()),
    ({"model": True}, said(), (HELLO,)),
    ({"model_lacks": ["词"]}, said(), (HELLO,)),
    ({"model_has": ["你好"]}, said(), (HELLO,)),
    ({"asked": 1}, said(), (HELLO,)),
    ({"vectors": 0}, said(), ()),
    ({"flagged": True}, said(flagged=True), ()),
]
BAD = [
    ({"blocked": True}, said(), ()),
    ({"blocked": True}, TWO, ()),
    ({"blocked": True}, Seen(429, JSON, b"", error={"message": "no"}), ()),
    ({"blocked": True}, Seen(446, JSON, b"", error={"message": "no"}), ()),
    ({"blocked": True}, Seen(400, JSON, b""), ()),
    ({"blocked": False}, said(finish="content_filter"), ()),
    ({"status": [200]}, ERROR, ()),
    ({"error": True}, said(), ()),
    ({"text": "好"}, said("不好"), ()),
    ({"text": "好"}, Seen(200, JSON, b""), ()),
    ({"has": ["好"]}, said("坏"), ()),
    ({"lacks": ["词"]}, said("一词"), ()),
    ({"lacks": ["词"]}, Seen(200, JSON, b"\\u8BCD"), ()),
    ({"lacks": ["word"]}, Seen(200, {"x-hit": "word"}, b""), ()),
    ({"lacks": ["词"]}, Seen(200, JSON, b"", {0: Choice(arguments={0: "词"})}), ()),
    ({"finish": "length"}, said(), ()),
    ({"finish": "stop"}, TWO, ()),
    ({"choices": 1}, TWO, ()),
    ({"ended": True}, said(headers=EVENTS), ()),
    ({"ended": True}, said(headers=EVENTS, terminals=2), ()),
    ({"ended": True}, said(headers=EVENTS, terminals=1, after=1), ()),
    ({"json_text": True}, said('{"a":1}（本内容由人工智能生成）'), ()),
    ({"json_arguments": True}, said(), ()),
    ({"json_arguments": True}, Seen(200, JSON, b"", {0: Choice(arguments={0: '{"a":'})}), ()),
    ({"arguments": ["茶"]}, said(), ()),
    ({"deltas": 2}, said(deltas=1), ()),
    ({"usage": [1, 2]}, said(), ()),
    ({"unlabelled": True}, said("好（本内容由AI生成）"), ()),
    ({"model": False}, said(), (HELLO,)),
    ({"model": True}, said(), ()),
    ({"model_lacks": ["你好"]}, said(), (HELLO,)),
    ({"model_lacks": ["词"]}, said(), (ESCAPED,)),
    ({"model_has": ["词"]}, said(), (HELLO,)),
    ({"asked": 1}, said(), (HELLO, HELLO)),
    ({"vectors": 1}, said(), ()),
    ({"flagged": True}, said(flagged=False), ()),
    ({"left": True}, said(), (HELLO,)),
]


def told(expect, seen, requests) -> list[str]:
    return differences(Ask(body={}, expect=Expect.model_validate(expect)), seen, requests, left=False)


@pytest.mark.parametrize(("expect", "seen", "requests"), GOOD)
def test_what_is_as_expected_passes(expect, seen, requests) -> None:
    assert told(expect, seen, requests) == []


@pytest.mark.parametrize(("expect", "seen", "requests"), BAD)
def test_what_is_not_is_told_under_its_name(expect, seen, requests) -> None:
    (problem,) = told(expect, seen, requests)
    assert problem.startswith(f"{next(iter(expect))}: ")


def test_the_request_is_compared_with_what_the_model_got() -> None:
    ask = Ask(body={"seed": 1, "stop": ["。"]}, expect=Expect(verbatim=("seed", "stop")))
    assert differences(ask, said(), [sent({"seed": 1, "stop": ["。"]})], left=False) == []
    assert "'stop'" in differences(ask, said(), [sent({"seed": 1, "stop": ["."]})], left=False)[0]


def test_every_expectation_is_tried_in_both_ways() -> None:
    assert {name for expect, *_ in GOOD for name in expect} | {"verbatim", "left"} == set(Expect.model_fields)
    assert {name for expect, *_ in BAD for name in expect} | {"verbatim"} == set(Expect.model_fields)
    assert {429, 446, 500, 503} <= FORBIDDEN
