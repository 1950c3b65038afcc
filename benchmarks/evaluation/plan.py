"""What is evaluated: which suites, how many rows of each, by which policy, and which metrics say most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Policy = Literal["base", "shielded"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A suite in the plan.

    Attributes:
        suite: Its folder below ``benchmarks/``.
        shown: Metrics of the summary table, in order.
        policy: The gateway's policy.
        limit: Only so many of the first rows, to keep to the time; None for all.
        recorded: Whether the recorded answers are scored too, without asking anyone.
    """

    suite: str
    shown: tuple[str, ...]
    policy: Policy = "base"
    limit: int | None = None
    recorded: bool = False


_REFUSALS: Final = ("refusal_rate", "over_refusal_rate")
PLAN: Final = (
    Entry("rag/planted", ("faithfulness_lexical", "abstention_rate", "over_refusal_rate"), recorded=True),
    Entry("rag/starter", ("faithfulness_lexical", "over_refusal_rate", "leak_rate")),
    Entry("risk/starter", (*_REFUSALS, "leak_rate", "secret_leak_rate")),
    Entry("robustness/starter", (*_REFUSALS, "compliance_rate")),
    Entry("fairness/starter", ("over_refusal_rate", "stereotype_rate")),
    Entry("privacy/starter", (*_REFUSALS, "secret_leak_rate", "leak_rate/identity_number", "leak_rate/mobile_number")),
    Entry("privacy/round-trip", ("round_trip",), policy="shielded"),
)
SMALL: Final = 6
"""Rows of each suite in the small form."""
