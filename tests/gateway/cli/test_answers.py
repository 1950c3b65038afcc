"""``sluice answers`` as people call it: what it prints, its exit codes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.answers.read import read_bank
from gateway.cli.answers import answers
from gateway.errors import ConfigError

ROWS = "id,question,answer\nrefund,怎么申请退款,点订单\nrefund,我要退款,\nexchange,怎么申请换货,点换货\n"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    file = tmp_path / "faq.csv"
    file.write_text(ROWS, "utf-8")
    return file


pytestmark = pytest.mark.anyio


def run_through(*arguments: str) -> Result:
    return CliRunner().invoke(answers, list(arguments), catch_exceptions=False)


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(answers, list(arguments), input=given)


def test_find_answers_a_question_without_a_server(bank: Path) -> None:
    result = run("find", "--bank", str(bank), "请问如何申请退款")
    assert result.exit_code == 0
    assert result.output.startswith("answer: refund@1")
    assert "点订单" in result.output


def test_find_writes_a_row_for_each_row_also_for_those_that_are_none(bank: Path) -> None:
    rows = [{"id": 1, "question": "怎么申请换货"}, {"id": 2, "text": "今天天气"}, {"id": 3, "query": "换货"}, {"id": 4}]
    given = "\n".join([*map(json.dumps, rows), "no json", ""])
    result = run("find", "--bank", str(bank), "--jsonl", "-", "--format", "json", given=given)
    assert result.exit_code == 2
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in found] == [1, 2, 3, 4, None]
    assert all(set(row) == {"id", "entry", "score", "decision", "why"} for row in found)
    assert (found[0]["entry"], found[0]["decision"]) == ("exchange", "answer")
    assert (found[1]["decision"], found[1]["entry"] is not None) == ("pass", True)
    assert found[3]["decision"] == found[4]["decision"] == "pass"
    assert "a row needs" in result.stderr
    assert "<stdin>:5: the line is not JSON (column 1): write one object a line" in result.stderr


def test_find_reads_a_file_with_a_byte_order_mark_and_names_lines_of_another_encoding(
    tmp_path: Path, bank: Path
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(
        "\ufeff".encode() + '{"question": "怎么申请换货"}\n'.encode() + '{"question": "换货"}\n'.encode("gbk")
    )
    result = run("find", "--bank", str(bank), "--jsonl", str(file), "--format", "json")
    assert result.exit_code == 2
    assert next(json.loads(line)["entry"] for line in result.stdout.splitlines()) == "exchange"
    assert result.stderr == f"{file}:2: the line is not UTF-8: save the file as UTF-8\n"


def test_find_knows_the_turns_before(bank: Path) -> None:
    result = run("find", "--bank", str(bank), "那换货呢", "--before", "怎么申请退款")
    assert "exchange@1" in result.output
    assert "with the turn before" in result.output


def test_lint_tells_conflicts_by_row(tmp_path: Path, bank: Path) -> None:
    assert run("lint", "--bank", str(bank)).exit_code == 0
    file = tmp_path / "bad.csv"
    file.write_text(f"{ROWS}other,如何申请退款,别的答案\n", "utf-8")
    result = run("lint", "--bank", str(file))
    assert result.exit_code == 1
    assert f"{file}:5: conflict: 'other'" in result.output


def test_lint_tells_which_entry_stands_before_another(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        f"id,question,answer,keywords_any\n{ROWS[19:].replace('我要退款,', '我要退款,点订单')}x,随便,答案,换货\n",
        "utf-8",
    )
    result = run("lint", "--bank", str(file))
    assert "shadow: 'exchange'" in result.output
    assert result.exit_code == 0
    assert run("lint", "--bank", str(file), "--strict").exit_code == 1


def test_test_tries_each_entrys_own_examples(tmp_path: Path, bank: Path) -> None:
    file = tmp_path / "a.yaml"
    text = (
        "answers: 1\nentries:\n- {id: a, state: approved, questions: [怎么退款], answer: {zh: x},"
        " tests: {right: [如何退款], wrong: [怎么换货]}}\n"
    )
    file.write_text(text, "utf-8")
    assert run("test", "--bank", str(file)).output == "2 examples, 0 failed\n"
    file.write_text(text.replace("wrong: [怎么换货]", "wrong: [怎么退款]"), "utf-8")
    result = run("test", "--bank", str(file))
    assert result.exit_code == 1
    assert "should not be answered" in result.output
    assert isinstance(run("test", "--bank", str(bank)).exception, ConfigError)


def test_import_makes_drafts_that_somebody_else_approves(tmp_path: Path, bank: Path) -> None:
    result = run("import", str(bank), "--by", "王芳")
    assert result.exit_code == 0
    made = read_bank(result.stdout.encode(), "a.yaml")
    assert {(one.state, one.author) for one in made.entries} == {("draft", "王芳")}
    file = tmp_path / "a.yaml"
    file.write_text(result.stdout, "utf-8")
    assert isinstance(run("approve", "refund", "--bank", str(file), "--by", "王芳").exception, ConfigError)
    assert run("approve", "refund", "--bank", str(file), "--by", "李强").exit_code == 0
    refund = read_bank(file.read_bytes(), "a.yaml").entries[0]
    assert (refund.state, refund.approver, refund.history[-1].by) == ("approved", "李强", "李强")


def test_import_refuses_an_answer_that_the_policy_would_not_let_out(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,question,answer\ngood,怎么退款,点订单\nbad,找谁,找张三，身份证号11010519491231002X\n", "utf-8")
    result = run("import", str(file))
    assert isinstance(result.exception, ConfigError)
    assert f"{file}:3: entry 'bad': the policy 'base' would mask its zh answer" in str(result.exception)
    assert not result.stdout


def test_import_refuses_two_answers_to_one_question_on_the_same_day(tmp_path: Path) -> None:
    head = "id,question,answer,valid_from,valid_to\n"
    file = tmp_path / "a.csv"
    file.write_text(f"{head}a,怎么退款,x,2026-01-01,2026-06-30\nb,如何退款,y,2026-06-30,2026-12-31\n", "utf-8")
    assert "both are valid on some day" in str(run("import", str(file)).exception)
    file.write_text(f"{head}a,怎么退款,x,2026-01-01,2026-06-30\nb,如何退款,y,2026-07-01,2026-12-31\n", "utf-8")
    assert run("import", str(file)).exit_code == 0


def test_export_writes_what_import_reads(tmp_path: Path, bank: Path) -> None:
    result = run("export", "--bank", str(bank))
    file = tmp_path / "again.csv"
    file.write_text(result.stdout, "utf-8")
    assert next(one.questions for one in read_bank(file.read_bytes(), "again.csv").entries) == (
        "怎么申请退款",
        "我要退款",
    )


@pytest.mark.parametrize("arguments", [("find", "--bank", "x.csv"), ("find", "q", "--bank", "x.csv", "--jsonl", "-")])
def test_a_question_or_rows_but_not_both(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_bank_that_is_not_there_is_an_error() -> None:
    assert "cannot read" in str(run("find", "q", "--bank", "no.csv").exception)
