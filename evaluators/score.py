"""A judgement is a number, or says why there is none; never a number that stands for a failure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, assert_never, get_args

Outcome = Literal["pass", "fail", "refused", "unscored", "skipped"]
"""What can become of a cell (row × repetition × metric)."""

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Score:
    """A judgement.

    Attributes:
        value: In [0, 1], never NaN.
        passed: Whether this is what one wants of this row.
        detail: What the judgement rests on, as JSON values, for people.
    """

    value: float
    passed: bool
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and 0.0 <= self.value <= 1.0):
            raise ValueError(f"a score lies in [0, 1], not at {self.value}; what could not be judged is Unscored")


@dataclass(frozen=True, slots=True)
class Refused:
    """The target declined to answer, so that there is nothing for this metric to judge."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unscored:
    """The judgement failed; ``reason`` is a stable word such as ``no_statements``."""

    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """The judgement was not tried: something that it needs is not there."""

    reason: str


Cell = Score | Refused | Unscored | Skipped


def outcome(cell: Cell) -> Outcome:
    """Name what became of a cell."""
    match cell:
        case Score():
            return "pass" if cell.passed else "fail"
        case Refused():
            return "refused"
        case Unscored():
            return "unscored"
        case Skipped():
            return "skipped"
        case _:
            assert_never(cell)


def encode(cell: Cell) -> dict[str, Any]:
    """Write a cell as JSON values; ``decode`` reads it back."""
    written: dict[str, Any] = {"outcome": outcome(cell)}
    if isinstance(cell, Score):
        written["value"] = cell.value
    else:
        written["reason"] = cell.reason
    if isinstance(cell, (Score, Unscored)) and cell.detail:
        written["detail"] = dict(cell.detail)
    return written


def decode(written: Mapping[str, Any]) -> Cell:
    """Read a cell that ``encode`` wrote.

    Raises:
        ValueError: It is not one.
    """
    try:
        match written["outcome"]:
            case "pass" | "fail" as word:
                return Score(float(written["value"]), word == "pass", written.get("detail", {}))
            case "refused":
                return Refused(str(written["reason"]))
            case "unscored":
                return Unscored(str(written["reason"]), written.get("detail", {}))
            case "skipped":
                return Skipped(str(written["reason"]))
            case _:
                raise ValueError("unknown outcome")
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a cell: {type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class Metric:
    """What a scorer measures.

    Attributes:
        name: Unique among all metrics of a suite; gates and reports use it.
        better: Whether high or low values are wanted.
        kind: ``rate`` for values that are 0 or 1, ``mean`` for values in between.
        summary: One line for people.
    """

    name: str
    better: Literal["high", "low"]
    kind: Literal["rate", "mean"]
    summary: str = ""


def plain(name: str) -> str:
    """Return a metric's own name, without the way that was asked: ``refusal_rate`` of ``refusal_rate:gateway``."""
    return name.partition(":")[0]
