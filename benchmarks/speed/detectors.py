"""``python -m benchmarks.speed.detectors``: what the detectors of the base policy cost, and what was promised of it.

Processor time of all of them on one text and for each delta of an answer, the building of word lists of 100,000
terms, and a gateway from its start until it is ready, with what it holds once it has answered.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import ahocorasick_rs
import click
import orjson
from tqdm import tqdm

from benchmarks.quality.others import timings
from benchmarks.speed.parts import cpu
from benchmarks.speed.servers import ServerError, gateway, upstream
from benchmarks.speed.table import table
from benchmarks.speed.targets import Target
from gateway.detectors.lexicon import Lexicon
from gateway.detectors.wordlist import COLUMNS, read_list
from gateway.exchange import Channel, Delta
from gateway.pipeline.guard import Guard
from gateway.policy.plan import Plan
from gateway.wiring import load_plan

TERMS: Final = 100_000
_MODEL: Final = "fast"
_QUESTION: Final = "请介绍一下这家公司的产品和售后服务，再说说怎么联系他们。"
_ANSWER: Final = (
    "好的。这家公司主要做家用净水设备，产品分为台式和厨下式两类，滤芯一般半年到一年更换一次。售后方面，全国大部分城市"
    "当天可以上门，保修期内免费更换故障部件；如果对安装位置不满意，也可以预约工程师重新布管。建议先拍一张厨房水槽的照片，"
    "再联系客服选型，这样不容易买错。"
)
_SYLLABLES: Final = ("ka", "to", "mi", "ren", "sol", "vir", "dan", "pex", "lu", "gra", "ho", "ste", "ing", "qua", "ber")
_FIRST, _LAST = 0x4E00, 0x5BA0
_POLL: Final = 0.02
_READY_SECONDS: Final = 60.0


def terms(language: str, count: int, seed: int = 1) -> list[str]:
    """Return made-up terms: Chinese ones of two to eight characters, English ones of one to three words."""
    draw = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        if language == "zh":
            size = draw.choice((2, 3, 3, 4, 4, 5, 6, 8))
            found["".join(chr(draw.randint(_FIRST, _LAST)) for _ in range(size))] = None
        else:
            words = draw.choice((1, 2, 2, 3))
            found[" ".join("".join(draw.choices(_SYLLABLES, k=draw.choice((2, 3, 4)))) for _ in range(words))] = None
    return list(found)


def lists(count: int, rounds: int) -> list[Target]:
    """Measure how long word lists of so many terms take to build: an automaton alone, and all that a list needs.

    A list of Chinese terms needs one automaton for all disguises that its lines have unless they say otherwise, one of
    English phrases three.
    """
    found = []
    for language, name in (("zh", "Chinese terms"), ("en", "English phrases")):
        made = terms(language, count)
        content = "\n".join([",".join(COLUMNS), *(f"{term},a1.a,0.8,made,2026-01-01" for term in made)]).encode()
        entries = read_list(content, "made.csv")
        alone = cpu(lambda made=made: ahocorasick_rs.AhoCorasick(made, store_patterns=False), rounds)  # type: ignore[misc]
        whole = cpu(lambda entries=entries: Lexicon(entries), rounds)  # type: ignore[misc]
        found += [
            Target(f"{count:,} {name}: the automaton", alone, 2, " s"),
            Target(f"{count:,} {name}: the word list, with its disguises", whole, 2, " s"),
        ]
    return found


def together(plan: Plan) -> list[Target]:
    """Measure all detectors that look at what a user asks, on one view of a text."""
    _, short, long, _ = timings(plan)[-1]
    return [
        Target("all detectors, 500 Chinese characters, p50", short, 500, " µs"),
        Target("all detectors, 2,000 Chinese characters, p50", long, 1500, " µs"),
    ]


async def streamed(plan: Plan, rounds: int, size: int = 4) -> list[Target]:
    """Measure what judging an answer takes for each of its deltas."""
    channel = Channel(0, "content")
    middle, mean = [], []
    for number in range(rounds + 1):
        # What was judged once is remembered: no two answers may be alike.
        said = "".join(f"第{number}.{part}点：{_ANSWER}" for part in range(1, 6))
        pieces = [said[at : at + size] for at in range(0, len(said), size)]
        guard = Guard(plan.response, f"{number}，{_QUESTION}")
        took = []
        for piece in pieces:
            began = time.thread_time_ns()
            await guard.push(Delta(channel, piece))
            took.append((time.thread_time_ns() - began) / 1e3)
        await guard.close(0)
        middle.append(statistics.median(took))
        mean.append(statistics.fmean(took))
    return [
        Target(f"each delta of {size} Chinese characters, p50", statistics.median(middle[1:]), 150, " µs"),
        Target(f"each delta of {size} Chinese characters, mean", statistics.median(mean[1:]), 150, " µs"),
    ]


def process(folder: Path) -> list[Target]:
    """Measure a gateway with the base policy: until it is ready, by the clock, and what it holds after ten questions.

    Raises:
        ServerError: It did not start, or did not answer.
    """
    with upstream(folder, None) as model:
        began = time.monotonic()
        with gateway(folder, None, model, "base") as server:
            root = f"http://127.0.0.1:{server.port}"
            while not _is_ready(root):
                if time.monotonic() - began > _READY_SECONDS:
                    raise ServerError("the gateway is not ready after a minute: ask its /readyz why")
                time.sleep(_POLL)
            ready = time.monotonic() - began
            for number in range(10):
                _ask(root, f"{number}，{_QUESTION}")
            memory = server.memory()
    return [
        Target("start until ready, by the clock", ready, 3, " s"),
        Target("resident memory after ten questions", memory, 300, " MB"),
    ]


def _is_ready(root: str) -> bool:
    try:
        with urllib.request.urlopen(f"{root}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _ask(root: str, text: str) -> None:
    body = orjson.dumps({"model": _MODEL, "messages": [{"role": "user", "content": text}]})
    request = urllib.request.Request(f"{root}/v1/chat/completions", body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        said = error.read(500).decode(errors="replace")
        raise ServerError(f"the gateway answered with {error.code}: {said}") from None


def measured(rounds: int, folder: Path) -> list[Target]:
    """Measure everything; see the module."""
    plan = load_plan("base")
    steps: tuple[Callable[[], list[Target]], ...] = (
        lambda: together(plan),
        lambda: asyncio.run(streamed(plan, rounds)),
        lambda: lists(TERMS, rounds),
        lambda: process(folder),
    )
    found: list[Target] = []
    for step in tqdm(steps, "measuring", unit=" parts", disable=None):
        found += step()
    return found


def report(found: Sequence[Target]) -> str:
    """Return the table, with what a reader must know of the machine."""
    drawn = table("Detectors of the base policy", ["", "measured", "target", ""], [target.row() for target in found])
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{drawn}\nBy processor time, but for the start. Load {load} on {os.cpu_count()} CPUs."


@click.command(epilog="Example:\n\n  python -m benchmarks.speed.detectors --rounds 5")
@click.option("--rounds", type=click.IntRange(1, 50), default=5, show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 1 if a target was missed.")
def main(rounds: int, strict: bool) -> None:
    """Measure what the detectors of the base policy cost; about a minute."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = measured(rounds, Path(folder))
        except ServerError as error:
            raise click.ClickException(str(error)) from None
    click.echo(report(found))
    if strict and not all(one.kept for one in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
