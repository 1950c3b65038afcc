import json

import pytest
from click.testing import CliRunner

from evaluators.cli import eval_command

GOOD = "id,提问\n1,怎么退货？\n2,How long?\n"
BAD = GOOD + "2,twice\n"
SUITE = """\
name: small
summary: {zh: 小, en: small}
data: rows.csv
format: table
columns: {question: 提问}
fixed: {should: answer}
scorers: [{use: refusal}]
target: {kind: recorded}
"""


def sluice_eval(*arguments):
    return CliRunner().invoke(eval_command, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("content", "more", "code", "rows"), [(GOOD, (), 0, 2), (BAD, (), 3, None), (BAD, ("--skip-bad",), 0, 2)]
)
def test_a_file_is_written_as_a_data_set_or_not_at_all(tmp_path, content, more, code, rows):
    (tmp_path / "rows.csv").write_text(content, "gb18030")
    out = tmp_path / "out.jsonl"
    result = sluice_eval("import", "table", tmp_path / "rows.csv", "--column", "question=提问", "--out", out, *more)
    assert result.exit_code == code, result.output
    assert "read as gb18030" in result.output
    assert (len(out.read_text().splitlines()) if out.exists() else None) == rows
    assert ("rows.csv:4: left out '2': the id '2' is here twice" in result.output) == (content is BAD)


def test_without_arguments_every_format_is_listed():
    out = sluice_eval("import").output
    assert all(name in out for name in ("table", "ragas", "promptfoo", "inspect", "xstest", "crud-rag"))


@pytest.mark.parametrize(
    "arguments", [["import", "table"], ["import", "table", "none.csv"], ["import", "x", "a", "--set", "y"]]
)
def test_what_cannot_be_done_is_said_with_exit_code_2(arguments):
    assert sluice_eval(*arguments).exit_code == 2


def test_a_suite_names_such_a_file_and_the_run_keeps_it_as_rows_of_ours(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "rows.csv").write_text(GOOD, "gb18030")
    result = sluice_eval("run", tmp_path, "--runs", tmp_path / "runs")
    assert result.exit_code in (0, 4), result.output
    (run,) = (tmp_path / "runs").glob("small-*")
    rows = [json.loads(line) for line in (run / "data.jsonl").read_text().splitlines()]
    assert [(row["id"], row["question"], row["should"]) for row in rows] == [
        ("1", "怎么退货？", "answer"), ("2", "How long?", "answer")
    ]  # fmt: skip
    assert sluice_eval("show", run).exit_code == result.exit_code


def test_records_that_are_no_rows_keep_a_suite_from_running_unless_it_leaves_them_out(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "rows.csv").write_text(BAD)
    refused = sluice_eval("run", tmp_path, "--runs", tmp_path / "runs")
    assert refused.exit_code == 2
    assert "rows.csv:4" in refused.output
    assert not (tmp_path / "runs").exists()
    (tmp_path / "suite.yaml").write_text(SUITE + "bad_rows: leave_out\n")
    assert sluice_eval("run", tmp_path, "--runs", tmp_path / "runs").exit_code in (0, 4)
    (run,) = (tmp_path / "runs").glob("small-*")
    (line,) = (run / "left_out.jsonl").read_text().splitlines()
    assert json.loads(line) == {"line": 4, "id": "2", "why": "the id '2' is here twice, the first in line 3"}
    assert json.loads((run / "report.json").read_text())["versions"]["rows left out"] == "1"
