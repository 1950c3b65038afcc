"""What the chart makes is what the gateway takes: its own readers read the settings and the policy of a release."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import yaml
from kit.helm import CHART, Object, Rendered, containers, render

from evaluators.cli.nightly import nightly as nightly_command
from evaluators.nightly.plan import load_plan as load_night
from gateway.cli.serve import serve
from gateway.policy.load import load_policy
from gateway.settings import Settings, load_settings
from gateway.settings.load import ENVIRONMENT
from gateway.settings.models import CooldownEntry, Model, PriceEntry, RetryEntry, Timeouts, UpstreamEntry
from gateway.settings.places import (
    AnswersPlace,
    BankModel,
    EmbeddingEndpoint,
    Endpoint,
    KnowledgePlace,
    ResponsesPlace,
    VaultPlace,
)
from gateway.settings.schema import KeySettings, Limits, Retention, Waiver
from gateway.wiring import load_plan

ROOT = Path(__file__).parents[2]
_SPELLED = {"baseUrl": "base_url", "keySecret": "key_env"}

RELEASES: dict[str, Object] = {
    "defaults": {},
    "one upstream": {"upstream": {"url": "http://vllm:8000/v1", "model": "qwen", "keySecret": {"name": "vllm"}}},
    "any model of one upstream": {"upstream": {"url": "http://vllm:8000/v1"}},
    "models and everything": {
        "workers": 3,
        "database": {"urlSecret": {"name": "db"}},
        "models": {
            "qwen": {
                "provider": "openai_compatible",
                "baseUrl": "http://vllm:8000/v1",
                "keySecret": {"name": "vllm", "key": "k"},
                "timeouts": {"connect": 1, "first_byte": 300, "idle": 30.5},
            },
            "on": {"provider": "litellm", "model": "y"},
            "pool": {
                "aliases": ["gpt-4o"],
                "upstreams": [
                    {
                        "name": "a",
                        "provider": "openai_compatible",
                        "baseUrl": "http://a:8000/v1",
                        "wire": "anthropic",
                        "region": "cn",
                        "weight": 0.5,
                        "concurrency": 64,
                        "price": {"input": 0, "output": 9.6},
                        "keySecret": {"name": "a", "key": "k"},
                    },
                    {"provider": "litellm", "model": "azure/x", "options": {"api_version": "2024-10-21"}},
                ],
                "fallbacks": ["on"],
                "retry": {"tries": 4, "base": 1, "longest": 2, "within": 9, "after": ["timeout", 429, "5xx"]},
                "cooldown": {"failures": 2, "seconds": 5},
            },
        },
        "defaultModel": "qwen",
        "policies": {"policy.yaml": "name: a\nmisuse: {}", "strict.yaml": "name: b"},
        "keyPolicies": {"strict": "strict.yaml"},
        "stricter": {"Harder_1": "strict.yaml"},
        "unguarded": {"/v1/files": "qwen", "/v1/fine_tuning/jobs": "on"},
        "unlabelled": [{"key": "0123456789abcdef", "agreement": "A-1", "date": "2026-09-01"}],
        "responses": {"at": "redis", "urlSecret": {"name": "redis"}, "seconds": 60, "megabytes": 1},
        "vault": {"at": "database", "seconds": 5},
        "knowledge": {
            "enabled": True,
            "urlSecret": {"name": "kb"},
            "rerank": {"url": "http://rerank:8000/v1/rerank", "model": "bge", "seconds": 1},
            "search": {"url": "https://search.example/q", "keySecret": {"name": "search"}},
            "embeddings": {"url": "http://bge:8000/v1/embeddings", "onError": "words", "keySecret": {"name": "bge"}},
            "unsure": 0.5,
        },
        "answers": {
            "embeddings": {
                "url": "http://bge:8000/v1/embeddings",
                "model": "bge-m3",
                "prefix": "query: ",
                "seconds": 1,
                "building": 60,
                "keySecret": {"name": "bge"},
            }
        },
        "retention": {"textDays": 30, "recordDays": 365, "classes": {"pipl28": 7}},
        "reloadSeconds": 3,
        "fetch": {"hosts": [".blob.example.com"]},
        "keys": {
            "countersSecret": {"name": "redis"},
            "onLost": "pass",
            "assumedOutput": 77,
            "utcOffset": -3.5,
            "reloadSeconds": 2,
        },
        "currency": "USD",
        "handoff": {
            "url": "https://desk.example.com/tickets",
            "secret": {"name": "desk"},
            "seconds": 3,
            "tries": 4,
            "base": 1.5,
            "longest": 60,
        },
        "limits": {"body_bytes": 2048, "body_seconds": 1.5, "messages": 2, "records": 3, "connections": 4},
        "producer": "example-technology",
        "sealKeySecret": {"name": "seal"},
        "privacyKeySecret": {"name": "privacy"},
        "privacyKeysPreviousSecret": {"name": "privacy"},
        "markKeySecret": {"name": "mark"},
        "clientKeysSecret": {"name": "clients"},
        "env": {"HTTPS_PROXY": "http://proxy:3128"},
        "shutdown": {"drainSeconds": 10},
    },
}


def environment_of(found: Rendered, folder: Path) -> dict[str, str]:
    """Return the environment of the gateway's process, with a stand-in for what is in Secrets."""
    (gate,) = containers(found.one("Deployment"))
    env = {each["name"]: each.get("value", "postgresql://db/sluice") for each in gate["env"]}
    return {**env, "SLUICE_CONFIG": str(folder / Path(env["SLUICE_CONFIG"]).name)}


def settings_of(values: Object, folder: Path) -> Settings:
    found = render(values)
    for name, text in found.one("ConfigMap", "-settings")["data"].items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_settings(None, environment_of(found, folder))


@pytest.mark.parametrize("name", list(RELEASES))
def test_the_gateway_takes_the_settings_of_a_release(name: str, tmp_path: Path) -> None:
    settings = settings_of(RELEASES[name], tmp_path)
    assert (settings.listen.host, settings.listen.port) == ("0.0.0.0", 8080)
    assert settings.policy == "/etc/sluice/policies/policy.yaml"


def test_the_gateway_understands_them(tmp_path: Path) -> None:
    settings = settings_of(RELEASES["models and everything"], tmp_path)
    assert settings.listen.workers == 3
    assert settings.database == "postgresql://db/sluice"
    assert settings.default_model == "qwen"
    assert settings.models["qwen"].key_env == "MODEL_KEY_QWEN"
    assert settings.models["qwen"].timeouts == Timeouts(connect=1, first_byte=300, idle=30.5)
    assert settings.models["on"].model == "y"
    assert settings.limits == Limits(body_bytes=2048, body_seconds=1.5, messages=2, records=3, connections=4)
    assert settings.producer == "example-technology"
    assert settings.drain_seconds == 10
    pool = settings.models["pool"]
    assert (pool.aliases, pool.fallbacks) == (("gpt-4o",), ("on",))
    assert pool.retry == RetryEntry(tries=4, base=1, longest=2, within=9, after=("timeout", 429, "5xx"))
    assert pool.cooldown == CooldownEntry(failures=2, seconds=5)
    first, second = pool.upstreams
    assert (first.name, first.weight, first.concurrency, first.region, first.wire) == ("a", 0.5, 64, "cn", "anthropic")
    assert (first.key_env, first.price) == ("MODEL_KEY_POOL_A", PriceEntry(input=0, output=9.6))
    assert second.options == {"api_version": "2024-10-21"}
    assert settings.policies == {"strict": "/etc/sluice/policies/strict.yaml"}
    said = KeySettings(counters_env="QUOTA_COUNTERS", on_lost="pass", assumed_output=77, utc_offset=-3.5)
    assert settings.keys == said.model_copy(update={"reload_seconds": 2.0})
    assert settings.currency == "USD"
    assert settings.stricter == {"Harder_1": "/etc/sluice/policies/strict.yaml"}
    assert settings.unguarded == {"/v1/files": "qwen", "/v1/fine_tuning/jobs": "on"}
    assert settings.unlabelled == (Waiver(key="0123456789abcdef", agreement="A-1", date=date(2026, 9, 1)),)
    assert settings.responses == ResponsesPlace(at_env="RESPONSES_AT", seconds=60, megabytes=1)
    assert settings.vault == VaultPlace(at="database", seconds=5)
    search = Endpoint(url="https://search.example/q", key_env="KNOWLEDGE_SEARCH_KEY")
    rerank = Endpoint(url="http://rerank:8000/v1/rerank", model="bge", seconds=1)
    embeddings = EmbeddingEndpoint(
        url="http://bge:8000/v1/embeddings", key_env="KNOWLEDGE_EMBEDDINGS_KEY", on_error="words"
    )
    assert settings.knowledge == KnowledgePlace(
        database_env="KNOWLEDGE_DATABASE", embeddings=embeddings, rerank=rerank, search=search, unsure=0.5
    )
    model = BankModel(
        url="http://bge:8000/v1/embeddings",
        model="bge-m3",
        prefix="query: ",
        seconds=1,
        building=60,
        key_env="ANSWERS_EMBEDDINGS_KEY",
    )
    assert settings.answers == AnswersPlace(embeddings=model, vectors="/var/lib/sluice/answers.db")
    assert settings.retention == Retention(text_days=30, record_days=365, classes={"pipl28": 7})
    assert settings.reload_seconds == 3
    assert settings.fetch is not None
    assert settings.fetch.hosts == (".blob.example.com",)


ELSEWHERE = {
    "database": "a Secret holds the address, so it is a variable; an SQLite file is the chart's own choice",
    "spool": "stands beside the database by itself: the pod runs in its volume",
}


def test_the_chart_says_everything_that_the_gateway_can_be_told() -> None:
    """A setting that is new needs a value of the chart, or a reason here."""
    said = yaml.safe_load(
        render(RELEASES["models and everything"]).one("ConfigMap", "-settings")["data"]["sluice.yaml"]
    )
    assert set(Settings.model_fields) - set(said) == set(ELSEWHERE)
    for name in ("responses", "vault", "knowledge", "answers", "retention", "fetch", "keys", "listen"):
        model = Settings.model_fields[name].annotation
        kind = next(one for one in (*get_args(model), model) if hasattr(one, "model_fields"))
        left = set(kind.model_fields) - {name.removesuffix("_env") for name in said[name]}
        assert left <= {"at_env", "database_env", "counters_env"}, name


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({}, "memory"),
        ({"workers": 2}, "nowhere"),
        ({"workers": 2, "privacyKeySecret": {"name": "p"}}, "database"),
        ({"replicas": 2, "database": {"urlSecret": {"name": "db"}}}, "nowhere"),
        ({"responses": {"at": "nowhere"}}, "nowhere"),
    ],
)
def test_answers_are_kept_where_every_process_finds_them(values: Object, where: str, tmp_path: Path) -> None:
    assert settings_of(values, tmp_path).responses.at == where


def test_the_chart_says_of_the_rest_what_the_gateway_says_by_itself(tmp_path: Path) -> None:
    settings = settings_of({}, tmp_path)
    assert (settings.responses, settings.retention) == (ResponsesPlace(), Retention())
    assert (settings.vault, settings.knowledge, settings.reload_seconds) == (None, None, 1.0)
    assert settings.answers == AnswersPlace()
    values = settings_of({"answers": {"embeddings": {"folder": "/models/bge"}}}, tmp_path)
    assert values.answers.embeddings == BankModel(folder="/models/bge")
    values = settings_of({"knowledge": {"enabled": True}}, tmp_path)
    assert values.knowledge == KnowledgePlace(database="sqlite:////var/lib/sluice/knowledge.db")


def test_the_chart_says_of_keys_what_the_gateway_says_by_itself(tmp_path: Path) -> None:
    settings = settings_of({}, tmp_path)
    assert (settings.keys, settings.currency) == (KeySettings(), "CNY")


def test_one_upstream_is_the_only_model(tmp_path: Path) -> None:
    settings = settings_of(RELEASES["one upstream"], tmp_path)
    assert list(settings.models) == ["qwen"]
    assert settings.models["qwen"].base_url == "http://vllm:8000/v1"
    assert settings.models["qwen"].key_env == "SLUICE_UPSTREAM_KEY"
    assert not settings.demonstration


def test_without_a_model_a_release_is_a_demonstration_with_its_records_on_the_volume(tmp_path: Path) -> None:
    settings = settings_of({}, tmp_path)
    assert settings.demonstration
    (gate,) = containers(render().one("Deployment"))
    folder = gate["workingDir"]
    assert settings.database == f"sqlite:///{folder}/sluice.db"
    assert folder in [mount["mountPath"] for mount in gate["volumeMounts"]]


def test_every_secret_variable_is_one_that_the_gateway_reads() -> None:
    found = render(
        {
            **RELEASES["models and everything"],
            "models": {},
            "unguarded": {},
            "defaultModel": "",
            **RELEASES["one upstream"],
        }
    )
    (gate,) = containers(found.one("Deployment"))
    named = {each["name"] for each in gate["env"] if each["name"].startswith("SLUICE_")}
    assert named <= set(ENVIRONMENT)
    in_the_file = {"SLUICE_POLICY", "SLUICE_PRODUCER", "SLUICE_WORKERS"}
    assert set(ENVIRONMENT) - named == in_the_file


def test_the_chart_knows_every_limit_and_timeout_of_the_gateway() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    assert set(schema["properties"]["limits"]["properties"]) == set(Limits.model_fields)
    assert set(schema["$defs"]["model"]["properties"]["timeouts"]["properties"]) == set(Timeouts.model_fields)
    for shape, model in (("model", Model), ("upstream", UpstreamEntry)):
        known = {_SPELLED.get(key, key) for key in schema["$defs"][shape]["properties"]}
        assert known == set(model.model_fields) - {"script"}  # replay is for tests and demonstrations
    assert set(schema["$defs"]["model"]["properties"]["retry"]["properties"]) == set(RetryEntry.model_fields)


def test_the_charts_own_policy_is_one_and_extends_what_the_image_has(tmp_path: Path) -> None:
    text = render().one("ConfigMap", "-policies")["data"]["policy.yaml"]
    parent = yaml.safe_load(text)["extends"]
    copied = "COPY policies/ /usr/share/sluice/policies/"
    assert copied in (ROOT / "Dockerfile").read_text().splitlines()
    assert parent.startswith(copied.rpartition(" ")[2])
    own = tmp_path / "policy.yaml"
    own.write_text(shipped(text), encoding="utf-8")
    assert load_policy(own).files == (str(own), shipped(parent))
    assert load_plan(str(own)).request.rules, "the shipped policy has rules, and they are in force"


def test_the_gateway_takes_the_arguments_of_its_pod() -> None:
    (gate,) = containers(render({"workers": 3}).one("Deployment"))
    assert gate["args"][0] == "serve"
    with serve.make_context("serve", gate["args"][1:]) as context:
        assert (context.params["host"], context.params["port"], context.params["workers"]) == ("0.0.0.0", 8080, 3)


def test_the_evaluation_takes_the_arguments_and_the_plan_of_its_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLUICE_EVAL_STORE", raising=False)
    judge = {"baseUrl": "http://judge:8000/v1", "model": "judge", "embeddingModel": "bge"}
    nightly = {"enabled": True, "judge": judge, "args": ["--fresh"]}
    values = {"models": {"qwen": {"provider": "echo"}}, "defaultModel": "qwen", "nightly": nightly}
    found = render(values)
    (evaluation,) = containers(found.one("CronJob"))
    assert evaluation["args"][:2] == ["eval", "nightly"]
    with nightly_command.make_context("nightly", evaluation["args"][2:]) as context:
        taken = {name: str(value) for name, value in context.params.items() if value}
    assert taken == {
        "config": "/etc/sluice/nightly/nightly.yaml",
        "base_url": "http://sluice:8080/v1",
        "model": "qwen",
        "folder": "/var/lib/sluice/runs",
        "fresh": "True",
    }
    plan = found.one("ConfigMap", "-nightly")["data"]["nightly.yaml"]
    (tmp_path / "nightly.yaml").write_text(plan.replace("/usr/share/sluice/benchmarks/", f"{ROOT / 'benchmarks'}/"))
    read = load_night(tmp_path / "nightly.yaml").read
    assert (read.judge.model, read.judge.embedding_model, read.baseline, read.keep) == ("judge", "bge", "last_good", 30)


def shipped(text: str) -> str:
    """Return text with the image's folder of policies replaced by the one of the source."""
    return text.replace("/usr/share/sluice/policies/", f"{ROOT / 'policies'}/")


def fetch(url: str, body: Object | None = None) -> tuple[int, Object]:
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def test_the_process_of_the_pod_starts_answers_and_leaves_when_told(tmp_path: Path) -> None:
    """What Kubernetes would do with the container, with its paths moved into a folder of this test."""
    found = render()
    (gate,) = containers(found.one("Deployment"))
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "policy.yaml").write_text(shipped(found.one("ConfigMap", "-policies")["data"]["policy.yaml"]))
    settings = found.one("ConfigMap", "-settings")["data"]["sluice.yaml"]
    settings = settings.replace("/etc/sluice/policies", str(tmp_path)).replace(gate["workingDir"], str(data))
    (tmp_path / "sluice.yaml").write_text(settings)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    args = [str(port) if each == "8080" else each for each in gate["args"]]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    command = [sys.executable, "-m", "gateway", *args]
    process = subprocess.Popen(
        command,
        cwd=data,
        env={**environment, **environment_of(found, tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = fetch(f"http://127.0.0.1:{port}{gate['readinessProbe']['httpGet']['path']}")
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, process.stdout and process.stdout.read().decode()
                assert time.monotonic() < deadline, "the gateway did not become ready"
                time.sleep(0.1)
        assert answer[0] == 200
        assert fetch(f"http://127.0.0.1:{port}{gate['livenessProbe']['httpGet']['path']}")[0] == 200
        asked = {"model": "echo", "messages": [{"role": "user", "content": "今天天气怎么样？"}]}
        assert "今天天气怎么样？" in str(fetch(f"http://127.0.0.1:{port}/v1/chat/completions", asked))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert (data / "sluice.db").stat().st_size > 0
