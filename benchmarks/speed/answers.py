"""``python -m benchmarks.speed.answers``: how long a question to a large answer bank takes, and what the bank costs.

Banks are made of the project's own questions (``benchmarks/answers/own``), said of many places, so that very many
ways of asking are near each other. Questions are ways that the bank has, with a word or two more.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click

from benchmarks.answers import own
from benchmarks.speed.table import table
from benchmarks.speed.targets import Target
from gateway.answers.bank import Bank
from gateway.answers.entry import Entry
from gateway.answers.match import Matcher

_PLACES: Final = (
    *("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "南京", "重庆", "天津", "苏州", "长沙", "青岛"),
    *(
        "大连",
        "厦门",
        "昆明",
        "郑州",
        "合肥",
        "福州",
        "济南",
        "沈阳",
        "哈尔滨",
        "长春",
        "石家庄",
        "太原",
        "兰州",
        "贵阳",
    ),
    *("南宁", "海口", "宁波", "无锡", "温州", "佛山", "东莞", "珠海", "烟台", "洛阳", "桂林", "三亚"),
)
_OFFICES: Final = (
    *(
        "",
        "分店",
        "门店",
        "营业厅",
        "服务站",
        "旗舰店",
        "郊区",
        "机场",
        "火车站",
        "老城",
        "新区",
        "大学",
        "医院",
        "商场",
        "码头",
        "开发区",
    ),
)
_ASKED: Final = 300
ENTRIES_MS: Final = 1.0
"""Of processor time, at 10,000 entries,"""
WAYS_MS: Final = 3.0
"""and at a million ways."""


class Row(NamedTuple):
    """What a bank costs.

    Attributes:
        entries: How many it has,
        ways: and how many ways of asking.
        build: Seconds of processor time to make it ready.
        memory: Megabytes that it takes.
        p50: Milliseconds of a question, by the clock: half take no longer,
        p95: and all but one in twenty.
        cpu: Milliseconds of processor time that half take no longer than.
        found: How many questions find their entry.
    """

    entries: int
    ways: int
    build: float
    memory: float
    p50: float
    p95: float
    cpu: float
    found: float


def made(entries: int, ways: int, seed: int = 1) -> tuple[Bank, list[tuple[str, str]]]:
    """Return a bank of so many entries with so many ways each, and questions with the entry that each is about."""
    draw = random.Random(seed)
    matters = [(one.ask, *one.others) for trade in own.TRADES for one in own.matters(trade).values()]
    found: list[Entry] = []
    asked: list[tuple[str, str]] = []
    said = itertools.product(_OFFICES, _PLACES, matters)
    for number, (office, place, matter) in enumerate(itertools.islice(said, entries)):
        all_ways = [f"{place}{office}{way}" for way in matter]
        found.append(Entry(str(number), tuple(all_ways[:ways]), zh="a", state="approved"))
        if number % max(1, entries // _ASKED) == 0:
            asked.append((f"我家附近的{all_ways[ways - 1]}呀", str(number)))
    draw.shuffle(asked)
    return Bank("made", tuple(found)), asked


def measured(entries: int, ways: int) -> Row:
    """Make a bank and ask it."""
    bank, asked = made(entries, ways)
    before, began = _memory(), time.process_time()
    matcher = Matcher(bank)
    build, memory = time.process_time() - began, _memory() - before
    for question, _ in asked[:20]:
        matcher.find(question)
    times: list[float] = []
    used: list[float] = []
    right = 0
    for question, wanted in asked:
        start, used_before = time.perf_counter(), time.process_time()
        match = matcher.find(question)
        times.append((time.perf_counter() - start) * 1e3)
        used.append((time.process_time() - used_before) * 1e3)
        right += match.entry is not None and match.entry.id == wanted
    times.sort()
    return Row(
        entries,
        entries * ways,
        build,
        memory,
        statistics.median(times),
        times[int(len(times) * 0.95)],
        statistics.median(used),
        right / len(asked),
    )


def _memory() -> float:
    """Return the megabytes that this process holds; 0 where that cannot be read."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


def promised(rows: Sequence[Row]) -> list[Target]:
    """Return what was promised of banks of some sizes, and what came of it."""
    return [
        Target(f"a question, p50 CPU, at {row.entries:,} entries, {row.ways:,} ways", row.cpu, most, " ms")
        for row in rows
        for fits, most in ((row.entries == row.ways == 10_000, ENTRIES_MS), (row.ways >= 1_000_000, WAYS_MS))
        if fits
    ]


@click.command(epilog="Example:\n\n  python -m benchmarks.speed.answers --bank 10000x1 --bank 170000x6")
@click.option(
    "--bank",
    "banks",
    multiple=True,
    default=("300x5", "10000x1", "2000x5", "10000x5", "170000x6"),
    show_default=True,
    help="Entries, and ways of asking each has at most 6, with an x between them.",
)
def main(banks: tuple[str, ...]) -> None:
    """Measure how long a question to a large answer bank takes."""
    click.echo("| entries | ways | made ready, s CPU | MB | p50 ms | p95 ms | p50 ms CPU | found |")
    click.echo("|---|---|---|---|---|---|---|---|")
    rows = []
    for bank in banks:
        entries, _, ways = bank.partition("x")
        if not (entries.isdecimal() and ways.isdecimal() and 0 < int(ways) <= 6 and int(entries)):
            raise click.BadParameter(f"{bank!r}: write entries and ways, as in 10000x1", param_hint="--bank")
        row = measured(int(entries), int(ways))
        click.echo(
            f"| {row.entries} | {row.ways} | {row.build:.1f} | {row.memory:.0f} | {row.p50:.2f} | {row.p95:.2f} | "
            f"{row.cpu:.2f} | {row.found:.3f} |"
        )
        rows.append(row)
    if targets := promised(rows):
        click.echo(table("Answer banks", ("what", "measured", "promised", ""), [target.row() for target in targets]))
    click.echo(f"load {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} CPUs")


if __name__ == "__main__":
    main()
