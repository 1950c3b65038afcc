"""Tool-call accuracy, as Ragas counts it: the right tools in the right order, with the right arguments; no judge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from evaluators.sample import Call, Response, Sample
from evaluators.score import Metric, Score
from evaluators.scorers.spec import Cells, Options, Scorer, ScorerSpec, Surroundings

TOOL_CALLS: Final = Metric(
    "tool_call_accuracy", "high", "mean", "arguments of calls that are as wanted, where tools and order are"
)


class ToolOptions(Options):
    """Options of ``tool_call_accuracy``.

    Attributes:
        order: Whether calls must come in the order of the row (``strict``), or in any.
        pass_at: From which value on a row passes.
    """

    order: Literal["strict", "any"] = "strict"
    pass_at: float = Field(default=1.0, ge=0, le=1)


def accuracy(made: Sequence[Call], wanted: Sequence[Call], order: Literal["strict", "any"]) -> float:
    """Return the share of wanted arguments that calls hold, averaged; 0 where tools or their order are others.

    Values are compared as they are written: 5 and "5" are the same.
    """
    if order == "any":
        made, wanted = sorted(made, key=_place), sorted(wanted, key=_place)
    if [call["name"] for call in made] != [call["name"] for call in wanted]:
        return 0.0
    shares = [_held(one["args"], other["args"]) for one, other in zip(made, wanted, strict=True)]
    return math.fsum(shares) / len(shares) if shares else 1.0


def _held(made: Mapping[str, Any], wanted: Mapping[str, Any]) -> float:
    if not wanted:
        return 0.0 if made else 1.0
    return sum(name in made and str(made[name]) == str(value) for name, value in wanted.items()) / len(wanted)


def _place(call: Call) -> tuple[str, ...]:
    return (call["name"], *(part for name in sorted(call["args"]) for part in (name, str(call["args"][name]))))


def build(options: ToolOptions, surroundings: Surroundings) -> Scorer:
    """Make the scorer."""

    def applies(sample: Sample) -> tuple[str, ...]:
        return () if sample.calls is None else (TOOL_CALLS.name,)

    def score(sample: Sample, response: Response) -> Cells:
        if sample.calls is None:
            return {}
        value = accuracy(response.calls, sample.calls, options.order)
        return {TOOL_CALLS.name: Score(value, value >= options.pass_at, {"calls": [c["name"] for c in response.calls]})}

    return Scorer("tool_call_accuracy", (TOOL_CALLS,), applies, score=score)


SPEC: Final = ScorerSpec("tool_call_accuracy", "calls of tools against those that are wanted", ToolOptions, build)
