"""Everything twice: on SQLite and on a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from evaluators.compare import compare
from evaluators.kept.store import KeptError, RunStore, Wanted
from evaluators.marks import BASIS, Mark, MarkedRow, Marks
from evaluators.run import Key
from evaluators.score import Metric
from gateway.errors import ConfigError, SettingsError

SUMMARY = {"answered": 3, "asked": 4, "metrics": [{"name": "r", "value": 0.5}], "gates": []}
METRICS = {"r": Metric("r", "high", "rate", "比例"), "m": Metric("m", "low", "mean")}


def marks(id="run-1", suite="small", started="2026-01-01T08:00:00+08:00"):
    cells = {
        ("a", 0): {"r": Mark("pass", 1.0), "m": Mark("fail", 0.25)},
        ("a", 1): {"r": Mark("unscored", None, "empty_answer")},
        ("问@pinyin", 0): {"r": Mark("refused", None, "declines"), "m": Mark("skipped", None, "no_judge")},
        ("b", 0, "direct"): {"r": Mark("pass", 1.0)},
        ("b", 0, "gateway"): {"r": Mark("fail", 0.0)},
    }
    rows = {
        Key(*key): MarkedRow("a", "zh", "a5.a", "保修", key[0].partition("@")[2], "pass", held)
        for key, held in cells.items()
    }
    return Marks(id, started, "m @ u", {**dict.fromkeys(BASIS, "x"), "suite": suite}, {"sluice": "1"}, METRICS, rows)


def keep(store, run, *, model="m", exit_code=0, night=None):
    store.keep(run, SUMMARY, model=model, exit_code=exit_code, folder=f"runs/{run.id}", night=night)


def test_a_run_comes_back_as_it_was(store):
    keep(store, marks())
    back = store.marks("run-1")
    assert back.rows == marks().rows
    assert list(back.rows) == list(marks().rows)
    assert back.metrics == METRICS
    assert (back.basis, back.versions, back.target) == (marks().basis, {"sluice": "1"}, "m @ u")
    assert datetime.fromisoformat(back.started) == datetime(2026, 1, 1, tzinfo=UTC)
    found = store.get("run-1")
    assert (found.summary, found.exit_code, found.folder) == (SUMMARY, 0, "runs/run-1")
    assert all(one.gain == 0 for one in compare(back, marks(), 1).differences if one.pairs)


def test_a_run_that_is_kept_again_replaces_itself(store):
    keep(store, marks(), exit_code=3)
    fewer = replace(marks(), rows=dict(list(marks().rows.items())[:1]))
    keep(store, fewer, exit_code=0)
    assert store.count() == 1
    assert store.get("run-1").exit_code == 0
    assert store.marks("run-1").rows == fewer.rows


def test_runs_are_listed_oldest_first_by_what_one_asks_for(store):
    for day, (suite, model, code) in enumerate([("a", "m", 0), ("b", "m", 1), ("a", "n", 3), ("a", "m", 1)], 1):
        run = marks(f"run-{day}", suite, f"2026-01-0{day}T00:00:00+00:00")
        keep(store, run, model=model, exit_code=code, night="n1" if day == 4 else None)

    def ids(most=99, **wanted):
        return [run.id[-1] for run in store.runs(Wanted(**wanted), most)]

    assert ids() == ["1", "2", "3", "4"]
    assert ids(most=2) == ["3", "4"]
    assert ids(suite="a") == ["1", "3", "4"]
    assert ids(suite="a", model="m") == ["1", "4"]
    assert ids(exit_code=1) == ["2", "4"]
    assert ids(night="n1") == ["4"]
    assert ids(since=datetime(2026, 1, 2, tzinfo=UTC), until=datetime(2026, 1, 4, tzinfo=UTC)) == ["2", "3"]


def test_what_is_forgotten_is_gone_with_its_cells_and_nothing_else(store):
    keep(store, marks())
    keep(store, marks("run-2"))
    store.forget(["run-1", "never-was"])
    assert store.get("run-1") is None
    with pytest.raises(ConfigError, match="no run is kept under 'run-1'"):
        store.marks("run-1")
    with store.transaction(reads=True) as connection:
        left = connection.execute(text("SELECT DISTINCT run_id FROM eval_cell")).scalars().all()
    assert left == ["run-2"]
    assert store.marks("run-2").rows == marks().rows


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE eval_cell SET score = 7",
        "UPDATE eval_cell SET outcome = 'well'",
        "DELETE FROM eval_row WHERE repetition = 1",
    ],
)
def test_what_was_damaged_is_told_and_never_a_number(store, harm):
    keep(store, marks())
    with store.transaction() as connection:
        connection.execute(text(harm))
    with pytest.raises(ConfigError, match="keep the run again"):
        store.marks("run-1")


def test_a_number_that_is_none_is_told(store):
    keep(store, marks())
    with store.transaction() as connection:
        if connection.dialect.name == "sqlite":  # SQLite makes NULL of NaN
            connection.execute(text("UPDATE eval_cell SET score = 9e999"))
        else:
            connection.execute(text("UPDATE eval_cell SET score = 'NaN'"))
    with pytest.raises(ConfigError, match="is damaged"):
        store.marks("run-1")


def test_a_run_that_the_store_cannot_take_leaves_nothing_behind(store):
    keep(store, marks())
    broken = replace(
        marks(), rows={Key("a\0b" if "postgres" in store.name else "\ud800", 0): next(iter(marks().rows.values()))}
    )
    with pytest.raises(KeptError):
        keep(store, broken)
    assert store.marks("run-1").rows == marks().rows


def test_many_rows_go_in_batches(store):
    row = next(iter(marks().rows.values()))
    many = replace(marks(), rows={Key(str(at), 0): row for at in range(1203)})
    keep(store, many)
    assert store.marks("run-1").rows == many.rows


def test_the_store_is_opened_again_and_again(url):
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)  # noqa: E731
    with RunStore(url, clock) as one, RunStore(url, clock) as other:
        keep(one, marks())
        assert other.count() == 1
    with RunStore(url, clock) as again:
        assert again.count() == 1


def test_a_database_of_a_newer_version_is_left_alone(url):
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)  # noqa: E731
    with RunStore(url, clock) as store, store.transaction() as connection:
        connection.execute(text("UPDATE eval_schema SET version = 99"))
    with pytest.raises(KeptError, match="run that version or newer"), RunStore(url, clock):
        pass


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@127.0.0.1:1/x"])
def test_a_database_that_does_not_answer_is_told_without_its_password(url):
    with pytest.raises(KeptError) as caught, RunStore(url, lambda: datetime(2026, 1, 1, tzinfo=UTC)):
        pass
    assert "cannot open the store of runs" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://h/x", "", "sqlite://"])
def test_an_address_that_will_not_do_is_refused(url):
    with pytest.raises(SettingsError, match=r"sqlite:///var/eval/runs\.db"):
        RunStore(url, lambda: datetime(2026, 1, 1, tzinfo=UTC))
