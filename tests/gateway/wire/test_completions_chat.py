"""Completions before a model that chats, by OpenAI's own SDK: the same whole and streamed, and refusals that say why.

Mutants killed: a second choice that is lost; an echo in the first piece of every event; a field that a chat cannot
express and that vanishes; a stream whose end has no reason.
"""

from __future__ import annotations

from typing import Any

import openai
import orjson
import pytest
from kit.plans import SAFE, pattern, plan, rule, side
from kit.responses import before_openai
from kit.upstream import Answer, Received, chat_json, chat_sse, cut, events, whole

from gateway.errors import UpstreamBroke
from gateway.providers.echo import Echo
from gateway.wire.completions_chat import OverChat

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE)


def chatting(text: str, finish: str = "stop") -> Any:
    """A model that chats only, and says the same to each choice."""

    def answer(request: Received) -> Answer:
        if not request.path.endswith("/chat/completions"):
            return whole(b'{"error": {"message": "no such path"}}', 404)
        count = request.json.get("n") or 1
        if not request.json.get("stream"):
            body = orjson.loads(chat_json(text, finish=finish, usage=(7, 5)))
            body["choices"] = [{**body["choices"][0], "index": at} for at in range(count)]
            return whole(orjson.dumps(body))
        return events(chat_sse(list(text), usage=(7, 5), finish=finish))

    return answer


async def heard(stream: Any) -> tuple[dict[int, str], dict[int, str]]:
    said: dict[int, str] = {}
    ends: dict[int, str] = {}
    async for chunk in stream:
        assert chunk.object == "text_completion"
        for choice in chunk.choices:
            said[choice.index] = said.get(choice.index, "") + choice.text
            if choice.finish_reason:
                ends[choice.index] = choice.finish_reason
    return said, ends


@pytest.mark.parametrize("text", ["你好，世界。", "Hello, world.", '请 call 我 "now"\n🎈'])
async def test_a_completion_is_what_a_chat_answers(text: str) -> None:
    async with before_openai(PLAN, chatting(text)) as here:
        one = await here.client.completions.create(
            model="up", prompt="问", stop=["。。"], max_tokens=50, temperature=0.5
        )
        two = await heard(await here.client.completions.create(model="up", prompt=["问"], stream=True))
        await here.gate.recorded(2)
    assert (one.choices[0].text, one.choices[0].finish_reason, one.object) == (text, "stop", "text_completion")
    assert one.usage
    assert one.usage.total_tokens == 12
    assert one.id.startswith("cmpl-")
    assert two == ({0: text}, {0: "stop"})
    sent = [request.json for request in here.upstream.requests if request.path.endswith("/chat/completions")]
    assert [one["messages"] for one in sent] == [[{"role": "user", "content": "问"}]] * 2
    assert (sent[0]["stop"], sent[0]["max_tokens"], sent[0]["temperature"]) == (["。。"], 50, 0.5)
    assert [record.dialect for record in here.gate.records.records] == ["completions"] * 2


async def test_each_choice_is_answered_and_judged() -> None:
    async with before_openai(PLAN, chatting("号码13812345678")) as here:
        made = await here.client.completions.create(model="up", prompt="问", n=3)
    assert [(choice.index, choice.text) for choice in made.choices] == [(at, "号码13*******78") for at in range(3)]


async def test_what_is_forbidden_is_so_on_both_sides_whole_and_streamed() -> None:
    async with before_openai(PLAN, chatting("买毒品")) as here:
        for prompt in ("毒品", "问"):
            one = await here.client.completions.create(model="up", prompt=prompt)
            two, ends = await heard(await here.client.completions.create(model="up", prompt=prompt, stream=True))
            assert (one.choices[0].text, one.choices[0].finish_reason) == (SAFE.zh, "content_filter")
            assert two[0].endswith(SAFE.zh)
            assert "毒品" not in two[0]
            assert ends == {0: "content_filter"}


async def test_the_prompt_is_said_back_where_that_is_asked_for_once_and_judged() -> None:
    async with before_openai(PLAN, chatting("答")) as here:
        one = await here.client.completions.create(model="up", prompt="问13812345678：", echo=True, n=2)
        two, _ = await heard(await here.client.completions.create(model="up", prompt="问：", echo=True, stream=True))
    assert [choice.text for choice in one.choices] == ["问13*******78：答"] * 2
    assert two == {0: "问：答"}


UNSAID: list[tuple[dict[str, Any], str]] = [
    ({"suffix": "后"}, "suffix"),
    ({"logprobs": 0}, "logprobs"),
    ({"logprobs": 5}, "logprobs"),
    ({"best_of": 3}, "best_of"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"prompt": ["一", "二"]}, "prompt"),
    ({"prompt": [1, 2, 3]}, "prompt"),
    ({"prompt": [[1, 2, 3]], "echo": True}, "prompt"),
]


@pytest.mark.parametrize(("more", "param"), UNSAID, ids=str)
async def test_what_a_chat_cannot_express_is_refused_by_its_name(more: dict[str, Any], param: str) -> None:
    async with before_openai(PLAN, chatting("答")) as here:
        with pytest.raises(openai.BadRequestError, match="this model speaks OpenAI's chat format") as raised:
            await here.client.completions.create(**{"model": "up", "prompt": "问", **more})
    assert (raised.value.param, raised.value.code) == (param, "not_supported_by_model")
    assert not [request for request in here.upstream.requests if request.path.endswith("/chat/completions")]


async def test_the_demonstration_model_speaks_every_dialect() -> None:
    echo = Echo("up", clock=lambda: 1_700_000_000.0)
    async with before_openai(PLAN, chatting("never"), provider=echo) as here:
        completion = await here.client.completions.create(model="up", prompt="你好 world")
        streamed, _ = await heard(await here.client.completions.create(model="up", prompt="你好", stream=True, n=2))
        response = await here.ask("你好")
        vectors = await here.client.embeddings.create(model="up", input=["你好", "你好", "world"])
    assert completion.choices[0].text == "你好 world"
    assert streamed == {0: "你好", 1: "你好"}
    assert response.output_text == "你好"
    one, same, other = (row.embedding for row in vectors.data)
    assert one == same != other
    assert len(one) == 256
    assert here.upstream.requests == []


# --- The translation by itself -------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 9, 10_000])
def test_however_it_is_cut_the_stream_is_the_same(size: int) -> None:
    stream = b"".join(chat_sse(["你", "好"], reasoning=["想"], usage=(7, 5), finish="tool_calls"))
    translated = OverChat().about(b'{"prompt": "p", "echo": true}').stream("up")
    out = b"".join(map(translated.feed, cut(stream, size))) + translated.finish()
    chunks = [orjson.loads(event[6:]) for event in out.split(b"\n\n")[:-2]]
    assert out.endswith(b"data: [DONE]\n\n")
    assert "".join(choice["text"] for chunk in chunks for choice in chunk["choices"]) == "p你好"
    assert [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]][-1] == "stop"
    assert chunks[-1]["usage"]["total_tokens"] == 12


@pytest.mark.parametrize(
    "answer",
    [{}, {"choices": []}, {"choices": [1]}, {"choices": [{"message": 1}]}, {"choices": [{"message": {"content": 1}}]}],
)
def test_an_answer_that_is_none_broke(answer: Any) -> None:
    with pytest.raises(UpstreamBroke):
        OverChat().whole(orjson.dumps(answer), "up")


@pytest.mark.parametrize(
    "chunk",
    [{"error": {"message": "x"}}, {"choices": {}}, {"choices": [1]}, {"choices": [{"delta": "x"}]}],
)
def test_an_event_that_does_not_fit_broke(chunk: Any) -> None:
    with pytest.raises(UpstreamBroke):
        OverChat().stream("up").feed(b"data: " + orjson.dumps(chunk) + b"\n\n")
