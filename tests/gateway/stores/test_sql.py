from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.databases import TESTS, connected, opened, python
from kit.records import FULL, plain, plains
from sqlalchemy import text

from gateway.errors import RecordError, RecordRefused, SettingsError
from gateway.exchange import Record, Usage
from gateway.stores.sql import SqlStore, Wanted
from gateway.verdict import Hit, Verdict

# --- What is written comes back --------------------------------------------------------------------

numbers = st.floats(0, 1e6, allow_nan=False)
words = st.text("abc中文。'\"\\\n😀{}", max_size=8)
verdicts = st.builds(
    Verdict,
    action=st.sampled_from(["pass", "mask", "refuse", "handoff"]),
    hits=st.lists(
        st.builds(
            Hit, words, st.just("mask"), words, st.floats(0, 1), words, words, st.integers(0, 9), st.integers(0, 9)
        ),
        max_size=2,
    ).map(tuple),
    errors=st.lists(words, max_size=2).map(tuple),
    unjudged=st.lists(words, max_size=2).map(tuple),
    scores=st.dictionaries(words, st.floats(0, 1), max_size=2),
    rule=st.none() | words,
)
moments = st.integers(0, 4_000_000_000_000).map(lambda n: n / 1000)
records = st.builds(
    lambda received, **rest: replace(FULL, received=received, finished=received, **rest),
    moments,
    tenant=words,
    key=words,
    user=st.none() | words,
    model=words,
    upstream=st.none() | words,
    stream=st.booleans(),
    outcome=st.sampled_from(["answered", "client_gone"]),
    status=st.integers(0, 599),
    request=verdicts,
    response=verdicts,
    reply=st.sampled_from([None, "standard", "handoff"]),
    reply_name=st.none() | words,
    usage=st.none() | st.builds(Usage, st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.booleans()),
    stages=st.dictionaries(words, numbers, max_size=3),
    overhead_ms=numbers,
    error=st.none() | words,
    client_gone=st.booleans(),
    request_text=st.none() | words,
    response_text=st.none() | words,
)


@pytest.mark.parametrize("record", [FULL, plain(1)], ids=["everything said", "nothing said"])
def test_every_field_of_a_record_comes_back(store: SqlStore, record: Record) -> None:
    store.write([record])
    assert store.get(record.id) == record


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=records)
def test_any_record_comes_back(store: SqlStore, record: Record) -> None:
    named = replace(record, id=f"any-{store.count()}")
    store.write([named])
    assert store.get(named.id) == named


def test_a_record_that_is_not_there_is_none(store: SqlStore) -> None:
    assert store.get("nobody") is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [("a\0b", "a␀b"), ("张\0三", "张␀三"), ("half \ud800 pair", "half ? pair"), ("半 \udfff", "半 ?")],
)
def test_what_a_client_smuggles_into_a_name_does_not_keep_the_record_out(
    store: SqlStore, written: str, kept: str
) -> None:
    odd = Verdict(unjudged=(written,), scores={written: 0.5})
    store.write([plain(1), plain(2, user=written, model=written, request=odd, request_text=written), plain(3)])
    found = store.get(plain(2).id)
    assert found is not None
    assert (found.user, found.model, found.request_text) == (kept, kept, kept)
    assert (found.request.unjudged, found.request.scores) == ((kept,), {kept: 0.5})
    assert store.count() == 3


@pytest.mark.parametrize(("claimed", "kept"), [(10**30, 2**63 - 1), (2**63 - 1, 2**63 - 1), (-5, 0)])
def test_an_upstream_may_claim_any_number_of_tokens(store: SqlStore, claimed: int, kept: int) -> None:
    store.write([plain(1, usage=Usage(claimed, 7))])
    found = store.get(plain(1).id)
    assert found is not None
    assert found.usage == Usage(kept, 7)


def test_times_are_utc_to_the_microsecond(store: SqlStore) -> None:
    store.write([plain(1, received=1_790_000_000.123456, finished=1_790_000_000.123457)])
    found = store.get(plain(1).id)
    assert found is not None
    assert (found.received, found.finished) == (1_790_000_000.123456, 1_790_000_000.123457)


# --- Batches -----------------------------------------------------------------------------------------


def test_a_batch_written_twice_is_there_once_and_as_it_was(store: SqlStore) -> None:
    store.write(plains(3))
    store.write([plain(2, tenant="other"), *plains(2, start=3)])
    assert store.count() == 5
    assert store.count(Wanted(tenant="other")) == 0


@pytest.mark.parametrize(
    "broken",
    [{"label": None}, {"received": float("nan")}, {"status": 2**80}, {"stages": {"screen": object()}}],
    ids=["a field missing", "no time", "no such number", "no JSON"],
)
def test_a_record_with_no_form_is_refused_and_its_batch_is_not_written(
    store: SqlStore, broken: dict[str, object]
) -> None:
    with pytest.raises(RecordRefused) as caught:
        store.write([plain(1), plain(2, request_text="密语 secret words", **broken), plain(3)])
    assert store.count() == 0
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    store.write([plain(1)])
    assert store.count() == 1


def test_no_records_are_no_work(store: SqlStore) -> None:
    store.write([])
    assert store.count() == 0


# --- Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), [4, 3, 2, 1, 0]),
        (Wanted(tenant="acme"), [4, 3]),
        (Wanted(key="k1"), [3]),
        (Wanted(user="张三"), [2]),
        (Wanted(policy="clinic"), [1]),
        (Wanted(plan="f" * 64), [0]),
        (Wanted(outcome="replied"), [4, 0]),
        (Wanted(since=plain(3).received), [4, 3]),
        (Wanted(until=plain(3).received), [2, 1, 0]),
        (Wanted(tenant="acme", outcome="replied"), [4]),
        (Wanted(tenant="nobody"), []),
    ],
)
def test_filters_choose_the_latest_first(store: SqlStore, wanted: Wanted, ids: list[int]) -> None:
    store.write(
        [
            plain(0, plan="f" * 64, outcome="replied"),
            plain(1, policy="clinic"),
            plain(2, user="张三"),
            plain(3, tenant="acme", key="k1"),
            plain(4, tenant="acme", outcome="replied"),
        ]
    )
    assert [record.id for record in store.latest(10, wanted)] == [plain(n).id for n in ids]
    assert store.count(wanted) == len(ids)
    assert [record.id for record in store.latest(1, wanted)] == [plain(n).id for n in ids[:1]]


# --- What can go wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root:hunter2@db/x", "records cannot be kept in mysql — write sqlite:///"),
        ("postgresql+asyncpg://u:hunter2@db/x", "records cannot be kept in postgresql+asyncpg"),
        ("no address, hunter2", "the address of the store of records cannot be read"),
        ("", "the address of the store of records cannot be read"),
        ("postgresql://u:hunter2@host:port/x", "the address of the store of records cannot be read"),
        ("sqlite://", "records in memory would be gone with the process"),
        ("sqlite:///:memory:", "records in memory would be gone with the process"),
    ],
)
def test_a_wrong_address_is_explained_without_its_password(url: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SqlStore(url, time.time)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_that_is_away_is_named_without_its_password(scheme: str) -> None:
    store = SqlStore(f"{scheme}://u:hunter2@127.0.0.1:1/records", time.time)
    with pytest.raises(RecordError) as caught:
        store.open()
    assert str(caught.value) == (
        "cannot open the record store postgresql+psycopg://u:***@127.0.0.1:1/records: OperationalError (no connection)"
    )
    assert caught.value.__cause__ is None


def test_a_missing_driver_says_what_to_install() -> None:
    code = """
        import sys, time
        sys.modules["psycopg"] = None
        from gateway.errors import SettingsError
        from gateway.stores.sql import SqlStore
        store = SqlStore("postgresql://u:hunter2@db/x", time.time)
        try:
            store.open()
        except SettingsError as error:
            print(error)
    """
    out, err = python(code).communicate(timeout=60)
    assert "pip install 'sluice-gateway[postgres]'" in out, err
    assert "hunter2" not in out


def test_a_folder_that_cannot_be_made_is_a_setting_to_change(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SqlStore(f"sqlite:///{tmp_path}/file/deep/records.db", time.time)
    with pytest.raises(SettingsError, match=r"cannot open the file of the store of records, .*: Not a directory"):
        store.open()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes, not a database " * 100)
    with pytest.raises(RecordError, match="SQLITE_NOTADB"):
        SqlStore(f"sqlite:///{file}", time.time).open()
    assert file.read_text().startswith("these are my notes")


@pytest.mark.parametrize(
    "use",
    [lambda s: s.write(plains(1)), lambda s: s.count(), lambda s: s.get("x"), lambda s: s.latest(1)],
    ids=["write", "count", "get", "latest"],
)
def test_a_store_that_is_not_open_says_so(url: str, use: Callable[[SqlStore], object]) -> None:
    store = SqlStore(url, time.time)
    with pytest.raises(RecordError, match="is not open"):
        use(store)
    store.open()
    store.close()
    with pytest.raises(RecordError, match="is not open"):
        use(store)


def test_tables_that_went_away_are_an_error_that_may_pass(store: SqlStore, url: str) -> None:
    connected(url, lambda c: c.execute(text("DROP TABLE exchange")))
    with pytest.raises(RecordError, match="takes no records") as caught:
        store.write(plains(1))
    assert not isinstance(caught.value, RecordRefused)
    with pytest.raises(RecordError, match="cannot read records"):
        store.count()


def test_the_file_is_for_its_owner_only_and_has_a_write_ahead_log(tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/deep/er/records.db")
    store.write(plains(1))
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "deep/er").iterdir()}
    assert modes == {"records.db": 0o600, "records.db-wal": 0o600, "records.db-shm": 0o600}
    store.close()


def test_a_file_that_another_process_holds_is_waited_for_and_then_an_error(tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/records.db", busy=0.05)
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordError, match="SQLITE_BUSY"):
            store.write(plains(1))
        assert store.count() == 0  # reading goes on
        other.execute("ROLLBACK")
    store.write(plains(1))
    assert store.count() == 1
    store.close()


FULL_DISK = """
    import resource, sys, time
    sys.path.insert(0, {tests!r})
    from gateway.errors import RecordError
    from gateway.stores.sql import SqlStore
    from kit.records import plain, plains

    store = SqlStore({url!r}, time.time)
    store.open()
    store.write(plains(10))
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
    try:
        store.write([plain(n, request_text="x" * 1000) for n in range(10, 1000)])
    except RecordError as error:
        print(type(error).__name__, error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    print(store.count())
    store.write(plains(990, start=10))
    print(store.count())
"""


def test_a_full_disk_is_an_error_that_passes_and_harms_nothing(tmp_path: Path) -> None:
    code = FULL_DISK.format(tests=str(TESTS), url=f"sqlite:///{tmp_path}/records.db")
    out, err = python(code).communicate(timeout=60)
    lines = out.splitlines()
    assert lines[0].startswith("RecordError"), (out, err)
    assert "OperationalError SQLITE_" in lines[0]
    assert lines[1:] == ["10", "1000"]
