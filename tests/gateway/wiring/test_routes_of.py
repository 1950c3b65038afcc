"""``models:`` in the settings becomes routes: aliases, several upstreams, fallbacks, prices, regions, either format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from kit.asking import chat, post
from kit.gateway import serving
from kit.messages import body, message_json
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway.errors import ConfigError
from gateway.exchange import Cost
from gateway.ports import Price
from gateway.providers.echo import Echo
from gateway.providers.litellm import LiteLLM
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.pool import Pool, Tries
from gateway.settings import Settings, load_settings
from gateway.stores.memory import MemoryRecords
from gateway.telemetry import names
from gateway.wiring import parts, routes_of

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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models:\n  a: {model: x}\n", "sluice.yaml:2:3: 'models.a': a model needs provider (openai_compatible, lit"),
        (
            "models:\n  a: {region: cn, upstreams: [{provider: echo}]}\n",
            "sluice.yaml:2:3: 'models.a': region belongs to each of the upstreams here, not to the model",
        ),
        (
            "models:\n  a: {upstreams: [{provider: echo, name: x}, {provider: echo, name: x}]}\n",
            "the upstream 'x' is here twice",
        ),
        ("models:\n  a: {upstreams: [{provider: openai_compatible}]}\n", "needs base_url"),
        ("models:\n  a:\n    provider: echo\n    fallbacks: [b]\n", "'a' falls back to 'b'; there are: none"),
        ("models:\n  a: {provider: echo, fallbacks: [a]}\n", "'a' falls back to 'a'"),
        (
            "models:\n  a: {provider: echo, aliases: [b]}\n  b: {provider: echo}\n",
            "has the alias 'b', which is the",
        ),
        ("models:\n  a: {provider: echo, aliases: [x, x]}\n", "has the alias 'x'"),
        ("models:\n  a: {provider: echo, retry: {after: [soon]}}\n", "sluice.yaml:2:"),
        ("models:\n  a: {provider: echo, retry: {tries: 0}}\n", "sluice.yaml:2:31:"),
        ("models:\n  a: {provider: echo, weight: 2}\n", "unknown key 'weight'"),
        ("models:\n  a: {upstreams: [{provider: echo, weight: 0}]}\n", "sluice.yaml:2:36:"),
        ("models:\n  a: {provider: echo, concurrency: 0}\n", "sluice.yaml:2:23:"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "sluice.yaml:" in str(caught.value)


def test_scripts_of_upstreams_are_found_beside_the_file(tmp_path: Path) -> None:
    settings = read(tmp_path, "models:\n  a: {upstreams: [{provider: replay, script: s.yaml}]}\n")
    assert settings.models["a"].upstreams[0].script == f"{tmp_path}/s.yaml"
    assert settings.demonstration


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
