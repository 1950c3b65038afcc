import json

import pytest
from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint
from kit.oracle import Oracle, our_judge

from evaluators.cli import eval_command
from evaluators.scorers.by_row import catalogue

ROWS = [
    {
        "id": "a",
        "question": "电池保修多久？",
        "answer": "电池保修一年。",
        "contexts": ["电池保修一年。"],
        "reference": "一年",
    },
    {"id": "b", "question": "How long?", "answer": "Two years.", "contexts": [], "reference": "One year."},
]


def run(*arguments, stdin=None):
    return CliRunner().invoke(eval_command, list(map(str, arguments)), input=stdin)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS) + "oops\n", "utf-8")
    return path


def test_a_line_of_id_value_and_why_comes_out_for_every_row(file):
    result = run("score", "--scorer", "faithfulness_lexical", "--jsonl", file, "--format", "json")
    assert result.exit_code == 0, result.output
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert first["id"] == "a"
    assert first["value"] > 0.5
    assert second == {"id": "b", "value": None, "why": "'contexts' is empty"}
    assert third["id"] is None
    assert third["value"] is None
    assert "line 3 is not JSON" in third["why"]
    assert "3 rows, 1 of 3 values" in result.stderr


def test_rows_can_come_from_standard_input(file):
    result = run("score", "--scorer", "f1", "--jsonl", "-", stdin=file.read_bytes())
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a", "b", None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--scorer", "faithfulness_lexica"), "faithfulness_lexical"),
        (("--scorer", "nothing-like-it"), "`sluice eval scorers` lists them"),
        (("--scorer", "cost", "--price", "1"), "two numbers"),
        (("--scorer", "cost", "--price", "nan,1"), "two numbers"),
        ((), "--scorer"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(file, arguments, message):
    result = run("score", *arguments, "--jsonl", file)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there_or_in_utf_16_is_said(tmp_path):
    assert "cannot read the rows" in run("score", "--scorer", "f1", "--jsonl", tmp_path / "no").stderr
    path = tmp_path / "wide.jsonl"
    path.write_text('{"id": 1}', "utf-16")
    assert "save them as UTF-8" in run("score", "--scorer", "f1", "--jsonl", path).stderr


def test_every_scorer_is_listed_with_one_line():
    result = run("scorers")
    for name in (*catalogue(), "ragas", "retrieval"):
        assert f"  {name} " in result.stdout


def test_rows_are_judged_by_a_judge_model_beside_scorers_without_one(file):
    with ScriptedEndpoint(lambda path, body: our_judge(Oracle(3), body["messages"][0]["content"])) as endpoint:
        result = run(
            "score", "--scorer", "faithfulness", "--scorer", "refusal", "--jsonl", file,
            "--judge-base-url", endpoint.url, "--judge-model", "j",
        )  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["id"], line["scorer"]) for line in lines] == [
        ("a", "faithfulness"), ("a", "refusal"), ("b", "faithfulness"), ("b", "refusal"),
        (None, "faithfulness"), (None, "refusal"),
    ]  # fmt: skip
    assert lines[0]["value"] in (0.0, 1.0)
    assert lines[2] == {"id": "b", "value": None, "why": "'contexts' is empty", "scorer": "faithfulness"}
    assert lines[4]["value"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scorer", "faithfulness"], "--judge-base-url and --judge-model"),
        (["--scorer", "faithfulnes"], "did you mean 'faithfulness"),
        (["--scorer", "semantic_similarity"], "--embedding-model"),
        (["--scorer", "faithfulness", "--judge-model", "j"], "both --judge-base-url"),
    ],
)
def test_a_judge_that_is_missing_is_asked_for_before_the_first_row(file, arguments, message):
    result = run("score", *arguments, "--jsonl", file)
    assert result.exit_code == 2
    assert message in result.output
