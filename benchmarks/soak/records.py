"""Holds the records against the questions that were asked: each has exactly one, also those left by their clients."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.clients import Begun


@dataclass(frozen=True, slots=True)
class Row:
    """What a record says of who asked.

    Attributes:
        id: The exchange's.
        user: Whom the client named; None where the client left before its question was read.
        outcome: How it ended.
    """

    id: str
    user: str | None
    outcome: str


def rows(database: Path) -> list[Row]:
    """Read all records."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [Row(*row) for row in connection.execute("SELECT id, end_user, outcome FROM exchange")]


def missing(begun: Sequence[Begun], kept: Sequence[Row]) -> list[str]:
    """Return what is wrong with the records, a sentence each; empty if every question has exactly one.

    A client that leaves before its question was read has a record without a user. Of those nobody can say whose
    it is, but their number must fit: it is that of the questions that have no other record.
    """
    wrong = []
    if len(kept) != len(begun):
        wrong.append(f"{len(begun)} questions were asked, and there are {len(kept)} records")
    by_id, users = {row.id: row for row in kept}, Counter(row.user for row in kept)
    unnamed = users.pop(None, 0)
    asked = {one.user for one in begun}
    wrong += [f"{user} has {count} records" for user, count in users.items() if count > 1]
    wrong += [f"{user} has a record, and never asked" for user in users if user not in asked]
    alone = 0
    for one in begun:
        if one.id and one.id not in by_id:
            wrong.append(f"{one.user} was answered as {one.id}, which has no record")
        elif one.id and by_id[one.id].user not in (one.user, None):
            wrong.append(f"{one.user} was answered as {one.id}, which is the record of {by_id[one.id].user}")
        elif one.user not in users:
            alone += 1
            if not one.left:
                wrong.append(f"{one.user} stayed for its answer, and has no record")
    if alone != unnamed:
        wrong.append(f"{alone} questions have no record of their own, and {unnamed} records have no user")
    wrong += [f"{row.user or row.id} failed by a fault of ours" for row in kept if row.outcome == "error"]
    return wrong


def outcomes(kept: Sequence[Row]) -> dict[str, int]:
    """Return how many exchanges ended how, the most frequent first."""
    return dict(Counter(row.outcome for row in kept).most_common())
