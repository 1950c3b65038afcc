"""Legacy completions over a real port, with OpenAI's own SDK: prompts screened, answers judged, whole and streamed.

Mutants killed: a prompt of a list that is not judged; the second choice that leaves unjudged; a text that leaves in
the shape of a chat; probabilities that spell out what was masked; tokens that pass without a word.
"""

from __future__ import annotations

from typing import Any

import openai
import orjson
import pytest
from kit.asking import post
from kit.plans import LABEL, SAFE, pattern, plan, rule, side
from kit.responses import before_openai
from kit.upstream import DONE, Answer, Received, events, sse, whole

from gateway.errors import RequestError
from gateway.policy.plan import LabelPlan
from gateway.wire.completions import Completions

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE)
HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 1_700_000_000, "model": "m"}
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}


def saying(*texts: str, finish: str | None = "stop", **more: Any) -> Any:
    """A model that completes each choice with a text, whole and streamed in single characters."""

    def answer(request: Received) -> Answer:
        if not request.json.get("stream"):
            choices = [{"index": at, "text": text, "logprobs": None, "finish_reason": finish, **more}
                       for at, text in enumerate(texts)]  # fmt: skip
            return whole(orjson.dumps({**HEAD, "choices": choices, "usage": USAGE}))
        chunks = [
            {"index": at, "text": piece, "logprobs": None, "finish_reason": None}
            for at, text in enumerate(texts)
            for piece in text
        ]
        chunks += [{"index": at, "text": "", "logprobs": None, "finish_reason": finish} for at in range(len(texts))]
        out = [sse(orjson.dumps({**HEAD, "choices": [chunk]})) for chunk in chunks]
        if (request.json.get("stream_options") or {}).get("include_usage"):
            out.append(sse(orjson.dumps({**HEAD, "choices": [], "usage": USAGE})))
        return events([*out, DONE])

    return answer


async def both(here: Any, prompt: Any, **more: Any) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Text and finish reason of each choice, whole and streamed."""
    made = await here.client.completions.create(model="up", prompt=prompt, **more)
    one = [(choice.text, choice.finish_reason) for choice in made.choices]
    said: dict[int, list[str]] = {}
    stream = await here.client.completions.create(model="up", prompt=prompt, stream=True, **more)
    async for chunk in stream:
        for choice in chunk.choices:
            assert chunk.object == "text_completion"
            text, reason = said.setdefault(choice.index, ["", ""])
            assert not reason
            said[choice.index] = [text + choice.text, choice.finish_reason or ""]
    return one, [(text, reason) for _, (text, reason) in sorted(said.items())]


TEXTS = [
    (("你好，世界。",), ("你好，世界。",)),
    (("call 13812345678 now",), ("call 13*******78 now",)),
    (("一", "13812345678"), ("一", "13*******78")),
]


@pytest.mark.parametrize(("texts", "seen"), TEXTS)
async def test_every_choice_is_judged_whole_and_streamed(texts: tuple[str, ...], seen: tuple[str, ...]) -> None:
    async with before_openai(PLAN, saying(*texts)) as here:
        one, two = await both(here, "问", n=len(texts))
    assert one == two == [(text, "stop") for text in seen]


async def test_what_nothing_speaks_against_leaves_as_it_came() -> None:
    async with before_openai(PLAN, saying("好", extra={"a": 1.50})) as here:
        seen = await post(here.gate.url, {"model": "up", "prompt": "问"}, path="/v1/completions")
    assert seen.json["choices"][0]["extra"] == {"a": 1.5}
    assert seen.json["usage"] == USAGE


@pytest.mark.parametrize("prompt", ["买毒品", ["好", "买毒品"]])
async def test_a_prompt_that_is_refused_gets_the_reply_for_each_choice(prompt: Any) -> None:
    async with before_openai(PLAN, whole(b"never")) as here:
        one, two = await both(here, prompt)
        assert here.upstream.requests == []
    count = 1 if isinstance(prompt, str) else 2
    assert one == two == [(SAFE.zh, "content_filter")] * count


async def test_prompts_and_suffix_are_masked_before_a_model_sees_them() -> None:
    async with before_openai(PLAN, saying("好")) as here:
        await here.client.completions.create(model="up", prompt=["13812345678", "x"], suffix="13812345678", echo=True)
    sent = here.upstream.requests[0].json
    assert (sent["prompt"], sent["suffix"], sent["echo"]) == (["13*******78", "x"], "13*******78", True)


async def test_an_answer_that_is_refused_is_replaced_or_cut() -> None:
    async with before_openai(PLAN, saying("好的，毒品", "天气")) as here:
        one, two = await both(here, "问", n=2)
    assert one == [(SAFE.zh, "content_filter"), ("天气", "stop")]
    assert two[0][1] == "content_filter"
    assert two[0][0].endswith(SAFE.zh)
    assert "毒品" not in two[0][0]
    assert two[1] == ("天气", "stop")


async def test_probabilities_go_with_the_words_that_they_spell() -> None:
    async with before_openai(PLAN, saying("13812345678", logprobs={"tokens": ["138", "12345678"]})) as here:
        made = await here.client.completions.create(model="up", prompt="x", logprobs=1)
    assert made.choices[0].logprobs is None


async def test_prose_is_labelled_and_what_stands_between_two_texts_is_not() -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
    text = "今天的天气很好，适合出门散步。"
    async with before_openai(labelled, saying(text), producer="p") as here:
        one, two = await both(here, "问")
        between, _ = await both(here, "问", suffix="后文")
        made = await here.client.completions.create(model="up", prompt="x")
    assert one == two == [(f"{text}\n\n{LABEL.zh}", "stop")]
    assert between == [(text, "stop")]
    assert made.aigc["ContentProducer"] == "p"


async def test_usage_and_an_upstream_that_breaks_off() -> None:
    async with before_openai(PLAN, saying("好", finish=None), saying("好")) as here:
        body = {"model": "up", "prompt": "x", "stream": True, "stream_options": {"include_usage": True}}
        broken = await post(here.gate.url, body, path="/v1/completions")
        good = await post(here.gate.url, body, path="/v1/completions")
    assert broken.body.endswith(DONE)
    assert good.chunks[-1]["usage"] == USAGE


@pytest.mark.parametrize("unjudged", ["pass", "refuse"])
async def test_tokens_are_told_to_be_unread(unjudged: str) -> None:
    async with before_openai(plan(side({}, [], unjudged=unjudged)), saying("好")) as here:
        made = await here.client.completions.create(model="up", prompt=[[1, 2], [3]])
        await here.gate.recorded(1)
        assert here.gate.records.records[0].request.unjudged == ("prompt[0]", "prompt[1]")
    assert made.choices[0].finish_reason == ("stop" if unjudged == "pass" else "content_filter")


BAD = [({"prompt": ""}, "prompt"), ({"prompt": 7}, "prompt"), ({"prompt": ["x", {}]}, "prompt[1]"),
       ({"prompt": "x", "suffix": 7}, "suffix"), ({"prompt": "x", "stream": 1}, "stream"),
       ({"prompt": ["x"] * 100, "n": 100}, "prompt"), ({"prompt": "x", "stream_options": []}, "stream_options"),
       ({"prompt": "x", "model": None}, "model"), ({"prompt": "x", "n": 0}, "n")]  # fmt: skip


@pytest.mark.parametrize(("body", "param"), BAD)
def test_what_is_wrong_is_told_with_its_place(body: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as raised:
        Completions().read(orjson.dumps({"model": "m", **body}))
    assert raised.value.param == param


@pytest.mark.parametrize("body", [b"no", b"{}", b'{"choices": [7]}', b'{"choices": [{"text": 7}]}'])
async def test_an_answer_that_is_none_is_a_502(body: bytes) -> None:
    async with before_openai(PLAN, whole(body)) as here:
        here.client.max_retries = 0
        for stream in (False, True):
            with pytest.raises(openai.InternalServerError) as raised:
                await here.client.completions.create(model="up", prompt="x", stream=stream)
            assert raised.value.code == "upstream_broke"
