"""How often each entry of an answer bank was used, from the records: counts and times, never text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select

from gateway.stores.sql import SqlStore
from gateway.stores.tables import exchange_table

_NAME: Final = re.compile(r"(ask-back:)?(.+)@([0-9]+)")


@dataclass(slots=True)
class Hit:
    """What an entry did in one of its versions.

    Attributes:
        entry: Its id.
        version: Which version.
        answered: How often it was the answer.
        asked: How often it was asked back with.
        handed: How often it handed a question over to a person.
        last: When it did any of that last, seconds since the epoch.
    """

    entry: str
    version: int
    answered: int = 0
    asked: int = 0
    handed: int = 0
    last: float = 0.0

    @property
    def all(self) -> int:
        """How often it was used at all."""
        return self.answered + self.asked + self.handed


@dataclass(frozen=True, slots=True)
class Hits:
    """What entries did, the busiest first.

    Attributes:
        entries: Each version of each entry that was used.
        exchanges: How many questions there were at all.
        passed: How many of them no entry had a part in: they went on to the model, or a rule decided.
    """

    entries: list[Hit] = field(default_factory=list)
    exchanges: int = 0

    @property
    def passed(self) -> int:
        """How many questions no entry had a part in."""
        return self.exchanges - sum(one.all for one in self.entries)

    def never(self, known: Iterable[str]) -> list[str]:
        """Return which of these ids had no part in any exchange."""
        used = {one.entry for one in self.entries}
        return [id for id in dict.fromkeys(known) if id not in used]


def hits(store: SqlStore, since: float | None = None, tenant: str | None = None) -> Hits:
    """Count what entries did; raises ``RecordError``.

    Args:
        store: An open store.
        since: Seconds since the epoch; None for everything that is kept.
        tenant: Only of this tenant's callers; None for all.
    """
    table = exchange_table()

    def within(query: Select[Any]) -> Select[Any]:
        if since is not None:
            query = query.where(table.c.received >= datetime.fromtimestamp(since, UTC))
        return query if tenant is None else query.where(table.c.tenant == tenant)

    said = select(table.c.reply, table.c.reply_name, func.count(), func.max(table.c.received))
    said = within(said.where(table.c.reply_name.like("%@%"))).group_by(table.c.reply, table.c.reply_name)
    with store.transaction(reads=True) as connection:
        rows = connection.execute(said).all()
        exchanges = int(connection.execute(within(select(func.count()).select_from(table))).scalar() or 0)
    found: defaultdict[tuple[str, int], Hit] = defaultdict(lambda: Hit("", 0))
    for reply, name, count, last in rows:
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        key = match[2], int(match[3])
        one = found[key]
        one.entry, one.version = key
        if match[1]:
            one.asked += count
        elif reply == "handoff":
            one.handed += count
        else:
            one.answered += count
        one.last = max(one.last, last.timestamp())
    return Hits(sorted(found.values(), key=lambda one: (-one.all, one.entry, -one.version)), exchanges)
