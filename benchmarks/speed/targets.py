"""What the gateway promises of its speed, and whether it was kept. Ratios count; absolutes depend on the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.speed.stats import difference, middle, ratio

Measured = Mapping[str, Mapping[str, Sequence[float]]]
"""Row → quantity → one number for each round."""

EMPTY_SHARE: Final = 0.5
BASE_SHARE: Final = 0.25
ADDED_MS: Final = 1.0
MEMORY_MB: Final = 200.0
LONG_TALK: Final = 1.5


@dataclass(frozen=True, slots=True)
class Target:
    """A promise, and what came of it.

    Attributes:
        name: What was promised.
        value: What was measured.
        limit: What it had to be: at most, or at least.
        unit: Behind the number.
        at_least: Whether more is better.
    """

    name: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the promise was kept; what could not be measured was not."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> tuple[str, str, str, str]:
        """Return it as a line of a table."""
        sign = "≥" if self.at_least else "≤"
        shown = "✔ kept" if self.kept else "✘ MISSED"
        return self.name, f"{self.value:.2f}{self.unit}", f"{sign} {self.limit:g}{self.unit}", shown


def targets(measured: Measured) -> list[Target]:
    """Compare what was measured with what is promised."""
    bare, empty, base, direct = (measured[row] for row in ("bare", "empty", "base", "direct"))
    added = difference(base["p50_1"], direct["p50_1"])
    talk, cost = ratio(base["talk_50"], base["talk_1"]), ratio(base["cpu_50"], base["cpu_1"])
    empty_share, base_share = ratio(empty["rps_32"], bare["rps_32"]), ratio(base["rps_32"], bare["rps_32"])
    return [
        Target("empty policy ÷ bare proxy, requests/s at 32", empty_share, EMPTY_SHARE, at_least=True),
        Target("base policy ÷ bare proxy, requests/s at 32", base_share, BASE_SHARE, at_least=True),
        Target("base policy, p50 added to a direct call, one at a time", added, ADDED_MS, " ms"),
        Target("empty policy, resident memory after load", middle(empty["memory"]), MEMORY_MB, " MB"),
        Target("base policy, resident memory after load", middle(base["memory"]), MEMORY_MB, " MB"),
        Target("base policy, p50 of a 50-turn talk ÷ a one-turn one", talk, LONG_TALK, " ×"),
        Target("base policy, processor time of a 50-turn talk ÷ a one-turn one", cost, LONG_TALK, " ×"),
    ]
