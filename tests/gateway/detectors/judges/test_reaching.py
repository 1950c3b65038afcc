"""Where a judge answers: a model of the settings or a server of its own, and never somebody else."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kit.judging import build, opinions, reaching, says
from kit.upstream import ScriptedUpstream

from gateway.detectors.judges.nobody import NOBODY
from gateway.detectors.registry import registry
from gateway.errors import ConfigError, JudgeUnasked, PolicyError
from gateway.ports import Route
from gateway.providers.echo import Echo
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.text import TextView

KINDS = ("json_judge", "llama_guard", "qwen3guard", "shieldgemma")
MORE: dict[str, dict[str, Any]] = {"json_judge": {"risks": {"fraud": "x"}}}
ECHO = Route("echo", Echo("echo", clock=time.time), "echo")


async def test_a_model_of_the_settings_is_asked_through_its_provider_by_its_own_name() -> None:
    async with ScriptedUpstream(says("safe")) as server:
        provider = OpenAICompatible("guard", server.url, "sk-models-own-key")
        async with reaching({"guard": Route("guard", provider, "Llama-Guard-4-12B")}) as world:
            assert await opinions(build("llama_guard", world, model="guard"), "text") == {}
        await provider.aclose()
    (request,) = server.requests
    assert request.json["model"] == "Llama-Guard-4-12B"
    assert request.headers["authorization"] == "Bearer sk-models-own-key"


async def test_a_server_of_its_own_gets_its_own_key_and_no_other() -> None:
    async with ScriptedUpstream(says("safe")) as server:
        async with reaching(environment={"GUARD_KEY": "sk-guard"}) as world:
            with_key = build("llama_guard", world, model="g", base_url=server.url, key_env="GUARD_KEY")
            await opinions(with_key, "一")
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "二")
    assert [request.headers.get("authorization") for request in server.requests] == ["Bearer sk-guard", None]


async def test_two_judges_of_one_server_share_its_connections() -> None:
    async with ScriptedUpstream(says("safe")) as server, reaching() as world:
        for _ in range(2):
            await opinions(build("llama_guard", world, model="g", base_url=server.url), "一")
        assert (len(server.requests), server.connections) == (2, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "gaurd"}, "models: in sluice.yaml has no 'gaurd' — known: guard"),
        ({"model": "guard", "key_env": "X"}, "key_env goes with base_url"),
        (
            {"model": "m", "base_url": "http://h/v1", "key_env": "NOT_SET"},
            "the environment variable NOT_SET is not set",
        ),
        ({"model": "m", "base_url": "h/v1"}, "base_url is not an http or https address"),
        ({"model": "m", "base_url": "ftp://h/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://user:pw@h/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://h/v1?key=1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://[abc/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://[fe80::zz]/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://h:8o80/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://h:99999/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http://h:0/v1"}, "base_url is not"),
        ({"model": "m", "base_url": "http:///v1"}, "base_url is not"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_place_that_is_none_is_told(kind: str, options: dict[str, Any], message: str) -> None:
    async with reaching({"guard": ECHO}) as world:
        with pytest.raises(ConfigError, match=message):
            build(kind, world, **options, **MORE.get(kind, {}))


@pytest.mark.parametrize("kind", KINDS)
async def test_where_policies_are_only_checked_nothing_is_looked_up_and_nobody_asked(kind: str) -> None:
    for place in ({"model": "anything"}, {"model": "m", "base_url": "http://h/v1", "key_env": "NOT_SET"}):
        judge = registry(NOBODY)[kind].build({**place, **MORE.get(kind, {})}, lambda name: b"").judge
        assert judge is not None
        with pytest.raises(JudgeUnasked):
            await judge(TextView("text"))


@pytest.mark.parametrize("base_url", ["http://[abc/v1", "http://主机:八零/v1", "h/v1"])
@pytest.mark.parametrize("kind", [*KINDS, "openai_moderation", "aliyun_moderation"])
def test_a_place_that_is_none_is_told_where_policies_are_only_checked(kind: str, base_url: str) -> None:
    keys = {"key_id_env": "A", "key_secret_env": "B"} if kind == "aliyun_moderation" else {"model": "m"}
    with pytest.raises(PolicyError, match="base_url is not an http or https address — write it like https"):
        registry(NOBODY)[kind].build({**keys, "base_url": base_url, **MORE.get(kind, {})}, lambda name: b"")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_model_that_is_no_judge_never_lets_pass(kind: str) -> None:
    async with reaching({"echo": ECHO}) as world:
        from gateway.errors import DetectorError

        with pytest.raises(DetectorError):
            await opinions(build(kind, world, model="echo", **MORE.get(kind, {})), "Safety: Safe and sound")
