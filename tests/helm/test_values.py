"""Wrong values are an error that names them, before anything is installed; and the schema knows every value."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_sdkpy
import pytest
import yaml
from helm_sdkpy.exceptions import InstallError
from jsonschema import Draft202012Validator
from kit.helm import CHART, Object, cluster, render

SCHEMA: Object = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS: Object = yaml.safe_load((CHART / "values.yaml").read_text())

POSTGRES = {"database": {"urlSecret": {"name": "db"}}}

WRONG: dict[str, tuple[Object, list[str]]] = {
    "an unknown key": ({"replica": 1}, ["'replica' not allowed"]),
    "an unknown key inside": ({"image": {"version": "1"}}, ["/image", "'version' not allowed"]),
    "an unknown key of a model": ({"models": {"a": {"provider": "echo", "url": "x"}}}, ["/models/a", "'url'"]),
    "a model without a provider": ({"models": {"a": {"model": "x"}}}, ["/models/a", "'provider'"]),
    "a secret by value": ({"upstream": {"key": "sk-1"}}, ["/upstream", "'key' not allowed"]),
    "a password in an address": ({"upstream": {"url": "http://me:pw@host/v1"}}, ["/upstream/url"]),
    "a reference without its key": ({"secretEnv": {"A": {"name": "s"}}}, ["/secretEnv/A", "'key'"]),
    "a word for a number": ({"workers": "two"}, ["/workers", "want integer"]),
    "a number for a word": ({"env": {"LEVEL": 1}}, ["/env/LEVEL", "want string"]),
    "a truth for a word": ({"podAnnotations": {"a": True}}, ["/podAnnotations/a", "want string"]),
    "no replica": ({"replicas": 0}, ["/replicas"]),
    "root": ({"security": {"user": 0}}, ["/security/user"]),
    "a provider that is none": ({"models": {"a": {"provider": "openai"}}}, ["/models/a/provider", "'litellm'"]),
    "a region in capitals": ({"models": {"a": {"provider": "echo", "region": "CN"}}}, ["/models/a/region"]),
    "a host with its scheme": ({"fetch": {"hosts": ["https://a.example"]}}, ["/fetch/hosts/0"]),
    "a kind of service that is none": ({"service": {"type": "ExternalName"}}, ["/service/type", "'ClusterIP'"]),
    "a kind of path that is none": (
        {"ingress": {"hosts": [{"host": "a", "paths": [{"path": "/", "pathType": "prefix"}]}]}},
        ["/ingress/hosts/0/paths/0/pathType", "'Prefix'"],
    ),
    "a pull policy that is none": ({"image": {"pullPolicy": "always"}}, ["/image/pullPolicy", "'Always'"]),
    "a tag inside the repository": ({"image": {"repository": "sluice:1"}}, ["/image/repository"]),
    "half a digest": ({"image": {"digest": "sha256:abc"}}, ["/image/digest"]),
    "a schedule of four fields": ({"nightly": {"schedule": "0 2 * *"}}, ["/nightly/schedule"]),
    "a policy file with a path": ({"policies": {"a/b.yaml": "name: a"}}, ["'a/b.yaml'"]),
    "a label that selects": ({"podLabels": {"app.kubernetes.io/name": "x"}}, ["'app.kubernetes.io/name'"]),
    "a checksum by hand": ({"podAnnotations": {"checksum/policies": "x"}}, ["'checksum/policies'"]),
    "a name with dots": ({"fullnameOverride": "a.b"}, ["/fullnameOverride"]),
    # What a schema cannot see: the chart says it when it renders.
    "latest": ({"image": {"tag": "latest"}}, ["image.tag", "latest names no version"]),
    "latest at night": ({"nightly": {"image": {"tag": "latest"}}}, ["nightly.image.tag", "latest names no version"]),
    "replicas with sqlite": ({"replicas": 2}, ["replicas: 2", "PostgreSQL", "database.urlSecret.name"]),
    "replicas with sqlite on a volume": (
        {"replicas": 2, "sqlite": {"persistence": {"enabled": True}}},
        ["replicas: 2", "PostgreSQL", "database.urlSecret.name"],
    ),
    "autoscaling with sqlite": ({"autoscaling": {"enabled": True}}, ["autoscaling.enabled", "PostgreSQL"]),
    "two places for records": (
        {**POSTGRES, "sqlite": {"persistence": {"enabled": True}}},
        ["sqlite.persistence.enabled", "database.urlSecret.name"],
    ),
    "an autoscaler upside down": (
        {**POSTGRES, "autoscaling": {"enabled": True, "minReplicas": 9}},
        ["autoscaling.minReplicas", "autoscaling.maxReplicas"],
    ),
    "autoscaling by a share of nothing": (
        {**POSTGRES, "autoscaling": {"enabled": True}, "resources": {"requests": {"cpu": None}}},
        ["resources.requests.cpu"],
    ),
    "a model server without an address": (
        {"models": {"a": {"provider": "openai_compatible"}}},
        ["/models/a", "'baseUrl'"],
    ),
    "a model server with an empty address": (
        {"models": {"a": {"provider": "openai_compatible", "baseUrl": ""}}},
        ["/models/a/baseUrl"],
    ),
    "a limit that is none": ({"limits": {"tokens": 1}}, ["/limits", "'tokens' not allowed"]),
    "a key for no upstream": ({"upstream": {"keySecret": {"name": "a"}}}, ["upstream.keySecret", "upstream.url"]),
    "an upstream and models": (
        {"upstream": {"url": "http://a/v1"}, "models": {"a": {"provider": "echo"}}},
        ["upstream.url", "models"],
    ),
    "a default that is no model": (
        {"models": {"a": {"provider": "echo"}, "b": {"provider": "echo"}}, "defaultModel": "c"},
        ["defaultModel: c", "a, b"],
    ),
    "models that share a variable": (
        {"models": {"a-b": {"provider": "echo"}, "a.b": {"provider": "echo"}}},
        ["a-b and a.b", "MODEL_KEY_A_B"],
    ),
    "an upstream that shares a variable": (
        {"models": {"a": {"upstreams": [{"name": "b", "provider": "echo"}]}, "a-b": {"provider": "echo"}}},
        ["MODEL_KEY_A_B"],
    ),
    "an unknown key of an upstream": (
        {"models": {"a": {"upstreams": [{"provider": "echo", "url": "x"}]}}},
        ["/models/a/upstreams/0", "'url'"],
    ),
    "an upstream without an address": (
        {"models": {"a": {"upstreams": [{"provider": "openai_compatible"}]}}},
        ["/models/a/upstreams/0", "'baseUrl'"],
    ),
    "a policy of keys that is not there": (
        {"policies": {"policy.yaml": "name: a"}, "keyPolicies": {"strict": "strict.yaml"}},
        ["keyPolicies: strict is strict.yaml", "policy.yaml"],
    ),
    "answers in the memory of one of several": (
        {"workers": 2, "responses": {"at": "memory"}},
        ["responses.at: memory"],
    ),
    "a vault in the memory of one of several": (
        {**POSTGRES, "replicas": 2, "vault": {"at": "memory"}, "privacyKeySecret": {"name": "p"}},
        ["vault.at: memory", "database or redis"],
    ),
    "a vault without a key": ({"vault": {"at": "memory"}}, ["privacyKeySecret.name"]),
    "a redis without its address": (
        {"responses": {"at": "redis"}, "privacyKeySecret": {"name": "p"}},
        ["responses.urlSecret.name"],
    ),
    "an address for no redis": ({"vault": {"urlSecret": {"name": "r"}}}, ["vault.at: redis"]),
    "a place that is none": ({"responses": {"at": "disk"}}, ["/responses/at", "'database'"]),
    "knowledge in a file of one of several": (
        {**POSTGRES, "replicas": 2, "knowledge": {"enabled": True}},
        ["knowledge.enabled", "knowledge.urlSecret.name"],
    ),
    "a key for no search": (
        {"knowledge": {"enabled": True, "search": {"keySecret": {"name": "s"}}}},
        ["knowledge.search.model and keySecret"],
    ),
    "two models of answer banks": (
        {"answers": {"embeddings": {"url": "http://bge:8000/v1/embeddings", "folder": "/models/bge"}}},
        ["answers.embeddings has url and folder"],
    ),
    "a model of answer banks nowhere": (
        {"answers": {"embeddings": {"model": "bge-m3"}}},
        ["answers.embeddings.model and keySecret do nothing without url"],
    ),
    "knowledge that is off": ({"knowledge": {"search": {"url": "http://s"}}}, ["knowledge.enabled is false"]),
    "a path that is none": ({"unguarded": {"v1/files": "a"}}, ["'v1/files'"]),
    "an unguarded path to no model": (
        {"models": {"a": {"provider": "echo"}}, "unguarded": {"/v1/files": "b"}},
        ["unguarded: /v1/files leads to b", "it has: a"],
    ),
    "agreements of nobody": (
        {"unlabelled": [{"key": "0123456789abcdef", "agreement": "A", "date": "2026-09-01"}]},
        ["clientKeysSecret.name"],
    ),
    "half an agreement": ({"unlabelled": [{"key": "0123456789abcdef"}]}, ["/unlabelled/0", "'agreement'"]),
    "a stricter policy that is not there": (
        {"policies": {"policy.yaml": "name: a"}, "stricter": {"hard": "hard.yaml"}},
        ["stricter: hard is hard.yaml", "policy.yaml"],
    ),
    "users that each of several would count alone": (
        {"workers": 2, "policies": {"policy.yaml": "name: a\nmisuse: {reply: safe}"}},
        ["policy.yaml suspends users", "keys.countersSecret.name"],
    ),
    "records for less than half a year": ({"retention": {"recordDays": 30}}, ["/retention/recordDays"]),
    "a currency that is none": ({"currency": "yuan"}, ["/currency"]),
    "a failure mode that is none": ({"keys": {"onLost": "maybe"}}, ["/keys/onLost", "'refuse'"]),
    "a policy that is not there": (
        {"policies": {"a.yaml": "name: a"}},
        ["policy: policy.yaml is not in policies", "a.yaml"],
    ),
    "another policy than the chart's own": ({"policy": "house.yaml"}, ["house.yaml", "empty"]),
    "a policy that is not YAML": ({"policies": {"policy.yaml": "a: [b"}}, ["policies: policy.yaml is not YAML"]),
    "a key among the words": ({"env": {"MY_API_KEY": "x"}}, ["env: MY_API_KEY", "secretEnv"]),
    "a database address among the words": ({"env": {"DATABASE_URL": "x"}}, ["env: DATABASE_URL", "secretEnv"]),
    "a variable of the chart": ({"env": {"SLUICE_POLICY": "x"}}, ["env: SLUICE_POLICY is for the chart to set"]),
    "a secret of the chart": (
        {"secretEnv": {"SLUICE_SEAL_KEY": {"name": "a", "key": "b"}}},
        ["env: SLUICE_SEAL_KEY is for the chart to set"],
    ),
    "one variable twice": (
        {"env": {"A": "x"}, "secretEnv": {"A": {"name": "a", "key": "b"}}},
        ["env and secretEnv both have A"],
    ),
    "a night without a model": (
        {"nightly": {"enabled": True}, "models": {"a": {"provider": "echo"}}},
        ["nightly.model", "defaultModel"],
    ),
    "half a webhook": (
        {"nightly": {"webhook": {"url": "https://chat.example.com/hook"}}},
        ["nightly.webhook", "secret.name"],
    ),
    "half a judge": ({"nightly": {"judge": {"model": "m"}}}, ["nightly.judge", "baseUrl"]),
    "no time to finish": (
        {"shutdown": {"preStopSeconds": 5, "drainSeconds": 50, "graceSeconds": 104}},
        ["shutdown.graceSeconds: 104", "need 105"],
    ),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_value_is_refused_by_name(name: str) -> None:
    values, fragments = WRONG[name]
    with pytest.raises(InstallError) as error:
        render(values)
    assert [each for each in fragments if each not in str(error.value)] == []


def test_a_wrong_template_is_refused_with_its_file_and_line(tmp_path: Path) -> None:
    chart = tmp_path / "sluice"
    shutil.copytree(CHART, chart)
    service = chart / "templates" / "service.yaml"
    service.write_text(service.read_text() + "  extra: {{ .Values.service.nothing.inside }}\n")
    line = len(service.read_text().splitlines())
    with pytest.raises(InstallError, match=rf"sluice/templates/service\.yaml:{line}:"):
        render(chart=chart)


def test_a_chart_inside_another_chart_may_be_given_globals() -> None:
    assert render({"global": {"region": "cn-north"}}).of("Deployment")


def test_helm_finds_nothing_to_warn_about() -> None:
    with cluster() as (kubeconfig, _):
        config = helm_sdkpy.Configuration(namespace="safety", kubeconfig=kubeconfig)
        result = asyncio.run(helm_sdkpy.Lint(config).run(str(CHART)))
    assert result["TotalChartsLinted"] == 1
    assert result["Errors"] is None
    worse_than_information = [each for each in result["Messages"] if each["Severity"] > 1]
    assert worse_than_information == []


# --- the schema itself


def objects_in(schema: Any, where: str = "") -> Iterator[tuple[str, Object]]:
    """Yield every schema of an object with the path to it."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield where, schema
        for key, inner in schema.items():
            yield from objects_in(inner, f"{where}/{key}")
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from objects_in(inner, f"{where}/{index}")


# Objects of Kubernetes that the chart passes on as they are.
PASSED_ON = {
    "/properties/global",
    "/properties/affinity/properties/nodeAffinity",
    "/properties/affinity/properties/podAffinity",
    "/properties/affinity/properties/podAntiAffinity",
    "/properties/topologySpreadConstraints/items",
    "/$defs/peers/items/properties/podSelector",
    "/$defs/peers/items/properties/namespaceSelector",
}


def test_no_object_of_the_schema_takes_what_it_does_not_know() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    found = dict(objects_in(SCHEMA))
    assert len(found) > 30
    for where, schema in found.items():
        if where not in PASSED_ON:
            extra = schema.get("additionalProperties", True)
            assert extra is False or ("properties" not in schema and extra is not True), where
    assert set(found) >= PASSED_ON


def resolved(schema: Object) -> Object:
    reference = schema.get("$ref", "")
    found: Object = SCHEMA["$defs"][reference.removeprefix("#/$defs/")] if reference else schema
    return found


def known(schema: Object, where: str = "") -> Iterator[str]:
    for key, inner in resolved(schema).get("properties", {}).items():
        path = f"{where}.{key}".lstrip(".")
        yield path
        yield from known(inner, path)


def present(values: Object, where: str = "") -> Iterator[str]:
    for key, inner in values.items():
        path = f"{where}.{key}".lstrip(".")
        yield path
        if isinstance(inner, dict):
            yield from present(inner, path)


def test_every_value_of_the_schema_is_in_the_values_file_and_back() -> None:
    optional = re.compile(r"^global$|^affinity\.|\bresources\.(requests|limits)\b|^limits\.")
    in_schema = {path for path in known(SCHEMA) if not optional.search(path)}
    in_values = {path for path in present(DEFAULTS) if not optional.search(path)}
    assert in_schema == in_values


def test_every_value_is_read_by_a_template() -> None:
    text = "\n".join(file.read_text() for file in CHART.rglob("templates/**/*") if file.is_file())
    leaves = {path.rpartition(".")[2] for path in present(DEFAULTS)} - {"requests", "limits", "cpu", "memory"}
    assert {leaf for leaf in leaves if not re.search(rf"\.{leaf}\b", text)} == set()


def test_what_costs_or_opens_something_is_off_until_it_is_wanted() -> None:
    assert [
        path
        for path in ("autoscaling", "podDisruptionBudget", "networkPolicy", "ingress", "serviceMonitor", "nightly")
        if DEFAULTS[path]["enabled"]
    ] == []
