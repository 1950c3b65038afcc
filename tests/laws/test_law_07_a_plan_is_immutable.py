"""Law 7: a plan is immutable, an exchange keeps its own, a wrong policy changes nothing, all workers agree.

Mutants killed: switching at the poll instead of at the agreed time; keeping the broken policy's plan;
reading the plan again in mid-exchange.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable

import aiohttp
import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, rule, side
from kit.upstream import ScriptedUpstream, chat_sse, events

from gateway.errors import PolicyError
from gateway.policy.current import CurrentPlan, Stamp
from gateway.policy.plan import Plan
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics

ONE, TWO = (dataclasses.replace(plan(), digest=digit * 64, files=("p.yaml",)) for digit in "12")


class Disk:
    """A policy file: its content, and when it changed."""

    def __init__(self) -> None:
        self.content: Plan | PolicyError = ONE
        self.changed, self.now = 100.0, 100.0

    def load(self) -> Plan:
        if isinstance(self.content, PolicyError):
            raise self.content
        return self.content

    def stamp(self, files: Iterable[str]) -> Stamp:
        return tuple((file, self.changed, 1) for file in files)

    def write(self, content: Plan | PolicyError) -> None:
        self.content, self.changed = content, self.now

    def worker(self, counters: Metrics | None = None) -> CurrentPlan:
        return CurrentPlan(self.load(), self.load, self.stamp, lambda: self.now, delay=3.0, counters=counters)


def test_nothing_in_a_plan_can_be_changed() -> None:
    for item in (ONE, ONE.request, ONE.label, rule("x", "mask")):
        for field in dataclasses.fields(item):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(item, field.name, None)


def test_workers_that_look_at_different_times_switch_at_the_same_time() -> None:
    disk = Disk()
    workers = [disk.worker() for _ in range(3)]
    disk.now = 200.0
    disk.write(TWO)
    for at, worker in zip((200.1, 200.6, 201.0), workers, strict=True):
        disk.now = at
        worker.poll()
        assert {one().digest for one in workers} == {ONE.digest}
    disk.now = 202.9
    assert {one().digest for one in workers} == {ONE.digest}
    disk.now = 203.0
    assert {one().digest for one in workers} == {TWO.digest}


def test_a_wrong_policy_is_told_and_changes_nothing_until_it_is_mended() -> None:
    disk, metrics = Disk(), Metrics()
    worker = disk.worker(metrics)
    disk.now = 200.0
    disk.write(PolicyError("unknown key"))
    worker.poll()
    disk.now = 300.0
    assert worker().digest == ONE.digest
    assert "unknown key" in worker.fault
    disk.write(TWO)
    worker.poll()
    disk.now = 303.0
    assert worker().digest == TWO.digest
    assert worker.fault == ""
    assert metrics.value(names.RELOADS, outcome="wrong") == metrics.value(names.RELOADS, outcome="in_force") == 1


def test_a_policy_taken_back_before_the_switch_is_never_in_force() -> None:
    disk = Disk()
    worker = disk.worker()
    disk.now = 200.0
    disk.write(TWO)
    worker.poll()
    disk.now = 201.0
    disk.write(PolicyError("half written"))
    worker.poll()
    disk.now = 300.0
    assert worker().digest == ONE.digest


async def test_an_exchange_keeps_its_plan_while_new_ones_get_the_new_plan() -> None:
    go = asyncio.Event()
    pieces = chat_sse(["号码", "123456", "。"])
    masking = side({"number": pattern("number", "[0-9]{6}")}, [rule("number", "mask")])
    old, new = (
        dataclasses.replace(plan(response=masking), digest="1" * 64),
        dataclasses.replace(plan(), digest="2" * 64),
    )
    force = [old]
    async with ScriptedUpstream(events([*pieces[:2], go, *pieces[2:]]), events(pieces)) as upstream:
        made = parts(old, {"up": OpenAICompatible("up", upstream.url, "k")})
        made = dataclasses.replace(made, plan=lambda: force[0])
        async with serving(made) as gate:
            async with (
                aiohttp.ClientSession() as session,
                session.post(gate.url + "/v1/chat/completions", json=chat("问", model="up", stream=True)) as response,
            ):
                await response.content.readany()
                force[0] = new
                fresh = await post(gate.url, chat("问", model="up", stream=True))
                go.set()
                rest = await response.read()
            await gate.recorded(2)
    assert "123456" in fresh.text()
    assert b"123456" not in rest
    assert b"******" in rest
    assert {record.plan for record in gate.records.records} == {"1" * 64, "2" * 64}
    assert fresh.headers["x-sluice-policy"] == "kit@222222222222"
