"""Puts what a class of personal data holds in the place of its name: ``risk: class.pipl28``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from gateway.document import suggest
from gateway.errors import ConfigError, PolicyError, Where
from gateway.policy.load import Policy
from gateway.policy.schema import RuleEntry, SideEntry
from gateway.verdict import Side

CLASS: Final = "class"
_SIDES: Final[tuple[Side, ...]] = ("request", "response")


def with_classes(
    policy: Policy, classes: Mapping[str, frozenset[str]], reported: frozenset[str], problems: list[ConfigError]
) -> Policy:
    """Return the policy with the risks of each class that it names.

    Args:
        policy: What was read.
        classes: For each class its risks.
        reported: What the policy's detectors report; a class stands for no more than that.
        problems: Gets what is wrong, with file and line.
    """
    sides: dict[str, SideEntry] = {}
    for side in _SIDES:
        entries: SideEntry = getattr(policy.content, side)
        rules = []
        for index, rule in enumerate(entries.rules):
            where = policy.document.where(side, "rules", index, "when", "risk")
            named = tuple(_risks_of(rule, classes, reported, where, problems))
            when = rule.when.model_copy(update={"risk": named})
            rules.append(rule if named == rule.when.risk else rule.model_copy(update={"when": when}))
        sides[side] = entries.model_copy(update={"rules": tuple(rules)})
    return replace(policy, content=policy.content.model_copy(update=sides))


def _risks_of(
    rule: RuleEntry,
    classes: Mapping[str, frozenset[str]],
    reported: frozenset[str],
    where: Where,
    problems: list[ConfigError],
) -> Iterator[str]:
    for risk in rule.when.risk:
        head, _, name = risk.partition(".")
        if head != CLASS:
            yield risk
        elif name not in classes:
            hint = suggest(name, classes) or f"there are: {', '.join(sorted(classes))}"
            problems.append(PolicyError(f"rule {rule.id!r}: unknown class of personal data {name!r}", where, hint))
        elif not (found := classes[name] & reported):
            what = f"rule {rule.id!r} can never fire: no detector of the policy reports a risk of class {name!r}"
            problems.append(PolicyError(what, where, "add a detector: {id: personal, use: personal_data}"))
        else:
            yield from sorted(found)
