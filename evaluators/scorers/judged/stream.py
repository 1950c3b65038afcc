"""Judges rows as they come, several at once, with judge models and without; a line for each, in order.

What is in memory does not grow with the rows: only so many are under way, and the oldest goes out first.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from evaluators.rows import Row, Unread
from evaluators.sample import Language, Passage, Response, Sample
from evaluators.score import Cell, Refused, Score
from evaluators.scorers.by_row import Judgement, Lore, RowScorer, lacking, score_row
from evaluators.scorers.judged.metric import JudgedMetric
from evaluators.scorers.judged.scorer import METRICS
from evaluators.scorers.spec import Judge, Scorer
from evaluators.scorers.stream import Done, Task, line
from gateway.text import is_chinese

BY_ROW: Final[Mapping[str, JudgedMetric]] = {one.name: one for one in METRICS if "topics" not in one.needs}
"""Judged metrics of single rows by name; a row of this kind knows no topics."""

AHEAD: Final = 4
"""How many rows for each that is judged may wait for an older one to go out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What rows are judged with.

    Attributes:
        task: What was asked for, and the form of the lines.
        without: Scorers without a model, by name.
        judged: Scorers with a judge, by name.
        lore: What the former go by.
    """

    task: Task
    without: Mapping[str, RowScorer]
    judged: Mapping[str, Scorer]
    lore: Lore


def sample_of(row: Row) -> Sample:
    """Return a row as judges read it; of several references the first is the one they see."""
    question = row.question or ""
    lang: Language = "zh" if is_chinese(question + (row.answer or "")) else "en"
    contexts = tuple(map(Passage, row.context_ids, row.contexts or ()))
    reference = next((text for text in row.reference or () if text.strip()), None)
    return Sample(str(row.id), question, lang, contexts=contexts, reference=reference)


def judgement(cell: Cell | None) -> Judgement:
    """Return a cell as a number, or None with the reason."""
    if isinstance(cell, Score):
        return Judgement(cell.value, _shown(cell.detail))
    if isinstance(cell, Refused):
        return Judgement(None, f"the answer {cell.reason}: there is nothing to be judged")
    return Judgement(None, cell.reason if cell else "does_not_apply")


def _shown(detail: Mapping[str, Any]) -> str:
    """Return what a number rests on, in a few words."""
    if "statements" in detail:
        without = [one["text"] for one in detail["statements"] if one["reason"] != "supported"]
        return "not supported: " + "; ".join(without[:5]) if without else "every statement is supported"
    said = ((n.replace("_", " "), "; ".join(map(str, v)) if isinstance(v, list) else v) for n, v in detail.items())
    return ", ".join(f"{name}: {value}" for name, value in said if value not in ("", None))[:500]


async def judge_rows(rows: Iterable[Row | Unread], wanted: Wanted, concurrency: int) -> AsyncIterator[Done]:
    """Yield what was judged, row by row in their order.

    Args:
        rows: What was read.
        wanted: What to judge with.
        concurrency: How many rows are judged at once.
    """
    turn = asyncio.Semaphore(concurrency)
    waiting: deque[asyncio.Task[Done]] = deque()
    async with AsyncExitStack() as stack:
        judges = {n: await stack.enter_async_context(s.judge()) for n, s in wanted.judged.items() if s.judge}
        try:
            for row in rows:
                waiting.append(asyncio.create_task(_row(row, wanted, judges, turn)))
                while len(waiting) > AHEAD * concurrency or (waiting and waiting[0].done()):
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


async def _row(row: Row | Unread, wanted: Wanted, judges: Mapping[str, Judge], turn: asyncio.Semaphore) -> Done:
    names = wanted.task.names
    if isinstance(row, Unread):
        found = dict.fromkeys(names, Judgement(None, row.why))
    else:
        async with turn:
            plain = [wanted.without[name] for name in names if name in wanted.without]
            found = dict(zip((one.name for one in plain), score_row(row, plain, wanted.lore), strict=True))
            for name in names:
                if name in wanted.judged:
                    found[name] = await _judged(row, name, wanted.judged[name], judges.get(name))
    return _done(row, [(name, found[name]) for name in names], wanted.task)


async def _judged(row: Row, name: str, scorer: Scorer, judge: Judge | None) -> Judgement:
    """Judge a row; a scorer that breaks leaves its own value out, with the reason."""
    fields = ("question", *BY_ROW[name].needs)
    lack = lacking(row, tuple(dict.fromkeys(fields)))
    if lack:
        return Judgement(None, lack)
    sample, said = sample_of(row), Response(row.answer or "", "stop")
    try:
        cells = await judge(sample, said) if judge else scorer.score(sample, said) if scorer.score else {}
    except Exception as error:  # one row must not cost the others
        return Judgement(None, f"the scorer failed on this row ({type(error).__name__})")
    return judgement(cells.get(name))


def _done(row: Row | Unread, found: Sequence[tuple[str, Judgement]], task: Task) -> Done:
    lines = "".join(line(row, name, one, task) for name, one in found)
    without = [one.why for _, one in found if one.value is None]
    reasons = Counter(without if isinstance(row, Row) else ["the line cannot be read as a row"] * len(without))
    return Done(lines, 1, len(found) - len(without), reasons)


def run(rows: Iterable[Row | Unread], wanted: Wanted, concurrency: int) -> Iterator[Done]:
    """Yield the same outside of a loop."""
    with asyncio.Runner() as runner:
        judged = judge_rows(rows, wanted, concurrency)
        try:
            while True:
                try:
                    yield runner.run(anext(judged))  # type: ignore[arg-type]
                except StopAsyncIteration:
                    return
        finally:
            runner.run(judged.aclose())  # type: ignore[attr-defined]
