"""Who is suspended is known until the end or until somebody lets them in; that they were stays known."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from gateway.ports import Suspension
from gateway.stores.sql import SqlStore
from gateway.stores.suspensions import Suspensions
from gateway.stores.tables import suspension_table

NOW = 1_790_000_000.0
FOR_GOOD = Suspension("acme", "aa", NOW - 5, None, "p", 3, 4)
FOR_A_DAY = Suspension("acme", "bb", NOW - 4, NOW + 86_400, "p", 1, 5)
OVER = Suspension("acme", "cc", NOW - 99, NOW, "p", 3, 3)


@pytest.fixture
def store(url: str) -> SqlStore:
    return SqlStore(url, time.time)


@pytest.fixture
def kept(store: SqlStore) -> Iterator[Suspensions]:
    made = Suspensions(store, lambda: NOW)
    for one in (FOR_GOOD, FOR_A_DAY, OVER):
        made.suspend(one)
    yield made
    made.close()


def test_who_is_suspended_now(kept: Suspensions) -> None:
    assert kept.active() == [FOR_A_DAY, FOR_GOOD]


def test_the_same_suspension_is_kept_once(kept: Suspensions) -> None:
    kept.suspend(FOR_GOOD)
    assert kept.active() == [FOR_A_DAY, FOR_GOOD]


def test_a_release_is_of_one_user_of_one_tenant_and_is_kept(kept: Suspensions, store: SqlStore) -> None:
    assert kept.release("other", "aa", "li.na") == 0
    assert kept.release("acme", "aa", "li.na") == 1
    assert kept.release("acme", "aa", "li.na") == 0
    assert kept.active() == [FOR_A_DAY]
    kept.suspend(FOR_GOOD)  # told again by a replica that had not heard: not suspended anew
    assert kept.active() == [FOR_A_DAY]
    table = suspension_table()
    with store.transaction(reads=True) as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 3
        said = connection.execute(select(table.c.operator).where(table.c.digest == "aa")).scalar()
    assert said == "li.na"
