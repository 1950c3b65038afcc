"""``models:`` in the settings becomes routes: aliases, several upstreams, fallbacks, prices, regions, either format."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.asking import chat, post
from kit.gateway import serving
from kit.messages import body, message_json
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway import wiring
from gateway.errors import ConfigError, SettingsError
from gateway.exchange import Cost
from gateway.ports import Call, Price
from gateway.providers.echo import Echo
from gateway.providers.litellm import LiteLLM
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.pool import Pool, Tries
from gateway.providers.replay import Replay
from gateway.settings import Settings, load_settings
from gateway.settings.models import Model
from gateway.stores.memory import MemoryRecords
from gateway.telemetry import names
from gateway.wiring import parts, provider_of, routes_of

pytestmark = pytest.mark.anyio


def read(folder: Path, text: str) -> Settings:
    file = folder / "sluice.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


FULL = """\
currency: USD
models:
  qwen:
    aliases: [gpt-4o, 通义]
    upstreams:
      - {name: a, provider: openai_compatible, base_url: "http://a/v1", model: qwen-max, weight: 3, region: cn,
         price: {input: 2, output: 6}, concurrency: 50}
      - {provider: echo, region: cn, price: {input: 1, output: 9}}
    retry: {tries: 4, base: 1, longest: 2, within: 9, after: [timeout, 429, 5xx]}
    cooldown: {failures: 2, seconds: 5}
    fallbacks: [small]
  small: {provider: echo, region: cn}
"""


def test_a_model_has_all_that_was_said_of_it(tmp_path: Path) -> None:
    settings = read(tmp_path, FULL)
    routes = routes_of(settings, {})
    assert list(routes) == ["qwen", "gpt-4o", "通义", "small"]
    assert settings.names == tuple(routes)
    assert settings.unpriced == ("qwen", "small")  # it may fall back to one of which nobody knows
    route = routes["qwen"]
    assert routes["gpt-4o"] is route
    pool = route.provider
    assert isinstance(pool, Pool)
    assert [(arm.name, arm.model, arm.weight, arm.concurrency) for arm in pool.arms] == [
        ("qwen/a", "qwen-max", 3.0, 50),
        ("qwen/2", "qwen", 1.0, None),
        ("small", "small", 1.0, None),
    ]
    assert [type(arm.provider) for arm in pool.arms] == [OpenAICompatible, Echo, Echo]
    assert pool._tries == Tries(4, 1.0, 2.0, 9.0, frozenset({"timeout", "429", "5xx"}), 2, 5.0)
    assert (route.region, route.wire, route.upstreams) == ("cn", "openai", ("qwen/a", "qwen/2", "small"))
    assert route.price_of("qwen/a") == Price(2.0, 6.0)
    assert route.price_of("small") is None
    assert route.highest() is None
    assert isinstance(routes["small"].provider, Echo)  # nothing stands between where nothing was asked for


def test_a_budget_is_kept_by_the_highest_price(tmp_path: Path) -> None:
    settings = read(tmp_path, FULL.replace("region: cn}\n", "region: cn, price: {input: 0, output: 0}}\n"))
    assert routes_of(settings, {})["qwen"].highest() == Price(2.0, 9.0)
    assert settings.unpriced == ()


def test_a_model_in_several_regions_stands_in_none(tmp_path: Path) -> None:
    settings = read(tmp_path, FULL.replace("small: {provider: echo, region: cn}", "small: {provider: echo}"))
    route = routes_of(settings, {})["qwen"]
    assert route.region == ""
    assert route.regions == {"qwen/a": "cn", "qwen/2": "cn", "small": ""}


async def test_the_next_upstream_answers_and_the_record_says_who_and_for_how_much(tmp_path: Path) -> None:
    async with (
        ScriptedUpstream(whole(b"{}", 503)) as down,
        ScriptedUpstream(whole(chat_json("好", usage=(10, 20)))) as up,
    ):
        text = f"""\
database: sqlite:///{tmp_path}/r.db
currency: USD
models:
  qwen:
    aliases: [gpt-4o]
    upstreams:
      - {{name: down, provider: openai_compatible, base_url: "{down.url}", weight: 1000000}}
      - {{name: up, provider: openai_compatible, base_url: "{up.url}", model: other, weight: 0.001,
          region: eu, price: {{input: 3, output: 5}}}}
"""
        made = parts(read(tmp_path, text), {})
        records = MemoryRecords()
        made = replace(made, ports=replace(made.ports, records=records), writer=None)
        async with serving(made) as gate:
            seen = await post(gate.url, chat("问", model="gpt-4o"))
    assert (seen.status, up.requests[0].json["model"]) == (200, "other")
    assert seen.headers["x-sluice-cost"] == "0.000130 USD"
    assert seen.headers["x-sluice-tokens"] == "10+20"
    (record,) = records.records
    assert (record.model, record.upstream, record.region) == ("gpt-4o", "qwen/up", "eu")
    assert record.cost == Cost(130, "USD")
    assert [(one.upstream, one.outcome) for one in record.attempts] == [("qwen/down", "503"), ("qwen/up", "answered")]
    assert made.metrics.value(names.UPSTREAM_ATTEMPTS, upstream="qwen/down", outcome="503") == 1
    assert "sluice_upstreams_resting 0" in made.metrics.prometheus()


MIXED = """\
database: sqlite:///{folder}/r.db
models:
  claude: {{provider: openai_compatible, wire: anthropic, base_url: "{url}", key_env: KEY, model: claude-x}}
  both:
    upstreams:
      - {{provider: openai_compatible, wire: anthropic, base_url: "{url}", key_env: KEY, model: claude-x}}
      - {{provider: openai_compatible, base_url: "{url}"}}
"""


def test_a_pool_of_both_formats_speaks_openais(tmp_path: Path) -> None:
    routes = routes_of(read(tmp_path, MIXED.format(folder=tmp_path, url="http://up/v1")), {"KEY": "sk-ant-1"})
    assert (routes["claude"].wire, routes["both"].wire) == ("anthropic", "openai")
    pool = routes["both"].provider
    assert isinstance(pool, Pool)
    assert [type(arm.provider) for arm in pool.arms] == [LiteLLM, OpenAICompatible]
    assert isinstance(routes["claude"].provider, OpenAICompatible)
    assert isinstance(routes["claude"].openai, LiteLLM)
    assert routes["both"].openai is None


async def test_a_chat_reaches_a_server_that_speaks_messages(tmp_path: Path) -> None:
    async with ScriptedUpstream(whole(message_json("好"))) as upstream:
        made = parts(read(tmp_path, MIXED.format(folder=tmp_path, url=upstream.url)), {"KEY": "sk-ant-1"})
        async with serving(made) as gate:
            chatted = await post(gate.url, chat("问", model="claude"))
            messaged = await post(gate.url, body("问", model="claude"), path="/v1/messages")
    assert chatted.text().startswith("好")
    assert messaged.json["content"][0]["text"].startswith("好")
    assert [request.path for request in upstream.requests] == ["/v1/messages", "/v1/messages"]
    assert [request.json["model"] for request in upstream.requests] == ["claude-x", "claude-x"]
    assert [request.headers["x-api-key"] for request in upstream.requests] == ["sk-ant-1", "sk-ant-1"]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Model(provider="echo"), Echo),
        (Model(provider="openai_compatible", base_url="http://up/v1", key_env="UP_KEY"), OpenAICompatible),
        (Model(provider="openai_compatible", base_url="http://up/v1"), OpenAICompatible),
        (Model(provider="litellm", model="anthropic/claude", key_env="UP_KEY"), LiteLLM),
    ],
)
def test_each_kind_of_provider_is_built_without_a_connection(model: Model, kind: type) -> None:
    provider = provider_of("m", model, {"UP_KEY": "sk-secret"})
    assert isinstance(provider, kind)
    assert provider.name == "m"


@pytest.mark.parametrize("environment", [{}, {"UP_KEY": ""}])
@pytest.mark.parametrize("kind", ["openai_compatible", "litellm", "echo"])
def test_a_key_that_is_not_set_is_told_by_its_name(kind: Any, environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="model 'm': the environment variable UP_KEY is not set"):
        provider_of("m", Model(provider=kind, base_url="http://up/v1", key_env="UP_KEY"), environment)


async def test_a_script_is_read_when_the_provider_is_built(tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    model = Model(provider="replay", script=str(file))
    with pytest.raises(SettingsError, match=r"cannot read .*script.yaml: No such file"):
        provider_of("m", model, {})
    file.write_text("- match: 你好\n  anser: 你好！\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"script.yaml:2.*did you mean 'answer'"):
        provider_of("m", model, {})
    file.write_text("- match: 你好\n  answer: 你好！\n", encoding="utf-8")
    provider = provider_of("m", model, {})
    assert isinstance(provider, Replay)
    said = await provider.open(
        Call(
            "1",
            "/chat/completions",
            "m",
            b'{"model":"m","messages":[{"role":"user","content":"\xe4\xbd\xa0\xe5\xa5\xbd"}]}',
            False,
        )
    )
    assert "你好！".encode() in b"".join([chunk async for chunk in said.chunks()])


async def test_the_models_own_name_goes_upstream_and_the_key_with_it(tmp_path: Path) -> None:
    async with ScriptedUpstream(whole(chat_json("好"))) as upstream:
        model = Model(provider="openai_compatible", base_url=upstream.url, key_env="UP_KEY", model="qwen-max")
        settings = Settings(models={"通义": model}, database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "s"))
        made = wiring.parts(settings, {"UP_KEY": "sk-secret"})
        async with serving(made) as gate:
            seen = await post(gate.url, chat("问", model="通义"))
        assert seen.text().startswith("好")
        assert upstream.requests[0].json["model"] == "qwen-max"
        assert upstream.requests[0].headers["authorization"] == "Bearer sk-secret"
    with contextlib.closing(sqlite3.connect(tmp_path / "r.db")) as connection:
        assert connection.execute("select model, upstream, outcome from exchange").fetchall() == [
            ("通义", "通义", "answered")
        ]


async def test_an_anthropic_server_gets_its_key_and_version_in_its_own_headers(tmp_path: Path) -> None:
    async with ScriptedUpstream(whole(message_json("好"))) as upstream:
        model = Model(provider="openai_compatible", wire="anthropic", base_url=upstream.url, key_env="UP_KEY")
        settings = Settings(models={"claude": model}, database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "s"))
        async with serving(wiring.parts(settings, {"UP_KEY": "sk-secret"})) as gate:
            seen = await post(gate.url, body("问", model="claude"), path="/v1/messages")
    assert seen.json["content"][0]["text"].startswith("好")
    (request,) = upstream.requests
    assert (request.path, request.headers["x-api-key"]) == ("/v1/messages", "sk-secret")
    assert request.headers["anthropic-version"] == wiring.ANTHROPIC_VERSION
    assert "authorization" not in request.headers


def test_routes_lead_where_the_settings_say() -> None:
    routes = routes_of(Settings(models={"a": Model(provider="echo", model="b"), "*": Model(provider="echo")}), {})
    assert {name: route.model for name, route in routes.items()} == {"a": "b", "*": "*"}
