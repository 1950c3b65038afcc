import asyncio

import pytest
from kit.endpoint import ScriptedEndpoint
from pydantic import BaseModel

from evaluators.endpoint import open_endpoint
from evaluators.scorers.judge import EmbeddingModel, JudgeError, JudgeModel, read_json


class Shape(BaseModel):
    verdict: int


@pytest.mark.parametrize(
    "text",
    [
        '{"verdict": 1}',
        '```json\n{"verdict": 1}\n```',
        '<think>{"verdict": 0}？再想想。</think>{"verdict": 1}',
        '还在想 {"verdict": 0}</think>\n{"verdict": 1}',
        '好的，判定如下：{"verdict": 1}。',
        'An example: {"a": 1}. My verdict: {"verdict": 1}',
        '{"verdict": 1}<think>{"verdict": 0}</think>',
    ],
)
def test_a_judgement_is_read_out_of_what_judges_put_around_it(text):
    assert read_json(text, Shape) == Shape(verdict=1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "judge_no_json"),
        ("我认为是对的", "judge_no_json"),
        ('{"verdict": 1', "judge_no_json"),
        ('<think>{"verdict": 1}</think>', "judge_no_json"),
        ('<think>也许 {"verdict": 1}', "judge_no_json"),
        ('<think>a<think>b</think>{"verdict": 1}', "judge_no_json"),
        ("{" * 1_000_000, "judge_no_json"),
        ('{"a":' * 200_000, "judge_no_json"),
        ("<think>" * 300_000, "judge_no_json"),
        ('{"verdict": "maybe"}', "judge_wrong_shape"),
    ],
)
def test_what_is_no_judgement_is_not_read_as_one(text, code):
    with pytest.raises(JudgeError, match=code):
        read_json(text, Shape)


def ask(script, times=1):
    async def go():
        async with open_endpoint(endpoint.url, attempts=1) as opened:
            return await JudgeModel(opened, "j", {"top_p": 1}).ask("?", Shape)

    with ScriptedEndpoint(script) as endpoint:
        try:
            return asyncio.run(go())
        finally:
            assert len(endpoint.asked) == times


def test_a_judge_that_answers_nonsense_is_asked_once_more():
    answers = iter(["?", '{"verdict": 1}'])
    assert ask(lambda path, body: next(answers), times=2) == Shape(verdict=1)
    with pytest.raises(JudgeError, match="judge_no_json"):
        ask(lambda path, body: "?", times=2)


@pytest.mark.parametrize(
    ("said", "code", "times"),
    [((500, {}), "judge_http_500", 1), ({"choices": []}, "judge_malformed", 2)],
)
def test_a_judge_that_is_broken_has_a_code(said, code, times):
    with pytest.raises(JudgeError, match=code):
        ask(lambda path, body: said, times)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((500, {}), "embedding_http_500"),
        ({"data": []}, "embedding_malformed"),
        ({"data": [{"embedding": [0.0, 0.0]}]}, "embedding_malformed"),
        ({"data": [{"embedding": ["x"]}]}, "embedding_malformed"),
    ],
)
def test_what_is_no_vector_is_not_taken_for_one(said, code):
    async def go():
        async with open_endpoint(endpoint.url, attempts=1) as opened:
            return await EmbeddingModel(opened, "e").embed("你好")

    with ScriptedEndpoint(lambda path, body: said) as endpoint, pytest.raises(JudgeError, match=code):
        asyncio.run(go())
