"""Qwen3Guard over a real port: what it is asked, what its answers mean, and what is no verdict."""

from __future__ import annotations

import pytest
from kit.judging import build, opinions, reaching, says
from kit.upstream import ScriptedUpstream

from gateway.errors import JudgeNonsense, PolicyError

UNSAFE = "Safety: Unsafe\nCategories: Violent, Jailbreak"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Safety: Safe\nCategories: None", {}),
        ("Safety: Safe\nCategories: None\nRefusal: Yes", {}),
        ("\r\n Safety: Safe \r\nCategories: None\r\n\r\nRefusal: No \r\n", {}),
        ("Safety: Unsafe\r\nCategories: Violent\r\n", {"a1.f": 0.95, "violence": 0.95}),
        ("Safety: Safe\nCategories: None<|im_end|>", {}),
        ("Safety: Unsafe\nCategories: PII, Copyright Violation,", {"a4.f": 0.95, "a3.a": 0.95}),
        (UNSAFE, {"a1.f": 0.95, "violence": 0.95, "attack.jailbreak": 0.95}),
        ("Safety: Controversial\nCategories: PII\nRefusal: No", {"a4.f": 0.5}),
        ("\n\nSafety: Unsafe\nCategories: Suicide & Self-Harm\n", {"a4.a": 0.95, "self_harm": 0.95}),
        ("<think>Safety: Safe?</think>\nSafety: Unsafe\nCategories: Copyright Violation", {"a3.a": 0.95}),
        (
            "Safety: Unsafe\nCategories: Sexual Content or Sexual Acts, Non-violent Illegal Acts",
            {"a1.f": 0.95, "sexual": 0.95, "a1.h": 0.95},
        ),
        ("Safety: Unsafe\nCategories: Unethical Acts", {"a2.i": 0.95, "abuse": 0.95, "hate": 0.95}),
        ("Safety: Unsafe\nCategories: Politically Sensitive Topics", {"a1.b": 0.95, "a1.g": 0.95}),
    ],
)
async def test_its_lines_are_read(said: str, expected: dict[str, float]) -> None:
    async with ScriptedUpstream(says(said)) as server, reaching() as world:
        judge = build("qwen3guard", world, model="Qwen3Guard-Gen-0.6B", base_url=server.url)
        assert await opinions(judge, "text") == expected


@pytest.mark.parametrize(
    "said",
    [
        "safe",
        "Safety: safe\nCategories: None",
        "I think it is Safe.",
        "Safety: Safe",
        "Safety: Unsafe\nCategories: None",
        "Safety: Unsafe\nCategories: ",
        "Safety: Unsafe\nCategories: Nonsense",
        "Safety: Unsafe\nCategories: Violent, Nonsense",
        "Safety: Unsafe\nCategories: Violent\nSafety: Safe\nCategories: None",
        "Safety: Safe\nSafety: Safe\nCategories: None",
        "Safety: Safe\nCategories: None\nRefusal: Yes\nRefusal: No",
        "The text says Safety: Safe\nCategories: None",
        "The format asks for lines such as\nSafety: Safe\nCategories: None\nbut I cannot judge this.",
        "格式是：\nSafety: Safe\nCategories: None",
        "Safety: Safe\nCategories: None\nI hope this helps.",
        "Safety: Safe\nCategories: Violent",
        "Safety: Safe\nCategories: None, Violent",
        "Safety: Safe\nCategories:",
        "Safety: Safe\nCategories: None\nRefusal: Perhaps",
        "Safety: Unsafe\nCategories: Violent\n</think>\nSafety: Safe\nCategories: None",
        "Categories: None",
        "Safety: Safe Categories: None",
        "   ",
        "<think>Safety: Safe\nCategories: None</think>",
        None,
    ],
)
async def test_what_is_no_verdict_is_an_error_and_never_a_pass(said: str | None) -> None:
    async with ScriptedUpstream(says(said)) as server, reaching() as world:
        judge = build("qwen3guard", world, model="g", base_url=server.url)
        with pytest.raises(JudgeNonsense):
            await opinions(judge, "text")


async def test_a_question_goes_as_a_users_turn_and_an_answer_as_the_turn_after_it() -> None:
    async with ScriptedUpstream(says("Safety: Safe\nCategories: None")) as server, reaching() as world:
        judge = build("qwen3guard", world, model="g", base_url=server.url)
        await opinions(judge, "问题")
        await opinions(judge, "后半。", "问题", before="前半。")
        first, second = (request.json for request in server.requests)
    assert server.requests[0].path == "/v1/chat/completions"
    assert first == {
        "model": "g",
        "temperature": 0,
        "stream": False,
        "messages": [{"role": "user", "content": "问题"}],
        "max_tokens": 128,
    }
    assert second["messages"] == [{"role": "user", "content": "问题"}, {"role": "assistant", "content": "前半。后半。"}]


async def test_scores_and_risks_are_the_policys_to_set() -> None:
    answers = [says(UNSAFE), says("Safety: Controversial\nCategories: Violent")]
    async with ScriptedUpstream(*answers) as server, reaching() as world:
        risks = {"Violent": ["a1.d", "violence"], "Jailbreak": "attack.injection"}
        judge = build("qwen3guard", world, model="g", base_url=server.url, unsafe=0.8, controversial=0, risks=risks)
        assert await opinions(judge, "一") == {"a1.d": 0.8, "violence": 0.8, "attack.injection": 0.8}
        assert await opinions(judge, "二") == {}
    assert {"a1.d", "attack.injection"} <= judge.risks
    assert "attack.jailbreak" not in judge.risks


@pytest.mark.parametrize(
    ("risks", "message"),
    [
        ({"Violence": "violence"}, "unknown category 'Violence' — did you mean 'Violent'"),
        ({"Violent": "Violence!"}, "'Violence!' is not a risk id"),
    ],
)
async def test_a_wrong_category_or_risk_is_told(risks: dict[str, str], message: str) -> None:
    async with reaching() as world:
        with pytest.raises(PolicyError, match=message):
            build("qwen3guard", world, model="g", base_url="http://127.0.0.1:1/v1", risks=risks)
