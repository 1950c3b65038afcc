"""Settings and policies that do not go together are refused before the port opens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kit.plans import plan, rule, shipped, side

from gateway import wiring
from gateway.errors import SettingsError
from gateway.policy.plan import (
    AnswersPlan,
    HandoffPlan,
    LabelPlan,
    PicturePlan,
    RecordPlan,
    SoundPlan,
    VideoPlan,
    Words,
)
from gateway.settings import Settings
from gateway.settings.models import Model
from gateway.settings.places import HandoffPlace, KnowledgePlace
from gateway.wiring import check, check_handoff, check_unguarded

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    ("settings", "policy", "environment", "words"),
    [
        (Settings(), plan(record=RecordPlan(text="encrypted")), {}, "SLUICE_SEAL_KEY is not set"),
        (Settings(producer="某 公司"), plan(), {}, "the producer"),
        (Settings(producer=""), plan(), {}, "the producer"),
    ],
)
def test_what_does_not_go_together_is_told(settings: Settings, policy: Any, environment: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        wiring.check(settings, policy, environment)
    wiring.check(Settings(producer="acme"), plan(record=RecordPlan(text="encrypted")), {"SLUICE_SEAL_KEY": KEY})


WORDS = Words("人工智能生成", "AI-generated · AI生成")


@pytest.mark.parametrize(
    ("label", "told"),
    [
        (LabelPlan("none", Words("AI生成\U0010fffd", "AI"), pictures=PicturePlan()), "no font has the characters"),
        (LabelPlan("none", WORDS, sounds=SoundPlan("spoken", clip=b"ID3")), "no WAV file"),
        (LabelPlan("none", WORDS, sounds=SoundPlan("spoken")), "espeak-ng is not installed — install espeak-ng, name"),
        (LabelPlan("none", WORDS, videos=VideoPlan()), "ffmpeg is not installed — install ffmpeg"),
        (LabelPlan("none", WORDS, pictures=PicturePlan(), sounds=SoundPlan("rhythm")), ""),
        (LabelPlan("end", WORDS), ""),
    ],
)
def test_labels_that_this_machine_cannot_make_are_told(
    label: LabelPlan, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    if not told:
        wiring.check(Settings(), plan(label=label), {})
        return
    with pytest.raises(SettingsError, match=f"policy 'kit'.*{told}"):
        wiring.check(Settings(), plan(label=label), {})


def test_a_policy_that_grounds_answers_needs_a_knowledge_base() -> None:
    with pytest.raises(SettingsError, match="no knowledge base"):
        check(Settings(), shipped("grounded"), {})
    check(Settings(knowledge=KnowledgePlace()), shipped("grounded"), {})


PLACE = HandoffPlace(url="https://desk.example.com/tickets", secret_env="DESK_SECRET")


HOLE = Words("工单 {ticket}", "ticket {ticket}")


SEAL_KEY = "k" * 40


@pytest.mark.parametrize(
    ("made", "settings", "environment", "fault"),
    [
        (plan(side({}, [rule("x", "handoff", reply="wait")]), replies={"wait": HOLE}), Settings(), {}, "whom to tell"),
        (plan(None, side({}, [rule("x", "handoff", reply="wait")]), replies={"wait": HOLE}), Settings(), {}, "whom"),
        (replace(plan(), answers=AnswersPlan(None, "refuse", waiting=HOLE)), Settings(), {}, "whom"),  # type: ignore[arg-type]
        (replace(plan(), handoff=HandoffPlan("raw")), Settings(handoff=PLACE), {}, "SLUICE_SEAL_KEY is not set"),
        (replace(plan(), handoff=HandoffPlan("raw")), Settings(handoff=PLACE), {"SLUICE_SEAL_KEY": SEAL_KEY}, ""),
        (replace(plan(), handoff=HandoffPlan("raw")), Settings(), {}, ""),
        (plan(side({}, [rule("x", "handoff", reply="wait")]), replies={"wait": HOLE}), Settings(handoff=PLACE), {}, ""),
        (plan(side({}, [rule("x", "answer", reply="wait")]), replies={"wait": HOLE}), Settings(), {}, ""),
    ],
)
def test_a_promise_that_nobody_keeps_is_no_policy(
    made: Any, settings: Settings, environment: dict[str, str], fault: str
) -> None:
    if not fault:
        check_handoff(settings, made, environment)
        return
    with pytest.raises(SettingsError, match=fault):
        check_handoff(settings, made, environment)


UP = {"up": Model(provider="openai_compatible", base_url="https://example.com/v1")}


def unguarded(*paths: str) -> Settings:
    return Settings(models=UP, unguarded=dict.fromkeys(paths, "up"))


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/chat", "/v1/chat/completions", "/v1/Responses", "/v1/responses/compact", "/v1/images"]
)
def test_no_listed_path_is_a_way_around_a_dialect(path: str) -> None:
    with pytest.raises(SettingsError, match="way around"):
        check_unguarded(unguarded(path))


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/v1/handoff", "/v1/handoff"),
        ("/v1/handoff/T1/answer", "/v1/handoff"),
        ("/V1/Handoff", "/v1/handoff"),
        ("/v1/models", "/v1/models"),
        ("/v1/sluice", "/v1/sluice/restore"),
        ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
        ("/metrics", "/metrics"),
        ("/metrics/x", "/metrics"),
    ],
)
def test_no_listed_path_takes_the_place_of_what_sluice_answers_itself(path: str, own: str) -> None:
    with pytest.raises(SettingsError, match=f"unguarded: {path} would take the place of {own} — .* answered by Sluice"):
        check_unguarded(unguarded(path))


@pytest.mark.parametrize("path", ["/v1/files", "/v1/handoffs", "/v1/model", "/healthzy"])
def test_paths_beside_are_taken(path: str) -> None:
    check_unguarded(unguarded(path))
