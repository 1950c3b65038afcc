"""Law 5: the record is written for every exchange, also when the client leaves and when the process stops.

Mutants killed: the shield around ``append`` removed; the record only after a whole answer; no record for
a refused, malformed or unknown request; the drain on SIGTERM removed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, rule, side
from kit.upstream import ScriptedUpstream, chat_sse, events, hangup, silence

from gateway.policy.plan import RecordPlan
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.settings.schema import Limits
from gateway.stores.memory import MemoryRecords
from gateway.wiring import assemble

DRUG = side({"drug": pattern("drug", "贩毒|毒品")}, [rule("drug", "refuse")])


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        (chat("你好"), 200, "answered"),
        (chat("hello", stream=True), 200, "answered"),
        (chat("毒品"), 200, "replied"),
        (b'{"model": ', 400, "rejected"),
        (chat("你好", model="nobody"), 404, "rejected"),
        (b"x" * 5000, 413, "rejected"),
        ({"model": "echo", "messages": []}, 400, "rejected"),
        (chat("你好", model="down"), 502, "upstream_error"),
    ],
)
async def test_whatever_becomes_of_a_request_there_is_one_record(body: Any, status: int, outcome: str) -> None:
    from gateway.providers.echo import Echo

    providers = {
        "echo": Echo("echo", clock=lambda: 0.0),
        "down": OpenAICompatible("down", "http://127.0.0.1:9/v1", "k"),
    }
    async with serving(parts(plan(DRUG), providers, limits=Limits(body_bytes=4096))) as gate:
        seen = await post(gate.url, body)
        await gate.recorded(1)
    record = gate.records.records[0]
    assert (seen.status, record.status, record.outcome) == (status, status, outcome)
    assert record.id == seen.headers["x-sluice-request-id"]


@pytest.mark.parametrize("delay", [0.0, 0.01])
async def test_a_client_that_leaves_in_mid_stream_leaves_a_record(delay: float) -> None:
    waits = asyncio.Event()
    script = events([*chat_sse(["一", "二"])[:2], waits])
    async with ScriptedUpstream(script) as upstream:
        made = parts(
            plan(DRUG, DRUG), {"up": OpenAICompatible("up", upstream.url, "k")}, records=MemoryRecords(delay=delay)
        )
        async with serving(made) as gate:
            async with aiohttp.ClientSession() as session:
                body = chat("你好", model="up", stream=True)
                async with session.post(gate.url + "/v1/chat/completions", json=body) as response:
                    await response.content.readany()
            await gate.recorded(1)
            await asyncio.wait_for(upstream.left.wait(), 5)  # and the model need not go on
    record = gate.records.records[0]
    assert (record.outcome, record.client_gone) == ("client_gone", True)


async def test_an_append_that_waits_is_shielded_from_the_disconnect() -> None:
    """The server says so after five messages, while the store still needs ten milliseconds."""
    records = MemoryRecords(delay=0.01)
    app = assemble(parts(plan(), records=records))
    sent: list[Any] = []
    body = b'{"model":"echo","stream":true,"messages":[{"role":"user","content":"' + b"a b c " * 200 + b'"}]}'
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not sent:
            sent.append("asked")
            return {"type": "http.request", "body": body, "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        await asyncio.sleep(0)
        if len(sent) > 5:
            left.set()
            await asyncio.sleep(0.001)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json")],
        "scheme": "http",
    }
    await app(scope, receive, send)
    assert [record.outcome for record in records.records] == ["client_gone"]


@pytest.mark.parametrize(("script", "status"), [(hangup(), 502), (silence(), 504)])
async def test_an_upstream_that_fails_leaves_a_record(script: Any, status: int) -> None:
    from gateway.providers.timeouts import Timeouts

    async with ScriptedUpstream(script) as upstream:
        provider = OpenAICompatible("up", upstream.url, "k", timeouts=Timeouts(1.0, 0.2, 0.2))
        async with serving(parts(plan(), {"up": provider})) as gate:
            seen = await post(gate.url, chat("你好", model="up"))
            await gate.recorded(1)
    assert seen.status == status
    assert gate.records.records[0].outcome == "upstream_error"


async def test_an_upstream_that_dies_in_mid_stream_ends_well_and_leaves_a_record() -> None:
    async with ScriptedUpstream(events(chat_sse(["一", "二", "三"])[:3], then="reset")) as upstream:
        async with serving(parts(plan(), {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
            seen = await post(gate.url, chat("你好", model="up", stream=True))
            await gate.recorded(1)
    assert seen.body.endswith(b"data: [DONE]\n\n")
    assert seen.chunks[-1]["error"]["code"] == "upstream_broke"
    assert gate.records.records[0].outcome == "upstream_error"


async def test_without_room_for_a_record_the_policy_decides() -> None:
    for on_failure, status in (("refuse", 503), ("pass", 200)):
        policy = plan(record=RecordPlan(on_failure=on_failure))  # type: ignore[arg-type]
        async with serving(parts(policy, records=MemoryRecords(capacity=0))) as gate:
            seen = await post(gate.url, chat("你好"))
        assert seen.status == status
        assert gate.metrics.value("sluice.records.refused") == 1


async def test_a_text_that_cannot_be_sealed_costs_its_record_only_the_text() -> None:
    def broken(text: str, exchange: str) -> str:
        raise ValueError("no seal for " + text)

    made = parts(plan(record=RecordPlan(text="encrypted")))
    async with serving(replace(made, ports=replace(made.ports, seal=broken))) as gate:
        seen = await post(gate.url, chat("你好"))
        await gate.recorded(1)
    record = gate.records.records[0]
    assert seen.status == 200
    assert (record.error, record.request_text, record.response_text) == ("record:ValueError", None, None)


def test_a_stop_signal_drains_what_was_recorded(tmp_path: Path) -> None:
    database = tmp_path / "records.db"
    environment = {**os.environ, "SLUICE_DATABASE_URL": f"sqlite:///{database}", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "gateway", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        url = greeting.split("listening on ")[1].split(" ")[0]

        async def ask() -> list[int]:
            answers = await asyncio.gather(*(post(url, chat(f"第{n}个问题")) for n in range(40)))
            return [answer.status for answer in answers]

        assert asyncio.run(ask()) == [200] * 40
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    with sqlite3.connect(database) as connection:
        assert connection.execute("select count(*) from exchange").fetchone() == (40,)
