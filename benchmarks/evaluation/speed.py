"""How many rows of faithfulness a second are judged by a judge that takes no time: ours, and Ragas' stock route.

    python -m benchmarks.evaluation.speed
    python -m benchmarks.evaluation.speed --rows 1000 --without-ragas

Two questions to the judge a row, 20 rows at once, over HTTP to another process of this machine. Ragas' stock route is
its metric with its own OpenAI client, asked row by row with the same 20 at once, its telemetry switched off. The
processor time of this process is given beside: it says what a busy machine would reach if it were quiet.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks.conformance.started import free_port
from benchmarks.evaluation.servers import Server, python, running
from evaluators.rows import Row
from evaluators.scorers.by_row import load_lore
from evaluators.scorers.judged.scorer import spec
from evaluators.scorers.judged.stream import BY_ROW, Wanted, judge_rows
from evaluators.scorers.spec import Address, Surroundings
from evaluators.scorers.stream import Task

AT_ONCE = 20
FLOOR = 100.0
"""Rows a second that ours is to reach."""


def rows(count: int) -> list[Row]:
    """Return rows of four statements and two passages, half of them in Chinese; no two alike."""
    made = []
    for at in range(count):
        zh = f"第{at}号商品七天内可以退货。运费由买家承担。发票随货寄出。客服每天九点上班。"
        en = f"Item {at} can be returned within 7 days. The buyer pays the postage. It has a bill. Support opens at 9."
        text = en if at % 2 else zh
        made.append(Row(at, "How do I return it?" if at % 2 else "怎么退货？", text, (text, text[::-1]), ("0", "1")))
    return made


async def ours(url: str, judged: Sequence[Row]) -> int:
    """Judge rows as ``sluice eval score`` does; return how many got a value."""
    metric = BY_ROW["faithfulness"]
    scorer = spec(metric).build(metric.options(), Surroundings(Address(url, "judge")))
    wanted = Wanted(Task(("faithfulness",)), {}, {"faithfulness": scorer}, load_lore())
    return sum([done.values async for done in judge_rows(judged, wanted, AT_ONCE)])


async def ragas(url: str, judged: Sequence[Row]) -> int:
    """Judge rows by Ragas' own metric and client; return how many got a value."""
    from openai import AsyncOpenAI  # noqa: PLC0415 - seconds
    from ragas.llms import llm_factory  # noqa: PLC0415
    from ragas.metrics.collections import Faithfulness  # noqa: PLC0415

    client = AsyncOpenAI(base_url=url, api_key="none")
    metric, turn = Faithfulness(llm=llm_factory("judge", client=client)), asyncio.Semaphore(AT_ONCE)

    async def one(row: Row) -> float:
        async with turn:
            found = await metric.ascore(
                user_input=row.question or "", response=row.answer or "", retrieved_contexts=list(row.contexts or ())
            )
        return float(found.value)

    return sum(value == 1.0 for value in await asyncio.gather(*map(one, judged)))


def rate(route: Callable[[str, Sequence[Row]], Awaitable[int]], url: str, judged: Sequence[Row]) -> tuple[float, float]:
    """Return rows a second, and milliseconds of this process a row, after a few rows that are not timed.

    Raises:
        RuntimeError: A row got no value: what was measured is not the work.
    """

    async def go() -> tuple[float, float]:
        await route(url, judged[:10])
        begun, worked = time.perf_counter(), time.process_time()
        scored = await route(url, judged[10:])
        taken, worked = time.perf_counter() - begun, time.process_time() - worked
        if scored != len(judged) - 10:
            raise RuntimeError(f"{len(judged) - 10 - scored} rows got no value")
        return scored / taken, 1000 * worked / scored

    return asyncio.run(go())


def main() -> int:
    """Measure, print, and return 1 where ours is below its floor."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluation.speed", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--rows", type=int, default=500, help="rows of our own route (500)")
    parser.add_argument("--without-ragas", action="store_true", help="do not measure Ragas' stock route")
    arguments = parser.parse_args()
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    server = Server("judge", python("benchmarks.evaluation.judge", "--port", str(port := free_port())), port, {})
    with tempfile.TemporaryDirectory() as folder, running([server], Path(folder)):
        found, work = rate(ours, server.url, rows(arguments.rows + 10))
        print(f"faithfulness, two questions a row, {AT_ONCE} rows at once", flush=True)
        print(f"sluice  {found:7.1f} rows/s, {work:6.2f} ms of processor time a row", flush=True)
        if not arguments.without_ragas:
            theirs, labour = rate(ragas, server.url, rows(max(20, arguments.rows // 5) + 10))
            print(f"ragas   {theirs:7.1f} rows/s, {labour:6.2f} ms by its own client")
            print(f"sluice is {found / theirs:.1f} times as fast")
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if found >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
