"""What judges answer: the shapes that Ragas asks for, and what about them cannot be a judgement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Statements(_Shape):
    """An answer, taken apart."""

    statements: list[str]


class Claims(_Shape):
    """A text, taken apart."""

    claims: list[str]


class Verdict(_Shape):
    """About one statement; ``id`` is its number from 1, where the judge writes it."""

    id: int | None = None
    statement: str = ""
    reason: str = ""
    verdict: int


class Verdicts(_Shape):
    """About every statement."""

    statements: list[Verdict]


class Question(_Shape):
    """What an answer answers."""

    question: str
    noncommittal: int


class Useful(_Shape):
    """About one passage."""

    reason: str = ""
    verdict: int


class Attribution(_Shape):
    """About one sentence of the reference."""

    id: int | None = None
    statement: str = ""
    reason: str = ""
    attributed: int


class Attributions(_Shape):
    """About every sentence of the reference."""

    classifications: list[Attribution]


class Rating(_Shape):
    """0, 1 or 2."""

    rating: int


class Entities(_Shape):
    """What a text names."""

    entities: list[str]


class Sorted(_Shape):
    """A statement under one of three heads."""

    statement: str
    reason: str = ""


class Heads(_Shape):
    """Statements of an answer and a reference, sorted."""

    TP: list[Sorted]
    FP: list[Sorted]
    FN: list[Sorted]


class Topics(_Shape):
    """What a conversation is about."""

    topics: list[str]


class Turned(_Shape):
    """Whether the assistant refused."""

    refused_to_answer: bool


class Within(_Shape):
    """For each topic whether it is allowed."""

    classifications: list[bool]


def misnumbered(items: Sequence[Any], count: int) -> str:
    """Return what is wrong with verdicts under their numbers, as a code; empty if nothing is.

    Verdicts without any number are taken in their order.
    """
    if len(items) != count:
        return "judge_verdict_count"
    ids = [item.id for item in items]
    if any(one is not None for one in ids) and sorted(ids, key=lambda one: one or 0) != list(range(1, count + 1)):
        return "judge_verdict_order"
    return ""


def in_order(items: Sequence[Any]) -> list[Any]:
    """Return verdicts in the order of their numbers."""
    return sorted(items, key=lambda item: item.id or 0)
