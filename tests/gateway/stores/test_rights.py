"""What is kept about a person can be handed out, erased with proof, counted, and is forgotten in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kit.records import plain

from gateway.exchange import Agreement, Record, Subject, Unlabelled
from gateway.ports import Ticket
from gateway.stores.handoffs import KeptHandoffs
from gateway.stores.rights import Persons, Rights
from gateway.stores.sql import SqlStore

NOW = 1_798_761_600.0 + 400 * 86_400  # a good year after the records of ``plain``
LI, WANG = "a" * 32, "b" * 32
PHONE, CARD = "pii.mobile_number", "pii.bank_card"


def record(number: int, *subjects: Subject, region: str = "us", **changes: object) -> Record:
    text = {"text_mode": "masked", "request_text": f"user: {number}", "response_text": "ok", "user": "u"}
    return replace(plain(number, **{**text, **changes}), subjects=subjects, region=region)  # type: ignore[arg-type]


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = SqlStore(url, lambda: NOW)
    made.open()
    yield made
    made.close()


@pytest.fixture
def rights(store: SqlStore) -> Rights:
    store.write(
        [
            record(1, Subject(LI, PHONE, True), Subject(WANG, CARD, True)),
            record(2, Subject(LI, PHONE, False), region="cn"),
            record(3, Subject(WANG, PHONE, True), region="cn"),
            record(4),
        ]
    )
    return Rights(store, lambda: NOW)


def test_every_record_of_a_person_is_handed_out(rights: Rights) -> None:
    assert [one.id[-1] for one in rights.export([LI])] == ["1", "2"]
    assert [one.id[-1] for one in rights.export([LI, WANG])] == ["1", "2", "3"]
    assert rights.export(["c" * 32]) == []


def test_a_record_that_is_written_again_notes_its_people_once(rights: Rights, store: SqlStore) -> None:
    store.write([record(1, Subject(LI, PHONE, True))])
    assert [one.id[-1] for one in rights.export([LI])] == ["1", "2"]


def test_who_is_erased_is_in_no_record_and_a_tombstone_proves_it(rights: Rights, store: SqlStore) -> None:
    left = rights.erase([LI, "c" * 32], "request 17", "li.na")
    assert [(one.digest, one.exchanges, one.reason, one.operator) for one in left] == [(LI, 2, "request 17", "li.na")]
    assert left[0].erased == NOW
    assert rights.tombstones([LI]) == left
    assert rights.export([LI]) == []
    for number in (1, 2):
        kept = store.get(plain(number).id)
        assert kept is not None
        assert (kept.request_text, kept.response_text, kept.user) == (None, None, None)
        assert kept.policy == plain(number).policy
    other = store.get(plain(3).id)
    assert other is not None
    assert other.request_text == "user: 3"


def test_erasing_again_erases_nothing_and_keeps_the_proof(rights: Rights) -> None:
    first = rights.erase([LI], "r", "o")
    assert rights.erase([LI], "r", "o") == []
    assert rights.tombstones([LI]) == first


def test_people_whose_data_left_as_it_stood_are_counted_by_region_and_year(rights: Rights, store: SqlStore) -> None:
    store.write([record(5, Subject(LI, PHONE, True), region="us")])
    assert rights.persons(2027, {CARD}) == [Persons("cn", 1, 0), Persons("us", 2, 1)]
    assert rights.persons(2026, {CARD}) == []


def test_texts_go_when_their_time_is_up_and_records_stay(rights: Rights, store: SqlStore) -> None:
    young = (NOW - plain(0).received) / 86_400 - 0.00003  # between the second and the third record
    purged = rights.purge(texts=young, records=None, classes={}, risks=lambda _: ())
    assert (purged.texts, purged.records) == (2, 0)
    texts = [one.request_text for one in reversed(store.latest(9))]
    assert texts == [None, None, "user: 3", "user: 4"]
    assert rights.purge(texts=young, records=None, classes={}, risks=lambda _: ()).texts == 0


def test_texts_with_data_of_a_class_can_go_earlier(rights: Rights, store: SqlStore) -> None:
    named = {"cards": {CARD}, "none": set()}
    purged = rights.purge(texts=None, records=None, classes={"cards": 1.0, "none": 1.0}, risks=named.__getitem__)
    assert purged.texts == 1
    assert [one.request_text for one in reversed(store.latest(9))] == [None, "user: 2", "user: 3", "user: 4"]


def test_records_go_altogether_after_six_months_at_the_earliest(rights: Rights, store: SqlStore) -> None:
    with pytest.raises(ValueError, match="184 days"):
        rights.purge(texts=None, records=183, classes={}, risks=lambda _: ())
    assert rights.purge(texts=None, records=184, classes={}, risks=lambda _: ()).records == 4
    assert store.count() == 0
    assert rights.export([LI, WANG]) == []


def test_the_record_of_an_unlabelled_copy_is_left_alone(rights: Rights, store: SqlStore) -> None:
    copy = Unlabelled(Agreement("A-1", "2026-10-01"), ("cd" * 32,))
    store.write([record(6, unlabelled=copy)])
    rights.purge(texts=None, records=184, classes={}, risks=lambda _: ())
    assert [one.id[-1] for one in store.latest(9)] == ["6"]


def test_what_was_handed_over_is_forgotten_with_the_exchange_it_belongs_to(rights: Rights, store: SqlStore) -> None:
    kept = KeptHandoffs(store, lambda: NOW)
    for number in (1, 3, 4):
        old = plain(number)
        kept.add(Ticket(f"T{number}", old.id, old.received, "t", "k", "p", "d", "r", "", "", "zh", "masked", "问"))
        kept.answer(f"T{number}", "答", "王芳")

    def words(id: str) -> tuple[str | None, str | None] | None:
        found = kept.find(id)
        return found and (found.ticket.question, found.answer)

    rights.erase([LI], "request 17", "li.na")
    assert (words("T1"), words("T3")) == ((None, None), ("问", "答"))
    rights.purge(texts=None, records=None, classes={"money": 1.0}, risks=lambda _: [PHONE])
    assert (words("T3"), words("T4")) == ((None, None), ("问", "答"))
    rights.purge(texts=None, records=300, classes={}, risks=lambda _: [])
    assert [words(id) for id in ("T1", "T3", "T4")] == [None, None, None]
