"""Llama Guard over a real port: safe, unsafe with codes, and everything else."""

from __future__ import annotations

import math
from typing import Any

import pytest
from kit.judging import build, opinions, reaching, says
from kit.upstream import ScriptedUpstream

from gateway.errors import JudgeNonsense


def first(word: str, **chances: float) -> dict[str, Any]:
    """Log probabilities as a server gives them: line breaks first, then the word with its rivals."""
    top = [{"token": token, "logprob": math.log(chance), "bytes": None} for token, chance in chances.items()]
    blank = {"token": "\n\n", "logprob": -0.01, "top_logprobs": [{"token": "\n\n", "logprob": -0.01}]}
    return {"content": [blank, {"token": word, "logprob": -0.1, "top_logprobs": top}]}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("safe", {}),
        ("\n\nsafe", {}),
        ("\n\nunsafe\nS2", {"a1.h": 0.95}),
        ("\n\nunsafe\r\nS2<|eot_id|>", {"a1.h": 0.95}),
        ("safe<|eot|>\n", {}),
        ("unsafe\nS1,S10", {"a1.f": 0.95, "violence": 0.95, "a2.i": 0.95, "hate": 0.95}),
        ("unsafe\n S9 , S13 \n", {"a1.d": 0.95, "dangerous": 0.95, "a1.g": 0.95}),
        ("unsafe\nS14", {"attack.injection": 0.95}),
    ],
)
async def test_its_answers_are_read(said: str, expected: dict[str, float]) -> None:
    async with ScriptedUpstream(says(said)) as server, reaching() as world:
        judge = build("llama_guard", world, model="g", base_url=server.url)
        assert await opinions(judge, "text") == expected
    assert "logprobs" not in server.requests[0].json


@pytest.mark.parametrize(
    "said",
    [
        "Safe.",
        "unsafe",
        "unsafe\nS15",
        "unsafe\nS0",
        "unsafe\nviolent",
        "safe\nS1",
        "unsafe\nS1\nsafe",
        "S1",
        "It is safe",
        "unsafe\nS1 S2",
        "unsafe\nS1\n</think>safe",
        "<|eot_id|>",
        "",
    ],
)
async def test_what_is_no_verdict_is_an_error(said: str) -> None:
    async with ScriptedUpstream(says(said)) as server, reaching() as world:
        with pytest.raises(JudgeNonsense):
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "text")


@pytest.mark.parametrize(
    ("logprobs", "score"),
    [
        (first("unsafe", unsafe=0.7, safe=0.2), 0.778),
        (first("unsafe", unsafe=0.9), 1.0),
        (first("unsafe", unsafe=0.1, safe=0.9), 0.5),  # it said so all the same
        (None, 0.95),
        ({"content": []}, 0.95),
        ({"content": "nonsense"}, 0.95),
        ({"content": 5}, 0.95),
        (first("uns", uns=0.9, safe=0.1), 0.95),  # a word in pieces: its rivals are not those of the word
        ({"content": [{"token": "unsafe", "logprob": -0.2}]}, 1.0),
    ],
)
async def test_the_first_words_probability_is_the_score_where_the_server_tells(logprobs: Any, score: float) -> None:
    async with ScriptedUpstream(says("\n\nunsafe\nS8", logprobs=logprobs)) as server, reaching() as world:
        judge = build("llama_guard", world, model="g", base_url=server.url, logprobs=True)
        assert (await opinions(judge, "text"))["a3.a"] == pytest.approx(score, abs=0.001)
    assert (server.requests[0].json["logprobs"], server.requests[0].json["top_logprobs"]) == (True, 5)


async def test_the_word_counts_and_not_the_rivals_of_the_line_break_before_it() -> None:
    blank = [{"token": "\n\n", "logprob": -0.0001}, {"token": "safe", "logprob": -12.0}]
    word = [{"token": "unsafe", "logprob": math.log(0.99)}, {"token": "safe", "logprob": math.log(0.01)}]
    places = [{"token": one[0]["token"], "logprob": one[0]["logprob"], "top_logprobs": one} for one in (blank, word)]
    said = says("\n\nunsafe\nS1", logprobs={"content": places})
    async with ScriptedUpstream(said) as server, reaching() as world:
        judge = build("llama_guard", world, model="g", base_url=server.url, logprobs=True)
        assert await opinions(judge, "text") == {"a1.f": pytest.approx(0.99), "violence": pytest.approx(0.99)}


async def test_the_last_turn_is_the_one_that_is_judged() -> None:
    async with ScriptedUpstream(says("safe")) as server, reaching() as world:
        judge = build("llama_guard", world, model="g", base_url=server.url)
        await opinions(judge, "question")
        await opinions(judge, "answer", "question")
    turns = [[message["role"] for message in request.json["messages"]] for request in server.requests]
    assert turns == [["user"], ["user", "assistant"]]
