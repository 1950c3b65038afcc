"""Runs a suite on the workers of a Dask cluster: rows go out in chunks, what they come to lands in one journal.

What a worker has answered and judged is told at once, so a worker that is lost costs only the rows that it had not
finished; others ask these again. Keys never travel: each worker reads them from its own environment.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import queue
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from evaluators.execute import Due, Journals, TargetDown, due, judge_terms, work_through
from evaluators.journal import Journal
from evaluators.pace import Limits, Meters, Price, Purse
from evaluators.run import STOPPED, JudgeAddress, Key, Run, State, locked
from evaluators.sample import Failure, Response
from evaluators.score import Cell, decode, encode
from evaluators.scorers.spec import Address, Scorer, Surroundings
from evaluators.suite import Suite, build_scorers, load_suite
from evaluators.targets.asked import Asked
from evaluators.targets.opening import open_targets
from gateway.errors import ConfigError

CHUNK: Final = 24
"""Rows that go to a worker at once."""
AT_ONCE: Final = 8
"""Rows that are under way there together."""

Told = dict[str, Any]
"""What a worker tells, as plain values: an answer, or what a scorer made of one."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every chunk of a run is done with; goes to the workers as it is.

    Attributes:
        topic: What the workers tell goes under this name.
        suite: The suite's file.
        asked: Whom to ask; None to judge only.
        judge: The judge model, without its key.
        embedding: The embedding model, without its key.
        terms: How fast the judge may be asked, and what it costs.
        workers: How many share the limits.
    """

    topic: str
    suite: bytes
    asked: Asked | None
    judge: JudgeAddress | None
    embedding: JudgeAddress | None
    terms: tuple[Limits, Price | None]
    workers: int


class _Telling:
    """Tells the driver what comes, at once; the same again is in the result of the chunk."""

    def __init__(self, tell: Callable[[Told], None]) -> None:
        self._tell = tell
        self.told: list[Told] = []

    def answered(self, key: Key, said: Response | Failure) -> None:
        word = "failure" if isinstance(said, Failure) else "answer"
        self._say({"key": list(key), word: asdict(said)})

    def judged(self, key: Key, scorer: str, cells: Mapping[str, Cell]) -> None:
        self._say({"key": list(key), "scorer": scorer, "cells": {name: encode(cell) for name, cell in cells.items()}})

    def _say(self, told: Told) -> None:
        self.told.append(told)
        self._tell(told)


def work_chunk(job: Job, chunk: str, rows: Sequence[Due], state: State) -> tuple[list[Told], str]:
    """Do a chunk, on a worker.

    Args:
        job: What to do with it.
        chunk: Its name; rows that another worker finished before it was lost are known by it.
        rows: The rows.
        state: What is known of them.

    Returns:
        Everything that was told, and the code of a target that answers nobody; empty if it does.
    """
    distributed: Any = importlib.import_module("distributed")
    worker, client = distributed.get_worker(), distributed.get_client()
    finished = {Key(*event) for _, event in client.get_events(chunk)}
    left = [(sample, key) for sample, key in rows if key not in finished]
    telling = _Telling(lambda told: worker.log_event(job.topic, told))
    try:
        asyncio.run(_work(job, left, state, telling, lambda key: worker.log_event(chunk, list(key))))
    except TargetDown as error:
        return telling.told, error.code
    return telling.told, ""


async def _work(job: Job, left: Sequence[Due], state: State, telling: _Telling, done: Callable[[Key], None]) -> None:
    suite, scorers = _ready(job.suite, job.judge, job.embedding)
    meters = Meters(Purse(), time.monotonic)
    async with AsyncExitStack() as stack:
        targets = None
        if job.asked is not None:
            targets = await stack.enter_async_context(open_targets(job.asked, os.environ, meters, time.monotonic))
        await work_through(
            left, state, targets, scorers, suite.templates, sink=_Both(telling, state), concurrency=AT_ONCE, done=done,
            meters=meters, judge=job.terms,
        )  # fmt: skip


class _Both:
    """Keeps what comes in the state as well: scorers look there for the answer."""

    def __init__(self, telling: _Telling, state: State) -> None:
        self._telling, self._state = telling, state

    def answered(self, key: Key, said: Response | Failure) -> None:
        self._state.answers[key] = said
        self._telling.answered(key, said)

    def judged(self, key: Key, scorer: str, cells: Mapping[str, Cell]) -> None:
        self._state.cells[key, scorer] = cells
        self._telling.judged(key, scorer, cells)


@lru_cache(maxsize=2)
def _ready(text: bytes, judge: JudgeAddress | None, embedding: JudgeAddress | None) -> tuple[Suite, tuple[Scorer, ...]]:
    """Build the suite and its scorers once in a worker."""

    def address(known: JudgeAddress | None) -> Address | None:
        return Address(known.base_url, known.model, os.environ.get(known.key_env, "")) if known else None

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suite.yaml"
        path.write_bytes(text)
        suite = load_suite(path)
    return suite, build_scorers(suite, Surroundings(address(judge), address(embedding)))


def execute_on(
    address: str,
    run: Run,
    state: State,
    scorers: Sequence[Scorer],
    *,
    ask: bool,
    done: Callable[[Key], None],
    patience_s: float = 60.0,
) -> None:
    """Do what is left of a run on a cluster; the same as ``execute`` does here.

    A chunk whose workers are lost again and again leaves its rows failed with ``worker_lost``, to be asked when the run
    is gone on with.

    Args:
        address: Of the scheduler: ``tcp://HOST:PORT``.
        run: The run.
        state: What it has got so far.
        scorers: What judges; workers build their own.
        ask: Whether to ask, or only to judge what is answered.
        done: Called for each row and repetition that is complete.
        patience_s: How long to wait for the scheduler, and for its first worker, in seconds.

    Raises:
        ConfigError: The extra is not installed, the cluster cannot be reached, or another process runs this run.
        TargetDown: The first chunks found that the target answers nobody.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        hint = "pip install 'sluice-gateway[dask]', here and where the workers run"
        raise ConfigError("running on a cluster needs the extra 'dask'", hint=hint) from None
    left = due(run, state, scorers, ask=ask)
    with (
        locked(run.path),
        Journal(run.path / "answers.jsonl", durable=True) as answers,
        Journal(run.path / "scores.jsonl", durable=False) as scores,
    ):
        (run.path / STOPPED).unlink(missing_ok=True)
        state.stopped = ""
        keeping = _Keeping(Journals(answers, scores, state, None), state, scorers, done)
        try:
            client = distributed.Client(address, timeout=patience_s)
        except (OSError, TimeoutError):
            hint = "start it: dask scheduler --port 8786, and dask worker tcp://HOST:8786 where rows are to be asked"
            raise ConfigError(f"no Dask scheduler answers at {address}", hint=hint) from None
        with client:
            _drive(client, run, left, keeping, ask=ask, patience_s=patience_s)


class _Keeping:
    """Writes what workers tell into the journals, once, however often it is told."""

    def __init__(
        self, journals: Journals, state: State, scorers: Sequence[Scorer], done: Callable[[Key], None]
    ) -> None:
        self._journals, self.state, self._scorers, self._done = journals, state, scorers, done

    def take(self, told: Told) -> None:
        key = Key(*told["key"])
        if "answer" in told or "failure" in told:
            if not self.state.answered(key):
                said = Response.read(told["answer"]) if "answer" in told else Failure(**told["failure"])
                self._journals.answered(key, said)
        elif self.state.answered(key) and (key, told["scorer"]) not in self.state.cells:
            cells = {name: decode(cell) for name, cell in told["cells"].items()}
            self._journals.judged(key, told["scorer"], cells)
            if self.state.whole(key, self._scorers):
                self._done(key)

    def give_up(self, rows: Sequence[Due]) -> None:
        for _, key in rows:
            if key not in self.state.answers:
                self._journals.answered(key, Failure("worker_lost"))


def _drive(client: Any, run: Run, left: Sequence[Due], keeping: _Keeping, *, ask: bool, patience_s: float) -> None:
    try:
        client.wait_for_workers(1, timeout=patience_s)
    except TimeoutError:
        raise ConfigError("the cluster has no workers", hint="start one: dask worker tcp://HOST:8786") from None
    manifest, inbox = run.manifest, queue.SimpleQueue[Told]()
    workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    topic = f"sluice-{manifest.id}-{os.getpid()}-{time.monotonic_ns()}"
    asked = _shared(manifest.asked, workers) if ask else None
    limits, price = judge_terms(run)
    terms = (_slower(limits, workers), price)
    job = Job(topic, run.suite.text, asked, manifest.judge, manifest.embedding, terms, workers)
    client.subscribe_topic(topic, lambda event: inbox.put(event[1]))
    waiting = {}
    for start in range(0, len(left), CHUNK):
        rows, name = left[start : start + CHUNK], f"{topic}-{start}"
        waiting[client.submit(work_chunk, job, name, rows, _part(keeping.state, rows), key=name, pure=False)] = rows
    downs: list[str] = []
    try:
        while waiting:
            _empty(inbox, keeping, 0.1)
            for future in [one for one in waiting if one.done()]:
                rows = waiting.pop(future)
                if future.status != "finished":
                    _empty(inbox, keeping, 0.5)
                    keeping.give_up(rows)
                    continue
                told, down = future.result()
                for one in told:
                    keeping.take(one)
                downs += [down] if down else []
                if downs and not any(map(keeping.state.answered, keeping.state.answers)):
                    raise TargetDown(downs[0])
    finally:
        client.cancel(list(waiting))
        client.unsubscribe_topic(topic)
    _empty(inbox, keeping, 0.1)


def _empty(inbox: queue.SimpleQueue[Told], keeping: _Keeping, seconds: float) -> None:
    try:
        while True:
            keeping.take(inbox.get(timeout=seconds))
            seconds = 0.001
    except queue.Empty:
        return


def _part(state: State, rows: Sequence[Due]) -> State:
    """Return what is known of some rows: answers that need judging only."""
    keys = {key for _, key in rows}
    known: dict[Key, Response | Failure] = {key: said for key, said in state.answers.items() if key in keys}
    answers = {key: said for key, said in known.items() if isinstance(said, Response)}
    return State({**answers}, {at: cells for at, cells in state.cells.items() if at[0] in keys})


def _shared(asked: Asked, workers: int) -> Asked:
    """Return whom to ask, at a worker's share of the limits."""
    direct = _shared(asked.direct, workers) if asked.direct else None
    return replace(asked, limits=asdict(_slower(asked.pace, workers)), direct=direct)


def _slower(limits: Limits, workers: int) -> Limits:
    def share(limit: float | None) -> float | None:
        return limit / workers if limit else limit

    return Limits(share(limits.requests), share(limits.tokens), limits.patience)
