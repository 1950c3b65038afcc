"""Measures a scorer against people: reads labelled answers, judges them, and issues a passport."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluators.agreement import Corrected, agreement, correct
from evaluators.dataset import MAX_PROBLEMS, Row
from evaluators.passport import Passport, identity, load
from evaluators.sample import Response, Sample
from evaluators.score import Cell, Score, Unscored
from evaluators.scorers.spec import Scorer
from evaluators.suite import Suite
from evaluators.summary import MetricSummary
from gateway.errors import ConfigError, ConfigErrors, Where


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row with a recorded answer, and whether people say yes to what the metric looks for."""

    sample: Sample
    yes: bool


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Read labelled answers: rows of a data set with ``answer`` and ``label`` (true, false, 1 or 0).

    Raises:
        ConfigErrors: The file cannot be read, holds no row, or rows are wrong: with file, line and what to do.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigErrors([ConfigError(f"cannot read the labels: {what}", Where(str(path)))]) from None
    found: list[Labelled] = []
    problems: list[ConfigError] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_labelled(json.loads(line)))
            except ValidationError as error:
                detail = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(map(str, detail["loc"])) or "the row"
                problems.append(ConfigError(f"{place!r}: {detail['msg'].lower()}", Where(str(path), number)))
            except ValueError as error:
                hint = 'write {"id": …, "question": …, "lang": …, "answer": …, "label": true or false}'
                problems.append(ConfigError(str(error), Where(str(path), number), hint))
    if not found and not problems:
        problems.append(ConfigError("there is no labelled row", Where(str(path)), "write one JSON object per line"))
    if problems:
        raise ConfigErrors(problems[:MAX_PROBLEMS])
    return tuple(found)


def _labelled(value: Any) -> Labelled:
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    label = value.pop("label", None)
    if label not in (True, False):
        raise ValueError("'label' is neither true nor false")
    row = Row.model_validate_json(json.dumps(value))
    if row.answer is None:
        raise ValueError("'answer' is missing: people judged something")
    return Labelled(row.sample(), bool(label))


def who(scorer: Scorer, options: Any, version: str) -> str:
    """Return the identity of a scorer: its judge's own, or the hash of its name, options and our version."""
    return scorer.versions.get("passport") or identity(
        "", options.model_dump(mode="json"), f"{scorer.name} {version}", [metric.name for metric in scorer.metrics]
    )


async def judged(
    scorer: Scorer, metric: str, rows: Sequence[Labelled], concurrency: int, done: Callable[[], None]
) -> list[Cell]:
    """Return the metric's cell of every labelled row, in order.

    A row that the metric does not apply to, or whose judgement breaks, is unscored.
    """
    cells: list[Cell] = [Unscored("not_judged")] * len(rows)
    todo = iter(range(len(rows)))
    async with AsyncExitStack() as stack:
        judge = await stack.enter_async_context(scorer.judge()) if scorer.judge else None

        async def work() -> None:
            for at in todo:
                sample = rows[at].sample
                said = Response(sample.answer or "", "stop")
                try:
                    given = await judge(sample, said) if judge else scorer.score(sample, said) if scorer.score else {}
                    cells[at] = given.get(metric, Unscored("does_not_apply"))
                except Exception as error:  # one broken judgement must not cost the others
                    cells[at] = Unscored("scorer_error", {"error": type(error).__name__})
                done()

        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(rows)) if judge else 1):
                group.create_task(work())
    return cells


def issue(
    scorer: Scorer,
    who_it_is: str,
    metric: str,
    rows: Sequence[Labelled],
    cells: Sequence[Cell],
    *,
    day: str,
    file: Path,
) -> Passport:
    """Issue a passport.

    Raises:
        ConfigError: No labelled answer could be judged.
    """
    pairs = [(row.yes, cell.value >= 0.5) for row, cell in zip(rows, cells, strict=True) if isinstance(cell, Score)]
    if not pairs:
        reasons = sorted({cell.reason for cell in cells if not isinstance(cell, Score)})
        raise ConfigError(
            f"none of {len(rows)} labelled answers could be judged: {', '.join(reasons)}", Where(str(file))
        )
    return Passport(
        id=who_it_is,
        scorer=scorer.name,
        metric=metric,
        model=scorer.versions.get("judge", ""),
        measured=day,
        labels=hashlib.sha256(file.read_bytes()).hexdigest(),
        agreement=agreement(pairs),
        unscored=len(rows) - len(pairs),
    )


def passports_of(suite: Suite, scorers: Sequence[Scorer], folder: Path, version: str) -> dict[str, Passport]:
    """Return for each metric of a suite the passport of whoever judges it, where there is one.

    Raises:
        ConfigError: A file in the folder is no passport.
    """
    known = load(folder)
    found: dict[str, Passport] = {}
    for scorer, (_, options, _) in zip(scorers, suite.scorers, strict=True):
        me = who(scorer, options, version)
        for metric in scorer.metrics:
            if (me, metric.name) in known:
                found[metric.name] = known[me, metric.name]
    return found


def corrected(metric: MetricSummary, passport: Passport, seed: int) -> Corrected | None:
    """Return a rate as it would be if its judge never erred; None for what is no rate, or has no score."""
    values = [value for cluster in metric.clusters for value in cluster]
    if metric.metric.kind != "rate" or not values:
        return None
    return correct(sum(value >= 0.5 for value in values), len(values), passport.agreement, seed)
