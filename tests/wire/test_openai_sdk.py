"""OpenAI's own SDK over a real port: every shape of answer arrives as its types and helpers want it.

Mutants killed: an error of the guard answered with a status that SDKs retry; usage twice or never;
fields of the upstream lost; masked arguments that are no JSON; a label in what a program reads; a stream
without its terminal; text lost when the upstream dies.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import openai
import orjson
import pytest
from kit.asking import chat, post
from kit.between import Heard, between
from kit.gateway import parts, serving
from kit.plans import LABEL, SAFE, pattern, plan, rule, side
from kit.upstream import Answer, chat_json, chat_sse, cut, events, hangup, sse, whole
from openai import OpenAI
from pydantic import BaseModel

from gateway.policy.plan import LabelPlan
from gateway.providers.openai_compatible import OpenAICompatible

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PASS = plan()
PLAN = plan(SIDE, SIDE)
ERROR = plan(SIDE, SIDE, block="error")
TEXTS = ["你好，世界。", "Hello, world.", "请 call 我 at noon。", '🎈 emoji\n\n\tand \\escapes\\ "quoted"', "x"]


def answers(text: str, **more: Any) -> dict[bool, Answer]:
    """The same answer, whole and streamed in single characters."""
    return {False: whole(chat_json(text, **more)), True: events(chat_sse(list(text), **more))}


# --- Pass, mask, refuse --------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [PASS, PLAN], ids=["without rules", "with rules"])
@pytest.mark.parametrize("text", TEXTS)
async def test_an_answer_that_nothing_speaks_against_arrives_as_it_is(text: str, policy: Any) -> None:
    answer = answers(text, usage=(7, 5))
    async with between(policy, answer[False], answer[True]) as here:
        said = await here.ask("问")
        heard = await here.hear("问", stream_options={"include_usage": True})
    assert said.choices[0].message.content == heard.text() == text
    assert (said.choices[0].finish_reason, heard.reasons()) == ("stop", ["stop"])
    assert (said.id, said.model, said.created) == ("chatcmpl-1", "m", 1_700_000_000)
    assert {(chunk.id, chunk.model, chunk.created) for chunk in heard.chunks} == {("chatcmpl-1", "m", 1_700_000_000)}


MASKED = [
    ("我的号码是13812345678，谢谢", "我的号码是13*******78，谢谢"),
    ("call 13812345678 now", "call 13*******78 now"),
    ("13812345678", "13*******78"),
    ("编号 12345，日期 2024", "编号 12345，日期 2024"),
    ("号码１３８１２３４５６７８", "号码１３*******７８"),
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
async def test_a_number_is_masked_alike_in_question_answer_and_stream(text: str, masked: str) -> None:
    answer = answers(text)
    async with between(PLAN, answer[False], answer[True]) as here:
        said = await here.ask(text)
        heard = await here.hear(text)
    assert said.choices[0].message.content == heard.text() == masked
    assert [request.json["messages"][0]["content"] for request in here.upstream.requests] == [masked] * 2


REFUSED = [("他在贩毒吗", SAFE.zh), ("about a drug deal", SAFE.en)]


@pytest.mark.parametrize(("text", "reply"), REFUSED)
async def test_a_question_that_is_refused_gets_a_safe_reply_and_no_model_sees_it(text: str, reply: str) -> None:
    async with between(PLAN, whole(chat_json("never"))) as here:
        said = await here.ask(text)
        heard = await here.hear(text, stream_options={"include_usage": True})
    assert said.choices[0].message.content == heard.text() == reply
    assert (said.choices[0].finish_reason, heard.reasons()) == ("content_filter", ["content_filter"])
    assert [chunk.usage.total_tokens for chunk in heard.chunks if chunk.usage] == [0]
    assert here.upstream.requests == []


@pytest.mark.parametrize(
    ("text", "asked", "reply"), [("他因贩毒被捕", "问", SAFE.zh), ("the drug deal", "q?", SAFE.en)]
)
async def test_an_answer_that_is_refused_is_replaced_or_cut(text: str, asked: str, reply: str) -> None:
    answer = answers(text)
    async with between(PLAN, answer[False], answer[True]) as here:
        said = await here.ask(asked)
        heard = await here.hear(asked)
    assert (said.choices[0].message.content, said.choices[0].finish_reason) == (reply, "content_filter")
    assert heard.text().endswith(reply)
    assert heard.reasons() == ["content_filter"]
    assert heard.text().removesuffix(reply).strip() in text[:4]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("asked", "answered", "stage"), [("毒品", "好", "request"), ("问", "毒品", "response")])
async def test_a_block_as_an_error_is_raised_once_and_never_tried_again(
    stream: bool, asked: str, answered: str, stage: str
) -> None:
    async with between(ERROR, answers(answered)[stream]) as here:
        with pytest.raises(openai.BadRequestError) as caught:
            await here.ask(asked, stream=stream)
        await here.gate.recorded(1)
    error = caught.value
    assert error.code == "content_filter"
    assert error.body["code"] == "content_filter"  # type: ignore[index]
    own = error.response.json()["sluice"]
    assert (own["stage"], own["rule"], own["risk"], own["digest"]) == (stage, "refuse-drug", "drug", ERROR.digest)
    assert own["request_id"] == error.response.headers["x-sluice-request-id"]
    assert "毒品" not in error.response.text
    assert "\\u6bd2" not in error.response.text


async def test_a_stream_that_has_begun_ends_well_also_under_a_policy_of_errors() -> None:
    async with between(ERROR, events(chat_sse(["天气很好。\n", "毒品", "到处都是"]))) as here:
        heard = await here.hear("问")
    assert heard.text() == "天气很好。\n"
    assert heard.reasons() == ["content_filter"]


async def collect(stream: Any, said: list[str]) -> None:
    """Note what a stream says for as long as it lasts."""
    async for chunk in stream:
        said += [one.delta.content or "" for one in chunk.choices]


# --- Shapes --------------------------------------------------------------------------------------


async def test_every_choice_is_judged_on_its_own() -> None:
    texts = ["好的。", "号码13812345678", "毒品", "fine"]
    choices = [
        {"index": at, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for at, text in enumerate(texts)
    ]
    body = orjson.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": choices})
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    mixed = [
        sse(orjson.dumps({**head, "choices": [{"index": at, "delta": {"content": character}, "finish_reason": None}]}))
        for turn in range(13)
        for at, text in enumerate(texts)
        for character in text[turn : turn + 1]
    ]
    ends = [
        sse(orjson.dumps({**head, "choices": [{"index": at, "delta": {}, "finish_reason": "stop"}]})) for at in range(4)
    ]
    async with between(PLAN, whole(body), events([*mixed, *ends, sse(b"[DONE]")])) as here:
        said = await here.ask("问", n=4)
        heard = await here.hear("问", n=4)
    expected = ["好的。", "号码13*******78", SAFE.zh, "fine"]
    assert [choice.message.content for choice in said.choices] == expected
    assert [heard.text(at) for at in range(4)] == expected
    reasons = ["stop", "stop", "content_filter", "stop"]
    assert [choice.finish_reason for choice in said.choices] == reasons
    assert [heard.reasons(at) for at in range(4)] == [[reason] for reason in reasons]


CALL = ("find", '{"phone": "13812345678", "count": 13812345678, "who": "王\\"五"}')


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_tool_arguments_are_masked_and_still_json(size: int) -> None:
    name, arguments = CALL
    pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
    scripts = (
        whole(chat_json(None, tool_calls=[CALL], finish="tool_calls")),
        events(chat_sse([], tool_calls=[(name, pieces)], finish="tool_calls")),
    )
    tool = {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    async with between(PLAN, *scripts) as here:
        said = await here.ask("问", tools=[tool])
        heard = await here.hear("问", tools=[tool])
    (call,) = said.choices[0].message.tool_calls
    assert (call.id, call.function.name) == ("call_0", name)
    assert json.loads(call.function.arguments) == json.loads(heard.arguments())
    assert json.loads(heard.arguments()) == {"phone": "13*******78", "count": "13*******78", "who": '王"五'}
    assert (said.choices[0].finish_reason, heard.reasons()) == ("tool_calls", ["tool_calls"])


async def test_reasoning_is_judged_and_arrives_where_clients_look_for_it() -> None:
    scripts = (
        whole(chat_json("好", reasoning="想到13812345678了")),
        events(chat_sse(["好"], reasoning=list("想到13812345678了"))),
    )
    async with between(PLAN, *scripts) as here:
        said = await here.ask("问")
        heard = await here.hear("问")
    assert said.choices[0].message.reasoning_content == heard.reasoning() == "想到13*******78了"
    assert said.choices[0].message.content == heard.text() == "好"


@pytest.mark.parametrize("policy", [PASS, PLAN], ids=["without rules", "with rules"])
async def test_fields_that_we_do_not_know_reach_both_sides(policy: Any) -> None:
    extra = {"system_fingerprint": "fp_1", "service_tier": "default", "x_vendor": {"深": [1, 2.50, None]}}
    async with between(policy, whole(chat_json("号码13812345678", **extra))) as here:
        said = await here.ask("问", seed=7, extra_body={"x_mine": {"k": [1.0]}, "top_k": 3})
    assert said.system_fingerprint == "fp_1"
    assert said.x_vendor == {"深": [1, 2.5, None]}
    sent = here.upstream.requests[0]
    assert sent.json["x_mine"] == {"k": [1.0]}
    assert b"1.0" in sent.body
    assert (sent.json["top_k"], sent.json["seed"]) == (3, 7)


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("text", ["你好，世界", "号码13812345678", "毒品"])
async def test_usage_comes_once_if_it_was_asked_for(asked: bool, text: str) -> None:
    script = events(chat_sse(list(text), usage=(7, 5) if asked else None))
    async with between(PLAN, script) as here:
        heard = await here.hear("问", **({"stream_options": {"include_usage": True}} if asked else {}))
    usages = [chunk for chunk in heard.chunks if chunk.usage]
    assert len(usages) == (1 if asked else 0)
    assert all(not chunk.choices for chunk in usages)
    assert usages == heard.chunks[-1:] or not asked
    assert here.upstream.requests[0].json.get("stream_options") == ({"include_usage": True} if asked else None)


async def test_the_raw_response_shows_what_was_done() -> None:
    async with between(PLAN, *answers("号码13812345678").values()) as here:
        raw = await here.client.chat.completions.with_raw_response.create(
            model="up", messages=[{"role": "user", "content": "号码13812345678"}]
        )
        async with here.client.chat.completions.with_streaming_response.create(
            model="up", messages=[{"role": "user", "content": "问"}], stream=True
        ) as streaming:
            heard = await Heard.of(await streaming.parse())
        await here.gate.recorded(2)
    assert raw.headers["x-sluice-verdict"] == "mask"
    assert raw.headers["x-sluice-policy"] == "kit@000000000000"
    assert raw.headers["x-sluice-unjudged"] == "0"
    assert float(raw.headers["x-sluice-overhead-ms"]) < 10_000
    assert raw.headers["x-sluice-request-id"] == here.gate.records.records[0].id
    assert raw.parse().choices[0].message.content == heard.text() == "号码13*******78"
    assert streaming.headers["x-sluice-request-id"] == here.gate.records.records[1].id


class City(BaseModel):
    """What a program wants to read."""

    name: str
    phone: str


@pytest.mark.parametrize("stream", [False, True])
async def test_structured_output_is_parsed_masked_and_carries_no_label(stream: bool) -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
    text = '{"name": "北京", "phone": "13812345678"}'
    async with between(labelled, answers(text)[stream]) as here:
        if stream:
            async with here.client.chat.completions.stream(
                model="up", messages=[{"role": "user", "content": "问"}], response_format=City
            ) as flow:
                async for _ in flow:
                    pass
                city = (await flow.get_final_completion()).choices[0].message.parsed
        else:
            parsed = await here.client.chat.completions.parse(
                model="up", messages=[{"role": "user", "content": "问"}], response_format=City
            )
            city = parsed.choices[0].message.parsed
    assert city == City(name="北京", phone="13*******78")
    assert here.upstream.requests[0].json["response_format"]["type"] == "json_schema"


# --- Labels --------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", ["start", "end"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("asked", "text"), [("问", "今天天气很好。"), ("why?", "Because of the rain.")])
async def test_prose_carries_its_label_once(
    position: Literal["start", "end"], stream: bool, asked: str, text: str
) -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan(position, LABEL, metadata=True))
    async with between(labelled, answers(text)[stream]) as here:
        if stream:
            heard = await here.hear(asked)
            said = heard.text()
            fields = [chunk.model_extra["aigc"] for chunk in heard.chunks if "aigc" in (chunk.model_extra or {})]
        else:
            answer = await here.ask(asked)
            said = answer.choices[0].message.content
            fields = [answer.aigc]
        await here.gate.recorded(1)
    words = LABEL.matching(text)
    assert said == (f"{words}\n\n{text}" if position == "start" else f"{text}\n\n{words}")
    assert [field["ProduceID"] for field in fields] == [here.gate.records.records[0].id]
    assert here.gate.records.records[0].label == f"text-{position}+metadata"


@pytest.mark.parametrize("position", ["start", "end"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("text", "more"),
    [
        ('{"a": "天气"}', {}),
        ('{"a": "天气"}', {"response_format": {"type": "json_object"}}),
        ("天气", {"response_format": {"type": "json_object"}}),
        ("```python\nprint('天气')\n```", {}),
        ("[1, 2]", {}),
    ],
)
async def test_what_a_program_reads_carries_no_label(
    position: Literal["start", "end"], stream: bool, text: str, more: dict[str, Any]
) -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan(position, LABEL, metadata=True))
    async with between(labelled, answers(text)[stream]) as here:
        said = (
            (await here.hear("问", **more)).text()
            if stream
            else (await here.ask("问", **more)).choices[0].message.content
        )
    assert said == text


@pytest.mark.parametrize("stream", [False, True])
async def test_tool_calls_carry_no_label_in_their_words(stream: bool) -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
    script = (
        events(chat_sse(["查一下"], tool_calls=[("f", ['{"a":', " 1}"])], finish="tool_calls"))
        if stream
        else whole(chat_json("查一下", tool_calls=[("f", '{"a": 1}')], finish="tool_calls"))
    )
    async with between(labelled, script) as here:
        if stream:
            heard = await here.hear("问")
            said, arguments = heard.text(), heard.arguments()
        else:
            message = (await here.ask("问")).choices[0].message
            said, arguments = message.content, message.tool_calls[0].function.arguments
    assert (said, arguments) == ("查一下", '{"a": 1}')


# --- Upstreams that fail -------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "body", [b'{"error":{"message":"slow down","type":"x","param":null,"code":"busy"}}', b"<html>"]
)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
async def test_an_error_of_the_upstream_is_passed_on(
    status: int, kind: type[openai.APIStatusError], body: bytes, stream: bool
) -> None:
    script = whole(body, status, "application/json" if body.startswith(b"{") else "text/html", retry_after="7")
    async with between(PLAN, script) as here:
        client = here.client.with_options(max_retries=0)
        with pytest.raises(kind) as caught:
            await client.chat.completions.create(
                model="up", messages=[{"role": "user", "content": "问"}], stream=stream
            )
    assert caught.value.status_code == status
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.code == ("busy" if body.startswith(b"{") else "upstream_refused")


async def test_the_sdk_tries_again_as_the_upstream_asks_and_every_try_has_its_record() -> None:
    busy = whole(b'{"error":{"message":"busy"}}', 503, retry_after_ms="1")
    async with between(PLAN, busy, whole(chat_json("好"))) as here:
        said = await here.ask("问")
        await here.gate.recorded(2)
    assert said.choices[0].message.content == "好"
    assert [record.outcome for record in here.gate.records.records] == ["upstream_error", "answered"]


async def test_our_own_key_that_is_refused_is_not_blamed_on_the_client() -> None:
    async with between(PLAN, whole(b'{"error":{"message":"bad key sk-upstream"}}', 401)) as here:
        with pytest.raises(openai.APIStatusError) as caught:
            await here.client.with_options(max_retries=0).chat.completions.create(
                model="up", messages=[{"role": "user", "content": "问"}]
            )
    assert caught.value.status_code == 502
    assert "sk-upstream" not in caught.value.response.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("down", [True, False])
async def test_an_upstream_that_is_not_there_is_a_502(down: bool, stream: bool) -> None:
    providers = {"up": OpenAICompatible("up", "http://127.0.0.1:9/v1", "k")}
    async with between(PLAN, hangup()) as here, serving(parts(PLAN, providers)) as nowhere:
        url = nowhere.url if down else here.gate.url
        with pytest.raises(openai.APIStatusError) as caught:
            await here.client.with_options(max_retries=0, base_url=url + "/v1").chat.completions.create(
                model="up", messages=[{"role": "user", "content": "问"}], stream=stream
            )
    assert caught.value.status_code == 502
    assert caught.value.code in ("upstream_unreachable", "upstream_broke")


@pytest.mark.parametrize("then", ["close", "reset", "end"])
@pytest.mark.parametrize("policy", [PASS, PLAN], ids=["without rules", "with rules"])
async def test_an_upstream_that_dies_in_mid_stream_is_an_error_after_all_the_text_that_came(
    then: Literal["close", "reset", "end"], policy: Any
) -> None:
    pieces = chat_sse(["今天", "天气", "很好，号码138"], finish=None, done=False)
    async with between(policy, events([*pieces, 0.05], then=then)) as here:
        said: list[str] = []
        with pytest.raises(openai.APIError) as caught:
            await collect(await here.ask("问", stream=True), said)
        await here.gate.recorded(1)
    assert "".join(said) == "今天天气很好，号码138"
    assert caught.value.code == "upstream_broke"
    assert here.gate.records.records[0].outcome == "upstream_error"


async def test_a_stream_survives_heartbeats_and_any_line_ends_and_any_cuts() -> None:
    for eol in ("\n", "\r\n"):
        body = b"".join(chat_sse(list("号码13812345678。"), heartbeat=True, eol=eol))
        for size in (1, 7, 1000):
            async with between(PLAN, events(cut(body, size))) as here:
                assert (await here.hear("问")).text() == "号码13*******78。"


# --- The SDK without async, and clients that leave ------------------------------------------------


def test_the_sdk_without_async_sees_the_same() -> None:
    async def serve() -> list[Any]:
        async with between(
            PLAN, whole(chat_json("号码13812345678")), events(chat_sse(list("号码13812345678")))
        ) as here:

            def ask() -> list[Any]:
                with OpenAI(base_url=here.gate.url + "/v1", api_key="x") as client:
                    messages: Any = [{"role": "user", "content": "问"}]
                    said = client.chat.completions.create(model="up", messages=messages)
                    with client.chat.completions.create(model="up", messages=messages, stream=True) as stream:
                        heard = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
                    refused = client.chat.completions.create(
                        model="up", messages=[{"role": "user", "content": "毒品"}], n=1
                    )
                    models = [model.id for model in client.models.list()]
                    return [said.choices[0].message.content, heard, refused.choices[0].finish_reason, models]

            return await asyncio.to_thread(ask)

    assert asyncio.run(serve()) == ["号码13*******78", "号码13*******78", "content_filter", ["up"]]


async def test_a_stream_that_the_sdk_closes_ends_the_work_upstream() -> None:
    never = asyncio.Event()
    async with between(PLAN, events([*chat_sse(["你好。", "再见。"])[:2], never])) as here:
        stream = await here.ask("问", stream=True)
        async for _ in stream:
            break
        await stream.close()
        await asyncio.wait_for(here.upstream.left.wait(), 5)
        await here.gate.recorded(1)
    assert here.gate.records.records[0].outcome == "client_gone"


async def test_a_wrong_request_names_its_field() -> None:
    async with between(PLAN, whole(chat_json("never"))) as here:
        with pytest.raises(openai.BadRequestError) as caught:
            await here.ask({"role": "wizard", "content": "问"})
        with pytest.raises(openai.NotFoundError) as missing:
            await here.client.chat.completions.create(model="nobody", messages=[{"role": "user", "content": "问"}])
        seen = await post(here.gate.url, b'{"model": "up"')
    assert (caught.value.param, caught.value.code) == ("messages[0].role", "unknown_role")
    assert missing.value.code == "model_not_found"
    assert seen.json["error"]["code"] == "invalid_json"
    assert here.upstream.requests == []


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_stands_in_every_choice_that_was_asked_for(stream: bool) -> None:
    async with serving(parts(plan(SIDE, SIDE))) as gate:
        seen = await post(gate.url, chat("我要买毒品", n=3, stream=stream))
    assert [seen.text(choice) for choice in range(3)] == [SAFE.zh] * 3
    assert [seen.reason(choice) for choice in range(3)] == ["content_filter"] * 3
