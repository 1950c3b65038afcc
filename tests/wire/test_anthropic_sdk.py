"""Anthropic's own SDK over a real port: before a server of its own kind, and before one that speaks chats.

Mutants killed: held text that leaves after its block has ended; a label or a reply in a block that has ended; an
event after ``message_stop``; a refusal that reads like the model's own end; a surrogate split over events; a
stream without its end; a header or a key that goes where it should not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import anthropic
import orjson
import pytest
from kit.asking import post
from kit.messages import before_claude, body, message_json, message_sse, named, said, text_block
from kit.plans import LABEL, SAFE, WITHHELD, pattern, plan, rule, side
from kit.upstream import Answer, Received, chat_json, chat_sse, cut, events, hangup, whole

from gateway.policy.plan import LabelPlan
from gateway.privacy.keys import Keyring
from gateway.privacy.techniques import techniques
from gateway.providers.echo import Echo
from gateway.providers.replay import Replay, read_script

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
BUFFER = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse", release="buffer"), rule("number", "mask", keep=(2, 2))],
)
PASS = plan()
PLAN = plan(SIDE, SIDE)
BUFFERED = plan(SIDE, BUFFER)
ERROR = plan(SIDE, SIDE, block="error")
Wire = Literal["openai", "anthropic"]
WIRES: list[Wire] = ["anthropic", "openai"]
POLICIES = pytest.mark.parametrize("policy", [PLAN, BUFFERED], ids=["as it comes", "buffered"])
BOTH = pytest.mark.parametrize("wire", WIRES)
TEXTS = ["你好，世界。", "Hello, world.", "请 call 我 at noon。", '🎈 emoji\n\n\tand \\escapes\\ "quoted"', "x"]


def answering(wire: Wire, text: str, thoughts: str = "", arguments: str = "") -> Callable[[Received], Answer]:
    """A model that says the same whole and streamed, in single characters."""
    calls = bool(arguments)

    def chat(request: Received) -> Answer:
        finish = "tool_calls" if calls else "stop"
        if request.json.get("stream"):
            tools = [("send", list(arguments))] if calls else []
            return events(chat_sse(list(text), reasoning=list(thoughts), tool_calls=tools, usage=(7, 5), finish=finish))
        tools_whole = [("send", arguments)] if calls else []
        return whole(chat_json(text, reasoning=thoughts or None, tool_calls=tools_whole, finish=finish))

    def messages(request: Received) -> Answer:
        reason = "tool_use" if calls else "end_turn"
        if request.json.get("stream"):
            blocks: list[Any] = [("thinking", list(thoughts))] if thoughts else []
            blocks += [("text", list(text))]
            blocks += [("tool_use", list(arguments))] if calls else []
            return events(message_sse(*blocks, reason=reason))
        content: list[Any] = [{"type": "thinking", "thinking": thoughts, "signature": "SEAL"}] if thoughts else []
        content += [text_block(text)]
        if calls:
            content += [{"type": "tool_use", "id": "toolu_1", "name": "send", "input": json.loads(arguments)}]
        return whole(message_json(*content, reason=reason))

    return chat if wire == "openai" else messages


# --- Pass, mask, refuse, label -------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("policy", [PASS, PLAN, BUFFERED], ids=["without rules", "with rules", "buffered"])
@pytest.mark.parametrize("text", TEXTS)
async def test_an_answer_that_nothing_speaks_against_arrives_as_it_is(text: str, policy: Any, wire: Wire) -> None:
    async with before_claude(policy, answering(wire, text), wire=wire) as here:
        one = await here.ask("问")
        two = await here.hear("问")
    assert [said(one), said(two)] == [text, text]
    assert (one.stop_reason, two.stop_reason) == ("end_turn", "end_turn")
    assert [(m.usage.input_tokens, m.usage.output_tokens) for m in (one, two)] == [(7, 5), (7, 5)]
    assert {r.path for r in here.upstream.requests} == {"/v1/chat/completions" if wire == "openai" else "/v1/messages"}


MASKED = [
    ("我的号码是13812345678，谢谢", "我的号码是13*******78，谢谢"),
    ("call 13812345678 now", "call 13*******78 now"),
    ("13812345678", "13*******78"),
    ("编号 12345，日期 2024", "编号 12345，日期 2024"),
]


@BOTH
@POLICIES
@pytest.mark.parametrize(("text", "masked"), MASKED)
async def test_a_number_is_masked_in_question_answer_thoughts_and_input(
    text: str, masked: str, policy: Any, wire: Wire
) -> None:
    model = answering(wire, text, thoughts=text, arguments=json.dumps({"to": text}))
    async with before_claude(policy, model, wire=wire) as here:
        for message in (await here.ask(text, system=text), await here.hear(text, system=text)):
            thinking, words, call = message.content
            assert (thinking.thinking, words.text, call.input) == (masked, masked, {"to": masked})
            assert message.stop_reason == "tool_use"
    assert all(text == masked or text not in request.body.decode() for request in here.upstream.requests)


@BOTH
@pytest.mark.parametrize(("text", "reply"), [("他在贩毒吗", SAFE.zh), ("about a drug deal", SAFE.en)])
async def test_a_question_that_is_refused_gets_a_safe_reply_and_no_model_sees_it(
    text: str, reply: str, wire: Wire
) -> None:
    async with before_claude(PLAN, whole(b"never"), wire=wire) as here:
        one = await here.ask(text)
        two = await here.hear(text)
        await here.gate.recorded(2)
    assert [said(one), said(two)] == [reply, reply]
    assert (one.stop_reason, two.stop_reason) == ("refusal", "refusal")
    assert one.stop_details.type == two.stop_details.type == "refusal"
    assert here.upstream.requests == []
    assert [record.dialect for record in here.gate.records.records] == ["messages"] * 2


@BOTH
@POLICIES
@pytest.mark.parametrize(
    ("text", "asked", "reply"), [("他因贩毒被捕", "问", SAFE.zh), ("the drug deal", "q?", SAFE.en)]
)
async def test_an_answer_that_is_refused_is_replaced_or_cut(
    text: str, asked: str, reply: str, policy: Any, wire: Wire
) -> None:
    async with before_claude(policy, answering(wire, text), wire=wire) as here:
        one = await here.ask(asked)
        two = await here.hear(asked)
        raw = await here.events(asked)
    assert (said(one), one.stop_reason) == (reply, "refusal")
    assert two.stop_reason == "refusal"
    assert said(two).endswith(reply)
    assert said(two).removesuffix(reply).strip() in text[:4]
    assert (policy is PLAN) or said(two) == reply
    kinds = [event.type for event in raw]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 1


@pytest.mark.parametrize("policy", [PLAN, BUFFERED], ids=["as it comes", "buffered"])
@pytest.mark.parametrize("at", ["thoughts", "arguments"])
async def test_a_refusal_in_thoughts_or_in_a_call_ends_the_message(at: str, policy: Any) -> None:
    bad = {"thoughts": "想想毒品", "arguments": '{"q": "买毒品"}'}
    given: dict[str, Any] = {"thoughts": "想", "arguments": '{"q": "x"}', at: bad[at]}
    async with before_claude(policy, answering("anthropic", "好。", **given)) as here:
        whole_ = await here.ask("问")
        stream = await here.hear("问")
    for message in (whole_, stream):
        assert message.stop_reason == "refusal"
        assert message.content[-1].type == "text"
        assert message.content[-1].text.strip() == SAFE.zh
        assert "毒品" not in message.model_dump_json()
    assert [block.type for block in whole_.content] == ["text"]


@BOTH
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("asked", "answered"), [("毒品", "好"), ("问", "毒品")])
async def test_a_policy_that_wants_errors_gives_one_that_is_not_retried(
    asked: str, answered: str, stream: bool, wire: Wire
) -> None:
    async with before_claude(ERROR, answering(wire, answered), wire=wire) as here:
        with pytest.raises(anthropic.BadRequestError) as raised:
            await (here.hear if stream else here.ask)(asked)
        await here.gate.recorded(1)
    error: Any = raised.value.body
    assert error["error"]["type"] == "invalid_request_error"
    assert (error["sluice"]["code"], "毒品" in str(error)) == ("content_filter", False)


@BOTH
@POLICIES
@pytest.mark.parametrize("position", ["start", "end", "both"])
@pytest.mark.parametrize(
    "text", ["今天的天气很好，适合出门散步，祝您愉快。", "The weather is fine today, enjoy your walk outside."]
)
async def test_prose_is_labelled_in_its_block_and_the_message_carries_the_metadata(
    text: str, position: Any, policy: Any, wire: Wire
) -> None:
    labelled = plan(policy.request, policy.response, label=LabelPlan(position, LABEL, metadata=True))
    async with before_claude(labelled, answering(wire, text), wire=wire) as here:
        one = await here.ask("问" if text[0] == "今" else "hello, how is it?")
        two = await here.hear("问" if text[0] == "今" else "hello, how is it?")
        await here.gate.recorded(2)
    label = LABEL.zh if text[0] == "今" else LABEL.en
    for message in (one, two):
        assert len(message.content) == 1
        assert said(message).startswith(label) == (position in ("start", "both"))
        assert said(message).endswith(label) == (position in ("end", "both"))
        assert text in said(message)
        assert message.aigc["Label"]
    assert all(record.label.startswith(f"text-{position}") for record in here.gate.records.records)


async def test_no_label_enters_a_call_of_a_tool_or_structured_output() -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
    async with before_claude(labelled, answering("anthropic", "我来发送这封邮件。", arguments="{}")) as here:
        called = await here.hear("问")
        shaped = await here.ask("问", output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}})
    assert said(called) == said(shaped) == "我来发送这封邮件。"


# --- Requests ------------------------------------------------------------------------------------

HIDDEN = "13812345678"
HISTORY: list[Any] = [
    {"role": "user", "content": [text_block("号码"), text_block(HIDDEN)]},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": f"想 {HIDDEN}", "signature": "SEAL"},
            text_block(f"说 {HIDDEN}"),
            {"type": "tool_use", "id": "t1", "name": "send", "input": {"to": HIDDEN, "number": int(HIDDEN), "n": 1.50}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": [text_block(f"送达 {HIDDEN}")]},
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": HIDDEN},
                "title": HIDDEN,
            },
            text_block("继续"),
        ],
    },
    {"role": "assistant", "content": f"开头 {HIDDEN}"},
]
TOOL = {"name": "send", "description": f"像 {HIDDEN}", "input_schema": {"type": "object", "properties": {}}}


@BOTH
async def test_every_place_of_a_request_is_judged_prefill_included(wire: Wire) -> None:
    async with before_claude(PLAN, answering(wire, "好"), wire=wire) as here:
        await here.ask(*HISTORY, system=[text_block(HIDDEN)], tools=[TOOL])
    sent = here.upstream.requests[0]
    assert HIDDEN not in sent.body.decode()
    assert "13*******78" in sent.body.decode()
    if wire == "anthropic":
        assert sent.json["messages"][1]["content"][2]["input"]["to"] == "13*******78"
        assert sent.json["messages"][1]["content"][0]["signature"] == "SEAL"
        assert sent.json["messages"][0]["content"][1]["text"].count("*") > 0
    else:
        roles = [message["role"] for message in sent.json["messages"]]
        assert roles == ["system", "user", "assistant", "tool", "user", "assistant"]
        assert json.loads(sent.json["messages"][2]["tool_calls"][0]["function"]["arguments"])["n"] == 1.5
        assert sent.json["tools"][0]["function"]["name"] == "send"


async def test_what_nobody_asked_about_reaches_the_model_byte_for_byte() -> None:
    raw = orjson.dumps(body("你好，，世界", metadata={"user_id": "u1"}, top_k=3, strange={"n": 1}))
    raw = raw.replace(b'"n":1', b'"n":1.50')
    async with before_claude(PLAN, answering("anthropic", "好")) as here:
        await post(here.gate.url, raw, path="/v1/messages")
        await here.gate.recorded(1)
    assert here.upstream.requests[0].body == raw
    assert here.gate.records.records[0].user == "u1"


@BOTH
async def test_a_refused_old_turn_does_not_block_the_conversation(wire: Wire) -> None:
    old = [{"role": "user", "content": "哪里买毒品"}, {"role": "assistant", "content": SAFE.zh}]
    async with before_claude(PLAN, answering(wire, "晴。"), wire=wire) as here:
        one = await here.ask(*old, "那天气呢？")
        two = await here.hear(*old, "那天气呢？")
    assert [said(one), said(two)] == ["晴。", "晴。"]
    for request in here.upstream.requests:
        assert "毒品" not in request.body.decode()
        assert request.json["messages"][0]["content"] == WITHHELD.zh


async def test_a_picture_is_told_as_unjudged_and_reaches_the_model() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
    for wire in WIRES:
        async with before_claude(PLAN, answering(wire, "好"), wire=wire) as here:
            raw = await here.client.messages.with_raw_response.create(
                **body({"role": "user", "content": [image, text_block("这是什么")]})
            )
        assert raw.headers["x-sluice-unjudged"] == "1"
        assert "iVBORw0KGgo=" in here.upstream.requests[0].body.decode()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"model": ""}, "model"),
    ({"max_tokens": None}, "max_tokens"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"messages": []}, "messages"),
    ({"messages": [{"role": "root", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
    ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
    ({"system": 7}, "system"),
    ({"stream": 1}, "stream"),
    ({"metadata": {"user_id": 7}}, "metadata.user_id"),
]


@pytest.mark.parametrize(("change", "where"), WRONG, ids=[where for _, where in WRONG])
async def test_a_wrong_request_is_told_what_and_where(change: dict[str, Any], where: str) -> None:
    async with before_claude(PLAN, whole(b"never")) as here:
        seen = await post(here.gate.url, {**body("你好"), **change}, path="/v1/messages")
    assert seen.status == 400
    assert set(seen.json) == {"type", "error", "request_id", "sluice"}
    assert seen.json["type"] == "error"
    assert seen.json["error"]["type"] == "invalid_request_error"
    assert seen.json["error"]["message"].startswith(where)
    assert seen.json["sluice"]["param"] == where


async def test_an_unknown_model_is_a_not_found_error() -> None:
    async with before_claude(PLAN, whole(b"never")) as here:
        with pytest.raises(anthropic.NotFoundError):
            await here.ask("你好", model="nobody")


# --- Keys and headers ----------------------------------------------------------------------------


async def test_the_key_may_come_either_way_and_neither_goes_upstream() -> None:
    async with before_claude(PLAN, answering("anthropic", "好"), keys=("sk-client",)) as here:
        assert said(await here.ask("你好")) == "好"
        bearer = anthropic.AsyncAnthropic(base_url=here.gate.url, auth_token="sk-client", api_key=None)
        async with bearer:
            assert said(await bearer.messages.create(**body("你好"))) == "好"
        wrong = anthropic.AsyncAnthropic(base_url=here.gate.url, api_key="sk-other")
        async with wrong:
            with pytest.raises(anthropic.AuthenticationError):
                await wrong.messages.create(**body("你好"))
    assert len(here.upstream.requests) == 2
    for request in here.upstream.requests:
        assert request.headers["x-api-key"] == "sk-upstream"
        assert "sk-client" not in str(request.headers)


async def test_version_and_beta_go_on_to_a_server_of_that_kind_only() -> None:
    for wire in WIRES:
        async with before_claude(PLAN, answering(wire, "好"), wire=wire, headers={"anthropic-beta": "a-1,b-2"}) as here:
            await here.ask("你好")
            bad = await post(here.gate.url, body("你好"), path="/v1/messages", anthropic_beta="<x>")
        sent = here.upstream.requests[0].headers
        assert sent.get("anthropic-beta") == ("a-1,b-2" if wire == "anthropic" else None)
        assert ("anthropic-version" in sent) == (wire == "anthropic")
        assert (bad.status, bad.json["sluice"]["code"]) == (400, "invalid_header")


# --- Counting ------------------------------------------------------------------------------------


async def test_tokens_are_counted_by_the_server_and_the_question_is_shielded_there_too() -> None:
    async with before_claude(PLAN, whole(b'{"input_tokens": 42}')) as here:
        counted = await here.client.messages.count_tokens(model="up", messages=[{"role": "user", "content": HIDDEN}])
        await here.gate.recorded(1)
    assert counted.input_tokens == 42
    assert here.upstream.requests[0].path == "/v1/messages/count_tokens"
    assert HIDDEN not in here.upstream.requests[0].body.decode()
    (record,) = here.gate.records.records
    assert (record.dialect, record.label, record.usage.output) == ("messages", "none", 0)


@pytest.mark.parametrize(
    ("wire", "text"), [("openai", "你好"), ("anthropic", "你好"), ("anthropic", "毒品")], ids=["chat", "404", "refused"]
)
async def test_where_nobody_counts_an_estimate_says_so(wire: Wire, text: str) -> None:
    async with before_claude(PLAN, whole(b"{}", status=404), wire=wire) as here:
        seen = await post(here.gate.url, body(text), path="/v1/messages/count_tokens")
    assert (seen.status, seen.json) == (200, {"input_tokens": 2, "estimated": True})
    assert "毒品" not in str([request.body.decode() for request in here.upstream.requests])


# --- Personal data -------------------------------------------------------------------------------

RING = Keyring(b"k" * 32)
VALUES = {"pii.person_name": "张伟", "pii.mobile_number": "13812345678", "pii.email": "zhang@firm.cn"}
DETECTORS = {risk: pattern(risk, value) for risk, value in VALUES.items()}
SURROGATE = techniques()["surrogate"].build({})
PRIVATE = plan(
    side(DETECTORS, [rule(risk, "mask", id=f"in-{at}", how=SURROGATE) for at, risk in enumerate(DETECTORS)]),
    side(DETECTORS, [rule(risk, "mask", id=f"out-{at}") for at, risk in enumerate(DETECTORS)]),
)
ASKED = "张伟的手机是13812345678，邮箱zhang@firm.cn。"
PLAYS: list[tuple[str, Callable[[str], str]]] = [
    ("quotes", lambda said: f"您说：“{said}”"),
    ("backwards", lambda said: "，".join(said.split("，")[::-1])),
    ("code", lambda said: f"```\n{said}\n```"),
    ("shouts", str.upper),
]


def last(request: Received) -> str:
    content = request.json["messages"][-1]["content"]
    return str(content if isinstance(content, str) else content[0]["text"])


@BOTH
@pytest.mark.parametrize("play", [play for _, play in PLAYS], ids=[name for name, _ in PLAYS])
async def test_whatever_the_model_does_to_it_the_client_reads_its_own_data(
    play: Callable[[str], str], wire: Wire
) -> None:
    def model(request: Received) -> Answer:
        words = play(last(request))
        return answering(wire, words, thoughts=words, arguments=json.dumps({"to": words}))(request)

    async with before_claude(PRIVATE, model, wire=wire, ring=RING) as here:
        one, two = await here.ask(ASKED), await here.hear(ASKED)
    back = ASKED if play is str.upper else play(ASKED)
    for message in (one, two):
        thinking, words, call = message.content
        assert [thinking.thinking, words.text, call.input] == [back, back, {"to": back}]
    assert not any(value in request.body.decode() for request in here.upstream.requests for value in VALUES.values())


async def test_a_second_turn_with_thoughts_and_a_call_is_shielded_alike_so_that_seals_still_fit() -> None:
    def model(request: Received) -> Answer:
        words = last(request) if len(request.json["messages"]) == 1 else "好"
        return answering("anthropic", words, thoughts=words, arguments=json.dumps({"to": words}))(request)

    async with before_claude(PRIVATE, model, ring=RING) as here:
        first = await here.ask(ASKED)
        history = [
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "张伟收到"}]},
        ]
        await here.ask(*history)
    one, two = here.upstream.requests
    sent = one.json["messages"][0]["content"]
    thinking, words, call = two.json["messages"][1]["content"]
    assert two.json["messages"][0]["content"] == sent
    assert (thinking["thinking"], words["text"], call["input"]["to"]) == (sent, sent, sent)
    assert not any(value in two.body.decode() for value in VALUES.values())


# --- Broken upstreams ----------------------------------------------------------------------------

GOOD = message_sse(("text", list("你好，世界。")))
ODD = named({"type": "strange", "words": "内容"})
BROKEN: dict[str, Answer] = {
    "no terminal": events(message_sse(("text", ["你好"]), reason=None, stop=False)),
    "cut in a character": events([b"".join(GOOD)[:520], "好".encode()[:2]], then="close"),
    "closed in the middle": events(GOOD[:6], then="close"),
    "reset": events(GOOD[:6], then="reset"),
    "out of order": events([*GOOD[:2], GOOD[4], *GOOD[2:]]),
    "two blocks at once": events([*GOOD[:6], GOOD[2], *GOOD[6:]]),
    "text in a closed block": events([*GOOD[:-2], GOOD[5], *GOOD[-2:]]),
    "stopped before its end": events([*GOOD[:6], GOOD[-1]]),
    "an error event": events([*GOOD[:6], named({"type": "error", "error": {"type": "overloaded_error"}}), *GOOD[6:]]),
    "no JSON": events([*GOOD[:6], b"event: content_block_delta\ndata: {\n\n", *GOOD[6:]]),
    "begun twice": events([*GOOD[:6], GOOD[0], *GOOD[6:]]),
}


@POLICIES
@pytest.mark.parametrize("how", BROKEN)
async def test_whatever_a_server_does_wrong_the_stream_ends_well(how: str, policy: Any) -> None:
    async with before_claude(policy, BROKEN[how]) as here:
        seen = await post(here.gate.url, body("你好", stream=True), path="/v1/messages")
        await here.gate.recorded(1)
    (record,) = here.gate.records.records
    assert record.outcome == "upstream_error"
    if seen.status != 200:
        assert seen.json["type"] == "error"
        return
    kinds = [chunk["type"] for chunk in events_of(seen.body)]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["error", "message_stop"]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop")
    assert "message_delta" not in kinds


CHAT = chat_sse(list("你好，世界。"))
BROKEN_CHAT: dict[str, Answer] = {
    "no finish reason": events(chat_sse(["你好"], finish=None)),
    "closed in the middle": events(CHAT[:4], then="close"),
    "cut in a character": events([*CHAT[:4], b'data: {"choices": [{"delta": {"content": "' + "好".encode()[:2]]),
    "an error event": events([*CHAT[:4], b'data: {"error": {"message": "x"}}\n\n', *CHAT[4:]]),
    "no JSON": events([*CHAT[:4], b"data: {\n\n", *CHAT[4:]]),
}


@POLICIES
@pytest.mark.parametrize("how", BROKEN_CHAT)
async def test_whatever_a_chat_server_does_wrong_the_stream_ends_well(how: str, policy: Any) -> None:
    async with before_claude(policy, BROKEN_CHAT[how], wire="openai") as here:
        seen = await post(here.gate.url, body("你好", stream=True), path="/v1/messages")
        await here.gate.recorded(1)
    assert here.gate.records.records[0].outcome == "upstream_error"
    kinds = [chunk["type"] for chunk in events_of(seen.body)]
    assert (kinds[0], kinds[-2:]) == ("message_start", ["error", "message_stop"])
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 1
    assert "message_delta" not in kinds


async def test_the_sdk_raises_for_a_stream_that_broke_off() -> None:
    async with before_claude(PLAN, BROKEN["closed in the middle"]) as here:
        with pytest.raises(anthropic.APIStatusError, match="upstream_broke"):
            await here.hear("你好")


ROW = """\
- match: 查天气
  answer: {content: 我来查。, reasoning: 想想 123456, tool_calls: [{name: weather, arguments: '{"n": "123456"}'}]}
  pieces: chars
- match: "*"
  answer: 好
"""


async def test_a_scripted_model_is_reached_too_with_thoughts_and_calls() -> None:
    script = Replay("up", read_script(ROW.encode(), "row.yaml"), clock=lambda: 0.0)
    async with before_claude(PLAN, whole(b"never"), wire="openai", provider=script) as here:
        for message in (await here.ask("查天气"), await here.hear("查天气")):
            thinking, words, call = message.content
            assert (thinking.thinking, words.text, call.name) == ("想想 12**56", "我来查。", "weather")
            assert (call.input, message.stop_reason) == ({"n": "12**56"}, "tool_use")


def events_of(raw: bytes) -> list[Any]:
    """Every event; each has the name of its type."""
    found = []
    for part in raw.decode().split("\n\n"):
        if part:
            name, data = part.split("\n")
            found.append(json.loads(data.removeprefix("data: ")))
            assert name == f"event: {found[-1]['type']}"
    return found


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "how", [hangup(), whole(b"{}", status=503), whole(b"nonsense")], ids=["away", "503", "no JSON"]
)
async def test_a_server_that_gives_no_answer_is_an_error_in_the_envelope(how: Answer, stream: bool) -> None:
    for wire in WIRES:
        async with before_claude(PLAN, how, wire=wire) as here:
            seen = await post(here.gate.url, body("你好", stream=stream), path="/v1/messages")
        assert seen.status in (502, 503)
        assert seen.json.get("type") == "error" or (wire == "anthropic" and seen.status == 503)


async def test_events_nobody_knows_pass_and_are_told_as_unjudged() -> None:
    async with before_claude(PLAN, events([*GOOD[:2], ODD, *GOOD[2:]])) as here:
        seen = await post(here.gate.url, body("你好", stream=True), path="/v1/messages")
        await here.gate.recorded(1)
    assert "strange" in [event["type"] for event in events_of(seen.body)]
    assert here.gate.records.records[0].response.unjudged == ("strange.words",)


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_a_stream_cut_anywhere_arrives_whole(size: int) -> None:
    pieces = cut(b"".join(message_sse(("thinking", ["想想"]), ("text", ["你好 13812345678。"]))), size)
    async with before_claude(PLAN, events(pieces)) as here:
        message = await here.hear("问")
    assert [message.content[0].thinking, said(message)] == ["想想", "你好 13*******78。"]
    assert message.content[0].signature == "SEAL"


async def test_one_body_for_a_stream_becomes_events() -> None:
    content = [{"type": "thinking", "thinking": "想", "signature": "SEAL"}, text_block("你好 13812345678")]
    call = {"type": "tool_use", "id": "t", "name": "send", "input": {"to": "13812345678"}}
    async with before_claude(PLAN, whole(message_json(*content, call, reason="tool_use"))) as here:
        message = await here.hear("问")
    thinking, words, called = message.content
    assert (thinking.thinking, thinking.signature) == ("想", "SEAL")
    assert (words.text, called.input) == ("你好 13*******78", {"to": "13*******78"})
    assert (message.stop_reason, message.usage.output_tokens) == ("tool_use", 5)


async def test_citations_are_judged_and_restored_like_text() -> None:
    note = {"type": "char_location", "cited_text": "号 13812345678", "document_index": 0, "document_title": None}
    events_ = message_sse(("text", ["见文。"]))
    cited = named({"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": note}})
    for policy in (PLAN, BUFFERED):
        async with before_claude(policy, events([*events_[:4], cited, *events_[4:]])) as here:
            message = await here.hear("问")
            here.upstream.then(whole(message_json({**text_block("见文。"), "citations": [note]})))
            other = await here.ask("问")
        for one in (message, other):
            assert one.content[0].citations[0].cited_text == "号 13*******78"
            assert said(one) == "见文。"


# --- Out of the box ------------------------------------------------------------------------------


async def test_the_demonstration_model_answers() -> None:
    async with before_claude(PLAN, whole(b"never"), wire="openai", provider=Echo("up", clock=lambda: 0.0)) as here:
        one, two = await here.ask("你好，世界。"), await here.hear("Hello 世界")
        async with here.client.messages.stream(**body("一 two 三")) as stream:
            heard = "".join([text async for text in stream.text_stream])
        counted = await here.client.messages.count_tokens(model="up", messages=[{"role": "user", "content": "你好"}])
    assert (said(one), said(two), heard) == ("你好，世界。", "Hello 世界", "一 two 三")
    assert one.usage.output_tokens > 0
    assert two.usage.output_tokens > 0
    assert counted.input_tokens > 0
