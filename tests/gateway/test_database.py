"""The same on SQLite and a real PostgreSQL."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from gateway.database import Document, Moment, TooNew, checked_url, engine_of, reason, take_steps
from gateway.errors import SettingsError

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    kind = request.param
    url = f"sqlite:///{tmp_path}/deep/kept.db" if kind == "sqlite" else request.getfixturevalue("server").database()
    made = engine_of(checked_url(url, "things", "var/things.db"), "things")
    yield made
    made.dispose()


def versions():
    return Table("versions", MetaData(), Column("version", Integer, primary_key=True), Column("applied", Moment))


def step(name):
    def take(connection):
        Table(
            name, MetaData(), Column("id", Text, primary_key=True), Column("at", Moment), Column("what", Document)
        ).create(connection)

    return take


def take(engine, *steps):
    with engine.begin() as connection:
        return take_steps(connection, versions(), steps, NOW, 7)


def test_each_step_is_taken_once_and_all_or_none(engine):
    assert take(engine, step("one")) == 1
    assert take(engine, step("one"), step("two")) == 1
    with pytest.raises(DBAPIError) as caught:
        take(engine, step("one"), step("two"), step("three"), step("one"))
    assert set(inspect(engine).get_table_names()) == {"versions", "one", "two"}
    assert "CREATE" not in reason(caught.value)
    with pytest.raises(TooNew, match="run that version or newer"):
        take(engine, step("one"))


def test_times_come_back_in_utc_and_documents_as_they_were(engine):
    take(engine, step("one"))
    table = Table("one", MetaData(), Column("id", Text), Column("at", Moment), Column("what", Document))
    with engine.begin() as connection:
        connection.execute(insert(table), {"id": "a", "at": NOW, "what": {"词": [1, None, "二"]}})
        (row,) = connection.execute(select(table)).all()
    assert (row.at, row.at.tzinfo, row.what) == (NOW, UTC, {"词": [1, None, "二"]})


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:hunter2@h/x", "things cannot be kept in mysql"),
        ("sqlite://", "would be gone with the process"),
        ("no address, hunter2", "the address of the store of things cannot be read"),
    ],
)
def test_an_address_that_will_not_do_is_told_without_its_password(url, message):
    with pytest.raises(SettingsError) as caught:
        checked_url(url, "things", "var/things.db")
    assert message in str(caught.value)
    assert "sqlite:///var/things.db" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_file_belongs_to_its_owner_only(tmp_path):
    engine_of(checked_url(f"sqlite:///{tmp_path}/deep/kept.db", "things", "x"), "things")
    assert (tmp_path / "deep" / "kept.db").stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot open the file of the store of things"):
        engine_of(checked_url(f"sqlite:///{tmp_path}/file/kept.db", "things", "x"), "things")
