"""What is served beside the API: models, health, metrics, and one envelope for everything that is not there.

Mutants killed: ready although a component says otherwise; a fault of the store hidden where the policy
refuses; redirects for a slash too many; an error outside of the envelope.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from kit.asgi import ask
from kit.asking import chat, post
from kit.gateway import Running, parts, serving
from kit.plans import pattern, plan, rule, side

import gateway
from gateway.errors import RecordError
from gateway.exchange import Record
from gateway.policy.current import CurrentPlan
from gateway.policy.plan import Plan, RecordPlan
from gateway.providers.echo import Echo
from gateway.server.openapi_own import own_paths
from gateway.stores.writer import RecordWriter
from gateway.telemetry.metrics import Metrics
from gateway.wiring import Parts, assemble


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "unknown_url"),
        ("POST", "/v1/chat/completions/", 404, "unknown_url"),
        ("POST", "/v1/completion", 404, "unknown_url"),
        ("GET", "/v1/models/", 404, "unknown_url"),
        ("GET", "/v1/../healthz", 404, "unknown_url"),
        ("GET", "/v1/%E6%A8%A1", 404, "unknown_url"),
        ("POST", "/v1/models", 405, "method_not_allowed"),
        ("DELETE", "/readyz", 405, "method_not_allowed"),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_served_is_told_in_the_envelope(method: str, path: str, status: int, code: str) -> None:
    seen = await ask(assemble(parts(plan())), method=method, path=path)
    assert seen.status == status
    assert seen.headers["content-type"] == "application/json"
    assert seen.json["error"]["code"] == code
    assert set(seen.json["error"]) == {"message", "type", "param", "code"}
    assert ("allow" in seen.headers) == (status == 405)


async def test_heads_of_what_can_be_got_have_no_body() -> None:
    seen = await ask(assemble(parts(plan())), method="HEAD", path="/healthz")
    assert seen.status == 200


async def test_models_are_listed_as_clients_expect() -> None:
    providers = {name: Echo(name, clock=time.time) for name in ("qwen3", "模型")}
    seen = await ask(assemble(parts(plan(), providers)), method="GET", path="/v1/models")
    assert seen.json["object"] == "list"
    assert [model["id"] for model in seen.json["data"]] == ["qwen3", "模型"]
    assert {(model["object"], model["owned_by"]) for model in seen.json["data"]} == {("model", "sluice")}
    assert all(abs(model["created"] - time.time()) < 60 for model in seen.json["data"])


async def test_metrics_are_prometheus_text_without_any_words_of_users() -> None:
    masking = side({"number": pattern("number", "[0-9]{6}")}, [rule("number", "mask")])
    app = assemble(parts(plan(masking, masking)))
    await ask(app, orjson.dumps(chat("秘密 123456")))
    await ask(app, b"{", path="/v1/chat/completions")
    seen = await ask(app, method="GET", path="/metrics")
    text = seen.body.decode()
    assert seen.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "秘密" not in text
    assert "123456" not in text
    for line in text.splitlines():
        assert line.startswith("# ") or len(line.rsplit(" ", 1)) == 2
        assert line.startswith("# ") or float(line.rsplit(" ", 1)[1]) >= 0
    assert 'sluice_exchanges_total{dialect="chat",outcome="rejected",policy="kit"} 1' in text


async def test_openapi_names_every_path_that_is_served() -> None:
    app = assemble(parts(plan()))
    document = (await ask(app, method="GET", path="/openapi.json")).json
    assert document["info"]["version"] == gateway.__version__
    missing = {
        path
        for path, operations in document["paths"].items()
        for method in operations
        if (await ask(app, b"{}", method=method.upper(), path=path)).status in (404, 405, 500)
    }
    # What a setting switches on (answers that are kept, people who answer, values given back) is named all the same.
    assert missing == set(own_paths(defaultdict(dict)))


class Store:
    """A store that fails for as long as it is told to."""

    def __init__(self) -> None:
        self.broken = False
        self.kept: list[Record] = []

    def open(self) -> None:
        """Nothing to open."""

    def write(self, records: Sequence[Record]) -> None:
        if self.broken:
            raise RecordError("disk full")
        self.kept.extend(records)

    def close(self) -> None:
        """Nothing to close."""


def written(policy: Plan, store: Store) -> Parts:
    writer = RecordWriter(store, ticker=time.monotonic, counters=Metrics(), pauses=(0.01, 0.01), linger=0.0)
    return replace(parts(policy, records=writer), writer=writer)


@pytest.mark.parametrize(("on_failure", "ready"), [("refuse", 503), ("pass", 200)])
async def test_a_store_that_fails_is_told_and_heals(on_failure: Any, ready: int) -> None:
    store = Store()
    made = written(plan(record=RecordPlan(on_failure=on_failure)), store)
    assert made.writer is not None
    async with serving(made) as gate:
        assert (await get(gate, "/readyz")).status == 200
        store.broken = True
        assert (await post(gate.url, chat("一"))).status == 200
        while not made.writer.failing:
            await _tick()
        seen = await get(gate, "/readyz")
        assert seen.status == ready
        assert list(seen.json["faults"]) == (["records"] if ready == 503 else [])
        asked = await post(gate.url, chat("二"))
        assert asked.status == ready
        if ready == 503:
            assert asked.headers["retry-after"] == "5"
            assert asked.json["error"]["code"] == "record_unavailable"
        assert (await get(gate, "/healthz")).status == 200
        store.broken = False
        while made.writer.failing:
            await _tick()
        assert (await get(gate, "/readyz")).status == 200
        assert (await post(gate.url, chat("三"))).status == 200
    assert len({record.id for record in store.kept}) == len(store.kept) == (2 if ready == 503 else 3)


async def test_a_policy_that_is_wrong_on_disk_is_told(tmp_path: Path) -> None:
    current = CurrentPlan(plan(), plan, lambda _files: (), time.time)
    app = assemble(replace(parts(plan()), watch=current))
    assert (await ask(app, method="GET", path="/readyz")).status == 200
    current.fault = "policy.yaml:3: unknown key"
    seen = await ask(app, method="GET", path="/readyz")
    assert (seen.status, seen.json) == (
        200,  # the old plan judges on: a wrong edit takes nobody out of service
        {"status": "ready", "faults": {}, "warnings": {"policy": "policy.yaml:3: unknown key"}},
    )


async def get(gate: Running, path: str) -> Any:
    import aiohttp
    from kit.asking import Seen

    async with aiohttp.ClientSession() as session, session.get(gate.url + path) as response:
        return Seen(response.status, dict(response.headers), await response.read())


async def _tick() -> None:
    import asyncio

    await asyncio.sleep(0.005)
