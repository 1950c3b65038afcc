"""Judges in a running gateway, over real ports: asked, remembered, failing, left alone; never a silent pass.

Mutants killed: an error of a judge taken for nothing found; judges of a conversation asked one after the other; a
judge asked in words that no rule heeds, or its silence there remembered for other roles; a judge not let go at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from kit.asking import chat, post
from kit.gateway import Running, parts, serving
from kit.judging import TestWorld, reaching, says
from kit.plans import SAFE
from kit.upstream import (
    Answer,
    Received,
    ScriptedUpstream,
    chat_json,
    chat_sse,
    events,
    hangup,
    silence,
    whole,
)

from gateway.detectors.registry import registry
from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.telemetry import names

POLICY = """\
sluice: 1
name: judged
detectors:
  - {{id: words, use: pattern, options: {{pattern: '骗', risk: fraud, score: 0.5}}}}
  - id: guard
    use: llama_guard
    {ask}
    options: {{model: g, base_url: '{url}', timeout: 0.4, breaker: {{failures: 3}}}}
request:
  rules:
    - {{id: crime, when: {{risk: a1.h, detectors: [guard], roles: [user]}}, then: refuse, on_error: {on_error}}}
response:
  rules:
    - {{id: answer-crime, when: {{risk: a1.h, detectors: [guard]}}, then: refuse, on_error: {on_error}}}
replies: {{safe: {{zh: {safe.zh}, en: '{safe.en}'}}}}
withheld: {{zh: （略）, en: (omitted)}}
"""
BAND = "ask: {when: {risk: fraud, between: [0.3, 0.8]}}"
CRIME = says("unsafe\nS2")


def judging(**verdicts: Answer) -> Any:
    """A judge that answers by a word in the last turn, safe if there is none."""

    def answer(request: Received) -> Answer:
        last = request.json["messages"][-1]["content"]
        return next((answer for word, answer in verdicts.items() if word in last), says("safe"))

    return answer


@contextlib.asynccontextmanager
async def gateway(
    folder: Path, judge: ScriptedUpstream, *, ask: str = "", on_error: str = "refuse", upstream: str | None = None
) -> AsyncIterator[tuple[Running, TestWorld]]:
    file = folder / "judged.yaml"
    file.write_text(POLICY.format(url=judge.url, ask=ask, on_error=on_error, safe=SAFE), encoding="utf-8")
    async with reaching() as world:
        plan = compile_policy(load_policy(file), registry(world))
        providers = {"up": OpenAICompatible("up", upstream, "k")} if upstream else None
        async with serving(parts(plan, providers)) as gate:
            yield gate, world


@pytest.mark.parametrize("stream", [True, False])
async def test_what_the_judge_calls_unsafe_is_refused_on_either_side(tmp_path: Path, stream: bool) -> None:
    async with ScriptedUpstream(judging(坏=CRIME)) as judge:
        async with gateway(tmp_path, judge) as (gate, _):
            asked = await post(gate.url, chat("坏问题", stream=stream))
            fine = await post(gate.url, chat("好问题，天气如何？", stream=stream))
    assert (asked.reason(), SAFE.zh in asked.text()) == ("content_filter", True)
    assert fine.text().startswith("好问题，天气如何？")
    assert asked.headers["x-sluice-verdict"] == "refuse"
    answers = [r.json["messages"] for r in judge.requests if len(r.json["messages"]) == 2]
    assert "".join(m[1]["content"] for m in answers).endswith("天气如何？")
    assert all(m[0] == {"role": "user", "content": "好问题，天气如何？"} for m in answers)


async def test_an_answer_is_stopped_at_the_clause_that_the_judge_calls_unsafe(tmp_path: Path) -> None:
    pieces = ["先说好的。", "再说", "坏的。", "后面的话。"]
    async with ScriptedUpstream(judging(坏=CRIME)) as judge, ScriptedUpstream(events(chat_sse(pieces))) as model:
        async with gateway(tmp_path, judge, upstream=model.url) as (gate, _):
            seen = await post(gate.url, chat("讲吧", model="up", stream=True))
            await gate.recorded(1)
    assert seen.text() == f"先说好的。\n\n{SAFE.zh}"
    (record,) = gate.records.records
    assert (record.outcome, record.response.rule) == ("stopped", "answer-crime")
    (hit,) = record.response.hits
    assert (hit.start, hit.end, hit.detector, hit.score) == (5, 10, "guard", 0.95)


BROKEN = {
    "500": whole(b"{}", status=500),
    "nonsense": says("I would rather not say."),
    "hangs": silence(),
    "closes": hangup(),
    "breaks off": Answer([chat_json("safe")[:50]], headers={"content-type": "application/json"}, then="close"),
    "too slow": Answer([0.8, chat_json("safe")], headers={"content-type": "application/json"}),
}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("how", BROKEN)
async def test_a_judge_that_cannot_judge_is_told_everywhere_and_refuses(tmp_path: Path, how: str, stream: bool) -> None:
    async with ScriptedUpstream(BROKEN[how]) as judge:
        async with gateway(tmp_path, judge) as (gate, world):
            seen = await post(gate.url, chat("你好", stream=stream))
            await gate.recorded(1)
    assert seen.reason() == "content_filter"
    assert "你好" not in seen.text()
    assert seen.headers["x-sluice-unjudged"] == "1"
    (record,) = gate.records.records
    (error,) = record.request.errors
    assert error.startswith("guard: Judge")
    assert (record.request.action, record.request.rule) == ("refuse", "crime")
    assert gate.metrics.value(names.DETECTOR_ERRORS, side="request", detector="guard") == 1
    assert world.metrics.value(names.JUDGE_CALLS, outcome="verdict") == 0


@pytest.mark.parametrize("how", ["500", "nonsense", "hangs"])
async def test_a_rule_that_says_pass_passes_and_says_that_nobody_judged(tmp_path: Path, how: str) -> None:
    async with ScriptedUpstream(BROKEN[how]) as judge:
        async with gateway(tmp_path, judge, on_error="pass") as (gate, _):
            seen = await post(gate.url, chat("你好"))
            await gate.recorded(1)
    assert seen.text().startswith("你好")
    assert int(seen.headers["x-sluice-unjudged"]) >= 1
    (record,) = gate.records.records
    assert record.request.errors
    assert record.response.errors


async def test_a_judge_that_fails_in_mid_answer_ends_it(tmp_path: Path) -> None:
    verdicts = judging(第三=whole(b"{}", status=500))
    pieces = ["第一句话。", "第二句话。", "第三句话。", "第四句话。"]
    async with ScriptedUpstream(verdicts) as judge, ScriptedUpstream(events(chat_sse(pieces))) as model:
        async with gateway(tmp_path, judge, upstream=model.url) as (gate, _):
            seen = await post(gate.url, chat("讲吧", model="up", stream=True))
            await gate.recorded(1)
    assert seen.text() == f"第一句话。第二句话。\n\n{SAFE.zh}"
    assert gate.records.records[0].response.errors == ("guard: JudgeAway: Upstream 'judge': answered with HTTP 500.",)


async def test_only_the_uncertain_band_costs_a_call(tmp_path: Path) -> None:
    async with ScriptedUpstream(judging(坏=CRIME)) as judge:
        async with gateway(tmp_path, judge, ask=BAND) as (gate, _):
            clear = await post(gate.url, chat("坏问题"))
            doubtful = await post(gate.url, chat("骗：坏问题"))
            harmless = await post(gate.url, chat("防骗"))
    assert [seen.reason() for seen in (clear, doubtful, harmless)] == ["stop", "content_filter", "stop"]
    assert [r.json["messages"][0]["content"] for r in judge.requests if len(r.json["messages"]) == 1] == [
        "骗：坏问题",
        "防骗",
    ]


async def test_a_verdict_is_remembered_and_counted(tmp_path: Path) -> None:
    async with ScriptedUpstream(judging()) as judge:
        async with gateway(tmp_path, judge) as (gate, world):
            for _ in range(3):
                await post(gate.url, chat("你好"))
    assert len(judge.requests) == 2  # the question, and the answer to it
    assert world.metrics.value(names.JUDGE_CACHED, judge="llama_guard:g") == 2  # questions are known before


async def test_a_judge_that_keeps_failing_is_left_alone(tmp_path: Path) -> None:
    async with ScriptedUpstream(BROKEN["500"]) as judge:
        async with gateway(tmp_path, judge) as (gate, world):
            for number in range(6):
                seen = await post(gate.url, chat(f"第{number}问"))
                assert seen.reason() == "content_filter"
            await gate.recorded(6)
    assert len(judge.requests) == 3
    assert world.metrics.value(names.JUDGE_BREAKER, state="open") == 1
    errors = [record.request.errors[0].split(": ")[1] for record in gate.records.records]
    assert errors == ["JudgeAway"] * 3 + ["JudgeResting"] * 3


async def test_every_turn_is_judged_at_once_and_only_in_words_that_a_rule_heeds(tmp_path: Path) -> None:
    here = asyncio.Event()

    def together(request: Received) -> Answer:
        if len(judge.requests) >= 3:
            here.set()
        return Answer([here, chat_json("safe")], headers={"content-type": "application/json"})

    turns = [{"role": "system", "content": "系统"}]
    for number in range(3):
        turns += [{"role": "user", "content": f"第{number}问"}, {"role": "assistant", "content": f"第{number}答"}]
    async with ScriptedUpstream(together) as judge:
        async with gateway(tmp_path, judge) as (gate, _):
            seen = await post(gate.url, chat(*turns[:-1]))
    assert seen.reason() == "stop"
    asked = [r.json["messages"][0]["content"] for r in judge.requests if len(r.json["messages"]) == 1]
    together_too = "第0问第1问第2问"  # what is split over turns is judged as one text
    assert sorted(asked) == sorted(["第0问", "第1问", "第2问", together_too])


async def test_silence_about_one_role_is_not_remembered_for_another(tmp_path: Path) -> None:
    async with ScriptedUpstream(judging(坏=CRIME)) as judge:
        async with gateway(tmp_path, judge) as (gate, _):
            await post(gate.url, chat({"role": "system", "content": "坏问题"}, "你好"))
            await post(gate.url, chat("坏问题"))
            await gate.recorded(2)
    assert [record.request.rule for record in gate.records.records] == [None, "crime"]


async def test_no_text_reaches_metrics(tmp_path: Path) -> None:
    async with ScriptedUpstream(judging(坏=CRIME)) as judge:
        async with gateway(tmp_path, judge) as (gate, world):
            await post(gate.url, chat("坏的金丝雀"))
    shown = world.metrics.prometheus() + gate.metrics.prometheus()
    assert "金丝雀" not in shown
    assert 'sluice_judge_calls_total{judge="llama_guard:g",outcome="verdict"} 1' in shown
