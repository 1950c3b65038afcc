"""Keys come back from each database as they went in; what is revoked stays revoked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from gateway.exchange import Agreement, Grant, Quota
from gateway.ports import ClientKey
from gateway.stores.keys import Keys
from gateway.stores.sql import SqlStore
from gateway.stores.tables import client_key_table

FULL = ClientKey(
    "abcdefghij",
    "前台 😀",
    "acme",
    b"\0\xff" * 16,
    Grant(
        "strict", ("qwen", "深思"), Quota(1, 2, 3, 2**50), "1A001", Agreement("A-17", "2026-10-01"), ("hr", "董事会")
    ),
    1_790_000_000.125,
    1_790_000_001.5,
    1_790_000_002.0,
    b"\1" * 32,
    1_790_000_003.0,
)
PLAIN = ClientKey("plain", "", "default", b"\2" * 32, Grant(), 1_790_000_000.0)


@pytest.fixture
def kept(url: str) -> Iterator[Keys]:
    made = Keys(SqlStore(url, time.time), lambda: 1_790_000_009.0)
    yield made
    made.close()


def test_keys_come_back_as_they_went_in(kept: Keys) -> None:
    assert kept.all() == []
    assert kept.add(FULL)
    assert kept.add(PLAIN)
    assert kept.all() == [PLAIN, FULL]


def test_an_id_is_given_once(kept: Keys) -> None:
    assert kept.add(PLAIN)
    assert not kept.add(replace(PLAIN, tenant="thief"))
    assert kept.all() == [PLAIN]


def test_a_change_changes_that_key_only(kept: Keys) -> None:
    kept.add(PLAIN)
    kept.add(FULL)
    changed = replace(PLAIN, digest=b"\3" * 32, previous=PLAIN.digest, previous_until=1_790_000_099.0)
    kept.change(changed)
    assert kept.all() == [changed, FULL]


def test_a_key_is_revoked_once(kept: Keys) -> None:
    kept.add(PLAIN)
    assert kept.revoke("plain")
    assert not kept.revoke("plain")
    assert not kept.revoke("nosuch")
    assert kept.all() == [replace(PLAIN, revoked=1_790_000_009.0)]


def test_a_key_that_was_made_before_there_were_labels_has_none(kept: Keys) -> None:
    table = client_key_table()
    kept.add(PLAIN)
    with kept._opened().transaction() as connection:
        (row,) = connection.execute(select(table)).all()
        older = {name: value for name, value in row.granted.items() if name != "access"}
        connection.execute(update(table).values(granted=older))
    assert kept.all() == [PLAIN]
