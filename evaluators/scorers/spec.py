"""What a scorer is: a name, options that are checked, metrics, and a function that judges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from evaluators.sample import Response, Sample
from evaluators.score import Cell, Metric
from evaluators.scorers.kept import Kept

Cells = Mapping[str, Cell]
"""A cell for each metric that applies to the row; metrics that do not apply are absent."""

Score = Callable[[Sample, Response], Cells]
"""Pure: the same row and answer give the same cells."""

Judge = Callable[[Sample, Response], Awaitable[Cells]]
"""The only scorers with I/O."""


class Options(BaseModel):
    """Options of a scorer, as a suite writes them; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, slots=True)
class Address:
    """A model at an OpenAI-compatible endpoint. ``key`` is a secret: never shown, never written."""

    url: str
    model: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scorer may use besides the row: a judge and an embedding model, and what judges answered before."""

    judge: Address | None = None
    embedding: Address | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Scorer:
    """A scorer that is ready.

    Attributes:
        name: The word that suites use.
        metrics: What it measures.
        applies: Names of the metrics that apply to a row; ``score`` and ``judge`` give a cell for
            each of these and no other.
        score: Judges without I/O; None if ``judge`` does.
        judge: Opens what judging needs and yields the judge; None if ``score`` does.
        versions: What the judgement depends on besides this program, such as a judge model.
        calls: About how many calls of a judge one answer takes, for the plan.
    """

    name: str
    metrics: tuple[Metric, ...]
    applies: Callable[[Sample], tuple[str, ...]]
    score: Score | None = None
    judge: Callable[[], AbstractAsyncContextManager[Judge]] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    calls: int = 1


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """What is known about a scorer before its options are.

    Attributes:
        name: The word that suites use.
        summary: One line for people.
        options: The shape of its options.
        build: Makes the scorer; loads what it needs, once a run.
    """

    name: str
    summary: str
    options: type[Options]
    build: Callable[[Any, Surroundings], Scorer]
