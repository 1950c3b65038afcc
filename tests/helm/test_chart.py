"""The chart renders, for every way of running the gateway, what the cluster takes and the safe way of running it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
import yaml
from kit.helm import CHART, Object, Rendered, containers, pod_of, render

import gateway

# Kinds that are no part of Kubernetes itself, so that there is no schema of them.
CUSTOM = {"ServiceMonitor"}

POSTGRES: Object = {"database": {"urlSecret": {"name": "sluice-database"}}}

COMBINATIONS: dict[str, Object] = {
    "defaults": {},
    "sqlite on a volume": {"sqlite": {"persistence": {"enabled": True, "storageClass": "fast"}}},
    "sqlite on a volume that exists": {"sqlite": {"persistence": {"enabled": True, "existingClaim": "records"}}},
    "postgres, scaled": {
        **POSTGRES,
        "replicas": 3,
        "autoscaling": {"enabled": True},
        "podDisruptionBudget": {"enabled": True},
    },
    "postgres, three replicas": {**POSTGRES, "replicas": 3, "podDisruptionBudget": {"enabled": True}},
    "reached from outside": {
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "annotations": {"nginx.ingress.kubernetes.io/proxy-buffering": "off"},
            "tls": [{"secretName": "sluice-tls", "hosts": ["sluice.example.com"]}],
        },
        "networkPolicy": {
            "enabled": True,
            "ingressFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "apps"}}}],
            "egressTo": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
        },
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "nightly": {"nightly": {"enabled": True}},
    "nightly, kept": {
        "upstream": {"url": "http://vllm:8000/v1", "model": "qwen", "keySecret": {"name": "vllm"}},
        "nightly": {
            "enabled": True,
            "model": "qwen",
            "suites": [{"suite": "/data/risk", "limit": 100}, {"suite": "/data/rag"}],
            "args": ["--fresh"],
            "webhook": {"url": "https://chat.example.com/hook", "secret": {"name": "hook"}},
            "store": {"urlSecret": {"name": "runs"}},
            "image": {"repository": "registry.example.com:5000/sluice", "tag": "0.1.0-eval"},
            "keySecret": {"name": "caller"},
            "judge": {"baseUrl": "http://judge:8000/v1", "model": "judge", "keySecret": {"name": "judge"}},
            "results": {"persistence": True},
        },
    },
    "everything": {
        **POSTGRES,
        "replicas": 2,
        "workers": 4,
        "image": {"digest": "sha256:" + "a" * 64, "pullSecrets": ["registry"]},
        "models": {
            "qwen": {
                "provider": "openai_compatible",
                "baseUrl": "http://vllm:8000/v1",
                "model": "Qwen/Qwen3-8B",
                "keySecret": {"name": "vllm", "key": "api-key"},
                "region": "cn",
                "timeouts": {"first_byte": 300, "idle": 0.5},
            },
            "claude": {"provider": "litellm", "model": "anthropic/claude", "keySecret": {"name": "claude", "key": "k"}},
            "demo": {"provider": "echo"},
            "far": {
                "provider": "openai_compatible",
                "baseUrl": "https://claude.example.com/v1",
                "wire": "anthropic",
                "region": "us",
            },
        },
        "fetch": {"hosts": [".cdn.example.com"], "bytes": 1048576},
        "defaultModel": "qwen",
        "policies": {"policy.yaml": "extends: ./house.yaml\n", "house.yaml": "name: 内部策略\n"},
        "limits": {"body_bytes": 4194304, "body_seconds": 2.5},
        "producer": "example-technology",
        "sealKeySecret": {"name": "seal"},
        "privacyKeySecret": {"name": "privacy"},
        "privacyKeysPreviousSecret": {"name": "privacy"},
        "markKeySecret": {"name": "mark"},
        "clientKeysSecret": {"name": "clients"},
        "env": {"HTTPS_PROXY": "http://proxy:3128"},
        "secretEnv": {"OTEL_EXPORTER_OTLP_HEADERS": {"name": "otel", "key": "headers"}},
        "podAnnotations": {"team": "safety"},
        "podLabels": {"cost": "on"},
        "nodeSelector": {"disk": "y"},
        "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"podAntiAffinity": {}},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
        "priorityClassName": "high",
        "service": {"type": "LoadBalancer", "annotations": {"internal": "true"}},
        "serviceAccount": {"name": "gate", "annotations": {"a": "b"}},
        "autoscaling": {"enabled": True, "maxReplicas": 9},
        "podDisruptionBudget": {"enabled": True},
        "networkPolicy": {"enabled": True},
        "ingress": {"enabled": True},
        "serviceMonitor": {"enabled": True},
        "nightly": {"enabled": True, "results": {"persistence": True, "existingClaim": "results"}},
    },
}

each_combination = pytest.mark.parametrize("name", list(COMBINATIONS))


@cache
def rendered(name: str) -> Rendered:
    return render(COMBINATIONS[name])


def everything_in(name: str) -> list[Object]:
    found = rendered(name)
    return [*found.objects, *found.hooks]


def pods_in(name: str) -> list[Object]:
    return [each for each in everything_in(name) if each["kind"] in ("Deployment", "CronJob", "Pod")]


def env_of(container: Object) -> dict[str, Any]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container.get("env", ())}


@each_combination
@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
def test_every_object_is_valid_in_the_oldest_and_the_newest_kubernetes(name: str, version: str) -> None:
    for each in everything_in(name):
        if each["kind"] not in CUSTOM:
            kubernetes_validate.validate(each, version, strict=True)


@each_combination
def test_the_text_says_the_same_as_what_the_cluster_gets(name: str) -> None:
    """A bare y, on or 0123 in a template would be one thing to a reader and another to the cluster."""
    written = [each for each in yaml.safe_load_all(rendered(name).text) if each]
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in written}
    for posted in rendered(name).objects:
        source = by_name[posted["kind"], posted["metadata"]["name"]]
        for part in ("spec", "data"):
            assert posted.get(part) == source.get(part)


def test_the_kinds_of_a_plain_installation_are_few() -> None:
    assert sorted(each["kind"] for each in rendered("defaults").objects) == [
        "ConfigMap",
        "ConfigMap",
        "Deployment",
        "Service",
        "ServiceAccount",
    ]


def test_everything_renders_every_kind() -> None:
    assert {each["kind"] for each in rendered("everything").objects} == {
        "ConfigMap",
        "CronJob",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
        "ServiceMonitor",
    }


# --- how pods run


@each_combination
def test_no_pod_runs_as_root_or_can_become_root(name: str) -> None:
    for each in pods_in(name):
        pod = pod_of(each)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        for container in containers(each):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "privileged": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            }


@each_combination
def test_no_pod_can_speak_to_the_cluster_or_sees_its_services_as_settings(name: str) -> None:
    for each in pods_in(name):
        assert pod_of(each)["automountServiceAccountToken"] is False
        assert pod_of(each)["enableServiceLinks"] is False
    for account in rendered(name).of("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


@each_combination
def test_every_container_has_a_memory_limit_and_requests(name: str) -> None:
    for each in pods_in(name):
        for container in containers(each):
            assert container["resources"]["limits"]["memory"]
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}


@each_combination
def test_what_is_mounted_is_a_volume_and_no_volume_is_the_node(name: str) -> None:
    for each in pods_in(name):
        volumes = {volume["name"]: volume for volume in pod_of(each).get("volumes", ())}
        assert not any("hostPath" in volume for volume in volumes.values())
        for container in containers(each):
            for mount in container.get("volumeMounts", ()):
                assert mount["name"] in volumes
                assert mount.get("readOnly") is ("configMap" in volumes[mount["name"]] or None)


def test_probes_ask_for_life_and_for_readiness() -> None:
    (gate,) = containers(rendered("defaults").one("Deployment"))
    assert gate["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert gate["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert gate["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert gate["startupProbe"]["periodSeconds"] * gate["startupProbe"]["failureThreshold"] == 60
    assert gate["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]


def test_a_pod_that_goes_has_time_to_finish_its_answers() -> None:
    deployment = rendered("defaults").one("Deployment")
    (gate,) = containers(deployment)
    assert gate["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}
    assert pod_of(deployment)["terminationGracePeriodSeconds"] == 120


def test_the_command_listens_where_the_probes_ask() -> None:
    (gate,) = containers(rendered("everything").one("Deployment"))
    assert gate["args"] == ["serve", "--host", "0.0.0.0", "--port", "8080", "--workers", "4"]


# --- images


@each_combination
def test_every_image_names_a_version(name: str) -> None:
    for each in pods_in(name):
        for container in containers(each):
            assert re.search(r":[A-Za-z0-9_][\w.-]*(@sha256:[0-9a-f]{64})?$", container["image"])
            assert not re.search(r":latest\b", container["image"])


def test_the_image_is_the_charts_version_of_the_gateway_unless_said_otherwise() -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == gateway.__version__
    (gate,) = containers(rendered("defaults").one("Deployment"))
    assert gate["image"] == f"sluice:{gateway.__version__}"
    (pinned,) = containers(rendered("everything").one("Deployment"))
    assert pinned["image"] == f"sluice:{gateway.__version__}@sha256:{'a' * 64}"
    (other,) = containers(rendered("nightly, kept").one("CronJob"))
    assert other["image"] == "registry.example.com:5000/sluice:0.1.0-eval"


# --- secrets


@each_combination
def test_secrets_are_named_and_never_held(name: str) -> None:
    assert not rendered(name).of("Secret")
    for each in pods_in(name):
        for container in containers(each):
            for variable, value in env_of(container).items():
                if re.search(r"KEY|TOKEN|SECRET|PASSW|DATABASE_URL|HEADERS", variable):
                    assert set(value) == {"secretKeyRef"}, variable
                    assert set(value["secretKeyRef"]) == {"name", "key"}


def test_templates_neither_make_nor_read_secrets() -> None:
    for file in CHART.rglob("templates/**/*"):
        if file.is_file():
            assert not re.search(r"kind: Secret\b|b64enc|\blookup\b|rand(Alpha|Ascii|Num|Bytes)", file.read_text()), (
                file
            )


def test_each_secret_reaches_the_variable_that_the_gateway_reads() -> None:
    (gate,) = containers(rendered("everything").one("Deployment"))
    env = env_of(gate)
    assert {
        name: (value["secretKeyRef"]["name"], value["secretKeyRef"]["key"])
        for name, value in env.items()
        if isinstance(value, dict)
    } == {
        "SLUICE_DATABASE_URL": ("sluice-database", "url"),
        "SLUICE_SEAL_KEY": ("seal", "seal-key"),
        "SLUICE_PRIVACY_KEY": ("privacy", "privacy-key"),
        "SLUICE_PRIVACY_KEYS_PREVIOUS": ("privacy", "privacy-keys-previous"),
        "SLUICE_MARK_KEY": ("mark", "mark-key"),
        "SLUICE_CLIENT_KEYS": ("clients", "client-keys"),
        "MODEL_KEY_QWEN": ("vllm", "api-key"),
        "MODEL_KEY_CLAUDE": ("claude", "k"),
        "OTEL_EXPORTER_OTLP_HEADERS": ("otel", "headers"),
    }
    assert env["HTTPS_PROXY"] == "http://proxy:3128"


def test_one_upstream_is_three_variables() -> None:
    (gate,) = containers(rendered("nightly, kept").one("Deployment"))
    env = env_of(gate)
    assert env["SLUICE_UPSTREAM"] == "http://vllm:8000/v1"
    assert env["SLUICE_MODEL"] == "qwen"
    assert env["SLUICE_UPSTREAM_KEY"] == {"secretKeyRef": {"name": "vllm", "key": "api-key"}}


# --- where records go


@pytest.mark.parametrize(
    ("name", "volume"),
    [
        ("defaults", {"emptyDir": {}}),
        ("postgres, three replicas", {"emptyDir": {}}),
        ("sqlite on a volume", {"persistentVolumeClaim": {"claimName": "sluice-data"}}),
        ("sqlite on a volume that exists", {"persistentVolumeClaim": {"claimName": "records"}}),
    ],
)
def test_the_data_volume_is_a_claim_only_where_sqlite_is_kept(name: str, volume: Object) -> None:
    (data,) = (each for each in pod_of(rendered(name).one("Deployment"))["volumes"] if each["name"] == "data")
    assert data == {"name": "data", **volume}


def test_a_claim_is_made_once_and_stays_when_the_release_goes() -> None:
    claim = rendered("sqlite on a volume").one("PersistentVolumeClaim")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert claim["spec"]["storageClassName"] == "fast"
    assert not rendered("sqlite on a volume that exists").of("PersistentVolumeClaim")
    assert rendered("nightly, kept").one("PersistentVolumeClaim")["metadata"]["name"] == "sluice-results"


@pytest.mark.parametrize(
    ("name", "strategy"), [("defaults", "Recreate"), ("postgres, three replicas", "RollingUpdate")]
)
def test_two_pods_never_write_one_sqlite_file(name: str, strategy: str) -> None:
    assert rendered(name).one("Deployment")["spec"]["strategy"]["type"] == strategy


def test_replicas_are_the_autoscalers_where_there_is_one() -> None:
    assert rendered("postgres, three replicas").one("Deployment")["spec"]["replicas"] == 3
    assert "replicas" not in rendered("postgres, scaled").one("Deployment")["spec"]
    target = rendered("postgres, scaled").one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert target == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "sluice"}


# --- settings and policies


def test_settings_are_a_file_that_the_gateway_reads() -> None:
    found = rendered("everything")
    assert yaml.safe_load(found.one("ConfigMap", "-settings")["data"]["sluice.yaml"]) == {
        "listen": {"host": "0.0.0.0", "port": 8080, "workers": 4},
        "policy": "/etc/sluice/policies/policy.yaml",
        "models": {
            "qwen": {
                "provider": "openai_compatible",
                "base_url": "http://vllm:8000/v1",
                "model": "Qwen/Qwen3-8B",
                "key_env": "MODEL_KEY_QWEN",
                "region": "cn",
                "timeouts": {"first_byte": 300, "idle": 0.5},
            },
            "claude": {"provider": "litellm", "model": "anthropic/claude", "key_env": "MODEL_KEY_CLAUDE"},
            "demo": {"provider": "echo"},
            "far": {
                "provider": "openai_compatible",
                "base_url": "https://claude.example.com/v1",
                "wire": "anthropic",
                "region": "us",
            },
        },
        "fetch": {"hosts": [".cdn.example.com"], "seconds": 20, "bytes": 1048576, "private": False},
        "default_model": "qwen",
        "producer": "example-technology",
        "drain_seconds": 50,
        "limits": {"body_bytes": 4194304, "body_seconds": 2.5},
        "keys": {"on_lost": "refuse", "assumed_output": 1024, "utc_offset": 8, "reload_seconds": 1},
        "currency": "CNY",
        "responses": {"at": "database", "seconds": 86400, "megabytes": 64},
        "reload_seconds": 1,
    }
    text = found.one("ConfigMap", "-settings")["data"]["sluice.yaml"]
    assert "body_bytes: 4194304\n" in text, "and that people can read: not 4.194304e+06"
    sqlite = yaml.safe_load(rendered("defaults").one("ConfigMap", "-settings")["data"]["sluice.yaml"])
    assert sqlite["database"] == "sqlite:////var/lib/sluice/sluice.db"


@each_combination
def test_settings_and_policy_are_mounted_where_they_are_looked_for(name: str) -> None:
    (gate,) = containers(rendered(name).one("Deployment"))
    mounts = {each["name"]: each for each in gate["volumeMounts"]}
    env = env_of(gate)
    assert env["SLUICE_CONFIG"] == mounts["settings"]["mountPath"]
    settings = yaml.safe_load(rendered(name).one("ConfigMap", "-settings")["data"][mounts["settings"]["subPath"]])
    folder, _, file = settings["policy"].rpartition("/")
    assert folder == mounts["policies"]["mountPath"]
    assert file in rendered(name).one("ConfigMap", "-policies")["data"]


def test_the_charts_own_policy_extends_the_built_in_one() -> None:
    data = rendered("defaults").one("ConfigMap", "-policies")["data"]
    assert set(data) == {"policy.yaml"}
    assert "extends" in yaml.safe_load(data["policy.yaml"])


def test_policies_arrive_as_they_were_written() -> None:
    text = '# 说明\nname: "on"\nrules:\n  - {id: "y", then: refuse}\n'
    data = render({"policies": {"policy.yaml": text}}).one("ConfigMap", "-policies")["data"]
    assert data == {"policy.yaml": text}


def test_a_changed_policy_is_a_new_pod_and_changed_settings_too() -> None:
    def checksums(values: Object) -> tuple[str, str]:
        annotations = render(values).one("Deployment")["spec"]["template"]["metadata"]["annotations"]
        return annotations["checksum/policies"], annotations["checksum/settings"]

    before = checksums({"policies": {"policy.yaml": "name: a\n"}})
    policy = checksums({"policies": {"policy.yaml": "name: b\n"}})
    limits = checksums({"policies": {"policy.yaml": "name: a\n"}, "limits": {"body_bytes": 1024}})
    assert checksums({"policies": {"policy.yaml": "name: a\n"}}) == before
    assert (policy[0] != before[0], policy[1] == before[1]) == (True, True)
    assert (limits[0] == before[0], limits[1] != before[1]) == (True, True)


# --- who is reached


@each_combination
def test_only_gateway_pods_are_selected(name: str) -> None:
    found = rendered(name)
    labels = {each["kind"]: each["metadata"]["labels"] for each in found.hooks}
    for cron in found.of("CronJob"):
        labels["CronJob"] = cron["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    deployment = found.one("Deployment")
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        found.one("Service")["spec"]["selector"],
        *(each["spec"]["podSelector"]["matchLabels"] for each in found.of("NetworkPolicy")),
        *(each["spec"]["selector"]["matchLabels"] for each in found.of("PodDisruptionBudget")),
    ]
    assert labels, "the test pod is always there"
    for selector in selectors:
        assert selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        for others in labels.values():
            assert not selector.items() <= others.items()


def test_the_monitor_and_the_ingress_find_the_service_and_its_port() -> None:
    found = rendered("everything")
    service = found.one("Service")
    monitor = found.one("ServiceMonitor")["spec"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"] == "http"
    (rule,) = found.one("Ingress")["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": "http"}}


def test_a_network_policy_lets_in_callers_and_lets_out_names_and_ports() -> None:
    inside = rendered("everything").one("NetworkPolicy")["spec"]
    assert inside["policyTypes"] == ["Ingress", "Egress"]
    assert inside["ingress"] == [{"ports": [{"port": "http", "protocol": "TCP"}], "from": [{"podSelector": {}}]}]
    assert {port["port"] for rule in inside["egress"] for port in rule["ports"]} == {53, 443, 5432}
    outside = rendered("reached from outside").one("NetworkPolicy")["spec"]
    assert outside["ingress"][0]["from"][0]["namespaceSelector"]
    assert outside["egress"][1]["to"] == [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]


# --- the nightly evaluation


def test_the_nightly_evaluation_goes_through_the_gateway_and_never_overlaps() -> None:
    spec = rendered("nightly, kept").one("CronJob")["spec"]
    assert spec["schedule"] == "0 2 * * *"
    assert spec["timeZone"] == "Asia/Shanghai"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 3)
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    (evaluation,) = containers(rendered("nightly, kept").one("CronJob"))
    args = evaluation["args"]
    assert args[:2] == ["eval", "nightly"]
    assert args[args.index("--base-url") + 1] == "http://sluice:8080/v1"
    assert args[args.index("--model") + 1] == "qwen"
    assert args[-1] == "--fresh"
    results = args[args.index("--folder") + 1]
    assert results in [mount["mountPath"] for mount in evaluation["volumeMounts"]]
    mounted = {mount["name"]: mount["mountPath"] for mount in evaluation["volumeMounts"]}
    assert args[2] == f"{mounted['plan']}/nightly.yaml"
    plan = yaml.safe_load(rendered("nightly, kept").one("ConfigMap", "-nightly")["data"]["nightly.yaml"])
    assert plan == {
        "name": "nightly",
        "suites": [{"suite": "/data/risk", "limit": 100}, {"suite": "/data/rag"}],
        "baseline": "last_good",
        "keep": 30,
        "judge": {"base_url": "http://judge:8000/v1", "model": "judge"},
        "webhook": {"url": "https://chat.example.com/hook"},
    }
    assert env_of(evaluation)["SLUICE_NIGHTLY_SECRET"] == {"secretKeyRef": {"name": "hook", "key": "webhook-secret"}}
    assert env_of(evaluation)["SLUICE_EVAL_STORE"] == {"secretKeyRef": {"name": "runs", "key": "url"}}
    (plain,) = containers(rendered("nightly").one("CronJob"))
    assert env_of(plain)["SLUICE_EVAL_STORE"] == "sqlite:////var/lib/sluice/runs/runs.db"
    assert "SLUICE_NIGHTLY_SECRET" not in env_of(plain)
    assert env_of(evaluation)["SLUICE_JUDGE_KEY"] == {"secretKeyRef": {"name": "judge", "key": "api-key"}}
    assert env_of(evaluation)["SLUICE_EVAL_KEY"] == {"secretKeyRef": {"name": "caller", "key": "api-key"}}


def test_helm_test_asks_the_service_whether_it_is_ready() -> None:
    (hook,) = render({"service": {"port": 80}}).hooks
    assert hook["metadata"]["annotations"]["helm.sh/hook"] == "test"
    (ready,) = containers(hook)
    assert ready["args"][1] == "http://sluice:80/readyz"
    compile(ready["args"][0], "ready", "exec")


# --- names and words


def test_words_that_yaml_takes_for_booleans_and_numbers_stay_words() -> None:
    trap = ["y", "n", "on", "off", "yes", "no", "true", "null", "~", "0123", "1e3", "2024-01-01", ""]
    found = render(
        {
            "fullnameOverride": "on",
            "env": {f"TRAP_{index}": word for index, word in enumerate(trap)},
            "podAnnotations": {f"trap{index}": word for index, word in enumerate(trap)},
            "models": {"on": {"provider": "echo", "model": "y"}, "1e3": {"provider": "echo", "model": "0123"}},
            "defaultModel": "on",
            "secretEnv": {"y": {"name": "yes", "key": "n"}},
            "nodeSelector": {"disk": "y"},
            "priorityClassName": "no",
            "producer": "1100000000000000000000000001",
        }
    )
    deployment = found.one("Deployment")
    (gate,) = containers(deployment)
    env = env_of(gate)
    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
    assert [env[f"TRAP_{index}"] for index in range(len(trap))] == trap
    assert [annotations[f"trap{index}"] for index in range(len(trap))] == trap
    assert env["y"] == {"secretKeyRef": {"name": "yes", "key": "n"}}
    assert deployment["metadata"]["name"] == found.one("Service")["metadata"]["name"] == "on"
    assert pod_of(deployment)["nodeSelector"] == {"disk": "y"}
    settings = yaml.safe_load(found.one("ConfigMap", "-settings")["data"]["sluice.yaml"])
    assert settings["default_model"] == "on"
    assert settings["producer"] == "1100000000000000000000000001"
    assert settings["models"] == {
        "on": {"provider": "echo", "model": "y"},
        "1e3": {"provider": "echo", "model": "0123"},
    }


@pytest.mark.parametrize(
    ("release", "name"), [("sluice", "sluice"), ("prod", "prod-sluice"), ("my-sluice", "my-sluice")]
)
def test_objects_are_named_after_the_release(release: str, name: str) -> None:
    assert render(release=release).one("Service")["metadata"]["name"] == name


def test_the_longest_release_name_still_fits_every_object() -> None:
    found = render({"nightly": {"enabled": True}}, release="r" * 53)
    assert all(len(each["metadata"]["name"]) <= 63 for each in found.objects)
    assert len(found.one("CronJob")["metadata"]["name"]) <= 52


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("defaults", ["answers with an echo", "WARNING: records go to SQLite inside the pod"], ["PostgreSQL"]),
        ("sqlite on a volume", ["SQLite on a volume", "WARNING: whoever reaches"], ["lost"]),
        ("postgres, scaled", ["PostgreSQL (Secret sluice-database)"], ["lost"]),
        ("nightly", ["create job --from=cronjob/sluice-nightly", "WARNING: its results are in the log only"], []),
        ("everything", ["in front of 4 model(s)"], ["WARNING", "echo"]),
    ],
)
def test_the_notes_say_what_is_missing(name: str, said: list[str], unsaid: list[str]) -> None:
    notes = rendered(name).notes
    assert [words for words in said if words not in notes] == []
    assert [words for words in unsaid if words in notes] == []
