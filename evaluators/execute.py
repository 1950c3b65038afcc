"""Runs a suite: answers are on disk before they are scored, and a killed run goes on where it stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, nullcontext
from dataclasses import asdict
from typing import Final, Protocol

from evaluators.conversation import Conversation
from evaluators.endpoint import metered
from evaluators.journal import Journal
from evaluators.pace import Limits, Meters, Price, Purse
from evaluators.prompt import Template, messages
from evaluators.run import STOPPED, Key, Run, State, locked
from evaluators.sample import Failure, Language, Response, Sample
from evaluators.score import Cell, Unscored, encode
from evaluators.scorers.spec import Judge, Scorer
from evaluators.targets.target import Target
from gateway.errors import SluiceError

Due = tuple[Sample, Key]

_HOPELESS: Final = frozenset({"unreachable", "http_401", "http_403", "http_404", "http_429", "no_gateway"})
_BUDGET: Final = "budget"


class TargetDown(SluiceError):
    """The target answers nobody: wrong address, wrong key, or not running; ``code`` says which."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the target answered none of the first questions ({code})")


class Sink(Protocol):
    """Where answers and scores go as they come."""

    def answered(self, key: Key, said: Response | Failure) -> None:
        """Keep an answer; it is safe when this returns."""
        ...

    def judged(self, key: Key, scorer: str, cells: Mapping[str, Cell]) -> None:
        """Keep what a scorer made of an answer."""
        ...


class Journals:
    """Keeps answers and scores on disk and in a state.

    Args:
        answers: Open.
        scores: Open.
        state: What the run has got so far.
        purse: What it has used stands in every line; None to leave that out.
    """

    def __init__(self, answers: Journal, scores: Journal, state: State, purse: Purse | None) -> None:
        self._answers, self._scores, self._state, self._purse = answers, scores, state, purse

    def answered(self, key: Key, said: Response | Failure) -> None:
        """Write an answer down."""
        word = "failure" if isinstance(said, Failure) else "answer"
        self._answers.append({**key.written, word: asdict(said), **self._spent()})
        self._state.answers[key] = said

    def judged(self, key: Key, scorer: str, cells: Mapping[str, Cell]) -> None:
        """Write scores down."""
        written = {name: encode(cell) for name, cell in cells.items()}
        self._scores.append({**key.written, "scorer": scorer, "cells": written, **self._spent()})
        self._state.cells[key, scorer] = cells

    def _spent(self) -> dict[str, object]:
        if self._purse is None or not self._purse.spent.calls:
            return {}
        self._state.spent = self._purse.spent
        return {"spent": asdict(self._purse.spent)}


async def execute(
    run: Run,
    state: State,
    targets: Mapping[str, Target] | None,
    scorers: Sequence[Scorer],
    *,
    concurrency: int,
    done: Callable[[Key], None],
    meters: Meters | None = None,
) -> None:
    """Ask what is not answered, score what is not scored, and add both to ``state`` and disk.

    An answer is on the disk before the first scorer sees it. May be cancelled at any time. Stops where the budget of
    ``meters`` is at its end, and leaves a word of that in ``state`` and on disk.

    Args:
        run: The run.
        state: What it has got so far.
        targets: Whom to ask, by way; None to judge again what is answered, and ask nobody.
        scorers: What to judge with.
        concurrency: How many rows are under way at once.
        done: Called for each row and repetition that is complete.
        meters: For the calls of judges; the targets have theirs already.

    Raises:
        TargetDown: The first questions all failed in a way that the others would too.
        ConfigError: Another process runs this run.
    """
    purse = meters.purse if meters else None
    with (
        locked(run.path),
        Journal(run.path / "answers.jsonl", durable=True) as answers,
        Journal(run.path / "scores.jsonl", durable=False) as scores,
    ):
        (run.path / STOPPED).unlink(missing_ok=True)
        state.stopped = ""
        await work_through(
            due(run, state, scorers, ask=targets is not None),
            state,
            targets,
            scorers,
            run.suite.templates,
            sink=Journals(answers, scores, state, purse),
            concurrency=concurrency,
            done=done,
            meters=meters,
            judge=judge_terms(run),
        )
        if purse is not None and purse.refused:
            stop(run, state, purse)


def due(run: Run, state: State, scorers: Sequence[Scorer], *, ask: bool) -> list[Due]:
    """Return what is left to do."""
    return [
        (sample, key) for sample, key in run.due() if not state.whole(key, scorers) and (ask or state.answered(key))
    ]


def judge_terms(run: Run) -> tuple[Limits, Price | None]:
    """Return how fast the suite's judge may be asked, and what it costs."""
    judge = run.suite.judge
    price = Price(**judge.price.model_dump()) if judge.price else None
    limits = judge.limits
    return Limits(limits.requests_per_minute, limits.tokens_per_minute, limits.patience_s), price


def stop(run: Run, state: State, purse: Purse) -> None:
    """Note on disk that a run's budget is at its end."""
    state.stopped, state.spent = _BUDGET, purse.spent
    said = {"why": _BUDGET, "cap": purse.refused, "spent": asdict(purse.spent)}
    (run.path / STOPPED).write_text(json.dumps(said) + "\n", "utf-8")


async def work_through(
    left: Sequence[Due],
    state: State,
    targets: Mapping[str, Target] | None,
    scorers: Sequence[Scorer],
    templates: Mapping[Language, Template],
    *,
    sink: Sink,
    concurrency: int,
    done: Callable[[Key], None],
    meters: Meters | None,
    judge: tuple[Limits, Price | None],
) -> None:
    """Ask and judge some rows; what is in ``state`` already is neither asked nor judged again."""
    hopeful = any(map(state.answered, state.answers))
    waiting = _Patience(min(len(left), max(5, concurrency)), hopeful=hopeful)
    purse = meters.purse if meters else Purse()
    asking = None if targets is None else {way: Conversation(target) for way, target in targets.items()}
    todo = iter(left)
    async with AsyncExitStack() as stack:
        with metered(meters.of(*judge)) if meters else nullcontext():
            judges = {s.name: await stack.enter_async_context(s.judge()) for s in scorers if s.judge}

        async def answer(sample: Sample, key: Key) -> Response | Failure:
            if asking is not None and not state.answered(key):
                said = await asking[key.way].ask(sample, messages(sample, templates[sample.lang]))
                waiting.note(said)
                if not _broke(said):
                    sink.answered(key, said)
                return said
            return state.answers[key]

        async def score(sample: Sample, key: Key, said: Response) -> bool:
            seen = said.seen(sample)
            for scorer in scorers:
                if (key, scorer.name) not in state.cells:
                    cells = await _judged(scorer, judges.get(scorer.name), seen, said)
                    if purse.refused and any(_penniless(cell) for cell in cells.values()):
                        return False
                    sink.judged(key, scorer.name, cells)
            return True

        async def work() -> None:
            for sample, key in todo:
                said = await answer(sample, key)
                if _broke(said) or (isinstance(said, Response) and not await score(sample, key, said)):
                    return  # the budget is at its end: others finish what they can
                done(key)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(concurrency, len(left))):
                    group.create_task(work())
        except ExceptionGroup as errors:  # not ``except*``: Python 3.11.2 packs what is raised there into a group
            first, others = errors.split(TargetDown)
            if first is None or others is not None:
                raise
            raise first.exceptions[0] from None


def _broke(said: Response | Failure) -> bool:
    return isinstance(said, Failure) and said.code == _BUDGET


def _penniless(cell: Cell) -> bool:
    return isinstance(cell, Unscored) and cell.reason.endswith(f"_{_BUDGET}")


async def _judged(scorer: Scorer, judge: Judge | None, sample: Sample, said: Response) -> Mapping[str, Cell]:
    """Judge one answer; a scorer that breaks leaves cells unscored, and the run goes on."""
    names = scorer.applies(sample)
    try:
        if judge is not None:
            cells = await judge(sample, said)
        elif scorer.score is not None:
            cells = scorer.score(sample, said)
        else:
            cells = {}
    except Exception as error:  # one broken judgement must not cost the run
        return dict.fromkeys(names, Unscored("scorer_error", {"error": type(error).__name__}))
    return {name: cells.get(name, Unscored("scorer_said_nothing")) for name in names}


class _Patience:
    """Gives up when the first answers all fail in a way that asking the others cannot mend."""

    def __init__(self, limit: int, *, hopeful: bool) -> None:
        self._left, self._hopeful = limit, hopeful

    def note(self, said: Response | Failure) -> None:
        if isinstance(said, Response) or said.code not in _HOPELESS:
            self._hopeful = True
        self._left -= 1
        if not self._hopeful and self._left <= 0 and isinstance(said, Failure):
            raise TargetDown(said.code)
