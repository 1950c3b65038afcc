"""Judges rows as they come, on several processes, and gives a line for each, in order.

What is in memory does not grow with the rows: only so many are under way at once.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Final, Literal, NamedTuple

from evaluators.rows import Row, Unread, written
from evaluators.scorers.by_row import Judgement, Lore, RowScorer, catalogue, find, load_lore, score_row

CHUNK: Final = 64
"""Rows that go to a process at once."""
CHARACTERS: Final = 1_000_000
"""Or so many characters, whichever comes first."""
ALONE: Final = 4
"""Chunks that are judged before other processes are worth starting."""

Chunk = list[Row | Unread]
Form = Literal["json", "text"]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with every row.

    Attributes:
        names: Of the scorers.
        form: ``json`` or ``text``.
        k: How many of the first passages count.
        prices: Dollars for a million prompt and answer tokens, or None.
    """

    names: tuple[str, ...]
    form: Form = "json"
    k: int = 5
    prices: tuple[float, float] | None = None


class Done(NamedTuple):
    """Some rows that are judged: their lines, how many rows and values, and why others have none."""

    lines: str
    rows: int
    values: int
    reasons: Counter[str]


UnderWay = tuple[Chunk, Future[Done] | None]
"""A chunk, and who judges it; None where it could not be handed over."""


@lru_cache(maxsize=4)
def _ready(task: Task) -> tuple[tuple[RowScorer, ...], Lore]:
    known = catalogue()
    found = [find(name, known) for name in task.names]
    return tuple(scorer for scorer in found if scorer is not None), load_lore(task.k, task.prices)


def judge_rows(rows: Iterable[Row | Unread], task: Task, workers: int) -> Iterator[Done]:
    """Yield what was judged, in the order of the rows.

    Args:
        rows: What was read.
        task: What to do with each.
        workers: How many processes; 1 stays in this one, and so do the first rows of any input.
    """
    chunks = _chunks(rows)
    for chunk in islice(chunks, ALONE if workers > 1 else None):
        yield judge_chunk(chunk, task)
    first = next(chunks, None)
    if first is None:
        return
    chunks = chain([first], chunks)
    while (under_way := (yield from _spread(chunks, task, workers))) is not None:
        for chunk, future in under_way:
            judged = future is not None and future.done() and not future.exception()
            yield future.result() if future is not None and judged else _given_up(chunk, task)


def judge_chunk(rows: Sequence[Row | Unread], task: Task) -> Done:
    """Judge some rows here and now."""
    scorers, lore = _ready(task)
    lines: list[str] = []
    values = 0
    reasons: Counter[str] = Counter()
    for row in rows:
        judged = [Judgement(None, row.why)] * len(scorers) if isinstance(row, Unread) else score_row(row, scorers, lore)
        for scorer, judgement in zip(scorers, judged, strict=True):
            lines.append(line(row, scorer.name, judgement, task))
            values += judgement.value is not None
            if judgement.value is None:
                reasons[judgement.why if isinstance(row, Row) else "the line cannot be read as a row"] += 1
    return Done("".join(lines), len(rows), values, reasons)


def line(row: Row | Unread, name: str, judgement: Judgement, task: Task) -> str:
    """Return what is written of one row and scorer."""
    value = None if judgement.value is None else round(judgement.value, 6)
    if task.form == "text":
        shown = "–" if value is None else f"{value:.3f}"
        which = f"  {name}" if len(task.names) > 1 else ""
        return f"{'' if row.id is None else row.id}{which}  {shown}  {' '.join(judgement.why.split())}\n"
    entries = [("id", row.id), ("value", value), ("why", judgement.why)]
    return written(entries if len(task.names) == 1 else [*entries, ("scorer", name)]) + "\n"


def _chunks(rows: Iterable[Row | Unread]) -> Iterator[Chunk]:
    chunk: Chunk = []
    size = 0
    for row in rows:
        chunk.append(row)
        if isinstance(row, Row):
            size += len(row.answer or "") + sum(map(len, row.contexts or ()))
        if len(chunk) >= CHUNK or size >= CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _spread(chunks: Iterator[Chunk], task: Task, workers: int) -> Generator[Done, None, list[UnderWay] | None]:
    """Judge chunks on other processes; return what was under way when one of these died, or None."""
    under_way: deque[UnderWay] = deque()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            for chunk in chunks:
                under_way.append((chunk, None))  # so that it is not lost if it cannot be handed over
                under_way[-1] = (chunk, pool.submit(judge_chunk, chunk, task))
                if len(under_way) > 2 * workers:
                    yield _first(under_way)
            while under_way:
                yield _first(under_way)
        except BrokenProcessPool:
            return list(under_way)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return None


def _first(under_way: deque[UnderWay]) -> Done:
    future = under_way[0][1]
    if future is None:
        raise ValueError("a chunk waits that nobody was given")
    done = future.result()
    under_way.popleft()
    return done


def _given_up(chunk: Chunk, task: Task) -> Done:
    """Give every row of a chunk its line all the same."""
    why = "the process that judged this row ended, perhaps for want of memory: score the row by itself"
    lines = [line(row, name, Judgement(None, why), task) for row in chunk for name in task.names]
    return Done("".join(lines), len(chunk), 0, Counter({why: len(lines)}))
