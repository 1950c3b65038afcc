"""OpenAI's own SDK asks for responses over a real port: before a server that knows them, and before one that chats.

Mutants killed: a stream that the SDK's helpers cannot read to its end; a surrogate that comes back in one copy of a
text and not in the others; an answer that nobody can go on from; a server that is asked in vain every time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import openai
import orjson
import pytest
from kit.asking import post
from kit.plans import LABEL, SAFE, WITHHELD, pattern, plan, rule, side
from kit.responses import before_openai, hear, response_json, response_sse
from kit.upstream import Answer, Received, chat_json, chat_sse, cut, events, whole
from pydantic import BaseModel

from gateway.policy.plan import LabelPlan
from gateway.privacy.keys import Keyring
from gateway.privacy.techniques import techniques
from gateway.providers.echo import Echo
from gateway.settings import Settings
from gateway.settings.places import ResponsesPlace

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE)
ERROR = plan(SIDE, SIDE, block="error")
Wire = Literal["responses", "chat"]
WIRES: list[Wire] = ["responses", "chat"]
BOTH = pytest.mark.parametrize("wire", WIRES)


def answering(wire: Wire, text: str, thoughts: str = "", arguments: str = "") -> Callable[[Received], Answer]:
    """A model that says the same whole and streamed, in single characters."""

    def responses(request: Received) -> Answer:
        if not request.path.endswith("/responses"):
            return whole(b'{"error": {"message": "?"}}', 404)
        said: list[Any] = [("thoughts", thoughts)] if thoughts else []
        said += [("text", text)] if text else []
        said += [("call", arguments)] if arguments else []
        if request.json.get("stream"):
            return events(response_sse(*[(form, list(words)) for form, words in said]))
        return whole(response_json(*said))

    def chat(request: Received) -> Answer:
        if not request.path.endswith("/chat/completions"):
            return whole(b'{"error": {"message": "no such path"}}', 404)
        finish = "tool_calls" if arguments else "stop"
        if request.json.get("stream"):
            tools = [("send", list(arguments))] if arguments else []
            return events(chat_sse(list(text), reasoning=list(thoughts), tool_calls=tools, usage=(7, 5), finish=finish))
        tools_whole = [("send", arguments)] if arguments else []
        return whole(chat_json(text, reasoning=thoughts or None, tool_calls=tools_whole, finish=finish))

    return responses if wire == "responses" else chat


TEXTS = ["你好，世界。", "请 call 我 at noon。", '🎈 emoji\n\n\tand \\escapes\\ "quoted"']


@BOTH
@pytest.mark.parametrize("text", TEXTS)
async def test_an_answer_that_nothing_speaks_against_arrives_as_it_is(text: str, wire: Wire) -> None:
    async with before_openai(PLAN, answering(wire, text, thoughts="想", arguments='{"a": 1}')) as here:
        one = await here.ask("问")
        two = await here.hear("问")
        async with here.client.responses.stream(model="up", input="问") as stream:
            three = await stream.get_final_response()
        await here.gate.recorded(3)
    assert one.output_text == two.text() == three.output_text == text
    assert [item.type for item in three.output] == ["reasoning", "message", "function_call"]
    assert three.output[2].arguments == '{"a": 1}'
    assert {one.usage.total_tokens, three.usage.total_tokens} == {12}
    assert [record.dialect for record in here.gate.records.records] == ["responses"] * 3


async def test_a_server_that_knows_no_responses_is_asked_for_them_once() -> None:
    async with before_openai(PLAN, answering("chat", "好")) as here:
        for _ in range(3):
            await here.ask("问")
    assert [request.path.rsplit("/v1")[-1] for request in here.upstream.requests] == [
        "/responses", "/chat/completions", "/chat/completions", "/chat/completions",
    ]  # fmt: skip


async def test_an_error_of_a_server_that_knows_responses_is_its_own() -> None:
    missing = whole(b'{"error": {"message": "no such model", "code": "model_not_found"}}', 404)
    async with before_openai(PLAN, missing) as here:
        with pytest.raises(openai.NotFoundError) as raised:
            await here.ask("问")
    assert raised.value.code == "model_not_found"


@BOTH
async def test_a_number_is_masked_in_question_answer_thoughts_and_call(wire: Wire) -> None:
    text, masked = "号码13812345678。", "号码13*******78。"
    model = answering(wire, text, thoughts=text, arguments=json.dumps({"to": text}))
    async with before_openai(PLAN, model) as here:
        one = await here.ask(text, instructions=text)
        two = await here.hear(text, instructions=text)
    assert one.output_text == two.text() == masked
    assert json.loads(one.output[2].arguments) == json.loads(two.text("arguments")) == {"to": masked}
    assert one.output[0].content[0].text == two.text("thoughts") == masked
    assert all("13812345678" not in request.body.decode() for request in here.upstream.requests)
    assert one.instructions == two.final["instructions"] == text


@BOTH
async def test_refusals_of_either_side_are_replies_that_a_conversation_goes_on_from(wire: Wire) -> None:
    async with before_openai(PLAN, answering(wire, "买毒品")) as here:
        asked = await here.ask("买毒品")
        answered = await here.ask("问", previous_response_id=asked.id)
        streamed = await here.hear("问", previous_response_id=answered.id)
        here.upstream.then(answering(wire, "好"))
        last = await here.ask("问", previous_response_id=streamed.final["id"])
    assert asked.output_text == answered.output_text == SAFE.zh
    assert streamed.text().endswith(SAFE.zh)
    assert (asked.status, asked.incomplete_details.reason) == ("incomplete", "content_filter")
    assert (last.status, last.output_text) == ("completed", "好")
    sent = here.upstream.requests[-1].body.decode()
    assert WITHHELD.zh in sent
    assert "毒品" not in sent


@pytest.mark.parametrize("stream", [False, True])
async def test_a_policy_that_wants_errors_gives_one_that_is_not_retried(stream: bool) -> None:
    async with before_openai(ERROR, answering("responses", "毒品")) as here:
        for said in ("毒品", "问"):
            with pytest.raises(openai.BadRequestError) as raised:
                await (here.hear if stream else here.ask)(said)
            assert raised.value.code == "content_filter"
        await here.gate.recorded(2)


@BOTH
async def test_surrogates_come_back_in_every_copy(wire: Wire) -> None:
    mobile = "pii.mobile_number"
    detectors = {mobile: pattern(mobile, "1[3-9][0-9]{9}")}
    shielded = side(detectors, [rule(mobile, "mask", how=techniques()["surrogate"].build({}))])
    masked = side(detectors, [rule(mobile, "mask", id="out")])

    def repeats(request: Received) -> Answer:
        body = request.json
        said = body["input"] if "input" in body else body["messages"][-1]["content"]
        text = said if isinstance(said, str) else said[-1]["content"]
        return answering(wire, text, thoughts=text, arguments=json.dumps({"to": text}))(request)

    async with before_openai(plan(shielded, masked), repeats, ring=Keyring(b"k" * 32)) as here:
        one = await here.ask("13812345678")
        two = await here.hear("13812345678")
        three = await here.hear("打给13812345678", previous_response_id=one.id)
    for heard in (two, three):
        assert "13812345678" in heard.text()
        assert json.loads(heard.text("arguments"))["to"].endswith("13812345678")
    assert one.output_text == "13812345678"
    assert all("13812345678" not in request.body.decode() for request in here.upstream.requests)


async def test_structured_output_is_parsed_and_carries_no_label() -> None:
    class Weather(BaseModel):
        city: str

    labelled = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
    async with before_openai(labelled, answering("responses", '{"city": "北京"}'), producer="p") as here:
        parsed = await here.client.responses.parse(model="up", input="问", text_format=Weather)
    assert parsed.output_parsed == Weather(city="北京")
    assert parsed.aigc["ContentProducer"] == "p"


async def test_answers_are_shown_forgotten_and_kept_from_others() -> None:
    async with before_openai(PLAN, answering("responses", "号13812345678"), keys=("one", "two")) as here:
        made = await here.ask("你好")
        shown = await here.client.responses.retrieve(made.id)
        items = await here.client.responses.input_items.list(made.id)
        assert shown.output_text == made.output_text == "号13*******78"
        assert [item.content for item in items.data] == ["你好"]
        await here.client.responses.delete(made.id)
        for call in (here.client.responses.retrieve, here.client.responses.delete):
            with pytest.raises(openai.NotFoundError):
                await call(made.id)
        with pytest.raises(openai.BadRequestError) as raised:
            await here.ask("x", previous_response_id=made.id)
        assert raised.value.code == "previous_response_not_found"
        here.client.api_key = "wrong"
        with pytest.raises(openai.AuthenticationError):
            await here.client.responses.retrieve(made.id)


async def test_where_nothing_is_kept_an_earlier_answer_is_refused_clearly() -> None:
    nowhere = Settings(responses=ResponsesPlace(at="nowhere"))
    async with before_openai(PLAN, answering("responses", "好"), settings=nowhere) as here:
        made = await here.ask("你好")
        assert made.id == "resp_1"
        with pytest.raises(openai.BadRequestError) as raised:
            await here.ask("x", previous_response_id=made.id)
    assert raised.value.code == "previous_response_not_kept"
    assert "sluice.yaml" in raised.value.message
    assert "store" not in here.upstream.requests[0].json


async def test_the_demonstration_model_answers_too() -> None:
    async with before_openai(PLAN, whole(b""), provider=Echo("echo", clock=lambda: 0.0)) as here:
        assert (await here.hear("说一遍")).text() == "说一遍"


async def test_a_stream_in_single_bytes_is_the_same() -> None:
    raw = b"".join(response_sse(("thoughts", ["想"]), ("text", ["你", "好🎈"])))
    async with before_openai(PLAN, events(cut(raw, 1))) as here:
        body = {"model": "up", "input": "问", "stream": True, "store": False}
        seen = await post(here.gate.url, body, path="/v1/responses")
    assert hear(seen.body).text() == "你好🎈"
    assert orjson.loads(here.upstream.requests[0].body) == body
