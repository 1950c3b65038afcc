"""Measure what labels and the shield add, by processor time where that can be, and say what was promised of it."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, Final

import click
import orjson

from benchmarks.pictures import colours
from benchmarks.speed.table import table
from benchmarks.speed.targets import Target
from gateway.exchange import ANYONE, Channel, Delta, Exchange
from gateway.labels.files import write_bytes
from gateway.labels.metadata import AigcLabel
from gateway.pipeline.declare import Declare
from gateway.pipeline.guard import Guard
from gateway.pipeline.media import Making, label_picture
from gateway.pipeline.run import Gone, Path
from gateway.pipeline.seen import RecentlySeen
from gateway.policy.plan import LabelPlan, PicturePlan, Plan, Words
from gateway.ports import Call, Ports, Route
from gateway.privacy.keys import Keyring, conversation_keys
from gateway.stores.memory import MemoryRecords
from gateway.telemetry.metrics import Metrics
from gateway.wire.chat import Chat
from gateway.wiring import load_plan

PICTURE: Final = (1920, 1080)
"""A picture of two megapixels."""
STREAMS: Final = 20
DELTAS: Final = 60
PACE: Final = 0.05
"""Seconds between the deltas of a paced stream: twenty pieces of a sentence a second."""
VALUES: Final = "李晓红的电话是13812345678，邮箱li.xiaohong@example.com，身份证11010519491231002X。"
TEXT: Final = f"请给{VALUES}写一封信，说明会议改到周五下午，地点在三楼的会议室，请她带上上次的材料。"
_CONTENT: Final = Channel(0, "content")
_WORDS: Final = Words("（本内容由人工智能生成）", "(AI-generated content · 人工智能生成)")
_LABEL: Final = AigcLabel.of("sluice-bench", "01JZ8M3K5QW0123456789ABCDE")


class Quoting:
    """A provider that says back what it was told, three characters a delta: surrogates, split anywhere.

    Args:
        pace: Seconds before each delta.
    """

    name = "quoting"
    content_type = "text/event-stream"

    def __init__(self, pace: float = 0.0) -> None:
        self._pace, self._text = pace, ""

    async def open(self, call: Call) -> Quoting:
        """Begin an answer."""
        made = Quoting(self._pace)
        made._text = orjson.loads(call.body)["messages"][-1]["content"]
        return made

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer, again and again until it has its length."""
        pieces = [self._text[at : at + 3] for at in range(0, len(self._text), 3)]
        for piece in itertools.islice(itertools.cycle(pieces), DELTAS):
            if self._pace:
                await asyncio.sleep(self._pace)
            yield _chunk({"content": piece})
        yield _chunk({}, "stop") + b"data: [DONE]\n\n"

    async def aclose(self) -> None:
        """Let go of nothing."""


class Heard:
    """An outlet that notes when the first piece came."""

    def __init__(self) -> None:
        self.first = 0.0
        self.body = b""

    async def start(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        """Take the head."""
        if status != 200:
            raise click.ClickException(f"the gateway answered with {status}")

    async def write(self, piece: bytes) -> None:
        """Take a piece."""
        self.first = self.first or time.perf_counter()
        self.body += piece

    async def finish(self) -> None:
        """Take the end."""


def _chunk(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return b"data: " + orjson.dumps({"id": "x", "object": "chat.completion.chunk", "choices": [choice]}) + b"\n\n"


def _ports(pace: float = 0.0) -> Ports:
    numbers = itertools.count(1)
    provider = Quoting(pace)
    return Ports(
        resolve=lambda name: Route(name, provider, name, region="cn"),
        records=MemoryRecords(),
        counters=Metrics(),
        clock=time.time,
        ticker=time.perf_counter,
        ids=lambda: f"BENCH{next(numbers):021d}",
        seen=RecentlySeen(),
        producer="sluice-bench",
        keys=conversation_keys(Keyring(b"bench" * 8)),
    )


async def _ask(plan: Plan, ports: Ports, number: int) -> Heard:
    heard = Heard()
    said = [{"role": "user", "content": f"{TEXT}第{number}封。"}]
    raw = orjson.dumps({"model": "quoting", "messages": said, "stream": True})
    await Path(Chat(), "/chat/completions", ports).run(raw, ANYONE, plan, heard, Gone())
    return heard


def cpu(work: Callable[[], object], rounds: int) -> float:
    """Return the processor time of one call in seconds: the median of rounds, the first of which does not count."""
    times = []
    for _ in range(rounds + 1):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times[1:])


def pictures(rounds: int) -> list[Target]:
    """Measure a two-megapixel PNG: words and metadata, and metadata alone."""
    out = io.BytesIO()
    colours(*PICTURE).save(out, "PNG")
    data = out.getvalue()
    plan = LabelPlan("end", _WORDS, metadata=True, pictures=PicturePlan())
    both = cpu(lambda: label_picture(data, plan, Making(_LABEL)), rounds)
    alone = cpu(lambda: write_bytes(data, _LABEL), rounds)
    size = f"PNG of 2 megapixels, {len(data) / 1e6:.1f} MB"
    return [
        Target(f"{size}: words and metadata", both * 1e3, 150, " ms"),
        Target(f"{size}: metadata alone", alone * 1e3, 10, " ms"),
    ]


def texts(plan: Plan, rounds: int) -> list[Target]:
    """Measure what the label costs for each delta of an answer of 500."""
    question = Chat().read(orjson.dumps({"model": "m", "messages": [{"role": "user", "content": TEXT}]}))
    exchange = Exchange("01JZ", 0.0, plan.digest, plan.name, ANYONE, question)
    pieces = [(TEXT * 20)[at : at + 3] for at in range(0, 1500, 3)]

    def run() -> None:
        stage = Declare(plan, exchange, "sluice-bench")
        for piece in pieces:
            stage.saw(_CONTENT, piece)
        stage.end(0)

    return [Target("text label, for each delta", cpu(run, rounds * 4) / len(pieces) * 1e6, 20, " µs")]


async def restoring(plan: Plan, rounds: int) -> list[Target]:
    """Measure what finding surrogates and putting values in their place adds to each delta of an answer."""
    taken: dict[str, str] = {}

    class Noting:
        async def put(self, tenant: str, exchange: str, live: Mapping[str, str]) -> None:
            taken.update(live)

        async def get(self, tenant: str, exchange: str) -> Mapping[str, str] | None:
            return None

    await _ask(plan, replace(_ports(), vault=Noting()), 0)
    if not taken:
        raise click.ClickException("the policy replaced nothing: there is nothing to restore")
    said = "，".join(taken) + "请查收。"
    pieces = [(said * 40)[at : at + 3] for at in range(0, 1500, 3)]

    async def run(live: Mapping[str, str] | None) -> float:
        guard = Guard(plan.response, TEXT, live=live)
        began = time.process_time()
        for piece in pieces:
            await guard.push(Delta(_CONTENT, piece))
        await guard.close(0)
        return time.process_time() - began

    added = [await run(taken) - await run(None) for _ in range(rounds + 1)]
    return [
        Target(
            "restoring in a stream, added to each delta", statistics.median(added[1:]) / len(pieces) * 1e6, 150, " µs"
        )
    ]


async def streams(base: Plan, shielded: Plan, rounds: int) -> list[Target]:
    """Measure the first word, and twenty paced streams at once, with and without the shield, in turns."""
    firsts: dict[str, list[float]] = {"base": [], "shielded": []}
    walls: dict[str, list[float]] = {"base": [], "shielded": []}
    numbers = itertools.count(1)
    for _ in range(rounds):
        for name, plan in (("base", base), ("shielded", shielded)):
            for _ in range(5):
                began = time.perf_counter()
                firsts[name].append((await _ask(plan, _ports(), next(numbers))).first - began)
            ports = _ports(PACE)
            began = time.perf_counter()
            heard = await asyncio.gather(*(_ask(plan, ports, next(numbers)) for _ in range(STREAMS)))
            walls[name].append(time.perf_counter() - began)
            if name == "shielded" and not all(b"13812345678" in _said(one.body) for one in heard):
                raise click.ClickException("a value did not come back")
    later = statistics.median(firsts["shielded"]) - statistics.median(firsts["base"])
    ratio = statistics.median(b / a for a, b in zip(walls["base"], walls["shielded"], strict=True))
    return [
        Target("shield, first word later by", later * 1e3, 10, " ms"),
        Target(f"{STREAMS} streams at once, with the shield ÷ without", ratio, 1.1, " ×"),
    ]


def _said(body: bytes) -> bytes:
    chunks = [orjson.loads(line[6:]) for line in body.split(b"\n\n") if line.startswith(b"data: {")]
    return "".join(c["delta"].get("content", "") for chunk in chunks for c in chunk["choices"]).encode()


@click.command()
@click.option("--rounds", type=click.IntRange(1, 50), default=3, show_default=True)
@click.option("--json", "out", type=click.Path(path_type=FilePath, dir_okay=False), help="Also write the numbers here.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a target was missed.")
def main(rounds: int, out: FilePath | None, strict: bool) -> None:
    """Measure what labels and the shield for personal data add; about half a minute.

    \b
    Examples:
      python -m benchmarks.speed.parts
      python -m benchmarks.speed.parts --rounds 2 --json parts.json
    """
    click.echo(f"Sluice · labels and shield · {rounds} rounds · load average {os.getloadavg()[0]:.1f}")
    base, shielded = load_plan("base"), load_plan("shielded")
    found = [*pictures(rounds), *texts(base, rounds)]
    found += asyncio.run(_private(base, shielded, rounds))
    click.echo(table("Labels and shield", ["", "measured", "target", ""], [target.row() for target in found]))
    click.echo("By processor time, but for the first word and the streams at once, which are by the clock.")
    if out:
        rows: list[dict[str, Any]] = [
            {"name": one.name, "value": one.value, "limit": one.limit, "kept": one.kept} for one in found
        ]
        out.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if strict and not all(one.kept for one in found):
        raise SystemExit(1)


async def _private(base: Plan, shielded: Plan, rounds: int) -> list[Target]:
    return [*await restoring(shielded, rounds), *await streams(base, shielded, rounds)]


if __name__ == "__main__":
    main()
