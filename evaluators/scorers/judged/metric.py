"""What a judged metric is: what it needs of a row, what it asks with, and how verdicts become a number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import BaseModel, Field

from evaluators.sample import Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.asking import Asking
from evaluators.scorers.spec import Options

Need = Literal["answer", "contexts", "reference", "topics"]


class JudgedOptions(Options):
    """Options that all judged metrics share.

    Attributes:
        pass_at: From which value on a row passes; up to one minus it, where low is better.
        parameters: Further fields of the judge's request.
        timeout_s: Seconds for one attempt to ask.
        attempts: How often one question is asked at most, where a pause may help (429, 5xx, no connection).
    """

    pass_at: float = Field(default=0.8, ge=0, le=1)
    parameters: dict[str, Any] = Field(default_factory=dict)
    timeout_s: float = Field(default=120.0, gt=0)
    attempts: int = Field(default=4, ge=1, le=20)


class Vectors(Protocol):
    """Turns text into vectors."""

    async def embed(self, text: str) -> Sequence[float]:
        """Return the vector of a text; raises ``JudgeError``."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What a metric judges with: a judge, and vectors where it wants them.

    Attributes:
        judge: The judge; None for a metric that asks none.
        vectors: Where vectors come from; None for a metric that wants none.
    """

    judge: Asking | None = None
    vectors: Vectors | None = None

    @property
    def asking(self) -> Asking:
        """The judge; raises ``JudgeError`` where there is none."""
        if self.judge is None:
            raise JudgeError("no_judge")
        return self.judge

    async def embed(self, text: str) -> Sequence[float]:
        """Return the vector of a text; raises ``JudgeError`` where there is none."""
        if self.vectors is None:
            raise JudgeError("no_embedding_model")
        return await self.vectors.embed(text)


@dataclass(frozen=True, slots=True)
class Found:
    """A number, and what it rests on."""

    value: float
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JudgedMetric:
    """A metric that a judge decides.

    Attributes:
        name: The scorer's name, and the metric's.
        summary: One line for people.
        judge: Judges a row that has what is needed; raises ``JudgeError`` where nothing comes of it.
        needs: What a row must have. Where ``answer`` is among it, an answer that declines or abstains is not judged.
        options: The shape of its options.
        words: Names of the words that it asks with, for its identity.
        shapes: The shapes that it asks for, for its identity.
        better: Whether high values are wanted.
        wants_vectors: Whether it needs an embedding model, by its options.
        hears_refusals: Whether declining is something to be judged.
    """

    name: str
    summary: str
    judge: Callable[[Bench, Any, Sample, Response], Awaitable[Found]]
    needs: tuple[Need, ...]
    words: tuple[str, ...] = ()
    shapes: tuple[type[BaseModel], ...] = ()
    options: type[JudgedOptions] = JudgedOptions
    better: Literal["high", "low"] = "high"
    wants_vectors: Callable[[Any], bool] = lambda options: False
    hears_refusals: bool = False
