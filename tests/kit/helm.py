"""Renders the chart with the real Helm engine against a small API server in this process; no cluster is needed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import helm_sdkpy
import yaml

CHART = Path(__file__).parents[2] / "helm" / "sluice"

Object = dict[str, Any]

# What the server says it knows: kinds by plural, by group and version. Helm asks before it posts.
KINDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("", "v1"): {
        "configmaps": "ConfigMap",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "secrets": "Secret",
        "serviceaccounts": "ServiceAccount",
        "services": "Service",
    },
    ("apps", "v1"): {"deployments": "Deployment"},
    ("autoscaling", "v2"): {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    ("batch", "v1"): {"cronjobs": "CronJob"},
    ("monitoring.coreos.com", "v1"): {"servicemonitors": "ServiceMonitor"},
    ("networking.k8s.io", "v1"): {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"},
    ("policy", "v1"): {"poddisruptionbudgets": "PodDisruptionBudget"},
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What an installation would put into a cluster.

    Attributes:
        objects: What Helm posted, as JSON: what the cluster itself would see, every YAML trap sprung.
        hooks: The objects that Helm keeps for later (``helm test``), read from their YAML.
        notes: What the person at the terminal reads.
        text: The manifest and the hooks as text.
    """

    objects: tuple[Object, ...]
    hooks: tuple[Object, ...]
    notes: str
    text: str

    def of(self, kind: str) -> list[Object]:
        """Return the posted objects of one kind."""
        return [each for each in self.objects if each["kind"] == kind]

    def one(self, kind: str, suffix: str = "") -> Object:
        """Return the only object of a kind whose name ends in ``suffix``."""
        (found,) = (each for each in self.of(kind) if each["metadata"]["name"].endswith(suffix))
        return found


class _Answers(BaseHTTPRequestHandler):
    """An empty cluster: it holds nothing, and takes whatever is posted."""

    protocol_version = "HTTP/1.1"
    posted: list[Object]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/version":
            return self._send(200, {"major": "1", "minor": "34", "gitVersion": "v1.34.0"})
        if path in ("/api", "/apis"):
            return self._send(
                200, _discovery(core=path == "/api"), ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            )
        if path.endswith("/secrets"):
            return self._send(200, {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": []})
        return self._send(
            404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        )

    def do_POST(self) -> None:
        """Echo the object; Helm's own release record comes as protobuf and is not part of the chart."""
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-type"] == "application/json":
            self.posted.append(json.loads(body))
        self._reply(201, body, self.headers["content-type"])

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _send(self, status: int, content: Object, parameters: str = "") -> None:
        self._reply(status, json.dumps(content).encode(), "application/json" + parameters)

    def _reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _discovery(core: bool) -> Object:
    items = [
        {
            "metadata": {"name": group},
            "versions": [
                {
                    "version": version,
                    "freshness": "Current",
                    "resources": [
                        {
                            "resource": plural,
                            "responseKind": {"group": group, "version": version, "kind": kind},
                            "scope": "Namespaced",
                            "singularResource": kind.lower(),
                            "verbs": ["create", "get", "list", "patch"],
                        }
                        for plural, kind in kinds.items()
                    ],
                }
            ],
        }
        for (group, version), kinds in KINDS.items()
        if (group == "") == core
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}


@contextmanager
def cluster() -> Iterator[tuple[str, list[Object]]]:
    """Open an empty cluster on a free port; yield its kubeconfig and the list of what is posted to it."""
    posted: list[Object] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"posted": posted}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
            "users": [{"name": "test", "user": {}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "current-context": "test",
        }
        yield yaml.safe_dump(kubeconfig), posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def render(
    values: Mapping[str, Any] | None = None,
    *,
    chart: Path = CHART,
    release: str = "sluice",
    namespace: str = "safety",
) -> Rendered:
    """Install the chart into an empty cluster and return what arrived.

    Raises:
        helm_sdkpy.exceptions.InstallError: The values break the schema, or a template failed; the message
            names the value, or file and line.
    """
    with cluster() as (kubeconfig, posted):
        config = helm_sdkpy.Configuration(namespace=namespace, kubeconfig=kubeconfig)
        install = helm_sdkpy.Install(config).run(release, str(chart), dict(values or {}), wait=False, timeout=20)
        result = asyncio.run(install)
    manifests = [hook["manifest"] for hook in result.get("hooks") or ()]
    return Rendered(
        objects=tuple(posted),
        hooks=tuple(yaml.safe_load(each) for each in manifests),
        notes=result["info"].get("notes", ""),
        text="\n---\n".join([result["manifest"], *manifests]),
    )


def containers(thing: Object) -> list[Object]:
    """Return every container of a pod, a deployment or a cron job, init containers included."""
    pod = pod_of(thing)
    return [*pod.get("initContainers", ()), *pod["containers"]]


def pod_of(thing: Object) -> Object:
    """Return the pod specification inside a pod, a deployment or a cron job."""
    spec = thing["spec"]
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    pod: Object = spec["template"]["spec"] if "template" in spec else spec
    return pod
