"""What entries did is counted by entry and version, within a time and a tenant, and text has no part in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kit.records import plain

from gateway.exchange import Record
from gateway.stores.hits import Hit, hits
from gateway.stores.sql import SqlStore

NOW = 1_790_000_000.0


def record(number: int, reply: str | None, name: str | None, at: float = 0.0, tenant: str = "acme") -> Record:
    return replace(plain(number), reply=reply, reply_name=name, received=NOW + at, tenant=tenant)  # type: ignore[arg-type]


RECORDS = [
    record(1, "standard", "refund@2", 1),
    record(2, "standard", "refund@2", 9),
    record(3, "standard", "refund@1", 2),
    record(4, "standard", "ask-back:refund@2", 5),
    record(5, "handoff", "complaint@1", 3),
    record(6, "standard", "ask-back:a@b@3", 4, "other"),
    record(7, "safe", "safe"),
    record(8, "standard", "own"),
    record(9, None, None),
    record(10, "standard", "x@y"),
]


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = SqlStore(url, lambda: NOW)
    made.open()
    made.write(RECORDS)
    yield made
    made.close()


def test_every_version_of_an_entry_counts_for_itself(store: SqlStore) -> None:
    found = hits(store)
    assert found.entries == [
        Hit("refund", 2, 2, 1, 0, NOW + 9),
        Hit("a@b", 3, 0, 1, 0, NOW + 4),
        Hit("complaint", 1, 0, 0, 1, NOW + 3),
        Hit("refund", 1, 1, 0, 0, NOW + 2),
    ]
    assert (found.exchanges, found.passed) == (10, 4)
    assert found.never(["refund", "exchange", "exchange", "a@b"]) == ["exchange"]


def test_a_time_and_a_tenant_can_be_asked_for(store: SqlStore) -> None:
    assert [(one.entry, one.version, one.all) for one in hits(store, since=NOW + 4).entries] == [
        ("refund", 2, 2),
        ("a@b", 3, 1),
    ]
    other = hits(store, tenant="other")
    assert [(one.entry, one.all) for one in other.entries] == [("a@b", 1)]
    assert (other.exchanges, other.passed) == (1, 0)
