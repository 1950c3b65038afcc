"""Assesses how well a table or a set of texts is de-identified: level 1 to 4 of GB/T 42460-2023.

The standard covers attacks on identity in structured data. Texts are graded by analogy: the
identifiers in them become a table of entities, and that table is assessed; the assessment says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from gateway.privacy.columns import Column, Role, Scan, identify
from gateway.privacy.ladder import Way, find_way
from gateway.privacy.risk import ACCEPTABLE, Classes, Diversity, Risk, Sharing, classes, diversity, encode, risk_of
from gateway.privacy.table import Table

Level = Literal[1, 2, 3, 4]
"""1: direct identifiers; 2: only quasi-identifiers, risk at or above the threshold; 3: risk below it;
4: no identifier (GB/T 42460-2023, clause 5)."""

Find = Callable[[str], Iterable[tuple[str, str]]]
"""Finds identifiers in running text: pairs of what it is (``pii.email``) and what it says."""

Watch = Callable[[Sequence[str], str], Iterable[str]]
"""Shows progress over texts under a title; returns them."""

DEFAULT_ROLE: Final[Role] = "direct"


@dataclass(frozen=True, slots=True)
class Context:
    """How the data is to be shared, and how likely an attack on it is.

    Attributes:
        sharing: The sharing model.
        attempt: T1, probability of a deliberate attempt,
        acquaintance: T2, of recognising an acquaintance,
        breach: T3, and of a leak; each in [0, 1] (GB/T 42460-2023, D.1.4). Public data counts as attacked.
    """

    sharing: Sharing = "public"
    attempt: float = 1.0
    acquaintance: float = 1.0
    breach: float = 1.0

    @property
    def chance(self) -> float:
        """pr(context)."""
        return 1.0 if self.sharing == "public" else max(self.attempt, self.acquaintance, self.breach)


@dataclass(frozen=True, slots=True)
class Utility:
    """What the table still tells.

    Attributes:
        hidden: Share of cells that are empty, masked or suppressed.
        class_size: Mean class size over the smallest one that is needed (C_avg); 1 is the least loss.
        discernibility: Mean over the records of the share of the table they cannot be told from, in [0, 1].
    """

    hidden: float
    class_size: float
    discernibility: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What came of an assessment.

    Attributes:
        level: 1 to 4.
        rows: How many records.
        by_analogy: Whether the records are texts, which the standard does not cover.
        context: How the data is to be shared.
        columns: What each column is.
        groups: The equivalence classes of the quasi-identifiers, or None if there are none.
        risk: What they mean, or None. For level 1 too: what would be left once direct identifiers are gone.
        diversity: For each sensitive column.
        utility: What the table still tells.
        way: How to get below the threshold, or None if it is not above.
    """

    level: Level
    rows: int
    by_analogy: bool
    context: Context
    columns: tuple[Column, ...]
    groups: Classes | None
    risk: Risk | None
    diversity: Mapping[str, Diversity]
    utility: Utility
    way: Way | None

    def of(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of a role."""
        return tuple(column for column in self.columns if column.role == role)


def assess(
    table: Table,
    context: Context,
    *,
    scan: Scan,
    find: Find,
    roles: Mapping[str, Role],
    told: Mapping[str, Role] | None = None,
    watch: Watch = lambda texts, _: texts,
) -> Assessment:
    """Assess a table.

    Args:
        table: What to assess.
        context: How it is to be shared.
        scan: Looks for identifiers in a cell.
        find: Finds them in running text, for tables of texts.
        roles: What each kind of identifier means; those not named are direct.
        told: Roles of columns that a person has set.
        watch: Shows progress.
    """
    by_analogy = table.kind == "texts"
    if by_analogy:
        table, columns = _entities(table, find, roles, watch)
    else:
        columns = tuple(identify(name, cells, scan, roles, told) for name, cells in _watched(table, watch))
    size = len(table)
    cells = dict(zip(table.names, table.columns, strict=True))
    quasi = [column for column in columns if column.role == "quasi"]
    groups = classes([encode(cells[column.name]) for column in quasi], size) if quasi else None
    risk = risk_of(groups.sizes, context.sharing, context.chance) if groups else None
    has_direct = any(column.role == "direct" for column in columns)
    level: Level = 1 if has_direct else 4 if risk is None else 3 if risk.acceptable else 2
    sensitive = [column.name for column in columns if column.role == "sensitive"] if groups else []
    way = None
    if groups and risk and not risk.acceptable:
        way = find_way(
            [column.name for column in quasi],
            [column.kind for column in quasi],
            [cells[column.name] for column in quasi],
            context.sharing,
            context.chance,
        )
    return Assessment(
        level=level,
        rows=size,
        by_analogy=by_analogy,
        context=context,
        columns=columns,
        groups=groups,
        risk=risk,
        diversity={name: diversity(groups, cells[name]) for name in sensitive} if groups else {},
        utility=_utility(table, groups, context),
        way=way,
    )


def _watched(table: Table, watch: Watch) -> Iterable[tuple[str, Sequence[str]]]:
    cells = dict(zip(table.names, table.columns, strict=True))
    for name in watch(table.names, "columns"):
        yield name, cells[name]


def _entities(table: Table, find: Find, roles: Mapping[str, Role], watch: Watch) -> tuple[Table, tuple[Column, ...]]:
    """Turn texts into a table of the identifiers in them: a column a kind, a record a text."""
    size = len(table)
    found: defaultdict[str, list[str]] = defaultdict(lambda: [""] * size)
    for row, text in enumerate(watch(table.columns[0], "texts")):
        values: defaultdict[str, set[str]] = defaultdict(set)
        for kind, value in find(text):
            values[kind].add(value)
        for kind, several in values.items():
            found[kind][row] = "; ".join(sorted(several))
    names = tuple(sorted(found))
    columns = []
    for name in names:
        filled = sum(1 for cell in found[name] if cell)
        role = roles.get(name, DEFAULT_ROLE)
        kind = name.rpartition(".")[2]
        columns.append(Column(name, role, kind, "values", len(set(found[name])), filled / size, filled, size))
    made = Table(names or ("text",), tuple(tuple(found[name]) for name in names) or table.columns, "texts")
    if not names:
        columns = [Column("text", "other", "text", "values", len(set(table.columns[0])), 1.0, 0, size)]
    return made, tuple(columns)


def _utility(table: Table, groups: Classes | None, context: Context) -> Utility:
    cells = len(table) * len(table.names)
    hidden = sum(1 for column in table.columns for cell in column if not cell or set(cell) <= {"*"})
    if groups is None:
        return Utility(hidden / cells, 1.0, 1.0)
    needed = 1 / risk_of(groups.sizes, context.sharing).threshold
    sizes = groups.sizes.astype(np.float64)
    return Utility(
        hidden=hidden / cells,
        class_size=float(sizes.mean() / needed),
        discernibility=float((sizes**2).sum() / sizes.sum() ** 2),
    )


def as_json(assessment: Assessment, file: str) -> dict[str, Any]:
    """Return an assessment as plain JSON values."""
    risk, groups, way = assessment.risk, assessment.groups, assessment.way
    context = assessment.context
    return {
        "file": file,
        "level": assessment.level,
        "standard": "GB/T 42460-2023",
        "by_analogy": assessment.by_analogy,
        "records": assessment.rows,
        "context": {
            "sharing": context.sharing,
            "deliberate_attempt": context.attempt,
            "acquaintance": context.acquaintance,
            "breach": context.breach,
            "pr_context": context.chance,
        },
        "identifiers": [
            {
                "column": column.name,
                "role": column.role,
                "kind": column.kind,
                "because": column.reason,
                "distinct": column.distinct,
                "filled": round(column.filled, 6),
                "values_with_identifier": column.found,
                "values_looked_at": column.looked,
            }
            for column in assessment.columns
        ],
        "classes": None
        if groups is None
        else {
            "quasi_identifiers": [column.name for column in assessment.of("quasi")],
            "count": len(groups.sizes),
            "k": int(groups.sizes.min()),
            "largest": int(groups.sizes.max()),
            "unique_records": int((groups.sizes == 1).sum()),
        },
        "risk": None
        if risk is None
        else {
            "record_threshold": risk.threshold,
            "share_of_classes_above": risk.above,
            "share_of_records_above": risk.records_above,
            "highest_record_risk": risk.highest,
            "average_record_risk": risk.average,
            "overall": risk.overall,
            "acceptable_overall": ACCEPTABLE,
            "acceptable": risk.acceptable,
        },
        "diversity": {
            name: {
                "l": one.distinct,
                "entropy_l": round(one.entropy, 6),
                "t": round(one.closeness, 6),
                "records_disclosed": round(one.disclosed, 6),
            }
            for name, one in assessment.diversity.items()
        },
        "utility": {
            "cells_hidden": round(assessment.utility.hidden, 6),
            "average_class_size_ratio": round(assessment.utility.class_size, 6),
            "discernibility": round(assessment.utility.discernibility, 6),
        },
        "next_level": _next(assessment, way),
    }


def _next(assessment: Assessment, way: Way | None) -> dict[str, Any] | None:
    if assessment.level == 4:
        return None
    removed = [column.name for column in assessment.of("direct")]
    return {
        "level": 4 if assessment.level == 3 else 3,
        "remove_or_pseudonymise": removed,
        "remove": [column.name for column in assessment.of("quasi")] if assessment.level == 3 else [],
        "generalise": []
        if way is None
        else [
            {
                "column": step.column,
                "technique": step.technique,
                "share_of_records_above": round(step.records_above, 6),
                "information_lost": round(step.loss, 6),
            }
            for step in way.steps
        ],
        "suppress_records": way.suppress if way else 0,
        "overall_risk_then": None if way is None or way.risk is None else way.risk.overall,
    }
