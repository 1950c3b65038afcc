"""The tables that the code sees are those that the steps make, and none of them has a place for text."""

import pytest
from kit.databases import connected
from sqlalchemy import inspect

from evaluators.kept.migrations.run import STEPS
from evaluators.kept.store import RunStore
from evaluators.kept.tables import table_of

NAMES = ("eval_run", "eval_row", "eval_cell", "eval_night", "eval_schema")


def shape(url, name):
    def look(connection):
        found = inspect(connection)
        key = found.get_pk_constraint(name)["constrained_columns"]
        columns = {
            c["name"]: (str(c["type"]), bool(c["nullable"]) and c["name"] not in key) for c in found.get_columns(name)
        }
        return columns, {(i["name"], tuple(i["column_names"])) for i in found.get_indexes(name)}, key

    return connected(url, look)


def test_the_migrated_tables_are_those_that_the_code_sees(store, url, tmp_path, request):
    sqlite = url.startswith("sqlite")
    fresh = f"sqlite:///{tmp_path}/fresh.db" if sqlite else request.getfixturevalue("server").database()
    connected(fresh, lambda c: [table_of(name).create(c) for name in NAMES])
    assert connected(url, lambda c: set(inspect(c).get_table_names())) == set(NAMES)
    for name in NAMES:
        assert shape(url, name) == shape(fresh, name)


@pytest.mark.parametrize("name", NAMES)
def test_questions_and_answers_are_in_no_table(name):
    assert not {"question", "answer", "text", "prompt", "reference"} & {c.name for c in table_of(name).columns}


def test_each_step_is_noted_once(store, url):
    RunStore(url, lambda: None).__enter__().__exit__(None, None, None)
    taken = connected(url, lambda c: c.execute(table_of("eval_schema").select()).all())
    assert [row.version for row in taken] == list(range(1, len(STEPS) + 1))
