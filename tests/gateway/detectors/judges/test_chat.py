"""A language model is asked without chance, and what it wrote is read or is no verdict: never a guess.

Mutants killed: a temperature that is not nought; a thought that counts as an answer; a probability of something else
than the first word that matters; the server's "not a number" taken for one.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from kit.judging import continues, reaching, says
from kit.upstream import Answer, ScriptedUpstream, whole

from gateway.detectors.judges.careful import Asked
from gateway.detectors.judges.chat import complete, continue_text, conversation, probability, words
from gateway.errors import JudgeAway, JudgeNonsense
from gateway.ports import Route

pytestmark = pytest.mark.anyio


async def asked(answer: Answer, way: Any, *said: Any, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    async with ScriptedUpstream(answer) as server, reaching() as world:
        route = Route("judge", world.server(server.url, None), "guard-8b")
        choice = await way(route, world, *said, tokens=7, **more)
    return choice, server.requests[0].json


async def test_a_chat_is_asked_whole_and_without_chance() -> None:
    messages = [{"role": "user", "content": "问 ask"}]
    choice, request = await asked(says("safe"), complete, messages, logprobs=True)
    assert words(choice) == "safe"
    assert request == {
        "model": "guard-8b",
        "temperature": 0,
        "stream": False,
        "messages": messages,
        "max_tokens": 7,
        "logprobs": True,
    }


async def test_a_text_is_continued_without_a_template_around_it() -> None:
    choice, request = await asked(continues("安全"), continue_text, "问：")
    assert words(choice) == "安全"
    assert (request["prompt"], request["max_tokens"], request["temperature"]) == ("问：", 7, 0)
    assert "messages" not in request


@pytest.mark.parametrize("body", [b"{}", b'{"choices": []}', b'{"choices": ["secret"]}', b'["secret"]', b"null"])
async def test_an_answer_without_a_choice_is_no_verdict(body: bytes) -> None:
    with pytest.raises(JudgeNonsense, match=r"^its answer has no choices$"):
        await asked(whole(body), complete, [])


async def test_a_server_that_fails_is_away() -> None:
    with pytest.raises(JudgeAway, match="HTTP 503"):
        await asked(whole(b'{"error": "secret"}', 503), complete, [])


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"message": {"content": " 安全 \n"}}, "安全"),
        ({"text": "unsafe"}, "unsafe"),
        ({"message": {"content": "<think>is it 安全?\n</think>\nunsafe"}}, "unsafe"),
        ({"message": {"content": "\n <think></think>safe"}}, "safe"),
        ({"message": {"content": "safe <think>no</think>"}}, "safe <think>no</think>"),
        ({"message": {"content": None}, "text": "safe"}, "safe"),
    ],
)
def test_what_was_thought_is_no_answer(choice: dict[str, Any], said: str) -> None:
    assert words(choice) == said


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ({}, "holds no text"),
        ({"message": {"content": None}}, "holds no text"),
        ({"message": {"content": ["safe"]}}, "holds no text"),
        ({"message": "safe"}, "holds no text"),
        ({"message": {"content": ""}}, "is empty"),
        ({"message": {"content": "<think>安全</think> \n"}}, "is empty"),
    ],
)
def test_nothing_said_is_no_verdict(choice: dict[str, Any], why: str) -> None:
    with pytest.raises(JudgeNonsense, match=f"^its answer {why}$"):
        words(choice)


@pytest.mark.parametrize(
    ("turn", "messages"),
    [
        (Asked("怎么做", "请问"), [("user", "请问怎么做")]),
        (
            Asked("这样 so", "先", question="怎么做 how", answer=True),
            [("user", "怎么做 how"), ("assistant", "先这样 so")],
        ),
        (Asked("so", answer=True), [("user", ""), ("assistant", "so")]),
    ],
)
def test_a_guard_model_sees_the_question_and_the_answer_as_turns(turn: Asked, messages: list[tuple[str, str]]) -> None:
    assert [(one["role"], one["content"]) for one in conversation(turn)] == messages


def chat(*places: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The log probabilities of a chat completion."""
    content = [
        {"token": token, "logprob": 0.0, "top_logprobs": [{"token": t, "logprob": p} for t, p in top.items()]}
        for token, top in places
    ]
    return {"logprobs": {"content": content}}


HALF, TENTH = math.log(0.5), math.log(0.1)


@pytest.mark.parametrize(
    ("choice", "chance"),
    [
        (chat(("Yes", {"Yes": HALF, "No": HALF})), 0.5),
        (chat(("Yes", {" Yes": HALF, "No": TENTH, "Maybe": 0.0})), 0.5 / 0.6),
        (chat(("Yes", {"Yes": TENTH, " Yes": TENTH, "No": TENTH})), 2 / 3),
        (chat(("\n", {"\n": 0.0}), ("No", {"No": 0.0})), 0.0),  # the first place with such a word counts
        (chat(("No", {"No": 0.0}), ("Yes", {"Yes": 0.0})), 0.0),
        ({"logprobs": {"content": [{"token": "Yes", "logprob": TENTH}]}}, 1.0),
        ({"logprobs": {"tokens": ["Yes"], "top_logprobs": [{"Yes": HALF, "No": TENTH}]}}, 0.5 / 0.6),
        (chat(("Yes", {"Yes": 3.0, "No": 0.0})), 0.5),  # more than certain is certain
        (chat(("Yes", {"Yes": math.nan, "No": HALF})), 0.0),
        (chat(("Yes", {"Yes": None, "No": "x"})), None),
        (chat(("Yes", {"Yes": -math.inf})), None),
        (chat(("是", {"是": 0.0})), None),
        ({"logprobs": None}, None),
        ({"logprobs": {"content": "Yes"}}, None),
        ({"logprobs": {"content": [None, 5], "top_logprobs": ["Yes", None]}}, None),
        ({}, None),
    ],
)
def test_how_likely_the_first_word_was_is_read_or_not_known(choice: dict[str, Any], chance: float | None) -> None:
    found = probability(choice, "Yes", "No")
    assert found == (None if chance is None else pytest.approx(chance))
