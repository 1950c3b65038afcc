"""From a judge's own categories to risks; a policy may map each of them another way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.detectors.judges.careful import Opinion, Opinions
from gateway.document import suggest
from gateway.errors import PolicyError

Table = Mapping[str, tuple[str, ...]]
_RISK: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")

RISKS: Final[Mapping[str, Any]] = {
    "risks": {
        "type": "object",
        "additionalProperties": {"type": ["string", "array"], "items": {"type": "string"}},
        "description": "risks to report for a category instead of the usual ones: risks: {Jailbreak: attack.jailbreak}",
    }
}
"""The option that maps categories another way, as JSON Schema."""


def table_of(options: Mapping[str, Any], usual: Table, *, fixed: bool = True) -> Table:
    """Return the risks of each category.

    Args:
        options: What the policy says; ``risks`` counts.
        usual: What categories mean if the policy does not say.
        fixed: Whether there are no other categories.

    Raises:
        PolicyError: A category that there is not, or a risk that is none.
    """
    table = dict(usual)
    for category, said in options.get("risks", {}).items():
        if fixed and category not in usual:
            hint = suggest(category, usual) or f"there are: {', '.join(usual)}"
            raise PolicyError(f"unknown category {category!r}", None, hint)
        risks = (said,) if isinstance(said, str) else tuple(said)
        for risk in risks:
            check_risk(risk)
        table[category] = risks
    return table


def check_risk(risk: str) -> None:
    """Refuse what is no risk id; raises ``PolicyError``."""
    if not _RISK.fullmatch(risk):
        raise PolicyError(f"{risk!r} is not a risk id", None, "write small letters, digits and _ with dots between")


def reported(table: Table) -> frozenset[str]:
    """Return every risk that a table leads to."""
    return frozenset(risk for risks in table.values() for risk in risks)


def opinions(pairs: Iterable[tuple[str, float]]) -> Opinions:
    """Return each risk once, with its highest score; a score of 0 is no opinion."""
    best: dict[str, float] = {}
    for risk, score in pairs:
        if score > 0:
            best[risk] = max(score, best.get(risk, 0.0))
    return tuple(Opinion(risk, best[risk]) for risk in sorted(best))
