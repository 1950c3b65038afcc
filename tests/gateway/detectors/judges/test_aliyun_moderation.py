"""Alibaba Cloud's text moderation over a real port: what it is sent, what its labels mean, what is no verdict."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from kit.judging import build, opinions, reaching
from kit.upstream import Answer, ScriptedUpstream, whole

from gateway.detectors.judges.acs3 import Key, authorization
from gateway.errors import ConfigError, JudgeAway, JudgeNonsense

KEYS = {"AK_ID": "test-id", "AK_SECRET": "test-secret"}
NAMED = {"key_id_env": "AK_ID", "key_secret_env": "AK_SECRET"}


def moderated(*results: Any, level: str | None = "high", code: Any = 200, **data: Any) -> Answer:
    inner: dict[str, Any] = {"Result": list(results), **({"RiskLevel": level} if level else {}), **data}
    return whole(orjson.dumps({"RequestId": "R", "Code": code, "Message": "OK", "Data": inner}))


def labelled(name: str, confidence: float | None = None) -> dict[str, Any]:
    return {"Label": name, **({"Confidence": confidence} if confidence is not None else {}), "RiskWords": "词"}


def attacked(level: Any, *results: Any, **data: Any) -> Answer:
    return moderated(labelled("nonLabel"), level="none", AttackLevel=level, AttackResult=list(results), **data)


def sensitive(level: Any, **data: Any) -> Answer:
    return moderated(labelled("nonLabel"), level="none", SensitiveLevel=level, **data)


SAFE = moderated(labelled("nonLabel"), level="none")


async def judged(answer: Answer, text: str = "问题", question: str | None = None, **more: Any) -> dict[str, float]:
    async with ScriptedUpstream(answer) as server, reaching(environment=KEYS) as world:
        base = server.url.removesuffix("/v1")
        return await opinions(build("aliyun_moderation", world, **NAMED, base_url=base, **more), text, question)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (moderated(labelled("nonLabel"), level="none"), {}),
        (moderated(labelled("nonLabel"), level=None), {}),
        (moderated(labelled("political_n", 81.22)), {"a1.b": pytest.approx(0.8122)}),
        (moderated(labelled("pornographic_adult", 100)), {"a1.f": 1.0, "sexual": 1.0}),
        (moderated(labelled("violent_weapons", 50)), {"a1.h": 0.5, "dangerous": 0.5}),
        (moderated(labelled("violent_extremist", 50)), {"a1.d": 0.5}),
        (moderated(labelled("contraband_gambling", 60), labelled("pt_to_sites", 40)), {"a1.h": 0.6, "a3.e": 0.4}),
        (moderated(labelled("inappropriate_discrimination", 90)), {"a2.i": 0.9, "hate": 0.9}),
        (moderated(labelled("inappropriate_nonsense", 90), level="low"), {}),
        (moderated(labelled("customized")), {"a1.h": 0.9}),
        (moderated(labelled("political_newcomer"), level="medium"), {"a1.b": 0.6}),
        (moderated(labelled("political_n"), level="none"), {"a1.b": 0.3}),
        (moderated(labelled("brand_new", 70)), {"a1.h": 0.7}),
        (moderated(labelled("nonLabel"), labelled("religion_b", 30), level="low"), {"a2.b": 0.3}),
        (moderated(labelled("inappropriate_nonsense", 90), level="high"), {}),  # a label that means no risk
        (moderated(labelled("political_n", 0), labelled("pt_to_sites", 80)), {"a3.e": 0.8}),
        (moderated(labelled("political_n", 0), level="none"), {}),
        (attacked("high", labelled("Indirect Prompt Injection", 99.9)), {"attack.injection": pytest.approx(0.999)}),
        (attacked("medium", labelled("间接提示词注入")), {"attack.injection": 0.6}),
        (attacked("high", labelled("Jailbreak", 80)), {"attack.jailbreak": 0.8}),
        (attacked("high", labelled("safe", 0)), {"attack.jailbreak": 0.9}),  # the level alone says that there is one
        (attacked("low"), {"attack.jailbreak": 0.3}),
        (attacked("none", labelled("safe", 0)), {}),
        (attacked("none"), {}),
        (attacked(""), {}),  # not turned on
        (moderated(labelled("nonLabel"), level="none", AttackLevel=None, AttackResult=None), {}),
        (sensitive("S3"), {"a4.f": 0.9}),
        (sensitive("S1", SensitiveResult=[{"Label": "1780", "SensitiveLevel": "S1"}]), {"a4.f": 0.3}),
        (sensitive("S4"), {"a4.f": 0.95}),
        (sensitive("S0"), {}),
        (sensitive(""), {}),
        (
            moderated(labelled("political_n", 70), AttackLevel="high", SensitiveLevel="S2"),
            {"a1.b": 0.7, "attack.jailbreak": 0.9, "a4.f": 0.6},
        ),
    ],
)
async def test_labels_become_risks_with_their_confidence(answer: Answer, expected: dict[str, float]) -> None:
    assert await judged(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        moderated(),
        moderated({"Confidence": 90}),
        moderated({"Label": 7}),
        moderated("political_n"),
        moderated(labelled("political_n", 101)),
        moderated({"Label": "political_n", "Confidence": "90"}),
        moderated({"Label": "political_n", "Confidence": True}),
        moderated(labelled("nonLabel"), level="high"),
        moderated(labelled("nonLabel"), level="terrible"),
        moderated(labelled("political_n", 0), level="high"),
        moderated(labelled("political_n", 0), labelled("nonLabel"), level="medium"),
        attacked("terrible"),
        attacked(3),
        attacked(["high"]),
        attacked("high", "Jailbreak"),
        attacked("high", {"Confidence": 90}),
        attacked("high", labelled("Jailbreak", 900)),
        moderated(labelled("nonLabel"), level="none", AttackLevel="high", AttackResult={"Label": "Jailbreak"}),
        sensitive("S7"),
        sensitive("high"),
        sensitive(3),
        sensitive(["S3"]),
        whole(b'{"Code": 200, "Data": {}}'),
        whole(b'{"Data": {"Result": [{"Label": "nonLabel"}]}}'),
        whole(b"[]"),
    ],
)
async def test_what_is_no_result_is_an_error(answer: Answer) -> None:
    with pytest.raises(JudgeNonsense):
        await judged(answer)


@pytest.mark.parametrize(("code", "counts"), [(408, True), (403, True), (500, True), (400, False)])
async def test_a_code_that_is_not_200_is_no_verdict(code: int, counts: bool) -> None:
    with pytest.raises(JudgeAway, match=f"code {code}") as told:
        await judged(moderated(labelled("nonLabel"), code=code))
    assert told.value.counts is counts


async def test_the_request_is_a_signed_form_for_the_service_of_its_side() -> None:
    async with ScriptedUpstream(SAFE) as server, reaching(environment=KEYS) as world:
        judge = build("aliyun_moderation", world, **NAMED, base_url=server.url.removesuffix("/v1"))
        await opinions(judge, '问题 "一" & 二')
        await opinions(judge, "答案", "问题")
    first, second = server.requests
    assert (first.method, first.path) == ("POST", "/")
    form = parse_qs(first.body.decode())
    assert form["Service"] == ["llm_query_moderation"]
    assert orjson.loads(form["ServiceParameters"][0]) == {"content": '问题 "一" & 二'}
    assert parse_qs(second.body.decode())["Service"] == ["llm_response_moderation"]
    signed = first.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert signed == sorted(signed)
    assert {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"} <= set(signed)
    expected = authorization(Key("test-id", "test-secret"), {name: first.headers[name] for name in signed}, first.body)
    assert first.headers["authorization"] == expected
    assert first.headers["x-acs-action"] == "TextModerationPlus"
    assert first.headers["x-acs-version"] == "2022-03-02"
    assert first.headers["x-acs-date"] == "2026-09-21T14:13:20Z"
    assert first.headers["x-acs-signature-nonce"] != second.headers["x-acs-signature-nonce"]
    assert b"test-secret" not in first.body
    assert "test-secret" not in str(first.headers)


async def test_services_and_risks_are_the_policys_to_set_and_long_texts_go_in_pieces() -> None:
    risks = {"political_n": "a1.g", "pt": []}
    seen = await judged(moderated(labelled("political_n", 80), labelled("pt_to_sites", 80)), risks=risks)
    assert seen == {"a1.g": 0.8}
    async with ScriptedUpstream(SAFE) as server, reaching(environment=KEYS) as world:
        more = {"base_url": server.url.removesuffix("/v1"), "service": "chat_detection_pro"}
        judge = build("aliyun_moderation", world, **NAMED, **more)
        await opinions_of_any_length(judge, "字" * 4_500)
    sent = [parse_qs(request.body.decode()) for request in server.requests]
    assert {form["Service"][0] for form in sent} == {"chat_detection_pro"}
    assert sorted(len(orjson.loads(form["ServiceParameters"][0])["content"]) for form in sent) == [500, 2000, 2000]


async def test_what_attacks_and_sensitive_data_mean_is_the_policys_to_set() -> None:
    answer = attacked("high", labelled("Prompt Injection", 90), labelled("Leaking", 70), SensitiveLevel="S3")
    risks = {"prompt_injection": "attack.jailbreak", "Leaking": "a4.e", "sensitive_data": []}
    assert await judged(answer, risks=risks) == {"attack.jailbreak": 0.9, "a4.e": 0.7}


async def opinions_of_any_length(built: Any, text: str) -> None:
    from gateway.text import TextView

    assert (await built.judge(TextView(text))).findings == ()


async def test_a_key_that_is_not_set_is_told_by_its_name() -> None:
    async with reaching(environment={"AK_ID": "x"}) as world:
        with pytest.raises(ConfigError, match="the environment variable AK_SECRET is not set"):
            build("aliyun_moderation", world, **NAMED)
